"""Pauses, presence on the floor, and who is who over groups and PBXs."""

from __future__ import annotations

from typing import Any

import pytest

from monitor.core import events as ev
from monitor.core.contract import MINUTE, SECOND, Contract, Group, Hours, PauseClass, PauseReason, Person, Presence
from monitor.core.counters import Component
from monitor.core.snapshot import Cell, State
from tests.core.scene import REASONS, Scene, contract, project

# --- pauses ---------------------------------------------------------------------------------------------------------------------------


def test_a_repeated_pause_does_not_begin_anew() -> None:
    scene = Scene().staffed("ann")
    scene.member(10, "bank", "ann", paused=True, reason="lunch", last_pause_at=scene.us(10))
    scene.member(40, "bank", "ann", paused=True, reason="lunch", last_pause_at=scene.us(40))
    (view,) = scene.snap(50).agents
    assert (view.state, view.since, view.reason) == (State.PAUSED, scene.us(10), "lunch")
    assert scene.agent("ann").pause_started_at == scene.us(10)
    scene.member(60, "bank", "ann", reason="")
    assert scene.spent(70, "ann") == {State.AVAILABLE: 20, State.PAUSED: 50}
    assert scene.floor.counters.pause_us == {("floor", r): 50 * SECOND * (r == "lunch") for r in ("lunch", "break", "wrap", "chat", "none", "other")}


@pytest.mark.parametrize(("reason", "label"), [("lunch", "lunch"), ("", "none"), ("doctor", "other")])
def test_pause_seconds_have_configured_reasons_only(reason: str, label: str) -> None:
    scene = Scene().staffed("ann")
    scene.member(10, "bank", "ann", paused=True, reason=reason)
    assert scene.snap(20).counters.pause_us["floor", label] == 10 * SECOND
    assert sum(scene.floor.counters.pause_us.values()) == 10 * SECOND


def test_a_pause_of_class_work_is_offline_work_of_its_project() -> None:
    scene = Scene().staffed("ann")
    scene.member(10, "bank", "ann", paused=True, reason="chat")
    (view,) = scene.snap(20).agents
    assert (view.state, view.project, view.reason) == (State.OFFLINE, "bank", "chat")
    assert scene.floor.counters.handle_us["bank", Component.OFFLINE] == 10 * SECOND
    assert sum(scene.floor.counters.pause_us.values()) == 0


def test_a_pause_of_class_acw_is_wrapup_of_the_last_calls_project() -> None:
    scene = Scene().staffed("ann")
    scene.member(10, "bank", "ann", paused=True, reason="wrap")
    assert scene.state(11, "ann") is State.PAUSED  # there was no call to wrap up
    scene.member(12, "bank", "ann")
    scene.call(20, "c", "ann", talk=10)
    scene.member(60, "bank", "ann", paused=True, reason="wrap")
    (view,) = scene.snap(70).agents
    assert (view.state, view.project) == (State.WRAPUP, "bank")


@pytest.mark.parametrize("until", [40, 100])
def test_an_acw_pause_prolongs_wrapup_and_its_end_ends_it(until: float) -> None:
    scene = Scene().staffed("ann")
    scene.call(0, "c", "ann", talk=10)  # wrap-up until 25
    scene.member(20, "bank", "ann", paused=True, reason="wrap")
    scene.member(until, "bank", "ann")
    assert scene.spent(120, "ann") == {State.TALK: 10, State.WRAPUP: until - 10, State.AVAILABLE: 120 - until}
    assert scene.contacts()["handled"] == 1
    assert scene.minutes()[Cell.HANDLED_US] == until * SECOND


def test_an_acw_pause_shorter_than_wrapup_changes_nothing() -> None:
    scene = Scene().staffed("ann")
    scene.call(0, "c", "ann", talk=10)
    scene.member(12, "bank", "ann", paused=True, reason="wrap")
    scene.member(15, "bank", "ann")
    assert scene.spent(60, "ann") == {State.TALK: 10, State.WRAPUP: 15, State.AVAILABLE: 35}


