"""Members of queues and the devices they sit at: what is in use, who is paused, who may be called.

Owns DeviceStateChange and the QueueMember* events. Refuses calls: `app_queue` rings the members that are free here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from monitor.core.contract import SECOND
from monitor.demo.switch.channel import RINGING, Channel
from monitor.demo.switch.exchange import Exchange
from monitor.demo.switch.specs import MemberSpec, Message, QueueSpec

NOT_INUSE, INUSE, BUSY, UNAVAILABLE, RINGING_DEVICE, ONHOLD = "NOT_INUSE", "INUSE", "BUSY", "UNAVAILABLE", "RINGING", "ONHOLD"
STATUS = {NOT_INUSE: 1, INUSE: 2, BUSY: 3, UNAVAILABLE: 5, RINGING_DEVICE: 6, ONHOLD: 8}


@dataclass(slots=True, eq=False)
class Member:
    """Somebody's place in one queue, with what app_queue remembers of it."""

    spec: MemberSpec
    login: int
    status: int = 1
    paused: bool = False
    reason: str = ""
    last_pause: int = 0
    calls: int = 0
    last_call: int = 0
    in_call: int = 0

    @property
    def device(self) -> str:
        """Whose state counts."""
        return self.spec.state_interface or self.spec.interface

    def figures(self) -> Message:
        """The fields that events and lists share, from StateInterface to Penalty, then to InCall."""
        return {
            "StateInterface": self.device,
            "Membership": "dynamic" if self.spec.dynamic else "static",
            "Penalty": str(self.spec.penalty),
            "CallsTaken": str(self.calls),
            "LastCall": str(self.last_call),
            "LastPause": str(self.last_pause),
            "LoginTime": str(self.login),
            "InCall": str(self.in_call),
            "Status": str(self.status),
            "Paused": str(int(self.paused)),
            "PausedReason": self.reason,
        }


