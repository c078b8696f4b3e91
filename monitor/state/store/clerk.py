"""The clerk: brings the store what the floor has, a batch at a time, and never makes anybody wait.

Owns when: some seconds after it happened, or when the database is back. The loop only picks up what waits; a thread of its own talks to the
database, and one that hangs is left behind at the end. What waits is bounded by the floor's rolls: detail is dropped from its oldest end
after half a day of a large site, closed minutes wait in the ledger. Refuses losing anything else: a record leaves its roll when it is
committed. Next: `writer`.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from queue import SimpleQueue
from typing import TypeVar

import structlog

from monitor.core.contract import MINUTE
from monitor.core.floor import Floor
from monitor.errors import StoreUnusable
from monitor.state.store import ageing, migrations
from monitor.state.store.place import Opened, Place
from monitor.state.store.writer import Batch, PlanVersion, write

log = structlog.get_logger(__name__)

PAGE = 2_000  # records in a batch
PACE_S = 5.0  # each transaction costs a millisecond or two
PATIENCE_S = 60.0  # a database that has not answered by then is down, whatever it may still do
BACKOFF_S = (1.0, 2.0, 5.0, 10.0, 30.0)
FLUSH_S = 5.0
PLANS = 50  # versions that wait, each a whole file

Answer = TypeVar("Answer")


class Desk:
    """A thread that does one thing after the other and dies with the process. It alone touches the connection."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._opened: Opened | None = None
        threading.Thread(target=self._work, name="store", daemon=True).start()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
        self._close()

    def _close(self) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()

    def _connection(self) -> Opened:
        if self._opened is not None:
            self._opened.check()
        else:
            self._opened = self._place.open(alone=True)
            with self._opened.connection.begin():
                migrations.migrate(self._opened.connection, self._place.shown)
        return self._opened

    def ask(self, work: Callable[[Opened], Answer]) -> asyncio.Future[Answer]:
        """Have something done with the connection. After an error the next one has a new connection."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()

        def job() -> None:
            try:
                with self._place.one_line():
                    found = work(self._connection())
            except StoreUnusable as error:
                self._close()
                _tell(loop, partial(_fail, answer, error))
            except Exception as error:  # noqa: BLE001 - a mistake of ours in here costs the store, not the figures
                self._close()
                _tell(loop, partial(_fail, answer, StoreUnusable(self._place.shown, f"{type(error).__name__}: {error}", "report this")))
            else:
                _tell(loop, partial(_succeed, answer, found))

        self._jobs.put(job)
        return answer

    def leave(self) -> None:
        """Close the connection after what was asked for, and end."""
        self._jobs.put(None)


def _fail(answer: asyncio.Future[Answer], error: StoreUnusable) -> None:
    if not answer.done():
        answer.set_exception(error)


def _succeed(answer: asyncio.Future[Answer], found: Answer) -> None:
    if not answer.done():
        answer.set_result(found)


def _tell(loop: asyncio.AbstractEventLoop, what: Callable[[], object]) -> None:
    with suppress(RuntimeError):  # the loop is closed: nobody waits any more
        loop.call_soon_threadsafe(what)


class Clerk:
    """`floor` is asked anew each time: a restart or a reload may bring another one. `now` is daemon time."""

    def __init__(self, place: Place, retain_days: int, floor: Callable[[], Floor], now: Callable[[], int]) -> None:
        self.place = place
        self.up: bool | None = None  # None until the first answer
        self.refused = 0
        self._retain_us = retain_days * ageing.DAY
        self._floor = floor
        self._now = now
        self._plans: list[PlanVersion] = []
        self._failures = 0
        self._aged_at: int | None = None
        self._desk: Desk | None = None

    @property
    def dropped(self) -> int:
        """Records that nobody will find in the store: there were too many before it was back, or it would not take them."""
        floor = self._floor()
        return floor.chronicle.details.dropped + floor.ledger.unwritten.dropped + self.refused

    def plan(self, version: PlanVersion) -> None:
        """A plan came into force."""
        latest = next((one for one in reversed(self._plans) if one.kind == version.kind), None)
        if latest is not None and version.same(latest.digest, latest.format, latest.who):
            return
        self._plans.append(version)
        if len(self._plans) > PLANS:
            del self._plans[0]
            self.refused += 1

    async def run(self) -> None:
        """Until cancelled. Whatever the database does, this goes on."""
        self._desk = self._desk or Desk(self.place)
        while True:
            try:
                full = await self._round()
            except StoreUnusable as error:
                await self._fail(error)
            else:
                await asyncio.sleep(0 if full else PACE_S)

    async def _round(self) -> bool:
        """Write one batch, or delete one piece; True when there may be more to do at once."""
        batch = self._batch(self._floor().now)
        if batch or self.up is not True:
            await self._write(batch)
            return len(batch.details) == PAGE or len(batch.late) == PAGE or len(batch.minutes) == PAGE
        now = self._now()
        if self._aged_at is None or now - self._aged_at >= ageing.DAY:
            if await self._answer(lambda opened: ageing.age(opened.connection, now - self._retain_us)):
                return True
            self._aged_at = now
        return False

    def _batch(self, until: int) -> Batch:
        """What waits, up to a page of each: minutes that are over by then."""
        floor = self._floor()
        floor.keep()  # a restart has brought another floor, or a reload new books
        late_from, late = floor.ledger.unwritten.read(PAGE)
        details_from, details = floor.chronicle.details.read(PAGE)
        minutes = floor.ledger.changed(until - until % MINUTE, PAGE)
        return Batch(floor.chronicle.epoch, minutes, late, late_from, details, details_from, tuple(self._plans))

    def _take_off(self, batch: Batch) -> None:
        """The batch is committed."""
        floor = self._floor()
        floor.ledger.written(batch.minutes)
        floor.ledger.unwritten.written(batch.late_from + len(batch.late))
        floor.chronicle.details.written(batch.details_from + len(batch.details))
        self._plans = [plan for plan in self._plans if plan not in batch.plans]  # others may have come, and gone, since

    async def _write(self, batch: Batch) -> None:
        refused = await self._answer(lambda opened: write(opened.connection, batch))
        self.refused += refused  # not in one line: others count while the database takes its time
        self._take_off(batch)
        if self.up is False:
            log.info("the store is back", store=self.place.shown)
        self.up, self._failures = True, 0

    async def _answer(self, work: Callable[[Opened], Answer]) -> Answer:
        """The database's answer; while it takes its time the store is down, and nothing else is asked of it."""
        if self._desk is None:
            raise RuntimeError("the clerk has no desk yet")
        asked = self._desk.ask(work)
        done, _ = await asyncio.wait({asked}, timeout=PATIENCE_S)
        if not done:
            self._down(StoreUnusable(self.place.shown, f"has not answered for {PATIENCE_S:.0f} s", "look at its log"))
        return await asked

    def _down(self, error: StoreUnusable) -> None:
        say = log.debug if self.up is False else log.warning
        say("the store is down", problem=str(error), effect="metrics go on; what happens is kept in memory and written when it is back")
        self.up = False

    async def _fail(self, error: StoreUnusable) -> None:
        self._down(error)
        wait_s = BACKOFF_S[min(self._failures, len(BACKOFF_S) - 1)]
        self._failures += 1
        await asyncio.sleep(wait_s)

    async def finish(self) -> None:
        """Write what there is, the running minute and open spans too, as far as it can be done in a few seconds."""
        if self._desk is None:
            return
        try:
            async with asyncio.timeout(FLUSH_S):
                while batch := self._batch(self._floor().now + MINUTE):
                    await self._write(batch)
                last = replace(self._batch(0), details=self._floor().chronicle.under_way())
                await self._answer(lambda opened: write(opened.connection, last))
        except (TimeoutError, StoreUnusable) as error:
            waiting = len(self._floor().chronicle.details.records)
            problem = str(error) or f"has not taken everything within {FLUSH_S:g} s"
            log.warning("the store is not complete", store=self.place.shown, problem=problem, waiting=waiting)
        finally:
            self._desk.leave()
            self._desk = None
