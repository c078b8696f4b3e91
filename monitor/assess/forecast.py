"""The day's forecast corrected by the day so far: how busy today is, and what is still to come.

Owns the gamma-Poisson reforecast (domain, intraday reforecast): today's factor on the plan has a gamma law of mean 1 and shape k, so few
calls move it little and many move it to their ratio. Refuses fitting k (`dispersion`) and judging a deviation (`detect`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from monitor.assess.counts import quantile

KEEP = 0.98  # per interval, where the day's profile may bend (domain)


@dataclass(frozen=True, slots=True)
class Reforecast:
    """Calls still to come today: `factor` on the plan (1 is as planned), their mean `rest`, and the shape of what is uncertain about it."""

    factor: float
    rest: float
    shape: float

    @property
    def variance(self) -> float:
        """Of the count still to come, in calls squared: `rest (1 + G / (k + F))`."""
        return self.rest + self.rest * self.rest / self.shape

    def quantile(self, p: float) -> int:
        """The smallest count that what is still to come stays at or below with probability p, 0 < p < 1."""
        return quantile(p, self.rest, self.shape)


def busyness(n: float, f: float, k: float) -> float:
    """Today's factor on the plan after n calls where f were planned: `(k + n) / (k + f)`. A small k is the ratio n / f, a large one is 1."""
    return (k + n) / (k + f)


def reforecast(n: float, f: float, ahead: float, k: float) -> Reforecast:
    """What comes where the plan has `ahead` more calls today. ValueError unless the counts are not negative and k is positive.

    >>> round(reforecast(24, 40, 200, 20).rest, 4)
    146.6667
    """
    if min(n, f, ahead) < 0 or not k > 0:
        raise ValueError(f"a forecast from {n} calls of {f} planned, {ahead} ahead and shape {k}: no count may be negative, the shape must be positive")
    factor = busyness(n, f, k)
    return Reforecast(factor, factor * ahead, k + n)


def faded(intervals: Iterable[tuple[float, float]], keep: float = KEEP) -> tuple[float, float]:
    """Calls and planned calls of closed intervals, oldest first, each weighing `keep` times what the next one does."""
    n = f = 0.0
    for came, planned in intervals:
        n, f = n * keep + came, f * keep + planned
    return n, f
