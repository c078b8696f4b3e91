"""What a client pays although it did not call: the minimum of a billing period, to date.

Owns both kinds of it. A minimum amount accrues by days, and is what the charges are short of it. A share of the plan the client signed is
counted in calls, of the days so far: what is short of them costs what the calls that came did on average (domain: 1000 signed, 700 came at 0.90,
90 % of it guaranteed: 180.00 for 200 calls). Where both are agreed the larger counts. Refuses the plan itself: its calls are told by day. Next: `billing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from monitor.assess.charges import CALL_KINDS, Kind, Line, Share, Sums, charged, plan_price
from monitor.assess.coins import NO_MONEY, coins, decimal
from monitor.core.tariff import Tariff


@dataclass(frozen=True, slots=True)
class Signed:
    """What the plan that the client signed has for a span: calls in millionths, and how long one takes. `calls_u` None: there is no such plan."""

    calls_u: int | None
    aht_us: int
    wrapup_us: int


def guarantee(tariff: Tariff, lines: tuple[Line, ...], sums: Sums, share: Share, signed: Signed) -> Line | None:
    """What is short of the minimum, as a line: none or 0 calls where it is agreed as an amount. None: it depends on a plan that nobody has."""
    minimum = tariff.minimum
    by_amount = by_calls = NO_MONEY
    short = Fraction(0)
    if minimum is not None and minimum.amount is not None:
        by_amount = max(NO_MONEY, coins(share.part(minimum.amount, sums.days)) - charged(lines))
    if minimum is not None and minimum.share_of_contract_plan is not None:
        if signed.calls_u is None:
            return None
        short = max(Fraction(0), Fraction(minimum.share_of_contract_plan) * Fraction(signed.calls_u, 1_000_000) - sums.calls)
        by_calls = coins(short * _each(tariff, lines, sums, signed))
    return Line(Kind.GUARANTEE, tariff.since, decimal(short, 4), "calls", None, max(by_amount, by_calls))


def _each(tariff: Tariff, lines: tuple[Line, ...], sums: Sums, signed: Signed) -> Fraction:
    """What a call that did not come would have cost."""
    if not sums.calls:
        return plan_price(tariff, signed.aht_us, signed.wrapup_us)
    of_calls: Decimal = charged(tuple(line for line in lines if line.kind in CALL_KINDS))
    return Fraction(of_calls) / sums.calls
