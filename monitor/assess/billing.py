"""A billing period of a project: what its days cost the client by the tariffs that hold on them.

Owns the order of a bill: charges of each tariff (`charges`), what is short of its minimum (`guarantee`), bonus and malus on the charges (`adjustment`); a
tariff that begins in mid-period begins its tiers anew and bears its share of the period's days. A bill is of the days that are given, so of a period that
runs it is what has accrued: what a day brought is the difference of two bills. Refuses tax and other currencies, and where days come from. Next: `margin`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from itertools import accumulate, pairwise
from operator import add
from typing import Final

from monitor.assess.adjustment import adjusted, percent
from monitor.assess.charges import FIXED_KINDS, UNITS, Kind, Line, Share, Sums, charged, charges
from monitor.assess.coins import total
from monitor.assess.guarantee import Signed, guarantee
from monitor.assess.service_level import Answers
from monitor.core.contract import Project
from monitor.core.tariff import MICRO, Period, SlAdjust, Tariff

NOBODY: Final = Answers(0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a project that has begun; a day of the period without one has not.

    `amount_u` is all that calls and results cost by themselves, `results_u` what of it is for results. `agent_us` is time of the base the day's tariff
    names, of this client only. `contacts` came, short abandons left out. `answers` are by the adjustment's threshold, without those who came in an
    incident it excludes and without whoever still waits; None: it is not known. The plan the client signed: None where it has nothing for the day.
    """

    day: date
    share: Fraction = Fraction(1)  # that is over
    calls: int = 0
    seconds: int = 0
    amount_u: int = 0
    agent_us: int = 0
    contacts: int = 0
    contract_calls_u: int | None = None
    contract_handle_us: int | None = None
    answers: Answers | None = NOBODY
    results: int = 0
    results_u: int = 0

    def sums(self) -> Sums:
        """What is charged for."""
        amount, results = Fraction(self.amount_u, MICRO), Fraction(self.results_u, MICRO)
        return Sums(Fraction(self.calls), Fraction(self.seconds), amount, self.results, results, self.agent_us, self.share)


@dataclass(frozen=True, slots=True)
class Bill:
    """What is billed in one currency. The total is the sum of the lines; None where a guarantee or an adjustment depends on what is not known.

    Of the charges `fixed` do not move with calls within a day: hours of agents, full-time agents, flat months.
    """

    currency: str
    lines: tuple[Line, ...]
    charges: Decimal
    fixed: Decimal
    guarantee: Decimal | None
    shortfall_calls: Decimal | None  # of the guaranteed, to date
    adjustment: Decimal | None

    @classmethod
    def of(cls, currency: str, lines: tuple[Line, ...], guarantees: Sequence[Line | None] = (), adjustments: Sequence[Line | None] = ()) -> Bill:
        """From its charges, and what each tariff adds to them or takes off; None: it is not known."""
        return cls(
            currency,
            (*lines, *(line for line in (*guarantees, *adjustments) if line is not None and (line.amount or line.quantity))),
            charged(lines),
            charged(tuple(line for line in lines if line.kind in FIXED_KINDS)),
            total(None if line is None else line.amount for line in guarantees),
            total(None if line is None else line.quantity for line in guarantees),
            total(None if line is None else line.amount for line in adjustments),
        )

    @property
    def variable(self) -> Decimal:
        """The charges that move with calls."""
        return self.charges - self.fixed

    @property
    def hours(self) -> Decimal:
        """Of the fixed ones, those for agents by the hour."""
        return charged(tuple(line for line in self.lines if line.kind is Kind.PER_AGENT_HOUR))

    @property
    def total(self) -> Decimal | None:
        """Before tax."""
        return total((self.charges, self.guarantee, self.adjustment))


