"""Wages: whose counts, what multiplies it and when; and rates that add up as integers."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.pay import HOUR_US, HUNDREDTHS, PAY_US, SECOND_US, Multipliers, Pay, Wage, cost, hundredths

D = Decimal
DAY = date(2026, 11, 2)
WAGES = (
    Wage(D("200.00"), person="ann", last=date(2026, 11, 15)),
    Wage(D("220.00"), person="ann", first=date(2026, 11, 16)),
    Wage(D("180.00"), group="floor"),
    Wage(D("150.00"), group="night", first=date(2026, 11, 10)),
)


@pytest.mark.parametrize(
    ("person", "group", "day", "expected"),
    [
        ("ann", "floor", 15, "200.00"),
        ("ann", "floor", 16, "220.00"),
        ("ann", None, 1, "200.00"),
        ("bob", "floor", 1, "180.00"),
        ("bob", "night", 9, None),
        ("bob", "night", 10, "150.00"),
        ("bob", None, 10, None),
    ],
)
def test_a_wage_of_ones_own_goes_before_the_groups(person: str, group: str | None, day: int, expected: str | None) -> None:
    assert Pay(WAGES).wage(person, group, date(2026, 11, day)) == (None if expected is None else D(expected))


@pytest.mark.parametrize(
    ("begin", "end", "local", "is_night"),
    [(22, 6, "21:59", False), (22, 6, "22:00", True), (22, 6, "00:00", True), (22, 6, "05:59", True), (22, 6, "06:00", False), (0, 6, "23:59", False)],
)
def test_a_night_may_go_over_midnight(begin: int, end: int, local: str, is_night: bool) -> None:
    assert Multipliers(night_from=time(begin), night_to=time(end)).is_night(time.fromisoformat(local)) is is_night


def test_of_night_and_holiday_the_higher_counts() -> None:
    agreed = Pay(WAGES, Multipliers(night=D("1.2"), holiday=D(2)), frozenset({DAY}))
    night, next_night = (datetime.combine(day, time(23), tzinfo=UTC) for day in (DAY, date(2026, 11, 3)))
    assert (agreed.multiplier(night), agreed.multiplier(next_night)) == (D(2), D("1.2"))
    assert (agreed.rate("bob", "floor", night), agreed.rate("bob", "floor", next_night)) == (36_000, 21_600)
    assert agreed.rate("bob", None, night) is None


def test_a_multiplier_below_1_takes_nothing_off() -> None:
    assert Pay(multipliers=Multipliers(night=D("0.5"))).multiplier(datetime.combine(DAY, time(23), tzinfo=UTC)) == 1


def test_rates_are_whole_hundredths() -> None:
    assert hundredths(D("33.335")) == 3334
    assert cost(HOUR_US // PAY_US * 18_000) == D(180)
    assert cost(90 * 60 * SECOND_US // PAY_US * 10_000) == D(150)


@pytest.mark.parametrize("zone", ["Europe/Kyiv", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"])
@given(at=st.integers(1_700_000_000 * SECOND_US, 1_900_000_000 * SECOND_US))
def test_no_rate_changes_before_the_next_quarter(zone: str, at: int) -> None:
    agreed = Pay(WAGES, Multipliers(night=D("1.5"), night_from=time(22, 15), night_to=time(5, 45)))
    until = Pay.changes_at(at)
    assert at < until <= at + Pay.STEP_US
    begun, last = (datetime.fromtimestamp(when // SECOND_US, ZoneInfo(zone)) for when in (until - Pay.STEP_US, until - 1))
    assert agreed.rate("ann", "floor", begun) == agreed.rate("ann", "floor", last)
    assert begun.date() == last.date()


@given(st.lists(st.tuples(st.integers(0, HOUR_US), st.integers(0, 100_000)), max_size=20))
def test_what_time_costs_adds_up(spent: list[tuple[int, int]]) -> None:
    total = sum(time_us * rate for time_us, rate in spent)
    assert abs(cost(total) - sum((cost(time_us * rate) for time_us, rate in spent), D(0))) < D("0.000000000001")
    assert cost(total) * (HOUR_US // PAY_US) * HUNDREDTHS - total < D("0.001")
