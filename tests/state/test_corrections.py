"""Corrections in the store: found by when they became known, and by what they are about, which earlier versions did not keep."""

from __future__ import annotations

from pathlib import Path

from monitor.core.chronicle import Corrected
from monitor.state.store import migrations, schema
from monitor.state.store.place import Place
from monitor.state.store.reader import Reader
from monitor.state.store.writer import Batch, write
from tests.state.keeping import made


def correction(known: int, about: int, project: str = "bank-line") -> Corrected:
    return Corrected(known, "pbx1", project, "visit", f"1.{known}", "unresolved", "answered", "queue_log says so", about, "queue_log")


def test_they_are_found_by_what_they_are_about(tmp_path: Path) -> None:
    told = [correction(100, 10), correction(200, 20), correction(300, 30), correction(200, 20, "shop-line")]
    with made(Place(f"sqlite:///{tmp_path}/store.db")) as opened:
        write(opened.connection, Batch(1, details=told))
        reader = Reader(opened)
        assert reader.corrections_about("bank-line", 10, 30, 0) == told[:2]
        assert reader.corrections_about("bank-line", 10, 30, 101) == [told[1]]
        assert reader.corrections(100, 200) == [told[0]]


def test_those_of_a_store_of_before_are_about_when_they_became_known(tmp_path: Path) -> None:
    place = Place(f"sqlite:///{tmp_path}/store.db")
    with made(place) as opened, opened.connection.begin():
        for name in ("about_at", "who"):
            opened.connection.exec_driver_sql(f"ALTER TABLE corrections DROP COLUMN {name}")
        schema.closings.drop(opened.connection)
        opened.connection.exec_driver_sql("INSERT INTO corrections VALUES (1, 0, 100, 'pbx1', 'bank-line', 'visit', '1.1', 'unresolved', 'answered', 'why')")
        opened.connection.execute(schema.meta.update().where(schema.meta.c.key == migrations.SCHEMA).values(value="3"))
    with made(place) as opened:
        reader = Reader(opened)
        assert reader.corrections_about("bank-line", 100, 101, 0) == [
            Corrected(100, "pbx1", "bank-line", "visit", "1.1", "unresolved", "answered", "why", 100, "")
        ]
