"""Margins: the domain's ten seats to the coin, who bears what, and what is not known."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.assess.margin import (
    NOTHING,
    Bearer,
    Margin,
    allocated,
    break_even,
    by_client,
    converted,
    cushion,
    days_of_cash,
    dependence,
    labour,
    occupancy,
    telecom,
    together,
)
from monitor.assess.occupancy import Time
from monitor.core.contract import MINUTE, SECOND, Finances, Project, Rate
from monitor.core.pay import HOUR_US, PAY_US
from tests.core.scene import project

D = Decimal
DAY = date(2026, 11, 2)


def margin(revenue: str | None, labour: str | None = "0.00", telecom: str | None = "0.00", fixed: str | None = "0.00") -> Margin:
    return Margin(*(None if one is None else D(one) for one in (revenue, labour, telecom, fixed)))


# --- ten seats (domain, 9) ------------------------------------------------------------------------------------------------------------

STAFFED = 10 * 8 * HOUR_US * 3 // 4  # a quarter is shrinkage
TEN_SEATS = Time(handle=STAFFED * 8 // 10, ring=STAFFED // 20, available=STAFFED * 3 // 20)
BILLED_MINUTES = Fraction(TEN_SEATS.handle, MINUTE) * Fraction("0.85")
DAY_OF_TEN = Margin(D(int(BILLED_MINUTES)) * D("0.25"), labour(80 * HOUR_US // PAY_US * 600, 0), D("0.00"), D("120.00"))


def test_ten_seats_earn_612_and_cost_600() -> None:
    assert BILLED_MINUTES == 2448
    assert (DAY_OF_TEN.revenue, DAY_OF_TEN.cost, DAY_OF_TEN.amount) == (D("612.00"), D("600.00"), D("12.00"))
    assert DAY_OF_TEN.ratio == Fraction(12, 612)
    assert round(float(DAY_OF_TEN.ratio or 0) * 100, 4) == 1.9608


def test_ten_seats_break_even_at_78_4314_per_cent() -> None:
    assert occupancy(TEN_SEATS) == Fraction(4, 5)
    needed = break_even(TEN_SEATS, DAY_OF_TEN.cost, D("0.00"), DAY_OF_TEN.revenue)
    assert needed == Fraction(4, 5) * 600 / 612
    assert round(float(needed) * 100, 4) == 78.4314
    assert round(float(cushion(occupancy(TEN_SEATS), needed) or 0) * 100, 4) == 1.9608


def test_ten_seats_by_the_call_break_even_at_55_5556_per_cent_and_666_67_calls() -> None:
    calls = TEN_SEATS.handle // (180 * SECOND)
    assert calls == 960
    needed = break_even(TEN_SEATS, DAY_OF_TEN.cost, D("0.00"), calls * D("0.90"))
    assert needed is not None
    assert round(float(needed) * 100, 4) == 55.5556
    assert round(float(needed * STAFFED / (180 * SECOND)), 2) == 666.67


def test_what_is_earned_anyhow_lowers_the_break_even() -> None:
    assert break_even(TEN_SEATS, D(600), D(300), D(300)) == Fraction(4, 5)
    assert break_even(TEN_SEATS, D(600), D(700), D(300)) == 0
    assert break_even(TEN_SEATS, D(600), D(0), D(300)) == Fraction(8, 5)


@pytest.mark.parametrize(
    ("time", "took", "fixed", "variable"),
    [
        (Time(0, 0, 0), D(600), D(0), D(612)),
        (TEN_SEATS, None, D(0), D(612)),
        (TEN_SEATS, D(600), None, D(612)),
        (TEN_SEATS, D(600), D(0), None),
        (TEN_SEATS, D(600), D(0), D(0)),
    ],
)
def test_a_break_even_that_is_not_known(time: Time, took: D | None, fixed: D | None, variable: D | None) -> None:
    assert break_even(time, took, fixed, variable) is None


def test_a_cushion_needs_both() -> None:
    assert cushion(None, Fraction(1, 2)) is cushion(Fraction(1, 2), None) is cushion(Fraction(0), Fraction(1, 2)) is None
    assert cushion(Fraction(1, 2), Fraction(3, 4)) == Fraction(-1, 2)


# --- who bears what -------------------------------------------------------------------------------------------------------------------


def test_a_cost_is_borne_by_handle_time_else_by_the_plan_else_equally() -> None:
    assert allocated(D("100.00"), [Bearer("a", 3, 1), Bearer("b", 1, 9)]) == {"a": D("75.00"), "b": D("25.00")}
    assert allocated(D("100.00"), [Bearer("a", 0, 1), Bearer("b", 0, 3)]) == {"a": D("25.00"), "b": D("75.00")}
    assert allocated(D("100.00"), [Bearer("a", 0), Bearer("b", 0), Bearer("c", 0)]) == {"a": D("33.34"), "b": D("33.33"), "c": D("33.33")}
    assert allocated(None, [Bearer("a", 1)]) == {"a": None}
    assert allocated(D("100.00"), []) == {}


@given(st.decimals(0, 10**6, places=2), st.lists(st.tuples(st.integers(0, 10**13), st.integers(0, 10**13)), min_size=1, max_size=20))
def test_what_projects_bear_is_the_whole(whole: Decimal, times: list[tuple[int, int]]) -> None:
    parts = allocated(whole, [Bearer(str(number), *pair) for number, pair in enumerate(times)])
    assert sum((part for part in parts.values() if part is not None), D(0)) == whole


def test_labour_is_unknown_where_some_of_it_is() -> None:
    assert labour(HOUR_US // PAY_US * 18_000, 0) == D("180.00")
    assert labour(HOUR_US // PAY_US * 18_000, 1) is None


def test_the_carrier_takes_its_part_of_connected_minutes() -> None:
    assert telecom(project("bank", telecom_per_minute=D("0.30")), 150 * SECOND) == D("0.75")


# --- sums -----------------------------------------------------------------------------------------------------------------------------


def test_what_is_not_known_stays_so() -> None:
    both = margin("10.00", None) + margin("5.00", "1.00")
    assert (both.revenue, both.labour, both.cost, both.amount, both.ratio) == (D("15.00"), None, None, None, None)
    assert margin(None).amount is None
    assert margin("0.00", "5.00").amount == D("-5.00")
    assert margin("0.00", "5.00").ratio is None
    assert together([]) == NOTHING


def test_a_client_is_all_of_his_projects() -> None:
    ours = [Project("a", "Bank", "floor", ()), Project("b", "Shop", "floor", ()), Project("c", "Bank", "floor", ())]
    found = by_client(ours, {"a": margin("1.00"), "b": margin("2.00"), "c": margin("4.00")})
    assert {name: one.revenue for name, one in found.items()} == {"Bank": D("5.00"), "Shop": D("2.00")}


def test_the_site_without_a_client_keeps_its_people() -> None:
    """100 left of 700: without Bank's 500, of which the carrier took 20, 380 are lost."""
    clients = {"Bank": margin("500.00", "300.00", "20.00"), "Shop": margin("200.00", "250.00", "5.00", "25.00")}
    assert together(clients.values()).amount == D("100.00")
    assert dependence(clients, together(clients.values()).amount) == {"Bank": D("-380.00"), "Shop": D("-95.00")}
    assert dependence({**clients, "Taxi": margin("1.00", None)}, None) == {"Bank": None, "Shop": None, "Taxi": None}


def test_a_reserve_lasts_as_long_as_the_loss_lets_it() -> None:
    assert days_of_cash(D("10000.00"), D("-500.00"), Fraction(10)) == 200
    assert days_of_cash(D("10000.00"), D("-500.00"), Fraction(5, 2)) == 50
    assert days_of_cash(D("-1.00"), D("-500.00"), Fraction(10)) == 0
    for reserve, left, days in ((None, D(-5), 1), (D(5), None, 1), (D(5), D(0), 1), (D(5), D(5), 1), (D(5), D(-5), 0)):
        assert days_of_cash(reserve, left, Fraction(days)) is None


def test_other_currencies_at_the_rate_of_the_day() -> None:
    ours = Finances(rates=(Rate("EUR", date(2026, 11, 1), D("48.5")), Rate("EUR", date(2026, 11, 2), D("48.555"))))
    assert converted(D("10.01"), "EUR", DAY, ours) == D("486.04")
    assert converted(D("10.01"), "UAH", DAY, ours) == D("10.01")
    assert converted(D("10.01"), "USD", DAY, ours) is None
    assert converted(D("10.01"), "EUR", date(2026, 10, 31), ours) is None
    assert converted(None, "EUR", DAY, ours) is None
