"""Rows of queue_log as the events of a floor: what each row means, and whom it means.

Owns the reading of one row: the names behind a member's interface, who is inside which queue, which talk a row ends. A talk is from
CONNECT to the COMPLETE or transfer row of the agent; where that row is missing or late, to the agent's next CONNECT or until the caller
enters a queue again. A CONNECT under a callid that did not enter takes the visit which an ATTENDEDTRANSFER row left behind in that queue.
The verb decides an exit. Rows are whole seconds; where it is known what comes live (`coming`), that says which rows it tells, and the
snapshot's second only what is left.

Refuses deciding which rows are told, and when a story begins and ends. Next: `heal` tells a day of it, `gaps` a gap.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from monitor.core import events as ev
from monitor.core.calls import VERBS
from monitor.core.coming import callers, joins, told_live, ways_out
from monitor.core.contract import SECOND, Contract, QueueId
from monitor.core.events import Event, MemberSeen, Position, SnapshotTaken
from monitor.core.logrow import LogRow, Shown

TALK_ENDS = frozenset({"COMPLETECALLER", "COMPLETEAGENT", "BLINDTRANSFER", "ATTENDEDTRANSFER"})
EXITS = frozenset(VERBS)
VISIT_ENDS = TALK_ENDS | EXITS
PLACES = frozenset({"ADDMEMBER", "REMOVEMEMBER"})


@dataclass(slots=True)
class Story:
    """The rows and whom they are about. Everything about one row's agent goes by interface, as far as anybody can tell it."""

    contract: Contract
    pbx: str
    rows: tuple[LogRow, ...]
    snapshot: SnapshotTaken
    since: int
    offset_us: int
    coming: tuple[Event, ...] | None = None  # what is known to be told live after the snapshot; None: that is not known
    live: frozenset[int] = frozenset()  # rows that are told live too
    joining: frozenset[tuple[str, str]] = frozenset()  # whose way into a queue is told live
    leaving: frozenset[tuple[str, str]] = frozenset()  # whose way out of it alone
    times: list[int] = field(default_factory=list)
    interfaces: dict[tuple[str, str], str] = field(default_factory=dict)
    members: dict[tuple[str, str], MemberSeen] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    dids: dict[str, str] = field(default_factory=dict)
    waiting: dict[tuple[str, str], int] = field(default_factory=dict)  # for how long, by caller and queue
    talking: dict[tuple[str, str], str] = field(default_factory=dict)  # who talks in the snapshot, by caller and queue: the agent's phone, if known
    answering: frozenset[tuple[str, str]] = frozenset()  # who waits there no more and is not through yet: the agent hears an announcement first
    alive: frozenset[str] = frozenset()
    connecting: set[tuple[str, str]] = field(default_factory=set)  # answered in the second of the snapshot; the talk may be told live
    undecidable: frozenset[str] = frozenset()  # calls of which nobody can say whose they are
    last_of: dict[str, int] = field(default_factory=dict)  # the last row of each call that is told
    inside: dict[str, str] = field(default_factory=dict)  # queue by caller, while told
    orphans: dict[str, str] = field(default_factory=dict)  # the caller an attended transfer left in a queue
    talks: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)  # (caller, queue) to (interface, leg)
    answered: set[tuple[str, str, str]] = field(default_factory=set)  # caller, queue, and the interface that answered
    channels: set[str] = field(default_factory=set)
    shadows: frozenset[tuple[str, str]] = frozenset()  # who was out of a queue and in it again then: that he was out may be told live too
    echoes: frozenset[tuple[str, str]] = frozenset()  # who came into a queue and went in the second of the snapshot: told, and perhaps live too
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
        self.undecidable = frozenset(row.call for row in self.rows if row.verb == "ENTERQUEUE" and self.shared(row))
        coming = self.coming or ()
        self.live, self.joining, self.leaving = told_live(self.rows, coming, self.offset_us), joins(coming), ways_out(coming)
        self.waiting = {place: row.waited_us for row in snapshot.waiting if (place := (row.call, row.queue)) not in self.joining}
        queued = {(row.call, row.data.split(",", 1)[0]): row.bridge for row in snapshot.channels if row.application == "Queue"}
        here = queued.keys() - self.joining
        self.talking = dict.fromkeys((place for place in here if queued[place]), "")
        self.answering = frozenset(here - self.talking.keys() - self.waiting.keys())
        self.alive = frozenset(row.call for row in snapshot.channels) | {row.call for row in snapshot.waiting} | callers(coming)
        times = [row.at_s * SECOND - self.offset_us for row in self.rows]
        latest = snapshot.at  # from the end: a clock that was wrong for a while and put back must not drag the rest of the day along
        for index in range(len(times) - 1, -1, -1):
            latest = times[index] = min(latest, times[index]) if times[index] <= snapshot.at else latest
        self.times = [max(self.since, at) for at in times]

    def interface(self, queue: str, agent: str) -> str:
        """The interface behind the agent column of a row; a name nobody knows stands for itself."""
        return self.interfaces.get((queue, agent)) or self.interfaces.get(("", agent)) or agent

    def told(self) -> list[int]:
        """The rows to tell: without what the snapshot says has not happened yet, and without what is told live."""
        now_s = (self.snapshot.at + self.offset_us) // SECOND
        stop = self._stops(now_s)
        known = {row.call for row in self.snapshot.channels} | {call for call, _ in self.joining}  # a ring for one who is gone counts nothing live
        return [
            index
            for index, row in enumerate(self.rows)
            if row.at_s <= now_s
            and (row.call not in stop or index < stop[row.call] or (row.verb == "RINGNOANSWER" and row.at_s < now_s))
            and not (row.verb == "RINGNOANSWER" and index in self.live and row.call in known)
            and row.call not in self.undecidable
        ]

    def _last(self, now_s: int, verbs: Collection[str]) -> dict[tuple[str, str], int]:
        """The last row with such a verb of each caller and queue, up to the second of the snapshot."""
        return {(row.call, row.queue): index for index, row in enumerate(self.rows) if row.verb in verbs and row.at_s <= now_s}

    def _answers(self, now_s: int, entered: Mapping[tuple[str, str], int], connected: Mapping[tuple[str, str], int]) -> Iterator[tuple[str, int]]:
        """Who is with an agent in the snapshot, and by which row: of an agent whose channel it shows, else the last since he entered; -1: he came before."""
        legs = {row.call for row in self.snapshot.channels}
        shown = {(row.call, row.queue): index for index, row in enumerate(self.rows) if row.verb == "CONNECT" and row.at_s <= now_s and legs & {*row.data[1:2]}}
        for place in (*self.talking, *self.answering):
            index = shown.get(place, connected.get(place, -1))
            if place in self.answering and (index < 0 or self.rows[index].at_s < now_s):
                continue
            if place in shown or index >= entered.get(place, -1):
                yield place[0], index

    def _stops(self, now_s: int) -> dict[str, int]:
        """From which row on a call is not told."""
        entered, connected, left = (self._last(now_s, verbs) for verbs in ({"ENTERQUEUE"}, {"CONNECT"}, EXITS))
        stop: dict[str, int] = {}

        def earlier(call: str, index: int) -> None:
            stop[call] = min(stop.get(call, index), index)

        for call, queue in self.waiting:
            earlier(call, entered.get((call, queue), -1) + 1)  # else there since before the first row
        for call, index in self._answers(now_s, entered, connected):
            earlier(call, index + 1)
        for index in self._begin_live(entered):
            earlier(self.rows[index].call, index)
        known_s = now_s if self.coming is None else max(now_s, (self.snapshot.listed_at + self.offset_us) // SECOND)  # what was before is past, or live
        last_live = {self.rows[index].call: index for index in sorted(self.live)}
        for (call, queue), index in entered.items():
            out = left.get((call, queue), -1)
            if index <= last_live.get(call, -1):
                continue
            if 0 <= out < index and self.rows[out].at_s == now_s:  # out and in again in the snapshot's second
                if self.waiting.get((call, queue), SECOND) > (self.snapshot.at + self.offset_us) % SECOND:
                    earlier(call, out)  # the list shows him as he was before
                elif self.coming is None:
                    self.shadows |= {(call, queue)}
            if self.rows[index].at_s < known_s or (call, queue) in self.waiting.keys() | self.talking.keys() | self.answering | self.leaving:
                continue
            if out > index:
                self.echoes |= {(call, queue)}
            else:
                earlier(call, index)
        last = {key: index for key, index in connected.items() if key not in self.talking.keys() | self.joining and self.rows[index].at_s >= now_s - 1}
        self.connecting |= {(call, queue) for call, queue in last if call in self.alive}  # out of the queue, not in a bridge yet; that may come live
        return stop

    def _begin_live(self, entered: Mapping[tuple[str, str], int]) -> Iterator[int]:
        """Rows from which on a call is told live; of how a caller went out of a queue for good the log knows more."""
        for index in self.live:
            row = self.rows[index]
            if row.verb in ("ENTERQUEUE", "CONNECT") or (row.verb in EXITS and index < entered.get((row.call, row.queue), -1)):
                yield index

    def shared(self, row: LogRow) -> bool:
        """Whether several projects share the queue and the log does not say what was dialled."""
        queue = QueueId(self.pbx, row.queue)
        return row.call not in self.dids and any(project.dids for project in self.contract.projects if queue in project.queues)

    def seen(self, queue: str, interface: str, at: int, *, paused: bool = False, reason: str = "") -> MemberSeen:
        """The member as he is in this queue now."""
        known, before = self.members.get((queue, interface)), self.present.get((queue, interface))
        name = self.names.get(interface, interface)
        state_interface, wrapup_us = (interface, 0) if known is None else (known.state_interface, known.wrapup_us)
        status = 1 if before is None else before.status
        seen = MemberSeen(self.pbx, at, queue, interface, state_interface, name, status, paused, reason, wrapup_us)
        self.present[queue, interface] = seen
        return seen

    def void(self) -> None:
        """The PBX is a new process: nothing of before goes on."""
        self.inside.clear()
        self.talks.clear()
        self.answered.clear()
        self.channels.clear()

    # --- one row --------------------------------------------------------------------------------------------------------------------

    def row(self, index: int, at: int, leg: str = "") -> Iterator[Event]:
        """What a row says. After the last one of a call the caller's channel is gone, unless the snapshot shows it.

        `leg` is the agent's channel where it is known better than the row knows it.
        """
        row = self.rows[index]
        verb, queue = row.verb, row.queue
        interface = self.interface(queue, row.agent)
        if verb == "ENTERQUEUE":
            yield from self._entered(row, at)
        elif verb == "CONNECT":
            yield from self._connected(index, interface, at, leg)
        elif verb in TALK_ENDS:
            yield from self.talk_over(row.call, queue, interface, at)
            if verb == "ATTENDEDTRANSFER" and row.call in self.inside:
                self.orphans[self.inside[row.call]] = row.call
        elif verb in VISIT_ENDS:
            yield from self._left(row, at)
        elif verb == "RINGNOANSWER":
            yield ev.AgentDidNotAnswer(self.pbx, at, row.call, queue, interface, row.agent, None, self._place(row.call))
        elif verb in ("PAUSE", "UNPAUSE") and (queue, interface) in self.present:
            reason = row.data[0] if row.data and verb == "PAUSE" else ""
            yield self.seen(queue, interface, at, paused=verb == "PAUSE", reason=reason)
        last = index == self.last_of[row.call] and verb in VISIT_ENDS
        if last and row.call in self.channels and row.call not in self.alive and row.call not in self.inside:
            yield ev.ChannelEnded(self.pbx, at, row.call, self._place(row.call))

    def _place(self, call: str) -> Position:
        return Position("log", self.dids.get(call, ""), "1")

    def _entered(self, row: LogRow, at: int) -> Iterator[Event]:
        call, place = row.call, self._place(row.call)
        for caller, queue in [key for key in self.talks if key[0] == call]:  # he was taken out of that talk; the row that ends it may come much later
            yield from self.talk_over(caller, queue, self.talks[caller, queue][0], at)
        if call not in self.channels:
            self.channels.add(call)
            yield ev.ChannelStarted(self.pbx, at, call, call, f"log/{call}", place)
        self.inside[call] = row.queue
        self.calls += QueueId(self.pbx, row.queue) in self.contract.claimed
        shown = row.shown or Shown(row.data[1] if len(row.data) > 1 else "")
        yield ev.CallerJoined(self.pbx, at, call, call, f"log/{call}", row.queue, place, *shown)

    def _connected(self, index: int, interface: str, at: int, leg: str) -> Iterator[Event]:
        row = self.rows[index]
        call, queue = row.call, row.queue
        if self.inside.get(call) != queue:
            call = self.orphans.pop(queue, call)
        self.inside.pop(call, None)
        for (caller, place), (agent, _) in list(self.talks.items()):
            if agent == interface and self.last_of.get(caller, -1) < index and (caller, place) not in self.talking:  # nothing will tell its end
                yield from self.talk_over(caller, place, agent, at)
        leg = leg or (row.data[1] if len(row.data) > 1 and row.data[1] else f"log/{index}")
        self.talks[call, queue] = (interface, leg)
        self.answered.add((call, queue, interface))
        yield ev.AgentConnected(self.pbx, at, call, queue, interface, row.agent, leg, f"{interface}-00000000", self._place(call))

    def talk_over(self, call: str, queue: str, interface: str, at: int) -> Iterator[Event]:
        """The agent is out of the call; a transfer's row may stand under another callid than the answer, or come when it is long over."""
        key = (call, queue)
        if self.talks.get(key, ("", ""))[0] != interface:
            if (*key, interface) in self.answered:
                return
            key = next((one for one, (agent, _) in self.talks.items() if agent == interface and one[1] == queue), key)
        _, leg = self.talks.pop(key, ("", ""))
        if leg:
            yield ev.ChannelEnded(self.pbx, at, leg, self._place(call))

    def _left(self, row: LogRow, at: int) -> Iterator[Event]:
        """Out of the queue without an answer; what the caller does next is another row, or nothing."""
        call, queue = row.call, row.queue
        if self.inside.get(call) == queue:
            del self.inside[call]
            yield ev.ExitLogged(self.pbx, at, call, queue, row.verb)
