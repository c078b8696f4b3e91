"""Records in a real MariaDB and a real PostgreSQL say who was called as Master.csv does; one that cannot be had is one line, and costs nobody anything."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.exc import DBAPIError

from monitor.core.contract import SECOND
from monitor.errors import LogUnreadable
from monitor.sources import cdr_base
from monitor.sources.cdr_base import Base, Question
from monitor.sources.cdr_called import CalledRecord, called
from tests.lab.bases import EXACT, KYIV, MYSQL, POSTGRESQL, fill, lines_of, make
from tests.lab.mariadb import PASSWORD, Mariadb, mariadb
from tests.lab.postgresql import Postgresql, postgresql

pytestmark = pytest.mark.lab
CAPTURES = Path(__file__).parents[1] / "scenarios" / "captures"
FILES = sorted((*CAPTURES.glob("out-22/*.cdr"), *CAPTURES.glob("mixed-out-*/Master.csv")))
MIXED = CAPTURES / "mixed-out-22" / "Master.csv"
SINCE, UNTIL = 1_796_000_000 * SECOND, 1_796_300_000 * SECOND  # all of them are of these days


@pytest.fixture(scope="module")
def my() -> Iterator[Mariadb]:
    with mariadb() as one:
        yield one


@pytest.fixture(scope="module")
def pg() -> Iterator[Postgresql]:
    with postgresql() as one:
        yield one


def asked(url: str, password: str = "", since: int = SINCE, until: int = UNTIL) -> Question:
    return Question(Base(url, password), "pbx1", KYIV, since, until)


def close(one: CalledRecord, other: CalledRecord) -> bool:
    """FreePBX keeps whole seconds of lengths, Master.csv those of times: the end and the answer may be a second apart, and how long he was up."""
    ends = abs(one.ended_at - other.ended_at), abs((one.taken_at or 0) - (other.taken_at or 0))
    return max(ends) <= SECOND and one._replace(taken_at=None, ended_at=0) == other._replace(taken_at=None, ended_at=0)


def ordered(records: list[CalledRecord]) -> list[CalledRecord]:
    """By channel too: a table has no order within a second."""
    return sorted(records, key=lambda one: (one.at, one.channel))


def full(url: str, table: str, file: Path, zone: ZoneInfo = KYIV) -> None:
    """A new table with one Master.csv in it."""
    engine = make(url, table)
    fill(engine, table, lines_of(file), zone)
    engine.dispose()


@pytest.mark.parametrize("table", [*MYSQL, *POSTGRESQL])
def test_a_table_says_what_the_file_says_to_the_record(my: Mariadb, pg: Postgresql, table: str) -> None:
    url = my.url() if table in MYSQL else pg.url
    count, engine = 0, make(url, table)
    files = FILES if table in ("freepbx", "timestamp") else FILES[:2] + FILES[2::4]  # the two are mixed
    for file in files:
        fill(engine, table, lines_of(file))
        got, told = ordered(cdr_base.called(asked(url))), ordered(called(file, "pbx1", KYIV, SINCE, UNTIL))
        assert len(got) == len(told), file
        assert got == told if table in EXACT else all(map(close, got, told)), file
        count += len(got)
    assert count > 120
    engine.dispose()


def test_by_freepbxs_lengths_a_mixed_recording_has_the_contacts_that_there_were(my: Mariadb) -> None:
    for version in (16, 22):
        folder = CAPTURES / f"mixed-out-{version}"
        full(my.url(), "freepbx", folder / "Master.csv")
        records = [one for one in cdr_base.called(asked(my.url())) if one.dial.device.startswith("PJSIP/trunk") and one.queue in ("", "sales")]
        truth = json.loads((folder / "truth.json").read_text())["projects"].values()
        up = [one.ended_at - one.taken_at for one in records if one.taken_at is not None]
        assert (len(records), sum(us >= 8 * SECOND for us in up)) == tuple(sum(project[word] for project in truth) for word in ("attempts", "contacts"))


def test_a_long_answer_comes_page_by_page(my: Mariadb, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page ends between two seconds; where a second has more than a page holds there is no end, which is said."""
    full(my.url(), "times", MIXED)
    whole = cdr_base.called(asked(my.url()))
    monkeypatch.setattr(cdr_base, "PAGE", 11)
    assert ordered(cdr_base.called(asked(my.url()))) == ordered(whole)
    monkeypatch.setattr(cdr_base, "MOST", 40)
    with pytest.raises(LogUnreadable, match="more than 40 rows of that time"):
        cdr_base.called(asked(my.url()))
    monkeypatch.setattr(cdr_base, "PAGE", 2)
    with pytest.raises(LogUnreadable, match="rows of that time"):
        cdr_base.called(asked(my.url()))


@pytest.mark.parametrize("table", [*MYSQL, *POSTGRESQL])
@pytest.mark.parametrize("zone", [KYIV, ZoneInfo("UTC")])
def test_only_what_ended_in_the_time_that_is_asked_for(my: Mariadb, pg: Postgresql, table: str, zone: ZoneInfo) -> None:
    """Whatever the clock is that the times were written by."""
    url = my.url() if table in MYSQL else pg.url
    full(url, table, CAPTURES / "out-22" / "answered.cdr", zone)
    (record,) = cdr_base.called(asked(url))
    assert record.at == 1_796_142_697 * SECOND
    end = record.ended_at
    assert [len(cdr_base.called(asked(url, since=since, until=until))) for since, until in ((end, end), (end + 1, UNTIL), (SINCE, end - 1))] == [1, 0, 0]


