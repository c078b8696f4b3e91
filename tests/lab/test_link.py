"""The line between daemon and PBX: a wrong password, a line that is cut and comes back, a PBX that dies in mid-call.

Each test has an Asterisk 22 of its own. The daemon stays up whatever the PBX does, and floorwatch_ami_up tells the truth.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.lab import settings
from tests.lab.daemon import PBX, Daemon
from tests.lab.driver import Driver
from tests.lab.fetch import Unavailable
from tests.lab.judge import Scrape
from tests.lab.pbx import Asterisk
from tests.lab.phones import NEVER, Caller, Phones, caller_number
from tests.lab.wire import Relay

pytestmark = [pytest.mark.lab, pytest.mark.timeout(240)]

UP_SECONDS = 100.0  # a refused login is tried again slowly
GONE_SECONDS = 20.0


@dataclass
class Site:
    pbx: Asterisk
    phones: Phones
    relay: Relay
    driver: Driver
    folder: Path
    daemon: Daemon | None = None

    async def watch(self, secret: str = settings.SECRET, *, ready: bool = True) -> Daemon:
        self.daemon = Daemon(self.folder / "daemon", self.relay.port, secret=secret)
        await asyncio.to_thread(self.daemon.start if ready else self.daemon.launch)
        return self.daemon

    def end(self) -> None:
        if self.daemon is not None:
            self.daemon.stop()

    async def until(self, what: str, true: Callable[[Scrape], bool], seconds: float) -> Scrape:
        """The first scrape of which it is true; the daemon has to live all the while."""
        assert self.daemon is not None
        end = time.monotonic() + seconds
        scrape: Scrape | None = None
        while time.monotonic() < end:
            assert self.daemon.alive(), self.daemon.tail()
            if self.daemon.status("/-/healthy") == 200:
                scrape = await asyncio.to_thread(self.daemon.scrape)
                if true(scrape):
                    return scrape
            await asyncio.sleep(0.2)
        pytest.fail(f"not within {seconds:.0f} s: {what}; the daemon's log ends: {self.daemon.tail()}")

    def call(self, way: str, *, ring: str = "0", patience: float = 60, talks: float = 3) -> None:
        number = caller_number(ring, "0", "0", self.phones.serial + 1)
        self.phones.call(Caller(way, number, "Ївга Щур", round(patience * 1000), round(talks * 1000)))


def up(scrape: Scrape) -> bool:
    return scrape.total("floorwatch_ami_up", pbx=PBX) == 1


def down(scrape: Scrape) -> bool:
    return scrape.exists("floorwatch_ami_up") and not up(scrape)


def visits(scrape: Scrape) -> dict[str, float]:
    names = ("entered_total", "answered_total", "handled_total", "abandoned_total", "short_abandoned_total", "flowed_out_total", "unresolved_total", "waiting")
    return {name: scrape.total(f"callcenter_calls_{name}") for name in names}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with contextlib.AsyncExitStack() as ending:
        try:
            pbx = await asyncio.to_thread(Asterisk, "22", tmp_path / "pbx")
            ending.callback(pbx.stop)
            phones = Phones(tmp_path / "phones", pbx.ports.sip, pbx.ports.phones)
        except Unavailable as missing:
            pytest.skip(f"Asterisk 22: {missing}")
        ending.callback(phones.stop)
        made = Site(pbx, phones, Relay(pbx.ports.ami), Driver(pbx, phones, random.Random(1)), tmp_path)
        ending.push_async_callback(made.relay.shut)
        ending.push_async_callback(made.driver.close)
        ending.callback(made.end)
        await asyncio.to_thread(pbx.start)
        await made.relay.open()
        phones.agents()
        await made.driver.connect()
        yield made


async def test_a_wrong_password_is_visible_and_mended_without_a_restart(site: Site) -> None:
    daemon = await site.watch("not the secret", ready=False)
    scrape = await site.until("ami_up is 0", down, GONE_SECONDS)
    await asyncio.sleep(4)
    scrape = await asyncio.to_thread(daemon.scrape)
    assert down(scrape)
    assert not scrape.exists("callcenter_calls_waiting"), "nothing was seen yet, so nothing of now may be said"
    assert site.relay.connects <= 4, "a refused login is no reason to hammer the PBX"
    assert "not the secret" not in daemon.tail()
    assert "floorwatch" in daemon.tail(), "the log has to name the refused user"
    site.pbx.write("manager.conf", settings.manager(site.pbx.ports, "not the secret"))
    site.pbx.cli("manager reload")
    await site.until("ami_up is 1 after the secret was mended", up, UP_SECONDS)


async def test_a_line_that_is_cut_comes_back_and_calls_go_on(site: Site) -> None:
    daemon = await site.watch()
    site.call("plain-bank", talks=14)
    site.call("plain-shop", ring=NEVER, patience=16)
    await site.until("one talks, one waits", lambda now: visits(now)["answered_total"] == 1 and visits(now)["waiting"] == 1, 10)
    await site.relay.shut()
    blind = await site.until("ami_up is 0", down, GONE_SECONDS)
    assert not blind.exists("callcenter_calls_waiting"), "gauges of now are absent while blind"
    assert daemon.status("/-/healthy") == 200
    await asyncio.sleep(2)
    later = await asyncio.to_thread(daemon.scrape)
    assert later.total("floorwatch_gap_seconds", pbx=PBX) > blind.total("floorwatch_gap_seconds", pbx=PBX)
    await site.relay.open()
    back = await site.until("ami_up is 1 again", up, UP_SECONDS)
    assert visits(back)["waiting"] == 1
    end = await site.until("both calls ended", lambda now: not visits(now)["waiting"] and visits(now)["handled_total"] == 1, 40)
    assert visits(end) == {
        "entered_total": 2,
        "answered_total": 1,
        "handled_total": 1,
        "abandoned_total": 1,
        "short_abandoned_total": 0,
        "flowed_out_total": 0,
        "unresolved_total": 0,
        "waiting": 0,
    }
    assert end.total("floorwatch_ami_connects_total", pbx=PBX) == 2


@pytest.mark.full
async def test_a_pbx_that_dies_leaves_its_visits_unresolved_after_a_minute(site: Site) -> None:
    daemon = await site.watch()
    site.call("plain-bank", talks=60)
    site.call("plain-shop", ring=NEVER)
    await site.until("one talks, one waits", lambda now: visits(now)["answered_total"] == 1 and visits(now)["waiting"] == 1, 10)
    await site.driver.close()
    await asyncio.to_thread(site.pbx.kill)
    await site.until("ami_up is 0", down, GONE_SECONDS)
    await asyncio.sleep(5)
    await asyncio.to_thread(site.pbx.start)
    back = await site.until("ami_up is 1 again", up, UP_SECONDS)
    assert visits(back)["unresolved_total"] == 0, "a gap is pending until it is healed or a minute has passed"
    assert back.total("floorwatch_pbx_restarts_total", pbx=PBX) == 1
    end = await site.until("the lost visit is unresolved", lambda now: visits(now)["unresolved_total"] == 1, 75)
    assert visits(end)["entered_total"] == 2
    assert visits(end)["answered_total"] == 1
    assert end.total("floorwatch_unobserved_seconds_total", pbx=PBX) > 5
    assert daemon.alive()
