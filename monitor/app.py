"""Wiring: what is connected to what, and in which order it starts and stops.

Owns the daemon as a whole: one engine, one AMI client per PBX, the web server. Refuses decisions about the floor. The web server comes
first, so that a port that is taken ends the start with one line; a PBX that is away ends nothing. If the engine fails the daemon ends
with an error: wrong numbers are worse than none.
"""

from __future__ import annotations

import asyncio
import gc
import hashlib
import platform
import signal
import ssl
import zlib
from bisect import bisect_left
from functools import partial
from pathlib import Path

import structlog

from monitor import __version__
from monitor.assess.outlook import Outlook
from monitor.clock import Clock
from monitor.config import Config, PbxSettings
from monitor.core.contract import SECOND, Contract
from monitor.core.events import PastTold, SnapshotTaken
from monitor.engine import Engine
from monitor.outputs.daemon import LAG_BOUNDS_US, DaemonFacts, Distribution, PbxFacts, Simulation
from monitor.outputs.web.server import Web
from monitor.plan.plan import Plan
from monitor.sources import told
from monitor.sources.ami.client import AmiClient
from monitor.sources.ami.link import AmiSettings, Pace
from monitor.state.store.clerk import Clerk
from monitor.state.store.place import Place
from monitor.state.store.writer import PlanVersion

log = structlog.get_logger(__name__)

PATIENCE_US = 60 * SECOND  # after this readiness does not wait for a PBX that is away


class Lag:
    """How long events were under way from the PBX's stamp to our reading them."""

    def __init__(self) -> None:
        self._counts = [0] * (len(LAG_BOUNDS_US) + 1)
        self._sum_us = 0

    def observe(self, lag_us: int) -> None:
        """Count one event."""
        self._counts[bisect_left(LAG_BOUNDS_US, lag_us)] += 1
        self._sum_us += max(0, lag_us)

    def frozen(self) -> Distribution:
        """What was counted so far."""
        return Distribution(counts=tuple(self._counts), sum_us=self._sum_us)


