"""When records are asked who was called in a time that nobody saw: once a PBX is seen, and again as calls end that had begun before; a file or a database."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from monitor import cdrs
from monitor.cdrs import Cdrs
from monitor.config import load
from monitor.core.contract import SECOND
from monitor.core.counters import Attempts, Contacts
from monitor.core.direction import Direction
from monitor.core.events import ChannelEnded, ChannelRow, LinkLost, Position, SnapshotTaken
from monitor.core.numbers import caller_key
from monitor.engine import Engine
from monitor.errors import LogUnreadable
from monitor.plan.plan import EMPTY
from monitor.sources import cdr_base
from monitor.sources.cdr_base import Question
from monitor.sources.cdr_called import CalledRecord, called
from tests.clockwork import Time
from tests.core.scene import T0

OUT = Position("out", "9380441234567", "1")
CONFIG = """
[[pbx]]
name = "pbx1"
host = "127.0.0.1"
username = "u"
secret_env = "SECRET"
cdr = "{file}"
[[group]]
name = "floor"
[[project]]
name = "bank"
queues = ["bank"]
outbound = {{ trunks = ["PJSIP/carrier"] }}
"""


def record(number: int, begun_s: int, ended_s: int) -> str:
    """Somebody who took the call two seconds after it was dialled."""
    start, answer, end = (datetime.fromtimestamp(T0 / SECOND, UTC) + timedelta(seconds=seconds) for seconds in (begun_s, begun_s + 2, ended_s))
    times = ",".join(f'"{at:%Y-%m-%d %H:%M:%S}"' for at in (start, answer, end))
    who = f'"","801","9380441234567","out","x","PJSIP/agent1-{number:08x}","PJSIP/carrier-{number:08x}","Dial","PJSIP/380441234567@carrier,25"'
    call = f"{T0 // SECOND + begun_s}.{number}"
    return f'{who},{times},{ended_s - begun_s},{ended_s - begun_s - 2},"ANSWERED","DOCUMENTATION","{call}","","","{call}",{number}\n'


class Site:
    """An engine with the records of its PBX."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(cdrs, "WRITTEN_S", 0.01)
        monkeypatch.setenv("SECRET", "s")
        self.time = Time()
        self.file = folder / "Master.csv"
        self.file.touch()
        config = folder / "f.toml"
        config.write_text(CONFIG.format(file=self.file), encoding="utf-8")
        self.loaded = loaded = load(config)
        self.engine = Engine(loaded.contract, EMPTY, self.time.clock)
        self.cdrs = Cdrs(loaded, self.engine, lambda name, run: run.close(), self._end)

    @staticmethod
    async def _end(name: str) -> None: ...

    async def write(self, *records: str) -> None:
        def append() -> None:
            with self.file.open("a", encoding="utf-8") as out:
                out.writelines(records)

        await asyncio.to_thread(append)

    def seen(self, *channels: str) -> None:
        rows = tuple(ChannelRow(call, call, name, OUT, True, "AppDial", "", "b", 0) for call, name in (one.split() for one in channels))
        self.cdrs.heard("pbx1", SnapshotTaken("pbx1", self.engine.clock.now(), {"bank": "rrmemory"}, (), (), rows))

    async def counted(self) -> tuple[int, int]:
        """Attempts and contacts, once what was asked is answered."""
        await asyncio.sleep(0)
        while self.cdrs._asking:
            await asyncio.gather(*self.cdrs._asking.values())
        self.engine.catch_up()
        counters = self.engine.floor.counters
        key = "bank", Direction.OUTBOUND
        return counters.attempts[key][Attempts.ATTEMPTS], counters.reached[key][Contacts.CONTACTS]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    return Site(tmp_path, monkeypatch)


async def test_what_ended_unseen_is_told_at_once_and_what_goes_on_when_it_ends(site: Site) -> None:
    await site.write(record(1, 1, 20), record(2, 30, 33))  # of the second there is more to come: he was passed on
    site.time.go(40)
    site.seen("1.2 PJSIP/carrier-00000002")
    assert await site.counted() == (1, 1)
    site.time.go(20)
    await site.write(record(2, 33, 60))
    site.cdrs.heard("pbx1", ChannelEnded("pbx1", site.engine.clock.now(), "1.2", OUT))
    assert await site.counted() == (2, 2)


async def test_what_begins_in_sight_is_not_asked_for(site: Site) -> None:
    site.time.go(40)
    site.seen("1.2 PJSIP/agent1-00000002")
    assert await site.counted() == (0, 0)
    site.time.go(40)
    await site.write(record(3, 45, 70))
    site.cdrs.heard("pbx1", ChannelEnded("pbx1", site.engine.clock.now(), "1.2", OUT))
    assert await site.counted() == (0, 0)


