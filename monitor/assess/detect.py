"""Is the deviation real? Five detectors of lost and of surplus volume (domain, detectors to ship).

Owns their arithmetic over closed intervals that may be judged: who asks has left out blind, closed and incident time. Every p is
one-sided and exact, without mid-p; `k` is the project's finite shape. Refuses persistence, hysteresis and opening hours: they need memory
and belong to who asks. Next: `reading` says whose loss it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log, sqrt

from monitor.assess.counts import tails
from monitor.assess.forecast import busyness
from monitor.core.contract import MINUTE

ALPHA = 1e-3  # one-sided: critical
WATCH_ALPHA = 1e-2  # worth a look
SIZE = 0.15  # of the plan: a smaller deviation is nobody's business, however certain
WINDOW_US = 120 * MINUTE  # what `recent` looks at, and at least what has to lie before it
K_PROFILE = 100.0  # the course of a day is planned with an error of 10 %
SLACK, ALARM = 0.5, 5.0  # of the CUSUM, in standard deviations of a day


@dataclass(frozen=True, slots=True)
class Interval:
    """A closed, judged interval of a project, in microseconds: n contacts came where f were planned (the observed plan)."""

    start: int
    end: int
    n: int
    f: float


@dataclass(frozen=True, slots=True)
class Total:
    """Contacts that came, and planned ones, over one span."""

    n: int
    f: float

    @classmethod
    def of(cls, intervals: Iterable[Interval]) -> Total:
        """The sums of intervals."""
        n, f = 0, 0.0
        for interval in intervals:
            n += interval.n
            f += interval.f
        return cls(n, f)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One detector's word: n contacts came where f were to be expected; how likely so few (`loss`) and so many (`surge`) are by chance.

    `surge` is None where the detector sees losses only.
    """

    n: int
    f: float
    loss: float
    surge: float | None

    @property
    def deviation(self) -> float:
        """(n - f) / f: -0.4 is 40 % fewer than expected."""
        return (self.n - self.f) / self.f


@dataclass(frozen=True, slots=True)
class Cusum:
    """What days have added up to, in standard deviations of a day, both ways from 0; beyond `ALARM` the level has moved."""

    down: float = 0.0
    up: float = 0.0

    def after(self, day: Total, k: float) -> Cusum:
        """With one more whole day: `z = ln((N + 1/2) / (F + 1/2)) / sqrt(1/k + 1/F)`, `S = max(0, S -+ z - 1/2)`. A day without plan adds nothing."""
        if day.f <= 0:
            return self
        z = log((day.n + 0.5) / (day.f + 0.5)) / sqrt(1 / k + 1 / day.f)
        return Cusum(max(0.0, self.down - z - SLACK), max(0.0, self.up + z - SLACK))

    @property
    def loss(self) -> bool:
        """The level has fallen."""
        return self.down > ALARM

    @property
    def surge(self) -> bool:
        """The level has risen."""
        return self.up > ALARM


def day(intervals: Iterable[Interval], k: float) -> Evidence | None:
    """Sequential, from opening: the day's sums after its newest interval. None where nothing was planned."""
    return _held(Total.of(intervals), k)


def recent(intervals: Sequence[Interval], k: float, k_profile: float = K_PROFILE, window_us: int = WINDOW_US) -> Evidence | None:
    """A loss that begins during the day: the last two hours held against what the day before them promised.

    `intervals` are the day's, oldest first. Expected is `G (k + N0) / (k + F0)` with shape `1 / (1/(k + N0) + 1/k_profile)`. None before
    two judged hours lie before the window, or where nothing was planned in it.
    """
    if not intervals:
        return None
    since = intervals[-1].end - window_us
    first = len(intervals)
    while first and intervals[first - 1].start >= since:
        first -= 1
    before, window = intervals[:first], intervals[first:]
    if sum(each.end - each.start for each in before) < window_us:
        return None
    earlier, now = Total.of(before), Total.of(window)
    expected = Total(now.n, now.f * busyness(earlier.n, earlier.f, k))
    return _held(expected, 1 / (1 / (k + earlier.n) + 1 / k_profile))


def silence(before: Total, since: float, k: float) -> Evidence | None:
    """Nobody has come while `since` contacts were planned; `before` is the day from opening to the last arrival, empty if there was none.

    `((k + F0) / (k + F0 + G)) ** (k + N0)`. Also the first sign of a dead trunk. None where nothing was planned.

    >>> f"{silence(Total(0, 0.0), 8, 20).loss:.6e}"
    '1.195196e-03'
    """
    if since <= 0:
        return None
    expected = since * busyness(before.n, before.f, k)
    return Evidence(0, expected, tails(0, expected, k + before.n).lower, None)


def silence_alpha(planned_today: float, alpha: float = ALPHA) -> float:
    """The p under which a silence is critical so that a whole day of `planned_today` contacts has one by chance with at most about `alpha`.

    Silence is asked after every arrival: of 960 gaps about one has p below 1e-3 on every ordinary day.
    """
    return alpha / max(1.0, planned_today)


def two_days(days: Sequence[Total], k: float) -> Evidence | None:
    """Two days cumulated, each with a factor of its own: shape `(ΣF)² / Σ(F² / k)`, 2k for equal days. None where nothing was planned."""
    n, f = sum(day.n for day in days), sum(day.f for day in days)
    return _held(Total(n, f), joint_shape((day.f, k) for day in days)) if f > 0 else None


def joint_shape(parts: Iterable[tuple[float, float]]) -> float:
    """The shape of a sum of independent counts, each with (planned mean, shape): `(ΣF)² / Σ(F² / k)`."""
    whole = squares = 0.0
    for f, k in parts:
        whole += f
        squares += f * f / k
    return whole * whole / squares


def fires(deviation: float, p: float, size: float = SIZE, alpha: float = ALPHA) -> bool:
    """Practical size and significance: |N - F| / F at least `size` and p below `alpha`. Persistence is for who asks again."""
    return abs(deviation) >= size - 1e-9 and p < alpha


def _held(total: Total, k: float) -> Evidence | None:
    if total.f <= 0:
        return None
    both = tails(total.n, total.f, k)
    return Evidence(total.n, total.f, both.lower, both.upper)
