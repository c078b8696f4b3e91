"""A gap told by queue_log: whatever a gap swallows of a real session, the counts are those of the whole session."""

from __future__ import annotations

from itertools import islice
from random import Random

import pytest

from monitor.core import events as ev
from monitor.core.contract import SECOND
from monitor.core.counters import Counters
from monitor.core.events import AgentRung, GapTold, LinkLost
from monitor.core.snapshot import State
from monitor.sources import queue_log
from tests.core.looking import shown
from tests.core.test_heal import calls_of
from tests.scenarios.world import MIXED, PBX, Recording, Replay


def with_gap(world: Recording, seed: int) -> tuple[Replay, Replay]:
    """The session whole, and the session with a gap of some seconds to a minute in it which its queue_log tells."""
    chance = Random(f"{world.name} {seed}")
    whole = Replay(world.events()).whole()
    events, log = world.events(), tuple(queue_log.read(world.queue_log, 0))
    first = chance.randrange(len(events) // 20, len(events) - 2)
    until = events[first].at + round(chance.uniform(1, 60) * SECOND)
    place = max((index for index, event in enumerate(events) if event.at <= until), default=first)
    before = Replay(events)
    rung = {event.leg for event in islice(before.steps(), place + 1) if isinstance(event, AgentRung)}
    taken = shown(before.floor, PBX, max(before.now, until), rung=rung)
    lost = LinkLost(PBX, events[first].at)
    story = [*events[: first + 1], lost, GapTold(PBX, taken.at, log, taken, 0), taken, *events[place + 1 :]]
    gapped = Replay(story, strict=False, agreed=whole.contract)
    gapped.floor.apply(ev.LogSeen(PBX, gapped.now, True))
    return whole, gapped.whole()


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("world", MIXED, ids=lambda world: world.name)
def test_a_gap_that_a_log_tells_loses_no_call(world: Recording, seed: int) -> None:
    whole, gapped = with_gap(world, seed)
    assert calls_of(gapped.floor.counters) == calls_of(whole.floor.counters)
    assert {kind: count for kind, count in gapped.floor.counters.anomalies.items() if kind != "wait_near_threshold"} == {}
    assert gapped.floor.counters.unobserved_us == {PBX: whole.floor.counters.unobserved_us[PBX]}
    assert agent_seconds(gapped.floor.counters) == agent_seconds(whole.floor.counters)


def agent_seconds(counters: Counters) -> int:
    return sum(us for (_, _), us in counters.agent_us.items())


def test_seconds() -> None:
    assert State.TALK