@dataclass
class Roster:
    """All members and devices. `devices` are phones, of which one call makes a busy one; `lines` carry any number."""

    exchange: Exchange
    queues: dict[str, QueueSpec]
    devices: set[str]
    lines: set[str]
    members: dict[str, list[Member]] = field(default_factory=dict)  # by queue, in the order of the configuration
    unreachable: set[str] = field(default_factory=set)
    shown: dict[str, str] = field(default_factory=dict)  # the last DeviceStateChange of each device and hint
    freed: list[str] = field(default_factory=list)  # queues where somebody may have become free

    # --- devices ---

    def device_state(self, device: str) -> str:
        """What the device does now."""
        busy = self.exchange.on_device(device)
        if device.startswith("Local/"):
            return INUSE if busy else NOT_INUSE
        if device in self.lines:
            states = {ONHOLD if each.held else RINGING_DEVICE if each.state == RINGING else INUSE for each in busy}
            return next((state for state in (INUSE, RINGING_DEVICE, ONHOLD) if state in states), self._idle(device))
        if busy:
            return BUSY
        return self._idle(device)

    def _idle(self, device: str) -> str:
        return UNAVAILABLE if device in self.unreachable else NOT_INUSE

    def hint(self, device: str, state: str, initial: str = NOT_INUSE) -> None:
        """A device state that app_queue makes up: told when it changes."""
        if self.shown.get(device, initial) != state:
            self.exchange.event("DeviceStateChange", {"Device": device, "State": state})
        self.shown[device] = state

    def settle(self) -> None:
        """What the device-state thread does once the calls of this instant are done: changes, members' status, hints."""
        touched, self.exchange.touched = self.exchange.touched, []
        for device in touched:
            state = self.device_state(device)
            plain = device.removesuffix("/n")
            if device.startswith("Local/"):
                self.exchange.event("DeviceStateChange", {"Device": plain, "State": state})  # never cached, so never suppressed
            elif self.shown.get(device, NOT_INUSE) == state:
                continue
            else:
                self.exchange.event("DeviceStateChange", {"Device": device, "State": state})
            self.shown[device] = state
            self._tell_members(device, state)

    def _tell_members(self, device: str, state: str) -> None:
        for queue, members in self.members.items():
            here = [each for each in members if each.device.removesuffix("/n") == device]
            for member in here:
                if member.status != STATUS[state] and not device.startswith("Local/"):
                    member.status = STATUS[state]
                    self.tell("QueueMemberStatus", member)
            if here:
                self.show_available(queue)

    def show_available(self, queue: str) -> None:
        """The hint that says whether anybody in the queue may be called; app_queue assumes nobody at start."""
        free = any(each.status == STATUS[NOT_INUSE] and not self._barred(each) for each in self.members[queue])
        self.hint(f"Queue:{queue}_avail", NOT_INUSE if free else INUSE, initial=INUSE)
        if free:
            self.freed.append(queue)

    def set_reachable(self, device: str, reachable: bool) -> None:
        """A phone's registration comes or goes, or a line's far side answers or not; the endpoint itself is told of for lines alone."""
        (self.unreachable.discard if reachable else self.unreachable.add)(device)
        self.exchange.touched.append(device)
        if device in self.lines:
            told = {"ChannelType": "PJSIP", "Peer": device, "PeerStatus": "Reachable" if reachable else "Unreachable"}
            self.exchange.event("PeerStatus", told, "system")

    def hold(self, channel: Channel, held: bool) -> None:
        """A channel hears music, or no longer."""
        channel.held = held
        self.exchange.touched.append(channel.device)

    # --- members ---

    def tell(self, name: str, member: Member) -> None:
        """One QueueMember* event."""
        headers = {
            "Queue": member.spec.queue,
            "MemberName": member.spec.name,
            "Interface": member.spec.interface,
            **member.figures(),
            "Ringinuse": "0",
            "Wrapuptime": "0",
        }
        self.exchange.event(name, headers, "agent")

    def wraps_up_until(self, member: Member) -> int:
        """When the member's wrap-up ends; 0 without one."""
        wrapup = self.queues[member.spec.queue].wrapup_s
        return (member.last_call + wrapup) * SECOND if wrapup and member.last_call else 0

    def may_be_called(self, member: Member) -> bool:
        """Not paused, not in wrap-up, device free at this instant, whatever the device-state thread has told so far."""
        if self._barred(member):
            return False
        return member.device.startswith("Local/") or self.device_state(member.device) == NOT_INUSE

    def _barred(self, member: Member) -> bool:
        return member.paused or self.exchange.at < self.wraps_up_until(member)

    def of(self, interface: str, queues: Sequence[str] | None = None) -> list[Member]:
        """The member's places, in all or some queues."""
        names = self.members if queues is None else [name for name in self.members if name in queues]
        return [each for name in names for each in self.members[name] if each.spec.interface == interface]

    def place(self, spec: MemberSpec) -> Member:
        """A new place, not told."""
        member = Member(spec, self.exchange.second, STATUS[self.device_state(spec.state_interface or spec.interface)])
        self.members[spec.queue].append(member)
        return member

    def add(self, spec: MemberSpec) -> None:
        """A dynamic member logs in; a second time does nothing."""
        if self.of(spec.interface, [spec.queue]):
            return
        member = self.place(spec)
        self.exchange.log("MANAGER", spec.queue, spec.name, "ADDMEMBER", "")
        self.hint(f"Queue:{spec.queue}_pause_{spec.interface}", NOT_INUSE, initial="")
        self.tell("QueueMemberAdded", member)
        self.show_available(spec.queue)

    def remove(self, queue: str, interface: str) -> None:
        """A dynamic member logs out."""
        for member in self.of(interface, [queue]):
            if member.spec.dynamic:
                self.members[queue].remove(member)
                self.exchange.log("MANAGER", queue, member.spec.name, "REMOVEMEMBER", "")
                self.tell("QueueMemberRemoved", member)
                self.show_available(queue)

    def pause(self, interface: str, paused: bool, reason: str, queues: Sequence[str] | None) -> None:
        """Pause or unpause; over all queues with the row that says so."""
        places = self.of(interface, queues)
        verb = "PAUSE" if paused else "UNPAUSE"
        for number, member in enumerate(places):
            if queues is None and number == 0:
                self.exchange.log("NONE", "NONE", member.spec.name, f"{verb}ALL", reason)
            queue = member.spec.queue
            self.exchange.log("NONE", queue, member.spec.name, verb, reason)
            member.paused, member.reason = paused, reason if paused else ""
            if paused:
                member.last_pause = self.exchange.second
            self.show_available(queue)
            self.hint(f"Queue:{queue}_pause_{member.spec.interface}", INUSE if paused else NOT_INUSE)
            self.tell("QueueMemberPause", member)
