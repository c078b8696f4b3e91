"""The clerk makes nobody wait: whatever the database does, the loop goes on, and what was kept back is written when it is back."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from shutil import copyfile
from typing import TypeVar

import pytest
from sqlalchemy import Connection, Engine, event
from structlog.testing import capture_logs

from monitor.core.book import MinuteTold
from monitor.core.chronicle import AgentSpan, RingNoAnswer
from monitor.core.contract import MINUTE
from monitor.core.floor import Floor
from monitor.core.snapshot import Cell
from monitor.state.store import clerk as clerks
from monitor.state.store import writer
from monitor.state.store.ageing import DAY, age
from monitor.state.store.clerk import Clerk
from monitor.state.store.place import Opened, Place
from monitor.state.store.reader import Reader
from monitor.state.store.writer import Batch, PlanVersion, write
from tests.core.scene import T0
from tests.state.keeping import FAR, books, bring, everything, lived, made

PATIENCE_S = 20
Answer = TypeVar("Answer")


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clerks, "PACE_S", 0.01)
    monkeypatch.setattr(clerks, "BACKOFF_S", (0.01,))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(f"sqlite:///{tmp_path}/floorwatch.db")


async def becomes(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not what():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def at_work(place: Place, floor: Floor) -> AsyncIterator[Clerk]:
    clerk = Clerk(place, 1200, lambda: floor, lambda: floor.now)
    task = asyncio.create_task(clerk.run())
    try:
        yield clerk
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await clerk.finish()


def nothing_waits(floor: Floor) -> bool:
    return not (floor.chronicle.details.records or floor.ledger.unwritten.records or floor.ledger.changed(floor.now - floor.now % MINUTE, 1))


async def found(place: Place, what: Callable[[Reader], Answer]) -> Answer:
    """What the store says; a test's loop may not wait for a disk itself."""

    def look() -> Answer:
        reader = Reader.of(place)
        try:
            return what(reader)
        finally:
            reader.close()

    return await asyncio.to_thread(look)


async def wanted(folder: Path, seed: int) -> object:
    """The same world, written at one go into another store."""
    other = Place(f"sqlite:///{folder}/other.db")

    def at_one_go() -> None:
        with made(other) as opened:
            floor = lived(seed)
            bring(floor, opened, until=floor.now + MINUTE)
            write(opened.connection, Batch(floor.chronicle.epoch, details=floor.chronicle.under_way()))

    await asyncio.to_thread(at_one_go)
    return await found(other, everything)


async def test_everything_is_written_and_leaves_the_floor(place: Place, tmp_path: Path) -> None:
    floor = lived(3)
    async with at_work(place, floor) as clerk:
        await becomes(lambda: clerk.up is True and nothing_waits(floor))
        assert clerk.dropped == 0
    assert await found(place, everything) == await wanted(tmp_path, 3)


