"""What people are paid for: their time of each local day by project and class, as a payroll takes it.

Owns the classes and their order, and which time is paid at all: what was spent on the floor, what the roster says, or what is in both. Spans are cut at
the quarters of an hour at which a local midnight or an edge of the night lies, at the edges of incidents and of the roster, and where
a day's paid time reaches overtime; every microsecond is in one row, as it elapsed. What lies between two `changes` may come added up: only where
overtime begins is more to be known of a day than how much. Refuses intervals and ratios (domain: wages come from records of
states), spans of one person that overlap, and formats. Next: `outputs.reports` writes the rows.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from monitor.assess.coins import NO_MONEY, quotient
from monitor.core.chronicle import AgentSpan
from monitor.core.contract import SECOND, Contract, PauseClass
from monitor.core.incidents import Incident, holding_group
from monitor.core.pay import HOUR_US, HUNDREDTHS, Pay, hundredths
from monitor.core.snapshot import State
from monitor.core.spent import Spent

IDLE = frozenset({State.AVAILABLE, State.PAUSED, State.UNREACHABLE, State.UNOBSERVED, ""})  # "": on the roster only
Span = tuple[int, int]
Roster = Mapping[tuple[str, date], Sequence[Span]]
Spans = Callable[[str, int, int], Iterable[AgentSpan]]  # a person's time in `[start, end)`


class PaidBy(StrEnum):
    """Whose word counts: the roster's, the floor's, or only what both say."""

    ROSTER = "roster"
    LOGIN = "login"
    MIN = "min"


class Class(StrEnum):
    """What time is paid as."""

    REGULAR = "regular"
    NIGHT = "night"
    HOLIDAY = "holiday"
    OVERTIME = "overtime"
    DOWNTIME = "downtime"
    PAID_BREAK = "paid_break"
    UNPAID_BREAK = "unpaid_break"
    UNSCHEDULED = "unscheduled"  # on the floor, but not on the roster that is paid by: not paid


UNPAID = frozenset({Class.UNPAID_BREAK, Class.UNSCHEDULED})


class Row(NamedTuple):
    """A person's time of one local day, project ("" is none's) and class; a second row only where the wage is another, in another group.

    `first_login` and `last_logout` are of the day, None where the person was only on the roster. `wage` None: nobody says what is earned.
    `factors` is the time by what its wage is multiplied by.
    """

    person: str
    day: date
    project: str
    kind: Class
    time_us: int
    first_login: int | None
    last_logout: int | None
    wage: Decimal | None
    factors: Mapping[Decimal, int]

    @property
    def amount(self) -> Decimal | None:
        """What is earned, by rates in whole hundredths, as the ledger of labour has them; None: nobody says."""
        if self.kind in UNPAID:
            return NO_MONEY
        wage = self.wage
        return None if wage is None else quotient(sum(us * hundredths(wage * factor) for factor, us in self.factors.items()), HOUR_US * HUNDREDTHS, 2)

    @property
    def seconds(self) -> Decimal:
        """Exact."""
        return quotient(self.time_us, SECOND, 6)

    @property
    def hours(self) -> Decimal:
        """In hundredths, half of one up."""
        return quotient(self.time_us, HOUR_US, 2)


class _Piece(NamedTuple):
    """Time in which nothing changes. `on_floor` False: only on the roster."""

    start: int
    end: int
    group: str | None
    state: str
    project: str | None
    reason: str
    on_floor: bool = True


def _order(piece: _Piece) -> Span:
    return piece.start, piece.end


@dataclass(slots=True)
class _Day:
    """A person's local day so far."""

    paid_us: int = 0
    login: int | None = None
    logout: int | None = None
    wages: dict[str | None, Decimal | None] = field(default_factory=dict)  # by group
    sums: dict[tuple[str | None, str | None, int], int] = field(default_factory=dict)  # by project, group and number of the rate

    def saw(self, start: int, end: int) -> None:
        """Somebody was on the floor."""
        self.login = start if self.login is None or start < self.login else self.login
        self.logout = end if self.logout is None or end > self.logout else self.logout


