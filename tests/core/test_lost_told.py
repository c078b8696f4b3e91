"""Lost callers of a time that a log tells: of a day before, of a gap, and of one whose rows are found late, as in the session itself.

The recorded callers each have a number of their own; told apart by the last digit or two of it alone, many of them call again.
"""

from __future__ import annotations

import pickle
from collections import Counter
from dataclasses import replace
from functools import lru_cache
from random import Random

import pytest

from monitor.core import heal
from monitor.core.belated import difference
from monitor.core.contract import SECOND, Contract
from monitor.core.correction import GapFound
from monitor.core.counters import LostCallers as Count
from monitor.core.events import CallerJoined, Event, GapTold, LinkLost, LogSeen, PastTold
from monitor.core.floor import Floor
from monitor.core.numbers import veiled_rows
from monitor.sources import queue_log
from tests.core.scene import T0, Scene, contract, project
from tests.core.test_gaps import SEEDS, cut
from tests.core.test_heal import member, rows, snapshot
from tests.scenarios.world import MIXED, PBX, Recording, Replay, contract_of

Who = tuple[str, str]
worlds = pytest.mark.parametrize("world", MIXED, ids=lambda world: world.name)


def agreed(world: Recording) -> Contract:
    """The world's, in which callers of one last digit are one."""
    whole = contract_of(world.events())
    return replace(whole, match_digits=1, number_key=b"secret", projects=tuple(replace(one, short_is_lost=True) for one in whole.projects))


def fates(floor: Floor) -> dict[str, list[int]]:
    """What is counted of each project, and how many are open beside it."""
    still = Counter(row.project for row in floor.lost.rows())
    return {name: [*row, still[name]] for name, row in floor.counters.lost.items()}


def turns(floor: Floor) -> Counter[tuple[str, str, bool]]:
    """How often each caller of a project was lost, and answered."""
    return Counter((turn.project, turn.key, turn.answered) for turn in floor.lost.told or ())


def still_open(floor: Floor) -> set[Who]:
    return {(name, key) for name, people in floor.lost._open.items() for key in people}


def lived(world: Recording, story: list[Event], *, strict: bool = True) -> Floor:
    """The floor that has lived through it, and what it tells of callers."""
    replay = Replay(story, strict=strict, agreed=agreed(world), judged=False)
    replay.floor.lost.told = []
    replay.floor.apply(LogSeen(PBX, replay.now, not strict))
    return replay.whole().floor


@lru_cache
def whole(world: Recording) -> Floor:
    return lived(world, world.events())


@worlds
def test_the_recorded_callers_call_again(world: Recording) -> None:
    lost, withheld, redialled, called_back, expired, still = (sum(each) for each in zip(*fates(whole(world)).values(), strict=True))
    assert lost == redialled + still
    assert min(withheld, redialled, still) > 0
    assert (called_back, expired) == (0, 0)


@pytest.mark.parametrize("seed", range(SEEDS))
@worlds
def test_a_gap_that_a_log_tells_opens_and_closes_as_it_was(world: Recording, seed: int) -> None:
    """But for calls of which the wire alone tells that they belong to another."""
    seen, lost, taken, rest = cut(world, Random(f"{world.name} {seed}"))
    log = veiled_rows(queue_log.read(world.queue_log, 0), PBX, agreed(world))
    gapped = lived(world, [*seen, lost, GapTold(PBX, taken.at, log, taken, 0), taken, *rest], strict=False)
    assert turns(whole(world)) - turns(gapped) == Counter()
    more = turns(gapped) - turns(whole(world))
    joins = [event for event in world.events() if isinstance(event, CallerJoined) and lost.at < event.at <= taken.at + SECOND]
    assert more.total() <= sum(event.linked != event.call for event in joins)
    strangers = {(project, key) for project, key, _ in more}
    assert still_open(gapped) - strangers == still_open(whole(world)) - strangers


@pytest.mark.parametrize("seed", range(SEEDS))
@worlds
def test_a_gap_whose_rows_are_found_late_falls_into_its_place(world: Recording, seed: int) -> None:
    """But for callers who were there at its end: of them what was seen stays."""
    seen, lost, taken, rest = cut(world, Random(f"{world.name} {seed}"))
    gapped = Replay([*seen, lost, taken, *rest], strict=False, agreed=agreed(world), judged=False)
    aside = b""
    for step in gapped.steps():
        if isinstance(step, LinkLost):
            gapped._pass(taken.at)
            aside = pickle.dumps(gapped.floor)
    log = veiled_rows(queue_log.read(world.queue_log, 0), PBX, agreed(world))
    found = difference(pickle.loads(aside), pickle.loads(aside), GapTold(PBX, taken.at, log, taken, 0))
    assert found is not None
    untold = fates(gapped.floor)
    gapped.tell(GapFound(PBX, gapped.now, found))
    told, expected = fates(gapped.floor), fates(whole(world))
    here = len({row.call for row in taken.waiting} | {row.call for row in taken.channels})
    for name, (*counted, still) in told.items():
        assert all(a <= b for a, b in zip(untold[name][:-1], counted, strict=True)), "no counter falls"
        assert counted[Count.LOST] == counted[Count.REDIALLED] + still
        assert abs(counted[Count.LOST] - expected[name][Count.LOST]) <= here


DAY = """
60|1.1|bank|NONE|ENTERQUEUE||0441111111|1
90|1.1|bank|NONE|ABANDON|1|1|30
100|1.2|bank|NONE|ENTERQUEUE||0442222222|1
130|1.2|bank|NONE|ABANDON|1|1|30
150|1.3|bank|NONE|ENTERQUEUE||+380441111111|1
160|1.3|bank|ann|CONNECT|10|1.9|4
170|1.3|bank|ann|COMPLETECALLER|10|10|1
200|1.4|bank|NONE|ENTERQUEUE||anonymous|1
230|1.4|bank|NONE|ABANDON|1|1|30
"""


def test_the_morning_is_taken_over_with_the_numbers_of_those_who_are_open() -> None:
    known = contract(number_key=b"secret")
    taken = snapshot(600, member("bank", "ann"))
    past = heal.retell(known, PBX, rows(DAY), taken, T0)
    assert "0441111111" not in str(past.lost)
    scene = Scene(known)
    scene.floor.apply(PastTold(PBX, taken.at, past))
    scene.floor.apply(taken)
    assert fates(scene.floor)["bank"] == [2, 1, 1, 0, 0, 1]
    assert [(row.number, row.first) for row in scene.floor.lost.rows()] == [("0442222222", T0 + 130 * SECOND)]


def test_of_two_pbxs_of_a_project_one_tells_who_was_lost_and_the_other_that_he_was_answered() -> None:
    known = contract(project("bank", "pbx1/bank", "pbx2/bank"), pbxs=("pbx1", "pbx2"), number_key=b"secret")
    floor = Floor(known, T0)
    for pbx, text in (("pbx2", DAY.split("150|")[1].split("200|", maxsplit=1)[0]), ("pbx1", DAY.split("150|", maxsplit=1)[0])):
        lines = f"150|{text}" if pbx == "pbx2" else text
        taken = replace(snapshot(600), pbx=pbx)
        past = heal.retell(known, pbx, rows(lines), taken, T0)
        floor.apply(PastTold(pbx, taken.at, past))
        floor.apply(taken)
    assert fates(floor)["bank"] == [2, 0, 1, 0, 0, 1]
