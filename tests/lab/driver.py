"""The driver: plays a seeded, shuffled list of `kinds.py` on a running PBX until enough callers have joined queues.

Owns the live calls (which caller's number is which channel now), the arrival times and the pauses and dynamic members
that happen between calls. Everything random comes from one seed. It judges nothing: it keeps what it provoked, and what
came of it is asserted by `coverage.py` from the PBX's own rows and events.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from dataclasses import dataclass, field

from tests.lab import world
from tests.lab.ami import Message, Session
from tests.lab.deeds import Call, Deed, Plan, Steps
from tests.lab.kinds import KINDS, plan_for
from tests.lab.pbx import Asterisk
from tests.lab.phones import Phones

CALM_SECONDS = 60.0
KEPT = frozenset(
    (
        "AgentConnect",
        "AgentComplete",
        "AgentDump",
        "AgentRingNoAnswer",
        "AttendedTransfer",
        "BlindTransfer",
        "BridgeEnter",
        "BridgeLeave",
        "DialEnd",
        "Hangup",
        "HangupRequest",
        "Hold",
        "Unhold",
        "LocalOptimizationEnd",
        "Newexten",
        "QueueCallerAbandon",
        "QueueCallerJoin",
        "QueueCallerLeave",
        "QueueMemberAdded",
        "QueueMemberPause",
        "QueueMemberRemoved",
    )
)


def seed() -> int:
    chosen = os.environ.get("FLOORWATCH_LAB_SEED")
    return int(chosen) if chosen else random.SystemRandom().randrange(1_000_000)


@dataclass
class Driver:
    """`await drive(calls, gap)` plays; `events` is then the PBX's own view, `redirected` the waiting callers moved."""

    pbx: Asterisk
    phones: Phones
    rng: random.Random
    ami: Session | None = None
    calls: dict[str, Call] = field(default_factory=dict)  # by the caller's number
    by_uniqueid: dict[str, Call] = field(default_factory=dict)
    events: list[Message] = field(default_factory=list)
    redirected: set[str] = field(default_factory=set)
    joined: int = 0
    failures: list[str] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def connect(self) -> None:
        self.ami = await Session.open(self.pbx.ports.ami, "driver", self._seen)
        for queue, interface, reason in world.PAUSED_AT_START:
            await self.act("QueuePause", Queue=queue, Interface=interface, Paused="true", Reason=reason)

    async def act(self, action: str, **headers: str) -> bool:
        """One action whose target may be gone by now: a refusal is remembered, not raised."""
        if self.ami is None:
            raise RuntimeError("connect() comes before act()")
        try:
            answer = await self.ami.ask(action, **headers)
        except TimeoutError:
            answer = {"Message": "no answer"}
        success = answer.get("Response") == "Success"
        if not success:
            self.failures.append(f"{action} {headers}: {answer.get('Message')}")
        return success

    def _seen(self, message: Message) -> None:
        event = message.get("Event", "")
        if event in KEPT:
            self.events.append(message)
        if event == "QueueCallerJoin":
            self._joined(message)
        elif event == "AgentConnect" and (call := self.by_uniqueid.get(message["Uniqueid"])) is not None:
            call.agent_channel, call.interface = message["DestChannel"], message["Interface"]
            if not call.connected:
                call.connected = True
                self._later(call, call.plan.on_connect)

    def _joined(self, message: Message) -> None:
        self.joined += 1
        call = self.calls.get(message["CallerIDNum"])
        if call is None or call.uniqueid:
            return
        call.uniqueid, call.channel, call.queue = message["Uniqueid"], message["Channel"], message["Queue"]
        self.by_uniqueid[call.uniqueid] = call
        self._later(call, call.plan.on_join)

    def _later(self, call: Call, steps: Steps) -> None:
        for delay, deed in steps:
            task = asyncio.create_task(self._after(delay, deed, call))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _after(self, delay: float, deed: Deed, call: Call) -> None:
        await asyncio.sleep(delay)
        await deed(self, call)

    # -- playing ------------------------------------------------------------------------------------------------------

    async def drive(self, calls: int, gap: float) -> None:
        """Until `calls` callers have joined queues and every kind had its turn; then until the PBX is calm."""
        waiting = self._shuffled(calls)
        while waiting or self.joined < calls:
            plan = plan_for(waiting.pop() if waiting else self.rng.choice(self._fillers()), self.rng)
            self.play(plan)
            await asyncio.sleep(min(3.0, self.rng.expovariate(1 / gap)))
        await self.calm()

    def _shuffled(self, calls: int) -> list[str]:
        rounds = max(1, calls // 120)
        names = [kind.name for kind in KINDS.values() for _ in range(kind.times * rounds)]
        self.rng.shuffle(names)
        return names

    @staticmethod
    def _fillers() -> list[str]:
        return [kind.name for kind in KINDS.values() if kind.filler]

    def play(self, plan: Plan) -> None:
        call = Call(plan)
        if plan.caller is not None:
            self.calls[plan.caller.number] = call
            if plan.dials:
                self.phones.call(plan.caller)
        self._later(call, plan.at_once)

    async def calm(self) -> None:
        """Wait until no caller, no channel and no deed is left, or say what would not end."""
        end = time.monotonic() + CALM_SECONDS
        while time.monotonic() < end:
            if not self.phones.calling() and not self._tasks and "0 active channels" in await self._channels():
                return
            await asyncio.sleep(0.5)
        raise AssertionError(f"not calm after {CALM_SECONDS:.0f} s: {self.phones.calling()} callers, {len(self._tasks)} deeds, {await self._channels()}")

    async def _channels(self) -> str:
        return await asyncio.to_thread(self.pbx.cli, "core show channels")

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        if self.ami is not None:
            await self.ami.close()
