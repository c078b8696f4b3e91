"""The tables of the store, named in the trade's words.

Owns their columns: what a minute or an interval holds is the ledger's cells, one column each. Every instant is UTC in microseconds since 1970
(`…_at`), every duration microseconds (`…_us`), planned calls are millionths. No caller's number, no name: calls are the PBX's ids, people the
ids of the agents file, lost callers an HMAC under a secret that is not in here. Refuses changes: a column that comes or goes is a step of
`migrations`. Next: `writer` and `reader`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text, and_, literal_column

from monitor.core.book import GROUP_WIDTH
from monitor.core.snapshot import Cell, State

metadata = MetaData()

CELLS = tuple(cell.name.lower() for cell in Cell)
STATES = tuple(f"{state.value}_us" for state in State)
GROUP_SUMS = (*STATES, "observed_us", *(f"seen_{state}" for state in STATES), "labour", "unpriced_us")
if len(GROUP_SUMS) != GROUP_WIDTH:
    raise AssertionError("a group's minute has another shape than the ledger's")


def _whole(name: str, *, key: bool = False, null: bool = False) -> Column[int]:
    return Column(name, BigInteger().with_variant(Integer, "sqlite"), primary_key=key, nullable=null, autoincrement=False)


def _text(name: str, *, key: bool = False, null: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=key, nullable=null)


def _table(name: str, *columns: Column[Any], compact: bool = True) -> Table:
    return Table(name, metadata, *columns, sqlite_with_rowid=not compact)


def _sums(names: tuple[str, ...]) -> list[Column[int]]:
    return [_whole(name) for name in names]


meta = _table("meta", _text("key", key=True), _text("value"))

project_minutes = _table(
    "project_minutes", _text("project", key=True), _whole("minute_at", key=True), _whole("interval_at"), _whole("epoch_at"), _whole("number"), *_sums(CELLS)
)
group_minutes = _table(
    "group_minutes",
    _text("group_name", key=True),
    _whole("minute_at", key=True),
    _whole("interval_at"),
    _whole("epoch_at"),
    _whole("number"),
    *_sums(GROUP_SUMS),
)
project_intervals = _table("project_intervals", _text("project", key=True), _whole("interval_at", key=True), _whole("minutes"), *_sums(CELLS))
group_intervals = _table("group_intervals", _text("group_name", key=True), _whole("interval_at", key=True), _whole("minutes"), *_sums(GROUP_SUMS))

visits = _table(
    "visits",
    *(_text("pbx", key=True), _text("call", key=True), _text("queue", key=True), _whole("number", key=True)),
    *(_text("project"), _whole("joined_at"), _whole("wait_us"), _text("outcome"), _text("reason", null=True)),
)
contacts = _table(
    "contacts",
    *(_text("project", key=True), _text("pbx", key=True), _text("call", key=True)),
    *(_whole("joined_at"), _whole("wait_us"), _whole("visits"), _text("outcome"), _whole("handled_at", null=True), _whole("handle_us")),
    *(_text("queue"), _text("agent"), _whole("talk_us"), _whole("hold_us"), _whole("connected_us"), _text("exempt"), _text("digits")),
)
agent_spans = _table(
    "agent_spans",
    *(_text("person", key=True), _whole("start_at", key=True), _whole("end_at")),
    *(_text("group_name", null=True), _text("state"), _text("project", null=True), _text("reason"), _whole("epoch_at")),
)
ring_no_answers = _table(
    "ring_no_answers",
    *(_whole("at", key=True), _whole("epoch_at", key=True), _whole("number", key=True)),
    *(_text("person"), _text("pbx"), _text("call"), _text("queue"), _text("project", null=True), _text("group_name")),
)
corrections = _table(
    "corrections",
    *(_whole("epoch_at", key=True), _whole("number", key=True), _whole("known_at")),
    *(_text("pbx"), _text("project"), _text("what"), _text("which"), _text("was"), _text("now"), _text("why")),
    *(_whole("about_at", null=True), _text("who")),
)
amendments = _table(
    "amendments",
    *(_whole("number", key=True), _whole("made_at"), _whole("about_at"), _text("who"), _text("why"), _text("what"), _text("project")),
    *(_text("was"), _text("now"), _text("person"), _text("day"), _text("kind"), _whole("time_us"), _text("pbx"), _text("call")),
)
attempts = _table(
    "attempts",
    *(_text("pbx", key=True), _text("call", key=True), _text("channel", key=True), _text("project"), _text("direction")),
    *(_whole("at"), _text("agent"), _text("status"), _whole("taken_at", null=True), _whole("ended_at", null=True)),
    *(_whole("contact"), _whole("talk_us"), _whole("hold_us"), _whole("handle_us"), _text("region", null=True), _text("signals")),
)
incidents = _table(
    "incidents",
    *(_whole("epoch_at", key=True), _text("number", key=True), _text("kind"), _text("scope")),
    *(_whole("since_at"), _whole("until_at", null=True), _whole("recovery_us"), _text("note"), _text("who"), _text("closed_by")),
)
signals = _table(
    "signals",
    *(_text("name", key=True), _text("region", key=True), _whole("since_at", key=True), _text("told_by", key=True)),
    *(_text("kind"), _whole("until_at"), _text("end_by"), _text("who"), _text("ended_by")),
)
results = _table(
    "results",
    *(_text("project", key=True), _text("key", key=True), _whole("at"), _text("disposition"), _whole("amount_u"), _text("who"), _whole("epoch_at")),
)
lost_callers = _table(
    "lost_callers",
    *(_text("project", key=True), _text("caller", key=True), _whole("first_at", key=True), _whole("last_at"), _whole("tries")),
    *(_whole("closed_at", null=True), _text("closed_by")),
)
closings = _table(
    "closings",
    *(_text("month", key=True), _text("scope", key=True), _whole("number", key=True), _whole("closed_at"), _text("who"), _text("why"), _text("act")),
    _text("people"),
    Column("archive", LargeBinary, nullable=False),
    Column("amended_to", BigInteger, nullable=False, server_default="0"),
    compact=False,
)
plan_versions = _table(
    "plan_versions",
    *(_text("kind", key=True), _whole("since_at", key=True), _text("who"), _text("why"), _text("format"), _text("digest")),
    Column("rows", LargeBinary, nullable=False),
    compact=False,
)

Index(  # with all that contact rates are made of: a month of large campaigns is read in a second, of the table itself in four
    "attempts_by_project",
    *(attempts.c[name] for name in ("project", "at", "direction", "status", "contact", "region", "signals")),
)
Index("visits_by_project", visits.c.project, visits.c.joined_at)
Index("contacts_by_project", contacts.c.project, contacts.c.joined_at)
UNFINISHED = and_(contacts.c.outcome == literal_column("'answered'"), contacts.c.handled_at.is_(None))  # few, and asked for under every report
contacts_unfinished = Index("contacts_unfinished", contacts.c.project, contacts.c.joined_at, sqlite_where=UNFINISHED, postgresql_where=UNFINISHED)
Index("agent_spans_by_start", agent_spans.c.start_at)

# What is deleted once it is older than `retain_days`, and by which instant.
AGED: tuple[tuple[Table, Column[int]], ...] = (
    (project_minutes, project_minutes.c.minute_at),
    (group_minutes, group_minutes.c.minute_at),
    (project_intervals, project_intervals.c.interval_at),
    (group_intervals, group_intervals.c.interval_at),
    (visits, visits.c.joined_at),
    (contacts, contacts.c.joined_at),
    (agent_spans, agent_spans.c.end_at),
    (ring_no_answers, ring_no_answers.c.at),
    (attempts, attempts.c.at),
    (corrections, corrections.c.known_at),
    (amendments, amendments.c.about_at),  # with what it is about: else that would be all that is left of a day
    (incidents, incidents.c.since_at),
    (signals, signals.c.until_at),
    (results, results.c.at),
    (lost_callers, lost_callers.c.last_at),
)
