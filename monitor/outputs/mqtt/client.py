"""MQTT for as long as the daemon lives: connect, tell the whole state, then what changes; take commands, one after the other.

Owns the policy: what is retried when, that only the latest state counts (nothing waits for a broker that is away), how much of a flood is kept, how fast it
is gone through, and how loud all this is said. A broker that is down, slow or rude costs this task time, and nobody else. Refuses topics, figures and
payloads. Next: `app` runs it.

    connect → birth → the whole state → changes, once a second ⇄ commands → lost → pause → connect …
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Never

import aiomqtt
import structlog

from monitor.backoff import backoff
from monitor.errors import BrokerAway, BrokerRefused
from monitor.outputs.mqtt.commands import Commands, Desk, Said, refused
from monitor.outputs.mqtt.link import Connection, Heard, MqttLink
from monitor.outputs.mqtt.state import Sent, rows, text
from monitor.outputs.mqtt.topics import Command, Kind, Topics
from monitor.outputs.view import View
from monitor.outputs.web.instant import iso

__all__ = ["Commands", "Desk", "MqttClient", "MqttStats", "Patience", "View"]

log = structlog.get_logger(__name__)

EXPIRES_S: Final = 180  # three times as long as everything is said again: figures of a daemon that is dead vanish
MOST: Final = 20_000  # commands that wait
MOST_BYTES: Final = 32 << 20
SLICE: Final = 50  # commands between two pauses
PLANS: Final = 4  # that wait: each takes seconds
SAY_AGAIN_S: Final = 60.0  # how often refusals are in the log
OFFLINE: Final = {"state": "offline"}


@dataclass(frozen=True, slots=True)
class Patience:
    """How long we wait for what, in seconds; tests hurry."""

    answer_s: float = 10.0
    leave_s: float = 1.0
    period_s: float = 1.0
    breath_s: float = 0.02  # after a slice of commands
    retry_first_s: float = 1.0
    retry_longest_s: float = 60.0
    refused_first_s: float = 10.0  # a wrong password does not get right by itself
    refused_longest_s: float = 300.0
    steady_s: float = 10.0  # a session that lasted so long was a good one


@dataclass(slots=True)
class MqttStats:
    """What is counted, over sessions and reloads; `refused` were answered so, `dropped` were never read."""

    up: bool = False
    sessions: int = 0
    refused: int = 0
    dropped: int = 0


@dataclass(slots=True)
class _Inbox:
    """Commands in the order they came, as many as there is room for."""

    waiting: deque[Heard] = field(default_factory=deque)
    size: int = 0
    filled: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, heard: Heard) -> bool:
        if len(self.waiting) >= MOST or self.size + len(heard.payload) > MOST_BYTES:
            return False
        self.waiting.append(heard)
        self.size += len(heard.payload)
        self.filled.set()
        return True

    def forget(self, connection: Connection) -> None:
        """What was handed to us before this session, and comes again: acknowledged by nobody, it would take the room of itself."""
        self.waiting = deque(heard for heard in self.waiting if heard.link is connection or not heard.qos)
        self.size = sum(len(heard.payload) for heard in self.waiting)

    async def take(self) -> Heard:
        while not self.waiting:
            self.filled.clear()
            await self.filled.wait()
        heard = self.waiting.popleft()
        self.size -= len(heard.payload)
        return heard


class MqttClient:
    """`run()` is its task; `stats` may be read at any time, `link` be another from the next session on. `since` is when the daemon began."""

    def __init__(
        self,
        link: MqttLink,
        site: str,
        view: View,
        commands: Commands,
        stats: MqttStats,
        *,
        version: str,
        since: int,
        now: Callable[[], int],
        patience: Patience | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.link = link
        self.stats = stats
        self.topics = Topics(link.prefix, site)
        self._view = view
        self._commands = commands
        self._online = {"state": "online", "version": version, "since": iso(since)}
        self._now = now
        self._patience = patience or Patience()
        self._chance = chance
        self._inbox = _Inbox()
        self._plans: asyncio.Queue[tuple[Heard, Command]] = asyncio.Queue(PLANS)
        self._connection: Connection | None = None
        self._refusals: Counter[str] = Counter()
        self._said_at: float | None = None

    # --- the task ---------------------------------------------------------------------------------------------------------------------

    async def run(self) -> Never:
        """Until cancelled; then take leave."""
        workers = [asyncio.create_task(self._listen(), name="mqtt commands"), asyncio.create_task(self._bring(), name="mqtt plans")]
        try:
            await self._sessions()
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    async def _sessions(self) -> Never:
        patience, said = self._patience, ""
        retries, refusals = self._pauses()
        loop = asyncio.get_running_loop()
        while True:
            began, sessions = loop.time(), self.stats.sessions
            try:
                await self._session()
            except BrokerAway as error:
                problem, slowly = str(error), isinstance(error, BrokerRefused)
            except Exception as error:  # noqa: BLE001 - whatever a broker makes of us, the daemon goes on
                problem, slowly = f"{type(error).__name__}: {error}; report this", True
            had_session = self.stats.sessions > sessions
            if had_session and loop.time() - began >= patience.steady_s:
                said = ""
                retries, refusals = self._pauses()
            pause = next(refusals if slowly else retries)
            say = log.debug if problem == said else log.warning
            say("MQTT session lost" if had_session else "no MQTT session", problem=problem, retry_in_s=round(pause, 1))
            said = problem
            await asyncio.sleep(pause)

    def _pauses(self) -> tuple[Iterator[float], Iterator[float]]:
        patience = self._patience
        return (
            backoff(patience.retry_first_s, patience.retry_longest_s, self._chance),
            backoff(patience.refused_first_s, patience.refused_longest_s, self._chance),
        )

    async def _session(self) -> Never:
        """From the birth to the end, whatever ends it."""
        topics, will = self.topics, aiomqtt.Will(self.topics.status, text(OFFLINE), qos=1, retain=True)
        connection = Connection(self.link, will, self._hear, answer_s=self._patience.answer_s, resumed=self._inbox.forget)
        await connection.open()
        gone, telling = asyncio.create_task(connection.gone(), name="mqtt gone"), asyncio.create_task(self._tell(connection), name="mqtt state")
        try:
            await asyncio.wait([gone, telling], return_when=asyncio.FIRST_COMPLETED)
            (telling if telling.done() else gone).result()
            raise BrokerAway(f"{self.link.where}: the connection broke")
        except asyncio.CancelledError:
            telling.cancel()
            with suppress(BrokerAway, aiomqtt.MqttError, TimeoutError):
                async with asyncio.timeout(self._patience.leave_s):
                    await connection.say(topics.status, text(OFFLINE))
                    await connection.leave()
            raise
        finally:
            self._connection, self.stats.up = None, False
            for task in (gone, telling):
                task.cancel()
            await asyncio.gather(gone, telling, return_exceptions=True)
            connection.drop()

    # --- what is told -----------------------------------------------------------------------------------------------------------------

    async def _tell(self, connection: Connection) -> Never:
        """The birth and the whole state, then what has changed."""
        await connection.say(self.topics.status, text(self._online))
        self._connection, self.stats.up = connection, True
        self.stats.sessions += 1
        log.info("MQTT session", broker=self.link.where, topics=f"{self.topics.root}/#")
        if denied := await connection.listen(self.topics.filters):
            log.warning("the broker lets us hear no commands", topics=", ".join(denied), remedy=f"let {self.link.username or 'us'} read them")
        sent, loop = Sent(), asyncio.get_running_loop()
        due, complained = loop.time(), False
        while True:
            await self._tell_changes(connection, sent)
            if connection.denied and not complained:
                complained = True
                remedy = f"let {self.link.username or 'us'} write to {self.topics.root}/#"
                log.warning("the broker does not take what we publish", problem=connection.denied, remedy=remedy)
            due = max(due + self._patience.period_s, loop.time())  # after a stall nothing is made up for
            await asyncio.sleep(due - loop.time())

    async def _tell_changes(self, connection: Connection, sent: Sent) -> None:
        outlook, contract, loop = self._view.outlook(), self._view.contract, asyncio.get_running_loop()
        if outlook is None:
            return
        due: list[tuple[str, bytes]] = []
        there: set[str] = set()
        for topic, row in rows(outlook, contract, self.topics, money=self.link.money):
            there.add(topic)
            payload = sent.due(topic, row, outlook.at, loop.time())
            if payload is not None:
                due.append((topic, payload))
            await asyncio.sleep(0)
        due += [(topic, b"") for topic in sent.gone(there)]
        await connection.say_all(due, EXPIRES_S)

    # --- what is heard ----------------------------------------------------------------------------------------------------------------

    def _hear(self, heard: Heard) -> bool:
        """Keep it, if there is room: what there is no room for is counted."""
        if self._inbox.put(heard):
            return True
        self.stats.dropped += 1
        self._say("dropped unread")
        return False

    async def _listen(self) -> Never:
        """Go through the commands; those who wait for the loop have their turn in between."""
        taken = 0
        while True:
            heard = await self._inbox.take()
            command = self.topics.command(heard.topic)
            if command is not None and not (heard.retained and not heard.payload):  # nobody's, or a retained one is taken away
                await self._take(heard, command)
            else:
                heard.acknowledge()
            taken += 1
            await asyncio.sleep(0 if taken % SLICE else self._patience.breath_s)

    async def _take(self, heard: Heard, command: Command) -> None:
        if heard.retained:
            problem = "a retained command would be repeated whenever we come back; send it without retain, and take this one away by an empty retained payload"
            await self._done(heard, command, refused(problem))
        elif command.kind is not Kind.PLAN:
            await self._answer(heard, command)
        elif self._plans.full():
            await self._done(heard, command, refused(f"{PLANS} plans wait already; send it again once they are answered"))
        else:
            self._plans.put_nowait((heard, command))

    async def _bring(self) -> Never:
        """Plans take seconds: nothing else waits for them."""
        while True:
            await self._answer(*await self._plans.get())

    async def _answer(self, heard: Heard, command: Command) -> None:
        try:
            said = await self._commands.answer(command, heard.payload)
        except Exception as error:  # noqa: BLE001 - a command that we trip over is no reason to hear no others
            log.error("a command failed", kind=command.kind.value, problem=type(error).__name__, remedy="report this")  # noqa: TRY400 - its text may hold a payload
            said = refused("it could not be taken; the log says more, report this")
        await self._done(heard, command, said)

    async def _done(self, heard: Heard, command: Command, said: Said) -> None:
        """Say what came of it, and tell the broker that we have it."""
        heard.acknowledge()
        if said.refused:
            self.stats.refused += said.refused
            self._say(command.kind.value, said.refused)
        connection = heard.link if heard.link.alive else self._connection  # what waited for us comes before the birth
        if connection is None:
            return  # nobody is there to hear it
        payload = text({"at": iso(self._now()), "topic": heard.topic, "accepted": said.accepted, **said.row})
        for topic in self._where(heard, said):
            with suppress(BrokerAway):  # the session knows it itself
                await connection.say(topic, payload, qos=0, retain=False, CorrelationData=heard.correlation)

    def _where(self, heard: Heard, said: Said) -> list[str]:
        """To whom it is said: a refusal to everybody, and to who asked, where he names a topic that is none of ours."""
        own = heard.response if not set(heard.response) & set("+#\0") and not heard.response.startswith(f"{self.topics.root}/") else ""
        usual = self.topics.error if said.refused else "" if own else self.topics.answer
        return [topic for topic in (usual, own) if topic]

    def _say(self, what: str, number: int = 1) -> None:
        """In the log, now and then: how many commands of which kind are refused; why is in the answer."""
        self._refusals[what] += number
        now = asyncio.get_running_loop().time()
        if self._said_at is None or now - self._said_at >= SAY_AGAIN_S:
            log.warning("commands by MQTT are refused", **self._refusals, remedy=f"listen to {self.topics.error}")
            self._refusals.clear()
            self._said_at = now
