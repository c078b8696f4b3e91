"""What a PBX says of itself at once: the first look, the comparison, the look after a gap."""

from __future__ import annotations

import pytest

from monitor.core import events as ev
from monitor.core.contract import SECOND, QueueId
from monitor.core.counters import Component, Visits
from monitor.core.events import Position
from monitor.core.snapshot import State
from tests.core.looking import shown
from tests.core.scene import AT_PHONE, ELSEWHERE, IN_QUEUE, NEXT, Scene, contract, project


def row(call: str, name: str = "", *, app: str = "", data: str = "", bridge: str = "", up: bool = True, position: Position = IN_QUEUE) -> ev.ChannelRow:
    return ev.ChannelRow(call, call, name or f"PJSIP/trunk-{call}", position, up, app, data, bridge, 0)


def caller(call: str, bridge: str = "", queue: str = "bank") -> ev.ChannelRow:
    return row(call, app="Queue", data=f"{queue},tT,,,60", bridge=bridge)


def leg(call: str, who: str = "ann", bridge: str = "") -> ev.ChannelRow:
    return row(call, f"PJSIP/{who}-00000001", app="AppQueue", data="(Outgoing Line)", bridge=bridge, position=AT_PHONE)


def mismatches(scene: Scene, at: float) -> int:
    scene.floor.advance(scene.us(at))
    return scene.floor.counters.reconcile_mismatches["pbx1"]


# --- the first look -------------------------------------------------------------------------------------------------------------------


def test_callers_who_wait_are_taken_over_from_when_they_began_to_wait() -> None:
    scene = Scene()
    scene.sight(100, members=[scene.row(100, "bank", "ann")], waiting=[ev.WaitingRow("c", "bank", "PJSIP/trunk-c", 17 * SECOND)], channels=[caller("c")])
    (queue, _) = scene.snap(100).queues
    assert (queue.waiting, queue.oldest_joined_at) == (1, scene.us(83))
    scene.ring(101, "c", "ann")
    scene.answer(104, "c", "ann")
    assert scene.visits() == {"entered": 1, "answered": 1}  # 21 s
    assert mismatches(scene, 110) == 0


def test_a_talk_is_taken_over_from_now_on() -> None:
    scene = Scene()
    scene.sight(100, members=[scene.row(100, "bank", "ann", 2)], channels=[caller("c", "b"), leg("l", bridge="b")])
    assert scene.state(101, "ann") is State.TALK
    scene.end(110, "c")
    scene.unbridge(110, "l", "b")
    scene.end(110, "l")
    scene.member(110, "bank", "ann", 1)
    assert scene.spent(140, "ann") == {State.TALK: 10, State.WRAPUP: 15, State.AVAILABLE: 15}
    assert scene.floor.counters.handle_us["bank", Component.TALK] == 10 * SECOND
    assert scene.visits() == {}
    assert scene.contacts() == {}


def test_a_talk_through_a_local_channel_is_taken_over_on_the_phone_and_one_without_a_phone_is_none() -> None:
    half = "Local/7@agents-00000001"
    member = ev.MemberSeen("pbx1", 0, "bank", "Local/7@agents/n", "PJSIP/7", "ann", 2, False, "")
    there = [row("l1", half + ";1", app="AppQueue", bridge="b"), row("l2", half + ";2", app="Dial", bridge="in"), row("p", "PJSIP/7-00000002", bridge="in")]
    scene = Scene()
    scene.sight(members=[member], channels=[caller("c", "b"), *there])
    assert [talk.leg for talk in scene.agent("ann").talks] == ["p"]
    gone = [row("l1", half + ";1", app="AppQueue", bridge="b"), row("l2", half + ";2", app="Queue", data="shop")]
    scene = Scene()
    scene.sight(members=[member], channels=[caller("c", "b"), *gone])
    assert scene.agent("ann").talks == []


def test_an_own_call_is_taken_over() -> None:
    scene = Scene()
    scene.sight(members=[scene.row(0, "bank", "ann", 2)], channels=[row("own", "PJSIP/ann-00000009", app="Dial")])
    assert scene.state(0.5, "ann") is State.OTHER
    scene.end(5, "own")
    assert scene.spent(10, "ann") == {State.OTHER: 5, State.AVAILABLE: 5}


def test_before_the_first_look_nothing_is_observed() -> None:
    scene = Scene()
    before = scene.snap(40)
    assert [pbx.observed for pbx in before.pbxs] == [False]
    assert before.observed_projects == frozenset()
    scene.sight(40)
    after = scene.snap(60)
    assert after.observed_projects == {"bank", "shop"}
    assert after.counters.unobserved_us == {"pbx1": 40 * SECOND}


# --- the comparison -------------------------------------------------------------------------------------------------------------------


