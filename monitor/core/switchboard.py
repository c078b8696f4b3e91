"""What goes on at one moment between channels, callers and agents: events of calls, each to whom it concerns.

Owns the reading of channel, bridge, queue and agent events of a PBX. Refuses time (`floor`), the fate of callers (`queueing`) and
the state of people (`staff`). Talk is the agent's leg: from the answer until that leg is out of its bridge for good, through holds,
consultations and Local channels. Next: `floor` dispatches here.
"""

from __future__ import annotations

from monitor.core import events as ev
from monitor.core.agents import Agent, Talk
from monitor.core.attempts import failure_of
from monitor.core.calls import Visit
from monitor.core.channels import Channel
from monitor.core.chronicle import RingNoAnswer
from monitor.core.contacts import Attempt, Contact
from monitor.core.contract import Contract, Project, QueueId
from monitor.core.dials import LegDialled, LegResolved, reduced
from monitor.core.numbers import veiled
from monitor.core.queueing import Queueing, Report
from monitor.core.register import Register
from monitor.core.sides import Side
from monitor.core.staff import Staff

RANG_OUT = "noanswer"  # nobody's word: where the PBX itself calls and nobody answers, no dial ends, the channel just goes
PHONES = ("PJSIP/{}", "SIP/{}", "IAX2/{}", "SCCP/{}", "Local/{}@from-queue/n")


