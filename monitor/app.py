"""Wiring: what is connected to what, and in which order it starts and stops.

Owns the daemon as a whole: one engine, one AMI client per PBX, the web server, and how all of them take another configuration. Refuses
decisions about the floor. The web server comes first, so that a port that is taken ends the start with one line; a PBX that is away
ends nothing. If the engine fails the daemon ends with an error: wrong numbers are worse than none.
"""

from __future__ import annotations

import asyncio
import platform
from functools import partial
from pathlib import Path
from secrets import token_bytes
from typing import Never

import structlog

from monitor import __version__, logs
from monitor.assess.outlook import Outlook
from monitor.bringing import Bringing
from monitor.broker import Broker
from monitor.bygone import recall
from monitor.cdrs import Cdrs
from monitor.clock import Clock
from monitor.config import Config, PbxSettings
from monitor.core.contract import SECOND, Contract
from monitor.core.correction import GapUntold
from monitor.core.events import Event, GapTold, LogSeen, PastTold, SnapshotTaken
from monitor.desk import Desk
from monitor.engine import Engine
from monitor.finding import Finding
from monitor.keeping import Fact
from monitor.means import Means
from monitor.outputs.daemon import DaemonFacts, PbxFacts, Simulation
from monitor.outputs.lag import Lag
from monitor.outputs.web.server import Web
from monitor.plan.plan import Plan
from monitor.reloading import Reloading
from monitor.resume import Resumed
from monitor.scheduling import Scheduling
from monitor.sources import told
from monitor.sources.ami.client import AmiClient
from monitor.sources.ami.devices import Devices
from monitor.sources.ami.link import AmiSettings, Pace
from monitor.sources.ami.stats import AmiStats
from monitor.sources.ami.teller import Past
from monitor.sources.gap import Gaps
from monitor.sources.logwatch import LogWatch
from monitor.state.store.clerk import Clerk
from monitor.state.store.place import Place
from monitor.tasks import Tasks
from monitor.versions import versions

log = structlog.get_logger(__name__)

PATIENCE_US = 60 * SECOND  # after this readiness does not wait for a PBX that is away


