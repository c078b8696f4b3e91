"""Rows of outgoing calls: what attempts, contacts, agents' hours and results are together, exact over any span, and what contradicts itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.hours import parse_hours
from monitor.core.contract import MINUTE, SECOND, Contract, Project
from monitor.core.direction import Direction
from monitor.errors import PlanError
from monitor.plan.formats import read_floorwatch, read_text
from monitor.plan.mapping import ColumnMapping
from monitor.plan.meter import PlanMeter
from monitor.plan.plan import NOTHING, Plan, Planned, PlanRow
from monitor.plan.presets import CALABRIO
from monitor.plan.rows import Total
from monitor.plan.scales import Scale, scaled
from monitor.plan.spread import spread

KYIV = ZoneInfo("Europe/Kyiv")
HALF = 30 * MINUTE
OUT = Direction.OUTBOUND
DEBT = Project("debt", "Debt", "floor", (), KYIV, hours=parse_hours("Mon-Fri 09:00-18:00", frozenset()))
CONTRACT = Contract(projects=(DEBT,))
WAYS = "give contact_rate, or leave aht_s empty and give agent_hours"
HEAD = "direction,project,interval_start,volume,aht_s,contact_rate,scheduled,agent_hours,results"


def read(*rows: str) -> tuple[PlanRow, ...]:
    return read_floorwatch("\n".join([HEAD, *(f"outbound,debt,{row}" for row in rows)]), CONTRACT, "plan.csv")


def refused(row: str, direction: str = "outbound") -> str:
    with pytest.raises(PlanError) as caught:
        read_floorwatch(f"{HEAD}\n{direction},debt,{row}", CONTRACT, "plan.csv")
    return str(caught.value).removeprefix("plan.csv:2: ")


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * SECOND


# --- what a row means ---------------------------------------------------------------------------------------------------------------


def test_handle_time_is_for_each_contact() -> None:
    (row,) = read("2026-12-01T09:00,120,150,0.3,,6,9")
    assert row == PlanRow(
        *("debt", at("2026-12-01T09:00+02:00"), at("2026-12-01T09:30+02:00")),
        calls_u=120_000_000,
        handle_us=36 * 150 * SECOND,
        aht_us=150 * SECOND,
        direction=OUT,
        scheduled_u=12_000_000,  # six hours of work in half an hour
        contacts_u=36_000_000,
        results_u=9_000_000,
    )


def test_without_it_the_work_is_the_whole_time_of_the_agents() -> None:
    by_hours, by_agents, without_rate = read("2026-12-01T09:00,120,,0.3,,6,", "2026-12-01T09:30,120,,0.3,12,,", "2026-12-01T10:00,120,,,,6,")
    assert {row.handle_us for row in (by_hours, by_agents, without_rate)} == {6 * 3600 * SECOND}
    assert {row.scheduled_u for row in (by_hours, by_agents, without_rate)} == {12_000_000}
    assert [row.contacts_u for row in (by_hours, by_agents, without_rate)] == [36_000_000, 36_000_000, None]
    assert by_hours.aht_us is None


def test_nothing_to_dial_needs_nothing_else() -> None:
    (row,) = read("2026-12-01T09:00,0,,,,2,")
    assert (row.calls_u, row.handle_us, row.scheduled_u, row.contacts_u) == (0, 0, 4_000_000, None)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            "2026-12-01T09:00,120,150,,,,",
            f"aht_s of outgoing calls is for each contact, and nothing says how many of 120 attempts are one; {WAYS}",
        ),
        ("2026-12-01T09:00,120,,0.3,,,", "nothing says how much work 120 attempts are; give contact_rate and aht_s, or agent_hours"),
        ("2026-12-01T09:00,120,0,0.3,,6,", "aht_s is 0 but volume is 120; give the planned seconds per contact"),
        ("2026-12-01T09:00,120,150,30,,6,", "contact_rate 30 is not a ratio; write 80 % as 0.80"),
        ("2026-12-01T09:00,120,150,0.3,12,6,", "scheduled and agent_hours both name the agents; leave one of them empty"),
        ("2026-12-01T09:00,120,150,0.3,,6,40", "results 40 is more than the 36 contacts planned (120 × 0.3); correct one of them"),
        ("2026-12-01T09:00,120,,,,6,121", "results 121 is more than the 120 attempts; correct one of them"),
        ("2026-12-01T09:00,120,150,0.3,,-1,", "agent_hours -1 is negative; write a number such as 180 or 16.25"),
        ("2026-12-01T09:00,120,150,0.3,,six,", "agent_hours 'six' is not a number; write a number such as 180 or 16.25"),
    ],
)
def test_what_contradicts_itself_is_a_bad_row(row: str, said: str) -> None:
    assert refused(row) == said


@pytest.mark.parametrize(("row", "column"), [("0.3,,,", "contact_rate"), (",,6,", "agent_hours"), (",,,9", "results")])
def test_calls_that_come_in_have_none_of_it(row: str, column: str) -> None:
    expected = f"{column} is set, but the row is inbound, and it is of outgoing calls only; leave it empty"
    assert refused(f"2026-12-01T09:00,120,150,{row}", "inbound") == expected


def test_a_mapping_names_them_too() -> None:
    own = {"project": ("List",), "interval_start": ("From",), "volume": ("Dials",), "aht_s": ("AHT",), "agent_hours": ("Hours",), "results": ("Sales",)}
    mapping = ColumnMapping("own", own, defaults={"direction": "outbound", "contact_rate": "0.25"}, projects={"Debtors": "debt"})
    found = read_text("List,From,Dials,AHT,Hours,Sales\nDebtors,2026-12-01T09:00,40,90,1.5,4\n", CONTRACT, "x", mapping).rows
    assert [(row.contacts_u, row.scheduled_u, row.results_u, row.handle_us) for row in found] == [(10_000_000, 3_000_000, 4_000_000, 900 * SECOND)]
    rows = "Debtors,20261201 09:00,20261201 09:30,40,60,30,3\n"
    preset = replace(CALABRIO, defaults={"direction": "outbound", "contact_rate": "0.25"}, projects={"Debtors": "debt"})
    assert [(row.handle_us, row.scheduled_u) for row in read_text(rows, CONTRACT, "x", preset).rows] == [(900 * SECOND, 3_000_000)]


def two_lists(*rows: str) -> tuple[PlanRow, ...]:
    """A file of several lists of one project, which are added."""
    columns = {name: (name,) for name in HEAD.split(",")}
    mapping = ColumnMapping("own", columns, projects={"one": "debt", "two": "debt"})
    text = "\n".join([HEAD.replace("project", "List"), *(f"outbound,{row}" for row in rows)])
    return read_text(text, CONTRACT, "x", replace(mapping, columns={**columns, "project": ("List",)})).rows


def test_lists_of_one_project_are_added() -> None:
    (row,) = two_lists("one,2026-12-01T09:00,100,120,0.3,,4,5", "two,2026-12-01T09:00,50,180,0.2,,2,1")
    assert (row.calls_u, row.contacts_u, row.results_u, row.scheduled_u) == (150_000_000, 40_000_000, 6_000_000, 12_000_000)
    assert (row.handle_us, row.aht_us) == ((30 * 120 + 10 * 180) * SECOND, 135 * SECOND)
    (row,) = two_lists("one,2026-12-01T09:00,100,,,,4,5", "two,2026-12-01T09:00,50,,,,2,")
    assert (row.contacts_u, row.results_u, row.aht_us, row.handle_us) == (None, None, None, 6 * 3600 * SECOND)


def test_a_list_with_a_rate_and_one_without_are_not_added() -> None:
    with pytest.raises(PlanError, match="contact_rate \\(contact_rate\\) is given in line 2 alone, and both are added; give it in both"):
        two_lists("one,2026-12-01T09:00,100,120,0.3,,4,", "two,2026-12-01T09:00,50,,,,2,")


# --- sums over time -----------------------------------------------------------------------------------------------------------------


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    quantity, unsaid = st.integers(0, 10**11), st.none() | st.integers(0, 10**11)
    numbers = draw(st.lists(st.integers(0, 8), max_size=6, unique=True))
    rows = [
        PlanRow("debt", n * HALF, (n + 1) * HALF, draw(quantity), draw(quantity), None, OUT, contacts_u=draw(unsaid), results_u=draw(unsaid)) for n in numbers
    ]
    return Plan.of(rows)


@given(plans(), st.lists(st.integers(0, 9 * HALF), min_size=2, max_size=8))
def test_however_a_span_is_cut_its_parts_sum_to_the_whole(plan: Plan, cuts: list[int]) -> None:
    cuts.sort()
    whole = plan.over("debt", cuts[0], cuts[-1], OUT)
    for parts in (
        [plan.over("debt", start, end, OUT) for start, end in pairwise(cuts)],
        [part for start, end in pairwise(cuts) for _, part in plan.minutes("debt", start, end, OUT)],
    ):
        total = NOTHING
        for part in parts:
            total += part
        assert total == whole


def test_what_one_row_does_not_say_is_not_known_of_a_span_with_it() -> None:
    said, unsaid = read("2026-12-01T09:00,120,,0.3,,6,9", "2026-12-01T09:30,80,,,,4,")
    plan = Plan.of([said, unsaid])
    first, both = plan.over("debt", said.start, said.end, OUT), plan.over("debt", said.start, unsaid.end, OUT)
    assert (first.contacts_u, first.results_u, first.contact_rate) == (36_000_000, 9_000_000, 0.3)
    assert (both.calls_u, both.contacts_u, both.results_u, both.contact_rate) == (200_000_000, None, None, None)
    row = plan.at("debt", said.start, OUT)
    assert row is not None
    assert (row.contacts_u, row.results_u) == (36_000_000, 9_000_000)
    assert plan.aht_over("debt", said.start, said.end, OUT) == 600 * SECOND
    assert plan.aht_over("debt", said.start, unsaid.end, OUT) is None


def test_a_meter_counts_them_once() -> None:
    (row,) = read("2026-12-01T09:00,120,150,0.3,,6,9")
    meter = PlanMeter(Plan.of([row]), row.start, OUT)
    parts = [part for second in range(0, 1801, 7) for _, _, part in meter.advance(row.start + second * SECOND)]
    parts += [part for _, _, part in meter.advance(row.end + HALF)]
    total = NOTHING
    for part in parts:
        total += part
    assert total == Planned(120_000_000, 36 * 150 * SECOND, 6 * 3600 * SECOND, HALF, 36_000_000, 9_000_000)


def test_inbound_rows_say_nothing_of_contacts() -> None:
    plan = Plan.of([PlanRow("debt", 0, HALF, 5, 5, None)])
    assert plan.over("debt", 0, HALF).contacts_u is None
    assert plan.rows() == {("debt", Direction.INBOUND, 0): (HALF, 5, 5, -1, -1)}


def test_a_row_with_another_rate_is_another_row() -> None:
    before, after = (Plan.of(read(f"2026-12-01T09:00,120,,{rate},,6,")) for rate in ("0.3", "0.25"))
    assert before.rows() != after.rows()


# --- totals and scales --------------------------------------------------------------------------------------------------------------


def test_a_total_is_spread_evenly_over_the_open_hours_and_needs_no_profile() -> None:
    total = Total(
        "debt", date(2026, 12, 1), date(2026, 12, 2), 1_000_000_001, 300 * 150 * SECOND, 150 * SECOND, OUT, 300_000_000, 40_000_000, 90 * 3600 * SECOND
    )
    rows = spread(total, DEBT, HALF, None)
    assert (rows[0].start, rows[-1].end, len(rows)) == (at("2026-12-01T09:00+02:00"), at("2026-12-01T18:00+02:00"), 18)
    assert sum(row.calls_u for row in rows) == 1_000_000_001
    assert sum(row.contacts_u or 0 for row in rows) == 300_000_000
    assert sum(row.results_u or 0 for row in rows) == 40_000_000
    assert sum(row.handle_us for row in rows) == 300 * 150 * SECOND
    assert {row.scheduled_u for row in rows} == {10_000_000}
    assert max(row.calls_u for row in rows) - min(row.calls_u for row in rows) <= 1


def test_a_total_by_the_agents_hours() -> None:
    rows = read_floorwatch(f"{HEAD},interval_s\noutbound,debt,2026-12-01,900,,,,90,,86400\n", CONTRACT)
    assert {(row.calls_u, row.handle_us, row.scheduled_u, row.contacts_u) for row in rows} == {(50_000_000, 5 * 3600 * SECOND, 10_000_000, None)}


def test_a_total_of_a_closed_day() -> None:
    with pytest.raises(PlanError, match="2026-12-05 has a volume, but debt is closed then"):
        read_floorwatch(f"{HEAD},interval_s\noutbound,debt,2026-12-05,900,,,,90,,86400\n", CONTRACT)


def test_a_scale_takes_attempts_contacts_and_results_and_leaves_the_agents() -> None:
    scale = Scale("debt", date(2026, 12, 1), None, Decimal("0.5"), "olena", 0, "by phone")
    (row,) = scaled(read("2026-12-01T09:00,120,150,0.3,,6,9"), [scale], CONTRACT)
    assert (row.calls_u, row.contacts_u, row.results_u, row.handle_us) == (60_000_000, 18_000_000, 4_500_000, 18 * 150 * SECOND)
    assert row.scheduled_u == 12_000_000
