"""A project's account for a billing period: everything its client is told and billed, from the rows of the store.

Owns the way from rows to the days of a bill: calls at the price of the day they came, billed or not as somebody put it right, results, the time of agents
that is this client's, the plan he signed, service level without excused incidents, and how much of the time was seen. Refuses reckoning
(`assess.billing`), words (`outputs.reports`) and what is frozen (`closing`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property

from monitor.assess import accounts, amended
from monitor.assess.agent_time import agent_us
from monitor.assess.annex import Annex, adds_up, annex, charges_calls
from monitor.assess.arrivals import Came, PricedCall, came, excusing, priced
from monitor.assess.billing import Bill, Day, bill, terms
from monitor.assess.service_level import Answers
from monitor.config import Config, read_contract_plan, read_plan
from monitor.config.stored_plan import Signed, Version, in_force, signed
from monitor.core.chronicle import ContactEnded, ResultTold
from monitor.core.contract import Contract, Project
from monitor.core.counters import Outcome
from monitor.core.incidents import Incident, holding_project
from monitor.core.snapshot import Cell, State
from monitor.core.tariff import HoursBase, Tariff, micros, rounded
from monitor.errors import DoesNotAddUp
from monitor.outputs.reports import dialled
from monitor.outputs.reports.account import Account
from monitor.plan.plan import EMPTY, Plan
from monitor.state.store.reader import Reader
from monitor.state.store.schema import CELLS, STATES
from monitor.state.store.sums import of_minutes

HANDLED = tuple(CELLS[cell] for cell in accounts.HANDLED)
IN_THRESHOLD = (CELLS[Cell.IN_THRESHOLD],)
OBSERVED = (CELLS[Cell.OBSERVED_US],)
PLANNED = tuple(CELLS[cell] for cell in accounts.AGENTS)
PLANNED_CALLS = (CELLS[Cell.PLAN_CALLS],)


@dataclass(frozen=True)
class Books:
    """A store that is open, the configuration it is read by, and now."""

    config: Config
    reader: Reader
    now: int

    @property
    def contract(self) -> Contract:
        """What is agreed."""
        return self.config.contract

    @property
    def site(self) -> Project:
        """The site's clock, which people's days follow."""
        return Project("", "", "", (), zone=self.contract.zone)

    def total(self, of: str, name: str, start: int, end: int, columns: Sequence[str]) -> tuple[int, ...]:
        """Sums of minutes."""
        return of_minutes(self.reader, of, name, start, end, columns)

    def signed(self) -> list[Signed]:
        """What clients signed: as the store has it, else the file there is."""
        kept = [Version(one.since, one.who, one.format, one.content) for one in self.reader.plans("contract")]
        found = signed(self.config, kept)
        if found:
            return found
        plan = read_contract_plan(self.config)
        return [] if plan is EMPTY else [Signed(0, plan)]

    @cached_property
    def working(self) -> Plan:
        """The working plan as its file has it now."""
        return read_plan(self.config)

    def incidents(self, start: int, end: int) -> tuple[Incident, ...]:
        """Announced ones and those that were told, in their order."""
        announced = tuple(one for one in self.contract.incidents if one.touches(start, end))
        told = tuple(Incident.of(one) for one in self.reader.incidents(start, end))
        return tuple(sorted((*announced, *told), key=lambda one: (one.since, one.id)))


def account(books: Books, project: Project, first: date, following: date) -> Account:
    """The billing period `[first, following)`, as far as it is; DoesNotAddUp is a mistake of ours, and nobody is billed by it."""
    start, end = project.starts_on(first), project.starts_on(following)
    contacts = books.reader.contacts(project.name, start, end)
    came_here = {(one.pbx, one.call) for one in contacts}
    amendments = tuple(one for one in books.reader.amended_calls(project.name) if (one.pbx, one.call) in came_here)
    results = books.reader.results(project.name, start, end)
    incidents = holding_project(books.incidents(start, end), project, books.contract, start, end)
    put_right = amended.calls(contacts, amendments)
    calls = priced(project, put_right)
    everybody = came(project, contacts, project.service_level.threshold_us)
    refused = _refused(books, project, everybody)
    for day, here in everybody.items():
        here.refuse(refused[day])
    days = _days(books, project, first, following, _Rows(contacts, results, incidents, calls, everybody, refused))
    bills = bill(project, first, following, days)
    found = annex(project, first, following, calls)
    if not adds_up(found, bills):
        raise DoesNotAddUp(f"{project.name}, {first} - {following - timedelta(days=1)}: the lines do not sum to the bill; nothing was made, report this")
    seen_until = min(end, books.now)
    observed = {day.day: books.total("project", project.name, *_bounds(project, day.day), OBSERVED)[0] for day in days}
    unseen = frozenset(day.day for day in days if not (observed[day.day] or day.day in everybody or day.results or day.agent_us))
    if len(unseen) == len(days):
        bills = tuple(_unseen(project, first, following, one) for one in bills)
    return Account(
        project=project,
        first=first,
        last=following - timedelta(days=1),
        over=books.now >= end,
        came=everybody,
        days=tuple(days),
        bills=bills,
        annex=found,
        incidents=incidents,
        unseen_us=max(0, seen_until - start - sum(observed.values())),
        span_us=max(0, seen_until - start),
        vat=books.contract.finances.vat,
        unfinished=sum(map(_unfinished, contacts)),
        unbilled=_unbilled(project, put_right, found),
        unseen_days=unseen,
        people=tuple(dict.fromkeys(one.agent for one in contacts if one.agent)),
        amended=amendments,
        dialled={day.day: dialled.of(books.total("project", project.name, *_bounds(project, day.day), dialled.COLUMNS)) for day in days if project.outbound},
        hours_zone=_hours_zone(books, project, first, following),
    )


def _unfinished(one: ContactEnded) -> bool:
    return one.outcome == Outcome.ANSWERED and one.handled_at is None


def _unbilled(project: Project, contacts: Sequence[ContactEnded], found: Annex) -> int:
    """How many are to be paid for one by one, and are no line before more is known of them."""
    billed = {(line.call.pbx, line.call.call) for line in found.lines}
    waiting = (one for one in contacts if _unfinished(one) and not one.exempt and (one.pbx, one.call) not in billed)
    tariffs = (project.tariff_on(project.day_of(one.joined_at)) for one in waiting)
    return sum(tariff is not None and charges_calls(tariff) for tariff in tariffs)


@dataclass(frozen=True)
class _Rows:
    contacts: Sequence[ContactEnded]
    results: Sequence[ResultTold]
    incidents: tuple[Incident, ...]
    calls: Sequence[PricedCall]
    came: Mapping[date, Came]  # by the threshold that the project promises
    refused: Mapping[date, int]


def _refused(books: Books, project: Project, everybody: Mapping[date, Came]) -> dict[date, int]:
    """How many answers of each day a log's whole seconds left open, so that the ledger has them as not within the promised threshold."""
    found: dict[date, int] = {}
    for day, here in everybody.items():
        (counted,) = books.total("project", project.name, *_bounds(project, day), IN_THRESHOLD) if here.doubtful else (here.in_threshold,)
        found[day] = max(0, here.in_threshold - counted)
    return found


