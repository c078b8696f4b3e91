"""What must not be forgotten changes by a few operations, and the same operations give the same state."""

from __future__ import annotations

from dataclasses import replace

from monitor.core import heal
from monitor.core.called import CalledTold
from monitor.core.contract import MINUTE, SECOND, QueueId
from monitor.core.counters import Planned
from monitor.core.direction import Direction
from monitor.core.events import GapTold, LinkLost, LogSeen, PastTold
from monitor.core.logrow import LogRow
from monitor.core.snapshot import Cell, Window
from monitor.keeping import Keeping
from monitor.plan.plan import EMPTY, Plan, PlanRow
from tests.clockwork import seen
from tests.core.scene import T0, contract, project

HOUR_ROW = PlanRow("bank", T0, T0 + 60 * MINUTE, 60_000_000, 60 * 180 * SECOND, 180 * SECOND, scheduled_u=2_000_000)
HOUR = Plan.of([HOUR_ROW])


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


def test_a_gap_in_which_another_plan_came_into_force_is_observed_by_the_plan_that_passed() -> None:
    def planned(calls: int) -> Plan:
        return Plan.of([PlanRow("bank", T0, T0 + 4 * 60 * MINUTE, calls * 1_000_000, calls * 180 * SECOND, 180 * SECOND)])

    one = Keeping(contract(project("bank")), planned(400), T0)
    one.apply(seen(T0))
    one.apply(LogSeen("pbx1", T0, up=True))
    one.advance(T0 + 10 * MINUTE)
    one.apply(LinkLost("pbx1", T0 + 10 * MINUTE))
    one.change(contract(project("bank")), planned(4000), T0 + 60 * MINUTE)
    back = seen(T0 + 61 * MINUTE)
    one.apply(GapTold("pbx1", back.at, (LogRow(T0 // SECOND, "x", "bank", "NONE", "ENTERQUEUE", ("", "0", "1")),), back, 0))
    while one.telling:
        one.tell()
    one.apply(back)
    one.advance(back.at)
    counted = one.floor.counters.planned["bank"]
    assert counted[Planned.OBSERVED_CALLS] == counted[Planned.CALLS] > 100 * 1_000_000
    assert counted[Planned.OBSERVED_HANDLE] == counted[Planned.HANDLE]


OUTBOUND = PlanRow(
    *("bank", T0, T0 + 60 * MINUTE, 600_000_000, 180 * 90 * SECOND, 90 * SECOND),
    direction=Direction.OUTBOUND,
    scheduled_u=8_000_000,
    contacts_u=180_000_000,
    results_u=30_000_000,
)


def outbound(one: Keeping) -> dict[str, int]:
    row, sums = one.floor.counters.planned["bank"], one.floor.ledger.projects["bank"].windows[Window.DAY].sums
    cells = {cell.name.removeprefix("PLAN_").removesuffix("_U").removesuffix("_US"): sums[cell] for cell in Cell if cell.name.startswith("PLAN_OUT_")}
    counted = {place.name: row[place] for place in Planned if place.name.startswith("OUT_")}
    cells["OUT_AGENTS"] = cells.pop("OUT_AGENT")
    assert counted == cells, "the counters and the books are of one mind"
    return counted


def test_what_is_planned_of_outbound_work_passes_beside_what_comes_in() -> None:
    one = Keeping(contract(), Plan.of([HOUR_ROW, OUTBOUND]), T0)
    one.apply(seen(T0))
    one.advance(T0 + 6 * MINUTE)
    assert outbound(one) == {
        "OUT_ATTEMPTS": 60_000_000,
        "OUT_CONTACTS": 18_000_000,
        "OUT_HANDLE": 18 * 90 * SECOND,
        "OUT_RESULTS": 3_000_000,
        "OUT_OBSERVED_ATTEMPTS": 60_000_000,
        "OUT_OBSERVED_CONTACTS": 18_000_000,
        "OUT_OBSERVED_HANDLE": 18 * 90 * SECOND,
        "OUT_AGENTS": 8 * 6 * MINUTE,
    }
    row = one.floor.counters.planned["bank"]
    assert (row[Planned.CALLS], row[Planned.OBSERVED_CALLS], row[Planned.AGENTS]) == (6_000_000, 6_000_000, 2 * 6 * MINUTE), "inbound has its own"


def test_outbound_twins_stand_while_nobody_sees_and_another_plan_changes_only_the_future() -> None:
    one = Keeping(contract(), Plan.of([OUTBOUND]), T0)
    one.apply(seen(T0))
    one.apply(LinkLost("pbx1", T0 + 2 * MINUTE))
    one.change(contract(), Plan.of([replace(OUTBOUND, calls_u=0, contacts_u=None, results_u=None)]), T0 + 4 * MINUTE)
    one.shift(90 * SECOND)
    one.advance(T0 + 10 * MINUTE)
    found = outbound(one)
    assert (found["OUT_ATTEMPTS"], found["OUT_OBSERVED_ATTEMPTS"]) == (40_000_000, 20_000_000)
    assert (found["OUT_CONTACTS"], found["OUT_RESULTS"]) == (12_000_000, 2_000_000), "what the new plan does not say is no more of it"


def test_a_log_tells_of_no_outbound_work_so_its_twins_do_not_follow() -> None:
    one = Keeping(contract(), Plan.of([HOUR_ROW, OUTBOUND]), T0 + 20 * MINUTE)
    snapshot = seen(T0 + 30 * MINUTE)
    past = heal.retell(contract(), "pbx1", [LogRow(T0 // SECOND, "c", "bank", "NONE", "ENTERQUEUE", ("", "1", "1"))], snapshot, T0)
    one.apply(PastTold("pbx1", snapshot.at, past))
    while one.telling:
        one.tell()
    one.apply(snapshot)
    found, row = outbound(one), one.floor.counters.planned["bank"]
    assert (row[Planned.CALLS], row[Planned.OBSERVED_CALLS]) == (30_000_000, 30_000_000)
    assert (found["OUT_ATTEMPTS"], found["OUT_OBSERVED_ATTEMPTS"]) == (300_000_000, 0)


def test_records_tell_of_outbound_work_so_its_twins_follow_but_for_the_time_it_took() -> None:
    one = Keeping(contract(), Plan.of([OUTBOUND]), T0)
    one.apply(seen(T0))
    one.apply(LinkLost("pbx1", T0 + 110 * SECOND))
    one.apply(seen(T0 + 5 * MINUTE))
    one.advance(T0 + 6 * MINUTE)
    assert outbound(one)["OUT_OBSERVED_ATTEMPTS"] < outbound(one)["OUT_ATTEMPTS"] == 60_000_000
    worked = outbound(one)["OUT_OBSERVED_HANDLE"]
    for _ in range(2):
        one.apply(CalledTold("pbx1", T0 + 6 * MINUTE, T0 + 110 * SECOND, (), T0 + 5 * MINUTE))
        found = outbound(one)
        assert (found["OUT_OBSERVED_ATTEMPTS"], found["OUT_OBSERVED_CONTACTS"]) == (60_000_000, 18_000_000)
        assert found["OUT_OBSERVED_HANDLE"] == worked < found["OUT_HANDLE"], "nobody's time is told"


def test_the_twins_of_a_morning_follow_whoever_tells_who_was_called_in_it() -> None:
    one = Keeping(contract(), Plan.of([HOUR_ROW, OUTBOUND]), T0 + 20 * MINUTE)
    snapshot = seen(T0 + 30 * MINUTE)
    past = heal.retell(contract(), "pbx1", [LogRow(T0 // SECOND, "c", "bank", "NONE", "ENTERQUEUE", ("", "1", "1"))], snapshot, T0)
    one.apply(PastTold("pbx1", snapshot.at, past))
    while one.telling:
        one.tell()
    one.apply(snapshot)
    one.apply(CalledTold("pbx1", snapshot.at + 3 * SECOND, T0, (), snapshot.at))
    assert outbound(one)["OUT_OBSERVED_ATTEMPTS"] == 300_000_000


def test_twins_of_a_project_on_two_pbxs_wait_for_the_records_of_both() -> None:
    both = contract(replace(project("bank"), queues=(QueueId("pbx1", "bank"), QueueId("pbx2", "bank"))), pbxs=("pbx1", "pbx2"))
    one = Keeping(both, Plan.of([OUTBOUND]), T0)
    for pbx in ("pbx1", "pbx2"):
        one.apply(replace(seen(T0), pbx=pbx))
    for pbx in ("pbx1", "pbx2"):
        one.apply(LinkLost(pbx, T0 + MINUTE))
    one.apply(seen(T0 + 2 * MINUTE))
    one.apply(replace(seen(T0 + 3 * MINUTE), pbx="pbx2"))
    one.advance(T0 + 4 * MINUTE)
    told = []
    for pbx, until in (("pbx1", 2), ("pbx2", 3)):
        one.apply(CalledTold(pbx, T0 + 4 * MINUTE, T0 + MINUTE, (), T0 + until * MINUTE))
        told.append(outbound(one)["OUT_OBSERVED_ATTEMPTS"])
    assert told == [20_000_000, 40_000_000]


def test_facts_are_learnt_and_what_is_not_told_stays() -> None:
    one = kept()
    one.learn({("connects", "pbx1"): 1, ("startup", "pbx1"): "then"})
    one.learn({("connects", "pbx1"): 2})
    assert one.facts == {("connects", "pbx1"): 2, ("startup", "pbx1"): "then"}


# --- between a gap that is told and the snapshot it is told for ---------------------------------------------------------------------------


def told_and_not_ended(*pbxs: str) -> Keeping:
    """A log has told the gap of the first PBX; its snapshot has not come yet."""
    projects = [project("bank", *(f"{pbx}/bank" for pbx in pbxs))]
    one = Keeping(contract(*projects, pbxs=pbxs), EMPTY, T0)
    for pbx in pbxs:
        one.apply(seen(T0 + SECOND, "ann", pbx=pbx))
    one.apply(LinkLost(pbxs[0], T0 + 10 * SECOND))
    snapshot = seen(T0 + 30 * SECOND, "ann", pbx=pbxs[0])
    one.apply(GapTold(pbxs[0], snapshot.at, (), snapshot, 0))
    while one.telling:
        one.tell()
    return one


def test_whoever_told_a_gap_and_is_gone_has_it_ended_for_him() -> None:
    one = told_and_not_ended("pbx1")
    assert not one.floor.sides["pbx1"].observed
    one.finish()
    assert one.floor.sides["pbx1"].observed


def test_a_pbx_that_is_taken_out_before_its_snapshot_leaves_nothing_to_end() -> None:
    one = told_and_not_ended("pbx1", "pbx2")
    one.change(contract(project("bank", "pbx2/bank"), pbxs=("pbx2",)), EMPTY, T0 + 31 * SECOND)
    one.finish()
    assert list(one.floor.sides) == ["pbx2"]


def test_the_snapshot_a_gap_was_told_for_moves_with_the_clock() -> None:
    one = told_and_not_ended("pbx1")
    one.shift(-90 * SECOND)
    one.finish()
    assert one.reached == T0 - 60 * SECOND
    assert one.floor.sides["pbx1"].observed
    one.advance(T0 - 59 * SECOND)
    assert one.floor.now == T0 - 59 * SECOND
