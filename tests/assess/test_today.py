"""A project's day, judged interval by interval."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from math import log, sqrt
from statistics import NormalDist

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.assess import detect
from monitor.assess.detect import Total
from monitor.assess.today import Rules, Today, closed
from monitor.core.contract import MINUTE, SECOND, Hours, Project, QueueId
from monitor.core.incidents import Incident, IncidentKind, Scope
from monitor.core.limits import Limits
from monitor.core.snapshot import Cell, Span

HALF = 30 * MINUTE
DAY = 48 * HALF
MONDAY = int(datetime(2008, 11, 10, tzinfo=UTC).timestamp()) * SECOND
WEEKDAYS = Hours((((9 * 3600, 18 * 3600),),) * 5 + ((), ()))
BANK = Project("bank", "Bank", "floor", (QueueId("pbx1", "bank"),), hours=WEEKDAYS, dispersion=38.0)
RULES = Rules(BANK, Limits(), (), None)


def span(number: int, n: int, f: float, *, day: int = 0, seen: float = 1.0, handled: int = 0, aht_s: int = 180) -> Span:
    """The interval so many half-hours after nine: n contacts came where f were planned, of whose plan this share was seen."""
    sums = [0] * len(Cell)
    sums[Cell.CONTACTS] = sums[Cell.CONTACTS_SEEN] = n
    sums[Cell.PLAN_CALLS], sums[Cell.PLAN_OBSERVED_CALLS] = round(f * 1e6), round(seen * f * 1e6)
    sums[Cell.PLAN_OBSERVED_HANDLE] = round(seen * f * 180) * SECOND
    sums[Cell.HANDLED], sums[Cell.HANDLED_US] = handled, handled * aht_s * SECOND
    start = MONDAY + day * DAY + 18 * HALF + number * HALF
    return Span(start, start + HALF, tuple(sums))


def after(*spans: Span, rules: Rules = RULES, day: int = 0) -> Today:
    today = Today(MONDAY)
    today.follow(MONDAY + day * DAY, spans, rules)
    return today


# --- what counts ------------------------------------------------------------------------------------------------------------------------


def test_an_interval_counts_when_it_was_open_planned_and_seen() -> None:
    one = closed(span(0, 30, 40.0, seen=0.96), RULES)
    assert one is not None
    assert one.interval.n == 30
    assert one.interval.f == pytest.approx(38.4)


@pytest.mark.parametrize(
    ("what", "one"),
    [
        ("no plan", span(0, 30, 0.0)),
        ("before opening", span(-2, 30, 40.0)),
        ("half of it unseen", span(0, 15, 40.0, seen=0.5)),
        ("Saturday", span(0, 3, 40.0, day=5)),
    ],
)
def test_what_does_not_count(what: str, one: Span) -> None:
    assert closed(one, RULES) is None, what


def test_intervals_of_an_incident_and_of_its_recovery_do_not_count() -> None:
    raid = Incident("1", IncidentKind.AIR_RAID, Scope(), MONDAY + 19 * HALF + MINUTE, MONDAY + 20 * HALF - MINUTE, 15 * MINUTE)
    rules = replace(RULES, incidents=(raid,))
    assert [closed(span(number, 30, 40.0), rules) is None for number in range(4)] == [False, True, True, False]


def test_what_was_before_the_plan_was_rebased_does_not_count() -> None:
    rules = replace(RULES, rebased_at=MONDAY + 20 * HALF)
    assert after(*(span(number, 10, 40.0) for number in range(4)), rules=rules).total == Total(20, 80.0)


# --- what is said -----------------------------------------------------------------------------------------------------------------------


def test_a_loss_is_believed_in_the_second_interval() -> None:
    day = after(*(span(number, 3, 40.0) for number in range(3)))
    assert [(step.lost.now, step.lost.holds) for step in day.steps] == [(True, False), (True, True), (True, True)]


def test_less_than_fifteen_per_cent_is_nobody_s_business_however_certain() -> None:
    calm = replace(RULES, project=replace(BANK, dispersion=1000.0))
    day = after(*(span(number, 870, 1000.0) for number in range(10)), rules=calm)
    assert day.step is not None
    assert day.step.day is not None
    assert day.step.day.loss < 1e-3
    assert not day.step.lost.holds


def test_it_is_over_when_chance_may_have_done_it() -> None:
    low = [span(number, 8, 40.0) for number in range(4)]
    day = after(*low, *(span(number, 72, 40.0) for number in range(4, 12)))
    held = [step.lost.holds for step in day.steps]
    assert held[:4] == [False, True, True, True]
    assert held[-1] is False
    first = held.index(False, 1)
    step = day.steps[first]
    assert all(one.loss > 0.05 for one in (step.day, step.recent) if one is not None)
    kept = day.steps[first - 1]
    assert any(one.loss <= 0.05 for one in (kept.day, kept.recent) if one is not None)


def test_a_surge_is_a_surge_and_no_loss() -> None:
    day = after(*(span(number, 110, 40.0) for number in range(3)))
    assert day.step is not None
    assert (day.step.surged.holds, day.step.lost.holds) == (True, False)
    assert day.step.z is not None
    assert day.step.z > 3


def test_a_handful_of_planned_contacts_says_nothing() -> None:
    day = after(span(0, 0, 2.0), span(1, 0, 2.0))
    assert day.step is not None
    assert (day.step.day, day.step.z, day.step.workload) == (None, None, None)


def test_work_may_be_missing_though_the_calls_have_come() -> None:
    """Half the handling time is half the money."""
    day = after(*(span(number, 40, 40.0, handled=40, aht_s=70) for number in range(16)), rules=replace(RULES, project=replace(BANK, dispersion=400.0)))
    step = day.step
    assert step is not None
    assert step.workload is not None
    assert (step.lost.holds, step.below.holds) == (False, True)
    believed = 640 / 880
    aht = 180 * (70 / 180) ** believed
    assert step.workload.offered_s == pytest.approx(640 * aht)
    sigma = sqrt(1 / 400 + 1 / 640 + (believed * 0.1) ** 2)
    assert step.workload.loss == pytest.approx(NormalDist().cdf(log(640.5 * aht / (640 * 180)) / sigma))


# --- over days --------------------------------------------------------------------------------------------------------------------------


def test_yesterday_counts_in_two_days_and_in_the_cusum() -> None:
    yesterday = [span(number, 22, 40.0) for number in range(18)]
    day = after(*yesterday, span(0, 22, 40.0, day=1), day=1)
    assert day.yesterday == Total(396, 720.0)
    assert day.cusum == detect.Cusum().after(Total(396, 720.0), 38.0)
    assert day.step is not None
    assert day.step.two_days == detect.two_days((Total(396, 720.0), Total(22, 40.0)), 38.0)


def test_a_loss_that_is_over_is_not_said_again_the_next_morning() -> None:
    """Two days together are low for hours yet; today's own volume is not."""
    yesterday = [span(number, 16, 40.0) for number in range(18)]
    back = after(*yesterday, *(span(number, 41, 40.0, day=1) for number in range(6)), day=1)
    assert [step.lost.now for step in back.steps] == [False] * 6
    assert back.step is not None
    assert back.step.two_days is None
    still = after(*yesterday, *(span(number, 27, 40.0, day=1) for number in range(6)), day=1)
    assert still.step is not None
    assert still.step.lost.holds
    assert still.step.day is not None
    assert still.step.two_days is not None
    assert still.step.two_days.loss < 1e-3 < still.step.day.loss


