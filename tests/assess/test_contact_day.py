"""A day's contact rate once it is over: what counts, what it is held against, and how careful that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from random import Random

import pytest

from monitor.assess.contact_day import ContactDay, judge
from monitor.assess.contact_rate import Rate
from monitor.core.contract import MINUTE
from monitor.core.incidents import Incident, IncidentKind, Scope
from monitor.core.limits import Limits
from monitor.core.snapshot import Cell, Span

DAY = date(2026, 12, 1)
HALF = 30 * MINUTE
LIMITS = Limits()


def sums(contacts: int, attempts: int, rate: float | None = None, planned: float = 100.0, seen: float = 1.0) -> tuple[int, ...]:
    row = [0] * len(Cell)
    row[Cell.OUT_ATTEMPTS], row[Cell.OUT_CONTACTS] = attempts, contacts
    row[Cell.OBSERVED_US] = round(HALF * seen)
    if rate is not None:
        row[Cell.PLAN_OUT_ATTEMPTS_U], row[Cell.PLAN_OUT_CONTACTS_U] = round(planned * 1e6), round(planned * rate * 1e6)
    return tuple(row)


def spans(*rows: tuple[int, ...]) -> list[Span]:
    return [Span(number * HALF, (number + 1) * HALF, row) for number, row in enumerate(rows)]


def weeks(days: Sequence[tuple[int, int]], rate: float | None = None) -> dict[int, tuple[int, ...]]:
    """The days before, the latest first."""
    return {DAY.toordinal() - 1 - number: sums(*one, rate=rate) for number, one in enumerate(days)}


def judged(found: ContactDay | None) -> ContactDay:
    assert found is not None
    return found


def test_against_the_plan_it_is_the_exact_binomial() -> None:
    found = judged(judge(DAY, spans(sums(20, 90, 0.3), sums(24, 110, 0.3)), {}, (), LIMITS))
    assert (found.day, found.rate, found.planned) == (DAY, Rate(44, 200), True)
    assert found.expected == pytest.approx(0.3)
    assert found.p == pytest.approx(0.00715108, abs=5e-9)  # domain: §10
    assert found.deviation == pytest.approx(-8 / 30)


def test_hours_are_held_against_their_own_rate_by_what_was_dialled_in_them() -> None:
    """Mornings reach a tenth and evenings half; whoever dials in the morning only has not dropped."""
    found = judged(judge(DAY, spans(sums(20, 200, 0.1), sums(0, 0, 0.5)), {}, (), LIMITS))
    assert found.expected == pytest.approx(0.1)
    assert not found.dropped(LIMITS)
    assert judged(judge(DAY, spans(sums(20, 200, 0.1), sums(20, 200, 0.5)), {}, (), LIMITS)).expected == pytest.approx(0.3)


def test_size_and_significance_are_both_needed() -> None:
    def of(contacts: int, attempts: int) -> bool:
        return judged(judge(DAY, spans(sums(contacts, attempts, 0.3)), {}, (), LIMITS)).dropped(LIMITS)

    assert of(200, 1000)
    assert not of(2_700, 10_000), "certain, and no more than a tenth"
    assert not of(24, 100), "a fifth, and chance may do it"
    assert not of(400, 1000), "more than planned"


def test_too_little_dialled_or_seen_is_not_judged() -> None:
    assert judge(DAY, spans(sums(0, 99, 0.3)), {}, (), LIMITS) is None
    assert judge(DAY, spans(sums(10, 99, 0.3)), {}, (), replace(LIMITS, contact_rate_attempts=50)) is not None
    assert judge(DAY, [], {}, (), LIMITS) is None
    dark = spans(sums(10, 100, 0.3), sums(0, 0, 0.3, seen=0.0), sums(10, 100, 0.3), sums(10, 100, 0.3))
    assert judge(DAY, dark, {}, (), LIMITS) is None
    assert judge(DAY, [*spans(*[sums(10, 100, 0.3)] * 30), Span(30 * HALF, 31 * HALF, sums(0, 0, 0.3, seen=0.0))], {}, (), LIMITS) is not None


def test_what_an_incident_touches_is_left_out() -> None:
    raid = Incident("1", IncidentKind.AIR_RAID, Scope(), HALF + MINUTE, HALF + 2 * MINUTE, 0)
    day = spans(sums(60, 200, 0.3), sums(0, 200, 0.3), sums(60, 200, 0.3))
    assert judged(judge(DAY, day, {}, (), LIMITS)).dropped(LIMITS)
    found = judged(judge(DAY, day, {}, (raid,), LIMITS))
    assert found.rate == Rate(120, 400)
    assert not found.dropped(LIMITS)
    assert judge(DAY, day, {}, (replace(raid, since=0, until=None),), LIMITS) is None


def test_without_a_plan_it_is_the_four_weeks_before() -> None:
    before = weeks([(30, 100)] * 28 + [(90, 100)] * 10)  # older days do not count
    found = judged(judge(DAY, spans(sums(84, 400)), before, (), LIMITS))
    assert (found.planned, found.expected) == (False, 0.3)
    assert 0 < found.p < 1e-3
    assert found.dropped(LIMITS)


def test_a_plan_that_names_no_rate_is_none() -> None:
    row = [*sums(84, 400, 0.3)]
    row[Cell.PLAN_OUT_CONTACTS_U] = 0
    assert judge(DAY, spans(tuple(row)), {}, (), LIMITS) is None
    assert not judged(judge(DAY, spans(tuple(row)), weeks([(30, 100)] * 28), (), LIMITS)).planned


def test_few_days_before_say_nothing() -> None:
    assert judge(DAY, spans(sums(84, 400)), weeks([(300, 1000)] * 6), (), LIMITS) is None
    assert judge(DAY, spans(sums(84, 400)), weeks([(300, 1000)] * 6 + [(0, 0)] * 20), (), LIMITS) is None
    assert judge(DAY, spans(sums(84, 400)), weeks([(300, 1000)] * 7), (), LIMITS) is not None
    assert judge(DAY, spans(sums(84, 400)), weeks([(0, 100)] * 28), (), LIMITS) is None, "nobody was ever reached"
    assert judge(DAY, spans(sums(84, 400)), weeks([(3, 9)] * 10), (), LIMITS) is None, "and ninety attempts are few"


@pytest.mark.parametrize("planned", [True, False])
def test_where_days_differ_by_themselves_one_of_them_is_no_news(planned: bool) -> None:
    """Lists differ: by the binomial alone nearly every second day would be said to have dropped."""
    rate = 0.3 if planned else None
    wild = weeks([(180, 1000), (420, 1000)] * 14, rate)
    day = spans(sums(210, 1000, rate))
    assert not judged(judge(DAY, day, wild, (), LIMITS)).dropped(LIMITS)
    calm = weeks([(300, 1000), (310, 1000)] * 14, rate)
    assert judged(judge(DAY, day, calm, (), LIMITS)).dropped(LIMITS)


def test_a_level_that_is_not_the_plan_s_makes_days_no_wilder() -> None:
    """A month in which each day reached a third less than planned is not one of days that differ."""
    low = weeks([(200, 1000)] * 28, 0.3)
    assert judged(judge(DAY, spans(sums(200, 1000, 0.3)), low, (), LIMITS)).dropped(LIMITS)


def test_of_days_as_they_always_are_next_to_none_has_dropped() -> None:
    """Two hundred weeks of days at the planned rate: at 1e-3 and 15 % hardly one is said."""
    chance = Random(11)
    said = 0
    for _ in range(1_400):
        contacts = sum(chance.random() < 0.3 for _ in range(400))
        said += judged(judge(DAY, spans(sums(contacts, 400, 0.3)), {}, (), LIMITS)).dropped(LIMITS)
    assert said <= 4


def test_hours_in_which_more_were_reached_than_dialled_say_nothing() -> None:
    """A dialer elsewhere has pushed them into the queue."""
    assert judge(DAY, spans(sums(101, 100, 0.3)), {}, (), LIMITS) is None
    assert judged(judge(DAY, spans(sums(101, 100, 0.3), sums(30, 120, 0.3)), {}, (), LIMITS)).rate == Rate(30, 120)


def test_a_plan_that_nobody_is_reached_by_is_no_plan() -> None:
    assert judged(judge(DAY, spans(sums(30, 100, 1.0)), {}, (), LIMITS)).p == 0.0
