"""Batches into tables: each in one transaction, each as often as need be.

Owns what a batch becomes. What has a natural key is put over what stood there, so a batch that comes again after a crash changes nothing; of a result
the first row stays, for its key is all that says it is the same, and whoever tells it may know it longer than the daemon does; what is
added to a minute is counted once, by its number; a minute told by a new floor replaces an older floor's, and so do the time and the rings of people
whose day it has told anew. Intervals are summed from their minutes in the same transaction. Refuses deciding when (`clerk`), connecting (`place`) and
SQL (`statements`).
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Table, delete, select, update
from sqlalchemy.exc import DataError, IntegrityError, StatementError

from monitor.core.book import MinuteTold
from monitor.core.chronicle import (
    AgentSpan,
    AttemptEnded,
    ContactEnded,
    Detail,
    IncidentTold,
    ResultTold,
    RingNoAnswer,
    TimeRetold,
    VisitEnded,
)
from monitor.core.lost import LostTold
from monitor.core.signals import SignalSpell
from monitor.state.store import schema
from monitor.state.store.statements import addition, first_stays, replacement, summing, upsert

Row = tuple[Any, ...]
BOOKS = {
    "project": (schema.project_minutes, schema.project_intervals, schema.CELLS),
    "group": (schema.group_minutes, schema.group_intervals, schema.GROUP_SUMS),
}


_EMPTY = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """A plan that came into force, or what belongs to it: `rows` is its file as it was, packed; `digest` is that of the unpacked one.

    `kind` is working, scales, profile or contract: to have the plan of an instant again takes the latest of each of the first three.
    """

    kind: str
    since: int
    who: str
    why: str
    format: str
    digest: str
    rows: bytes = field(repr=False)

    @property
    def empty(self) -> bool:
        """Whether there is none of its kind from then on."""
        return self.digest == _EMPTY

    def same(self, digest: str, format_: str, who: str) -> bool:
        """Whether it says what such a version does. A file that is read otherwise is another plan; a contract is known by its name."""
        return digest == self.digest and (self.empty or format_ == self.format) and (self.kind != "contract" or who == self.who)

    @classmethod
    def of(cls, kind: str, since: int, who: str, why: str, format_: str, content: bytes) -> PlanVersion:
        """A file as it is kept."""
        return cls(kind, since, who, why, format_, hashlib.sha256(content).hexdigest(), zlib.compress(content))


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
        for one in batch.details:
            if isinstance(one, TimeRetold):
                _give_way(connection, batch.epoch, one)
    return refused


# --- minutes and intervals ----------------------------------------------------------------------------------------------------------


def _runs(late: Sequence[MinuteTold]) -> Iterator[list[MinuteTold]]:
    """Whole minutes and additions apart, and still in their order: an addition comes after the minute it is added to."""
    for _, run in groupby(late, key=lambda told: told.added):
        yield list(run)


def _minutes(connection: Connection, epoch: int, minutes: Iterable[MinuteTold], touched: set[tuple[str, str, int]]) -> None:
    rows: dict[tuple[str, bool], list[Row]] = {}
    for told in minutes:
        row = (told.name, told.minute, told.interval, epoch, told.number, *told.sums)
        rows.setdefault((told.of, told.added), []).append(row)
        touched.add((told.of, told.name, told.interval))
    for (of, added), found in rows.items():
        table, _, _ = BOOKS[of]
        connection.exec_driver_sql((addition if added else replacement)(table, connection.dialect.name), found)


def _intervals(connection: Connection, touched: set[tuple[str, str, int]]) -> None:
    for of, (minutes, intervals, _) in BOOKS.items():
        keys = [{"of_name": name, "of_interval": interval} for kind, name, interval in sorted(touched) if kind == of]
        if keys:
            connection.exec_driver_sql(summing(minutes, intervals, connection.dialect.name), keys)


# --- everything else ----------------------------------------------------------------------------------------------------------------


def _rows(batch: Batch) -> dict[Table, list[Row]]:
    """The details by table, each a row as it is; of what is told twice the later one, of a result the first."""
    visits: dict[Row, Row] = {}
    contacts: dict[Row, Row] = {}
    attempts: dict[Row, Row] = {}
    spans: dict[Row, Row] = {}
    incidents: dict[str, Row] = {}
    signals: dict[Row, Row] = {}
    results: dict[Row, Row] = {}
    lost: dict[Row, Row] = {}
    rings: list[Row] = []
    corrections: list[Row] = []
    for number, one in enumerate(batch.details, batch.details_from):
        if isinstance(one, AgentSpan):
            spans[one[:2]] = (*one, batch.epoch)
        elif isinstance(one, VisitEnded):
            visits[one[:4]] = one
        elif isinstance(one, ContactEnded):
            contacts[one[:3]] = one
        elif isinstance(one, AttemptEnded):
            attempts[one[:3]] = (*one[:10], int(one.contact), *one[11:])
        elif isinstance(one, RingNoAnswer):
            rings.append((one.at, batch.epoch, number, one.person, *one[2:]))
        elif isinstance(one, IncidentTold):
            incidents[one.number] = (batch.epoch, *one)
        elif isinstance(one, SignalSpell):
            signals[one.key] = one
        elif isinstance(one, ResultTold):
            results.setdefault(one[:2], (*one, batch.epoch))
        elif isinstance(one, LostTold):
            lost[one[:3]] = one
        elif not isinstance(one, TimeRetold):
            corrections.append((batch.epoch, number, *one))
    tables = {schema.visits: list(visits.values()), schema.contacts: list(contacts.values()), schema.agent_spans: list(spans.values())}
    tables |= {schema.incidents: list(incidents.values()), schema.signals: list(signals.values()), schema.results: list(results.values())}
    tables |= {schema.lost_callers: list(lost.values())}
    tables |= {schema.attempts: list(attempts.values()), schema.ring_no_answers: rings, schema.corrections: corrections}
    return {table: rows for table, rows in tables.items() if rows}


def _put(connection: Connection, table: Table, rows: list[Row]) -> int:
    """All rows; where one is such that no database takes it, all but that one."""
    statement = first_stays if table is schema.results else upsert
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(statement(table, connection.dialect.name), rows)
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


def _give_way(connection: Connection, epoch: int, told: TimeRetold) -> None:
    """What other floors have told of these people's time goes, and of the rings of this PBX; what began before it ends there."""
    table = schema.agent_spans
    older = table.c.person.in_(told.people), table.c.epoch_at != epoch
    connection.execute(delete(table).where(*older, table.c.start_at >= told.since, table.c.start_at < told.until))
    connection.execute(update(table).where(*older, table.c.start_at < told.since, table.c.end_at > told.since).values(end_at=told.since))
    rings = schema.ring_no_answers
    theirs = rings.c.person.in_(told.people), rings.c.pbx == told.pbx, rings.c.epoch_at != epoch
    connection.execute(delete(rings).where(*theirs, rings.c.at >= told.since, rings.c.at < told.until))


def _plan(connection: Connection, plan: PlanVersion) -> None:
    """A plan, unless it is the one in force already; an empty one ends what there was."""
    table = schema.plan_versions
    latest = select(table.c.digest, table.c.format, table.c.who).where(table.c.kind == plan.kind).order_by(table.c.since_at.desc()).limit(1)
    known = connection.execute(latest).one_or_none()
    if not plan.empty if known is None else not plan.same(*known):
        row = (plan.kind, plan.since, plan.who, plan.why, plan.format, plan.digest, plan.rows)
        connection.exec_driver_sql(upsert(table, connection.dialect.name), [row])
