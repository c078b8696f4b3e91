"""Bonus and malus: what a service level adds to what is charged, or takes off.

Owns the bands and what they are held against: the exact ratio by the contract's formula, never the one that is shown (domain: 0.7999 of 10 000.00 costs
500.00, 0.8000 nothing). Where nobody called nothing is judged. Refuses knowing who is left out for an incident: the counts come without them. Next: `billing`.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from monitor.assess.coins import NO_MONEY, coins
from monitor.assess.service_level import Answers
from monitor.core.tariff import SlAdjust


def percent(agreed: SlAdjust, answers: Answers, *, above_plan: bool) -> Decimal:
    """The per cent of a span, 0 where no band holds; what came above the plan may excuse a malus."""
    ratio = answers.ratio(agreed.formula)
    found = next((band.percent for band in agreed.bands if ratio is not None and ratio >= Fraction(band.at_least)), Decimal(0))
    return Decimal(0) if found < 0 and above_plan and agreed.excused_above_plan else found


def adjusted(amount: Decimal, by: Decimal) -> Decimal:
    """So many per cent of what is charged."""
    return coins(Fraction(amount) * Fraction(by) / 100) if by else NO_MONEY
