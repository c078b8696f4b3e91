"""The switch: every command people and dialplan give to the simulated PBX, and everything it can be asked.

Owns the clock of the PBX: time enters with each call and never runs backwards. Refuses sockets, files and the wall clock: `pbx` has them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, tzinfo
from functools import partial

from monitor.demo.switch import listing
from monitor.demo.switch.app_queue import AppQueue, Entry, Figures
from monitor.demo.switch.channel import RING, UP, Channel
from monitor.demo.switch.dialling import Dialling
from monitor.demo.switch.dialplan import Dialplan
from monitor.demo.switch.exchange import Exchange
from monitor.demo.switch.roster import NOT_INUSE, Roster
from monitor.demo.switch.specs import MemberSpec, Message, People, QueueSpec, Step
from monitor.demo.switch.talks import Talk, Talks
from monitor.demo.switch.transfers import Transfers


class Switch:
    """An Asterisk. `publish` gets each event as a session with classes system, call and agent would, without Timestamp; `log` each queue_log line.

    Commands name an instant `at` that is not before the last one; what was due until then is fired first.
    A command for a channel that is gone, or in no state for it, does nothing: people may act on what they saw an instant ago.
    """

    def __init__(
        self,
        queues: Sequence[QueueSpec],
        members: Sequence[MemberSpec],
        devices: Sequence[str],
        trunks: Sequence[str],
        at: int,
        people: People,
        publish: Callable[[int, Message], None],
        log: Callable[[str], None],
        *,
        first_id: int = 0,
        booted_at: int | None = None,
        zone: tzinfo = UTC,
    ) -> None:
        """A PBX booted at `booted_at` (or `at`), idle; `devices` are the interfaces of all phones, `trunks` the names of the lines out ("trunk").

        `first_id` is where the counter in Uniqueids starts; `zone` the PBX's local time, which only CoreStatus shows.
        """
        self._zone = zone
        self._static = tuple(members)
        self._phones, self._lines = set(devices), {f"PJSIP/{each}" for each in trunks}
        self._specs = {each.name: each for each in queues}
        self._busy = False
        self._boot(Exchange(at, people, publish, log, counter=first_id), set(), at if booted_at is None else booted_at)

    def _boot(self, exchange: Exchange, unreachable: set[str], booted_at: int) -> None:
        self.booted_at = booted_at
        self._exchange = exchange
        self._roster = roster = Roster(exchange, self._specs, self._phones, self._lines, {name: [] for name in self._specs}, unreachable)
        for spec in self._static:
            roster.place(spec)
        self._queue = AppQueue(exchange, roster, {name: [] for name in self._specs}, {name: Figures() for name in self._specs})
        self._talks = Talks(exchange, roster, self._queue)
        self._dialplan = Dialplan(exchange, self._queue, self._answer_local, self._gone)
        self._transfers = Transfers(exchange, roster, self._talks, self._dialplan)
        self._dialling = Dialling(exchange)
        self._originated: dict[str, tuple[str, str]] = {}
        self._queue.proceed = self._dialplan.proceed
        self._queue.connected = self._talks.connected
        self._queue.answering = lambda caller, _agent: self._transfers.answering(caller)
        self._queue.line_known = self._transfers.line_known
        self._talks.gone = self._gone

    # --- an instant's work ---

    @contextmanager
    def _instant(self, at: int) -> Iterator[None]:
        """Do the work of a command; then devices settle, free members are noticed, and the people are told."""
        if self._busy:
            raise RuntimeError("a command was given from inside publish or log: give it from People, or later")
        if at > self._exchange.at:
            self.advance(at)
        self._busy = True
        try:
            yield
            self._settle()
        finally:
            self._busy = False
        while self._exchange.told and not self._busy:
            self._exchange.told.popleft()()

    def _settle(self) -> None:
        self._roster.settle()
        while self._roster.freed:
            freed, self._roster.freed = dict.fromkeys(self._roster.freed), []
            for name in freed:
                self._queue.free(name)

    def next_due(self) -> int | None:
        """When something happens by itself next: ring time-outs, retries, longest waits, dialplan waits, ends of wrap-up."""
        return self._exchange.due()

    def advance(self, at: int) -> None:
        """Fire everything due until `at`, in order."""
        while (due := self._exchange.due()) is not None and due <= at:
            when, act = self._exchange.pop()
            self._exchange.at = max(self._exchange.at, when)
            with self._instant(when):
                act()
        self._exchange.at = max(self._exchange.at, at)

    # --- callers ---

    def incoming(self, at: int, number: str, name: str, did: str, steps: Sequence[Step], trunk: str = "trunk", context: str = "inbound") -> str:
        """A caller comes in on a line and passes through `steps`; the Uniqueid of his channel, which may be gone already when this returns."""
        with self._instant(at):
            caller = self._exchange.channel(f"PJSIP/{trunk}", state=RING, number=number, caller_name=name, context=context, exten=did, dialled=did)
            self._exchange.processed += 1
            self._dialplan.start(caller, steps)
        return caller.uniqueid

    def local_caller(
        self, at: int, number: str, did: str, steps: Sequence[Step], context: str = "inbound", application: str = "Wait", data: str = "3600"
    ) -> str:
        """A caller made by Originate of a Local channel, whose other half runs `application`; the Uniqueid of the half that passes through `steps`."""
        with self._instant(at):
            exchange = self._exchange
            one, two = exchange.local_pair(did, context)
            exchange.identify(one, number)
            exchange.connect_line(one, number)
            two.connected = number
            exchange.identify(two, number)
            exchange.event("NewConnectedLine", two.headers())
            exchange.local_bridge(one, two, optimise=False)
            exchange.dial("DialBegin", None, one.headers("Dest"), DialString=f"{did}@{context}/n")
            self._originated[two.uniqueid] = (application, data)
            self._dialplan.start(two, steps)
        return two.uniqueid

    def _answer_local(self, two: Channel) -> None:
        exchange, one = self._exchange, two.other
        application, data = self._originated.pop(two.uniqueid, ("", ""))
        if one is None or one.gone:
            return
        exchange.state(one, UP)
        exchange.dial("DialEnd", None, one.headers("Dest"), DialStatus="ANSWER")
        exchange.state(two, UP)
        if application:
            one.application, one.data = application, data
            whose = {"Uniqueid": one.uniqueid, "CallerIDNum": one.number, "CallerIDName": one.caller_name or "<unknown>"}
            told = {"Response": "Success", "Channel": one.name, "Application": application, "Data": data, "Reason": "4", **whose}
            exchange.event("OriginateResponse", told)

    def _gone(self, channel: Channel) -> None:
        self._originated.pop(channel.uniqueid, None)
        self._transfers.two_gone(channel)
        other = channel.other
        if other is not None and not other.gone:
            self._exchange.hangup(other)
        at = self._exchange.at
        self._exchange.tell(lambda: self._exchange.people.caller_gone(at, channel.uniqueid))

    def caller_hangs_up(self, at: int, caller: str) -> None:
        """The caller gives up, wherever he is."""
        with self._instant(at):
            channel = self._exchange.channels.get(caller)
            if channel is not None:
                self._end_caller(channel, requested=True)

    def _end_caller(self, channel: Channel, *, requested: bool) -> None:
        exchange = self._exchange
        entry = self._queue.entries.get(channel.uniqueid)
        consultation = self._transfers.by_channel.get(channel.uniqueid)
        talk = self._talks.by_caller.get(channel.uniqueid)
        if entry is not None:
            self._abandon(entry, requested=requested)
        elif consultation is not None and consultation.talk.caller is channel:
            self._transfers.caller_ends(consultation, requested=requested)
        elif talk is not None:
            self._talks.caller_ends(talk, requested=requested)
        else:
            if requested:
                exchange.hangup_request(channel)
            self._dialplan.end(channel)

    def _abandon(self, entry: Entry, *, requested: bool) -> None:
        exchange, caller = self._exchange, entry.caller
        if requested:
            exchange.hangup_request(caller)
        legs = self._queue.give_up(entry)
        exchange.soft_hangup(caller)
        for leg in legs:
            if not leg.gone:
                exchange.hangup(leg, 0)
        exchange.hangup(caller, 16 if requested else 0)
        for far in (leg.other for leg in legs if leg.other is not None):
            exchange.soft_hangup(far)
            exchange.hangup(far, 0)
        self._gone(caller)

    def caller_presses(self, at: int, caller: str, key: str, steps: Sequence[Step] = (("wait", "2"), ("hangup",))) -> None:
        """A waiting caller leaves a queue that has a `key_context` and goes through `steps`."""
        with self._instant(at):
            entry = self._queue.entries.get(caller)
            if entry is not None and self._queue.press(entry, key):
                self._dialplan.start(entry.caller, steps)

    # --- agents ---

    def answer(self, at: int, leg: str) -> None:
        """The agent picks up a ringing leg."""
        with self._instant(at):
            ringing = self._queue.legs.get(leg)
            if ringing is not None and not ringing.channel.local:
                self._queue.answer(ringing)

    def agent_hangs_up(self, at: int, leg: str) -> None:
        """The agent ends his leg: of a queue call, or of a call he dialled himself. While it rings he refuses it (486)."""
        with self._instant(at):
            ringing, talk, call = self._queue.legs.get(leg), self._talks.by_agent.get(leg), self._dialling.calls.get(leg)
            consultation = self._transfers.by_channel.get(leg)
            if ringing is not None:
                self._queue.lose_leg(ringing, 17)
            elif consultation is not None:
                self._transfers.agent_ends(consultation)
            elif talk is not None:
                self._talks.agent_ends(talk)
            elif call is not None:
                self._dialling.agent_ends(call)

    def _talking(self, leg: str) -> Talk | None:
        """The queue call of a leg, if nothing else is going on with it."""
        return None if leg in self._transfers.by_channel else self._talks.by_agent.get(leg)

    def hold(self, at: int, leg: str) -> None:
        """The agent puts the other side on hold."""
        with self._instant(at):
            talk = self._talking(leg)
            if talk is not None:
                self._talks.hold(talk)

    def unhold(self, at: int, leg: str) -> None:
        """The agent takes the other side back."""
        with self._instant(at):
            talk = self._talking(leg)
            if talk is not None:
                self._talks.unhold(talk)

    def blind_transfer(self, at: int, leg: str, exten: str, steps: Sequence[Step], context: str = "inbound") -> None:
        """The agent sends the caller to a number, whose dialplan is `steps`, and is free. A consulted agent cannot: the far side is a Local channel."""
        with self._instant(at):
            talk = self._talking(leg)
            if talk is not None and talk.caller.other is None and talk.agent.bridge is not None:
                self._talks.blind(talk, exten, context)
                self._dialplan.start(talk.caller, steps)

    def attended_transfer(self, at: int, leg: str, exten: str, steps: Sequence[Step], context: str = "inbound") -> None:
        """The agent consults a queue by feature code: `steps` of `exten` run for a Local channel; the caller hears music until `complete_transfer`."""
        with self._instant(at):
            talk = self._talking(leg)
            if talk is not None and talk.caller.other is None:
                self._transfers.begin(talk, exten, context, steps)

    def complete_transfer(self, at: int, leg: str) -> None:
        """The consulting agent hangs up: caller and second agent talk. Before the second agent has answered it does nothing."""
        with self._instant(at):
            talk = self._talks.by_agent.get(leg)
            if talk is not None:
                self._transfers.complete(talk)

    def add_member(self, at: int, spec: MemberSpec) -> None:
        """A dynamic member logs in to a queue."""
        with self._instant(at):
            self._roster.add(spec)

    def remove_member(self, at: int, queue: str, interface: str) -> None:
        """A dynamic member logs out of a queue; a call he is in goes on."""
        with self._instant(at):
            self._roster.remove(queue, interface)
            self._queue.free(queue)  # leave-when-empty looks again

    def pause(self, at: int, interface: str, reason: str, queues: Sequence[str] | None = None) -> None:
        """Pause in these queues, or in all (PAUSEALL)."""
        with self._instant(at):
            self._roster.pause(interface, True, reason, queues)
            for queue in self._queue.waiting:
                self._queue.free(queue)

    def unpause(self, at: int, interface: str, queues: Sequence[str] | None = None) -> None:
        """End the pause in these queues, or in all (UNPAUSEALL)."""
        with self._instant(at):
            self._roster.pause(interface, False, "", queues)

    # --- outbound ---

    def dial(self, at: int, interface: str, number: str, trunk: str = "trunk", context: str = "outbound", account: str = "") -> str:
        """An agent dials out; the Uniqueid of his channel, or "" when his phone is not reachable or in a call."""
        with self._instant(at):
            free = self._roster.device_state(interface) == NOT_INUSE
            return self._dialling.dial(interface, number, trunk, context, account) if free else ""

    def far_answers(self, at: int, call: str) -> None:
        """The person called picks up."""
        with self._instant(at):
            outgoing = self._dialling.calls.get(call)
            if outgoing is not None:
                self._dialling.answered(outgoing)

    def far_hangs_up(self, at: int, call: str) -> None:
        """The person called ends the talk."""
        with self._instant(at):
            outgoing = self._dialling.calls.get(call)
            if outgoing is not None:
                self._dialling.far_ends(outgoing)

    def far_fails(self, at: int, call: str, status: str) -> None:
        """The call fails: BUSY, NOANSWER, CONGESTION or CHANUNAVAIL."""
        with self._instant(at):
            outgoing = self._dialling.calls.get(call)
            if outgoing is not None:
                self._dialling.failed(outgoing, status)

    # --- equipment ---

    def device(self, at: int, interface: str, reachable: bool) -> None:
        """A phone loses or regains its registration: member status 5 or 1. A call on it goes on."""
        with self._instant(at):
            self._roster.set_reachable(interface, reachable)

    def reachable(self, interface: str) -> bool:
        """Whether a phone or line can be reached."""
        return interface not in self._roster.unreachable

    def trunk_down(self, at: int, trunk: str) -> None:
        """A line fails: every channel on it ends at once, without HangupRequest. Calls may come in as before: the world decides. `device` brings it back."""
        with self._instant(at):
            device = f"PJSIP/{trunk}"
            for call in [each for each in self._dialling.calls.values() if each.far.device == device]:
                self._dialling.far_ends(call, requested=False)
            for channel in [each for each in self._exchange.channels.values() if each.device == device]:
                if not channel.gone:
                    self._end_caller(channel, requested=False)
            self._roster.set_reachable(device, False)

    def restart(self, at: int) -> None:
        """`core restart now`: every call is gone without an event or a row, as are dynamic members; counters and identifiers begin anew."""
        with self._instant(at):
            old, people = self._exchange, self._exchange.people
            for leg in self._queue.legs.values():
                if not leg.channel.local:
                    old.tell(partial(people.phone_stops, at, leg.member.spec.interface, leg.channel.uniqueid))
            talking = {uniqueid: talk.member.spec.interface for uniqueid, talk in self._talks.by_agent.items()}
            dialling = {uniqueid: call.agent.device for uniqueid, call in self._dialling.calls.items()}
            for uniqueid, interface in {**talking, **dialling}.items():
                old.tell(partial(people.leg_ends, at, interface, uniqueid))
            for channel in old.channels.values():
                if channel.steps:
                    old.tell(partial(people.caller_gone, at, channel.uniqueid))
            fresh = Exchange(at, people, old.publish, old.write, told=old.told)
            self._boot(fresh, self._roster.unreachable, at)
            fresh.log("NONE", "NONE", "NONE", "QUEUESTART", "")

    # --- answers ---

    def _seen(self, at: int) -> None:
        if at > self._exchange.at:
            self.advance(at)

    def queue_status(self, at: int, queue: str | None = None) -> list[Message]:
        """QueueParams, its QueueMembers and QueueEntries, per queue; without ActionID."""
        self._seen(at)
        return listing.queue_status(self._exchange, self._roster, self._queue, queue)

    def channels(self, at: int) -> list[Message]:
        """CoreShowChannel for every channel; without ActionID."""
        self._seen(at)
        return listing.channels(self._exchange)

    def variable(self, at: int, channel: str, name: str) -> str | None:
        """A variable or function of a channel, by its name: QUEUESTATUS, QUEUEWAIT, CDR(answer,u); None: no such channel. Of none: DEVICE_STATE()."""
        self._seen(at)
        if not channel and name.startswith("DEVICE_STATE("):
            return self._roster.device_state(name.removeprefix("DEVICE_STATE(").removesuffix(")"))
        return listing.variable(self._exchange, channel, name)

    def core_status(self, at: int) -> Message:
        """CoreStatus: when it booted, calls now and since; without Response and ActionID."""
        self._seen(at)
        return listing.core_status(self._exchange, self.booted_at, self._zone)

    def core_settings(self) -> Message:
        """CoreSettings; without Response and ActionID."""
        return listing.core_settings()
