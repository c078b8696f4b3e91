"""Another contract on a living floor: who belongs to whom afterwards."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.core import events as ev
from monitor.core.agents import Wrapup
from monitor.core.contract import MINUTE, SECOND, Contract, Group, Person, QueueId, ServiceLevel
from monitor.core.counters import Contacts, Outcome, Visits
from monitor.core.snapshot import Cell, State, Window
from tests.core.scene import REASONS, Scene, busy, contract, project
from tests.core.test_gaps import tell
from tests.core.test_heal import snapshot, told


def change(scene: Scene, at: float, *projects: object, **more: object) -> Contract:
    agreed = contract(*projects, **more)  # type: ignore[arg-type]
    scene.floor.change(agreed, scene.us(at))
    scene.contract = agreed
    return agreed


# --- projects and their counters ----------------------------------------------------------------------------------------------------


def test_a_new_project_begins_at_nought_and_counts_from_then_on() -> None:
    scene = Scene(contract(project("bank"))).staffed("ann")
    change(scene, 10)
    assert scene.contacts("shop") == {}
    scene.sight(11)
    scene.channel(12, "c")
    scene.join(12, "c", "shop")
    assert scene.contacts("shop") == {"contacts": 1}
    assert scene.snap(12).projects["shop"][Window.DAY].sums[0] == 1


def test_a_project_that_is_gone_is_shown_no_more_and_goes_on_where_it_was() -> None:
    scene = Scene().staffed("ann")
    scene.call(1, "c", "ann")
    agreed = change(scene, 30, project("shop"))
    view = scene.snap(31)
    assert set(view.projects) == {"shop"}
    assert {queue.project for queue in view.queues} == {"shop"}
    assert agreed.claimed == {QueueId("pbx1", "shop")}
    change(scene, 60)
    scene.sight(61, members=[scene.row(61, "bank", "ann")])
    scene.call(62, "d", "ann")
    assert scene.contacts() == {"contacts": 2, "answered": 2, "in_threshold": 2, "handled": 1}
    assert scene.snap(62).projects["bank"][Window.DAY].sums[0] == 2


def test_what_is_under_way_in_a_project_that_is_gone_runs_to_its_end() -> None:
    scene = busy()
    change(scene, 10, project("shop"))
    assert scene.snap(10).waiting_since["bank"] == (scene.us(2), scene.us(4))
    assert [queue.waiting for queue in scene.snap(10).queues] == [0]
    scene.hang_up(20, "waits")
    scene.finish(30, "talks", "ann", "ann-talks")
    scene.snap(60)
    row = scene.floor.counters.visits["bank", QueueId("pbx1", "bank")]
    assert (row[Visits.ENTERED], row[Visits.ANSWERED], row[Visits.ABANDONED], row[Visits.HANDLED]) == (3, 1, 1, 1)
    assert scene.floor.counters.contacts["bank"][Contacts.HANDLED] == 1


def test_the_book_of_a_project_that_is_gone_is_closed_when_nothing_is_kept_in_it() -> None:
    scene = busy()
    change(scene, 10, project("shop"))
    assert "bank" in scene.floor.ledger.projects
    for call in ("waits", "rings"):
        scene.hang_up(20, call)
    scene.end(20, "bob-1")
    scene.finish(30, "talks", "ann", "ann-talks")
    scene.snap(60 * 60 * 60)
    assert "bank" in scene.floor.ledger.projects
    change(scene, 60 * 60 * 60, project("shop"), site="elsewhere")
    assert "bank" not in scene.floor.ledger.projects


def test_a_queue_that_changes_hands_gives_its_next_caller_to_the_other_and_keeps_those_in_it() -> None:
    scene = busy()
    change(scene, 10, project("bank", "other"), project("shop", "shop", "bank"))
    scene.hang_up(20, "waits")
    scene.channel(21, "new")
    scene.join(21, "new", "bank")
    assert scene.contacts("bank") == {"contacts": 3, "answered": 1, "in_threshold": 1, "abandoned": 1, "abandoned_in_threshold": 1}
    assert scene.contacts("shop") == {"contacts": 1}


def test_callers_who_wait_and_talk_are_held_against_the_threshold_agreed_now() -> None:
    scene = Scene().staffed("ann")
    scene.channel(0, "c")
    scene.join(0, "c")
    change(scene, 5, project("bank", service_level=ServiceLevel(7 * SECOND)), project("shop"))
    scene.ring(6, "c", "ann")
    scene.answer(10, "c", "ann")
    assert scene.contacts() == {"contacts": 1, "answered": 1}
    assert "in_threshold" not in scene.visits()


def test_a_moved_threshold_is_a_bound_more_and_no_running_count_falls() -> None:
    scene = Scene().staffed("ann")
    scene.call(0, "c", "ann", ring=6)
    change(scene, 60, project("bank", service_level=ServiceLevel(7 * SECOND)), project("shop"))
    scene.call(60, "d", "ann", ring=7)
    waits = scene.floor.counters.waits["bank", QueueId("pbx1", "bank"), Outcome.ANSWERED]
    assert waits.bounds_us[:4] == (5 * SECOND, 7 * SECOND, 10 * SECOND, 15 * SECOND)
    assert waits.counts[:4] == [0, 1, 1, 0]  # the first may have been below 7 s: nobody knows any more
    assert waits.sum_us == 13 * SECOND
    change(scene, 90)
    assert 7 * SECOND in scene.floor.counters.waits["bank", QueueId("pbx1", "bank"), Outcome.ANSWERED].bounds_us


def test_another_interval_and_zone_look_at_the_same_minutes_afresh() -> None:
    scene = Scene().staffed("ann")
    scene.call(1, "c", "ann")
    scene.call(20 * 60, "d", "ann")
    assert scene.snap(25 * 60).projects["bank"][Window.INTERVAL].sums[0] == 2
    change(scene, 25 * 60, interval_us=15 * MINUTE)
    view = scene.snap(25 * 60)
    assert view.projects["bank"][Window.INTERVAL].sums[0] == view.projects["bank"][Window.LAST].sums[0] == 1
    assert view.groups["floor"][Window.INTERVAL].start == scene.us(15 * 60)


# --- queues -------------------------------------------------------------------------------------------------------------------------


def test_a_new_queue_is_not_shown_before_the_pbx_has_told_of_it() -> None:
    scene = Scene(contract(project("bank"))).staffed("ann")
    change(scene, 10)
    assert [queue.queue.name for queue in scene.snap(10).queues] == ["bank"]
    scene.sight(11, members=[scene.row(11, "bank", "ann")], waiting=[ev.WaitingRow("c", "shop", "PJSIP/trunk-c", 30 * SECOND)])
    assert [(queue.queue.name, queue.waiting) for queue in scene.snap(11).queues] == [("bank", 0), ("shop", 1)]


def test_what_a_new_queue_shows_is_no_mismatch() -> None:
    scene = Scene(contract(project("bank"))).staffed("ann")
    change(scene, 10)
    members = [scene.row(11, "bank", "ann"), scene.row(11, "shop", "ann"), scene.row(11, "shop", "bob")]
    scene.sight(11, members=members, waiting=[ev.WaitingRow("c", "shop", "PJSIP/trunk-c", 30 * SECOND)])
    scene.snap(20)
    assert scene.floor.counters.reconcile_mismatches == {"pbx1": 0}
    assert scene.state(20, "bob") is State.AVAILABLE


def test_nobody_is_a_member_of_a_queue_that_is_nobodys() -> None:
    scene = Scene()
    scene.sight(members=[scene.row(0, "bank", "ann"), scene.row(0, "shop", "bob")])
    change(scene, 10, project("bank"))
    assert scene.state(10, "bob") is None
    assert scene.state(10, "ann") is State.AVAILABLE
    assert scene.spent(20, "bob") == {State.AVAILABLE: 10}


# --- people -------------------------------------------------------------------------------------------------------------------------


def test_people_are_in_the_group_that_claims_them_now_and_their_time_stays_where_it_was() -> None:
    scene = Scene().staffed("ann", "bob")
    change(scene, 10, groups=(Group("floor", ("PJSIP/a*",)), Group("other", ("PJSIP/b*",))))
    scene.snap(15)
    counters = scene.floor.counters
    assert (counters.agent_us["floor", State.AVAILABLE], counters.agent_us["other", State.AVAILABLE]) == (25 * SECOND, 5 * SECOND)


def test_a_pause_is_what_its_reason_is_now() -> None:
    scene = busy()
    assert scene.state(10, "eve") is State.PAUSED
    change(scene, 10, groups=(Group("floor", pause_reasons=(replace(REASONS[3], name="lunch"),)),))
    assert scene.state(15, "eve") is State.OFFLINE
    change(scene, 15, groups=(Group("floor"),))
    scene.snap(20)
    assert {reason: us // SECOND for (_, reason), us in scene.floor.counters.pause_us.items() if us} == {"lunch": 10, "other": 5}


def test_somebody_of_no_group_is_said_once() -> None:
    scene = Scene(contract(groups=(Group("floor", ("PJSIP/a*",)),)), strict=False).staffed("ann", "bob")
    change(scene, 10, groups=(Group("floor", ("PJSIP/a*",)),), site="elsewhere")
    assert scene.floor.counters.anomalies == {"member_without_group": 1}


def test_a_person_who_gets_a_name_stays_who_they_were() -> None:
    scene = busy()
    change(scene, 10, people=(Person("101", "Anna", ("PJSIP/ann",), "floor"),))
    anna = scene.agent("Anna")
    assert (anna.id, anna.state, anna.state_since) == ("101", State.TALK, scene.us(1))
    scene.finish(20, "talks", "ann", "ann-talks")
    assert scene.state(21, "Anna") is State.WRAPUP
    assert "pbx1/PJSIP/ann" not in scene.floor.staff.agents


def test_two_phones_that_are_one_person_now_are_one_state() -> None:
    scene = busy()
    change(scene, 10, people=(Person("101", "Anna", ("PJSIP/ann", "PJSIP/bob")),))
    assert sorted(scene.floor.staff.agents) == ["101", "pbx1/PJSIP/eve"]
    anna = scene.agent("Anna")
    assert anna.state is State.TALK
    assert len(anna.places()) == 2
    scene.answer(12, "rings", "bob")
    assert len(anna.talks) == 2
    scene.finish(20, "talks", "ann", "ann-talks")
    assert scene.state(20, "Anna") is State.TALK


@pytest.mark.parametrize("of_which", ["ann", "bob"])
def test_a_phone_that_is_anothers_takes_its_call_along(of_which: str) -> None:
    """Anna has two phones and talks on one of them; then one of them is Boris's."""
    one = Person("101", "Anna", ("PJSIP/ann", "PJSIP/bob"))
    scene = Scene(contract(people=(one,))).staffed("ann", "bob")
    scene.call_up(1, "c", of_which)
    change(scene, 10, people=(replace(one, interfaces=("PJSIP/ann",)), Person("102", "Boris", ("PJSIP/bob",))))
    talking = "Anna" if of_which == "ann" else "Boris"
    assert {name: scene.state(10, name) for name in ("Anna", "Boris")} == {
        name: State.TALK if name == talking else State.AVAILABLE for name in ("Anna", "Boris")
    }
    assert scene.spent(12, "Anna") == ({State.AVAILABLE: 1, State.TALK: 11} if talking == "Anna" else {State.AVAILABLE: 3, State.TALK: 9})
    scene.finish(20, "c", of_which, f"{of_which}-c")
    assert scene.state(20, talking) is State.WRAPUP
    assert scene.contacts() == {"contacts": 1, "answered": 1, "in_threshold": 1}
    scene.snap(40)
    assert scene.contacts()["handled"] == 1


