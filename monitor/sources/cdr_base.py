"""A database of call detail records, asked who was called: FreePBX's table `cdr`, and what cdr_pgsql and cdr_adaptive_odbc write.

    calldate, duration, billsec      FreePBX and cdr_mysql: he was called then, it ended `duration` later, and he was up for the last `billsec` of it
    start, answer, end               taken as they are where a table has them
    0000-00-00 00:00:00, ""          no time
    timestamptz, whole numbers       instants; a time without a zone is read as one of Master.csv is: the uniqueid tells

A row becomes the fields of a line of Master.csv, so that one place says what a line means (`cdr_called`). It is asked in a process of its own, which
connects for five seconds, reads only, and ends with its answer: a database that is dead, slow or frozen costs the loop nothing. A page at a time, cut
at a second: a long read would hold up whoever writes into a table of MyISAM. Owns the address, which is never shown with its password, the columns and one
line for whatever a database refuses. Refuses to write, and what a record means. Next: `monitor.cdrs` asks; `check` looks.
"""

from __future__ import annotations

import asyncio
import io
import pickle
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import URL, ColumnElement, Connection, column, create_engine, make_url, select, table, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from monitor.core.contract import SECOND
from monitor.errors import LogUnreadable
from monitor.sources import apart
from monitor.sources.cdr import LONGESTCALL_S
from monitor.sources.cdr_called import LATE_US, CalledRecord, Line, attempts, dated, in_order

CHILD = "from monitor.sources.cdr_base import main; main()"  # not -m: what is pickled has to be of this module, not of __main__
CONNECT_S: Final = 5
STATEMENT_S: Final = 20
PATIENCE_S = 60.0  # of a day's rows
PAGE: Final = 2_000
MOST: Final = 1_000_000  # rows of one question
LIST: Final = 500  # records unpacked at once: the loop has its turn between two lists
TABLE: Final = "cdr"
CLOCK: Final = "%Y-%m-%d %H:%M:%S"
NEEDED: Final = ("channel", "dstchannel", "lastapp", "lastdata", "disposition")
TEXTS: Final = ("accountcode", "src", "dst", "dcontext", *NEEDED, "uniqueid", "linkedid")
WANTED: Final = (*TEXTS, "calldate", "start", "answer", "end", "duration", "billsec")
ARGUMENTS: Final[Mapping[str, dict[str, object]]] = {
    "mysql": {"connect_timeout": CONNECT_S, "read_timeout": STATEMENT_S + 5, "write_timeout": CONNECT_S},
    "postgresql": {
        "connect_timeout": CONNECT_S,
        "tcp_user_timeout": 15_000,
        "application_name": "floorwatch",
        "options": f"-c statement_timeout={STATEMENT_S}s -c default_transaction_read_only=on -c timezone=UTC",
    },
}
# MariaDB has the one limit and MySQL the other; MariaDB 5.5, which old FreePBX has, knows none of the three: then the driver's own limit is all there is.
LIMITS: Final = ("SET SESSION TRANSACTION READ ONLY", f"SET SESSION max_statement_time = {STATEMENT_S}", f"SET SESSION max_execution_time = {STATEMENT_S}000")
INDEX: Final = "give its table an index on the time: CREATE INDEX calldate ON cdr (calldate)"
REMEDIES: Final = (
    ("Access denied", "correct the user, or the password by cdr_secret_file, and GRANT SELECT on the table to him"),
    ("authentication failed", "correct the user, or the password by cdr_secret_file"),
    ("no password supplied", "give it by cdr_secret_file"),
    ("command denied", "GRANT SELECT on the table to the user"),
    ("permission denied", "GRANT SELECT on the table to the user"),
    ("Unknown database", "correct the database in cdr"),
    ('database "', "correct the database in cdr"),
    ("exist", "name the table of CDRs: ?table=… at the end of cdr"),
    ("unexpected keyword", "take it out of the address in cdr"),
    ("invalid connection option", "take it out of the address in cdr"),
    ("cryptography", "pip install cryptography"),
    ("statement timeout", INDEX),
    ("execution was interrupted", INDEX),
    ("during query", "see to the server"),
)
REACH: Final = "start the server, let this machine reach it, or correct host and port in cdr"


