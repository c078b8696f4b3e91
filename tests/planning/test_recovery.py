"""`plan build` on eight weeks of generated queue_log recovers the rates they were generated with, within sampling error.

In the weeks are a clock change, a holiday, an outage of a Saturday, an evening under alarm, and lost callers who dial again. `recovery` states the
errors. The tests at the end prove that what is left out matters: the same comparison fails without it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest

from monitor.plan import level, silence
from monitor.plan.fit import Fitted
from monitor.plan.formats import read_floorwatch
from monitor.plan.history import Cover, Tally, rough_plan
from monitor.plan.plan import PlanRow
from monitor.plan.seen import Held
from monitor.planning import building
from monitor.planning.building import Built, Wishes
from monitor.sources.queue_log import parse
from tests.plan.generated import BANK, KYIV, LINES, Line, Weeks, queue_log, weeks_of
from tests.planning import centre
from tests.planning.recovery import errors

SPRING, AUTUMN = date(2026, 4, 13), date(2026, 11, 9)  # the Mondays after eight weeks with 29 March and 25 October among them


@dataclass(frozen=True)
class World:
    folder: Path
    weeks: Weeks

    def build(self, *, leave_out: bool = True, redials: bool = True) -> Built:
        holidays = frozenset({self.weeks.holiday}) if leave_out and self.weeks.holiday else frozenset[date]()
        loaded = centre.load(self.folder, self.weeks if leave_out else None)
        wishes = Wishes("queue_log", out=self.folder / "plan.csv", holidays=holidays, redials=redials, force=True)
        return building.build(loaded, wishes, centre.nine(self.weeks.past))


def world(folder: Path, past: date) -> World:
    weeks = weeks_of(past, seed=7)
    centre.write(folder)
    (folder / "queue_log").write_text(queue_log(weeks), encoding="utf-8")
    return World(folder, weeks)


@pytest.fixture(scope="module")
def autumn(tmp_path_factory: pytest.TempPathFactory) -> World:
    return world(tmp_path_factory.mktemp("autumn"), AUTUMN)


@pytest.fixture(scope="module", params=[SPRING, AUTUMN], ids=["spring", "autumn"])
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Built, tuple[PlanRow, ...]]:
    """A plan, and what its file reads back as."""
    one: World = request.getfixturevalue("autumn") if request.param == AUTUMN else world(tmp_path_factory.mktemp("spring"), SPRING)
    made = one.build()
    text = (one.folder / "plan.csv").read_text(encoding="utf-8")
    return one, made, read_floorwatch(text, centre.load(one.folder).contract)


def recovered(line: Line, rows: tuple[PlanRow, ...]) -> bool:
    """Whether a plan is within sampling error of the line's rates."""
    found = errors(line, rows)
    return abs(found.total) < 3 and abs(found.weekday) < 3 and found.shape < 1 and abs(found.aht) < 3


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.project)
def test_the_rates_are_recovered(built: tuple[World, Built, tuple[PlanRow, ...]], line: Line) -> None:
    found = errors(line, built[2])
    assert abs(found.total) < 3, found
    assert abs(found.weekday) < 3, found  # the worst of five to seven
    assert found.shape < 1, found
    assert abs(found.aht) < 3, found


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.project)
def test_k_is_recovered(built: tuple[World, Built, tuple[PlanRow, ...]], line: Line) -> None:
    """σ² of m free days has the standard error √(2/m)·(1/k+1/F); both are drawn towards 1/20 by 15 days."""
    known = fitted(built[1], line)
    assert known.k is not None
    free = known.used - len(known.level.weekday) - 1
    daily = sum(known.level.weekday.values()) / 7
    error = math.sqrt(2 / free) * (1 / line.k + 1 / daily) * free / (free + 15)
    assert 1 / known.k == pytest.approx((free / line.k + 15 / 20) / (free + 15), abs=3 * error)


def test_what_is_left_out_is_what_happened(built: tuple[World, Built, tuple[PlanRow, ...]]) -> None:
    one, made, _ = built
    assert one.weeks.outage is not None
    bank = next(outcome for outcome in made.outcomes if outcome.project.name == BANK.project)
    assert bank.seen is not None
    held: dict[Held, set[date]] = {}
    for day in bank.seen.days:
        for interval in day.intervals:
            if interval.held is not None:
                held.setdefault(interval.held, set()).add(day.date)
    assert one.weeks.alarm is not None
    assert held == {Held.HOLIDAY: {one.weeks.holiday}, Held.BLIND: {one.weeks.outage[0].date()}, Held.INCIDENT: {one.weeks.alarm[0].date()}}


def fitted(made: Built, line: Line) -> Fitted:
    known = next(outcome.known for outcome in made.outcomes if outcome.project.name == line.project)
    assert known is not None
    return known


def test_the_last_two_weeks_are_predicted_near_the_floor(built: tuple[World, Built, tuple[PlanRow, ...]]) -> None:
    """Never under it by more than luck, and over it by no more than the days' own variation and the level's error explain."""
    for outcome in built[1].outcomes:
        assert outcome.trial is not None
        assert 0.85 < outcome.trial.intervals.error / outcome.trial.intervals.floor < 1.6
        assert outcome.trial.days.error < 2.2 * outcome.trial.days_due


# --- the test can fail --------------------------------------------------------------------------------------------------------------


def test_robustness_alone_bears_what_nobody_named(autumn: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silence, "CHANCE", 0.0)
    rows = autumn.build(leave_out=False).rows
    assert recovered(BANK, rows), errors(BANK, rows)


def test_without_exclusions_and_robustness_it_fails(autumn: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silence, "CHANCE", 0.0)
    monkeypatch.setattr(level, "_descending", lambda spread: 1.0)
    rows = autumn.build(leave_out=False).rows
    assert not recovered(BANK, rows), errors(BANK, rows)


def test_with_redials_counted_it_fails(autumn: World) -> None:
    rows = autumn.build(redials=False).rows
    assert not recovered(BANK, rows), errors(BANK, rows)


def test_the_rough_plan_of_the_same_log_fails(autumn: World) -> None:
    """The mean of each weekday's intervals, as `init` drafts it."""
    contract = centre.load(autumn.folder).contract
    tally = Tally(contract.project[BANK.project], contract.interval_us)
    with (autumn.folder / "queue_log").open(encoding="utf-8") as file:
        for row in filter(None, map(parse, file)):
            if row.queue in BANK.queues:
                tally.add(row, row.at_s * 1_000_000)
    start, end = (centre.nine(day) - 9 * 3600 * 1_000_000 for day in (autumn.weeks.first, autumn.weeks.past))
    rows = [row for row in rough_plan(tally, Cover(start, end, 56), AUTUMN) if row.calls_u]
    assert not recovered(BANK, tuple(row for row in rows if BANK.rate(*_cell(BANK, row.start))))


def _cell(line: Line, start: int) -> tuple[int, int]:
    local = datetime.fromtimestamp(start // 1_000_000, KYIV)
    return line.day_of(local).weekday(), local.hour * 2 + local.minute // 30