def test_wrapup_goes_with_the_last_phone_and_ends_in_time() -> None:
    people = (Person("101", "Anna", ("PJSIP/ann",)), Person("102", "Boris", ("PJSIP/bob",)))
    scene = Scene(contract(people=people)).staffed("ann", "bob")
    scene.call(0, "c", "ann")
    change(scene, 15, people=(Person("102", "Boris", ("PJSIP/ann", "PJSIP/bob")),))
    boris = scene.agent("Boris")
    assert isinstance(boris.wrapup, Wrapup)
    assert scene.state(24, "Boris") is State.WRAPUP
    assert scene.state(25, "Boris") is State.AVAILABLE
    assert scene.contacts()["handled"] == 1


def test_a_shorter_grace_is_looked_at_in_time() -> None:
    scene = Scene().staffed("ann")
    scene.member(0, "bank", "ann", 5)
    scene.member(10, "bank", "ann", 5)
    change(scene, 10, groups=(Group("floor", unreachable_grace_us=20 * SECOND),))
    assert scene.state(19, "ann") is State.UNREACHABLE
    assert scene.state(20, "ann") is None


# --- PBXs ---------------------------------------------------------------------------------------------------------------------------

TWO = contract(project("bank", "bank", "pbx2/bank"), project("shop", "shop"), pbxs=("pbx1", "pbx2"))


