"""What a tariff charges for a span of its days, line by line.

Owns what depends on the whole span: tiers (marginal, by the units since the tariff's first day in the billing period), the volume in a flat month and
what is beyond it, hours of agents, and what accrues by days. Everything is reckoned in exact fractions and rounded once a line, so a longer span is
never charged less. Refuses single calls (`core.tariff` has charged them) and what is added to or taken off a bill. Next: `guarantee`, `adjustment`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from monitor.assess.coins import NO_MONEY, coins, decimal
from monitor.core.pay import HOUR_US
from monitor.core.tariff import Tariff, Tier, Work, rounded


class Kind(StrEnum):
    """What a line of a bill is for."""

    PER_MINUTE = "per_minute"
    PER_CALL = "per_call"
    PER_RESULT = "per_result"
    OVERAGE = "overage"
    PER_AGENT_HOUR = "per_agent_hour"
    PER_FTE_MONTH = "per_fte_month"
    FLAT_MONTH = "flat_month"
    GUARANTEE = "guarantee"
    SL_ADJUST = "sl_adjust"


CALL_KINDS: Final = frozenset({Kind.PER_MINUTE, Kind.PER_CALL, Kind.OVERAGE})  # what callers bring
FIXED_KINDS: Final = frozenset({Kind.PER_AGENT_HOUR, Kind.PER_FTE_MONTH, Kind.FLAT_MONTH})  # what does not move with them within a day
EXACT: Final = 10  # decimals of a quantity
UNITS: Final = {
    Kind.PER_MINUTE: "minutes",
    Kind.PER_CALL: "calls",
    Kind.PER_RESULT: "results",
    Kind.OVERAGE: "calls",
    Kind.PER_AGENT_HOUR: "agent_hours",
    Kind.PER_FTE_MONTH: "fte_months",
    Kind.FLAT_MONTH: "months",
    Kind.GUARANTEE: "calls",
    Kind.SL_ADJUST: "percent",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a bill, of the tariff that began on `since`. `price` None: there is no single one. `quantity` is exact enough to be multiplied by any price."""

    kind: Kind
    since: date
    quantity: Decimal
    unit: str
    price: Decimal | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Sums:
    """What a tariff charges for: calls and seconds that are paid, what they and results cost by themselves, time of agents, days that are over."""

    calls: Fraction = Fraction(0)
    seconds: Fraction = Fraction(0)
    amount: Fraction = Fraction(0)
    results: int = 0
    results_amount: Fraction = Fraction(0)  # of `amount`
    agent_us: int = 0
    days: Fraction = Fraction(0)

    def __add__(self, other: Sums) -> Sums:
        """Both spans together."""
        return Sums(
            self.calls + other.calls,
            self.seconds + other.seconds,
            self.amount + other.amount,
            self.results + other.results,
            self.results_amount + other.results_amount,
            self.agent_us + other.agent_us,
            self.days + other.days,
        )


@dataclass(frozen=True, slots=True)
class Share:
    """How many of a billing period's days a tariff holds."""

    held: int
    of: int

    def part(self, amount: Decimal, days: Fraction) -> Fraction:
        """Of a month's amount what is for so many days."""
        return Fraction(amount) * days / self.of

    def included(self, volume: int) -> int:
        """The calls in a flat month, for the tariff's days of it."""
        return int(decimal(Fraction(volume * self.held, self.of), 0))


def charges(tariff: Tariff, sums: Sums, share: Share) -> tuple[Line, ...]:
    """The lines of what is charged for a span that begins where the tariff does in the billing period."""
    return (*_calls(tariff, sums), *_time(tariff, sums, share))


def charged(lines: tuple[Line, ...]) -> Decimal:
    """What they amount to."""
    return sum((line.amount for line in lines), NO_MONEY)


def plan_price(tariff: Tariff, aht_us: int, wrapup_us: int) -> Fraction:
    """What a call costs that is as long as planned, by the prices of the first tier; its minutes are not rounded, for it is a mean."""
    work, price = planned_work(aht_us, wrapup_us), Fraction(0)
    if tariff.per_minute is not None:
        price += Fraction(tariff.per_minute.price) * tariff.per_minute.seconds(work) / 60
    if tariff.per_call is not None and tariff.per_call.counts(work, handled=True):
        price += Fraction(rounded(tariff.per_call.price))
    return price


