"""A PBX out of sight: what is pending, what is lost with it, and exits on the edge of the gap."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from monitor.core import events as ev
from monitor.core.contract import SECOND, QueueId
from monitor.core.counters import Visits
from monitor.core.snapshot import State
from tests.core.looking import caller, leg, row, waits
from tests.core.scene import ELSEWHERE, IN_QUEUE, NEXT, Scene, busy, contract, project

# --- while it lasts, and its end ------------------------------------------------------------------------------------------------------


def test_while_blind_nothing_is_guessed_and_after_a_minute_it_is_unobserved_once() -> None:
    scene = busy()
    scene.lost(10)
    during = scene.snap(69.999999)
    assert during.observed_projects == frozenset()
    assert (during.pbxs[0].observed, during.pbxs[0].blind_since) == (False, scene.us(10))
    assert {view.state for view in during.agents} == {State.UNOBSERVED}
    assert during.counters.agent_us["floor", State.UNOBSERVED] == 0  # pending until healed
    assert during.counters.unobserved_us["pbx1"] == 0
    assert "unresolved" not in scene.visits()
    assert scene.snap(70).counters.unobserved_us["pbx1"] == 60 * SECOND
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
    waiting = [waits(call, 15) for call in ("waits", "rings")]
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


# --- exits on the edge of a gap -------------------------------------------------------------------------------------------------------


def abandons(scene: Scene, at: float) -> None:
    scene.abandon(at, "c", held=30)


def times_out(scene: Scene, at: float) -> None:
    abandons(scene, at)
    scene.leave(at, "c")


def moves_on(scene: Scene, at: float) -> None:
    times_out(scene, at)
    scene.seen(at + 0.002, "c", NEXT)


def presses_a_key(scene: Scene, at: float) -> None:
    scene.leave(at, "c")


def is_announced(scene: Scene, at: float) -> None:
    scene.ring(at, "c", "ann")
    scene.pick_up(at, "c", "ann")
    scene.leave(at, "c")


def seen_again(scene: Scene) -> None:
    scene.sight(40, members=[scene.row(40, "bank", "ann")])


def seen_again_and_he_lives(scene: Scene) -> None:
    scene.sight(40, members=[scene.row(40, "bank", "ann")], channels=[row("c", app="Playback", position=ELSEWHERE)])


def restarted(scene: Scene) -> None:
    scene.sight(40, members=[scene.row(40, "bank", "ann")], restarted=True)


def seen_too_late(scene: Scene) -> None:
    scene.sight(300, members=[scene.row(300, "bank", "ann")])


def lost_again_at_once(scene: Scene) -> None:
    seen_again(scene)
    scene.lost(40.5)
    scene.sight(45, members=[scene.row(45, "bank", "ann")])


def seen_without_him_before_his_end_is_told(scene: Scene) -> None:
    scene.sight(31.2, members=[scene.row(31.2, "bank", "ann")])
    scene.request(31.5, "c", soft=True, position=NEXT)
    scene.end(31.5, "c", position=NEXT)


def never_seen_again(scene: Scene) -> None:
    pass


THEN = [
    seen_again,
    seen_again_and_he_lives,
    seen_without_him_before_his_end_is_told,
    restarted,
    seen_too_late,
    lost_again_at_once,
    never_seen_again,
]


@pytest.mark.parametrize("then", THEN)
@pytest.mark.parametrize("leaves", [abandons, times_out, moves_on, presses_a_key, is_announced])
@pytest.mark.parametrize("doubted", [False, True], ids=["", "a list lacked him"])
def test_no_exit_is_being_decided_for_ever(doubted: bool, leaves: Callable[[Scene, float], None], then: Callable[[Scene], None]) -> None:
    scene = Scene().staffed("ann")
    scene.channel(1, "c")
    scene.join(1, "c")
    if doubted:
        scene.sight(31, members=[scene.row(31, "bank", "ann")], whole=False)
    leaves(scene, 31.001)
    scene.lost(31.01)
    then(scene)
    view = scene.snap(7200)
    assert (view.queues[0].waiting, view.queues[0].deciding, view.waiting_since["bank"]) == (0, 0, ())
    fates = scene.visits()
    assert (fates.pop("entered"), sum(fates.values())) == (1, 1)
    if leaves is moves_on:
        assert fates == {"flowed_out:other": 1}  # certain before the gap
    else:
        assert "answered" not in fates


def test_a_time_out_told_after_a_gap_in_which_he_was_not_listed_any_more_is_a_time_out() -> None:
    scene = Scene().staffed("ann")
    scene.channel(1, "c")
    scene.join(1, "c")
    scene.lost(10)
    scene.sight(12, members=[scene.row(12, "bank", "ann")], channels=[row("c", app="Playback")])
    times_out(scene, 12.5)
    scene.told(12.51, "c")
    scene.snap(100)
    assert scene.visits() == {"entered": 1, "flowed_out:timeout": 1}


def test_an_announcement_that_outlasts_a_short_gap_is_an_answer() -> None:
    scene = Scene().staffed("ann")
    scene.channel(1, "c")
    scene.join(1, "c")
    is_announced(scene, 5)
    scene.lost(6)
    scene.sight(8, members=[scene.row(8, "bank", "ann", 2)], channels=[caller("c"), leg("ann-1")])
    scene.connect(12, "c", "ann")
    assert scene.visits() == {"entered": 1, "answered": 1, "in_threshold": 1}


@pytest.mark.parametrize("log", [False, True])
def test_work_after_a_call_whose_time_passed_unseen_is_over_when_the_agent_is_seen_again(log: bool) -> None:
    scene = Scene().staffed("ann")
    scene.apply(ev.LogSeen(scene.pbx, scene.us(0), log))
    scene.call(0, "w", "ann", talk=25)  # wrap-up until 40
    scene.lost(30)
    scene.sight(60, members=[scene.row(60, "bank", "ann")])
    assert scene.state(61, "ann") is State.AVAILABLE
    scene.snap(200)
    assert scene.spent(200, "ann") == {State.AVAILABLE: 140, State.TALK: 25, State.WRAPUP: 5, State.UNOBSERVED: 30}
