"""A daemon whose state is new has the days of its billing period from the store."""

from __future__ import annotations

import asyncio
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from monitor.bygone import recall
from monitor.clock import Clock
from monitor.core.contract import MINUTE, Contract, Group
from monitor.core.floor import Floor
from monitor.core.pay import Pay, Wage
from monitor.core.snapshot import Cell
from monitor.core.tariff import PerCall, Tariff
from monitor.engine import Engine
from monitor.plan.plan import EMPTY
from monitor.state.store import migrations
from monitor.state.store.place import Place
from tests.core.scene import T0, project
from tests.state.keeping import bring, made

DAY = 24 * 60 * MINUTE
CONTRACT = Contract(
    groups=(Group("floor"),),
    projects=(project("bank", tariffs=(Tariff(date(2020, 1, 1), per_call=PerCall(Decimal("2.50"))),)),),
    pay=Pay((Wage(Decimal(180), group="floor"),)),
)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A store of three days, with a call on each."""
    place = Place(f"sqlite:///{tmp_path}/floorwatch.db")
    floor = Floor(CONTRACT, T0 - 3 * DAY)
    floor.keep()
    with made(place) as opened:
        for day in (3, 2, 1, 0):
            floor.advance(T0 - day * DAY)
            floor.ledger.projects["bank"].add_all(floor.now, [(int(Cell.BILLED), 1), (int(Cell.REVENUE_U), 2_500_000)])
            floor.advance(floor.now + 60 * MINUTE)
            bring(floor, opened, until=floor.now)
    return place


def engine() -> Engine:
    return Engine(CONTRACT, EMPTY, Clock())


def test_the_days_before_are_those_of_the_store(place: Place) -> None:
    one = engine()
    one.keeping.floor = Floor(CONTRACT, T0)
    asyncio.run(recall(one, place))
    book = one.floor.ledger.projects["bank"]
    assert {day: row[Cell.BILLED] for day, row in book.days.items()} == {book.date - ago: 1 for ago in (1, 2, 3)}
    asyncio.run(recall(one, place))
    assert all(row[Cell.BILLED] == 1 for row in book.days.values()), "once"


def test_what_the_floor_knows_itself_stays(place: Place) -> None:
    one = engine()
    one.keeping.floor = floor = Floor(CONTRACT, T0 - DAY)
    floor.advance(T0)
    asyncio.run(recall(one, place))
    book = floor.ledger.projects["bank"]
    assert book.days[book.date - 1][Cell.BILLED] == 0, "it was there, and nobody called"


def test_without_a_store_the_period_begins_now(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = engine()
    asyncio.run(recall(one, Place(f"sqlite:///{tmp_path}/none.db")))
    (tmp_path / "text").write_text("no database at all, and long enough to see that\n" * 20)
    with closing(asyncio.Runner()) as runner:
        runner.run(recall(one, Place(f"sqlite:///{tmp_path}/text")))
    assert one.floor.ledger.projects["bank"].days == {}
    assert "the days before are not known" in capsys.readouterr().out


MONEY = {
    "project_minutes": ("billed", "billed_s", "revenue_u", "connected_us", "plan_agent_us", "results", "results_u"),
    "project_intervals": ("billed", "billed_s", "revenue_u", "connected_us", "plan_agent_us", "results", "results_u"),
    "group_minutes": ("labour", "unpriced_us"),
    "group_intervals": ("labour", "unpriced_us"),
    "contacts": ("queue", "agent", "talk_us", "hold_us", "connected_us", "exempt", "digits"),
}


def test_days_that_were_kept_before_money_was_are_not_remembered_as_days_without_any(place: Place) -> None:
    with place.open(alone=True) as opened, opened.connection.begin():
        for table, names in MONEY.items():
            for name in names:
                opened.connection.exec_driver_sql(f"ALTER TABLE {table} DROP COLUMN {name}")
        for table in ("results", "closings"):
            opened.connection.exec_driver_sql(f"DROP TABLE {table}")
        opened.connection.exec_driver_sql("UPDATE meta SET value='3' WHERE key='schema'")
        migrations.migrate(opened.connection, place.shown)
    one = engine()
    one.keeping.floor = Floor(CONTRACT, T0)
    asyncio.run(recall(one, place))
    assert one.floor.ledger.projects["bank"].days == {}, "nobody knows what they brought"
