"""A store and a floor to bring to it, for tests: nothing is asserted in here but that the database takes what it is given."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from monitor.core.chronicle import RingNoAnswer
from monitor.core.contract import MINUTE, Contract
from monitor.core.floor import Floor
from monitor.state.store import migrations
from monitor.state.store.clerk import Clerk
from monitor.state.store.place import Opened, Place
from monitor.state.store.reader import Reader
from monitor.state.store.writer import write
from tests.core.scene import T0
from tests.core.worlds import CONTRACT, World, long_story

FAR = 10**18
Books = dict[tuple[str, str], dict[int, tuple[int, ...]]]


@contextmanager
def made(place: Place) -> Iterator[Opened]:
    """The store, open for us alone, with its tables."""
    with place.open(alone=True) as opened:
        with opened.connection.begin():
            migrations.migrate(opened.connection, place.shown)
        yield opened


def lived(seed: int) -> Floor:
    """A floor on which a random world has passed, and somebody has let a caller ring."""
    floor = Floor(CONTRACT, T0, strict=True)
    floor.keep()
    for event in World().play(long_story(seed)).events:
        floor.apply(event)
    floor.chronicle.rang_in_vain(RingNoAnswer("pbx1/PJSIP/bob", floor.now, "pbx1", "1.1", "bank", "bank", "floor"))
    floor.advance(floor.now + 20 * MINUTE)
    return floor


def bring(floor: Floor, opened: Opened, *, until: int | None = None, lost: bool = False, all_of_it: bool = True) -> None:
    """All that waits, as the clerk does; `lost`: it was written, but nobody heard of it. What comes late is told first, unless `all_of_it` is not wanted."""
    if all_of_it:
        floor.ledger.tell_late()
    clerk = Clerk(opened.place, 1200, lambda: floor, lambda: floor.now)
    while batch := clerk._batch(floor.now if until is None else until):
        assert write(opened.connection, batch) == 0
        if lost:
            return
        clerk._take_off(batch)


def _kinds(contract: Contract) -> list[tuple[str, str]]:
    return [("project", project.name) for project in contract.projects] + [("group", group.name) for group in contract.groups]


def books(reader: Reader) -> Books:
    """Every minute of the store."""
    return {(of, name): {one.start: one.sums for one in reader.minutes(of, name, 0, FAR)} for of, name in _kinds(CONTRACT)}


def intervals(reader: Reader) -> Books:
    """Every interval of the store."""
    return {(of, name): {one.start: one.sums for one in reader.intervals(of, name, 0, FAR)} for of, name in _kinds(CONTRACT)}


def everything(reader: Reader) -> object:
    """All that a reader is told."""
    names = [project.name for project in CONTRACT.projects]
    details = [(reader.visits(name, 0, FAR), reader.contacts(name, 0, FAR), reader.results(name, 0, FAR)) for name in names]
    return books(reader), intervals(reader), details, reader.spans(0, FAR), reader.ring_no_answers(0, FAR), reader.corrections(0, FAR), list(reader.plans())
