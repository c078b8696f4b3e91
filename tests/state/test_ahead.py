"""Asking ahead: the answers in order, no more of them than are wanted soon, and nothing left behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event, active_count

import pytest

from monitor.errors import StoreUnusable
from monitor.state.store import migrations
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
