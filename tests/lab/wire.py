"""A loopback relay between the daemon and Asterisk's AMI port: it hears what the daemon sends, and does to the line whatever a line can suffer.

Owns its listening port, the list of action names that went up, and the trouble: `shut`/`open`, `freeze`/`thaw` (connected, but every byte is
swallowed), `mangle` (bytes are changed). It keeps book of when the daemon was blind through it. What may be sent at all is the list of the
design; `unlisted` names what is not on it. When which trouble comes is `trouble.py`'s business.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ALLOWED = frozenset(("Login", "Challenge", "Ping", "Getvar", "QueueStatus", "CoreSettings", "CoreStatus", "CoreShowChannels", "Logoff"))
_ACTION = re.compile(rb"^Action:[ \t]*([^\r\n]*)\r?\n", re.IGNORECASE | re.MULTILINE)
_ACCEPTED = b"Authentication accepted"


@dataclass
class Blindness:
    """One time out of sight: the last byte that came through, the fault itself, and the login that ended it (0: not yet)."""

    last_byte: float
    since: float
    until: float = 0.0

    def holds(self, at: float, margin: float = 0.0) -> bool:
        """Whether this instant lies in it, `margin` seconds around included."""
        return self.last_byte - margin <= at <= (self.until or float("inf")) + margin


class Relay:
    """`await relay.open()`, then connect to `relay.port`; `await relay.shut()` cuts every line and refuses new ones."""

    def __init__(self, target: int, keep: Path | None = None) -> None:
        self.target = target
        self.keep = keep  # a file that gets what the PBX says, each piece with its time, for whoever looks into a difference
        self.port = 0
        self.actions: Counter[str] = Counter()
        self.connects = 0
        self.blind: list[Blindness] = []
        self.mangle: Callable[[bytes], bytes] | None = None  # done to what the PBX says
        self._frozen = False
        self._last_byte = 0.0
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """The first time on a free port, later on that same one again."""
        self._server = await asyncio.start_server(self._line, "127.0.0.1", self.port)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def shut(self) -> None:
        self.out_of_sight()
        if self._server is not None:
            self._server.close()
            self._server = None
        await self.cut()

    async def cut(self) -> None:
        """Every line that is up; new ones are served."""
        self.out_of_sight()
        for line in list(self._lines):
            line.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)

    def freeze(self) -> None:
        """From now on nothing comes through, either way, and nobody is hung up on."""
        self.out_of_sight()
        self._frozen = True

    async def thaw(self) -> None:
        """New lines are served; the frozen ones lost bytes and are cut."""
        self._frozen = False
        await self.cut()

    def out_of_sight(self) -> None:
        """Whoever looks through here sees nothing from now until his next login."""
        if self.connects and not (self.blind and not self.blind[-1].until):
            now = time.time()
            self.blind.append(Blindness(self._last_byte or now, now))

    def blind_at(self, at: float, margin: float = 0.0) -> bool:
        return any(each.holds(at, margin) for each in self.blind)

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
            ways = [asyncio.create_task(self._up(reader, to_pbx)), asyncio.create_task(self._down(upstream, writer))]
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
            if self._frozen:
                continue
            whole, _, rest = (rest + chunk).rpartition(b"\n")
            self.actions.update(name.decode(errors="replace").strip() for name in _ACTION.findall(whole + b"\n"))
            writer.write(chunk)
            await writer.drain()

    async def _down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted = False
        while chunk := await reader.read(65536):
            if self._frozen:
                continue
            self._last_byte = now = time.time()
            gap = self.blind[-1] if self.blind and not self.blind[-1].until else None
            if gap is not None and accepted:  # not blind yet: a PBX that is ending still has something to say
                gap.last_byte = gap.since = now
            accepted = accepted or _ACCEPTED in chunk
            if gap is not None and _ACCEPTED in chunk:
                gap.until = now
            if self.keep is not None:
                with self.keep.open("ab") as file:
                    file.write(b"\n@@ %.6f\n%s" % (now, chunk))
            writer.write(chunk if self.mangle is None else self.mangle(chunk))
            await writer.drain()