def test_paused_in_one_of_two_queues_is_not_paused() -> None:
    scene = Scene()
    scene.sight(members=[scene.row(0, q, "ann") for q in ("bank", "shop")])
    scene.member(10, "bank", "ann", paused=True, reason="lunch")
    assert scene.state(20, "ann") is State.AVAILABLE
    scene.member(20, "shop", "ann", paused=True, reason="break")
    assert scene.state(30, "ann") is State.PAUSED
    (view,) = scene.snap(30).agents
    assert view.reason == "break"
    scene.removed(40, "shop", "ann")
    assert scene.state(50, "ann") is State.PAUSED
    scene.removed(60, "bank", "ann")
    assert scene.state(61, "ann") is None


def test_a_queue_outside_the_group_does_not_keep_anyone_from_pausing() -> None:
    scene = Scene()
    scene.sight(members=[scene.row(0, q, "ann") for q in ("bank", "attic")])
    scene.member(10, "bank", "ann", paused=True, reason="lunch")
    assert scene.state(20, "ann") is State.PAUSED


# --- presence -------------------------------------------------------------------------------------------------------------------------


def test_unreachable_leaves_the_floor_after_the_grace_and_comes_back() -> None:
    scene = Scene().staffed("ann")
    scene.member(10, "bank", "ann", 5)
    assert scene.state(69.999999, "ann") is State.UNREACHABLE
    assert scene.state(70, "ann") is None
    scene.member(100, "bank", "ann", 1)
    assert scene.spent(110, "ann") == {State.AVAILABLE: 20, State.UNREACHABLE: 60}


def test_a_device_unreachable_from_the_start_was_never_on_the_floor() -> None:
    scene = Scene()
    scene.sight(members=[scene.row(0, "bank", "ann", 5)])
    assert scene.snap(30).agents == ()
    assert scene.spent(30, "ann") == {}


def test_a_flapping_device_begins_its_grace_anew() -> None:
    scene = Scene().staffed("ann")
    for at, status in ((10, 5), (50, 1), (51, 5)):
        scene.member(at, "bank", "ann", status)
    assert scene.state(105, "ann") is State.UNREACHABLE
    assert scene.state(111, "ann") is None


def test_one_reachable_device_of_two_is_enough() -> None:
    agreed = contract(people=(Person("7", "Ann", ("PJSIP/ann", "PJSIP/mob")),))
    scene = Scene(agreed)
    scene.sight(members=[scene.row(0, "bank", "ann"), scene.row(0, "bank", "mob", 5)])
    assert scene.state(100, "Ann") is State.AVAILABLE
    scene.member(100, "bank", "ann", 5)
    assert scene.state(110, "Ann") is State.UNREACHABLE


def grouped(presence: Presence, **more: Any) -> Scene:
    scene = Scene(contract(project("bank", **more), groups=(Group("floor", presence=presence, pause_reasons=REASONS),)))
    return scene.staffed("ann")


def test_presence_unpaused() -> None:
    scene = grouped(Presence.UNPAUSED)
    scene.member(10, "bank", "ann", paused=True, reason="lunch")
    assert scene.state(20, "ann") is None
    scene.member(30, "bank", "ann")
    assert scene.spent(40, "ann") == {State.AVAILABLE: 20}


def test_presence_hours_follows_the_local_clock_to_the_second() -> None:
    # the scene begins at 16:00 UTC on a Monday
    shift = (((16 * 3600, 16 * 3600 + 600),),) * 7
    scene = grouped(Presence.HOURS, hours=Hours(shift))
    assert scene.state(599.5, "ann") is State.AVAILABLE
    assert scene.state(603.25, "ann") is None
    assert scene.spent(603.25, "ann") == {State.AVAILABLE: 600}


def test_a_removed_member_goes_and_stays_for_a_running_call() -> None:
    scene = Scene().staffed("ann")
    scene.call_up(0, "c")
    scene.removed(5, "bank", "ann")
    assert scene.state(6, "ann") is State.TALK
    scene.finish(9, "c", "ann", "ann-c")
    assert scene.spent(20, "ann") == {State.TALK: 9}


