"""From exact fractions to money: to the smallest coin, and a whole in parts that sum to it.

Owns the rounding of everything that is reckoned over a span (half of a coin away from zero, as a single call is in `core.tariff`) and the sharing
out of what several bear together. Refuses floats: what comes in is whole, `Decimal` or `Fraction`. Next: `charges`, `margin`, `payroll`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

COINS: Final = 100  # in one of a currency
NO_MONEY: Final = Decimal("0.00")


def decimal(value: Fraction | Decimal | int, places: int) -> Decimal:
    """To so many decimals, half of the last one away from zero."""
    exact = Fraction(value)
    return quotient(exact.numerator, exact.denominator, places)


def quotient(part: int, whole: int, places: int) -> Decimal:
    """The same of part by whole, where both are many: nothing is cancelled first. The whole is above zero."""
    found = (2 * abs(part) * 10**places + whole) // (2 * whole)
    return Decimal(-found if part < 0 else found).scaleb(-places)


def coins(value: Fraction | Decimal | int) -> Decimal:
    """An amount of money."""
    return decimal(value, 2)


def total(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The sum; None where one of them is not known."""
    found = list(amounts)
    known = [one for one in found if one is not None]
    return sum(known, NO_MONEY) if len(known) == len(found) else None


def shared(whole: Decimal, weights: Sequence[int]) -> tuple[Decimal, ...]:
    """An amount in parts by weight, equal ones where nobody has any; they sum to it to the coin, those cut off most get the coins left over."""
    if not weights:
        return ()
    used = list(weights) if sum(weights) else [1] * len(weights)
    amount, everything = int(decimal(abs(whole), 2) * COINS), sum(used)
    parts = [amount * weight // everything for weight in used]
    first = sorted(range(len(used)), key=lambda i: (-(amount * used[i] % everything), i))
    for index in first[: amount - sum(parts)]:
        parts[index] += 1
    return tuple(Decimal(-part if whole < 0 else part).scaleb(-2) for part in parts)
