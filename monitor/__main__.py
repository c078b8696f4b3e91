"""The command `floorwatch`, and `python -m monitor`.

Owns the first and the last moments of the process: an interrupt before anything was begun, or once all is done, ends it then and there. Refuses
everything else. Next: `monitor.cli`.
"""

from __future__ import annotations

import signal
import sys

from monitor.loading import INTERRUPTED, Loading, heeded, leave


def main() -> None:
    """Run what was typed; the process ends with its exit code."""
    interruptible = heeded()
    if sys.argv[1:2] == ["run"]:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # nothing is read yet that could be read anew
    try:
        with Loading():
            from monitor import cli  # noqa: PLC0415 - under Loading

        cli.main()
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
    finally:
        if interruptible:
            signal.signal(signal.SIGINT, leave)


if __name__ == "__main__":
    main()
