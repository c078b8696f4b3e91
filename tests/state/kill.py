"""The daemon as a process of its own beside a simulated PBX, to be killed, while somebody reads its metrics all the time.

`Reader` holds every counter it has ever seen against what it sees now: a counter that is smaller, or gone, is a lie about the past.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import date
from pathlib import Path

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from monitor.core.contract import MINUTE
from monitor.demo import papers
from monitor.demo.day import Day
from monitor.demo.events import instant
from monitor.demo.pbx import Pbx
from monitor.rehearsal import OPENS, SimulatedTime, today

SECRET = "of-the-simulated-pbx"
OF_THE_PROCESS = ("process_", "python_")  # those begin anew with it


class Reader:
    """Reads the metrics as often as it can; `fell` are the counters that did what a counter must not."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/metrics"
        self.scrapes = 0
        self.fell: list[str] = []
        self.known: dict[str, float] = {}

    async def run(self) -> None:
        """Until cancelled."""
        async with aiohttp.ClientSession() as http:
            while True:
                with suppress(aiohttp.ClientError):
                    async with http.get(self.url) as answer:
                        text = await answer.text()
                        if answer.status == 200:
                            self._look(text)
                await asyncio.sleep(0.01)

    def _look(self, text: str) -> None:
        now: dict[str, float] = {}
        for family in text_string_to_metric_families(text):
            if family.type in ("counter", "histogram") and not family.name.startswith(OF_THE_PROCESS):
                now |= {f"{one.name}{sorted(one.labels.items())}": one.value for one in family.samples if not one.name.endswith("_created")}
        for name, value in self.known.items():
            if now.get(name, -1) < value:
                self.fell.append(f"scrape {self.scrapes}: {name} was {value}, is {now.get(name)}")
        self.known = now
        self.scrapes += 1

    def total(self, name: str) -> float:
        """The sum of a counter over its labels."""
        return sum(value for key, value in self.known.items() if key.startswith(name + "["))


def configuration(folder: Path, ami_port: int, web_port: int, state: str, *, told: bool) -> Path:
    """The demo's own configuration, with a state; `told` when it may read queue_log."""
    text = papers.configuration(ami_port=ami_port, web_port=web_port).replace('directory = ""', f'directory = "{state}"')
    if not told:
        text = text.replace('queue_log = "queue_log"', 'queue_log = ""')
    for name, content in {
        "floorwatch.toml": text,
        "agents.csv": papers.agents_file(),
        "plan.csv": papers.plan(today()),
        "signed.csv": papers.signed(today()),
        "ami-secret": f"{SECRET}\n",
    }.items():
        (folder / name).write_text(content, encoding="utf-8")
        (folder / name).chmod(0o600)
    return folder / "floorwatch.toml"


@asynccontextmanager
async def simulated(seed: int, queue_log: Path) -> AsyncIterator[Pbx]:
    """A PBX in the middle of its day; its clock is hours off ours, which is nothing new to a daemon."""
    day = date(2026, 11, 24)
    world = Day(seed, day)
    time = SimulatedTime(instant(day, OPENS), 1)
    await asyncio.to_thread(_live_through, world, instant(day, OPENS))
    pbx = Pbx(world, username=papers.USERNAME, secret=SECRET, now=time.now, queue_log=queue_log)
    await pbx.start()
    time.start()
    try:
        yield pbx
    finally:
        await pbx.stop()


def _live_through(world: Day, until: int) -> None:
    while world.now < until:
        world.advance(min(world.now + 5 * MINUTE, until))


class Running:
    """One process of the daemon."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, file: Path, log: Path) -> Running:
        """`floorwatch run`."""
        with log.open("a", encoding="utf-8") as said:
            return cls(await asyncio.create_subprocess_exec(sys.executable, "-m", "monitor", "run", "--config", str(file), stderr=said, env={**os.environ}))

    async def end(self, number: signal.Signals) -> int:
        """End it, and see it gone."""
        if self._process.returncode is None:
            self._process.send_signal(number)
        return await self._process.wait()
