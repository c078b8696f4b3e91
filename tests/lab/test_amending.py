"""What is put right by hand in a real PostgreSQL: one after the other, whoever comes at once, and beside a daemon that writes to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from monitor.errors import StoreUnusable
from monitor.state.store import forgetting, migrations, schema
from monitor.state.store import place as places
from monitor.state.store.place import Place
from monitor.state.store.reader import Reader
from tests.lab.postgresql import Postgresql, postgresql
from tests.reporting.asking import billing, correct_call, correct_hours, id_of, payroll, table, worked
from tests.reporting.centre import Centre, call, seen
from tests.reporting.taker import at_once
from tests.state.keeping import made
from tests.state.test_ahead import at_one_moment
from tests.state.test_amending import HOUR, kept, one_after_the_other, put

pytestmark = pytest.mark.lab


@pytest.fixture
def server() -> Iterator[Postgresql]:
    with postgresql() as one:
        yield one


def test_two_at_once_come_one_after_the_other(server: Postgresql) -> None:
    with made(Place(server.url)):
        pass
    one_after_the_other(Place(server.url))


def test_questions_of_a_moment_are_answered_of_one(server: Postgresql) -> None:
    place = Place(server.url)
    with made(place), closing(Reader.of(place)) as reader:
        at_one_moment(reader)


def test_hours_and_calls_beside_a_daemon(server: Postgresql, tmp_path: Path) -> None:
    centre = Centre(tmp_path, url=server.url)
    centre.store([call("bank-line", "2026-11-02 09:00:00"), worked("2026-11-02")], seen("bank-line", "2026-11-01", 30))
    with centre.place.open(alone=True):
        done, *refused = at_once(centre, "-2000", 3)
        assert done == "7, 2026-11-02, bank-line, regular: 1600 s, was 3600 s; corrected by olha"
        assert refused == ["refused: --seconds -2000: 7, 2026-11-02, bank-line, regular: has 1600 s; take away that many at most"] * 2
        correct_hours(centre, "0.5", project="", kind="night")
        correct_call(centre, id_of("2026-11-02 09:00:00"), exempt="test")
    assert [(row["seconds"], row["corrections"]) for row in table(payroll(centre), "payroll")] == [("0.5", 1), (1600, 1)]
    assert table(billing(centre), "excluded_bank-line") == [{"why": "test call", "calls": 1}]
    assert forgetting.forget(centre.place, "7")["amendments"] == 2
    assert all(row["employee_id"].startswith("forgotten-") for row in table(payroll(centre), "payroll"))


def test_a_store_of_before_gets_the_table(server: Postgresql) -> None:
    place = Place(server.url)
    with made(place) as opened, opened.connection.begin():
        schema.amendments.drop(opened.connection)
        opened.connection.execute(schema.meta.update().where(schema.meta.c.key == migrations.SCHEMA).values(value="4"))
    with made(place):
        pass
    put(place, HOUR)
    assert kept(place) == [HOUR._replace(number=1)]


def test_a_store_that_somebody_holds_is_one_line(server: Postgresql, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(places.SERVER, "options", "-c lock_timeout=100")
    place = Place(server.url)
    with made(place) as opened, opened.connection.begin():
        opened.connection.exec_driver_sql("LOCK TABLE amendments IN SHARE ROW EXCLUSIVE MODE")
        with pytest.raises(StoreUnusable) as caught:
            put(place, HOUR)
    assert str(caught.value) == f"{place.shown}: canceling statement due to lock timeout; end what else writes to it"
    assert kept(place) == []