def _unseen(project: Project, first: date, following: date, one: Bill) -> Bill:
    """A bill of a time of which nothing was seen: months cost what they cost, and of all else nobody knows what is to be added or taken off."""
    tariffs = [tariff for tariff, _ in terms(project, first, following) if tariff.currency == one.currency]
    return replace(one, guarantee=None, adjustment=None) if any(map(_rests_on_sight, tariffs)) else one


def _rests_on_sight(tariff: Tariff) -> bool:
    by_time = tariff.per_agent_hour is not None or tariff.sl_adjust is not None
    return charges_calls(tariff) or bool(tariff.per_result) or by_time or (tariff.minimum is not None and tariff.minimum.share_of_contract_plan is not None)


def _bounds(clock: Project, day: date) -> tuple[int, int]:
    return clock.starts_on(day), clock.starts_on(day + timedelta(days=1))


def _days(books: Books, project: Project, first: date, following: date, rows: _Rows) -> list[Day]:
    """Every day of the period that has begun."""
    charged: dict[date, list[int]] = {}
    for call in rows.calls:
        sums = charged.setdefault(call.day, [0, 0, 0])
        sums[0] += call.charged.calls
        sums[1] += call.charged.seconds
        sums[2] += call.charged.amount_u
    results: dict[date, list[int]] = {}
    for result in rows.results:
        day = project.day_of(result.at)
        tariff = project.tariff_on(day)
        price = None if tariff is None else tariff.price_of_result(result.disposition)
        sums = results.setdefault(day, [0, 0])
        sums[0] += 1
        sums[1] += 0 if price is None else micros(rounded(price))
    answers = _Answers(books.contract, project, rows)
    plans = books.signed() if any(_plan_matters(tariff) for tariff, _ in terms(project, first, following)) else []
    found: list[Day] = []
    for day in _each(first, following):
        start, end = _bounds(project, day)
        if start >= books.now:
            break
        tariff, here = project.tariff_on(day), rows.came.get(day, Came())
        calls, seconds, amount_u = charged.get(day, (0, 0, 0))
        count, worth_u = results.get(day, (0, 0)) if tariff is not None and tariff.per_result else (0, 0)
        planned = in_force(plans, end - 1).over(project.name, start, end)
        due = _due_share(books, project, start, end) if planned.covered_us and books.now < end else Fraction(1)
        found.append(
            Day(
                day=day,
                share=Fraction(min(books.now, end) - start, end - start),
                calls=calls,
                seconds=seconds,
                amount_u=amount_u + worth_u,
                agent_us=0 if tariff is None else _agent_us(books, project, tariff, day),
                contacts=here.contacts - here.short,
                contract_calls_u=int(planned.calls_u * due) if planned.covered_us else None,
                contract_handle_us=int(planned.handle_us * due) if planned.covered_us else None,
                answers=Came().answers if tariff is None else answers.of(tariff, day),
                results=count,
                results_u=worth_u,
            )
        )
    return found


