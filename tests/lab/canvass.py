"""One shift of calls out: Asterisk, phones, carrier, tap and the daemon together, until it is calm again.

Owns the daemon's configuration for that floor and the order of starting; whatever happens, everything it started is ended. What comes out is a `Canvass`,
facts only: the driver's list, the CDR, the carrier's book, the raw session, and what the daemon said. `test_outbound.py` says whether they agree.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.core.contract import SECOND
from monitor.sources import cdr_base
from monitor.sources.cdr_base import Base, Question
from monitor.sources.cdr_called import CalledRecord, called
from tests.lab import bases, heard, outbound, records, traffic
from tests.lab.campaign import CONTACT_SECONDS, Attempt, Campaign
from tests.lab.carrier import Called, Carrier
from tests.lab.daemon import PBX, Daemon
from tests.lab.fetch import Unavailable
from tests.lab.heard import Span
from tests.lab.judge import Rows, Scrape
from tests.lab.pbx import Asterisk, free_port
from tests.lab.phones import Phones
from tests.lab.postgresql import postgresql
from tests.lab.record import Tap
from tests.lab.settings import UNWANTED
from tests.lab.shift import edge
from tests.lab.truth import messages
from tests.lab.wire import Relay

GAP_SECONDS = 0.15
TOLD_SECONDS = 7.0  # a record is read so long after a gap at most
EXPECTED = {project.name: (600, 4.0) for project in outbound.PROJECTS if project.queues}


@dataclass
class Canvass:
    """What one run left behind."""

    package: str
    seed: int
    attempts: list[Attempt]
    recorded: list[records.Call]
    book: list[Called]
    spans: list[Span]
    rows: Rows
    first: Scrape
    last: Scrape
    failures: list[str]
    daemon_log: str
    exit_code: int
    wall_seconds: float
    store: Path
    told: dict[str, Scrape]  # of daemons that did not see all of it, by what befell them
    filed: Sequence[CalledRecord]  # by Master.csv, and by the database, if there was one
    based: Sequence[CalledRecord]


async def cut(daemon: Daemon, relay: Relay) -> None:
    await asyncio.sleep(6.0)
    await relay.shut()
    await asyncio.sleep(9.0)
    await relay.open()


async def killed(daemon: Daemon, relay: Relay) -> None:
    await asyncio.sleep(6.0)
    await asyncio.to_thread(daemon.kill)
    await asyncio.sleep(7.0)
    await asyncio.to_thread(daemon.start)


async def late(daemon: Daemon, relay: Relay) -> None:
    await asyncio.sleep(14.0)
    await asyncio.to_thread(daemon.start)


Trouble = Callable[[Daemon, Relay], Coroutine[None, None, None]]


def config(folder: Path, ami_port: int, port: int, cdr: str = "") -> str:
    text = f"""[site]
name = "lab"
timezone = "Europe/Kyiv"
[[pbx]]
name = "{PBX}"
host = "127.0.0.1"
port = {ami_port}
username = "floorwatch"
secret_file = "{folder}/secret"
cdr = "{cdr}"
ping_seconds = 2
ping_deadline_seconds = 6
[[group]]
name = "floor"
[plan]
file = "{folder}/plan.csv"
[state]
directory = "{folder}/state"
[store]
url = "sqlite:///{folder}/floorwatch.db"
[web]
listen = "127.0.0.1:{port}"
"""
    for project in outbound.PROJECTS:
        queues = ", ".join(f'"{queue}"' for queue in project.queues)
        text += f"""[[project]]
