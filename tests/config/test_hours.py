"""The grammar of opening hours."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.hours import DAYS, parse_hours
from monitor.core.contract import Hours

H = 3600
DAY = ((0, 24 * H),)
OFFICE = ((9 * H, 18 * H),)


@pytest.mark.parametrize(
    ("text", "week"),
    [
        ("Mon-Sun 00:00-24:00", (DAY,) * 7),
        ("Mon-Fri 09:00-18:00, Sat 10:00-14:00", (OFFICE,) * 5 + (((10 * H, 14 * H),), ())),
        ("mon 9:00-18:00", (OFFICE, (), (), (), (), (), ())),
        ("Mon Wed-Thu 09:00-18:00", (OFFICE, (), OFFICE, OFFICE, (), (), ())),
        ("Sat-Mon 09:00-18:00", (OFFICE, (), (), (), (), OFFICE, OFFICE)),
        ("Mon 09:00-13:00 14:00-18:30", (((9 * H, 13 * H), (14 * H, 18 * H + 1800)), (), (), (), (), (), ())),
        ("Mon 09:00-13:00, Mon 12:00-18:00", (OFFICE, (), (), (), (), (), ())),
        ("Mon 13:00-18:00, Mon 09:00-13:00", (OFFICE, (), (), (), (), (), ())),
        ("Sun 22:00-06:00", (((0, 6 * H),), (), (), (), (), (), ((22 * H, 24 * H),))),
        ("Mon-Sun 22:00-06:00", (((0, 6 * H), (22 * H, 24 * H)),) * 7),
        ("Fri 18:00-00:00", ((), (), (), (), ((18 * H, 24 * H),), (), ())),
        ("Mon–Fri 09:00–18:00", (OFFICE,) * 5 + ((), ())),
    ],
)
def test_hours_mean(text: str, week: tuple[tuple[tuple[int, int], ...], ...]) -> None:
    assert parse_hours(text) == Hours(week)


def test_closed_dates_are_kept() -> None:
    hours = parse_hours("Mon-Sun 00:00-24:00", frozenset({"2026-12-25"}))
    assert not hours.open_at(datetime(2026, 12, 25, 12, tzinfo=UTC))
    assert hours.open_at(datetime(2026, 12, 26, 0, tzinfo=UTC))


@given(day=st.integers(0, 6), start=st.integers(0, 24 * 60 - 1), end=st.integers(0, 24 * 60))
def test_a_span_is_open_exactly_from_its_start_to_its_end(day: int, start: int, end: int) -> None:
    if start == end:
        return
    hours = parse_hours(f"{DAYS[day]} {start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}")
    length = (end - start) % (24 * 60) or 24 * 60
    open_minutes = [
        minute
        for minute in range(7 * 24 * 60)
        if any(first <= minute % 1440 * 60 < last for first, last in hours.week[minute // 1440])  # the week starts on Monday
    ]
    begins = day * 1440 + start
    assert open_minutes == sorted((begins + step) % (7 * 1440) for step in range(length))
