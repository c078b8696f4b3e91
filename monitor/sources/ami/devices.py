"""The devices of people who are in no queue, and of trunks: whose state is wanted of a PBX, how it is told, and how it is asked for.

DeviceStateChange is an eighth of what a PBX says, and at a reload it comes for every queue and hint there is: all but those of somebody's device
are dropped unread. As nothing lists devices to a user who only reads, each that can be named is asked for by a dialplan function.
Owns both words, and the names to ask for. Refuses knowing whose device it is (`core.devices`) and when to ask (`session`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from monitor.core import devices
from monitor.core.channels import device_of
from monitor.core.contract import Contract
from monitor.core.devices import DeviceSeen
from monitor.core.events import ChannelRow
from monitor.sources.ami.decoder import Message
from monitor.sources.ami.protocol import AmiProtocol, Reply

CHANGED = "DeviceStateChange"
AT_ONCE = 25  # asked for before an answer is waited for
REMEMBERED = 20_000  # names of which it is known whether they are wanted
STATES = ("UNKNOWN", "NOT_INUSE", "INUSE", "BUSY", "INVALID", "UNAVAILABLE", "RINGING", "RINGINUSE", "ONHOLD")  # by a member's numbers

Hear = Callable[[str, int, int], None]

_HEADER = b"\nDevice: "


def told(pbx: str, message: Message, at: int) -> DeviceSeen:
    """DeviceStateChange: a device's state is another."""
    return DeviceSeen(pbx, at, message["Device"], STATES.index(message["State"]))


async def ask(protocol: AmiProtocol, names: Sequence[str], deadline_s: float, hear: Hear) -> Reply | None:
    """Ask for the state of each, some at a time, at the pace of the PBX; `hear` is told name, state and when it came. A refusal, if there is one."""
    refused: Reply | None = None
    for first in range(0, len(names), AT_ONCE):
        some = names[first : first + AT_ONCE]
        asked = [protocol.ask("Getvar", deadline_s, {"Variable": f"DEVICE_STATE({name})"}, partial(_answered, name, hear)) for name in some]
        refused = next((reply for reply in await asyncio.gather(*asked) if not reply.ok), refused)
    return refused


def _answered(name: str, hear: Hear, reply: Reply) -> None:
    state = reply.messages[0].get("Value")
    if state in STATES:
        hear(name, STATES.index(state), reply.arrived_at)


class Devices:
    """What is wanted of one PBX: of nobody's device anything. `known` names those by which people are known already."""

    def __init__(self, contract: Contract, pbx: str, known: Callable[[], Iterable[str]] = tuple) -> None:
        self._contract = contract
        self._pbx = pbx
        self._known = known
        self._trunks = tuple(trunk for trunk in contract.trunks if trunk.id.pbx == pbx)
        self._any = devices.by_device(contract) or bool(self._trunks)
        self._names: dict[bytes, bool] = {}

    def passes(self, frame: bytes) -> bool:
        """Whether this DeviceStateChange is of somebody's device."""
        if not self._any:
            return False
        start = frame.find(_HEADER) + len(_HEADER)
        end = frame.find(b"\r", start)
        name = frame[start:end] if end > 0 else frame[start:]
        wanted = self._names.get(name)
        if wanted is None:
            if len(self._names) >= REMEMBERED:
                self._names.clear()
            wanted = self._names[name] = self._wanted(name.decode("utf-8", "backslashreplace"))
        return wanted

    def _wanted(self, device: str) -> bool:
        return devices.group_of(self._contract, self._pbx, device) is not None or any(trunk.has(device) for trunk in self._trunks)

    def to_ask(self, channels: Iterable[ChannelRow] = ()) -> list[str]:
        """Every device that can be named: of the agents file, of those who are known, and of calls that are up."""
        if not self._any:
            return []
        calling = (device_of(row.channel) for row in channels)
        lines = (device for trunk in self._trunks for device in trunk.devices)
        return list(dict.fromkeys((*devices.listed(self._contract, self._pbx), *lines, *filter(self._wanted, (*self._known(), *calling)))))

    def differ(self, other: Devices) -> bool:
        """Whether the other may want what this one does not."""
        return (self._any or other._any) and self._rules() != other._rules()

    def _rules(self) -> tuple[object, ...]:
        return self._contract.groups, self._contract.people, self._trunks
