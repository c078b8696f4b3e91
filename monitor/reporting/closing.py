"""Months that are closed: what was billed and sent, frozen, and what has become known since.

Owns when a month may be closed (its billing period is over, nobody has closed it, all of it was seen, or somebody says why not), what is frozen of
it, and the difference between that and what the store says today. A month is closed for each project by itself; opened again it may be closed again,
and everything stays in the archive. Refuses the table (`state.store.closing`) and the figures. Next: `statements` shows what is frozen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Final

from monitor.core.contract import MINUTE, SECOND, Contract, Project
from monitor.errors import BadOption
from monitor.outputs.reports import billing, bills, client, payroll
from monitor.outputs.reports.account import Account
from monitor.outputs.reports.asked import Asked, silent
from monitor.outputs.reports.billing import Called
from monitor.outputs.reports.frozen import Page, packed, unpacked
from monitor.outputs.reports.report import Kind, Report, Section
from monitor.outputs.reports.words import Words
from monitor.reporting.account import Books, account
from monitor.state.store.closing import CLOSE, REOPEN, Closing
from monitor.state.store.closing import read as read_acts
from monitor.state.store.reader import Reader
from monitor.state.store.tally import Tally

FORMAT: Final = 1
UNSEEN_US: Final = MINUTE  # less is no gap
LONGEST_MONTH: Final = 31


@dataclass(frozen=True, slots=True)
class Wish:
    """What was typed: a month, whose (empty: everybody's), who does it and why; `force` closes what was not wholly seen."""

    month: str
    project: str = ""
    client: str = ""
    who: str = ""
    why: str = ""
    force: bool = False
    reopen: bool = False


@dataclass(frozen=True, slots=True)
class Closed:
    """A project's month as it was closed; `number` counts its closings."""

    act: Closing
    number: int
    first: date
    last: date
    figures: Mapping[str, str] = field(repr=False)
    client: Page = field(repr=False)
    billing: Page = field(repr=False)


def month_of(first: date) -> str:
    """What the billing period that begins on that day is called."""
    return f"{first:%Y-%m}"


def closed(acts: Sequence[Closing], project: Project) -> Closed | None:
    """How a project's month stands after these acts; None: it is open."""
    found, number = None, 0
    for act in acts:
        said = json.loads(act.archive)
        if project.name not in said["projects"]:
            continue
        if act.act == REOPEN:
            found = None
            continue
        number += 1
        found = _closed(act, number, said["projects"][project.name], project.zone)
    return found


def _closed(act: Closing, number: int, said: Mapping[str, Any], zone: tzinfo) -> Closed:
    first, last = (date.fromisoformat(said[key]) for key in ("first", "last"))
    return Closed(act, number, first, last, said["figures"], unpacked(said["client"], zone), unpacked(said["billing"], zone))


# --- an act -------------------------------------------------------------------------------------------------------------------------


def act(books: Books, wish: Wish, projects: Sequence[Project], words: Words, called: Called) -> tuple[Closing, list[str]]:
    """The act that was wished for, to be written, and what is to be said of it; BadOption when it may not be."""
    month = date.fromisoformat(f"{wish.month}-01")
    acts = read_acts(books.reader, wish.month)
    number = acts[-1].number + 1 if acts else 1
    if wish.reopen:
        return _reopening(books, wish, projects, acts, number)
    frozen: dict[str, Any] = {}
    said: list[str] = []
    for project in projects:
        first, following = project.period_of(month.replace(day=project.billing_day))
        known = closed(acts, project)
        if known is not None:
            when = _local(known.act.at, project)
            raise BadOption(f"--month {wish.month}: {project.name} was closed by {known.act.who} on {when}; --reopen --why opens it again")
        if books.now < project.starts_on(following):
            raise BadOption(f"--month {wish.month}: the billing period of {project.name} ends on {_before(following)}; close it when it is over")
        found = account(books, project, first, following)
        said += _unseen(found, wish)
        frozen[project.name] = _frozen(found, words, called)
        said += [f"{project.name}: {first} - {found.last}: {_sum(found)}"]
    archive: dict[str, Any] = {"format": FORMAT, "projects": frozen}
    if not (wish.project or wish.client):
        archive["payroll"] = _payroll(books, month)
        said.append("payroll: frozen too")
    return Closing(wish.month, number, books.now, wish.who, wish.why, CLOSE, json.dumps(archive, ensure_ascii=False).encode()), said


def _reopening(books: Books, wish: Wish, projects: Sequence[Project], acts: Sequence[Closing], number: int) -> tuple[Closing, list[str]]:
    if not wish.why:
        raise BadOption("--reopen: without a reason nobody opens what is closed; give --why")
    for project in projects:
        if closed(acts, project) is None:
            raise BadOption(f"--month {wish.month}: {project.name} is not closed, so there is nothing to open")
    archive: dict[str, Any] = {"format": FORMAT, "projects": {project.name: None for project in projects}}
    if not (wish.project or wish.client):
        archive["payroll"] = None
    made = Closing(wish.month, number, books.now, wish.who, wish.why, REOPEN, json.dumps(archive, ensure_ascii=False).encode())
    return made, [f"{project.name}: open again; what was closed stays in the archive" for project in projects]


def _payroll(books: Books, month: date) -> dict[str, Any]:
    """The hours of the calendar month, of everybody, in each layout; whose names are no part of it: a person may be forgotten."""
    last = (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    asked = Asked(books.contract, month, last, books.contract.projects, Tally(books.reader).written_until())
    pages = {layout: payroll.report(asked, books.reader, silent, layout) for layout in payroll.Layout}
    return {layout.value: packed(Page(_named(found.sections, {}), found.notes)) for layout, found in pages.items()}


def of_payroll(now: Report, reader: Reader, layout: payroll.Layout, contract: Contract) -> Report:
    """The payroll of a month as it was when that was closed, where it was; else as it is."""
    following = now.last + timedelta(days=1)
    if now.first.day != 1 or following.day != 1 or (following - now.first).days > LONGEST_MONTH:
        return now
    known, number = None, 0
    for act in read_acts(reader, month_of(now.first)):
        said = json.loads(act.archive)
        if "payroll" in said:
            known = None if said["payroll"] is None else (act, unpacked(said["payroll"][layout.value], contract.zone))
            number += known is not None
    if known is None:
        return now
    act, page = known
    words = Words(now.language)
    at = datetime.fromtimestamp(act.at // SECOND, contract.zone)
    given = {"at": f"{bills.day(words, at.date())} {at:%H:%M}", "who": act.who, "number": number}
    sections = _named(page.sections, {one.id: one.name for one in contract.people})
    changed = [words("payroll_changed", rows=len({*sections[0].rows} ^ {*now.sections[0].rows}))] if sections[0].rows != now.sections[0].rows else []
    return replace(now, sections=sections, notes=(*page.notes, words("payroll_closed", **given), *changed))


def _named(sections: Sequence[Section], names: Mapping[str, str]) -> tuple[Section, ...]:
    """People's names beside their ids, as far as they are known."""
    found = []
    for section in sections:
        keys = [column.key for column in section.columns]
        rows = section.rows
        if "name" in keys:
            at, whose = keys.index("name"), keys.index("employee_id")
            rows = tuple((*row[:at], names.get(str(row[whose]), ""), *row[at + 1 :]) for row in rows)
        found.append(replace(section, rows=rows))
    return tuple(found)


def _unseen(found: Account, wish: Wish) -> list[str]:
    """A gap that is not healed yet would be frozen as if nobody had called."""
    if found.unseen_us < UNSEEN_US:
        return []
    gap = f"{found.unseen_us // MINUTE} min of {found.span_us // MINUTE} min were seen by nobody"
    if not (wish.force and wish.why):
        remedy = "wait until queue_log has told them, or give --force and --why"
        raise BadOption(f"--month {wish.month}: {found.project.name}: {gap}, and are in no figure; {remedy}")
    return [f"{found.project.name}: {gap}: closed all the same"]


def _frozen(found: Account, words: Words, called: Called) -> dict[str, Any]:
    sent = Page(client.sections(words, found, found.first, found.last), client.notes(words, found), client.facts(words, found))
    annex = Page(billing.sections(words, found, called), billing.notes(words, found))
    return {
        "first": found.first.isoformat(),
        "last": found.last.isoformat(),
        "figures": figures(found),
        "client": packed(sent),
        "billing": packed(annex),
    }


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


def _sum(found: Account) -> str:
    return ", ".join("no total" if bill.total is None else f"{bill.total:.2f} {bill.currency}" for bill in found.bills) or "nothing billed"


# --- since then ---------------------------------------------------------------------------------------------------------------------


def since(words: Words, books: Books, known: Closed, found: Account) -> Iterator[Section]:
    """What is otherwise today than it was when the month was closed, and what the store says of why; who closed it when."""
    now = figures(found)
    rows = [
        (_called(words, key), was, is_now, is_now - was)
        for key in dict.fromkeys((*known.figures, *now))
        if (was := Decimal(known.figures.get(key, 0))) != (is_now := Decimal(now.get(key, 0)))
    ]
    if not rows:
        return
    name = found.project.name
    columns = (words.column("kind", Kind.TEXT), *(words.column(key, Kind.NUMBER) for key in ("frozen", "now", "difference")))
    yield Section(f"changes_{name}", words("of", project=name, what=words("changes")), columns, tuple(rows))
    why = [one for one in books.reader.corrections(known.act.at, books.now + 1) if one.project == name]
    if why:
        told = (words.column("date", Kind.DATE), words.column("time", Kind.TIME), *(words.column(key, Kind.TEXT) for key in ("kind", "was", "is_now", "why")))
        each = tuple((found.local(one.at).date(), found.local(one.at), one.what, one.was, one.now, one.why) for one in why)
        yield Section(f"corrections_{name}", words("of", project=name, what=words("corrections_since")), told, each)


def _called(words: Words, key: str) -> str:
    line, _, currency = key.partition(" ")
    return f"{words(line)}, {currency}" if currency else words.column(key, Kind.COUNT).title


def notes(words: Words, known: Closed, project: Project) -> tuple[str, ...]:
    """That these figures are those of a closed month; of which closing, and why it was closed in spite of something."""
    given = {"project": project.name, "month": known.act.month}
    local = datetime.fromtimestamp(known.act.at // SECOND, project.zone)
    at = f"{bills.day(words, local.date())} {local:%H:%M}"
    said = [words("closed", **given, at=at, who=known.act.who, number=known.number)]
    return (*said, words("closed_why", **given, why=known.act.why)) if known.act.why else tuple(said)


def _local(at: int, project: Project) -> str:
    return f"{datetime.fromtimestamp(at // SECOND, project.zone):%Y-%m-%d %H:%M}"


def _before(following: date) -> date:
    return date.fromordinal(following.toordinal() - 1)
