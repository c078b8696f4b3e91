"""Wiring: what is connected to what, and in which order it starts and stops.

Owns the daemon as a whole: one engine, one AMI client per PBX, the web server. Refuses decisions about the floor. The web server comes
first, so that a port that is taken ends the start with one line; a PBX that is away ends nothing. If the engine fails the daemon ends
with an error: wrong numbers are worse than none.
"""

from __future__ import annotations

import asyncio
import gc
import platform
import signal
import ssl
from bisect import bisect_left
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import structlog

from monitor import __version__
from monitor.assess.outlook import Outlook
from monitor.clock import Clock
from monitor.config import Config, PbxSettings
from monitor.core.contract import SECOND, Contract
from monitor.core.events import Event, LogSeen, PastTold, SnapshotTaken
from monitor.engine import Engine
from monitor.keeping import Fact
from monitor.outputs.daemon import LAG_BOUNDS_US, DaemonFacts, Distribution, PbxFacts, Simulation
from monitor.outputs.web.server import Web
from monitor.plan.plan import Plan
from monitor.resume import Resumed, resume, turn
from monitor.sources import gap, told
from monitor.sources.ami.client import AmiClient
from monitor.sources.ami.link import AmiSettings, Pace
from monitor.sources.logwatch import LogWatch
from monitor.state.place import prepare

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

    def counted(self) -> dict[tuple[str, ...], int]:
        """What was counted so far, by name."""
        return {("sum",): self._sum_us, **{(str(index),): count for index, count in enumerate(self._counts)}}

    def go_on(self, counted: Mapping[tuple[str, ...], int]) -> None:
        """Count on from there."""
        self._sum_us = counted.get(("sum",), 0)
        self._counts = [counted.get((str(index),), 0) for index in range(len(self._counts))]