def test_removed_in_wrapup_ends_it() -> None:
    scene = Scene().staffed("ann")
    scene.call(0, "c", "ann", talk=10)
    scene.removed(12, "bank", "ann")
    assert scene.spent(40, "ann") == {State.TALK: 10, State.WRAPUP: 2}
    assert scene.contacts()["handled"] == 1


# --- people, groups, several PBXs -----------------------------------------------------------------------------------------------------


TWO = contract(
    project("bank", "bank", "pbx2/bank"),
    pbxs=("pbx1", "pbx2"),
    people=(Person("7", "Ann", ("PJSIP/ann", "pbx2:PJSIP/70")),),
)


def two() -> tuple[Scene, Scene]:
    one = Scene(TWO)
    other = one.on("pbx2")
    one.sight(members=[one.row(0, "bank", "ann")])
    other.sight(members=[other.row(0, "bank", "70")])
    return one, other


def test_two_devices_on_two_pbxs_are_one_person() -> None:
    one, other = two()
    assert [view.id for view in one.snap(1).agents] == ["7"]
    other.channel(1, "c")
    other.join(1, "c")
    other.ring(1, "c", "70")
    other.answer(2, "c", "70")
    assert one.state(5, "Ann") is State.TALK
    assert other.visits() == {"entered": 1, "answered": 1, "in_threshold": 1}
    assert one.visits() == {}


def test_busy_on_a_pbx_in_sight_wins_over_another_out_of_sight() -> None:
    one, other = two()
    other.channel(1, "c")
    other.join(1, "c")
    other.ring(1, "c", "70")
    other.answer(2, "c", "70")
    one.lost(5)
    assert one.state(6, "Ann") is State.TALK
    other.finish(10, "c", "70")
    assert one.state(11, "Ann") is State.UNOBSERVED


def test_a_call_on_the_pbx_out_of_sight_is_not_talk_because_of_another_one_in_sight() -> None:
    one, other = two()
    one.channel(1, "c")
    one.join(1, "c")
    one.ring(1, "c", "ann")
    one.answer(2, "c", "ann")
    one.lost(5)
    assert one.state(6, "Ann") is State.UNOBSERVED
    other.channel(7, "own", "PJSIP/70-00000001", dialing=True)
    assert one.state(8, "Ann") is State.OTHER  # what is seen is her own call; the other is not guessed


@pytest.mark.parametrize(("strategy", "state"), [("rrmemory", State.RING), ("ringall", State.UNOBSERVED)])
def test_only_a_ring_that_reserves_her_shows_her_while_another_pbx_is_out_of_sight(strategy: str, state: State) -> None:
    one, other = two()
    other.sight(1, members=[other.row(1, "bank", "70")], strategies={"bank": strategy})
    one.lost(5)
    assert one.state(6, "Ann") is State.UNOBSERVED
    other.channel(7, "c")
    other.join(7, "c")
    other.ring(7, "c", "70")
    assert one.state(8, "Ann") is state


@pytest.mark.parametrize(("paused", "state"), [(False, State.OTHER), (True, State.UNOBSERVED)])
def test_an_own_call_shows_her_while_another_pbx_is_out_of_sight_unless_she_is_paused(paused: bool, state: State) -> None:
    one, other = two()
    one.member(1, "bank", "ann", paused=paused, reason="lunch")
    other.member(1, "bank", "70", paused=paused, reason="lunch")
    one.lost(5)
    other.channel(7, "own", "PJSIP/70-00000001", dialing=True)
    assert one.state(8, "Ann") is state


def test_the_same_interface_on_two_pbxs_is_two_people_unless_the_file_says_otherwise() -> None:
    one = Scene(contract(project("bank", "bank", "pbx2/bank"), pbxs=("pbx1", "pbx2")))
    other = one.on("pbx2")
    one.sight(members=[one.row(0, "bank", "ann")])
    other.sight(members=[other.row(0, "bank", "ann")])
    assert [view.id for view in one.snap(1).agents] == ["pbx1/PJSIP/ann", "pbx2/PJSIP/ann"]


