"""The store on a real PostgreSQL: it says what SQLite says, and its end and return in the middle of a day lose nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.core.chronicle import AgentSpan, TimeRetold
from monitor.core.contract import MINUTE
from monitor.core.snapshot import Cell
from monitor.errors import StoreUnusable
from monitor.state.store import clerk as clerks
from monitor.state.store import migrations, schema
from monitor.state.store.backup import backup, restore
from monitor.state.store.forgetting import find, forget
from monitor.state.store.place import Place
from monitor.state.store.reader import Reader
from monitor.state.store.writer import Batch, write
from tests.lab.postgresql import Postgresql, postgresql
from tests.sources.fake_ami import Pbx
from tests.state.keeping import FAR, bring, everything, lived, made
from tests.test_app import ENTERED, LOST, STORE_UP, UP, abandoned, calls_of, running

pytestmark = pytest.mark.lab
SEED = 3


@pytest.fixture
def server() -> Iterator[Postgresql]:
    with postgresql() as one:
        yield one


def content(place: Place) -> object:
    reader = Reader.of(place)
    try:
        return everything(reader)
    finally:
        reader.close()


def test_it_says_what_sqlite_says_and_a_backup_goes_either_way(server: Postgresql, tmp_path: Path) -> None:
    here, there, back = Place(f"sqlite:///{tmp_path}/here.db"), Place(server.url), Place(f"sqlite:///{tmp_path}/back.db")
    for place in (here, there):
        with made(place) as opened:
            floor = lived(SEED)
            bring(floor, opened, lost=True)  # written, and nobody heard of it
            bring(floor, opened, until=floor.now + MINUTE)
            for key, at in (("a", floor.now), ("продаж 7", floor.now - 34 * 24 * 60 * MINUTE), ("a", floor.now)):
                floor.chronicle.result("bank", key, at, "sale", 90_000_000, "crm")
            floor.ledger.add("bank", floor.now - 5 * 60 * MINUTE, Cell.VISITS, 7)
            for _ in range(4):
                floor.advance(floor.now + 60 * MINUTE)
            floor.ledger.add("bank", floor.now - 4 * 60 * MINUTE, Cell.VISITS, -1)  # long folded
            bring(floor, opened, until=floor.now + MINUTE)
    assert content(there) == content(here)
    rows = backup(there, tmp_path / "b.gz")
    with there.open(alone=True), pytest.raises(StoreUnusable, match=r"postgresql://127\.0\.0\.1:\d+/postgres: another floorwatch writes to it"):
        restore(there, tmp_path / "b.gz")
    assert restore(back, tmp_path / "b.gz") == rows
    assert content(back) == content(here)
    assert restore(there, tmp_path / "b.gz", force=True) == rows
    assert content(there) == content(here)
    person = "pbx1/PJSIP/bob"
    assert find(there, person) == forget(there, person)
    reader = Reader.of(there)
    assert not reader.spans(0, FAR, person=person)
    reader.close()


def test_a_store_of_the_first_schema_takes_a_day_told_anew(server: Postgresql) -> None:
    place, talk = Place(server.url), AgentSpan("ann", 100, 200, "floor", "talk", "bank", "")
    with made(place) as opened:
        with opened.connection.begin():
            opened.connection.exec_driver_sql("ALTER TABLE agent_spans DROP COLUMN epoch_at")
            for start, end in ((10, 60), (101, 201)):
                opened.connection.exec_driver_sql(f"INSERT INTO agent_spans VALUES ('ann', {start}, {end}, 'floor', 'talk', NULL, '')")
            opened.connection.execute(schema.meta.update().values(value="1"))
        with opened.connection.begin():
            assert migrations.migrate(opened.connection, place.shown)
        for _ in range(2):
            write(opened.connection, Batch(2, details=[talk, TimeRetold("pbx1", 50, 300, ("ann",))]))
        assert [(one.start, one.end) for one in Reader(opened).spans(0, FAR)] == [(10, 50), (100, 200)]


async def test_stopped_and_started_in_the_middle_nothing_is_missing_and_no_scrape_waits(
    server: Postgresql, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clerks, "BACKOFF_S", (0.1,))
    pbx, told, slowest = Pbx(), 0, 0.0
    async with pbx.listening() as port, running(tmp_path, port, store=server.url) as daemon:
        await daemon.becomes(UP, 1)
        await daemon.becomes(STORE_UP, 1)

        async def call(times: int) -> None:
            nonlocal told, slowest
            for _ in range(times):
                told += 1
                pbx.live.send(abandoned(f"1795448567.{told}"))
                started = time.monotonic()
                assert await daemon.value(ENTERED) is not None
                slowest = max(slowest, time.monotonic() - started)

        await call(20)
        stopping = asyncio.create_task(asyncio.to_thread(server.stop))
        while not stopping.done():
            await call(1)
        await call(20)
        await daemon.becomes(STORE_UP, 0)
        starting = asyncio.create_task(asyncio.to_thread(server.start))
        while not starting.done():
            await call(1)
        await starting
        await call(20)
        await daemon.becomes(STORE_UP, 1)
        await daemon.becomes(ENTERED, told)
        assert await daemon.value(LOST) == 0
    kept = await asyncio.to_thread(calls_of, Place(server.url))
    assert sorted(kept) == sorted((f"1795448567.{number + 1}", "short_abandoned") for number in range(told))
    assert slowest < 5, "the longest of all scrapes; one that waited for the database would have taken as long as its deadline"


async def test_a_server_that_takes_no_answer_back_is_given_up(server: Postgresql, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped as a process, not as a server: the connection is there and nothing comes."""
    monkeypatch.setattr(clerks, "PATIENCE_S", 0.5)
    monkeypatch.setattr(clerks, "BACKOFF_S", (0.1,))
    pbx = Pbx()
    async with pbx.listening() as port, running(tmp_path, port, store=server.url) as daemon:
        await daemon.becomes(STORE_UP, 1)
        await daemon.becomes(UP, 1)
        with server.frozen():
            pbx.live.send(abandoned("1795448567.1"))
            await daemon.becomes(STORE_UP, 0)
            assert await daemon.value(ENTERED) == 1
        await daemon.becomes(STORE_UP, 1)
    assert await asyncio.to_thread(calls_of, Place(server.url)) == [("1795448567.1", "short_abandoned")]
