"""What reports ask of many rows at once: only the columns they need, streamed, or added up by the database where sums are whole.

Owns these questions: intervals of a book, contacts of a project, who was there, what a person did each day, whom he answered, how far the store
goes. Sums of time are exact: a span is added by the database only as far as it lies between the two edges it began between; what reaches over the later
one comes as it is, and is cut here. Refuses ratios and money. Next: `outputs.reports`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Row, Text, bindparam, case, cast, func, literal_column, null, select

from monitor.core.chronicle import DAY
from monitor.core.contract import MINUTE
from monitor.core.snapshot import State
from monitor.state.store import schema
from monitor.state.store.reader import LONGEST_SPAN, Reader
from monitor.state.store.writer import BOOKS

Key = tuple[int, str | None, str, str, str | None]  # of what a person did: number of the edge before, group, state, pause reason, project
LONGEST_CALL = DAY  # a contact is looked for from so long before the time it was answered in


class Spent(NamedTuple):
    """What a person did between two edges, the earlier of which has the number `since`: a state under a pause reason, in a group, for a project.

    `start` is when the first of it began, `end` when the last of it ended.
    """

    since: int
    group: str | None
    state: str
    reason: str
    project: str | None
    us: int
    start: int
    end: int


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
        """Everybody who did anything in `[start, end)`, by name: from one to the next, for there are few of them and many spans."""
        table, also = schema.agent_spans, schema.agent_spans.alias("also")
        who = select(func.min(table.c.person).label("person")).cte("who", recursive=True)
        later = select(func.min(table.c.person)).where(table.c.person > who.c.person).scalar_subquery()
        who = who.union_all(select(later).where(who.c.person.is_not(None)))
        present = select(also.c.person).where(also.c.person == who.c.person, also.c.start_at > start - LONGEST_SPAN, also.c.start_at < end)
        return sorted(row[0] for row in self._reader.stream(select(who.c.person).where(present.exists())))

    def spent(self, people: Iterable[str], edges: Sequence[int]) -> Iterator[tuple[str, list[Spent]]]:
        """What each person did on each of the days between these edges, in order, whatever it was for."""
        table = schema.agent_spans
        for person, found in self._sums(people, edges, (table.c.group_name, table.c.state, table.c.reason, cast(null(), Text))):
            yield person, sorted(found, key=lambda one: (one.since, one.group or "", one.state, one.reason))

    def added_up(self, people: Iterable[str], edges: Sequence[int], alike: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, list[Spent]]]:
        """What each person did between these edges, for each project: `alike` has which states are told as one. Only a pause has a reason."""
        table = schema.agent_spans
        states = case(*((table.c.state.in_(map(_word, among)), _word(state)) for state, among in alike.items()), else_=table.c.state)
        reason = case((table.c.state == _word(State.PAUSED), table.c.reason), else_=_word(""))
        yield from self._sums(people, edges, (table.c.group_name, states, reason, table.c.project))

    def _sums(self, people: Iterable[str], edges: Sequence[int], what: Sequence[ColumnElement[Any]]) -> Iterator[tuple[str, list[Spent]]]:
        table, numbers = schema.agent_spans, {edge: number for number, edge in enumerate(edges[1:])}
        at, end = table.c.start_at, table.c.end_at
        until = _behind(at, edges, edges[1:])
        begun = (table.c.person == bindparam("whose"), at < edges[-1], end > at)
        us = func.sum(case((end > until, until), else_=end) - at)
        sums = select(until, *what, us, func.min(at), func.max(end)).where(*begun, at >= edges[0]).group_by(until, *reversed(what))
        over = select(at, end, *what).where(*begun, at >= edges[0], end > until)
        before = select(at, end, *what).where(*begun, at >= edges[0] - LONGEST_SPAN, at < edges[0], end > edges[0])
        for person in people:
            found: dict[Key, Spent] = {}
            longer = False
            for row in self._reader.few(sums, whose=person):
                one = Spent(numbers[row[0]], *row[1:])
                longer = longer or one.end > edges[one.since + 1]
                found[one[:5]] = one._replace(us=int(one.us), end=min(one.end, edges[one.since + 1]))
            for question in (over, before) if longer else (before,):
                for one in _later(self._reader.few(question, whose=person), edges):
                    was = found.get(one[:5])
                    found[one[:5]] = one if was is None else one._replace(us=was.us + one.us, start=min(was.start, one.start), end=max(was.end, one.end))
            yield person, list(found.values())

    def spans(self, people: Iterable[str], start: int, end: int) -> Iterator[tuple[str, Iterator[Row[Any]]]]:
        """What each person did in spans that touch `[start, end)`, in order: start, end, group, state, project, pause reason."""
        table = schema.agent_spans
        touching = (table.c.start_at > start - LONGEST_SPAN, table.c.start_at < end, table.c.end_at > start, table.c.end_at > table.c.start_at)
        columns = (table.c.start_at, table.c.end_at, table.c.group_name, table.c.state, table.c.project, table.c.reason)
        question = select(*columns).where(table.c.person == bindparam("whose"), *touching).order_by(table.c.start_at)
        for person in people:
            yield person, self._reader.stream(question, whose=person)

    def answered(self, edges: Sequence[int], projects: Sequence[str]) -> list[Answered]:
        """Whom each person answered first, by the day of the answer."""
        table = schema.contacts
        answer = table.c.joined_at + table.c.wait_us
        day = _behind(answer, edges, range(len(edges) - 1))
        arrived = (table.c.joined_at >= edges[0] - LONGEST_CALL, table.c.joined_at < edges[-1], answer >= edges[0], answer < edges[-1])
        known = table.c.handled_at.is_not(None)
        columns = (table.c.agent, day, func.count(), func.sum(case((known, 1), else_=0)), func.sum(case((known, table.c.handle_us), else_=0)))
        sums: dict[tuple[str, int], list[int]] = {}
        for project in projects:
            question = select(*columns).where(table.c.project == project, *arrived, table.c.outcome == "answered", table.c.agent != "")
            for agent, number, *amounts in self._reader.stream(question.group_by(table.c.agent, day)):
                into = sums.setdefault((agent, number), [0, 0, 0])
                sums[agent, number] = [was + int(more) for was, more in zip(into, amounts, strict=True)]
        return [Answered(*key, *sums[key]) for key in sorted(sums)]

    def written_until(self) -> int:
        """The end of the last minute that the store holds; 0 for an empty one."""
        tables = (schema.project_minutes, schema.group_minutes)
        latest = [row[0] for table in tables for row in self._reader.stream(select(func.max(table.c.minute_at)))]
        return max((int(at) + MINUTE for at in latest if at is not None), default=0)


def _later(spans: Iterable[Row[Any]], edges: Sequence[int]) -> Iterator[Spent]:
    """What of these spans lies beyond the edge after the one they began behind."""
    for start, end, group, state, reason, project in spans:
        number = bisect_right(edges, start)
        while number < len(edges) - 1 and edges[number] < end:
            last = min(end, edges[number + 1])
            yield Spent(number, group, state, reason, project, last - edges[number], edges[number], last)
            number += 1


def _behind(at: ColumnElement[int], edges: Sequence[int], values: Sequence[int]) -> ColumnElement[int]:
    """The value of the two edges that an instant lies between, none beyond the last: in the SQL itself, for one groups by the same text."""
    return case((at < _figure(edges[-1]), _half(at, edges, values)))


def _half(at: ColumnElement[int], edges: Sequence[int], values: Sequence[int]) -> ColumnElement[int]:
    if len(values) == 1:
        return _figure(values[0])
    middle = len(values) // 2
    before, after = _half(at, edges[: middle + 1], values[:middle]), _half(at, edges[middle:], values[middle:])
    return case((at < _figure(edges[middle]), before), else_=after)


def _figure(value: int) -> ColumnElement[int]:
    return literal_column(str(value), BigInteger())


def _word(value: str) -> ColumnElement[str]:
    """A word of ours, in the SQL itself as well."""
    return literal_column(f"'{value}'", Text())
