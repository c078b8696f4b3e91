"""A simulated day as the daemon sees it, event by event: no contradiction, and it counts what queue_log counts, to the call."""

from __future__ import annotations

from collections import Counter
from datetime import date
from functools import cache

import pytest

from monitor.core.counters import Visits
from monitor.core.events import Event
from monitor.demo.day import Day
from monitor.demo.events import instant
from monitor.demo.switch.specs import Message
from monitor.demo.world import QUEUES
from monitor.sources import recording
from tests.demo.session import session
from tests.scenarios.world import PBX, Replay

DATE = date(2026, 11, 25)
UNTIL = 13
EXITS = ("EXITWITHTIMEOUT", "EXITWITHKEY", "EXITEMPTY")


@cache
def _morning() -> tuple[list[Event], list[str]]:
    """From midnight until after the alarm, the trunk failure and the beginning of the storm."""
    day = Day(1, DATE)
    events: list[tuple[int, Message]] = []
    rows: list[str] = []
    day.listener = lambda at, message: events.append((at, message))
    day.log = rows.append
    day.advance(instant(DATE, UNTIL))
    return list(recording.events(session(Day(1, DATE).switch, day.start, events), PBX)), rows


@cache
def _replayed() -> Replay:
    return Replay(_morning()[0], judged=False).whole()


def test_the_daemon_sees_no_contradiction() -> None:
    assert not _replayed().floor.counters.anomalies
    assert not _replayed().floor.counters.unclaimed


@pytest.mark.parametrize("queue", [queue.name for queue in QUEUES])
def test_the_daemon_counts_what_queue_log_counts(queue: str) -> None:
    verbs = Counter(fields[4] for row in _morning()[1] if (fields := row.split("|"))[2] == queue)
    counters = _replayed().floor.counters
    (row,) = (row for (_, place), row in counters.visits.items() if place.name == queue)
    assert row[Visits.ENTERED] == verbs["ENTERQUEUE"]
    assert row[Visits.ANSWERED] == verbs["CONNECT"]
    flowed_out = sum(number for (_, place, _), number in counters.flowed_out.items() if place.name == queue)
    assert flowed_out == sum(verbs[verb] for verb in EXITS)
    assert row[Visits.ABANDONED] + row[Visits.SHORT] == verbs["ABANDON"]
