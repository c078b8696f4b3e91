"""`python -m tests.faults.fuzz` (make fuzz): what a PBX really said, mangled by chance, poured into the living daemon for as long as one likes.

Owns the mangling (seeded, printed), the pouring and what has to hold afterwards: the daemon lives and answers, visits are conserved, no counter
steps back, it does not grow, and a PBX that talks sense again is seen again. Refuses judging what garbage means: nothing does.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab.watch import ENDS, Page
from tests.scenarios.world import MIXED
from tests.sources.fake_ami import Pbx, member
from tests.sources.watching import HURRY
from tests.test_app import Daemon, running

QUEUES = ("bank", "shop", "taxi", "alarm")
PIECE = 60_000  # bytes of a recording that are mangled at once
UP = 'floorwatch_ami_up{pbx="pbx1"}'
CONNECTS = 'floorwatch_ami_connects_total{pbx="pbx1"}'
SECONDS = 30.0


def _cut(rng: random.Random, data: bytes) -> tuple[int, int]:
    start = rng.randrange(len(data))
    return start, min(len(data), start + rng.choice((1, 2, 30, 500, 5000)))


def _flip(rng: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 10, 200))):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _drop(rng: random.Random, data: bytes) -> bytes:
    start, end = _cut(rng, data)
    return data[:start] + data[end:]


def _repeat(rng: random.Random, data: bytes) -> bytes:
    start, end = _cut(rng, data)
    return data[:end] + data[start:end] * rng.choice((1, 2, 20)) + data[end:]


def _noise(rng: random.Random, data: bytes) -> bytes:
    start, _ = _cut(rng, data)
    return data[:start] + rng.randbytes(rng.choice((1, 100, 20_000))) + data[start:]


def _shuffle(rng: random.Random, data: bytes) -> bytes:
    stanzas = data.split(b"\r\n\r\n")
    rng.shuffle(stanzas)
    return b"\r\n\r\n".join(stanzas)


def _values(rng: random.Random, data: bytes) -> bytes:
    """Lines whose values come from somewhere else: right names, wrong meanings."""
    lines = data.split(b"\r\n")
    values = [line.partition(b":")[2] for line in lines if b":" in line] or [b""]
    hostile = (b"", b" -1", b" 99999999999999999999", b" nan", b" \xff\xfe", b" " + b"x" * 9000, b" 1.5e9", b" <unknown>", b" 0")
    for _ in range(max(1, len(lines) // 50)):
        place = rng.randrange(len(lines))
        name, colon, _ = lines[place].partition(b":")
        if colon:
            lines[place] = name + colon + rng.choice((rng.choice(values), rng.choice(hostile)))
    return b"\r\n".join(lines)


MANGLES: tuple[Callable[[random.Random, bytes], bytes], ...] = (_flip, _drop, _repeat, _noise, _shuffle, _values)


def mangled(rng: random.Random, data: bytes) -> bytes:
    """A piece of the recording after one to four mishaps."""
    start = rng.randrange(max(1, len(data) - PIECE))
    piece = data[start : start + PIECE]
    for mangle in rng.choices(MANGLES, k=rng.randint(1, 4)):
        piece = mangle(rng, piece or b"\r\n")
    return piece


@dataclass
class Poured:
    """What a run came to."""

    bytes: int = 0
    events: float = 0
    pieces: int = 0
    sizes: list[int] = field(default_factory=list)  # objects alive after each round
    wrong: list[str] = field(default_factory=list)


async def pour(folder: Path, seed: int, pieces: int, end: float | None = None) -> Poured:
    """Rounds of `pieces` mangled pieces: one, or as many as there is time for until `end` on the monotonic clock."""
    rng, poured = random.Random(seed), Poured()
    data = MIXED[1].data
    pbx = Pbx(queues={queue: [member(queue, f"PJSIP/agent{n}") for n in range(1, 6)] for queue in QUEUES}, clock=lambda: time.time_ns() // 1000)
    more = "".join(f', "{queue}"' for queue in QUEUES[1:])
    async with pbx.listening() as port, running(folder, port, more=more, pace=HURRY) as daemon:
        await _sees(daemon)
        before = await _page(daemon)
        while True:
            for _ in range(pieces):
                piece = mangled(rng, data)
                poured.bytes, poured.pieces = poured.bytes + len(piece), poured.pieces + 1
                await _send(pbx, rng, piece)
            connects = await daemon.value(CONNECTS) or 0
            pbx.live.writer.close()  # once all of it is read; a line that spoke nonsense is not mended by going on
            await _sees(daemon, connects)
            page = await _page(daemon)
            poured.wrong += _untrue(before, page)
            before, poured.events = page, page.total("floorwatch_ami_events_total")
            gc.collect()
            poured.sizes.append(len(gc.get_objects()))
            if end is None or time.monotonic() >= end:
                return poured


async def _send(pbx: Pbx, rng: random.Random, piece: bytes) -> None:
    at = 0
    while at < len(piece):
        step = rng.choice((1, 7, 1000, 65536))
        session = pbx.live
        session.send(piece[at : at + step])
        at += step
        if not session.writer.is_closing():
            async with asyncio.timeout(SECONDS):  # it has to read, whatever it reads
                with contextlib.suppress(ConnectionError):
                    await session.writer.drain()
        else:
            await asyncio.sleep(0.01)


async def _page(daemon: Daemon) -> Page:
    return Page((await daemon.page("/metrics"))[1])


async def _sees(daemon: Daemon, connects: float = 0) -> None:
    """Over a line that is newer than those."""
    async with asyncio.timeout(SECONDS):
        while (await daemon.value(CONNECTS) or 0) <= connects or await daemon.value(UP) != 1:
            await asyncio.sleep(0.02)


def _untrue(before: Page, page: Page) -> list[str]:
    wrong = [f"{name} stepped back from {value:g}" for name, value in before.series.items() if "_total" in name and page.series.get(name, -1) < value]
    corrected = page.by_queue("floorwatch_corrected_calls_total")
    for queue, entered in page.by_queue("callcenter_calls_entered_total").items():
        ended = sum(page.by_queue(f"callcenter_calls_{end}_total").get(queue, 0) for end in ENDS) - corrected.get(queue, 0)
        still = sum(page.by_queue(f"callcenter_calls_{name}").get(queue, 0) for name in ("waiting", "deciding"))
        if entered != ended + still:
            wrong.append(f"{queue}: {entered:g} entered, {ended:g} ended, {still:g} open")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.fuzz", description="Mangled AMI poured into the daemon.")
    parser.add_argument("--minutes", type=float, default=float(os.environ.get("MINUTES", "30")))
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    options = parser.parse_args()
    print(f"fuzz: {options.minutes:g} minutes, --seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="floorwatch-fuzz.") as folder:
        poured = asyncio.run(pour(Path(folder), options.seed, 40, time.monotonic() + 60 * options.minutes))
    print(f"{poured.pieces} pieces, {poured.bytes / 1e6:.1f} MB, {poured.events:.0f} events understood")
    print(f"objects alive after each round: {poured.sizes[0]} … {poured.sizes[-1]}")
    for each in poured.wrong[:50]:
        print(f"PROBLEM {each}")
    return int(bool(poured.wrong))


if __name__ == "__main__":
    sys.exit(main())
