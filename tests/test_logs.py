"""What reaches the operator's log, and what never may."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from io import StringIO

import pytest
import structlog
from aiohttp import web

from monitor import logs
from monitor.outputs.web.server import Web
from tests.outputs.web.test_server import Desk


@contextmanager
def as_daemon() -> Iterator[StringIO]:
    """Log as the daemon does, to a text; afterwards as this process did."""
    root, server = logging.getLogger(), logging.getLogger("aiohttp.server")
    handlers, filters, levels = root.handlers[:], server.filters[:], {name: logging.getLogger(name).level for name in ("", "panoramisk", "asyncio")}
    try:
        with redirect_stderr(StringIO()) as text:
            logs.set_up("info", "json")
        yield text
    finally:
        root.handlers[:], server.filters[:] = handlers, filters
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
        structlog.reset_defaults()


def said(text: StringIO) -> list[dict[str, str]]:
    return [json.loads(line) for line in text.getvalue().splitlines()]


def test_a_library_that_logs_whole_actions_is_not_heard() -> None:
    with as_daemon() as text:
        logging.getLogger("panoramisk.ami_protocol").error("Fail to send %r", {"Action": "Login", "Key": "hunter2"})
        logging.getLogger("somebody").error("something")
    assert [line["event"] for line in said(text)] == ["something"]


@pytest.mark.parametrize(
    "request_",
    [b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"GET / HTTP/1.1\r\nA: " + b"x" * 20_000 + b"\r\n\r\n"],
    ids=["no header", "TLS", "long header"],
)
async def test_what_is_no_http_is_refused_without_a_line(request_: bytes) -> None:
    with as_daemon() as text:
        for answer in [await asked(request_) for _ in range(3)]:
            assert b"400" in answer
    assert said(text) == []


async def test_an_error_of_our_own_keeps_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> web.Response:
        raise RuntimeError("ours")

    monkeypatch.setattr(Web, "_healthy", broken)
    with as_daemon() as text:
        assert b"500" in await asked(b"GET /-/healthy HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    (line,) = said(text)
    assert line["level"] == "error"
    assert "RuntimeError: ours" in line["exception"]


async def asked(request: bytes) -> bytes:
    """The status line of the answer to these bytes."""
    server = Web("127.0.0.1", 0, Desk())
    await server.start()
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(request)
        answer = await reader.read()
        writer.close()
        return answer.splitlines()[0]
    finally:
        await server.stop()