class Daemon:
    """Everything that runs; also the view the web server reads.

    `pace` is for those who cannot wait as long as a PBX may take, `clock` for a time that is not this machine's, `simulation` says that
    the PBXs are made up. `resumed` is what is kept, and by whom; without it nothing outlives this process.
    With `keep` what is final goes to the store of the configuration.
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
        keep: bool = False,
    ) -> None:
        self.config = config = config if resumed is not None else config.known_by(token_bytes(32))
        self._pace = pace
        if resumed is None:
            self.clock = clock or Clock()
            self.engine = Engine(config.contract, plan, self.clock)
        else:
            self.clock = resumed.clock
            self.engine = Engine(config.contract, plan, self.clock, keeping=resumed.keeping, keeper=resumed.keeper, asides=resumed.asides)
        self.lag = Lag()
        self.started_at = self.clock.now()
        self._plan_since = self.engine.keeping.started_at if resumed is None else resumed.since
        self.reloading = Reloading(config, plan, Means.of, self._adopt, self.clock.now)
        self._tasks = Tasks()
        self._gaps = Gaps()
        self._former: dict[str, AmiStats] = {}  # of PBXs that were taken out: their counters go on if they return
        self.store = self._clerk() if keep and config.store.url else None
        self.logs = {pbx.name: self._log(pbx, told_up=self.engine.floor.sides[pbx.name].log_up) for pbx in config.pbxs if pbx.queue_log}
        self.cdrs = Cdrs(config, self.engine, self._tasks.start, self._tasks.end)
        means = Means.of(config)
        self.clients = {pbx.name: self._client(pbx, means.links[pbx.name]) for pbx in config.pbxs}
        self.finding = None if resumed is None else Finding(self.engine, resumed.asides.folder, self._readable)
        reload, desk = self.reloading.reload, Desk(self.engine)
        self.broker = Broker(self, desk, Bringing(config.file, reload, self.clock.now).bring, self.clock.now, self._tasks)
        self.broker.follow(config, means.broker)
        self._go_on()
        self.engine.facts = self._facts
        self._connect()
        web = config.web
        self.web = Web(
            web.host,
            web.port,
            self,
            names=web.names,
            money=web.money,
            simulation=simulation,
            tokens=means.tokens,
            reload=reload,
            desk=desk,
            callers=self.engine.floor.lost.rows,
        )

    def _client(self, pbx: PbxSettings, link: AmiSettings) -> AmiClient:
        stats = self._former.pop(pbx.name, None)
        sink, now = partial(self._put, pbx.name), self.clock.now
        past, devices = self._past_of(pbx), self._devices(pbx)
        return AmiClient(link, self._queues(pbx), sink, now, pace=self._pace, lag=self.lag.observe, past=past, stats=stats, devices=devices)

    def _put(self, pbx: str, event: Event) -> bool:
        """What a PBX says goes to the engine; its log and its CDR hear what they have to compare."""
        log_of = self.logs.get(pbx)
        taken = self.engine.put(event) if log_of is None else log_of.put(event)
        if taken:
            self.cdrs.heard(pbx, event)
        return taken

    def _log(self, pbx: PbxSettings, *, told_up: bool = False) -> LogWatch:
        return LogWatch(pbx.name, Path(pbx.queue_log), self.engine.put, self.clock.now, lambda: self.clients[pbx.name].stats.offset_us, told_up=told_up)

    def _devices(self, pbx: PbxSettings) -> Devices:
        return Devices(self.config.contract, pbx.name, lambda: self.engine.floor.devices.known(pbx.name))

    def _queues(self, pbx: PbxSettings) -> tuple[str, ...]:
        return tuple(queue.name for queue in self.config.contract.queues if queue.pbx == pbx.name)

    def _past_of(self, pbx: PbxSettings) -> Past | None:
        return partial(self._past, pbx) if pbx.queue_log else None

    def _connect(self) -> None:
        """What the engine tells its sources."""
        self.engine.on_step = [*(client.shift for client in self.clients.values()), *(log_of.shift for log_of in self.logs.values()), self.cdrs.shift]
        self.engine.offsets = self._offsets
        self.engine.askers = {name: client.ask_exit for name, client in self.clients.items()}

    def _offsets(self) -> dict[str, int]:
        """By how much the PBXs' clocks are off, as far as that is known."""
        return {name: client.stats.offset_us for name, client in self.clients.items() if client.stats.offset_us is not None}

    def _clerk(self) -> Clerk:
        self.engine.floor.keep()
        return Clerk(Place(self.config.store.url), self.config.store.retain_days, lambda: self.engine.floor, self.clock.now)

    def _facts(self) -> dict[tuple[str, ...], Fact]:
        """What this process counts of itself, for the next one to go on from."""
        facts: dict[tuple[str, ...], Fact] = {("lag", *name): count for name, count in self.lag.counted().items()}
        for pbx, stats in self._stats().items():
            facts |= {("ami", pbx, *name): count for name, count in stats.counted().items()}
        for pbx, client in self.clients.items():
            if client.startup is not None:
                facts["startup", pbx] = client.startup
        if self.engine.keeper is not None:
            facts["journal", "dropped"] = self.engine.keeper.dropped
        if self.store is not None:
            facts["store", "refused"] = self.store.refused
        return facts | self.broker.counted()

    def _stats(self) -> dict[str, AmiStats]:
        """The counters of every PBX, those that were taken out too."""
        return self._former | {pbx: client.stats for pbx, client in self.clients.items()}

    def _go_on(self) -> None:
        """From where the process before this one was."""
        known = self.engine.keeping.facts
        facts = {name: fact for name, fact in known.items() if isinstance(fact, int)}
        if not facts:
            return
        self.broker.go_on(facts)
        self.lag.go_on({name[1:]: count for name, count in facts.items() if name[0] == "lag"})
        for pbx, side in self.engine.floor.sides.items():
            if side.log_up and pbx not in self.logs:
                self.engine.put(LogSeen(pbx, self.engine.keeping.reached, up=False))
        if self.engine.keeper is not None:
            self.engine.keeper.dropped += facts.get(("journal", "dropped"), 0)
        if self.store is not None:
            self.store.refused += facts.get(("store", "refused"), 0)
        for pbx in sorted({name[1] for name in facts if name[0] == "ami"} | self.clients.keys()):
            counted = {name[2:]: count for name, count in facts.items() if name[:2] == ("ami", pbx)}
            client, startup = self.clients.get(pbx), known.get(("startup", pbx))
            if client is None:
                self._former[pbx] = AmiStats()
                self._former[pbx].go_on(counted)
                continue
            client.go_on(counted, startup if isinstance(startup, str) else None, self.engine.floor.sides[pbx].blind_since)

    async def _past(self, pbx: PbxSettings, snapshot: SnapshotTaken, offset_us: int, coming: tuple[Event, ...]) -> Event | None:
        """What the PBX's queue_log knows of the time nobody saw: a gap, or before its first snapshot the day; None where it cannot be read."""
        await self.engine.caught_up()
        side = self.engine.floor.sides[pbx.name]
        if side.gap is not None:
            return await self._gap(pbx, side.gap.start, snapshot, offset_us)
        if side.sighted or self.engine.floor.pasts.told(pbx.name):
            return None
        since = self.contract.day_start(self.engine.keeping.started_at)
        answer = await told.ask(told.Question(pbx.queue_log, self.contract, pbx.name, snapshot, since, offset_us, coming, keep=self.store is not None))
        for problem in answer.problems:
            if problem == self._said_of(pbx):
                continue  # and what it is good for besides
            log.warning("queue_log is not whole", pbx=pbx.name, problem=problem, effect="today begins now" if answer.past is None else "today begins later")
        if answer.past is None:
            return None
        log.info("today so far is taken from queue_log", pbx=pbx.name, calls=answer.past.calls)
        return PastTold(pbx.name, snapshot.at, answer.past)

    def _said_of(self, pbx: PbxSettings) -> str | None:
        """What is known to be wrong with its queue_log; a reload may have taken that away while it was read."""
        log_of = self.logs.get(pbx.name)
        return None if log_of is None else log_of.problem

    async def _gap(self, pbx: PbxSettings, since: int, snapshot: SnapshotTaken, offset_us: int) -> Event:
        answer = await self._gaps.told(Path(pbx.queue_log), since, snapshot, offset_us, self.contract)
        if isinstance(answer, GapTold):
            return answer
        if answer != self._said_of(pbx):  # and what it is good for besides
            log.warning("queue_log does not tell the gap", pbx=pbx.name, problem=answer, effect=self.engine.effect)
        return GapUntold(pbx.name, snapshot.at, snapshot, offset_us)

    def _readable(self, pbx: str) -> Path | None:
        """The queue_log of this PBX, while it can be read."""
        log_of = self.logs.get(pbx)
        return next((Path(one.queue_log) for one in self.config.pbxs if one.name == pbx and log_of is not None and log_of.up), None)

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
            store_up=None if self.store is None else self.store.up,
            mqtt_up=self.broker.up,
            event_lag=self.lag.frozen(),
            config_last_reload_successful=self.reloading.successful,
            config_last_reload_at=self.reloading.loaded_at,
        )

    def _dropped(self) -> dict[str, int]:
        keeper, store = self.engine.keeper, self.store
        dropped = {"event": sum(stats.dropped for stats in self._stats().values())}
        if keeper is not None:
            dropped["journal"] = keeper.dropped
        if store is not None:
            dropped["store"] = store.dropped
        return dropped | self.broker.dropped()

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
            cdr_up=self.cdrs.up(name),
        )

    async def _keep(self, store: Clerk) -> None:
        """Keep what is final, and which plan is in force."""
        await self._keep_plan(store, self._plan_since, "start")
        await recall(self.engine, store.place)
        await store.run()

    async def _keep_plan(self, store: Clerk, since: int, why: str) -> None:
        for version in await asyncio.to_thread(versions, self.config, since, why):
            store.plan(version)

    # --- life -----------------------------------------------------------------------------------------------------------------------

    async def run(self, stop: asyncio.Event, up: asyncio.Event | None = None, again: asyncio.Event | None = None) -> None:
        """Run until `stop` is set; `up` is set once somebody can look; whenever `again` is, everything is read anew."""
        await self.web.start()
        if up is not None:
            up.set()
        log.info("floorwatch is up", version=__version__, metrics=f"{self.web.url}/metrics", pbxs=",".join(self.clients))
        self._tasks.start("engine", self.engine.run())
        for name, client in self.clients.items():
            self._tasks.start(f"ami {name}", client.run())
        for name, log_of in self.logs.items():
            self._tasks.start(f"queue_log {name}", log_of.run())
        self.cdrs.run()
        self.broker.run()
        if self.finding is not None:
            self._tasks.start("finding", self.finding.run())
        if self.store is not None:
            self._tasks.start("store", self._keep(self.store))
            self._tasks.start("reports", Scheduling(lambda: self.config, self.clock.now).run())
        if again is not None:
            self._tasks.start("reload", self._reload_when(again))
        try:
            await self._tasks.until(stop)
        finally:
            if self.store is not None:
                self.engine.close_books()
                await self.store.finish()
            await self.web.stop()
            log.info("floorwatch has stopped")

    # --- another configuration --------------------------------------------------------------------------------------------------------

    async def _reload_when(self, again: asyncio.Event) -> Never:
        while True:
            await again.wait()
            again.clear()
            await self.reloading.hang_up()

    async def _adopt(self, config: Config, plan: Plan, means: Means) -> None:
        """Everything that runs is as this configuration says."""
        before = {pbx.name: pbx for pbx in self.config.pbxs}
        links = means.links
        for name in before.keys() - links.keys():
            await self._dismiss(name)
        await self.engine.caught_up()
        old, self.config = self.config, config
        self.engine.change(config.contract, plan)
        for pbx in config.pbxs:
            await self._read_log(pbx, before.get(pbx.name))
            await self.cdrs.follow(pbx, before.get(pbx.name))
        for pbx in config.pbxs:
            link, known = links[pbx.name], before.get(pbx.name)
            if known is None:
                client = self.clients[pbx.name] = self._client(pbx, link)
                self._tasks.start(f"ami {pbx.name}", client.run())
            else:
                reconnect, another_log = _link(known, old) != _link(pbx, config), known.queue_log != pbx.queue_log  # which tells from a snapshot on
                wanted = self._queues(pbx), self._past_of(pbx), self._devices(pbx)
                self.clients[pbx.name].change(link, *wanted, reconnect=reconnect, look_again=another_log)
        self._connect()
        if self.store is not None:
            await self._keep_plan(self.store, self.clock.now(), "reload")
        await self.broker.change(old, config, means.broker)
        self.web.names, self.web.money, self.web.gate.tokens = config.web.names, config.web.money, means.tokens
        if config.log != old.log:
            logs.set_up(config.log.level, config.log.format)

    async def _read_log(self, pbx: PbxSettings, known: PbxSettings | None) -> None:
        """Follow the queue_log this PBX has now."""
        if known is not None and known.queue_log == pbx.queue_log:
            return
        if self.logs.pop(pbx.name, None) is not None:
            await self._tasks.end(f"queue_log {pbx.name}")
            self.engine.put(LogSeen(pbx.name, self.clock.now(), up=False))
        if pbx.queue_log:
            log_of = self.logs[pbx.name] = self._log(pbx)
            self._tasks.start(f"queue_log {pbx.name}", log_of.run())

    async def _dismiss(self, pbx: str) -> None:
        """Log off; what it said until then is applied."""
        self._former[pbx] = self.clients[pbx].stats
        await self._tasks.end(f"ami {pbx}")
        del self.clients[pbx]
        await self.cdrs.dismiss(pbx)
        if self.logs.pop(pbx, None) is not None:
            await self._tasks.end(f"queue_log {pbx}")


def _link(pbx: PbxSettings, config: Config) -> tuple[object, ...]:
    """What takes a new connection when it changes."""
    return pbx.host, pbx.port, pbx.username, pbx.secret, pbx.tls, pbx.tls_ca, config.contract.pays_for_results, config.contract.regions.variable
