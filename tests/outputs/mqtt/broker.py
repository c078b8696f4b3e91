"""A broker of a few bytes: it answers a CONNECT as it is told to, and may say one thing more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

CONNACK, DISCONNECT, PUBLISH = 0x20, 0xE0, 0x32


def packet(kind: int, body: bytes) -> bytes:
    assert len(body) < 128
    return bytes([kind, len(body)]) + body


def connack(code: int = 0) -> bytes:
    return packet(CONNACK, bytes([0, code, 0]))


def disconnect(code: int) -> bytes:
    return packet(DISCONNECT, bytes([code, 0]))


def publish(topic: bytes, payload: bytes, number: int = 1) -> bytes:
    return packet(PUBLISH, len(topic).to_bytes(2, "big") + topic + number.to_bytes(2, "big") + b"\0" + payload)


class Broker:
    """What came to it, all connections together; it says what it has to say with `pause_s` between."""

    def __init__(self, *says: bytes, hangs_up: bool = False, pause_s: float = 0.0) -> None:
        self.says = says
        self.heard = b""
        self.port = 0
        self.lines: list[asyncio.StreamWriter] = []
        self._hangs_up = hangs_up
        self._pause_s = pause_s

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.lines.append(writer)
        with suppress(ConnectionError):
            self.heard += await reader.read(4096)
            for number, one in enumerate(self.says):
                await asyncio.sleep(self._pause_s if number else 0)
                writer.write(one)
            while not self._hangs_up and (more := await reader.read(4096)):
                self.heard += more
        writer.close()


@asynccontextmanager
async def listening(*says: bytes, hangs_up: bool = False, pause_s: float = 0.0) -> AsyncIterator[Broker]:
    broker = Broker(*says, hangs_up=hangs_up, pause_s=pause_s)
    server = await asyncio.start_server(broker.serve, "127.0.0.1", 0)
    broker.port = server.sockets[0].getsockname()[1]
    try:
        yield broker
    finally:
        server.close()
        for line in broker.lines:
            line.close()
        await asyncio.sleep(0.05)  # who serves sees the end
