"""Batches into tables: each in one transaction, each as often as need be.

Owns the statements. What has a natural key is put over what stood there, so a batch that comes again after a crash changes nothing; what is
added to a minute is counted once, by its number; a minute told by a new floor replaces an older floor's. Intervals are
summed from their minutes in the same transaction. Refuses deciding when (`clerk`) and connecting (`place`). Works on SQLite and PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import Column, Connection, Table, bindparam, case, func, literal_column, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, IntegrityError, StatementError

from monitor.core.chronicle import AgentSpan, ContactEnded, Corrected, Detail, VisitEnded
from monitor.core.contract import MINUTE
from monitor.core.ledger import MinuteTold
from monitor.state.store import schema

Row = dict[str, Any]
Upsert = sqlite.Insert | postgresql.Insert

LONGEST_INTERVAL = 120 * MINUTE  # an hour, and the hour a clock is put back
BOOKS = {
    "project": (schema.project_minutes, schema.project_intervals, schema.CELLS),
    "group": (schema.group_minutes, schema.group_intervals, schema.GROUP_SUMS),
}


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """A plan that came into force: `rows` is its file as it was, packed; `digest` is that of the unpacked one."""

    kind: str
    since: int
    who: str
    why: str
    format: str
    digest: str
    rows: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction writes of the floor of `epoch`; `late` and `details` begin with these numbers in its rolls."""

    epoch: int
    minutes: Sequence[MinuteTold] = ()
    late: Sequence[MinuteTold] = ()
    late_from: int = 0
    details: Sequence[Detail] = ()
    details_from: int = 0
    plans: Sequence[PlanVersion] = ()

    def __bool__(self) -> bool:
        return bool(self.minutes or self.late or self.details or self.plans)


def write(connection: Connection, batch: Batch) -> int:
    """Write and commit; how many details the database would not take whatever one does."""
    refused = 0
    with connection.begin():
        touched: set[tuple[str, str, int]] = set()
        for run in _runs(batch.late):
            _minutes(connection, batch.epoch, run, touched)
        _minutes(connection, batch.epoch, batch.minutes, touched)
        _intervals(connection, touched)
        for plan in batch.plans:
            _plan(connection, plan)
        for table, rows in _rows(batch).items():
            refused += _put(connection, table, rows)
    return refused


# --- minutes and intervals ----------------------------------------------------------------------------------------------------------


def _runs(late: Sequence[MinuteTold]) -> Iterator[list[MinuteTold]]:
    """Whole minutes and additions apart, and still in their order: an addition comes after the minute it is added to."""
    for _, run in groupby(late, key=lambda told: told.added):
        yield list(run)


def _minutes(connection: Connection, epoch: int, minutes: Iterable[MinuteTold], touched: set[tuple[str, str, int]]) -> None:
    rows: dict[tuple[str, bool], list[Row]] = {}
    for told in minutes:
        _, _, names = BOOKS[told.of]
        key = "project" if told.of == "project" else "group_name"
        head = {key: told.name, "minute_at": told.minute, "interval_at": told.interval, "epoch_at": epoch, "number": told.number}
        row = {**head, **dict(zip(names, told.sums, strict=True))}
        rows.setdefault((told.of, told.added), []).append(row)
        touched.add((told.of, told.name, told.interval))
    for (of, added), found in rows.items():
        table, _, _ = BOOKS[of]
        connection.execute((_addition if added else _replacement)(table, connection.dialect.name), found)


def _intervals(connection: Connection, touched: set[tuple[str, str, int]]) -> None:
    for of in BOOKS:
        keys = [{"of_name": name, "of_interval": interval} for kind, name, interval in sorted(touched) if kind == of]
        for key in keys:
            connection.execute(_interval(of, connection.dialect.name), key)


# --- everything else ----------------------------------------------------------------------------------------------------------------


def _rows(batch: Batch) -> dict[Table, list[Row]]:
    """The details by table; of what is told twice the later one."""
    visits: dict[tuple[object, ...], Row] = {}
    contacts: dict[tuple[object, ...], Row] = {}
    spans: dict[tuple[object, ...], Row] = {}
    corrections: list[Row] = []
    for number, one in enumerate(batch.details, batch.details_from):
        if isinstance(one, AgentSpan):
            spans[one.person, one.start] = {
                "person": one.person, "start_at": one.start, "end_at": one.end,
                "group_name": one.group, "state": one.state, "project": one.project, "reason": one.reason,
            }  # fmt: skip
        elif isinstance(one, VisitEnded):
            visits[one.pbx, one.call, one.queue, one.number] = {
                "pbx": one.pbx, "call": one.call, "queue": one.queue, "number": one.number, "project": one.project,
                "joined_at": one.joined_at, "wait_us": one.wait_us, "outcome": one.outcome, "reason": one.reason,
            }  # fmt: skip
        elif isinstance(one, ContactEnded):
            contacts[one.project, one.pbx, one.call] = {
                "project": one.project, "pbx": one.pbx, "call": one.call, "joined_at": one.joined_at, "wait_us": one.wait_us,
                "visits": one.visits, "outcome": one.outcome, "handled_at": one.handled_at, "handle_us": one.handle_us,
            }  # fmt: skip
        else:
            corrections.append(_correction(batch.epoch, number, one))
    tables = {schema.visits: list(visits.values()), schema.contacts: list(contacts.values()), schema.agent_spans: list(spans.values())}
    return {table: rows for table, rows in {**tables, schema.corrections: corrections}.items() if rows}


