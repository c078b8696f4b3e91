"""From any earlier schema of the store to this one.

Owns the steps, in order, and the number of the last one taken, which stands in `meta`. All steps that are missing are taken in one
transaction: a store is of one version or of the next, never between. Refuses a store that a later version has made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlalchemy import Connection, Table, func, inspect, select, update

from monitor.errors import StoreUnusable
from monitor.state.store import schema
from monitor.state.store.schema import agent_spans, incidents, meta, metadata

SCHEMA = "schema"
MONEY = "money"  # since when what calls were worth is kept; without it, since ever
NO_ANSWERS = "no_answers"  # and since when, who let a ring pass
MINUTE_US = 60_000_000
DAY_US = 86_400_000_000  # of the day in which it began only a part is known


def _first(connection: Connection) -> None:
    metadata.create_all(connection)
    connection.execute(meta.insert().values(key=SCHEMA, value="0"))


def _spans_know_their_floor(connection: Connection) -> None:
    _add(connection, agent_spans, ("epoch_at",), "BIGINT NOT NULL DEFAULT 0")


def _incidents_are_kept(connection: Connection) -> None:
    incidents.create(connection, checkfirst=True)


def _money_is_kept(connection: Connection) -> None:
    """What was before was worth nothing that anybody knows."""
    project = ("billed", "billed_s", "revenue_u", "connected_us", "plan_agent_us", "results", "results_u")
    contact = ("talk_us", "hold_us", "connected_us")
    added: list[tuple[Table, tuple[str, ...], str]] = [
        *((table, project, "BIGINT NOT NULL DEFAULT 0") for table in (schema.project_minutes, schema.project_intervals)),
        *((table, ("labour", "unpriced_us"), "BIGINT NOT NULL DEFAULT 0") for table in (schema.group_minutes, schema.group_intervals)),
        (schema.contacts, contact, "BIGINT NOT NULL DEFAULT 0"),
        (schema.contacts, ("queue", "agent", "exempt", "digits"), "TEXT NOT NULL DEFAULT ''"),
        (schema.corrections, ("about_at",), "BIGINT"),
        (schema.corrections, ("who",), "TEXT NOT NULL DEFAULT ''"),
    ]
    for table, names, kind in added:
        _add(connection, table, names, kind)
    _remember(connection, MONEY, DAY_US)
    for table in (schema.results, schema.closings):
        table.create(connection, checkfirst=True)


def _unfinished_are_found(connection: Connection) -> None:
    schema.contacts_unfinished.create(connection, checkfirst=True)


def _amendments_are_kept(connection: Connection) -> None:
    """What was closed before had none to look at."""
    schema.amendments.create(connection, checkfirst=True)
    _add(connection, schema.closings, ("amended_to",), "BIGINT NOT NULL DEFAULT 0")


def _no_answers_are_kept(connection: Connection) -> None:
    """Who let a ring pass before, nobody knows."""
    schema.ring_no_answers.create(connection, checkfirst=True)
    _remember(connection, NO_ANSWERS, MINUTE_US)


def _attempts_are_kept(connection: Connection) -> None:
    """Of outbound calls before nobody knows."""
    names = [name for name in schema.CELLS if name.startswith(("out_", "callback_", "plan_out_"))]
    for table in (schema.project_minutes, schema.project_intervals):
        _add(connection, table, names, "BIGINT NOT NULL DEFAULT 0")
    schema.attempts.create(connection, checkfirst=True)


def _signals_are_kept(connection: Connection) -> None:
    """Of calls before it nobody knows where they went, nor what held there."""
    schema.signals.create(connection, checkfirst=True)
    _add(connection, schema.attempts, ("region",), "TEXT")
    _add(connection, schema.attempts, ("signals",), "TEXT NOT NULL DEFAULT ''")


def _lost_callers_are_kept(connection: Connection) -> None:
    schema.lost_callers.create(connection, checkfirst=True)


def _add(connection: Connection, table: Table, names: Iterable[str], kind: str) -> None:
    """Columns that a store has already if it was made just now."""
    known = {column["name"] for column in inspect(connection).get_columns(table.name)}
    for name in names:
        if name not in known:
            connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {name} {kind}")


def _remember(connection: Connection, what: str, after_us: int) -> None:
    """It is kept since so long after the last minute that is written; where none is, since ever."""
    latest = connection.execute(select(func.max(schema.project_minutes.c.minute_at))).scalar_one_or_none()
    if latest is not None:
        connection.execute(meta.insert().values(key=what, value=str(latest + after_us)))


STEPS: tuple[Callable[[Connection], None], ...] = (
    _first,
    _spans_know_their_floor,
    _incidents_are_kept,
    _money_is_kept,
    _unfinished_are_found,
    _amendments_are_kept,
    _no_answers_are_kept,
    _attempts_are_kept,
    _signals_are_kept,
    _lost_callers_are_kept,
)


def version(connection: Connection) -> int:
    """The number of the last step this store has taken, 0 for an empty one."""
    if not inspect(connection).has_table(meta.name):
        return 0
    found = connection.execute(select(meta.c.value).where(meta.c.key == SCHEMA)).scalar_one_or_none()
    return 0 if found is None else int(found)


def refuse_newer(connection: Connection, where: str) -> int:
    """The version, unless this program does not know it."""
    found = version(connection)
    if found > len(STEPS):
        raise StoreUnusable(where, f"has schema {found}, this version knows {len(STEPS)}", "run the newer floorwatch, or name another store")
    return found


def refuse_other(connection: Connection, where: str) -> None:
    """Refuse a store of an earlier version too: it lacks what will be asked for."""
    if refuse_newer(connection, where) < len(STEPS):
        raise StoreUnusable(where, "is of an earlier version, or empty", "run the daemon on it once")


def migrate(connection: Connection, where: str) -> bool:
    """Take every step that is missing; True if there was any. The caller commits."""
    found = refuse_newer(connection, where)
    for step in STEPS[found:]:
        step(connection)
    if found < len(STEPS):
        connection.execute(update(meta).where(meta.c.key == SCHEMA).values(value=str(len(STEPS))))
    return found < len(STEPS)
