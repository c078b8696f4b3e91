"""A day told by a log: rows of queue_log in, a `Past` out, made by a floor of its own.

Owns what each row means: the rows become the same events that a live PBX tells, and the same state machines count them, so a healed
minute and a seen one are counted alike. What the log does not know is taken from the PBX's first snapshot: who is behind a member's name,
how queues ring, and which calls still go on. Rows are whole seconds, so waits and talks of this time are exact to a second.

Theory of operation
-------------------
* The verb decides an exit: ABANDON, EXITWITHTIMEOUT, EXITEMPTY, WITHDRAW, EXITWITHKEY. A contact is told by the callid alone.
* A talk is from CONNECT to the COMPLETE or transfer row of the agent; a row that is missing is made up for by the agent's next CONNECT, by
  QUEUESTART (a new process: every call of before is void) or by the snapshot.
* A CONNECT under a callid that did not enter takes the visit which an ATTENDEDTRANSFER row left behind in that queue.
* Whom the log adds and removes is on the floor in between. Whom it does not add is there from the first sign of the day to the snapshot, or
  to the last sign if the snapshot does not show him within reach: that a phone was on all night is no sign of a person.
* A call the snapshot shows waiting or talking has not ended, whatever second the row says; one that entered in the snapshot's own second
  and is not in it came after, and is told live.

Refuses files, plans and gauges. Next: `past.TakingOver` adds it to the live floor.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from monitor.core import events as ev
from monitor.core.agents import UNREACHABLE_STATUS
from monitor.core.calls import Stage
from monitor.core.contract import SECOND, Contract, QueueId
from monitor.core.events import Event, MemberSeen, Position, SnapshotTaken
from monitor.core.floor import Floor
from monitor.core.ledger import MinuteTold
from monitor.core.logrow import LogRow
from monitor.core.past import COUNTED, SEEN, SEEN_STATES, STATES, Past

EXITS = {"EXITWITHTIMEOUT": "TIMEOUT", "EXITEMPTY": "LEAVEEMPTY", "WITHDRAW": "WITHDRAW"}
TALK_ENDS = frozenset({"COMPLETECALLER", "COMPLETEAGENT", "BLINDTRANSFER", "ATTENDEDTRANSFER"})
VISIT_ENDS = TALK_ENDS | EXITS.keys() | {"ABANDON", "EXITWITHKEY"}
SIGNS = TALK_ENDS | {"CONNECT", "RINGNOANSWER", "PAUSE", "UNPAUSE"}  # of life, of the agent they name
PLACES = frozenset({"ADDMEMBER", "REMOVEMEMBER"})
SECONDS = 3 * SECOND  # a row may be a moment late, a list knows whole seconds
REMARKS = 20  # anomalies told in words; all are counted


def knows(rows: Iterable[LogRow], snapshot: SnapshotTaken, since: int) -> bool:
    """Whether the rows are this PBX's and still written: who waits for some seconds now has entered in them."""
    waiting = {(row.call, row.queue) for row in snapshot.waiting if SECONDS < row.waited_us < snapshot.at - since}
    return not waiting or any((row.call, row.queue) in waiting for row in rows if row.verb == "ENTERQUEUE")


def retell(contract: Contract, pbx: str, rows: Iterable[LogRow], snapshot: SnapshotTaken, since: int, offset_us: int = 0, *, keep: bool = False) -> Past:
    """The past of one PBX from `since`, when its log begins or the day, to its first snapshot; `offset_us` is its clock minus ours, `keep`: details too."""
    story = _Story(_alone(contract, pbx), pbx, tuple(rows), snapshot, since, offset_us)
    floor = Floor(story.contract, since)
    if keep:
        floor.keep()
    for call in sorted(story.undecidable):
        floor.anomaly("log_without_did", f"call {call} came into a queue of several projects, and the log does not say what was dialled")
    for event in story.events():
        floor.apply(event)
    floor.advance(snapshot.at)
    return _harvest(floor, story)


