"""Bonus and malus: exact ratios, by month or by day, and what is excused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from monitor.assess.billing import Day
from monitor.core.tariff import (
    MICRO,
    FlatMonth,
    Minimum,
    PerCall,
    Period,
    Tier,
)
from tests.assess.months import ADJUST, NOVEMBER, answered, days, november, tariff

D = Decimal


FLAT = FlatMonth(D("10000.00"))


@pytest.mark.parametrize(("in_time", "expected"), [(7999, "-500.00"), (8000, "0.00"), (8999, "0.00"), (9000, "300.00"), (0, "-500.00"), (10_000, "300.00")])
def test_bands_are_held_against_the_exact_ratio(in_time: int, expected: str) -> None:
    found = november(tariff(flat_month=FLAT, sl_adjust=ADJUST), [*days(29), Day(date(2026, 11, 30), answers=answered(10_000, in_time))])
    assert (found.charges, found.adjustment) == (D("10000.00"), D(expected))
    assert found.total == D("10000.00") + D(expected)


def test_a_ratio_that_is_shown_as_80_per_cent_may_be_below_it() -> None:
    found = november(tariff(flat_month=FLAT, sl_adjust=ADJUST), [*days(29), Day(date(2026, 11, 30), answers=answered(3 * 10**17 + 1, 24 * 10**16))])
    assert found.adjustment == D("-500.00")


def test_by_day_each_day_has_its_own_band() -> None:
    agreed = tariff(per_call=PerCall(D(1)), sl_adjust=replace(ADJUST, period=Period.DAY))
    good, bad = answered(10, 10), answered(10, 1)
    of = [Day(NOVEMBER, calls=10, amount_u=10 * MICRO, answers=good), Day(date(2026, 11, 2), calls=100, amount_u=100 * MICRO, answers=bad)]
    assert november(agreed, of).adjustment == D("0.30") - D("5.00")


def test_by_day_a_day_is_charged_what_it_added_to_the_period() -> None:
    agreed = tariff(per_call=PerCall(D(1), tiers=(Tier(D(0), D(1)), Tier(D(10), D("0.50")))), sl_adjust=replace(ADJUST, period=Period.DAY))
    of = [Day(NOVEMBER, calls=10, answers=answered(10, 8)), Day(date(2026, 11, 2), calls=10, answers=answered(10, 1))]
    assert november(agreed, of).adjustment == D("-0.25")
    assert november(agreed, of[::-1]).adjustment == D("-0.25")


def test_nobody_called_is_no_bad_service() -> None:
    for period in Period:
        found = november(tariff(flat_month=FLAT, sl_adjust=replace(ADJUST, period=period)), days())
        assert (found.adjustment, found.total) == (D("0.00"), D("10000.00"))


def test_counts_that_are_not_known_leave_the_adjustment_unknown() -> None:
    for period in Period:
        found = november(tariff(flat_month=FLAT, sl_adjust=replace(ADJUST, period=period)), [*days(29), Day(date(2026, 11, 30), answers=None)])
        assert (found.charges, found.adjustment, found.total) == (D("10000.00"), None, None)
    assert november(tariff(flat_month=FLAT), days(answers=None)).adjustment == D("0.00")


def test_more_contacts_than_signed_excuse_a_malus_where_that_is_agreed() -> None:
    of = days(answers=answered(10, 1), contacts=11, contract_calls_u=10 * MICRO)
    excused = replace(ADJUST, excused_above_plan=True)
    assert november(tariff(flat_month=FLAT, sl_adjust=ADJUST), of).adjustment == D("-500.00")
    assert november(tariff(flat_month=FLAT, sl_adjust=excused), of).adjustment == D("0.00")
    as_signed = days(answers=answered(10, 1), contacts=10, contract_calls_u=10 * MICRO)
    assert november(tariff(flat_month=FLAT, sl_adjust=excused), as_signed).adjustment == D("-500.00")
    good = days(answers=answered(10, 10), contacts=11, contract_calls_u=10 * MICRO)
    assert november(tariff(flat_month=FLAT, sl_adjust=excused), good).adjustment == D("300.00")
    unsigned = days(answers=answered(10, 1), contacts=11)
    assert november(tariff(flat_month=FLAT, sl_adjust=excused), unsigned).adjustment == D("-500.00")


def test_the_adjustment_is_on_the_charges_and_not_on_the_minimum() -> None:
    agreed = tariff(per_call=PerCall(D(1)), minimum=Minimum(amount=D(1000)), sl_adjust=ADJUST)
    found = november(agreed, days(calls=1, amount_u=MICRO, answers=answered(1, 0)))
    assert (found.charges, found.guarantee, found.adjustment, found.total) == (D("30.00"), D("970.00"), D("-1.50"), D("998.50"))
