"""A stand-in for the switch: queues that ring one free member after the other, so that the people can be looked at without a PBX.

No AMI and no Asterisk's habits: it only tells the people what happens to them, and writes the queue_log rows that tests count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from typing import Any

from monitor.core.contract import SECOND
from monitor.demo.switch.specs import MemberSpec, People, QueueSpec, Step


@dataclass
class Chan:
    uid: str
    trunk: str
    steps: list[Step]
    queue: str = ""
    since: int = 0
    entry: int = 0
    talk: str = ""  # leg of the agent


class Switch:
    def __init__(
        self,
        queues: Sequence[QueueSpec],
        members: Sequence[MemberSpec],
        devices: Sequence[str],
        trunks: Sequence[str],
        at: int,
        people: People,
        publish: Callable[[int, dict[str, str]], None],
        log: Callable[[str], None],
        **_: Any,
    ) -> None:
        self.queues = {queue.name: queue for queue in queues}
        self.members: dict[str, dict[str, str]] = {queue.name: {} for queue in queues}
        for spec in members:
            self.members[spec.queue][spec.interface] = spec.name
        self.names = {spec.interface: spec.name for spec in members}
        self.reachable = dict.fromkeys(devices, True)
        self.paused: dict[str, str] = {}
        self.busy: dict[str, str] = {}
        self.rested: dict[str, int] = dict.fromkeys(devices, 0)
        self.waiting: dict[str, list[Chan]] = {queue.name: [] for queue in queues}
        self.chans: dict[str, Chan] = {}
        self.legs: dict[str, tuple[str, Chan | None]] = {}
        self.ringing: dict[str, tuple[str, Chan, int]] = {}
        self.consults: dict[str, tuple[Chan, Chan]] = {}
        self.people, self.publish, self.log = people, publish, log
        self.now, self.number, self.heap, self.tie = at, count(), [], count()
        self.done: dict[str, int] = {}

    # --- time

    def _at(self, at: int, deed: Callable[[int], None]) -> None:
        heappush(self.heap, (at, next(self.tie), deed))

    def next_due(self) -> int | None:
        return self.heap[0][0] if self.heap else None

    def advance(self, at: int) -> None:
        while self.heap and self.heap[0][0] <= at:
            due, _, deed = heappop(self.heap)
            deed(due)

    def _row(self, at: int, uid: str, queue: str, agent: str, verb: str, *data: object) -> None:
        self.done[verb] = self.done.get(verb, 0) + 1
        self.log("|".join(map(str, (at // SECOND, uid, queue, agent, verb, *data))))
        self.publish(at, {"Event": verb, "Queue": queue, "Uniqueid": uid})

    # --- callers

    def incoming(self, at: int, number: str, name: str, did: str, steps: Sequence[Step], trunk: str = "trunk", context: str = "") -> str:
        chan = Chan(f"{at // SECOND}.{next(self.number)}", trunk, list(steps))
        self.chans[chan.uid] = chan
        self._at(at, lambda due: self._step(due, chan))
        return chan.uid

    def _step(self, at: int, chan: Chan) -> None:
        if chan.uid not in self.chans:
            return
        step = chan.steps.pop(0) if chan.steps else ("hangup",)
        if step[0] == "wait":
            self._at(at + int(step[1]) * SECOND, lambda due: self._step(due, chan))
        elif step[0] == "queue":
            chan.queue, chan.since, chan.entry = step[1], at, chan.entry + 1
            self.waiting[chan.queue].append(chan)
            self._row(at, chan.uid, chan.queue, "NONE", "ENTERQUEUE", "", "", 1)
            self.people.caller_waits(at, chan.uid, chan.queue)
            if step[3]:
                entry = chan.entry
                self._at(at + int(step[3]) * SECOND, lambda due: self._exit(due, chan, entry, "EXITWITHTIMEOUT"))
            self._offer(at, chan.queue)
        elif step[0] == "hangup":
            self._gone(at, chan)
        else:
            self._step(at, chan)

    def _exit(self, at: int, chan: Chan, entry: int, verb: str) -> None:
        if chan.uid in self.chans and chan.queue and chan.entry == entry:
            self._row(at, chan.uid, chan.queue, "NONE", verb, 1, 1, (at - chan.since) // SECOND)
            self._unqueue(at, chan)
            self._step(at, chan)

    def _unqueue(self, at: int, chan: Chan) -> None:
        if chan.queue:
            self.waiting[chan.queue].remove(chan)
            chan.queue = ""
        for leg in [leg for leg, (_, rung, _) in self.ringing.items() if rung is chan]:
            self._stop(at, leg)

    def _gone(self, at: int, chan: Chan) -> None:
        if self.chans.pop(chan.uid, None) is None:
            return
        if chan.queue:
            self._row(at, chan.uid, chan.queue, "NONE", "ABANDON", 1, 1, (at - chan.since) // SECOND)
            self._unqueue(at, chan)
        if chan.talk:
            self._end(at, chan.talk, "COMPLETECALLER")
        self.people.caller_gone(at, chan.uid)

    def caller_hangs_up(self, at: int, caller: str) -> None:
        if caller in self.chans:
            self._gone(at, self.chans[caller])

    def caller_presses(self, at: int, caller: str, key: str, steps: Sequence[Step] = (("wait", "2"), ("hangup",))) -> None:
        chan = self.chans.get(caller)
        if chan and chan.queue:
            chan.steps = list(steps)
            self._exit(at, chan, chan.entry, "EXITWITHKEY")

    def trunk_down(self, at: int, trunk: str) -> None:
        for chan in [chan for chan in self.chans.values() if chan.trunk == trunk]:
            self._gone(at, chan)

    # --- agents

    def _idle(self, queue: str) -> list[str]:
        rung = {interface for interface, _, _ in self.ringing.values()}
        return sorted(
            (
                i
                for i in self.members[queue]
                if self.reachable[i] and i not in self.paused and i not in self.busy and i not in rung and self.rested[i] <= self.now
            ),
            key=lambda i: self.rested[i],
        )

    def _offer(self, at: int, queue: str) -> None:
        self.now = at
        for chan in list(self.waiting[queue]):
            if any(rung is chan for _, rung, _ in self.ringing.values()):
                continue
            for interface in self._idle(queue)[:1]:
                leg = f"{at // SECOND}.{next(self.number)}"
                self.ringing[leg] = (interface, chan, at)
                self._at(at + self.queues[queue].ring_s * SECOND, lambda due, leg=leg: self._no_answer(due, leg))  # type: ignore[misc]
                self.people.phone_rings(at, interface, leg, chan.uid, queue)

    def _offer_all(self, at: int) -> None:
        for queue in self.queues:
            self._offer(at, queue)

    def _stop(self, at: int, leg: str) -> None:
        interface, _, _ = self.ringing.pop(leg)
        self.people.phone_stops(at, interface, leg)
        self._at(at, self._offer_all)

    def _no_answer(self, at: int, leg: str) -> None:
        if leg in self.ringing:
            interface, chan, since = self.ringing[leg]
            self._row(at, chan.uid, chan.queue, self.names[interface], "RINGNOANSWER", (at - since) // 1000)
            self.rested[interface] = at + 1
            self._stop(at, leg)
            self._at(at + 2 * SECOND, self._offer_all)

    def answer(self, at: int, leg: str) -> None:
        if leg not in self.ringing:
            return
        interface, chan, since = self.ringing.pop(leg)
        queue = chan.queue
        self._row(at, chan.uid, queue, self.names[interface], "CONNECT", (at - chan.since) // SECOND, leg, (at - since) // SECOND)
        self._unqueue(at, chan)
        chan.talk, self.busy[interface], self.legs[leg] = leg, queue, (interface, chan)
        self.people.talk_begins(at, interface, leg, chan.uid, queue)

    def _end(self, at: int, leg: str, verb: str) -> None:
        interface, chan = self.legs.pop(leg)
        queue = self.busy.pop(interface)
        if chan is not None:
            chan.talk = ""
            self._row(at, chan.uid, queue, self.names[interface], verb)
            self.rested[interface] = at + self.queues[queue].wrapup_s * SECOND
            self._at(self.rested[interface], self._offer_all)
        if leg in self.consults:
            self._gone(at, self.consults.pop(leg)[1])
        self.people.leg_ends(at, interface, leg)

    def agent_hangs_up(self, at: int, leg: str) -> None:
        if leg in self.legs:
            chan = self.legs[leg][1]
            self._end(at, leg, "COMPLETEAGENT")
            if chan is not None:
                self._gone(at, chan)

    def hold(self, at: int, leg: str) -> None:
        self.done["hold"] = self.done.get("hold", 0) + 1

    def unhold(self, at: int, leg: str) -> None:
        pass

    def blind_transfer(self, at: int, leg: str, exten: str, steps: Sequence[Step], context: str = "") -> None:
        if leg in self.legs:
            chan = self.legs[leg][1]
            assert chan is not None
            self._end(at, leg, "BLINDTRANSFER")
            chan.steps = list(steps)
            self._step(at, chan)

    def attended_transfer(self, at: int, leg: str, exten: str, steps: Sequence[Step], target: str = "", context: str = "") -> None:
        if leg in self.legs:
            chan = self.legs[leg][1]
            assert chan is not None
            consult = Chan(f"{at // SECOND}.{next(self.number)}", "", list(steps))
            self.chans[consult.uid] = consult
            self.consults[leg] = (chan, consult)
            self._step(at, consult)

    def complete_transfer(self, at: int, leg: str) -> None:
        if leg in self.consults and self.consults[leg][1].talk:
            chan, consult = self.consults.pop(leg)
            self._end(at, leg, "ATTENDEDTRANSFER")
            second = consult.talk
            self.chans.pop(consult.uid)
            self.legs[second] = (self.legs[second][0], chan)
            chan.talk = second

    # --- duty

    def add_member(self, at: int, spec: MemberSpec) -> None:
        self.members[spec.queue][spec.interface] = self.names[spec.interface] = spec.name
        self._row(at, "MANAGER", spec.queue, spec.interface, "ADDMEMBER", "")
        self._at(at, self._offer_all)

    def remove_member(self, at: int, queue: str, interface: str) -> None:
        del self.members[queue][interface]
        if not any(interface in members for members in self.members.values()):
            self.paused.pop(interface, None)
        self._row(at, "MANAGER", queue, interface, "REMOVEMEMBER", "")
        if self.queues[queue].leave_when_empty and not self.members[queue]:
            for chan in list(self.waiting[queue]):
                self._exit(at, chan, chan.entry, "EXITEMPTY")

    def pause(self, at: int, interface: str, reason: str, queues: Sequence[str] | None = None) -> None:
        assert interface not in self.paused
        self.paused[interface] = reason
        self._row(at, "NONE", "NONE", self.names[interface], "PAUSEALL", reason)

    def unpause(self, at: int, interface: str, queues: Sequence[str] | None = None) -> None:
        del self.paused[interface]
        self._row(at, "NONE", "NONE", self.names[interface], "UNPAUSEALL", "")
        self._at(at, self._offer_all)

    def device(self, at: int, interface: str, reachable: bool) -> None:
        self.reachable[interface] = reachable
        self._at(at, self._offer_all)

    # --- out

    def dial(self, at: int, interface: str, number: str, trunk: str = "trunk", context: str = "", account: str = "") -> str:
        if interface in self.busy or not self.reachable[interface]:
            return ""
        leg = f"{at // SECOND}.{next(self.number)}"
        self.busy[interface] = "out"
        self.legs[leg] = (interface, None)
        self.done["dial"] = self.done.get("dial", 0) + 1
        self._at(at + SECOND, lambda due: self.people.far_end_rings(due, interface, leg, number))
        return leg

    def far_answers(self, at: int, call: str) -> None:
        self.done["reached"] = self.done.get("reached", 0) + (call in self.legs)

    def far_hangs_up(self, at: int, call: str) -> None:
        if call in self.legs:
            self._end(at, call, "")

    def far_fails(self, at: int, call: str, status: str) -> None:
        if call in self.legs:
            self._end(at, call, "")
