"""Attended transfers by feature code: an agent consults a queue, then leaves caller and second agent to each other.

Owns the Local channel in between and AttendedTransfer. Refuses transfers by the phone itself (two calls and a REFER): no recording shows one.
The caller's wait for an answer cannot be cut short: `complete` before the second agent talks does nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from monitor.demo.switch.channel import RINGING, UP, Bridge, Channel
from monitor.demo.switch.dialplan import Dialplan
from monitor.demo.switch.exchange import Exchange
from monitor.demo.switch.roster import Roster
from monitor.demo.switch.specs import Step
from monitor.demo.switch.talks import Talk, Talks

DIGITS = 180_000  # between the hold and the number's last digit having been taken


@dataclass(slots=True, eq=False)
class Consultation:
    """Agent and `one` are bridged; `two` waits in the second queue, then talks to the second agent."""

    talk: Talk
    first: Bridge
    second: Bridge
    one: Channel
    two: Channel
    done: bool = False


@dataclass
class Transfers:
    """All consultations, by every channel that may end them."""

    exchange: Exchange
    roster: Roster
    talks: Talks
    dialplan: Dialplan
    held: set[Talk] = field(default_factory=set)  # the agent is dialling
    by_channel: dict[str, Consultation] = field(default_factory=dict)

    def begin(self, talk: Talk, exten: str, context: str, steps: Sequence[Step]) -> None:
        """The agent presses the code and the number."""
        if talk.agent.bridge is None or talk in self.held or talk.agent.uniqueid in self.by_channel:
            return
        self.held.add(talk)
        self.talks.hold(talk, music=False)
        self.exchange.wake(talk.agent, self.exchange.at + DIGITS, lambda: self._consult(talk, exten, context, tuple(steps)))

    def _consult(self, talk: Talk, exten: str, context: str, steps: tuple[Step, ...]) -> None:
        exchange, agent, first = self.exchange, talk.agent, talk.agent.bridge
        self.held.discard(talk)
        if first is None or talk.over:
            return
        one, two = exchange.local_pair(exten, context, agent.linkedid)
        second = exchange.bridge()
        exchange.identify(two, agent.number, agent.caller_name)
        exchange.local_bridge(one, two, optimise=True)
        exchange.connect_line(one, agent.number, agent.caller_name)
        exchange.enter(second, one)
        consultation = Consultation(talk, first, second, one, two)
        for channel in (talk.caller, agent, two):
            self.by_channel[channel.uniqueid] = consultation
        exchange.leave(agent)
        exchange.enter(second, agent)
        exchange.connect_line(agent, one.number, one.caller_name)
        self.dialplan.start(two, steps)

    def line_known(self, two: Channel) -> None:
        """The Local channel hears what the queue tells its caller: first that it rings, then who."""
        consultation = self.by_channel.get(two.uniqueid)
        if consultation is None or consultation.done:
            return
        one = consultation.one
        if one.state != RINGING:
            self.exchange.state(one, RINGING)
            self.exchange.dial("DialState", None, one.headers("Dest"), DialStatus="RINGING")
        elif two.connected:
            self.exchange.connect_line(consultation.talk.agent, two.connected, two.connected_name)

    def answering(self, two: Channel) -> None:
        """The second agent answers: the consulting agent's side learns it."""
        consultation = self.by_channel.get(two.uniqueid)
        if consultation is not None:
            one = consultation.one
            one.number, one.caller_name = two.connected, two.connected_name
            self.exchange.state(one, UP)
            self.exchange.identify(one, two.connected, two.connected_name)

    def complete(self, talk: Talk) -> None:
        """The consulting agent leaves; the caller talks to the second one."""
        consultation = self.by_channel.get(talk.agent.uniqueid)
        if consultation is None or consultation.two.uniqueid not in self.talks.by_caller:
            return
        exchange, agent, caller = self.exchange, talk.agent, talk.caller
        first, second, one = consultation.first, consultation.second, consultation.one
        further = self.talks.by_caller[consultation.two.uniqueid]
        exchange.leave(agent)
        exchange.event("BridgeMerge", {**first.headers("To"), **second.headers("From")})
        exchange.leave(one)
        exchange.enter(first, one)
        exchange.event(
            "AttendedTransfer",
            {
                "Result": "Success",
                **agent.headers("OrigTransferer"),
                **first.headers("Orig"),
                **agent.headers("SecondTransferer"),
                **second.headers("Second"),
                **caller.headers("Transferee"),
                **one.headers("TransferTarget"),
                "IsExternal": "No",
                "DestType": "Bridge",
                "DestBridgeUniqueid": first.uniqueid,
            },
        )
        exchange.connect_line(caller, one.number, one.caller_name)
        self.roster.hold(caller, held=False)
        consultation.done = True
        del self.by_channel[agent.uniqueid]
        self.talks.complete(talk, "transfer", "ATTENDEDTRANSFER", "BRIDGE", first.uniqueid)
        exchange.connect_line(one, caller.number, caller.caller_name)
        exchange.destroy(second)
        exchange.connect_line(further.agent, caller.number, caller.caller_name)
        self.talks.end_agent(talk)

    # --- ends ---

    def _forget(self, consultation: Consultation) -> None:
        for key in [key for key, each in self.by_channel.items() if each is consultation]:
            del self.by_channel[key]

    def caller_ends(self, consultation: Consultation, *, requested: bool) -> None:
        """The first caller hangs up, during the consultation or after the transfer."""
        exchange, caller, talk = self.exchange, consultation.talk.caller, consultation.talk
        self._forget(consultation)
        if requested:
            exchange.hangup_request(caller)
        if not consultation.done:
            self.talks.complete(talk, "caller", "COMPLETECALLER")
        exchange.leave(caller)
        if consultation.done:
            self._end_transferred(consultation)
        else:
            exchange.destroy(consultation.first)
        exchange.soft_hangup(caller)
        exchange.hangup(caller)
        self.talks.gone(caller)
        if consultation.done:
            self._end_two_talking(consultation)
        else:
            self._end_consult(consultation)
            self.talks.end_agent(talk)

    def _end_transferred(self, consultation: Consultation) -> None:
        exchange, one, two = self.exchange, consultation.one, consultation.two
        exchange.leave(one)
        exchange.hangup_request(two, 16)
        exchange.hangup(one)
        self.talks.complete(self.talks.by_caller[two.uniqueid], "caller", "COMPLETECALLER")
        exchange.identify(two, consultation.talk.caller.number, consultation.talk.caller.caller_name)
        exchange.destroy(consultation.first)

    def _end_two_talking(self, consultation: Consultation) -> None:
        exchange, two = self.exchange, consultation.two
        third = two.bridge
        if third is None:
            return
        further = next(each for each in self.talks.by_agent.values() if each.caller is two)
        exchange.leave(two)
        exchange.soft_hangup(two)
        exchange.hangup(two)
        exchange.leave(further.agent)
        exchange.destroy(third)
        self.talks.end_agent(further)
        self.talks.gone(two)

    def _end_consult(self, consultation: Consultation) -> None:
        """The consultation's own channels, the agent's excepted."""
        exchange, one, two = self.exchange, consultation.one, consultation.two
        exchange.leave(consultation.talk.agent)
        exchange.leave(one)
        exchange.hangup_request(two, 16)
        exchange.hangup(one)
        exchange.destroy(consultation.second)
        entry = self.talks.queue.entries.get(two.uniqueid)
        if entry is not None:
            for leg in self.talks.queue.give_up(entry):
                exchange.hangup(leg, 0)
        further = self.talks.by_caller.get(two.uniqueid)
        if further is not None:
            self.talks.caller_ends(further, requested=False)
        elif not two.gone:
            exchange.soft_hangup(two)
            exchange.hangup(two)
            self.talks.gone(two)

    def agent_ends(self, consultation: Consultation) -> None:
        """The consulting agent gives up altogether: his consultation and the first call end."""
        exchange, talk = self.exchange, consultation.talk
        self._forget(consultation)
        exchange.hangup_request(talk.agent)
        self.talks.complete(talk, "agent", "COMPLETEAGENT")
        self._end_consult(consultation)
        self.talks.end_agent(talk)
        exchange.leave(talk.caller)
        exchange.destroy(consultation.first)
        exchange.soft_hangup(talk.caller)
        exchange.hangup(talk.caller)
        self.talks.gone(talk.caller)

    def two_gone(self, two: Channel) -> None:
        """The second queue's side ended: the agent returns to his caller, or, once transferred, the caller's call is over."""
        consultation = self.by_channel.get(two.uniqueid)
        if consultation is None:
            return
        exchange, one, talk = self.exchange, consultation.one, consultation.talk
        self._forget(consultation)
        exchange.leave(one)
        exchange.hangup(one)
        if consultation.done:
            exchange.leave(talk.caller)
            exchange.destroy(consultation.first)
            exchange.soft_hangup(talk.caller)
            exchange.hangup(talk.caller)
            self.talks.gone(talk.caller)
            return
        exchange.leave(talk.agent)
        exchange.destroy(consultation.second)
        exchange.enter(consultation.first, talk.agent)
        self.talks.unhold(talk)
