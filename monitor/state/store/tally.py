"""What reports ask of many rows at once: only the columns they need, streamed, or added up by the database where sums are whole.

Owns these questions: intervals of a book, contacts of a project, who was there, what a person did each day, whom he answered, how far the store
goes. Sums of time are exact: a span is added by the database only as far as it lies in the day it began in; what reaches over the end of that day
comes as it is, and is cut here. Refuses ratios and money. Next: `outputs.reports`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Row, Subquery, case, func, literal, select, union_all

from monitor.core.chronicle import DAY
from monitor.core.contract import MINUTE
from monitor.state.store import schema
from monitor.state.store.reader import LONGEST_SPAN, Reader
from monitor.state.store.writer import BOOKS

Key = tuple[int, str | None, str, str | None, str]  # of what a person did, a day's number first
LONGEST_CALL = DAY  # a contact is looked for from so long before the time it was answered in


class Spent(NamedTuple):
    """What a person did on a day: `day` counts from the first edge; a state for a project under a pause reason."""

    day: int
    group: str | None
    state: str
    project: str | None
    reason: str
    us: int


class Answered(NamedTuple):
    """Whom a person answered first on a day: how many, and of those that are finished with the work on them wholly known how many and how long."""

    agent: str
    day: int
    calls: int
    handled: int
    handle_us: int


class Tally:
    """Questions to a store that is open for reading."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def intervals(self, of: str, name: str, start: int, end: int, columns: Sequence[str]) -> Iterator[Row[Any]]:
        """Start, minutes and these sums of each interval of a `project` or `group` that begins in `[start, end)`."""
        _, table, _ = BOOKS[of]
        key, at = table.primary_key.columns
        question = select(at, table.c.minutes, *(table.c[each] for each in columns)).where(key == name, at >= start, at < end).order_by(at)
        return self._reader.stream(question)

    def corrections(self, start: int, end: int) -> dict[str, int]:
        """How many corrections became known in `[start, end)`, by project."""
        table = schema.corrections
        question = select(table.c.project, func.count()).where(table.c.known_at >= start, table.c.known_at < end).group_by(table.c.project)
        return {row[0]: int(row[1]) for row in self._reader.stream(question)}

    def unfinished(self, project: str, start: int, end: int) -> int:
        """How many contacts of a project that arrived in `[start, end)` are answered, and the work on them is not wholly known."""
        table = schema.contacts
        arrived = (table.c.project == project, table.c.joined_at >= start, table.c.joined_at < end)
        question = select(func.count()).where(*arrived, table.c.outcome == "answered", table.c.handled_at.is_(None))
        (row,) = self._reader.stream(question)
        return int(row[0])

    def total(self, of: str, name: str, start: int, end: int, columns: Sequence[str]) -> tuple[int, ...]:
        """Minutes and these sums of all intervals of a `project` or `group` that begin in `[start, end)`."""
        _, table, _ = BOOKS[of]
        key, at = table.primary_key.columns
        sums = [func.coalesce(func.sum(table.c[each]), 0) for each in ("minutes", *columns)]
        (row,) = self._reader.stream(select(*sums).where(key == name, at >= start, at < end))
        return tuple(int(each) for each in row)

    def contacts(self, project: str, start: int, end: int, columns: Sequence[str], *, billable: bool = False) -> Iterator[Row[Any]]:
        """These columns of each contact of a project that arrived in `[start, end)`, in order; `billable`: that was answered and is not exempt."""
        table = schema.contacts
        at = table.c.joined_at
        question = select(*(table.c[each] for each in columns)).where(table.c.project == project, at >= start, at < end)
        question = question.where(table.c.outcome == "answered", table.c.exempt == "") if billable else question
        return self._reader.stream(question.order_by(at, *table.primary_key.columns))

    def results(self, project: str, start: int, end: int) -> Iterator[Row[Any]]:
        """When each result of a project came about in `[start, end)`, and what it was."""
        table = schema.results
        question = select(table.c.at, table.c.disposition).where(table.c.project == project, table.c.at >= start, table.c.at < end)
        return self._reader.stream(question.order_by(table.c.at, table.c.key))

    def people(self, start: int, end: int) -> list[str]:
        """Everybody who did anything in `[start, end)`, by name."""
        table = schema.agent_spans
        question = select(table.c.person).where(table.c.start_at > start - LONGEST_SPAN, table.c.start_at < end).distinct().order_by(table.c.person)
        return [row[0] for row in self._reader.stream(question)]

    def spent(self, person: str, edges: Sequence[int]) -> list[Spent]:
        """What a person did on each of the days between these edges, in order."""
        table, days = schema.agent_spans, _days(edges)
        what = (table.c.group_name, table.c.state, table.c.project, table.c.reason)
        within = case((table.c.end_at > days.c.until_at, days.c.until_at), else_=table.c.end_at) - table.c.start_at
        begun = (table.c.person == person, table.c.start_at >= days.c.since_at, table.c.start_at < days.c.until_at, table.c.end_at > table.c.start_at)
        sums: Counter[Key] = Counter()
        question = select(days.c.day, *what, func.sum(within)).select_from(days.join(table, _and(*begun))).group_by(days.c.day, *what)
        for day, group, state, project, reason, us in self._reader.stream(question):
            sums[day, group, state, project, reason] += int(us)
        for key, us in self._over_midnight(person, edges):
            sums[key] += us
        return sorted((Spent(*key, us=us) for key, us in sums.items()), key=lambda one: (one.day, one.group or "", one.state, one.project or "", one.reason))

    def _over_midnight(self, person: str, edges: Sequence[int]) -> Iterator[tuple[Key, int]]:
        """What of a span lies in a later day than the one it began in."""
        table = schema.agent_spans
        beyond = _days((edges[0] - LONGEST_SPAN, *edges))
        joined = beyond.join(
            table,
            _and(table.c.person == person, table.c.start_at >= beyond.c.since_at, table.c.start_at < beyond.c.until_at, table.c.end_at > beyond.c.until_at),
        )
        question = select(table.c.start_at, table.c.end_at, table.c.group_name, table.c.state, table.c.project, table.c.reason).select_from(joined)
        for start, end, group, state, project, reason in self._reader.stream(question):
            number = bisect_right(edges, start)
            while number < len(edges) - 1 and edges[number] < end:
                yield (number, group, state, project, reason), min(end, edges[number + 1]) - edges[number]
                number += 1

    def answered(self, edges: Sequence[int], projects: Sequence[str]) -> list[Answered]:
        """Whom each person answered first, by the day of the answer."""
        table, days = schema.contacts, _days(edges)
        answer = table.c.joined_at + table.c.wait_us
        arrived = (table.c.joined_at >= edges[0] - LONGEST_CALL, table.c.joined_at < edges[-1])
        known = table.c.handled_at.is_not(None)
        sums: dict[tuple[str, int], list[int]] = {}
        for project in projects:
            joined = days.join(table, _and(answer >= days.c.since_at, answer < days.c.until_at))
            columns = (table.c.agent, days.c.day, func.count(), func.sum(case((known, 1), else_=0)), func.sum(case((known, table.c.handle_us), else_=0)))
            question = select(*columns).select_from(joined).where(table.c.project == project, *arrived, table.c.outcome == "answered", table.c.agent != "")
            for agent, day, *amounts in self._reader.stream(question.group_by(table.c.agent, days.c.day)):
                into = sums.setdefault((agent, day), [0, 0, 0])
                sums[agent, day] = [was + int(more) for was, more in zip(into, amounts, strict=True)]
        return [Answered(agent, day, *sums[agent, day]) for agent, day in sorted(sums)]

    def written_until(self) -> int:
        """The end of the last minute that the store holds; 0 for an empty one."""
        tables = (schema.project_minutes, schema.group_minutes)
        latest = [row[0] for table in tables for row in self._reader.stream(select(func.max(table.c.minute_at)))]
        return max((int(at) + MINUTE for at in latest if at is not None), default=0)


def _days(edges: Sequence[int]) -> Subquery:
    """The days between the edges as a table of the database: number, start and end."""
    whole = BigInteger()
    rows = (
        select(literal(number).label("day"), literal(since, whole).label("since_at"), literal(until, whole).label("until_at"))
        for number, (since, until) in enumerate(pairwise(edges))
    )
    return union_all(*rows).subquery("days")


def _and(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    first, *rest = conditions
    for one in rest:
        first &= one
    return first
