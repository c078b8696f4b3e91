"""Where the store is: a file of SQLite, or a database of PostgreSQL; and a connection to it.

Owns the address, which is never shown with its password, how a connection is set up, what may go on beside us, and one line for whatever a
database refuses. Who writes for long is alone: a lock beside the file, or in the server for as long as the connection lives. Refuses
tables. Next: `migrations` looks at what is there.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from monitor.errors import StoreUnusable

BUSY_S = 5  # how long SQLite waits for another writer
LOCK = 0x666C6F6F72  # "floor": the advisory lock of whoever writes to a PostgreSQL
SERVER = {
    "connect_timeout": 5,
    "tcp_user_timeout": 15_000,
    "application_name": "floorwatch",
    "options": "-c statement_timeout=30000 -c lock_timeout=10000 -c timezone=UTC",
}
REMEDIES = (
    ("disk is full", "make room"),
    ("not a database", "name another file in [store] url"),
    ("locked", "end what else writes to it"),
    ("lock timeout", "end what else writes to it"),
    ("readonly", "give the daemon's user the right to write"),
    ("permission denied", "give the user the right to make tables in its schema"),
    ("authentication failed", "correct user and password in [store] url"),
    ("does not exist", "create it, or correct [store] url"),
    ("refused", "start the server, or correct [store] url"),
)


@dataclass(slots=True)
class Opened:
    """A connection, and the lock that goes with it. `file` is the one it is to, by its number."""

    place: Place
    engine: Engine
    connection: Connection
    _lock: int | None = None
    _file: int | None = None

    def same_as(self, other: Opened) -> bool:
        """Whether both are connections to the same file; to a server they are."""
        return self._file == other._file

    def check(self) -> None:
        """StoreUnusable when the file is not the one that was opened: what is written to that one nobody will read."""
        if self._file != self.place.inode():
            raise StoreUnusable(self.place.shown, "was removed or replaced while it was open", "what is final from now on goes into the one that is there now")

    def close(self) -> None:
        """Give both back; a connection that is dead already is no error."""
        with_lock, self._lock = self._lock, None
        try:
            self.connection.close()
        except (SQLAlchemyError, OSError):
            self.connection.invalidate()
        finally:
            self.engine.dispose()
            if with_lock is not None:
                os.close(with_lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class Place:
    """A store's address as the configuration has it; `shown` is what people see."""

    url: str = field(repr=False)

    def __post_init__(self) -> None:
        """StoreUnusable when it is no address; all that follows may rely on it."""
        try:
            make_url(self.url)
        except (ArgumentError, ValueError):  # which tell the password
            raise StoreUnusable("[store] url", "is not an address", "write it as postgresql+psycopg://user:password@host:5432/database") from None

    @property
    def file(self) -> Path | None:
        """The file of SQLite, None for a server."""
        url = make_url(self.url)
        return Path(url.database or "") if url.get_backend_name() == "sqlite" else None

    @property
    def shown(self) -> str:
        """The address without user and password."""
        url = make_url(self.url)
        if url.get_backend_name() == "sqlite":
            return url.database or "sqlite"
        return f"{url.get_backend_name()}://{url.host or 'localhost'}{f':{url.port}' if url.port else ''}/{url.database or ''}"

    def inode(self) -> int | None:
        """Which file it is now; None for none, and for a server."""
        if self.file is not None:
            with suppress(FileNotFoundError):
                return self.file.stat().st_ino
        return None

    def exists(self) -> bool:
        """Whether there can be anything in it; a server is asked by opening it."""
        try:
            return self.file is None or self.file.exists()
        except OSError:
            return True  # opening it says why not

    def open(self, *, alone: bool = False, write: bool = True) -> Opened:
        """A connection; `alone`: or StoreUnusable while a daemon writes to it."""
        with self.one_line():
            file = self.file
            lock = None if file is None else _prepare(file, lock=alone, write=write)
            try:
                engine = self._engine(write=write)
                opened = Opened(self, engine, engine.connect(), lock, self.inode())
            except BaseException:
                if lock is not None:
                    os.close(lock)
                raise
            try:
                if alone and file is None:
                    self._take_server(opened.connection)
            except BaseException:
                opened.close()
                raise
            return opened

    def _take_server(self, connection: Connection) -> None:
        if not connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": LOCK}).scalar_one():
            raise StoreUnusable(self.shown, "another floorwatch writes to it", "stop that one first")
        connection.rollback()

    def _engine(self, *, write: bool) -> Engine:
        if self.file is None:
            return create_engine(self.url, poolclass=NullPool, connect_args=SERVER)
        engine = create_engine(self.url, poolclass=NullPool, connect_args={"timeout": BUSY_S, "check_same_thread": write})

        @event.listens_for(engine, "connect")
        def _connected(connection: sqlite3.Connection, _record: object) -> None:
            connection.isolation_level = None  # we begin transactions, also those that change tables
            connection.execute("PRAGMA foreign_keys = ON")
            if write:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = NORMAL")
            else:
                connection.execute("PRAGMA cache_size = -16384")  # kB: what is sorted in less goes by way of a file

        @event.listens_for(engine, "begin")
        def _begun(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

        return engine

    @contextmanager
    def one_line(self) -> Iterator[None]:
        """Whatever the database or the disk refuses is said in one line."""
        try:
            yield
        except ModuleNotFoundError as error:
            raise StoreUnusable(self.shown, f"needs {error.name}, which is not installed", "pip install 'floorwatch[postgresql]'") from None
        except DBAPIError as error:
            raise self.refused(str(error.orig)) from None
        except SQLAlchemyError as error:
            raise self.refused(str(error)) from None
        except OSError as error:
            raise StoreUnusable(self.shown, (error.strerror or "input/output error").lower(), "name another place in [store] url") from None

    def refused(self, said: str) -> StoreUnusable:
        """What a database said, and the way out where there is one."""
        line = " ".join((said.strip().splitlines() or ["refused without a word"])[0].split())
        return StoreUnusable(self.shown, line, next((way for word, way in REMEDIES if word in line), ""))


def _prepare(file: Path, *, lock: bool, write: bool) -> int | None:
    """Make the file, for its owner alone, in a folder that may be made too; and take its lock."""
    if not write:
        file.open("rb").close()  # what is not there is said by the system's word, and not created
        return None
    file.parent.mkdir(mode=0o700, exist_ok=True)
    os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    if not lock:
        return None
    handle = os.open(file.with_name(f"{file.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise StoreUnusable(str(file), "another floorwatch writes to it", "stop that one first") from None
    return handle
