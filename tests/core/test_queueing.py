"""Every end of a stay in a queue, row by row, told in events."""

from __future__ import annotations

import pytest

from monitor.core.calls import Sign, Visit
from monitor.core.contacts import Contact
from monitor.core.contract import SECOND, QueueId
from monitor.core.counters import Outcome
from monitor.core.events import Position
from monitor.core.floor import Anomaly
from tests.core.looking import caller, waits
from tests.core.scene import AFTER, ELSEWHERE, IN_QUEUE, NEXT, Scene

# --- what ends a queue call, row by row ----------------------------------------------------------------------------


def waiting(*, strict: bool = True) -> Scene:
    """A caller in the queue since second 0."""
    scene = Scene(strict=strict).staffed("ann", "bob")
    scene.channel(0, "c")
    scene.join(0, "c")
    return scene


def fate(scene: Scene, at: float) -> dict[str, int]:
    scene.floor.advance(scene.us(at))
    counts = scene.visits()
    assert counts.pop("entered") >= 1
    return counts


def test_answered() -> None:
    scene = waiting()
    scene.ring(1, "c", "ann")
    scene.answer(20, "c", "ann")
    assert fate(scene, 20) == {"answered": 1, "in_threshold": 1}
    assert scene.state(25, "ann") == "talk"


def test_answered_a_microsecond_after_the_threshold_is_late() -> None:
    scene = waiting()
    scene.ring(1, "c", "ann")
    scene.answer(20.000001, "c", "ann")
    assert fate(scene, 21) == {"answered": 1}


def test_answered_seconds_after_the_leave_where_a_member_subroutine_runs() -> None:
    scene = waiting()
    scene.ring(1, "c", "ann")
    scene.pick_up(2, "c", "ann")
    scene.leave(2, "c")
    assert fate(scene, 4.9) == {}
    assert scene.snap(4.9).queues[0].deciding == 1
    scene.connect(5, "c", "ann")
    assert fate(scene, 5) == {"answered": 1, "in_threshold": 1}


def test_the_phone_goes_down_during_the_announcement_and_the_caller_stays_out() -> None:
    scene = waiting()
    scene.ring(1, "c", "ann")
    scene.pick_up(2, "c", "ann")
    scene.leave(2, "c")
    scene.end(3, "ann-1")
    assert fate(scene, 3.999999) == {}
    assert fate(scene, 4) == {"flowed_out:key": 1}


def test_agent_dump_leaves_the_caller_in_the_queue() -> None:
    from monitor.core.events import AgentDumped

    scene = waiting()
    scene.ring(1, "c", "ann")
    scene.pick_up(2, "c", "ann")
    scene.apply(AgentDumped("pbx1", scene.us(3), "c", "bank", "PJSIP/ann", "ann-1"))
    scene.end(3, "ann-1")
    assert fate(scene, 6) == {}
    assert scene.snap(6).queues[0].waiting == 1
    scene.ring(7, "c", "bob")
    scene.answer(8, "c", "bob")
    assert fate(scene, 8) == {"answered": 1, "in_threshold": 1}


@pytest.mark.parametrize(("seconds", "expected"), [(4.999999, "short"), (5, "abandoned"), (20, "abandoned")])
def test_caller_hangs_up(seconds: float, expected: str) -> None:
    scene = waiting()
    scene.hang_up(seconds, "c")
    in_time = {} if expected == "short" else {"abandoned_in_threshold": 1}
    assert fate(scene, seconds) == {expected: 1, **in_time}  # at once, not a second later


def test_an_abandon_after_the_threshold_is_not_in_it() -> None:
    scene = waiting()
    scene.hang_up(20.000001, "c")
    assert fate(scene, 21) == {"abandoned": 1}


def test_hung_up_from_the_command_line_with_a_soft_request_before_it() -> None:
    scene = waiting()
    scene.request(7, "c", soft=True)
    scene.abandon(7, "c")
    assert fate(scene, 7) == {"abandoned": 1, "abandoned_in_threshold": 1}


def test_ami_hangup_or_absolute_timeout_says_nothing_before_and_ends_in_place() -> None:
    scene = waiting()
    scene.abandon(7, "c", held=7)
    scene.leave(7, "c")
    scene.request(7, "c", soft=True)
    assert fate(scene, 7) == {}
    scene.end(7, "c")
    assert fate(scene, 7) == {"abandoned": 1, "abandoned_in_threshold": 1}


