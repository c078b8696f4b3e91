"""How many of a day's attempts reached somebody, once the day is over: against its plan, or else against the four weeks before it.

Owns what of the day counts (seen, outside incidents), what it is held against, by how much days differ anyway, and that a day is judged once:
testing again as attempts come would find something in every list. Hours are held against their own planned rate, weighted by what was dialled in them,
so that a day of evenings is no better than one of mornings. Refuses the laws of chance (`contact_rate`) and what is said of it (`dialling`).
Next: `dialling` keeps one for each project.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt
from typing import Final

from monitor.assess.contact_rate import Rate, against_plan, normal_tail, two_periods
from monitor.core.incidents import Incident
from monitor.core.limits import Limits
from monitor.core.snapshot import Cell, Span

BEFORE: Final = 28  # days that a day without a plan is held against: whole weeks
LEAST_DAYS: Final = 7  # of them, before they say anything

Sums = Sequence[int]


@dataclass(frozen=True, slots=True)
class ContactDay:
    """A day as it was judged: `expected` is the rate it is held against, `planned` whether that is a plan's."""

    day: date
    rate: Rate
    expected: float
    planned: bool
    p: float  # that so few are chance

    @property
    def deviation(self) -> float:
        """(seen - expected) / expected."""
        return ((self.rate.value or 0.0) - self.expected) / self.expected

    def dropped(self, limits: Limits) -> bool:
        """So far, and so surely, that it matters."""
        return self.deviation <= -limits.deviation and self.p < limits.act_p


def judge(day: date, spans: Iterable[Span], before: Mapping[int, Sums], incidents: Sequence[Incident], limits: Limits) -> ContactDay | None:
    """The day of these intervals; `before` has the sums of earlier days by their ordinals. None: too little was dialled, seen or known."""
    counted = [span for span in spans if _alive(span.sums) and not any(one.touches(span.start, span.end) for one in incidents)]
    length = sum(span.end - span.start for span in counted)
    if sum(span.sums[Cell.OBSERVED_US] for span in counted) < limits.least_observed * length:
        return None
    earlier = [sums for ordinal, sums in before.items() if day.toordinal() - BEFORE <= ordinal < day.toordinal()]
    by_plan = [(_rate(span.sums), share) for span in counted if (share := _planned(span.sums)) is not None]
    seen, whole = _sum(rate for rate, _ in by_plan), _sum(_rate(span.sums) for span in counted)
    if seen.attempts >= limits.contact_rate_attempts:
        expected = sum(rate.attempts * share for rate, share in by_plan) / seen.attempts
        noise = _noise([(_rate(sums), share) for sums in earlier if (share := _planned(sums)) is not None])
        return ContactDay(day, seen, expected, True, _against_plan(seen, expected, noise)) if expected else None
    weeks = _sum(map(_rate, earlier))
    if whole.attempts < limits.contact_rate_attempts or weeks.attempts < limits.contact_rate_attempts or not weeks.value:
        return None
    if sum(sums[Cell.OUT_ATTEMPTS] > 0 for sums in earlier) < LEAST_DAYS:
        return None
    chances = two_periods(weeks, whole)
    noise = _noise([(_rate(sums), weeks.value) for sums in earlier])
    return ContactDay(day, whole, weeks.value, False, max(chances.fewer, 0.0 if chances.z is None else normal_tail(chances.z / sqrt(noise))))


def _alive(sums: Sums) -> bool:
    return bool(sums[Cell.OUT_ATTEMPTS] or sums[Cell.PLAN_OUT_ATTEMPTS_U])


def _rate(sums: Sums) -> Rate:
    """None of neither where more were reached than dialled: a dialer elsewhere has pushed them in, and nobody saw its attempts."""
    contacts, attempts = sums[Cell.OUT_CONTACTS], sums[Cell.OUT_ATTEMPTS]
    return Rate(contacts, attempts) if contacts <= attempts else Rate(0, 0)


def _planned(sums: Sums) -> float | None:
    """The planned rate, where any contact is planned."""
    attempts, contacts = sums[Cell.PLAN_OUT_ATTEMPTS_U], sums[Cell.PLAN_OUT_CONTACTS_U]
    return min(1.0, contacts / attempts) if attempts and contacts else None


def _sum(rates: Iterable[Rate]) -> Rate:
    found = [*rates]
    return Rate(sum(rate.contacts for rate in found), sum(rate.attempts for rate in found))


def _against_plan(seen: Rate, expected: float, noise: float) -> float:
    """The exact binomial, or the normal law with the noise that days have, whichever is more careful."""
    exact = against_plan(seen, expected).fewer
    variance = seen.attempts * expected * (1 - expected)
    if not variance:
        return exact
    return max(exact, normal_tail((seen.contacts - seen.attempts * expected) / sqrt(variance * noise)))


def _noise(days: Sequence[tuple[Rate, float]]) -> float:
    """By how much days differ beyond chance (domain: §10): Pearson's chi-squared by its freedom, around their own level; 1 where too few are known."""
    dialled = [(rate, share) for rate, share in days if rate.attempts]
    planned = sum(rate.attempts * share for rate, share in dialled)
    if len(dialled) < LEAST_DAYS or not planned:
        return 1.0
    level = sum(rate.contacts for rate, _ in dialled) / planned
    squares = 0.0
    for rate, share in dialled:
        chance = min(1.0, level * share)
        variance = rate.attempts * chance * (1 - chance)
        squares += (rate.contacts - rate.attempts * chance) ** 2 / variance if variance else 0.0
    return max(1.0, squares / (len(dialled) - 1))
