"""A past fitted and forecast: what is expected of an interval, days of clock changes, days and weekdays nobody saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitor.core.contract import MINUTE, SECOND, Hours, Project
from monitor.plan import days
from monitor.plan.fit import Fitted, fit
from monitor.plan.forecast import forecast
from monitor.plan.hindsight import hindsight
from monitor.plan.plan import MICRO, Plan
from monitor.plan.seen import Counted, LeaveOut, Seen, lay_out

KYIV = ZoneInfo("Europe/Kyiv")
HALF_HOUR = 30 * MINUTE
PROJECT = Project("bank-line", "Bank", "floor", (), KYIV, hours=Hours((((9 * 3600, 12 * 3600),),) * 6 + ((),)))
MONDAY = date(2026, 11, 9)
CALLS = (10, 20, 40, 40, 20, 10)


def past(project: Project = PROJECT, weeks: int = 8, until: date = MONDAY, out: LeaveOut = LeaveOut(), odd: Mapping[int, int] | None = None) -> Seen:  # noqa: B008 - a value
    """CALLS every open day in the order of its half-hours, but `odd` ones: `{5: 3}` has a third of each five days before the end."""
    contacts: dict[int, int] = {}
    first, last = days.midnight(project, until - timedelta(weeks=weeks)), days.midnight(project, until)
    for start in days.intervals(project, first, last, HALF_HOUR):
        if days.open_us(project, start, HALF_HOUR):
            where = days.place(project, start, HALF_HOUR)
            contacts[start] = CALLS[where.slot % 6] // (odd or {}).get((until - where.day).days, 1)
    handled = dict(contacts)
    return lay_out(project, HALF_HOUR, Counted(first, last, contacts, handled, {at: 100 * SECOND * number for at, number in handled.items()}), out)


def fitted(seen: Seen) -> Fitted:
    known = fit(seen)
    assert known is not None
    return known


def test_every_day_alike_is_expected_again() -> None:
    known = fitted(past())
    assert known.groups == ((0, 1, 2, 3, 4, 5),)
    assert [known.expected(MONDAY, slot) for slot in range(17, 25)] == pytest.approx([0, *CALLS, 0], rel=1e-6)
    assert known.aht_of(MONDAY, 18) == pytest.approx(100 * SECOND)
    assert (known.used, known.odd) == (48, ())


def test_a_half_seen_day_counts_for_what_was_seen_of_it() -> None:
    blind = tuple((days.midnight(PROJECT, MONDAY - timedelta(days=number)) + 10 * 3600 * SECOND,) * 2 for number in (4, 11))
    spans = tuple((start, start + 2 * 3600 * SECOND) for start, _ in blind)
    seen = past(out=LeaveOut(blind=spans), odd={4: 2})
    assert [fitted(seen).expected(MONDAY + timedelta(days=3), slot) for slot in range(18, 24)] == pytest.approx(CALLS, rel=0.03)


def test_a_day_far_below_is_said_to_look_like_a_holiday() -> None:
    known = fitted(past(odd={6: 5}))
    (odd,) = known.odd
    assert (odd.date, odd.came, round(odd.due), odd.holiday) == (MONDAY - timedelta(days=6), 28, 140, True)
    assert known.expected(MONDAY + timedelta(days=1), 20) == pytest.approx(40, rel=0.01)


def test_rows_are_of_open_days_that_are_no_holidays() -> None:
    rows = forecast(fitted(past()), MONDAY, 7, HALF_HOUR, {date(2026, 11, 11)}).rows
    assert len(rows) == 5 * 6
    assert {datetime.fromtimestamp(row.start // SECOND, KYIV).day for row in rows} == {9, 10, 12, 13, 14}
    assert [row.calls_u for row in rows[:6]] == [calls * MICRO for calls in CALLS]
    assert {row.aht_us for row in rows} == {100 * SECOND}
    assert all(row.handle_us == row.calls_u * 100 for row in rows)
    Plan.of(rows)


@pytest.mark.parametrize(("change", "rows", "week"), [(date(2026, 3, 29), 46, -1), (date(2026, 10, 25), 50, 1)])
def test_a_clock_change_is_planned_by_the_clock(change: date, rows: int, week: int) -> None:
    """A line round the clock: the hour that comes twice is expected twice, of the one that does not come nothing; other hours do not move."""
    always = replace(PROJECT, hours=Hours())
    known = fitted(past(always, until=change))
    made = forecast(known, change, 1, HALF_HOUR).rows
    assert len(made) == rows
    first, following = days.midnight(always, change), days.midnight(always, change + timedelta(days=1))
    assert [row.start for row in made] == list(days.intervals(always, first, following, HALF_HOUR))
    usual = sum(CALLS) * 8
    assert sum(row.calls_u for row in made) / MICRO == pytest.approx(usual + week * (CALLS[0] + CALLS[1]), rel=0.02)
    after = fitted(past(always, until=change + timedelta(weeks=1)))
    assert [after.expected(change + timedelta(weeks=1), slot) for slot in range(48)] == pytest.approx(CALLS * 8, rel=0.1)


def test_a_night_belongs_to_the_day_it_began_on() -> None:
    night = replace(PROJECT, hours=Hours((((0, 6 * 3600), (20 * 3600, 86_400)),) * 7), day_starts=720)
    known = fitted(past(night))
    made = forecast(known, MONDAY, 2, HALF_HOUR).rows
    assert len(made) == 2 * 20
    assert made[0].start == days.midnight(night, MONDAY)
    assert made[0].calls_u / MICRO == pytest.approx(known.expected(MONDAY - timedelta(days=1), 24), abs=0.01)


def test_a_weekday_nobody_saw_is_like_the_others() -> None:
    seen = past(weeks=1)
    known = fitted(Seen(seen.project, seen.length_us, seen.days[:3], seen.past))
    assert known.expected(MONDAY + timedelta(days=4), 20) == pytest.approx(40, rel=0.01)


def test_of_an_hour_nobody_ever_saw_nothing_is_said() -> None:
    """Every Monday from 11:00 on was dark, and Monday has hours of its own: no row, where nought would be a lie."""
    project = replace(PROJECT, hours=Hours((((9 * 3600, 12 * 3600),), ((9 * 3600, 11 * 3600),), *[()] * 5)))
    dark = [days.midnight(project, MONDAY - timedelta(weeks=week)) + 11 * 3600 * SECOND for week in range(1, 9)]
    known = fitted(past(project, out=LeaveOut(blind=tuple((start, start + 3600 * SECOND) for start in dark))))
    made = forecast(known, MONDAY, 2, HALF_HOUR)
    assert (len(made.rows), made.unknown) == (8, 2)
    assert [row.calls_u / MICRO for row in made.rows] == [10, 20, 40, 40] * 2


def test_nothing_usable_is_no_fit() -> None:
    seen = past(weeks=1, out=LeaveOut({MONDAY - timedelta(days=number) for number in range(8)}))
    assert fit(seen) is None
    assert hindsight(seen) is None


def test_hindsight_knows_only_what_was_known() -> None:
    """The last two weeks are half: they are predicted whole, and all of it is error and bias."""
    seen = past(odd=dict.fromkeys(range(1, 15), 2))
    trial = hindsight(seen)
    assert trial is not None
    assert (trial.tried, trial.trained) == (12, 36)
    assert trial.bias == pytest.approx(-0.5, abs=0.01)
    assert trial.days.error == pytest.approx(0.5, abs=0.01)
    assert trial.intervals.error == pytest.approx(0.5, abs=0.01)
    assert 0.1 < trial.intervals.floor < 0.2
    assert hindsight(past(weeks=3)) is None
    assert hindsight(past(weeks=4)) is not None
