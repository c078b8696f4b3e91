"""People who are in no queue: a group with presence = "device" knows them by their devices.

Owns whose device is one of such a group (a row of the agents file, or a pattern of the group) and what becomes of a person when it changes.
Who is a member of a queue besides is both at once, and no two people: a device that a member's state is taken from is that member's. Trunks and
Local channels are nobody's device. Refuses memberships, calls and the ranking of facts (`staff`, `switchboard`, `agents`).
Next: `sources` tell of a change as it comes, and of all that can be named after each snapshot.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from monitor.core.agents import Agent
from monitor.core.channels import device_of
from monitor.core.contract import Contract, Group, Presence
from monitor.core.events import Event, MemberRemoved
from monitor.core.queueing import Queueing
from monitor.core.sides import Side
from monitor.core.staff import Staff
from monitor.core.switchboard import Switchboard

NOT_THERE = 4  # the PBX has no such device

_PHONE = re.compile(r"(?!Local/)[A-Za-z0-9_]+/[^\s,()]+")  # that can be asked for, and is a device: not Queue:bank, not Local/7@desk


@dataclass(frozen=True, slots=True)
class DeviceSeen(Event):
    """A device is in this state now, in a member's numbers: 0 unknown .. 8 on hold."""

    device: str
    status: int


def by_device(contract: Contract) -> bool:
    """Whether any group knows its people by their devices."""
    return any(group.presence is Presence.DEVICE for group in contract.groups)


def group_of(contract: Contract, pbx: str, device: str) -> Group | None:
    """The group whose person, in no queue, this device is; None if it has nobody by devices."""
    if not _PHONE.fullmatch(device) or any(trunk.id.pbx == pbx and trunk.has(device) for trunk in contract.trunks):
        return None
    person = contract.person_for(pbx, device)
    if person is not None and person.group is not None:
        group = contract.group.get(person.group)
    elif person is None and any(project.outbound.goes_over(pbx, device) for project in contract.projects):
        return None  # a trunk that a pattern would take for a phone
    else:
        group = contract.group_for(device, device if person is None else person.name, frozenset())
    return group if group is not None and group.presence is Presence.DEVICE else None


def listed(contract: Contract, pbx: str) -> tuple[str, ...]:
    """The devices on a PBX that the agents file names for such groups."""
    names: dict[str, None] = {}
    for person in contract.people:
        for interface in person.interfaces:
            where, colon, device = interface.partition(":")
            if not colon or where not in contract.pbxs:
                where, device = pbx, interface
            if where == pbx and group_of(contract, pbx, device) is not None:
                names[device] = None
    return tuple(names)


class Devices:
    """What a device's state makes of the person whose it is."""

    def __init__(self, staff: Staff, board: Switchboard, queueing: Queueing) -> None:
        self._staff = staff
        self._board = board
        self._attempts = queueing.attempts
        self._logbook = queueing.logbook

    def known(self, pbx: str) -> list[str]:
        """The devices on a PBX by which people are known."""
        return [device for agent in self._staff.agents.values() for where, device in agent.devices if where == pbx]

    def seen(self, side: Side, event: DeviceSeen) -> None:
        """A device looks like this now; nobody's changes nothing."""
        device = (side.name, event.device)
        agent = self._whose(device, event)
        if agent is None or agent.devices.get(device) == event.status:
            return
        staff, new = self._staff, device not in agent.devices
        agent.devices[device] = event.status
        if new:
            staff.place(agent, event.at, again=True)
        staff.reach.weigh(agent, side.name, event.status, event.at)
        staff.review(agent, event.at)
        if new:
            self._adopt(side, agent, event)

    def _adopt(self, side: Side, agent: Agent, event: DeviceSeen) -> None:
        """What is under way over the device is theirs: whom they talk with, whom they call, and calls of their own."""
        board, at = self._board, event.at
        for channel in [one for one in side.channels.by_id.values() if device_of(one.name) == event.device]:
            if channel.bridge is not None:
                board.attend(side, channel, at)
            board.own_call(side, channel.id, dialing=False, at=at)
        for (pbx, leg), attempt in self._attempts.dialling.items():
            called = side.channels.get(leg) if pbx == side.name else None
            dialler, own = (None, "") if called is None else board.dialler(side, called.parent)
            if dialler is agent and not attempt.agent:
                attempt.agent = agent.id
                self._staff.own_calls.dials(agent, attempt, own, at)

    def _whose(self, device: tuple[str, str], event: DeviceSeen) -> Agent | None:
        staff = self._staff
        if group_of(staff.contract, *device) is None:
            return None
        agent = staff.by_state_device.get(device) or staff.by_device.get(device)
        if agent is not None and agent.memberships:
            return agent if agent.group is not None and agent.group.presence is Presence.DEVICE else None
        if event.status == NOT_THERE and (agent is None or device not in agent.devices):
            return None
        return staff.known(*device, event.device, event.at)

    def removed(self, side: Side, event: MemberRemoved) -> None:
        """Who leaves a queue may be known by the device, before and from now on; a log that tells it knows nothing of that."""
        staff = self._staff
        agent = None if self._logbook.retelling else staff.by_device.get((side.name, event.interface))
        places = [] if agent is None else [one for one in agent.places() if (one.queue.pbx, one.interface) == (side.name, event.interface)]
        seen = [DeviceSeen(side.name, event.at, place.state_interface, place.status) for place in places[:1]]
        for one in seen:
            self.seen(side, one)
        staff.removed(side.name, event.queue, event.interface, event.at)
        for one in seen:
            self.seen(side, one)
