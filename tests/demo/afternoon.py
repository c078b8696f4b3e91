"""The two and a half minutes of a real Asterisk 22.10.1 that `single-22` recorded, driven through the switch at the recorded instants.

One PBX, started once, made all ten recordings, one after the other; so does the switch. What nobody recorded in between left counters and
identifiers behind (QueueParams, CoreProcessedCalls, Uniqueids); calls of our own, at whole seconds, are chosen so that these come out. They
make the later recordings comparable as they are, and prove nothing themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from monitor.demo.switch.specs import MemberSpec, Message, QueueSpec, Step
from monitor.demo.switch.switch import Switch
from tests.demo.session import opening

EPOCH = 1_795_440_000
QUEUES = tuple(
    QueueSpec(name, "ringall" if name.startswith("ringall") else "leastrecent", ring_s=60, leave_when_empty=name == "qempty", key_context=name == "qkey")
    for name in ("qhold", "qtalk", "ringall", "ringall2", "qrna", "qkey", "qempty", "qwait", "qbye", "qlong", "qto")
)
MEMBERS = (
    MemberSpec("qhold", "PJSIP/agent8", "Agent 8"),
    *(MemberSpec("qtalk", f"PJSIP/agent{n}", f"Agent {n}") for n in (1, 2)),
    *(MemberSpec(queue, f"PJSIP/agent{n}", f"Agent {n}") for queue in ("ringall", "ringall2") for n in (4, 5, 6)),
    MemberSpec("qrna", "Local/r@rna/n", "Nobody"),
    MemberSpec("qempty", "PJSIP/agent3", "Agent 3"),
    MemberSpec("qbye", "PJSIP/agent9", "Agent 9"),
    MemberSpec("qlong", "Local/r@rna/n", "Slow"),
)


def instant(seconds: float) -> int:
    """Seconds since the recordings' EPOCH as an instant."""
    return EPOCH * 1_000_000 + round(seconds * 1_000_000)


@dataclass
class Script:
    """Nobody reacts by himself: the script says who does what, and remembers whose phone rings."""

    ringing: dict[str, str] = field(default_factory=dict)  # interface: leg
    heard: list[str] = field(default_factory=list)

    def phone_rings(self, at: int, interface: str, leg: str, caller: str, queue: str) -> None:
        """Remember the leg."""
        self.ringing[interface] = leg
        self.heard.append(f"rings {interface} {queue}")

    def phone_stops(self, at: int, interface: str, leg: str) -> None:
        """Noted."""
        self.heard.append(f"stops {interface}")

    def talk_begins(self, at: int, interface: str, leg: str, caller: str, queue: str) -> None:
        """Noted."""
        self.heard.append(f"talks {interface} {queue}")

    def leg_ends(self, at: int, interface: str, leg: str) -> None:
        """Noted."""
        self.heard.append(f"ends {interface}")

    def caller_waits(self, at: int, caller: str, queue: str) -> None:
        """Noted."""
        self.heard.append(f"waits {queue}")

    def caller_gone(self, at: int, caller: str) -> None:
        """Noted."""
        self.heard.append("gone")

    def far_end_rings(self, at: int, interface: str, call: str, number: str) -> None:
        """Noted."""
        self.heard.append(f"far {number}")


