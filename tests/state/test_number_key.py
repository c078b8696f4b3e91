"""The secret under which callers are known again: made once, for the daemon's eyes only."""

from __future__ import annotations

import stat
from pathlib import Path

from monitor.state.number_key import BYTES, NAME, kept


def test_it_is_made_once_and_for_nobody_else(tmp_path: Path) -> None:
    first = kept(tmp_path)
    assert len(first) == BYTES
    assert kept(tmp_path) == first
    assert [path.name for path in tmp_path.iterdir()] == [NAME]
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600


def test_two_folders_know_callers_by_two_secrets(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert kept(tmp_path / "a") != kept(tmp_path / "b")


def test_a_torn_one_and_one_that_was_begun_make_room(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"short")
    (tmp_path / f"{NAME}.new").write_bytes(b"begun by a process that was killed")
    found = kept(tmp_path)
    assert len(found) == BYTES
    assert kept(tmp_path) == found
