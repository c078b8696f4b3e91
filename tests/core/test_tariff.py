"""One call's price: the trade's examples of billed seconds, what is rounded when, and which tariff holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.tariff import (
    NOTHING,
    SECOND_US,
    Base,
    Charged,
    FlatMonth,
    On,
    PerCall,
    PerMinute,
    Tariff,
    Tier,
    Work,
    micros,
    money,
    rounded,
    tariff_on,
)

D = Decimal
JANUARY = date(2026, 1, 1)


def talk(seconds: int) -> Work:
    return Work(seconds * SECOND_US, 0, 0, seconds * SECOND_US)


def charge(work: Work, *, handled: bool = True, **prices: PerMinute | PerCall | FlatMonth) -> Charged:
    return Tariff(JANUARY, **prices).charge(work, handled=handled)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("talked", "minutes"),
    [(5 * 60 + 20, "5.5"), (5 * 60 + 32, "6"), (27, "0.5"), (3, "0"), (4, "0.5"), (30, "0.5"), (31, "1"), (0, "0")],
)
def test_an_increment_of_30_s_with_3_s_free(talked: int, minutes: str) -> None:
    """Domain, 9 (mango-office.ru)."""
    assert Fraction(PerMinute(D(1), increment_s=30, free_s=3).seconds(talk(talked)), 60) == Fraction(minutes)


@pytest.mark.parametrize(("minimum", "increment", "minutes"), [(60, 60, "2.0000"), (60, 1, "1.0167"), (0, 1, "1.0167")])
def test_61_seconds(minimum: int, increment: int, minutes: str) -> None:
    """Domain, 9: 60/60, 60/1 and by the second."""
    seconds = PerMinute(D(1), increment_s=increment, minimum_s=minimum).seconds(talk(61))
    assert (D(seconds) / 60).quantize(D("0.0001")) == D(minutes)


def test_a_begun_second_counts_and_a_minimum_is_no_charge_for_nothing() -> None:
    assert PerMinute(D(1)).seconds(Work(SECOND_US + 1, 0, 0, 0)) == 2
    assert PerMinute(D(1), minimum_s=60).seconds(Work(1, 0, 0, 0)) == 60
    assert PerMinute(D(1), minimum_s=60).seconds(Work(0, 0, 0, 0)) == 0


@pytest.mark.parametrize(("base", "seconds"), [(Base.TALK, 100), (Base.TALK_HOLD, 120), (Base.HANDLE, 135), (Base.CONNECTED, 130)])
def test_each_base_is_its_time(base: Base, seconds: int) -> None:
    work = Work(100 * SECOND_US, 20 * SECOND_US, 15 * SECOND_US, 130 * SECOND_US)
    assert PerMinute(D(1), base).seconds(work) == seconds


def test_a_call_is_rounded_by_itself() -> None:
    assert charge(talk(61), per_minute=PerMinute(D("0.25"))) == Charged(1, 61, 250_000)  # 0.2541…
    assert charge(talk(90), per_minute=PerMinute(D("0.07"))).amount_u == 110_000  # 0.105: half up
    assert charge(talk(90), per_minute=PerMinute(D("0.07")), per_call=PerCall(D("0.005"))).amount_u == 120_000


def test_what_has_tiers_has_no_amount_yet() -> None:
    tiers = (Tier(D(0), D(1)), Tier(D(10), D("0.5")))
    assert charge(talk(60), per_minute=PerMinute(D(1), tiers=tiers)) == Charged(1, 60, 0)
    assert charge(talk(60), per_call=PerCall(D(1), tiers=tiers)) == Charged(1, 0, 0)
    assert charge(talk(60), per_minute=PerMinute(D(2)), per_call=PerCall(D(1), tiers=tiers)) == Charged(1, 60, 2_000_000)


@pytest.mark.parametrize(
    ("on", "least", "talked", "handled", "calls"),
    [(On.ANSWERED, 0, 5, False, 1), (On.HANDLED, 0, 5, False, 0), (On.HANDLED, 0, 5, True, 1), (On.ANSWERED, 10, 9, True, 0), (On.ANSWERED, 10, 10, True, 1)],
)
def test_which_call_is_one_to_be_paid(on: On, least: int, talked: int, handled: bool, calls: int) -> None:
    found = charge(talk(talked), handled=handled, per_call=PerCall(D("0.90"), on, least))
    assert (found.calls, found.amount_u) == (calls, calls * 900_000)


def test_without_a_price_a_call_is_still_counted() -> None:
    assert charge(talk(60), flat_month=FlatMonth(D(100), included=10)) == Charged(1, 0, 0)
    assert Charged(0, 0, 0) == NOTHING


@pytest.mark.parametrize(("amount", "expected"), [("0.005", "0.01"), ("0.015", "0.02"), ("-0.005", "-0.01"), ("0.0049", "0.00")])
def test_half_a_coin_is_rounded_away_from_zero(amount: str, expected: str) -> None:
    assert rounded(D(amount)) == D(expected)


@given(st.decimals(-(10**6), 10**6, places=6))
def test_millionths_hold_an_amount_exactly(amount: Decimal) -> None:
    assert money(micros(amount)) == amount


def test_the_tariff_of_a_day() -> None:
    first, second = Tariff(JANUARY), Tariff(date(2026, 6, 1), until=date(2026, 6, 30))
    both = (first, second)
    assert tariff_on(both, date(2025, 12, 31)) is None
    assert tariff_on(both, date(2026, 5, 31)) is first
    assert tariff_on(both, date(2026, 6, 1)) is tariff_on(both, date(2026, 6, 30)) is second
    assert tariff_on((replace(first, until=date(2026, 5, 1)),), date(2026, 5, 2)) is None


def test_the_price_of_a_result() -> None:
    agreed = Tariff(JANUARY, per_result=(("sale", D(50)), ("", D(5))))
    assert (agreed.price_of_result("sale"), agreed.price_of_result("visit")) == (D(50), D(5))
    assert Tariff(JANUARY, per_result=(("sale", D(50)),)).price_of_result("visit") is None


per_minutes = st.builds(PerMinute, st.decimals(0, 100, places=4), st.sampled_from(list(Base)), st.integers(1, 120), st.integers(0, 120), st.integers(0, 60))
works = st.builds(Work, *[st.integers(0, 10**10)] * 4)


@given(per_minutes, works, works)
def test_a_longer_call_never_costs_less(agreed: PerMinute, one: Work, other: Work) -> None:
    longer = Work(*(max(pair) for pair in zip(one, other, strict=True)))
    assert charge(longer, per_minute=agreed).amount_u >= charge(one, per_minute=agreed).amount_u


@given(per_minutes, works)
def test_billed_seconds_are_nothing_or_at_least_the_time_the_minimum_and_whole_increments(agreed: PerMinute, work: Work) -> None:
    seconds = agreed.seconds(work)
    if seconds:
        assert seconds * SECOND_US >= agreed.time_us(work)
        assert seconds == agreed.minimum_s or seconds % agreed.increment_s == 0
        assert seconds >= agreed.minimum_s
    else:
        assert agreed.time_us(work) <= agreed.free_s * SECOND_US
