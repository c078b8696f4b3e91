"""An agent's own calls: he dials, somebody far away answers or not.

Owns the two channels of such a call. Refuses queues: an agent who dials is busy for them because his device is.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from monitor.demo.switch.channel import RING, RINGING, UP, Channel
from monitor.demo.switch.exchange import Exchange

CAUSES = {"BUSY": 17, "NOANSWER": 19, "CONGESTION": 34, "CHANUNAVAIL": 20}


@dataclass(slots=True, eq=False)
class Outgoing:
    """The agent's channel and the far one."""

    agent: Channel
    far: Channel


@dataclass
class Dialling:
    """All outgoing calls, by the agent's Uniqueid."""

    exchange: Exchange
    calls: dict[str, Outgoing] = field(default_factory=dict)

    def dial(self, interface: str, number: str, trunk: str, context: str, account: str) -> str:
        """An agent dials; it rings at the other end at once."""
        exchange = self.exchange
        user = interface.partition("/")[2]
        agent = exchange.channel(interface, state=RING, number=user, context=context, exten=number, dialled=number, account=account)
        exchange.processed += 1
        agent.application, agent.data = "Dial", f"PJSIP/{trunk}/sip:{number}@127.0.0.1,60"
        far = exchange.channel(f"PJSIP/{trunk}", linkedid=agent.linkedid, context="inbound", account=account)
        far.application, far.data = "AppDial", "(Outgoing Line)"
        far.connected, far.connected_name, far.exten = agent.number, agent.caller_name, number
        exchange.identify(far, number)
        exchange.event("NewConnectedLine", far.headers())
        exchange.dial("DialBegin", agent, far.headers("Dest"), DialString=f"{trunk}/sip:{number}@127.0.0.1")
        exchange.connect_line(agent, number)
        exchange.state(far, RINGING)
        exchange.dial("DialState", agent, far.headers("Dest"), DialStatus="RINGING")
        self.calls[agent.uniqueid] = Outgoing(agent, far)
        at, call = exchange.at, agent.uniqueid
        exchange.tell(lambda: exchange.people.far_end_rings(at, interface, call, number))
        return call

    def answered(self, call: Outgoing) -> None:
        """The person called picks up."""
        exchange, agent, far = self.exchange, call.agent, call.far
        if far.state == UP:
            return
        exchange.state(far, UP)
        far.exten = ""
        exchange.dial("DialEnd", agent, far.headers("Dest"), DialStatus="ANSWER")
        exchange.state(agent, UP)
        bridge = exchange.bridge()
        exchange.enter(bridge, far)
        exchange.enter(bridge, agent)

    def failed(self, call: Outgoing, status: str) -> None:
        """Nobody answers, or nobody can."""
        exchange, agent, far = self.exchange, call.agent, call.far
        if far.state == UP or status not in CAUSES:
            return
        exchange.dial("DialEnd", agent, far.headers("Dest"), DialStatus=status)
        exchange.hangup(far, CAUSES[status])
        self._end_agent(call, CAUSES[status])

    def far_ends(self, call: Outgoing, *, requested: bool = True) -> None:
        """The far side hangs up, or its line fails."""
        exchange, agent, far = self.exchange, call.agent, call.far
        if far.state != UP:
            if not requested:
                self.failed(call, "CONGESTION")
            return
        bridge = far.bridge
        if requested:
            exchange.hangup_request(far)
        exchange.leave(far)
        exchange.hangup(far)
        exchange.leave(agent)
        if bridge is not None:
            exchange.destroy(bridge)
        self._end_agent(call, 16)

    def agent_ends(self, call: Outgoing) -> None:
        """The agent hangs up; while it rings he gives up."""
        exchange, agent, far = self.exchange, call.agent, call.far
        bridge = agent.bridge
        exchange.hangup_request(agent)
        if bridge is None:
            exchange.dial("DialEnd", agent, far.headers("Dest"), DialStatus="CANCEL")
            exchange.hangup(far, 0)
        else:
            exchange.leave(agent)
            exchange.leave(far)
            exchange.destroy(bridge)
            exchange.hangup(far)
        self._end_agent(call, 16)

    def _end_agent(self, call: Outgoing, cause: int) -> None:
        exchange, agent = self.exchange, call.agent
        del self.calls[agent.uniqueid]
        exchange.soft_hangup(agent)
        exchange.hangup(agent, cause)
        at = exchange.at
        exchange.tell(lambda: exchange.people.leg_ends(at, agent.device, agent.uniqueid))
