"""Bytes to ledger on a recorded real stream, beside stock panoramisk parsing the same bytes and doing nothing else.

Both run in this process, in turn, over the same recording, so the ratio holds whatever the machine. What panoramisk is fed is what its
own transport would feed it: reads of 32 KiB. Decoding, translating and applying are timed together, as the daemon does them.
"""

from __future__ import annotations

import asyncio
import gc
import gzip
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from panoramisk.ami_protocol import AMIProtocol
from panoramisk.manager import Manager

from monitor.core.contract import SECOND, Contract, Group, Project, QueueId
from monitor.core.floor import Floor
from monitor.sources.ami.decoder import Decoder
from monitor.sources.ami.translate import WANTED, Translator

RECORDING = Path(__file__).parents[1] / "scenarios/captures/mixed-22/ami.raw.gz"
READ, ROUNDS = 32_768, 7


def chunks(data: bytes) -> list[bytes]:
    """The reads of a transport."""
    return [data[i : i + READ] for i in range(0, len(data), READ)]


def floorwatch(parts: list[bytes], *, apply: bool) -> Callable[[], None]:
    """Decode and translate; with `apply` the floor takes every event, ticking once a second of the recording."""
    projects = tuple(Project(name, name, "floor", (QueueId("pbx1", name),)) for name in ("bank", "shop", "taxi"))
    contract = Contract(groups=(Group("floor"),), projects=projects)

    def work() -> None:
        decoder, translator = Decoder(WANTED), Translator("pbx1")
        floor: Floor | None = None
        tick = 0
        for part in parts:
            for message in decoder.feed(part):
                at = translator.sent_at(message) if "Event" in message else None
                event = None if at is None else translator.event(message, at)
                if at is None or event is None or not apply:
                    continue
                if floor is None:
                    floor, tick = Floor(contract, at), at
                while tick + SECOND <= at:
                    tick += SECOND
                    floor.advance(tick)
                floor.apply(event)

    return work


def stock(parts: list[bytes]) -> Callable[[], None]:
    """Stock panoramisk with one callback that counts."""

    loop = asyncio.new_event_loop()

    def work() -> None:
        seen: list[object] = []
        factory: Any = Manager
        manager = factory(loop=loop)
        manager.callbacks.clear()  # its own wish to repeat actions at FullyBooted, which has no connection here
        manager.register_event("*", lambda _manager, message: seen.append(message.event))
        protocol: Any = AMIProtocol()
        protocol.connection_made(None)
        protocol.factory, protocol.encoding = manager, "utf8"
        for part in parts:
            protocol.data_received(part)

    return work


def timed(works: list[Callable[[], None]]) -> list[float]:
    """Median seconds of each, taken in turn so that a busy moment hits all."""
    took: list[list[float]] = [[] for _ in works]
    for _ in range(ROUNDS):
        for work, times in zip(works, took, strict=True):
            gc.collect()
            start = perf_counter()
            work()
            times.append(perf_counter() - start)
    return [median(times) for times in took]


def table() -> list[tuple[str, ...]]:
    """What, events per second, times stock panoramisk."""
    data = gzip.decompress(RECORDING.read_bytes())
    events, parts = data.count(b"\nEvent: "), chunks(data)
    names = ("stock panoramisk, parse and count", "floorwatch, bytes to events", "floorwatch, bytes to ledger")
    seconds = timed([stock(parts), floorwatch(parts, apply=False), floorwatch(parts, apply=True)])
    head = ("what", "events/s", "times stock")
    return [head, *((name, f"{events / took:,.0f}", f"{seconds[0] / took:.2f}") for name, took in zip(names, seconds, strict=True))]