def test_the_first_group_that_claims_a_member_has_them() -> None:
    groups = (Group("vip", members=("PJSIP/a*",)), Group("floor"), Group("late", members=("*",)))
    scene = Scene(contract(project("bank"), project("taxi", group="late"), groups=groups))
    scene.sight(members=[scene.row(0, "bank", "ann"), scene.row(0, "bank", "bob"), scene.row(0, "taxi", "eve"), scene.row(0, "attic", "zoe")])
    assert {view.name: view.group for view in scene.snap(1).agents} == {"ann": "vip", "bob": "floor", "eve": "late"}  # nobody claims the attic


def test_who_is_left_in_a_queue_of_another_group_belongs_to_that_group() -> None:
    agreed = contract(project("bank"), project("shop", group="two"), groups=(Group("floor"), Group("two")))
    scene = Scene(agreed).staffed("ann")
    scene.member(10, "shop", "ann")
    scene.removed(20, "bank", "ann")
    (view,) = scene.snap(50).agents
    assert view.group == "two"
    seconds = scene.floor.counters.agent_us
    assert (seconds["floor", State.AVAILABLE], seconds["two", State.AVAILABLE]) == (20 * SECOND, 30 * SECOND)


PATTERNED = contract(groups=(Group("floor", members=("PJSIP/*",), pause_reasons=REASONS),))


@pytest.mark.parametrize("agreed", [contract(), PATTERNED], ids=["by queues", "by pattern"])
def test_who_is_only_in_queues_of_no_project_is_nobody_on_the_floor(agreed: Contract) -> None:
    scene = Scene(agreed).staffed("ann")
    scene.member(5, "attic", "zoe")
    scene.member(5, "attic", "ann")
    scene.lost(20)
    scene.sight(30, members=[scene.row(30, "bank", "ann"), scene.row(30, "attic", "zoe")], strategies={"attic": "rrmemory"})
    assert [view.name for view in scene.snap(200).agents] == ["ann"]
    assert sum(scene.floor.counters.agent_us.values()) == 200 * SECOND


@pytest.mark.parametrize("agreed", [contract(), PATTERNED], ids=["by queues", "by pattern"])
def test_a_queue_of_no_project_keeps_nobody_on_the_floor(agreed: Contract) -> None:
    scene = Scene(agreed).staffed("ann")
    scene.member(5, "attic", "ann")
    scene.removed(10, "bank", "ann")
    assert scene.spent(50, "ann") == {State.AVAILABLE: 10}
    scene.member(60, "bank", "ann")
    scene.removed(65, "attic", "ann")
    assert scene.spent(70, "ann") == {State.AVAILABLE: 20}


def at_desk(scene: Scene, at: float, who: str) -> None:
    """A person logs in at the desk they all share."""
    scene.apply(ev.MemberSeen("pbx1", scene.us(at), "bank", f"Local/{who}@agents/n", "PJSIP/desk", who, 1, False, ""))


def test_a_shared_desk_is_whose_it_was_last() -> None:
    scene = Scene()
    scene.sight()
    at_desk(scene, 1, "ann")
    scene.channel(5, "first", "PJSIP/desk-00000001", dialing=True)
    assert scene.state(6, "ann") is State.OTHER
    scene.end(7, "first")
    at_desk(scene, 10, "bob")  # ann has not logged out
    scene.channel(15, "second", "PJSIP/desk-00000002", dialing=True)
    assert (scene.state(16, "ann"), scene.state(16, "bob")) == (State.AVAILABLE, State.OTHER)
    scene.end(17, "second")
    assert (scene.state(18, "ann"), scene.state(18, "bob")) == (State.AVAILABLE, State.AVAILABLE)


