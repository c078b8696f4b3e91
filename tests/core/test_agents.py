"""One person, one state: the order of precedence, pair by pair."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import pytest

from monitor.core import events as ev
from monitor.core.agents import PRECEDENCE
from monitor.core.contract import QueueId
from monitor.core.events import Position
from monitor.core.snapshot import State
from tests.core.scene import Scene

# --- precedence -----------------------------------------------------------------------------------------------------------------------
# Each row brings about one state by events; two rows together must give the earlier one of the design's order.


def _blind(scene: Scene) -> None:
    scene.lost(60)


def _talk(scene: Scene) -> None:
    scene.call_up(50, "t")


def _hold(scene: Scene) -> None:
    scene.call_up(50, "h")
    scene.apply(ev.HoldPressed("pbx1", scene.us(55), "ann-h"))


def _offline(scene: Scene) -> None:
    scene.member(55, "bank", "ann", paused=True, reason="chat")


def _other(scene: Scene) -> None:
    scene.channel(56, "own", "PJSIP/ann-0000abcd", position=Position("agents", "7001", "1"), dialing=True)


def _ring(scene: Scene) -> None:
    scene.channel(50, "r")
    scene.join(50, "r")
    scene.ring(55, "r", "ann", "ann-r")


def _wrapup(scene: Scene) -> None:
    scene.call(1, "w", "ann", talk=48)  # ends at 49, wrap-up of 15 s until 64


def _paused(scene: Scene) -> None:
    scene.member(55, "bank", "ann", paused=True, reason="lunch")


def _unreachable(scene: Scene) -> None:
    place = scene.agent("ann").memberships[QueueId("pbx1", "bank")]["PJSIP/ann"]
    scene.member(57, "bank", "ann", 5, paused=place.paused, reason=place.reason)


def _available(scene: Scene) -> None:
    pass


MAKE: dict[State, Callable[[Scene], None]] = {
    State.WRAPUP: _wrapup,
    State.TALK: _talk,
    State.HOLD: _hold,
    State.OFFLINE: _offline,
    State.OTHER: _other,
    State.RING: _ring,
    State.PAUSED: _paused,
    State.UNREACHABLE: _unreachable,
    State.AVAILABLE: _available,
    State.UNOBSERVED: _blind,
}
ORDER = [s for s in State if s is not State.DIALING]
# What cannot be at once: one pause has one class; a talk ends wrap-up; the design says other exists only while unpaused.
NEVER = {(State.OFFLINE, State.PAUSED), (State.TALK, State.WRAPUP), (State.HOLD, State.WRAPUP), (State.OTHER, State.PAUSED)}


def test_the_order_is_the_designs_and_nothing_is_left_out() -> None:
    words = ["unobserved", "talk", "hold", "dialing", "offline", "other", "ring", "wrapup", "paused", "unreachable", "available"]
    assert [state.value for state in State] == words
    assert [state for state, _ in PRECEDENCE] == list(State)


@pytest.mark.parametrize("state", ORDER)
def test_each_state_alone(state: State) -> None:
    scene = Scene().staffed("ann")
    MAKE[state](scene)
    assert scene.state(60, "ann") is state


@pytest.mark.parametrize(("first", "second"), [pair for pair in combinations(ORDER, 2) if pair not in NEVER])
def test_the_earlier_state_wins(first: State, second: State) -> None:
    # A busy phone on a PBX that is out of sight is not seen: unobserved wins over everything here, as there is one PBX.
    scene = Scene().staffed("ann")
    for state, make in MAKE.items():  # in order of the seconds they happen at
        if state in (first, second):
            make(scene)
    assert scene.state(60, "ann") is first


def test_a_talk_on_hold_and_another_one_is_talk() -> None:
    scene = Scene().staffed("ann")
    _hold(scene)
    scene.call_up(57, "t")
    assert scene.state(60, "ann") is State.TALK
    scene.finish(61, "t", "ann", "ann-t")
    assert scene.state(62, "ann") is State.HOLD


def test_a_call_of_her_own_while_paused_stays_a_pause() -> None:
    scene = Scene().staffed("ann")
    _paused(scene)
    _other(scene)
    assert scene.state(60, "ann") is State.PAUSED
    scene.member(61, "bank", "ann", 2)
    assert scene.state(61, "ann") is State.OTHER
    scene.end(65, "own")
    scene.member(65, "bank", "ann", 1)
    assert scene.state(66, "ann") is State.AVAILABLE


def test_a_queue_call_beats_the_pause() -> None:
    scene = Scene().staffed("ann")
    _paused(scene)
    scene.call_up(56, "t")
    assert scene.state(60, "ann") is State.TALK
