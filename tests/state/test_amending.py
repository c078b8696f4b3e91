"""What is put right by hand, in the store: only ever added to, one after the other, and gone with what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import date
from functools import partial
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import inspect

from monitor.core.amendment import CALL, HOURS, Amendment
from monitor.core.contract import MINUTE
from monitor.errors import BadOption, StoreUnusable
from monitor.state.store import forgetting, migrations, schema
from monitor.state.store import place as places
from monitor.state.store.ageing import age
from monitor.state.store.amending import add
from monitor.state.store.backup import backup, restore
from monitor.state.store.closing import PAYROLL, read
from monitor.state.store.place import Place
from monitor.state.store.reader import Reader
from tests.state.keeping import FAR, made

HOUR = Amendment(0, 100, 50, "olha", "she forgot to log in", HOURS, "bank-line", "0", "60", "ann", "2026-11-02", "regular", 60 * 1_000_000)
TEST = Amendment(0, 200, 60, "olha", "we called it", CALL, "bank-line", "billed", "test", pbx="pbx1", call="1.1")


def put(place: Place, *drafts: Amendment) -> list[Amendment]:
    """As they are, whatever there was."""
    return [add(place, draft, partial(_as_it_is, draft)) for draft in drafts]


def _as_it_is(draft: Amendment, _: Sequence[Amendment]) -> Amendment:
    return draft


def kept(place: Place) -> list[Amendment]:
    reader = Reader.of(place)
    try:
        return reader.amendments(0, FAR)
    finally:
        reader.close()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    where = Place(f"sqlite:///{tmp_path}/floorwatch.db")
    with made(where):
        pass
    return where


def test_they_are_numbered_and_read_as_they_were_made(place: Place) -> None:
    done = put(place, HOUR, TEST, HOUR._replace(time_us=-1))
    assert [one.number for one in done] == [1, 2, 3]
    assert kept(place) == done
    assert done[1] == TEST._replace(number=2)


def test_each_is_decided_on_all_that_was_put_right_of_the_day_or_the_call_before(place: Place) -> None:
    others = (TEST, HOUR._replace(person="bob"), HOUR._replace(day="2026-11-03"), HOUR._replace(project=""), HOUR._replace(kind="night"))
    put(place, HOUR, *others, HOUR._replace(time_us=5))
    put(place, TEST._replace(pbx="pbx2"), TEST._replace(call="1.2"), TEST._replace(project="shop-line"), TEST._replace(now="billed"))
    seen: list[list[tuple[int, int, str]]] = []

    def settle(before: Sequence[Amendment]) -> Amendment:
        seen.append([(one.number, one.time_us, one.now) for one in before])
        return HOUR

    add(place, HOUR._replace(why="another", who="ann", made_at=900, was="7", now="8"), settle)
    add(place, TEST, settle)
    assert seen == [[(number, 5 if number == 7 else HOUR.time_us, "60") for number in (1, 5, 6, 7)], [(2, 0, "test"), (10, 0, "test"), (11, 0, "billed")]]


def test_what_is_refused_is_nowhere(place: Place) -> None:
    def refuse(_: Sequence[Amendment]) -> Amendment:
        raise BadOption("no")

    with pytest.raises(BadOption, match=r"^no$"):
        add(place, HOUR, refuse)
    assert kept(place) == []


def one_after_the_other(place: Place) -> None:
    """While one is being decided nobody else decides: he waits, and then knows of it."""
    inside, entered, go = Event(), Event(), Event()
    second: list[Sequence[Amendment]] = []

    def first(_: Sequence[Amendment]) -> Amendment:
        inside.set()
        assert go.wait(10)
        return HOUR

    def later(before: Sequence[Amendment]) -> Amendment:
        second.append(before)
        entered.set()
        return HOUR._replace(time_us=-1)

    threads = [Thread(target=add, args=(place, HOUR, first)), Thread(target=add, args=(place, HOUR, later))]
    threads[0].start()
    assert inside.wait(10)
    threads[1].start()
    assert not entered.wait(0.3)
    go.set()
    for thread in threads:
        thread.join(10)
    assert second == [[HOUR._replace(number=1)]]
    assert [one.number for one in kept(place)] == [1, 2]


def test_two_at_once_come_one_after_the_other(place: Place) -> None:
    one_after_the_other(place)


def test_beside_a_daemon_that_has_the_store_open(place: Place) -> None:
    with place.open(alone=True):
        put(place, HOUR)
    assert len(kept(place)) == 1


# --- what is asked of them ------------------------------------------------------------------------------------------------------------


def test_they_are_found_by_day_project_and_when(place: Place) -> None:
    hours = [HOUR._replace(day=day, about_at=at, made_at=1_000) for day, at in (("2026-10-31", 10), ("2026-11-01", 20), ("2026-11-30", 30), ("2026-12-01", 40))]
    calls = [TEST._replace(made_at=2_000), TEST._replace(project="shop-line", made_at=3_000)]
    put(place, *hours, *calls)
    reader = Reader.of(place)
    try:
        assert [one.day for one in reader.amended_hours(date(2026, 11, 1), date(2026, 11, 30))] == ["2026-11-01", "2026-11-30"]
        assert [one.number for one in reader.amended_calls("bank-line")] == [5]
        assert [one.number for one in reader.amendments(20, 40)] == [2, 3]
        assert [one.number for one in reader.amendments(1_000, 2_001)] == [1, 2, 3, 4, 5]
        assert reader.amendments(3_001, FAR) == []
    finally:
        reader.close()


# --- the store they are in ------------------------------------------------------------------------------------------------------------


def schema_of(place: Place, number: int) -> None:
    with place.open() as opened, opened.connection.begin():
        opened.connection.execute(schema.meta.update().where(schema.meta.c.key == migrations.SCHEMA).values(value=str(number)))


def test_a_store_of_before_gets_the_table_and_takes_none_until_then(place: Place) -> None:
    with place.open() as opened, opened.connection.begin():
        schema.amendments.drop(opened.connection)
        opened.connection.exec_driver_sql("ALTER TABLE closings DROP COLUMN amended_to")
        columns = "month, scope, number, closed_at, who, why, act, people, archive"
        of_before = f"INSERT INTO closings ({columns}) VALUES ('2026-10', 'payroll', 1, 7, 'ann', '', 'close', '[]', '')"
        opened.connection.exec_driver_sql(of_before)
    schema_of(place, 4)
    with pytest.raises(StoreUnusable, match=r"floorwatch\.db: is of an earlier version, or empty; run the daemon on it once$"):
        put(place, HOUR)
    with made(place) as opened, opened.connection.begin():
        assert inspect(opened.connection).has_table("amendments")
        assert migrations.version(opened.connection) == len(migrations.STEPS)
    put(place, HOUR)
    assert kept(place) == [HOUR._replace(number=1)]
    with closing(Reader.of(place)) as reader:
        assert [act.amended_to for act in read(reader, "2026-10", PAYROLL)] == [0]  # so what was put right since is listed beside it


def test_a_store_of_a_later_version_takes_none(place: Place) -> None:
    schema_of(place, 99)
    said = rf"has schema 99, this version knows {len(migrations.STEPS)}; run the newer floorwatch, or name another store$"
    with pytest.raises(StoreUnusable, match=said):
        put(place, HOUR)


def test_a_store_that_somebody_holds_is_one_line(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "BUSY_S", 0.05)
    with (
        place.open() as opened,
        opened.connection.begin(),
        pytest.raises(StoreUnusable, match=r"floorwatch\.db: database is locked; end what else writes to it$"),
    ):
        put(place, HOUR)
    assert kept(place) == []


def test_they_go_with_what_they_are_about(place: Place) -> None:
    put(place, HOUR._replace(about_at=10 * MINUTE, made_at=90 * MINUTE), HOUR._replace(about_at=30 * MINUTE, made_at=90 * MINUTE))
    with made(place) as opened:
        while age(opened.connection, 20 * MINUTE):
            pass
    assert [one.about_at for one in kept(place)] == [30 * MINUTE]
    put(place, HOUR)
    assert [one.number for one in kept(place)] == [2, 3]


def test_who_is_forgotten_is_forgotten_in_them(place: Place) -> None:
    put(place, HOUR, HOUR._replace(person="bob"), TEST)
    assert forgetting.find(place, "ann")["amendments"] == 1
    assert forgetting.forget(place, "ann")["amendments"] == 1
    nobody, bob, test = kept(place)
    assert nobody.person.startswith("forgotten-")
    assert nobody._replace(person="ann") == HOUR._replace(number=1)
    assert (bob.person, test.person) == ("bob", "")
    assert forgetting.find(place, nobody.person) == {**dict.fromkeys(("agent_spans", "ring_no_answers", "contacts", "corrections"), 0), "amendments": 1}


def test_a_store_of_before_forgets_nobody_half(place: Place) -> None:
    schema_of(place, 4)
    with pytest.raises(StoreUnusable, match=r"is of an earlier version, or empty; run the daemon on it once$"):
        forgetting.find(place, "ann")


def test_they_are_in_a_backup(place: Place, tmp_path: Path) -> None:
    put(place, HOUR, TEST)
    backup(place, tmp_path / "b.gz")
    other = Place(f"sqlite:///{tmp_path}/other.db")
    restore(other, tmp_path / "b.gz")
    assert kept(other) == kept(place)
    put(other, HOUR)
    with pytest.raises(StoreUnusable, match=r"has rows in .*amendments.*; give --force"):
        restore(other, tmp_path / "b.gz")
