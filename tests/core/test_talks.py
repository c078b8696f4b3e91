"""What begins and ends a talk, its wrap-up and the rings before it, told in events."""

from __future__ import annotations

import pytest

from monitor.core import events as ev
from monitor.core.contract import SECOND
from monitor.core.counters import Component
from monitor.core.dials import LegDialled, LegResolved
from monitor.core.snapshot import State
from tests.core.scene import IN_QUEUE, Scene, contract, project

# --- wrap-up and rings ----------------------------------------------------------------------------------------------------------------


def test_wrapup_lasts_the_projects_time_and_is_exact() -> None:
    scene = Scene().staffed("ann")
    scene.call(0, "c", "ann", ring=2, talk=10)
    assert scene.spent(60, "ann") == {State.RING: 2, State.TALK: 10, State.WRAPUP: 15, State.AVAILABLE: 33}


def test_the_members_own_wrapup_wins() -> None:
    scene = Scene()
    scene.sight(members=[scene.row(0, "bank", "ann", wrapup_us=7 * SECOND)])
    scene.call(0, "c", "ann", talk=10)
    assert scene.spent(60, "ann") == {State.TALK: 10, State.WRAPUP: 7, State.AVAILABLE: 43}


def test_no_wrapup_where_the_project_has_none() -> None:
    scene = Scene(contract(project("bank", wrapup_us=0))).staffed("ann")
    scene.call(0, "c", "ann", talk=10)
    assert scene.spent(60, "ann") == {State.TALK: 10, State.AVAILABLE: 50}


def test_a_talk_ends_wrapup_for_good() -> None:
    scene = Scene(contract(project("bank", wrapup_us=30 * SECOND), project("shop", wrapup_us=0))).staffed("ann")
    scene.member(0, "shop", "ann")
    scene.call(0, "a", "ann", talk=10)
    scene.call(20, "b", "ann", talk=5, queue="shop")
    assert scene.spent(60, "ann") == {State.TALK: 15, State.WRAPUP: 10, State.AVAILABLE: 35}


def test_a_ring_covers_wrapup_and_it_goes_on_until_its_end() -> None:
    scene = Scene().staffed("ann")
    scene.call(0, "a", "ann", talk=10)  # wrap-up until 25
    scene.channel(12, "b")
    scene.join(12, "b")
    scene.ring(12, "b", "ann", "ann-b")
    scene.end(17, "ann-b")
    assert scene.state(18, "ann") is State.WRAPUP
    assert scene.spent(60, "ann") == {State.TALK: 10, State.WRAPUP: 10, State.RING: 5, State.AVAILABLE: 35}


def test_a_ring_longer_than_wrapup_leaves_nothing_of_it() -> None:
    scene = Scene().staffed("ann")
    scene.call(0, "a", "ann", talk=10)
    scene.channel(12, "b")
    scene.join(12, "b")
    scene.ring(12, "b", "ann", "ann-b")
    scene.end(30, "ann-b")
    assert scene.spent(60, "ann") == {State.TALK: 10, State.WRAPUP: 2, State.RING: 18, State.AVAILABLE: 30}


@pytest.mark.parametrize("end", ["resolved", "hangup", "no answer", "both"])
def test_ringing_ends_with_the_leg_however_it_is_told(end: str) -> None:
    scene = Scene().staffed("ann")
    scene.channel(0, "c")
    scene.join(0, "c")
    scene.ring(0, "c", "ann")
    if end in ("resolved", "both"):
        scene.apply(LegResolved("pbx1", scene.us(8), "c", "ann-1", False, IN_QUEUE))
    if end == "no answer":
        scene.apply(ev.AgentDidNotAnswer("pbx1", scene.us(8), "c", "bank", "PJSIP/ann", "ann", "ann-1", IN_QUEUE))
    if end in ("hangup", "both"):
        scene.apply(LegResolved("pbx1", scene.us(8), "c", "ann-1", False, IN_QUEUE))
        scene.end(8, "ann-1")
    assert scene.spent(20, "ann") == {State.RING: 8, State.AVAILABLE: 12}
    assert scene.floor.counters.ring_no_answer == {"floor": int(end == "no answer")}


def test_ring_all_reserves_nobody() -> None:
    scene = Scene()
    scene.sight(members=[scene.row(0, "bank", who) for who in ("ann", "bob")], strategies={"bank": "ringall"})
    scene.channel(0, "c")
    scene.join(0, "c")
    scene.ring(0, "c", "ann")
    scene.ring(0, "c", "bob")
    assert scene.state(5, "ann") is State.AVAILABLE
    scene.answer(8, "c", "ann")
    scene.end(8, "bob-1")
    assert scene.spent(10, "ann") == {State.AVAILABLE: 8, State.TALK: 2}
    assert scene.spent(10, "bob") == {State.AVAILABLE: 10}


