"""What reports ask of many rows at once: only the columns they need, streamed, or added up by the database where sums are whole.

Owns these questions: intervals of a book, contacts of a project, attempts by the hour, who was there, what a person did each day, whom he answered and let
ring, how far the store goes. Sums of time are exact: a span is added whole by the database to the time between the two edges it began between; those that
reach over the later one come as they are as well, and are cut here. Refuses ratios and money. Next: `outputs.reports`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Row, Text, bindparam, case, cast, func, literal_column, null, or_, select

from monitor.core.attempts import UNKNOWN
from monitor.core.chronicle import DAY
from monitor.core.contract import MINUTE
from monitor.core.direction import Direction
from monitor.core.snapshot import State
from monitor.core.spent import Spent
from monitor.state.store import schema
from monitor.state.store.ahead import ahead
from monitor.state.store.closing import project_of
from monitor.state.store.reader import LONGEST_SPAN, Reader
from monitor.state.store.writer import BOOKS

PEOPLE = 10  # are asked for at once: one by one a server plans as many questions, and all together are sorted the slower
HOUR = 60 * MINUTE
LONGEST_CALL = DAY  # a contact is looked for from so long before the time it was answered in


class Answered(NamedTuple):
    """Whom a person answered first on a day: how many, and of those that are finished with the work on them wholly known how many and how long."""

    agent: str
    day: int
    calls: int
    handled: int
    handle_us: int


class Tried(NamedTuple):
    """Outbound attempts of a project to one region that began in one hour with the same signals on: how many, how many became contacts, and of how many
    nobody knows how they ended. `region` None: nobody knows where they went."""

    hour: int  # when it began
    signals: str  # their names in order, apart by commas
    region: str | None
    attempts: int
    contacts: int
    unresolved: int


class Tally:
    """Questions to a store that is open for reading."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def intervals(self, of: str, name: str, start: int, end: int, columns: Sequence[str]) -> list[Row[Any]]:
        """Start, minutes and these sums of each interval of a `project` or `group` that begins in `[start, end)`."""
        _, table, _ = BOOKS[of]
        key, at = table.primary_key.columns
        question = select(at, table.c.minutes, *(table.c[each] for each in columns)).where(key == name, at >= start, at < end).order_by(at)
        return self._reader.few(question)

    def corrections(self, start: int, end: int) -> dict[str, int]:
        """How many corrections became known in `[start, end)`, by project."""
        table = schema.corrections
        question = select(table.c.project, func.count()).where(table.c.known_at >= start, table.c.known_at < end).group_by(table.c.project)
        return {row[0]: int(row[1]) for row in self._reader.few(question)}

    def closings(self, start: int, end: int, months: Sequence[str]) -> Iterator[tuple[int, str, str, str, str, str]]:
        """Who closed a month or opened it again in `[start, end)`, or one of these: the instant, month, project ("" is everybody's hours), act, who, why."""
        table = schema.closings
        columns = (table.c.closed_at, table.c.month, table.c.scope, table.c.act, table.c.who, table.c.why)
        which = or_((table.c.closed_at >= start) & (table.c.closed_at < end), table.c.month.in_(months))
        for at, month, scope, *rest in self._reader.few(select(*columns).where(which).order_by(table.c.closed_at, table.c.scope, table.c.number)):
            yield at, month, project_of(scope), *rest

    def unfinished(self, project: str, start: int, end: int) -> int:
        """How many contacts of a project that arrived in `[start, end)` are answered, and the work on them is not wholly known."""
        table = schema.contacts
        question = select(func.count()).where(table.c.project == project, table.c.joined_at >= start, table.c.joined_at < end, schema.UNFINISHED)
        (row,) = self._reader.few(question)
        return int(row[0])

    def total(self, of: str, name: str, start: int, end: int, columns: Sequence[str]) -> tuple[int, ...]:
        """Minutes and these sums of all intervals of a `project` or `group` that begin in `[start, end)`."""
        _, table, _ = BOOKS[of]
        key, at = table.primary_key.columns
        sums = [func.coalesce(func.sum(table.c[each]), 0) for each in ("minutes", *columns)]
        (row,) = self._reader.few(select(*sums).where(key == name, at >= start, at < end))
        return tuple(int(each) for each in row)

    def contacts(self, project: str, start: int, end: int, columns: Sequence[str], *, billable: bool = False) -> Iterator[Row[Any]]:
        """These columns of each contact of a project that arrived in `[start, end)`, in order; `billable`: that was answered and is not exempt."""
        table = schema.contacts
        at = table.c.joined_at
        question = select(*(table.c[each] for each in columns)).where(table.c.project == project, at >= start, at < end)
        question = question.where(table.c.outcome == "answered", table.c.exempt == "") if billable else question
        return self._reader.stream(question.order_by(at, *table.primary_key.columns))

    def attempts(self, project: str, start: int, end: int) -> list[Tried]:
        """A project's outbound attempts that began in `[start, end)`, by hours that are counted from `start`. Callbacks are no campaign's."""
        table = schema.attempts
        hour = (table.c.at - _figure(start)) // _figure(HOUR)
        unknown = case(((table.c.status == _word(UNKNOWN)) & (table.c.contact == _figure(0)), _figure(1)), else_=_figure(0))
        whose = (table.c.project == project, table.c.direction == _word(Direction.OUTBOUND), table.c.at >= start, table.c.at < end)
        question = select(hour, table.c.signals, table.c.region, func.count(), func.sum(table.c.contact), func.sum(unknown)).where(*whose)
        found = self._reader.few(question.group_by(hour, table.c.signals, table.c.region))
        tried = [Tried(start + int(number) * HOUR, signals, region, *map(int, sums)) for number, signals, region, *sums in found]
        return sorted(tried, key=lambda one: (one.hour, one.signals, one.region or ""))

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

    def spent(self, people: Sequence[str], edges: Sequence[int]) -> Iterator[tuple[str, list[Spent]]]:
        """What each person did on each of the days between these edges, whatever it was for. Only a pause has a reason."""
        yield from self._sums(people, edges, schema.agent_spans.c.state, None)

    def added_up(self, people: Sequence[str], edges: Sequence[int], alike: Mapping[str, str], other: str) -> Iterator[tuple[str, list[Spent]]]:
        """What each person did between these edges, for each project: `alike` has as what a state is told, if not as `other`. Only a pause has a reason."""
        table = schema.agent_spans
        state = case(*((table.c.state == _word(state), _word(told)) for state, told in alike.items()), else_=_word(other))
        yield from self._sums(people, edges, state, table.c.project)

    def _sums(
        self, people: Sequence[str], edges: Sequence[int], state: ColumnElement[str], project: ColumnElement[Any] | None
    ) -> Iterator[tuple[str, list[Spent]]]:
        table = schema.agent_spans
        at, end = table.c.start_at, table.c.end_at
        number = _behind(at, edges, range(len(edges) - 1))
        alike = (state, case((table.c.state == _word(State.PAUSED), table.c.reason), else_=_word("")), table.c.group_name)
        what = (table.c.group_name, *alike[:2], cast(null(), Text) if project is None else project)
        begun = (table.c.person.in_(bindparam("whose", expanding=True)), at < edges[-1], end > at)
        us = cast(func.sum(end - at), BigInteger)
        sums = select(table.c.person, number, *what, us, func.min(at), func.max(end)).where(*begun, at >= edges[0])
        sums = sums.group_by(table.c.person, number, *(() if project is None else (project,)), *alike)  # sorted first by what differs most
        over = select(table.c.person, at, end, *what).where(*begun, at >= edges[0], end > _behind(at, edges, edges[1:]))
        before = select(table.c.person, at, end, *what).where(*begun, at >= edges[0] - LONGEST_SPAN, at < edges[0], end > edges[0])

        def of(reader: Reader, asked: Sequence[str]) -> dict[str, list[Spent]]:
            found: dict[str, list[Spent]] = {person: [] for person in asked}
            longer = False
            across: dict[str, list[Row[Any]]] = {}
            with reader.moment() as ask:
                for row in ask(sums, {"whose": asked}):
                    found[row[0]].append(Spent(*row[1:]))
                    longer = longer or row[-1] > edges[row[1] + 1]
                for question in (over, before) if longer else (before,):
                    for row in ask(question, {"whose": asked}):
                        across.setdefault(row[0], []).append(row)
            return {person: _cut(spent, across[person], edges) if person in across else spent for person, spent in found.items()}

        for found in ahead(self._reader, of, (people[first : first + PEOPLE] for first in range(0, len(people), PEOPLE))):
            yield from found.items()

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
        question = select(*columns).where(table.c.project.in_(projects), *arrived, table.c.outcome == "answered", table.c.agent != "")
        return sorted(Answered(agent, number, *map(int, sums)) for agent, number, *sums in self._reader.few(question.group_by(table.c.agent, day)))

    def no_answers(self, edges: Sequence[int]) -> Iterator[tuple[str, int, int]]:
        """Who let rings pass on which of the days between these edges, and how many."""
        table = schema.ring_no_answers
        day = _behind(table.c.at, edges, range(len(edges) - 1))
        question = select(table.c.person, day, func.count()).where(table.c.at >= edges[0], table.c.at < edges[-1])
        for person, number, count in self._reader.stream(question.group_by(table.c.person, day)):
            yield person, int(number), int(count)

    def written_until(self) -> int:
        """The end of the last minute that the store holds; 0 for an empty one."""
        tables = (schema.project_minutes, schema.group_minutes)
        latest = [row[0] for table in tables for row in self._reader.few(select(func.max(table.c.minute_at)))]
        return max((int(at) + MINUTE for at in latest if at is not None), default=0)


def _cut(sums: Iterable[Spent], across: Iterable[Row[Any]], edges: Sequence[int]) -> list[Spent]:
    """The same with these spans in parts: each was added whole to where it began, if that is behind the first edge."""
    found = {one[:5]: one._replace(end=min(one.end, edges[one.since + 1])) for one in sums}
    for _, start, end, *what in across:
        number = bisect_right(edges, start) - 1
        if number >= 0:
            key = (number, *what)
            found[key] = found[key]._replace(us=found[key].us - (end - edges[number + 1]))
        for since in range(number + 1, bisect_left(edges, end, hi=len(edges) - 1)):
            last = min(end, edges[since + 1])
            one = Spent._make((since, *what, last - edges[since], edges[since], last))
            was = found.get(one[:5])
            found[one[:5]] = one if was is None else one._replace(us=was.us + one.us, start=min(was.start, one.start), end=max(was.end, one.end))
    return list(found.values())


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