async def test_a_gap_right_after_another_loses_nothing_of_the_first(site: Site) -> None:
    await site.write(record(1, 1, 20))
    site.time.go(40)
    site.seen()
    site.cdrs.heard("pbx1", LinkLost("pbx1", site.engine.clock.now()))
    await site.write(record(4, 45, 60))
    site.time.go(40)
    site.seen()
    assert await site.counted() == (2, 2)


async def test_a_long_day_is_told_once_however_often_it_is_asked_for(site: Site) -> None:
    """More than are remembered of those that have ended."""
    await site.write(*(record(number, number, number + 20) for number in range(1, 2_500)), record(2_500, 2_490, 2_530))
    site.time.go(2_525)
    site.seen("1.2 PJSIP/carrier-000009c4", "1.3 PJSIP/agent9-00000003")
    assert await site.counted() == (2_499, 2_499)
    site.time.go(20)
    for call in ("1.2", "1.3"):
        site.cdrs.heard("pbx1", ChannelEnded("pbx1", site.engine.clock.now(), call, OUT))
        assert await site.counted() == (2_500, 2_500)


async def test_whoever_was_lost_is_called_back(site: Site) -> None:
    floor = site.engine.floor
    floor.lost.lose("bank", caller_key("+380441234567", floor.contract), "+380441234567", T0)
    await site.write(record(1, 1, 20))
    site.time.go(40)
    site.seen()
    assert await site.counted() == (0, 0)
    assert floor.counters.attempts["bank", Direction.CALLBACK][Attempts.ATTEMPTS] == 1


class Base:
    """A database that answers from a file, once it is well."""

    def __init__(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        self.well, self.asked, self.site = True, 0, site
        monkeypatch.setattr(cdr_base, "ask", self.ask)
        monkeypatch.setattr(cdrs, "AGAIN_S", (0.02, 0.02))

    async def ask(self, question: Question) -> list[CalledRecord]:
        self.asked += 1
        assert (question.base.password, question.pbx) == ("s", "pbx1")
        if not self.well:
            raise LogUnreadable(question.base.shown, "is dead; see to it")
        return await asyncio.to_thread(called, self.site.file, question.pbx, question.zone, question.since, question.until)


@pytest.fixture
def based(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Site, Base]:
    monkeypatch.setattr(sys.modules[__name__], "CONFIG", CONFIG.replace('"{file}"', '"mysql://reader@db/asteriskcdrdb"\ncdr_secret_env = "SECRET"'))
    site = Site(tmp_path, monkeypatch)
    return site, Base(site, monkeypatch)


async def test_a_database_tells_what_ended_unseen_and_is_up_once_it_has(based: tuple[Site, Base]) -> None:
    site, base = based
    await site.write(record(1, 1, 20))
    site.time.go(40)
    assert site.cdrs.up("pbx1") is None
    site.seen()
    assert await site.counted() == (1, 1)
    assert (site.cdrs.up("pbx1"), base.asked) == (True, 1)


async def test_a_database_that_cannot_be_had_is_one_warning_and_asked_again_a_few_times(based: tuple[Site, Base]) -> None:
    site, base = based
    await site.write(record(1, 1, 20))
    site.time.go(40)
    base.well = False
    with capture_logs() as logs:
        site.seen()
        assert await site.counted() == (0, 0)
        assert (site.cdrs.up("pbx1"), base.asked) == (False, 3)
        site.cdrs.heard("pbx1", LinkLost("pbx1", site.engine.clock.now()))
        site.time.go(10)
        base.well = True
        site.seen()
        assert await site.counted() == (1, 1)
    assert site.cdrs.up("pbx1")
    ((warning, problem),) = [(one["event"], one["problem"]) for one in logs if one["log_level"] == "warning"]
    assert (warning, problem) == ("cdr does not tell who was called", "mysql://reader@db/asteriskcdrdb: is dead; see to it")


async def test_a_reload_that_mends_the_address_has_it_asked_at_once(based: tuple[Site, Base]) -> None:
    site, base = based
    await site.write(record(1, 1, 20))
    site.time.go(40)
    base.well = False
    site.seen()
    assert await site.counted() == (0, 0)
    base.well = True
    (known,) = site.loaded.pbxs
    await site.cdrs.follow(replace(known, cdr="mysql://reader@db2/asteriskcdrdb"), known)
    assert await site.counted() == (1, 1)
    await site.cdrs.follow(replace(known, cdr=""), known)
    assert site.cdrs.up("pbx1") is None
