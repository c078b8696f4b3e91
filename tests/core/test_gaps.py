"""A gap told by queue_log: whatever a gap swallows of a real session, the counts are those of the whole session."""

from __future__ import annotations

import os
from functools import lru_cache
from itertools import islice
from random import Random
from typing import Any

import pytest

from monitor.core import events as ev
from monitor.core.book import LABOUR, OBSERVED
from monitor.core.contract import MINUTE, SECOND
from monitor.core.counters import Counters
from monitor.core.events import AgentRung, GapTold, LinkLost
from monitor.core.gaps import bridge
from monitor.core.snapshot import Cell, State
from monitor.sources import queue_log
from tests.core.looking import caller, leg, row, shown, waits
from tests.core.scene import T0, Scene, contract, project
from tests.core.test_heal import calls_of, kept, rows
from tests.core.test_properties import rings_are_told, rung_in_vain
from tests.scenarios.world import MIXED, PBX, Recording, Replay

SEEDS = 60 if os.environ.get("FLOORWATCH_FULL") else 5


@lru_cache
def seen_whole(world: Recording) -> Replay:
    replay = Replay(world.events(), judged=False)
    replay.floor.keep()
    return replay.whole()


def cut(world: Recording, chance: Random) -> tuple[list[ev.Event], LinkLost, ev.SnapshotTaken, list[ev.Event]]:
    """What was seen before a gap of some seconds to a minute, its two ends, and what was seen after it."""
    events = world.events()
    first = chance.randrange(len(events) // 20, len(events) - 2)
    until = min(events[first].at + round(chance.uniform(1, 60) * SECOND), events[-1].at)
    place = max((index for index, event in enumerate(events) if event.at <= until), default=first)
    before = Replay(events, judged=False)
    rung = {event.leg for event in islice(before.steps(), place + 1) if isinstance(event, AgentRung)}
    taken = shown(before.floor, PBX, max(before.now, until), rung=rung)
    return events[: first + 1], LinkLost(PBX, events[first].at), taken, events[place + 1 :]


def with_gap(world: Recording, seed: int) -> Replay:
    """The session with a gap of some seconds to a minute in it, which its queue_log tells; it is looked at while it is told."""
    chance = Random(f"{world.name} {seed}")
    seen, lost, taken, rest = cut(world, chance)
    log = tuple(queue_log.read(world.queue_log, 0))
    story = [*seen, lost, GapTold(PBX, taken.at, log, taken, 0), taken, *rest]
    gapped = Replay(story, strict=False, agreed=seen_whole(world).contract, judged=False)
    gapped.floor.keep()
    gapped.floor.apply(ev.LogSeen(PBX, gapped.now, True))
    tell = gapped.tell

    def look_and_tell(event: ev.Event) -> None:
        if isinstance(event, GapTold):
            gapped.engine.put(event)
            gapped.engine._drain(1)
            while gapped.engine.keeping.telling:
                gapped.engine.tick()
                gapped.floor.snapshot(gapped.now)
                gapped.engine._drain(chance.randrange(1, 9))
        else:
            tell(event)

    gapped.tell = look_and_tell  # type: ignore[method-assign]
    return gapped.whole()


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("world", MIXED, ids=lambda world: world.name)
def test_a_gap_that_a_log_tells_loses_no_call_and_no_second(world: Recording, seed: int) -> None:
    whole, gapped = seen_whole(world).floor, with_gap(world, seed).floor
    missed = calls_of(whole.counters).pop("in vain") - calls_of(gapped.counters).pop("in vain")
    assert _calls(gapped.counters) == _calls(whole.counters)
    assert kept(gapped).keys() == kept(whole).keys()
    assert abs(missed) <= 1, "a ring in vain in the second of the snapshot is anybody's guess"
    assert (rung_in_vain(whole) - rung_in_vain(gapped)).total() + (rung_in_vain(gapped) - rung_in_vain(whole)).total() == abs(missed)
    rings_are_told(gapped)
    assert gapped.counters.anomalies.keys() <= {"wait_near_threshold"}
    assert gapped.counters.unobserved_us == whole.counters.unobserved_us
    assert gapped.counters.planned == whole.counters.planned
    assert gapped.counters.corrected == {}
    assert gapped.counters.corrected_us == {}
    assert abs(_seconds(gapped.counters) - _seconds(whole.counters)) < 3 * SECOND, "people come and go at whole seconds"
    for name, book in whole.ledger.projects.items():
        told, seen = gapped.ledger.projects[name].total(0, None), book.total(0, None)
        assert told[Cell.OBSERVED_US] == seen[Cell.OBSERVED_US]
        assert told[Cell.CONTACTS_SEEN] == told[Cell.CONTACTS]
        assert told[Cell.CARRIED_SEEN_US] == told[Cell.TALK_US] + told[Cell.HOLD_US] + told[Cell.WRAPUP_US]
    for name, book in whole.ledger.groups.items():
        told = gapped.ledger.groups[name].total(0, None)
        assert told[OBSERVED] == book.total(0, None)[OBSERVED]
        assert told[: len(State)] == told[OBSERVED + 1 : LABOUR]


def _calls(counters: Counters) -> dict[tuple[str, str] | str, int]:
    return {key: count for key, count in calls_of(counters).items() if key != "in vain"}


def _seconds(counters: Counters) -> int:
    return sum(counters.agent_us.values())


# --- one thing at a time --------------------------------------------------------------------------------------------------------------


def gone_and_told(scene: Scene, lost: float, back: float, rows_text: str, *members: ev.MemberSeen, **seen: Any) -> None:
    """The link is lost, and is back with this snapshot and these rows; times in seconds since the scene began."""
    scene.lost(lost)
    scene.snap(back)
    tell(scene, back, rows_text, *members, **seen)


def tell(scene: Scene, back: float, rows_text: str, *members: ev.MemberSeen, **seen: Any) -> None:
    people = members or (scene.row(back, "bank", "ann"),)
    taken = ev.SnapshotTaken(
        PBX,
        scene.us(back),
        {"bank": "rrmemory", "shop": "rrmemory"},
        tuple(people),
        tuple(seen.get("waiting", ())),
        tuple(seen.get("channels", ())),
        restarted=seen.get("restarted", False),
        listed_at=scene.us(seen["listed_at"]) if "listed_at" in seen else 0,
    )
    story = bridge(scene.floor, GapTold(PBX, taken.at, tuple(rows(rows_text)), taken, 0))
    assert story is not None
    for event in story:
        scene.apply(event)
    scene.apply(taken)


def logged(**more: Any) -> Scene:
    scene = Scene(**more).staffed("ann")
    scene.apply(ev.LogSeen(PBX, scene.us(0), True))
    return scene


def test_a_call_that_came_and_went_in_a_gap_is_counted_in_its_own_minutes() -> None:
    scene = logged()
    rows_of_call = "100|1.1|bank|NONE|ENTERQUEUE||0|1\n110|1.1|bank|ann|CONNECT|10|1.2|3\n190|1.1|bank|ann|COMPLETECALLER|10|80|1"
    gone_and_told(scene, 50, 300, rows_of_call)
    scene.snap(301)
    assert scene.visits() == {"entered": 1, "answered": 1, "in_threshold": 1, "handled": 1}
    assert scene.floor.ledger.projects["bank"].minutes[T0 + MINUTE][Cell.VISITS] == 1
    assert scene.spent(301, "ann") == {State.AVAILABLE: 301 - 95, State.TALK: 80, State.WRAPUP: 15}
    counters = scene.floor.counters
    assert (counters.unobserved_us[PBX], counters.healed[PBX], counters.corrected_us) == (0, 1, {})


def test_who_waited_when_the_link_was_lost_is_answered_once_and_by_the_same_visit() -> None:
    scene = logged()
    scene.channel(45, "1.1")
    scene.join(45, "1.1")
    gone_and_told(scene, 50, 80, "45|1.1|bank|NONE|ENTERQUEUE||0|1\n60|1.1|bank|ann|CONNECT|15|1.2|3\n70|1.1|bank|ann|COMPLETEAGENT|15|10|1")
    scene.snap(100)
    assert scene.visits() == {"entered": 1, "answered": 1, "in_threshold": 1, "handled": 1}
    assert scene.contacts() == {"contacts": 1, "answered": 1, "in_threshold": 1, "handled": 1}


def test_an_answer_whose_wait_may_lie_on_either_side_of_the_threshold_is_not_in_threshold_and_said() -> None:
    scene = logged(strict=False)
    scene.channel(40.5, "1.1")
    scene.join(40.5, "1.1")
    gone_and_told(scene, 50, 80, "60|1.1|bank|ann|CONNECT|20|1.2|3\n70|1.1|bank|ann|COMPLETEAGENT|20|10|1")
    assert scene.visits() == {"entered": 1, "answered": 1}
    assert scene.contacts() == {"contacts": 1, "answered": 1}
    assert scene.floor.counters.anomalies == {"wait_near_threshold": 1}


def test_pauses_logins_and_logouts_are_those_of_the_log() -> None:
    scene = logged()
    gone_and_told(
        scene,
        50,
        200,
        """
        60|NONE|bank|ann|PAUSE|lunch
        90|NONE|bank|ann|UNPAUSE|
        100|NONE|bank|PJSIP/bob|ADDMEMBER|
        110|NONE|bank|PJSIP/ann|REMOVEMEMBER|
        """,
        scene.row(200, "bank", "bob"),
    )
    assert scene.spent(200, "ann") == {State.AVAILABLE: 80, State.PAUSED: 30}
    assert scene.spent(200, "bob") == {State.AVAILABLE: 100}
    assert scene.floor.counters.pause_us["floor", "lunch"] == 30 * SECOND


def test_a_talk_whose_end_nobody_wrote_down_leaves_the_agent_unobserved() -> None:
    scene = logged()
    scene.call_up(40, "1.1")
    gone_and_told(scene, 50, 80, "")
    assert scene.state(81, "ann") is State.AVAILABLE
    assert scene.spent(81, "ann") == {State.AVAILABLE: 41, State.TALK: 10, State.UNOBSERVED: 30}
    assert scene.floor.counters.unobserved_us[PBX] == 0, "the PBX is told, the person is not"


def test_a_talk_that_goes_on_was_a_talk_all_the_time() -> None:
    scene = logged()
    scene.call_up(40, "1.1")
    here = [caller("1.1", "b-1.1"), leg("ann-1.1", bridge="b-1.1")]
    gone_and_told(scene, 50, 80, "", channels=here)
    assert scene.state(81, "ann") is State.TALK
    assert scene.spent(81, "ann") == {State.AVAILABLE: 40, State.TALK: 41}
    scene.finish(90, "1.1", "ann", "ann-1.1")
    scene.snap(110)
    assert scene.visits() == {"entered": 1, "answered": 1, "in_threshold": 1, "handled": 1}


def test_a_restart_in_the_gap_voids_its_calls_and_holds_nobody_on_a_dead_one() -> None:
    scene = logged()
    scene.call_up(40, "1.1")
    scene.channel(45, "1.3")
    scene.join(45, "1.3")
    gone_and_told(scene, 50, 120, "70|NONE|NONE|NONE|QUEUESTART|", restarted=True)
    assert scene.state(121, "ann") is State.AVAILABLE
    assert scene.spent(121, "ann") == {State.AVAILABLE: 41, State.TALK: 10, State.UNOBSERVED: 70}
    assert scene.visits() == {"entered": 2, "answered": 1, "in_threshold": 1, "handled": 1, "unresolved": 1}
    assert scene.contacts() == {"contacts": 2, "answered": 1, "in_threshold": 1}, "how long the work on it took nobody knows"


@pytest.mark.parametrize("waited", [0, 1, 2])
def test_a_caller_of_the_new_process_is_not_given_up_with_the_old_ones(waited: int) -> None:
    scene = logged()
    scene.channel(45, "1.1")
    scene.join(45, "1.1")
    scene.lost(50)
    told = "50|NONE|NONE|NONE|QUEUESTART\n54|54.2|bank|NONE|ENTERQUEUE||0|1"
    tell(scene, 55.02, told, restarted=True, waiting=[waits("54.2", waited)], channels=[caller("54.2")])
    assert scene.visits() == {"entered": 2, "unresolved": 1}
    assert scene.floor.counters.corrected == {}
    scene.ring(56, "54.2", "ann")
    scene.answer(57, "54.2", "ann")
    assert scene.visits() == {"entered": 2, "unresolved": 1, "answered": 1, "in_threshold": 1}


def test_with_a_log_a_long_gap_is_pending_until_it_is_over() -> None:
    scene = logged()
    scene.lost(50)
    assert scene.snap(400).counters.unobserved_us[PBX] == 0
    tell(scene, 400, "300|NONE|bank|ann|PAUSE|lunch", scene.row(400, "bank", "ann", paused=True, reason="lunch"))
    assert scene.floor.counters.agent_us["floor", State.UNOBSERVED] == 0
    assert scene.floor.counters.pause_us["floor", "lunch"] == 100 * SECOND


def test_what_no_log_told_within_a_minute_of_the_end_is_unobserved_once() -> None:
    scene = logged()
    scene.lost(50)
    scene.snap(200)
    scene.sight(200, members=[scene.row(200, "bank", "ann")])
    assert scene.snap(259).counters.unobserved_us[PBX] == 0
    assert scene.snap(260).counters.unobserved_us[PBX] == 150 * SECOND
    assert scene.snap(400).counters.unobserved_us[PBX] == 150 * SECOND
    assert scene.spent(400, "ann") == {State.AVAILABLE: 250, State.UNOBSERVED: 150}


def test_a_log_that_comes_when_the_gap_is_committed_corrects_it() -> None:
    """Nobody read the log when sight was lost; before it came back somebody did."""
    scene = Scene().staffed("ann")
    scene.channel(45, "1.1")
    scene.join(45, "1.1")
    scene.lost(50)
    scene.snap(180)
    assert scene.visits() == {"entered": 1, "unresolved": 1}
    tell(scene, 180, "60|1.1|bank|ann|CONNECT|15|1.2|3\n100|1.1|bank|ann|COMPLETECALLER|15|40|1")
    scene.snap(200)
    assert scene.visits() == {"entered": 1, "unresolved": 1, "answered": 1, "in_threshold": 1, "handled": 1}
    counters = scene.floor.counters
    assert counters.corrected == {(PBX, "bank", "unresolved"): 1}
    assert counters.corrected_us == {"unobserved": 130 * SECOND, "agent": 130 * SECOND}
    assert scene.spent(200, "ann") == {State.AVAILABLE: 145, State.TALK: 40, State.WRAPUP: 15}
    assert counters.agent_us["floor", State.UNOBSERVED] == 130 * SECOND
    assert scene.floor.ledger.groups["floor"].total(0, None)[OBSERVED] == 200 * SECOND


def test_what_is_owed_to_a_gap_and_given_up_after_it_is_not_held_against_seen_time() -> None:
    scene = Scene().staffed("ann")
    scene.lost(50)
    scene.sight(80, members=[scene.row(80, "bank", "ann")])
    scene.snap(200)
    total = scene.floor.ledger.groups["floor"].total(0, None)
    assert sum(total[: len(State)]) == 200 * SECOND
    assert sum(total[OBSERVED + 1 : LABOUR]) == total[OBSERVED] == 170 * SECOND


def test_rows_of_another_pbx_tell_nothing() -> None:
    scene = logged()
    scene.lost(50)
    taken = ev.SnapshotTaken(PBX, scene.us(100), {"bank": "rrmemory"}, (), (waits("9.9", 20),), (caller("9.9"),))
    assert bridge(scene.floor, GapTold(PBX, taken.at, tuple(rows("70|1.1|bank|NONE|ENTERQUEUE||0|1")), taken, 0)) is None
    assert bridge(Scene().staffed("ann").floor, GapTold(PBX, taken.at, (), taken, 0)) is None, "there is no gap"


def test_who_came_and_went_in_the_second_of_the_snapshot_is_counted_once_whether_told_live_or_not() -> None:
    brief = "100|1.1|bank|NONE|ENTERQUEUE||0|1\n100|1.1|bank|NONE|EXITEMPTY|1|1|0"
    for live, lives in ((False, False), (True, False), (False, True), (True, True)):
        scene = logged()
        scene.lost(50)
        tell(scene, 100.4, brief, channels=[row("1.1")] if lives else [])
        if live:
            scene.channel(100.5, "1.1")
            scene.join(100.5, "1.1")
            scene.abandon(100.5, "1.1")
            scene.leave(100.5, "1.1")
        scene.end(100.6, "1.1")
        scene.snap(110)
        assert scene.visits() == {"entered": 1, "flowed_out:empty": 1}
        assert scene.contacts() == {"contacts": 1, "flowed_out": 1}


def test_who_is_out_and_in_again_in_the_second_of_the_snapshot_is_told_live() -> None:
    scene = logged()
    scene.channel(45, "1.1")
    scene.join(45, "1.1")
    scene.lost(50)
    again = "100|1.1|bank|NONE|EXITWITHTIMEOUT|1|1|55\n100|1.1|bank|NONE|ENTERQUEUE||0|1"
    tell(scene, 100.4, again, scene.row(100, "bank", "ann"), waiting=[waits("1.1", 55)], channels=[caller("1.1")])
    scene.abandon(100.5, "1.1")
    scene.leave(100.5, "1.1")
    scene.join(100.6, "1.1")
    scene.snap(110)
    assert scene.visits() == {"entered": 2, "flowed_out:other": 1}
    assert scene.snap(110).queues[0].waiting == 1


def test_who_is_shown_in_a_queue_he_was_just_out_of_is_in_it_for_the_second_time_whether_told_live_or_not() -> None:
    for live in (False, True):
        scene = logged()
        scene.channel(45, "1.1")
        scene.join(45, "1.1")
        scene.lost(50)
        again = "100|1.1|bank|NONE|EXITWITHTIMEOUT|1|1|55\n100|1.1|bank|NONE|ENTERQUEUE||0|1"
        tell(scene, 100.4, again, scene.row(100, "bank", "ann"), waiting=[waits("1.1", 0)], channels=[caller("1.1")], listed_at=100.8)
        if live:
            scene.abandon(100.5, "1.1")
            scene.leave(100.5, "1.1")
            scene.join(100.6, "1.1")
        scene.snap(110)
        assert scene.visits() == {"entered": 2, "flowed_out:timeout": 1}
        scene.hang_up(130, "1.1")
        assert scene.visits() == {"entered": 2, "flowed_out:timeout": 1, "abandoned": 1}


# --- given up, and then told ----------------------------------------------------------------------------------------------------------


def given_up(scene: Scene, rows_text: str, *members: ev.MemberSeen, **seen: Any) -> None:
    """Out of sight from 50 to 300, given up meanwhile, and then the log is there after all."""
    gone_and_told(scene, 50, 300, rows_text, *members, **seen)


def test_what_was_seen_just_before_a_gap_that_was_given_up_is_not_told_again() -> None:
    scene = Scene().staffed("ann")
    scene.channel(10, "0.1")
    scene.join(10, "0.1")
    scene.call(47.2, "1.1", "ann", ring=0.5, talk=1)
    told = "10|0.1|bank|NONE|ENTERQUEUE||0|1\n47|1.1|bank|NONE|ENTERQUEUE||0|1\n47|1.1|bank|ann|CONNECT|0|ann-1.1|0"
    given_up(scene, f"{told}\n48|1.1|bank|ann|COMPLETECALLER|0|1|1\n90|0.1|bank|NONE|ABANDON|1|1|80")
    scene.snap(400)
    assert scene.visits() == {"entered": 2, "answered": 1, "in_threshold": 1, "handled": 1, "unresolved": 1, "abandoned": 1}
    assert scene.floor.counters.corrected == {(PBX, "bank", "unresolved"): 1}
    assert scene.contacts()["contacts"] == 2


@pytest.mark.parametrize("at", [100, 110, 111])
def test_how_a_visit_ended_that_was_given_up_is_told_whenever_that_was(at: int) -> None:
    scene = Scene().staffed("ann")
    scene.channel(45, "1.1")
    scene.join(45, "1.1")
    given_up(scene, f"45|1.1|bank|NONE|ENTERQUEUE||0|1\n{at}|1.1|bank|NONE|ABANDON|1|1|{at - 45}")
    scene.snap(400)
    assert scene.visits() == {"entered": 1, "unresolved": 1, "abandoned": 1}
    assert scene.contacts() == {"contacts": 1, "abandoned": 1}
    assert not scene.floor.queueing.contacts.by_caller


def test_a_caller_who_was_given_up_and_answered_is_handled_and_forgotten() -> None:
    scene = Scene().staffed("ann")
    scene.channel(45, "1.1")
    scene.join(45, "1.1")
    given_up(scene, "45|1.1|bank|NONE|ENTERQUEUE||0|1\n100|1.1|bank|ann|CONNECT|55|9.9|3\n150|1.1|bank|ann|COMPLETECALLER|55|50|1")
    scene.snap(400)
    assert scene.contacts() == {"contacts": 1, "answered": 1, "handled": 1}
    assert not scene.floor.queueing.contacts.by_caller


def test_whoever_lives_through_a_gap_that_was_given_up_begins_his_next_visit() -> None:
    scene = Scene(strict=False).staffed("ann")
    scene.floor.keep()
    scene.channel(1, "c")
    scene.join(1, "c")
    scene.lost(10)
    scene.snap(200)
    scene.sight(200, members=[scene.row(200, "bank", "ann")], waiting=[waits("c", 199)], channels=[caller("c")])
    scene.abandon(210, "c")
    scene.leave(210, "c")
    scene.told(210, "c")
    scene.join(212, "c")
    scene.hang_up(230, "c")
    scene.snap(240)
    assert kept(scene.floor) == {("c", "bank", 1): "flowed_out", ("c", "bank", 2): "abandoned"}
    assert not scene.floor.queueing.numbers


# --- the edge of what was seen --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lost", [50.8, 53])
def test_the_end_of_the_talk_before_does_not_end_the_one_that_goes_on(lost: float) -> None:
    scene = logged(agreed=contract(project("bank", wrapup_us=0), project("shop")), strict=False)
    scene.call_up(10, "a")
    scene.channel(11, "b")
    scene.join(11, "b")
    scene.unbridge(50.1, "ann-a", "b-a")
    scene.end(50.1, "ann-a")
    scene.end(50.1, "a")
    scene.ring(50.2, "b", "ann", "ann-b")
    scene.answer(50.5, "b", "ann", "ann-b")
    before = "10|a|bank|NONE|ENTERQUEUE||0|1\n10|a|bank|ann|CONNECT|0|ann-a|0\n11|b|bank|NONE|ENTERQUEUE||0|1\n50|a|bank|ann|COMPLETECALLER|0|40|1"
    gone_and_told(scene, lost, 100, f"{before}\n50|b|bank|ann|CONNECT|39|ann-b|0\n90|b|bank|ann|COMPLETECALLER|39|40|1")
    assert scene.spent(110, "ann")[State.TALK] == pytest.approx(79.6, abs=0.2)
    assert scene.visits()["handled"] == 2


def test_the_third_visit_of_a_caller_who_comes_back_every_two_seconds_is_not_one_that_was_seen() -> None:
    scene = logged(strict=False)
    scene.call(29.4, "1.1", "ann", ring=0.5, talk=1)
    scene.join(31.5, "1.1")
    scene.ring(31.6, "1.1", "ann", "ann-2")
    scene.answer(32.2, "1.1", "ann", "ann-2")
    scene.end(33.1, "ann-2")
    told = "29|1.1|bank|NONE|ENTERQUEUE||0|1\n29|1.1|bank|ann|CONNECT|0|ann-1.1|0\n31|1.1|bank|ann|BLINDTRANSFER|700|in|0|1|1"
    told += "\n31|1.1|bank|NONE|ENTERQUEUE||0|1\n32|1.1|bank|ann|CONNECT|1|ann-2|0\n33|1.1|bank|ann|BLINDTRANSFER|700|in|1|1|1"
    told += "\n33|1.1|bank|NONE|ENTERQUEUE||0|1\n33|1.1|bank|ann|CONNECT|0|ann-3|0\n35|1.1|bank|ann|COMPLETECALLER|0|2|1"
    gone_and_told(scene, 33.3, 38, told)
    scene.snap(90)
    assert (scene.visits()["entered"], scene.visits()["answered"], scene.visits()["handled"]) == (3, 3, 3)


def test_a_caller_of_a_queue_nobody_claims_who_was_seen_is_not_told_again() -> None:
    scene = logged()
    scene.channel(47.1, "1.1")
    scene.join(47.1, "1.1", queue="nobody")
    scene.abandon(48, "1.1", queue="nobody")
    scene.leave(48, "1.1", queue="nobody")
    scene.end(48.1, "1.1")
    gone_and_told(scene, 50, 80, "47|1.1|nobody|NONE|ENTERQUEUE||0|1\n48|1.1|nobody|NONE|ABANDON|1|1|1")
    scene.snap(90)
    assert sum(scene.floor.counters.unclaimed.values()) == 1


def test_a_gap_whose_snapshot_did_not_follow_its_rows_is_given_up_in_the_end() -> None:
    scene = logged()
    scene.lost(50)
    scene.snap(80)
    taken = ev.SnapshotTaken(PBX, scene.us(80), {"bank": "rrmemory", "shop": "rrmemory"}, (scene.row(80, "bank", "ann"),), (), ())
    for event in bridge(scene.floor, GapTold(PBX, taken.at, (), taken, 0)) or ():
        scene.apply(event)
    scene.apply(ev.LogSeen(PBX, scene.us(81), False))
    scene.sight(500, members=[scene.row(500, "bank", "ann")])
    scene.snap(900)
    assert not scene.floor.gaps
    assert not scene.agent("ann").owed
    assert scene.spent(900, "ann") == {State.AVAILABLE: 480, State.UNOBSERVED: 420}
