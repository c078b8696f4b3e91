"""The command `floorwatch`, and `python -m monitor`: what Ctrl-C does while the rest is being loaded, and once all is done.

Owns the first and the last moments of the process. Loading takes a second, and an interrupt in the middle of an import may surface
anywhere or nowhere; there is nothing to put away yet, so it ends the process then and there. Refuses everything else. Next: `monitor.cli`.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

INTERRUPTED = 130


def main() -> None:
    """Run what was typed; the process ends with its exit code."""
    heeded = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # a shell's background jobs are started without
    if heeded:
        signal.signal(signal.SIGINT, _leave)
    if sys.argv[1:2] == ["run"]:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # nothing is read yet that could be read anew
    try:
        from monitor import cli  # noqa: PLC0415 - this is the second

        if heeded:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        cli.main()
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
    finally:
        if heeded:
            signal.signal(signal.SIGINT, _leave)


def _leave(_number: int, _frame: FrameType | None) -> None:
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    main()
