"""Who calls, against the plan that the centre was built around."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from monitor.core.contract import SECOND
from monitor.demo.demand import Call, calls, planned, slots
from monitor.demo.events import Happening, Kind, instant
from monitor.demo.world import BANK, LINES, SHOP, TAXI, Line

DAY = date(2026, 11, 25)
SEEDS = 20
SOME = 6


def _plan(line: Line) -> float:
    return sum(row.volume for row in planned(DAY) if row.line is line and row.reached is None)


def _happening(kind: Kind, first: float, last: float, line: Line | None = None) -> Happening:
    return Happening(kind, instant(DAY, first), instant(DAY, last), "begins", "ends", line)


def _between(found: list[Call], line: Line, first: float, last: float) -> list[int]:
    return [call.at for call in found if call.line is line and instant(DAY, first) <= call.at < instant(DAY, last)]


@pytest.fixture(scope="module")
def quiet() -> list[list[Call]]:
    """Days on which nothing happens."""
    return [calls(str(seed), DAY, ()) for seed in range(SEEDS)]


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.project)
def test_a_day_brings_what_was_planned(quiet: list[list[Call]], line: Line) -> None:
    mean = sum(call.line is line for day in quiet for call in day) / SEEDS
    assert mean == pytest.approx(_plan(line), rel=0.05)


def test_the_plan_has_the_day_s_shape(quiet: list[list[Call]]) -> None:
    for row in planned(DAY):
        if row.reached is not None or row.volume < 30:
            continue
        hours = [call.at for day in quiet for call in day if call.line is row.line and row.start <= call.at < row.start + 1800 * SECOND]
        assert len(hours) / SEEDS == pytest.approx(row.volume, rel=0.15)


def test_a_seed_is_a_day() -> None:
    assert calls("5", DAY, ()) == calls("5", DAY, ())
    assert calls("5", DAY, ()) != calls("6", DAY, ())
    later = timedelta(days=1) // timedelta(microseconds=1)  # whatever the date is
    assert [call.at - later for call in calls("5", date(2026, 11, 26), ())] == [call.at for call in calls("5", DAY, ())]


def test_a_client_who_takes_half_away_takes_half_of_the_same_day(quiet: list[list[Call]]) -> None:
    loss = (_happening(Kind.CLIENT_LOSS, 10.5, 24, SHOP),)
    lost = [calls(str(seed), DAY, loss) for seed in range(SOME)]
    for before, after in zip(quiet, lost, strict=False):
        assert set(_between(after, SHOP, 0, 24)) < set(_between(before, SHOP, 0, 24))
        assert _between(after, SHOP, 8, 10.5) == _between(before, SHOP, 8, 10.5)
        assert _between(after, BANK, 0, 24) == _between(before, BANK, 0, 24)
    share = sum(len(_between(day, SHOP, 10.5, 22)) for day in lost) / sum(len(_between(day, SHOP, 10.5, 22)) for day in quiet[:SOME])
    assert share == pytest.approx(0.5, abs=0.04)


def test_a_failed_trunk_lets_nobody_through(quiet: list[list[Call]]) -> None:
    down = calls("3", DAY, (_happening(Kind.TRUNK_DOWN, 11, 12, BANK),))
    assert _between(down, BANK, 11, 12) == []
    assert _between(down, BANK, 12, 20) == _between(quiet[3], BANK, 12, 20)
    assert _between(down, TAXI, 0, 24) == _between(quiet[3], TAXI, 0, 24)


def test_an_alarm_silences_and_a_storm_brings_calls(quiet: list[list[Call]]) -> None:
    alarm, storm = (_happening(Kind.ALARM, 11, 12),), (_happening(Kind.STORM, 14, 15),)
    ordinary = sum(len(_between(day, BANK, 11, 12)) for day in quiet[:SOME])
    assert sum(len(_between(calls(str(seed), DAY, alarm), BANK, 11, 12)) for seed in range(SOME)) < 0.6 * ordinary
    ordinary = sum(len(_between(day, TAXI, 14, 15)) for day in quiet[:SOME])
    assert sum(len(_between(calls(str(seed), DAY, storm), TAXI, 14, 15)) for seed in range(SOME)) > 1.8 * ordinary


@pytest.mark.parametrize(("day", "halves"), [(date(2026, 11, 25), 48), (date(2026, 3, 29), 46), (date(2026, 10, 25), 50)])
def test_a_day_with_a_clock_change_has_its_own_length(day: date, halves: int) -> None:
    assert len(list(slots(day))) == halves
    assert sum(row.line is TAXI for row in planned(day)) == halves
    assert sum(row.line is BANK for row in planned(day)) == 22


def test_no_agent_is_planned_twice() -> None:
    for start, _ in slots(DAY):
        assert sum(row.scheduled for row in planned(DAY) if row.start == start) <= 36