def _alone(contract: Contract, pbx: str) -> Contract:
    """The contract as far as it is about this PBX: then its projects are seen while it is."""
    projects = (replace(project, queues=tuple(queue for queue in project.queues if queue.pbx == pbx)) for project in contract.projects)
    return replace(contract, pbxs=(pbx,), projects=tuple(project for project in projects if project.queues))


@dataclass(slots=True)
class _Stay:
    """A membership from `start`, or for one who was there already from his first sign, to `end`."""

    queue: str
    interface: str
    start: int
    end: int
    paused: bool = False


@dataclass(slots=True)
class _Story:
    """The rows as events. Everything about one row's agent goes by interface, as far as anybody can tell it."""

    contract: Contract
    pbx: str
    rows: tuple[LogRow, ...]
    snapshot: SnapshotTaken
    since: int
    offset_us: int
    times: list[int] = field(default_factory=list)
    interfaces: dict[tuple[str, str], str] = field(default_factory=dict)
    members: dict[tuple[str, str], MemberSeen] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    dids: dict[str, str] = field(default_factory=dict)
    waiting: frozenset[tuple[str, str]] = frozenset()
    talking: frozenset[tuple[str, str]] = frozenset()
    alive: frozenset[str] = frozenset()
    connecting: set[tuple[str, str]] = field(default_factory=set)  # answered in the second of the snapshot; the talk may be told live
    undecidable: frozenset[str] = frozenset()  # calls of which nobody can say whose they are
    last_of: dict[str, int] = field(default_factory=dict)  # the last row of each call that is told
    inside: dict[str, str] = field(default_factory=dict)  # queue by caller, while told
    orphans: dict[str, str] = field(default_factory=dict)  # the caller an attended transfer left in a queue
    talks: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)  # (caller, queue) to (interface, leg)
    channels: set[str] = field(default_factory=set)
    present: dict[tuple[str, str], MemberSeen] = field(default_factory=dict)
    calls: int = 0

    def __post_init__(self) -> None:
        snapshot = self.snapshot
        for member in snapshot.members:
            self.members[member.queue, member.interface] = member
            self.interfaces[member.queue, member.member] = self.interfaces["", member.member] = member.interface
            self.interfaces[member.queue, member.interface] = self.interfaces["", member.interface] = member.interface
            self.names[member.interface] = member.member
        for person in self.contract.people:
            own = [each.removeprefix(f"{self.pbx}:") for each in person.interfaces if ":" not in each or each.startswith(f"{self.pbx}:")]
            for interface in own:
                self.interfaces.setdefault(("", interface), interface)
                self.names.setdefault(interface, person.name)
            if own:
                self.interfaces.setdefault(("", person.name), own[0])
        self.dids = {row.call: row.data[0] for row in self.rows if row.verb == "DID" and row.data}
        self.undecidable = frozenset(row.call for row in self.rows if row.verb == "ENTERQUEUE" and self._shared(row))
        self.waiting = frozenset((row.call, row.queue) for row in snapshot.waiting)
        self.talking = frozenset((row.call, row.data.split(",", 1)[0]) for row in snapshot.channels if row.application == "Queue" and row.bridge)
        self.alive = frozenset(row.call for row in snapshot.channels)
        times = [row.at_s * SECOND - self.offset_us for row in self.rows]
        latest = snapshot.at  # from the end: a clock that was wrong for a while and put back must not drag the rest of the day along
        for index in range(len(times) - 1, -1, -1):
            latest = times[index] = min(latest, times[index]) if times[index] <= snapshot.at else latest
        self.times = [max(self.since, at) for at in times]

    def interface(self, queue: str, agent: str) -> str:
        """The interface behind the agent column of a row; a name nobody knows stands for itself."""
        return self.interfaces.get((queue, agent)) or self.interfaces.get(("", agent)) or agent

    # --- what is told, and in which order -------------------------------------------------------------------------------------------

    def events(self) -> Iterator[Event]:
        """Everything from `since` on in order of time: people come before the rows of their second, and go after them."""
        yield SnapshotTaken(self.pbx, self.since, dict(self.snapshot.strategies), (), (), ())
        told = self._told()
        self.last_of = {self.rows[index].call: index for index in told}
        order: list[tuple[int, int, int, _Stay | None]] = [(self.times[index], 1, index, None) for index in told]
        for number, one in enumerate(self._stays()):
            order.append((one.start, 0, number, one))
            if one.end < self.snapshot.at:
                order.append((one.end, 2, number, one))
        for at, when, index, stay in sorted(order, key=lambda entry: entry[:3]):
            if stay is None:
                yield from self._row(index, at)
            elif when == 0:
                yield self._seen(stay.queue, stay.interface, at, paused=stay.paused)
            else:
                self.present.pop((stay.queue, stay.interface), None)
                yield ev.MemberRemoved(self.pbx, at, stay.queue, stay.interface)

    def _told(self) -> list[int]:
        """The rows to tell: without what the snapshot says has not happened yet, and without what is told live."""
        now_s = (self.snapshot.at + self.offset_us) // SECOND
        until_s = (max(self.snapshot.at, self.snapshot.listed_at) + self.offset_us) // SECOND
        entered: dict[tuple[str, str], int] = {}
        connected: dict[tuple[str, str], int] = {}
        for index, row in enumerate(self.rows):
            if row.verb == "ENTERQUEUE":
                entered[row.call, row.queue] = index
            elif row.verb == "CONNECT":
                connected[row.call, row.queue] = index
        stop: dict[str, int] = {}  # from this row on a call is not told
        for (call, queue), index in entered.items():
            if (call, queue) in self.waiting:
                stop[call] = min(stop.get(call, index + 1), index + 1)
            elif (call, queue) not in self.talking and self.rows[index].at_s >= now_s:
                stop[call] = min(stop.get(call, index), index)
        for (call, queue), index in connected.items():
            if (call, queue) in self.talking:
                stop[call] = min(stop.get(call, index + 1), index + 1)
            elif call in self.alive and self.rows[index].at_s >= now_s - 1:  # out of the queue and not in a bridge yet; the event may be under way
                self.connecting.add((call, queue))
        return [
            index
            for index, row in enumerate(self.rows)
            if row.at_s <= until_s and (row.call not in stop or index < stop[row.call]) and row.call not in self.undecidable
        ]

    def _shared(self, row: LogRow) -> bool:
        """Whether several projects share the queue and the log does not say what was dialled."""
        queue = QueueId(self.pbx, row.queue)
        return row.call not in self.dids and any(project.dids for project in self.contract.projects if queue in project.queues)

    def _stays(self) -> list[_Stay]:
        """Who was in which queue from when to when."""
        signs: dict[str, list[int]] = {}
        queues: dict[str, set[str]] = {}
        moves: dict[tuple[str, str], list[tuple[int, LogRow]]] = {}
        for row, at in zip(self.rows, self.times, strict=True):
            interface = self.interface(row.queue, row.agent)
            if row.verb in SIGNS and row.queue != "NONE":
                signs.setdefault(interface, []).append(at)
                queues.setdefault(interface, set()).add(row.queue)
            elif row.verb in PLACES:
                moves.setdefault((row.queue, interface), []).append((at, row))
        for queue, interface in self.members:
            queues.setdefault(interface, set()).add(queue)
        stays: list[_Stay] = []
        for interface, times in signs.items():
            for queue in sorted(queues[interface]):
                stays += self._stays_of(queue, interface, moves.get((queue, interface), []), times)
        for (queue, interface), own in moves.items():  # who only came, and sits there since
            if interface not in signs and (queue, interface) in self.members:
                stays += self._stays_of(queue, interface, own, [own[0][0]])
        return stays

    def _stays_of(self, queue: str, interface: str, moves: Sequence[tuple[int, LogRow]], signs: Sequence[int]) -> Iterator[_Stay]:
        now = self.members.get((queue, interface))
        start, paused = (None if moves and moves[0][1].verb == "ADDMEMBER" else signs[0]), False
        for at, row in moves:
            if row.verb == "ADDMEMBER" and start is None:
                start, paused = at, row.data[:1] == ("PAUSED",)
            elif row.verb == "REMOVEMEMBER" and start is not None:
                yield _Stay(queue, interface, min(start, at), at, paused)
                start, paused = None, False
        if start is not None:
            reachable = now is not None and (bool(moves) or now.status not in UNREACHABLE_STATUS)
            yield _Stay(queue, interface, start, self.snapshot.at if reachable else max(signs[-1], start), paused)

    def _seen(self, queue: str, interface: str, at: int, *, paused: bool = False, reason: str = "") -> MemberSeen:
        known = self.members.get((queue, interface))
        name = self.names.get(interface, interface)
        state_interface, wrapup_us = (interface, 0) if known is None else (known.state_interface, known.wrapup_us)
        seen = MemberSeen(self.pbx, at, queue, interface, state_interface, name, 1, paused, reason, wrapup_us)
        self.present[queue, interface] = seen
        return seen

    # --- one row --------------------------------------------------------------------------------------------------------------------

    def _row(self, index: int, at: int) -> Iterator[Event]:
        """What a row says. After the last one of a call the caller's channel is gone, unless the snapshot shows it."""
        row = self.rows[index]
        verb, queue = row.verb, row.queue
        interface = self.interface(queue, row.agent)
        if verb == "ENTERQUEUE":
            yield from self._entered(row, at)
        elif verb == "CONNECT":
            yield from self._connected(index, interface, at)
        elif verb in TALK_ENDS:
            yield from self._talk_over(row.call, queue, interface, at)
            if verb == "ATTENDEDTRANSFER" and row.call in self.inside:
                self.orphans[self.inside[row.call]] = row.call
        elif verb in VISIT_ENDS:
            yield from self._left(row, at)
        elif verb == "RINGNOANSWER":
            yield ev.AgentDidNotAnswer(self.pbx, at, row.call, queue, interface, row.agent, None, self._place(row.call))
        elif verb in ("PAUSE", "UNPAUSE") and (queue, interface) in self.present:
            reason = row.data[0] if row.data and verb == "PAUSE" else ""
            yield self._seen(queue, interface, at, paused=verb == "PAUSE", reason=reason)
        elif verb == "QUEUESTART":
            yield from self._restarted(at)
        last = index == self.last_of[row.call] and verb in VISIT_ENDS
        if last and row.call in self.channels and row.call not in self.alive and row.call not in self.inside:
            yield ev.ChannelEnded(self.pbx, at, row.call, self._place(row.call))

    def _place(self, call: str) -> Position:
        return Position("log", self.dids.get(call, ""), "1")

    def _entered(self, row: LogRow, at: int) -> Iterator[Event]:
        call, place = row.call, self._place(row.call)
        if call not in self.channels:
            self.channels.add(call)
            yield ev.ChannelStarted(self.pbx, at, call, call, f"log/{call}", place)
        self.inside[call] = row.queue
        self.calls += QueueId(self.pbx, row.queue) in self.contract.claimed
        yield ev.CallerJoined(self.pbx, at, call, call, f"log/{call}", row.queue, place)

    def _connected(self, index: int, interface: str, at: int) -> Iterator[Event]:
        row = self.rows[index]
        call, queue = row.call, row.queue
        if self.inside.get(call) != queue:
            call = self.orphans.pop(queue, call)
        self.inside.pop(call, None)
        for (caller, place), (agent, _) in list(self.talks.items()):
            if agent == interface and self.last_of[caller] < index:  # nothing will tell its end
                yield from self._talk_over(caller, place, agent, at)
        leg = row.data[1] if len(row.data) > 1 and row.data[1] else f"log/{index}"
        self.talks[call, queue] = (interface, leg)
        yield ev.AgentConnected(self.pbx, at, call, queue, interface, row.agent, leg, f"{interface}-00000000", self._place(call))

    def _talk_over(self, call: str, queue: str, interface: str, at: int) -> Iterator[Event]:
        """The agent is out of the call; a transfer's row may stand under another callid than the answer."""
        key = (call, queue)
        if self.talks.get(key, ("", ""))[0] != interface:
            key = next((one for one, (agent, _) in self.talks.items() if agent == interface and one[1] == queue), key)
        _, leg = self.talks.pop(key, ("", ""))
        if leg:
            yield ev.ChannelEnded(self.pbx, at, leg, self._place(call))

    def _left(self, row: LogRow, at: int) -> Iterator[Event]:
        """Out of the queue without an answer; what the caller does next is another row, or nothing."""
        call, queue, place = row.call, row.queue, self._place(row.call)
        if self.inside.get(call) != queue:
            return
        del self.inside[call]
        if row.verb == "ABANDON":
            yield ev.HangupRequested(self.pbx, at, call, place, False)
        if row.verb != "EXITWITHKEY":
            yield ev.CallerAbandoned(self.pbx, at, call, queue, place)
        yield ev.CallerLeft(self.pbx, at, call, queue, f"log/{call}", place)
        if row.verb in EXITS:
            yield ev.ExitTold(self.pbx, at, call, queue, EXITS[row.verb])
            yield ev.ChannelSeen(self.pbx, at, call, f"log/{call}", place._replace(priority="2"))

    def _restarted(self, at: int) -> Iterator[Event]:
        """A new process: its calls are void, its members are those it had, as far as the log knows."""
        self.inside.clear()
        self.talks.clear()
        self.channels.clear()
        members = tuple(replace(seen, at=at) for seen in self.present.values())
        yield SnapshotTaken(self.pbx, at, dict(self.snapshot.strategies), members, (), (), restarted=True)


