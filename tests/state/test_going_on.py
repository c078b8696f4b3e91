"""A floor that was written down and read again goes on as if nothing had been: at any point, in another process, from its steps alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from monitor.keeping import Keeping
from monitor.state.records import decoded, encoded, freeze, thaw
from tests.scenarios.world import MIXED, RECORDINGS, Recording
from tests.state.worlds import begun, steps, told

ELSEWHERE = """
import sys
from pathlib import Path
from monitor.state.records import decoded, thaw
from tests.state.worlds import told
keeping = thaw(Path(sys.argv[1]).read_bytes())
for step in decoded(Path(sys.argv[2]).read_bytes()):
    keeping.redo(step)
sys.stdout.write(told(keeping))
"""


@pytest.mark.parametrize("world", RECORDINGS, ids=lambda world: world.name)
def test_steps_written_down_and_repeated_give_the_same_floor(world: Recording) -> None:
    live, again = begun(world), begun(world)
    rows = []
    for step in steps(world):
        rows.append(step)
        live.redo(step)
    for step in decoded(encoded(rows)):
        again.redo(step)
    assert told(again) == told(live)


@pytest.mark.parametrize("world", MIXED, ids=lambda world: world.name)
def test_a_floor_goes_on_from_any_point(world: Recording) -> None:
    """At 25 points of each day the floor is frozen and thawed, and the copies go on beside the one that never was."""
    rows = list(steps(world))
    points = set(Random(world.name).sample(range(len(rows)), 25))
    live, copies = begun(world), list[Keeping]()
    frozen: list[tuple[int, bytes]] = []
    for number, step in enumerate(rows):
        if number in points:
            frozen.append((number, freeze(live)))
        live.redo(step)
    for number, data in frozen:
        copy = thaw(data)
        assert isinstance(copy, Keeping)
        for step in rows[number:]:
            copy.redo(step)
        copies.append(copy)
    assert {told(copy) for copy in copies} == {told(live)}


@pytest.mark.parametrize("seed", ["1", "2"])
def test_it_goes_on_alike_in_another_process(tmp_path: Path, seed: str) -> None:
    """The order of sets is another one there."""
    world = MIXED[1]
    rows = list(steps(world))
    live = begun(world)
    for step in rows[:2000]:
        live.redo(step)
    (tmp_path / "kept").write_bytes(freeze(live))
    (tmp_path / "steps").write_bytes(encoded(rows[2000:]))
    for step in rows[2000:]:
        live.redo(step)
    command = [sys.executable, "-c", ELSEWHERE, str(tmp_path / "kept"), str(tmp_path / "steps")]
    done = subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True)
    assert done.stdout == told(live)
