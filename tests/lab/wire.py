"""A loopback relay between the daemon and Asterisk's AMI port: it hears what the daemon sends and can cut the line.

Owns its listening port, the list of action names that went up, and `close`/`open` of the line. It changes no byte. What may
be sent at all is the list of the design; `unlisted` names what is not on it.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import Counter

ALLOWED = frozenset(("Login", "Challenge", "Ping", "Getvar", "QueueStatus", "CoreSettings", "CoreStatus", "CoreShowChannels", "Logoff"))
_ACTION = re.compile(rb"^Action:[ \t]*([^\r\n]*)\r?\n", re.IGNORECASE | re.MULTILINE)


class Relay:
    """`await relay.open()`, then connect to `relay.port`; `await relay.shut()` cuts every line and refuses new ones."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self.actions: Counter[str] = Counter()
        self.connects = 0
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """The first time on a free port, later on that same one again."""
        self._server = await asyncio.start_server(self._line, "127.0.0.1", self.port)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def shut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for line in list(self._lines):
            line.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)

    def unlisted(self) -> dict[str, int]:
        return {action: count for action, count in self.actions.items() if action not in ALLOWED}

    async def _line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._lines.add(task)
            task.add_done_callback(self._lines.discard)
        self.connects += 1
        with contextlib.suppress(OSError, asyncio.CancelledError):
            upstream, to_pbx = await asyncio.open_connection("127.0.0.1", self.target)
            ways = [asyncio.create_task(self._up(reader, to_pbx)), asyncio.create_task(_down(upstream, writer))]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:  # also when the line is cut from outside
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
                to_pbx.close()
        writer.close()

    async def _up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        rest = b""
        while chunk := await reader.read(65536):
            whole, _, rest = (rest + chunk).rpartition(b"\n")
            self.actions.update(name.decode(errors="replace").strip() for name in _ACTION.findall(whole + b"\n"))
            writer.write(chunk)
            await writer.drain()


async def _down(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(65536):
        writer.write(chunk)
        await writer.drain()