class Afternoon:
    """The switch being driven; `events` and `rows` are what it sent and wrote."""

    def __init__(self) -> None:
        self.people = Script()
        self.events: list[tuple[int, Message]] = []
        self.rows: list[str] = []
        self.openings: dict[str, bytes] = {}
        self.answers: dict[str, dict[str, list[Message]]] = {}
        phones = [f"PJSIP/agent{n}" for n in range(1, 10)]
        start = instant(8458)
        publish = lambda at, message: self.events.append((at, message))  # noqa: E731
        self.switch = Switch(QUEUES, MEMBERS, phones, ["trunk"], start, self.people, publish, self.rows.append, booted_at=instant(8457))

    def call(self, at: float, did: str, *steps: Step, number: str = "5550101") -> str:
        """A caller of the recordings."""
        return self.switch.incoming(instant(at), number, "c", did, steps)

    def ask(self, at: float, name: str) -> None:
        """What the recording's session asked first, and the same as bytes."""
        now = instant(at)
        switch = self.switch
        self.openings[name] = opening(switch, now)
        self.answers[name] = {
            "status": [switch.core_status(now)],
            "queues": switch.queue_status(now),
            "channels": switch.channels(now),
            "settings": [switch.core_settings()],
        }

    def run(self) -> Afternoon:
        """All ten, in the order of their making."""
        for part in (self._waits, self._exits, self._answered, self._snapshot, self._transfer):
            part()
        return self

    def _waits(self) -> None:
        switch, call = self.switch, self.call
        self.ask(8458.244408, "abandon")
        first = call(8458.854101, "wait", ("queue", "qwait", "rt", "60"))
        second = call(8458.865553, "ringing", ("queue", "qlong", "rt", "60"), number="5550102")
        switch.caller_hangs_up(instant(8461.860014), first)
        switch.caller_hangs_up(instant(8465.868816), second)
        self.ask(8467.873468, "timeout")
        call(8468.481422, "to", ("queue", "qto", "rt", "4"), ("answer",), ("wait", "2"), ("hangup",))
        self.ask(8476.794808, "overflow-to-second-queue")
        call(8477.406079, "chain", ("queue", "qto", "rt", "3"), ("queue", "qwait", "rt", "3"), ("hangup",))
        rung = call(8486, "rna", ("queue", "qrna", "rt", "60"))  # not recorded, as all whole seconds below
        switch.caller_hangs_up(instant(8488), rung)
        call(8488, "twice", ("queue", "qto", "rt", "2"), ("queue", "qto", "rt", "2"), ("hangup",))

    def _exits(self) -> None:
        switch, call = self.switch, self.call
        self.ask(8498.048446, "leave-empty")
        switch.pause(instant(8498.548823), "PJSIP/agent3", "lunch")
        call(8499.157221, "empty", ("queue", "qempty", "rt", "60"), ("wait", "1"), ("hangup",))
        switch.unpause(instant(8501), "PJSIP/agent3")
        self.ask(8501.962687, "exit-key")
        steps = (("answer",), ("queue", "qkey", "rt", "60"))
        keyed = switch.local_caller(instant(8502.463695), "5550103", "key", steps, application="SendDTMF", data="wwwwww5wwwwwwwwwwwwwwwwwwww")
        switch.caller_presses(instant(8505.671989), keyed, "5")
        for second in range(6):
            waiting = call(8510 + 3 * second, "wait", ("queue", "qwait", "rt", "60"))
            switch.caller_hangs_up(instant(8511 + 3 * second), waiting)
        call(8530, "to", ("queue", "qto", "rt", "4"), ("hangup",))

    def _answered(self) -> None:
        switch, call, ringing = self.switch, self.call, self.people.ringing
        self.ask(8550.311266, "ring-all")
        caller = call(8550.921388, "ringall", ("queue", "ringall", "rt", "60"))
        switch.answer(instant(8551.501007), ringing["PJSIP/agent5"])
        switch.caller_hangs_up(instant(8554.009905), caller)
        self.ask(8555.613938, "agent-hangs-up")
        call(8556.226707, "bye", ("queue", "qbye", "rt", "60"))
        switch.answer(instant(8557.236922), ringing["PJSIP/agent9"])
        switch.agent_hangs_up(instant(8559.740649), ringing["PJSIP/agent9"])

    def _snapshot(self) -> None:
        switch, call, ringing = self.switch, self.call, self.people.ringing
        talking = call(8561.6, "talk", ("queue", "qtalk", "rt", "60"))
        waiting = call(8561.8, "wait", ("queue", "qwait", "rt", "60"), number="5550102")
        switch.answer(instant(8563.8), ringing["PJSIP/agent2"])
        self.ask(8567.479279, "snapshot-in-mid-call")
        switch.pause(instant(8568.479437), "PJSIP/agent5", "break")
        switch.caller_hangs_up(instant(8570.988882), waiting)
        switch.caller_hangs_up(instant(8572.908953), talking)
        switch.unpause(instant(8573.156148), "PJSIP/agent5")
        self.ask(8574.759839, "hold")
        caller = call(8575.368993, "hold", ("queue", "qhold", "rt", "60"))
        agent = ringing["PJSIP/agent8"]
        switch.answer(instant(8576.377409), agent)
        switch.hold(instant(8578.380887), agent)
        switch.unhold(instant(8580.384448), agent)
        switch.caller_hangs_up(instant(8585.385534), caller)

    def _transfer(self) -> None:
        switch, call, ringing = self.switch, self.call, self.people.ringing
        self.ask(8587.192006, "attended-transfer-to-queue")
        caller = call(8587.810435, "ringall", ("queue", "ringall", "rt", "60"))
        first = ringing["PJSIP/agent6"]
        switch.answer(instant(8588.800647), first)
        switch.attended_transfer(instant(8590.714282), first, "711", (("goto", "talk"), ("queue", "qtalk", "rt", "60")))
        switch.advance(instant(8591))
        switch.answer(instant(8593.449871), ringing["PJSIP/agent1"])
        switch.complete_transfer(instant(8595.096527), first)
        switch.caller_hangs_up(instant(8602.809721), caller)
        switch.advance(instant(8610))