def test_days_add_up_once_each_and_a_corrected_yesterday_is_taken_as_it_is_now() -> None:
    today = Today(MONDAY)
    days = [[span(number, 26, 40.0, day=day) for number in range(18)] for day in range(3)]
    for day in range(3):
        today.follow(MONDAY + day * DAY, [*(days[day - 1] if day else []), *days[day]], RULES)
    one = Total(26 * 18, 720.0)
    assert today.cusum == detect.Cusum().after(one, 38.0).after(one, 38.0)
    healed = [span(number, 40, 40.0, day=1) for number in range(18)]
    today.follow(MONDAY + 2 * DAY, [*healed, *days[2]], RULES)
    assert today.cusum == detect.Cusum().after(one, 38.0).after(Total(720, 720.0), 38.0)


def test_rebasing_begins_the_sums_anew() -> None:
    today = Today(MONDAY)
    low = [span(number, 10, 40.0) for number in range(18)]
    today.follow(MONDAY + DAY, [*low, span(0, 10, 40.0, day=1)], RULES)
    assert today.cusum.down > 0
    today.follow(MONDAY + DAY, [*low, span(0, 10, 40.0, day=1)], replace(RULES, rebased_at=MONDAY + DAY))
    assert (today.cusum, today.yesterday) == (detect.Cusum(), Total(0, 0.0))


# --- once each --------------------------------------------------------------------------------------------------------------------------


def test_each_interval_is_judged_once_and_anew_from_where_its_past_is_revised() -> None:
    today = Today(MONDAY)
    spans = [span(number, 40, 40.0) for number in range(10)]
    for number in range(1, 11):
        today.follow(MONDAY, spans[:number], RULES)
    assert today.judged == 10
    spans[7] = span(7, 12, 40.0)
    today.follow(MONDAY, spans, RULES)
    assert today.judged == 13


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 120), st.integers(0, 80)), min_size=1, max_size=18), st.data())
def test_whatever_way_the_intervals_come_the_day_is_the_same(counts: list[tuple[int, int]], data: st.DataObject) -> None:
    """Followed as they close, with one revised meanwhile, or all at once."""
    final = [span(number, n, float(f)) for number, (n, f) in enumerate(counts)]
    today = Today(MONDAY)
    for number in range(1, len(final) + 1):
        shown = final[:number]
        if data.draw(st.booleans()):
            at = data.draw(st.integers(0, number - 1))
            shown[at] = span(at, data.draw(st.integers(0, 120)), 40.0)
        today.follow(MONDAY, shown, RULES)
    today.follow(MONDAY, final, RULES)
    assert today.steps == after(*final).steps
