"""What the store has, as the values that went into it.

Owns the questions reports ask: minutes and intervals of a project or group, visits, contacts, spans, rings, corrections, amendments, plans, each over
`[start, end)` of the instant it is found by, in its order. Refuses arithmetic, and writing: its transactions only read.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Row, Select, Table, func, or_, select, true

from monitor.core.amendment import CALL, HOURS, Amendment
from monitor.core.chronicle import DAY, AgentSpan, ContactEnded, Corrected, IncidentTold, ResultTold, RingNoAnswer, VisitEnded
from monitor.core.signals import SignalSpell
from monitor.errors import StoreUnusable
from monitor.state.store import schema
from monitor.state.store.migrations import MONEY, NO_ANSWERS, refuse_newer, refuse_other
from monitor.state.store.place import Opened, Place
from monitor.state.store.writer import BOOKS

PAGE = 2_000
LONGEST_SPAN = 2 * DAY  # a span is of one day, and of what was spent at once over its midnight
_ABOUT = func.coalesce(schema.corrections.c.about_at, schema.corrections.c.known_at)  # earlier versions did not keep it


@dataclass(frozen=True, slots=True)
class Sums:
    """A minute or an interval: its start, how many minutes of it are written, and the ledger's sums."""

    start: int
    minutes: int
    sums: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A version of the plan, or of what belongs to it: in force since then; its file as it was, which may be a workbook."""

    since: int
    who: str
    why: str
    format: str
    content: bytes

    @property
    def text(self) -> str:
        """The file as text, where it is one."""
        return self.content.decode("utf-8", "replace")


class Reader:
    """A store that is open for reading; what it says is said in one line where it cannot."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self.amended_to: int | None = None  # the number of the last amendment it sees; None: it sees all

    @classmethod
    def of(cls, place: Place, *, current: bool = False) -> Reader:
        """Open it; StoreUnusable where there is none, or one of a later version, or with `current` of an earlier one."""
        opened = place.open(write=False)
        try:
            with place.one_line(), opened.connection.begin():
                (refuse_other if current else refuse_newer)(opened.connection, place.shown)
        except BaseException:
            opened.close()
            raise
        return cls(opened)

    def close(self) -> None:
        """Give the connection back."""
        self._opened.close()

    @contextmanager
    def beside(self) -> Iterator[Reader]:
        """Another reader of the same store, with a connection of its own."""
        with self._opened.place.open(write=False) as opened:
            if not opened.same_as(self._opened):
                raise StoreUnusable(opened.place.shown, "was replaced while it was read", "do it again")
            yield Reader(opened)

    def interrupt(self) -> None:
        """End the question that is being asked, from another thread: whoever asked it gets an error."""
        driver: Any = self._opened.connection.connection.driver_connection
        with suppress(Exception):  # it may have ended by itself
            (driver.interrupt if hasattr(driver, "interrupt") else driver.cancel)()

    def _all(self, question: Select[Any]) -> list[Row[Any]]:
        connection: Connection = self._opened.connection
        with self._opened.place.one_line(), connection.begin():
            return list(connection.execute(question))

    def stream(self, question: Select[Any], **given: object) -> Iterator[Row[Any]]:
        """The rows of a question with these values in it, a page at a time; while they are read the store may be written to."""
        connection: Connection = self._opened.connection
        with self._opened.place.one_line(), connection.begin():
            for page in connection.execute(question, given, execution_options={"yield_per": PAGE}).partitions():
                yield from page

    def few(self, question: Select[Any], **given: object) -> list[Row[Any]]:
        """The same where they are few: a cursor in a server costs more than they do."""
        with self.moment() as ask:
            return ask(question, given)

    @contextmanager
    def moment(self) -> Iterator[Callable[[Select[Any], Mapping[str, object]], list[Row[Any]]]]:
        """Questions with values in them, all answered of the store as it is at one moment."""
        connection: Connection = self._opened.connection
        with self._opened.place.one_line(), connection.begin():
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")  # as SQLite does by itself
            yield lambda question, given: [*connection.execute(question, given).all()]

    def money_since(self) -> int:
        """Since when what calls were worth is kept, and what people cost."""
        return self._since(MONEY)

    def no_answers_since(self) -> int:
        """Since when it is kept who let a ring pass."""
        return self._since(NO_ANSWERS)

    def _since(self, what: str) -> int:
        found = self._all(select(schema.meta.c.value).where(schema.meta.c.key == what))
        return int(found[0][0]) if found else 0

    def minutes(self, of: str, name: str, start: int, end: int) -> list[Sums]:
        """The minutes of a `project` or `group` that begin in `[start, end)`."""
        table, _, names = BOOKS[of]
        key, at = table.primary_key.columns
        question = select(at, *(table.c[each] for each in names)).where(key == name, at >= start, at < end).order_by(at)
        return [Sums(row[0], 1, tuple(row[1:])) for row in self._all(question)]

    def intervals(self, of: str, name: str, start: int, end: int) -> list[Sums]:
        """The intervals that begin in `[start, end)`; one that runs has the minutes that are over."""
        _, table, names = BOOKS[of]
        key, at = table.primary_key.columns
        question = select(at, table.c.minutes, *(table.c[each] for each in names)).where(key == name, at >= start, at < end).order_by(at)
        return [Sums(row[0], row[1], tuple(row[2:])) for row in self._all(question)]

    def visits(self, project: str, start: int, end: int) -> list[VisitEnded]:
        """The ended visits of a project that joined in `[start, end)`."""
        table = schema.visits
        columns = (*table.primary_key.columns, table.c.project, table.c.joined_at, table.c.wait_us, table.c.outcome, table.c.reason)
        return [VisitEnded(*row) for row in self._all(_between(table, columns, table.c.project == project, table.c.joined_at, start, end))]

    def contacts(self, project: str, start: int, end: int) -> list[ContactEnded]:
        """The contacts of a project that arrived in `[start, end)` and have an outcome."""
        table = schema.contacts
        columns = [table.c[name] for name in ContactEnded._fields]
        return [ContactEnded(*row) for row in self._all(_between(table, columns, table.c.project == project, table.c.joined_at, start, end))]

    def contacts_of_call(self, call: str) -> list[ContactEnded]:
        """The contacts of a call, in whatever project and on whatever PBX."""
        table = schema.contacts
        question = select(*(table.c[name] for name in ContactEnded._fields)).where(table.c.call == call)
        return [ContactEnded(*row) for row in self._all(question.order_by(*table.primary_key.columns))]

    def spans(self, start: int, end: int, *, group: str | None = None, person: str | None = None) -> list[AgentSpan]:
        """What people did in spans that touch `[start, end)`: of a group, of a person, or of all."""
        table = schema.agent_spans
        touching = (table.c.start_at > start - LONGEST_SPAN, table.c.start_at < end, table.c.end_at > start)
        columns = [column for column in table.columns if column is not table.c.epoch_at]
        question = select(*columns).where(*touching, table.c.end_at > table.c.start_at).order_by(table.c.person, table.c.start_at)
        question = question if group is None else question.where(table.c.group_name == group)
        return [AgentSpan(*row) for row in self._all(question if person is None else question.where(table.c.person == person))]

    def ring_no_answers(self, start: int, end: int) -> list[RingNoAnswer]:
        """Who let a caller ring in vain in `[start, end)`."""
        table = schema.ring_no_answers
        columns = (table.c.person, table.c.at, table.c.pbx, table.c.call, table.c.queue, table.c.project, table.c.group_name)
        return [RingNoAnswer(*row) for row in self._all(_between(table, columns, true(), table.c.at, start, end))]

    def corrections(self, start: int, end: int) -> list[Corrected]:
        """What was found out in `[start, end)` to have been otherwise than counted."""
        known = schema.corrections.c.known_at
        return self._corrections(known >= start, known < end)

    def corrections_about(self, project: str, start: int, end: int, since: int) -> list[Corrected]:
        """What a project's `[start, end)` was found out since then to have been otherwise than counted."""
        table, about = schema.corrections, _ABOUT
        return self._corrections(table.c.project == project, about >= start, about < end, table.c.known_at >= since)

    def corrections_touching(self, start: int, end: int) -> list[Corrected]:
        """What was found out in `[start, end)`, and what was found out of it."""
        known, about = schema.corrections.c.known_at, _ABOUT
        return self._corrections(or_((known >= start) & (known < end), (about >= start) & (about < end)))

    def _corrections(self, *which: ColumnElement[bool]) -> list[Corrected]:
        table = schema.corrections
        columns = (table.c.known_at, table.c.pbx, table.c.project, table.c.what, table.c.which, table.c.was, table.c.now, table.c.why, _ABOUT, table.c.who)
        question = select(*columns).where(*which).order_by(table.c.known_at, table.c.epoch_at, table.c.number)
        return [Corrected(*row) for row in self._all(question)]

    def amended_hours(self, first: date, last: date) -> list[Amendment]:
        """What was put right by hand of people's hours on these local days."""
        table = schema.amendments
        return self._amendments(table.c.what == HOURS, table.c.day >= first.isoformat(), table.c.day <= last.isoformat())

    def amended_calls(self, project: str) -> list[Amendment]:
        """What was put right by hand of a project's calls, whenever they came."""
        table = schema.amendments
        return self._amendments(table.c.what == CALL, table.c.project == project)

    def amendments(self, start: int, end: int) -> list[Amendment]:
        """What was put right by hand in `[start, end)`, and what was put right of it."""
        made, about = schema.amendments.c.made_at, schema.amendments.c.about_at
        return self._amendments(or_((made >= start) & (made < end), (about >= start) & (about < end)))

    def hold_amendments(self) -> int:
        """The number of the last amendment there is; those that come later this reader does not see."""
        (row,) = self._all(select(func.coalesce(func.max(schema.amendments.c.number), 0)))
        self.amended_to = int(row[0])
        return self.amended_to

    def _amendments(self, *which: ColumnElement[bool]) -> list[Amendment]:
        table = schema.amendments
        which = which if self.amended_to is None else (*which, table.c.number <= self.amended_to)
        question = select(*(table.c[name] for name in Amendment._fields)).where(*which).order_by(table.c.number)
        return [Amendment(*row) for row in self._all(question)]

    def incidents(self, start: int, end: int) -> list[IncidentTold]:
        """The incidents that people told and that touch `[start, end)`, recovery included."""
        table = schema.incidents
        columns = [column for column in table.columns if column is not table.c.epoch_at]
        touching = table.c.until_at.is_(None) | (table.c.until_at + table.c.recovery_us > start)
        question = select(*columns).where(table.c.since_at < end, touching).order_by(table.c.since_at, table.c.epoch_at, table.c.number)
        return [IncidentTold(*row) for row in self._all(question)]

    def signals(self, start: int, end: int) -> list[SignalSpell]:
        """When signals were on in `[start, end)`; of one that is on still the end is the one that is expected."""
        table = schema.signals
        touching = table.c.until_at > table.c.since_at, table.c.since_at < end, table.c.until_at > start
        return [SignalSpell(*row) for row in self._all(select(table).where(*touching).order_by(table.c.since_at, *table.primary_key.columns))]

    def results(self, project: str, start: int, end: int) -> list[ResultTold]:
        """The results of a project that came about in `[start, end)`."""
        table = schema.results
        columns = [table.c[name] for name in ResultTold._fields]
        return [ResultTold(*row) for row in self._all(_between(table, columns, table.c.project == project, table.c.at, start, end))]

    def plans(self, kind: str = "working") -> Iterator[Plan]:
        """Every version of the plan, the oldest first; `kind` may be scales, profile or contract too."""
        table = schema.plan_versions
        for row in self._all(_versions(kind).order_by(table.c.since_at)):
            yield _plan(row)

    def plan(self, at: int, kind: str = "working") -> Plan | None:
        """The version in force at an instant."""
        table = schema.plan_versions
        question = _versions(kind).where(table.c.since_at <= at).order_by(table.c.since_at.desc()).limit(1)
        return next(map(_plan, self._all(question)), None)

    def first_stored(self, kind: str, who: str) -> tuple[int, str] | None:
        """When a file came into force first, and the digest it had then."""
        table = schema.plan_versions
        question = select(table.c.since_at, table.c.digest).where(table.c.kind == kind, table.c.who == who).order_by(table.c.since_at).limit(1)
        return next(((row[0], row[1]) for row in self._all(question)), None)


def _plan(row: Row[Any]) -> Plan:
    return Plan(row[0], row[1], row[2], row[3], zlib.decompress(row[4]))


def _versions(kind: str) -> Select[Any]:
    table = schema.plan_versions
    return select(table.c.since_at, table.c.who, table.c.why, table.c.format, table.c.rows).where(table.c.kind == kind)


def _between(table: Table, columns: Iterable[Column[Any]], whose: ColumnElement[bool], at: Column[int], start: int, end: int) -> Select[Any]:
    return select(*columns).where(whose, at >= start, at < end).order_by(at, *table.primary_key.columns)
