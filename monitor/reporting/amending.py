"""Hours and calls put right by hand: what may be, and what is said of it.

Owns the refusals: who, what and when has to be known, there has to be a reason, and no row of hours is left below nothing, whoever else puts it right at the
same moment. A closed month may be put right too: its figures stay, and it is listed beside them. Refuses the table (`state.store.amending`), what hours and
bills come to then (`assess.amended`), and showing it (`outputs.reports.corrections`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from difflib import get_close_matches
from functools import partial
from typing import Final

from monitor import typed
from monitor.assess.payroll import Class
from monitor.assess.payroll import Row as Paid
from monitor.config import Config
from monitor.config.values import did_you_mean
from monitor.core.amendment import BILLED, CALL, EXEMPT, HOURS, Amendment
from monitor.core.chronicle import DAY, ContactEnded
from monitor.core.contract import SECOND, Project
from monitor.core.counters import Outcome
from monitor.core.incidents import NOTE
from monitor.errors import BadOption
from monitor.outputs.reports import payroll
from monitor.outputs.reports.asked import Asked, silent
from monitor.outputs.reports.report import seconds
from monitor.reporting import making, wish
from monitor.reporting.account import Books
from monitor.reporting.ask import choice
from monitor.reporting.closing import month_of, standing
from monitor.state.store.amending import add
from monitor.state.store.closing import PAYROLL, of_project, project_of, read
from monitor.state.store.place import Place
from monitor.state.store.tally import Tally

Tell = Callable[[str], None]
MOST_S: Final = 25 * 3_600  # as long as a day can be
NOBODY: Final = "no project"
CALL_ID: Final = "give its id in queue_log (the CDR's uniqueid)"


@dataclass(frozen=True, slots=True)
class HoursWish:
    """What was typed of hours; without a project those of none."""

    employee: str
    date: str
    kind: str
    project: str
    seconds: str
    why: str
    who: str


@dataclass(frozen=True, slots=True)
class CallWish:
    """What was typed of a call; without a PBX the only one that has it."""

    project: str
    call: str
    pbx: str
    exempt: str
    bill: bool
    why: str
    who: str


def correct_hours(config: Config, wanted: HoursWish, now: int, tell: Tell) -> None:
    """Add to a row of payroll, or take away from it."""
    why, who = _text("--why", wanted.why), _text("--who", wanted.who)
    day, kind = typed.day("--date", wanted.date), _class(wanted.kind)
    time_us = int(typed.more_or_less("--seconds", wanted.seconds, MOST_S) * SECOND)
    employee = _id("--employee", wanted.employee, "give the employee_id of report payroll")
    with making.reading(config) as reader:
        books = Books(config, reader, now)
        about = _began(books, day)
        _known_person(books, employee, day)
        asked = Asked(config.contract, day, day, config.contract.projects, Tally(reader).written_until())
        rows = [*payroll.paid(asked, reader, [employee], silent)]
        if wanted.project not in {"", *config.contract.project, *(row.project for row in rows)}:
            raise BadOption(f"--project {wanted.project}: there is no such project; {did_you_mean(wanted.project, [*config.contract.project])}")
        draft = Amendment(0, now, about, who, why, HOURS, wanted.project, person=employee, day=day.isoformat(), kind=kind.value, time_us=time_us)
        length_us = books.site.starts_on(day + timedelta(days=1)) - about
        done = add(Place(config.store.url), draft, partial(_settle_hours, draft, rows, length_us, wanted.seconds))
        tell(f"{_row_of(done)}: {done.now} s, was {done.was} s; corrected by {who}")
        _tell_closed(books, month_of(day), PAYROLL, tell)


def correct_call(config: Config, wanted: CallWish, now: int, tell: Tell) -> None:
    """Have a call billed, or not."""
    why, who = _text("--why", wanted.why), _text("--who", wanted.who)
    into, call = _wanted(wanted), _id("--call", wanted.call, CALL_ID)
    if not wanted.project:
        raise BadOption(f"--project: is empty; say whose call it is: {', '.join(config.contract.project)}")
    (project,) = wish.projects(wish.Wish(project=wanted.project), config.contract)
    with making.reading(config) as reader:
        books = Books(config, reader, now)
        contact = _contact(books.reader.contacts_of_call(call), wanted)
        draft = Amendment(0, now, contact.joined_at, who, why, CALL, project.name, now=into, pbx=contact.pbx, call=contact.call)
        done = add(Place(config.store.url), draft, partial(_settle_call, draft, contact, project))
        tell(f"{project.name}, call {done.call} on {done.pbx}: {_said(done.now)}, was {_said(done.was)}; corrected by {who}")
        first, _ = project.period_of(project.day_of(contact.joined_at))
        _tell_closed(books, month_of(first), of_project(project.name), tell)


# --- hours --------------------------------------------------------------------------------------------------------------------------


def _class(text: str) -> Class:
    """One that hours can have where people are paid by the time on the floor."""
    kind = choice("--class", text, Class)
    if kind is Class.UNSCHEDULED:
        raise BadOption(f"--class {text}: is time on the floor that a roster does not have, and nobody is paid by a roster yet; name another class")
    return kind


def _began(books: Books, day: date) -> int:
    """When that day began, by the clock that people's days follow; it is not to come, and the store still knows it."""
    today = books.site.day_of(books.now)
    if day > today:
        raise BadOption(f"--date {day}: is a day to come; the last there can be is today, {today}")
    began, kept = books.site.starts_on(day), books.config.store.retain_days
    if began < books.now - kept * DAY:
        raise BadOption(f"--date {day}: is longer ago than the {kept} days the store goes back; name a later day, or raise [store] retain_days")
    return began