class Switchboard:
    """Handlers of call events, one per event."""

    def __init__(self, contract: Contract, register: Register, queueing: Queueing, staff: Staff, report: Report) -> None:
        self.contract = contract
        self._register = register
        self._queueing = queueing
        self._staff = staff
        self._attempts = queueing.attempts
        self._report = report
        self.rings: dict[tuple[str, str], Agent] = {}

    def _touch(self, side: Side, call: str, position: ev.Position, at: int) -> Channel | None:
        channel = side.channels.get(call)
        if channel is not None:
            channel.position = position
        self._queueing.seen(side.name, call, position, at)
        return channel

    def channel_started(self, side: Side, event: ev.ChannelStarted) -> None:
        known = side.channels.get(event.call) is not None
        channel = side.channels.start(event.call, event.channel, event.linked, event.position)
        channel.dialled = not (known or event.dialing or self._queueing.logbook.retelling)
        self.own_call(side, event.call, dialing=event.dialing, at=event.at)

    def channel_seen(self, side: Side, event: ev.ChannelSeen) -> None:
        channel = self._touch(side, event.call, event.position, event.at)
        if channel is not None and (event.up or event.dialing):
            channel.up, channel.dialled = channel.up or event.up, channel.dialled and not event.dialing
            self.own_call(side, event.call, dialing=event.dialing, at=event.at)

    def own_call(self, side: Side, call: str, *, dialing: bool, at: int) -> None:
        """A person's channel that is up or dials, and is no leg of a queue call, is a call of their own."""
        channel = side.channels.get(call)
        if channel is None or not (channel.up or dialing) or (side.name, call) in self._staff.talks:
            return
        if channel.name.endswith(";2") or self._rung_for(side, channel):
            return
        owner = self._staff.owner(side.name, channel.name)
        if owner is not None and channel.bridge is None and any((talk.pbx, talk.leg) == (side.name, call) for talk in owner.ended):
            return  # the leg of a talk that is over lingers, in no bridge
        if owner is not None and (side.name, call) not in owner.rings:
            self._staff.own_calls.begin(owner, side.name, call, at)

    def has_channel(self, side: Side, agent: Agent) -> bool:
        """True when a known channel of the person, other than somebody else's talk, is the reason why a device is in use."""
        channels = side.channels.by_id.values()
        return any(self._staff.owner(side.name, one.name) is agent and (side.name, one.id) not in self._staff.talks for one in channels)

    def _rung_for(self, side: Side, channel: Channel) -> bool:
        """True when the channel was dialled on behalf of a queue's ring, perhaps through a Local channel."""
        seen: Channel | None = channel
        for _ in range(5):
            if seen is None:
                return False
            if (side.name, seen.id) in self.rings:
                return True
            parent = None if seen.parent is None else side.channels.get(seen.parent)
            seen = None if parent is None else side.channels.half(parent)
        return False

    def channel_renamed(self, side: Side, event: ev.ChannelRenamed) -> None:
        if (channel := side.channels.get(event.call)) is not None:
            side.channels.rename(channel, event.channel)

    def hangup_requested(self, side: Side, event: ev.HangupRequested) -> None:
        self._queueing.hangup(side.name, event.call, event.position, event.soft, event.at)

    def channel_ended(self, side: Side, event: ev.ChannelEnded) -> None:
        self.end_channel(side, event.call, event.position, event.at)

    def end_channel(self, side: Side, call: str, position: ev.Position, at: int) -> None:
        channel = side.channels.get(call)
        attempt = self._attempts.dialling.get((side.name, call))
        if attempt is not None:
            parent = None if channel is None else channel.parent
            self._reached_nobody(attempt, "" if parent else RANG_OUT, at)
        talk = self._staff.talks.get((side.name, call))
        if talk is not None:
            phone = side.channels.phone(call)
            if phone != call and (side.name, phone) not in self._staff.talks:
                self._switch(side, talk, phone, at)
            else:
                self._staff.end_talk(talk, at)
        if channel is not None:
            self._queueing.phone_down(side.name, call, channel.parent, at)
        self._staff.own_calls.over(side.name, call, at)
        self.ring_over(side, call, at)
        side.channels.end(call)
        self._queueing.gone(side.name, call, position, at)

    # --- dials and bridges ----------------------------------------------------------------------------------------------------------

    def leg_dialled(self, side: Side, event: LegDialled) -> None:
        if event.caller is not None and event.position is not None:
            self._touch(side, event.caller, event.position, event.at)
        side.channels.dialled_for(event.leg, event.caller)
        dial = reduced(event, self.contract)
        project = self.contract.project.get(dial.project)
        if project is not None and self._calls_somebody(side, event):
            self.called(side, project, dial, event.at)

    def _calls_somebody(self, side: Side, event: LegDialled) -> bool:
        """True when the leg is somebody outside, dialled neither for a queue nor for a caller who is passed on."""
        leg = side.channels.get(event.leg)
        if (side.name, event.leg) in self._attempts.dialling or (leg is not None and self._rung_for(side, leg)) or (side.name, event.leg) in self.rings:
            return False
        return self._staff.owner(side.name, event.leg_channel) is None and not self._queueing.contacts.by_caller.get((side.name, event.caller or ""))

    def called(self, side: Side, project: Project, dial: LegDialled, at: int) -> None:
        """Somebody is called for a project."""
        agent, _ = self.dialler(side, dial.caller)
        self._dials(side, self._attempts.begin(project, dial, "" if agent is None else agent.id, at), dial.caller, at)

    def _dials(self, side: Side, attempt: Attempt, caller: str | None, at: int) -> None:
        agent, own = self.dialler(side, caller)
        if agent is not None and (side.name, own) not in self._staff.talks:
            self._staff.own_calls.dials(agent, attempt, own, at)

    def found_called(self, side: Side, row: ev.ChannelRow, caller: ev.ChannelRow, at: int) -> Attempt | None:
        """The same of a leg that a list shows, with whoever dials it, once; None where it is nobody's outbound call, or who took it was known."""
        dial = reduced(LegDialled(side.name, at, caller.call, row.call, row.channel, caller.position, caller.number, caller.account), self.contract)
        project = self.contract.project.get(dial.project)
        if project is None or not self._calls_somebody(side, dial):
            return None
        side.channels.dialled_for(row.call, caller.call)
        attempt, contact = self._attempts.found(side.name, row.call, row.channel, row.linked)
        if attempt is None:
            self.called(side, project, dial, at - row.duration_us)
        elif contact is not None:
            self._through(side, attempt, contact, caller.call, at)
        elif not attempt.status:
            self._dials(side, attempt, caller.call, at)
        return self._attempts.dialling.get((side.name, row.call))

    def dialler(self, side: Side, caller: str | None) -> tuple[Agent | None, str]:
        """Who dials, and over which channel of theirs: the caller, or through Local channels whoever answered behind them or dialled them."""
        for _ in range(5):
            channel = None if caller is None else side.channels.get(caller)
            if channel is None:
                break
            for one in (channel, side.channels.get(side.channels.phone(channel.id))):
                owner = None if one is None else self._staff.owner(side.name, one.name)
                if one is not None and owner is not None:
                    return owner, one.id
            half = side.channels.half(channel)
            caller = channel.parent if half is None else half.parent
        return None, ""

    def took(self, side: Side, attempt: Attempt, caller: str | None, at: int) -> None:
        """Whoever is called took the call; if an agent dialled him they are through."""
        leg = side.channels.get(attempt.leg)
        contact = self._attempts.taken(attempt, attempt.leg if leg is None else leg.linked, at)
        self._staff.own_calls.dialled(attempt, at)
        self._through(side, attempt, contact, caller, at)

    def _through(self, side: Side, attempt: Attempt, contact: Contact, caller: str | None, at: int) -> None:
        agent, own = self.dialler(side, caller)
        if agent is not None and agent.with_caller():
            self._attempts.spoken(contact, agent.id, at)  # he is asked about another's call: the time is that one's
        elif agent is not None and (side.name, own) not in self._staff.talks:
            talk = Talk(agent, side.name, own, attempt.leg, attempt.project, contact, None, at, attempt.project.wrapup_us)
            self._staff.begin_talk(talk, at)

    def _reached_nobody(self, attempt: Attempt, status: str, at: int) -> None:
        self._attempts.failed(attempt, failure_of(status), at)
        self._staff.own_calls.dialled(attempt, at)

    def leg_resolved(self, side: Side, event: LegResolved) -> None:
        if event.caller is not None and event.position is not None:
            self._touch(side, event.caller, event.position, event.at)
        attempt = self._attempts.dialling.get((side.name, event.leg))
        if attempt is not None and event.answered:
            self.took(side, attempt, event.caller, event.at)
        elif attempt is not None:
            self._reached_nobody(attempt, event.status, event.at)
        if event.answered:
            parent = None if event.caller is None else side.channels.get(event.caller)
            if parent is not None:
                parent.answered_child = event.leg
            if event.caller is not None:
                self._queueing.phone_up(side.name, event.caller, event.leg)
        else:
            self.ring_over(side, event.leg, event.at)

    def ring_over(self, side: Side, leg: str, at: int) -> None:
        if (agent := self.rings.pop((side.name, leg), None)) is not None:
            self._staff.ring_over(agent, side.name, leg, at)

    def bridge_entered(self, side: Side, event: ev.BridgeEntered) -> None:
        self._queueing.seen(side.name, event.call, event.position, event.at)
        channel = side.channels.get(event.call)
        if channel is None:
            channel = side.channels.start(event.call, event.channel, event.call, event.position)
        channel.position = event.position
        channel.up = True
        side.channels.enter(channel, event.bridge)
        talk = self._staff.talks.get((side.name, event.call))
        if talk is not None:
            self._staff.leg_back(talk, event.bridge, self._with_caller(side, talk, event.bridge), event.at)
        self.attend(side, channel, event.at)

    def bridge_left(self, side: Side, event: ev.BridgeLeft) -> None:
        channel = self._touch(side, event.call, event.position, event.at)
        if channel is None or channel.bridge != event.bridge:
            return
        side.channels.leave(channel)
        talk = self._staff.talks.get((side.name, event.call))
        if talk is not None:
            self._staff.leg_left(talk, event.at)

    def attend(self, side: Side, entered: Channel, at: int) -> None:
        """An agent bridged to an already answered caller, past the queues, talks for that caller's project too."""
        around = list(side.channels.in_touch(entered))
        contact = next((c for one in around if (c := self._queueing.contacts.answered_of(side.name, one.id)) is not None), None)
        if contact is None:
            return
        for one in around:
            phone = side.channels.listener(one)
            if phone is None or one.id in contact.callers or phone.id in contact.callers or (side.name, phone.id) in self._staff.talks:
                continue
            owner = self._staff.owner(side.name, one.name)
            if owner is None or any(talk.pbx == side.name and talk.contact is contact for talk in owner.talks) or (contact.attempt and owner.with_caller()):
                continue
            self._staff.begin_talk(Talk(owner, side.name, phone.id, None, contact.project, contact, None, at, home=phone.bridge, bridged=True), at)

    def _switch(self, side: Side, talk: Talk, phone: str, at: int) -> None:
        """A Local leg ends; the agent's real phone behind it carries on."""
        self._staff.move_talk(talk, phone)
        channel = side.channels.get(phone)
        if channel is not None and channel.bridge is not None:
            self._staff.leg_back(talk, channel.bridge, self._with_caller(side, talk, channel.bridge), at)

    @staticmethod
    def _with_caller(side: Side, talk: Talk, bridge: str) -> bool:
        return talk.call in side.channels.bridges.get(bridge, ())

    def _talk_on(self, side: Side, call: str) -> Talk | None:
        """The talk over this channel, or over the phone behind it: holding goes through a Local channel."""
        talks = self._staff.talks
        return talks.get((side.name, call)) or talks.get((side.name, side.channels.phone(call)))

    def hold(self, side: Side, event: ev.HoldPressed | ev.HoldReleased) -> None:
        talk = self._talk_on(side, event.call)
        if talk is not None:
            self._staff.hold(talk, isinstance(event, ev.HoldPressed), event.at)

    # --- callers --------------------------------------------------------------------------------------------------------------------

    def caller_joined(self, side: Side, event: ev.CallerJoined) -> None:
        channel = side.channels.start(event.call, event.channel, event.linked, event.position)
        channel.position = event.position
        shown = veiled(event, self.contract)
        queue = QueueId(side.name, event.queue)
        project, rung = self.contract.project_for(queue, channel.exten), side.channels.rung_by_pbx(channel)
        self._attempts.expect(project, queue, event.call, shown.caller, rung=rung)
        visit = self._queueing.join(side.name, event.call, event.linked, event.queue, channel.exten, event.position, event.at)
        visit = visit or self._queueing.in_queue(side.name, event.call, event.queue)  # a list showed him first
        if visit is not None and visit.contact.joins == 1:
            ours = self._staff.owner(side.name, event.channel) is not None or self._is_extension(side.name, shown.number)
            visit.contact.shows(shown, ours=ours)

    def _is_extension(self, pbx: str, number: str) -> bool:
        """Whether a number is that of a phone on the floor."""
        return bool(number) and any((pbx, form.format(number)) in self._staff.by_device for form in PHONES)

    def caller_left(self, side: Side, event: ev.CallerLeft) -> None:
        self._queueing.seen(side.name, event.call, event.position, event.at)
        visit = self._queueing.in_queue(side.name, event.call, event.queue)
        if self._queueing.logbook.is_shadow((side.name, event.call, event.queue), event.at):
            return
        if visit is None:
            self._queueing.strangers.left(side.name, event.call)
        else:
            self._queueing.leave(visit, event.at)

    def caller_abandoned(self, side: Side, event: ev.CallerAbandoned) -> None:
        visit = self._queueing.in_queue(side.name, event.call, event.queue)
        if visit is not None and not self._queueing.logbook.is_shadow((side.name, event.call, event.queue), event.at):
            self._queueing.abandon(visit, event.position, event.held_seconds, event.at)

    def exit_told(self, side: Side, event: ev.ExitTold) -> None:
        self._queueing.told(side.name, event.call, event.queue, event.status, event.at)

    # --- agents on calls ------------------------------------------------------------------------------------------------------------

    def agent_rung(self, side: Side, event: ev.AgentRung) -> None:
        agent = self._staff.known(side.name, event.interface, event.member, event.at)
        side.channels.dialled_for(event.leg, event.call)
        visit = self._queueing.in_queue(side.name, event.call, event.queue)
        reserving = side.strategies.get(event.queue, "") != "ringall"
        self.rings[side.name, event.leg] = agent
        self._staff.ring(agent, side.name, event.leg, event.call, None if visit is None else visit.project, reserving, event.at)

    def agent_did_not_answer(self, side: Side, event: ev.AgentDidNotAnswer) -> None:
        agent = self._staff.known(side.name, event.interface, event.member, event.at)
        caller = side.channels.get(event.call)
        if caller is None or event.leg in caller.unanswered:
            return  # told before, or about a caller who is gone
        self._queueing.logbook.rung_in_vain(side.name, event.call, event.queue, event.at)
        if event.leg is not None:
            caller.unanswered.add(event.leg)
            self.ring_over(side, event.leg, event.at)
        visit = self._queueing.in_queue(side.name, event.call, event.queue)
        queue = QueueId(side.name, event.queue)
        if queue not in self.contract.claimed or agent.group is None:
            return
        project = self.contract.project_for(queue) if visit is None else visit.project
        ring = RingNoAnswer(agent.id, event.at, side.name, event.call, event.queue, None if project is None else project.name, agent.group.name)
        if visit is not None and side.strategies.get(event.queue) == "ringall":
            visit.in_vain.append(ring)
        else:
            self._register.rang_in_vain(ring)

    def agent_connected(self, side: Side, event: ev.AgentConnected) -> None:
        queue = QueueId(side.name, event.queue)
        phone = side.channels.phone(event.leg)
        agent = self._staff.known(side.name, event.interface, event.member, event.at)
        visit = self._visit_answered(side, event, agent)
        project = self.contract.project_for(queue) if visit is None else visit.project
        wrapup = 0 if project is None else self._staff.wrapup_of(agent, side.name, event.queue, project)
        talk = self._staff.talks.get((side.name, event.leg)) or self._staff.talks.get((side.name, phone))
        if talk is None and visit is None:  # a list was ahead with it, and showed another channel of the phone
            talk = next((one for one in agent.talks if (one.pbx, one.call) == (side.name, event.call)), None)
        if talk is not None and visit is not None and talk.visit is None:
            self._queueing.connect(visit, event.at)
            self._staff.give_visit(talk, visit, wrapup, event.at)
        if talk is not None:
            return
        self.ring_over(side, event.leg, event.at)
        if visit is not None:
            self._queueing.connect(visit, event.at)
        elif project is not None:
            self._report("answer_without_visit", f"agent connected to a caller who is not in queue {event.queue}")
        caller, contact = (event.call, self._attempts.through(project, queue, event.call, event.at)) if visit is None else (visit.call, visit.contact)
        channel = side.channels.get(phone)
        home = None if channel is None else channel.bridge  # behind a Local channel the phone is in a bridge already
        talk = Talk(agent, side.name, phone, caller, project, contact, visit, event.at, wrapup, home=home, bridged=home is not None)
        self._staff.begin_talk(talk, event.at)

    def _visit_answered(self, side: Side, event: ev.AgentConnected, agent: Agent) -> Visit | None:
        """The visit an answer belongs to; after a transfer by phone the PBX names another caller, but the leg rang for this one."""
        if self._queueing.logbook.retelling:
            self._queueing.find_again(side.name, event.call, event.queue)
        visit = self._queueing.in_queue(side.name, event.call, event.queue)
        ring = agent.rings.get((side.name, event.leg))
        visit = visit or (None if ring is None else self._queueing.in_queue(side.name, ring.call, event.queue))
        visit = visit or self._queueing.talking.pop((side.name, event.call, event.queue), None)
        if visit is not None and not visit.contact.agent:
            visit.contact.unseen = False  # a list was ahead with the answer: all of the work on it is still to come
        return visit

    def agent_completed(self, side: Side, event: ev.AgentCompleted) -> None:
        """The PBX's account of a call: a fallback where no bridge was seen, and the measure of its own talk time."""
        agent = self._staff.by_device.get((side.name, event.interface))
        if agent is None:
            return
        queue = QueueId(side.name, event.queue)
        for talk in [*agent.talks, *agent.ended]:
            if talk.visit is None or talk.visit.queue != queue or talk.claimed_us is not None:
                continue
            if event.call != talk.call and (event.call is not None or side.channels.get(talk.call or "") is not None):
                continue  # the PBX leaves the caller out when his channel was gone first
            if talk in agent.talks and not talk.bridged:
                self._staff.end_talk(talk, event.at)
            self._staff.claim(talk, event.talk_seconds)
            return

    def agent_dumped(self, side: Side, event: ev.AgentDumped) -> None:
        if event.leg is not None:
            self.ring_over(side, event.leg, event.at)
            self._queueing.phone_down(side.name, event.leg, event.call, event.at)
