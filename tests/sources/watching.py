"""A client under test: hurried, with an inbox that can be full, against the fake PBX."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import TypeVar

from monitor.core.events import Event, LinkLost, SnapshotTaken
from monitor.sources.ami.client import AmiClient
from monitor.sources.ami.devices import Devices
from monitor.sources.ami.link import AmiSettings, Pace
from tests.sources.fake_ami import SECRET, Pbx

HURRY = Pace(  # short pauses, but no deadline that a busy machine could miss
    connect_s=5.0,
    greeting_s=5.0,
    login_s=5.0,
    action_s=5.0,
    list_s=5.0,
    booted_s=0.02,
    unready_s=0.01,
    full_s=0.002,
    settle_s=0.005,
    jitter_s=0.0,
    logoff_s=0.2,
    retry_first_s=0.01,
    retry_longest_s=0.04,
    steady_s=0.0,
    refused_first_s=0.02,
    refused_longest_s=0.08,
)
STERN = replace(HURRY, greeting_s=0.05, login_s=0.05, action_s=0.05, list_s=0.05)  # for those who never answer
PATIENCE_S = 5.0  # nothing here takes that long unless it is broken
E = TypeVar("E", bound=Event)


def now() -> int:
    """Daemon time."""
    return time.time_ns() // 1000


class Inbox:
    """The engine's bounded inbox as the client sees it."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.refusals = 0
        self.room: int | None = None  # how many more it takes; None: any number
        self._changed = asyncio.Event()

    def put(self, event: Event) -> bool:
        """Take it, or say that there is no room; for the loss of sight there is always room."""
        if self.room is not None and not isinstance(event, LinkLost):
            if self.room <= 0:
                self.refusals += 1
                return False
            self.room -= 1
        self.events.append(event)
        self._changed.set()
        return True

    def of(self, kind: type[E]) -> list[E]:
        """The events of a kind."""
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def snapshots(self) -> list[SnapshotTaken]:
        """Every whole one."""
        return [event for event in self.of(SnapshotTaken) if event.whole]

    @property
    def losses(self) -> list[LinkLost]:
        """Every time the link was lost."""
        return self.of(LinkLost)


async def until(true: Callable[[], object]) -> None:
    """Wait until it is true, without waiting longer than it takes."""
    async with asyncio.timeout(PATIENCE_S):
        while not true():
            await asyncio.sleep(0.002)


class Watching:
    """A running client, its inbox and its PBX."""

    def __init__(self, pbx: Pbx, client: AmiClient, inbox: Inbox, task: asyncio.Task[None]) -> None:
        self.pbx, self.client, self.inbox, self.task = pbx, client, inbox, task
        self.stats = client.stats

    async def live(self, snapshots: int = 1) -> None:
        """Until that many snapshots are told and events flow."""
        await until(lambda: len(self.inbox.snapshots) >= snapshots and self.stats.up)

    async def heard(self, kind: type[Event], count: int = 1) -> None:
        """Until that many events of a kind are in the inbox."""
        await until(lambda: len(self.inbox.of(kind)) >= count)


@contextlib.asynccontextmanager
async def watching(
    pbx: Pbx,
    *queues: str,
    port: int | None = None,
    pace: Pace = HURRY,
    clock: Callable[[], int] = now,
    kept: int | None = None,
    lag: Callable[[int], None] | None = None,
    devices: Devices | None = None,
    **settings: object,
) -> AsyncIterator[Watching]:
    """A client that watches `pbx` (or whatever listens on `port`); no pinging and reconciling unless asked for."""
    async with contextlib.AsyncExitStack() as stack:
        if port is None:
            port = await stack.enter_async_context(pbx.listening())
        link = AmiSettings("p", "127.0.0.1", "floorwatch", SECRET, port, ping_seconds=1000, ping_deadline_seconds=5, reconcile_seconds=1000)
        inbox = Inbox()
        half, link = lambda: 0.5, replace(link, **settings)  # type: ignore[arg-type]
        client = AmiClient(link, queues or ("bank",), inbox.put, clock, pace=pace, chance=half, lag=lag, devices=devices)
        if kept is not None:
            client._watch.kept = kept
        task = asyncio.create_task(client.run(), name="ami p")
        try:
            yield Watching(pbx, client, inbox, task)
        finally:
            ended_by_itself = task.done() and not task.cancelled()
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            assert not ended_by_itself
