"""The order of things: what is due fires first, time never runs back, and a snapshot is a photograph."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import FrozenInstanceError

import pytest

from monitor.core.contract import MINUTE, SECOND
from monitor.core.counters import Planned
from monitor.core.dials import LegDialled, LegResolved
from monitor.core.events import Event
from monitor.core.floor import Anomaly, Floor
from monitor.core.snapshot import Cell, State, Window
from tests.core.scene import IN_QUEUE, NEXT, T0, Scene, contract


def deciding() -> Scene:
    """A caller who abandoned at 7.0 without a hang-up: decided at 8.0."""
    scene = Scene().staffed("ann")
    scene.channel(0, "c")
    scene.join(0, "c")
    scene.abandon(7, "c", held=7)
    scene.leave(7, "c")
    return scene


def test_a_timer_that_is_due_fires_before_the_event_of_the_same_instant() -> None:
    scene = deciding()
    scene.end(8, "c")  # would be an abandon, had the second not passed
    assert scene.visits() == {"entered": 1, "flowed_out:other": 1}


def test_a_timer_that_is_not_due_leaves_the_event_its_say() -> None:
    scene = deciding()
    scene.end(7.999999, "c")
    assert scene.visits() == {"entered": 1, "abandoned": 1, "abandoned_in_threshold": 1}


def test_timers_fire_before_a_snapshot_is_looked_at() -> None:
    scene = deciding()
    assert sum(scene.snap(7.999999).counters.flowed_out.values()) == 0
    assert sum(scene.snap(8).counters.flowed_out.values()) == 1


def test_timers_fire_in_their_own_time_however_late_anybody_looks() -> None:
    scene = Scene().staffed("ann")
    scene.call(0, "c", "ann", talk=10)
    scene.snap(600)
    assert scene.spent(600, "ann") == {State.TALK: 10, State.WRAPUP: 15, State.AVAILABLE: 575}
    assert scene.floor.ledger.projects["bank"].minutes[T0][Cell.HANDLED] == 1


def test_time_does_not_run_back() -> None:
    scene = Scene().staffed("ann")
    scene.snap(10)
    earlier = scene.snap(4)
    assert earlier.at == scene.us(10)
    assert earlier.counters.agent_us["floor", State.AVAILABLE] == 10 * SECOND


def test_an_event_told_late_changes_a_state_from_where_time_is_spent() -> None:
    scene = Scene().staffed("ann")
    scene.snap(10)
    scene.member(9, "bank", "ann", paused=True, reason="lunch")
    assert scene.spent(20, "ann") == {State.AVAILABLE: 10, State.PAUSED: 10}


def test_a_snapshot_is_a_photograph() -> None:
    scene = deciding()
    scene.call_up(7, "t")
    view = scene.snap(7.5)
    before = deepcopy(view)
    scene.finish(30, "t", "ann", "ann-t")
    scene.channel(31, "x")
    scene.join(31, "x")
    scene.lost(40)
    scene.snap(4000)
    assert view == before
    with pytest.raises(FrozenInstanceError):
        view.at = 0  # type: ignore[misc]


def test_strict_raises_what_live_counts() -> None:
    for strict in (True, False):
        scene = Scene(strict=strict).staffed("ann")
        if strict:
            with pytest.raises(Anomaly, match="answer_without_visit: agent connected to a caller who is not in queue bank"):
                scene.connect(1, "nobody", "ann")
        else:
            scene.connect(1, "nobody", "ann")
            assert scene.floor.counters.anomalies == {"answer_without_visit": 1}
            assert scene.state(2, "ann") is State.TALK


def test_every_event_has_a_handler() -> None:
    def leaves(kind: type[Event]) -> set[type[Event]]:
        below = kind.__subclasses__()
        return {kind} if not below else set().union(*(leaves(one) for one in below))

    # slots=True makes a class anew and leaves the first one behind as a subclass: names tell.
    others = {"GapTold", "GapUntold"}  # `gaps` makes events of the one, the engine has a copy laid aside at the other
    elsewhere = {"IncidentOpened", "IncidentClosed", "ResultsTold", "SignalTold", "ChannelContactsTold"}  # `keeping` hears them, if another test has met them
    assert {kind.__name__ for kind in Floor(contract(), T0)._on} | others == {kind.__name__ for kind in leaves(Event)} - elsewhere


@pytest.mark.parametrize("step", [-7200, -61, 61, 7200])
def test_a_civil_step_moves_every_instant_and_no_duration(step: int) -> None:
    """A talk, a wait, a wrap-up, an exit being decided, a pause, a grace, a gap: all under way when the clock is set."""
    plain, moved = Scene(), Scene()
    for scene in (plain, moved):
        scene.sight(members=[scene.row(0, "bank", who) for who in ("ann", "bob", "eve", "dan")])
        scene.call(0, "w", "bob", talk=25)  # wrap-up until 40
        scene.member(20, "bank", "eve", paused=True, reason="lunch", last_pause_at=scene.us(20))
        scene.member(20, "bank", "dan", 5)  # off the floor at 80
        scene.call_up(25, "t")
        scene.channel(25, "q")
        scene.join(25, "q")
        scene.channel(28, "x")
        scene.join(28, "x")
        scene.abandon(29.5, "x", held=1)
        scene.leave(29.5, "x")
        scene.floor.advance(scene.us(30))
    moved.floor.shift(step * SECOND)
    moved.start += step * SECOND
    for scene in (plain, moved):
        scene.floor.advance(scene.us(35))
        scene.finish(45, "t", "ann", "ann-t")
        scene.lost(90)
        scene.snap(200)
    assert moved.floor.counters == plain.floor.counters
    assert moved.floor.ledger.projects["bank"].total(0, None) == plain.floor.ledger.projects["bank"].total(0, None)
    assert moved.floor.ledger.groups["floor"].total(0, None) == plain.floor.ledger.groups["floor"].total(0, None)
    theirs, mine = plain.snap(200), moved.snap(200)
    assert mine.at - theirs.at == step * SECOND
    assert [view.since - step * SECOND for view in mine.agents] == [view.since for view in theirs.agents]
    assert mine.pbxs[0].blind_since == (theirs.pbxs[0].blind_since or 0) + step * SECOND


def test_the_windows_follow_the_civil_clock_after_a_step() -> None:
    scene = Scene().staffed("ann")
    scene.snap(100)
    scene.floor.shift(-50 * MINUTE)
    scene.start -= 50 * MINUTE
    span = scene.snap(110).projects["bank"][Window.INTERVAL]
    assert span.start == T0 - 60 * MINUTE
    assert span.end == scene.us(110)


@pytest.mark.parametrize("fate", ["answered", "abandoned", "flowed out", "unresolved"])
@pytest.mark.parametrize("step", [-120, -60, -7, -1, 1, 7, 60, 120])
def test_after_a_civil_step_a_fate_is_counted_where_the_arrival_was(step: int, fate: str) -> None:
    """In minutes. What arrived in a window and what became of it agree in every window, before and after."""
    scene = Scene().staffed("ann")
    scene.channel(100, "c")
    scene.join(100, "c")
    scene.snap(200)
    scene.floor.shift(step * MINUTE)
    scene.start += step * MINUTE
    scene.snap(201)
    if fate == "answered":
        scene.ring(202, "c", "ann")
        scene.answer(210, "c", "ann")
        scene.finish(250, "c", "ann")
    elif fate == "abandoned":
        scene.hang_up(210, "c")
    elif fate == "flowed out":
        scene.leave(210, "c")
        scene.end(220, "c", position=NEXT)
    else:
        scene.lost(210)
    windows = [scene.snap(300 + 60 * minutes).projects["bank"] for minutes in (0, 1, 20)]
    for sums in (spans[window].sums for spans in windows for window in Window):
        assert sums[Cell.VISITS] == sum(sums[Cell.VISITS_ANSWERED : Cell.VISITS_UNRESOLVED + 1])
        assert sums[Cell.CONTACTS] == sums[Cell.ANSWERED] + sum(sums[cell] for cell in (Cell.ABANDONED, Cell.SHORT, Cell.FLOWED_OUT, Cell.UNRESOLVED))
    assert windows[0][Window.DAY].sums[Cell.CONTACTS] == 1


def test_an_exit_is_asked_about_once_and_only_where_the_pbx_said_abandoned() -> None:
    scene = deciding()
    scene.leave(7.1, "c")
    assert scene.questions == [("pbx1", "c", "bank")]
    scene.channel(10, "k")
    scene.join(10, "k")
    scene.leave(12, "k")  # a key: the answer would be empty or stale
    scene.channel(10, "h")
    scene.join(10, "h")
    scene.hang_up(12, "h")  # certain already
    assert scene.questions == [("pbx1", "c", "bank")]


def test_an_answer_nobody_waits_for_is_passed_over() -> None:
    scene = deciding()
    scene.seen(7.2, "c", NEXT)
    scene.told(7.3, "c", status="TIMEOUT")
    scene.told(7.4, "c", status="LEAVEEMPTY")
    scene.told(7.4, "nobody")
    assert scene.visits() == {"entered": 1, "flowed_out:timeout": 1}


def test_the_plan_passes_in_its_minute_and_its_twins_only_while_observed() -> None:
    scene = Scene()
    scene.floor.expected.passed("bank", T0, 1_000_000, 180 * SECOND, 60 * SECOND)
    scene.sight(30)
    scene.floor.expected.passed("bank", T0 + MINUTE, 2_000_000, 360 * SECOND, 60 * SECOND)
    row = scene.floor.counters.planned["bank"]
    assert row[: Planned.OBSERVED_HANDLE + 1] == [3_000_000, 540 * SECOND, 120 * SECOND, 2_000_000, 360 * SECOND]
    assert not any(row[Planned.OBSERVED_HANDLE + 1 :])
    minutes = scene.floor.ledger.projects["bank"].minutes
    cells = (Cell.PLAN_CALLS, Cell.PLAN_OBSERVED_CALLS)
    assert [[minutes[at][cell] for cell in cells] for at in (T0, T0 + MINUTE)] == [[1_000_000, 0], [2_000_000, 2_000_000]]


def test_a_second_link_loss_is_the_same_gap() -> None:
    scene = Scene().staffed("ann")
    scene.lost(10)
    scene.lost(30)
    view = scene.snap(50)
    assert (view.pbxs[0].blind_since, len(scene.floor.gaps)) == (scene.us(10), 1)
    scene.snap(80)
    assert scene.floor.gaps == []


def test_a_link_lost_told_late_counts_no_second_twice() -> None:
    """The dead line is noticed after time was spent: what was counted as seen stays seen."""
    scene = Scene().staffed("ann")
    scene.snap(20)
    scene.lost(15)
    scene.snap(80)
    seen = scene.floor.ledger.projects["bank"].total(0, None)[Cell.OBSERVED_US]
    assert (seen, scene.floor.counters.unobserved_us["pbx1"]) == (20 * SECOND, 65 * SECOND)
    assert scene.floor.counters.corrected_us == {"observed": 5 * SECOND}


def test_the_caller_of_a_dial_shows_where_he_is() -> None:
    scene = deciding()
    scene.apply(LegDialled("pbx1", scene.us(7.5), "c", "out", "PJSIP/out-1", NEXT))
    assert scene.floor.queueing.flowing
    scene.apply(LegResolved("pbx1", scene.us(7.6), "c", "out", False, IN_QUEUE))
    scene.snap(8)
    assert scene.visits() == {"entered": 1, "flowed_out:other": 1}
