"""Calls out, as agents, click-to-call, call files and dialers make them: the driver of the outbound floor, and its list of what it provoked.

Owns the ways to place a call and what is done to it once it is answered or in a queue, and for every attempt what has to come of it (`Attempt`): by
whom, for which project, which status. It judges nothing; `test_outbound.py` holds the list against Asterisk's CDR, the carrier's book and the daemon.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass, field

from tests.lab import carrier, outbound
from tests.lab.ami import Message, Session
from tests.lab.carrier import Carrier
from tests.lab.pbx import Asterisk
from tests.lab.phones import Caller, Phones
from tests.lab.records import CALLER

CALM_SECONDS = 60.0
CONTACT_SECONDS = 8
PROMISE_SECONDS = 3.0
_DIALLED = re.compile(r"(9\d{8})(?=@|$)")


@dataclass
class Attempt:
    """One call out: how, by whom (0: nobody, a dialer) and for which project; `channel` and `far` while it lives, `status` once it ended."""

    kind: str
    project: str
    phone: int
    number: str
    channel: str = ""
    far: str = ""
    agent_channel: str = ""
    steps: Steps = ()  # after the answer
    in_queue: Steps = ()  # after AgentConnect
    statuses: list[str] = field(default_factory=list)  # as DialEnd has them
    answered_at: float = 0.0
    gone_at: float = 0.0

    @property
    def status(self) -> str:
        """How it ended. An originated one that nobody takes has no DialEnd."""
        return self.statuses[0] if self.statuses else "NOANSWER"

    @property
    def answers(self) -> bool:
        """Whether he is one who does."""
        return carrier.fate_of(self.number) in carrier.FATES

    @property
    def up_s(self) -> float:
        return self.gone_at - self.answered_at if self.answered_at else 0.0


Deed = Callable[["Campaign", Attempt], Awaitable[None]]
Steps = tuple[tuple[float, Deed], ...]


def blind(exten: str) -> Deed:
    async def deed(driver: Campaign, attempt: Attempt) -> None:
        await driver.act("BlindTransfer", Channel=attempt.agent_channel or attempt.channel, Context="floor", Exten=exten)

    return deed


def attended(exten: str) -> Deed:
    """A consultation by feature code; the agent's own hang-up completes it."""

    async def deed(driver: Campaign, attempt: Attempt) -> None:
        await driver.act("Atxfer", Channel=attempt.agent_channel or attempt.channel, Context="floor", Exten=exten)

    return deed


def hung_up() -> Deed:
    async def deed(driver: Campaign, attempt: Attempt) -> None:
        await driver.act("Hangup", Channel=attempt.agent_channel or attempt.channel)

    return deed


