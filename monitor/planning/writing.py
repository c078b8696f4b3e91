"""A file beside or instead of a plan's, written whole or not at all, with the owner and mode of the one it belongs to.

Owns the writing: beside, to the disk, then renamed. Refuses contents.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from monitor.core.contract import SECOND
from monitor.errors import NotWritten


@contextmanager
def draft(target: Path, text: str, like: Path) -> Iterator[Path]:
    """The text in a file beside `target` (beside what it links to), as `like` is owned; what is not put in place is taken away again."""
    target = target.resolve()
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as error:
        raise _cannot(target, error) from None
    beside = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        _own_alike(beside, like)
        yield beside
    except OSError as error:
        raise _cannot(target, error) from None
    finally:
        beside.unlink(missing_ok=True)


def put(target: Path, text: str, like: Path) -> None:
    """Write `target`, or leave it as it was; a link stays one."""
    with draft(target, text, like) as beside:
        beside.replace(target.resolve())


def append(file: Path, line: str, first: str, like: Path) -> None:
    """One line more, after whatever is there; in a file that is not there yet, after its first."""
    if not file.exists():
        put(file, f"{first}\n{line}\n", like)
        return
    try:
        with file.open("r+b") as out:
            end = out.seek(0, os.SEEK_END)
            out.seek(max(0, end - 1))
            broken = end and out.read(1) != b"\n"
            out.write(f"{chr(10) if broken else ''}{line}\n".encode())
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        raise _cannot(file, error) from None


def old_name(target: Path, now: int) -> str:
    """What a file is called that is kept when another takes its place: by then, and a number where that is taken."""
    name = f"{target.name}.{datetime.fromtimestamp(now // SECOND, UTC):%Y-%m-%dT%H%M%SZ}"
    return next(free for number in count(1) if not os.path.lexists(target.with_name(free := f"{name}{'' if number == 1 else f'.{number}'}.old")))


def keep(file: Path, name: str) -> None:
    """A copy of a file beside it, under another name that is free."""
    kept = file.with_name(name)
    try:
        with kept.open("xb") as out, file.open("rb") as source:
            shutil.copyfileobj(source, out)
            out.flush()
            os.fsync(out.fileno())
        _own_alike(kept, file)
    except OSError as error:
        raise _cannot(kept, error) from None


def _own_alike(path: Path, like: Path) -> None:
    if not like.exists():
        path.chmod(0o644)
        return
    owner = like.stat()
    path.chmod(stat.S_IMODE(owner.st_mode))
    with contextlib.suppress(PermissionError):  # not root's
        os.chown(path, owner.st_uid, owner.st_gid)


def _cannot(path: Path, error: OSError) -> NotWritten:
    reason = (error.strerror or "input/output error").lower()
    return NotWritten(f"{path}: cannot be written: {reason}; nothing was changed; do it as who may write there")