@dataclass(frozen=True, slots=True)
class Base:
    """One database of records: its address as the configuration has it, and its password where it does not stand in there."""

    url: str = field(repr=False)
    password: str = field(default="", repr=False)

    @property
    def shown(self) -> str:
        """What people may see of it."""
        url = make_url(self.url)
        return URL.create(url.drivername, url.username, host=url.host, port=url.port, database=url.database).render_as_string()

    @property
    def table(self) -> str:
        """The name of its table, with its schema where it has one."""
        found = make_url(self.url).query.get("table", TABLE)
        return found if isinstance(found, str) else found[-1]

    @property
    def address(self) -> URL:
        """Where the driver connects to."""
        url = make_url(self.url).difference_update_query(["table"])
        if url.get_backend_name() in ("mysql", "mariadb"):
            url = url.set(drivername="mysql+pymysql")
        return url.set(password=self.password) if self.password else url


@dataclass(frozen=True, slots=True)
class Question:
    """Who was called on this PBX, of calls that ended in `[since, until]`; `zone` is that of the site."""

    base: Base
    pbx: str
    zone: tzinfo
    since: int
    until: int


async def ask(question: Question) -> list[CalledRecord]:
    """The answer of a process of its own, as `cdr_called.called` gives it; LogUnreadable when the database does not give it."""
    out = await apart.ask(CHILD, question, PATIENCE_S)
    if isinstance(out, str):
        raise LogUnreadable(question.base.shown, f"{out}; is the server well?")
    stream = io.BytesIO(out)
    problem: str = pickle.load(stream)  # noqa: S301 - our own process wrote it
    if problem:
        raise LogUnreadable(question.base.shown, problem)
    records: list[CalledRecord] = []
    for _ in range(pickle.load(stream)):  # noqa: S301 - as above
        records += pickle.load(stream)  # noqa: S301 - as above
        await asyncio.sleep(0)
    return records


def main() -> None:
    """The process: a question on standard input, its answer on standard output."""
    question: Question = pickle.load(sys.stdin.buffer)  # noqa: S301 - the daemon wrote it
    out = sys.stdout.buffer
    try:
        records = called(question)
    except LogUnreadable as error:
        pickle.dump(str(error).removeprefix(f"{error.file}: "), out)
        return
    pickle.dump("", out)
    lists = [records[at : at + LIST] for at in range(0, len(records), LIST)]
    pickle.dump(len(lists), out)
    for each in lists:
        pickle.dump(each, out)


def called(question: Question) -> list[CalledRecord]:
    """The answer, here and now: it waits for a network."""
    with _connected(question.base) as connection:
        return attempts(question.pbx, _lines(connection, question), question.since, question.until)


def check(base: Base) -> None:
    """LogUnreadable when the database cannot be had, or its table is none of CDRs."""
    with _connected(base) as connection:
        _looked(connection, base)


@contextmanager
def _connected(base: Base) -> Iterator[Connection]:
    """A connection, and one line for whatever goes wrong with it."""
    try:
        address = base.address
        engine = create_engine(address, poolclass=NullPool, connect_args=dict(ARGUMENTS[address.get_backend_name()]))
        with engine.connect() as connection:
            for limit in LIMITS if address.get_backend_name() == "mysql" else ():
                with suppress(DBAPIError):
                    connection.exec_driver_sql(limit)
            connection.rollback()
            yield connection
    except ModuleNotFoundError as error:
        extra = "mysql" if error.name == "pymysql" else "postgresql"
        raise LogUnreadable(base.shown, f"needs {error.name}, which is not installed; pip install 'floorwatch[{extra}]'") from None
    except DBAPIError as error:
        raise _refused(base, error.orig or error) from None
    except (SQLAlchemyError, OSError, RuntimeError, TypeError, ValueError) as error:
        raise _refused(base, error) from None


def _refused(base: Base, error: BaseException) -> LogUnreadable:
    """What a database or its driver said, and the way out."""
    said = str(error.args[-1]) if error.args else ""
    line = " ".join((said.strip().splitlines() or [type(error).__name__])[0].split())
    return LogUnreadable(base.shown, f"{line}; {next((way for word, way in REMEDIES if word in line), REACH)}")


# --- its table --------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Table:
    """The table: its columns by their names in small letters, which of them is searched by, and of what form a time in it is."""

    base: Base
    columns: Mapping[str, str]
    clock: str
    form: type

    def rows(self, connection: Connection, since: object, until: object) -> list[dict[str, Any]]:
        """A page of rows that began then, the first first."""
        clock: ColumnElement[Any] = column(self.columns[self.clock])
        wanted: list[ColumnElement[Any]] = [column(self.columns[name]).label(name) for name in WANTED if name in self.columns]
        statement = select(*wanted).select_from(_named(self.base)).where(clock >= since, clock <= until).order_by(clock).limit(PAGE)
        return [dict(row) for row in connection.execute(statement).mappings()]


