"""Reports to a client and annexes to his invoices: from what was typed to the report.

Owns whose they are (one client's, or one project's: nobody is sent what is another's), which billing periods they are of, and that a period that was
closed shows what was frozen. Refuses the figures (`account`) and the tables (`outputs.reports`). Next: `making` hands the report over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from monitor.config import Config
from monitor.config.values import did_you_mean
from monitor.core.chronicle import DAY
from monitor.core.contract import Contract, Project
from monitor.errors import BadOption, DoesNotAddUp, PlanError
from monitor.outputs.reports import billing, bills, client
from monitor.outputs.reports.account import Account
from monitor.outputs.reports.billing import Called
from monitor.outputs.reports.frozen import Page
from monitor.outputs.reports.report import Report
from monitor.outputs.reports.words import Words
from monitor.outputs.web.aliases import Aliases
from monitor.reporting import closing, making, wish
from monitor.reporting.account import Books, account


@dataclass(frozen=True, slots=True)
class Whose:
    """What was typed of whom it is for; `names`: people by their names."""

    client: str = ""
    project: str = ""
    names: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """A project's billing period, and the days of it that are shown."""

    project: Project
    first: date
    following: date
    shown_first: date
    shown_last: date

    @property
    def whole(self) -> bool:
        """Whether all of its days are shown."""
        return self.shown_first == self.first and self.shown_last == self.following - timedelta(days=1)


def client_report(config: Config, typed: wish.Wish, whose: Whose, now: int) -> making.Made:
    """What a client is sent."""
    return _made(config, typed, whose, now, "client")


def billing_report(config: Config, typed: wish.Wish, whose: Whose, now: int) -> making.Made:
    """The annex to an invoice."""
    return _made(config, typed, whose, now, "billing")


def chosen(whose: Whose, contract: Contract) -> tuple[Project, ...]:
    """The projects of one client, or one project."""
    if bool(whose.client) is bool(whose.project):
        clients = ", ".join(dict.fromkeys(project.client for project in contract.projects))
        problem = "is said beside --project" if whose.client else "is missing"
        raise BadOption(f"--client{f' {whose.client}' if whose.client else ''}: {problem}; give one of them, so that nobody reads what is another's: {clients}")
    if whose.project:
        return wish.projects(wish.Wish(project=whose.project), contract)
    found = tuple(project for project in contract.projects if project.client == whose.client)
    if not found:
        known = [*dict.fromkeys(project.client for project in contract.projects)]
        raise BadOption(f"--client {whose.client}: there is no such client; {did_you_mean(whose.client, known)}")
    return found


def called(contract: Contract, *, names: bool) -> Called:
    """What a person is called: an alias, the same throughout the report, or the name in the agents file."""
    aliases = Aliases()

    def of(group: str, person: str) -> str:
        if not names:
            return aliases.of_id(group, person)
        row = contract.person.get(person)
        return person if row is None else row.name

    return of


def spans(typed: wish.Wish, projects: Sequence[Project], contract: Contract, now: int) -> list[Span]:
    """Each project's billing periods that the days touch. A month is that of the project: the billing period that begins in it."""
    first, last = wish.days(typed, contract, now)
    found: list[Span] = []
    for project in projects:
        today = project.day_of(now)
        shown_first, shown_last = first, last
        if typed.month:
            shown_first, following = project.period_of(first.replace(day=project.billing_day))
            shown_last = following - timedelta(days=1)
        start, following = project.period_of(shown_first)
        while start <= min(shown_last, today):
            found.append(Span(project, start, following, max(shown_first, start), min(shown_last, following - timedelta(days=1))))
            start, following = project.period_of(following)
    if not found:
        raise BadOption(f"--month {typed.month}: has not begun for any of these projects; name an earlier one")
    return found


def _made(config: Config, typed: wish.Wish, whose: Whose, now: int, kind: str) -> making.Made:
    how = wish.format_of(typed)
    projects = chosen(whose, config.contract)
    periods = spans(typed, projects, config.contract, now)
    making.refuse_taken(typed)
    with making.reading(config) as reader:
        books = Books(config, reader, now)
        words = Words(config.contract.language)
        pages = list(_pages(books, words, periods, called(config.contract, names=whose.names), kind, names=whose.names))
    return making.hand_over(_report(config, words, periods, pages, kind), how, typed)


