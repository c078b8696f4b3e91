"""The simulated PBX on the network: an AMI port on loopback, the simulation's clock, and queue_log.

Owns sockets, the one task that lets simulated time pass, and the file. Refuses the meaning of what it carries: `manager` answers, `switch`
and the people act. A row of queue_log is in the file before the event that belongs to it is sent. A client that does not read is cut off,
as `writetimeout` does, and never holds up the simulation. Nothing a client sends ends the server.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Protocol, cast

from monitor.demo.faults import Faults
from monitor.demo.folder import writing
from monitor.demo.manager import GREETING, Account, Conversation, Framer, Reply, stamped
from monitor.demo.switch.specs import Message
from monitor.demo.switch.switch import Switch
from monitor.errors import PortTaken

TICK_S = 0.02  # how often simulated time is brought up to date
REFUSAL_S = 1.0
UNREAD = 4 << 20  # bytes a client may leave unread
UNSAID = 64 << 10  # bytes a client may send while the PBX is frozen
TORN = b"Event: Newchannel\r\nPrivilege: call,all\r\nTimest"


class Simulation(Protocol):
    """People and switch, driven in order of time; the Pbx sets both callbacks."""

    switch: Switch
    listener: Callable[[int, Message], None]
    log: Callable[[str], None]

    def next_due(self) -> int | None:
        """When something happens next."""

    def advance(self, at: int) -> None:
        """Let everything happen that is due until then."""


class Pbx:
    """An AMI server for one simulation; `port` is real once it is started, `cut_off` counts clients that did not read."""

    def __init__(
        self,
        simulation: Simulation,
        *,
        username: str,
        secret: str,
        now: Callable[[], int],
        queue_log: Path | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        account: Account | None = None,
        unread: int = UNREAD,
    ) -> None:
        """`now` is simulated time; `account` replaces the least-privilege user that `username` and `secret` make."""
        self.host, self.port = host, port
        self.faults = Faults()
        self.cut_off = 0
        self.account = account or Account(username, secret)
        self.simulation = simulation
        self.unread = unread
        self.sessions: set[Session] = set()
        self._now = now
        self._queue_log = queue_log
        self._file: IO[str] | None = None
        self._server: asyncio.Server | None = None
        self._task: asyncio.Task[None] | None = None
        self._writing: asyncio.Future[None] | None = None
        self._events: list[tuple[int, Message]] = []
        self._rows: list[str] = []
        self._hang_up = False

    # --- life ---

    async def start(self) -> None:
        """Listen, and let time pass. PortTaken when the port cannot be had, NotWritten when queue_log cannot be written, then or later."""
        try:
            self._server = await asyncio.get_running_loop().create_server(lambda: Session(self), self.host, self.port)
        except OSError as error:
            raise PortTaken(self.host, self.port, error.strerror or str(error), "the simulated PBX needs a port for AMI there") from None
        if self._queue_log is not None:
            with writing(self._queue_log):
                self._file = await asyncio.to_thread(self._queue_log.open, "a", encoding="utf-8")
        self.port = int(self._server.sockets[0].getsockname()[1])
        self.simulation.listener = lambda at, message: self._events.append((at, message))
        self.simulation.log = self._rows.append
        self._task = asyncio.create_task(self._run(), name="pbx clock")

    async def stop(self) -> None:
        """Hang up and stop time; what made the simulation fail is raised here."""
        server, task, file = self._server, self._task, self._file
        self._server = self._task = self._file = None
        if server is not None:
            server.close()
        for session in [*self.sessions]:
            session.abort()
        try:
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
        finally:
            if server is not None:
                await server.wait_closed()
            if self._writing is not None:
                await asyncio.wait([self._writing])
            if file is not None:
                with suppress(OSError):  # every row was flushed or has failed already
                    await asyncio.to_thread(file.close)

    async def fail(self) -> None:
        """Wait for ever, or until something makes the simulation fail: that is raised."""
        if self._task is not None:
            await asyncio.shield(self._task)

    def now(self) -> int:
        """Simulated time."""
        return self._now()

    async def _run(self) -> None:
        while True:
            self.catch_up()
            await self._deliver()
            for session in [*self.sessions]:
                session.go_on()
            await asyncio.sleep(TICK_S)

    def catch_up(self) -> int:
        """Let everything happen that is due by now; now."""
        now = self.now()
        self.simulation.advance(now)
        return now

    async def _deliver(self) -> None:
        """Rows into the file, then events to those who asked for them."""
        events, self._events[:] = [*self._events], []
        rows, self._rows[:] = [*self._rows], []
        hang_up, self._hang_up = self._hang_up, False
        if rows and self._file is not None:
            self._writing = asyncio.ensure_future(asyncio.to_thread(_append, self._file, rows))
            with writing(self._queue_log):
                await asyncio.shield(self._writing)  # whoever stops us closes the file only when the rows are in it
        for at, event in events:
            data = stamped(at, event) if self.sessions else b""
            for session in [*self.sessions]:
                session.tell(event, data)
        if hang_up:
            for session in [*self.sessions]:
                session.close()

    # --- faults ---

    def cut(self) -> None:
        """Drop every session in the middle of a message; whoever reconnects is served."""
        for session in [*self.sessions]:
            session.close(TORN)

    def away_for(self, us: int) -> None:
        """Cut, and serve nobody for so long."""
        self.faults.go_away(self.now(), us)
        self.cut()

    def refuse_for(self, us: int) -> None:
        """Refuse logins for so long; sessions stay."""
        self.faults.refuse(self.now(), us)

    def freeze_for(self, us: int) -> None:
        """Say nothing for so long, to anybody."""
        self.faults.freeze(self.now(), us)

    def restart(self) -> None:
        """`core restart now`: Shutdown, end of every session and call, then a PBX that was just booted."""
        self._events.append((self.now(), {"Event": "Shutdown", "Privilege": "system,all", "Shutdown": "Cleanly", "Restart": "True"}))
        self._hang_up = True
        self.simulation.switch.restart(self.now())


def _append(file: IO[str], rows: list[str]) -> None:
    for row in rows:
        file.write(f"{row}\n")
        file.flush()


class Session(asyncio.Protocol):
    """One client."""

    def __init__(self, pbx: Pbx) -> None:
        self._pbx = pbx
        self._framer = Framer()
        self._conversation = Conversation(pbx.account, pbx.simulation.switch, str(random.randrange(100_000_000, 1_000_000_000)))
        self._transport: asyncio.Transport | None = None
        self._unsaid = b""
        self._kept: list[bytes] = []  # what is said once the PBX thaws
        self._busy = False  # a refusal is on its way

    # --- from the socket ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet, unless the PBX is away."""
        self._transport = cast("asyncio.Transport", transport)
        if self._pbx.faults.away(self._pbx.now()):
            self._transport.abort()
            return
        self._pbx.sessions.add(self)
        self.send(GREETING)

    def data_received(self, data: bytes) -> None:
        """Answer what is complete."""
        self._unsaid += data
        if self._pbx.faults.frozen(self._pbx.now()):
            if len(self._unsaid) > UNSAID:
                self.abort()
            return
        self.go_on()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's words
        """Gone."""
        self._pbx.sessions.discard(self)
        self._transport = None

    # --- to it ---

    def go_on(self) -> None:
        """Say and answer what was put off."""
        if self._pbx.faults.frozen(self._pbx.now()) or self._transport is None:
            return
        kept, self._kept = self._kept, []
        for data in kept:
            self.send(data)
        data, self._unsaid = self._unsaid, b""
        if not data or self._busy:
            return
        at = self._pbx.catch_up()
        for action in self._framer.feed(data):
            reply = self._conversation.answer(action, at, refuse=self._pbx.faults.refuses(at))
            if reply.slow:
                self._busy = True
                asyncio.get_running_loop().call_later(REFUSAL_S, self._finish, reply)
            else:
                self._finish(reply)
            if reply.closes:
                return

    def _finish(self, reply: Reply) -> None:
        self.send(reply.data)
        if reply.closes:
            self.close()

    def tell(self, event: Message, data: bytes) -> None:
        """An event, if it was asked for."""
        if self._conversation.wants(event):
            self.send(data)

    def send(self, data: bytes) -> None:
        """Send, keep while frozen, or cut off who has left too much unread."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if self._pbx.faults.frozen(self._pbx.now()):
            self._kept.append(data)
            unread = sum(map(len, self._kept))
        else:
            transport.write(data)
            unread = transport.get_write_buffer_size()
        if unread > self._pbx.unread:
            self._pbx.cut_off += 1
            self.abort()

    def close(self, last: bytes = b"") -> None:
        """Hang up once what was sent is sent."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(last)
            self._transport.close()

    def abort(self) -> None:
        """Hang up now."""
        if self._transport is not None:
            self._transport.abort()
