"""The folder the state is kept in: there, ours, and writable, or one line that says what to do.

Owns making it, for the daemon's eyes only, and looking at it without making it. Refuses what is in it. Next: `lock`.
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryFile

from monitor.errors import ConfigError, Flaw

ELSEWHERE = 'or name another [state] directory; "" keeps nothing'


def look(file: Path, folder: Path) -> None:
    """ConfigError, about `file`, unless the folder can be written to, or made; nothing is made."""
    if folder.exists():
        if not folder.is_dir():
            raise _error(file, folder, "is not a directory", "name one")
        if not _writable(folder):
            raise _error(file, folder, "may not be written to", f"give it to the daemon's user, {ELSEWHERE}")
        return
    above = next(parent for parent in (*folder.parents, Path()) if parent.exists())
    if not above.is_dir() or not _writable(above):
        raise _error(file, folder, f"is not there, and {above} may not be written to", f"make it and give it to the daemon's user, {ELSEWHERE}")


def _writable(folder: Path) -> bool:
    """Whether a file can be made there: asking for the right to is not enough where nobody can."""
    try:
        with TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def prepare(file: Path, folder: Path) -> None:
    """The folder is there and can be written to; ConfigError, about `file`, where it cannot."""
    look(file, folder)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / "lock"
        os.close(os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise _error(file, folder, f"cannot be written to: {error.strerror}", f"see to that, {ELSEWHERE}") from None


def _error(file: Path, folder: Path, problem: str, remedy: str) -> ConfigError:
    return ConfigError(str(file), [Flaw(problem, remedy, "state", "directory", f'"{folder}"')])
