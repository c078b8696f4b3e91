"""The outlook: ratios of sums over every window, held against the plan; what is not known is None."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.assess.judgement import Judgement, Verdict
from monitor.assess.outlook import LEAST_EXPECTED, OUTBOUND, Outlook, ProjectFigures, outlook
from monitor.assess.workload import shrunk_aht_us
from monitor.core.contract import MINUTE, SECOND, Contract, Hours, ServiceLevel
from monitor.core.counters import Planned
from monitor.core.direction import Direction
from monitor.core.formula import Formula
from monitor.core.snapshot import Cell, State, Window
from monitor.plan.meter import PlanMeter
from monitor.plan.plan import EMPTY, Plan, PlanRow
from tests.core.looking import caller, waits
from tests.core.scene import T0, Scene, contract, project
from tests.outputs.judging import SHOP

HOUR = 60 * MINUTE


def plan(calls: float = 60, aht: int = 180, *, start: int = T0 - HOUR, hours: int = 4, agents: float | None = 4, name: str = "bank") -> Plan:
    """The same hour for every hour of the day around the scene."""
    scheduled = None if agents is None else round(agents * 1e6)
    rows = ((start + n * HOUR, start + (n + 1) * HOUR) for n in range(hours))
    return Plan.of(PlanRow(name, a, b, round(calls * 1e6), round(calls * aht * SECOND), aht * SECOND, scheduled_u=scheduled) for a, b in rows)


class Day:
    """A scene whose plan passes with its time."""

    def __init__(self, agreed: Contract, planned: Plan) -> None:
        self.scene, self.plan, self.meter = Scene(agreed), planned, PlanMeter(planned, T0)
        self.scene.sight(members=[self.scene.row(0, "bank", "ann")])

    def pass_to(self, at: float) -> None:
        for name, minute, part in self.meter.advance(self.scene.us(at)):
            self.scene.floor.expected.passed(name, minute, part.calls_u, part.handle_us, part.agent_us or 0)

    def look(self, at: float) -> Outlook:
        self.pass_to(at)
        return outlook(self.scene.snap(at), self.scene.contract, self.plan)


AGREED = contract(project("bank", wrapup_us=0), project("shop"))


def bank(view: Outlook, window: Window = Window.LAST) -> ProjectFigures:
    return view.projects["bank"][window]


def test_half_an_hour_against_its_plan() -> None:
    day = Day(AGREED, plan(calls=20, aht=180))
    for number in range(8):
        day.scene.call(200 * number, f"c{number}", "ann", talk=120)
    last = bank(day.look(1800))
    assert (last.contacts, last.planned_contacts, last.observed) == (8, 10, 1.0)
    assert last.volume_deviation == pytest.approx(-0.2)
    assert last.aht_seconds == 120
    assert last.aht_deviation == pytest.approx((120 - 180) / 180)
    shrunk = shrunk_aht_us(180e6, 120e6, 8)
    assert last.offered_erlangs == pytest.approx(8 * shrunk / (1800 * SECOND))
    assert last.planned_erlangs == pytest.approx(1.0)
    assert last.workload_deviation == pytest.approx((8 * shrunk - 10 * 180e6) / (10 * 180e6))
    assert last.carried_erlangs == pytest.approx(8 * 120 / 1800)
    assert last.abandonment == 0


def test_nothing_known_is_none_and_nothing_happened_is_zero() -> None:
    day = Day(AGREED, EMPTY)
    view = day.look(1800)
    last = bank(view)
    assert (last.contacts, last.observed, last.carried_erlangs, last.offered_erlangs) == (0, 1.0, 0.0, 0.0)
    assert (last.planned_erlangs, last.planned_contacts, last.aht_seconds, last.abandonment, last.budget_calls) == (None,) * 5
    assert (last.volume_deviation, last.workload_deviation, last.aht_deviation) == (None,) * 3
    assert last.service_level == {}
    assert view.plans["bank"] == replace(view.plans["bank"], covered=False, end=None, has_agents=False)


def test_what_is_out_of_sight_is_blind_at_once_whatever_was_judged_of_it() -> None:
    scene = Scene(contract(project("bank"), replace(project("dial"), queues=()))).staffed("ann")
    for lost, judged, shown in (
        (False, Verdict.ON_PLAN, Verdict.ON_PLAN),
        (False, Verdict.BLIND, None),  # it is back, and its turn has not come yet
        (True, Verdict.ON_PLAN, Verdict.BLIND),
        (True, None, Verdict.BLIND),
    ):
        if lost:
            scene.lost(5)
        judgement = Judgement(projects={"bank": replace(SHOP, verdict=judged), "dial": replace(SHOP, verdict=None)})
        found = outlook(scene.floor.snapshot(scene.us(10)), scene.contract, EMPTY, judgement=judgement).judgement.projects
        assert (found["bank"].verdict, found["dial"].verdict) == (shown, None)


def test_before_the_first_look_nothing_has_a_rate() -> None:
    scene = Scene(AGREED)
    figures = bank(outlook(scene.snap(1800), AGREED, plan()))
    assert (figures.offered_erlangs, figures.carried_erlangs, figures.observed) == (None, None, 0.0)
    assert figures.volume_deviation is None
    group = outlook(scene.snap(1800), AGREED, plan()).groups["floor"][Window.LAST]
    assert (group.staffed, group.occupancy, group.earning_occupancy, group.observed) == (None, None, None, 0.0)


def test_zero_planned_calls_make_no_ratio() -> None:
    day = Day(AGREED, plan(calls=0))
    day.scene.call(100, "c", "ann")
    last = bank(day.look(1800))
    assert (last.contacts, last.planned_contacts) == (1, 0)
    assert (last.volume_deviation, last.workload_deviation, last.aht_deviation) == (None,) * 3
    assert last.planned_erlangs == 0


@pytest.mark.parametrize(("seconds", "judged"), [(299, False), (300, True)])
def test_few_expected_calls_judge_no_running_interval(seconds: int, judged: bool) -> None:
    """Sixty an hour: the fifth is due at 300 s."""
    day = Day(AGREED, plan(calls=60))
    running = bank(day.look(seconds), Window.INTERVAL)
    assert LEAST_EXPECTED == 5
    assert (running.volume_deviation is not None) is judged
    assert (running.workload_deviation is not None) is judged
    assert bank(day.look(seconds), Window.DAY).volume_deviation == -1.0


def test_few_expected_calls_are_judged_once_the_interval_is_closed() -> None:
    day = Day(AGREED, plan(calls=6))
    assert bank(day.look(1800)).volume_deviation == -1.0  # three expected, none came


def test_only_the_observed_plan_is_compared_with_what_was_seen() -> None:
    day = Day(AGREED, plan(calls=60))
    day.pass_to(600)
    day.scene.lost(600)
    day.pass_to(1200)
    day.scene.sight(1200, members=[day.scene.row(1200, "bank", "ann")])
    for number in range(10):
        day.scene.call(1300 + 30 * number, f"c{number}", "ann", talk=10)
    last = bank(day.look(1800))
    assert last.observed == pytest.approx(2 / 3)
    assert last.planned_contacts == pytest.approx(30)
    assert last.volume_deviation == pytest.approx((10 - 20) / 20)
    assert last.carried_erlangs == pytest.approx(100 / 1200)


def test_observed_is_weighed_by_the_plan_where_there_is_one() -> None:
    quarters = ((T0, 30), (T0 + 15 * MINUTE, 10))
    uneven = Plan.of(PlanRow("bank", at, at + 15 * MINUTE, calls * 1_000_000, calls * 180 * SECOND, 180 * SECOND) for at, calls in quarters)
    day = Day(AGREED, uneven)
    day.pass_to(900)
    day.scene.lost(900)
    view = day.look(1800)
    assert bank(view).observed == pytest.approx(0.75)
    assert view.projects["shop"][Window.LAST].observed == pytest.approx(0.5)  # without a plan, by time


def test_today_is_told_from_the_projects_own_midnight() -> None:
    scene = Scene(AGREED).staffed("ann")  # it is 16:00
    scene.call(0, "c", "ann")
    hours = 8 * 3600
    assert bank(outlook(scene.snap(hours - 1), AGREED, EMPTY), Window.DAY).contacts == 1
    assert bank(outlook(scene.snap(hours), AGREED, EMPTY), Window.DAY).contacts == 0


def test_a_caller_who_waits_beyond_the_threshold_has_missed_already() -> None:
    day = Day(AGREED, EMPTY)
    day.scene.call(0, "a", "ann", talk=5)
    day.scene.channel(10, "b")
    day.scene.join(10, "b")
    assert bank(day.look(30), Window.INTERVAL).service_level == dict.fromkeys(Formula, 1.0)
    late = bank(day.look(30.000001), Window.INTERVAL)
    assert late.service_level == {formula: 1.0 if formula is Formula.ANSWERED else 0.5 for formula in Formula}
    assert late.budget_calls == -1  # one of one would be above 80 %


def test_short_abandons_are_out_of_abandonment_and_of_the_default_service_level() -> None:
    agreed = contract(project("bank", wrapup_us=0, service_level=ServiceLevel(20 * SECOND, 0.8)))
    day = Day(agreed, EMPTY)
    for call, seconds in (("s", 3), ("l", 10)):
        day.scene.channel(0, call)
        day.scene.join(0, call)
        day.scene.hang_up(seconds, call)
    day.scene.call(20, "a", "ann", talk=5)
    running = bank(day.look(60), Window.INTERVAL)
    assert (running.contacts, running.abandonment) == (3, 0.5)
    assert running.service_level[Formula.SHORT_EXCLUDED] == 0.5


def test_the_late_fate_of_an_early_call_belongs_to_the_interval_it_arrived_in() -> None:
    day = Day(AGREED, EMPTY)
    day.scene.channel(1795, "c")
    day.scene.join(1795, "c")
    assert bank(day.look(1800)).contacts == 1
    day.scene.hang_up(1810, "c")
    view = day.look(1811)
    assert bank(view).abandonment == 1.0
    assert bank(view, Window.INTERVAL).contacts == 0


def test_planned_agents_of_a_group_are_those_of_its_open_projects() -> None:
    shut = Hours((((0, 3600),),) * 7)
    agreed = contract(project("bank"), project("shop", hours=shut))
    scene = Scene(agreed)
    scene.sight()
    view = outlook(scene.snap(10), agreed, plan(calls=60, aht=180, agents=4))
    assert view.group_plans["floor"].agents == 4
    assert view.group_plans["floor"].occupancy == pytest.approx(3 / 4)
    both = contract(project("bank"), project("shop"))
    assert outlook(scene.snap(10), both, plan()).group_plans["floor"].agents is None  # shop is open and has no plan
    assert outlook(scene.snap(10), agreed, plan(agents=None)).group_plans["floor"].agents is None
    nobody = outlook(scene.snap(10), agreed, plan(agents=0)).group_plans["floor"]
    assert (nobody.agents, nobody.occupancy) == (0.0, None)


def test_carrying_closed_windows_over_changes_nothing() -> None:
    """An outlook made from the last one equals one made afresh, second by second."""
    day = Day(AGREED, plan(calls=60))
    before: Outlook | None = None
    for second in range(0, 4000, 7):
        if second % 91 == 0:
            day.scene.call(second, f"c{second}", "ann", talk=5)
        day.pass_to(second)
        snapshot = day.scene.snap(second)
        before = outlook(snapshot, AGREED, day.plan, before)
        assert before == outlook(snapshot, AGREED, day.plan), second


def test_work_in_a_pause_is_carried_by_the_group_and_left_out_of_the_projects_plan_comparison() -> None:
    day = Day(AGREED, EMPTY)
    day.scene.member(0, "bank", "ann", paused=True, reason="chat")
    view = day.look(1800)
    assert view.groups["floor"][Window.LAST].occupancy == 1.0
    assert view.snapshot.projects["bank"][Window.LAST].sums[Cell.OFFLINE_US] == 1800 * SECOND
    assert bank(view).carried_erlangs == 0.0
    assert bank(view).aht_seconds is None


# --- two PBXs, one out of sight -------------------------------------------------------------------------------------------------------


def test_people_are_counted_over_the_time_in_which_all_of_their_group_was_seen() -> None:
    """Ten agents on one PBX, of whom one talks all the time; another project of the group lives on a PBX that is blind for 13 minutes."""
    agreed = contract(project("bank"), project("shop", "pbx2/shop"), pbxs=("pbx1", "pbx2"))
    one = Scene(agreed)
    other = one.on("pbx2")
    one.sight(members=[one.row(0, "bank", f"a{number}") for number in range(10)])
    other.sight()
    one.call_up(0, "c", "a0")
    other.lost(60)
    for second in range(61, 840, 7):
        one.snap(second)
    other.sight(840)
    view = outlook(one.snap(900), agreed, EMPTY)
    group = view.groups["floor"][Window.QUARTER]
    assert (group.observed, group.staffed) == pytest.approx((120 / 900, 10))
    assert (group.occupancy, group.earning_occupancy) == pytest.approx((0.1, 0.1))
    assert view.projects["bank"][Window.QUARTER].carried_erlangs == pytest.approx(1)  # seen all the time
    assert view.snapshot.counters.agent_us["floor", State.AVAILABLE] == 9 * 900 * SECOND  # their time is theirs, seen together or not


def test_a_project_is_measured_over_the_time_in_which_all_of_it_was_seen() -> None:
    """One agent talks all the time and four callers come a minute, as planned; the project's other PBX is blind for 13 minutes."""
    agreed = contract(project("bank", "bank", "pbx2/bank"), pbxs=("pbx1", "pbx2"))
    day = Day(agreed, plan(calls=240, aht=60, agents=2))
    one = day.scene
    other = one.on("pbx2")
    other.sight()
    one.call_up(0, "c", "ann")
    for number in range(1, 60):
        at = 15 * number + 7
        if number == 4:
            day.pass_to(60)
            other.lost(60)
        if number == 56:
            day.pass_to(840)
            other.sight(840)
        one.channel(at, f"c{number}")
        one.join(at, f"c{number}")
        one.hang_up(at + 6, f"c{number}")
        day.look(at + 6)
    figures = bank(day.look(900), Window.QUARTER)
    assert (figures.contacts, figures.observed) == pytest.approx((60, 120 / 900))
    assert figures.carried_erlangs == pytest.approx(1)
    assert figures.offered_erlangs == pytest.approx(4)
    assert figures.planned_erlangs == pytest.approx(4)
    assert figures.volume_deviation == pytest.approx(0)
    assert figures.workload_deviation == pytest.approx(0)
    group = day.look(900).groups["floor"][Window.QUARTER]
    assert (group.staffed, group.occupancy) == pytest.approx((1, 1))


