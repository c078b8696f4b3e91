"""app_queue: callers wait, members are rung, somebody answers, or the caller leaves without.

Owns QueueCaller* and AgentCalled, AgentRingNoAnswer, AgentConnect, and their rows of queue_log. Refuses what comes after the answer
(`talks`) and what the caller's dialplan does after an exit (`proceed`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from monitor.core.contract import SECOND
from monitor.demo.switch.channel import RINGING, UP, Channel
from monitor.demo.switch.exchange import Exchange
from monitor.demo.switch.roster import NOT_INUSE, Member, Roster
from monitor.demo.switch.specs import QueueSpec

RECHECK = SECOND  # a waiting caller looks once a second whether it is his turn


@dataclass(slots=True, eq=False)
class Leg:
    """A member being rung; `channel` is the agent's."""

    member: Member
    channel: Channel
    entry: Entry
    started: int


@dataclass(slots=True, eq=False)
class Entry:
    """A caller's visit of one queue."""

    caller: Channel
    queue: QueueSpec
    joined: int
    original: int
    position: int
    expires: int | None
    legs: list[Leg] = field(default_factory=list)
    not_before: int = 0
    looks: bool = False  # a look is armed
    hold_s: int = 0


@dataclass(slots=True)
class Figures:
    """What QueueParams says: moving averages and counts since the start."""

    hold_s: int = 0
    talk_s: int = 0
    completed: int = 0
    abandoned: int = 0
    completed_in_time: int = 0
    abandoned_in_time: int = 0