def payroll(
    contract: Contract, spans: Iterable[AgentSpan], incidents: Iterable[Incident] = (), paid_by: PaidBy = PaidBy.LOGIN, roster: Roster | None = None
) -> tuple[Row, ...]:
    """The rows of all spans that are given, by person, day, project and class. What is paid by the roster needs one."""
    if roster is None and paid_by is not PaidBy.LOGIN:
        raise ValueError(f"paid_by {paid_by}: no roster is known; give one, or pay by login")
    of_person: dict[str, list[AgentSpan]] = {}
    for span in spans:
        if span.start < span.end:
            of_person.setdefault(span.person, []).append(span)
    scheduled = {} if roster is None or paid_by is PaidBy.LOGIN else _scheduled(roster)
    people = sorted({*of_person, *(scheduled if paid_by is PaidBy.ROSTER else ())})
    clerk = _Clerk.of(contract, incidents, paid_by)
    return tuple(row for person in people for row in clerk.rows(person, of_person.get(person, []), scheduled.get(person, [])))


def changes(contract: Contract, incidents: Iterable[Incident], start: int, end: int) -> tuple[int, ...]:
    """Start and end, and every instant between them at which the same time is paid otherwise than before: another day, a night, a holiday, a downtime."""
    clerk = _Clerk.of(contract, incidents, PaidBy.LOGIN)
    found = {start, end, *(edge for edge in clerk.edges() if start < edge < end)}
    at = clerk.same_until(start - start % Pay.STEP_US)
    while at < end:
        found.add(at)
        at = clerk.same_until(at)
    return tuple(sorted(found))


def added_up(contract: Contract, people: Iterable[tuple[str, Iterable[Spent]]], spans: Spans, incidents: Iterable[Incident] = ()) -> Iterator[Row]:
    """The rows of each person in turn, who is paid by login: those of his spans, which are asked for where a day has overtime."""
    clerk = _Clerk.of(contract, incidents, PaidBy.LOGIN)
    for person, sums in people:
        yield from clerk.rows_of_sums(person, sums, spans)


def _scheduled(roster: Roster) -> dict[str, list[Span]]:
    """Each person's scheduled spans in order, joined where they overlap: the day they are listed under does not matter, time is time."""
    found: dict[str, list[Span]] = {}
    for person, start, end in sorted((person, *span) for (person, _), spans in roster.items() for span in spans):
        mine = found.setdefault(person, [])
        if mine and start <= mine[-1][1]:
            mine[-1] = (mine[-1][0], max(mine[-1][1], end))
        elif start < end:
            mine.append((start, end))
    return found


