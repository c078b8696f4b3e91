"""What the system says of the demo's folder, in one line with the way out."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from monitor.demo.folder import kept, writing
from monitor.errors import BadOption, NotWritten

ROOM = "make room, or let TMPDIR name another folder"
FILES = "raise the limit of open files (ulimit -n)"


def test_a_file_is_named_where_the_system_names_it(tmp_path: Path) -> None:
    with pytest.raises(NotWritten) as told, writing("the folder"):
        (tmp_path / "none" / "queue_log").touch()
    assert str(told.value) == f"{tmp_path / 'none' / 'queue_log'}: cannot be written: No such file or directory; {ROOM}"


@pytest.mark.parametrize(("number", "remedy"), [(errno.ENOSPC, ROOM), (errno.EROFS, ROOM), (errno.EMFILE, FILES), (errno.ENFILE, FILES)])
def test_the_remedy_is_for_what_is_wrong(number: int, remedy: str) -> None:
    with pytest.raises(NotWritten) as told, writing("the folder"):
        raise OSError(number, os.strerror(number))
    assert str(told.value) == f"the folder: cannot be written: {os.strerror(number)}; {remedy}"


def test_a_folder_to_keep_is_made_or_empty(tmp_path: Path) -> None:
    assert kept(tmp_path / "a" / "b") == tmp_path / "a" / "b"
    assert kept(tmp_path / "a" / "b").is_dir()
    with pytest.raises(BadOption) as refused:
        kept(tmp_path)
    assert str(refused.value) == f"--keep {tmp_path}: is not empty, a is in it; choose a folder that is empty, or not there yet"


def test_a_folder_to_keep_that_cannot_be_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadOption) as refused:
        kept(tmp_path / "file")
    assert str(refused.value) == f"--keep {tmp_path / 'file'}: cannot be made: File exists; choose another folder"
    monkeypatch.setattr(os, "access", lambda *_, **__: False)  # root may write everywhere, so the system's answer is played
    with pytest.raises(BadOption, match=r"may not be written to; choose another folder$"):
        kept(tmp_path / "new")