def test_a_new_pbx_blinds_what_it_carries_until_it_is_seen() -> None:
    scene = Scene().staffed("ann")
    scene.floor.change(TWO, scene.us(10))
    assert scene.snap(10).observed_projects == {"shop"}
    assert scene.snap(10).observed_groups == set()
    assert scene.snap(40).counters.unobserved_us["pbx2"] == 30 * SECOND
    scene.on("pbx2").sight(40)
    assert scene.snap(50).observed_projects == {"bank", "shop"}


@pytest.mark.parametrize("blind", [False, True])
def test_a_pbx_that_is_gone_ends_what_it_carried(blind: bool) -> None:
    scene = Scene(TWO).staffed("ann")
    other = scene.on("pbx2").staffed("bob", "eve")
    other.call_up(1, "c", "bob")
    for call in ("waits", "rings"):
        other.channel(2, call)
        other.join(2, call)
    other.ring(3, "rings", "eve")
    if blind:
        other.lost(5)
    change(scene, 10)
    view = scene.snap(10)
    assert {side.name for side in view.pbxs} == {"pbx1"}
    assert {agent.name: agent.state for agent in view.agents} == {"ann": State.AVAILABLE}
    assert view.observed_projects == {"bank", "shop"}
    row = view.counters.visits["bank", QueueId("pbx2", "bank")]
    assert (row[Visits.ENTERED], row[Visits.ANSWERED], row[Visits.UNRESOLVED]) == (3, 1, 2)
    assert list(scene.floor.queueing.undecided()) == []
    assert scene.floor.gaps == []
    assert view.counters.agent_us["floor", State.UNOBSERVED] == (10 * SECOND if blind else 0)
    scene.snap(200)  # no timer of it does anything any more
    assert scene.floor.counters.anomalies == {}


