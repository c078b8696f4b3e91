"""What holds of any log and any snapshot: no visit is made or lost, no second is counted twice, nothing raises."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitor.core import events as ev
from monitor.core import heal
from monitor.core.contract import SECOND
from monitor.core.events import ChannelRow, MemberSeen, Position, SnapshotTaken, WaitingRow
from monitor.core.floor import Floor
from monitor.core.logrow import LogRow
from monitor.core.snapshot import State
from tests.core.scene import T0
from tests.core.test_properties import AFTERMATH, rings_are_told, seconds_are_conserved, visits_are_conserved
from tests.core.worlds import CONTRACT

PBX = CONTRACT.pbxs[0]
QUEUES = [*sorted({queue.name for queue in CONTRACT.queues if queue.pbx == PBX}), "nobodys"]
CALLS = [f"{number}.1" for number in range(5)]
WHO = ["ann", "ben", "PJSIP/cat", "stranger"]
# fmt: off
DATA = {
    "ENTERQUEUE": ("", "0445550101", "1"), "COMPLETECALLER": ("5", "10", "1"), "BLINDTRANSFER": ("700", "x", "5", "10", "1"),
    "ATTENDEDTRANSFER": ("BRIDGE", "x", "5", "10", "1"), "ABANDON": ("1", "1", "5"), "EXITWITHTIMEOUT": ("1", "1", "5"), "EXITEMPTY": ("1", "1", "5"),
    "EXITWITHKEY": ("5", "1", "1", "5"), "WITHDRAW": ("1", "1", "5", ""), "RINGNOANSWER": ("15000",), "PAUSE": ("lunch",), "UNPAUSE": ("",),
    "ADDMEMBER": ("",), "REMOVEMEMBER": ("",), "QUEUESTART": ("",), "CONFIGRELOAD": (), "DID": ("700",), "SYSCOMPAT": (), "CONNECT": (),
}
# fmt: on


@st.composite
def logs(draw: st.DrawFn) -> list[LogRow]:
    rows = []
    at = T0 // SECOND
    for number in range(draw(st.integers(0, 40))):
        at += draw(st.integers(-1, 30))
        verb = draw(st.sampled_from(sorted(DATA)))
        data = ("5", f"leg{number}", "4") if verb == "CONNECT" else DATA[verb]
        rows.append(LogRow(at, draw(st.sampled_from(CALLS)), draw(st.sampled_from(QUEUES)), draw(st.sampled_from(WHO)), verb, data))
    return rows


@st.composite
def looks(draw: st.DrawFn) -> SnapshotTaken:
    """Any snapshot within ten minutes: some callers wait, some talk, some members are there, reachable or not, paused or not."""
    at = T0 + draw(st.integers(0, 600 * SECOND))
    place = Position("trunk", "600", "2")
    waiting, channels = [], []
    for call in draw(st.lists(st.sampled_from(CALLS), unique=True)):
        queue, bridge = draw(st.sampled_from(QUEUES)), draw(st.sampled_from(["", f"bridge{call}"]))
        if not bridge:
            waiting.append(WaitingRow(call, queue, f"PJSIP/trunk-{call}", draw(st.integers(0, 60)) * SECOND))
        channels.append(ChannelRow(call, call, f"PJSIP/trunk-{call}", place, True, "Queue", queue, bridge, 0))
        if bridge:
            who = draw(st.sampled_from(["ann", "ben"]))
            channels.append(ChannelRow(f"{call}leg", call, f"PJSIP/{who}-0000000a", place, True, "AppQueue", "", bridge, 0))
    members = tuple(
        MemberSeen(PBX, at, queue, f"PJSIP/{who}", f"PJSIP/{who}", who, draw(st.sampled_from([1, 3, 5])), draw(st.booleans()), "lunch", 0, None, at)
        for who in ("ann", "ben")
        for queue in QUEUES
        if draw(st.booleans())
    )
    return SnapshotTaken(PBX, at, dict.fromkeys(QUEUES, "rrmemory"), members, tuple(waiting), tuple(channels), listed_at=at + draw(st.integers(0, SECOND)))


@given(logs(), looks())
def test_any_log_and_any_snapshot_add_up(rows: list[LogRow], taken: SnapshotTaken) -> None:
    past = heal.retell(CONTRACT, PBX, rows, taken, T0, keep=True)
    assert sum(past.counters.agent_us.values()) <= (taken.at - T0) * (len(WHO) + 1)
    floor = Floor(CONTRACT, max(T0, taken.at - SECOND))
    floor.keep()
    floor.apply(ev.PastTold(PBX, taken.at, past))
    floor.apply(taken)
    view = floor.snapshot(taken.at)
    visits_are_conserved(floor, view)
    seconds_are_conserved(floor, view, strangers=True)
    floor.apply(SnapshotTaken(PBX, taken.at + 5 * SECOND, taken.strategies, (), (), (), restarted=True))
    view = floor.snapshot(taken.at + AFTERMATH * SECOND)
    visits_are_conserved(floor, view)
    assert not any(queue.waiting or queue.deciding for queue in view.queues)
    assert not any(agent.state in (State.TALK, State.HOLD) for agent in view.agents)
    rings_are_told(floor)
    assert not floor.queueing.talking
    assert not floor.queueing.wrapping
