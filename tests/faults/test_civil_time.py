"""Civil time that jumps, and days that are not 24 hours: no second is lost, none is counted twice, none is negative."""

from __future__ import annotations

import itertools
import random
from dataclasses import fields, replace
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from monitor.core.contract import MINUTE, SECOND
from monitor.core.counters import Counters
from monitor.core.events import Event
from monitor.core.snapshot import State
from monitor.engine import Engine
from monitor.plan.plan import EMPTY
from tests.clockwork import Time, seen
from tests.core.scene import contract, project
from tests.scenarios.world import AFTERMATH, MIXED, contract_of, plan_of

KYIV = ZoneInfo("Europe/Kyiv")
INSTANTS = frozenset({"at", "last_pause_at", "last_call_at"})


@cache
def _recorded() -> tuple[Event, ...]:
    """Two and a half minutes of a real Asterisk 22."""
    return tuple(MIXED[1].events())


def moved(event: Event, us: int) -> Event:
    """The event as a daemon whose civil clock has stepped by `us` dates it."""
    dated = {each.name: value + us for each in fields(event) if each.name in INSTANTS and (value := getattr(event, each.name)) is not None}
    return replace(event, **dated) if us else event


def sums(counters: Counters) -> tuple[int, ...]:
    """Everything that only goes up, in one row."""
    tables = (counters.handle_us, counters.agent_us, counters.pause_us, counters.unobserved_us)
    rows = (counters.visits, counters.contacts, counters.planned)
    return tuple(value for table in tables for value in table.values()) + tuple(value for row in rows for each in row.values() for value in each)


def played(steps: dict[int, int]) -> Engine:
    """The recording, with civil steps of so many seconds after so many."""
    events = _recorded()
    start = events[0].at - SECOND
    time, shift = Time(start), 0
    agreed = contract_of(events)
    one = Engine(agreed, plan_of(agreed, start), time.clock, strict=True)
    before = sums(one.floor.counters)
    waiting = list(reversed(events))
    for second in range(1, (events[-1].at - start) // SECOND + AFTERMATH):
        while waiting and waiting[-1].at <= start + second * SECOND:
            event = waiting.pop()
            time.go((event.at - time.steady) / SECOND)
            one.put(moved(event, shift))
            one.catch_up()
        time.go((start + second * SECOND - time.steady) / SECOND)
        time.wall += steps.get(second, 0) * SECOND
        shift += steps.get(second, 0) * SECOND
        one.tick()
        now = sums(one.floor.counters)
        assert all(a <= b for a, b in zip(before, now, strict=True)), f"a counter stepped back in second {second}"
        before = now
    assert not waiting
    return one


def counted(one: Engine) -> Counters:
    counters = one.floor.counters.frozen()
    counters.planned.clear()  # the plan is civil time's own: a step enters another hour of it
    return counters


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.full), pytest.param(3, marks=pytest.mark.full)])
def test_a_civil_clock_that_jumps_changes_no_call_and_no_second(seed: int) -> None:
    rng = random.Random(seed)
    steps = {second: rng.choice((-90, 90)) for second in rng.sample(range(2, 150), 6)}
    calm, stepped = played({}), played(steps)
    assert stepped.keeping.clock_steps == len(steps)
    assert counted(stepped) == counted(calm)
    for name, book in stepped.floor.ledger.groups.items():
        cells = book.cells()
        total = sum(row[place] for row in cells.values() for place in range(len(State)))
        assert total == sum(us for (group, _), us in stepped.floor.counters.agent_us.items() if group == name)
        assert all(value >= 0 for row in cells.values() for value in row)


@pytest.mark.parametrize(("day", "half_hours"), [((2026, 10, 25), 50), ((2027, 3, 28), 46), ((2026, 11, 25), 48)])
def test_a_civil_day_has_the_half_hours_it_has(day: tuple[int, int, int], half_hours: int) -> None:
    midnight = int(datetime(*day, tzinfo=KYIV).timestamp()) * SECOND
    time = Time(midnight - 90 * MINUTE)
    agreed = contract(project("bank", zone=KYIV), zone=KYIV)
    one = Engine(agreed, EMPTY, time.clock, strict=True)
    one.put(seen(time.steady, "ann"))
    one.catch_up()
    starts: list[int] = []
    while time.steady < midnight + half_hours * 30 * MINUTE + 10 * MINUTE:
        time.go(60)
        one.tick()
        start = agreed.project["bank"].interval_start(time.steady, 30 * MINUTE)
        if not starts or starts[-1] != start:
            starts.append(start)
    today = [start for start in starts if agreed.day_start(start) == midnight]
    assert len(today) == half_hours
    assert [b - a for a, b in itertools.pairwise(today)] == [30 * MINUTE] * (half_hours - 1)
    book = one.floor.ledger.groups["floor"]
    by_half_hour = [sum(book.total(start, start + 30 * MINUTE)[: len(State)]) for start in today]
    assert by_half_hour == [30 * MINUTE] * half_hours
