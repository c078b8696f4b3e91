"""What is observed after all, and what may be held against it: nothing of a minute, or of a quarter once it is old, may be unknown."""

from __future__ import annotations

import pytest

from monitor.core import events as ev
from monitor.core.contract import SECOND
from monitor.core.snapshot import Cell
from tests.core.scene import Scene, contract, project
from tests.core.test_recall import told

ONE = contract(project("bank", "pbx1/bank", "pbx2/bank"), pbxs=("pbx1", "pbx2"))
HOUR_S = 3600


def rows(first: int, last: int) -> str:
    """A caller every twenty seconds, who gives up after ten."""
    return "\n".join(f"{t}|c{t}|bank|NONE|ENTERQUEUE||0|1\n{t + 10}|c{t}|bank|NONE|ABANDON|1|1|10" for t in range(first, last, 20))


def dark(told_at: int) -> tuple[Scene, Scene]:
    """The first PBX was lost at 900 s and is told now; of the second nobody knows what was from 1000 s to 1500 s, long given up."""
    one = Scene(ONE, strict=False)
    other = one.on("pbx2")
    for scene in (one, other):
        scene.sight(0, members=[scene.row(0, "bank", "ann")])
    one.apply(ev.LogSeen("pbx1", one.us(0), True))
    one.snap(60)
    one.lost(900)
    other.lost(1000)
    other.sight(1500)
    for at in range(1600, told_at, 60):
        one.floor.advance(one.us(at))
    told(one, told_at, rows(1020, 1480) + "\n" + rows(1900, 2500), "ann")
    one.snap(told_at + 60)
    return one, other


@pytest.mark.parametrize(("told_at", "dark_s"), [(HOUR_S, 540), (4 * HOUR_S, 900)], ids=["minutes", "a quarter of an hour"])
def test_what_came_while_another_pbx_was_out_of_sight_is_not_seen_however_late_it_is_told(told_at: int, dark_s: int) -> None:
    one, _ = dark(told_at)
    counted = one.minutes()
    assert counted[Cell.CONTACTS] == 23 + 30
    assert counted[Cell.CONTACTS_SEEN] == 30
    assert counted[Cell.OBSERVED_US] == (told_at + 60 - dark_s) * SECOND


def test_dark_times_are_forgotten_with_the_books_that_held_them() -> None:
    scene = Scene(strict=False).staffed("ann")
    for at in range(10, 55 * HOUR_S, 600):
        scene.lost(at)
        scene.sight(at + 5, members=[scene.row(at + 5, "bank", "ann")])
    assert {len(spans) for spans in scene.floor.hindsight._dark.values()} == {300}
