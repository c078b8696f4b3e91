"""A day told by queue_log, in a process of its own as at the start of the daemon: how fast, and how long the loop is held meanwhile.

The rows are a simulated centre's, several days of it laid on one another: a site many times its size. The ratio is the time against that
of reading the same rows from disk, which nobody could avoid.
"""

from __future__ import annotations

import asyncio
import tempfile
from datetime import date
from pathlib import Path
from time import perf_counter

from monitor.core.contract import SECOND, Contract, Group, Project, QueueId
from monitor.core.events import SnapshotTaken
from monitor.demo.day import Day
from monitor.demo.events import instant
from monitor.demo.world import LINES
from monitor.sources import queue_log, told

DAY, SITES = date(2026, 11, 25), 8
BEAT_S = 0.001


def log_of(folder: Path) -> Path:
    """queue_log of `SITES` centres on one PBX, until 18 h."""
    rows: list[str] = []
    for seed in range(SITES):
        one = Day(seed, DAY)
        own: list[str] = []
        one.log = own.append
        one.advance(instant(DAY, 18))
        for row in own:
            at, call, *rest = row.split("|")
            rows.append("|".join((at, call if "." not in call else f"{call}{seed}", *rest)))
    rows.sort(key=lambda row: row.partition("|")[0])
    file = folder / "queue_log"
    file.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    return file


async def _longest_step(stop: asyncio.Event) -> float:
    """The longest time between two beats of the loop, the beat itself taken off."""
    longest, last = 0.0, perf_counter()
    while not stop.is_set():
        await asyncio.sleep(BEAT_S)
        now = perf_counter()
        longest, last = max(longest, now - last - BEAT_S), now
    return longest


async def table() -> list[tuple[str, ...]]:
    """Rows, rows per second, times the reading of the file, the longest step of the loop."""
    projects = tuple(Project(line.project, line.client, "floor", tuple(QueueId("pbx1", queue) for queue in line.queues)) for line in LINES)
    contract = Contract(groups=(Group("floor"),), projects=projects)
    until, since = instant(DAY, 18), instant(DAY, 0)
    taken = SnapshotTaken("pbx1", until, {queue.name: "rrmemory" for queue in contract.queues}, (), (), ())
    with tempfile.TemporaryDirectory() as folder:
        file = await asyncio.to_thread(log_of, Path(folder))
        start = perf_counter()
        rows = await asyncio.to_thread(lambda: list(queue_log.read(file, since // SECOND)))
        read_s = perf_counter() - start
        stop = asyncio.Event()
        beating = asyncio.create_task(_longest_step(stop))
        start = perf_counter()
        answer = await told.ask(told.Question(str(file), contract, "pbx1", taken, since, 0))
        told_s = perf_counter() - start
        stop.set()
        longest = await beating
    assert answer.past is not None
    head = (f"{answer.past.calls:,} calls, {len(rows):,} rows", "rows/s", "times reading", "longest step")
    return [head, ("read and told in a process", f"{len(rows) / told_s:,.0f}", f"{told_s / read_s:.0f}", f"{longest * 1000:.1f} ms")]
