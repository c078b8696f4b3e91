"""A copy of this process that does one thing and ends, while the loop goes on.

Owns making it: what it must not keep of its parent (signals, sockets, locks), and that nothing of the parent's is run at its end. Refuses
waiting: whoever had it made asks for it by its id. Next: `checkpoint` and `asides` have one write.
"""

from __future__ import annotations

import gc
import os
import signal
import warnings
from collections.abc import Callable


def begin(work: Callable[[], object]) -> int | None:
    """Have a copy of this process do it; the copy's id, or None: there can be none. It ends with 0 when all is done."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # other threads may hold locks: the child takes none
            child = os.fork()
    except OSError:
        return None
    if child:
        return child
    try:
        gc.disable()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        os.closerange(3, 1 << 16)  # a socket or a lock that outlives its owner here would keep others waiting
        work()
    except BaseException:  # noqa: BLE001 - whatever it is, it ends here
        os._exit(1)
    os._exit(0)
