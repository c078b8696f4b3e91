"""Anything at any time, by chance: the switch stays a PBX that real Asterisk's readers understand.

Every event has a shape that was recorded from a real Asterisk 22, what is begun ends, and the daemon's own pipeline, in which a
contradiction raises, reads it all without one and counts what queue_log counts.
"""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from monitor.core.counters import Visits
from monitor.core.events import Event
from monitor.sources import recording
from tests.demo.crowd import START, Crowd
from tests.demo.session import session
from tests.demo.shapes import shapes
from tests.scenarios.world import PBX, Replay

SEEDS = range(8)


@cache
def crowd(seed: int) -> Crowd:
    return Crowd(seed, 300)


def told(crowd: Crowd) -> list[Event]:
    """What the daemon makes of it, its snapshot of the idle PBX first."""
    return list(recording.events(session(Crowd(0, 0).switch, START, crowd.events), PBX))


@pytest.mark.parametrize("seed", SEEDS)
def test_every_event_has_a_shape_that_asterisk_sent(seed: int) -> None:
    unknown = {(message["Event"], *(name for name in message if name != "Event")) for _, message in crowd(seed).events} - shapes()
    assert unknown == set()


@pytest.mark.parametrize("seed", SEEDS)
def test_what_begins_ends(seed: int) -> None:
    it = crowd(seed)
    assert (it.callers, it.calls, it.talking, it.ringing, it.waiting) == (set(), {}, {}, {}, {})
    assert it.switch.channels(it.end) == []
    count = Counter(message["Event"] for _, message in it.events)
    assert count["Newchannel"] == count["Hangup"] > 100
    assert count["BridgeCreate"] == count["BridgeDestroy"] > 20
    assert count["BridgeEnter"] == count["BridgeLeave"]
    assert count["QueueCallerJoin"] == count["QueueCallerLeave"]
    assert count["AgentConnect"] == count["AgentComplete"]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_daemon_reads_it_without_a_contradiction(seed: int) -> None:
    it = crowd(seed)
    counters = Replay(told(it), judged=False).whole().floor.counters
    assert not counters.anomalies
    verbs = Counter(row.split("|")[4] for row in it.rows)
    visits = {each: sum(row[each] for row in counters.visits.values()) for each in Visits}
    assert visits[Visits.ENTERED] == verbs["ENTERQUEUE"] > 30
    assert visits[Visits.ANSWERED] == visits[Visits.HANDLED] == verbs["CONNECT"] > 10
    assert visits[Visits.ABANDONED] + visits[Visits.SHORT] == verbs["ABANDON"] > 5
    assert sum(counters.flowed_out.values()) == verbs["EXITWITHTIMEOUT"] + verbs["EXITEMPTY"] + verbs["EXITWITHKEY"] > 5
    assert visits[Visits.UNRESOLVED] == 0


def test_one_seed_is_one_course_of_events() -> None:
    again = Crowd(1, 300)
    assert (again.events, again.rows) == (crowd(1).events, crowd(1).rows)
