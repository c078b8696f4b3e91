"""A PBX out of sight: what is pending, what is lost with it, and what goes on when it is seen again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from monitor.core import events as ev
from monitor.core.contract import SECOND, QueueId
from monitor.core.counters import Component, Outcome, Visits
from monitor.core.events import Position
from monitor.core.snapshot import Cell, State
from tests.core.looking import caller, leg, row, waits
from tests.core.scene import ELSEWHERE, IN_QUEUE, NEXT, Scene, busy, contract, project

BANK = QueueId("pbx1", "bank")

# --- while it lasts, and its end ------------------------------------------------------------------------------------------------------


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


def never_seen_again(scene: Scene) -> None:
    pass


@pytest.mark.parametrize("then", [seen_again, seen_again_and_he_lives, restarted, seen_too_late, lost_again_at_once, never_seen_again])
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


# --- found again ----------------------------------------------------------------------------------------------------------------------


def test_an_answer_in_a_short_gap_is_counted_at_its_time() -> None:
    scene = Scene().staffed("ann")
    scene.channel(1, "c")
    scene.join(1, "c")
    scene.lost(10)
    rows = [caller("c", "b"), leg("ann-1", bridge="b", answered_at=scene.us(20))]
    scene.sight(40, members=[scene.row(40, "bank", "ann", 2)], channels=rows)
    assert scene.state(41, "ann") is State.TALK
    assert scene.visits() == {"entered": 1, "answered": 1, "in_threshold": 1}
    assert scene.floor.counters.waits["bank", BANK, Outcome.ANSWERED].sum_us == 19 * SECOND
    scene.snap(100)
    assert scene.visits() == {"entered": 1, "answered": 1, "in_threshold": 1}


def test_a_call_answered_in_a_gap_stays_its_project_by_the_number_it_came_in_on() -> None:
    there = Position("queues", "s", "5")
    scene = Scene(contract(project("bank", "q"), project("shop", "q", dids=frozenset({"4002"}))))
    scene.sight(members=[scene.row(0, "q", "ann")])
    scene.channel(1, "c", position=Position("trunk", "4002", "1"))
    scene.join(2, "c", "q", position=there)
    scene.lost(5)
    rows = [caller("c", "b", "q", position=there), leg("ann-1", bridge="b", answered_at=scene.us(10))]
    scene.sight(20, members=[scene.row(20, "q", "ann", 2)], channels=rows)
    scene.snap(40)
    assert scene.visits("q", "shop") == {"entered": 1, "answered": 1, "in_threshold": 1}
    handle = scene.floor.counters.handle_us
    assert (handle["shop", Component.TALK], handle["bank", Component.TALK]) == (20 * SECOND, 0)


def outlasted(queue: str = "bank") -> Scene:
    """A caller waits before a gap of a minute and a half, and is seen waiting after it."""
    scene = Scene().staffed("ann")
    scene.channel(1, "c")
    scene.join(1, "c")
    scene.lost(10)
    scene.snap(80)
    assert scene.visits() == {"entered": 1, "unresolved": 1}
    assert scene.minutes()[Cell.VISITS_UNRESOLVED] == scene.minutes()[Cell.UNRESOLVED] == 1
    scene.sight(100, members=[scene.row(100, "bank", "ann")], waiting=[waits("c", 99, queue)], channels=[caller("c", queue=queue)])
    return scene


CORRECTED = {("pbx1", "bank", "unresolved"): 1}


def test_a_caller_who_outlasts_a_long_gap_is_the_same_visit() -> None:
    scene = outlasted()
    view = scene.snap(100.5)
    assert (view.queues[0].waiting, view.queues[0].oldest_joined_at, view.waiting_since["bank"]) == (1, scene.us(1), (scene.us(1),))
    scene.ring(101, "c", "ann")
    scene.answer(110, "c", "ann")
    scene.finish(120, "c", "ann")
    scene.snap(200)
    assert scene.visits() == {"entered": 1, "answered": 1, "unresolved": 1, "handled": 1}  # a counter takes nothing back
    assert scene.contacts() == {"contacts": 1, "answered": 1, "handled": 1}
    assert {key: count for key, count in scene.floor.counters.corrected.items() if count} == CORRECTED
    assert scene.floor.counters.waits["bank", BANK, Outcome.ANSWERED].sum_us == 109 * SECOND
    kept = (Cell.VISITS, Cell.VISITS_ANSWERED, Cell.VISITS_UNRESOLVED, Cell.CONTACTS, Cell.ANSWERED, Cell.UNRESOLVED, Cell.HANDLED)
    sums = scene.minutes()
    assert [sums.get(cell, 0) for cell in kept] == [1, 1, 0, 1, 1, 0, 1]


def test_a_caller_who_outlasts_a_long_gap_and_hangs_up_is_an_abandon() -> None:
    scene = outlasted()
    scene.hang_up(130, "c")
    scene.snap(140)
    assert scene.visits() == {"entered": 1, "abandoned": 1, "unresolved": 1}
    assert scene.contacts() == {"contacts": 1, "abandoned": 1}
    sums = scene.minutes()
    assert [sums.get(cell, 0) for cell in (Cell.VISITS_ABANDONED, Cell.VISITS_UNRESOLVED, Cell.ABANDONED, Cell.UNRESOLVED)] == [1, 0, 1, 0]


def test_a_caller_lost_in_a_second_long_gap_is_unresolved_in_the_end() -> None:
    scene = outlasted()
    scene.lost(110)
    scene.sight(300, members=[scene.row(300, "bank", "ann")])
    scene.snap(400)
    assert scene.visits() == {"entered": 1, "unresolved": 2}
    assert scene.contacts() == {"contacts": 1}
    assert {key: count for key, count in scene.floor.counters.corrected.items() if count} == CORRECTED
    assert scene.minutes()[Cell.VISITS_UNRESOLVED] == scene.minutes()[Cell.UNRESOLVED] == 1


def test_a_caller_answered_in_a_long_gap_is_answered_after_all() -> None:
    scene = Scene().staffed("ann")
    scene.channel(1, "c")
    scene.join(1, "c")
    scene.lost(10)
    rows = [caller("c", "b"), leg("ann-1", bridge="b", answered_at=scene.us(50))]
    scene.sight(100, members=[scene.row(100, "bank", "ann", 2)], channels=rows)
    scene.snap(110)
    assert scene.visits() == {"entered": 1, "answered": 1, "unresolved": 1}
    assert scene.contacts() == {"contacts": 1, "answered": 1}
    assert {key: count for key, count in scene.floor.counters.corrected.items() if count} == CORRECTED


def test_a_caller_found_in_another_queue_after_a_long_gap_is_a_visit_of_its_own() -> None:
    scene = outlasted(queue="shop")
    scene.hang_up(130, "c", "shop")
    scene.snap(140)
    assert (scene.visits("bank"), scene.visits("shop")) == ({"entered": 1, "unresolved": 1}, {"entered": 1, "abandoned": 1})
    assert not any(scene.floor.counters.corrected.values())


def test_ids_begin_anew_with_a_restart_in_a_long_gap() -> None:
    scene = Scene().staffed("ann")
    scene.channel(1, "c")
    scene.join(1, "c")
    scene.lost(10)
    scene.sight(100, members=[scene.row(100, "bank", "ann")], waiting=[waits("c", 5)], channels=[caller("c")], restarted=True)
    scene.hang_up(110, "c")
    scene.snap(120)
    assert scene.visits() == {"entered": 2, "abandoned": 1, "abandoned_in_threshold": 1, "unresolved": 1}
    assert not any(scene.floor.counters.corrected.values())
