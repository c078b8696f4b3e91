"""A bill taken apart call by call, to the coin.

Owns what each call is worth within its billing period. Where a price depends on what came before, by tiers or a volume, a call costs what it adds to all
before it: however often that is rounded, the calls sum to the bill. A line of 0.00 is a call that uses up a volume or a tier; one that counts for nothing,
because it was short or its seconds are free, is apart with those that nobody is to pay for, each with its reason. Refuses the lines that are of no call,
which a bill has already. Next: `outputs.reports.billing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from monitor.assess.arrivals import PricedCall
from monitor.assess.billing import Bill, Day, bill, terms
from monitor.assess.charges import CALL_KINDS, Share, Sums, charged, charges
from monitor.assess.coins import NO_MONEY
from monitor.core.contract import Project
from monitor.core.tariff import MICRO, Charged, Tariff, money

UNPRICED: Final = "no_tariff"
FREE: Final = "free"
NOT_BY_CALL: Final = "not_by_call"  # hours, months or results are charged, and all calls are in their price


class CallLine(NamedTuple):
    """A call on an invoice, and in which currency it is."""

    call: PricedCall
    amount: Decimal
    currency: str


class Annex(NamedTuple):
    """The calls that are billed, and those that are not with why."""

    lines: tuple[CallLine, ...]
    left_out: tuple[tuple[PricedCall, str], ...]

    def amount(self, currency: str) -> Decimal:
        """What the calls in a currency come to."""
        return sum((line.amount for line in self.lines if line.currency == currency), NO_MONEY)


def annex(project: Project, first: date, following: date, calls: Iterable[PricedCall]) -> Annex:
    """The calls of the billing period `[first, following)`, in their order."""
    running = {tariff: _Running(tariff, held) for tariff, held in terms(project, first, following)}
    lines: list[CallLine] = []
    left_out: list[tuple[PricedCall, str]] = []
    for call in calls:
        tariff = project.tariff_on(call.day)
        why = call.exempt or (UNPRICED if tariff is None else running[tariff].frees(call.charged))
        if why or tariff is None:
            left_out.append((call, why))
            continue
        lines.append(CallLine(call, running[tariff].adds(call.charged), tariff.currency))
    return Annex(tuple(lines), tuple(left_out))


def adds_up(found: Annex, bills: Sequence[Bill]) -> bool:
    """Whether the calls and the other lines are the bills' totals, or where there is no total the calls what is charged for calls."""
    return all(_adds_up(found.amount(bill.currency), bill) for bill in bills)


def _adds_up(calls: Decimal, bill: Bill) -> bool:
    others = charged(tuple(line for line in bill.lines if line.kind not in CALL_KINDS))
    return calls + others == (charged(bill.lines) if bill.total is None else bill.total)


def charges_calls(tariff: Tariff) -> bool:
    """Whether a call costs something, or uses up what is paid for."""
    return tariff.per_minute is not None or tariff.per_call is not None or _has_volume(tariff)


def _has_volume(tariff: Tariff) -> bool:
    return tariff.flat_month is not None and tariff.flat_month.included is not None


def brought(project: Project, first: date, following: date, days: Sequence[Day]) -> dict[date, dict[str, Decimal]]:
    """What each day added to the charges, by currency; they sum to the period's."""
    found: dict[date, dict[str, Decimal]] = {}
    before: dict[str, Decimal] = {}
    for number, day in enumerate(days, 1):
        after = {one.currency: one.charges for one in bill(project, first, following, days[:number])}
        found[day.day] = {currency: amount - before.get(currency, NO_MONEY) for currency, amount in after.items()}
        before = after
    return found


class _Running:
    """What the calls of a tariff come to so far."""

    def __init__(self, tariff: Tariff, held: Share) -> None:
        self._tariff, self._held = tariff, held
        self._calls = self._seconds = self._amount_u = 0
        self._amount = NO_MONEY
        tiers = (tariff.per_minute is not None and tariff.per_minute.tiers) or (tariff.per_call is not None and tariff.per_call.tiers)
        self._plain = not tiers and not _has_volume(tariff)  # every call has a price of its own
        self._charges = charges_calls(tariff)
        self._by_minute, self._by_call = tariff.per_minute is not None, tariff.per_call is not None or _has_volume(tariff)

    def frees(self, charge: Charged) -> str:
        """Why a call counts for nothing, empty if it does count."""
        if not self._charges:
            return NOT_BY_CALL
        return "" if (self._by_minute and charge.seconds) or (self._by_call and charge.calls) else FREE

    def adds(self, charge: Charged) -> Decimal:
        """What one more adds."""
        if self._plain:
            return money(charge.amount_u).quantize(NO_MONEY)
        self._calls, self._seconds, self._amount_u = self._calls + charge.calls, self._seconds + charge.seconds, self._amount_u + charge.amount_u
        sums = Sums(Fraction(self._calls), Fraction(self._seconds), Fraction(self._amount_u, MICRO))
        before, self._amount = self._amount, charged(tuple(line for line in charges(self._tariff, sums, self._held) if line.kind in CALL_KINDS))
        return self._amount - before