@dataclass(frozen=True, slots=True)
class _Version:
    """A tariff in a billing period."""

    project: Project
    tariff: Tariff
    share: Share
    days: tuple[Day, ...]

    def guarantee(self, lines: tuple[Line, ...], sums: Sums) -> Line | None:
        calls, handle = _signed(self.days), sum(day.contract_handle_us or 0 for day in self.days)
        aht_us = handle * MICRO // calls if calls and handle else self.project.aht_us
        return guarantee(self.tariff, lines, sums, self.share, Signed(calls, aht_us, self.project.wrapup_us))

    def adjustment(self, lines: tuple[Line, ...]) -> Line | None:
        """By day each day has its own band, and there is no one per cent for all of them."""
        agreed = self.tariff.sl_adjust
        if agreed is None:
            return Line(Kind.SL_ADJUST, self.tariff.since, Decimal(0), UNITS[Kind.SL_ADJUST], None, Decimal("0.00"))
        if agreed.period is Period.MONTH:
            by = _percent(agreed, self.days)
            return None if by is None else Line(Kind.SL_ADJUST, self.tariff.since, by, UNITS[Kind.SL_ADJUST], None, adjusted(charged(lines), by))
        amount = total(None if (by := _percent(agreed, (day,))) is None else adjusted(brought, by) for day, brought in self._by_day())
        return None if amount is None else Line(Kind.SL_ADJUST, self.tariff.since, Decimal(0), UNITS[Kind.SL_ADJUST], None, amount)

    def _by_day(self) -> Iterator[tuple[Day, Decimal]]:
        """What each day brought, of tiers and volumes too."""
        until = accumulate((day.sums() for day in self.days), add, initial=Sums())
        amounts = [charged(charges(self.tariff, sums, self.share)) for sums in until]
        yield from zip(self.days, (after - before for before, after in pairwise(amounts)), strict=True)

    def sums(self) -> Sums:
        """Of all days: whole numbers are added first, a bill is asked for often."""
        calls, seconds, amount = sum(day.calls for day in self.days), sum(day.seconds for day in self.days), sum(day.amount_u for day in self.days)
        results, results_u = sum(day.results for day in self.days), sum(day.results_u for day in self.days)
        whole = Day(self.tariff.since, sum((day.share for day in self.days), Fraction(0)), calls, seconds, amount, sum(day.agent_us for day in self.days))
        return replace(whole, results=results, results_u=results_u).sums()


def bill(project: Project, first: date, following: date, days: Sequence[Day]) -> tuple[Bill, ...]:
    """The billing period `[first, following)` as far as its days are given; a bill for each currency, in the order their tariffs begin."""
    mine = sorted((day for day in days if first <= day.day < following), key=lambda one: one.day)
    versions = [
        _Version(project, tariff, share, tuple(day for day in mine if project.tariff_on(day.day) is tariff))
        for tariff, share in terms(project, first, following)
    ]
    currencies = dict.fromkeys(version.tariff.currency for version in versions)
    return tuple(_bill(currency, [one for one in versions if one.tariff.currency == currency]) for currency in currencies)


def _bill(currency: str, versions: Sequence[_Version]) -> Bill:
    lines: list[Line] = []
    guarantees: list[Line | None] = []
    adjustments: list[Line | None] = []
    for version in versions:
        sums = version.sums()
        own = charges(version.tariff, sums, version.share)
        lines += own
        guarantees.append(version.guarantee(own, sums))
        adjustments.append(version.adjustment(own))
    return Bill.of(currency, tuple(lines), guarantees, adjustments)


def terms(project: Project, first: date, following: date) -> tuple[tuple[Tariff, Share], ...]:
    """The tariffs that hold in `[first, following)`, in their order, and how many of its days."""
    in_force = [project.tariff_on(date.fromordinal(ordinal)) for ordinal in range(first.toordinal(), following.toordinal())]
    held = [(tariff, sum(one is tariff for one in in_force)) for tariff in project.tariffs]
    return tuple((tariff, Share(count, len(in_force))) for tariff, count in held if count)


def _signed(days: Sequence[Day]) -> int | None:
    """The calls of the signed plan; a day it has nothing for has none, unless it has nothing for any."""
    known = [day.contract_calls_u for day in days if day.contract_calls_u is not None]
    return sum(known) if known or not days else None


def _percent(agreed: SlAdjust, days: Sequence[Day]) -> Decimal | None:
    """By how much the charges of these days are adjusted."""
    counts = [day.answers for day in days if day.answers is not None]
    if len(counts) < len(days):
        return None
    signed = _signed(days)
    above_plan = signed is not None and sum(day.contacts for day in days) * MICRO > signed
    return percent(agreed, reduce(add, counts, NOBODY), above_plan=above_plan)
