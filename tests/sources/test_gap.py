"""A gap's rows from disk: all of them, or why not; and nobody waits for a dead disk."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.core.contract import SECOND
from monitor.core.events import GapTold, SnapshotTaken
from monitor.sources import gap, queue_log
from tests.core.scene import contract

LOST = 1_764_000_100 * SECOND
AGREED = contract(number_key=b"secret")
TAKEN = SnapshotTaken("pbx1", LOST + 60 * SECOND, {}, (), (), ())


def write(folder: Path, *seconds: int) -> Path:
    file = folder / "queue_log"
    file.write_text("".join(f"{LOST // SECOND + at}|{at}.1|bank|NONE|ENTERQUEUE||0|1\n" for at in seconds), encoding="utf-8")
    return file


async def test_the_rows_of_the_gap_and_of_the_seconds_before_it_are_told(tmp_path: Path) -> None:
    told = await gap.Gaps().told(write(tmp_path, -50, -2, 10, 30), LOST, TAKEN, 0, AGREED)
    assert isinstance(told, GapTold)
    assert [row.call for row in told.rows] == ["-2.1", "10.1", "30.1"]
    assert (told.pbx, told.at, told.snapshot) == ("pbx1", TAKEN.at, TAKEN)


async def test_the_pbxs_clock_says_which_seconds_they_are(tmp_path: Path) -> None:
    told = await gap.Gaps().told(write(tmp_path, -3650, -3600, -3590), LOST, TAKEN, -3600 * SECOND, AGREED)
    assert isinstance(told, GapTold)
    assert [row.call for row in told.rows] == ["-3600.1", "-3590.1"]
    assert told.offset_us == -3600 * SECOND


async def test_a_quiet_gap_is_told_too(tmp_path: Path) -> None:
    told = await gap.Gaps().told(write(tmp_path, -500), LOST, TAKEN, 0, AGREED)
    assert isinstance(told, GapTold)
    assert told.rows == ()


async def test_a_log_that_begins_in_the_gap_does_not_tell_it(tmp_path: Path) -> None:
    file = write(tmp_path, 5, 10)
    assert await gap.Gaps().told(file, LOST, TAKEN, 0, AGREED) == f"{file}: begins after the gap did"
    file.write_text("", encoding="utf-8")
    assert await gap.Gaps().told(file, LOST, TAKEN, 0, AGREED) == f"{file}: begins after the gap did"


async def test_a_log_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    file = tmp_path / "nowhere"
    assert await gap.Gaps().told(file, LOST, TAKEN, 0, AGREED) == f"{file}: there is no such file; correct queue_log, or leave it empty"


async def test_a_disk_that_does_not_answer_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hung = threading.Event()

    def extract(file: Path, since_s: int) -> queue_log.Extract:
        hung.wait(30)
        return queue_log.Extract((), None)

    monkeypatch.setattr(queue_log, "extract", extract)
    monkeypatch.setattr(gap, "PATIENCE_S", 0.05)
    file = write(tmp_path, 5)
    assert await gap.Gaps().told(file, LOST, TAKEN, 0, AGREED) == f"{file}: was not read within 0.05 s"
    assert all(thread.daemon for thread in threading.enumerate() if thread.name == "gap"), "the daemon's end does not wait for it either"
    hung.set()


async def test_a_disk_that_does_not_answer_holds_one_thread_of_a_pbx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hung, looks, usual = threading.Event(), list[Path](), queue_log.extract

    def extract(file: Path, since_s: int) -> queue_log.Extract:
        looks.append(file)
        hung.wait(30)
        return usual(file, since_s)

    monkeypatch.setattr(queue_log, "extract", extract)
    monkeypatch.setattr(gap, "PATIENCE_S", 0.05)
    file, gaps = write(tmp_path, -500), gap.Gaps()
    for _ in range(5):
        assert await gaps.told(file, LOST, TAKEN, 0, AGREED) == f"{file}: was not read within 0.05 s"
    assert looks == [file]
    await gaps.told(file, LOST, replace(TAKEN, pbx="pbx2"), 0, AGREED)
    assert looks == [file, file], "another PBX's disk may be another one"
    monkeypatch.setattr(gap, "PATIENCE_S", 5.0)
    hung.set()
    assert isinstance(await gaps.told(file, LOST, TAKEN, 0, AGREED), GapTold)