@pytest.mark.parametrize("place", [IN_QUEUE, AFTER], ids=["in place", "at h"])
def test_ami_hangup_is_an_abandon_even_if_the_pbx_was_asked_and_said_timeout(place: Position) -> None:
    scene = waiting()
    scene.abandon(7, "c", held=7)
    scene.leave(7, "c")
    assert scene.questions == [("pbx1", "c", "bank")]
    scene.told(7, "c", status="TIMEOUT" if place is IN_QUEUE else None)
    scene.request(7, "c", soft=True)
    scene.end(7, "c", position=place)
    assert fate(scene, 9) == {"abandoned": 1, "abandoned_in_threshold": 1}


def timed_out(scene: Scene, at: float = 4, held: int = 4) -> None:
    scene.abandon(at, "c", held=held)
    scene.leave(at, "c")


def test_timeout_and_the_dialplan_goes_on() -> None:
    scene = waiting()
    timed_out(scene)
    assert scene.snap(4).queues[0].deciding == 1
    scene.told(4.001, "c", status="TIMEOUT")
    assert fate(scene, 4.001) == {}
    scene.seen(4.002, "c", NEXT)
    assert fate(scene, 4.002) == {"flowed_out:timeout": 1}


def test_timeout_and_the_answer_to_the_question_comes_after_the_move() -> None:
    scene = waiting()
    timed_out(scene)
    scene.seen(4.001, "c", NEXT)
    assert fate(scene, 4.001) == {}  # flowed out for certain, the reason is being asked
    assert scene.snap(4.001).queues[0].deciding == 1
    scene.told(4.002, "c", status="TIMEOUT")
    assert fate(scene, 4.002) == {"flowed_out:timeout": 1}
    assert scene.snap(4.002).queues[0].deciding == 0


@pytest.mark.parametrize(("status", "reason"), [("LEAVEEMPTY", "empty"), ("WITHDRAW", "withdrawn"), ("", "other"), (None, "other")])
def test_the_pbx_says_why(status: str | None, reason: str) -> None:
    scene = waiting()
    timed_out(scene)
    scene.told(4.001, "c", status=status)
    scene.seen(4.002, "c", NEXT)
    assert fate(scene, 5.1) == {f"flowed_out:{reason}": 1}


def test_timeout_and_silence() -> None:
    scene = waiting()
    timed_out(scene)
    assert fate(scene, 4.999999) == {}
    assert fate(scene, 5) == {"flowed_out:other": 1}


def test_timeout_and_the_dialplan_hangs_up_at_the_next_priority() -> None:
    """Within 0.1 ms, exactly like an abandon, but at another position."""
    scene = waiting()
    timed_out(scene)
    scene.request(4.0001, "c", soft=True, position=NEXT)
    scene.end(4.0001, "c", position=NEXT)
    assert fate(scene, 5) == {"flowed_out:other": 1}


def test_timeout_where_queue_was_the_last_priority() -> None:
    """The soft request still shows the old place; the end shows the new one."""
    scene = waiting()
    timed_out(scene)
    scene.request(4, "c", soft=True)
    scene.end(4, "c", position=NEXT)
    assert fate(scene, 5) == {"flowed_out:other": 1}


def test_the_end_at_h_is_read_from_the_place_of_the_request() -> None:
    scene = waiting()
    timed_out(scene)
    scene.request(4, "c", soft=True, position=NEXT)
    scene.end(4, "c", position=AFTER)
    assert fate(scene, 5) == {"flowed_out:other": 1}


def test_at_h_without_a_moved_place_the_learned_maximum_wait_tells() -> None:
    scene = waiting()
    timed_out(scene)
    scene.told(4, "c", status="TIMEOUT")
    scene.seen(4, "c", NEXT)  # now the queue's maximum wait is known: 4 s
    for call, held in (("d", 3), ("e", 4)):
        scene.channel(10, call)
        scene.join(10, call)
        scene.abandon(10 + held, call, held=held)
        scene.leave(10 + held, call)
        scene.request(10 + held, call, soft=True)
        scene.end(10 + held, call, position=AFTER)
    assert fate(scene, 20) == {"flowed_out:timeout": 1, "flowed_out:other": 1, "short": 1}


