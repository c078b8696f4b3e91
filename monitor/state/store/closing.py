"""Months that are closed: what was billed and sent, frozen as it was, and never taken away again.

Owns the way into the table `closings` and back: one row for each act, closing or opening again, numbered within its month, written beside a
running daemon in one short transaction. Two people who do it at once do not both succeed: an act comes after the last one its author has seen.
Refuses what is in an archive and whether a month may be closed (`reporting`).
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from monitor.errors import StoreUnusable
from monitor.state.store import migrations
from monitor.state.store.place import Place
from monitor.state.store.reader import Reader
from monitor.state.store.schema import closings

CLOSE, REOPEN = "close", "reopen"


@dataclass(frozen=True, slots=True)
class Closing:
    """One act: `month` as 2026-11, who did it, why, and when; `archive` is what was frozen, as text."""

    month: str
    number: int
    at: int
    who: str
    why: str
    act: str
    archive: bytes = field(repr=False)


def read(reader: Reader, month: str) -> list[Closing]:
    """Every act of a month, the oldest first."""
    question = select(closings).where(closings.c.month == month).order_by(closings.c.number)
    return [_closing(row) for row in reader.stream(question)]


def write(place: Place, act: Closing) -> None:
    """Add an act; StoreUnusable when somebody else has added one since, or the store has no such table yet."""
    with place.open() as opened, place.one_line(), opened.connection.begin():
        if migrations.refuse_newer(opened.connection, place.shown) < len(migrations.STEPS):
            raise StoreUnusable(place.shown, "is of an earlier version, or empty", "run the daemon on it once")
        latest = opened.connection.execute(select(func.max(closings.c.number)).where(closings.c.month == act.month)).scalar() or 0
        if latest != act.number - 1:
            raise StoreUnusable(place.shown, f"somebody else closed or reopened {act.month} just now", "look at what was done, and do it again if need be")
        row = {"month": act.month, "number": act.number, "closed_at": act.at, "who": act.who, "why": act.why, "act": act.act}
        opened.connection.execute(closings.insert().values(**row, archive=zlib.compress(act.archive)))


def naming(connection: Connection, person: str) -> int:
    """In how many archives a person stands: in hours that were paid."""
    return sum(1 for _ in _with(connection, person))


def rename(connection: Connection, person: str, nobody: str) -> None:
    """Put another name in the place of a person's. What was paid stays as it was."""
    for row, text in _with(connection, person):
        renamed = text.replace(_quoted(person), _quoted(nobody))
        key = (closings.c.month == row.month, closings.c.number == row.number)
        connection.execute(update(closings).where(*key).values(archive=zlib.compress(renamed)))


def _with(connection: Connection, person: str) -> list[tuple[Row[Any], bytes]]:
    rows = connection.execute(select(closings)).all()
    return [(row, text) for row in rows if _quoted(person) in (text := zlib.decompress(row.archive))]


def _quoted(name: str) -> bytes:
    return json.dumps(name, ensure_ascii=False).encode()


def _closing(row: Row[Any]) -> Closing:
    return Closing(row.month, row.number, row.closed_at, row.who, row.why, row.act, zlib.decompress(row.archive))