def test_ring_all_of_a_queue_of_nobody_is_no_other_work() -> None:
    scene = Scene()
    scene.sight(members=[scene.row(0, "bank", "ann")], strategies={"attic": "ringall"})
    scene.channel(0, "c")
    scene.join(0, "c", "attic")
    scene.ring(0, "c", "ann", queue="attic")
    assert scene.state(5, "ann") is State.AVAILABLE


def test_a_call_of_a_queue_of_nobody_is_other() -> None:
    scene = Scene().staffed("ann")
    scene.channel(0, "c")
    scene.join(0, "c", "attic")
    scene.ring(0, "c", "ann", queue="attic")
    assert scene.state(5, "ann") is State.OTHER
    scene.answer(6, "c", "ann", queue="attic")
    assert scene.state(10, "ann") is State.OTHER
    scene.finish(20, "c", "ann", queue="attic")
    assert scene.spent(40, "ann") == {State.OTHER: 20, State.AVAILABLE: 20}
    assert scene.floor.counters.anomalies == {}


def test_a_ring_whose_channel_was_never_announced_ends_with_the_channel() -> None:
    scene = Scene().staffed("ann")
    scene.channel(0, "c")
    scene.join(0, "c")
    scene.apply(ev.AgentRung("pbx1", scene.us(0), "c", "bank", "PJSIP/ann", "ann", "leg", "PJSIP/ann-00000001", IN_QUEUE))
    scene.end(5, "leg")
    assert scene.state(6, "ann") is State.AVAILABLE


# --- talks ----------------------------------------------------------------------------------------------------------------------------


def test_talk_ends_when_the_leg_leaves_its_bridge_not_when_the_pbx_says_complete() -> None:
    """A redirected caller: BridgeLeave at 8, AgentComplete and the hang-ups much later, with the wrong talk time."""
    scene = Scene().staffed("ann")
    scene.channel(0, "c")
    scene.join(0, "c")
    scene.ring(0, "c", "ann")
    scene.answer(0, "c", "ann")
    scene.unbridge(8, "c", "b-c", position=IN_QUEUE)
    scene.unbridge(8, "ann-1", "b-c")
    scene.end(8.01, "ann-1")
    scene.complete(11, "c", "ann", talk=11)
    scene.end(11, "c")
    assert scene.spent(40, "ann") == {State.TALK: 8, State.WRAPUP: 15, State.AVAILABLE: 17}
    assert scene.floor.counters.talk_disagreement_us == {("pbx1", "longer"): 3 * SECOND, ("pbx1", "shorter"): 0}


def test_a_leg_that_lingers_after_its_bridge_is_out_of_talk_at_the_moment_it_left() -> None:
    scene = Scene().staffed("ann")
    scene.channel(0, "c")
    scene.join(0, "c")
    scene.ring(0, "c", "ann")
    scene.answer(0, "c", "ann")
    scene.unbridge(8, "ann-1", "b-c")
    assert scene.spent(8.4, "ann") == {State.TALK: 8}  # not sure yet
    assert scene.spent(8.6, "ann") == pytest.approx({State.TALK: 8, State.WRAPUP: 0.6})


def test_a_leg_told_late_is_still_noticed_as_gone() -> None:
    """The tick was at 8.0 when BridgeLeave of 7.95 came in."""
    scene = Scene().staffed("ann")
    scene.channel(0, "c")
    scene.join(0, "c")
    scene.ring(0, "c", "ann")
    scene.answer(0, "c", "ann")
    scene.floor.advance(scene.us(8))
    scene.unbridge(7.95, "ann-1", "b-c")
    assert scene.state(10, "ann") is State.WRAPUP


def test_a_leg_that_changes_bridges_talks_on() -> None:
    scene = Scene().staffed("ann")
    scene.channel(0, "c")
    scene.join(0, "c")
    scene.ring(0, "c", "ann")
    scene.answer(0, "c", "ann")
    scene.unbridge(8, "ann-1", "b-c")
    scene.bridge(8.001, "ann-1", "consult")
    assert scene.spent(20, "ann") == {State.TALK: 20}


def test_hold_is_time_of_the_project_until_released_or_back_in_the_first_bridge() -> None:
    scene = Scene().staffed("ann")
    scene.channel(0, "c")
    scene.join(0, "c")
    scene.ring(0, "c", "ann")
    scene.answer(0, "c", "ann")
    scene.apply(ev.HoldPressed("pbx1", scene.us(5), "ann-1"))
    scene.apply(ev.HoldPressed("pbx1", scene.us(6), "ann-1"))
    scene.apply(ev.HoldReleased("pbx1", scene.us(9), "ann-1"))
    scene.apply(ev.HoldPressed("pbx1", scene.us(12), "ann-1"))
    scene.unbridge(13, "ann-1", "b-c")
    scene.bridge(13, "ann-1", "consult")
    assert scene.state(15, "ann") is State.HOLD
    scene.unbridge(16, "ann-1", "consult")
    scene.bridge(16, "ann-1", "b-c")
    assert scene.spent(20, "ann") == {State.TALK: 12, State.HOLD: 8}


