"""The one writer: everything that changes the floor goes through here, in order.

Owns the inbox (bounded: when it is full an event is refused; the source counts it, is blind from there on, and takes a new snapshot),
the one-second tick and the latest outlook. What must survive is in `keeping`, and changes by its operations only. An event waits for
nothing but the events before it; a reader gets an outlook that holds every event received so far, made when it asks. Refuses AMI, HTTP
and files: `app` connects those. Next: `assess.outlook` and the outputs.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import structlog

from monitor.assess.outlook import Outlook, outlook
from monitor.clock import Clock
from monitor.core.contract import SECOND, Contract
from monitor.core.correction import GapFound, GapUntold
from monitor.core.dials import LegDialled, reduced
from monitor.core.events import CallerJoined, Event, GapTold, LinkLost, PastTold
from monitor.core.floor import Floor
from monitor.core.incident_log import NO_PBX, SAID, Refusal, Why
from monitor.core.numbers import veiled
from monitor.core.signal_log import SAID as TURNED
from monitor.keeping import ANCHOR, CLOSE, JUDGING, PEOPLE, TELL, Facts, Heard, Keeping, Question, Told
from monitor.plan.plan import Plan
from monitor.state.asides import Asides
from monitor.state.keeper import Keeper
from monitor.state.records import Draft, freeze

log = structlog.get_logger(__name__)

INBOX = 100_000
SLICE = 100  # events between two looks at the loop
TOLD = 4  # events that take as long as one that a log tells
STALL_S = 0.3  # a tick later than this: the process was stopped, or the machine is out of breath
BROUGHT = frozenset({PastTold, GapFound})  # what they bring goes on changing
LONG = (GapTold, PastTold)  # events that stand for thousands
FRESH_US = 5_000  # readers within this time share an outlook
Ask = Callable[[str, str, str], None]


class Engine:
    """Applies events, lets time pass, publishes. With a `keeper`, all of it is written down before it is shown; `keeping` goes on from before."""

    def __init__(
        self,
        contract: Contract,
        plan: Plan,
        clock: Clock,
        *,
        inbox: int = INBOX,
        strict: bool = False,
        keeping: Keeping | None = None,
        keeper: Keeper | None = None,
        asides: Asides | None = None,
    ) -> None:
        self.clock = clock
        self.keeping = keeping or Keeping(contract, plan, clock.now(), strict=strict)
        self.keeper = keeper
        self.asides = asides
        self.facts: Callable[[], Facts] = dict  # what the daemon counts of itself
        self.remarked: dict[str, str] = {}  # the first anomaly of each kind
        self.on_step: Sequence[Callable[[int], None]] = ()
        self.askers: Mapping[str, Ask] = {}
        self.offsets: Callable[[], Mapping[str, int]] = dict  # of the PBXs' clocks
        self._inbox: deque[Event] = deque()
        self._gap: tuple[str, int, int] | None = None  # the gap that is being told: its PBX, since when, how many calls were healed before
        self._answers: dict[int, asyncio.Future[Heard]] = {}  # to whom an event in the inbox is answered
        self._limit = inbox
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failure: asyncio.Future[None] | None = None
        self._called = False
        self._next_tick = self._catching_up_until = 0.0
        self._outlook: Outlook | None = None
        self._applied_since = True

    @property
    def contract(self) -> Contract:
        """The contract in force."""
        return self.keeping.contract

    @property
    def floor(self) -> Floor:
        """The floor: to look at."""
        return self.keeping.floor

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

    async def heard(self, event: Told) -> Heard:
        """The answer to what somebody tells: known once everything before it is applied, and written down."""
        answer: asyncio.Future[Heard] = asyncio.get_running_loop().create_future()
        self._answers[id(event)] = answer
        try:
            if not self.put(event):
                return Refusal("too much happens to take it now; try again", Why.BUSY)
            return await answer
        finally:
            del self._answers[id(event)]

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
                for step in JUDGING:
                    await asyncio.sleep(0)  # each is some milliseconds of a large floor
                    self._judge(step)
        finally:
            self._loop = None

    def _pump(self) -> None:
        """Apply some events; come back for the rest after others had their turn."""
        self._called = False
        try:
            self._drain(SLICE)
        except Exception:  # noqa: BLE001 - run() has it, and ends with it
            return
        if (self._inbox or self.keeping.telling) and self._loop is not None:
            self._called = True
            self._loop.call_soon(self._pump)

    def catch_up(self) -> None:
        """Apply everything received so far, at once, though a gap may take seconds: for an end, and where there is no loop."""
        while self._inbox or self.keeping.telling:
            self._drain(SLICE)

    async def caught_up(self) -> None:
        """Return when nothing waits to be applied; the loop has its turn in between."""
        while self._inbox or self.keeping.telling:
            if not self._called:
                self._drain(SLICE)
            await asyncio.sleep(0)

    def _much_waits(self) -> bool:
        """Whether to apply what waits would hold the loop up."""
        return self.keeping.telling or len(self._inbox) > SLICE or any(type(event) in LONG for event in self._inbox)

    @contextmanager
    def _or_end(self) -> Iterator[None]:
        """Whoever asked has the error, and `run` too, which ends with it."""
        try:
            yield
        except Exception as error:
            if self._failure is not None and not self._failure.done():
                self._failure.set_exception(error)
            raise

    def _drain(self, most: int) -> None:
        with self._or_end():
            while most > 0:
                if self.keeping.telling:
                    most -= SLICE if self.keeping.half_told else TOLD
                    self._tell()
                elif self._inbox:
                    self._apply(self._inbox.popleft())
                    most -= 1
                else:
                    break
            if self.keeper is not None:
                self.keeper.relieve()

    def _apply(self, event: Event) -> None:
        kind, keeper = type(event), self.keeper
        if isinstance(event, GapUntold):
            self._lay_aside(event)
            return
        if isinstance(event, Told):
            self._hear(event)
            return
        if isinstance(event, CallerJoined):
            event = veiled(event, self.contract)
        elif isinstance(event, LegDialled):
            event = reduced(event, self.contract)
        step: Draft = freeze(event) if kind in BROUGHT and keeper is not None else event
        questions = self.keeping.apply(event)
        if keeper is not None:
            keeper.note(step)  # applied: what ends the daemon must not end the next one too
        if isinstance(event, GapTold) and not self.keeping.telling:
            problem = "it does not know a caller who waits now"
            log.warning("queue_log does not tell the gap", pbx=event.pbx, problem=problem, effect=self.effect)
            self._lay_aside(GapUntold(event.pbx, event.at, event.snapshot, event.offset_us))
        elif isinstance(event, GapTold) and (gap := self.floor.sides[event.pbx].gap) is not None:
            self._gap = event.pbx, gap.start, self.floor.counters.healed[event.pbx]
        if questions:
            self._ask(questions)
        self._applied_since = True

    def _hear(self, event: Told) -> None:
        """What people tell is answered once it will not be forgotten; for what a dialplan tells nobody waits."""
        answer = self.keeping.take_note(event)
        if self.keeper is not None:
            self.keeper.note(event)
        if event.pbx == NO_PBX:
            self.write_down()
        self._say_news()
        self._applied_since = True
        waiting = self._answers.get(id(event))
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)

    @property
    def effect(self) -> str:
        """What becomes of a gap that queue_log does not tell."""
        return "the gap stays unobserved" if self.asides is None else "the gap is unobserved until its rows are found"

    def _lay_aside(self, untold: GapUntold) -> None:
        """Nothing happens on the floor: a copy of it waits for the rows."""
        if self.asides is not None:
            self.asides.lay(self.floor, untold)

    def _tell(self) -> None:
        """The next event of a gap that a log tells, or part of a day: it has happened before everything in the inbox."""
        questions = self.keeping.tell()
        if self.keeper is not None:
            self.keeper.note(TELL)
        self._ask(questions)
        if self._gap is not None and not self.keeping.telling:
            pbx, since, before = self._gap
            self._gap = None
            calls = self.floor.counters.healed[pbx] - before
            log.info("gap told by queue_log", pbx=pbx, seconds=round((self.floor.now - since) / SECOND, 1), calls_begun_in_it=calls)
        self._applied_since = True

    def _ask(self, questions: Sequence[Question]) -> None:
        for pbx, call, queue in questions:
            channel = self.floor.sides[pbx].channels.get(call)
            ask = self.askers.get(pbx)
            if ask is not None and channel is not None:
                ask(call, queue, channel.name)

    def tick(self) -> None:
        """Let time pass: clock steps, the plan, due timers and open spans.

        A step of the clock waits until nothing waits that would take long: everything received happened before it, and until it is looked
        for, time goes on as it did.
        """
        moved = 0 if self._much_waits() else self.clock.step()
        if moved:
            self.catch_up()  # they happened before the step
            log.warning("clock stepped", seconds=moved / SECOND, effect="interval borders moved, durations kept")
            self.keeping.shift(moved)
            if self.keeper is not None:
                self.keeper.note(("shift", moved))
            for tell in self.on_step:
                tell(moved)
            self._outlook = None
        self._advance(self._horizon())
        self._remark()
        self._say_news()
        self.write_down()
        if self.keeper is not None and not self.keeping.telling:
            self.keeper.tick(self.keeping)
        if self.asides is not None:
            self.asides.tick()

    def _advance(self, at: int) -> None:
        self.keeping.advance(at)
        if self.keeper is not None:
            self.keeper.note(at)

    def judge(self) -> None:
        """Judge what has been applied, once a second; a gap or day that is being told comes first."""
        for step in JUDGING:
            self._judge(step)

    def _judge(self, step: str) -> None:
        if self.keeping.telling:
            return
        judging = (step, self.floor.now, dict(self.offsets())) if step == PEOPLE else (step, self.floor.now)
        with self._or_end():
            self.keeping.redo(judging)
        if self.keeper is not None:
            self.keeper.note(judging)

    def write_down(self) -> None:
        """Whatever may be shown from now on survives the end of this process."""
        if self.keeper is None:
            return
        known = self.keeping.facts
        news = {name: fact for name, fact in (*self.facts().items(), (ANCHOR, self.clock.anchor_ns)) if known.get(name) != fact}
        if news:
            self.keeping.learn(news)
            self.keeper.note(("learn", news))
        self.keeper.flush()

    def remember(self, days: Mapping[tuple[str, str], Mapping[int, Sequence[int]]]) -> None:
        """What a store knows of days before this floor."""
        self.keeping.remember(days)
        if self.keeper is not None:
            self.keeper.note(("remember", days))

    def close_books(self) -> None:
        """Nothing happens any more: what waits to be added to the store's minutes is handed to it."""
        self.keeping.close_books()
        if self.keeper is not None:
            self.keeper.note(CLOSE)
            self.keeper.flush()

    def change(self, contract: Contract, plan: Plan) -> None:
        """Another contract and plan are in force from now on; everything received so far happened under the old ones: better `caught_up` first."""
        self.catch_up()
        now = self._horizon()
        with self._or_end():
            self.keeping.change(contract, plan, now)
            if self.keeper is not None:
                self.keeper.relieve()
        if self.keeper is not None:
            self.keeper.note(("change", contract, plan, now))
        self._outlook, self._applied_since = None, True

    def _horizon(self) -> int:
        """Now, but never past an event that is here and not applied: nothing is decided by a silence that is none.

        After a stall of the whole process there is more in the sockets than in the inbox: until the tick after, time stands.
        """
        if self.keeping.telling:
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

    def _say_news(self) -> None:
        """One line when an incident begins, ends, and has its recovery over: who is away, who is back; and when a signal goes on or off."""
        news, self.keeping.incidents.news = self.keeping.incidents.news, []
        for one in news:
            log.info(SAID[one.moment], **one.row(self.contract.zone))
        turned, self.floor.signals.news = self.floor.signals.news, []
        for each in turned:
            log.info(TURNED[each.on], **each.row())

    def outlook(self) -> Outlook:
        """The floor as of now; in the middle of a burst, as of the oldest event that is not applied yet, or as it was before a day is told."""
        self._drain(SLICE)
        latest = self._outlook
        while self.keeping.half_told and latest is None:
            self._drain(SLICE)
        fresh = latest is not None and not self._applied_since and self.clock.now() - latest.at < FRESH_US
        if latest is not None and (fresh or self.keeping.half_told):
            self.write_down()
            return latest
        now = self._horizon()
        self._advance(now)
        self.write_down()
        snapshot = self.floor.snapshot(now)
        incidents = self.keeping.incidents.views(snapshot.at, self.contract, self.floor)
        self._outlook = outlook(
            snapshot,
            self.contract,
            self.keeping.plan,
            latest,
            self.keeping.accruals.judgement,
            incidents=incidents,
            signals=self.floor.signals.shown,
            money=self.keeping.takings.money,
        )
        self._applied_since = False
        return self._outlook
