"""Contact rates, contacts by attempts: is one under its plan, has it changed from one period to another, and how surely it is known.

Owns the exact binomial test against a plan, the test of two periods, and the intervals around a rate and around a difference of two. A two-sided p is
twice the smaller tail, 1 at most, whatever the law. Attempts count as independent in here, which is the assumption that fails first: lists and hours
differ (`signals` measures by how much). Refuses size, persistence and alarms: they are for who asks, once a day. Next: `signals`.
"""

from __future__ import annotations

from math import erfc, sqrt
from statistics import NormalDist
from typing import Final, NamedTuple

from monitor.assess.counts import binomial_tails, hypergeometric_tails

FEW: Final = 5  # contacts or failures expected on a side: with fewer the normal law is too coarse
CONFIDENCE: Final = 0.95
_NORMAL: Final = NormalDist()


class Rate(NamedTuple):
    """So many contacts of so many attempts."""

    contacts: int
    attempts: int

    @property
    def value(self) -> float | None:
        """0 to 1; None without an attempt."""
        return self.contacts / self.attempts if self.attempts else None

    def checked(self) -> Rate:
        """ValueError where there are more contacts than attempts, or fewer than none."""
        if not 0 <= self.contacts <= self.attempts:
            raise ValueError(f"{self.contacts} contacts of {self.attempts} attempts: it must be 0 <= contacts <= attempts")
        return self


class Chances(NamedTuple):
    """How likely chance alone gives so few contacts, and so many; `z` where the normal law says it, None where it is exact."""

    fewer: float
    more: float
    z: float | None = None

    @property
    def two_sided(self) -> float:
        """Twice the smaller of the two, 1 at most."""
        return min(1.0, 2 * min(self.fewer, self.more))


def normal_tail(z: float) -> float:
    """`P(Z <= z)` of the normal law, with all its digits far out on the left."""
    return erfc(-z / sqrt(2)) / 2


def against_plan(seen: Rate, plan: float) -> Chances:
    """The exact binomial test of a rate against the planned one. ValueError unless 0 <= contacts <= attempts and 0 <= plan <= 1.

    >>> round(against_plan(Rate(44, 200), 0.30).fewer, 8)
    0.00715108
    """
    tails = binomial_tails(seen.contacts, seen.attempts, plan)
    return Chances(tails.lower, tails.upper)


def two_periods(before: Rate, after: Rate) -> Chances:
    """Whether the rate has changed: by the z of two proportions, by Fisher's exact law where fewer than 5 are expected in a cell.

    `fewer` is that the later period has so few. ValueError unless 0 <= contacts <= attempts in both.

    >>> round(two_periods(Rate(120, 400), Rate(84, 400)).two_sided, 8)
    0.00349832
    """
    contacts, attempts = before.checked().contacts + after.checked().contacts, before.attempts + after.attempts
    if min(contacts, attempts - contacts) * min(before.attempts, after.attempts) < FEW * attempts or not attempts:
        return exactly(before, after)
    pooled = contacts / attempts
    difference = after.contacts / after.attempts - before.contacts / before.attempts
    z = difference / sqrt(pooled * (1 - pooled) * (1 / before.attempts + 1 / after.attempts))
    return Chances(normal_tail(z), normal_tail(-z), z)


def exactly(before: Rate, after: Rate) -> Chances:
    """Fisher's exact test of the same, for any size. A side without an attempt says nothing: 1.

    >>> round(exactly(Rate(120, 400), Rate(84, 400)).fewer, 8)
    0.00222873
    """
    contacts, attempts = before.checked().contacts + after.checked().contacts, before.attempts + after.attempts
    tails = hypergeometric_tails(after.contacts, contacts, attempts - contacts, after.attempts)
    return Chances(tails.lower, tails.upper)


def wilson(seen: Rate, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Wilson's interval (1927) around a rate: never outside 0 to 1, which is all that is known without an attempt.

    ValueError unless 0 <= contacts <= attempts and 0 < confidence < 1.
    """
    contacts, n = seen.checked()
    if n == 0:
        return 0.0, 1.0
    z = quantile(confidence)
    middle = contacts + z * z / 2
    half = z * sqrt(contacts * (n - contacts) / n + z * z / 4)
    low = (middle - half) / (n + z * z) if contacts else 0.0
    return low, (middle + half) / (n + z * z) if contacts < n else 1.0


def newcombe(before: Rate, after: Rate, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Newcombe's interval (1998, method 10) around `after - before`, made of Wilson's two; -1 to 1 is all that is known of a side without an attempt.

    ValueError as `wilson`.
    """
    (low, high), (low_before, high_before) = wilson(after, confidence), wilson(before, confidence)
    if after.value is None or before.value is None:
        return -1.0, 1.0
    seen = after.value - before.value
    down = sqrt((after.value - low) ** 2 + (high_before - before.value) ** 2)
    up = sqrt((high - after.value) ** 2 + (before.value - low_before) ** 2)
    return seen - down, seen + up


def quantile(confidence: float) -> float:
    """The normal deviates that leave `1 - confidence` outside, half on each side. ValueError unless 0 < confidence < 1."""
    if not 0 < confidence < 1:
        raise ValueError(f"a confidence of {confidence}: it must be between 0 and 1")
    return _NORMAL.inv_cdf((1 + confidence) / 2)
