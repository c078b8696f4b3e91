"""What the system says of the demo's folder, in one line with the way out."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from monitor.demo.folder import writing
from monitor.errors import NotWritten

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
