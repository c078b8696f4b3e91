"""What must not be forgotten changes by a few operations, and the same operations give the same state."""

from __future__ import annotations

from monitor.core import heal
from monitor.core.contract import MINUTE, SECOND
from monitor.core.counters import Planned
from monitor.core.events import LinkLost, PastTold
from monitor.core.logrow import LogRow
from monitor.keeping import Keeping
from monitor.plan.plan import EMPTY, Plan, PlanRow
from tests.clockwork import seen
from tests.core.scene import T0, contract, project

HOUR = Plan.of([PlanRow("bank", T0, T0 + 60 * MINUTE, 60_000_000, 60 * 180 * SECOND, 180 * SECOND, scheduled_u=2_000_000)])


def kept() -> Keeping:
    return Keeping(contract(), HOUR, T0)


def test_nothing_that_happened_was_later_than_what_it_has_reached() -> None:
    one = kept()
    one.apply(seen(T0 + 3 * SECOND, "ann"))
    assert one.reached == T0 + 3 * SECOND
    one.advance(T0 + 2 * SECOND)
    assert one.reached == T0 + 3 * SECOND
    one.advance(T0 + 5 * SECOND)
    assert one.reached == T0 + 5 * SECOND
    one.shift(-MINUTE)
    assert (one.reached, one.started_at, one.clock_steps) == (T0 + 5 * SECOND - MINUTE, T0 - MINUTE, 1)


def test_a_change_of_sight_lets_the_plan_pass_first() -> None:
    one = kept()
    one.apply(seen(T0 + 60 * SECOND))
    one.apply(LinkLost("pbx1", T0 + 120 * SECOND))
    one.advance(T0 + 180 * SECOND)
    row = one.floor.counters.planned["bank"]
    assert (row[Planned.CALLS], row[Planned.OBSERVED_CALLS]) == (3_000_000, 1_000_000)


def test_another_plan_changes_only_the_future() -> None:
    one = kept()
    one.apply(seen(T0))
    twice = Plan.of([PlanRow("bank", T0, T0 + 60 * MINUTE, 120_000_000, 0, None)])
    one.change(contract(), twice, T0 + 60 * SECOND)
    assert one.plan is twice
    one.advance(T0 + 180 * SECOND)
    row = one.floor.counters.planned["bank"]
    assert (row[Planned.CALLS], row[Planned.OBSERVED_CALLS]) == (5_000_000, 5_000_000)


def test_the_plan_of_a_project_that_is_gone_stops_and_goes_on_where_it_was() -> None:
    one = kept()
    one.change(contract(project("shop")), EMPTY, T0 + 60 * SECOND)
    one.change(contract(), HOUR, T0 + 120 * SECOND)
    one.advance(T0 + 180 * SECOND)
    assert one.floor.counters.planned["bank"][Planned.CALLS] == 2_000_000


def test_a_log_tells_of_a_project_that_came_later_with_its_plan_until_then() -> None:
    """The PBX was away at the start: what its log tells of the morning is held against the plan of the morning, once."""
    one = Keeping(contract(project("shop")), EMPTY, T0 + 10 * MINUTE)
    one.change(contract(), HOUR, T0 + 20 * MINUTE)
    snapshot = seen(T0 + 30 * MINUTE)
    past = heal.retell(contract(), "pbx1", [LogRow(T0 // SECOND, "c", "bank", "NONE", "ENTERQUEUE", ("", "1", "1"))], snapshot, T0)
    one.apply(PastTold("pbx1", snapshot.at, past))
    while one.telling:
        one.tell()
    one.apply(snapshot)
    row = one.floor.counters.planned["bank"]
    assert (row[Planned.CALLS], row[Planned.OBSERVED_CALLS]) == (30_000_000, 30_000_000)


def test_facts_are_learnt_and_what_is_not_told_stays() -> None:
    one = kept()
    one.learn({("connects", "pbx1"): 1, ("startup", "pbx1"): "then"})
    one.learn({("connects", "pbx1"): 2})
    assert one.facts == {("connects", "pbx1"): 2, ("startup", "pbx1"): "then"}
