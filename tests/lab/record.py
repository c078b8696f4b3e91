"""A tap: one least-privilege AMI session, written to a file byte by byte while the traffic runs.

Does at the start what the daemon does (CoreSettings, CoreStatus, QueueStatus, CoreShowChannels, Ping), then only pings.
The file is what replays are fed with and what the judge reads where queue_log itself is wrong.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import BinaryIO

from tests.lab.ami import Message, Session

PING_SECONDS = 5.0


class Tap:
    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("wb")
        self._booted = asyncio.Event()
        self._ending = asyncio.Event()
        self._session: Session | None = None
        self._pinger: asyncio.Task[None] | None = None

    async def start(self, port: int) -> None:
        self._session = await Session.open(port, "floorwatch", self._seen, self._bytes, events="system,call,agent")
        async with asyncio.timeout(10):
            await self._booted.wait()
        for action in ("CoreSettings", "CoreStatus", "QueueStatus", "CoreShowChannels", "Ping"):
            await self._session.ask(action)
        self._pinger = asyncio.create_task(self._ping(self._session), name="lab-tap-ping")

    def _seen(self, message: Message) -> None:
        if message.get("Event") == "FullyBooted":
            self._booted.set()

    def _bytes(self, chunk: bytes) -> None:
        if not self._file.closed:
            self._file.write(chunk)

    async def _ping(self, session: Session) -> None:
        while not self._ending.is_set():
            try:
                async with asyncio.timeout(PING_SECONDS):
                    await self._ending.wait()
            except TimeoutError:
                await session.ask("Ping")

    async def stop(self) -> None:
        """Close the session and the file; a second time nothing happens."""
        self._ending.set()
        if self._pinger is not None:
            await asyncio.gather(self._pinger, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
        self._file.close()