def test_the_caller_on_hold_is_not_the_agents_hold() -> None:
    scene = Scene().staffed("ann")
    scene.channel(0, "c")
    scene.join(0, "c")
    scene.ring(0, "c", "ann")
    scene.answer(0, "c", "ann")
    scene.apply(ev.HoldPressed("pbx1", scene.us(5), "c"))
    assert scene.spent(9, "ann") == {State.TALK: 9}


def local_call(scene: Scene, *, late: bool = False) -> None:
    """A Local/…/n member: Local;1 is the leg, Local;2 dials the real phone; its bridge may be told after the connection (`late`)."""
    half = "Local/7@agents-00000001"
    scene.channel(0, "c")
    scene.join(0, "c")
    scene.channel(1, "l1", half + ";1", linked="c")
    scene.channel(1, "l2", half + ";2", linked="c")
    scene.apply(ev.AgentRung("pbx1", scene.us(1), "c", "bank", "Local/7@agents/n", "ann", "l1", half + ";1", IN_QUEUE))
    scene.apply(LegDialled("pbx1", scene.us(1), "c", "l1", half + ";1", IN_QUEUE))
    scene.channel(1, "phone", "PJSIP/7-00000002", linked="c")
    scene.apply(LegDialled("pbx1", scene.us(1), "l2", "phone", "PJSIP/7-00000002", IN_QUEUE))
    scene.seen(3, "phone", IN_QUEUE)
    scene.apply(LegResolved("pbx1", scene.us(3), "l2", "phone", True, IN_QUEUE))
    if not late:
        scene.bridge(3, "phone", "inner")
        scene.bridge(3, "l2", "inner")
    scene.apply(LegResolved("pbx1", scene.us(3), "c", "l1", True, IN_QUEUE))
    scene.leave(3, "c")
    local_connect(scene, 3)
    if late:
        scene.bridge(3, "phone", "inner")
        scene.bridge(3, "l2", "inner")
    scene.bridge(3, "l1", "outer")
    scene.bridge(3, "c", "outer", position=IN_QUEUE)


def local_connect(scene: Scene, at: float) -> None:
    scene.apply(ev.AgentConnected("pbx1", scene.us(at), "c", "bank", "Local/7@agents/n", "ann", "l1", "Local/7@agents-00000001;1", IN_QUEUE))


def local_scene() -> Scene:
    scene = Scene()
    scene.sight(members=[ev.MemberSeen("pbx1", 0, "bank", "Local/7@agents/n", "PJSIP/7", "ann", 1, False, "")])
    local_call(scene)
    return scene


def test_a_local_members_call_is_told_once_and_talked_on_the_phone_behind_it() -> None:
    scene = local_scene()
    local_connect(scene, 3)  # told twice
    assert [talk.leg for talk in scene.agent("ann").talks] == ["phone"]
    assert scene.floor.counters.anomalies == {}
    scene.unbridge(13, "phone", "inner")
    scene.end(13, "phone")
    assert scene.spent(20, "ann") == {State.AVAILABLE: 1, State.RING: 2, State.TALK: 10, State.WRAPUP: 7}


def test_a_local_member_optimised_away_talks_on() -> None:
    scene = local_scene()
    scene.unbridge(5, "l1", "outer")
    scene.unbridge(5, "l2", "inner")
    scene.unbridge(5, "phone", "inner")
    scene.bridge(5, "phone", "outer")
    scene.end(5, "l1")
    scene.end(5, "l2")
    assert scene.spent(13, "ann") == {State.AVAILABLE: 1, State.RING: 2, State.TALK: 10}


def test_an_agent_given_the_caller_past_the_queue_talks_for_the_project_too() -> None:
    scene = Scene().staffed("ann", "bob")
    scene.channel(0, "c")
    scene.join(0, "c")
    scene.ring(0, "c", "ann")
    scene.answer(0, "c", "ann")
    scene.unbridge(10, "ann-1", "b-c")
    scene.end(10, "ann-1")
    scene.unbridge(10, "c", "b-c")
    scene.channel(10, "bob-x", "PJSIP/bob-00000077", linked="c")
    scene.seen(14, "bob-x", IN_QUEUE)
    scene.bridge(14, "bob-x", "second")
    scene.bridge(14, "c", "second")
    assert scene.state(15, "bob") is State.TALK
    scene.end(20, "c")
    scene.unbridge(20, "bob-x", "second")
    scene.end(20, "bob-x")
    assert scene.floor.counters.handle_us["bank", Component.TALK] == 16 * SECOND
    assert scene.contacts() == {"contacts": 1, "answered": 1, "in_threshold": 1}  # wrap-up goes on
    assert scene.snap(26).counters.contacts["bank"][7] == 1


