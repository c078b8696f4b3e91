"""The stream over real sockets: once a second for all, nothing while nobody listens, nothing kept for the slow."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from monitor.outputs.daemon import Simulation
from monitor.outputs.web import stream as streaming
from monitor.outputs.web.server import Web
from monitor.outputs.web.stream import Full, Stream
from tests.outputs import hand
from tests.outputs.web.test_server import Desk

PATIENCE_S = 8


class Source:
    """What is rendered: a number that goes up, as long as the test wants it."""

    def __init__(self, pad: int = 0) -> None:
        self.rendered = 0
        self.pad = b" " * pad
        self.wrong: Exception | None = None

    async def render(self) -> bytes | None:
        self.rendered += 1
        if self.wrong is not None:
            raise self.wrong
        return b"%d%s" % (self.rendered, self.pad)


@asynccontextmanager
async def serving(stream: Stream) -> AsyncIterator[int]:
    """The port the stream alone is served on."""

    async def listen(request: web.Request) -> web.StreamResponse:
        try:
            return await stream.serve(request)
        except Full:
            return web.Response(status=503)

    app = web.Application()
    app.router.add_get("/", listen)
    runner = web.AppRunner(app, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield int(runner.addresses[0][1])
    finally:
        await stream.close()
        await runner.cleanup()


async def connect(port: int, path: str = "/") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    return reader, writer


async def data(reader: asyncio.StreamReader) -> bytes:
    """The next event's data, whatever stands around it."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            line = await reader.readline()
            assert line, "the stream has ended"
            if line.startswith(b"data: "):
                return line.removeprefix(b"data: ").strip()


async def becomes(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not true():
            await asyncio.sleep(0.01)


async def test_one_rendering_serves_all_and_none_is_made_for_nobody() -> None:
    source = Source()
    stream = Stream(source.render, period_seconds=0.05)
    async with serving(stream) as port:
        assert source.rendered == 0
        listeners = [await connect(port) for _ in range(5)]
        heard = [[int(await data(reader)) for _ in range(4)] for reader, _ in listeners]
        for numbers in heard:
            assert numbers == list(range(numbers[0], numbers[0] + 4))  # each second once, and the same for all
        assert source.rendered < 5 * 4
        for _, writer in listeners:
            writer.close()
        await becomes(lambda: stream.listeners == 0 and stream._pump is None)
        rendered = source.rendered
        await asyncio.sleep(0.2)
        assert source.rendered == rendered
        reader, writer = await connect(port)
        assert int(await data(reader)) == rendered + 1
        writer.close()


async def test_a_newcomer_hears_the_latest_at_once() -> None:
    source = Source()
    stream = Stream(source.render, period_seconds=3600)
    async with serving(stream) as port:
        first, one = await connect(port)
        assert await data(first) == b"1"
        second, other = await connect(port)
        assert await data(second) == b"1"
        for writer in (one, other):
            writer.close()
    assert source.rendered == 1


async def test_a_slow_listener_misses_seconds_and_nothing_is_kept_for_it() -> None:
    source = Source(pad=300_000)
    stream = Stream(source.render, period_seconds=0.01, patience_seconds=60)
    async with serving(stream) as port:
        reader, writer = await connect(port)
        assert int(await data(reader)) >= 1
        source_then = source.rendered
        await becomes(lambda: source.rendered > source_then + 200)  # 60 MB that nobody takes
        (transport,) = [handler.transport for handler in _handlers(stream)]
        assert transport.get_write_buffer_size() < 2 * 300_000
        heard = [int(await data(reader)) for _ in range(40)]
        assert heard == sorted(heard)
        assert heard[-1] - heard[0] > 40  # it has jumped
        writer.close()


def _handlers(stream: Stream) -> list[Any]:
    return [
        frame.f_locals["request"]
        for task in asyncio.all_tasks()
        for frame in _frames(task.get_coro())
        if frame.f_code.co_name == "serve" and frame.f_locals.get("self") is stream
    ]


def _frames(coroutine: Any) -> list[Any]:
    frames = []
    while coroutine is not None and hasattr(coroutine, "cr_frame"):
        frames.append(coroutine.cr_frame)
        coroutine = coroutine.cr_await
    return [frame for frame in frames if frame is not None]


async def test_who_takes_nothing_is_hung_up_on() -> None:
    stream = Stream(Source(pad=300_000).render, period_seconds=0.01, patience_seconds=0.1)
    async with serving(stream) as port:
        reader, writer = await connect(port)
        assert await data(reader)
        await becomes(lambda: stream.listeners == 0)
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await reader.readexactly(1 << 30)
        writer.close()


async def test_an_end_does_not_wait_for_who_takes_nothing() -> None:
    source = Source(pad=300_000)
    stream = Stream(source.render, period_seconds=0.01, patience_seconds=3600)
    async with asyncio.timeout(PATIENCE_S):
        async with serving(stream) as port:
            _, writer = await connect(port)
            await becomes(lambda: source.rendered > 100)
            assert stream.listeners == 1
        assert stream.listeners == 0
    writer.close()


async def test_there_is_room_for_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "LISTENERS", 2)
    stream = Stream(Source().render, period_seconds=0.05)
    async with serving(stream) as port:
        both = [await connect(port) for _ in range(2)]
        for reader, _ in both:
            await data(reader)
        reader, third = await connect(port)
        assert b" 503 " in await reader.readline()
        both[0][1].close()
        await becomes(lambda: stream.listeners == 1)
        fourth, writer = await connect(port)
        assert await data(fourth)
        for each in (both[1][1], third, writer):
            each.close()