def test_a_caller_who_came_unseen_is_no_volume_of_the_time_that_was_seen() -> None:
    """Found waiting after a gap: he is a contact, but not one of those the observed plan expected."""
    day = Day(AGREED, plan(calls=60))
    day.pass_to(300)
    day.scene.lost(300)
    day.pass_to(600)
    day.scene.sight(600, members=[day.scene.row(600, "bank", "ann")], waiting=[waits("c", 200)], channels=[caller("c")])
    for number in range(10):
        day.scene.channel(610 + 25 * number, f"c{number}")
        day.scene.join(610 + 25 * number, f"c{number}")
        day.scene.hang_up(620 + 25 * number, f"c{number}")
    figures = bank(day.look(900), Window.QUARTER)
    assert (figures.contacts, figures.volume_deviation) == pytest.approx((11, 0))


# --- outbound -----------------------------------------------------------------------------------------------------------------------


def dialled(rate: float | None = 0.25, results_u: int | None = None) -> PlanRow:
    """Two hundred attempts in the hour from the scene on, the work of four agents."""
    contacts_u = None if rate is None else round(200e6 * rate)
    return PlanRow("bank", T0, T0 + HOUR, 200_000_000, 3 * HOUR, None, Direction.OUTBOUND, scheduled_u=4_000_000, contacts_u=contacts_u, results_u=results_u)


