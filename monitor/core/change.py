"""Another contract comes into force on a living floor: what is under way goes on under it.

Owns who belongs to whom afterwards: visits, contacts, talks, rings and wrap-ups know their project as it is agreed now, and if it is gone
they run to their end under the old one; people are members of claimed queues only, in the group that claims them now; a phone that is
another person's now takes its memberships and its calls along, time that is spent stays where it was. Refuses PBXs and books, which
`floor` opens and closes, and saying what changed (`config.compare`). Next: `floor.change` calls it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from monitor.core.agents import Agent
from monitor.core.channels import device_of
from monitor.core.contract import Contract, Project
from monitor.core.devices import group_of
from monitor.core.queueing import Queueing
from monitor.core.reach import grace
from monitor.core.sides import Gap, Side
from monitor.core.staff import Staff
from monitor.core.switchboard import Switchboard
from monitor.core.timers import Due, Timers


def part(queueing: Queueing, staff: Staff, pbx: str, at: int) -> None:
    """The PBX is no longer ours: how its calls end is never known, nobody is a member there, and a phone there is nobody's."""
    for visit in [visit for visit in queueing.undecided() if visit.queue.pbx == pbx]:
        queueing.lose(visit, at)
    for call in [call for where, call in (*queueing.contacts.by_caller, *queueing.attempts.dialling) if where == pbx]:
        queueing.attempts.lost(pbx, call, at)
        queueing.vanished(pbx, call, at)
    queueing.close_told(pbx, at)
    queueing.given_up.forget(pbx)
    for agent in list(staff.agents.values()):
        for place in [place for place in agent.places() if place.queue.pbx == pbx]:
            staff.removed(pbx, place.queue.name, place.interface, at)
        for device in [device for device in agent.devices if device[0] == pbx]:
            del agent.devices[device]
            staff.review(agent, at)
    for devices in (staff.by_device, staff.by_state_device):
        for device in [device for device in devices if device[0] == pbx]:
            del devices[device]


