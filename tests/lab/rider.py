"""One more daemon on a shift's traffic, with a line, a log or none, and trouble of its own: the calls are there anyway.

Owns its starting, its trouble beside the traffic, its settling and its end. What comes out is a `Ridden`, facts only; `judge.py` and `ordeal`'s
tests say what they should have been.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.lab.daemon import Daemon, Pulse
from tests.lab.judge import Scrape
from tests.lab.trouble import Trouble, Troubled
from tests.lab.watch import Look, Watch
from tests.lab.wire import Blindness, Relay

PULSE = Pulse(ping_seconds=1, deadline_seconds=4)
SETTLE_SECONDS = 12.0  # a gap is healed within ten
BUSY = ("talk", "hold", "wrapup")
WIRE = "wire"
COMMIT_SECONDS = 62.0  # what no log tells is given up a minute after the gap


@dataclass(frozen=True)
class Rides:
    """What kind of rider: `log` gives it the PBX's queue_log; `waits`: until what nobody told it is given up; `dies`: calls end without an end."""

    name: str
    trouble: Trouble
    log: bool = True
    waits: bool = False
    dies: bool = False
    program: tuple[str, ...] = ("-m", "monitor")


@dataclass
class Ridden:
    """What one rider left behind."""

    name: str
    done: list[str]  # to it, in words
    last: Scrape
    wrong: list[str]
    looks: list[Look]
    blind: list[Blindness]
    daemon_log: str
    exit_code: int
    folder: Path

    def blind_at(self, at: float, margin: float = 0.0) -> bool:
        return any(each.holds(at, margin) for each in self.blind)

    def __str__(self) -> str:
        return f"{self.name}: {', '.join(self.done)}; blind {sum(each.until - each.since for each in self.blind):.1f} s"


class Rider:
    """`await start()`, `ride()` beside the traffic, `await arrive()` when it is over; `stop` at any time."""

    def __init__(self, rides: Rides, folder: Path, ami_port: int, queue_log: Path, seed: int) -> None:
        self.rides = rides
        self.folder = folder / rides.name
        self.relay = Relay(ami_port, self.folder / WIRE if rides.log else None)
        self._log = str(queue_log) if rides.log else ""
        self._rng = random.Random(f"{seed} {rides.name}")
        self.it: Troubled | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        await self.relay.open()
        daemon = Daemon(self.folder, self.relay.port, queue_log=self._log, pulse=PULSE, program=self.rides.program)
        self.it = Troubled(daemon, self.relay, Watch(daemon), self._rng)
        await asyncio.to_thread(daemon.start)

    async def ride(self) -> None:
        name, it = f"rider {self.rides.name}", self.troubled
        self._tasks = [asyncio.create_task(it.watch.run(), name=f"{name} watch"), asyncio.create_task(self._suffer(it), name=name)]
        await asyncio.sleep(0)

    async def _suffer(self, it: Troubled) -> None:
        await self.rides.trouble(it)

    @property
    def troubled(self) -> Troubled:
        if self.it is None:
            raise RuntimeError("start() comes before trouble")
        return self.it

    async def until(self, what: str, true: Callable[[Look], bool], seconds: float) -> Look:
        return await self.troubled.watch.until(what, true, seconds)

    async def arrive(self) -> Ridden:
        """Until its trouble is over and nothing is open any more."""
        it, (watching, suffering) = self.troubled, self._tasks
        await suffering
        end = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < end and not self._settled(await asyncio.to_thread(it.daemon.scrape)):
            await asyncio.sleep(0.5)
        if self.rides.waits and it.relay.blind:
            await asyncio.sleep(max(0.0, it.relay.blind[-1].until + COMMIT_SECONDS - time.time()))
        it.watch.enough.set()
        await watching
        await it.watch.look()
        last = await asyncio.to_thread(it.daemon.scrape)
        tail = it.daemon.tail()
        code = await asyncio.to_thread(it.daemon.stop)
        return Ridden(self.rides.name, it.done, last, it.watch.wrong, it.watch.looks, [*it.relay.blind], tail, code, self.folder)

    def _settled(self, scrape: Scrape) -> bool:
        states = scrape.by("callcenter_agents", "state")
        if scrape.total("callcenter_calls_waiting") + scrape.total("callcenter_calls_deciding") + sum(states.get(state, 0) for state in BUSY):
            return False  # a call is handled when the work after it is done
        ends = self.rides.log and not self.rides.dies
        return not ends or scrape.total("callcenter_calls_handled_total") == scrape.total("callcenter_calls_answered_total")

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.it is not None:
            with contextlib.suppress(ProcessLookupError):
                self.it.daemon.thaw()
            await asyncio.to_thread(self.it.daemon.stop)
        await self.relay.shut()
