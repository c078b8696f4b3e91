"""A person is forgotten: what they did stays in the sums of their group, nobody can say whose it was.

Owns where a person stands in the store, and the name without a person that takes the place of theirs: a random one, so that nothing leads
back. Refuses backups that were made before, and a daemon that sees the person at work: those are for people to know.
"""

from __future__ import annotations

import secrets
import sqlite3
from contextlib import closing
from difflib import get_close_matches

from sqlalchemy import Column, Connection, distinct, func, select, update

from monitor.errors import BadOption, StoreUnusable
from monitor.state.store import migrations
from monitor.state.store.closing import naming, rename
from monitor.state.store.place import Place
from monitor.state.store.schema import agent_spans, amendments, contacts, corrections, ring_no_answers

PATIENCE_S = 5.0  # for whoever reads just now
PERSONS: tuple[Column[str], ...] = (agent_spans.c.person, ring_no_answers.c.person, contacts.c.agent, corrections.c.which, amendments.c.person)


def find(place: Place, person: str) -> dict[str, int]:
    """How many rows each table has of a person; BadOption where there is none."""
    if not place.exists():
        raise StoreUnusable(place.shown, "there is no such file", "name the store in [store] url")
    with place.open(write=False) as opened, place.one_line(), opened.connection.begin():
        migrations.refuse_other(opened.connection, place.shown)
        found = _counts(opened.connection, person)
        if any(found.values()):
            return found
        near = get_close_matches(person, opened.connection.execute(select(distinct(agent_spans.c.person))).scalars().all(), n=1)
    like = f" (the name most like it is {near[0]}: look who that is)" if near else ""
    remedy = f"give the employee_id of the agents file, PBX/interface, or for who is only in queue_log PBX/name{like}"
    raise BadOption(f"{person}: the store knows no such person; {remedy}")


def forget(place: Place, person: str) -> dict[str, int]:
    """Put a pseudonym in the place of a person, everywhere; what was done in how many rows."""
    with place.open() as opened, place.one_line():
        connection = opened.connection
        if connection.dialect.name == "sqlite":
            _empty_log(place, "is being read by somebody, so its log could not be emptied", "end that first; nothing was changed")
            connection.exec_driver_sql("PRAGMA secure_delete = ON")  # not in what the file has free either
            connection.rollback()
        with connection.begin():
            found = _counts(connection, person)
            nobody = f"forgotten-{secrets.token_hex(6)}"
            for column in PERSONS:
                connection.execute(update(column.table).where(column == person).values({column.name: nobody}))
            rename(connection, person, nobody)
        if connection.dialect.name == "sqlite":
            problem = "names the person no longer, but somebody began to read it meanwhile and its log, beside it, still holds the name"
            _empty_log(place, problem, "end what reads it and restart the daemon: that empties the log")
        return found


def _empty_log(place: Place, problem: str, remedy: str) -> None:
    """Have everything in the file itself and nothing beside it; StoreUnusable, in these words, while somebody reads what is older."""
    with closing(sqlite3.connect(str(place.file), timeout=PATIENCE_S)) as outside:
        busy, _, _ = outside.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise StoreUnusable(place.shown, problem, remedy)


def _counts(connection: Connection, person: str) -> dict[str, int]:
    found = {str(column.table): connection.execute(select(func.count()).select_from(column.table).where(column == person)).scalar_one() for column in PERSONS}
    archives = naming(connection, person)
    return found | {"closings": archives} if archives else found