async def test_the_process_that_asks_may_read_and_no_more(my: Mariadb) -> None:
    await asyncio.to_thread(full, my.url(), "freepbx", MIXED)
    records = await cdr_base.ask(asked(my.url("reader"), PASSWORD))
    assert records == await asyncio.to_thread(cdr_base.called, asked(my.url()))
    await asyncio.to_thread(cdr_base.check, Base(my.url("reader"), PASSWORD))


def test_it_cannot_write_even_where_it_may(my: Mariadb, pg: Postgresql) -> None:
    for url, table, refusal in ((my.url(), "freepbx", "READ ONLY"), (pg.url, "timestamp", "read-only")):
        full(url, table, MIXED)
        with cdr_base._connected(Base(url)) as connection, pytest.raises(DBAPIError, match=refusal):
            connection.exec_driver_sql("DELETE FROM cdr")


async def test_the_process_asks_a_postgresql_too(pg: Postgresql) -> None:
    await asyncio.to_thread(full, pg.url, "timestamp", MIXED)
    assert ordered(await cdr_base.ask(asked(pg.url))) == ordered(await asyncio.to_thread(called, MIXED, "pbx1", KYIV, SINCE, UNTIL))


def said(base: Base) -> str:
    with pytest.raises(LogUnreadable) as refused:
        cdr_base.check(base)
    assert "\n" not in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert PASSWORD not in str(refused.value)
    return str(refused.value)


def test_what_a_mariadb_refuses_is_one_line_with_the_way_out(my: Mariadb) -> None:
    full(my.url(), "freepbx", MIXED)
    where, user = f"mysql://reader@127.0.0.1:{my.port}/asteriskcdrdb", f"mysql://reader:hunter2@127.0.0.1:{my.port}/asteriskcdrdb"
    wrong = (
        f"{where}: Access denied for user 'reader'@'127.0.0.1' (using password: YES); correct the user, or the password by cdr_secret_file, and GRANT SELECT"
    )
    assert said(Base(user)).startswith(wrong)
    assert said(Base(where, "hunter2")).startswith(wrong)
    assert said(Base(f"{where}?table=calls", PASSWORD)) == (
        f"{where}: Table 'asteriskcdrdb.calls' doesn't exist; name the table of CDRs: ?table=… at the end of cdr"
    )
    assert said(Base(f"{where}?table=mysql.user", PASSWORD)) == (
        f"{where}: SELECT command denied to user 'reader'@'127.0.0.1' for table `mysql`.`user`; GRANT SELECT on the table to the user"
    )
    assert "table mysql.user has no column start, duration, channel" in said(Base(my.url(table="mysql.user")))
    assert said(Base(f"{my.url()}?fast=1")).endswith("unexpected keyword argument 'fast'; take it out of the address in cdr")
    assert "Unknown database 'asteriskcdrdb2'; correct the database in cdr" in said(Base(f"{my.url()}2"))


def test_what_a_postgresql_refuses_is_one_line_with_the_way_out(pg: Postgresql) -> None:
    where = f"postgresql+psycopg://floorwatch@127.0.0.1:{pg.port}/postgres"
    no_table = f'{where}: relation "calls" does not exist; name the table of CDRs: ?table=… at the end of cdr'
    assert said(Base(f"{pg.url}?table=calls")) == no_table
    assert said(Base(f"{pg.url}2", "hunter2")).endswith('database "postgres2" does not exist; correct the database in cdr')
    assert said(Base("postgresql+psycopg://u:hunter2@127.0.0.1:1/x")).endswith("start the server, let this machine reach it, or correct host and port in cdr")


def test_a_dead_host_is_waited_for_no_longer_than_is_agreed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody takes the connection: the queue of whoever listens is full. psycopg waits two seconds at least."""
    assert {arguments["connect_timeout"] for arguments in cdr_base.ARGUMENTS.values()} == {5}
    monkeypatch.setattr(cdr_base, "ARGUMENTS", {kind: {**arguments, "connect_timeout": 2} for kind, arguments in cdr_base.ARGUMENTS.items()})
    with ExitStack() as open_:
        dead = open_.enter_context(socket.socket())
        dead.bind(("127.0.0.1", 0))
        dead.listen(0)
        port = dead.getsockname()[1]
        for _ in range(4):
            filler = open_.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        with ThreadPoolExecutor() as pool:
            bases = [Base(f"{kind}://u:hunter2@127.0.0.1:{port}/x") for kind in ("mysql", "postgresql+psycopg")]
            mysql, postgres = pool.map(said, bases)
    assert mysql == f"mysql://u@127.0.0.1:{port}/x: Can't connect to MySQL server on '127.0.0.1' (timed out); {cdr_base.REACH}"
    assert postgres.startswith(f"postgresql+psycopg://u@127.0.0.1:{port}/x: ")
    assert postgres.endswith(cdr_base.REACH)


async def test_a_database_that_stands_still_costs_the_loop_nothing(my: Mariadb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cdr_base, "PATIENCE_S", 1.0)
    with my.frozen():
        asking, turns = asyncio.create_task(cdr_base.ask(asked(my.url()))), 0
        while not asking.done():
            await asyncio.sleep(0.01)
            turns += 1
        with pytest.raises(LogUnreadable, match=r"asteriskcdrdb: was not read within 1 s; is the server well\?"):
            await asking
    assert turns > 20