@dataclass
class AppQueue:
    """All queues. `proceed` goes on with a caller's dialplan, `connected` takes over an answered call, `finish` ends a channel that hung up."""

    exchange: Exchange
    roster: Roster
    waiting: dict[str, list[Entry]] = field(default_factory=dict)
    figures: dict[str, Figures] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)  # by the caller's Uniqueid
    legs: dict[str, Leg] = field(default_factory=dict)  # by the agent's
    last_rung: dict[str, str] = field(default_factory=dict)  # rrmemory: the interface rung last
    proceed: Callable[[Channel], None] = lambda _channel: None
    connected: Callable[[Entry, Leg], None] = lambda _entry, _leg: None
    answering: Callable[[Channel, Channel], None] = lambda _caller, _agent: None
    line_known: Callable[[Channel], None] = lambda _caller: None

    # --- in ---

    def join(self, caller: Channel, name: str, options: str, longest: str) -> None:
        """A caller's dialplan reaches Queue()."""
        now, queue = self.exchange.at, self.roster.queues[name]
        line = self.waiting[name]
        place = len(line) + 1
        entry = Entry(caller, queue, now, place, place, now + int(longest) * SECOND if longest else None)
        line.append(entry)
        self.entries[caller.uniqueid] = entry
        caller.application, caller.data = "Queue", f"{name},{options},,,{longest}" if longest else f"{name},{options}"
        # Asterisk 22 logs the entry before it tells of it; the url is never given.
        self.exchange.log(caller.uniqueid, name, "NONE", "ENTERQUEUE", "", caller.number, place)
        self.roster.hint(f"Queue:{name}", "RINGING")
        where = {"Queue": name, "Position": str(place), "Count": str(len(line))}
        self.exchange.event("QueueCallerJoin", {**caller.headers(), **where}, "agent")
        if caller.other is not None:
            self.line_known(caller)
        self.exchange.tell(lambda: self.exchange.people.caller_waits(now, caller.uniqueid, name))
        if entry.expires is not None:
            self.exchange.wake(caller, entry.expires, lambda: self.expire(entry))
        self.look(entry)

    def free(self, name: str) -> None:
        """Somebody in the queue may have become free: those whose turn it is find out at their next look."""
        for entry in self.waiting[name]:
            if not entry.legs and not entry.looks:
                self._arm(entry)

    def _arm(self, entry: Entry) -> None:
        now = self.exchange.at
        looked = max(entry.not_before, entry.joined + -(-(now - entry.joined) // RECHECK) * RECHECK)
        entry.looks = True
        self.exchange.later(looked, lambda: self.look(entry))

    def look(self, entry: Entry) -> None:
        """Is it this caller's turn, and for whom?"""
        entry.looks = False
        name = entry.queue.name
        if entry.legs or self.entries.get(entry.caller.uniqueid) is not entry:
            return
        if entry.queue.leave_when_empty and all(each.paused for each in self.roster.members[name]):
            self.withdraw(entry, "EXITEMPTY", "LEAVEEMPTY")
            return
        if self.exchange.at < entry.not_before:
            self._arm(entry)
            return
        free = [each for each in self.roster.members[name] if self.roster.may_be_called(each)]
        ahead = sum(1 for each in self.waiting[name][: entry.position - 1] if not each.legs)
        if ahead < len(free):
            self.ring(entry, self._chosen(entry, free))

    def _chosen(self, entry: Entry, free: list[Member]) -> list[Member]:
        """Whom the strategy rings first. The list of members is walked from its end, as Asterisk's outgoing list is."""
        lowest = min(each.spec.penalty for each in free)
        able = [each for each in reversed(free) if each.spec.penalty == lowest]
        name = entry.queue.name
        if entry.queue.strategy == "ringall":
            return able
        if entry.queue.strategy == "leastrecent":
            return [min(able, key=lambda each: each.last_call)]
        order = [each.spec.interface for each in self.roster.members[name]]
        last = self.last_rung.get(name, "")
        start = order.index(last) + 1 if last in order else 0
        chosen = min(able, key=lambda each: (order.index(each.spec.interface) - start) % len(order))
        self.last_rung[name] = chosen.spec.interface
        return [chosen]

    # --- ringing ---

    def ring(self, entry: Entry, members: list[Member]) -> None:
        """Ring these members for this caller."""
        caller, now = entry.caller, self.exchange.at
        single = len(members) == 1
        for number, member in enumerate(members, 1):
            agent = self._ring_one(entry, member, single=single)
            if number == len(members):  # the caller's thread hears of the others' ringing only when it has called them all
                for heard in reversed([leg.channel for leg in entry.legs[:-1] if not leg.channel.local]):
                    self.exchange.dial("DialState", caller, heard.headers("Dest"), DialStatus="RINGING")
            if not agent.local:
                self._rings(entry, entry.legs[-1])
                if number == len(members):
                    self.exchange.dial("DialState", caller, agent.headers("Dest"), DialStatus="RINGING")
        if single and caller.other is not None:
            self.line_known(caller)
        legs = list(entry.legs)
        until = now + entry.queue.ring_s * SECOND
        if entry.expires is None or until < entry.expires:
            self.exchange.later(until, lambda: self.ring_out(entry) if entry.legs == legs else None)

    def _ring_one(self, entry: Entry, member: Member, *, single: bool) -> Channel:
        exchange, caller, interface = self.exchange, entry.caller, member.spec.interface
        number, name = (caller.connected, caller.connected_name) if caller.connected else (caller.dialled or caller.exten, "")
        if interface.startswith("Local/"):
            exten, _, context = interface.removeprefix("Local/").removesuffix("/n").partition("@")
            agent, far = exchange.local_pair(exten, context, caller.linkedid)
            exchange.identify(agent, number, name)
            far.connected, far.connected_name = number, name
            exchange.identify(far, caller.number, caller.caller_name)
            exchange.event("NewConnectedLine", far.headers())
            exchange.local_bridge(agent, far, optimise=False)
        else:
            agent = exchange.channel(interface, linkedid=caller.linkedid, context="outbound")
            exchange.identify(agent, number, name)
        before = agent.headers("Dest")
        agent.application, agent.data = "AppQueue", "(Outgoing Line)"
        agent.connected, agent.connected_name, agent.exten = caller.number, caller.caller_name, caller.exten
        leg = Leg(member, agent, entry, exchange.at)
        entry.legs.append(leg)
        self.legs[agent.uniqueid] = leg
        exchange.event("AgentCalled", {**caller.headers(), **agent.headers("Dest"), **self.who(member)}, "agent")
        exchange.dial("DialBegin", caller, before, DialString=interface)
        if single and not agent.local:
            exchange.connect_line(caller, agent.number, agent.caller_name)
        return agent

    def _rings(self, entry: Entry, leg: Leg) -> None:
        """The phone says that it rings."""
        exchange, agent, interface = self.exchange, leg.channel, leg.member.spec.interface
        exchange.state(agent, RINGING)
        exchange.event("NewConnectedLine", agent.headers())
        at, caller, name = exchange.at, entry.caller.uniqueid, entry.queue.name
        exchange.tell(lambda: exchange.people.phone_rings(at, interface, agent.uniqueid, caller, name))

    @staticmethod
    def who(member: Member) -> dict[str, str]:
        """The member, as Agent* events name him."""
        return {"Queue": member.spec.queue, "Interface": member.spec.interface, "MemberName": member.spec.name}

    def ring_out(self, entry: Entry) -> None:
        """The ring time is over: nobody answered."""
        exchange, caller = self.exchange, entry.caller
        for leg in entry.legs:
            rang = (exchange.at - leg.started) // SECOND * 1000
            dest = leg.channel.headers("Dest")
            exchange.log(caller.uniqueid, entry.queue.name, leg.member.spec.name, "RINGNOANSWER", rang)
            exchange.dial("DialEnd", caller, dest, DialStatus="NOANSWER")
            exchange.event("AgentRingNoAnswer", {**caller.headers(), **dest, **self.who(leg.member), "RingTime": str(rang)}, "agent")
        entry.not_before = exchange.at + entry.queue.retry_s * SECOND
        self._drop(entry, 0)
        if self.entries.get(caller.uniqueid) is entry:
            self._arm(entry)

    def _drop(self, entry: Entry, cause: int, answered: Leg | None = None) -> None:
        """End the legs that rang in vain."""
        legs, entry.legs = [each for each in entry.legs if each is not answered], []
        for leg in legs:
            self._stop(leg)
            self.exchange.hangup(leg.channel, cause)
            if leg.channel.other is not None:
                self.exchange.soft_hangup(leg.channel.other)
                self.exchange.hangup(leg.channel.other, 0)

    def _stop(self, leg: Leg) -> None:
        del self.legs[leg.channel.uniqueid]
        at = self.exchange.at
        if not leg.channel.local:
            self.exchange.tell(lambda: self.exchange.people.phone_stops(at, leg.member.spec.interface, leg.channel.uniqueid))

    def lose_leg(self, leg: Leg, cause: int) -> None:
        """A ringing phone refuses, or is lost: the round goes on with the others, or ends."""
        exchange, entry = self.exchange, leg.entry
        rang = (exchange.at - leg.started) // SECOND * 1000
        dest = leg.channel.headers("Dest")
        exchange.log(entry.caller.uniqueid, entry.queue.name, leg.member.spec.name, "RINGNOANSWER", rang)
        exchange.dial("DialEnd", entry.caller, dest, DialStatus="BUSY" if cause == 17 else "CHANUNAVAIL")
        exchange.event("AgentRingNoAnswer", {**entry.caller.headers(), **dest, **self.who(leg.member), "RingTime": str(rang)}, "agent")
        entry.legs.remove(leg)
        self._stop(leg)
        exchange.hangup(leg.channel, cause)
        if not entry.legs:
            entry.not_before = exchange.at + entry.queue.retry_s * SECOND
            self._arm(entry)

    # --- answered ---

    def answer(self, leg: Leg) -> None:
        """An agent picks up."""
        exchange, entry, agent = self.exchange, leg.entry, leg.channel
        caller, name = entry.caller, entry.queue.name
        exchange.state(agent, UP)
        exchange.dial("DialEnd", caller, agent.headers("Dest"), DialStatus="ANSWER")
        lost = [each for each in entry.legs if each is not leg]
        for each in lost:
            exchange.dial("DialEnd", caller, each.channel.headers("Dest"), DialStatus="CANCEL")
        if lost:
            exchange.connect_line(caller, agent.number, agent.caller_name)
            for each in lost:
                exchange.dial("DialEnd", caller, each.channel.headers("Dest"), DialStatus="CANCEL")
        entry.hold_s = exchange.second - entry.joined // SECOND
        rang = (exchange.at - leg.started) // SECOND
        self._out(entry)
        figures = self.figures[name]
        figures.hold_s = _average(figures.hold_s, entry.hold_s, first=not figures.completed)
        caller.variables["QUEUEWAIT"] = str(entry.hold_s)
        exchange.log(caller.uniqueid, name, leg.member.spec.name, "CONNECT", entry.hold_s, agent.uniqueid, rang)
        headers = {**caller.headers(), **agent.headers("Dest"), **self.who(leg.member), "HoldTime": str(entry.hold_s), "RingTime": str(rang)}
        exchange.event("AgentConnect", headers, "agent")
        leg.member.in_call = 1
        del self.legs[agent.uniqueid]
        self.answering(caller, agent)
        if caller.state != UP:
            exchange.state(caller, UP)
        self._drop(entry, 26, answered=leg)
        self.connected(entry, leg)

    def _out(self, entry: Entry) -> None:
        """Take a caller out of the queue and tell of it."""
        name, caller = entry.queue.name, entry.caller
        line = self.waiting[name]
        line.remove(entry)
        del self.entries[caller.uniqueid]
        caller.wakeup += 1
        if not line:
            self.roster.hint(f"Queue:{name}", NOT_INUSE)
        where = {"Queue": name, "Position": str(entry.position), "Count": str(len(line))}
        self.exchange.event("QueueCallerLeave", {**caller.headers(), **where}, "agent")
        for place, each in enumerate(line, 1):
            each.position = place
        if line:
            self.roster.freed.append(name)

    # --- out ---

    def _abandoned(self, entry: Entry, verb: str) -> None:
        held = self.exchange.second - entry.joined // SECOND
        figures = self.figures[entry.queue.name]
        figures.abandoned += 1
        figures.abandoned_in_time += held <= entry.queue.service_level_s
        self.exchange.log(entry.caller.uniqueid, entry.queue.name, "NONE", verb, entry.position, entry.original, held)
        where = {"Queue": entry.queue.name, "Position": str(entry.position), "OriginalPosition": str(entry.original), "HoldTime": str(held)}
        self.exchange.event("QueueCallerAbandon", {**entry.caller.headers(), **where}, "agent")
        self._out(entry)

    def withdraw(self, entry: Entry, verb: str, status: str) -> None:
        """The queue sends the caller on: his dialplan continues."""
        self._abandoned(entry, verb)
        entry.caller.variables["QUEUESTATUS"] = status
        self.proceed(entry.caller)

    def expire(self, entry: Entry) -> None:
        """The longest wait is over."""
        if entry.legs:
            self.ring_out(entry)
        self.withdraw(entry, "EXITWITHTIMEOUT", "TIMEOUT")

    def give_up(self, entry: Entry) -> list[Channel]:
        """The caller is gone: legs are cancelled, the visit ends. The agents' channels, which end after the caller's soft hang-up."""
        exchange, caller = self.exchange, entry.caller
        legs, entry.legs = entry.legs, []
        for leg in legs:
            rang = (exchange.at - leg.started) // 1000
            exchange.log(caller.uniqueid, entry.queue.name, leg.member.spec.name, "RINGCANCELED", rang)
        for _ in range(2):
            for leg in legs:
                exchange.dial("DialEnd", caller, leg.channel.headers("Dest"), DialStatus="CANCEL")
        left: list[Channel] = []
        for leg in legs:
            self._stop(leg)
            if leg.channel.other is not None:
                exchange.hangup_request(leg.channel.other, 0)
                exchange.hangup(leg.channel, 0)
                exchange.event("NewConnectedLine", leg.channel.headers())
            left.append(leg.channel)
        self._abandoned(entry, "ABANDON")
        return left

    def press(self, entry: Entry, key: str) -> bool:
        """A key takes the caller out, without QueueCallerAbandon; False where the queue has no context for keys."""
        if not entry.queue.key_context:
            return False
        exchange, caller = self.exchange, entry.caller
        held = exchange.second - entry.joined // SECOND
        for leg in entry.legs:
            exchange.dial("DialEnd", caller, leg.channel.headers("Dest"), DialStatus="CANCEL")
        caller.context, caller.exten, caller.priority = "keys", key, 0
        exchange.log(caller.uniqueid, entry.queue.name, "NONE", "EXITWITHKEY", key, entry.position, entry.original, held)
        self._drop(entry, 0)
        self._out(entry)
        return True

    def completed(self, name: str, member: Member, entry: Entry, talked: int) -> None:
        """A call of the queue ended: what the next one is chosen by."""
        figures = self.figures[name]
        figures.talk_s = _average(figures.talk_s, talked, first=not figures.completed)
        figures.completed += 1
        figures.completed_in_time += entry.hold_s <= entry.queue.service_level_s
        member.calls += 1
        member.last_call = self.exchange.second
        member.in_call = 0
        until = self.roster.wraps_up_until(member)
        if until:
            self.exchange.later(until, lambda: self.roster.freed.append(name))


def _average(old: int, new: int, *, first: bool) -> int:
    return new if first else (old * 3 + new) >> 2
