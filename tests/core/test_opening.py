"""Opening hours as time that passes: over nights, closed days and changes of the clock."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.hours import parse_hours
from monitor.core.contract import MINUTE, SECOND, Project
from monitor.core.opening import begun, due
from tests.core.scene import project

KYIV = ZoneInfo("Europe/Kyiv")
HOUR = 60 * MINUTE


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=KYIV).timestamp()) * SECOND


def line(hours: str, *closed: str) -> Project:
    return project("bank", zone=KYIV, hours=parse_hours(hours, frozenset(closed)))


OFFICE = line("Mon-Fri 09:00-18:00, Sat 10:00-14:00", "2026-12-25")
NIGHT = line("Mon-Sun 22:00-06:00")
ALWAYS = line("Mon-Sun 00:00-24:00")


@pytest.mark.parametrize(
    ("one", "since", "minutes", "then"),
    [
        (OFFICE, "2026-12-01T23:00", 30, "2026-12-02T09:30"),
        (OFFICE, "2026-12-01T10:00", 30, "2026-12-01T10:30"),
        (OFFICE, "2026-12-01T17:50", 30, "2026-12-02T09:20"),
        (OFFICE, "2026-12-05T13:45", 30, "2026-12-07T09:15"),
        (OFFICE, "2026-12-24T17:45", 30, "2026-12-26T10:15"),
        (NIGHT, "2026-12-01T23:50", 30, "2026-12-02T00:20"),
        (NIGHT, "2026-12-01T05:50", 30, "2026-12-01T22:20"),
        (ALWAYS, "2026-12-01T23:50", 30, "2026-12-02T00:20"),
        (ALWAYS, "2026-03-29T02:50", 30, "2026-03-29T04:20"),  # 03:00 is 04:00
    ],
)
def test_it_is_due_when_the_line_was_open_for_so_long(one: Project, since: str, minutes: int, then: str) -> None:
    assert due(one, at(since), minutes * MINUTE) == at(then)


def test_an_hour_that_comes_twice_passes_twice() -> None:
    before = at("2026-10-25T02:30")
    assert due(ALWAYS, before, 2 * HOUR) == before + 2 * HOUR


def test_a_line_that_does_not_open_is_never_due() -> None:
    days = [f"2026-{month:02}-{day:02}" for month in (10, 11, 12) for day in range(1, 32)]
    never = line("Mon 09:00-18:00", *days)
    assert begun(never, at("2026-12-30T10:00"), MINUTE) is None
    assert due(never, at("2026-10-01T10:00"), MINUTE) is None


@given(st.integers(0, 30 * 24 * 60), st.integers(1, 2000), st.sampled_from([OFFICE, NIGHT, ALWAYS]))
def test_both_ways_are_the_same_way(minute: int, length: int, one: Project) -> None:
    """Of two instants one is due at the other just where the other looks back to the one, or to an open instant after it."""
    since = at("2026-11-01T00:00") + minute * MINUTE
    then = due(one, since, length * MINUTE)
    assert then is not None
    back = begun(one, then, length * MINUTE)
    assert back is not None
    assert since <= back
    assert not any(one.open_at(moment) for moment in range(since, back, MINUTE))
    early = begun(one, then - SECOND, length * MINUTE)
    assert early is None or early < since