def _due_share(books: Books, project: Project, start: int, end: int) -> Fraction:
    """Of a running day, as live: what the working plan had until now, and has for the rest."""
    (done,) = books.total("project", project.name, start, books.now, PLANNED_CALLS)
    rest = books.working.over(project.name, books.now, end).calls_u
    return accounts.due_share(done, rest, Fraction(books.now - start, end - start))


class _Answers:
    """Each tariff's own threshold and excuses, counted once."""

    def __init__(self, contract: Contract, project: Project, rows: _Rows) -> None:
        self._contract, self._project, self._rows = contract, project, rows
        self._known: dict[Tariff, dict[date, Came]] = {}

    def of(self, tariff: Tariff, day: date) -> Answers:
        """A day's."""
        agreed = tariff.sl_adjust
        if agreed is None:
            return Came().answers
        if tariff not in self._known:
            excused = excusing(self._rows.incidents, agreed.excluded, self._project, self._contract)
            counted = self._known[tariff] = came(self._project, self._rows.contacts, agreed.threshold_us, excused)
            if agreed.threshold_us == self._project.service_level.threshold_us:
                for day_, here in counted.items():
                    here.refuse(self._rows.refused[day_])
        return self._known[tariff].get(day, Came()).answers


def _each(first: date, following: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((following - first).days)]


def _plan_matters(tariff: Tariff) -> bool:
    by_plan = tariff.minimum is not None and tariff.minimum.share_of_contract_plan is not None
    return by_plan or (tariff.sl_adjust is not None and tariff.sl_adjust.excused_above_plan)


def _hours_zone(books: Books, project: Project, first: date, following: date) -> str:
    """The site's zone, where hours of the group are paid and the project has a day of its own."""
    agreed = [tariff.per_agent_hour for tariff, _ in terms(project, first, following)]
    of_group = any(one is not None and one.base is not HoursBase.SCHEDULED for one in agreed)
    site = books.contract.zone
    return str(site) if of_group and (project.day_starts or str(project.zone) != str(site)) else ""


def _agent_us(books: Books, project: Project, tariff: Tariff, day: date) -> int:
    """Of the group it is the time from midnight to midnight by the site's clock, as its book has it: people's days are the site's."""
    agreed = tariff.per_agent_hour
    if agreed is None:
        return 0
    total = books.total
    if agreed.base is HoursBase.SCHEDULED:
        return agent_us(agreed, {}, 0, 0, sum(total("project", project.name, *_bounds(project, day), PLANNED)))
    spent = dict(zip(State, total("group", project.group, *_bounds(books.site, day), STATES), strict=True))
    if agreed.share is not None:
        return agent_us(agreed, spent, 0, 0, 0)
    own = books.contract.projects_of[project.group]
    handled = {one.name: sum(total("project", one.name, *_bounds(one, day), HANDLED)) for one in own}
    return agent_us(agreed, spent, handled[project.name], sum(handled.values()), 0)
