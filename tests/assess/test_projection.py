"""How a period will end: as planned, times what came of the plan so far."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

from monitor.assess.billing import Bill, Day
from monitor.assess.margin import Margin
from monitor.assess.planned_bill import PlannedDay, planned
from monitor.assess.projection import Progress, fixed, projected, revenue, to_come
from monitor.core.contract import SECOND
from monitor.core.pay import HOUR_US
from monitor.core.tariff import MICRO, FlatMonth, Minimum, PerAgentHour, PerCall
from tests.assess.months import DECEMBER, NOVEMBER, days, november, project, tariff

D = Decimal
AGREED = project(tariff(per_call=PerCall(D(1)), flat_month=FlatMonth(D("300.00"))))


def plan(count: int, calls: int = 100) -> Bill:
    of = [PlannedDay(date(2026, 11, number), calls_u=calls * MICRO, handle_us=calls * 180 * SECOND) for number in range(1, count + 1)]
    (found,) = planned(AGREED, NOVEMBER, DECEMBER, of) or ()
    return found


def came(count: int, calls: int) -> Bill:
    return november(AGREED, days(count, calls=calls, amount_u=calls * MICRO))


def test_calls_go_on_as_they_came_and_what_is_fixed_as_agreed() -> None:
    """80 of 100 planned calls a day for 10 days: 2400 in the month, and 300 whoever calls."""
    assert revenue(came(10, 80), plan(10), plan(30)) == D("2700.00")


def test_at_the_end_nothing_is_to_come() -> None:
    assert revenue(came(30, 80), plan(30), plan(30)) == came(30, 80).total


def test_where_the_plan_has_nothing_so_far_the_rest_comes_as_planned() -> None:
    assert revenue(came(0, 0), plan(0), plan(30)) == D("3300.00")


def test_a_guarantee_grows_in_step() -> None:
    agreed = project(tariff(per_call=PerCall(D(1)), minimum=Minimum(share_of_contract_plan=D("0.9"))))
    of = [Day(date(2026, 11, number), calls=70, amount_u=70 * MICRO, contract_calls_u=100 * MICRO) for number in range(1, 11)]
    assert revenue(november(agreed, of), plan(10), plan(30)) == D("2700.00") + D("200.00")  # 90 a day; of the plan's flat month 20 days


def test_a_bill_that_is_not_known_has_no_end() -> None:
    agreed = project(tariff(per_call=PerCall(D(1)), minimum=Minimum(share_of_contract_plan=D("0.9"))))
    assert revenue(november(agreed, days(10, calls=1)), plan(10), plan(30)) is None


def test_hours_of_agents_go_on_as_they_came_of_the_planned_ones() -> None:
    agreed = project(tariff(per_agent_hour=PerAgentHour(D(1)), flat_month=FlatMonth(D("300.00"))))
    of = [PlannedDay(date(2026, 11, number), agent_us=100 * HOUR_US) for number in range(1, 31)]
    (ten,), (all_of_it,) = planned(agreed, NOVEMBER, DECEMBER, of[:10]) or (), planned(agreed, NOVEMBER, DECEMBER, of) or ()
    so_far = november(agreed, days(10, agent_us=60 * HOUR_US))
    assert so_far.hours == D("600.00")
    assert revenue(so_far, ten, all_of_it) == fixed(so_far, ten, all_of_it) == D("1800.00") + D("300.00")


def test_costs_follow_planned_work_else_days() -> None:
    so_far = Margin(D("800.00"), D("500.00"), D("50.00"), D("100.00"))
    by_work = projected(so_far, D("2400.00"), Progress(1000, 1500, Fraction(10), Fraction(20), D(10)))
    assert by_work == Margin(D("2400.00"), D("1250.00"), D("125.00"), D("300.00"))
    by_days = projected(so_far, D("2400.00"), Progress(0, 0, Fraction(10), Fraction(20), D(10)))
    assert by_days == Margin(D("2400.00"), D("1500.00"), D("150.00"), D("300.00"))


def test_what_is_not_known_is_not_projected() -> None:
    so_far = Margin(D("800.00"), None, D("50.00"), None)
    found = projected(so_far, None, Progress(0, 0, Fraction(0), Fraction(30), None))
    assert (found.revenue, found.labour, found.telecom, found.fixed, found.amount) == (None, None, None, None, None)


def test_of_nothing_nothing_follows() -> None:
    assert to_come(D("5.00"), Fraction(0), Fraction(1)) is None
    assert to_come(D("5.00"), Fraction(0), Fraction(0)) == D("0.00")
    assert to_come(D("5.00"), Fraction(3), Fraction(1)) == D("1.67")