def test_timeout_into_another_queue() -> None:
    scene = waiting()
    timed_out(scene)
    scene.join(4, "c", "shop", position=ELSEWHERE)
    assert fate(scene, 5) == {"flowed_out:other": 1}
    assert scene.visits("shop") == {"entered": 1}
    assert scene.snap(5).queues[1].waiting == 1


def test_timeout_into_the_same_queue_is_a_second_visit_of_one_contact() -> None:
    scene = waiting()
    timed_out(scene)
    scene.join(4, "c")
    scene.ring(5, "c", "ann")
    scene.answer(6, "c", "ann")
    assert fate(scene, 6) == {"flowed_out:other": 1, "answered": 1, "in_threshold": 1}
    assert scene.contacts() == {"contacts": 1, "answered": 1, "in_threshold": 1}


def test_two_timeouts_from_the_same_queue_within_a_second_are_both_undecided() -> None:
    """Leave-empty can throw a caller out at once, twice over."""
    scene = waiting()
    for at in (0.1, 0.2):
        scene.abandon(at, "c", held=0)
        scene.leave(at, "c")
        scene.join(at, "c")
    view = scene.snap(0.3).queues[0]
    assert (view.deciding, view.waiting) == (2, 1)
    assert fate(scene, 1.5) == {"flowed_out:other": 2}
    view = scene.snap(1.5).queues[0]
    assert (view.deciding, view.waiting) == (0, 1)


def test_key() -> None:
    scene = waiting()
    scene.leave(6, "c", position=Position("trunk", "5", "0"))  # 22.10.1 shows the key pressed
    assert fate(scene, 6.999999) == {}
    assert fate(scene, 7) == {"flowed_out:key": 1}


def test_key_and_the_caller_hangs_up_at_once() -> None:
    scene = waiting()
    scene.leave(6, "c")
    scene.request(6.1, "c", position=ELSEWHERE)
    scene.end(6.1, "c", position=ELSEWHERE)
    assert fate(scene, 6.1) == {"flowed_out:key": 1}


def test_key_while_a_phone_rings() -> None:
    scene = waiting()
    scene.ring(1, "c", "ann")
    scene.leave(6, "c")
    scene.end(6, "ann-1")
    assert fate(scene, 7) == {"flowed_out:key": 1}
    assert scene.state(7, "ann") == "available"


@pytest.mark.parametrize("place", [IN_QUEUE, ELSEWHERE], ids=["16.28", "22.10.1: already at the new position"])
def test_redirect_of_a_waiting_caller_is_a_flow_out(place: Position) -> None:
    scene = waiting()
    scene.abandon(6, "c", position=place, held=6)
    scene.leave(6, "c", position=place)
    scene.seen(6.01, "c", ELSEWHERE)
    assert fate(scene, 8) == {"flowed_out:other": 1}


def test_channels_incompatible_abandons_twice_and_counts_once() -> None:
    scene = waiting()
    scene.ring(1, "c", "ann")
    scene.pick_up(6, "c", "ann")
    scene.abandon(6, "c", held=6)
    scene.abandon(6, "c", held=6)
    scene.leave(6, "c")
    scene.end(6, "c")
    assert fate(scene, 8) == {"abandoned": 1, "abandoned_in_threshold": 1}


def test_the_caller_ends_during_the_announcement() -> None:
    scene = waiting()
    scene.ring(1, "c", "ann")
    scene.pick_up(6, "c", "ann")
    scene.leave(6, "c")
    scene.request(7, "c")
    scene.end(7, "c")
    assert fate(scene, 7) == {"abandoned": 1, "abandoned_in_threshold": 1}


def test_the_wait_ends_when_the_caller_is_out_of_the_queue_not_when_it_is_decided() -> None:
    scene = waiting()
    timed_out(scene, 9.5, 9)
    fate(scene, 12)
    waits = scene.floor.counters.waits["bank", QueueId("pbx1", "bank"), Outcome.FLOWED_OUT]
    assert (waits.sum_us, sum(waits.counts)) == (9.5 * SECOND, 1)


def test_a_join_while_inside_is_a_duplicate() -> None:
    scene = waiting()
    scene.join(3, "c")
    assert scene.visits() == {"entered": 1}
    scene.hang_up(6, "c")
    assert fate(scene, 6) == {"abandoned": 1, "abandoned_in_threshold": 1}


