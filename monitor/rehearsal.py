"""`floorwatch demo`: the real daemon, over real TCP and AMI, on a simulated PBX in a simulated outsourcer.

Owns the wiring of the two, a folder that is gone afterwards unless it is to be kept, and time: the demo has its own clock, which starts at 11:20 of today
in the centre's zone and runs `speed` times as fast as ours. What happened there since midnight is simulated first and stands in queue_log, where
the daemon finds it. Refuses the centre itself (`demo`) and everything the daemon does for a real one. Next: `cli` prints what `Stage` says.
"""

from __future__ import annotations

import asyncio
import gc
import os
import secrets
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from time import monotonic_ns, time_ns

from monitor import app, config
from monitor.clock import Clock
from monitor.core.contract import MINUTE, SECOND
from monitor.demo import papers, stack
from monitor.demo.day import Day
from monitor.demo.events import Happening, Kind, instant
from monitor.demo.folder import kept, removed, writing
from monitor.demo.pbx import Pbx
from monitor.demo.roster import WORKERS
from monitor.demo.world import LINES, ZONE
from monitor.errors import BadOption, PortTaken
from monitor.outputs.daemon import Simulation

OPENS = 11 + 20 / 60  # hours after the centre's midnight
SLOWEST, FASTEST = 0.1, 60.0
HOST = "127.0.0.1"
STORE = "sqlite:///floorwatch.db"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was typed."""

    port: int
    seed: int
    speed: float
    stack: Path | None = None
    force: bool = False
    keep: Path | None = None


# --- papers for Prometheus ----------------------------------------------------------------------------------------------------------


def check_stack(folder: Path, *, force: bool) -> None:
    """--write-stack: refuse what could not be written, before anything is started."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        there = [name for name in stack.files(0) if os.path.lexists(folder / name)]
    except OSError as error:
        raise _unwritable(folder, error) from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise BadOption(f"--write-stack {folder}: may not be written to; choose another folder")
    if there and not force:
        raise BadOption(f"--write-stack {folder}: {', '.join(there)} is there already; choose another folder, or replace it with --force")


def write_stack(folder: Path, web_port: int) -> list[Path]:
    """Write what Prometheus needs to scrape the demo."""
    found = {folder / name: text for name, text in stack.files(web_port).items()}
    try:
        for path, text in found.items():
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise _unwritable(folder, error) from None
    return list(found)


def _unwritable(folder: Path, error: OSError) -> BadOption:
    return BadOption(f"--write-stack {folder}: cannot be written: {error.strerror or error}; choose another folder")


# --- time -------------------------------------------------------------------------------------------------------------------------


class SimulatedTime:
    """Time in the centre: stands until it is started, then runs `speed` times as fast as ours, and never steps."""

    def __init__(self, at: int, speed: float, steady_ns: Callable[[], int] = monotonic_ns) -> None:
        self._start_ns = at * 1000
        self._speed = speed
        self._steady_ns = steady_ns
        self._zero_ns: int | None = None

    def start(self) -> None:
        """From now on it runs."""
        self._zero_ns = self._steady_ns()

    def now_ns(self) -> int:
        """Nanoseconds since the epoch, as the centre's clocks show it."""
        passed = 0 if self._zero_ns is None else self._steady_ns() - self._zero_ns
        return self._start_ns + int(passed * self._speed)

    def now(self) -> int:
        """The same in microseconds."""
        return self.now_ns() // 1000

    def clock(self) -> Clock:
        """A daemon's clock: civil and monotonic time are one, so it never sees a step."""
        return Clock(self.now_ns, self.now_ns)


