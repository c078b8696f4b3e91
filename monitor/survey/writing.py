"""Several files at once, whole or not at all.

Owns the writing: everything is written and tried in a folder beside, then put in place by renames; what cannot be finished is undone.
A file that is there already is an error with all its fellows, unless it is to be replaced. Refuses contents.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from monitor.errors import NotWritten


@dataclass(frozen=True, slots=True)
class Draft:
    """A file to be; `private` for its owner alone."""

    name: str
    text: str = field(repr=False)
    private: bool = False


def refuse_existing(folder: Path, names: Iterable[str]) -> None:
    """NotWritten if any of these is there."""
    if there := [str(folder / name) for name in names if os.path.lexists(folder / name)]:
        raise NotWritten(
            f"{', '.join(there)}: {'is' if len(there) == 1 else 'are'} there already, nothing was written; give --force to replace, or another --out"
        )


def refuse_unwritable(folder: Path) -> None:
    """NotWritten if nothing could be written to this folder, or it could not be made."""
    nearest = next(place for place in (folder.absolute(), *folder.absolute().parents) if os.path.lexists(place))
    if not nearest.is_dir():
        raise _cannot(folder, NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)))
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise _cannot(folder, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))


def write_all(folder: Path, drafts: Sequence[Draft], *, force: bool, trial: Callable[[Path], None]) -> list[Path]:
    """Write them into a folder, which is made if need be. `trial` gets a folder with all of them first and raises if they are no good."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=".floorwatch-init-", dir=folder))
    except OSError as error:
        raise _cannot(folder, error) from None
    try:
        for draft in drafts:
            _write(beside / draft.name, draft)
        trial(beside)
        return _put_in_place(folder, beside, drafts, force=force)
    except OSError as error:
        raise _cannot(folder, error) from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _write(path: Path, draft: Draft) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if draft.private else 0o644), "w", encoding="utf-8", newline="") as file:
        file.write(draft.text)
        file.flush()
        os.fsync(file.fileno())


def _put_in_place(folder: Path, beside: Path, drafts: Sequence[Draft], *, force: bool) -> list[Path]:
    with contextlib.ExitStack() as undo:
        for draft in drafts:
            target = folder / draft.name
            if force and target.is_dir():
                raise IsADirectoryError(errno.EISDIR, f"{draft.name} is a directory")
            if force and os.path.lexists(target):
                kept = beside / f"{draft.name}.before"
                target.rename(kept)
                undo.callback(kept.replace, target)
            else:
                _reserve(folder, target, drafts)
                undo.callback(target.unlink, missing_ok=True)
        placed = [(beside / draft.name).replace(folder / draft.name) for draft in drafts]
        undo.pop_all()
    return placed


def _reserve(folder: Path, target: Path, drafts: Sequence[Draft]) -> None:
    """Take the name, so that nobody's file is replaced who came in between."""
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        refuse_existing(folder, [draft.name for draft in drafts if folder / draft.name == target])


def _cannot(folder: Path, error: OSError) -> NotWritten:
    reason = (error.strerror or "input/output error").lower()
    return NotWritten(f"{folder}: cannot be written to: {reason}; nothing was written; make it yours, or name another folder with --out")
