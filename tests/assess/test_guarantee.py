"""The minimum: the domain's forecast of 1000 calls of which 700 came, and what it accrues to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from monitor.assess.billing import Day
from monitor.assess.charges import Kind
from monitor.core.contract import SECOND
from monitor.core.tariff import (
    MICRO,
    FlatMonth,
    Minimum,
    PerCall,
    PerMinute,
)
from tests.assess.months import days, november, project, tariff

D = Decimal


PER_CALL = PerCall(D("0.90"))
SHARE = Minimum(share_of_contract_plan=D("0.9"))


def test_a_forecast_of_1000_and_700_calls() -> None:
    """Domain, 9: bill max(actual, 90 % of the forecast): 810.00, of it 180.00 for 200 calls that did not come."""
    found = november(tariff(per_call=PER_CALL, minimum=SHARE), days(10, calls=70, amount_u=63 * MICRO, contract_calls_u=100 * MICRO))
    assert (found.charges, found.shortfall_calls, found.guarantee, found.total) == (D("630.00"), D(200), D("180.00"), D("810.00"))


def test_the_guarantee_is_of_the_days_so_far() -> None:
    agreed = tariff(per_call=PER_CALL, minimum=SHARE)
    so_far = november(agreed, days(5, calls=70, amount_u=63 * MICRO, contract_calls_u=100 * MICRO))
    assert (so_far.shortfall_calls, so_far.guarantee) == (D(100), D("90.00"))


def test_more_calls_than_guaranteed_owe_nothing() -> None:
    found = november(tariff(per_call=PER_CALL, minimum=SHARE), days(10, calls=95, amount_u=85_500_000, contract_calls_u=100 * MICRO))
    assert (found.shortfall_calls, found.guarantee) == (D(0), D("0.00"))
    assert Kind.GUARANTEE not in [line.kind for line in found.lines]


def test_where_nobody_called_a_call_costs_what_a_planned_one_does() -> None:
    """100 signed calls of 180 s, 15 of them wrap-up: 2.75 minutes at 4.00 each."""
    agreed = tariff(per_minute=PerMinute(D(4)), minimum=SHARE)
    signed: dict[str, Any] = {"contract_calls_u": 100 * MICRO, "contract_handle_us": 100 * 180 * SECOND}
    assert november(agreed, days(1, **signed)).guarantee == D("990.00")
    by_project = november(project(agreed, aht_us=75 * SECOND), days(1, contract_calls_u=100 * MICRO))
    assert by_project.guarantee == D("360.00")


def test_what_hours_and_months_cost_is_in_no_missing_call() -> None:
    agreed = tariff(per_call=PER_CALL, flat_month=FlatMonth(D(3000)), minimum=SHARE)
    assert november(agreed, days(10, calls=70, amount_u=63 * MICRO, contract_calls_u=100 * MICRO)).guarantee == D("180.00")


def test_a_minimum_amount_accrues_by_days() -> None:
    agreed = tariff(per_call=PER_CALL, minimum=Minimum(amount=D(900)))
    assert november(agreed, days(calls=10, amount_u=9 * MICRO)).guarantee == D("630.00")
    assert november(agreed, days(10, calls=10, amount_u=9 * MICRO)).guarantee == D("210.00")
    assert november(agreed, days(10, calls=100, amount_u=90 * MICRO)).guarantee == D("0.00")


def test_of_two_minimums_the_larger_counts() -> None:
    of = days(10, calls=70, amount_u=63 * MICRO, contract_calls_u=100 * MICRO)
    both = Minimum(amount=D(3000), share_of_contract_plan=D("0.9"))
    assert november(tariff(per_call=PER_CALL, minimum=both), of).guarantee == D("370.00")
    assert november(tariff(per_call=PER_CALL, minimum=replace(both, amount=D(2000))), of).guarantee == D("180.00")


def test_without_the_signed_plan_the_guarantee_is_not_known() -> None:
    found = november(tariff(per_call=PER_CALL, minimum=SHARE), days(10, calls=70, amount_u=63 * MICRO))
    assert (found.charges, found.guarantee, found.shortfall_calls, found.total) == (D("630.00"), None, None, None)


def test_a_day_the_signed_plan_has_nothing_for_guarantees_nothing() -> None:
    signed = days(1, calls=70, amount_u=63 * MICRO, contract_calls_u=100 * MICRO)
    found = november(tariff(per_call=PER_CALL, minimum=SHARE), [*signed, Day(date(2026, 11, 2))])
    assert found.guarantee == D("18.00")
