"""Months that are closed: what was billed and sent, as it was frozen, and what has become known since.

Owns how a project's month or everybody's hours stand after all acts on them, and the difference between what was frozen and what the store says today.
A month is closed for each project by itself; opened again it may be closed again, and everything stays in the archive. Refuses the table
(`state.store.closing`), the figures, and whether a month may be closed (`freezing`). Next: `statements` shows what is frozen.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from monitor.core.contract import MINUTE, SECOND, Contract, Project
from monitor.outputs.reports import bills, corrections, payroll
from monitor.outputs.reports.account import Account
from monitor.outputs.reports.frozen import Page, unpacked
from monitor.outputs.reports.report import Cell, Kind, Report, Row, Section
from monitor.outputs.reports.words import Words
from monitor.reporting.account import Books
from monitor.state.store.closing import CLOSE, PAYROLL, REOPEN, Closing, archive, of_project, read
from monitor.state.store.reader import Reader

_KEY: Final = {payroll.Layout.ROWS: 4, payroll.Layout.P5: 1}  # columns that a row is known by


@dataclass(frozen=True, slots=True)
class Closed:
    """A project's month as it was closed; `number` counts its closings, `acts` are all there were."""

    act: Closing
    number: int
    acts: Sequence[Closing]
    figures: Mapping[str, str] = field(repr=False)
    pages: Mapping[str, Any] = field(repr=False)

    def page(self, kind: str, project: Project) -> Page:
        """What was frozen of a report: client, or billing."""
        return unpacked(self.pages[kind], project.zone)


def month_of(first: date) -> str:
    """What the billing period that begins on that day is called."""
    return f"{first:%Y-%m}"


def last_of(first: date) -> date:
    """The last day of a calendar month."""
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def standing(acts: Sequence[Closing]) -> Closing | None:
    """The closing that holds after these acts; None: it is open."""
    return acts[-1] if acts and acts[-1].act == CLOSE else None


def closed(reader: Reader, month: str, project: Project) -> Closed | None:
    """How a project's month stands; None: it is open."""
    acts = read(reader, month, of_project(project.name))
    act = standing(acts)
    if act is None:
        return None
    said = json.loads(archive(reader, act).text)
    return Closed(act, _closings(acts), acts, said["figures"], said)


def _closings(acts: Sequence[Closing]) -> int:
    return sum(act.act == CLOSE for act in acts)


# --- payroll ------------------------------------------------------------------------------------------------------------------------