def _pages(books: Books, words: Words, periods: Sequence[Span], who: Called, kind: str, *, names: bool) -> Iterator[Page]:
    for span in periods:
        month = closing.month_of(span.first)
        several = sum(other.project is span.project for other in periods) > 1
        known = closing.closed(books.reader, month, span.project)
        if known is None:
            page = live(words, account(books, span.project, span.first, span.following), span, who, kind, ids=names)
        else:
            page = _closed(words, books, known, span, kind, names=names)
        yield _marked(replace(page, notes=(*page.notes, *_widened(words, span, kind))), month if several else "")


def _closed(words: Words, books: Books, known: closing.Closed, span: Span, kind: str, *, names: bool) -> Page:
    """What was frozen, and beside it what is otherwise today, as far as that can still be said."""
    if kind == "client" and not span.whole:
        shown = f"{span.first} - {span.following - timedelta(days=1)}"
        raise BadOption(f"--from {span.shown_first}: {span.project.name}, {shown}: is closed and shown as it was sent, whole; give --month {known.act.month}")
    page = known.page(kind, span.project)
    notes = (*page.notes, *closing.notes(words, known, span.project), *([words("not_for")] if names else []))
    if span.project.starts_on(span.first) < books.now - books.config.store.retain_days * DAY:
        return replace(page, notes=(*notes, words("not_compared", project=span.project.name, why=words("too_old"))))
    try:
        found = account(books, span.project, span.first, span.following)
    except (DoesNotAddUp, PlanError) as error:
        return replace(page, notes=(*notes, words("not_compared", project=span.project.name, why=str(error).splitlines()[0])))
    return Page((*page.sections, *closing.since(words, books, known, found)), notes, page.facts)


def _widened(words: Words, span: Span, kind: str) -> Iterator[str]:
    """A bill is of a whole billing period, whatever days were asked for."""
    if not span.whole:
        days = [bills.day(words, one) for one in (span.shown_first, span.shown_last, span.first, span.following - timedelta(days=1))]
        shown, period = f"{days[0]} - {days[1]}" if days[0] != days[1] else days[0], f"{days[2]} - {days[3]}"
        yield words(f"widened_{kind}", project=span.project.name, shown=shown, period=period)


def _marked(page: Page, month: str) -> Page:
    """Where a report has several months of a project, their tables have to be told apart."""
    return replace(page, sections=tuple(replace(one, key=f"{one.key}_{month}", title=f"{one.title}, {month}") for one in page.sections)) if month else page


def live(words: Words, found: Account, span: Span, who: Called, kind: str, *, ids: bool = False) -> Page:
    """What the figures of today show; DoesNotAddUp where they are no bill."""
    if kind == "client":
        shown = span.shown_first, span.shown_last
        return Page(client.sections(words, found, *shown), client.notes(words, found, *shown), client.facts(words, found))
    return Page(billing.sections(words, found, who, ids=ids), billing.notes(words, found))


def _report(config: Config, words: Words, periods: Sequence[Span], pages: Sequence[Page], kind: str) -> Report:
    contract = config.contract
    title = words("client", client=periods[0].project.client) if kind == "client" else words("billing")
    notes = dict.fromkeys(note for page in pages for note in page.notes)
    if kind == "client":
        notes[words("callers")] = None
    return Report(
        name=kind,
        title=title,
        site=contract.site,
        language=contract.language,
        first=min(span.shown_first if kind == "client" else span.first for span in periods),
        last=max(span.shown_last if kind == "client" else span.following - timedelta(days=1) for span in periods),
        sections=tuple(section for page in pages for section in page.sections),
        notes=tuple(notes),
        facts=_facts(periods, pages),
    )


def _facts(periods: Sequence[Span], pages: Sequence[Page]) -> dict[str, str]:
    """What was agreed; where that is not the same in all billing periods, each under its month."""
    said: dict[str, set[str]] = {}
    for page in pages:
        for title, text in page.facts.items():
            said.setdefault(title, set()).add(text)
    months = [closing.month_of(span.first) for span in periods]
    return {
        title if len(said[title]) == 1 else f"{title}, {month}": text for month, page in zip(months, pages, strict=True) for title, text in page.facts.items()
    }
