"""The report of payroll: hours by person, local day, project and class, as a row each or as Ukraine's timesheet P-5.

Owns both layouts, with what was put right by hand, and that people are reckoned one after the other, so that a month of a large site needs the room of one.
What payroll treats alike is added up by the database; of days with overtime, where the order counts, what follows each other is joined. Refuses classes and
hours (`assess.payroll`, `assess.amended`) and wages, which are not a payroll's business to be told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache, partial
from typing import Any, Final

from monitor.assess.amended import Amended, hours
from monitor.assess.payroll import IDLE, UNPAID, Class, added_up, changes
from monitor.assess.payroll import Row as Paid
from monitor.core.chronicle import AgentSpan
from monitor.core.contract import SECOND
from monitor.core.incidents import Incident
from monitor.core.snapshot import State
from monitor.core.spent import Spent
from monitor.outputs.reports import quality, shown
from monitor.outputs.reports.asked import Asked, Progress
from monitor.outputs.reports.report import Column, Kind, Report, Row, Section, seconds
from monitor.outputs.reports.words import Words
from monitor.state.store.reader import Reader
from monitor.state.store.tally import Tally

HOUR: Final = 3_600 * SECOND
CODES: Final = {  # of order 489 of 5 December 2008
    Class.REGULAR: "Р",
    Class.PAID_BREAK: "Р",
    Class.NIGHT: "РН",
    Class.OVERTIME: "НУ",
    Class.HOLIDAY: "РВ",
    Class.DOWNTIME: "П",
}
ALIKE: Final = {  # states without work, for which a downtime may be paid, are one to payroll, and those with work another
    **{state: State.AVAILABLE.value for state in sorted(IDLE) if state},
    State.PAUSED.value: State.PAUSED.value,
}
_IDLE, _BUSY = "idle", "busy"
_ORDER: Final = tuple(dict.fromkeys(CODES.values()))


class Layout(StrEnum):
    """How the hours stand."""

    ROWS = "rows"
    P5 = "p5"


def report(asked: Asked, reader: Reader, progress: Progress, layout: Layout) -> Report:
    """All of it, paid by the time on the floor."""
    return laid_out(asked, reader, layout, *amended(asked, reader, progress))


def amended(asked: Asked, reader: Reader, progress: Progress) -> tuple[Iterator[Amended], int]:
    """Everybody's hours, with what was put right by hand, and how often that was done."""
    amendments = reader.amended_hours(asked.first, asked.last)
    return hours(paid(asked, reader, Tally(reader).people(*asked.bounds()), progress), amendments), len(amendments)


def laid_out(asked: Asked, reader: Reader, layout: Layout, rows: Iterable[Amended], corrections: int) -> Report:
    """These hours as a report."""
    words, tally = asked.words, Tally(reader)
    if layout is Layout.ROWS:
        section, own = _listed(asked, words, rows), ("payroll_rows", "payroll_corrections")
    else:
        section, own = _sheet(asked, words, rows), ("p5_legend", "p5_rounded")
    title = words("payroll" if layout is Layout.ROWS else "p5")
    said = (words("paid_by_login"), *map(words, own), words("amended_hours", count=corrections), *quality.notes(asked, tally, labour=True))
    return Report("payroll", title, asked.contract.site, asked.contract.language, asked.first, asked.last, (section,), said)


def paid(asked: Asked, reader: Reader, people: Sequence[str], progress: Progress) -> Iterator[Paid]:
    """The hours of these people, in their order, as the floor saw them."""
    (start, end), tally = asked.bounds(), Tally(reader)
    incidents = (*asked.contract.incidents, *map(Incident.of, reader.incidents(start, end)))
    edges = changes(asked.contract, incidents, start, end)

    def sums() -> Iterator[tuple[str, list[Spent]]]:
        for done, found in enumerate(tally.added_up(people, edges, ALIKE, State.TALK)):
            progress(done, len(people))
            yield found

    def spans(person: str, since: int, until: int) -> Iterator[AgentSpan]:
        for _, found in tally.spans([person], since, until):
            yield from joined(person, found, since, until)

    yield from added_up(asked.contract, sums(), spans, incidents)