name = "{project.name}"
client = "{project.client}"
group = "floor"
queues = [{queues}]
outbound = {{ {project.told_by}, contact_min_seconds = {CONTACT_SECONDS} }}
wrapup_seconds = 0
short_abandon_seconds = 2
"""
    return text


def prepared(major: str, folder: Path) -> tuple[Asterisk, Phones, Carrier]:
    """A PBX with this floor, not started yet, its phones and its carrier."""
    pbx = Asterisk(major, folder / "pbx")
    port = free_port()
    for name, text in outbound.files(pbx.ports, port).items():
        pbx.write(name, text)
    for needed in ("spool/outgoing", "spool/tmp", "log/cdr-csv"):
        (pbx.folder / "var" / needed).mkdir(parents=True, exist_ok=True)
    master(pbx).touch()
    return pbx, Phones(folder / "phones", pbx.ports.sip, pbx.ports.phones), Carrier(folder / "carrier", port)


def master(pbx: Asterisk) -> Path:
    return pbx.folder / "var/log/cdr-csv/Master.csv"


def base_of(pbx: Asterisk, ending: AsyncExitStack) -> str:
    """A PostgreSQL into which this PBX writes its records too, by cdr_pgsql; its address."""
    try:
        server = ending.enter_context(postgresql())
    except pytest.skip.Exception as missing:
        raise Unavailable(str(missing)) from None
    bases.make(server.url, "timestamp").dispose()
    pbx.write("modules.conf", "[modules]\nautoload = yes\n" + "".join(f"noload = {name}.so\n" for name in UNWANTED if name != "cdr_pgsql"))
    pbx.write("cdr_pgsql.conf", f"[global]\nhostname=127.0.0.1\nport={server.port}\ndbname=postgres\nuser=floorwatch\npassword=none\ntable=cdr\n")
    return server.url


def records_of(file: Path, url: str) -> tuple[list[CalledRecord], list[CalledRecord]]:
    """What a file and a database say of all of it."""
    now = time.time_ns() // 1000
    question = Question(Base(url), PBX, ZoneInfo("Europe/Kyiv"), now - 3600 * SECOND, now)
    found = called(file, PBX, question.zone, question.since, question.until), cdr_base.called(question)
    filed, based = (sorted(each, key=lambda one: (one.at, one.channel)) for each in found)
    return filed, based


async def rider(trouble: Trouble, folder: Path, pbx: Asterisk, ending: AsyncExitStack, cdr: str) -> tuple[Daemon, Relay]:
    """One more daemon on the same calls, which will not see all of them and has their records."""
    relay = Relay(pbx.ports.ami)
    await relay.open()
    ending.push_async_callback(relay.shut)
    daemon = Daemon(folder / trouble.__name__, relay.port, expected=EXPECTED)
    ending.callback(daemon.stop)
    (daemon.folder / "floorwatch.toml").write_text(config(daemon.folder, relay.port, daemon.port, cdr), encoding="utf-8")
    if trouble is not late:
        await asyncio.to_thread(daemon.start)
    return daemon, relay


async def canvass(major: str, folder: Path, *, calls: int, seed: int, limit: float, troubles: Sequence[Trouble], base: bool = False) -> Canvass:
    """So many calls on one Asterisk with the daemon beside it, within `limit` seconds; with a `base` whoever has trouble asks a database."""
    async with asyncio.timeout(limit), AsyncExitStack() as ending:
        pbx, phones, lines = await asyncio.to_thread(prepared, major, folder)
        for each in (pbx, phones, lines):
            ending.callback(each.stop)
        url = await asyncio.to_thread(base_of, pbx, ending) if base else ""
        await asyncio.to_thread(pbx.start)
        phones.agents()
        lines.start()
        campaign = Campaign(pbx, phones, lines)
        ending.push_async_callback(campaign.close)
        await campaign.connect()
        daemon = Daemon(folder / "daemon", pbx.ports.ami, expected=EXPECTED)
        ending.callback(daemon.stop)
        (daemon.folder / "floorwatch.toml").write_text(config(daemon.folder, pbx.ports.ami, daemon.port), encoding="utf-8")
        starting = asyncio.create_task(asyncio.to_thread(daemon.start), name="lab-daemon")
        riders = await asyncio.gather(*(rider(trouble, folder, pbx, ending, url or str(master(pbx))) for trouble in troubles))
        await starting
        tap = Tap(folder / "ami.raw")
        ending.push_async_callback(tap.stop)
        await tap.start(pbx.ports.ami)
        started = time.monotonic()
        first, _ = await edge(daemon)
        riding = [asyncio.create_task(trouble(*one), name=f"lab-{trouble.__name__}") for trouble, one in zip(troubles, riders, strict=True)]
        await traffic.play(campaign, random.Random(seed), calls, GAP_SECONDS)
        await asyncio.sleep(1.0)
        await asyncio.gather(*riding)
        await asyncio.sleep(TOLD_SECONDS if riders else 0)
        last, _ = await edge(daemon)
        told = {each.folder.name: await asyncio.to_thread(each.scrape) for each, _ in riders}
        wall = time.monotonic() - started
        await tap.stop()
        exit_code = await asyncio.to_thread(daemon.stop)
        return Canvass(
            pbx.installed.package,
            seed,
            campaign.placed,
            records.read(master(pbx).read_text(encoding="utf-8").splitlines()),
            lines.calls(),
            heard.read(messages((folder / "ami.raw").read_bytes())),
            pbx.rows(),
            first,
            last,
            campaign.failures,
            daemon.tail(),
            exit_code,
            wall,
            daemon.folder / "floorwatch.db",
            told,
            *(await asyncio.to_thread(records_of, master(pbx), url) if url else ((), ())),
        )