def _harvest(floor: Floor, story: _Story) -> Past:
    """What the floor has counted, and the calls that are not over."""
    at, pbx = story.snapshot.at, story.pbx
    staff, queueing = floor.staff, floor.queueing
    for talk in list(staff.talks.values()):
        if talk.visit is None or (talk.visit.call, talk.visit.queue.name) not in story.talking | story.connecting:
            staff.end_talk(talk, at)
    for visit in list(queueing.undecided()):
        if visit.stage in (Stage.DECIDING, Stage.LEFT, Stage.FLOWING):
            queueing.silence(visit, at)
        elif visit.call not in story.alive:
            queueing.lose(visit, at)
    for pbx_name, call in list(queueing.contacts.by_caller):
        if call not in story.alive:
            queueing.vanished(pbx_name, call, at)
    wrapups = {interface: agent.wrapup for (_, interface), agent in staff.by_device.items() if agent.wrapup is not None and agent.wrapup.visit is not None}
    visits = [talk.visit for talk in staff.talks.values() if talk.visit is not None]
    visits += queueing.undecided()
    contacts = {contact for listed in queueing.contacts.by_caller.values() for contact in listed}
    contacts |= {visit.contact for visit in visits}
    contacts |= {wrapup.contact for wrapup in wrapups.values() if wrapup.contact is not None}
    return Past(
        pbx=pbx,
        since=story.since,
        until=at,
        calls=story.calls,
        counters=floor.counters,
        projects={name: book.cells() for name, book in floor.ledger.projects.items()},
        groups={name: book.cells() for name, book in floor.ledger.groups.items()},
        remarks=tuple(floor.remarks[:REMARKS]),
        people=floor.ledger.people,
        contacts=tuple(contacts),
        visits=tuple(visits),
        wrapups=wrapups,
        folded=max((book.folded for book in floor.ledger.groups.values()), default=-1),
        early=tuple(_only(told, COUNTED if told.of == "project" else STATES) for told in floor.ledger.unwritten.records),
        early_seen=tuple(_only(told, SEEN if told.of == "project" else SEEN_STATES) for told in floor.ledger.unwritten.records),
        details=(*floor.chronicle.details.records, *floor.chronicle.under_way()),
    )


def _only(told: MinuteTold, indices: Iterable[int]) -> MinuteTold:
    """Of a minute these sums, as an addition: others may tell of it too."""
    sums = [0] * len(told.sums)
    for index in indices:
        sums[index] = told.sums[index]
    return replace(told, sums=tuple(sums), added=True)