def _named(base: Base) -> Any:  # noqa: ANN401 - SQLAlchemy has no short word for it
    schema, _, name = base.table.rpartition(".")
    return table(name, schema=schema or None)


def _looked(connection: Connection, base: Base) -> _Table:
    """What columns there are, by one row of it."""
    found = connection.execute(select(text("*")).select_from(_named(base)).limit(1))
    columns = {str(name).lower(): str(name) for name in found.keys()}  # noqa: SIM118 - a result is no mapping
    row = found.mappings().first()
    clock = "calldate" if "calldate" in columns else "start"
    missing = [name for name in (clock, "end" if "end" in columns else "duration", *NEEDED) if name not in columns]
    if missing:
        remedy = "name the table of CDRs: ?table=… at the end of cdr"
        raise LogUnreadable(base.shown, f"table {base.table} has no column {', '.join(missing)}; {remedy}")
    return _Table(base, columns, clock, type(None if row is None else row[columns[clock]]))


def _lines(connection: Connection, question: Question) -> Iterator[Line]:
    """Lines in order, of calls that may have ended in that time or a little before; which clock the table has is not known yet, so it is asked for both."""
    looked = _looked(connection, question.base)
    first, last = question.since - LATE_US - LONGESTCALL_S * SECOND, question.until
    since: Any = _bound(min(first, _in(question.zone, first)), looked.form)
    until: Any = _bound(max(last, _in(question.zone, last)), looked.form)
    count = 0
    while rows := looked.rows(connection, since, until):
        count += len(rows)
        more, latest = len(rows) == PAGE, rows[-1][looked.clock]
        if more and (count > MOST or rows[0][looked.clock] == latest):
            raise LogUnreadable(question.base.shown, f"more than {min(count, MOST):,} rows of that time; it is too much for one question")
        ready = [row for row in rows if row[looked.clock] != latest] if more else rows  # of the last second there may be others
        lines = [line for row in ready if (fields := _fields(row)) is not None and (line := dated(fields, _zone(row[looked.clock], question.zone))) is not None]
        yield from (line for line in sorted(lines, key=in_order) if question.since - LATE_US <= line.end <= question.until)
        if not more:
            return
        since = latest


def _in(zone: tzinfo, at: int) -> int:
    """What a clock of this zone shows at an instant, as if it were one of UTC."""
    offset = datetime.fromtimestamp(at / SECOND, zone).utcoffset() or timedelta(0)
    return at + int(offset.total_seconds()) * SECOND


def _bound(at: int, form: type) -> object:
    """A time to search by, as the table has it."""
    if issubclass(form, int | float | Decimal):
        return at // SECOND
    clock = datetime.fromtimestamp(at // SECOND, UTC).replace(tzinfo=None)
    return clock.strftime(CLOCK) if issubclass(form, str | bytes) else clock


def _fields(row: Mapping[str, Any]) -> list[str] | None:
    """A row as a line of Master.csv; None where it has no times."""
    start, end, answer = (_moment(row.get(name)) for name in ("start", "end", "answer"))
    start = start or _moment(row.get("calldate"))
    if start is not None and end is None and row.get("duration") is not None:
        end = start + timedelta(seconds=int(row["duration"]))
    if start is None or end is None:
        return None
    up = int(row.get("billsec") or 0)
    if answer is None and "answer" not in row and (up or _text(row["disposition"]) == "ANSWERED"):
        answer = end - timedelta(seconds=up)
    times = (f"{start:{CLOCK}}", "" if answer is None else f"{answer:{CLOCK}}", f"{end:{CLOCK}}", "", "")
    account, src, dst, context, channel, far, application, data, disposition, call, linked = (_text(row.get(name)) for name in TEXTS)
    return [account, src, dst, context, "", channel, far, application, data, *times, disposition, "", call, linked]


def _text(value: object) -> str:
    return "" if value is None else value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


def _moment(value: object) -> datetime | None:
    """A time on the clock it was written by; of an instant, on that of UTC."""
    if isinstance(value, datetime):
        return value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
    if isinstance(value, int | float | Decimal):
        return datetime.fromtimestamp(int(value), UTC).replace(tzinfo=None) if value else None
    try:
        return datetime.fromisoformat(_text(value))
    except ValueError:
        return None


def _zone(value: object, zone: tzinfo) -> tzinfo:
    """Which one a time is in, unless its uniqueid knows better."""
    instant = value.tzinfo is not None if isinstance(value, datetime) else isinstance(value, int | float | Decimal)
    return UTC if instant else zone
