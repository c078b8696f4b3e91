"""The days before this floor, as the store has them: so that a billing period is whole although the daemon's state is new.

Owns asking the store, in a thread, for the days of the running period and the one before that the books lack, and handing them to the engine. A store
that cannot be read costs those days, and is said. Refuses today, which a log tells, and days on which no money was kept yet. Next: `engine.remember`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import structlog

from monitor.core.book import Book
from monitor.core.contract import Contract, Project
from monitor.engine import Engine
from monitor.errors import StoreUnusable
from monitor.state.store.place import Place
from monitor.state.store.reader import Reader

Key = tuple[str, str]  # project or group, and its name

log = structlog.get_logger(__name__)


async def recall(engine: Engine, place: Place) -> None:
    """Have the engine remember what the store knows of days before its first."""
    books = {("project", name): book for name, book in engine.floor.ledger.projects.items()}
    books |= {("group", name): book for name, book in engine.floor.ledger.groups.items()}
    began = {key: _began(key, book, engine.contract) for key, book in books.items() if min(book.days, default=book.date) == book.date}
    if not began:
        return
    try:
        found = await asyncio.to_thread(_days, place, {key: (books[key].clock, *span) for key, span in began.items()})
    except StoreUnusable as error:
        log.warning("the days before are not known", problem=str(error), effect="money of the billing period begins now")
        return
    if found:
        engine.remember(found)
        log.info("days before are taken from the store", days=len({day for days in found.values() for day in days}))


def _began(key: Key, book: Book, contract: Contract) -> tuple[int, int]:
    """From when to when the days are that a book may lack: from the period before this one until the day that runs."""
    of, name = key
    project = contract.project.get(name) if of == "project" else None
    today = book.clock.day_of(book.today)
    first, _ = (project or book.clock).period_of(today)
    before, _ = (project or book.clock).period_of(first - timedelta(days=1))
    return book.clock.starts_on(before), book.today


def _days(place: Place, wanted: Mapping[Key, tuple[Project, int, int]]) -> dict[Key, dict[int, list[int]]]:
    if not place.exists():
        return {}
    reader = Reader.of(place)
    try:
        since = reader.money_since()
        found: dict[Key, dict[int, list[int]]] = {}
        for (of, name), (clock, start, end) in wanted.items():
            for one in reader.intervals(of, name, max(start, since), end):
                days = found.setdefault((of, name), {})
                day = clock.day_of(one.start).toordinal()
                days[day] = [a + b for a, b in zip(days[day], one.sums, strict=True)] if day in days else list(one.sums)
        return found
    finally:
        reader.close()