def test_a_complete_without_the_caller_belongs_to_the_call_whose_caller_is_gone() -> None:
    scene = Scene().staffed("ann")
    scene.call(0, "a", "ann", talk=10)
    scene.call_up(11, "b")
    scene.complete(12, None, "ann", talk=10)  # of a, late and without its channel
    assert scene.state(20, "ann") is State.TALK
    scene.finish(36, "b", "ann", "ann-b")
    scene.complete(36, "b", "ann", talk=25)
    assert sum(scene.floor.counters.talk_disagreement_us.values()) == 0


def test_a_device_in_use_that_nobody_explains_is_other_after_a_second() -> None:
    scene = Scene().staffed("ann")
    scene.member(10, "bank", "ann", 2)
    assert scene.state(10.9, "ann") is State.AVAILABLE
    assert scene.state(11, "ann") is State.OTHER
    scene.member(20, "bank", "ann", 1)
    assert scene.state(20, "ann") is State.AVAILABLE


def test_two_members_with_the_same_local_channel_do_not_talk_twice() -> None:
    """Local/7@agents and Local/7@agents/n are two members; the channels of both are called the same."""
    scene = Scene()
    plain = ev.MemberSeen("pbx1", 0, "shop", "Local/7@agents", "PJSIP/7", "bob", 1, False, "")
    scene.sight(members=[plain, ev.MemberSeen("pbx1", 0, "bank", "Local/7@agents/n", "PJSIP/7", "ann", 1, False, "")])
    local_call(scene)
    scene.unbridge(13, "c", "outer", position=IN_QUEUE)
    scene.end(13, "c")
    for leg, bridge in (("l1", "outer"), ("l2", "inner"), ("phone", "inner")):
        scene.unbridge(13, leg, bridge)
        scene.end(13, leg)
    assert scene.spent(40, "ann") == {State.AVAILABLE: 13, State.RING: 2, State.TALK: 10, State.WRAPUP: 15}
    assert State.TALK not in scene.spent(40, "bob")


def test_a_leg_that_lingers_explains_its_device() -> None:
    """After an attended transfer the first agent's channel may live for seconds with nobody on the line: that is wrap-up."""
    scene = Scene().staffed("ann")
    scene.call_up(0, "c")
    scene.member(0, "bank", "ann", 3)
    scene.unbridge(5, "ann-c", "b-c")
    scene.member(6, "bank", "ann", 3)
    assert scene.state(9, "ann") is State.WRAPUP
    scene.end(11, "ann-c")
    scene.member(11, "bank", "ann", 1)
    assert scene.spent(30, "ann") == {State.TALK: 5, State.WRAPUP: 15, State.AVAILABLE: 10}


def test_hold_of_a_local_member_goes_through_the_local_channel() -> None:
    scene = local_scene()
    scene.apply(ev.HoldPressed("pbx1", scene.us(5), "l1"))
    assert scene.state(6, "ann") is State.HOLD
    scene.apply(ev.HoldReleased("pbx1", scene.us(8), "l1"))
    assert scene.spent(10, "ann") == {State.AVAILABLE: 1, State.RING: 2, State.TALK: 4, State.HOLD: 3}


@pytest.mark.parametrize("first", ["bridge", "answer"])
def test_a_local_members_talk_ends_with_the_phones_bridge_whichever_was_told_first(first: str) -> None:
    """The order of the phone's BridgeEnter and AgentConnect is nobody's promise; a caller who is gone does not end the leg."""
    scene = local_scene() if first == "bridge" else None
    if scene is None:
        scene = Scene()
        scene.sight(members=[ev.MemberSeen("pbx1", 0, "bank", "Local/7@agents/n", "PJSIP/7", "ann", 1, False, "")])
        local_call(scene, late=True)
    scene.request(8, "c")
    scene.apply(ev.AgentCompleted("pbx1", scene.us(8), "c", "bank", "Local/7@agents/n", "l1", 5, "caller"))
    scene.unbridge(8, "c", "outer", position=IN_QUEUE)
    scene.end(8, "c")
    assert scene.state(9, "ann") is State.TALK
    scene.unbridge(12, "phone", "inner")
    scene.end(12, "phone")
    assert scene.spent(14, "ann") == {State.AVAILABLE: 1, State.RING: 2, State.TALK: 9, State.WRAPUP: 2}
