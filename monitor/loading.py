"""What Ctrl-C does while the program is being loaded: it ends the process then and there.

Owns these moments: loading takes a second, an interrupt in the middle of an import may surface anywhere or nowhere, and there is nothing to
put away yet. Refuses what a command does with an interrupt once it works. Next: `__main__` loads `cli`, and each command the rest.
"""

from __future__ import annotations

import os
import signal
from types import FrameType

INTERRUPTED = 130


def heeded() -> bool:
    """Whether an interrupt is heeded at all: a shell's background jobs are started deaf to it."""
    return signal.getsignal(signal.SIGINT) is signal.default_int_handler


def leave(_number: int, _frame: FrameType | None) -> None:
    """End, now."""
    os._exit(INTERRUPTED)


class Loading:
    """`with Loading():` modules are imported."""

    def __enter__(self) -> None:
        self._heeded = heeded()
        if self._heeded:
            signal.signal(signal.SIGINT, leave)

    def __exit__(self, *_: object) -> None:
        if self._heeded:
            signal.signal(signal.SIGINT, signal.default_int_handler)
