"""Payroll and calls with what was put right by hand: nothing is lost or counted twice, whatever the order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.assess import amended
from monitor.assess.amended import Amended
from monitor.assess.coins import NO_MONEY
from monitor.assess.payroll import Class, Row, payroll
from monitor.core.amendment import BILLED, CALL, EXEMPT, HOURS, Amendment
from monitor.core.chronicle import AgentSpan, ContactEnded
from monitor.core.contract import MINUTE, SECOND, Contract, Group
from monitor.core.pay import HOUR_US, Multipliers, Pay, Wage
from monitor.core.snapshot import State
from tests.core.scene import REASONS, contract, project

D = Decimal
KYIV = ZoneInfo("Europe/Kyiv")
MONDAY = date(2026, 11, 2)
BEGUN = int(datetime(2026, 11, 2, 21, tzinfo=KYIV).timestamp()) * SECOND
WAGES = (Wage(D("180.00"), group="floor"), Wage(D("200.00"), group="night"))
Key = tuple[str, date, str, Class]
PutRight = list[tuple[Key, int]]
ANY: st.SearchStrategy[Key] = st.tuples(
    st.sampled_from(["ann", "bob", "zoe"]), st.sampled_from([MONDAY, MONDAY + timedelta(days=1)]), st.sampled_from(["", "bank"]), st.sampled_from(list(Class))
)


def site(limit: int | None) -> Contract:
    groups = (Group("floor", pause_reasons=REASONS), Group("night"))
    pay = Pay(WAGES, Multipliers(night=D("1.2"), overtime=D("1.5"), overtime_after_us=limit))
    return contract(project("bank"), zone=KYIV, groups=groups, pay=pay)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Row], PutRight]:
    """Rows as payroll has them: two people in two groups that earn otherwise, over a midnight, with nights and overtime; and what was put right of them."""
    spans = []
    for person in ("ann", "bob"):
        moment = BEGUN
        for _ in range(draw(st.integers(0, 6))):
            length = draw(st.integers(1, 90 * MINUTE))
            state = draw(st.sampled_from([State.TALK, State.AVAILABLE, State.PAUSED]))
            reason = draw(st.sampled_from(["lunch", "break"])) if state is State.PAUSED else ""
            group = draw(st.sampled_from(["floor", "night"]))
            spans.append(AgentSpan(person, moment, moment + length, group, state.value, draw(st.sampled_from(["bank", None])), reason))
            moment += length
    rows = list(payroll(site(draw(st.sampled_from([None, HOUR_US]))), spans))
    keys = st.one_of(st.sampled_from([key_of(row) for row in rows]), ANY) if rows else ANY
    return rows, draw(st.lists(st.tuples(keys, st.integers(-3 * HOUR_US, 3 * HOUR_US)), max_size=12))


def made(put_right: PutRight) -> list[Amendment]:
    return [
        Amendment(number, number, 0, "olha", "why", HOURS, key[2], person=key[0], day=key[1].isoformat(), kind=key[3].value, time_us=us)
        for number, (key, us) in enumerate(put_right, 1)
    ]


def key_of(row: Row) -> Key:
    return row.person, row.day, row.project, row.kind


def total(rows: list[Row]) -> Counter[Key]:
    sums: Counter[Key] = Counter()
    for row in rows:
        sums[key_of(row)] += row.time_us
    return sums


def rows_of(found: list[Amended]) -> list[Row]:
    return [one.row for one in found]


# --- hours --------------------------------------------------------------------------------------------------------------------------


@given(world=worlds())
def test_every_row_sums_to_the_floor_and_all_that_was_put_right(world: tuple[list[Row], PutRight]) -> None:
    rows, put_right = world
    found = list(amended.hours(rows, made(put_right)))
    expected = total(rows)
    for key, us in put_right:
        expected[key] += us
    assert total(rows_of(found)) == expected
    often = Counter(key for key, _ in put_right)
    told = Counter({key_of(one.row): one.corrections for one in found if one.corrections is not None})
    assert told == often, "each is told once, and none is lost"


@given(world=worlds(), data=st.data())
def test_in_whatever_order_and_in_however_many_turns_they_were_made(world: tuple[list[Row], PutRight], data: st.DataObject) -> None:
    rows, put_right = world
    amendments = made(put_right)
    found = list(amended.hours(rows, amendments))
    assert list(amended.hours(rows, data.draw(st.permutations(amendments)))) == found
    until = data.draw(st.integers(0, len(amendments)))
    by_turns = amended.hours(rows_of(list(amended.hours(rows, amendments[:until]))), amendments[until:])
    assert total([one.row for one in by_turns]) == total(rows_of(found))


@given(world=worlds())
def test_rows_keep_their_order_and_all_else_that_they_have(world: tuple[list[Row], PutRight]) -> None:
    rows, put_right = world
    found = rows_of(list(amended.hours(rows, made(put_right))))
    assert [key_of(row) for row in found] == sorted(key_of(row) for row in found)
    floor = {key_of(row) for row in rows}
    kept = [row for row in found if key_of(row) in floor]
    assert [(*key_of(row), row.first_login, row.last_logout) for row in kept] == [(*key_of(row), row.first_login, row.last_logout) for row in rows]
    touched = {key for key, _ in put_right}
    assert [row for row in found if key_of(row) not in touched] == [row for row in rows if key_of(row) not in touched]
    added = [row for row in found if key_of(row) not in floor]
    assert {(row.wage, row.first_login, row.last_logout) for row in added} <= {(None, None, None)}
    assert {key_of(row) for row in added} == touched - floor


@given(world=worlds())
def test_no_row_is_below_nothing_unless_all_that_is_alike_is(world: tuple[list[Row], PutRight]) -> None:
    rows, put_right = world
    found = rows_of(list(amended.hours(rows, made(put_right))))
    sums = total(found)
    assert {key_of(row) for row in found if row.time_us < 0} == {key for key, us in sums.items() if us < 0}


@pytest.mark.parametrize(("us", "left"), [(90, [150, 60]), (-30, [30, 60]), (-60, [0, 60]), (-90, [0, 30]), (-120, [0, 0]), (-121, [0, -1])])
def test_of_rows_that_earn_otherwise_more_goes_to_the_first_and_less_comes_off_each(us: int, left: list[int]) -> None:
    morning = BEGUN - 12 * HOUR_US
    spans = [AgentSpan("ann", morning + n * HOUR_US, morning + (n + 1) * HOUR_US, group, "talk", "bank", "") for n, group in enumerate(("floor", "night"))]
    rows = payroll(site(None), spans)
    found = list(amended.hours(rows, made([(key_of(rows[0]), us * MINUTE)])))
    assert [one.row.time_us // MINUTE for one in found] == left
    assert [one.corrections for one in found] == [1, None]


def test_what_is_put_right_earns_what_nobody_can_say() -> None:
    spans = [
        AgentSpan("ann", BEGUN, BEGUN + HOUR_US, "floor", "talk", "bank", ""),
        AgentSpan("ann", BEGUN + HOUR_US, BEGUN + 90 * MINUTE, "floor", "paused", None, "lunch"),
    ]
    rows = payroll(site(None), spans)
    paid, unpaid = sorted(rows, key=lambda row: row.kind is Class.UNPAID_BREAK)
    found = {one.row.kind: one.row for one in amended.hours(rows, made([(key_of(paid), SECOND), (key_of(unpaid), -SECOND)]))}
    assert (paid.amount, found[paid.kind].amount) == (D("180.00"), None)
    assert (found[Class.UNPAID_BREAK].amount, found[Class.UNPAID_BREAK].time_us) == (NO_MONEY, unpaid.time_us - SECOND)
    (alone,) = amended.hours([], made([(("zoe", MONDAY, "bank", Class.OVERTIME), SECOND)]))
    assert (alone.row.wage, alone.row.amount) == (None, None)


def test_people_are_asked_for_one_after_the_other() -> None:
    """A month of a large site is never there whole."""
    rows = payroll(site(None), [AgentSpan(person, BEGUN, BEGUN + HOUR_US, "floor", "talk", "bank", "") for person in ("ann", "bob", "cid")])
    asked = []

    def one_by_one() -> Iterator[Row]:
        for row in rows:
            asked.append(row.person)
            yield row

    found = amended.hours(one_by_one(), made([(("ann", MONDAY, "bank", Class.REGULAR), SECOND)]))
    assert next(found).row.person == "ann"
    assert "cid" not in asked


# --- calls --------------------------------------------------------------------------------------------------------------------------

CALLS = st.lists(
    st.tuples(st.sampled_from(["pbx1", "pbx2"]), st.sampled_from(["1.1", "1.2", "1.3"]), st.sampled_from(["", *EXEMPT])), unique_by=lambda one: one[:2]
)
SAID = st.lists(st.tuples(st.sampled_from(["pbx1", "pbx2"]), st.sampled_from(["1.1", "1.2", "9.9"]), st.sampled_from([BILLED, *EXEMPT])), max_size=8)


@given(calls=CALLS, said=SAID, data=st.data())
def test_of_a_call_the_latest_word_counts(calls: list[tuple[str, str, str]], said: list[tuple[str, str, str]], data: st.DataObject) -> None:
    contacts = [ContactEnded("bank", pbx, call, 10, 1, 1, "answered", 20, 9, "bank", "ann", 9, 0, 9, exempt, "") for pbx, call, exempt in calls]
    amendments = [Amendment(number, 5, 10, "olha", "why", CALL, "bank", now=now, pbx=pbx, call=call) for number, (pbx, call, now) in enumerate(said, 1)]
    found = amended.calls(contacts, data.draw(st.permutations(amendments)))
    expected = {(pbx, call): exempt for pbx, call, exempt in calls}
    for pbx, call, now in said:
        if (pbx, call) in expected:
            expected[pbx, call] = "" if now == BILLED else now
    assert {(one.pbx, one.call): one.exempt for one in found} == expected
    assert [one._replace(exempt="") for one in found] == [one._replace(exempt="") for one in contacts]
