"""What the writer says to a database, as SQL: made once of the tables, for SQLite and PostgreSQL alike.

Owns the five statements, each an INSERT that knows what to do where there is a row. They are texts and not SQLAlchemy's objects, because
preparing those anew each second costs more than everything else that happens in a second. Refuses running them (`writer`).
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Column, ColumnClause, Table, bindparam, case, func, literal_column, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.dialects.sqlite.base import SQLiteDialect

from monitor.core.contract import MINUTE

ROWS = {"sqlite": SQLiteDialect(paramstyle="qmark"), "postgresql": PGDialect(paramstyle="format")}  # type: ignore[no-untyped-call]
NAMES = {"sqlite": SQLiteDialect(paramstyle="named"), "postgresql": PGDialect(paramstyle="pyformat")}  # type: ignore[no-untyped-call]
Upsert = sqlite.Insert | postgresql.Insert

LONGEST_INTERVAL: ColumnClause[int] = literal_column(str(120 * MINUTE))  # an hour, and the hour a clock is put back


def _insert(table: Table, dialect: str) -> Upsert:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def _keys(table: Table) -> list[Column[Any]]:
    return list(table.primary_key.columns)


def _others(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if not column.primary_key]


def _text(statement: Upsert, dialect: str) -> str:
    """The SQL; it takes a row as the table has it."""
    return str(statement.compile(dialect=ROWS[dialect]))


@cache
def upsert(table: Table, dialect: str) -> str:
    """A row over whatever stood there."""
    statement = _insert(table, dialect)
    told = {column.name: statement.excluded[column.name] for column in _others(table)}
    return _text(statement.on_conflict_do_update(index_elements=_keys(table), set_=told), dialect)


@cache
def first_stays(table: Table, dialect: str) -> str:
    """A row where none stands yet."""
    return _text(_insert(table, dialect).on_conflict_do_nothing(index_elements=_keys(table)), dialect)


@cache
def replacement(table: Table, dialect: str) -> str:
    """All sums of a minute, unless something has been added to them since that is counted already."""
    statement = _insert(table, dialect)
    another, newer = table.c.epoch_at != statement.excluded.epoch_at, table.c.number <= statement.excluded.number
    told = {column.name: statement.excluded[column.name] for column in _others(table)}
    return _text(statement.on_conflict_do_update(index_elements=_keys(table), set_=told, where=another | newer), dialect)


@cache
def addition(table: Table, dialect: str) -> str:
    """Add to what this floor has told of the minute, once; what another floor has told gives way."""
    statement = _insert(table, dialect)
    another, newer = table.c.epoch_at != statement.excluded.epoch_at, table.c.number < statement.excluded.number
    kept = {name: statement.excluded[name] for name in ("interval_at", "epoch_at", "number")}
    sums = {
        column.name: case((another, statement.excluded[column.name]), else_=column + statement.excluded[column.name])
        for column in _others(table)
        if column.name not in kept
    }
    return _text(statement.on_conflict_do_update(index_elements=_keys(table), set_={**kept, **sums}, where=another | newer), dialect)


@cache
def summing(minutes: Table, intervals: Table, dialect: str) -> str:
    """Sum the interval `of_interval` of the project or group `of_name` from its minutes."""
    name, start = _keys(minutes)[0], bindparam("of_interval", type_=minutes.c.interval_at.type)
    inside = (minutes.c.minute_at >= start) & (minutes.c.minute_at < start + LONGEST_INTERVAL) & (minutes.c.interval_at == start)
    sums = [func.sum(minutes.c[each.name]).cast(each.type) for each in _others(intervals) if each.name != "minutes"]
    found = select(name, minutes.c.interval_at, func.count(literal_column("*")), *sums).where(name == bindparam("of_name"), inside)
    statement = _insert(intervals, dialect).from_select([column.name for column in intervals.columns], found.group_by(name, minutes.c.interval_at))
    told = {each.name: statement.excluded[each.name] for each in _others(intervals)}
    return str(statement.on_conflict_do_update(index_elements=_keys(intervals), set_=told).compile(dialect=NAMES[dialect]))
