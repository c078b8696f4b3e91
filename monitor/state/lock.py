"""The lock on a state folder: one daemon writes there, whoever else comes is refused or waits.

Owns one lock file with the holder's process id in it, for people. The lock is the process's own: it goes when the process ends, however
that is, and a copy of the process (a checkpoint being written) does not have it. Refuses waiting: `resume` does. Next: `recovery`.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path


class Lock:
    """Open until the process ends; `take` it, perhaps again and again. `contested`: another process had it meanwhile."""

    def __init__(self, folder: Path) -> None:
        self.contested = False
        self._fd = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def take(self) -> bool:
        """Whether it is ours now."""
        try:
            fcntl.lockf(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):  # which of the two, is the system's choice
            self.contested = True
            return False
        with suppress(OSError):  # a full disk: then nobody can read who it is
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)
        return True

    def holder(self) -> str:
        """The process that has it, as far as it could say."""
        return os.pread(self._fd, 32, 0).decode("ascii", "replace").strip()

    def release(self) -> None:
        """Let the next one have it."""
        os.close(self._fd)