def of_payroll(now: Report, reader: Reader, layout: payroll.Layout, contract: Contract) -> Report:
    """The payroll of a month as it was when that was closed, where it was; else as it is."""
    if now.first.day != 1 or now.last != last_of(now.first):
        return now
    acts = read(reader, month_of(now.first), PAYROLL)
    act = standing(acts)
    if act is None:
        return now
    found = archive(reader, act)
    page = unpacked(json.loads(found.text)[layout.value], contract.zone)
    sections = _named(page.sections, found.people, {one.id: one.name for one in contract.people})
    words = Words(now.language)
    at = datetime.fromtimestamp(act.at // SECOND, contract.zone)
    given = {"at": f"{bills.day(words, at.date())} {at:%H:%M}", "who": act.who, "number": _closings(acts)}
    was, is_now = sections[0].rows, now.sections[0].rows
    otherwise = 0 if was == is_now else len({row[: _KEY[layout]] for row in {*was} ^ {*is_now}})
    changed = [words("payroll_changed", rows=otherwise)] if otherwise else []
    amendments = [one for one in reader.amended_hours(now.first, now.last) if one.number > acts[0].amended_to]
    sections += (corrections.of_payroll(words, amendments, contract.zone),) if amendments else ()
    return replace(now, sections=sections, notes=(*page.notes, words("payroll_closed", **given), *changed))


def without_people(sections: Sequence[Section], people: dict[str, int]) -> tuple[Section, ...]:
    """The same with a person's place in the list where there was the person, and no name; who is not in the list yet comes to its end."""
    return tuple(_with(section, lambda person: (people.setdefault(str(person), len(people)), "")) for section in sections)


def _named(sections: Sequence[Section], people: Sequence[str], names: Mapping[str, str]) -> tuple[Section, ...]:
    """People again, and their names beside them, as far as they are known."""
    return tuple(_with(section, lambda place: (people[int(str(place))], names.get(people[int(str(place))], ""))) for section in sections)


def _with(section: Section, of: Callable[[Cell], tuple[Cell, Cell]]) -> Section:
    keys = [column.key for column in section.columns]
    at = keys.index("employee_id")
    name = keys.index("name") if "name" in keys else None

    def row_of(row: Row) -> Row:
        cells = [*row]
        cells[at], called = of(row[at])
        if name is not None:
            cells[name] = called
        return tuple(cells)

    return replace(section, rows=tuple(map(row_of, section.rows)))


# --- since then ---------------------------------------------------------------------------------------------------------------------


def figures(found: Account) -> dict[str, str]:
    """What two accounts of one period are compared by: counts of calls, and money by the kind of line."""
    counts = {name: str(sum(getattr(one, name) for one in found.came.values())) for name in ("contacts", "answered", "in_threshold", "abandoned")}
    counts["billed_calls"] = str(sum(day.calls for day in found.days))
    money: dict[str, Decimal] = {}
    for bill in found.bills:
        for line in bill.lines:
            key = f"line_{line.kind} {bill.currency}"
            money[key] = money.get(key, Decimal(0)) + line.amount
        if bill.total is not None:
            money[f"line_net {bill.currency}"] = bill.total
    return counts | {key: f"{amount:f}" for key, amount in money.items()}


def since(words: Words, books: Books, known: Closed, found: Account) -> Iterator[Section]:
    """What is otherwise today than it was when the month was closed, what the store says of why, and who opened it in between."""
    now = figures(found)
    rows = [
        (_called(words, key), was, is_now, is_now - was)
        for key in dict.fromkeys((*known.figures, *now))
        if (was := Decimal(known.figures.get(key, 0))) != (is_now := Decimal(now.get(key, 0)))
    ]
    name = found.project.name
    if rows:
        columns = (words.column("kind", Kind.TEXT), *(words.column(key, Kind.NUMBER) for key in ("frozen", "now", "difference")))
        yield Section(f"changes_{name}", words("of", project=name, what=words("changes")), columns, tuple(rows))
    why = _corrections(words, books, known, found)
    if why:
        texts = (words.column(key, Kind.TEXT) for key in ("kind", "was", "is_now", "by", "why"))
        columns = (words.column("date", Kind.DATE), words.column("time", Kind.TIME), *texts)
        yield Section(f"corrections_{name}", words("of", project=name, what=words("corrections_since")), columns, why)


def _corrections(words: Words, books: Books, known: Closed, found: Account) -> tuple[Row, ...]:
    """Those about this period that became known since it was closed for the first time, and its openings, in their order."""
    start, end = found.project.starts_on(found.first), found.project.starts_on(found.last + timedelta(days=1))
    first = known.acts[0].at
    told = [
        (one.at, one.what, one.was, one.now, one.who, one.why)
        for one in books.reader.corrections_about(found.project.name, start, end, first - first % MINUTE)  # they know the minute
    ]
    told += [
        (one.made_at, *corrections.of_call(words, one, found.project.zone), one.who, one.why) for one in found.amended if one.number > known.acts[0].amended_to
    ]
    told += [(one.at, words("reopening"), words("is_closed"), words("is_open"), one.who, one.why) for one in known.acts if one.act == REOPEN]
    return tuple((found.local(at).date(), found.local(at), *rest) for at, *rest in sorted(told, key=lambda one: one[0]))


def _called(words: Words, key: str) -> str:
    line, _, currency = key.partition(" ")
    return f"{words(line)}, {currency}" if currency else words.column(key, Kind.COUNT).title


def notes(words: Words, known: Closed, project: Project) -> tuple[str, ...]:
    """That these figures are those of a closed month, and of which closing: who closed it, and in spite of what, is no client's business."""
    given = {"project": project.name, "month": known.act.month}
    local = datetime.fromtimestamp(known.act.at // SECOND, project.zone)
    at = f"{bills.day(words, local.date())} {local:%H:%M}"
    return (words("closed", **given, at=at, number=known.number),)