async def test_an_error_of_ours_ends_the_stream_and_not_those_after_it() -> None:
    source = Source()
    stream = Stream(source.render, period_seconds=0.05)
    async with serving(stream) as port:
        reader, writer = await connect(port)
        await data(reader)
        source.wrong = RuntimeError("ours")
        await becomes(lambda: stream.listeners == 0)
        writer.close()
        source.wrong = None
        again, other = await connect(port)
        assert await data(again)
        other.close()


# --- in the server --------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def desk() -> Desk:
    return Desk()


Start = Callable[..., Awaitable[Web]]


@pytest.fixture
async def start(desk: Desk) -> AsyncIterator[Start]:
    started: list[Web] = []

    async def one(**more: Any) -> Web:
        server = Web("127.0.0.1", 0, desk, **more)
        await server.start()
        started.append(server)
        return server

    yield one
    for server in started:
        await server.stop()


async def first(server: Web) -> dict[str, Any]:
    async with aiohttp.ClientSession(server.url) as ask, ask.get("/api/v1/stream") as response:
        assert (response.status, response.headers["Content-Type"]) == (200, "text/event-stream; charset=utf-8")
        assert response.headers["Cache-Control"] == "no-store"
        assert await response.content.readuntil(b"\n\n") == b"retry: 2000\n\n"
        event = (await response.content.readuntil(b"\n\n")).decode()
        assert event.startswith("data: {")
        assert event.count("\n") == 2
        told: dict[str, Any] = json.loads(event.removeprefix("data: "))
        return told


async def test_an_event_names_nobody_where_names_are_off(start: Start) -> None:
    server = await start()
    told = await first(server)
    async with aiohttp.ClientSession(server.url) as ask, ask.get("/api/v1/floor") as response:
        assert told == await response.json()
    assert {agent["alias"] for agent in told["agents"]} == {"floor 1", "floor 2", "floor 3", "floor 4", "floor 5", "night 1", "no group 1"}
    assert not [word for word in ("PJSIP", "E17", "Олена", "guest") if word in json.dumps(told, ensure_ascii=False)]


async def test_an_event_is_the_whole_floor_where_names_are_on(start: Start) -> None:
    server = await start(names=True, simulation=Simulation(7, 10))
    told = await first(server)
    async with aiohttp.ClientSession(server.url) as ask, ask.get("/api/v1/floor") as response:
        assert told == await response.json()
    assert told["simulation"] == {"seed": 7, "speed": 10}
    assert "Олена" in {agent["name"] for agent in told["agents"]}


async def test_every_listener_s_gzip_is_one_stream_wherever_it_began(start: Start) -> None:
    server = await start()
    texts = []
    for offer in ("gzip", "gzip", "identity"):  # the second begins later and hears the same event first
        async with (
            aiohttp.ClientSession(server.url, auto_decompress=False) as ask,
            ask.get("/api/v1/stream", headers={"Accept-Encoding": offer}) as response,
        ):
            assert (response.headers.get("Content-Encoding"), response.headers["Vary"]) == ("gzip" if offer == "gzip" else None, "Accept-Encoding")
            unpack, text = zlib.decompressobj(16 + zlib.MAX_WBITS), b""
            async with asyncio.timeout(PATIENCE_S):
                while text.count(b"data: ") < 2 or not text.endswith(b"\n\n"):
                    read = await response.content.readany()
                    text += unpack.decompress(read) if offer == "gzip" else read
        texts.append(text)
    assert texts == [texts[2]] * 3
    assert texts[2].startswith(b"retry: 2000\n\ndata: {")


async def test_before_the_floor_is_known_the_stream_only_lives(start: Start, desk: Desk) -> None:
    desk.latest = None
    server = await start()
    async with aiohttp.ClientSession(server.url) as ask, ask.get("/api/v1/stream") as response:
        assert await response.content.readuntil(b"\n\n") == b"retry: 2000\n\n"
        assert await response.content.readuntil(b"\n\n") == b": nothing is known of the floor yet\n\n"
        desk.latest = hand.outlook(desk.contract)
        assert (await response.content.readuntil(b"\n\n")).startswith(b'data: {"at":"2025-')


async def test_what_else_is_asked_is_refused(start: Start) -> None:
    server = await start()
    async with aiohttp.ClientSession(server.url) as ask:
        async with ask.get("/api/v1/stream?client=Bank") as response:
            assert (response.status, await response.json()) == (400, {"error": "unknown parameter 'client'; /api/v1/stream is always the whole floor"})
        async with ask.head("/api/v1/stream") as response:
            assert (response.status, response.headers["Allow"]) == (405, "GET")
        async with ask.post("/api/v1/stream") as response:
            assert (response.status, await response.json()) == (405, {"error": "POST is not for /api/v1/stream; allowed: GET"})
        async with ask.get("/api/v1/stream", headers={"Host": "evil.example"}) as response:
            assert response.status == 421


async def test_one_too_many_is_told_what_to_do(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "LISTENERS", 0)
    server = await start()
    async with aiohttp.ClientSession(server.url) as ask, ask.get("/api/v1/stream") as response:
        assert response.status == 503
        assert await response.json() == {"error": "50 boards listen already; close one, or ask /api/v1/floor now and then"}


async def test_a_stop_ends_the_streams_politely(start: Start) -> None:
    server = await start()
    async with aiohttp.ClientSession(server.url) as ask, ask.get("/api/v1/stream") as response:
        await response.content.readuntil(b"data: ")
        await server.stop()
        assert (await response.content.read()).endswith(b"\n\n")  # whole: a cut one raises