def busy() -> Scene:
    """One waits, one rings at bob, one talks with ann, eve is paused."""
    scene = Scene()
    eve = scene.row(0, "bank", "eve", paused=True, reason="lunch")
    scene.sight(members=[scene.row(0, "bank", "ann"), scene.row(0, "bank", "bob"), eve])
    scene.call_up(1, "talks")
    scene.channel(2, "rings")
    scene.join(2, "rings")
    scene.ring(3, "rings", "bob")
    scene.channel(4, "waits")
    scene.join(4, "waits")
    return scene


@pytest.mark.parametrize("whole", [True, False])
def test_a_snapshot_that_agrees_changes_nothing(whole: bool) -> None:
    asked, left_alone = busy(), busy()
    for at in (10, 10.5, 30):
        asked.apply(shown(asked.floor, "pbx1", asked.us(at), whole=whole, rung={"ann-talks"}))
    assert asked.snap(100) == left_alone.snap(100)
    assert asked.floor.ledger.people == left_alone.floor.ledger.people


def test_what_a_list_lacks_is_looked_at_again_before_it_is_believed() -> None:
    """The list was ahead of the events: they come within the two seconds and explain everything."""
    scene = busy()
    scene.sight(10, members=[scene.row(10, "bank", who) for who in ("ann", "bob")], channels=[caller("rings"), leg("bob-1", "bob")], strategies={})
    scene.hang_up(10.5, "waits")
    scene.removed(10.5, "bank", "eve")
    scene.finish(11, "talks", "ann", "ann-talks")
    assert scene.visits()["abandoned"] == 1
    assert "unresolved" not in scene.visits()


def test_what_no_event_explains_is_unresolved_after_two_seconds_and_counted_as_a_mismatch() -> None:
    scene = busy()
    scene.sight(10, members=[scene.row(10, "bank", "ann")], channels=[caller("talks", "b-talks"), leg("ann-talks", bridge="b-talks")])
    scene.floor.advance(scene.us(11.9))
    assert "unresolved" not in scene.visits()
    scene.floor.advance(scene.us(12))
    assert scene.visits()["unresolved"] == 2
    assert scene.floor.counters.reconcile_mismatches["pbx1"] >= 2
    assert scene.state(13, "ann") is State.TALK
    assert scene.agent("bob").state is None


def test_an_answer_being_announced_is_no_missing_caller() -> None:
    """He left the queue for the agent while the list was made; the announcement takes its time."""
    scene = Scene().staffed("ann")
    scene.channel(0, "c")
    scene.join(0, "c")
    scene.ring(1, "c", "ann")
    scene.sight(5, members=[scene.row(5, "bank", "ann", 2)], channels=[caller("c"), leg("ann-1")])
    scene.pick_up(5.1, "c", "ann")
    scene.leave(5.1, "c")
    scene.connect(9, "c", "ann")
    assert scene.visits() == {"entered": 1, "answered": 1, "in_threshold": 1}


def test_a_join_that_only_a_list_shows_is_counted_at_its_time_and_once() -> None:
    scene = Scene().staffed("ann")
    waiting = [ev.WaitingRow("c", "bank", "PJSIP/trunk-c", 3 * SECOND)]
    for at in (10, 20):
        scene.sight(at, members=[scene.row(at, "bank", "ann")], waiting=waiting, channels=[caller("c")])
    assert scene.visits() == {"entered": 1}
    assert mismatches(scene, 30) == 1
    assert scene.open_visit("c").joined_at == scene.us(7)


def test_a_join_that_a_list_told_first_is_dated_by_its_event() -> None:
    scene = Scene().staffed("ann")
    waiting = [ev.WaitingRow("c", "bank", "PJSIP/trunk-c", 0)]
    scene.sight(61, members=[scene.row(61, "bank", "ann")], waiting=waiting, channels=[caller("c")])
    scene.join(59.5, "c")
    assert scene.open_visit("c").joined_at == scene.us(59.5)
    assert mismatches(scene, 70) == 0
    book = scene.floor.ledger.projects["bank"]
    assert {minute: cell[0] for minute, cell in book.minutes.items() if cell[0]} == {scene.us(0): 1}
    assert scene.visits() == {"entered": 1}


def test_a_caller_known_from_a_partial_list_only_is_an_abandon_when_he_ends_in_place() -> None:
    """A reconciliation has no channels, so the place he stands at is not known until he abandons."""
    scene = Scene().staffed("ann")
    scene.sight(10, members=[scene.row(10, "bank", "ann")], waiting=[ev.WaitingRow("c", "bank", "PJSIP/trunk-c", 0)], whole=False)
    scene.abandon(20, "c", held=10)
    scene.leave(20, "c")
    scene.end(20, "c")
    assert scene.visits() == {"entered": 1, "abandoned": 1, "abandoned_in_threshold": 1}


