"""A floor and short words for what happens on it: `at` is seconds since the scene began, calls and phones are plain names.

Owns nothing a test asserts. A phone `ann` is the member PJSIP/ann; a leg `ann-1` is her channel. Strict unless told otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from zlib import crc32

from monitor.core import events as ev
from monitor.core.agents import Agent
from monitor.core.calls import Visit
from monitor.core.contract import SECOND, Contract, Group, PauseClass, PauseReason, Project, QueueId
from monitor.core.counters import Contacts, Visits
from monitor.core.dials import LegDialled, LegResolved
from monitor.core.events import Event, Position
from monitor.core.floor import Floor
from monitor.core.snapshot import Cell, Snapshot, State

T0 = 1_764_000_000 * SECOND  # the start of a minute, a quarter and a half hour
IN_QUEUE = Position("trunk", "600", "2")
NEXT = Position("trunk", "600", "3")
ELSEWHERE = Position("menu", "s", "1")
AT_PHONE = Position("agents", "", "1")
AFTER = Position("trunk", "h", "1")

REASONS = (
    PauseReason("lunch", PauseClass.UNPAID),
    PauseReason("break", PauseClass.PAID),
    PauseReason("wrap", PauseClass.ACW),
    PauseReason("chat", PauseClass.WORK, project="bank"),
)


def project(name: str, *queues: str, group: str = "floor", **more: Any) -> Project:
    """A project of the queues named (`q`, or `pbx2/q`), by default of the queue of its own name."""
    ids = tuple(QueueId(*q.split("/")) if "/" in q else QueueId("pbx1", q) for q in queues or (name,))
    return Project(name, name.title(), group, ids, **more)


def contract(*projects: Project, **more: Any) -> Contract:
    """Projects bank and shop in one group on one PBX, unless others are named."""
    more.setdefault("groups", (Group("floor", pause_reasons=REASONS),))
    return Contract(projects=projects or (project("bank"), project("shop")), **more)


class Scene:
    """A floor in motion."""

    def __init__(self, agreed: Contract | None = None, *, strict: bool = True, pbx: str = "pbx1", start: int = T0) -> None:
        self.contract = agreed or contract()
        self.start = start
        self.pbx = pbx
        self.floor = Floor(self.contract, start, strict=strict)
        self.questions: list[tuple[str, str, str]] = []

    def us(self, at: float) -> int:
        return self.start + round(at * SECOND)

    def apply(self, event: Event) -> None:
        self.questions += self.floor.apply(event)

    def on(self, pbx: str) -> Scene:
        """The same floor, told about another PBX."""
        other = Scene.__new__(Scene)
        other.__dict__.update(self.__dict__, pbx=pbx)
        return other

    # --- the link and the members ---------------------------------------------------------------------------------------------

    def row(self, at: float, queue: str, who: str, status: int = 1, *, paused: bool = False, reason: str = "", **more: Any) -> ev.MemberSeen:
        interface = who if "/" in who else f"PJSIP/{who}"
        return ev.MemberSeen(self.pbx, self.us(at), queue, interface, interface, who, status, paused, reason, **more)

    def member(self, at: float, queue: str, who: str, status: int = 1, *, paused: bool = False, reason: str = "", **more: Any) -> None:
        self.apply(self.row(at, queue, who, status, paused=paused, reason=reason, **more))

    def removed(self, at: float, queue: str, who: str) -> None:
        self.apply(ev.MemberRemoved(self.pbx, self.us(at), queue, f"PJSIP/{who}"))

    def sight(
        self,
        at: float = 0,
        *,
        members: Iterable[ev.MemberSeen] = (),
        waiting: Iterable[ev.WaitingRow] = (),
        channels: Iterable[ev.ChannelRow] = (),
        strategies: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        """A snapshot; every queue of the PBX that the contract claims is in it."""
        known = {queue.name: "rrmemory" for queue in self.contract.queues if queue.pbx == self.pbx}
        rows = (tuple(replace(row, at=self.us(at)) for row in members), tuple(waiting), tuple(channels))
        self.apply(ev.SnapshotTaken(self.pbx, self.us(at), {**known, **(strategies or {})}, *rows, **more))

    def lost(self, at: float) -> None:
        self.apply(ev.LinkLost(self.pbx, self.us(at)))

    def staffed(self, *who: str, queue: str = "bank", at: float = 0) -> Scene:
        """First sight of the PBX with these members of one queue."""
        self.sight(at, members=[self.row(at, queue, name) for name in who])
        return self

    # --- callers --------------------------------------------------------------------------------------------------------------

    def channel(self, at: float, call: str, name: str = "", *, linked: str = "", position: Position = IN_QUEUE, dialing: bool = False) -> None:
        self.apply(ev.ChannelStarted(self.pbx, self.us(at), call, linked or call, name or f"PJSIP/trunk-{crc32(call.encode()):08x}", position, "", dialing))

    def join(self, at: float, call: str, queue: str = "bank", *, linked: str = "", position: Position = IN_QUEUE, number: str = "", name: str = "") -> None:
        self.apply(ev.CallerJoined(self.pbx, self.us(at), call, linked or call, name or f"PJSIP/trunk-{call}", queue, position, number))

    def leave(self, at: float, call: str, queue: str = "bank", *, position: Position = IN_QUEUE) -> None:
        self.apply(ev.CallerLeft(self.pbx, self.us(at), call, queue, f"PJSIP/trunk-{call}", position))

    def abandon(self, at: float, call: str, queue: str = "bank", *, position: Position = IN_QUEUE, held: int | None = None) -> None:
        self.apply(ev.CallerAbandoned(self.pbx, self.us(at), call, queue, position, held))

    def told(self, at: float, call: str, queue: str = "bank", status: str | None = "TIMEOUT") -> None:
        self.apply(ev.ExitTold(self.pbx, self.us(at), call, queue, status))

    def request(self, at: float, call: str, *, soft: bool = False, position: Position = IN_QUEUE) -> None:
        self.apply(ev.HangupRequested(self.pbx, self.us(at), call, position, soft))

    def seen(self, at: float, call: str, position: Position, *, up: bool = True, dialing: bool = False) -> None:
        self.apply(ev.ChannelSeen(self.pbx, self.us(at), call, f"PJSIP/trunk-{call}", position, up, dialing))

    def end(self, at: float, call: str, *, position: Position = IN_QUEUE) -> None:
        self.apply(ev.ChannelEnded(self.pbx, self.us(at), call, position))

    def hang_up(self, at: float, call: str, queue: str = "bank") -> None:
        """A waiting caller hangs up his phone."""
        self.request(at, call)
        self.abandon(at, call, queue)
        self.leave(at, call, queue)
        self.request(at, call, soft=True)
        self.end(at, call)

    # --- agents ---------------------------------------------------------------------------------------------------------------

    def ring(self, at: float, call: str, who: str, leg: str = "", queue: str = "bank") -> None:
        leg = leg or f"{who}-1"
        interface = f"PJSIP/{who}"
        if self.floor.sides[self.pbx].channels.get(leg) is None:
            self.channel(at, leg, f"{interface}-{crc32(leg.encode()):08x}", linked=call, position=AT_PHONE)
        self.apply(ev.AgentRung(self.pbx, self.us(at), call, queue, interface, who, leg, f"{interface}-0", IN_QUEUE))
        self.apply(LegDialled(self.pbx, self.us(at), call, leg, f"{interface}-0", IN_QUEUE))

    def pick_up(self, at: float, call: str, who: str, leg: str = "") -> None:
        """The agent's phone is answered; nothing is connected yet."""
        leg = leg or f"{who}-1"
        self.apply(ev.ChannelSeen(self.pbx, self.us(at), leg, f"PJSIP/{who}-0", AT_PHONE, True))
        self.apply(LegResolved(self.pbx, self.us(at), call, leg, True, IN_QUEUE))

    def connect(self, at: float, call: str, who: str, leg: str = "", queue: str = "bank") -> None:
        leg = leg or f"{who}-1"
        self.apply(ev.AgentConnected(self.pbx, self.us(at), call, queue, f"PJSIP/{who}", who, leg, f"PJSIP/{who}-0", IN_QUEUE))

    def answer(self, at: float, call: str, who: str, leg: str = "", queue: str = "bank") -> None:
        """Phone up, caller out of the queue, connected, bridged: as Asterisk says it, at one instant."""
        self.pick_up(at, call, who, leg)
        self.leave(at, call, queue)
        self.connect(at, call, who, leg, queue)
        self.bridge(at, leg or f"{who}-1", f"b-{call}")
        self.bridge(at, call, f"b-{call}", position=IN_QUEUE)

    def bridge(self, at: float, call: str, bridge: str, *, position: Position = AT_PHONE, name: str = "") -> None:
        self.apply(ev.BridgeEntered(self.pbx, self.us(at), call, name or f"PJSIP/trunk-{call}", bridge, position))

    def unbridge(self, at: float, call: str, bridge: str, *, position: Position = AT_PHONE) -> None:
        self.apply(ev.BridgeLeft(self.pbx, self.us(at), call, bridge, position))

    def complete(self, at: float, call: str | None, who: str, queue: str = "bank", *, talk: int | None = None, reason: str = "caller") -> None:
        self.apply(ev.AgentCompleted(self.pbx, self.us(at), call, queue, f"PJSIP/{who}", f"{who}-1", talk, reason))

    def finish(self, at: float, call: str, who: str, leg: str = "", queue: str = "bank") -> None:
        """The caller hangs up at the end of a talk."""
        leg = leg or f"{who}-1"
        self.request(at, call)
        self.unbridge(at, call, f"b-{call}", position=IN_QUEUE)
        self.complete(at, call, who, queue)
        self.end(at, call)
        self.unbridge(at, leg, f"b-{call}")
        self.end(at, leg, position=AT_PHONE)

    def call(self, at: float, call: str, who: str, *, ring: float = 0, talk: float = 10, queue: str = "bank", leg: str = "") -> None:
        """A whole call: in at `at`, rung at once, answered after `ring`, ended by the caller after `talk`."""
        leg = leg or f"{who}-{call}"
        self.channel(at, call)
        self.join(at, call, queue)
        self.ring(at, call, who, leg, queue)
        self.answer(at + ring, call, who, leg, queue)
        self.finish(at + ring + talk, call, who, leg, queue)

    def call_up(self, at: float, call: str, who: str = "ann", queue: str = "bank") -> None:
        """A call in, rung and answered at one instant, and going on; the leg is `who-call`."""
        self.channel(at, call)
        self.join(at, call, queue)
        self.ring(at, call, who, f"{who}-{call}", queue)
        self.answer(at, call, who, f"{who}-{call}", queue)

    # --- looking --------------------------------------------------------------------------------------------------------------

    def snap(self, at: float) -> Snapshot:
        return self.floor.snapshot(self.us(at))

    def agent(self, who: str) -> Agent:
        return next(agent for agent in self.floor.staff.agents.values() if agent.name == who)

    def state(self, at: float, who: str) -> State | None:
        self.floor.advance(self.us(at))
        return self.agent(who).state

    def spent(self, at: float, who: str) -> dict[State, float]:
        """Seconds per state of a person since the scene began (a quarter of an hour at most)."""
        self.floor.advance(self.us(at))
        minutes = self.floor.ledger.people.get(self.agent(who).id, {}).values()
        sums = {state: sum(cell[index] for cell in minutes) / SECOND for index, state in enumerate(State)}
        return {state: seconds for state, seconds in sums.items() if seconds}

    def visits(self, queue: str = "bank", name: str = "") -> dict[str, int]:
        """The fates of a queue's visits so far, zeros left out; flow-outs under their reason."""
        place = QueueId(self.pbx, queue)
        owner = name or next(p.name for p in self.contract.projects if place in p.queues)
        row = self.floor.counters.visits[owner, place]
        fates = {visit.name.lower(): row[visit] for visit in Visits if row[visit]}
        for (project_name, where, reason), count in self.floor.counters.flowed_out.items():
            if count and project_name == owner and where == place:
                fates[f"flowed_out:{reason}"] = count
        return fates

    def contacts(self, name: str = "bank") -> dict[str, int]:
        row = self.floor.counters.contacts[name]
        return {kind.name.lower(): row[kind] for kind in Contacts if row[kind]}

    def open_visit(self, call: str) -> Visit:
        return self.floor.queueing.open[self.pbx, call]

    def minutes(self, name: str = "bank") -> dict[Cell, int]:
        """All a project's minutes added up."""
        sums = self.floor.ledger.projects[name].total(0, None)
        return {cell: sums[cell] for cell in Cell if sums[cell]}


def busy() -> Scene:
    """One waits, one rings at bob, one talks with ann, eve is paused."""
    scene = Scene()
    eve = scene.row(0, "bank", "eve", paused=True, reason="lunch")
    scene.sight(members=[scene.row(0, "bank", "ann"), scene.row(0, "bank", "bob"), eve])
    scene.call_up(1, "talks")
    scene.channel(2, "rings")
    scene.join(2, "rings")
    scene.ring(3, "rings", "bob")
    scene.channel(4, "waits")
    scene.join(4, "waits")
    return scene
