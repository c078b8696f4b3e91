"""`/api/v1/stream`: the floor once a second as server-sent events, written once for all who listen.

Owns the listeners and their pace. While nobody listens nothing is rendered. Nothing is queued for a slow listener: it gets the newest
second once it has taken the last, and is hung up on when it takes nothing for `PATIENCE_SECONDS`. Refuses the figures (`api` writes
them, `server` hands in a way to render) and more than `LISTENERS`. Next: `board/board.js` shows it.

Browsers take gzip. Every event is deflated once, from an empty dictionary to a byte border, so the same bytes fit into the one endless
gzip stream of every listener, wherever in it they are.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

LISTENERS = 50
PERIOD_SECONDS = 1.0
PATIENCE_SECONDS = 10.0

_GZIP_HEAD = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"


def _deflated(text: bytes) -> bytes:
    deflate = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    return deflate.compress(text) + deflate.flush(zlib.Z_FULL_FLUSH)


@dataclass(frozen=True, slots=True)
class Event:
    """The same bytes for everybody, plain and as a piece of a gzip stream."""

    plain: bytes
    packed: bytes

    @classmethod
    def of(cls, text: bytes) -> Event:
        """Both forms of it."""
        return cls(text, _deflated(text))


# A browser that lost us tries again after two seconds.
_HELLO = Event.of(b"retry: 2000\n\n")
# A comment: it keeps the connection known to be alive where there is no floor yet.
_NOTHING = Event.of(b": nothing is known of the floor yet\n\n")

Render = Callable[[], Awaitable[bytes | None]]


class Full(Exception):  # noqa: N818  # the server makes a refusal of it, no error leaves the room
    """There are `LISTENERS` listeners already."""


class Stream:
    """Everybody who listens. `render` is the floor as one line of JSON, None while nothing is known."""

    def __init__(self, render: Render, *, period_seconds: float = PERIOD_SECONDS, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._render = render
        self._period_seconds = period_seconds
        self._patience_seconds = patience_seconds
        self._listeners = 0
        self._latest: Event | None = None
        self._next: asyncio.Future[Event | None] | None = None  # None is the end
        self._turn = asyncio.Lock()
        self._pump: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def listeners(self) -> int:
        """How many there are."""
        return self._listeners

    async def serve(self, request: web.Request, *, packed: bool = False) -> web.StreamResponse:
        """Answer one listener until it or we end, with gzip where it is `packed`; Full when there is no room."""
        if self._listeners >= LISTENERS:
            raise Full
        self._listeners += 1
        headers = {"Content-Type": "text/event-stream; charset=utf-8", "Vary": "Accept-Encoding", "X-Accel-Buffering": "no"}
        response = web.StreamResponse(headers=headers | ({"Content-Encoding": "gzip"} if packed else {}))
        try:
            await response.prepare(request)
            await self._write(request, response, _GZIP_HEAD + _HELLO.packed if packed else _HELLO.plain)
            await self._tell(request, response, packed=packed)
        except ConnectionError:
            pass  # it has left
        except TimeoutError:
            if request.transport is not None:
                request.transport.abort()  # closing politely would wait for it to read
        finally:
            self._listeners -= 1
        return response

    async def close(self) -> None:
        """End every stream; what comes later ends at once."""
        self._closed = True
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)

    async def _tell(self, request: web.Request, response: web.StreamResponse, *, packed: bool) -> None:
        event = self._latest or await self._following()
        while event is not None:
            async with self._turn:  # one of them in each step of the loop
                await asyncio.sleep(0)
            await self._write(request, response, event.packed if packed else event.plain)
            event = await self._following()

    async def _write(self, request: web.Request, response: web.StreamResponse, data: bytes) -> None:
        async with asyncio.timeout(self._patience_seconds):
            await response.write(data)
        if request.transport is None or request.transport.is_closing():
            raise ConnectionResetError

    async def _following(self) -> Event | None:
        """The next event, shared by all who wait for it; None is the end."""
        if self._closed:
            return None
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
        if self._pump is None:
            self._pump = asyncio.create_task(self._run(), name="stream")
        return await asyncio.shield(self._next)

    async def _run(self) -> None:
        """Render once a period while somebody listens. What goes wrong goes to the listeners, and with them into the log."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        try:
            while self._listeners:
                line = await self._render()
                self._latest = _NOTHING if line is None else await asyncio.to_thread(Event.of, b"data: " + line + b"\n\n")
                self._publish(self._latest)
                due = max(due + self._period_seconds, loop.time())  # after a stall nothing is made up for
                await asyncio.sleep(due - loop.time())
        except Exception as error:  # noqa: BLE001 - whoever waits has it, and the next who asks starts anew
            if self._next is not None:
                self._next.set_exception(error)
                self._next = None
        finally:
            self._pump = self._latest = None
            self._publish(None)

    def _publish(self, event: Event | None) -> None:
        if self._next is not None:
            self._next.set_result(event)
            self._next = None
