"""Everybody who answers: sets and clears the facts of `agents` and keeps each person's one state in force.

Owns who is whose device, talks, rings, wrap-ups, own calls, pauses and presence. Refuses callers (`queueing`) and bridges
(`channels`). A state changes at the instant of its event, or where time is already spent further, from there on.
"""

from __future__ import annotations

from monitor.core.agents import NOBODY, Agent, Membership, Ring, Talk, Wrapup, charge_of, state_of
from monitor.core.calls import Visit
from monitor.core.channels import device_of
from monitor.core.contacts import Contact
from monitor.core.contract import MINUTE, SECOND, Contract, Group, PauseClass, Presence, Project, QueueId
from monitor.core.counters import Counters
from monitor.core.events import MemberSeen
from monitor.core.own_calls import OwnCalls
from monitor.core.queueing import Queueing, Report
from monitor.core.reach import Reach, grace
from monitor.core.snapshot import State
from monitor.core.timers import Due, Timers
from monitor.core.timesheet import Timesheet

LEG_GRACE_US = SECOND // 2
FORGET_US = 50 * 60 * MINUTE  # as long as the ledger keeps anything


class Staff:
    """All people known, by id, and by the devices they use on each PBX."""

    def __init__(self, contract: Contract, counters: Counters, timesheet: Timesheet, timers: Timers, queueing: Queueing, report: Report) -> None:
        self.contract = contract
        self._counters = counters
        self._timesheet = timesheet
        self._timers = timers
        self._queueing = queueing
        self._report = report
        self.reach = Reach(timers)
        self.agents: dict[str, Agent] = {}
        self.by_device: dict[tuple[str, str], Agent] = {}
        self.by_state_device: dict[tuple[str, str], Agent] = {}
        self.talks: dict[tuple[str, str], Talk] = {}
        self.own_calls = OwnCalls(timesheet, self.review)

    # --- people ---------------------------------------------------------------------------------------------------------------------

    def owner(self, pbx: str, channel: str) -> Agent | None:
        """Whose device this channel is."""
        device = device_of(channel)
        for name in (device, device + "/n"):
            agent = self.by_device.get((pbx, name))
            if agent is not None and (agent.memberships or (pbx, device) not in self.by_state_device):
                return agent
        person = self.contract.person_for(pbx, device)  # a phone of theirs that is a member of nothing
        return self.by_state_device.get((pbx, device)) or (None if person is None else self.agents.get(person.id))

    def member_behind(self, channel: str, queue: QueueId) -> Agent | None:
        """Whose device this channel is, as a member of this queue first: two members may use channels of one name."""
        device = device_of(channel)
        members = (self.by_device.get((queue.pbx, name)) for name in (device, device + "/n"))
        return next((agent for agent in members if agent is not None and queue in agent.memberships), None) or self.owner(queue.pbx, channel)

    def known(self, pbx: str, interface: str, member: str, at: int) -> Agent:
        """The person with this interface, made known if need be."""
        agent = self.by_device.get((pbx, interface))
        if agent is not None:
            return agent
        person = self.contract.person_for(pbx, interface)
        key = f"{pbx}/{interface}" if person is None else person.id
        agent = self.agents.get(key)
        if agent is None:
            agent = self.agents[key] = Agent(key, member if person is None else person.name, spent_to=at)
        self.by_device[pbx, interface] = agent
        return agent

    def seen(self, event: MemberSeen) -> None:
        """A membership looks like this now. A place in a queue nobody claims is no place on this floor."""
        if QueueId(event.pbx, event.queue) not in self.contract.claimed:
            return
        agent = self.known(event.pbx, event.interface, event.member, event.at)
        queue = QueueId(event.pbx, event.queue)
        places = agent.memberships.setdefault(queue, {})
        place = places.get(event.interface)
        new = place is None
        if place is None:
            place = places[event.interface] = Membership(queue, event.interface, event.state_interface, event.member)
            self._take_over((event.pbx, event.state_interface), agent, event.at)
            self.place(agent, event.at)
        place.wrapup_us = event.wrapup_us
        reason = event.reason if event.paused else ""
        changed = new or agent.astray or event.paused != place.paused or reason != place.reason
        if changed:
            self._timesheet.settle(agent, event.at)
            agent.astray = False  # that is a sign
            if event.paused != place.paused:
                place.paused_at = (event.last_pause_at or event.at) if event.paused else None
            place.paused, place.reason = event.paused, reason
            agent.weigh_pauses()
        before = agent.reachable(), agent.unexplained
        if new or event.status != place.status:
            self.reach.member(agent, place, event.status, event.at)
        if changed or before != (agent.reachable(), agent.unexplained):
            self.review(agent, event.at)

    def removed(self, pbx: str, queue: str, interface: str, at: int) -> None:
        """A member is gone from a queue."""
        agent = self.by_device.get((pbx, interface))
        place = QueueId(pbx, queue)
        if agent is None or interface not in agent.memberships.get(place, {}):
            return
        self._timesheet.settle(agent, at)
        device = (pbx, agent.memberships[place].pop(interface).state_interface)
        if not agent.memberships[place]:
            del agent.memberships[place]
        left = agent.places()
        if self.by_state_device.get(device) is agent and not any((one.queue.pbx, one.state_interface) == device for one in left):
            del self.by_state_device[device]
        if left or agent.devices:
            self.place(agent, at, again=True)
        agent.weigh_pauses()
        self.review(agent, at)
        if not agent.has_place() and agent.wrapup is not None:
            self.end_wrapup(agent, at)

    def _take_over(self, device: tuple[str, str], agent: Agent, at: int) -> None:
        """The latest to log in at a device has it, and no one is known by it besides."""
        former, self.by_state_device[device] = self.by_device.get(device), agent
        if former is not None and former is not agent and former.devices.pop(device, None) is not None:
            self.review(former, at)

    def place(self, agent: Agent, at: int, *, again: bool = False) -> None:
        """Find the agent's group; a person belongs to one, the first that claims them. That there is none is not said `again`."""
        self._timesheet.settle(agent, at)
        person = self.contract.person.get(agent.id)
        group: Group | None = None
        if person is not None and person.group is not None:
            group = self.contract.group.get(person.group)
        for place in agent.places() if group is None else ():
            group = group or self.contract.group_for(place.interface, place.member, frozenset(agent.memberships))
        for _, device in agent.devices if group is None else ():
            group = group or self.contract.group_for(device, agent.name, frozenset(agent.memberships))
        if group is None or group.presence is not Presence.DEVICE:
            agent.devices.clear()
        if group is None and agent.group is None and not again:
            self._report("member_without_group", f"{agent.id} is a member of a project's queue and of no group")
        agent.group = group
        agent.pool = frozenset() if group is None else self.contract.pools[group.name]
        agent.weigh_pauses()

    def unexplained(self, agent: Agent, pbx: str, at: int) -> None:
        """A second after a device went in use: is there still no call that says why?"""
        if not agent.explained(pbx) and agent.in_use(pbx):
            agent.unexplained = True
            self.review(agent, at)

    # --- the state in force ---------------------------------------------------------------------------------------------------------

    def review(self, agent: Agent, at: int) -> None:
        """Bring the state in force into line with the facts, from `at` on."""
        self._timesheet.settle(agent, at)
        if agent.wrapup is not None and agent.wrapup.over and not self._acw(agent):
            self.end_wrapup(agent, at)
        pause = agent.pause
        if pause is None:
            agent.pause_started_at = None
        elif agent.pause_started_at is None:
            agent.pause_started_at = at if pause.paused_at is None else min(at, pause.paused_at)
        state = state_of(agent) if agent.at_work(grace(agent), self._open(agent, at), at) else None
        agent.charge = NOBODY if state is None else charge_of(agent, state)
        if state is agent.state:
            return
        agent.state, agent.state_since = state, at

    def _open(self, agent: Agent, at: int) -> bool:
        if agent.group is None or agent.group.presence is not Presence.HOURS:
            return True
        return any(project.open_at(at) for project in self.contract.projects_of[agent.group.name])

    @staticmethod
    def _acw(agent: Agent) -> bool:
        return (reason := agent.pause_reason()) is not None and reason.kind is PauseClass.ACW

    def write_off(self, agent: Agent, at: int) -> None:
        """The person is no more: what is owed to a gap was unobserved."""
        self._timesheet.settle(agent, at)
        self._timesheet.commit(agent, at)

    def settle(self, at: int) -> None:
        """Spend everybody's time up to `at`."""
        self._timesheet.settle_all(self.agents.values(), at)

    # --- rings ----------------------------------------------------------------------------------------------------------------------

    def ring(self, agent: Agent, pbx: str, leg: str, call: str, project: Project | None, reserving: bool, at: int) -> None:
        """A queue call rings at an agent; `reserving` unless many are rung at once."""
        agent.rings[pbx, leg] = Ring(project, reserving, call)
        agent.unexplained = False
        self.review(agent, at)

    def ring_over(self, agent: Agent, pbx: str, leg: str, at: int) -> None:
        """It rings no more."""
        if agent.rings.pop((pbx, leg), None) is not None:
            self.review(agent, at)

    # --- talks ----------------------------------------------------------------------------------------------------------------------

    def begin_talk(self, talk: Talk, at: int) -> None:
        """An agent is through to a caller: wrap-up of the last call is over."""
        agent = talk.agent
        for earlier in [t for t in agent.talks if t.gone_at is not None]:
            self.end_talk(earlier, earlier.gone_at or at)
        if (same := self.talks.get((talk.pbx, talk.leg))) is not None:
            self.end_talk(same, at)  # one channel is one talk, whoever had it
        self._timesheet.settle(agent, at)
        if agent.wrapup is not None:
            self.end_wrapup(agent, at)
        agent.unexplained = False
        self.own_calls.over(talk.pbx, talk.leg, at)
        agent.talks.append(talk)
        self.talks[talk.pbx, talk.leg] = talk
        if talk.contact is not None:
            talk.contact.working += 1
            talk.contact.agent = talk.contact.agent or agent.id
            self._queueing.attempts.spoken(talk.contact, agent.id, at)
            talk.contact.queue = talk.contact.queue or ("" if talk.visit is None else talk.visit.queue.name)
            talk.contact.unseen |= at < agent.spent_to and self._queueing.logbook.retelling  # seen elsewhere meanwhile
        self.review(agent, at)

    def give_visit(self, talk: Talk, visit: Visit, wrapup_us: int, at: int) -> None:
        """The talk we found under way is this visit's: its entry and answer were told after the list that showed it."""
        self._timesheet.settle(talk.agent, at)
        seemed, visit.contact.working = talk.contact, visit.contact.working + 1
        talk.visit, talk.call, talk.contact, talk.project, talk.wrapup_us = visit, visit.call, visit.contact, visit.project, wrapup_us
        if seemed is not None:  # the one he consults about it
            self._finish(seemed, None, at)
        visit.contact.agent, visit.contact.queue = visit.contact.agent or talk.agent.id, visit.contact.queue or visit.queue.name
        self.review(talk.agent, at)

    def wrapup_left(self, agent: Agent, project: Project, until: int, told: Wrapup | None, at: int) -> bool:
        """Wrap-up of a call that ended before we came; `told` if a log knows which. True when it is taken on."""
        if until <= at or agent.wrapup is not None or agent.talks:
            return False
        self._timesheet.settle(agent, at)
        agent.wrapup = Wrapup(project, None, None, until) if told is None else Wrapup(told.project, told.contact, told.visit, until)
        agent.last_project = agent.wrapup.project
        if agent.wrapup.contact is not None:
            agent.wrapup.contact.working += 1
        self._timers.set(until, Due.WRAPUP_OVER, (agent, agent.wrapup))
        self.review(agent, at)
        return True

    def move_talk(self, talk: Talk, leg: str) -> None:
        """The talk goes on over another channel of the same person."""
        self.talks.pop((talk.pbx, talk.leg), None)
        talk.leg = leg
        self.talks[talk.pbx, leg] = talk
        self.own_calls.drop(talk.pbx, leg)

    def leg_left(self, talk: Talk, at: int) -> None:
        """The leg is out of its bridge: for good, unless it enters one within the grace time."""
        self._timesheet.settle(talk.agent, at)
        talk.gone_at = max(at, talk.agent.spent_to)
        self._timers.set(talk.gone_at + LEG_GRACE_US, Due.LEG_GONE, talk)

    def leg_back(self, talk: Talk, bridge: str, with_caller: bool, at: int) -> None:
        """The leg is in a bridge; back in the caller's, he is no longer parked."""
        talk.bridged = True
        if talk.home is None or with_caller:
            talk.home = bridge
        if talk.gone_at is not None or (talk.held and bridge == talk.home):
            talk.gone_at = None
            talk.held = talk.held and bridge != talk.home
            self.review(talk.agent, at)

    def hold(self, talk: Talk, held: bool, at: int) -> None:
        """The agent parks the caller, or takes him back."""
        self._timesheet.settle(talk.agent, at)
        talk.held = held
        self.review(talk.agent, at)

    def end_talk(self, talk: Talk, at: int) -> None:
        """The agent is out of the call; wrap-up begins."""
        agent = talk.agent
        if talk not in agent.talks:
            return
        at = at if talk.gone_at is None else talk.gone_at
        self._timesheet.settle(agent, at)
        agent.talks.remove(talk)
        if self.talks.get((talk.pbx, talk.leg)) is talk:
            del self.talks[talk.pbx, talk.leg]
        talk.ended_at = at
        agent.ended = [*agent.ended[-1:], talk]
        self._compare(talk)
        if talk.project is not None:
            agent.last_project, agent.last_contact = talk.project, talk.contact
        if talk.project is not None and talk.wrapup_us > 0 and agent.has_place():
            if agent.wrapup is not None:
                self.end_wrapup(agent, at)
            agent.wrapup = Wrapup(talk.project, talk.contact, talk.visit, at + talk.wrapup_us)
            self._timers.set(at + talk.wrapup_us, Due.WRAPUP_OVER, (agent, agent.wrapup))
        else:
            self._finish(talk.contact, talk.visit, at)
        self.review(agent, at)

    def claim(self, talk: Talk, seconds: int | None) -> None:
        """The PBX's own talk time for this call; compared once both ends are known. Whole seconds may differ by one."""
        if seconds is not None and talk.claimed_us is None:
            talk.claimed_us = seconds * SECOND
            self._compare(talk)

    def _compare(self, talk: Talk) -> None:
        if talk.claimed_us is None or talk.ended_at is None:
            return
        difference = talk.claimed_us - (talk.ended_at - talk.started_at)
        if abs(difference) > SECOND:
            self._counters.talk_disagreement_us[talk.pbx, "longer" if difference > 0 else "shorter"] += abs(difference)

    def wrapup_over(self, agent: Agent, wrapup: Wrapup, at: int) -> None:
        """The wrap-up time has passed; a pause of class acw prolongs it."""
        if agent.wrapup is not wrapup or (agent.uncommitted and agent.state is State.UNOBSERVED):
            return  # another, or out of sight: then its end is looked at when the gap is over
        self._timesheet.settle(agent, at)
        if self._acw(agent):
            wrapup.over = True
            return
        self.end_wrapup(agent, at)
        self.review(agent, at)

    def end_wrapup(self, agent: Agent, at: int) -> None:
        """Nobody works after that call any more."""
        wrapup, agent.wrapup = agent.wrapup, None
        if wrapup is not None:
            self._finish(wrapup.contact, wrapup.visit, at)

    def _finish(self, contact: Contact | None, visit: Visit | None, at: int) -> None:
        if visit is not None:
            self._queueing.handled(visit)
        if contact is not None:
            contact.working -= 1
            self._queueing.review(contact, at)

    def wrapup_of(self, agent: Agent, pbx: str, queue: str, project: Project) -> int:
        """How long wrap-up of a call of this queue is: the member's own time wins."""
        places = agent.memberships.get(QueueId(pbx, queue), {})
        own = max((place.wrapup_us for place in places.values()), default=0)
        return own or project.wrapup_us

    def forget(self, at: int) -> None:
        """Whoever has been on no floor for so long that no window holds their time, and has nothing under way, is nobody any more."""
        gone = {
            agent.id
            for agent in self.agents.values()
            if agent.state is None and 0 < agent.state_since < at - FORGET_US
            if not (agent.memberships or agent.talks or agent.rings or agent.own_calls or agent.wrapup or agent.owed or agent.blind)
        }
        if not gone:
            return
        self.agents = {name: agent for name, agent in self.agents.items() if name not in gone}
        self.by_device = {device: agent for device, agent in self.by_device.items() if agent.id not in gone}
        self.by_state_device = {device: agent for device, agent in self.by_state_device.items() if agent.id not in gone}

    def shift(self, step: int) -> None:
        """Move every instant by the same step."""
        for agent in self.agents.values():
            agent.shift(step)