def test_a_join_of_another_queue_while_inside_is_an_anomaly_healed_to_a_flow_out() -> None:
    strict, live = waiting(), waiting(strict=False)
    with pytest.raises(Anomaly):
        strict.join(3, "c", "shop")
    live.join(3, "c", "shop")
    assert fate(live, 3) == {"flowed_out:key": 1}
    assert live.visits("shop") == {"entered": 1}


def test_the_end_of_a_waiting_caller_without_a_word_is_an_anomaly_healed_to_an_abandon() -> None:
    strict, live = waiting(), waiting(strict=False)
    with pytest.raises(Anomaly):
        strict.end(6, "c")
    live.end(6, "c")
    assert fate(live, 6) == {"abandoned": 1, "abandoned_in_threshold": 1}
    assert live.floor.counters.anomalies == {"visit_gone_in_place": 1}


def test_a_caller_in_a_queue_of_nobody_is_counted_once_as_unclaimed() -> None:
    scene = Scene().staffed("ann")
    scene.channel(0, "c")
    scene.join(0, "c", "attic")
    scene.join(0, "c", "attic")
    scene.hang_up(3, "c", "attic")
    assert scene.floor.counters.unclaimed == {QueueId("pbx1", "attic"): 1}
    scene.channel(9, "c2")
    scene.join(9, "c2", "attic")
    assert scene.floor.counters.unclaimed == {QueueId("pbx1", "attic"): 2}


def test_a_contact_has_its_project_from_the_first_dialled_number() -> None:
    from tests.core.scene import contract, project

    agreed = contract(project("a", "q", dids=frozenset({"600"})), project("b", "q", dids=frozenset({"700"})), project("rest", "q"))
    scene = Scene(agreed)
    scene.sight()
    for number, call in (("600", "x"), ("700", "y"), ("800", "z")):
        scene.channel(1, call, position=Position("trunk", number, "1"))
        scene.join(1, call, "q", position=Position("queues", "q", "1"))
    assert [scene.contacts(p) for p in ("a", "b", "rest")] == [{"contacts": 1}] * 3


def test_visit_says_where_it_stands() -> None:
    visit = Visit(QueueId("pbx1", "bank"), "c", 1, Scene().contract.projects[0], Contact(Scene().contract.projects[0], 0, 0, []), 0, IN_QUEUE, 0)
    assert not visit.moved_to(ELSEWHERE)  # nothing was said yet
    visit.pending = IN_QUEUE
    assert visit.moved_to(NEXT)
    assert not visit.moved_to(AFTER)
    assert visit.gone_at(IN_QUEUE, None) is Sign.GONE_IN_PLACE
    assert visit.gone_at(NEXT, None) is Sign.GONE_ELSEWHERE


def test_who_was_given_up_in_sight_is_not_kept_for_ever() -> None:
    scene = Scene(strict=False).staffed("ann")
    scene.channel(10, "c")
    scene.join(10, "c")
    scene.sight(13, members=[scene.row(13, "bank", "ann")], whole=False)
    scene.snap(20)
    assert scene.floor.queueing.given_up.of(scene.pbx) == [("c", "bank")]
    scene.snap(1000)
    assert scene.floor.queueing.given_up.of(scene.pbx) == []


def test_who_is_found_again_after_a_gap_has_waited_as_long_as_he_did_whatever_the_civil_clock_says() -> None:
    scene = Scene(strict=False).staffed("ann")
    scene.channel(1, "c")
    scene.join(1, "c")
    scene.lost(10)
    scene.snap(200)
    scene.floor.shift(90 * SECOND)
    scene.sight(300, members=[scene.row(300, "bank", "ann")], waiting=[waits("c", 209)], channels=[caller("c")])
    scene.ring(301, "c", "ann")
    scene.answer(302, "c", "ann")
    assert [one.sum_us for one in scene.floor.counters.waits.values() if one.sum_us] == [211 * SECOND]


def test_whoever_is_found_again_begins_his_next_visit() -> None:
    scene = Scene(strict=False).staffed("ann")
    scene.floor.keep()
    scene.channel(10, "c")
    scene.join(10, "c")
    scene.sight(13, members=[scene.row(13, "bank", "ann")], whole=False)
    scene.snap(20)
    scene.end(21, "c")
    scene.channel(22, "c")
    scene.sight(23, members=[scene.row(23, "bank", "ann")], waiting=[waits("c", 13)], whole=False)
    scene.request(30, "c")
    scene.abandon(30, "c")
    scene.leave(30, "c")
    scene.join(40, "c")
    assert scene.open_visit("c").number == 2