class Daemon:
    """Everything that runs; also the view the web server reads.

    `pace` is for those who cannot wait as long as a PBX may take, `clock` for a time that is not this machine's, `simulation` says that
    the PBXs are made up. `resumed` is what is kept, and by whom; without it nothing outlives this process.
    """

    def __init__(
        self,
        config: Config,
        plan: Plan,
        pace: Pace | None = None,
        *,
        clock: Clock | None = None,
        simulation: Simulation | None = None,
        resumed: Resumed | None = None,
    ) -> None:
        self.config = config
        self._pace = pace
        if resumed is None:
            self.clock = clock or Clock()
            self.engine = Engine(config.contract, plan, self.clock)
        else:
            self.clock = resumed.clock
            self.engine = Engine(config.contract, plan, self.clock, keeping=resumed.keeping, keeper=resumed.keeper)
        self.lag = Lag()
        self.started_at = self.clock.now()
        self.logs = {pbx.name: self._log(pbx) for pbx in config.pbxs if pbx.queue_log}
        self.clients = {pbx.name: self._client(pbx) for pbx in config.pbxs}
        self._go_on()
        self.engine.facts = self._facts
        self.engine.on_step = [client.shift for client in self.clients.values()] + [each.shift for each in self.logs.values()]
        self.engine.askers = {name: client.ask_exit for name, client in self.clients.items()}
        self.web = Web(config.web.host, config.web.port, self, names=config.web.names, simulation=simulation)

    def _client(self, pbx: PbxSettings) -> AmiClient:
        queues = tuple(queue.name for queue in self.config.contract.queues if queue.pbx == pbx.name)
        past = partial(self._past, pbx) if pbx.queue_log else None
        sink = self.logs[pbx.name].put if pbx.queue_log else self.engine.put
        return AmiClient(settings(pbx), queues, sink, self.clock.now, pace=self._pace, lag=self.lag.observe, past=past)

    def _facts(self) -> dict[tuple[str, ...], Fact]:
        """What this process counts of itself, for the next one to go on from."""
        facts: dict[tuple[str, ...], Fact] = {("lag", *name): count for name, count in self.lag.counted().items()}
        for pbx, client in self.clients.items():
            facts |= {("ami", pbx, *name): count for name, count in client.stats.counted().items()}
            if client.startup is not None:
                facts["startup", pbx] = client.startup
        return facts

    def _go_on(self) -> None:
        """From where the process before this one was."""
        known = self.engine.keeping.facts
        facts = {name: fact for name, fact in known.items() if isinstance(fact, int)}
        if not facts:
            return
        self.lag.go_on({name[1:]: count for name, count in facts.items() if name[0] == "lag"})
        for pbx, side in self.engine.floor.sides.items():
            if side.log_up and pbx not in self.logs:
                self.engine.put(LogSeen(pbx, self.engine.keeping.reached, up=False))
        for pbx, client in self.clients.items():
            startup = known.get(("startup", pbx))
            counted = {name[2:]: count for name, count in facts.items() if name[:2] == ("ami", pbx)}
            client.go_on(counted, startup if isinstance(startup, str) else None, self.engine.floor.sides[pbx].blind_since)

    def _log(self, pbx: PbxSettings) -> LogWatch:
        return LogWatch(
            pbx.name,
            Path(pbx.queue_log),
            self.engine.put,
            self.clock.now,
            lambda: self.clients[pbx.name].stats.offset_us,
            told_up=self.engine.floor.sides[pbx.name].log_up,
        )

    async def _past(self, pbx: PbxSettings, snapshot: SnapshotTaken, offset_us: int) -> Event | None:
        """What the PBX's queue_log knows of the time nobody saw: a gap, or before its first snapshot the day; None where it cannot be read."""
        self.engine.catch_up()
        side = self.engine.floor.sides[pbx.name]
        if side.gap is not None:
            return await gap.told(Path(pbx.queue_log), side.gap.start, snapshot, offset_us)
        if side.sighted:
            return None
        since = self.contract.day_start(self.engine.keeping.started_at)
        answer = await told.ask(told.Question(pbx.queue_log, self.contract, pbx.name, snapshot, since, offset_us))
        for problem in answer.problems:
            if problem == self.logs[pbx.name].problem:
                continue  # was said, and what it is good for besides
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
            clock_steps=self.engine.keeping.clock_steps,
            dropped=self._dropped(),
            event_lag=self.lag.frozen(),
        )

    def _dropped(self) -> dict[str, int]:
        keeper = self.engine.keeper
        events = {"event": sum(client.stats.dropped for client in self.clients.values())}
        return events if keeper is None else {**events, "journal": keeper.dropped}

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
            queue_log_up=self.logs[name].up if name in self.logs else None,
        )

    # --- life -----------------------------------------------------------------------------------------------------------------------

    async def run(self, stop: asyncio.Event, up: asyncio.Event | None = None) -> None:
        """Run until `stop` is set; `up` is set once somebody can look."""
        await self.web.start()
        if up is not None:
            up.set()
        log.info("floorwatch is up", version=__version__, metrics=f"{self.web.url}/metrics", pbxs=",".join(self.clients))
        tasks = [asyncio.create_task(self.engine.run(), name="engine")]
        tasks += [asyncio.create_task(client.run(), name=f"ami {name}") for name, client in self.clients.items()]
        tasks += [asyncio.create_task(each.run(), name=f"queue_log {name}") for name, each in self.logs.items()]
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
            await self.web.stop()
            log.info("floorwatch has stopped")


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
    folder = config.state.directory
    if folder is None:
        await _serve(Daemon(config, plan), stop)
        return
    await asyncio.to_thread(prepare, config.file, folder)
    lock = await turn(folder, standby=config.state.standby, stop=stop)
    if lock is None:
        return
    resumed = await asyncio.to_thread(resume, folder, config.contract, plan)
    daemon = Daemon(config, plan, resumed=resumed)
    await _serve(daemon, stop)
    daemon.engine.catch_up()
    await asyncio.to_thread(resumed.keeper.close, resumed.keeping)  # after an error the journal has it, up to there
    lock.release()


async def _serve(daemon: Daemon, stop: asyncio.Event) -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)  # what lives long here is plain data; looking through it often only costs
    await daemon.run(stop)