class Daemon:
    """Everything that runs; also the view the web server reads.

    `pace` is for those who cannot wait as long as a PBX may take, `clock` for a time that is not this machine's, `simulation` says that
    the PBXs are made up; with `keep` what is final goes to the store of the configuration.
    """

    def __init__(
        self, config: Config, plan: Plan, pace: Pace | None = None, *, clock: Clock | None = None, simulation: Simulation | None = None, keep: bool = False
    ) -> None:
        self.config = config
        self._pace = pace
        self.clock = clock or Clock()
        self.engine = Engine(config.contract, plan, self.clock)
        self.lag = Lag()
        self.started_at = self.clock.now()
        self.store = self._clerk() if keep and config.store.url else None
        self.clients = {pbx.name: self._client(pbx) for pbx in config.pbxs}
        self.engine.on_step = [client.shift for client in self.clients.values()]
        self.engine.askers = {name: client.ask_exit for name, client in self.clients.items()}
        self.web = Web(config.web.host, config.web.port, self, names=config.web.names, simulation=simulation)

    def _clerk(self) -> Clerk:
        self.engine.floor.keep()
        return Clerk(Place(self.config.store.url), self.config.store.retain_days, lambda: self.engine.floor, self.clock.now)

    def _client(self, pbx: PbxSettings) -> AmiClient:
        queues = tuple(queue.name for queue in self.config.contract.queues if queue.pbx == pbx.name)
        past = partial(self._past, pbx) if pbx.queue_log else None
        return AmiClient(settings(pbx), queues, self.engine.put, self.clock.now, pace=self._pace, lag=self.lag.observe, past=past)

    async def _past(self, pbx: PbxSettings, snapshot: SnapshotTaken, offset_us: int) -> PastTold | None:
        """What the PBX's queue_log knows of the time from local midnight to its first snapshot; None where it cannot be read."""
        since = self.contract.day_start(self.engine.started_at)
        answer = await told.ask(told.Question(pbx.queue_log, self.contract, pbx.name, snapshot, since, offset_us, keep=self.store is not None))
        for problem in answer.problems:
            log.warning("queue_log is not whole", pbx=pbx.name, problem=problem, effect="today begins now" if answer.past is None else "today begins later")
        if answer.past is None:
            return None
        log.info("today so far is taken from queue_log", pbx=pbx.name, calls=answer.past.calls)
        return PastTold(pbx.name, snapshot.at, answer.past)

    # --- what the web server asks ---------------------------------------------------------------------------------------------------

    @property
    def contract(self) -> Contract:
        """The contract in force."""
        return self.config.contract

    def outlook(self) -> Outlook:
        """The floor as of now."""
        return self.engine.outlook()

    def ready(self) -> tuple[bool, list[str]]:
        """True once every PBX had a snapshot or a minute has passed; and the PBXs that cannot be seen."""
        away = [side.name for side in self.engine.floor.sides.values() if not side.observed]
        seen = all(side.sighted for side in self.engine.floor.sides.values())
        return seen or self.clock.now() - self.started_at >= PATIENCE_US, away

    def daemon(self) -> DaemonFacts:
        """The daemon's own facts now."""
        return DaemonFacts(
            version=__version__,
            python=platform.python_version(),
            pbxs=tuple(self._pbx(name, client) for name, client in self.clients.items()),
            clock_steps=self.engine.clock_steps,
            dropped=self._dropped(),
            store_up=None if self.store is None else self.store.up,
            event_lag=self.lag.frozen(),
        )

    def _dropped(self) -> dict[str, int]:
        events = sum(client.stats.dropped for client in self.clients.values())
        return {"event": events} if self.store is None else {"event": events, "store": self.store.dropped}

    def _pbx(self, name: str, client: AmiClient) -> PbxFacts:
        now, side, stats = self.clock.now(), self.engine.floor.sides[name], client.stats
        since = side.blind_since if side.sighted else self.started_at
        return PbxFacts(
            name=name,
            ami_up=side.observed and stats.up,
            gap_us=0 if side.observed or since is None else max(0, now - since),
            state_age_us=None if stats.last_byte_at is None else max(0, now - stats.last_byte_at),
            clock_offset_us=stats.offset_us,
            connects=stats.connects,
            restarts=stats.restarts,
            malformed=stats.malformed,
            events=stats.events,
        )

    async def _keep(self, store: Clerk) -> None:
        """Keep what is final, and which plan is in force."""
        file = self.config.plan_file
        if file is not None:
            version = await asyncio.to_thread(plan_version, file, self.engine.started_at)
            if version is not None:
                store.plan(version)
        await store.run()

    # --- life -----------------------------------------------------------------------------------------------------------------------

    async def run(self, stop: asyncio.Event, up: asyncio.Event | None = None) -> None:
        """Run until `stop` is set; `up` is set once somebody can look."""
        await self.web.start()
        if up is not None:
            up.set()
        log.info("floorwatch is up", version=__version__, metrics=f"{self.web.url}/metrics", pbxs=",".join(self.clients))
        tasks = [asyncio.create_task(self.engine.run(), name="engine")]
        if self.store is not None:
            tasks.append(asyncio.create_task(self._keep(self.store), name="store"))
        tasks += [asyncio.create_task(client.run(), name=f"ami {name}") for name, client in self.clients.items()]
        end = asyncio.create_task(stop.wait(), name="stop")
        try:
            await asyncio.wait([end, *tasks], return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                if task.done():  # none of them ever ends by itself: half a daemon would show half the truth
                    if not task.cancelled():
                        task.result()
                    raise RuntimeError(f"the task {task.get_name()!r} has ended")
        finally:
            end.cancel()
            for task in reversed(tasks):
                task.cancel()
            await asyncio.gather(end, *tasks, return_exceptions=True)
            if self.store is not None:
                await self.store.finish()
            await self.web.stop()
            log.info("floorwatch has stopped")


def plan_version(file: Path, since: int, why: str = "start") -> PlanVersion | None:
    """The plan file as it is kept, None where it cannot be read any more."""
    try:
        content = file.read_bytes()
    except OSError:
        return None
    digest = hashlib.sha256(content).hexdigest()
    return PlanVersion("working", since, str(file), why, "floorwatch", digest, zlib.compress(content))


def settings(pbx: PbxSettings) -> AmiSettings:
    """What the AMI client needs of a PBX's configuration."""
    return AmiSettings(
        name=pbx.name,
        host=pbx.host,
        port=pbx.port,
        username=pbx.username,
        secret=pbx.secret.reveal(),
        tls=ssl.create_default_context(cafile=pbx.tls_ca) if pbx.tls else None,
        ping_seconds=pbx.ping_seconds,
        ping_deadline_seconds=pbx.ping_deadline_seconds,
        reconcile_seconds=pbx.reconcile_seconds,
    )


async def run(config: Config, plan: Plan) -> None:
    """The daemon, until SIGTERM or SIGINT."""
    for note in config.notes:
        log.warning("configuration", note=note)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    remedy = "restart the daemon to read the configuration and the plan anew"
    loop.add_signal_handler(signal.SIGHUP, lambda: log.warning("SIGHUP has no effect in this version", remedy=remedy))
    daemon = Daemon(config, plan, keep=True)
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)  # what lives long here is plain data; looking through it often only costs
    await daemon.run(stop)
