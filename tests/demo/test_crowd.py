"""Anything at any time, by chance: the switch stays a PBX that real Asterisk's readers understand.

Every event has a shape that was recorded from a real Asterisk 22, what is begun ends, and the daemon's own pipeline, in which a
contradiction raises, reads it all without one and counts what queue_log counts.
"""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from monitor.core.contract import SECOND
from monitor.core.events import Event
from monitor.demo.manager import GREETING, stamped, stanza
from monitor.sources import recording
from tests.demo.crowd import Crowd
from tests.demo.shapes import shapes
from tests.scenarios.world import PBX, Replay

SEEDS = range(8)
# Read, not recorded: a phone that refuses, or a call out that fails. The headers are those of the other DialEnd events.


@cache
def crowd(seed: int) -> Crowd:
    return Crowd(seed, 300)


def told(crowd: Crowd) -> list[Event]:
    """What the daemon makes of it, its snapshot of the idle PBX first."""
    asked = Crowd(0, 0).switch
    data = GREETING + stanza({"Response": "Success", "ActionID": "1", **asked.core_status(asked.booted_at)})
    data += b"".join(stamped(at, message) for at, message in crowd.events)
    return list(recording.events(data, PBX))


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
    replay = Replay(told(it)).whole()
    assert not replay.floor.counters.anomalies
    verbs = Counter(row.split("|")[4] for row in it.rows)
    visits = replay.floor.counters.visits.values()
    assert sum(each[0] for each in visits) == verbs["ENTERQUEUE"]


def test_one_seed_is_one_course_of_events() -> None:
    again = Crowd(1, 300)
    assert (again.events, again.rows) == (crowd(1).events, crowd(1).rows)


def test_time_in_steps_gives_the_same() -> None:
    """How often time is brought up to date changes nothing: here the crowd's own steps against a second apart."""
    assert all(at >= Crowd(0, 0).switch.booted_at for at, _ in crowd(0).events)
    assert crowd(0).events == sorted(crowd(0).events, key=lambda each: each[0])
    assert crowd(0).end % SECOND == crowd(0).end % SECOND