def test_a_caller_in_a_queue_of_nobody_is_counted_once_however_often_the_list_shows_him() -> None:
    scene = Scene().staffed("ann")
    waiting = [ev.WaitingRow("c", "attic", "PJSIP/trunk-c", 0)]
    for at in (10, 20, 30):
        scene.sight(at, members=[scene.row(at, "bank", "ann")], waiting=waiting, channels=[caller("c", queue="attic")], strategies={"attic": "ringall"})
    assert scene.floor.counters.unclaimed == {QueueId("pbx1", "attic"): 1}


# --- gaps -----------------------------------------------------------------------------------------------------------------------------


def test_while_blind_nothing_is_guessed_and_after_a_minute_it_is_unobserved_once() -> None:
    scene = busy()
    scene.lost(10)
    during = scene.snap(69.999999)
    assert during.observed_projects == frozenset()
    assert (during.pbxs[0].observed, during.pbxs[0].blind_since) == (False, scene.us(10))
    assert {view.state for view in during.agents} == {State.UNOBSERVED}
    assert during.counters.agent_us["floor", State.UNOBSERVED] == 0  # pending until healed
    assert during.counters.unobserved_us["pbx1"] == round(59.999999 * SECOND)
    assert "unresolved" not in scene.visits()
    scene.snap(70)
    assert scene.visits()["unresolved"] == 2
    assert scene.floor.counters.agent_us["floor", State.UNOBSERVED] == 3 * 60 * SECOND
    scene.snap(100)
    assert scene.visits()["unresolved"] == 2
    assert scene.floor.counters.agent_us["floor", State.UNOBSERVED] == 3 * 90 * SECOND
    assert scene.spent(100, "ann") == {State.AVAILABLE: 1, State.TALK: 9, State.UNOBSERVED: 90}


def test_what_ended_in_a_short_gap_is_deciding_until_the_gap_is_committed() -> None:
    scene = busy()
    scene.lost(10)
    scene.sight(20, members=[scene.row(20, "bank", who) for who in ("ann", "bob", "eve")])
    assert scene.state(21, "ann") is State.AVAILABLE
    scene.floor.advance(scene.us(25))
    view = scene.snap(25).queues[0]
    assert (view.waiting + view.deciding, scene.visits().get("unresolved", 0)) == (2, 0)
    scene.floor.advance(scene.us(70))
    view = scene.snap(70).queues[0]
    assert (view.waiting, view.deciding, scene.visits()["unresolved"]) == (0, 0, 2)
    assert scene.spent(70, "ann") == {State.AVAILABLE: 51, State.TALK: 9, State.UNOBSERVED: 10}
    assert scene.contacts() == {"contacts": 3, "answered": 1, "in_threshold": 1}  # how long the talk lasted nobody knows


def test_calls_that_live_through_a_gap_go_on() -> None:
    scene = busy()
    scene.lost(10)
    rows = [caller("talks", "b-talks"), leg("ann-talks", bridge="b-talks"), caller("waits"), caller("rings"), leg("bob-1", "bob")]
    waiting = [ev.WaitingRow(call, "bank", f"PJSIP/trunk-{call}", 15 * SECOND) for call in ("waits", "rings")]
    scene.sight(20, members=[scene.row(20, "bank", who) for who in ("ann", "bob")], waiting=waiting, channels=rows)
    assert (scene.state(21, "ann"), scene.agent("bob").state) == (State.TALK, State.RING)
    assert scene.open_visit("waits").joined_at == scene.us(4)
    scene.snap(100)
    assert "unresolved" not in scene.visits()


def test_an_exit_being_decided_when_the_link_was_lost_is_not_taken_for_silence() -> None:
    scene = Scene().staffed("ann")
    scene.channel(0, "c")
    scene.join(0, "c")
    scene.abandon(7, "c", held=7)
    scene.leave(7, "c")
    scene.lost(7.5)
    scene.sight(7.9, members=[scene.row(7.9, "bank", "ann")])
    scene.floor.advance(scene.us(9))
    assert scene.visits() == {"entered": 1}
    scene.snap(70)
    assert scene.visits() == {"entered": 1, "unresolved": 1}


def test_an_exit_being_decided_across_a_gap_is_decided_when_the_caller_ends_elsewhere() -> None:
    """After the time-out the dialplan dialled on; the second of silence passed unseen."""
    scene = Scene().staffed("ann")
    scene.channel(0, "c")
    scene.join(0, "c")
    scene.abandon(7, "c", held=7)
    scene.leave(7, "c")
    scene.lost(7.5)
    scene.sight(20, members=[scene.row(20, "bank", "ann")], channels=[row("c", app="Dial", bridge="x", position=NEXT), row("y", "PJSIP/out-1", bridge="x")])
    scene.end(40, "c", position=NEXT)
    view = scene.snap(45).queues[0]
    assert (view.waiting, view.deciding) == (0, 0)
    assert scene.visits() == {"entered": 1, "flowed_out:other": 1}


