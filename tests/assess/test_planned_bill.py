"""What the plan would bring."""

from __future__ import annotations

from decimal import Decimal

from monitor.assess.charges import plan_price
from monitor.assess.planned_bill import PlannedDay, planned
from monitor.core.contract import SECOND
from monitor.core.pay import HOUR_US
from monitor.core.tariff import (
    MICRO,
    Base,
    PerAgentHour,
    PerCall,
    PerMinute,
    Tier,
)
from tests.assess.months import DECEMBER, NOVEMBER, project, tariff

D = Decimal


def test_a_planned_call_is_as_long_as_planned() -> None:
    """100 calls of 180 s, wrap-up 15: 165 s by talk, 180 by handle."""
    of = [PlannedDay(NOVEMBER, calls_u=100 * MICRO, handle_us=100 * 180 * SECOND)]
    for base, amount in ((Base.TALK, "1100.00"), (Base.TALK_HOLD, "1100.00"), (Base.CONNECTED, "1100.00"), (Base.HANDLE, "1200.00")):
        (found,) = planned(project(tariff(per_minute=PerMinute(D(4), base))), NOVEMBER, DECEMBER, of) or ()
        assert found.variable == D(amount)


def test_planned_calls_are_not_rounded_one_by_one_and_tiers_are_in_it() -> None:
    of = [PlannedDay(NOVEMBER, calls_u=1_500_000, handle_us=1_500_000 * 76)]
    (found,) = planned(project(tariff(per_minute=PerMinute(D("0.25")))), NOVEMBER, DECEMBER, of) or ()
    assert found.total == D("0.38")  # 1.5 × 61 s
    tiers = (Tier(D(0), D(1)), Tier(D(100), D("0.50")))
    of = [PlannedDay(NOVEMBER, calls_u=150 * MICRO, handle_us=150 * 180 * SECOND)]
    (found,) = planned(project(tariff(per_call=PerCall(D(1), tiers=tiers))), NOVEMBER, DECEMBER, of) or ()
    assert found.total == D("125.00")


def test_planned_agents_that_nobody_named_leave_the_plan_unknown() -> None:
    agreed = project(tariff(per_agent_hour=PerAgentHour(D(10))))
    assert planned(agreed, NOVEMBER, DECEMBER, [PlannedDay(NOVEMBER)]) is None
    (found,) = planned(agreed, NOVEMBER, DECEMBER, [PlannedDay(NOVEMBER, agent_us=8 * HOUR_US)]) or ()
    assert (found.fixed, found.variable) == (D("80.00"), D("0.00"))


def test_a_planned_call_too_short_to_be_paid() -> None:
    agreed = tariff(per_call=PerCall(D(1), min_talk_s=200))
    assert plan_price(agreed, 180 * SECOND, 15 * SECOND) == 0
    (found,) = planned(project(agreed), NOVEMBER, DECEMBER, [PlannedDay(NOVEMBER, calls_u=MICRO, handle_us=180 * SECOND)]) or ()
    assert found.total == D("0.00")
