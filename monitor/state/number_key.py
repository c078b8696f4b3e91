"""The secret under which callers are known again: made once, kept beside the state, for the daemon's eyes only.

Owns one file. It outlives a state that cannot be gone on with, so that who was lost before is the same in the store after. Whoever takes it away
makes everybody a stranger: then a new one is made. Refuses what it is used for (`core.numbers`). Next: `service` puts it into the contract.
"""

from __future__ import annotations

import os
from pathlib import Path
from secrets import token_bytes
from typing import Final

NAME: Final = "number-key"
BYTES: Final = 32


def kept(folder: Path) -> bytes:
    """The secret of this folder; a new one where there is none, or what is there is none. OSError where it can be neither read nor written."""
    path = folder / NAME
    try:
        found = path.read_bytes()
    except FileNotFoundError:
        found = b""
    return found if len(found) == BYTES else _made(path)


def _made(path: Path) -> bytes:
    """Whole, or not there."""
    made, new = token_bytes(BYTES), path.with_suffix(".new")
    new.unlink(missing_ok=True)
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(fd, made)
        os.fsync(fd)
    finally:
        os.close(fd)
    new.replace(path)
    return made