def test_two_gaps_in_a_minute_are_committed_each_in_its_time() -> None:
    scene = Scene().staffed("ann")
    scene.lost(10)
    scene.sight(20, members=[scene.row(20, "bank", "ann")])
    scene.lost(40)
    scene.floor.advance(scene.us(80))
    assert scene.floor.counters.agent_us["floor", State.UNOBSERVED] == 10 * SECOND  # the second is pending until 100
    scene.floor.advance(scene.us(100))
    assert scene.floor.counters.agent_us["floor", State.UNOBSERVED] == 70 * SECOND
    assert scene.spent(110, "ann") == {State.AVAILABLE: 30, State.UNOBSERVED: 80}


def test_a_restart_ends_every_call_of_before() -> None:
    scene = busy()
    scene.lost(10)
    scene.sight(15, members=[scene.row(15, "bank", who) for who in ("ann", "bob", "eve")], restarted=True)
    assert {view.state for view in scene.snap(16).agents} == {State.AVAILABLE}
    scene.snap(71)
    assert scene.visits()["unresolved"] == 2
    scene.channel(80, "talks")  # the counter of ids starts again
    scene.join(80, "talks")
    assert scene.visits()["entered"] == 4


def test_legs_the_snapshot_does_not_show_ring_and_talk_no_more() -> None:
    """Also such whose channel was never announced."""
    scene = Scene().staffed("ann", "bob")
    scene.channel(0, "c")
    scene.join(0, "c")
    scene.apply(ev.AgentRung("pbx1", scene.us(1), "c", "bank", "PJSIP/ann", "ann", "x", "PJSIP/ann-00000001", IN_QUEUE))
    scene.channel(0, "d")
    scene.join(0, "d")
    scene.leave(2, "d")
    scene.apply(ev.AgentConnected("pbx1", scene.us(2), "d", "bank", "PJSIP/bob", "bob", "y", "PJSIP/bob-00000001", IN_QUEUE))
    assert (scene.state(3, "ann"), scene.agent("bob").state) == (State.RING, State.TALK)
    scene.lost(5)
    scene.sight(10, members=[scene.row(10, "bank", who) for who in ("ann", "bob")])
    assert (scene.state(11, "ann"), scene.agent("bob").state) == (State.AVAILABLE, State.AVAILABLE)


def test_a_project_on_two_pbxs_is_observed_while_both_are() -> None:
    one = Scene(contract(project("bank", "bank", "pbx2/bank"), project("shop"), pbxs=("pbx1", "pbx2")))
    two = one.on("pbx2")
    one.sight(0)
    assert one.snap(1).observed_projects == {"shop"}
    two.sight(10)
    assert one.snap(11).observed_projects == {"bank", "shop"}
    two.lost(20)
    view = one.snap(30)
    assert view.observed_projects == {"shop"}
    assert not view.observed_groups
    assert one.floor.ledger.projects["bank"].total(0, None)[24] == 10 * SECOND
    assert one.floor.ledger.projects["shop"].total(0, None)[24] == 30 * SECOND


def test_what_happens_on_the_other_pbx_goes_on_during_a_gap() -> None:
    one = Scene(contract(project("bank", "bank", "pbx2/bank"), pbxs=("pbx1", "pbx2")))
    two = one.on("pbx2")
    one.sight(members=[one.row(0, "bank", "ann")])
    two.sight(members=[two.row(0, "bank", "bob")])
    one.lost(5)
    two.call(10, "c", "bob", talk=5)
    assert two.visits() == {"entered": 1, "answered": 1, "in_threshold": 1}
    assert two.floor.counters.visits["bank", QueueId("pbx2", "bank")][Visits.ANSWERED] == 1
    assert (one.state(11, "ann"), one.agent("bob").state) == (State.UNOBSERVED, State.TALK) or one.agent("bob").state is State.WRAPUP


def test_a_waiting_caller_who_went_elsewhere_in_a_gap_is_unresolved() -> None:
    scene = busy()
    scene.lost(10)
    members = [scene.row(20, "bank", who) for who in ("ann", "bob")]
    scene.sight(20, members=members, channels=[row("waits", app="Playback", position=ELSEWHERE)])
    scene.snap(71)
    assert scene.visits()["unresolved"] == 2
    scene.end(80, "waits", position=ELSEWHERE)
    assert scene.visits()["unresolved"] == 2
