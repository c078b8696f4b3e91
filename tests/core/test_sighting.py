"""What a PBX says of itself at once: the first look, the comparison, lists that are a moment ahead of the events."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from monitor.core import events as ev
from monitor.core.contract import SECOND, QueueId
from monitor.core.counters import Component
from monitor.core.snapshot import State
from tests.core.looking import caller, leg, row, shown, waits
from tests.core.scene import NEXT, Scene, busy


def mismatches(scene: Scene, at: float) -> int:
    scene.floor.advance(scene.us(at))
    return scene.floor.counters.reconcile_mismatches["pbx1"]


# --- the first look -------------------------------------------------------------------------------------------------------------------


def test_callers_who_wait_are_taken_over_from_when_they_began_to_wait() -> None:
    scene = Scene()
    scene.sight(100, members=[scene.row(100, "bank", "ann")], waiting=[waits("c", 17)], channels=[caller("c")])
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


@pytest.mark.parametrize("last", ["bank", "shop"])
def test_wrapup_that_was_under_way_at_the_first_look_goes_on_for_the_queue_of_the_last_call(last: str) -> None:
    scene = Scene()
    scene.sight(100, members=[scene.row(100, queue, "ann", last_call_at=scene.us(95) if queue == last else None) for queue in ("bank", "shop")])
    assert scene.spent(130, "ann") == {State.WRAPUP: 10, State.AVAILABLE: 20}
    handle = scene.floor.counters.handle_us
    assert [handle[name, Component.WRAPUP] for name in ("bank", "shop")] == [10 * SECOND * (name == last) for name in ("bank", "shop")]
    assert (scene.visits(last), scene.contacts(last)) == ({}, {})  # the call itself was never seen


def test_the_last_call_ends_in_no_wrapup_when_it_was_long_ago_or_the_link_was_up_all_the_time() -> None:
    scene = Scene()
    scene.sight(100, members=[scene.row(100, "bank", "ann", last_call_at=scene.us(85)), scene.row(100, "bank", "bob")])
    scene.sight(120, members=[scene.row(120, "bank", who, last_call_at=scene.us(115)) for who in ("ann", "bob")], whole=False)
    for who in ("ann", "bob"):
        assert scene.spent(140, who) == {State.AVAILABLE: 40}


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
    waiting = [waits("c", 3)]
    for at in (10, 20):
        scene.sight(at, members=[scene.row(at, "bank", "ann")], waiting=waiting, channels=[caller("c")])
    assert scene.visits() == {"entered": 1}
    assert mismatches(scene, 30) == 1
    assert scene.open_visit("c").joined_at == scene.us(7)


def test_a_join_that_a_list_told_first_is_dated_by_its_event() -> None:
    scene = Scene().staffed("ann")
    waiting = [waits("c", 0)]
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
    scene.sight(10, members=[scene.row(10, "bank", "ann")], waiting=[waits("c", 0)], whole=False)
    scene.abandon(20, "c", held=10)
    scene.leave(20, "c")
    scene.end(20, "c")
    assert scene.visits() == {"entered": 1, "abandoned": 1, "abandoned_in_threshold": 1}


def test_a_caller_in_a_queue_of_nobody_is_counted_once_however_often_the_list_shows_him() -> None:
    scene = Scene().staffed("ann")
    waiting = [waits("c", 0, "attic")]
    for at in (10, 20, 30):
        scene.sight(at, members=[scene.row(at, "bank", "ann")], waiting=waiting, channels=[caller("c", queue="attic")], strategies={"attic": "ringall"})
    assert scene.floor.counters.unclaimed == {QueueId("pbx1", "attic"): 1}


# --- lists that are ahead of the events -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("blind", [False, True], ids=["first look", "after a gap"])
def test_a_call_that_comes_and_is_answered_while_the_lists_are_read_is_one_answered_visit(blind: bool) -> None:
    """The lists show it bridged; then the events kept back meanwhile tell how it came to that."""
    scene = Scene()
    if blind:
        scene.staffed("ann", at=70)
        scene.lost(80)
    scene.sight(100, members=[scene.row(100, "bank", "ann", 2)], channels=[caller("c", "b-c"), leg("ann-1", bridge="b-c", answered_at=scene.us(100))])
    scene.channel(100.2, "c")
    scene.join(100.3, "c")
    scene.ring(100.3, "c", "ann")
    scene.answer(100.6, "c", "ann")
    assert scene.visits() == {"entered": 1, "answered": 1, "in_threshold": 1}
    assert scene.contacts() == {"contacts": 1, "answered": 1, "in_threshold": 1}
    (talk,) = scene.agent("ann").talks
    assert (talk.visit is not None, talk.contact is not None, talk.wrapup_us) == (True, True, 15 * SECOND)
    scene.finish(130, "c", "ann")
    spent = scene.spent(200, "ann")
    assert (spent[State.TALK], spent[State.WRAPUP]) == (30, 15)
    assert scene.visits() == {"entered": 1, "answered": 1, "in_threshold": 1, "handled": 1}
    assert scene.contacts() == {"contacts": 1, "answered": 1, "in_threshold": 1, "handled": 1}


def test_a_caller_listed_as_waiting_who_is_through_by_the_next_list_is_answered() -> None:
    scene = Scene()
    rows = [caller("c", "b-c"), leg("ann-1", bridge="b-c", answered_at=scene.us(100))]
    scene.sight(100, members=[scene.row(100, "bank", "ann", 2)], waiting=[waits("c", 30)], channels=rows)
    scene.answer(100.6, "c", "ann")
    scene.finish(130, "c", "ann")
    scene.snap(200)
    assert scene.visits() == {"entered": 1, "answered": 1, "handled": 1}
    assert scene.contacts() == {"contacts": 1, "answered": 1, "handled": 1}


def timed_out(scene: Scene, at: float) -> None:
    scene.abandon(at, "c", held=30)
    scene.leave(at, "c")
    scene.told(at + 0.002, "c")


def moved_on(scene: Scene, at: float) -> None:
    scene.abandon(at, "c", held=30)
    scene.leave(at, "c")
    scene.seen(at + 0.002, "c", NEXT)


def pressed_a_key(scene: Scene, at: float) -> None:
    scene.leave(at, "c")


def hung_up(scene: Scene, at: float) -> None:
    scene.hang_up(at, "c")


def was_hung_up(scene: Scene, at: float) -> None:
    scene.abandon(at, "c", held=30)
    scene.leave(at, "c")
    scene.end(at + 0.002, "c")


EXITS: list[tuple[Callable[[Scene, float], None], str]] = [
    (timed_out, "flowed_out:timeout"),
    (moved_on, "flowed_out:other"),
    (pressed_a_key, "flowed_out:key"),
    (hung_up, "abandoned"),
    (was_hung_up, "abandoned"),
]


@pytest.mark.parametrize("at", [31.001, 32.9, 32.9985], ids=["at once", "late", "as it is looked at again"])
@pytest.mark.parametrize("whole", [True, False], ids=["whole", "reconciliation"])
@pytest.mark.parametrize(("leaves", "fate"), EXITS)
def test_a_caller_the_list_lacked_already_has_the_fate_his_events_tell(leaves: Callable[[Scene, float], None], fate: str, whole: bool, at: float) -> None:
    scene = Scene().staffed("ann")
    scene.channel(1, "c")
    scene.join(1, "c")
    scene.sight(31, members=[scene.row(31, "bank", "ann")], channels=[row("c", app="Playback")] if whole else [], whole=whole)
    leaves(scene, at)
    view = scene.snap(40).queues[0]
    assert (view.waiting, view.deciding) == (0, 0)
    assert scene.visits() == {"entered": 1, fate: 1}
    assert mismatches(scene, 40) == 0


@pytest.mark.parametrize("blind", [False, True], ids=["in sight", "in a gap"])
def test_an_own_call_that_went_by_another_name_is_over_when_no_list_shows_it(blind: bool) -> None:
    scene = Scene().staffed("ann")
    scene.channel(1, "own", "PJSIP/ann-0000000a", dialing=True)
    scene.apply(ev.ChannelRenamed("pbx1", scene.us(3), "own", "PJSIP/trunk-0000000b"))
    assert scene.state(4, "ann") is State.OTHER
    if blind:
        scene.lost(5)
    scene.sight(10, members=[scene.row(10, "bank", "ann")])
    assert scene.state(12.5, "ann") is State.AVAILABLE
    assert scene.agent("ann").own_calls == set()
