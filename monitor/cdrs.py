"""Whose call detail records are read, now and after a reload; and when they are asked who was called in a time that nobody saw.

Owns one watch for each PBX whose `cdr` is a file, and the word to the engine when there is none any more; a database (`sources.cdr_base`) is not watched,
only asked. Once a PBX is seen, for the first time or again, its records tell the attempts since it was seen last, or since the day began: a little later,
when what ended just now is written too, and again as calls end that had begun before: since when those were up nobody saw, and their records are written
then. Records that cannot be had are asked for again a few times, for a machine that starts has its PBX sooner than its database: one warning says so.
Refuses what a record means (`sources`). Next: `app` starts it and tells it what AMI says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import structlog

from monitor.config import Config, PbxSettings
from monitor.core.called import CalledRow, CalledTold
from monitor.core.contract import SECOND, Contract, QueueId
from monitor.core.events import ChannelEnded, Event, LinkLost, SnapshotTaken
from monitor.core.numbers import caller_key
from monitor.core.refusals import CdrSeen
from monitor.engine import Engine
from monitor.errors import LogUnreadable
from monitor.sources import cdr_base
from monitor.sources.cdr_base import Base, Question
from monitor.sources.cdr_called import CalledRecord, called
from monitor.sources.cdrwatch import CdrWatch


@dataclass(slots=True)
class _UnderWay:
    """A PBX was not seen from `since` until `until`; of the channels it had then, by call, the names of those that have not ended yet. `told` once what
    had ended by then is; `known` are the attempts that were, by channel and beginning."""

    since: int
    until: int
    channels: dict[str, str]
    told: bool = False
    known: set[tuple[str, int]] = field(default_factory=set)


log = structlog.get_logger(__name__)

WRITTEN_S: Final = 3.0  # after a call has ended its record is written
AGAIN_S: Final = (15.0, 30.0, 60.0, 120.0, 240.0, 480.0)  # later the floor may have forgotten attempts that it saw; then with the next gap


class Cdrs:
    """`start` and `end` are the daemon's ways to begin a task and to be rid of it, by name."""

    def __init__(
        self, config: Config, engine: Engine, start: Callable[[str, Coroutine[None, None, None]], None], end: Callable[[str], Awaitable[None]]
    ) -> None:
        self._engine = engine
        self._start = start
        self._end = end
        read = engine.floor.refusals.read  # by the process before this one
        files = {pbx.name: file for pbx in config.pbxs if (file := pbx.cdr_file) is not None}
        self._watches = {name: self._watch(name, file, told_up=name in read) for name, file in files.items()}
        self._pbxs = {pbx.name: pbx for pbx in config.pbxs if pbx.cdr}
        self._answered: dict[str, bool] = {}  # of whoever was asked, whether he did the last time
        self._unseen = {name: self._since(name) for name in self._pbxs}  # PBXs out of sight, and since when
        self._under_way: dict[str, _UnderWay] = {}
        self._asking: dict[str, asyncio.Task[None]] = {}
        for pbx in sorted(read - files.keys()):
            engine.put(CdrSeen(pbx, engine.keeping.reached, up=False))

    def _watch(self, pbx: str, file: Path, *, told_up: bool = False) -> CdrWatch:
        return CdrWatch(pbx, file, self._engine.put, self._engine.clock.now, told_up=told_up)

    def run(self) -> None:
        """Begin to read."""
        for name, watch in self._watches.items():
            self._start(f"cdr {name}", watch.run())

    def heard(self, pbx: str, event: Event) -> None:
        """The engine took this of a PBX."""
        if pbx not in self._pbxs:
            return
        if (watch := self._watches.get(pbx)) is not None:
            watch.heard(event)
        if isinstance(event, LinkLost):
            self._unseen.setdefault(pbx, event.at)
        elif isinstance(event, SnapshotTaken) and event.whole and pbx in self._unseen:
            before, since = self._under_way.get(pbx), self._unseen.pop(pbx)
            since = since if before is None or before.told else min(since, before.since)
            self._under_way[pbx] = _UnderWay(since, event.at, {row.call: row.channel for row in event.channels})
            self._ask_soon(pbx)
        elif isinstance(event, ChannelEnded) and pbx in self._under_way and event.call in self._under_way[pbx].channels:
            del self._under_way[pbx].channels[event.call]
            self._ask_soon(pbx)

    def _ask_soon(self, pbx: str) -> None:
        """Unless that is about to happen."""
        if pbx not in self._asking and self._engine.contract.dials_out(pbx):
            task = self._asking[pbx] = asyncio.create_task(self._ask(pbx), name=f"called {pbx}")
            task.add_done_callback(lambda done: self._asking.pop(pbx) if self._asking.get(pbx) is done else None)

    def _since(self, pbx: str) -> int:
        """When a PBX was seen last; of one that never was, when the day began in which the floor did."""
        side = self._engine.floor.sides[pbx]
        if side.sighted and side.blind_since is not None:
            return side.blind_since
        return self._engine.contract.day_start(self._engine.keeping.started_at)

    async def _ask(self, pbx: str) -> None:
        """Tell the engine who was called since it was seen last, of calls that had begun when it was seen again."""
        asked: tuple[int, int] | None = None
        pauses = iter(AGAIN_S)
        while asked != (now := (self._under_way[pbx].until, len(self._under_way[pbx].channels))):
            await asyncio.sleep(WRITTEN_S)
            if await self._tell(pbx, self._under_way[pbx]):
                asked = now
            elif (pause := next(pauses, None)) is None:
                return
            else:
                await asyncio.sleep(pause)
        if not self._under_way[pbx].channels:
            self._under_way[pbx].known.clear()  # nobody asks again

    async def _tell(self, pbx: str, under_way: _UnderWay) -> bool:
        """What is written of whoever is not up any more: one who was passed on has a record for each who talked. Whether it could be had."""
        since, going_on = under_way.since, set(under_way.channels.values())
        try:
            found = await self._records(self._pbxs[pbx], since - SECOND, self._engine.clock.now())
        except LogUnreadable as error:
            say = log.warning if self._answered.get(pbx, True) else log.debug
            say("cdr does not tell who was called", pbx=pbx, problem=str(error), effect="attempts of that time are not counted, until it does")
            self._answered[pbx] = False
            return False
        first, under_way.told, self._answered[pbx] = not under_way.told, True, True
        records = [one for one in found if one.at < under_way.until and one.channel not in going_on and (one.channel, one.at) not in under_way.known]
        under_way.known.update((one.channel, one.at) for one in records)
        rows = tuple(row for one in records if (row := _row(one, self._engine.contract)) is not None)
        if rows or first:  # that nobody was called is known then too
            self._engine.put(CalledTold(pbx, self._engine.clock.now(), since, rows, under_way.until))
        if rows:
            log.info("attempts of a time nobody saw are taken from the cdr", pbx=pbx, attempts=len(rows))
        return True

    async def _records(self, pbx: PbxSettings, since: int, until: int) -> list[CalledRecord]:
        """Of calls that ended in that time."""
        zone = self._engine.contract.zone
        if (file := pbx.cdr_file) is not None:
            return await asyncio.to_thread(called, file, pbx.name, zone, since, until)
        return await cdr_base.ask(Question(Base(pbx.cdr, pbx.cdr_secret.reveal()), pbx.name, zone, since, until))

    def shift(self, moved_us: int) -> None:
        """Daemon time was re-anchored and says `moved_us` more for the same instant."""
        for watch in self._watches.values():
            watch.shift(moved_us)
        self._unseen = {pbx: since + moved_us for pbx, since in self._unseen.items()}
        for one in self._under_way.values():
            one.since, one.until = one.since + moved_us, one.until + moved_us

    def up(self, pbx: str) -> bool | None:
        """Whether its file is read, or its database has answered the last question; None: there is none, or it was not asked yet."""
        watch = self._watches.get(pbx)
        if watch is not None:
            return watch.up
        return self._answered.get(pbx) if pbx in self._pbxs else None

    async def follow(self, pbx: PbxSettings, known: PbxSettings | None) -> None:
        """Read the one this PBX has now; `known` is the PBX as it was."""
        if known is not None and (known.cdr, known.cdr_secret) == (pbx.cdr, pbx.cdr_secret):
            return
        if await self.dismiss(pbx.name):
            self._engine.put(CdrSeen(pbx.name, self._engine.clock.now(), up=False))
        if not pbx.cdr:
            return
        self._pbxs[pbx.name] = pbx
        if (file := pbx.cdr_file) is not None:
            watch = self._watches[pbx.name] = self._watch(pbx.name, file)
            self._start(f"cdr {pbx.name}", watch.run())
        if pbx.name in self._under_way and not self._under_way[pbx.name].told:
            self._ask_soon(pbx.name)

    async def dismiss(self, pbx: str) -> bool:
        """Read it no more; whether it was a file that was followed."""
        self._pbxs.pop(pbx, None)
        self._answered.pop(pbx, None)
        if (asking := self._asking.pop(pbx, None)) is not None:
            asking.cancel()
        if self._watches.pop(pbx, None) is None:
            return False
        await self._end(f"cdr {pbx}")
        return True


def _row(record: CalledRecord, contract: Contract) -> CalledRow | None:
    """The attempt, if it is anybody's: what a dialer pushed into a queue is the queue's project's, else it is known by what it was dialled with."""
    name = contract.dialled_for(record.dial)
    if record.queue:
        place = QueueId(record.dial.pbx, record.queue)
        name = next((project.name for project in contract.projects if place in project.outbound.dialer_queues), "")
    project = contract.project.get(name)
    if project is None:
        return None
    region = contract.regions.of(project, record.dial.number, "") or ""
    about = record.call, record.dialler, record.channel, record.at, record.status, record.taken_at, record.ended_at
    return CalledRow(name, *about, region, record.linked, caller_key(record.dial.number, contract))
