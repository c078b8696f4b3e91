"""One shift: Asterisk, phones, tap, relay and the daemon together, from the first caller until it is calm again.

Owns the order of starting and the bounds in time: whatever happens, everything
it started is ended. What comes out is a `Shift`, facts only; `judge.py` says what they should have been.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab import coverage, world
from tests.lab.daemon import PBX, Daemon
from tests.lab.driver import Driver
from tests.lab.judge import Rows, Scrape
from tests.lab.pbx import Asterisk
from tests.lab.phones import Phones
from tests.lab.record import Tap
from tests.lab.rider import Ridden, Rider, Rides
from tests.lab.truth import Truth, read
from tests.lab.watch import Watch
from tests.lab.wire import Relay

SETTLE_SECONDS = 15
GAP_SECONDS = 0.5  # mean time between two callers


@dataclass
class Shift:
    """What one run left behind."""

    major: str
    package: str
    seed: int
    rows: Rows
    redirected: set[str]
    truth: Truth
    found: Counter[str]
    actions: Counter[str]
    unlisted: dict[str, int]
    first: Scrape
    first_at: float
    last: Scrape
    last_at: float
    seen_wrong: list[str]
    failures: list[str]
    daemon_log: str
    exit_code: int
    wall_seconds: float
    late: Scrape  # of a daemon that came in mid-shift and took the time before from queue_log
    stores: tuple[Path, Path]  # of both daemons
    members: list[tuple[float, str, str]] = field(default_factory=list)  # when, Added or Removed, interface
    ridden: dict[str, Ridden] = field(default_factory=dict)  # by name: the daemons that had trouble beside it


async def edge(daemon: Daemon) -> tuple[Scrape, float]:
    """A scrape taken at the moment when the agents' seconds move: the end of one of the daemon's ticks."""
    before = (await asyncio.to_thread(daemon.scrape)).total("callcenter_agent_seconds_total")
    end = time.time() + 5
    while time.time() < end:
        at = time.time()
        now = await asyncio.to_thread(daemon.scrape)
        if now.total("callcenter_agent_seconds_total") != before:
            return now, at
        await asyncio.sleep(0.02)
    raise AssertionError(f"callcenter_agent_seconds_total stands still at {before} for 5 s: {daemon.tail()}")


def settled(scrape: Scrape) -> bool:
    open_now = scrape.total("callcenter_calls_waiting") + scrape.total("callcenter_calls_deciding")
    return not open_now and scrape.total("callcenter_calls_handled_total") == scrape.total("callcenter_calls_answered_total")


async def shift(major: str, folder: Path, *, calls: int, seed: int, limit: float, riders: Sequence[Rides] = ()) -> Shift:
    """Play `calls` queue calls on one Asterisk with the daemon beside it, and others that have trouble, within `limit` seconds."""
    async with asyncio.timeout(limit), contextlib.AsyncExitStack() as ending:
        pbx = await asyncio.to_thread(Asterisk, major, folder / "pbx")
        ending.callback(pbx.stop)
        phones = Phones(folder / "phones", pbx.ports.sip, pbx.ports.phones)
        ending.callback(phones.stop)
        relay, tap = Relay(pbx.ports.ami), Tap(folder / "ami.raw")
        ending.push_async_callback(relay.shut)
        driver = Driver(pbx, phones, random.Random(seed))
        await asyncio.to_thread(pbx.start)
        await relay.open()
        phones.agents()
        ending.push_async_callback(driver.close)
        await driver.connect()
        daemon = Daemon(folder / "daemon", relay.port)
        ending.callback(daemon.stop)
        await asyncio.to_thread(daemon.start)
        ending.push_async_callback(tap.stop)
        await tap.start(pbx.ports.ami)
        late = Daemon(folder / "late", pbx.ports.ami, queue_log=str(pbx.queue_log))
        ending.callback(late.stop)
        riding = [Rider(each, folder, pbx.ports.ami, pbx.queue_log, seed) for each in riders]
        for rider in riding:
            ending.push_async_callback(rider.stop)
            await rider.start()
        return await _play(driver, daemon, late, relay, tap, folder, calls, seed, riding)


async def come_late(late: Daemon, driver: Driver, calls: int) -> None:
    """Start a second daemon once half of the calls have come."""
    while driver.joined < calls // 2:
        await asyncio.sleep(0.2)
    await asyncio.to_thread(late.start)


async def _play(driver: Driver, daemon: Daemon, late: Daemon, relay: Relay, tap: Tap, folder: Path, calls: int, seed: int, riding: Sequence[Rider]) -> Shift:
    started = time.monotonic()
    watch = Watch(daemon)
    first, first_at = await edge(daemon)
    watching = asyncio.create_task(watch.run(), name="lab-watch")
    coming = asyncio.create_task(come_late(late, driver, calls), name="lab-late")
    for rider in riding:
        await rider.ride()
    try:
        await driver.drive(calls, GAP_SECONDS)
        for _ in range(SETTLE_SECONDS):
            if settled(await asyncio.to_thread(daemon.scrape)):
                break
            await asyncio.sleep(1)
    finally:
        watch.enough.set()
        await watching
    await asyncio.sleep(len(world.PROJECTS) + 2)  # money is reckoned of one project a second
    last, last_at = await edge(daemon)
    await coming
    late_last = await asyncio.to_thread(late.scrape)
    ridden = {each.name: each for each in await asyncio.gather(*(rider.arrive() for rider in riding))}
    wall = time.monotonic() - started
    await tap.stop()
    exit_code = await asyncio.to_thread(daemon.stop)
    members = [
        (float(event["Timestamp"]), event["Event"].removeprefix("QueueMember"), event["Interface"])
        for event in driver.events
        if event["Event"] in ("QueueMemberAdded", "QueueMemberRemoved")
    ]
    pbx = driver.pbx
    log = (pbx.folder / "var/log/messages").read_text(encoding="utf-8", errors="replace")
    return Shift(
        pbx.major,
        pbx.installed.package,
        seed,
        pbx.rows(),
        driver.redirected,
        read((folder / "ami.raw").read_bytes()),
        coverage.evidence(pbx.rows(), driver.events, log),
        relay.actions,
        relay.unlisted(),
        first,
        first_at,
        last,
        last_at,
        watch.wrong,
        driver.failures,
        daemon.tail(),
        exit_code,
        wall,
        late_last,
        (daemon.folder / "floorwatch.db", late.folder / "floorwatch.db"),
        members,
        ridden,
    )


__all__ = ["PBX", "Shift", "shift"]
