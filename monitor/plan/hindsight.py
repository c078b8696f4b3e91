"""How good a plan would have been: the last two weeks, predicted from the weeks before them only.

    WAPE = Σ|n−f| / Σf         over intervals, and over days

beside what chance alone leaves of it, which no plan gets under: the mean absolute deviation of a Poisson count, 2e^(−f)·f^(⌊f⌋+1)/⌊f⌋!, summed and
divided alike; for one interval that is √(2/(πF)) from a few contacts on. Days differ by more than that, from cause nobody planned for;
with k, days differ by √(2/π·(1/F+1/k)) from a plan without any error. Intervals and days that are left out of the past are left out here. Owns the
trial. Refuses fitting. Next: the report of `plan build`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from math import exp, floor, lgamma, log, pi, sqrt
from typing import Final

from monitor.plan.fit import Fitted, fit
from monitor.plan.seen import Seen

TRIED: Final = timedelta(weeks=2)


@dataclass(frozen=True, slots=True)
class Wape:
    """A plan's error, the least there can be by chance, and the contacts both are of."""

    error: float
    floor: float
    contacts: float


@dataclass(frozen=True, slots=True)
class Hindsight:
    """The trial: by interval, by day, and what days of that k are expected to differ by; `tried` days, predicted from `trained` ones."""

    intervals: Wape
    days: Wape
    days_due: float
    bias: float  # Σn/Σf − 1
    tried: int
    trained: int


def hindsight(seen: Seen) -> Hindsight | None:
    """The trial on the last two weeks; None if too little lies before them, or nothing can be tried."""
    cut = seen.past - TRIED
    before = seen.before(cut)
    trained = sum(bool(day.usable) for day in before.days)
    known = fit(before) if trained and cut - before.days[0].date >= TRIED else None
    tried = [day for day in seen.since(cut) if day.usable]
    if known is None or not tried:
        return None
    pairs = [(one.contacts, known.expected(day.date, one.slot) * one.share) for day in tried for one in day.usable]
    daily = [(day.contacts, known.due(day)) for day in tried]
    if not sum(due for _, due in daily):
        return None
    return Hindsight(
        _wape(pairs), _wape(daily), _due(known, [due for _, due in daily]), sum(n for n, _ in daily) / sum(f for _, f in daily) - 1, len(tried), trained
    )


def _due(known: Fitted, due: list[float]) -> float:
    return sum(sqrt(2 / pi * (one + one**2 / known.dispersion)) for one in due) / sum(due)


def _wape(pairs: Iterable[tuple[float, float]]) -> Wape:
    known = list(pairs)
    total = sum(due for _, due in known)
    return Wape(sum(abs(came - due) for came, due in known) / total, sum(map(chance, (due for _, due in known))) / total, total)


def chance(due: float) -> float:
    """The mean absolute deviation of a Poisson count from its mean."""
    if due <= 0:
        return 0.0
    whole = floor(due)
    return 2 * exp((whole + 1) * log(due) - due - lgamma(whole + 1))
