"""A gap told by queue_log: whatever a gap swallows of a real session, the counts are those of the whole session."""

from __future__ import annotations

import os
from functools import lru_cache
from itertools import islice
from random import Random

import pytest

from monitor.core import events as ev
from monitor.core.contract import SECOND
from monitor.core.counters import Counters
from monitor.core.events import AgentRung, GapTold, LinkLost
from monitor.core.ledger import OBSERVED
from monitor.core.snapshot import Cell, State
from monitor.sources import queue_log
from tests.core.looking import shown
from tests.core.test_heal import calls_of
from tests.scenarios.world import MIXED, PBX, Recording, Replay

SEEDS = 60 if os.environ.get("FLOORWATCH_FULL") else 5


@lru_cache
def seen_whole(world: Recording) -> Replay:
    return Replay(world.events()).whole()


def with_gap(world: Recording, seed: int) -> Replay:
    """The session with a gap of some seconds to a minute in it, which its queue_log tells."""
    chance = Random(f"{world.name} {seed}")
    events, log = world.events(), tuple(queue_log.read(world.queue_log, 0))
    first = chance.randrange(len(events) // 20, len(events) - 2)
    until = min(events[first].at + round(chance.uniform(1, 60) * SECOND), events[-1].at)
    place = max((index for index, event in enumerate(events) if event.at <= until), default=first)
    before = Replay(events)
    rung = {event.leg for event in islice(before.steps(), place + 1) if isinstance(event, AgentRung)}
    taken = shown(before.floor, PBX, max(before.now, until), rung=rung)
    story = [*events[: first + 1], LinkLost(PBX, events[first].at), GapTold(PBX, taken.at, log, taken, 0), taken, *events[place + 1 :]]
    gapped = Replay(story, strict=False, agreed=seen_whole(world).contract)
    gapped.floor.apply(ev.LogSeen(PBX, gapped.now, True))
    return gapped.whole()


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("world", MIXED, ids=lambda world: world.name)
def test_a_gap_that_a_log_tells_loses_no_call_and_no_second(world: Recording, seed: int) -> None:
    whole, gapped = seen_whole(world).floor, with_gap(world, seed).floor
    missed = calls_of(whole.counters).pop("in vain") - calls_of(gapped.counters).pop("in vain")
    assert _calls(gapped.counters) == _calls(whole.counters)
    assert abs(missed) <= 1, "a ring in vain in the second of the snapshot is anybody's guess"
    assert gapped.counters.anomalies.keys() <= {"wait_near_threshold"}
    assert gapped.counters.unobserved_us == whole.counters.unobserved_us
    assert gapped.counters.planned == whole.counters.planned
    assert gapped.counters.corrected == {}
    assert gapped.counters.corrected_us == {}
    assert abs(_seconds(gapped.counters) - _seconds(whole.counters)) < 3 * SECOND, "people come and go at whole seconds"
    for name, book in whole.ledger.projects.items():
        told, seen = gapped.ledger.projects[name].total(0, None), book.total(0, None)
        assert told[Cell.OBSERVED_US] == seen[Cell.OBSERVED_US]
        assert told[Cell.CONTACTS_SEEN] == told[Cell.CONTACTS]
        assert told[Cell.CARRIED_SEEN_US] == told[Cell.TALK_US] + told[Cell.HOLD_US] + told[Cell.WRAPUP_US]
    for name, book in whole.ledger.groups.items():
        told = gapped.ledger.groups[name].total(0, None)
        assert told[OBSERVED] == book.total(0, None)[OBSERVED]
        assert told[: len(State)] == told[OBSERVED + 1 :]


def _calls(counters: Counters) -> dict[tuple[str, str] | str, int]:
    return {key: count for key, count in calls_of(counters).items() if key != "in vain"}


def _seconds(counters: Counters) -> int:
    return sum(counters.agent_us.values())
