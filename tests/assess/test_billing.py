"""A billing period: what a bill is made of, line by line, and what no order or cut of its days changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.assess.billing import Day, bill
from monitor.assess.charges import FIXED_KINDS, Kind, Share, Sums, charged, charges
from monitor.assess.coins import coins, decimal
from monitor.core.contract import SECOND, Project
from monitor.core.pay import HOUR_US
from monitor.core.tariff import (
    MICRO,
    FlatMonth,
    HoursBase,
    PerAgentHour,
    PerCall,
    PerFteMonth,
    PerMinute,
    Tariff,
    Tier,
    Work,
)
from tests.assess.months import DECEMBER, JANUARY, NOVEMBER, days, lines, months, november, project, tariff

D = Decimal


def test_amounts_of_calls_are_summed_as_they_were_rounded() -> None:
    """Three calls of 61 s at 0.25 a minute are three times 0.25, not 0.7625."""
    agreed = tariff(per_minute=PerMinute(D("0.25")))
    each = agreed.charge(Work(61 * SECOND, 0, 0, 61 * SECOND), handled=True)
    found = november(agreed, [Day(NOVEMBER, calls=3, seconds=3 * each.seconds, amount_u=3 * each.amount_u)])
    assert lines(found) == [(Kind.PER_MINUTE, D("3.0500"), D("0.25"), D("0.75"))]


def test_minutes_and_calls_have_a_line_each() -> None:
    agreed = tariff(per_minute=PerMinute(D("4.50")), per_call=PerCall(D("1.005")))
    each = agreed.charge(Work(60 * SECOND, 0, 0, 60 * SECOND), handled=True)
    found = november(agreed, [Day(NOVEMBER, calls=2, seconds=120, amount_u=2 * each.amount_u)])
    assert lines(found) == [(Kind.PER_MINUTE, D("2.0000"), D("4.50"), D("9.00")), (Kind.PER_CALL, D("2.0000"), D("1.005"), D("2.02"))]


def test_results_are_told_apart_from_calls() -> None:
    agreed = tariff(per_call=PerCall(D(1)), per_result=(("sale", D(50)),))
    found = november(agreed, [Day(NOVEMBER, calls=10, amount_u=110 * MICRO, results=2, results_u=100 * MICRO)])
    assert lines(found) == [(Kind.PER_CALL, D("10.0000"), D(1), D("10.00")), (Kind.PER_RESULT, D("2.0000"), D(50), D("100.00"))]
    alone = november(tariff(per_result=(("sale", D(50)), ("", D(5)))), [Day(NOVEMBER, calls=10, amount_u=55 * MICRO, results=2)])
    assert lines(alone) == [(Kind.PER_RESULT, D("2.0000"), None, D("55.00"))]


def test_tiers_are_marginal_over_the_period() -> None:
    """250 calls: 100 at 1.00, 100 at 0.90, 50 at 0.80."""
    agreed = tariff(per_call=PerCall(D(1), tiers=(Tier(D(0), D(1)), Tier(D(100), D("0.90")), Tier(D(200), D("0.80")))))
    found = november(agreed, days(25, calls=10))
    assert lines(found) == [
        (Kind.PER_CALL, D("100.0000"), D(1), D("100.00")),
        (Kind.PER_CALL, D("100.0000"), D("0.90"), D("90.00")),
        (Kind.PER_CALL, D("50.0000"), D("0.80"), D("40.00")),
    ]
    assert november(agreed, days(10, calls=10)).charges == D("100.00")


def test_tiers_of_minutes_are_of_billed_minutes() -> None:
    agreed = tariff(per_minute=PerMinute(D("0.25"), tiers=(Tier(D(0), D("0.25")), Tier(D(2), D("0.20")))))
    assert november(agreed, [Day(NOVEMBER, calls=2, seconds=183)]).charges == D("0.50") + D("0.21")  # 1.05 min at 0.20


def test_another_tariff_begins_its_tiers_anew_and_bears_its_days() -> None:
    tiers = (Tier(D(0), D(1)), Tier(D(100), D("0.50")))
    before = tariff(per_call=PerCall(D(1), tiers=tiers), flat_month=FlatMonth(D(300)))
    after = replace(before, since=date(2026, 11, 11), flat_month=FlatMonth(D(600)))
    found = november(project(before, after), days(30, calls=10))
    assert [line.amount for line in found.lines] == [D("100.00"), D("100.00"), D("100.00"), D("50.00"), D("400.00")]
    assert {line.since for line in found.lines} == {JANUARY, date(2026, 11, 11)}


def test_another_currency_is_another_bill() -> None:
    before = tariff(per_call=PerCall(D(40)))
    after = Tariff(date(2026, 11, 16), currency="EUR", per_call=PerCall(D(1)))
    of = [Day(day.day, calls=1, amount_u=(40 if day.day.day < 16 else 1) * MICRO) for day in days()]
    found = bill(project(before, after), NOVEMBER, DECEMBER, of)
    assert [(one.currency, one.total) for one in found] == [("UAH", D("600.00")), ("EUR", D("15.00"))]


def test_days_without_a_tariff_cost_nothing() -> None:
    assert bill(project(), NOVEMBER, DECEMBER, days(calls=5)) == ()
    late = Tariff(date(2026, 11, 21), flat_month=FlatMonth(D(300)))
    assert november(project(late), days()).charges == D("100.00")


def test_days_outside_the_period_are_left_out() -> None:
    agreed = tariff(per_call=PerCall(D(1)))
    assert november(agreed, days(40, first=date(2026, 10, 25), calls=1, amount_u=MICRO)).charges == D("30.00")


def test_months_accrue_by_days_and_today_by_its_share() -> None:
    agreed = tariff(flat_month=FlatMonth(D("1000.00")), per_fte_month=PerFteMonth(D(20_000), D("2.5")))
    whole = november(agreed, days())
    assert [line.amount for line in whole.lines] == [D("50000.00"), D("1000.00")]
    assert [line.quantity for line in whole.lines] == [D("2.5000"), D("1.0000")]
    so_far = november(agreed, [*days(9), Day(date(2026, 11, 10), share=Fraction(1, 2))])
    assert [line.amount for line in so_far.lines] == [D("15833.33"), D("316.67")]


def test_a_flat_month_has_calls_in_it() -> None:
    agreed = tariff(flat_month=FlatMonth(D(1000), included=100, overage=D("2.50")))
    assert november(agreed, days(10, calls=10)).charges == coins(Fraction(1000, 3))
    assert lines(november(agreed, days(30, calls=10)))[1] == (Kind.OVERAGE, D("200.0000"), D("2.50"), D("500.00"))


@pytest.mark.parametrize(("first_day", "included"), [(16, 50), (26, 17), (30, 3)])
def test_the_volume_of_a_part_of_a_month_is_that_part(first_day: int, included: int) -> None:
    """100 calls; of 15, 5 and 1 day of 30: 50, 16.67 and 3.33."""
    agreed = Tariff(date(2026, 11, first_day), flat_month=FlatMonth(D(0), included=100, overage=D(1)))
    assert november(project(agreed), days(30, calls=100)).charges == (31 - first_day) * 100 - included


def test_hours_of_agents() -> None:
    agreed = tariff(per_agent_hour=PerAgentHour(D("15.00"), HoursBase.SCHEDULED))
    assert lines(november(agreed, days(2, agent_us=HOUR_US // 3))) == [(Kind.PER_AGENT_HOUR, D("0.6666666667"), D("15.00"), D("10.00"))]


def test_fixed_and_variable_charges() -> None:
    agreed = tariff(per_call=PerCall(D(1)), flat_month=FlatMonth(D(300)), per_agent_hour=PerAgentHour(D(10)))
    found = november(agreed, days(30, calls=2, amount_u=2 * MICRO, agent_us=HOUR_US))
    assert (found.fixed, found.variable, found.charges) == (D("600.00"), D("60.00"), D("660.00"))


# --- properties -----------------------------------------------------------------------------------------------------------------------


def amounts(value: object) -> Iterator[object]:
    """Everything in a result, down to the last figure."""
    if is_dataclass(value):
        for each in fields(value):
            yield from amounts(getattr(value, each.name))
    elif isinstance(value, tuple | list):
        for one in value:
            yield from amounts(one)
    else:
        yield value


@given(months())
def test_the_total_is_the_sum_of_the_lines(month: tuple[Project, list[Day]]) -> None:
    for found in bill(month[0], NOVEMBER, DECEMBER, month[1]):
        assert found.charges == sum(line.amount for line in found.lines if line.kind not in (Kind.GUARANTEE, Kind.SL_ADJUST))
        assert found.fixed == sum(line.amount for line in found.lines if line.kind in FIXED_KINDS)
        if found.total is not None:
            assert found.total == sum((line.amount for line in found.lines), D(0))
        assert found.guarantee is None or found.guarantee >= 0
        assert not any(isinstance(value, float) for value in amounts(found))
        assert all(line.amount == decimal(line.amount, 2) for line in found.lines)


@given(months(), st.randoms(use_true_random=False))
def test_the_order_of_days_does_not_matter(month: tuple[Project, list[Day]], chance: Any) -> None:
    mixed = list(month[1])
    chance.shuffle(mixed)
    assert bill(month[0], NOVEMBER, DECEMBER, mixed) == bill(month[0], NOVEMBER, DECEMBER, month[1])


@given(months())
def test_what_has_accrued_never_falls_as_days_are_added(month: tuple[Project, list[Day]]) -> None:
    before: dict[str, D] = {}
    for count in range(len(month[1]) + 1):
        now = {one.currency: one.charges for one in bill(month[0], NOVEMBER, DECEMBER, month[1][:count])}
        assert all(now[currency] >= amount for currency, amount in before.items())
        before = now


@given(months(), st.integers(0, 30))
def test_where_a_period_is_cut_changes_no_total_of_what_is_summed(month: tuple[Project, list[Day]], at: int) -> None:
    """Calls and results have amounts of their own: to the coin. Hours are rounded once in each part, so a cut may cost one coin."""
    agreed, of = month
    bare = tuple(
        replace(one, per_fte_month=None, flat_month=None, minimum=None, sl_adjust=None)
        for one in agreed.tariffs
        if not (one.per_minute and one.per_minute.tiers) and not (one.per_call and one.per_call.tiers)
    )
    for kinds, coin in (({Kind.PER_AGENT_HOUR}, D("0.02")), (set(Kind) - {Kind.PER_AGENT_HOUR}, D(0))):
        sums = [
            sum((line.amount for one in bill(replace(agreed, tariffs=bare), NOVEMBER, DECEMBER, part) for line in one.lines if line.kind in kinds), D(0))
            for part in (of, of[:at], of[at:])
        ]
        assert abs(sums[0] - sums[1] - sums[2]) <= coin


@given(months())
def test_a_whole_month_is_charged_exactly(month: tuple[Project, list[Day]]) -> None:
    one = replace(month[0].tariffs[0], per_agent_hour=None, per_minute=None, per_call=None, per_result=())
    found = charged(charges(one, Sums(days=Fraction(30)), Share(30, 30)))
    flat = D(0) if one.flat_month is None else coins(one.flat_month.amount)
    assert found == flat + (D(0) if one.per_fte_month is None else coins(one.per_fte_month.price * one.per_fte_month.fte))
