"""Months that are closed: what was billed and sent, frozen as it was, and never taken away again.

Owns the way into the table `closings` and back: one row for each act on each part of a month (a project, or everybody's hours), closing or opening
again, numbered within its part, written beside a running daemon in one short transaction. Two people who do it at once do not both succeed: an act
comes after the last one its author has seen. People stand in a list beside the archive, which names them by their place in it, so that somebody can
be forgotten without a word of the archive being changed. Refuses what is in an archive and whether a month may be closed (`reporting`).
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, func, select, update

from monitor.errors import StoreUnusable
from monitor.state.store import migrations
from monitor.state.store.place import Place
from monitor.state.store.reader import Reader
from monitor.state.store.schema import closings

CLOSE, REOPEN = "close", "reopen"
PAYROLL: Final = "payroll"
_OF_PROJECT: Final = "project:"


def of_project(name: str) -> str:
    """The scope of a project's part of a month."""
    return f"{_OF_PROJECT}{name}"


def project_of(scope: str) -> str:
    """The project whose part of a month it is; "": it is everybody's hours."""
    return scope.removeprefix(_OF_PROJECT) if scope.startswith(_OF_PROJECT) else ""


@dataclass(frozen=True, slots=True)
class Closing:
    """One act: on which part of `month`, written as 2026-11, who did it, why, and when; and the number of the last amendment that was looked at for it."""

    month: str
    scope: str
    number: int
    at: int
    who: str
    why: str
    act: str
    amended_to: int = 0


@dataclass(frozen=True, slots=True)
class Archive:
    """What an act has frozen, as text, and who stands in it."""

    text: bytes
    people: tuple[str, ...]


def read(reader: Reader, month: str, scope: str) -> list[Closing]:
    """Every act on that part of a month, the oldest first."""
    columns = (closings.c[name] for name in ("month", "scope", "number", "closed_at", "who", "why", "act", "amended_to"))
    question = select(*columns).where(closings.c.month == month, closings.c.scope == scope).order_by(closings.c.number)
    return [Closing(*row) for row in reader.stream(question)]


def archive(reader: Reader, act: Closing) -> Archive:
    """What that act has frozen."""
    question = select(closings.c.archive, closings.c.people).where(*_key(act.month, act.scope, act.number))
    (row,) = reader.stream(question)
    return Archive(zlib.decompress(row.archive), tuple(json.loads(row.people)))


def packed(pieces: Iterable[str]) -> bytes:
    """An archive as it is kept, of the pieces of its text, which need not be there all at once."""
    packing = zlib.compressobj()
    return b"".join(packing.compress(piece.encode()) for piece in pieces) + packing.flush()


def write(place: Place, act: Closing, frozen: bytes, people: Sequence[str] = ()) -> None:
    """Add an act with its packed archive; StoreUnusable when somebody else has added one since, or the store has no such table yet."""
    with place.open() as opened, place.one_line(), opened.connection.begin():
        if migrations.refuse_newer(opened.connection, place.shown) < len(migrations.STEPS):
            raise StoreUnusable(place.shown, "is of an earlier version, or empty", "run the daemon on it once")
        number = select(func.max(closings.c.number)).where(closings.c.month == act.month, closings.c.scope == act.scope)
        if (opened.connection.execute(number).scalar() or 0) != act.number - 1:
            problem = f"somebody else closed or reopened {act.month} of {project_of(act.scope) or act.scope} just now"
            raise StoreUnusable(place.shown, problem, "look at what was done, and do it again if need be")
        row = {name: getattr(act, name) for name in ("month", "scope", "number", "who", "why", "act", "amended_to")} | {"closed_at": act.at}
        opened.connection.execute(closings.insert().values(**row, people=json.dumps([*people], ensure_ascii=False), archive=frozen))


def naming(connection: Connection, person: str) -> int:
    """Beside how many archives a person stands: of hours that were paid."""
    return sum(1 for _ in _with(connection, person))


def rename(connection: Connection, person: str, nobody: str) -> None:
    """Put another name in the place of a person's. What was paid stays as it was."""
    for row, people in _with(connection, person):
        renamed = json.dumps([nobody if one == person else one for one in people], ensure_ascii=False)
        connection.execute(update(closings).where(*_key(row.month, row.scope, row.number)).values(people=renamed))


def _with(connection: Connection, person: str) -> list[tuple[Row[Any], list[str]]]:
    rows = connection.execute(select(closings.c.month, closings.c.scope, closings.c.number, closings.c.people)).all()
    return [(row, people) for row in rows if person in (people := json.loads(row.people))]


def _key(month: str, scope: str, number: int) -> tuple[ColumnElement[bool], ...]:
    return closings.c.month == month, closings.c.scope == scope, closings.c.number == number
