"""A backup is the whole store, one moment of it; what is no whole backup restores nothing."""

from __future__ import annotations

import gzip
import os
import re
import stat
import zlib
from pathlib import Path

import pytest

from monitor.errors import FloorwatchError, NotWritten, StoreUnusable
from monitor.state.store.backup import backup, restore
from monitor.state.store.migrations import STEPS
from monitor.state.store.place import Place
from monitor.state.store.reader import Reader
from monitor.state.store.writer import Batch, PlanVersion, write
from tests.state.keeping import bring, everything, lived, made


def place(folder: Path, name: str = "floorwatch") -> Place:
    return Place(f"sqlite:///{folder}/{name}.db")


def content(where: Place) -> object:
    reader = Reader.of(where)
    try:
        return everything(reader)
    finally:
        reader.close()


@pytest.fixture
def full(tmp_path: Path) -> Place:
    where = place(tmp_path)
    with made(where) as opened:
        bring(lived(3), opened)
        write(opened.connection, Batch(0, plans=[PlanVersion("working", 5, "plan.csv", "start", "floorwatch", "x", zlib.compress("обід".encode()))]))
    return where


def test_what_is_restored_is_what_was_there(full: Place, tmp_path: Path) -> None:
    with full.open(alone=True):  # the daemon runs
        rows = backup(full, tmp_path / "b.gz")
    assert stat.S_IMODE((tmp_path / "b.gz").stat().st_mode) == 0o600
    other = place(tmp_path, "other")
    assert restore(other, tmp_path / "b.gz") == rows
    assert content(other) == content(full)
    assert backup(other, tmp_path / "c.gz") == rows
    assert gzip.decompress((tmp_path / "c.gz").read_bytes()) == gzip.decompress((tmp_path / "b.gz").read_bytes())


def test_a_backup_is_not_overwritten_unless_told_to(full: Place, tmp_path: Path) -> None:
    (tmp_path / "b.gz").write_text("mine")
    with pytest.raises(NotWritten, match=r"b\.gz: is there already; give --force to replace it, or another name"):
        backup(full, tmp_path / "b.gz")
    backup(full, tmp_path / "b.gz", force=True)
    assert sorted(path.name for path in tmp_path.glob("*b.gz*")) == ["b.gz"]


def test_a_backup_that_cannot_be_written_leaves_nothing(full: Place, tmp_path: Path) -> None:
    with pytest.raises(NotWritten, match=r"no/b\.gz: cannot be written: no such file or directory; nothing was written"):
        backup(full, tmp_path / "no" / "b.gz")


def test_a_store_with_rows_is_replaced_only_when_told_to(full: Place, tmp_path: Path) -> None:
    backup(full, tmp_path / "b.gz")
    other = place(tmp_path, "other")
    with made(other) as opened:
        bring(lived(5), opened)
    before = content(other)
    with pytest.raises(StoreUnusable, match=r"other\.db: has rows in .*agent_spans.*; give --force to replace all of them, or name an empty store"):
        restore(other, tmp_path / "b.gz")
    assert content(other) == before
    restore(other, tmp_path / "b.gz", force=True)
    assert content(other) == content(full)


def test_nothing_is_restored_under_a_daemon_that_writes(full: Place, tmp_path: Path) -> None:
    backup(full, tmp_path / "b.gz")
    with full.open(alone=True), pytest.raises(StoreUnusable, match=r"another floorwatch writes to it; stop that one first"):
        restore(full, tmp_path / "b.gz", force=True)


def damaged(good: bytes, how: str) -> bytes:
    lines = gzip.decompress(good).splitlines(keepends=True)
    if how == "no gzip":
        return b"".join(lines)
    if how == "cut":
        return good[: len(good) // 2]
    if how == "no end":
        return gzip.compress(b"".join(lines[:-1]))
    if how == "a row less":
        rows = [index for index, line in enumerate(lines) if line.startswith(b'["')]
        return gzip.compress(b"".join(line for index, line in enumerate(lines) if index != rows[5]))
    if how == "a column less":
        return gzip.compress(re.sub(rb'"state",', b"", b"".join(lines), count=1))
    if how == "later":
        return gzip.compress(re.sub(rf'"schema":{len(STEPS)}'.encode(), f'"schema":{len(STEPS) + 1}'.encode(), b"".join(lines), count=1))
    if how == "a packed value that is none":
        return gzip.compress(b"".join(b"[1,2,3,4,5,6,7]\n" if b'"plan.csv"' in line else line for line in lines))
    if how == "a table that is none":
        return gzip.compress(lines[0] + b'{"table":[],"columns":[]}\n' + b"".join(lines[1:]))
    if how == "nested":
        return gzip.compress(lines[0] + b"[" * 100_000 + b"\n")
    return gzip.compress(b"{}\n" + b"".join(lines[1:]))


@pytest.mark.parametrize(
    ("how", "line"),
    [
        ("no gzip", "is no backup of a store, or damaged; nothing was restored; name what floorwatch store backup wrote"),
        ("cut", "is no backup of a store, or damaged; nothing was restored; name what floorwatch store backup wrote"),
        ("no end", "was cut short; nothing was restored; take another backup"),
        ("a row less", "is damaged; nothing was restored; take another backup"),
        ("a column less", "is damaged; nothing was restored; take another backup"),
        ("a packed value that is none", "is damaged; nothing was restored; take another backup"),
        ("a table that is none", "is damaged; nothing was restored; take another backup"),
        ("nested", "is no backup of a store, or damaged; nothing was restored; name what floorwatch store backup wrote"),
        ("later", f"is of schema {len(STEPS) + 1}, this version writes {len(STEPS)}; restore it with that version"),
        ("another file", "is no backup of a store; name what floorwatch store backup wrote"),
    ],
)
def test_what_is_no_whole_backup_restores_nothing(full: Place, tmp_path: Path, how: str, line: str) -> None:
    backup(full, tmp_path / "b.gz")
    (tmp_path / "bad.gz").write_bytes(damaged((tmp_path / "b.gz").read_bytes(), how))
    before = content(full)
    with pytest.raises(FloorwatchError) as caught:
        restore(full, tmp_path / "bad.gz", force=True)
    assert str(caught.value) == f"{tmp_path}/bad.gz: {line}"
    assert content(full) == before


def test_a_file_that_is_not_there(full: Place, tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable, match=r"nix\.gz: there is no such file; correct the path"):
        restore(full, tmp_path / "nix.gz", force=True)


def test_what_is_no_file_is_never_replaced(tmp_path: Path) -> None:
    place = Place(f"sqlite:///{tmp_path}/here.db")
    with made(place):
        pass
    os.mkfifo(tmp_path / "pipe")
    for there in (tmp_path / "pipe", tmp_path):
        with pytest.raises(NotWritten, match="is there already and is no file; give another name"):
            backup(place, there, force=True)
    assert (tmp_path / "pipe").is_fifo()


def test_a_backup_that_is_not_there_is_said_before_anything_is_asked_of_the_store(tmp_path: Path) -> None:
    place = Place(f"sqlite:///{tmp_path}/here.db")
    with made(place) as opened:
        bring(lived(3), opened)
    with pytest.raises(StoreUnusable, match=r"nope\.gz: there is no such file"):
        restore(place, tmp_path / "nope.gz")
