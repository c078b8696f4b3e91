"""One session with a PBX, from the connection to its end: login, the whole state, then every event as it comes.

Owns what is asked and when: the snapshot recipe, Ping with its deadline, reconciliation of single queues and of devices, the reason of an
exit. All of it only reads, and is on the list in `protocol`. Refuses trying again (`client`). A session ends by raising: AmiUnreachable when the PBX
is gone or silent, AmiLoginRefused when it wants no part of us, AmiMalformed when something else lives there. Next: `teller`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Never

import structlog

from monitor.core.contract import SECOND
from monitor.core.devices import DeviceSeen
from monitor.core.events import AgentRung, ChannelRow, ExitTold, MemberRemoved, MemberSeen
from monitor.errors import AmiError, AmiLoginRefused, AmiUnreachable
from monitor.sources.ami import devices, listing, translate
from monitor.sources.ami.decoder import Decoder, Message
from monitor.sources.ami.link import connect, login
from monitor.sources.ami.protocol import AmiProtocol, Reply
from monitor.sources.ami.stats import LinkState
from monitor.sources.ami.teller import AT, LATE, OFFSET, Teller, Watch, figure

log = structlog.get_logger(__name__)


class NotReady(Exception):  # noqa: N818 - a state, not a fault
    """The PBX is still starting, or has no app_queue; it is asked again."""


class Session:
    """Runs once. `was_live` says whether the core has seen a snapshot of it, `live_s` for how long it saw."""

    def __init__(self, watch: Watch) -> None:
        self.was_live = False
        self.live_s = -1.0
        self._live_since = 0.0
        self._watch = watch
        self._stats = watch.stats
        self._teller = Teller(watch, self._full, self._member)
        self._log = log.bind(pbx=watch.settings.name)
        self._protocol: AmiProtocol | None = None
        self._gone = asyncio.Event()
        self._booted = asyncio.Event()
        self._booted_at: int | None = None  # when the process began, by FullyBooted
        self._farewell = ""
        self._wake = asyncio.Event()
        self._resync = False
        self._due: dict[str, None] = {}  # queues to reconcile, in the order they came up
        self._devices_due = False
        self._known: set[tuple[str, str]] = set()  # members by queue and interface

    async def run(self) -> Never:
        """Until it ends, which is always by an error or by being cancelled."""
        watch = self._watch
        decoder = Decoder(translate.WANTED, tally=self._stats.tally, sieves={devices.CHANGED: watch.of_somebody})
        protocol = await connect(watch.settings, watch.pace, lambda: AmiProtocol(decoder, watch.now, self._hear, self._gone.set))
        epoch = self._stats.clock.epoch
        try:
            self._stats.version = await login(protocol, watch.settings, watch.pace)
            self._protocol = protocol
            self._stats.connects += 1
            self._teller.kept_since = protocol.arrived_at if self._stats.clock.epoch == epoch else watch.now()
            await self._follow(protocol)
        except asyncio.CancelledError:
            if self._protocol is not None:
                with suppress(AmiError):
                    await protocol.ask("Logoff", watch.pace.logoff_s)
            raise
        finally:
            self._protocol = None
            if self.was_live:
                self.live_s = asyncio.get_running_loop().time() - self._live_since
            protocol.abort()

    async def _follow(self, protocol: AmiProtocol) -> Never:
        """The first task that fails ends the session. No TaskGroup: before 3.13 it forgets a cancellation when a task fails at that moment."""
        name = f"ami {self._watch.settings.name}"
        tasks = [
            asyncio.create_task(self._until_gone(), name=f"{name} end"),
            asyncio.create_task(self._ping(protocol), name=f"{name} ping"),
            asyncio.create_task(self._see(protocol), name=f"{name} see"),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        problems = [problem for task in tasks if task in done and (problem := task.exception()) is not None]
        if self._gone.is_set() and all(isinstance(problem, AmiError) for problem in problems):
            raise AmiUnreachable(self._farewell or protocol.lost)
        raise next((problem for problem in problems if not isinstance(problem, AmiError)), problems[0])  # a fault of ours is louder

    async def _until_gone(self) -> None:
        await self._gone.wait()
        raise AmiUnreachable("gone")

    async def _ping(self, protocol: AmiProtocol) -> None:
        """The pulse of the link: who does not answer in time is gone, whatever TCP believes."""
        while True:
            await asyncio.sleep(self._watch.settings.ping_seconds)
            await self._measure(protocol)

    async def _measure(self, protocol: AmiProtocol) -> None:
        clock = self._stats.clock
        epoch = clock.epoch
        reply = await protocol.ask("Ping", self._watch.settings.ping_deadline_seconds)
        pbx_at = translate.pong_at(reply.messages[0])
        if pbx_at is None:
            self._stats.tally.malformed += 1
            return
        clock.measured(reply.sent_at, reply.arrived_at, pbx_at, epoch)
        self._teller.translator.offset_us = clock.offset_us or 0

    # --- what comes in --------------------------------------------------------------------------------------------------------------

    def _hear(self, message: Message, arrived_at: int) -> None:
        name = message["Event"]
        if name not in translate.SYSTEM:
            self._teller.hear(message, arrived_at)
        elif name == "FullyBooted":
            uptime_us = self._teller.translator.uptime_us(message)
            self._booted_at = None if uptime_us is None else arrived_at - uptime_us
            self._booted.set()
            if self.was_live:
                self._reconcile_all()
        elif name == "Reload":
            self._reconcile_all()
        else:
            self._farewell = "the PBX is shutting down"
            self._log.info(self._farewell)

    def _member(self, event: MemberSeen | MemberRemoved | AgentRung) -> None:
        """A member nobody told us of came by a silent reload: then there may be more."""
        who = (event.queue, event.interface)
        if isinstance(event, MemberRemoved):
            self._known.discard(who)
        elif who not in self._known and who[0] in self._watch.queues:
            self._known.add(who)
            self._reconcile(who[0])

    def _reconcile(self, *queues: str) -> None:
        self._due.update(dict.fromkeys(queues))
        self._wake.set()

    def _reconcile_all(self) -> None:
        self._devices_due = True
        self._reconcile(*self._watch.queues)

    def _full(self) -> None:
        self._resync = True
        self._wake.set()

    # --- seeing ---------------------------------------------------------------------------------------------------------------------

    async def _see(self, protocol: AmiProtocol) -> None:
        pace = self._watch.pace
        with suppress(TimeoutError):  # without the class system the event never comes
            async with asyncio.timeout(pace.booted_s):
                await self._booted.wait()
        while True:
            self._resync = False
            try:
                await self._snapshot(protocol)
                await self._reconcile_until_full(protocol)
                await asyncio.sleep(pace.settle_s)
            except NotReady as reason:
                if self._stats.problem != str(reason):
                    self._log.warning("AMI is not ready", problem=str(reason), remedy="waiting; is app_queue loaded?")
                self._stats.state, self._stats.problem = LinkState.NOT_READY, str(reason)
                await asyncio.sleep(pace.unready_s)

    async def _reconcile_until_full(self, protocol: AmiProtocol) -> None:
        """What changes without an event (`queue reload`) is found by asking, one queue at a time: a list locks its queue on the PBX."""
        watch = self._watch
        loop = asyncio.get_running_loop()
        periodic = loop.time() + watch.settings.reconcile_seconds
        while not self._resync:
            self._wake.clear()
            if self._due:
                await asyncio.sleep(watch.pace.jitter_s * watch.chance())
                queue = next(iter(self._due))
                del self._due[queue]
                if not self._resync:
                    asked = protocol.ask("QueueStatus", watch.pace.list_s, {"Queue": queue}, partial(self._reconciled, queue))
                    reply = await self._in_time(asked, "QueueStatus")
                    if not reply.ok:  # no more events of its queues either: begin anew, and wait where a new session waits
                        raise self._forbidden("QueueStatus", reply) or AmiUnreachable(f"QueueStatus was refused: {reply.said}")
                continue
            if self._devices_due:
                self._devices_due = False
                await self._ask_devices(protocol)
                continue
            try:
                async with asyncio.timeout_at(periodic):
                    await self._wake.wait()
            except TimeoutError:
                periodic = loop.time() + watch.settings.reconcile_seconds
                self._reconcile_all()

    async def _in_time(self, asked: asyncio.Future[Reply], action: str) -> Reply:
        """The answer; a PBX that lets us wait for two deadlines of a Ping is not up, though all it tells is heard and counted."""
        stats, late_s = self._stats, 2 * self._watch.settings.ping_deadline_seconds
        await asyncio.wait([asked], timeout=late_s)
        if not asked.done() and stats.state is LinkState.LIVE:
            stats.state, stats.problem = LinkState.MUTE, f"{action} was not answered within {late_s:g} s"
            self._log.warning("AMI answers in part", problem=stats.problem, effect="events are counted, nothing is compared with the PBX")
        reply = await asked
        if stats.state is LinkState.MUTE:
            stats.state, stats.problem = LinkState.LIVE, None
            self._log.info("AMI answers again")
        return reply

    def _reconciled(self, queue: str, reply: Reply) -> None:
        """A queue's list, at its place in the stream: what was raised before it is told already, what comes after is newer."""
        if self._teller.keeping or not reply.ok:  # the one who asked ends the session over a refusal
            return
        rows, heard = listing.Rows(), list[Message]()
        self._rows_of(queue, reply, rows, heard, 0)
        self._learn(rows)
        self._stats.reconciles += 1
        pbx = self._watch.settings.name
        self._teller.tell(lambda at: rows.taken(pbx, at, whole=False), reply.arrived_at, heard)

    def _add(self, reply: Reply, rows: listing.Rows, heard: list[Message], at: int, late_us: int) -> None:
        translator = self._teller.translator
        rows.add(translator, reply.messages[1:], at, late_us)
        if self._watch.tap is not None:
            how = {AT: str(at), LATE: figure(late_us), OFFSET: figure(translator.offset_us)}
            heard += [{**item, **how} for item in reply.messages[1:]]

    def _rows_of(self, queue: str, reply: Reply, rows: listing.Rows, heard: list[Message], late_us: int) -> None:
        """Add what a QueueStatus said. A queue that is asked for and not there has nobody in it."""
        self._add(reply, rows, heard, reply.arrived_at - late_us, late_us)
        stats = self._stats
        if queue in rows.strategies:
            stats.unknown_queues -= {queue}
        else:
            rows.strategies[queue] = ""
            if queue not in stats.unknown_queues:
                stats.unknown_queues |= {queue}
                self._log.warning("no such queue on the PBX", queue=queue, remedy="correct queues of its [[project]], or queues.conf")

    def _learn(self, rows: listing.Rows) -> None:
        self._known = {who for who in self._known if who[0] not in rows.strategies} | {(m.queue, m.interface) for m in rows.members}

    # --- the whole state ------------------------------------------------------------------------------------------------------------

    async def _snapshot(self, protocol: AmiProtocol) -> None:
        """Read everything the PBX knows and tell it, then what came meanwhile; NotReady when it has no queues to tell of yet.

        It is of one instant: when daemon time is moved before it is told, it is read anew, and what was kept back stays.
        """
        watch, stats, teller = self._watch, self._stats, self._teller
        if teller.overrun and stats.state is LinkState.LIVE:
            raise AmiUnreachable("more came during a snapshot than may be kept back")  # seen so far: now it is a gap
        if stats.state is not LinkState.LIVE:
            stats.state = LinkState.SNAPSHOT
        if teller.overrun or not teller.keeping:
            teller.keep_back(watch.now())
        at, epoch = max(teller.kept_since, stats.clock.last_at), stats.clock.epoch
        settings = (await self._ask(protocol, "CoreSettings")).messages[0]
        stats.version = translate.version(settings) or stats.version
        startup = translate.startup((await self._ask(protocol, "CoreStatus")).messages[0])
        await self._measure(protocol)
        rows, heard = listing.Rows(), list[Message]()
        for queue in watch.queues:
            reply = await self._ask(protocol, "QueueStatus", {"Queue": queue})
            self._rows_of(queue, reply, rows, heard, max(0, reply.arrived_at - at))
        reply = await self._ask(protocol, "CoreShowChannels")
        self._add(reply, rows, heard, at, max(0, reply.arrived_at - at))
        if translate.keeps_cdr(settings):
            rows.channels = await self._answer_times(protocol, rows.channels, at)
        await self._ask_devices(protocol, rows.channels)
        restarted = self._restarted(startup)
        taken = rows.taken(watch.settings.name, at, restarted=restarted, listed_at=watch.now())
        past = await watch.past(taken, stats.offset_us or 0, teller.coming()) if watch.past is not None else None
        if teller.overrun or stats.clock.epoch != epoch:
            self._full()
            return
        if (past is not None and not await teller.deliver(past)) or not await teller.deliver(taken, heard):
            self._full()
            return
        self._learn(rows)
        self._due.clear()
        self._devices_due = False
        stats.clock.last_at = max(stats.clock.last_at, at)
        say = self._log.debug if self.was_live else self._log.info
        if not self.was_live:
            self.was_live, self._live_since = True, asyncio.get_running_loop().time()
        watch.startup = startup
        stats.gap_since = None
        stats.snapshots += 1
        stats.restarts += restarted
        if not await teller.release():
            watch.lose_sight(stats.clock.last_at)
            self._full()
            return
        stats.state, stats.problem = LinkState.LIVE, None
        say("AMI link up", version=stats.version, members=len(rows.members), channels=len(rows.channels), restarted=restarted)

    async def _ask(self, protocol: AmiProtocol, action: str, headers: Mapping[str, str] = MappingProxyType({})) -> Reply:
        """One part of the snapshot: without it there is none."""
        reply = await protocol.ask(action, self._watch.pace.list_s, headers)
        if reply.ok:
            return reply
        raise self._forbidden(action, reply) or NotReady(f"{action}: {reply.said}")

    def _forbidden(self, action: str, reply: Reply) -> AmiLoginRefused | None:
        if not translate.forbidden(reply.messages[0]):
            return None
        user = self._watch.settings.username
        return AmiLoginRefused(f"user {user!r} may not {action}; its section of manager.conf needs read = system,call,agent and write = reporting")

    async def _answer_times(self, protocol: AmiProtocol, channels: list[ChannelRow], at: int) -> list[ChannelRow]:
        """The rows, and for the agents' legs of answered queue calls when that was; the caller's own answer may have been an IVR's."""
        deadline_s = self._watch.pace.action_s
        asked = {
            row.call: protocol.ask("Getvar", deadline_s, {"Channel": row.channel, "Variable": translate.ANSWERED})
            for row in listing.answered_legs(channels)
            if "\r" not in row.channel
        }
        times: dict[str, int | None] = {}
        for call, future in asked.items():
            with suppress(AmiUnreachable):  # a leg without its time is better than no snapshot
                answered_at = self._teller.translator.answered_at((await future).messages[0])
                times[call] = None if answered_at is None else min(answered_at, at)
        return [replace(row, answered_at=times.get(row.call)) for row in channels]

    async def _ask_devices(self, protocol: AmiProtocol, channels: Sequence[ChannelRow] = ()) -> None:
        """The state of every device that can be named, each told at its place in the stream."""
        if self._watch.devices is not None:
            refused = await devices.ask(protocol, self._watch.devices.to_ask(channels), self._watch.pace.list_s, self._device)
            problem = None if refused is None else self._forbidden("Getvar", refused)
            if problem is not None:
                raise problem

    def _device(self, device: str, status: int, arrived_at: int) -> None:
        pbx = self._watch.settings.name
        self._teller.tell(lambda at: DeviceSeen(pbx, at, device, status), arrived_at)

    def _restarted(self, startup: str | None) -> bool:
        """Whether this is another process than the one of the last snapshot: by its own word, else by an uptime shorter than the gap."""
        watch = self._watch
        if self.was_live or watch.seen_at is None:
            return False
        if startup is not None and watch.startup is not None:
            return startup != watch.startup
        return self._booted_at is not None and self._booted_at > watch.seen_at + SECOND  # it is whole seconds

    # --- for the client and the engine -------------------------------------------------------------------------------------------------------------

    def shift(self, moved_us: int) -> None:
        """Daemon time was re-anchored: what this session remembers moves along; a snapshot under way is begun anew."""
        self._teller.shift(moved_us)
        if self._booted_at is not None:
            self._booted_at += moved_us

    def look_again(self) -> None:
        """Other queues are asked for now. While the new snapshot is read the core sees on: nothing is missing, some of it is told later."""
        self._full()

    def end(self, reason: str) -> None:
        """Begin anew."""
        self._farewell = reason
        self._gone.set()

    def ask_exit(self, call: str, queue: str, channel: str, *, again: bool = True) -> None:
        """Why is this caller out? The variable is set an instant after the event: an empty answer is asked for once more, at once."""
        protocol = self._protocol
        if protocol is None or "\r" in channel:
            return

        def told(reply: Reply) -> None:
            status = translate.value(reply.messages[0]) if reply.ok else None
            if status == "" and again:
                self.ask_exit(call, queue, channel, again=False)
            else:
                self._exit(call, queue, status)

        def failed(future: asyncio.Future[Reply]) -> None:
            if not self._gone.is_set() and not future.cancelled() and future.exception() is not None:
                self._exit(call, queue, None)

        wanted = {"Channel": channel, "Variable": translate.EXIT}
        protocol.ask("Getvar", self._watch.pace.action_s, wanted, told).add_done_callback(failed)

    def _exit(self, call: str, queue: str, status: str | None) -> None:
        pbx = self._watch.settings.name
        self._teller.tell(lambda at: ExitTold(pbx, at, call, queue, status), self._watch.now())
