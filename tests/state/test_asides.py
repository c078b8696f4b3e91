"""Floors laid aside for the rows of a gap: whole or not at all, twenty at most, and nobody waits for the copy that writes them."""

from __future__ import annotations

import errno
import json
import os
import stat
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from monitor.core.contract import SECOND
from monitor.core.correction import GapUntold
from monitor.core.events import SnapshotTaken
from monitor.state import asides, sealed
from monitor.state.asides import MOST, PATIENCE_S, Aside, Asides
from monitor.state.records import FORMAT, Unreadable, freeze
from monitor.state.sealed import OtherFormat
from tests.core.scene import T0, Scene

LOST = T0 + 50 * SECOND
UNTOLD = GapUntold("pbx1", T0 + 300 * SECOND, SnapshotTaken("pbx1", T0 + 300 * SECOND, {}, (), (), ()), 7)


def blind(pbx: str = "pbx1", start: int = T0) -> Scene:
    scene = Scene(start=start, pbx=pbx).staffed("ann")
    scene.lost(50)
    return scene


class Desk:
    """Asides of a folder, and a clock that is moved."""

    def __init__(self, folder: Path) -> None:
        self.now = 1000.0
        self.asides = Asides(folder, lambda: self.now)

    def lay(self, scene: Scene, untold: GapUntold = UNTOLD) -> None:
        assert self.asides.lay(scene.floor, untold)
        self.settle()

    def settle(self) -> None:
        """Until the copies of the process have ended."""
        deadline = time.monotonic() + 20
        while self.asides._writing:
            assert time.monotonic() < deadline
            time.sleep(0.005)
            self.asides.tick()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    one = Desk(tmp_path)
    yield one
    one.settle()


def test_what_is_laid_aside_is_the_floor_and_how_its_gap_ended(desk: Desk, tmp_path: Path) -> None:
    scene = blind()
    desk.lay(scene)
    (aside,) = asides.found(tmp_path)
    assert aside == Aside(tmp_path / f"gap-{LOST}-pbx1", "pbx1", LOST)
    assert stat.S_IMODE(aside.path.stat().st_mode) == 0o600
    floor, untold = asides.read(aside.path)
    assert untold == UNTOLD
    assert floor.sides["pbx1"].gap is not None
    assert floor.sides["pbx1"].gap.start == LOST
    assert asides.read(aside.path)[0] is not floor, "whoever reads it twice has two"


def test_the_floor_that_lives_goes_on_unchanged(desk: Desk) -> None:
    scene = blind()
    desk.lay(scene)
    scene.snap(120)
    assert scene.floor.sides["pbx1"].gap is not None
    assert scene.floor.counters.corrected_us == {}


def test_a_name_may_hold_anything(desk: Desk, tmp_path: Path) -> None:
    untold = replace(UNTOLD, pbx="a/b ü-1")
    scene = blind()
    scene.floor.sides[untold.pbx] = scene.floor.sides["pbx1"]
    desk.lay(scene, untold)
    (aside,) = asides.found(tmp_path)
    assert (aside.path.name, aside.pbx) == (f"gap-{LOST}-a%2Fb%20%C3%BC-1", "a/b ü-1")


def test_without_a_gap_nothing_is_laid_aside(desk: Desk, tmp_path: Path) -> None:
    assert not desk.asides.lay(Scene().staffed("ann").floor, UNTOLD)
    assert asides.found(tmp_path) == []


def test_the_same_gap_is_laid_aside_once_with_its_last_end(desk: Desk, tmp_path: Path) -> None:
    scene = blind()
    desk.lay(scene)
    desk.lay(scene, replace(UNTOLD, offset_us=8))
    (aside,) = asides.found(tmp_path)
    assert asides.read(aside.path)[1].offset_us == 8


def test_the_oldest_of_many_goes(desk: Desk, tmp_path: Path) -> None:
    for number in range(MOST + 3):
        (tmp_path / f"gap-{number}-pbx1").write_bytes(b"")
    desk.lay(blind())
    assert [aside.unseen_from for aside in asides.found(tmp_path)] == [*range(4, MOST + 3), LOST]


def test_what_others_have_begun_goes_and_what_they_finished_stays(tmp_path: Path) -> None:
    for name in ("gap.new-5-pbx1", "gap-5-pbx1", "gap-x", "checkpoint"):
        (tmp_path / name).write_bytes(b"")
    Asides(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint", "gap-5-pbx1", "gap-x"]
    assert [aside.path.name for aside in asides.found(tmp_path)] == ["gap-5-pbx1"]


def test_a_disk_that_refuses_is_said_and_leaves_nothing(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr("os.write", refuse)  # in the copy
    with capture_logs() as logs:
        desk.lay(blind())
    assert [(entry["log_level"], entry["event"], entry["effect"]) for entry in logs] == [
        ("warning", "the floor could not be laid aside", "the gap stays unobserved")
    ]
    assert list(tmp_path.iterdir()) == []


def test_where_there_can_be_no_copy_it_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise OSError(errno.EAGAIN, "no")

    monkeypatch.setattr("os.fork", refuse)
    with capture_logs() as logs:
        assert not desk.asides.lay(blind().floor, UNTOLD)
    assert [entry["event"] for entry in logs] == ["the floor could not be laid aside"]


def test_a_copy_that_hangs_is_killed(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.state.asides._write", lambda *_: time.sleep(600))
    assert desk.asides.lay(blind().floor, UNTOLD)
    (child,) = desk.asides._writing
    desk.asides.tick()
    os.kill(child, 0)  # it is there
    desk.now += PATIENCE_S
    with capture_logs() as logs:
        desk.settle()
    assert [entry["event"] for entry in logs] == ["the floor could not be laid aside"]
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def write(path: Path, data: bytes, **head: object) -> None:
    sealed.write(path, {"gap": FORMAT, "monitor": "9.9", **head}, data)


def test_what_is_not_whole_or_not_ours_is_said(tmp_path: Path) -> None:
    file = tmp_path / "gap-1-pbx1"
    with pytest.raises(FileNotFoundError):
        asides.read(file)
    file.write_bytes(b"nonsense")
    with pytest.raises(Unreadable, match="it does not begin as a gap does"):
        asides.read(file)
    write(file, b"abc", gap=FORMAT + 1)
    with pytest.raises(OtherFormat, match=r"floorwatch 9\.9 wrote it in another format than this version's"):
        asides.read(file)
    write(file, b"abc")
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(Unreadable, match="it is not what was written"):
        asides.read(file)
    for thing in (1, (1, 2), (1, 2, 3)):
        write(file, freeze(thing))
        with pytest.raises(Unreadable, match="it holds something else"):
            asides.read(file)
    assert json.loads(file.read_bytes().partition(b"\n")[0])["monitor"] == "9.9"