def _correction(epoch: int, number: int, one: Corrected) -> Row:
    what = {"pbx": one.pbx, "project": one.project, "what": one.what, "which": one.which, "was": one.was, "now": one.now, "why": one.why}
    return {"epoch_at": epoch, "number": number, "known_at": one.at, **what}


def _put(connection: Connection, table: Table, rows: list[Row]) -> int:
    """All rows; where one is such that no database takes it, all but that one."""
    statement = _upsert(table, connection.dialect.name)
    try:
        with connection.begin_nested():
            connection.execute(statement, rows)
    except (DataError, IntegrityError, UnicodeError):
        return _halves(connection, table, rows)
    except StatementError as error:
        if not isinstance(error.orig, UnicodeError | ValueError | OverflowError):
            raise
        return _halves(connection, table, rows)
    return 0


def _halves(connection: Connection, table: Table, rows: list[Row]) -> int:
    if len(rows) == 1:
        return 1
    middle = len(rows) // 2
    return _put(connection, table, rows[:middle]) + _put(connection, table, rows[middle:])


def _plan(connection: Connection, plan: PlanVersion) -> None:
    """A plan, unless it is the one in force already."""
    table = schema.plan_versions
    latest = select(table.c.digest).where(table.c.kind == plan.kind).order_by(table.c.since_at.desc()).limit(1)
    if connection.execute(latest).scalar_one_or_none() != plan.digest:
        row = {"kind": plan.kind, "since_at": plan.since, "who": plan.who, "why": plan.why, "format": plan.format, "digest": plan.digest, "rows": plan.rows}
        connection.execute(_upsert(table, connection.dialect.name), [row])


# --- statements ---------------------------------------------------------------------------------------------------------------------


def _insert(table: Table, dialect: str) -> Upsert:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def _keys(table: Table) -> list[Column[Any]]:
    return list(table.primary_key.columns)


def _others(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if not column.primary_key]


@cache
def _upsert(table: Table, dialect: str) -> Upsert:
    statement = _insert(table, dialect)
    return statement.on_conflict_do_update(index_elements=_keys(table), set_={column.name: statement.excluded[column.name] for column in _others(table)})


@cache
def _replacement(table: Table, dialect: str) -> Upsert:
    """All sums of a minute, unless something has been added to them since that is counted already."""
    statement = _insert(table, dialect)
    another, newer = table.c.epoch_at != statement.excluded.epoch_at, table.c.number <= statement.excluded.number
    told = {column.name: statement.excluded[column.name] for column in _others(table)}
    return statement.on_conflict_do_update(index_elements=_keys(table), set_=told, where=another | newer)


@cache
def _addition(table: Table, dialect: str) -> Upsert:
    """Add to what this floor has told of the minute, once; what another floor has told gives way."""
    statement = _insert(table, dialect)
    another, newer = table.c.epoch_at != statement.excluded.epoch_at, table.c.number < statement.excluded.number
    kept = {name: statement.excluded[name] for name in ("interval_at", "epoch_at", "number")}
    sums = {
        column.name: case((another, statement.excluded[column.name]), else_=column + statement.excluded[column.name])
        for column in _others(table)
        if column.name not in kept
    }
    return statement.on_conflict_do_update(index_elements=_keys(table), set_={**kept, **sums}, where=another | newer)


@cache
def _interval(of: str, dialect: str) -> Upsert:
    """Sum an interval of a project or group from its minutes."""
    minutes, intervals, names = BOOKS[of]
    name, start = _keys(minutes)[0], bindparam("of_interval", type_=minutes.c.interval_at.type)
    inside = (minutes.c.minute_at >= start) & (minutes.c.minute_at < start + LONGEST_INTERVAL) & (minutes.c.interval_at == start)
    sums = [func.sum(minutes.c[each]).cast(minutes.c[each].type) for each in names]
    found = select(name, minutes.c.interval_at, func.count(literal_column("*")), *sums).where(name == bindparam("of_name"), inside)
    statement = _insert(intervals, dialect).from_select([column.name for column in intervals.columns], found.group_by(name, minutes.c.interval_at))
    return statement.on_conflict_do_update(index_elements=_keys(intervals), set_={each.name: statement.excluded[each.name] for each in _others(intervals)})
