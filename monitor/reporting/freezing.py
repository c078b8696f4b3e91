"""A month is closed, or opened again: for one project, for all of a client's, for everybody's hours, or for all that is left of it.

Owns when that may be done (the period is over, nobody has closed it, and all of it was seen, written and worked off, or somebody says why not) and that
one part is frozen after the other, each in the room of one. What may not be closed is said before anything is. Refuses the table
(`state.store.closing`), the figures (`account`), and what is shown of it (`closing`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from monitor.config import Config
from monitor.core.contract import MINUTE, SECOND, Project
from monitor.core.snapshot import Cell
from monitor.errors import BadOption
from monitor.outputs.reports import payroll
from monitor.outputs.reports.account import Account
from monitor.outputs.reports.asked import Asked, silent
from monitor.outputs.reports.billing import Called
from monitor.outputs.reports.frozen import Page, text
from monitor.outputs.reports.words import Words
from monitor.reporting import making, wish
from monitor.reporting.account import Books, account
from monitor.reporting.closing import figures, last_of, standing, without_people
from monitor.reporting.statements import Span, Whose, called, chosen, live
from monitor.state.store.closing import CLOSE, PAYROLL, REOPEN, Closing, of_project, packed, read, write
from monitor.state.store.place import Place
from monitor.state.store.schema import CELLS
from monitor.state.store.sums import written_until
from monitor.state.store.tally import Tally

FORMAT: Final = 1
UNSEEN_US: Final = MINUTE  # less is no gap
_OUTCOMES: Final = (Cell.ANSWERED, Cell.ABANDONED, Cell.SHORT, Cell.FLOWED_OUT, Cell.UNRESOLVED)
_COUNTED: Final = tuple(CELLS[cell] for cell in (Cell.OBSERVED_US, Cell.CONTACTS, *_OUTCOMES))


@dataclass(frozen=True, slots=True)
class Wish:
    """What was typed: a month, whose (empty: everybody's), who does it and why; `force` closes what is not wholly known."""

    month: str
    project: str = ""
    client: str = ""
    payroll: bool = False
    who: str = ""
    why: str = ""
    force: bool = False
    reopen: bool = False

    @property
    def everybody(self) -> bool:
        """Whether all that is left of the month is meant."""
        return not (self.project or self.client or self.payroll)


@dataclass(frozen=True)
class _Part:
    """A part of a month: a project's billing period, or with no project everybody's hours, by the clock of the site."""

    project: Project | None
    clock: Project
    first: date
    following: date
    acts: Sequence[Closing]

    @property
    def name(self) -> str:
        return PAYROLL if self.project is None else self.project.name

    @property
    def scope(self) -> str:
        return PAYROLL if self.project is None else of_project(self.project.name)

    @property
    def last(self) -> date:
        return self.following - timedelta(days=1)

    @property
    def bounds(self) -> tuple[int, int]:
        return self.clock.starts_on(self.first), self.clock.starts_on(self.following)

    def at(self, instant: int) -> str:
        return f"{datetime.fromtimestamp(instant // SECOND, self.clock.zone):%Y-%m-%d %H:%M}"


def close(config: Config, typed: Wish, now: int, tell: Callable[[str], None]) -> None:
    """Close a month, or open it again; each thing that is done is told in a line."""
    wish.month(typed.month)
    if typed.payroll and (typed.client or typed.project):
        raise BadOption("--payroll: is said beside --client or --project, but hours are everybody's; give one or the other")
    if typed.reopen and not typed.why:
        raise BadOption("--reopen: without a reason nobody opens what is closed; give --why")
    with making.reading(config) as reader:
        books = Books(config, reader, now)
        parts = [part for part in _parts(books, typed) if _may(books, typed, part, tell)]
        if not parts:
            raise BadOption(f"--month {typed.month}: nothing of it is to be {'opened' if typed.reopen else 'closed'}; name another month")
        if typed.reopen:
            _open(books, typed, parts, tell)
        else:
            _close(books, typed, parts, tell)
    tell(f"{typed.month}: {'opened again' if typed.reopen else 'closed'} by {typed.who}")


def _parts(books: Books, typed: Wish) -> Iterator[_Part]:
    month = date.fromisoformat(f"{typed.month}-01")
    projects = books.contract.projects
    if not typed.everybody:
        projects = () if typed.payroll else chosen(Whose(typed.client, typed.project), books.contract)
    for project in projects:
        first, following = project.period_of(month.replace(day=project.billing_day))
        yield _Part(project, project, first, following, read(books.reader, typed.month, of_project(project.name)))
    if typed.everybody or typed.payroll:
        yield _Part(None, books.site, month, last_of(month) + timedelta(days=1), read(books.reader, typed.month, PAYROLL))


def _may(books: Books, typed: Wish, part: _Part, tell: Callable[[str], None]) -> bool:
    """Whether it is open and over, or to be opened closed. What was named has to be; of everything that is told, and the rest goes on."""
    act = standing(part.acts)
    if typed.reopen:
        problem, remedy = ("is not closed", ", so there is nothing to open") if act is None else ("", "")
    elif act is not None:
        problem, remedy = f"was closed by {act.who} on {part.at(act.at)}", "; --reopen --why opens it again"
    elif books.now < part.bounds[1]:
        what = "its month" if part.project is None else "its billing period"
        problem, remedy = f"{what} ends on {part.last}", "; close it when it is over"
    else:
        problem, remedy = "", ""
    if problem and not typed.everybody:
        raise BadOption(f"--month {typed.month}: {part.name}: {problem}{remedy}")
    if problem:
        tell(f"{part.name}: {problem}; left as it is")
    return not problem


def _open(books: Books, typed: Wish, parts: Sequence[_Part], tell: Callable[[str], None]) -> None:
    for part in parts:
        _write(books, typed, part, packed(text({"format": FORMAT}, ())))
        tell(f"{part.name}: open again; what was closed stays in the archive")


def _close(books: Books, typed: Wish, parts: Sequence[_Part], tell: Callable[[str], None]) -> None:
    for part in parts:
        doubts = ", ".join(_doubts(books, part))
        if doubts and not (typed.force and typed.why):
            raise BadOption(f"--month {typed.month}: {part.name}: {doubts}; wait until that is known, or give --force and --why")
        if doubts:
            tell(f"{part.name}: {doubts}: closed all the same")
    words = Words(books.contract.language)
    for part in parts:
        books.reader.hold_amendments()  # what comes while it is frozen is listed beside it
        if part.project is None:
            _close_payroll(books, typed, part)
            tell("payroll: frozen too" if len(parts) > 1 else "payroll: frozen")
        else:
            who = called(books.contract, names=False)  # numbered anew for each: of one project the same as by itself
            tell(f"{part.name}: {part.first} - {part.last}: {_sum(_close_project(books, typed, part, part.project, words, who))}")


# --- what is not known ----------------------------------------------------------------------------------------------------------------


def _doubts(books: Books, part: _Part) -> Iterator[str]:
    """What would be frozen as if it were nothing: who called in a gap that is not healed yet, what is not written yet, and work that goes on."""
    start, end = part.bounds
    projects = books.contract.projects if part.project is None else (part.project,)
    sums = [books.total("project", project.name, start, end, _COUNTED) for project in projects]
    unseen_us = max((end - start - observed for observed, *_ in sums), default=0)
    if unseen_us >= UNSEEN_US:
        yield f"{unseen_us // MINUTE} min of {(end - start) // MINUTE} min were seen by nobody"
    written = _written(books, part)
    if written < end:
        yield f"nothing is written after {part.at(written)}" if written else "nothing is written"
    if part.project is None:
        return
    going_on = sum(contacts - sum(ended) for _, contacts, *ended in sums)
    if going_on > 0:
        yield f"contacts that have not ended: {going_on}"
    unfinished = Tally(books.reader).unfinished(part.name, start, end)
    if unfinished:
        yield f"answered contacts the work on which is not wholly known: {unfinished}"


def _written(books: Books, part: _Part) -> int:
    """How far the store goes: of a project its own book and that of its group, where that has one."""
    if part.project is None:
        return Tally(books.reader).written_until()
    own, group = written_until(books.reader, "project", part.name), written_until(books.reader, "group", part.project.group)
    return min(own, group) if group else own


# --- what is frozen -------------------------------------------------------------------------------------------------------------------


def _close_project(books: Books, typed: Wish, part: _Part, project: Project, words: Words, who: Called) -> Account:
    found = account(books, project, part.first, part.following)
    span = Span(project, part.first, part.following, part.first, part.last)
    head = {"format": FORMAT, "first": part.first.isoformat(), "last": part.last.isoformat(), "figures": figures(found)}
    _write(books, typed, part, packed(text(head, ((kind, live(words, found, span, who, kind)) for kind in ("client", "billing")))))
    return found


def _close_payroll(books: Books, typed: Wish, part: _Part) -> None:
    """The hours of the calendar month, of everybody, in each layout; whose names are no part of it: a person may be forgotten."""
    asked = Asked(books.contract, part.first, part.last, books.contract.projects, Tally(books.reader).written_until())
    people: dict[str, int] = {}

    rows, corrections = payroll.amended(asked, books.reader, silent)
    once = [*rows]  # for both layouts: a month that is healed in between would be frozen as two

    def pages() -> Iterator[tuple[str, Page]]:
        for layout in payroll.Layout:
            made = payroll.laid_out(asked, books.reader, layout, once, corrections)
            yield layout.value, Page(without_people(made.sections, people), made.notes)

    frozen = packed(text({"format": FORMAT}, pages()))
    _write(books, typed, part, frozen, tuple(people))


def _write(books: Books, typed: Wish, part: _Part, frozen: bytes, people: Sequence[str] = ()) -> None:
    number = part.acts[-1].number + 1 if part.acts else 1
    act = Closing(typed.month, part.scope, number, books.now, typed.who, typed.why, REOPEN if typed.reopen else CLOSE, books.reader.amended_to or 0)
    write(Place(books.config.store.url), act, frozen, people)


def _sum(found: Account) -> str:
    return ", ".join("no total" if bill.total is None else f"{bill.total:.2f} {bill.currency}" for bill in found.bills) or "nothing billed"