def today() -> date:
    """The date in the centre's zone: the one thing the demo takes from our clock."""
    return datetime.fromtimestamp(time_ns() // 1_000_000_000, ZONE).date()


# --- the demo ---------------------------------------------------------------------------------------------------------------------


class Stage:
    """One run of the demo, from an empty folder to none, or to one with a store."""

    def __init__(self, wishes: Wishes, say: Say, day: date | None = None) -> None:
        self._wishes = wishes
        self._say = say
        self._date = day or today()
        self._day = Day(wishes.seed, self._date)
        opens = instant(self._date, OPENS)
        self._time = SimulatedTime(opens, wishes.speed)
        self._opens = opens
        self._past: list[str] = []
        self._day.tell = lambda at, happening, begins: self._past.append(self._line(at, happening, begins))
        self._opened = False
        self.daemon: app.Daemon | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set."""
        if self._wishes.stack is not None:
            await asyncio.to_thread(check_stack, self._wishes.stack, force=self._wishes.force)
        mine = self._wishes.keep is None or not await asyncio.to_thread(self._wishes.keep.exists)
        if self._wishes.keep is not None:
            folder = await asyncio.to_thread(kept, self._wishes.keep)
        else:
            with writing("a temporary folder"):
                folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="floorwatch-demo-"))
        try:
            if await asyncio.to_thread(self._live_through, folder / "queue_log", stop):
                await self._open(folder, stop)
        finally:
            if self._wishes.keep is None or not self._opened:
                await asyncio.to_thread(removed, folder, whole=mine)

    def _live_through(self, queue_log: Path, stop: asyncio.Event) -> bool:
        """The day until the demo opens, at full speed; False if nobody wants to see it any more."""
        with writing(queue_log), queue_log.open("w", encoding="utf-8") as file:
            self._day.log = lambda line: print(line, file=file)
            while self._day.now < self._opens and not stop.is_set():
                self._day.advance(min(self._day.now + 5 * MINUTE, self._opens))
        return not stop.is_set()

    async def _open(self, folder: Path, stop: asyncio.Event) -> None:
        secret = secrets.token_urlsafe(24)
        pbx = Pbx(self._day, host=HOST, username=papers.USERNAME, secret=secret, now=self._time.now, queue_log=folder / "queue_log")
        self._day.tell = partial(self._tell, pbx)
        try:
            await pbx.start()
            self.daemon = await asyncio.to_thread(self._daemon, folder, pbx.port, secret)
            self._time.start()
            await self._perform(self.daemon, pbx, folder, stop)
        finally:
            await pbx.stop()

    def _daemon(self, folder: Path, ami_port: int, secret: str) -> app.Daemon:
        written = {
            "floorwatch.toml": papers.configuration(ami_port=ami_port, web_port=self._wishes.port, store=STORE if self._wishes.keep else ""),
            "agents.csv": papers.agents_file(),
            "plan.csv": papers.plan(self._date),
            "signed.csv": papers.signed(self._date),
            "ami-secret": f"{secret}\n",
        }
        with writing(folder):
            for name, text in written.items():
                path = folder / name
                path.touch(mode=0o600)
                path.write_text(text, encoding="utf-8")
        loaded = config.load(folder / "floorwatch.toml")
        simulation = Simulation(self._wishes.seed, self._wishes.speed)
        return app.Daemon(loaded, config.read_plan(loaded), clock=self._time.clock(), simulation=simulation, keep=self._wishes.keep is not None)

    async def _perform(self, daemon: app.Daemon, pbx: Pbx, folder: Path, stop: asyncio.Event) -> None:
        gc.collect()
        gc.freeze()
        up = asyncio.Event()
        running = asyncio.create_task(daemon.run(stop, up), name="daemon")
        failing = asyncio.create_task(pbx.fail(), name="centre")
        looking = asyncio.create_task(up.wait(), name="up")
        try:
            await asyncio.wait([running, failing, looking], return_when=asyncio.FIRST_COMPLETED)
            if up.is_set():
                self._opened = True
                await asyncio.to_thread(self._introduce, daemon.web.url, daemon.web.port, folder, pbx.port)
            await asyncio.wait([running, failing], return_when=asyncio.FIRST_COMPLETED)
            (failing if failing.done() else running).result()
        except PortTaken as error:
            raise PortTaken(error.host, error.port, error.reason, "free the port or choose another with --port") from None
        finally:
            tasks = (running, failing, looking)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _introduce(self, url: str, web_port: int, folder: Path, ami_port: int) -> None:
        """Where to look, and what to do next: the third command takes this PBX for a strange one."""
        wishes = self._wishes
        pace = "at real time" if wishes.speed == 1 else f"at {wishes.speed:g} times real time"
        self._say(f"Floorwatch demo: a simulated outsourcer, {len(WORKERS)} agents and {len(LINES)} clients, seed {wishes.seed}, {pace}.")
        self._say(f"The floor: {url}/    The metrics: {url}/metrics    Ctrl-C ends it.")
        self._say("Next, in another terminal:")
        self._say(f"  curl -s {url}/metrics | grep -E '^callcenter_(agents|workload|occupancy)'")
        self._say(f"  xdg-open {url}/")
        strange = f"--port {ami_port} --secret-file {folder}/ami-secret --queue-log {folder}/queue_log --timezone {ZONE.key}"
        self._say(f"  {_command()} init {strange} --out my-floor      # your own: --host YOUR-PBX")
        if wishes.keep is not None:
            asked = f"--config {folder}/floorwatch.toml --client Bank --month {self._date:%Y-%m}"
            self._say(f"  {_command()} report billing {asked}      # now, and when it is over")
        if wishes.stack is not None:
            written = write_stack(wishes.stack, web_port)
            self._say(f"  prometheus --config.file={written[0]} --storage.tsdb.path={wishes.stack / 'data'}")
        self._say(f"It is {_clock(self._opens)} there. What happens:")
        for line in self._past:
            self._say(line)

    @staticmethod
    def _line(at: int, happening: Happening, begins: bool) -> str:
        return f"{_clock(at)}  {happening.begins if begins else happening.ends}"

    def _tell(self, pbx: Pbx, at: int, happening: Happening, begins: bool) -> None:
        if begins and happening.kind is Kind.LINK_CUT:
            pbx.away_for(happening.end - at)
        self._say(self._line(at, happening, begins))


def _command() -> str:
    """What to type for `floorwatch` here: it need not be on the PATH."""
    beside = Path(sys.executable).with_name("floorwatch")
    return "floorwatch" if shutil.which("floorwatch") or not beside.exists() else os.path.relpath(beside)


def _clock(at: int) -> str:
    return datetime.fromtimestamp(at // SECOND, ZONE).strftime("%H:%M:%S")


async def run(wishes: Wishes, say: Say) -> None:
    """The demo, until SIGTERM, Ctrl-C, or the end of its terminal unless nohup keeps it from that."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, stop.set)
    await asyncio.sleep(0)  # a Ctrl-C of before is a cancellation by now: here, where nothing is to be put away yet
    await Stage(wishes, say).run(stop)