def _known_person(books: Books, employee: str, day: date) -> None:
    """Somebody of the agents file, of the store, or whose hours of that day were put right before."""
    there = {*books.contract.person, *(one.person for one in books.reader.amended_hours(day, day))}
    if employee not in there:
        there.update(Tally(books.reader).people(0, books.now))
    if employee in there:
        return
    near = get_close_matches(employee, sorted(there), n=1)
    like = f" (the name most like it is {near[0]}: look who that is)" if near else ""
    raise BadOption(f"--employee {employee}: there is no such person; give the employee_id of report payroll{like}")


def _settle_hours(draft: Amendment, rows: Sequence[Paid], length_us: int, text: str, before: Sequence[Amendment]) -> Amendment:
    """What the row is now, and what it is then: below nothing only where it is already, because the floor was told otherwise since.

    `rows` and `before` are all of the person's day, which has no more hours than it is long.
    """
    row = draft.project, draft.kind
    was_us = sum(one.time_us for one in rows if (one.project, one.kind.value) == row) + sum(one.time_us for one in before if (one.project, one.kind) == row)
    day_us = sum(one.time_us for one in rows) + sum(one.time_us for one in before)
    now_us = was_us + draft.time_us
    if now_us < min(0, was_us):
        remedy = "take away that many at most" if was_us > 0 else "look in report payroll which row has them"
        raise BadOption(f"--seconds {text}: {_row_of(draft)}: has {_shown(was_us)} s; {remedy}")
    if draft.time_us > 0 and day_us + draft.time_us > length_us:
        has, would = _shown(day_us), _shown(day_us + draft.time_us)
        raise BadOption(f"--seconds {text}: {draft.person}, {draft.day}: has {has} s in all and would have {would} s; that day has {_shown(length_us)} s")
    return draft._replace(was=_shown(was_us), now=_shown(now_us))


def _row_of(one: Amendment) -> str:
    return f"{one.person}, {one.day}, {one.project or NOBODY}, {one.kind}"


def _shown(time_us: int) -> str:
    return f"{Decimal(seconds(time_us)):f}"


# --- calls --------------------------------------------------------------------------------------------------------------------------


def _wanted(wanted: CallWish) -> str:
    """Billed, or the reason why not."""
    if bool(wanted.exempt) is wanted.bill:
        problem = "is said beside --bill" if wanted.bill else "is missing, and so is --bill"
        raise BadOption(f"--exempt{f' {wanted.exempt}' if wanted.exempt else ''}: {problem}; give one of them: --exempt {' or '.join(EXEMPT)}, or --bill")
    if wanted.exempt and wanted.exempt not in EXEMPT:
        raise BadOption(f"--exempt {wanted.exempt}: is no reason not to bill a call; {did_you_mean(wanted.exempt, [*EXEMPT])}")
    return wanted.exempt or BILLED


def _contact(there: Sequence[ContactEnded], wanted: CallWish) -> ContactEnded:
    """The one call that is meant, which somebody answered."""
    found = [one for one in there if one.project == wanted.project and wanted.pbx in ("", one.pbx)]
    if not found:
        where = f" on {wanted.pbx}" if wanted.pbx else ""
        others = ", ".join(f"{one.project} on {one.pbx}" for one in there)
        remedy = f"it is one of {others}" if others else CALL_ID
        raise BadOption(f"--call {wanted.call}: {wanted.project} has no such call{where}; {remedy}")
    if len(found) > 1:
        raise BadOption(f"--call {wanted.call}: is a call on {' and on '.join(one.pbx for one in found)}; say on which with --pbx")
    (contact,) = found
    if contact.outcome != Outcome.ANSWERED:
        raise BadOption(f"--call {wanted.call}: was not answered ({contact.outcome}), so nobody is billed for it; name one that was")
    return contact


def _settle_call(draft: Amendment, contact: ContactEnded, project: Project, before: Sequence[Amendment]) -> Amendment:
    mine = [one for one in before if one.project == draft.project]
    was, day = mine[-1].now if mine else contact.exempt or BILLED, project.day_of(contact.joined_at)
    option = "--bill" if draft.now == BILLED else f"--exempt {draft.now}"
    if was == draft.now:
        raise BadOption(f"{option}: call {draft.call} is {_said(was)} already; there is nothing to correct")
    if draft.now == BILLED and project.tariff_on(day) is None:
        raise BadOption(f"{option}: no tariff of {project.name} holds on {day}, so nothing can be billed; add a [[project.tariff]] from that day on first")
    return draft._replace(was=was)


def _said(state: str) -> str:
    return "to be paid for" if state == BILLED else f"not to be paid for ({state})"


# --- both ---------------------------------------------------------------------------------------------------------------------------


def _text(option: str, text: str) -> str:
    """A line of words; it is kept for years."""
    line = " ".join(text.split())
    if not line:
        raise BadOption(f"{option}: is empty; nobody corrects without saying {'why' if option == '--why' else 'who'}: write it in a line")
    if len(line) > NOTE:
        raise BadOption(f"{option}: has {len(line)} letters; write {NOTE} at most")
    if not line.isprintable():
        raise BadOption(f"{option}: has a sign in it that is no text; write it in plain words")
    return line


def _id(option: str, text: str, remedy: str) -> str:
    """What somebody or something is called, which is asked of the store."""
    if not text:
        raise BadOption(f"{option}: is empty; {remedy}")
    if not text.isprintable():
        raise BadOption(f"{option} {text!a}: has a sign in it that is no text; {remedy}")
    return text


def _tell_closed(books: Books, month: str, scope: str, tell: Tell) -> None:
    act = standing(read(books.reader, month, scope))
    if act is not None:
        whose = project_of(scope) or scope
        tell(f"{whose}: {month} is closed, by {act.who}: its figures stay as they are, and this is listed beside them")
