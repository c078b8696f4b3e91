"""Days and slots by a project's own clock: over midnight, over clock changes, in zones of odd offsets."""

from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from monitor.core.contract import MINUTE, SECOND, Hours, Project
from monitor.plan import days
from monitor.plan.days import Place

KYIV = ZoneInfo("Europe/Kyiv")
HALF_HOUR = 30 * MINUTE


def project(zone: ZoneInfo = KYIV, day_starts: int = 0, hours: Hours | None = None) -> Project:
    return Project("bank-line", "Bank", "floor", (), zone, hours=hours or Hours(), day_starts=day_starts)


def at(text: str, zone: ZoneInfo = KYIV, fold: int = 0) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).timestamp()) * SECOND


def test_a_night_is_one_day() -> None:
    night = project(day_starts=720)
    assert days.place(night, at("2026-11-06T23:30"), HALF_HOUR) == Place(date(2026, 11, 6), date(2026, 11, 6), 23)
    assert days.place(night, at("2026-11-07T02:00"), HALF_HOUR) == Place(date(2026, 11, 7), date(2026, 11, 6), 28)
    assert days.place(night, at("2026-11-07T12:00"), HALF_HOUR) == Place(date(2026, 11, 7), date(2026, 11, 7), 0)
    assert days.place(night, at("2026-11-07T02:00"), HALF_HOUR).weekday == 4
    assert days.day_of(night, at("2026-11-07T11:59")) == date(2026, 11, 6)
    assert days.begins(night, date(2026, 11, 7)) == at("2026-11-07T12:00")
    assert days.midnight(night, date(2026, 11, 7)) == at("2026-11-07T00:00")


@pytest.mark.parametrize(("day", "number", "threes"), [("2026-03-29", 46, 0), ("2026-10-25", 50, 4), ("2026-11-08", 48, 2)])
def test_a_day_has_the_half_hours_the_clock_gives_it(day: str, number: int, threes: int) -> None:
    """What comes twice is one slot twice."""
    first = date.fromisoformat(day)
    starts = list(days.intervals(project(), days.midnight(project(), first), days.midnight(project(), date.fromordinal(first.toordinal() + 1)), HALF_HOUR))
    assert len(starts) == number
    assert sum(days.place(project(), start, HALF_HOUR).slot in (6, 7) for start in starts) == threes
    assert all(after - before == HALF_HOUR for before, after in pairwise(starts))


def test_intervals_lie_on_the_local_clock() -> None:
    kathmandu = ZoneInfo("Asia/Kathmandu")
    starts = list(days.intervals(project(kathmandu), at("2026-11-08T00:10", kathmandu), at("2026-11-08T02:00", kathmandu), 60 * MINUTE))
    assert starts == [at("2026-11-08T01:00", kathmandu)]


def test_an_interval_is_open_in_part() -> None:
    hours = Hours((((9 * 3600 + 900, 18 * 3600),),) * 5 + ((),) * 2, frozenset({"2026-11-10"}))
    line = project(hours=hours)
    assert days.open_us(line, at("2026-11-09T08:30"), HALF_HOUR) == 0
    assert days.open_us(line, at("2026-11-09T09:00"), HALF_HOUR) == 15 * MINUTE
    assert days.open_us(line, at("2026-11-09T17:30"), HALF_HOUR) == HALF_HOUR
    assert days.open_us(line, at("2026-11-09T18:00"), HALF_HOUR) == 0
    assert days.open_us(line, at("2026-11-10T10:00"), HALF_HOUR) == 0  # closed
    assert days.open_us(line, at("2026-11-14T10:00"), HALF_HOUR) == 0  # Saturday