class Change:
    """One change, at an instant up to which everybody's time is spent."""

    def __init__(self, contract: Contract, at: int, sides: Mapping[str, Side], queueing: Queueing, staff: Staff, board: Switchboard, timers: Timers) -> None:
        self._contract = contract
        self._at = at
        self._sides = sides
        self._queueing = queueing
        self._staff = staff
        self._board = board
        self._timers = timers

    # --- projects -------------------------------------------------------------------------------------------------------------------

    def projects(self) -> frozenset[str]:
        """Everything knows its project as it is agreed now. The names of those that are gone and still have something under way."""
        gone: set[str] = set()

        def now(project: Project) -> Project:
            agreed = self._contract.project.get(project.name)
            if agreed is None:
                gone.add(project.name)
            return agreed or project

        for contact in self._queueing.contacts.every():
            contact.project = now(contact.project)
            if contact.attempt is not None:
                contact.attempt.project = contact.project
        for attempt in self._queueing.attempts.dialling.values():
            attempt.project = now(attempt.project)
        for visit in self._queueing.every():
            visit.project, visit.contact.project = now(visit.project), now(visit.contact.project)
        for wrapup in self._queueing.wrapping.values():
            wrapup.project = now(wrapup.project)
        for agent in self._staff.agents.values():
            for talk in agent.talks:
                talk.project = None if talk.project is None else now(talk.project)
            for ring in agent.rings.values():
                ring.project = None if ring.project is None else now(ring.project)
            if agent.wrapup is not None:
                agent.wrapup.project = now(agent.wrapup.project)
            last = agent.last_project  # whoever has nothing to do any more for a project that is gone has done nothing for it
            agent.last_project = None if last is None else self._contract.project.get(last.name)
            agent.last_contact = None if agent.last_project is None else agent.last_contact
        return frozenset(gone)

    # --- people ---------------------------------------------------------------------------------------------------------------------

    def people(self, gaps: Sequence[Gap]) -> None:
        """Who is a member of what, whose phone a phone is, and who is in which group; `gaps` are those not committed yet."""
        staff, at = self._staff, self._at
        for agent in list(staff.agents.values()):
            for place in agent.places():
                if place.queue not in self._contract.claimed:
                    staff.removed(place.queue.pbx, place.queue.name, place.interface, at)
            for device in [device for device in agent.devices if not agent.memberships and group_of(self._contract, *device) is None]:
                del agent.devices[device]
        for (pbx, interface), agent in list(staff.by_device.items()):
            whose = self._whose(pbx, interface)
            if whose != agent.id:
                self._hand_over(pbx, interface, agent, whose, gaps)
        used = {id(agent) for agent in staff.by_device.values()}
        for agent in list(staff.agents.values()):
            if id(agent) in used:
                self._settle_in(agent)
            else:
                staff.end_wrapup(agent, at)
                staff.write_off(agent, at)
                staff.review(agent, at)
                del staff.agents[agent.id]

    def _hand_over(self, pbx: str, interface: str, agent: Agent, whose: str, gaps: Sequence[Gap]) -> None:
        """A phone is another person's now. Who takes over all phones of a person nobody else is, is that person under another name."""
        staff = self._staff
        if whose not in staff.agents and all(self._whose(*device) == whose for device, user in staff.by_device.items() if user is agent):
            del staff.agents[agent.id]
            agent.id = whose
            staff.agents[whose] = agent
            return
        heir = staff.agents.get(whose)
        if heir is None:
            heir = staff.agents[whose] = Agent(whose, interface, spent_to=self._at)
        staff.by_device[pbx, interface] = heir
        for places in [places for queue, places in agent.memberships.items() if queue.pbx == pbx and interface in places]:
            place = places.pop(interface)
            heir.memberships.setdefault(place.queue, {})[interface] = place
            staff.by_state_device[pbx, place.state_interface] = heir
        agent.memberships = {queue: places for queue, places in agent.memberships.items() if places}
        if (pbx, interface) in agent.devices:
            heir.devices[pbx, interface] = agent.devices.pop((pbx, interface))
        last = agent not in staff.by_device.values()
        self._hand_over_calls(agent, heir, (pbx, interface), last=last)
        if agent.blind and pbx in agent.blind:
            heir.blind.add(pbx)
            heir.uncommitted = True
            for gap in gaps:
                if agent in gap.agents and heir not in gap.agents:
                    gap.agents.append(heir)
        if not agent.is_on(pbx):
            agent.blind.discard(pbx)

    def _whose(self, pbx: str, interface: str) -> str:
        person = self._contract.person_for(pbx, interface)
        return f"{pbx}/{interface}" if person is None else person.id

    def _hand_over_calls(self, agent: Agent, heir: Agent, device: tuple[str, str], *, last: bool) -> None:
        """The calls of one device, and with the last device everything."""
        staff, board = self._staff, self._board

        def of_device(pbx: str, leg: str) -> bool:
            channel = self._sides[pbx].channels.get(leg) if pbx == device[0] else None
            return last or (channel is not None and device_of(channel.name) in (device[1], device[1].removesuffix("/n")))

        for talk in [talk for talk in agent.talks if of_device(talk.pbx, talk.leg)]:
            agent.talks.remove(talk)
            talk.agent = heir
            heir.talks.append(talk)
        for key in [key for key in agent.rings if of_device(*key)]:
            heir.rings[key] = agent.rings.pop(key)
            if key in board.rings:
                board.rings[key] = heir
        for key in sorted(key for key in agent.own_calls if of_device(*key)):
            staff.own_calls.hand_over(*key, heir)
        if not last:
            return
        heir.ended = [*heir.ended, *agent.ended][-2:]
        heir.unexplained = heir.unexplained or agent.unexplained
        if heir.last_project is None:
            heir.last_project, heir.last_contact = agent.last_project, agent.last_contact
        if heir.wrapup is None and not heir.talks and agent.wrapup is not None:
            heir.wrapup, agent.wrapup = agent.wrapup, None
            self._timers.set(max(self._at, heir.wrapup.until), Due.WRAPUP_OVER, (heir, heir.wrapup))
        staff.end_wrapup(agent, self._at)

    def _settle_in(self, agent: Agent) -> None:
        """The person's name, group and rules are those agreed now."""
        staff, at, contract = self._staff, self._at, self._contract
        places, person = agent.places(), contract.person.get(agent.id)
        if person is not None or places:
            agent.name = places[0].member if person is None else person.name
        elif agent.devices:
            agent.name = next(iter(agent.devices))[1]
        if agent.has_place():
            staff.place(agent, at, again=True)
        else:
            agent.group = None if agent.group is None else contract.group.get(agent.group.name)
            agent.pool = frozenset() if agent.group is None else contract.pools[agent.group.name]
            agent.weigh_pauses()
        agent.unexplained = agent.unexplained and agent.in_use()
        if agent.reachable() or not agent.has_place():
            agent.unreachable_since = None
        else:
            agent.unreachable_since = at if agent.unreachable_since is None else agent.unreachable_since
            self._timers.set(max(at, agent.unreachable_since + grace(agent)), Due.UNREACHABLE, agent)
        staff.review(agent, at)
