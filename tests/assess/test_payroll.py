"""Payroll: local days, nights, clock changes, classes; and every microsecond of the spans in one row."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.assess.payroll import Class, PaidBy, Row, added_up, changes, payroll
from monitor.core.chronicle import AgentSpan
from monitor.core.contract import MINUTE, SECOND, Contract, Group
from monitor.core.incidents import Incident, IncidentKind, Scope
from monitor.core.pay import HOUR_US, HUNDREDTHS, Multipliers, Pay, Wage
from monitor.core.snapshot import State
from monitor.core.spent import Spent
from tests.core.scene import REASONS, contract, project

D = Decimal
KYIV = ZoneInfo("Europe/Kyiv")
MONDAY = date(2026, 11, 2)
GROUPS = (Group("floor", pause_reasons=REASONS), Group("night"))


def site(wages: Sequence[Wage] = (Wage(D("180.00"), group="floor"),), holidays: frozenset[date] = frozenset(), **multipliers: Any) -> Contract:
    return contract(project("bank"), zone=KYIV, groups=GROUPS, pay=Pay(tuple(wages), Multipliers(**multipliers), holidays))


def at(clock: str, day: date = MONDAY, fold: int = 0) -> int:
    moment = datetime.combine(day, time.fromisoformat(clock), tzinfo=KYIV).replace(fold=fold)
    return int(moment.timestamp()) * SECOND


def span(begun: int, ended: int, state: State = State.AVAILABLE, reason: str = "", person: str = "ann", **more: Any) -> AgentSpan:
    return AgentSpan(person, begun, ended, more.get("group", "floor"), state.value, more.get("project"), reason)


def shown(rows: Sequence[Row]) -> list[tuple[int, str, str, D]]:
    """Day of the month, project, class and hours."""
    return [(row.day.day, row.project, row.kind.value, row.hours) for row in rows]


# --- rows -----------------------------------------------------------------------------------------------------------------------------


def test_a_day_by_project_and_class() -> None:
    spans = [
        span(at("09:00"), at("10:00")),
        span(at("10:00"), at("11:30"), State.TALK, project="bank"),
        span(at("11:30"), at("11:45"), State.PAUSED, "break"),
        span(at("11:45"), at("12:15"), State.PAUSED, "lunch"),
        span(at("12:15"), at("12:20"), State.PAUSED, "cigarette"),
        span(at("12:20"), at("13:00"), State.WRAPUP, project="bank"),
    ]
    rows = payroll(site(), spans)
    assert shown(rows) == [
        (2, "", "paid_break", D("0.33")),
        (2, "", "regular", D("1.00")),
        (2, "", "unpaid_break", D("0.50")),
        (2, "bank", "regular", D("2.17")),
    ]
    assert [row.amount for row in rows] == [D("60.00"), D("180.00"), D("0.00"), D("390.00")]
    assert {(row.first_login, row.last_logout) for row in rows} == {(at("09:00"), at("13:00"))}
    assert [row.seconds for row in rows] == [1200, 3600, 1800, 7800]


def test_seconds_are_exact_and_hours_rounded_half_up() -> None:
    (row,) = payroll(site(), [span(at("09:00"), at("09:00") + 18 * SECOND + 1)])
    assert (row.seconds, row.hours) == (D("18.000001"), D("0.01"))
    (row,) = payroll(site(), [span(at("09:00"), at("09:00") + 18 * SECOND)])
    assert row.hours == D("0.01")
    (row,) = payroll(site(), [span(at("09:00"), at("09:00") + 18 * SECOND - 1)])
    assert row.hours == D("0.00")


def test_a_night_is_cut_at_its_edges_and_at_midnight() -> None:
    rows = payroll(site(night=D("1.2")), [span(at("21:10"), at("06:20", MONDAY + timedelta(days=1)))])
    assert shown(rows) == [(2, "", "night", D("2.00")), (2, "", "regular", D("0.83")), (3, "", "night", D("6.00")), (3, "", "regular", D("0.33"))]
    assert [row.amount for row in rows] == [D("432.00"), D("150.00"), D("1296.00"), D("60.00")]
    assert (rows[0].last_logout, rows[2].first_login) == (at("00:00", MONDAY + timedelta(days=1)),) * 2


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), "7.00"), (date(2026, 10, 25), "9.00")])
def test_a_night_of_a_clock_change_is_as_long_as_it_was(day: date, hours: str) -> None:
    """From 22 to 6 the clock shows 8 hours."""
    rows = payroll(site(), [span(at("22:00", day - timedelta(days=1)), at("06:00", day))])
    assert {row.kind for row in rows} == {Class.NIGHT}
    assert sum(row.hours for row in rows) == D(hours)
    assert rows[1].hours == D(hours) - 2


def test_a_holiday_goes_before_a_cheaper_night() -> None:
    agreed = site(night=D("1.2"), holiday=D(2), holidays=frozenset({MONDAY}))
    rows = payroll(agreed, [span(at("21:00"), at("01:00", MONDAY + timedelta(days=1)))])
    assert shown(rows) == [(2, "", "holiday", D("3.00")), (3, "", "night", D("1.00"))]
    assert [row.amount for row in rows] == [D("1080.00"), D("216.00")]


def test_a_paid_break_at_night_is_paid_as_the_night() -> None:
    (row,) = payroll(site(night=D("1.2")), [span(at("23:00"), at("23:10"), State.PAUSED, "break")])
    assert (row.kind, row.amount) == (Class.PAID_BREAK, D("36.00"))


def test_overtime_begins_where_the_paid_time_of_a_day_reaches_it() -> None:
    agreed = site(overtime=D("1.5"), overtime_after_us=8 * HOUR_US)
    spans = [
        span(at("08:00"), at("12:00")),
        span(at("12:00"), at("13:00"), State.PAUSED, "lunch"),
        span(at("13:00"), at("17:10"), State.TALK, project="bank"),
        span(at("17:10"), at("17:40"), State.PAUSED, "break"),
    ]
    rows = payroll(agreed, reversed(spans))
    assert shown(rows) == [
        (2, "", "paid_break", D("0.50")),
        (2, "", "regular", D("4.00")),
        (2, "", "unpaid_break", D("1.00")),
        (2, "bank", "overtime", D("0.17")),
        (2, "bank", "regular", D("4.00")),
    ]
    assert [row.amount for row in rows] == [D("135.00"), D("720.00"), D("0.00"), D("45.00"), D("720.00")]


def test_each_day_has_its_own_overtime() -> None:
    agreed = site(overtime=D("1.5"), overtime_after_us=2 * HOUR_US, night_from=time(0), night_to=time(0))
    rows = payroll(agreed, [span(at("22:00"), at("03:00", MONDAY + timedelta(days=1)))])
    assert shown(rows) == [(2, "", "regular", D("2.00")), (3, "", "overtime", D("1.00")), (3, "", "regular", D("2.00"))]


def test_of_several_the_highest_counts() -> None:
    agreed = site(overtime=D("1.5"), overtime_after_us=0, night=D(2))
    (row,) = payroll(agreed, [span(at("23:00"), at("23:30"))])
    assert (row.kind, row.amount) == (Class.NIGHT, D("180.00"))


# --- downtime -------------------------------------------------------------------------------------------------------------------------

BLACKOUT = Incident("1", IncidentKind.POWER, Scope(), at("10:00"), at("11:10"))
DOWNTIME: dict[str, Any] = {"downtime": D("0.67"), "downtime_kinds": frozenset({"power"})}
THROUGH = [
    span(at("09:00"), at("10:30"), State.UNREACHABLE),
    span(at("10:30"), at("10:40"), State.TALK, project="bank"),
    span(at("10:40"), at("10:50"), State.PAUSED, "break"),
    span(at("10:50"), at("11:00"), State.PAUSED, "lunch"),
    span(at("11:00"), at("12:10"), State.UNOBSERVED),
]


def test_nobody_can_work_in_a_downtime() -> None:
    rows = payroll(site(**DOWNTIME), THROUGH, [BLACKOUT])
    assert shown(rows) == [
        (2, "", "downtime", D("0.83")),
        (2, "", "regular", D("2.00")),
        (2, "", "unpaid_break", D("0.17")),
        (2, "bank", "regular", D("0.17")),
    ]
    assert rows[0].amount == D("100.50")


def test_a_downtime_goes_before_a_night_even_if_it_is_paid_less() -> None:
    agreed = site(**DOWNTIME, night=D(2), night_from=time(9), night_to=time(12))
    (row,) = payroll(agreed, [span(at("10:00"), at("11:00"))], [BLACKOUT])
    assert (row.kind, row.amount) == (Class.DOWNTIME, D("120.60"))


@pytest.mark.parametrize(
    ("incident", "is_one"),
    [
        (BLACKOUT, True),
        (replace(BLACKOUT, until=None), True),
        (replace(BLACKOUT, kind=IncidentKind.AIR_RAID), False),
        (replace(BLACKOUT, scope=Scope.of("group:floor")), True),
        (replace(BLACKOUT, scope=Scope.of("group:night")), False),
        (replace(BLACKOUT, scope=Scope.of("project:bank")), True),  # all that the group works for
        (replace(BLACKOUT, until=at("09:50"), since=at("09:00")), False),  # recovery is no downtime
    ],
)
def test_a_downtime_is_of_agreed_kinds_and_of_ones_group(incident: Incident, is_one: bool) -> None:
    (row,) = payroll(site(**DOWNTIME), [span(at("10:00"), at("10:05"))], [incident])
    assert (row.kind is Class.DOWNTIME) is is_one


# --- wages ----------------------------------------------------------------------------------------------------------------------------


def test_nobody_says_what_a_person_earns() -> None:
    rows = payroll(site([]), [span(at("09:00"), at("10:00")), span(at("10:00"), at("10:30"), State.PAUSED, "lunch")])
    assert [(row.kind, row.wage, row.amount) for row in rows] == [(Class.REGULAR, None, None), (Class.UNPAID_BREAK, None, D("0.00"))]


def test_a_wage_of_ones_own_and_of_its_day() -> None:
    wages = (Wage(D(200), person="ann", last=MONDAY), Wage(D(300), person="ann", first=MONDAY + timedelta(days=1)), Wage(D(100), group="floor"))
    spans = [span(at("23:00"), at("01:00", MONDAY + timedelta(days=1))), span(at("23:00"), at("23:30"), person="bob")]
    rows = payroll(site(wages), spans)
    assert [(row.person, row.wage, row.amount) for row in rows] == [
        ("ann", D(200), D(200)),
        ("ann", D(300), D(300)),
        ("bob", D(100), D(50)),
    ]


def test_in_two_groups_with_two_wages_one_has_two_rows() -> None:
    wages = (Wage(D(100), group="floor"), Wage(D(120), group="night"))
    spans = [span(at("09:00"), at("10:00")), span(at("10:00"), at("11:00"), group="night"), span(at("11:00"), at("12:00"), group=None)]
    rows = payroll(site(wages), spans)
    assert sorted((row.wage or 0, row.amount or 0) for row in rows) == [(0, 0), (100, 100), (120, 120)]


def test_it_costs_what_the_ledger_says_while_neither_overtime_nor_downtime_differs() -> None:
    agreed = site([Wage(D("33.33"), group="floor")], night=D("1.255"))
    spans = [span(at("21:00"), at("21:50")), span(at("21:50"), at("22:40"), State.TALK, project="bank")]
    ledger = 60 * MINUTE * 3333 + 40 * MINUTE * 4183  # 33.33 × 1.255 is 41.83 to the coin
    assert abs(sum(row.amount or 0 for row in payroll(agreed, spans)) - D(ledger) / (HOUR_US * HUNDREDTHS)) <= D("0.015")


# --- the roster -----------------------------------------------------------------------------------------------------------------------

ROSTER = {("ann", MONDAY): [(at("09:00"), at("12:00"))], ("bob", MONDAY): [(at("09:00"), at("10:00"))]}
CAME = [span(at("08:30"), at("10:00")), span(at("10:30"), at("12:20"), State.TALK, project="bank")]


def test_paid_by_what_was_spent() -> None:
    assert shown(payroll(site(), CAME, roster=ROSTER)) == [(2, "", "regular", D("1.50")), (2, "bank", "regular", D("1.83"))]


def test_paid_by_the_roster_whoever_came() -> None:
    rows = payroll(site(), CAME, paid_by=PaidBy.ROSTER, roster=ROSTER)
    assert [(row.person, *shown([row])[0][1:]) for row in rows] == [
        ("ann", "", "regular", D("1.50")),  # from 9 to 10, and until 10:30 though away
        ("ann", "", "unscheduled", D("0.50")),
        ("ann", "bank", "regular", D("1.50")),
        ("ann", "bank", "unscheduled", D("0.33")),
        ("bob", "", "regular", D("1.00")),
    ]
    assert sum(row.amount or 0 for row in rows if row.person == "ann") == D("540.00")
    assert (rows[-1].first_login, rows[-1].last_logout, rows[-1].amount) == (None, None, None)  # nobody says whose wage is bob's


def test_a_roster_that_says_a_time_twice_pays_it_once() -> None:
    twice = {("ann", MONDAY): [(at("09:00"), at("12:00")), (at("09:30"), at("10:00"))], ("ann", MONDAY + timedelta(days=1)): [(at("11:00"), at("12:30"))]}
    assert shown(payroll(site(), [], paid_by=PaidBy.ROSTER, roster=twice)) == [(2, "", "regular", D("3.50"))]


def test_paid_by_what_both_say() -> None:
    rows = payroll(site(), CAME, paid_by=PaidBy.MIN, roster=ROSTER)
    assert shown(rows) == [
        (2, "", "regular", D("1.00")),
        (2, "", "unscheduled", D("0.50")),
        (2, "bank", "regular", D("1.50")),
        (2, "bank", "unscheduled", D("0.33")),
    ]


def test_who_could_not_come_for_a_blackout_had_a_downtime() -> None:
    rows = payroll(site(**DOWNTIME), [], [BLACKOUT], PaidBy.ROSTER, {("ann", MONDAY): [(at("09:00"), at("12:00"))]})
    assert shown(rows) == [(2, "", "regular", D("3.00"))]  # of no group that is known
    came = payroll(site(**DOWNTIME), [span(at("09:00"), at("10:00"))], [BLACKOUT], PaidBy.ROSTER, {("ann", MONDAY): [(at("09:00"), at("12:00"))]})
    assert shown(came) == [(2, "", "downtime", D("1.17")), (2, "", "regular", D("1.83"))]


@pytest.mark.parametrize("paid_by", [PaidBy.ROSTER, PaidBy.MIN])
def test_a_roster_has_to_be_there(paid_by: PaidBy) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(f'paid_by {paid_by}: no roster is known; give one, or pay by login')}$"):
        payroll(site(), CAME, paid_by=paid_by)


# --- properties -----------------------------------------------------------------------------------------------------------------------


@st.composite
def shifts(draw: st.DrawFn) -> list[AgentSpan]:
    """Two people around a clock change, each in one state after the other."""
    found = []
    for person in ("ann", "bob"):
        now = at("18:00", date(2026, 10, 24)) + draw(st.integers(0, 6 * HOUR_US))
        for _ in range(draw(st.integers(0, 8))):
            begun = now + draw(st.sampled_from([0, 0, 7 * SECOND]))
            now = begun + draw(st.integers(0, 5 * HOUR_US))
            state = draw(st.sampled_from(list(State)))
            reason = draw(st.sampled_from(["lunch", "break", ""])) if state is State.PAUSED else ""
            found.append(
                span(begun, now, state, reason, person, project=draw(st.sampled_from([None, "bank"])), group=draw(st.sampled_from(["floor", "night", None])))
            )
    return found


HARD = site([Wage(D("180.50"), group="floor")], night=D("1.2"), overtime=D("1.5"), overtime_after_us=5 * HOUR_US + 1, **DOWNTIME)
NIGHTLY = [
    replace(BLACKOUT, since=at("23:07", date(2026, 10, 24)), until=at("04:30", date(2026, 10, 25))),
    replace(BLACKOUT, since=at("12:00", date(2026, 10, 25)), until=None),
]
ROSTERED = {("ann", date(2026, 10, 24)): [(at("19:01", date(2026, 10, 24)), at("07:00", date(2026, 10, 25)))]}


@given(shifts(), st.sampled_from([PaidBy.LOGIN, PaidBy.MIN]), st.randoms(use_true_random=False))
def test_every_microsecond_is_in_one_row(spans: list[AgentSpan], paid_by: PaidBy, chance: Any) -> None:
    rows = payroll(HARD, spans, NIGHTLY, paid_by, ROSTERED)
    assert sum(row.time_us for row in rows) == sum(one.end - one.start for one in spans)
    assert len({(row.person, row.day, row.project, row.kind, row.wage) for row in rows}) == len(rows)
    mixed = list(spans)
    chance.shuffle(mixed)
    assert payroll(HARD, mixed, NIGHTLY, paid_by, ROSTERED) == rows


@given(shifts())
def test_the_roster_adds_the_time_nobody_was_there(spans: list[AgentSpan]) -> None:
    rows = payroll(HARD, spans, NIGHTLY, PaidBy.ROSTER, ROSTERED)
    ((start, end),) = ROSTERED["ann", date(2026, 10, 24)]
    there = sum(max(0, min(one.end, end) - max(one.start, start)) for one in spans if one.person == "ann")
    assert sum(row.time_us for row in rows) == sum(one.end - one.start for one in spans) + end - start - there


@given(shifts(), st.integers(0, 12 * HOUR_US))
def test_where_a_span_was_cut_does_not_matter(spans: list[AgentSpan], where: int) -> None:
    cut = at("20:00", date(2026, 10, 24)) + where
    parts = [part for one in spans for part in ((one._replace(end=cut), one._replace(start=cut)) if one.start < cut < one.end else (one,))]
    assert payroll(HARD, parts, NIGHTLY) == payroll(HARD, spans, NIGHTLY)


# --- added up -------------------------------------------------------------------------------------------------------------------------


def sums(spans: Sequence[AgentSpan], edges: Sequence[int]) -> list[Spent]:
    """What a database makes of spans: cut at the edges, and what is alike between two of them added."""
    found: dict[tuple[int, str | None, str, str, str | None], list[AgentSpan]] = {}
    for one in spans:
        start = one.start
        while start < one.end:
            number = bisect_right(edges, start)
            part = one._replace(start=start, end=min(one.end, edges[number]))
            found.setdefault((number, one.group, one.state, one.reason, one.project), []).append(part)
            start = part.end
    return [
        Spent(*key, sum(part.end - part.start for part in parts), min(part.start for part in parts), max(part.end for part in parts))
        for key, parts in found.items()
    ]


@given(shifts(), st.sampled_from([None, 0, HOUR_US, 5 * HOUR_US + 1, 8 * HOUR_US]), st.booleans(), st.randoms(use_true_random=False))
def test_added_up_the_rows_are_the_same(spans: list[AgentSpan], limit: int | None, is_holiday: bool, chance: Any) -> None:
    holidays = frozenset({date(2026, 10, 25)}) if is_holiday else frozenset()
    agreed = site([Wage(D("180.50"), group="floor")], holidays, night=D("1.2"), holiday=D(2), overtime=D("1.5"), overtime_after_us=limit, **DOWNTIME)
    start, end = at("00:00", date(2026, 10, 24)), at("00:00", date(2026, 10, 29))
    edges = changes(agreed, NIGHTLY, start, end)
    asked = []

    def of_person(person: str, since: int, until: int) -> Iterator[AgentSpan]:
        asked.append(person)
        for one in spans:
            if one.person == person and one.start < until and one.end > since:
                yield one._replace(start=max(one.start, since), end=min(one.end, until))

    people = [(person, sums([one for one in spans if one.person == person], edges)) for person in ("ann", "bob")]
    for _, each in people:
        chance.shuffle(each)
    rows = tuple(added_up(agreed, people, of_person, NIGHTLY))
    assert rows == payroll(agreed, spans, NIGHTLY)
    assert set(asked) <= {row.person for row in rows}
    assert limit is not None or not asked


def test_time_is_paid_otherwise_after_nights_days_and_downtimes_only() -> None:
    tuesday = MONDAY + timedelta(days=1)
    edges = changes(site(**DOWNTIME), [BLACKOUT, replace(BLACKOUT, kind=IncidentKind.AIR_RAID, since=at("12:00"))], at("05:00"), at("00:30", tuesday))
    assert edges == (at("05:00"), at("06:00"), at("10:00"), at("11:10"), at("22:00"), at("00:00", tuesday), at("00:30", tuesday))
