"""The journal: what a killed process leaves is read, a torn end left out, and every other damage found."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.state.journal import FRAME, Journal, begun, check_unused, numbers, path_of, read
from monitor.state.records import FORMAT, Step, Unreadable

LIFE = "1f"
FRAMES: list[list[Step]] = [[1, 2], [("tell",)], [3, ("shift", -1), 4]]


def written(folder: Path) -> bytes:
    one = Journal(folder, LIFE, 7)
    for frame in FRAMES:
        one.write(frame)
    os.close(one.fd)
    return path_of(folder, 7).read_bytes()


def ends(data: bytes) -> list[int]:
    """Where each frame ends, and before them where the first line does."""
    found = [data.index(b"\n") + 1]
    while found[-1] < len(data):
        found.append(found[-1] + FRAME.size + FRAME.unpack_from(data, found[-1])[0])
    return found


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    data = written(tmp_path)
    assert json.loads(data.split(b"\n", 1)[0]) == {"journal": FORMAT, "life": LIFE, "number": 7}
    assert list(read(tmp_path, LIFE, 7, last=False)) == [step for frame in FRAMES for step in frame]
    assert numbers(tmp_path) == [7]


def test_cut_at_every_byte_the_whole_frames_are_there(tmp_path: Path) -> None:
    data = written(tmp_path)
    borders = ends(data)
    assert borders[-1] == len(data)
    for cut in range(len(data)):
        path_of(tmp_path, 7).write_bytes(data[:cut])
        whole = sum(border <= cut for border in borders) - 1
        assert begun(tmp_path, LIFE, 7) == (whole >= 0)
        if whole < 0:
            check_unused(tmp_path, 7)
        else:
            assert list(read(tmp_path, LIFE, 7, last=True)) == [step for frame in FRAMES[:whole] for step in frame]
        if cut not in borders:
            with pytest.raises(Unreadable):
                list(read(tmp_path, LIFE, 7, last=False))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chance=st.data())
def test_any_other_damage_is_found(tmp_path: Path, chance: st.DataObject) -> None:
    """A byte changed anywhere: an error, or, in the length of a frame, what looks like a torn end; never another step."""
    data = bytearray(written(tmp_path))
    at = chance.draw(st.integers(0, len(data) - 1))
    data[at] ^= chance.draw(st.integers(1, 255))
    path_of(tmp_path, 7).write_bytes(data)
    steps = [step for frame in FRAMES for step in frame]
    reading = read(tmp_path, LIFE, 7, last=False)
    for step in steps:
        try:
            assert next(reading) == step
        except Unreadable:
            return
    pytest.fail("nothing was found")


@pytest.mark.parametrize(("life", "number"), [("2e", 7), (LIFE, 8)])
def test_the_journal_of_another_state_is_none(tmp_path: Path, life: str, number: int) -> None:
    data = written(tmp_path)
    path_of(tmp_path, number).write_bytes(data)
    with pytest.raises(Unreadable, match="another state"):
        list(read(tmp_path, life, number, last=True))


def test_one_that_was_begun_and_never_used_is_known_as_such(tmp_path: Path) -> None:
    os.close(Journal(tmp_path, "2e", 7).fd)
    check_unused(tmp_path, 7)
    assert not begun(tmp_path, LIFE, 7)
    path_of(tmp_path, 7).write_bytes(b"")
    check_unused(tmp_path, 7)


@pytest.mark.parametrize("data", [b"x" * 500, b'{"journal": 2}\nsteps', b"no journal\n"])
def test_what_holds_anything_else_was_used(tmp_path: Path, data: bytes) -> None:
    path_of(tmp_path, 7).write_bytes(data)
    with pytest.raises(Unreadable):
        check_unused(tmp_path, 7)


def test_a_write_that_is_cut_short_is_finished_or_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = Journal(tmp_path, LIFE, 7)
    whole = os.write
    monkeypatch.setattr("monitor.state.journal.os.write", lambda fd, data: whole(fd, data[:3]))
    one.write([1, 2, 3])
    os.close(one.fd)
    assert list(read(tmp_path, LIFE, 7, last=False)) == [1, 2, 3]
