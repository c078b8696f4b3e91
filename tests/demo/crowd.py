"""Two hundred people who do anything at any time to a small PBX, by chance: what no script would think of."""

from __future__ import annotations

from random import Random

from monitor.core.contract import SECOND
from monitor.demo.switch.specs import MemberSpec, Message, QueueSpec, Step
from monitor.demo.switch.switch import Switch

START = 1_795_446_000 * SECOND
QUEUES = (
    QueueSpec("bank", "rrmemory", ring_s=8, retry_s=2, wrapup_s=4),
    QueueSpec("shop", "leastrecent", ring_s=6, retry_s=1, key_context=True),
    QueueSpec("taxi", "ringall", ring_s=10, retry_s=3, leave_when_empty=True),
)
PHONES = [f"PJSIP/{n}" for n in range(101, 109)]
DYNAMIC = MemberSpec("shop", "PJSIP/108", "Agent 108", dynamic=True)
MEMBERS = [
    *(MemberSpec("bank", phone, f"Agent {phone[-3:]}", penalty=int(phone[-1]) % 2) for phone in PHONES[:5]),
    *(MemberSpec("shop", phone, f"Agent {phone[-3:]}") for phone in PHONES[3:6]),
    *(MemberSpec("taxi", phone, f"Agent {phone[-3:]}") for phone in PHONES[5:8]),
]
DOORS: tuple[tuple[Step, ...], ...] = (
    (("queue", "bank", "rt", "20"), ("queue", "shop", "rt", "15"), ("hangup",)),
    (("answer",), ("wait", "1"), ("queue", "shop", "rt", ""), ("hangup",)),
    (("queue", "taxi", "rt", "30"), ("answer",), ("wait", "1")),
    (("goto", "700"), ("queue", "taxi", "rt", "12"), ("queue", "taxi", "rt", "12"), ("hangup",)),
)


class Crowd:
    """The people, who remember what rings and who waits, and the switch; `events` and `rows` are what came out."""

    def __init__(self, seed: int, seconds: int) -> None:
        self.random = Random(seed)
        self.events: list[tuple[int, Message]] = []
        self.rows: list[str] = []
        self.ringing: dict[str, str] = {}
        self.talking: dict[str, str] = {}
        self.waiting: dict[str, str] = {}
        self.callers: set[str] = set()
        self.gone: set[str] = set()
        self.calls: dict[str, str] = {}
        self.switch = Switch(QUEUES, MEMBERS, PHONES, ["trunk"], START, self, lambda at, m: self.events.append((at, m)), self.rows.append)
        at = START
        while at < START + seconds * SECOND:
            at += self.random.randrange(30_000, 1_500_000)
            self.switch.advance(at)
            self._somebody(at)
        for phone in PHONES:
            self.switch.unpause(at, phone)
        for _ in range(100):
            if not (self.callers or self.calls or self.talking):
                break
            at += SECOND
            self.switch.advance(at)
            for call in [*self.calls]:
                self.switch.agent_hangs_up(at, call)
            for caller in [*self.callers]:
                self.switch.caller_hangs_up(at, caller)
        self.switch.advance(at + 60 * SECOND)
        self.end = at + 60 * SECOND

    def _one(self, of: dict[str, str] | set[str]) -> str:
        return self.random.choice(sorted(of)) if of else "0.0"

    def _somebody(self, at: int) -> None:
        switch, random = self.switch, self.random
        phone = random.choice(PHONES)
        match random.randrange(20):
            case 0 | 1 | 2:
                caller = switch.incoming(at, f"38050{random.randrange(10**7):07}", "c", random.choice(["70", "71"]), random.choice(DOORS))
                self.callers |= {caller} - self.gone
            case 3 | 4 | 5 | 6:
                switch.answer(at, self._one(self.ringing))
            case 7:
                switch.caller_hangs_up(at, self._one(self.callers))
            case 8:
                switch.agent_hangs_up(at, self._one(self.talking))
            case 9:
                switch.agent_hangs_up(at, self._one(self.ringing))
            case 10:
                switch.hold(at, self._one(self.talking))
            case 11:
                switch.unhold(at, self._one(self.talking))
            case 12:
                switch.blind_transfer(at, self._one(self.talking), "702", random.choice(DOORS))
            case 13:
                switch.attended_transfer(at, self._one(self.talking), "703", (("goto", "shop"), ("queue", "shop", "rt", "9")))
            case 14:
                switch.complete_transfer(at, self._one(self.talking))
            case 15:
                (switch.pause(at, phone, "lunch") if random.random() < 0.4 else switch.unpause(at, phone))
            case 16:
                switch.caller_presses(at, self._one(self.waiting), "5")
            case 17:
                self._dials(at, phone)
            case _:
                self._rare(at, phone)

    def _dials(self, at: int, phone: str) -> None:
        call = self.switch.dial(at, phone, "380671112233")
        if call:
            self.calls[call] = phone

    def _rare(self, at: int, phone: str) -> None:
        match self.random.randrange(12):
            case 0:
                self.switch.trunk_down(at, "trunk")
            case 8 | 9 | 10:
                self.switch.device(at, phone, reachable=self.random.random() < 0.6)
            case 1:
                self.switch.add_member(at, DYNAMIC)
            case 2:
                self.switch.remove_member(at, "shop", DYNAMIC.interface)
            case 3 | 4:
                self.switch.far_answers(at, self._one(self.calls))
            case 5:
                self.switch.far_hangs_up(at, self._one(self.calls))
            case 6:
                self.switch.far_fails(at, self._one(self.calls), self.random.choice(["BUSY", "NOANSWER", "CONGESTION", "CHANUNAVAIL"]))
            case _:
                self.switch.agent_hangs_up(at, self._one(self.calls))

    # --- what the switch tells; each is told once and in order, or a KeyError says so ---

    def phone_rings(self, at: int, interface: str, leg: str, caller: str, queue: str) -> None:
        """It rings; sometimes it is answered at once, from inside the call."""
        assert leg not in self.ringing
        self.ringing[leg] = interface
        if self.random.random() < 0.1:
            self.switch.answer(at, leg)

    def phone_stops(self, at: int, interface: str, leg: str) -> None:
        """In vain."""
        assert self.ringing.pop(leg) == interface

    def talk_begins(self, at: int, interface: str, leg: str, caller: str, queue: str) -> None:
        """From ringing to talking."""
        assert self.ringing.pop(leg) == interface
        self.talking[leg] = interface
        self.waiting.pop(caller, None)

    def leg_ends(self, at: int, interface: str, leg: str) -> None:
        """Out of a queue call or an own one."""
        assert (self.talking.pop(leg) if leg in self.talking else self.calls.pop(leg)) == interface

    def caller_waits(self, at: int, caller: str, queue: str) -> None:
        """In a queue."""
        self.waiting[caller] = queue

    def caller_gone(self, at: int, caller: str) -> None:
        """Gone for good; a consultation's Local channel is nobody's caller."""
        self.waiting.pop(caller, None)
        self.callers.discard(caller)
        self.gone.add(caller)

    def far_end_rings(self, at: int, interface: str, call: str, number: str) -> None:
        """Noted."""
