"""A mosquitto of one's own, from the machine's or the cache's program: started, stopped, killed and started again by a test; and who listens to it.

Owns its folder, its process and its one port. What it keeps (retained, sessions) it keeps in memory: after a restart nothing is there, unless `persistent`.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import aiomqtt
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

READY_S = 10.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Mosquitto:
    """`with Mosquitto(folder) as broker:`; `settings` are lines of its configuration instead of letting everybody in."""

    def __init__(self, folder: Path, *settings: str, persistent: bool = False) -> None:
        program = shutil.which("mosquitto")
        if program is None:
            pytest.skip("mosquitto is not on this machine: make servers fetches it")
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = free_port()
        self._program = program
        self._process: subprocess.Popen[bytes] | None = None
        user = ["user root"] if os.geteuid() == 0 else []
        keep = ["persistence true", f"persistence_location {folder}/"] if persistent else []
        lines = [f"listener {self.port} 127.0.0.1", *user, *keep, *(settings or ("allow_anonymous true",))]
        (folder / "mosquitto.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen([self._program, "-c", str(self.folder / "mosquitto.conf")], stdout=log, stderr=log)
        until = time.monotonic() + READY_S
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert self._process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < until, (self.folder / "log").read_text()
            time.sleep(0.02)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(READY_S)
            self._process = None

    def client(self, **more: Any) -> aiomqtt.Client:
        """Somebody else who speaks to it."""
        return aiomqtt.Client("127.0.0.1", self.port, protocol=aiomqtt.ProtocolVersion.V5, **more)


def asking(response: str = "", correlation: bytes = b"") -> Properties:
    """Of a command whose answer is wanted somewhere."""
    wanted = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    if response:
        wanted.ResponseTopic = response
    if correlation:
        wanted.CorrelationData = correlation
    return wanted


def told(message: aiomqtt.Message) -> Any:
    """A payload, read."""
    return json.loads(bytes(message.payload))


async def retained(broker: Mosquitto, wanted: Iterable[str], topics: str = "#") -> dict[str, Any]:
    """What whoever comes anew is told at once, as soon as all of `wanted` is there."""
    needed, found = set(wanted), dict[str, Any]()
    for _ in range(100):
        with suppress(aiomqtt.MqttError, TimeoutError):
            async with broker.client() as listener, asyncio.timeout(0.2):
                await listener.subscribe(topics, qos=1)
                found = {}
                async for message in listener.messages:
                    if message.retain:
                        found[str(message.topic)] = told(message)
                    if needed <= set(found):
                        return found
    raise AssertionError(needed - set(found))
