"""A floor of 1,500 on a real PBX, reloaded again and again: the daemon sees it, and nobody else's session there is the slower for it."""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import time
from collections.abc import Awaitable
from pathlib import Path

import pytest

from tests.lab import settings
from tests.lab.ami import Session
from tests.lab.daemon import Daemon
from tests.lab.fetch import Unavailable
from tests.lab.pbx import Asterisk
from tests.lab.rider import PULSE

pytestmark = [pytest.mark.lab, pytest.mark.full, pytest.mark.timeout(300)]

MEMBERS = 1500
RELOADS = 100
PAUSE_SECONDS = 0.02


def big(major: str, folder: Path) -> Asterisk:
    """The lab's PBX, with one more queue in which everybody is."""
    pbx = Asterisk(major, folder)
    files = settings.files(major, pbx.ports)
    queue = "[huge]\nstrategy = leastrecent\n" + "".join(f"member => Local/m{number}@localagents,0,Member {number}\n" for number in range(MEMBERS))
    pbx.write("queues.conf", files["queues.conf"] + queue)
    pbx.write("extensions.conf", files["extensions.conf"].replace("[localagents]\n", "[localagents]\nexten => _m.,1,Hangup()\n"))
    return pbx


async def pinged(pbx: Asterisk, session: Session, meanwhile: Awaitable[object]) -> list[float]:
    """How long another session waited for each Pong while the PBX reloaded again and again, and until `meanwhile` is over."""
    waits: list[float] = []
    reloading = asyncio.gather(_reload(pbx), meanwhile)
    while not reloading.done():
        began = time.monotonic()
        await session.ask("Ping")
        waits.append(time.monotonic() - began)
        await asyncio.sleep(PAUSE_SECONDS)
    await reloading
    return waits


async def _reload(pbx: Asterisk) -> None:
    for _ in range(RELOADS):
        await asyncio.to_thread(pbx.cli, "queue reload all")


@pytest.mark.parametrize("major", ["16", "22"])
async def test_nobody_waits_longer_because_we_look(major: str, tmp_path: Path) -> None:
    try:
        pbx = await asyncio.to_thread(big, major, tmp_path / "pbx")
    except Unavailable as missing:
        pytest.skip(f"Asterisk {major}: {missing}")
    async with contextlib.AsyncExitStack() as ending:
        ending.callback(pbx.stop)
        await asyncio.to_thread(pbx.start)
        session = await Session.open(pbx.ports.ami, "driver", lambda _: None, events="off")
        ending.push_async_callback(session.close)
        alone = await pinged(pbx, session, asyncio.sleep(3))
        daemon = Daemon(tmp_path / "daemon", pbx.ports.ami, pulse=PULSE)
        file = daemon.folder / "floorwatch.toml"
        file.write_text(file.read_text(encoding="utf-8").replace('queues = ["void"]', 'queues = ["void", "huge"]'), encoding="utf-8")
        ending.callback(daemon.stop)
        beside = await pinged(pbx, session, asyncio.to_thread(daemon.start))
        scrape = await asyncio.to_thread(daemon.scrape)
        print(f"Pong on Asterisk {major}: alone {_said(alone)}; beside the daemon {_said(beside)}")
        assert scrape.total("callcenter_agents") >= MEMBERS
        assert scrape.total("floorwatch_ami_up") == 1
        assert scrape.total("floorwatch_dropped_total", what="event") == 0
        assert statistics.median(beside) < 5 * statistics.median(alone) + 0.02
        assert max(beside) < 5 * max(alone) + 0.5


def _said(waits: list[float]) -> str:
    return f"{statistics.median(waits) * 1e3:.1f} ms, at most {max(waits) * 1e3:.0f} ms of {len(waits)}"
