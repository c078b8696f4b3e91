"""Incidents that people told, in the store."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import inspect

from monitor.core.chronicle import IncidentTold
from monitor.core.contract import MINUTE
from monitor.core.incident_log import IncidentClosed, IncidentOpened
from monitor.core.incidents import Incident, IncidentKind, Scope
from monitor.errors import StoreUnusable
from monitor.keeping import Keeping
from monitor.plan.plan import EMPTY
from monitor.state.store import migrations, schema
from monitor.state.store.place import Place
from monitor.state.store.reader import Reader
from tests.core.scene import T0
from tests.core.worlds import CONTRACT
from tests.state.keeping import bring, made

RAID = Incident("", IncidentKind.AIR_RAID, Scope.of("group:floor"), T0 + MINUTE, recovery_us=20 * MINUTE, note="siren", who="olena")
TOLD = IncidentTold("1", "air_raid", "group:floor", T0 + MINUTE, None, 20 * MINUTE, "siren", "olena", "")


def keeping() -> Keeping:
    one = Keeping(CONTRACT, EMPTY, T0)
    one.floor.keep()
    one.hear(IncidentOpened("", T0 + MINUTE, RAID))
    return one


def test_one_that_lasts_and_is_closed_later_is_one_row(tmp_path: Path) -> None:
    one = keeping()
    with made(Place(f"sqlite:///{tmp_path}/store.db")) as opened:
        reader = Reader(opened)
        bring(one.floor, opened)
        assert reader.incidents(T0, T0 + 60 * MINUTE) == [TOLD]
        one.hear(IncidentClosed("", T0 + 30 * MINUTE, "1", "petro"))
        bring(one.floor, opened, lost=True)
        bring(one.floor, opened)
        assert reader.incidents(T0, T0 + 60 * MINUTE) == [TOLD._replace(until=T0 + 30 * MINUTE, closed_by="petro")]


def test_it_is_found_by_any_part_of_it_and_of_its_recovery(tmp_path: Path) -> None:
    one = keeping()
    one.hear(IncidentClosed("", T0 + 30 * MINUTE, "1", ""))
    with made(Place(f"sqlite:///{tmp_path}/store.db")) as opened:
        bring(one.floor, opened)
        reader = Reader(opened)
        found = {minute: bool(reader.incidents(T0 + minute * MINUTE, T0 + (minute + 1) * MINUTE)) for minute in (0, 1, 30, 49, 50)}
        assert found == {0: False, 1: True, 30: True, 49: True, 50: False}


def test_what_is_refused_is_nowhere(tmp_path: Path) -> None:
    one = keeping()
    one.hear(IncidentOpened("", T0 + 2 * MINUTE, RAID))  # it is open already
    with made(Place(f"sqlite:///{tmp_path}/store.db")) as opened:
        bring(one.floor, opened)
        assert len(Reader(opened).incidents(T0, T0 + 60 * MINUTE)) == 1


def test_a_store_of_before_gets_the_table(tmp_path: Path) -> None:
    place = Place(f"sqlite:///{tmp_path}/store.db")
    with made(place) as opened, opened.connection.begin():
        schema.incidents.drop(opened.connection)
        opened.connection.execute(schema.meta.update().where(schema.meta.c.key == migrations.SCHEMA).values(value="2"))
    with made(place) as opened:
        with opened.connection.begin():
            assert inspect(opened.connection).has_table("incidents")
            assert migrations.version(opened.connection) == len(migrations.STEPS)
        assert Reader(opened).incidents(0, T0) == []


def test_a_store_of_before_that_nobody_has_migrated_says_so_in_one_line(tmp_path: Path) -> None:
    place = Place(f"sqlite:///{tmp_path}/store.db")
    with made(place) as opened, opened.connection.begin():
        schema.incidents.drop(opened.connection)
    with pytest.raises(StoreUnusable, match="incidents"):
        Reader.of(place).incidents(0, T0)