def test_who_has_left_a_shared_desk_makes_no_calls_there() -> None:
    scene = Scene()
    scene.sight()
    at_desk(scene, 1, "ann")
    scene.apply(ev.MemberRemoved("pbx1", scene.us(10), "bank", "Local/ann@agents/n"))
    at_desk(scene, 11, "bob")
    scene.channel(15, "own", "PJSIP/desk-00000001", dialing=True)
    assert (scene.state(16, "ann"), scene.state(16, "bob")) == (None, State.OTHER)
    assert scene.agent("ann").own_calls == set()
    scene.end(20, "own")
    scene.apply(ev.MemberRemoved("pbx1", scene.us(30), "bank", "Local/bob@agents/n"))
    at_desk(scene, 31, "ann")
    scene.channel(35, "next", "PJSIP/desk-00000003", dialing=True)
    assert (scene.state(36, "ann"), scene.state(36, "bob")) == (State.OTHER, None)


def test_a_member_of_a_projects_queue_in_no_group_is_an_anomaly() -> None:
    scene = Scene(contract(project("bank"), groups=(Group("floor", members=("SIP/*",)),)), strict=False)
    scene.staffed("ann")
    assert scene.floor.counters.anomalies == {"member_without_group": 1}
    assert scene.snap(5).agents[0].group is None


def test_an_agents_seconds_are_cut_at_the_minute() -> None:
    scene = Scene().staffed("ann")
    scene.call(55, "c", "ann", talk=10)
    scene.floor.advance(scene.us(180))
    minutes = scene.floor.ledger.people["pbx1/PJSIP/ann"]
    assert [sum(cell) for cell in minutes.values()] == [MINUTE] * 3
    assert [cell[list(State).index(State.TALK)] for cell in minutes.values()] == [5 * SECOND, 5 * SECOND, 0]


def test_pause_reasons_of_a_group() -> None:
    group = Group("g", pause_reasons=(PauseReason("lunch", PauseClass.UNPAID, 35 * MINUTE),))
    assert group.pause_reason("lunch") == PauseReason("lunch", PauseClass.UNPAID, 35 * MINUTE)
    assert group.pause_reason("doctor") is None


def test_people_of_the_file_may_name_their_group() -> None:
    agreed = contract(groups=(Group("floor"), Group("night")), people=(Person("7", "Ann", ("PJSIP/ann",), "night"),))
    assert isinstance(agreed, Contract)
    scene = Scene(agreed).staffed("ann")
    assert scene.snap(1).agents[0].group == "night"


def test_a_phone_of_the_agents_file_is_hers_though_it_is_a_member_of_nothing() -> None:
    """FreePBX: the member is Local/101@from-queue/n, its device a hint; what she dials and takes past the queues goes over PJSIP/101."""
    ann = Person("101", "ann", ("Local/101@from-queue/n", "PJSIP/101"))
    scene = Scene(contract(project("bank"), people=(ann,)))
    scene.sight(members=[scene.row(0, "bank", "Local/101@from-queue/n"), scene.row(0, "bank", "bob")])
    scene.channel(10, "own", "PJSIP/101-00000001", dialing=True)
    assert scene.state(11, "ann") is State.OTHER
    scene.end(20, "own")
    assert scene.state(21, "ann") is State.AVAILABLE
    scene.call_up(30, "c", "bob")
    scene.channel(40, "direct", "PJSIP/101-00000002")
    scene.unbridge(45, "bob-c", "b-c")
    scene.bridge(45, "direct", "b-c", name="PJSIP/101-00000002")
    scene.floor.advance(scene.us(50))
    assert (scene.agent("ann").state, scene.agent("ann").charge.project) == (State.TALK, "bank")


def test_who_came_once_is_forgotten_when_no_window_holds_their_time() -> None:
    scene = Scene().staffed("ann")
    for number in range(20):
        scene.member(10 + number, "bank", f"{number}")
        scene.removed(10.5 + number, "bank", f"{number}")
    scene.snap(49 * 3600)
    assert len(scene.floor.staff.agents) == 21
    scene.snap(51 * 3600)
    assert len(scene.floor.staff.agents) == len(scene.floor.staff.by_device) == len(scene.floor.staff.by_state_device) == 1
    scene.member(51 * 3600, "bank", "3")
    assert scene.state(51 * 3600 + 1, "3") is State.AVAILABLE
