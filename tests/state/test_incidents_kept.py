"""What people tell of incidents is written down like every event, and repeated to the same figures: through journal and checkpoint, wherever it is cut."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core import events as ev
from monitor.core.contract import MINUTE, SECOND, Group
from monitor.core.incident_log import NO_PBX, IncidentClosed, IncidentOpened, Moment
from monitor.core.incidents import Incident, IncidentKind, Scope
from monitor.keeping import Keeping
from monitor.plan.plan import EMPTY
from monitor.state.records import Step, decoded, encoded, freeze, thaw
from tests.clockwork import seen
from tests.core.scene import T0, contract, project
from tests.state.worlds import told

PROJECTS = (project("bank"), project("shop"), project("taxi", "pbx2/bank", group="night"))
FAIR = Incident("fair", IncidentKind.ANNOUNCED, Scope.of("client:Bank"), T0 + 5 * MINUTE, T0 + 9 * MINUTE, 3 * MINUTE)
AGREED = contract(*PROJECTS, pbxs=("pbx1", "pbx2"), groups=(Group("floor"), Group("night")), incidents=(FAIR,))
LATER = replace(AGREED, incidents=(replace(FAIR, until=T0 + 20 * MINUTE), Incident("day", IncidentKind.HOLIDAY, Scope(), T0, T0 + 60 * MINUTE, 0)))
SCOPES = ("site", "client:Taxi", "project:bank", "group:night", "group:nix", "pbx:pbx2")

Move = tuple[str, Any, Any]
Make = Callable[[Any, Any, int], Step]

moves = st.lists(
    st.one_of(
        st.tuples(st.just("open"), st.sampled_from(SCOPES), st.integers(-4000, 400)),
        st.tuples(st.just("open"), st.just("site"), st.just(0)),
        st.tuples(st.just("close"), st.integers(0, 6), st.none()),
        st.tuples(st.just("leave"), st.sampled_from(["ann", "bob", "eve"]), st.sampled_from(["pbx1", "pbx2"])),
        st.tuples(st.just("come"), st.sampled_from(["ann", "bob", "eve"]), st.sampled_from(["pbx1", "pbx2"])),
        st.tuples(st.just("lost"), st.sampled_from(["pbx1", "pbx2"]), st.none()),
        st.tuples(st.just("seen"), st.sampled_from(["pbx1", "pbx2"]), st.none()),
        st.tuples(st.just("wait"), st.integers(1, 1200), st.none()),
        st.tuples(st.just("shift"), st.sampled_from([-3600, 90, 3600]), st.none()),
        st.tuples(st.just("change"), st.booleans(), st.none()),
    ),
    max_size=40,
)


def opening(scope: str, since: int, at: int) -> Step:
    kind = list(IncidentKind)[since % len(IncidentKind)]
    return IncidentOpened(NO_PBX, at, Incident("", kind, Scope.of(scope), at + since * SECOND, recovery_us=5 * MINUTE, note="siren", who="ops"))


MAKE: dict[str, Make] = {
    "open": opening,
    "close": lambda number, _, at: IncidentClosed(NO_PBX, at, str(number), "boss"),
    "leave": lambda who, pbx, at: ev.MemberRemoved(pbx, at, "bank", f"PJSIP/{who}"),
    "come": lambda who, pbx, at: ev.MemberSeen(pbx, at, "bank", f"PJSIP/{who}", f"PJSIP/{who}", who, 1, False, ""),
    "lost": lambda pbx, _, at: ev.LinkLost(pbx, at),
    "seen": lambda pbx, _, at: seen(at, "ann", "bob", pbx=pbx),
    "wait": lambda seconds, _, at: at + seconds * SECOND,
    "shift": lambda seconds, _, at: ("shift", seconds * SECOND),
    "change": lambda first, _, at: ("change", AGREED if first else LATER, EMPTY, at),
}


def steps(played: list[Move]) -> list[Step]:
    """The moves, each a second after the one before, with a tick between them."""
    at = T0
    rows: list[Step] = [seen(T0, "ann", "bob", "eve"), seen(T0, "kim", pbx="pbx2"), T0]
    for name, one, other in played:
        at += SECOND
        step = MAKE[name](one, other, at)
        rows.append(step)
        if isinstance(step, int):
            at = step
        elif isinstance(step, tuple) and step[0] == "shift":
            at += step[1]
        rows.append(at)
    return rows


@settings(max_examples=150, deadline=None)
@given(moves, st.integers(0, 10**6))
def test_whatever_is_told_is_repeated_wherever_it_is_cut(played: list[Move], where: int) -> None:
    rows = steps(played)
    live = Keeping(AGREED, EMPTY, T0)
    cut, frozen = where % len(rows), b""
    for number, step in enumerate(rows):
        if number == cut:
            frozen = freeze(live)
        live.redo(step)
    again = Keeping(AGREED, EMPTY, T0)
    for step in decoded(encoded(rows)):
        again.redo(step)
    assert told(again) == told(live)
    thawed = thaw(frozen)
    assert isinstance(thawed, Keeping)
    for step in decoded(encoded(rows[cut:])):
        thawed.redo(step)
    assert told(thawed) == told(live)


@settings(max_examples=150, deadline=None)
@given(moves)
def test_what_is_said_and_counted_holds_together(played: list[Move]) -> None:
    """Nobody is away and there at once; of one incident each moment is said at most once while the clock and the contract stand."""
    one = Keeping(AGREED, EMPTY, T0)
    for step in steps(played):
        one.redo(step)
        for view in one.incidents.views(one.floor.now, one.contract, one.floor):
            if (figures := view.figures) is not None:
                assert figures.away + figures.unseen + figures.talking + figures.pausing <= figures.people
                assert 0 <= figures.back <= figures.people - figures.away - figures.unseen
                assert figures.waiting in (0, None)
    said = [(news.moment, news.incident.id) for news in one.incidents.news]
    if not any(name in ("shift", "change") for name, *_ in played):
        assert len(said) == len(set(said))
        for name in {name for _, name in said}:
            moments = [moment for moment, of in said if of == name]
            assert moments == [moment for moment in Moment if moment in moments]
            assert moments[0] is Moment.OPENED
