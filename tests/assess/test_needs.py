"""What a group needs."""

from __future__ import annotations

import pytest

from monitor.assess.needs import Expected, alone, expected, need, target
from monitor.assess.palm import Demand
from monitor.assess.staffing import required, required_alone
from monitor.core.contract import MINUTE, SECOND, Contract, Group, Hours, Project, QueueId, ServiceLevel
from monitor.core.formula import Formula
from monitor.core.snapshot import Cell, Span
from monitor.plan.plan import EMPTY, Plan, PlanRow
from tests.assess.looks import AT, sums

HALF = 30 * MINUTE
BANK = Project("bank", "Bank", "floor", (QueueId("pbx1", "bank"),))
SHOP = Project("shop", "Shop", "floor", (QueueId("pbx1", "shop"),), service_level=ServiceLevel(40 * SECOND, 0.7, Formula.ABANDON_POSITIVE))
CONTRACT = Contract(groups=(Group("floor", shrinkage=0.3),), projects=(BANK, SHOP))
START = BANK.interval_start(AT, HALF)
PLAN = Plan.of([PlanRow("bank", START + n * HALF, START + (n + 1) * HALF, (60 + 60 * n) * 10**6, (60 + 60 * n) * 200 * SECOND, 200 * SECOND) for n in range(2)])
HOUR, DAY = Span(AT - 60 * MINUTE, AT, sums(contacts_seen=30, observed_us=60 * MINUTE)), Span(AT - 8 * 60 * MINUTE, AT, sums())


def test_the_plan_times_how_busy_the_day_is() -> None:
    one = expected(BANK, PLAN, AT, HALF, 1.5, HOUR, DAY)
    assert one.now == Demand(1.5 * 60 / 1800, 200.0, 120.0)
    assert one.next == Demand(1.5 * 120 / 1800, 200.0, 120.0)


def test_today_s_handling_time_is_believed_as_far_as_it_tells() -> None:
    longer = Span(DAY.start, DAY.end, sums(handled=240, handled_us=240 * 300 * SECOND))
    one = expected(BANK, PLAN, AT, HALF, 1.0, HOUR, longer)
    assert one.now is not None
    assert one.now.aht_seconds == pytest.approx(200 * 1.5**0.5)


def test_without_a_plan_it_is_as_in_the_last_hour_and_unknown_where_that_was_not_seen() -> None:
    assert expected(BANK, EMPTY, AT, HALF, 1.0, HOUR, DAY).now == Demand(30 / 3600, 180.0, 120.0)
    unseen = list(HOUR.sums)
    unseen[Cell.OBSERVED_US] = 0
    assert expected(BANK, EMPTY, AT, HALF, 1.0, Span(HOUR.start, HOUR.end, tuple(unseen)), DAY).now is None
    closed = Project("bank", "Bank", "floor", (QueueId("pbx1", "bank"),), hours=Hours(((),) * 7))
    one = expected(closed, EMPTY, AT, HALF, 1.0, HOUR, DAY).now
    assert one is not None
    assert one.calls_per_second == 0


def test_a_group_needs_what_its_projects_need_together() -> None:
    bank, shop = expected(BANK, PLAN, AT, HALF, 1.0, HOUR, DAY), expected(SHOP, EMPTY, AT, HALF, 1.0, HOUR, DAY)
    found = need(CONTRACT.groups[0], CONTRACT, {"bank": bank, "shop": shop})
    assert found is not None
    assert bank.now is not None
    assert shop.now is not None
    assert found.now == required([(bank.now, target(BANK)), (shop.now, target(SHOP))], 0.88, 0.3)
    own = required_alone(bank.now, target(BANK), 0.88, 0.3)
    assert own is not None
    assert alone(BANK, CONTRACT.groups[0], bank) == own.net
    assert alone(BANK, CONTRACT.groups[0], Expected(None, bank.now)) is None
    assert found.offered_erlangs == pytest.approx(bank.now.erlangs + shop.now.erlangs)
    assert found.next.net > found.now.net
    assert found.achievable == pytest.approx(found.offered_erlangs / found.now.net)


def test_a_need_without_one_of_its_projects_would_be_too_small() -> None:
    assert need(CONTRACT.groups[0], CONTRACT, {"bank": expected(BANK, PLAN, AT, HALF, 1.0, HOUR, DAY)}) is None


def test_a_contract_s_promise_is_the_target() -> None:
    one = target(SHOP)
    assert (one.formula, one.threshold_seconds, one.ratio, one.short_seconds, one.max_abandonment) == (Formula.ABANDON_POSITIVE, 40.0, 0.7, 5.0, 0.05)
