"""The one writer: everything that changes the floor goes through here, in order.

Owns the inbox (bounded: when it is full an event is refused; the source counts it, is blind from there on, and takes a new snapshot), the one-second tick, the
plan's meter and the latest outlook. An event waits for nothing but the events before it; a reader gets an outlook that holds every
event received so far, made when it asks. Refuses AMI, HTTP and files: `app` connects those. Next: `assess.outlook` and the outputs.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence

import structlog

from monitor.assess.outlook import Outlook, outlook
from monitor.clock import Clock
from monitor.core.contract import SECOND, Contract
from monitor.core.events import Event, GapTold, LinkLost, PastTold, RecallEnded, SnapshotTaken
from monitor.core.floor import Floor
from monitor.core.gaps import bridge
from monitor.core.past import Past
from monitor.plan.plan import Plan, PlanMeter

log = structlog.get_logger(__name__)

INBOX = 100_000
SLICE = 100  # events between two looks at the loop
STALL_S = 0.3  # a tick later than this: the process was stopped, or the machine is out of breath
FRESH_US = 5_000  # readers within this time share an outlook
CHANGES_OF_SIGHT = frozenset({LinkLost, SnapshotTaken, PastTold, RecallEnded})  # what passed of the plan before them was seen, or not, as it was then
Ask = Callable[[str, str, str], None]


class Engine:
    """Applies events, lets time pass, publishes."""

    def __init__(self, contract: Contract, plan: Plan, clock: Clock, *, inbox: int = INBOX, strict: bool = False) -> None:
        self.contract = contract
        self.clock = clock
        self.started_at = now = clock.now()
        self.floor = Floor(contract, now, strict=strict)
        self._plan_told: set[str] = set()  # projects whose plan from midnight to the start has passed
        self.remarked: dict[str, str] = {}  # the first anomaly of each kind
        self.clock_steps = 0
        self.on_step: Sequence[Callable[[int], None]] = ()
        self.askers: Mapping[str, Ask] = {}
        self._meter = PlanMeter(plan, now)
        self._inbox: deque[Event] = deque()
        self._told: Iterator[Event] | None = None  # what a log tells of a gap: it has happened before everything in the inbox
        self._limit = inbox
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failure: asyncio.Future[None] | None = None
        self._called = False
        self._next_tick = self._catching_up_until = 0.0
        self._outlook: Outlook | None = None
        self._applied_since = True

    def put(self, event: Event) -> bool:
        """Take an event; False when the inbox is full: the source offers it again, or drops it and sees no more until its next snapshot.

        That it sees no more is always taken, at its place, so that nothing is decided by a silence in which something was said.
        """
        if len(self._inbox) >= self._limit and type(event) is not LinkLost:
            return False
        self._inbox.append(event)
        if not self._called and self._loop is not None:
            self._called = True
            self._loop.call_soon(self._pump)
        return True

    async def run(self) -> None:
        """Apply what comes and tick each second, for ever. An error here ends the daemon: wrong numbers are worse than none."""
        self._loop = loop = asyncio.get_running_loop()
        self._failure = loop.create_future()
        self._next_tick = loop.time() + 1
        self._pump()
        try:
            while True:
                await asyncio.wait([self._failure], timeout=max(0.0, self._next_tick - loop.time()))
                if self._failure.done():
                    self._failure.result()
                if loop.time() > self._next_tick + STALL_S:
                    self._catching_up_until = loop.time() + 0.9
                    self._next_tick = loop.time()
                self.tick()
                self._next_tick += 1
        finally:
            self._loop = None

    def _pump(self) -> None:
        """Apply some events; come back for the rest after others had their turn."""
        self._called = False
        try:
            self._drain(SLICE)
        except Exception:  # noqa: BLE001 - run() has it, and ends with it
            return
        if (self._inbox or self._told is not None) and self._loop is not None:
            self._called = True
            self._loop.call_soon(self._pump)

    def catch_up(self) -> None:
        """Apply everything received so far."""
        while self._inbox or self._told is not None:
            self._drain(SLICE)

    def _drain(self, most: int) -> None:
        try:
            for _ in range(most):
                event = self._next()
                if event is None:
                    break
                self._apply(event)
        except Exception as error:
            if self._failure is not None and not self._failure.done():
                self._failure.set_exception(error)
            raise

    def _next(self) -> Event | None:
        if self._told is not None:
            event = next(self._told, None)
            if event is not None:
                return event
            self._told = None
        return self._inbox.popleft() if self._inbox else None

    def _apply(self, event: Event) -> None:
        if isinstance(event, GapTold):
            self._told = bridge(self.floor, event)
            if self._told is None:
                log.warning(
                    "queue_log does not tell the gap", pbx=event.pbx, problem="it does not know a caller who waits now", effect="the gap stays unobserved"
                )
            return
        if type(event) in CHANGES_OF_SIGHT:
            self._pass_plan(max(event.at, self.floor.now))
        if isinstance(event, PastTold):
            if not self.floor.pasts.told(event.pbx):  # else the link was lost before its snapshot could follow
                self.floor.apply(event)
                self._pass_plan_of(event.past)
            self._applied_since = True
            return
        for pbx, call, queue in self.floor.apply(event):
            channel = self.floor.sides[pbx].channels.get(call)
            ask = self.askers.get(pbx)
            if ask is not None and channel is not None:
                ask(call, queue, channel.name)
        if isinstance(event, RecallEnded):
            self._observe_plan()
        self._applied_since = True

    def tick(self) -> None:
        """Let time pass: clock steps, the plan, due timers and open spans."""
        moved = self.clock.step()
        if moved:
            self.catch_up()  # they happened before the step
            self.clock_steps += 1
            self.started_at += moved
            log.warning("clock stepped", seconds=moved / SECOND, effect="interval borders moved, durations kept")
            self.floor.shift(moved)
            for tell in self.on_step:
                tell(moved)
            self._meter = PlanMeter(self._meter.plan, self._meter.at + moved)
            self._outlook = None
        now = self._horizon()
        self._pass_plan(now)
        self.floor.advance(now)
        self._remark()

    def _horizon(self) -> int:
        """Now, but never past an event that is here and not applied: nothing is decided by a silence that is none.

        After a stall of the whole process there is more in the sockets than in the inbox: until the tick after, time stands.
        """
        if self._told is not None:
            return self.floor.now
        if self._inbox:
            return min(self.clock.now(), self._inbox[0].at)
        if self._loop is not None and (self._loop.time() > self._next_tick + STALL_S or self._loop.time() < self._catching_up_until):
            return self.floor.now
        return self.clock.now()

    def _remark(self) -> None:
        """Log what contradicted: the first of its kind aloud, the rest for whoever looks closely."""
        for kind, detail in self.floor.remarks:
            say = log.debug if kind in self.remarked else log.warning
            say("anomaly", kind=kind, detail=detail)
            self.remarked.setdefault(kind, detail)
        self.floor.remarks.clear()

    def _pass_plan(self, at: int) -> None:
        for project, minute, planned in self._meter.advance(at):
            self.floor.plan_passed(project, minute, planned.calls_u, planned.handle_us, planned.agent_us or 0)

    def _pass_plan_of(self, past: Past) -> None:
        """The plan of a time that a log has told: what no tick has passed, and what is observed now that all PBXs of a project have told it."""
        plan = self._meter.plan
        for project in self.contract.projects:
            if past.pbx not in self.contract.pbxs_of[project.name]:
                continue
            if project.name not in self._plan_told:
                self._plan_told.add(project.name)
                for minute, planned in plan.minutes(project.name, past.since, self.started_at):  # not observed yet: its snapshot comes next
                    self.floor.plan_passed(project.name, minute, planned.calls_u, planned.handle_us, planned.agent_us or 0)
            for minute, planned in plan.minutes(project.name, *(self.floor.pasts.observed((project,)) or (0, 0))):
                self.floor.plan_observed(project.name, minute, planned.calls_u, planned.handle_us)

    def _observe_plan(self) -> None:
        """The plan of spans that a log has told is observed after all."""
        told, self.floor.recall.told = self.floor.recall.told, []
        for project, start, end in told:
            for minute, planned in self._meter.plan.minutes(project, start, end):
                self.floor.plan_observed(project, minute, planned.calls_u, planned.handle_us)

    def outlook(self) -> Outlook:
        """The floor as of now; in the middle of a burst, as of the oldest event that is not applied yet."""
        self._drain(SLICE)
        latest = self._outlook
        if latest is not None and not self._applied_since and self.clock.now() - latest.at < FRESH_US:
            return latest
        now = self._horizon()
        self._pass_plan(now)
        self._outlook = outlook(self.floor.snapshot(now), self.contract, self._meter.plan, latest)
        self._applied_since = False
        return self._outlook