def test_a_person_on_two_pbxs_goes_on_where_they_are_seen() -> None:
    people = (Person("1", "ann", ("PJSIP/ann",)),)
    scene = Scene(replace(TWO, people=people)).staffed("ann")
    scene.on("pbx2").staffed("ann")
    scene.on("pbx2").lost(5)
    assert scene.state(6, "ann") is State.UNOBSERVED
    change(scene, 10, people=people)
    assert scene.state(10, "ann") is State.AVAILABLE
    assert scene.spent(20, "ann") == {State.AVAILABLE: 15, State.UNOBSERVED: 5}


def test_a_past_told_under_another_contract_adds_what_is_still_agreed() -> None:
    log = """
        0|c|bank|NONE|ENTERQUEUE||1|1
        9|c|bank|NONE|ABANDON|1|1|9
        20|d|shop|NONE|ENTERQUEUE||1|1
        29|d|shop|NONE|ABANDON|1|1|9
        """
    past = told(log, snapshot(60))
    scene = Scene(start=past.until)
    change(scene, 0, project("bank", service_level=ServiceLevel(7 * SECOND)))
    scene.apply(ev.PastTold("pbx1", past.until, past))
    scene.sight()
    assert scene.contacts("bank") == {"contacts": 1, "abandoned": 1, "abandoned_in_threshold": 1}
    waits = scene.floor.counters.waits["bank", QueueId("pbx1", "bank"), Outcome.ABANDONED]
    assert dict(zip(waits.bounds_us, waits.counts, strict=False))[10 * SECOND] == sum(waits.counts) == 1
    assert scene.floor.counters.contacts["shop"][Contacts.ABANDONED] == 1  # kept, for the day it returns


def test_a_project_that_was_not_ours_is_not_observed_for_that_time_after_all() -> None:
    both, one = contract(project("bank"), project("shop")), contract(project("bank"))
    scene = Scene(both).staffed("ann")
    scene.apply(ev.LogSeen(scene.pbx, scene.us(0), True))
    scene.floor.change(one, scene.us(600))
    scene.floor.change(both, scene.us(1200))
    scene.sight(1201, members=[scene.row(1201, "bank", "ann")])
    scene.lost(1500)
    scene.snap(1530)
    tell(scene, 1530, "1|x|bank|NONE|ENTERQUEUE||0|1")
    scene.snap(1600)
    assert scene.minutes("bank")[Cell.OBSERVED_US] == 1600 * SECOND
    assert scene.minutes("shop")[Cell.OBSERVED_US] <= 1000 * SECOND
