"""The demo's folder, for a while or to be kept: what is told when it cannot be made or written.

Owns that one line and its remedy, and which folder may be kept. Refuses every other error of the system: a port that is not to be had, or an output nobody
reads any more, is not the folder's. Next: `pbx` writes queue_log in it, the rehearsal everything else.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from monitor.errors import BadOption, NotWritten

_CROWDED = frozenset({errno.EMFILE, errno.ENFILE})


@contextmanager
def writing(where: object) -> Iterator[None]:
    """What is made or written in here is the folder's; NotWritten where the system says no."""
    try:
        yield
    except OSError as error:
        remedy = "raise the limit of open files (ulimit -n)" if error.errno in _CROWDED else "make room, or let TMPDIR name another folder"
        raise NotWritten(f"{error.filename or where}: cannot be written: {error.strerror or error}; {remedy}") from None


def kept(folder: Path) -> Path:
    """--keep: the folder, made if need be; refused is one that has anything in it, before anything is started."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        there = sorted(path.name for path in folder.iterdir())
    except OSError as error:
        raise BadOption(f"--keep {folder}: cannot be made: {error.strerror or error}; choose another folder") from None
    if there:
        raise BadOption(f"--keep {folder}: is not empty, {there[0]} is in it; choose a folder that is empty, or not there yet")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise BadOption(f"--keep {folder}: may not be written to; choose another folder")
    return folder


def removed(folder: Path, *, whole: bool) -> None:
    """What was put into it, and with `whole` the folder: a folder that was there before stays."""
    for path in (folder,) if whole else tuple(folder.iterdir()):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
