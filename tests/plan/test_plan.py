"""The plan's arithmetic: however a span is cut, nothing is lost, nothing doubled; what is not planned is not zero."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from itertools import pairwise
from operator import add

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.direction import Direction
from monitor.plan.meter import Increment, PlanMeter
from monitor.plan.plan import EMPTY, MICRO, MINUTE_US, NOTHING, Plan, Planned, PlanRow

HALF_HOUR = 30 * MINUTE_US
START = 1_772_409_600 * MICRO  # 2026-03-02T00:00Z


def row(number: int, calls_u: int = 12_500_000, aht_us: int = 180 * MICRO, project: str = "bank", **more: int | Direction | None) -> PlanRow:
    """The half-hour of this number from START."""
    start = START + number * HALF_HOUR
    direction = more.pop("direction", Direction.INBOUND)
    assert isinstance(direction, Direction)
    agents = more.pop("agents_u", None)
    assert agents is None or isinstance(agents, int)
    return PlanRow(project, start, start + HALF_HOUR, calls_u, calls_u * aht_us // MICRO, aht_us, direction, required_u=agents)


def rows(draw: st.DrawFn) -> list[PlanRow]:
    """Some half-hours, with gaps, odd volumes, and agents named or not."""
    numbers = draw(st.lists(st.integers(0, 12), max_size=8, unique=True))
    quantity = st.integers(0, 10**11)
    return [
        PlanRow(
            "bank",
            START + number * HALF_HOUR,
            START + (number + 1) * HALF_HOUR,
            calls_u=draw(quantity),
            handle_us=draw(quantity),
            aht_us=None,
            required_u=draw(st.none() | st.integers(0, 10**8)),
        )
        for number in numbers
    ]


plans = st.composite(rows)()
instants = st.integers(START - HALF_HOUR, START + 14 * HALF_HOUR)


# --- over ----------------------------------------------------------------------------------------------------------------------------


@given(plans, st.lists(instants, min_size=2, max_size=12))
def test_however_a_span_is_cut_its_parts_sum_to_the_whole(some: list[PlanRow], cuts: list[int]) -> None:
    plan = Plan.of(some)
    cuts.sort()
    parts = [plan.over("bank", start, end) for start, end in pairwise(cuts)]
    assert reduce(add, parts, NOTHING) == plan.over("bank", cuts[0], cuts[-1])
    assert all(part.calls_u >= 0 and part.handle_us >= 0 and part.covered_us >= 0 for part in parts)


@given(plans)
def test_the_whole_plan_is_the_sum_of_its_rows(some: list[PlanRow]) -> None:
    whole = Plan.of(reversed(some)).over("bank", START - HALF_HOUR, START + 20 * HALF_HOUR)
    assert whole.calls_u == sum(row.calls_u for row in some)
    assert whole.handle_us == sum(row.handle_us for row in some)
    assert whole.covered_us == len(some) * HALF_HOUR
    agents = [row.required_u for row in some]
    expected = None if not agents or None in agents else sum(agent * HALF_HOUR // MICRO for agent in agents if agent is not None)
    assert whole.agent_us == expected


@given(plans, instants, instants)
def test_a_span_is_within_a_unit_per_row_of_the_even_spread(some: list[PlanRow], first: int, second: int) -> None:
    start, end = min(first, second), max(first, second)
    planned = Plan.of(some).over("bank", start, end)
    exact = sum((Fraction(row.calls_u * max(0, min(end, row.end) - max(start, row.start)), row.end - row.start) for row in some), Fraction())
    assert abs(planned.calls_u - exact) < 2
    assert planned.covered_us == sum(max(0, min(end, row.end) - max(start, row.start)) for row in some)


def test_a_half_hour_of_12_and_a_half_calls_at_180_seconds_is_1_25_erlangs() -> None:
    planned = Plan.of([row(0)]).over("bank", START, START + HALF_HOUR)
    assert planned == Planned(12_500_000, 2250 * MICRO, None, HALF_HOUR)
    assert Fraction(planned.handle_us, HALF_HOUR) == Fraction(5, 4)


def test_agents_are_agent_microseconds() -> None:
    plan = Plan.of([row(0, agents_u=4_500_000), row(1, agents_u=6 * MICRO)])
    assert plan.over("bank", START, START + 2 * HALF_HOUR).agent_us == 9 * HALF_HOUR // 2 + 6 * HALF_HOUR
    assert plan.over("bank", START + HALF_HOUR - 1, START + HALF_HOUR + 1).agent_us == 11


def test_a_missing_row_is_no_plan_and_a_row_without_agents_is_not_zero_agents() -> None:
    plan = Plan.of([row(0, agents_u=MICRO), row(2, calls_u=0, agents_u=0), row(3)])
    hole = plan.over("bank", START + HALF_HOUR, START + 2 * HALF_HOUR)
    assert hole == NOTHING
    assert hole.covered_us == 0
    assert hole.agent_us is None
    assert plan.over("bank", START + 2 * HALF_HOUR, START + 3 * HALF_HOUR) == Planned(0, 0, 0, HALF_HOUR)
    assert plan.over("bank", START, START + 3 * HALF_HOUR).agent_us == HALF_HOUR
    assert plan.over("bank", START, START + 4 * HALF_HOUR).agent_us is None


def test_nothing_is_planned_for_a_span_that_is_empty_or_backwards_or_a_project_that_is_unknown() -> None:
    plan = Plan.of([row(0)])
    assert plan.over("bank", START + 5, START + 5) == NOTHING
    assert plan.over("bank", START + 5, START) == NOTHING
    assert plan.over("shop", START, START + HALF_HOUR) == NOTHING
    assert plan.over("bank", START, START + HALF_HOUR, Direction.OUTBOUND) == NOTHING
    assert EMPTY.over("bank", START, START + HALF_HOUR) == NOTHING


def test_rows_that_overlap_are_refused_and_touching_ones_are_not() -> None:
    later = PlanRow("bank", START + HALF_HOUR - 1, START + 2 * HALF_HOUR, 1, 1, None)
    with pytest.raises(ValueError, match=r"^plan rows of bank overlap at "):
        Plan.of([later, row(0)])
    assert Plan.of([row(1), row(0), row(0, project="shop"), row(0, direction=Direction.OUTBOUND)]).projects() == ("bank", "shop")


def test_the_covered_parts_of_a_span_are_its_rows_cut_to_it() -> None:
    plan = Plan.of([row(0), row(1), row(3)])
    assert list(plan.covered("bank", START + HALF_HOUR, START + 3 * HALF_HOUR + 7)) == [
        (START + HALF_HOUR, START + 2 * HALF_HOUR),
        (START + 3 * HALF_HOUR, START + 3 * HALF_HOUR + 7),
    ]
    assert list(plan.covered("bank", START + 2 * HALF_HOUR, START + 3 * HALF_HOUR)) == []
    assert list(plan.covered("shop", START, START + HALF_HOUR)) == []


# --- at ------------------------------------------------------------------------------------------------------------------------------


def test_the_row_in_force_holds_from_its_start_to_before_its_end() -> None:
    plan = Plan.of([row(0, aht_us=200 * MICRO, agents_u=3 * MICRO), row(2)])
    assert plan.at("bank", START - 1) is None
    first = plan.at("bank", START)
    assert first is not None
    assert (first.start, first.end, first.calls_u, first.aht_us, first.agents_u) == (START, START + HALF_HOUR, 12_500_000, 200 * MICRO, 3 * MICRO)
    assert plan.at("bank", START + HALF_HOUR - 1) == first
    assert plan.at("bank", START + HALF_HOUR) is None
    assert plan.at("shop", START) is None
    last = plan.at("bank", START + 2 * HALF_HOUR)
    assert last is not None
    assert last.agents_u is None


def test_the_end_of_a_plan_is_the_end_of_its_last_row() -> None:
    plan = Plan.of([row(7), row(0), row(1, direction=Direction.OUTBOUND)])
    assert plan.end("bank") == START + 8 * HALF_HOUR
    assert plan.end("bank", Direction.OUTBOUND) == START + 2 * HALF_HOUR
    assert plan.end("shop") is None


def test_the_handle_time_of_a_span_is_weighted_by_volume() -> None:
    plan = Plan.of([row(0, calls_u=30 * MICRO, aht_us=100 * MICRO), row(1, calls_u=10 * MICRO, aht_us=300 * MICRO), row(3, calls_u=0)])
    assert plan.aht_us("bank", START) == 100 * MICRO
    assert plan.aht_us("bank", START + 2 * HALF_HOUR) is None
    assert plan.aht_over("bank", START, START + 2 * HALF_HOUR) == 150 * MICRO
    assert plan.aht_over("bank", START + 3 * HALF_HOUR, START + 4 * HALF_HOUR) is None


def test_agents_of_a_group_are_unknown_as_soon_as_one_projects_are() -> None:
    plan = Plan.of(
        [
            *(row(0, agents_u=4 * MICRO), row(0, agents_u=2 * MICRO, project="shop"), row(0, agents_u=MICRO, direction=Direction.OUTBOUND)),
            *(row(1, agents_u=4 * MICRO), row(2, agents_u=4 * MICRO), row(2, project="shop")),
        ]
    )
    assert plan.agents(["bank", "shop"], START) == 7 * MICRO
    assert plan.agents(["bank"], START + HALF_HOUR) == 4 * MICRO
    assert plan.agents(["bank", "shop"], START + HALF_HOUR) is None
    assert plan.agents(["bank", "shop"], START + 2 * HALF_HOUR) is None
    assert plan.agents([], START) is None
    blended = Plan.of([row(0, agents_u=4 * MICRO), row(0, direction=Direction.OUTBOUND)])
    assert blended.agents(["bank"], START) is None


def test_planned_agents_are_the_scheduled_else_the_required() -> None:
    both = PlanRow("bank", START, START + HALF_HOUR, 0, 0, None, required_u=5, scheduled_u=0)
    assert both.agents_u == 0
    assert PlanRow("bank", START, START + HALF_HOUR, 0, 0, None, required_u=5).agents_u == 5
    assert PlanRow("bank", START, START + HALF_HOUR, 0, 0, None).agents_u is None


# --- the meter -----------------------------------------------------------------------------------------------------------------------


def total(increments: list[Increment]) -> Planned:
    return reduce(add, (planned for _, _, planned in increments), NOTHING)


@given(plans, st.lists(instants, min_size=1, max_size=12))
def test_a_meter_counts_each_instant_once_whatever_the_ticks(some: list[PlanRow], ticks: list[int]) -> None:
    plan = Plan.of(some)
    meter = PlanMeter(plan, START - HALF_HOUR)
    increments = [increment for tick in ticks for increment in meter.advance(tick)]
    assert total(increments) == plan.over("bank", START - HALF_HOUR, max(ticks))
    assert meter.at == max(ticks)


@given(plans, st.lists(instants, min_size=1, max_size=6))
def test_a_meters_minutes_are_what_the_plan_says_of_them(some: list[PlanRow], ticks: list[int]) -> None:
    plan = Plan.of(some)
    meter = PlanMeter(plan, START - HALF_HOUR)
    minutes: dict[int, Planned] = {}
    for tick in ticks:
        for project, minute, planned in meter.advance(tick):
            assert project == "bank"
            assert minute % MINUTE_US == 0
            assert planned.covered_us > 0
            minutes[minute] = minutes.get(minute, NOTHING) + planned
    for minute, planned in minutes.items():
        assert planned == plan.over("bank", minute, min(minute + MINUTE_US, max(ticks)))


def test_time_never_goes_back() -> None:
    meter = PlanMeter(Plan.of([row(0)]), START)
    assert [minute for _, minute, _ in meter.advance(START + 90 * MICRO)] == [START, START + MINUTE_US]
    assert meter.advance(START + 90 * MICRO) == []
    assert meter.advance(START) == []
    assert [planned.covered_us for _, _, planned in meter.advance(START + 91 * MICRO)] == [MICRO]


def test_another_plan_changes_only_the_future() -> None:
    old, new = Plan.of([row(0)]), Plan.of([row(0, calls_u=100 * MICRO), row(0, project="shop")])
    now, end = START + 10 * MINUTE_US + 1, START + HALF_HOUR
    meter = PlanMeter(old, START)
    before = meter.advance(now - 30 * MICRO) + meter.replace(new, now)
    assert total(before) == old.over("bank", START, now)
    assert meter.plan is new
    after = meter.advance(end)
    assert total([increment for increment in after if increment[0] == "bank"]) == new.over("bank", now, end)
    assert total([increment for increment in after if increment[0] == "shop"]) == new.over("shop", now, end)


def test_a_meter_is_of_one_direction() -> None:
    plan = Plan.of([row(0), row(0, calls_u=7, direction=Direction.OUTBOUND)])
    assert total(PlanMeter(plan, START, Direction.OUTBOUND).advance(START + HALF_HOUR)).calls_u == 7
    assert total(PlanMeter(plan, START).advance(START + HALF_HOUR)).calls_u == 12_500_000


def test_a_jump_over_a_century_without_a_plan_costs_nothing() -> None:
    meter = PlanMeter(Plan.of([row(0)]), START)
    assert len(meter.advance(START + 100 * 365 * 86_400 * MICRO)) == 30
