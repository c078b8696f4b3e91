"""Asking ahead: the answers in order, no more of them than are wanted soon, and nothing left behind."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event, active_count

import pytest
from sqlalchemy import func, literal, select

from monitor.errors import StoreUnusable
from monitor.state.store import migrations, schema
from monitor.state.store.ahead import HANDS, WAITING, ahead
from monitor.state.store.place import Place
from monitor.state.store.reader import Reader


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    place = Place(f"sqlite:///{tmp_path}/floorwatch.db")
    with place.open(alone=True) as opened, opened.connection.begin():
        migrations.migrate(opened.connection, place.shown)
    with closing(Reader.of(place)) as opened_reader:
        yield opened_reader


def test_answers_come_in_the_order_of_the_parts(reader: Reader) -> None:
    later = Event()

    def ask(_: Reader, part: int) -> int:
        if part == 0:
            assert later.wait(10)
        elif part == 1:
            later.set()
        return -part

    assert list(ahead(reader, ask, range(20))) == [-part for part in range(20)]


def test_each_hand_has_a_connection_of_its_own(reader: Reader) -> None:
    both = Event()
    asking: list[Reader] = []

    def ask(beside: Reader, _: int) -> Reader:
        asking.append(beside)
        if len(asking) == HANDS:
            both.set()
        assert both.wait(10)
        return beside

    found = set(ahead(reader, ask, range(HANDS)))
    assert len(found) == HANDS
    assert reader not in found


def test_no_more_is_asked_than_is_wanted_soon(reader: Reader) -> None:
    asked: list[int] = []

    def parts() -> Iterator[int]:
        for part in range(1_000):
            asked.append(part)
            yield part

    answers = ahead(reader, lambda _, part: part, parts())
    assert next(answers) == 0
    assert len(asked) == WAITING + 1
    before = active_count()
    answers.close()  # type: ignore[attr-defined]
    assert len(asked) == WAITING + 1
    assert active_count() == before - HANDS


def test_what_the_store_refuses_is_raised_where_it_is_read(reader: Reader) -> None:
    def ask(_: Reader, part: int) -> int:
        if part == 3:
            raise StoreUnusable("the store", "is gone", "bring it back")
        return part

    found: list[int] = []
    with pytest.raises(StoreUnusable, match="the store: is gone"):
        found.extend(ahead(reader, ask, range(10)))
    threads = active_count()
    assert list(ahead(reader, lambda _, part: part, [1])) == [1]
    assert active_count() == threads


def test_a_question_that_nobody_wants_answered_is_ended(reader: Reader) -> None:
    """Else Ctrl-C would wait for it."""
    numbers = select(literal(1).label("n")).cte("numbers", recursive=True)
    endless = select(func.count()).select_from(numbers.union_all(select(numbers.c.n + 1)))
    asked, over = Event(), Event()

    def ask(beside: Reader, part: int) -> int:
        if part:
            asked.set()
            with pytest.raises(StoreUnusable, match="interrupted"):
                beside.few(endless)
            over.set()
        return part

    def interrupted(*_: object) -> None:
        assert asked.wait(10)
        raise KeyboardInterrupt

    answers = ahead(reader, ask, range(2))
    assert next(answers) == 0
    before = signal.signal(signal.SIGALRM, interrupted)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        with pytest.raises(KeyboardInterrupt):
            next(answers)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert over.is_set()


def test_a_store_that_goes_away_is_not_made_anew(reader: Reader, tmp_path: Path) -> None:
    for file in tmp_path.iterdir():
        file.unlink()
    with pytest.raises(StoreUnusable):
        next(ahead(reader, lambda _, part: part, [1]))
    assert not (tmp_path / "floorwatch.db").exists()


def test_a_store_that_is_replaced_is_not_read_half(reader: Reader, tmp_path: Path) -> None:
    file = tmp_path / "floorwatch.db"
    sqlite3.connect(tmp_path / "other.db").close()
    (tmp_path / "other.db").write_bytes(file.read_bytes())
    (tmp_path / "other.db").replace(file)
    with pytest.raises(StoreUnusable, match=r"floorwatch\.db: was replaced while it was read; do it again$"):
        next(ahead(reader, lambda _, part: part, [1]))


def at_one_moment(reader: Reader) -> None:
    """What is written in between is not seen by the second question."""
    count = select(func.count()).select_from(schema.meta)
    with reader.moment() as ask:
        before = ask(count, {})
        with reader.beside() as beside, beside._opened.place.open() as other, other.connection.begin():
            assert beside is not reader
            other.connection.execute(schema.meta.insert().values(key="between", value=""))
        assert ask(count, {}) == before
    assert reader.few(count) == [(before[0][0] + 1,)]


def test_a_moment_is_one(reader: Reader) -> None:
    at_one_moment(reader)
