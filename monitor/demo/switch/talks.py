"""Answered queue calls: the bridge, hold, and every way in which agent and caller part.

Owns AgentComplete and its rows of queue_log. Refuses consultations (`transfers`), which end through here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from monitor.demo.switch.app_queue import AppQueue, Entry, Leg
from monitor.demo.switch.channel import Channel
from monitor.demo.switch.exchange import Exchange
from monitor.demo.switch.roster import Member, Roster


@dataclass(slots=True, eq=False)
class Talk:
    """A queue call since its answer. `over`: app_queue has accounted for it, though channels may still talk."""

    entry: Entry
    member: Member
    agent: Channel
    began: int  # in whole seconds, as app_queue keeps it
    over: bool = False

    @property
    def caller(self) -> Channel:
        """Who waited."""
        return self.entry.caller


@dataclass
class Talks:
    """All of them, by the agent's Uniqueid. `after_consult` ends what a consultation left behind."""

    exchange: Exchange
    roster: Roster
    queue: AppQueue
    by_agent: dict[str, Talk] = field(default_factory=dict)
    by_caller: dict[str, Talk] = field(default_factory=dict)
    gone: Callable[[Channel], None] = lambda _channel: None

    def connected(self, entry: Entry, leg: Leg) -> None:
        """Bridge them."""
        exchange, agent, caller = self.exchange, leg.channel, entry.caller
        talk = Talk(entry, leg.member, agent, exchange.second)
        self.by_agent[agent.uniqueid] = self.by_caller[caller.uniqueid] = talk
        bridge = exchange.bridge()
        exchange.enter(bridge, agent)
        if caller.other is not None and caller.other.bridge is not None:
            exchange.dial("DialEnd", None, caller.other.headers("Dest"), DialStatus="ANSWER")
        exchange.enter(bridge, caller)
        at, interface = exchange.at, leg.member.spec.interface
        exchange.tell(lambda: exchange.people.talk_begins(at, interface, agent.uniqueid, caller.uniqueid, entry.queue.name))

    def complete(self, talk: Talk, reason: str, verb: str, *lead: object) -> None:
        """AgentComplete and its row; `lead` is what a transfer's row begins with."""
        exchange, entry = self.exchange, talk.entry
        talked = exchange.second - talk.began
        talk.over = True
        self.by_caller.pop(talk.caller.uniqueid, None)
        exchange.log(talk.caller.uniqueid, entry.queue.name, talk.member.spec.name, verb, *lead, entry.hold_s, talked, entry.original)
        self.queue.completed(entry.queue.name, talk.member, entry, talked)
        times = {"HoldTime": str(entry.hold_s), "TalkTime": str(talked), "Reason": reason}
        headers = {**talk.caller.headers(), **talk.agent.headers("Dest"), **self.queue.who(talk.member), **times}
        exchange.event("AgentComplete", headers, "agent")

    def end_agent(self, talk: Talk, cause: int = 16) -> None:
        """The agent's channel is gone."""
        exchange, agent, interface = self.exchange, talk.agent, talk.member.spec.interface
        del self.by_agent[agent.uniqueid]
        exchange.hangup(agent, cause)
        at = exchange.at
        exchange.tell(lambda: exchange.people.leg_ends(at, interface, agent.uniqueid))

    def caller_ends(self, talk: Talk, *, requested: bool) -> None:
        """The caller ends it; without request when his line failed."""
        exchange, caller, agent = self.exchange, talk.caller, talk.agent
        bridge = agent.bridge
        if requested:
            exchange.hangup_request(caller)
            self.complete(talk, "caller", "COMPLETECALLER")
        exchange.leave(caller)
        exchange.soft_hangup(caller)
        if not requested:
            self.complete(talk, "caller", "COMPLETECALLER")
        exchange.leave(agent)
        if bridge is not None:
            exchange.destroy(bridge)
        self.end_agent(talk)
        exchange.hangup(caller)
        self.gone(caller)

    def agent_ends(self, talk: Talk, *, requested: bool = True) -> None:
        """The agent ends it."""
        exchange, caller, agent = self.exchange, talk.caller, talk.agent
        bridge = caller.bridge
        if requested:
            exchange.hangup_request(agent)
        exchange.leave(agent)
        self.complete(talk, "agent" if requested else "caller", "COMPLETEAGENT" if requested else "COMPLETECALLER")
        self.end_agent(talk)
        exchange.leave(caller)
        if bridge is not None:
            exchange.destroy(bridge)
        exchange.soft_hangup(caller)
        exchange.hangup(caller)
        self.gone(caller)

    def hold(self, talk: Talk, *, music: bool = True) -> None:
        """The agent holds the caller."""
        if not talk.caller.held:
            self.exchange.event("Hold", {**talk.agent.headers(), **({"MusicClass": "default"} if music else {})})
            self.roster.hold(talk.caller, held=True)

    def unhold(self, talk: Talk) -> None:
        """And takes him back."""
        if talk.caller.held:
            self.exchange.event("Unhold", talk.agent.headers())
            self.roster.hold(talk.caller, held=False)

    def blind(self, talk: Talk, exten: str, context: str) -> None:
        """The caller goes to a number, the agent is free; the caller's dialplan is not started here."""
        exchange, caller, agent = self.exchange, talk.caller, talk.agent
        bridge = agent.bridge
        if bridge is None:
            return
        self.unhold(talk)
        where = {"IsExternal": "Yes", "Context": context, "Extension": exten}
        headers = {"Result": "Success", **agent.headers("Transferer"), **caller.headers("Transferee"), **bridge.headers(), **where}
        exchange.event("BlindTransfer", headers)
        self.complete(talk, "transfer", "BLINDTRANSFER", exten, context)
        exchange.leave(agent)
        caller.context, caller.exten, caller.priority = context, exten, 1
        caller.cause = 16
        exchange.leave(caller)
        exchange.destroy(bridge)
        self.end_agent(talk)
