"""A whole store in one packed file, which goes back into SQLite or PostgreSQL alike.

Owns the format: gzip of JSON, a line each. The first says what it is, then each table's columns and its rows, the last how many there were:
a file without it was cut short. A backup is one moment of the store, made while the daemon goes on writing. Refuses restoring over what is
there unless told to, and beside a daemon that writes. Next: `cli` says what was done.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import Connection, LargeBinary, Table, func, select, text

from monitor.errors import NotWritten, StoreUnusable
from monitor.state.store import migrations
from monitor.state.store.place import Place
from monitor.state.store.schema import metadata

FORMAT = 1
PAGE = 1_000
Line = dict[str, Any] | list[Any]


def backup(place: Place, out: Path, *, force: bool = False) -> int:
    """Write everything into a file; how many rows. An unfinished file is never left under that name."""
    if os.path.lexists(out):
        if not out.is_file():
            raise NotWritten(f"{out}: is there already and is no file; give another name")
        if not force:
            raise NotWritten(f"{out}: is there already; give --force to replace it, or another name")
    with place.open(write=False) as opened, place.one_line():
        connection = opened.connection
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL statement_timeout = 0"))  # a large table is sent as fast as we write
            if migrations.refuse_newer(connection, place.shown) < len(migrations.STEPS):
                raise StoreUnusable(place.shown, "is of an earlier version, or empty", "run the daemon on it once")
            return _write(connection, out)


def _write(connection: Connection, out: Path) -> int:
    try:
        handle, name = tempfile.mkstemp(prefix=f".{out.name}.", dir=out.parent)
    except OSError as error:
        raise _cannot(out, error) from None
    try:
        with os.fdopen(handle, "wb") as raw:
            with gzip.open(raw, "wt", encoding="utf-8", newline="\n") as file:
                rows = _dump(connection, file)
            raw.flush()
            os.fsync(raw.fileno())
        Path(name).replace(out)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise _cannot(out, error) from None
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return rows


def _cannot(out: Path, error: OSError) -> NotWritten:
    return NotWritten(f"{out}: cannot be written: {(error.strerror or 'input/output error').lower()}; nothing was written")


def _dump(connection: Connection, file: TextIO) -> int:
    def say(line: Line) -> None:
        file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")

    counts: dict[str, int] = {}
    say({"floorwatch_store": FORMAT, "schema": len(migrations.STEPS)})
    for table in metadata.sorted_tables:
        say({"table": table.name, "columns": [column.name for column in table.columns]})
        packed = [index for index, column in enumerate(table.columns) if isinstance(column.type, LargeBinary)]
        counts[table.name] = 0
        for row in connection.execution_options(yield_per=PAGE).execute(select(table)):
            values = list(row)
            for index in packed:
                values[index] = base64.b64encode(values[index]).decode()
            say(values)
            counts[table.name] += 1
    say({"rows": counts})
    return sum(counts.values())


def restore(place: Place, source: Path, *, force: bool = False) -> int:
    """Fill a store from a file, all or nothing; how many rows. What was in it goes, with `force` only."""
    if not source.is_file():
        raise StoreUnusable(str(source), "is no file" if source.exists() else "there is no such file", "correct the path")
    with place.open(alone=True) as opened, place.one_line(), opened.connection.begin():
        connection = opened.connection
        migrations.migrate(connection, place.shown)
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        found = [
            table.name for table in metadata.sorted_tables if table.name != "meta" and connection.execute(select(func.count()).select_from(table)).scalar()
        ]
        if found and not force:
            raise StoreUnusable(place.shown, f"has rows in {', '.join(found)}", "give --force to replace all of them, or name an empty store")
        for table in metadata.sorted_tables:
            connection.execute(table.delete())
        try:
            return _fill(connection, source)
        except (TypeError, ValueError, RecursionError):  # values that are none of ours
            raise StoreUnusable(str(source), "is damaged", "nothing was restored; take another backup") from None


def _fill(connection: Connection, source: Path) -> int:
    counts: dict[str, int] = {}
    table: Table | None = None
    rows: list[dict[str, Any]] = []
    names: list[str] = []

    def flush() -> None:
        if table is not None and rows:
            connection.execute(table.insert(), rows)
            rows.clear()

    lines = _lines(source)
    head = next(lines, None)
    if not isinstance(head, dict) or head.get("floorwatch_store") != FORMAT:
        raise StoreUnusable(str(source), "is no backup of a store", "name what floorwatch store backup wrote")
    if head.get("schema") != len(migrations.STEPS):
        raise StoreUnusable(str(source), f"is of schema {head.get('schema')}, this version writes {len(migrations.STEPS)}", "restore it with that version")
    for line in lines:
        if isinstance(line, list) and table is not None and len(line) == len(names):
            row = dict(zip(names, line, strict=True))
            for column in table.columns:
                if isinstance(column.type, LargeBinary):
                    row[column.name] = base64.b64decode(row[column.name])
            rows.append(row)
            counts[table.name] += 1
            if len(rows) >= PAGE:
                flush()
        elif isinstance(line, dict) and (told := metadata.tables.get(line.get("table", ""))) is not None and line.get("columns") == told.columns.keys():
            flush()
            table, names, counts[told.name] = told, told.columns.keys(), 0
        elif isinstance(line, dict) and line.get("rows") == counts:
            flush()
            return sum(counts.values())
        else:
            raise StoreUnusable(str(source), "is damaged", "nothing was restored; take another backup")
    raise StoreUnusable(str(source), "was cut short", "nothing was restored; take another backup")


def _lines(source: Path) -> Iterator[Line]:
    try:
        with gzip.open(source, "rt", encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)
    except FileNotFoundError:
        raise StoreUnusable(str(source), "there is no such file", "correct the path") from None
    except (OSError, EOFError, ValueError, RecursionError, zlib.error) as error:
        reason = error.strerror.lower() if isinstance(error, OSError) and error.strerror else "is no backup of a store, or damaged"
        raise StoreUnusable(str(source), reason, "nothing was restored; name what floorwatch store backup wrote") from None