@dataclass
class Campaign:
    """`await connect()`, then place calls; `attempts` is the list, by the number of the person called."""

    pbx: Asterisk
    phones: Phones
    lines: Carrier
    ami: Session | None = None
    attempts: list[Attempt] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    events: list[Message] = field(default_factory=list)
    live: dict[str, int] = field(default_factory=dict)  # channels by name, to the phone they are of
    waiting: dict[str, str] = field(default_factory=dict)  # callers by uniqueid, to their queue
    promised: dict[int, float] = field(default_factory=dict)  # phones that are to call or be called at once, until then
    met: int = 0  # calls that reached the PBX
    _serial: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def connect(self) -> None:
        self.ami = await Session.open(self.pbx.ports.ami, "driver", self._seen)

    async def act(self, action: str, **headers: str) -> bool:
        if self.ami is None:
            raise RuntimeError("connect() comes before act()")
        answer = await self.ami.ask(action, **headers)
        success = answer.get("Response") == "Success"
        if not success:
            self.failures.append(f"{action} {headers}: {answer.get('Message')}")
        return success

    def person(self, fate: str = carrier.ANSWERS, stay: str = carrier.LONG, **kinds: str) -> str:
        """Somebody nobody called yet."""
        self._serial += 1
        return carrier.person(self._serial, fate, stay, **kinds)

    # -- what is seen -------------------------------------------------------------------------------------------------

    def _seen(self, message: Message) -> None:
        event = message.get("Event", "")
        self._known(event, message)
        if event == "DialBegin" and message.get("DestChannel", "").startswith("PJSIP/trunk-"):
            found = _DIALLED.search(message.get("DialString", ""))
            attempt = self._open(found[1]) if found else None
            if attempt is not None:
                attempt.far, attempt.channel = message["DestChannel"], message.get("Channel", "")
        elif event == "DialEnd" and (attempt := self._of(message.get("DestChannel", ""))) is not None:
            attempt.statuses.append(message["DialStatus"])
            if message["DialStatus"] == "ANSWER":
                attempt.answered_at = float(message["Timestamp"])
                self._later(attempt, attempt.steps)
        elif event == "Hangup" and (attempt := self._of(message.get("Channel", ""))) is not None and message["Channel"] == attempt.far:
            attempt.gone_at = float(message["Timestamp"])
        elif event == "AgentConnect" and (attempt := self._of(message.get("Channel", "")) or self._pushed(message["CallerIDNum"])) is not None:
            attempt.agent_channel = message["DestChannel"]
            self._later(attempt, attempt.in_queue)

    def _known(self, event: str, message: Message) -> None:
        """Who is on a call, and who waits: nobody is given a second call at a time."""
        if event == "Newchannel":
            found = re.match(r"PJSIP/agent(\d+)-", message["Channel"])
            self.live[message["Channel"]] = int(found[1]) if found else 0
            self.met += message["Uniqueid"] == message["Linkedid"]
        elif event == "Hangup":
            self.live.pop(message["Channel"], None)
        elif event == "QueueCallerJoin":
            self.waiting[message["Uniqueid"]] = message["Queue"]
        elif event == "QueueCallerLeave":
            self.waiting.pop(message["Uniqueid"], None)

    def free(self, phones: Iterable[int]) -> list[int]:
        """Those of them who are on no call, and whom neither a queue nor somebody's plan is about to give one."""
        now = time.monotonic()
        busy = {*self.live.values(), *(phone for phone, until in self.promised.items() if until > now)}
        sought = {*self.waiting.values(), *("sales" for each in self.attempts if self._pushed(each.number) is each and each.answers)}
        return [phone for phone in phones if phone not in busy and not any(phone in outbound.QUEUES[queue] for queue in sought)]

    def promise(self, phone: int) -> int:
        """Nobody else is to have that phone, until it is seen on its call."""
        self.promised[phone] = time.monotonic() + PROMISE_SECONDS
        return phone

    def _open(self, number: str) -> Attempt | None:
        return next((each for each in self.attempts if each.number == number and not each.far), None)

    def _pushed(self, number: str) -> Attempt | None:
        """Whom a dialer has called and no agent has spoken to yet."""
        return next((each for each in self.attempts if not each.phone and each.number == number and not each.agent_channel and not each.gone_at), None)

    def _of(self, channel: str) -> Attempt | None:
        return next((each for each in self.attempts if channel and channel in (each.far, each.channel)), None)

    def _later(self, attempt: Attempt, steps: Steps) -> None:
        async def after(delay: float, deed: Deed) -> None:
            await asyncio.sleep(delay)
            await deed(self, attempt)

        for delay, deed in steps:
            self.meanwhile(after(delay, deed))

    def meanwhile(self, doing: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- ways to call -------------------------------------------------------------------------------------------------

    def dials(
        self,
        kind: str,
        phone: int,
        number: str,
        *,
        patience: float = 30.0,
        talks: float = 30.0,
        keys: tuple[tuple[int, str], ...] = (),
        steps: Steps = (),
        media: bool = False,
    ) -> Attempt:
        """An agent's phone calls."""
        attempt = self._placed(Attempt(kind, outbound.project_of(phone), phone, number, steps=steps))
        caller = Caller(outbound.dialled(phone, number), f"agent{phone}", f"Agent {phone}", round(patience * 1000), round(talks * 1000), keys, media)
        self.phones.call(caller)
        return attempt

    async def clicks(self, kind: str, phone: int, number: str, **headers: str) -> Attempt:
        """Click-to-call: the agent's phone rings first, then the dialplan calls."""
        attempt = self._placed(Attempt(kind, outbound.project_of(phone), phone, number))
        where = {"Context": outbound.desk_of(phone), "Exten": outbound.dialled(phone, number), "Priority": "1", "Channel": f"PJSIP/agent{phone}"}
        await self.act("Originate", **{**where, "CallerID": f"Click <{number}>", "Timeout": "8000", "Async": "true", **headers})
        return attempt

    async def applies(self, kind: str, phone: int, number: str) -> Attempt:
        """The same, with Dial() named by the one who clicks: no dialplan."""
        attempt = self._placed(Attempt(kind, "shop-line", phone, number))
        data = f"PJSIP/{number}@trunk-a,{outbound.RING_SECONDS}"
        await self.act("Originate", Channel=f"PJSIP/agent{phone}", Application="Dial", Data=data, CallerID=f"Click <{number}>", Timeout="8000", Async="true")
        return attempt

    async def dialer(self, kind: str, number: str, *, local: bool = False, in_queue: Steps = (), **headers: str) -> Attempt:
        """A dialer calls; who answers is put into its queue."""
        attempt = self._placed(Attempt(kind, "shop-line", 0, number, in_queue=in_queue))
        where = {"Channel": f"Local/{number}@dialer-out/n" if local else f"PJSIP/{number}@trunk-a", "Context": "dialer", "Exten": "s", "Priority": "1"}
        patience = str(outbound.RING_SECONDS * 1000)
        await self.act("Originate", **{**where, "CallerID": f"Dialer <{number}>", "Timeout": patience, "Async": "true", **headers})
        return attempt

    def call_file(self, kind: str, phone: int, number: str) -> Attempt:
        """A file in the spool: to an agent who is then connected, or without one (phone 0) into the dialer's queue."""
        attempt = self._placed(Attempt(kind, outbound.project_of(phone) if phone else "shop-line", phone, number))
        if phone:
            lines = [f"Channel: PJSIP/agent{phone}", f"Context: {outbound.desk_of(phone)}", f"Extension: {outbound.dialled(phone, number)}", "Priority: 1"]
        else:
            lines = [f"Channel: PJSIP/{number}@trunk-a", "Context: dialer", "Extension: s", "Priority: 1"]
        lines += [f"CallerID: File <{number}>", "MaxRetries: 0", f"WaitTime: {outbound.RING_SECONDS}"]
        spool = self.pbx.folder / "var/spool"
        made = spool / "tmp" / f"{number}.call"
        made.write_text("\n".join(lines) + "\n", encoding="utf-8")
        made.rename(spool / "outgoing" / made.name)
        return attempt

    def calls_in(self, way: str, number: str, *, patience: float = 30.0, talks: float = 5.0) -> None:
        """A person calls a queue."""
        self.phones.call(Caller(way, number, CALLER, round(patience * 1000), round(talks * 1000)))

    def _placed(self, attempt: Attempt) -> Attempt:
        self.attempts.append(attempt)
        return attempt

    # -- the end ------------------------------------------------------------------------------------------------------

    @property
    def placed(self) -> list[Attempt]:
        """The attempts that reached a trunk: a click that the agent's own phone did not answer is none."""
        return [each for each in self.attempts if each.far]

    async def calm(self) -> None:
        """Wait until nobody is calling, nothing rings and no deed is left."""
        end = time.monotonic() + CALM_SECONDS
        spool, channels = self.pbx.folder / "var/spool/outgoing", ""
        while time.monotonic() < end:
            channels = await asyncio.to_thread(self.pbx.cli, "core show channels")
            if not self.phones.calling() and not self._tasks and "0 active channels" in channels and not any(spool.iterdir()):
                return
            await asyncio.sleep(0.3)
        raise AssertionError(f"not calm after {CALM_SECONDS:.0f} s: {self.phones.calling()} callers, {len(self._tasks)} deeds, {channels}")

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        if self.ami is not None:
            await self.ami.close()