async def test_at_the_end_the_running_minute_and_open_spans_are_written_too(place: Place) -> None:
    floor = lived(3)
    floor.advance(floor.now + MINUTE // 2)
    async with at_work(place, floor) as clerk:
        await becomes(lambda: clerk.up is True and nothing_waits(floor))
    running = floor.now - floor.now % MINUTE
    (minute,) = await found(place, lambda reader: reader.minutes("group", "floor", running, FAR))
    assert minute.sums == tuple(floor.ledger.groups["floor"].minutes[running])
    assert max(span.end for span in await found(place, lambda reader: reader.spans(0, FAR))) == floor.now


@contextmanager
def no_room() -> Iterator[None]:
    """New connections find their disk full."""

    def full(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")

    event.listen(Engine, "connect", full)
    try:
        yield
    finally:
        event.remove(Engine, "connect", full)


async def test_a_full_disk_is_one_warning_and_afterwards_nothing_is_missing(place: Place, tmp_path: Path) -> None:
    with capture_logs() as logs:
        floor = lived(5)
        with no_room():
            running = at_work(place, floor)
            clerk = await running.__aenter__()
            await becomes(lambda: clerk._failures > 5)
            assert clerk.up is False
        await becomes(lambda: clerk.up is True and nothing_waits(floor))
        await running.__aexit__(None, None, None)
    (warning,) = [entry for entry in logs if entry["log_level"] == "warning"]
    assert warning["event"] == "the store is down"
    assert warning["problem"] == f"{tmp_path}/floorwatch.db: database or disk is full; make room"
    assert [entry["event"] for entry in logs if entry["log_level"] == "info"] == ["the store is back"]
    assert clerk.dropped == 0
    assert await found(place, everything) == await wanted(tmp_path, 5)


@pytest.mark.parametrize("how", ["removed", "replaced"])
async def test_a_file_that_is_taken_away_is_said_and_made_anew(place: Place, tmp_path: Path, how: str) -> None:
    floor = lived(1)

    def take_away() -> None:
        for name in ("floorwatch.db", "floorwatch.db-wal", "floorwatch.db-shm"):
            (tmp_path / name).rename(tmp_path / f"old-{name}")
        if how == "replaced":
            copyfile(tmp_path / "old-floorwatch.db", tmp_path / "floorwatch.db")

    with capture_logs() as logs:
        async with at_work(place, floor) as clerk:
            await becomes(lambda: clerk.up is True and nothing_waits(floor))
            await asyncio.to_thread(take_away)
            floor.chronicle.details.append(AgentSpan("zoe", T0, T0 + 1, "floor", "talk", None, ""))
            await becomes(lambda: clerk.up is True and nothing_waits(floor))
    assert await found(place, lambda reader: [span.person for span in reader.spans(T0, T0 + 1, person="zoe")]) == ["zoe"]
    (warning,) = [entry for entry in logs if entry["log_level"] == "warning"]
    assert warning["problem"].startswith(f"{place.shown}: was removed or replaced while it was open; ")
    assert [entry["event"] for entry in logs if entry["log_level"] == "info"] == ["the store is back"]


async def test_a_place_that_may_not_be_written_to_at_the_start_is_only_a_store_that_is_down(tmp_path: Path) -> None:
    folder = tmp_path / "no" / "such"
    async with at_work(Place(f"sqlite:///{folder}/floorwatch.db"), lived(1)) as clerk:
        await becomes(lambda: clerk.up is False)
        await asyncio.to_thread(folder.parent.mkdir)
        await becomes(lambda: clerk.up is True)


async def test_a_database_that_hangs_holds_nobody_up(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hanging = threading.Event()

    def slow(opened: Opened, batch: Batch) -> int:
        hanging.wait(PATIENCE_S)
        return writer.write(opened.connection, batch)

    monkeypatch.setattr(clerks, "PATIENCE_S", 0.05)
    monkeypatch.setattr(clerks, "write", lambda connection, batch: slow(Opened(place, connection.engine, connection), batch))
    floor = lived(7)
    async with at_work(place, floor) as clerk:
        await becomes(lambda: clerk.up is False)  # so the loop has run meanwhile
        assert floor.chronicle.details.records
        hanging.set()
        await becomes(lambda: clerk.up is True and nothing_waits(floor))
    assert await found(place, everything) == await wanted(tmp_path, 7)


async def test_the_end_waits_for_a_dead_database_no_longer_than_it_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clerks, "FLUSH_S", 0.05)
    never = threading.Event()
    monkeypatch.setattr(clerks, "write", lambda *_: never.wait(PATIENCE_S))
    with capture_logs() as logs:
        async with at_work(Place(f"sqlite:///{tmp_path}/floorwatch.db"), lived(2)):
            await asyncio.sleep(0)
    (warning,) = [entry for entry in logs if entry["log_level"] == "warning"]
    assert warning["event"] == "the store is not complete"
    assert warning["waiting"] > 0
    never.set()


async def test_too_much_detail_drops_the_oldest_and_says_so_minutes_stay(place: Place) -> None:
    floor = lived(5)
    floor.chronicle.details.limit = 10
    for at in range(10):
        floor.chronicle.details.append(AgentSpan("zoe", at, at + 1, "floor", "talk", None, ""))
    lost = floor.chronicle.details.dropped
    assert lost == 10
    async with at_work(place, floor) as clerk:
        await becomes(lambda: clerk.up is True and nothing_waits(floor))
        assert clerk.dropped == lost
    assert len(await found(place, lambda reader: reader.spans(0, FAR, person="zoe"))) == 10
    minutes = {minute: tuple(sums) for minute, sums in floor.ledger.projects["bank"].minutes.items()}
    assert (await found(place, books))["project", "bank"] == minutes


async def test_a_mistake_in_the_store_costs_the_store_not_the_figures(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> int:
        raise KeyError("epoch")

    monkeypatch.setattr(clerks, "write", broken)
    with capture_logs() as logs:
        async with at_work(place, lived(1)) as clerk:
            await becomes(lambda: clerk._failures > 2)
            assert clerk.up is False
    assert logs[0]["problem"] == f"{place.shown}: KeyError: 'epoch'; report this"


async def test_a_plan_is_kept(place: Place) -> None:
    floor = lived(1)
    async with at_work(place, floor) as clerk:
        clerk.plan(PlanVersion("working", 5, "plan.csv", "start", "floorwatch", "x", zlib.compress(b"abc")))
        await becomes(lambda: clerk.up is True and not clerk._plans)
    assert [(plan.since, plan.text) for plan in await found(place, lambda reader: list(reader.plans()))] == [(5, "abc")]


async def test_what_belongs_to_a_plan_does_not_hide_that_it_has_not_changed(place: Place) -> None:
    floor = lived(1)
    clerk = Clerk(place, 1200, lambda: floor, lambda: floor.now)
    for since in (1, 2):
        for kind in ("working", "scales"):
            clerk.plan(PlanVersion.of(kind, since, "plan.csv", "reload", "floorwatch", kind.encode()))
    assert [(plan.kind, plan.since) for plan in clerk._plans] == [("working", 1), ("scales", 1)]


async def test_plans_that_nobody_can_take_do_not_fill_the_memory(place: Place) -> None:
    floor = lived(1)
    clerk = Clerk(place, 1200, lambda: floor, lambda: floor.now)
    for since in range(clerks.PLANS + 3):
        for again in (0, 1):
            clerk.plan(PlanVersion("working", since + again, "plan.csv", "reload", "floorwatch", f"{since}", zlib.compress(b"abc")))
    assert [plan.since for plan in clerk._plans] == list(range(3, clerks.PLANS + 3))
    assert clerk.dropped == 3


async def test_what_is_dropped_while_the_database_takes_its_time_is_counted(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, goes_on = threading.Event(), threading.Event()

    def slow(connection: Connection, batch: Batch) -> int:
        asked.set()
        goes_on.wait(PATIENCE_S)
        return write(connection, batch)

    monkeypatch.setattr(clerks, "write", slow)
    async with at_work(place, lived(1)) as clerk:
        await becomes(asked.is_set)
        for since in range(clerks.PLANS + 3):
            clerk.plan(PlanVersion("working", since, "plan.csv", "reload", "floorwatch", f"{since}", zlib.compress(b"abc")))
        goes_on.set()
        await becomes(lambda: clerk.up is True)
        assert clerk.dropped == 3


# --- what is old ----------------------------------------------------------------------------------------------------------------------


def test_what_is_old_goes_in_pieces_and_the_rest_stays(place: Place) -> None:
    with made(place) as opened:
        one = MinuteTold("project", "bank", 0, 0, (1,) * len(Cell), 0)
        write(opened.connection, Batch(0, minutes=[replace(one, minute=at * MINUTE) for at in range(25)]))
        write(opened.connection, Batch(0, details=[AgentSpan("ann", at * MINUTE, (at + 1) * MINUTE, "floor", "talk", None, "") for at in range(25)]))
        write(opened.connection, Batch(0, details=[RingNoAnswer("ann", at * MINUTE, "pbx1", "1.1", "bank", "bank", "floor") for at in range(25)]))
        pieces = 0
        while age(opened.connection, 20 * MINUTE, piece=4):
            pieces += 1
        reader = Reader(opened)
        assert [sums.start for sums in reader.minutes("project", "bank", 0, FAR)] == [at * MINUTE for at in range(20, 25)]
        assert [span.start for span in reader.spans(0, FAR)] == [at * MINUTE for at in range(19, 25)]  # the first of them ends at the border
        assert [ring.at for ring in reader.ring_no_answers(0, FAR)] == [at * MINUTE for at in range(20, 25)]
        assert pieces == 5 + 5 + 5 + 1


async def test_the_clerk_deletes_once_a_day(place: Place) -> None:
    floor = lived(1)
    floor.chronicle.details.append(AgentSpan("zoe", T0 - 1202 * DAY, T0 - 1201 * DAY, "floor", "talk", None, ""))
    async with at_work(place, floor) as clerk:
        await becomes(lambda: clerk._aged_at is not None)
    spans = await found(place, lambda reader: reader.spans(0, FAR))
    assert {span.person for span in spans} >= {"1", "pbx1/PJSIP/bob"}
    assert "zoe" not in {span.person for span in spans}
