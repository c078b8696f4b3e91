"""The simulated centre with the real daemon on it, in this process, as fast as a test wants it: what befalls it is a call away.

Owns the wiring, the time of both (one clock, so many times as fast as ours) and what queue_log says in the end. A line of the log is also kept
here, so that a test may take the file away. Who asks what is the tests' business.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import aiohttp

from monitor import app, config
from monitor.demo import papers
from monitor.demo.day import Day
from monitor.demo.events import instant
from monitor.demo.pbx import Pbx
from monitor.demo.world import PBX
from monitor.plan.plan import EMPTY
from monitor.rehearsal import SimulatedTime
from monitor.sources.ami.link import Pace
from tests.lab.watch import Page
from tests.sources.watching import HURRY

DATE = date(2026, 11, 25)
OPENS = 9.5  # hours after midnight: callers come, and little has to be lived through before
SECRET = "simulated-secret"
PATIENCE_S = 20.0
LIKE_A_PBX = replace(HURRY, retry_first_s=0.05, retry_longest_s=0.2)
EXITS = ("EXITWITHTIMEOUT", "EXITWITHKEY", "EXITEMPTY")


@dataclass
class Centre:
    """A running centre and the daemon beside it."""

    day: Day
    pbx: Pbx
    daemon: app.Daemon
    time: SimulatedTime
    folder: Path
    http: aiohttp.ClientSession
    rows: list[str] = field(default_factory=list)

    @property
    def log(self) -> Path:
        return self.folder / "queue_log"

    async def page(self) -> Page:
        async with self.http.get(f"{self.daemon.web.url}/metrics") as answer:
            return Page(await answer.text())

    async def value(self, family: str, *labels: str) -> float | None:
        """The sum over the family's series with these labels; None when there is none."""
        page = await self.page()
        return page.total(family, *labels) if page.of(family) else None

    async def until(self, what: str, true: Callable[[Page], bool], seconds: float = PATIENCE_S) -> Page:
        """The first page of which it is true."""
        page = await self.page()
        try:
            async with asyncio.timeout(seconds):
                while not true(page):
                    await asyncio.sleep(0.05)
                    page = await self.page()
        except TimeoutError:
            figures = {name: value for name, value in page.series.items() if name.startswith("floorwatch_") and "lag" not in name}
            raise AssertionError(f"not within {seconds:g} s: {what}; {figures}") from None
        return page

    async def sees(self) -> Page:
        return await self.until("the daemon sees", lambda page: page.total("floorwatch_ami_up") == 1)

    async def complete(self, seconds: float = PATIENCE_S) -> Page:
        """The first page that says what queue_log says."""
        page = await self.page()
        try:
            async with asyncio.timeout(seconds):
                while differences(page, self.verbs()):
                    await asyncio.sleep(0.05)
                    page = await self.page()
        except TimeoutError:
            raise AssertionError("\n".join(differences(page, self.verbs()))) from None
        return page

    def verbs(self) -> dict[str, Counter[str]]:
        """What the PBX wrote since midnight, by queue."""
        found: dict[str, Counter[str]] = {}
        for row in self.rows:
            columns = row.split("|")
            found.setdefault(columns[2], Counter())[columns[4]] += 1
        return found


def differences(page: Page, verbs: dict[str, Counter[str]]) -> list[str]:
    """Where the daemon's counters are not queue_log's; who has no end in the log is waiting, undecided, or never will be resolved."""
    corrected = page.of("floorwatch_corrected_calls_total")
    found = []
    for queue in page.by_queue("callcenter_calls_entered_total"):

        def got(name: str, of: str = queue) -> float:
            taken_back = sum(count for labels, count in corrected.items() if f'queue="{of}"' in labels and f'family="{name}"' in labels)
            return page.by_queue(f"callcenter_calls_{name}_total").get(of, 0) - taken_back

        of = verbs.get(queue, Counter())
        ends = of["CONNECT"] + of["ABANDON"] + sum(of[verb] for verb in EXITS)
        open_now = sum(page.by_queue(f"callcenter_calls_{name}").get(queue, 0) for name in ("waiting", "deciding"))
        pairs = {
            "entered": (got("entered"), of["ENTERQUEUE"]),
            "answered": (got("answered"), of["CONNECT"]),
            "abandoned": (got("abandoned") + got("short_abandoned"), of["ABANDON"]),
            "flowed out": (got("flowed_out"), sum(of[verb] for verb in EXITS)),
            "without an end": (got("unresolved") + open_now, of["ENTERQUEUE"] - ends),
        }
        found += [f"{queue} {what}: the daemon says {ours:g}, queue_log {theirs:g}" for what, (ours, theirs) in pairs.items() if ours != theirs]
    return found


@asynccontextmanager
async def centre(
    folder: Path, *, speed: float = 10.0, queue_log: str = "queue_log", keep_log: bool = True, pace: Pace = LIKE_A_PBX, seed: int = 1, opens: float = OPENS
) -> AsyncIterator[Centre]:
    """`queue_log` is what the configuration says, `keep_log` whether the PBX writes one at all."""
    day, at = Day(seed, DATE), instant(DATE, opens)
    rows: list[str] = []
    day.log = rows.append
    await asyncio.to_thread(day.advance, at)
    time = SimulatedTime(at, speed)
    file = folder / "queue_log"
    if keep_log:
        file.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    pbx = Pbx(day, username=papers.USERNAME, secret=SECRET, now=time.now, queue_log=file if keep_log else None)
    await pbx.start()
    written = day.log

    def write(row: str) -> None:
        rows.append(row)
        written(row)

    day.log = write
    try:
        daemon = app.Daemon(await asyncio.to_thread(_configured, folder, pbx.port, queue_log), EMPTY, pace, clock=time.clock())
        stop = asyncio.Event()
        time.start()
        task = asyncio.create_task(daemon.run(stop), name="daemon")
        try:
            async with aiohttp.ClientSession() as http:
                while daemon.web.port == 0 and not task.done():
                    await asyncio.sleep(0.01)
                yield Centre(day, pbx, daemon, time, folder, http, rows)
                assert not task.done(), "the daemon has ended by itself"
        finally:
            stop.set()
            await task
    finally:
        await pbx.stop()


def _configured(folder: Path, ami_port: int, queue_log: str) -> config.Config:
    text = papers.configuration(ami_port=ami_port, web_port=0).replace('queue_log = "queue_log"', f'queue_log = "{queue_log}"')
    files = {
        "floorwatch.toml": text.replace("[[group]]", "ping_seconds = 1\nping_deadline_seconds = 3\n\n[[group]]", 1),
        "agents.csv": papers.agents_file(),
        "plan.csv": papers.plan(DATE),
        "signed.csv": papers.signed(DATE),
        "ami-secret": f"{SECRET}\n",
    }
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    (folder / "ami-secret").chmod(0o600)
    return config.load(folder / "floorwatch.toml")


__all__ = ["EXITS", "PBX", "Centre", "centre"]