@dataclass(frozen=True, slots=True)
class _Clerk:
    """Reckons one person after the other."""

    contract: Contract
    incidents: tuple[Incident, ...]  # of kinds that are downtime
    paid_by: PaidBy
    quarters: dict[int, tuple[date, bool, bool]] = field(default_factory=dict)  # local day, night and holiday of those that were asked for
    runs: dict[int, int] = field(default_factory=dict)  # until when these hold
    rates: list[tuple[Class, Decimal]] = field(default_factory=list)  # a class, and what the wage is multiplied by
    ranks: dict[tuple[bool, bool, bool, bool], int] = field(default_factory=dict)  # number of the rate: paused, at night, on a holiday, overtime

    @classmethod
    def of(cls, contract: Contract, incidents: Iterable[Incident], paid_by: PaidBy) -> _Clerk:
        return cls(contract, tuple(one for one in incidents if one.kind.value in contract.pay.multipliers.downtime_kinds), paid_by)

    def rows(self, person: str, spans: Sequence[AgentSpan], scheduled: Sequence[Span]) -> Iterator[Row]:
        pieces = [_Piece(one.start, one.end, one.group, one.state, one.project, one.reason) for one in spans]
        if self.paid_by is PaidBy.ROSTER:
            pieces += self._absent(person, sorted(pieces, key=_order), scheduled)
        edges = sorted({edge for span in scheduled for edge in span} | self.edges())
        starts = [start for start, _ in scheduled]
        days: dict[date, _Day] = {}
        for piece in sorted(pieces, key=_order):
            for part in self._cut(piece, edges):
                index = bisect_right(starts, part.start) - 1
                on_roster = index >= 0 and part.end <= scheduled[index][1]
                self._add(person, part, part.end - part.start, days, on_floor=part.on_floor, on_roster=on_roster)
        return self._told(person, days)

    def rows_of_sums(self, person: str, sums: Iterable[Spent], spans: Spans) -> Iterator[Row]:
        """In whatever order the time of a day came, only overtime depends on it; a day that has any is reckoned by its spans."""
        days: dict[date, _Day] = {}
        for one in sums:
            self._add(person, one, one.us, days)
        limit = self.contract.pay.multipliers.overtime_after_us
        longer = {today: day for today, day in days.items() if limit is not None and day.paid_us > limit}
        if longer:
            days.update((today, _Day()) for today in longer)
            start, end = min(day.login or 0 for day in longer.values()), max(day.logout or 0 for day in longer.values())
            edges = sorted(self.edges())
            for span in spans(person, start, end):
                for part in self._cut(_Piece(span.start, span.end, span.group, span.state, span.project, span.reason), edges):
                    if self._day(part) in longer:
                        self._add(person, part, part.end - part.start, days)
        return self._told(person, days)

    def edges(self) -> set[int]:
        """Where a downtime may begin or end."""
        return {edge for one in self.incidents for edge in (one.since, one.until) if edge is not None}

    def _told(self, person: str, days: Mapping[date, _Day]) -> Iterator[Row]:
        for today, day in sorted(days.items()):
            rows: dict[tuple[str, Class, Decimal | None], dict[Decimal, int]] = {}
            for (project, group, rate), us in day.sums.items():
                kind, factor = self.rates[rate]
                factors = rows.setdefault((project or "", kind, day.wages[group]), {})
                factors[factor] = factors.get(factor, 0) + us
            for (project, kind, wage), factors in sorted(rows.items(), key=lambda one: (one[0][0], one[0][1], one[0][2] or 0)):
                yield Row(person, today, project, kind, sum(factors.values()), day.login, day.logout, wage, factors)

    def _absent(self, person: str, pieces: Sequence[_Piece], scheduled: Sequence[Span]) -> Iterator[_Piece]:
        """Scheduled time in which the person was not on the floor: in the group of the time before it, else of the agents file."""
        known = self.contract.person.get(person)
        group = pieces[0].group if pieces else None if known is None else known.group
        number = 0
        for start, end in scheduled:
            at = start
            while number < len(pieces) and pieces[number].start < end:
                here = pieces[number]
                if here.start > at:
                    yield _Piece(at, here.start, group, "", None, "", on_floor=False)
                at, group = max(at, here.end), here.group
                if here.end > end:
                    break
                number += 1
            if at < end:
                yield _Piece(at, end, group, "", None, "", on_floor=False)

    def _day(self, part: _Piece) -> date:
        return self._quarter(part.start - part.start % Pay.STEP_US)[0]

    def _add(self, person: str, part: _Piece | Spent, length: int, days: dict[date, _Day], *, on_floor: bool = True, on_roster: bool = False) -> None:
        """So much time in which the day and all that holds are the same; only overtime may still begin in it."""
        today, night, holiday = self._quarter(part.start - part.start % Pay.STEP_US)
        day = days.get(today)
        if day is None:
            day = days[today] = _Day()
        if on_floor:
            day.saw(part.start, part.end)
        if part.group not in day.wages:
            day.wages[part.group] = self.contract.pay.wage(person, part.group, today)
        unpaid = self._unpaid(part, on_roster=on_roster)
        if unpaid is not None:
            self._earn(day, part, self._number(unpaid, Decimal(0)), length)
            return
        limit = self.contract.pay.multipliers.overtime_after_us
        usual = length if limit is None else max(0, min(length, limit - day.paid_us))
        self._earn(day, part, self._rate(part, night=night, holiday=holiday, overtime=False), usual)
        if usual < length:
            self._earn(day, part, self._rate(part, night=night, holiday=holiday, overtime=True), length - usual)
        day.paid_us += length

    def _earn(self, day: _Day, part: _Piece | Spent, rate: int, us: int) -> None:
        if us:
            what = (part.project, part.group, rate)
            day.sums[what] = day.sums.get(what, 0) + us

    def _unpaid(self, part: _Piece | Spent, *, on_roster: bool) -> Class | None:
        if part.state == State.PAUSED and self._pause(part) is PauseClass.UNPAID:
            return Class.UNPAID_BREAK
        return Class.UNSCHEDULED if self.paid_by is not PaidBy.LOGIN and not on_roster else None

    def _quarter(self, start: int) -> tuple[date, bool, bool]:
        known = self.quarters.get(start)
        if known is None:
            local = datetime.fromtimestamp(start // SECOND, self.contract.zone)
            pay = self.contract.pay
            known = self.quarters[start] = (local.date(), pay.multipliers.is_night(local.time()), local.date() in pay.holidays)
        return known

    def _cut(self, piece: _Piece, edges: Sequence[int]) -> Iterator[_Piece]:
        """At the quarters of an hour at which another day, a night or its end begins, and at the edges."""
        at = piece.start
        while at < piece.end:
            stop = min(piece.end, self.same_until(at - at % Pay.STEP_US))
            if edges:
                index = bisect_right(edges, at)
                stop = min(stop, edges[index]) if index < len(edges) else stop
            yield piece if stop == piece.end and at == piece.start else piece._replace(start=at, end=stop)
            at = stop

    def same_until(self, quarter: int) -> int:
        """The end of the quarters from this one on that are of the same day, and all night or holiday as it is."""
        known = self.runs.get(quarter)
        if known is None:
            known = quarter + Pay.STEP_US
            while self._quarter(known) == self._quarter(quarter):
                known += Pay.STEP_US
            self.runs.update(dict.fromkeys(range(quarter, known, Pay.STEP_US), known))
        return known

    def _rate(self, part: _Piece | Spent, *, night: bool, holiday: bool, overtime: bool) -> int:
        """What paid time is paid as: a downtime before all, else the highest of what holds."""
        if self.incidents and part.state in IDLE and self._is_downtime(part):
            return self._number(Class.DOWNTIME, self.contract.pay.multipliers.downtime)
        holds = (part.state == State.PAUSED, night, holiday, overtime)
        found = self.ranks.get(holds)
        if found is None:
            kind, factor = self._rank(night=night, holiday=holiday, overtime=overtime)
            found = self.ranks[holds] = self._number(Class.PAID_BREAK if holds[0] else kind, factor)
        return found

    def _number(self, kind: Class, factor: Decimal) -> int:
        if (kind, factor) not in self.rates:
            self.rates.append((kind, factor))
        return self.rates.index((kind, factor))

    def _rank(self, *, night: bool, holiday: bool, overtime: bool) -> tuple[Class, Decimal]:
        factors = self.contract.pay.multipliers
        holds = ((Class.OVERTIME, factors.overtime, overtime), (Class.HOLIDAY, factors.holiday, holiday), (Class.NIGHT, factors.night, night))
        kind, factor = max(((kind, factor) for kind, factor, does in holds if does), key=lambda one: one[1], default=(Class.REGULAR, Decimal(1)))
        return kind, max(Decimal(1), factor)

    def _pause(self, part: _Piece | Spent) -> PauseClass | None:
        group = self.contract.group.get(part.group or "")
        reason = None if group is None else group.pause_reason(part.reason)
        return None if reason is None else reason.kind

    def _is_downtime(self, part: _Piece | Spent) -> bool:
        """Whether incidents that last, recovery left out, hold the person's group."""
        lasting = [one for one in self.incidents if one.active(part.start)]
        return bool(lasting) and part.group in self.contract.group and bool(holding_group(lasting, part.group or "", self.contract, part.start, part.end))