def planned_work(aht_us: int, wrapup_us: int) -> Work:
    """The work in a planned call: nobody holds, and the caller is connected while he is talked to."""
    talk = max(0, aht_us - wrapup_us)
    return Work(talk, 0, aht_us - talk, talk)


def _calls(tariff: Tariff, sums: Sums) -> Iterator[Line]:
    """What calls and results cost by themselves is one sum; the first kind that is charged so has what the others leave of it."""
    plain = [kind for kind, price in ((Kind.PER_MINUTE, tariff.per_minute), (Kind.PER_CALL, tariff.per_call)) if price is not None and not price.tiers]
    left = coins(sums.amount)
    results = coins(sums.results_amount) if plain else left
    if tariff.per_result:
        left -= results
    by_call = NO_MONEY
    if tariff.per_call is not None and Kind.PER_CALL in plain:
        by_call = left if plain[0] is Kind.PER_CALL else coins(Fraction(rounded(tariff.per_call.price)) * sums.calls)
    if tariff.per_minute is not None:
        minutes = sums.seconds / 60
        if Kind.PER_MINUTE in plain:
            yield _line(tariff, Kind.PER_MINUTE, minutes, tariff.per_minute.price, left - by_call)
        else:
            yield from _tiered(tariff, Kind.PER_MINUTE, minutes, tariff.per_minute.tiers)
    if tariff.per_call is not None:
        if Kind.PER_CALL in plain:
            yield _line(tariff, Kind.PER_CALL, sums.calls, tariff.per_call.price, by_call)
        else:
            yield from _tiered(tariff, Kind.PER_CALL, sums.calls, tariff.per_call.tiers)
    if tariff.per_result:
        price = tariff.per_result[0][1] if len(tariff.per_result) == 1 else None
        yield _line(tariff, Kind.PER_RESULT, Fraction(sums.results), price, results)


def _time(tariff: Tariff, sums: Sums, share: Share) -> Iterator[Line]:
    """What is charged for agents, and for days."""
    if tariff.per_agent_hour is not None:
        hours, price = Fraction(sums.agent_us, HOUR_US), tariff.per_agent_hour.price
        yield _line(tariff, Kind.PER_AGENT_HOUR, hours, price, coins(hours * Fraction(price)))
    if tariff.per_fte_month is not None:
        heads = share.part(tariff.per_fte_month.fte, sums.days)
        yield _line(tariff, Kind.PER_FTE_MONTH, heads, tariff.per_fte_month.price, coins(heads * Fraction(tariff.per_fte_month.price)))
    if (flat := tariff.flat_month) is not None:
        yield _line(tariff, Kind.FLAT_MONTH, sums.days / share.of, flat.amount, coins(share.part(flat.amount, sums.days)))
        beyond = Fraction(0) if flat.included is None else max(Fraction(0), sums.calls - share.included(flat.included))
        if beyond:
            yield _line(tariff, Kind.OVERAGE, beyond, flat.overage, coins(beyond * Fraction(flat.overage)))


def _tiered(tariff: Tariff, kind: Kind, units: Fraction, tiers: tuple[Tier, ...]) -> Iterator[Line]:
    """Each tier's units at its price."""
    ordered = sorted(tiers, key=lambda one: one.above)
    for number, tier in enumerate(ordered):
        begun = Fraction(tier.above)
        ended = min(units, Fraction(ordered[number + 1].above)) if number + 1 < len(ordered) else units
        if ended > begun or number == 0:
            yield _line(tariff, kind, ended - begun, tier.price, coins((ended - begun) * Fraction(tier.price)))


def _line(tariff: Tariff, kind: Kind, quantity: Fraction, price: Decimal | None, amount: Decimal) -> Line:
    return Line(kind, tariff.since, decimal(quantity, EXACT), UNITS[kind], price, amount)