def test_outbound_has_its_own_workload_and_contact_rate_beside_the_plan_s() -> None:
    day = Day(AGREED, Plan.of([dialled()]))
    for cell, amount in ((Cell.OUT_ATTEMPTS, 40), (Cell.OUT_CONTACTS, 8)):
        day.scene.floor.ledger.add("bank", T0 + MINUTE, cell, amount)
    last = bank(day.look(1800))
    assert (last.outbound_planned_erlangs, last.contact_ratio, last.planned_contact_ratio) == (3.0, 0.2, 0.25)
    assert (last.planned_erlangs, last.planned_contacts, last.volume_deviation, last.workload_deviation) == (None,) * 4, "nothing of it is inbound"


def test_a_rate_nobody_can_know_is_none() -> None:
    day = Day(AGREED, Plan.of([dialled(rate=None)]))
    day.scene.floor.ledger.add("bank", T0 + MINUTE, Cell.OUT_CONTACTS, 5)
    day.scene.floor.ledger.add("bank", T0 + MINUTE, Cell.OUT_ATTEMPTS, 4)
    last = bank(day.look(1800))
    assert (last.contact_ratio, last.planned_contact_ratio) == (None, None), "a dialer elsewhere, and a plan of attempts alone"
    nothing = bank(Day(AGREED, EMPTY).look(1800))
    assert (nothing.contact_ratio, nothing.outbound_planned_erlangs) == (None, None)


def test_a_plan_says_which_of_its_outbound_figures_it_has() -> None:
    def said(*rows: PlanRow) -> frozenset[Planned]:
        return Day(AGREED, Plan.of(rows)).look(60).plans["bank"].outbound

    assert said() == frozenset()
    assert said(dialled(rate=None)) == {*OUTBOUND, Planned.OUT_AGENTS}
    assert said(dialled(results_u=0)) == {*OUTBOUND, Planned.OUT_AGENTS, Planned.OUT_CONTACTS, Planned.OUT_OBSERVED_CONTACTS, Planned.OUT_RESULTS}


def test_planned_occupancy_is_the_work_of_both_directions_by_the_agents_of_both() -> None:
    inbound = PlanRow("bank", T0, T0 + HOUR, 20_000_000, HOUR, 180 * SECOND, scheduled_u=2_000_000)
    agreed = contract(project("bank", wrapup_us=0))
    (group,) = Day(agreed, Plan.of([inbound, dialled()])).look(60).group_plans.values()
    assert group.agents == 6.0
    assert group.occupancy == pytest.approx((1 + 3) / 6)
