"""When signals were on, in the store."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import inspect

from monitor.core.contract import MINUTE
from monitor.core.incident_log import NO_PBX
from monitor.core.signal_log import SignalTold
from monitor.core.signals import HOUR_US, Row, Signal, SignalSpell
from monitor.errors import StoreUnusable
from monitor.keeping import Keeping
from monitor.plan.plan import EMPTY
from monitor.state.store import ageing, migrations, schema
from monitor.state.store.place import Place
from monitor.state.store.reader import Reader
from tests.core.scene import T0
from tests.core.worlds import CONTRACT
from tests.state.keeping import bring, made

STORM = Signal("storm", "thunderstorm", ("Київ",))
FAIR = Signal("fair", "holiday", calendar=(Row(T0, T0 + HOUR_US), Row(T0 + 9 * HOUR_US, T0 + 10 * HOUR_US)))
TOLD = SignalSpell("storm", "Київ", T0 + MINUTE, "told", "thunderstorm", T0 + MINUTE + 24 * HOUR_US, "assumed", "met")
DAY = SignalSpell("fair", "", T0, "calendar", "holiday", T0 + HOUR_US, "calendar")


def say(one: Keeping, minute: int, on: bool, since: int | None = None) -> None:
    one.signal(SignalTold(NO_PBX, T0 + minute * MINUTE, "storm", on, None, since, who="met" if on else "boss"))


def keeping() -> Keeping:
    one = Keeping(replace(CONTRACT, signals=(STORM, FAIR)), EMPTY, T0)
    one.floor.keep()
    say(one, 1, on=True)
    return one


def test_one_that_is_on_and_off_later_is_one_row(tmp_path: Path) -> None:
    one = keeping()
    with made(Place(f"sqlite:///{tmp_path}/store.db")) as opened:
        reader = Reader(opened)
        bring(one.floor, opened)
        assert reader.signals(T0, T0 + HOUR_US) == [DAY, TOLD]
        say(one, 30, on=False)
        bring(one.floor, opened, lost=True)
        bring(one.floor, opened)
        ended = TOLD._replace(until=T0 + 30 * MINUTE, end="told", ended_by="boss")
        assert reader.signals(T0, T0 + HOUR_US) == [DAY, ended]
        found = {minute: [row.name for row in reader.signals(T0 + minute * MINUTE, T0 + (minute + 1) * MINUTE)] for minute in (0, 1, 29, 30, 60)}
        assert found == {0: ["fair"], 1: ["fair", "storm"], 29: ["fair", "storm"], 30: ["fair"], 60: []}


def test_what_never_was_on_is_found_no_more(tmp_path: Path) -> None:
    one = keeping()
    with made(Place(f"sqlite:///{tmp_path}/store.db")) as opened:
        bring(one.floor, opened)
        say(one, 5, on=False, since=T0 + MINUTE)
        bring(one.floor, opened)
        assert Reader(opened).signals(T0, T0 + HOUR_US) == [DAY]


def test_a_floor_that_begins_anew_tells_its_calendar_again_and_that_is_the_same_row(tmp_path: Path) -> None:
    with made(Place(f"sqlite:///{tmp_path}/store.db")) as opened:
        for _ in range(2):
            bring(keeping().floor, opened)
        assert Reader(opened).signals(T0, T0 + HOUR_US) == [DAY, TOLD]


def test_it_goes_when_it_is_too_old_and_not_while_it_lasts(tmp_path: Path) -> None:
    one = keeping()
    with made(Place(f"sqlite:///{tmp_path}/store.db")) as opened:
        bring(one.floor, opened)
        while ageing.age(opened.connection, T0 + 2 * HOUR_US):
            pass
        assert Reader(opened).signals(T0, T0 + HOUR_US) == [TOLD]


def test_a_store_of_before_gets_the_table(tmp_path: Path) -> None:
    place = Place(f"sqlite:///{tmp_path}/store.db")
    before = migrations.STEPS.index(migrations._signals_are_kept)
    with made(place) as opened, opened.connection.begin():
        schema.signals.drop(opened.connection)
        opened.connection.execute(schema.meta.update().where(schema.meta.c.key == migrations.SCHEMA).values(value=str(before)))
    with made(place) as opened:
        with opened.connection.begin():
            assert inspect(opened.connection).has_table("signals")
            assert migrations.version(opened.connection) == len(migrations.STEPS)
        assert Reader(opened).signals(0, T0) == []


def test_a_store_of_before_that_nobody_has_migrated_says_so_in_one_line(tmp_path: Path) -> None:
    place = Place(f"sqlite:///{tmp_path}/store.db")
    with made(place) as opened, opened.connection.begin():
        schema.signals.drop(opened.connection)
    with pytest.raises(StoreUnusable, match="signals"):
        Reader.of(place).signals(0, T0)
