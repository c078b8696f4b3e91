"""What people tell of signals is written down like every event, and repeated to the same answers: through journal and checkpoint, wherever it is cut."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.contract import MINUTE, SECOND
from monitor.core.incident_log import NO_PBX
from monitor.core.regions import Regions
from monitor.core.signal_log import SignalTold
from monitor.core.signals import HOUR_US, Row, Signal
from monitor.keeping import Keeping
from monitor.plan.plan import EMPTY
from monitor.state.records import Step, decoded, encoded, freeze, thaw
from tests.core.scene import T0, contract
from tests.state.worlds import told

STORM = Signal("storm", "thunderstorm", ("Kyiv", "Lviv"), longest_us=2 * HOUR_US)
FAIR = Signal("fair", "holiday", projects=("bank",), calendar=(Row(T0 + 5 * MINUTE, T0 + 50 * MINUTE),))
AGREED = contract(signals=(STORM, FAIR), regions=Regions("REGION", "380", "0", prefixes=(("38044", "Kyiv"),), known=("Kyiv", "Lviv")))
LATER = replace(AGREED, signals=(replace(STORM, regions=("Lviv",), longest_us=HOUR_US), Signal("law", "law")))
NAMES = ("storm", "fair", "law", "strom")

Move = tuple[str, Any, Any, Any]
Make = Callable[[Any, Any, Any, int], Step]

moves = st.lists(
    st.one_of(
        st.tuples(st.just("on"), st.sampled_from(NAMES), st.sampled_from([None, "Kyiv", "Lviv"]), st.integers(-3000, 100)),
        st.tuples(st.just("until"), st.sampled_from(NAMES), st.none(), st.integers(-10, 5000)),
        st.tuples(st.just("off"), st.sampled_from(NAMES), st.sampled_from([None, "Kyiv", "Lviv"]), st.integers(-3000, 100)),
        st.tuples(st.just("wait"), st.integers(1, 8000), st.none(), st.none()),
        st.tuples(st.just("shift"), st.sampled_from([-3600, 90, 3600]), st.none(), st.none()),
        st.tuples(st.just("change"), st.booleans(), st.none(), st.none()),
    ),
    max_size=25,
)
MAKE: dict[str, Make] = {
    "on": lambda name, region, since, at: SignalTold(NO_PBX, at, name, True, region, at + since * SECOND, who="met"),
    "until": lambda name, region, ahead, at: SignalTold(NO_PBX, at, name, True, region, until=at + ahead * SECOND, who="met"),
    "off": lambda name, region, since, at: SignalTold(NO_PBX, at, name, False, region, at + since * SECOND, who="boss"),
    "wait": lambda seconds, _, __, at: at + seconds * SECOND,
    "shift": lambda seconds, _, __, at: ("shift", seconds * SECOND),
    "change": lambda first, _, __, at: ("change", AGREED if first else LATER, EMPTY, at),
}


def steps(played: list[Move]) -> list[Step]:
    """The moves, each a second after the one before, with a tick between them."""
    at = T0
    rows: list[Step] = [T0]
    for name, one, other, more in played:
        at += SECOND
        step = MAKE[name](one, other, more, at)
        rows.append(step)
        if isinstance(step, int):
            at = step
        elif isinstance(step, tuple) and step[0] == "shift":
            at += step[1]
        rows.append(at)
    return rows


def begun() -> Keeping:
    one = Keeping(AGREED, EMPTY, T0)
    one.floor.keep()
    return one


@settings(max_examples=150, deadline=None)
@given(moves, st.integers(0, 10**6))
def test_whatever_is_told_is_repeated_wherever_it_is_cut(played: list[Move], where: int) -> None:
    rows = steps(played)
    live = begun()
    cut, frozen = where % len(rows), b""
    for number, step in enumerate(rows):
        if number == cut:
            frozen = freeze(live)
        live.redo(step)
    again = begun()
    for step in decoded(encoded(rows)):
        again.redo(step)
    assert told(again) == told(live)
    thawed = thaw(frozen)
    assert isinstance(thawed, Keeping)
    for step in decoded(encoded(rows[cut:])):
        thawed.redo(step)
    assert told(thawed) == told(live)
    for region in ("Kyiv", "Lviv", None):
        for at in range(live.floor.now - 3 * HOUR_US, live.floor.now, 7 * MINUTE):
            assert thawed.floor.signals.at("bank", region, at) == live.floor.signals.at("bank", region, at)


@settings(max_examples=100, deadline=None)
@given(moves)
def test_what_is_shown_is_what_a_call_of_now_is_stored_with(played: list[Move]) -> None:
    one = begun()
    for step in steps(played):
        one.redo(step)
        if not isinstance(step, int):  # a step of the clock is looked at with the tick after it
            continue
        signals, now = one.floor.signals, one.floor.signals.reached
        assert [(view.signal, view.place) for view in signals.shown] == [(each, place) for each in one.contract.signals for place in each.places]
        for region in ("Kyiv", "Lviv", None):
            shown = {view.signal.name for view in signals.shown if view.spell is not None and view.place in ("", region) and view.signal.concerns("bank")}
            assert set(signals.at("bank", region, now)) == shown
        for view in signals.shown:
            assert view.spell is None or view.spell.since <= now < view.spell.until
