"""The core of the PBX: channels, bridges, identifiers, timers, and the events that tell of them.

Owns every channel's life and the order in which an instant's events leave. Refuses queues and dialplan: `app_queue` and `dialplan` use it.
"""

from __future__ import annotations

import hashlib
import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypedDict, Unpack

from monitor.core.contract import SECOND
from monitor.demo.switch.channel import CAUSES, RING, RINGING, UP, Bridge, Channel
from monitor.demo.switch.specs import Message, People

PRIVILEGE = {"agent": "agent,all", "call": "call,all", "system": "system,all"}
PRESENTATION = "0 (Presentation Allowed, Not Screened)"


class Facts(TypedDict, total=False):
    """What is known of a channel when it is made."""

    state: int
    number: str
    caller_name: str
    context: str
    exten: str
    dialled: str
    account: str


@dataclass
class Exchange:
    """What all parts of the PBX share."""

    at: int
    people: People
    publish: Callable[[int, Message], None]
    write: Callable[[str], None]
    counter: int = 0
    serial: int = 0
    local_serial: int = 0
    bridge_serial: int = 0
    processed: int = 0
    channels: dict[str, Channel] = field(default_factory=dict)
    by_device: dict[str, list[Channel]] = field(default_factory=dict)
    touched: list[str] = field(default_factory=list)  # devices to look at when the instant's work is done
    told: deque[Callable[[], None]] = field(default_factory=deque)
    _timers: list[tuple[int, int, Callable[[], None]]] = field(default_factory=list)
    _armed: int = 0

    @property
    def second(self) -> int:
        """The PBX's time(NULL)."""
        return self.at // SECOND

    # --- time ---

    def later(self, at: int, act: Callable[[], None]) -> None:
        """Do it then; whoever arms it checks whether it is still wanted."""
        self._armed += 1
        heapq.heappush(self._timers, (max(at, self.at), self._armed, act))

    def wake(self, channel: Channel, at: int, act: Callable[[], None]) -> None:
        """Do it then, if the channel lives and still waits for the same thing."""
        channel.wakeup += 1
        ticket = channel.wakeup
        self.later(at, lambda: act() if not channel.gone and channel.wakeup == ticket else None)

    def due(self) -> int | None:
        """When the next timer fires."""
        return self._timers[0][0] if self._timers else None

    def pop(self) -> tuple[int, Callable[[], None]]:
        """The next timer."""
        at, _, act = heapq.heappop(self._timers)
        return at, act

    # --- what leaves ---

    def event(self, name: str, headers: Message, kind: str = "call") -> None:
        """One event."""
        self.publish(self.at, {"Event": name, "Privilege": PRIVILEGE[kind], **headers})

    def log(self, callid: str, queue: str, agent: str, verb: str, *data: object) -> None:
        """One line of queue_log."""
        self.write("|".join([str(self.second), callid, queue, agent, verb, *(str(each) for each in data)]))

    def tell(self, act: Callable[[], None]) -> None:
        """Tell the people when this instant's work is done: they may call the switch at once."""
        self.told.append(act)

    # --- channels ---

    def channel(self, device: str, linkedid: str = "", **facts: Unpack[Facts]) -> Channel:
        """A new channel on a device."""
        name = f"{device}-{self.serial:08x}"
        self.serial += 1
        return self._open(name, device, linkedid, facts)

    def local_pair(self, exten: str, context: str, linkedid: str = "") -> tuple[Channel, Channel]:
        """The two halves of a new Local channel; the second one runs the dialplan."""
        device = f"Local/{exten}@{context}"
        name = f"{device}-{self.local_serial:08x}"
        self.local_serial += 1
        one = self._open(f"{name};1", device, linkedid, {"context": context, "exten": exten})
        two = self._open(f"{name};2", device, one.linkedid, {"context": context, "exten": exten, "state": RING})
        one.other, two.other = two, one
        self.processed += 1
        return one, two

    def _open(self, name: str, device: str, linkedid: str, facts: Facts) -> Channel:
        uniqueid = f"{self.second}.{self.counter}"
        self.counter += 1
        channel = Channel(name, device, uniqueid, linkedid or uniqueid, self.at, **facts)
        self.channels[uniqueid] = channel
        self.by_device.setdefault(device, []).append(channel)
        self.event("Newchannel", channel.headers())
        if not channel.local:
            self.touched.append(device)
        return channel

    def state(self, channel: Channel, state: int) -> None:
        """A channel rings or is answered."""
        channel.state = state
        if state == UP and channel.answered is None:
            channel.answered = self.at
        self.event("Newstate", channel.headers())
        self.touched.append(channel.device)

    def identify(self, channel: Channel, number: str, name: str = "") -> None:
        """A channel gets its caller id."""
        channel.number, channel.caller_name = number, name
        self.event("NewCallerid", {**channel.headers(), "CID-CallingPres": PRESENTATION})

    def connect_line(self, channel: Channel, number: str, name: str = "") -> None:
        """A channel learns whom it is connected to."""
        channel.connected, channel.connected_name = number, name
        self.event("NewConnectedLine", channel.headers())

    def local_bridge(self, one: Channel, two: Channel, *, optimise: bool) -> None:
        """The pair of a Local channel is named."""
        where = {"Context": two.context, "Exten": two.exten, "LocalOptimization": "Yes" if optimise else "No"}
        self.event("LocalBridge", {**one.headers("LocalOne"), **two.headers("LocalTwo"), **where})

    def dial(self, name: str, caller: Channel | None, dest: Message, **more: str) -> None:
        """DialBegin, DialState or DialEnd."""
        self.event(name, {**(caller.headers() if caller else {}), **dest, **more})

    # --- bridges ---

    def bridge(self) -> Bridge:
        """A new, empty bridge."""
        digest = hashlib.md5(f"{self.bridge_serial} {self.counter} {self.at}".encode(), usedforsecurity=False).hexdigest()
        self.bridge_serial += 1
        bridge = Bridge(f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:]}")
        self.event("BridgeCreate", bridge.headers())
        return bridge

    def enter(self, bridge: Bridge, channel: Channel) -> None:
        """A channel comes into a bridge."""
        bridge.inside.append(channel)
        channel.bridge = bridge
        self.event("BridgeEnter", {**bridge.headers(), **channel.headers()})

    def leave(self, channel: Channel) -> None:
        """A channel leaves its bridge, if it is in one."""
        bridge = channel.bridge
        if bridge is not None:
            bridge.inside.remove(channel)
            channel.bridge = None
            self.event("BridgeLeave", {**bridge.headers(), **channel.headers()})

    def destroy(self, bridge: Bridge) -> None:
        """A bridge is dissolved."""
        self.event("BridgeDestroy", bridge.headers())

    # --- the end ---

    def hangup_request(self, channel: Channel, cause: int | None = None) -> None:
        """The far side of a channel ends it: a BYE, or a CANCEL of what was not answered yet."""
        if not channel.local and channel.state == RING:
            channel.cause, channel.tech_cause = 127, "487"
        shown = cause if cause is not None else channel.cause
        known = {"Cause": str(shown)} if cause is not None or channel.cause else {}
        self.event("HangupRequest", {**channel.headers(), **known, **_tech(channel)})

    def soft_hangup(self, channel: Channel) -> None:
        """The dialplan of a channel ends."""
        self.event("SoftHangupRequest", {**channel.headers(), "Cause": "16", **_tech(channel)})

    def hangup(self, channel: Channel, cause: int = 16) -> None:
        """A channel is gone."""
        channel.gone = True
        cause = channel.cause or cause
        self.event("Hangup", {**channel.headers(), "Cause": str(cause), "Cause-txt": CAUSES[cause], **_tech(channel)})
        del self.channels[channel.uniqueid]
        self.by_device[channel.device].remove(channel)
        self.touched.append(channel.device)

    def on_device(self, device: str) -> list[Channel]:
        """The channels of a device that somebody hears: not those that were only just made."""
        return [each for each in self.by_device.get(device, ()) if each.state in (RING, RINGING, UP)]


def _tech(channel: Channel) -> Message:
    return {"TechCause": channel.tech_cause} if channel.tech_cause else {}