def joined(person: str, spans: Iterable[Sequence[Any]], start: int, end: int) -> Iterator[AgentSpan]:
    """The same time in fewer spans, cut at start and end: what follows each other in a group and project, and is all work, or all waiting, is paid alike."""
    since = until = 0
    what: tuple[str | None, str | None, str, str] | None = None  # group, project, kind and reason
    state = ""
    for begun, ended, group, its, project, reason in spans:
        paused = its == State.PAUSED
        mine = (group, project, its if paused else _IDLE if its in IDLE else _BUSY, reason if paused else "")
        if mine == what and begun == until:
            until = ended
            continue
        if what is not None:
            yield AgentSpan(person, max(since, start), min(until, end), what[0], state, what[1], what[3])
        since, until, what, state = begun, ended, mine, its
    if what is not None:
        yield AgentSpan(person, max(since, start), min(until, end), what[0], state, what[1], what[3])


def _listed(asked: Asked, words: Words, rows: Iterable[Amended]) -> Section:
    column = words.column
    columns = (
        column("employee_id", Kind.TEXT),
        column("date", Kind.DATE),
        column("project", Kind.TEXT),
        column("class", Kind.TEXT),
        column("seconds", Kind.SECONDS),
        column("hours_decimal", Kind.HOURS),
        column("first_login", Kind.TIME),
        column("last_logout", Kind.TIME),
        column("corrections", Kind.COUNT),
    )
    local = cache(partial(_local, asked))
    listed = tuple(
        (
            *(one.person, one.day, one.project, one.kind.value, seconds(one.time_us), one.hours),
            *(local(one.first_login), local(one.last_logout), corrections),
        )
        for one, corrections in rows
    )
    return Section("payroll", "", columns, listed)


def _local(asked: Asked, at: int | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at // SECOND, UTC).astimezone(asked.contract.zone)


def _sheet(asked: Asked, words: Words, rows: Iterable[Amended]) -> Section:
    """A row per person, a column per day of the month with codes and hours; what of hours is rounded is rounded in a day, so that the totals add up."""
    time_us: dict[str, dict[date, Counter[str]]] = {}
    for one, _ in rows:
        if one.kind not in UNPAID:
            time_us.setdefault(one.person, {}).setdefault(one.day, Counter())[CODES[one.kind]] += one.time_us
    month = _month(asked.first)
    names = {one.id: one.name for one in asked.contract.people}
    columns = (
        *(words.column("employee_id", Kind.TEXT), words.column("name", Kind.TEXT)),
        *(Column(f"day_{day.day:02}", f"{day.day}", Kind.TEXT) for day in month),
        words.column("days_worked", Kind.COUNT),
        words.column("hours_total", Kind.HOURS),
        *(words.column(f"hours_{name}", Kind.HOURS) for name in ("night", "overtime", "holiday", "downtime")),
    )
    people = sorted(time_us, key=lambda person: (names.get(person, person), person))
    return Section("p5", "", columns, tuple(_person(asked, person, names.get(person, ""), time_us[person], month) for person in people))


def _person(asked: Asked, person: str, name: str, days: Mapping[date, Mapping[str, int]], month: Sequence[date]) -> Row:
    hours = {day: {code: shown.rounded(Decimal(us) / HOUR, 2) for code, us in codes.items()} for day, codes in days.items()}
    totals: Counter[str] = Counter()
    cells = []
    for day in month:
        worked = {code: hours[day][code] for code in _ORDER if day in hours and hours[day].get(code)}
        cells.append(" ".join(f"{code} {shown.number(amount, 2, asked.contract.language)}" for code, amount in worked.items()))
        for code, amount in worked.items():
            totals[code] += int(amount * 100)
    present = sum(1 for cell in cells if cell)
    figures = (sum(totals.values()), totals["РН"], totals["НУ"], totals["РВ"], totals["П"])
    return (person, name, *cells, present, *(Decimal(amount) / 100 for amount in figures))


def _month(first: date) -> tuple[date, ...]:
    """All days of its month."""
    days = (first.replace(day=1) + timedelta(days=number) for number in range(31))
    return tuple(day for day in days if day.month == first.month)
