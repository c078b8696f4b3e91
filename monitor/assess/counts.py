"""Counts and how likely they are: Poisson, negative binomial, binomial and hypergeometric tails, exact for every count.

Owns the distribution of a count whose day may be busy or quiet: a gamma factor of mean 1 and shape k on a planned mean makes it negative
binomial with variance `mean + mean² / k`; k = inf is Poisson (domain: day-to-day noise). Both tails hold the count itself:
`P(X <= n)` and `P(X >= n)`. Refuses saying what is unusual (`detect`), forecasts (`forecast`) and fitting k (`dispersion`).
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, inf, log, log1p, pi, sqrt
from statistics import NormalDist
from typing import NamedTuple

from monitor.assess.incomplete import EPSILON, gap, incomplete_beta, stirling_rest

Z_LIMIT = 8.0  # beyond it a z says nothing that a p does not say better
STEPS = 60  # of Newton at most; five are usual
_NORMAL = NormalDist()


class Tails(NamedTuple):
    """A count's `P(X <= n)`, `P(X >= n)` and `P(X = n)`."""

    lower: float
    upper: float
    at: float

    @property
    def mid_p(self) -> float:
        """`P(X < n) + P(X = n) / 2`: uniform on average, so it may be read as a place between 0 and 1."""
        return self.lower - 0.5 * self.at

    @property
    def z(self) -> float:
        """The mid-p as a signed normal deviate, -8 to 8: negative is fewer than planned."""
        low, high = self.mid_p, self.upper - 0.5 * self.at
        if low <= 0.0 or high <= 0.0:
            return -Z_LIMIT if low <= high else Z_LIMIT
        z = _NORMAL.inv_cdf(low) if low <= high else -_NORMAL.inv_cdf(high)
        return max(-Z_LIMIT, min(Z_LIMIT, z))

    @property
    def two_sided(self) -> float:
        """Twice the smaller mid-p, the published p of a deviation (domain: is the deviation real?)."""
        return max(0.0, 2 * min(self.mid_p, self.upper - 0.5 * self.at))


def tails(n: int, mean: float, k: float = inf) -> Tails:
    """The tails of a count of n where `mean` was expected and days vary with shape `k` (negative binomial; inf: Poisson).

    ValueError if the mean is negative or not finite, or the shape is not positive. A negative n is a count that cannot be: 0, 1, 0.

    >>> round(tails(160, 288, 38).lower, 15)
    0.001397687587589
    """
    if not 0 <= mean < inf or not k > 0:
        raise ValueError(f"a count with mean {mean} and shape {k}: the mean must be finite and not negative, the shape positive")
    if n < 0:
        return Tails(0.0, 1.0, 0.0)
    if mean == 0:
        return Tails(1.0, 1.0, 1.0) if n == 0 else Tails(1.0, 0.0, 0.0)
    if k == inf:
        return _poisson(n, mean)
    if n == 0:
        at = exp(-k * log1p(mean / k))
        return Tails(at, 1.0, at)
    whole = k + mean
    below, above, prefix = incomplete_beta(k, n + 1, k / whole, mean / whole)
    at = prefix / (mean / whole * (k + n))
    return Tails(below, min(1.0, above + at), at)


def lower(n: int, mean: float, k: float = inf) -> float:
    """`P(X <= n)`, see `tails`."""
    return tails(n, mean, k).lower


def upper(n: int, mean: float, k: float = inf) -> float:
    """`P(X >= n)`, see `tails`."""
    return tails(n, mean, k).upper


def quantile(p: float, mean: float, k: float = inf) -> int:
    """The smallest count whose `P(X <= n)` is at least p, 0 < p < 1. ValueError for another p, and as `tails`."""
    if not 0 < p < 1:
        raise ValueError(f"a quantile at {p}: it must lie between 0 and 1")
    spread = sqrt(mean + mean * mean / k)
    z = _NORMAL.inv_cdf(p)
    skew = (1 + 2 * mean / k) / spread if spread else 0.0
    guess = max(0, int(mean + spread * (z + skew * (z * z - 1) / 6)))  # Cornish and Fisher (1938): a few counts off at most
    low, high, step = guess - 1, guess, 1
    while lower(high, mean, k) < p:
        low, high, step = high, high + step, 2 * step
    step = 1
    while low >= 0 and lower(low, mean, k) >= p:
        low, high, step = low - step, low, 2 * step
    low = max(low, -1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if lower(middle, mean, k) >= p else (middle, high)
    return high


def binomial_tails(x: int, n: int, share: float) -> Tails:
    """The tails of x hits in n trials with chance `share` each: whether few calls in time, or many given up, are more than bad luck.

    ValueError unless 0 <= x <= n and 0 <= share <= 1.
    """
    if not 0 <= x <= n or not 0 <= share <= 1:
        raise ValueError(f"{x} of {n} with chance {share}: it must be 0 <= x <= n and a chance between 0 and 1")
    if share in {0.0, 1.0}:
        sure = n if share else 0
        return Tails(float(x >= sure), float(x <= sure), float(x == sure))
    if x == n:
        at = share**n
        return Tails(1.0, at, at)
    if x == 0:
        at = exp(n * log1p(-share))
        return Tails(at, 1.0, at)
    below, above, prefix = incomplete_beta(n - x, x + 1, 1 - share, share)
    at = prefix / ((n - x) * share)
    return Tails(below, min(1.0, above + at), at)


def hypergeometric_tails(x: int, hits: int, misses: int, drawn: int) -> Tails:
    """The tails of x hits among `drawn` of all hits and misses, none drawn twice: Fisher's exact law of a table of two by two.

    ValueError unless there are so many hits and misses to draw.
    """
    others = misses - drawn + x  # misses that stay
    if min(x, hits - x, drawn - x, others) < 0:
        raise ValueError(f"{x} hits among {drawn} of {hits} hits and {misses} misses: there must be as many hits, and as many misses")
    if min(hits, misses, drawn, hits + misses - drawn) == 0:
        return Tails(1.0, 1.0, 1.0)
    whole = hits + misses
    p, q = drawn / whole, (whole - drawn) / whole
    at = _binomial(x, hits, p, q) * _binomial(drawn - x, misses, p, q) / _binomial(drawn, whole, p, q)
    total = term = 1.0
    if x * whole < drawn * hits:
        below, missed, stay = x, drawn - x, others
        while below and stay and term > total * EPSILON:
            term *= below * stay / ((hits - below + 1) * (missed + 1))
            total += term
            below, missed, stay = below - 1, missed + 1, stay - 1
        low = min(1.0, at * total)
        return Tails(low, min(1.0, 1 - low + at), at)
    above, missed, stay = x, drawn - x, others
    while above < hits and missed and term > total * EPSILON:
        term *= (hits - above) * missed / ((above + 1) * (stay + 1))
        total += term
        above, missed, stay = above + 1, missed - 1, stay + 1
    high = min(1.0, at * total)
    return Tails(min(1.0, 1 - high + at), high, at)


def _binomial(x: int, n: int, p: float, q: float) -> float:
    """`P(X = x)` of n trials by Loader's deviances (2000); `q` is 1 - p, 0 < p < 1."""
    if x in {0, n}:
        near, far = (p, q) if x == 0 else (q, p)
        return exp(n * (log1p(-near) if near < far else log(far)))
    y = n - x
    deviance = x * gap((n * p - x) / x, n * p / x) + y * gap((n * q - y) / y, n * q / y)
    return sqrt(n / (2 * pi * x * y)) * exp(stirling_rest(n) - stirling_rest(x) - stirling_rest(y) - deviance)


def garwood(count: int, confidence: float = 0.95) -> tuple[float, float]:
    """The exact interval for the mean of a Poisson count (Garwood 1936): each end leaves half of `1 - confidence` beyond the count.

    Equal to the chi-squared form `χ²(α/2; 2c) / 2` to `χ²(1 - α/2; 2c + 2) / 2`. ValueError unless count >= 0 and 0 < confidence < 1.
    """
    if count < 0 or not 0 < confidence < 1:
        raise ValueError(f"an interval of {confidence} around a count of {count}: the count must not be negative, the confidence between 0 and 1")
    each = (1 - confidence) / 2
    high = _solved(_hilferty(2 * count + 2, 1 - each), lambda mean: _above(count, mean, each))
    low = _solved(_hilferty(2 * count, each), lambda mean: _below(count, mean, each)) if count else 0.0
    return low, high


def _hilferty(freedom: int, p: float) -> float:
    """Half of a chi-squared quantile, nearly: the cube root is nearly normal (Wilson and Hilferty 1931)."""
    part = 2 / (9 * freedom)
    return max(1e-3, freedom / 2 * (1 - part + _NORMAL.inv_cdf(p) * sqrt(part)) ** 3)


def _above(count: int, mean: float, each: float) -> float:
    """Newton's step to where ln P(X <= count) is ln each."""
    seen = _poisson(count, mean)
    return log(seen.lower / each) * seen.lower / seen.at


def _below(count: int, mean: float, each: float) -> float:
    """Newton's step to where ln P(X >= count) is ln each."""
    seen = _poisson(count, mean)
    return log(each / seen.upper) * seen.upper / (seen.at * count / mean)


def _solved(mean: float, step_from: Callable[[float], float]) -> float:
    """By Newton's steps; both tails are log-concave in the mean, so from the second step on they come from one side."""
    for _ in range(STEPS):
        step = step_from(mean)
        mean = max(mean / 4, mean + step)
        if abs(step) < 1e-12 * mean:
            break
    return mean


def _poisson(n: int, mean: float) -> Tails:
    """The nearer tail term by term from n outwards, the other by what it lacks."""
    if mean == 0:
        return Tails(1.0, float(n == 0), float(n == 0))
    if n == 0:
        at = exp(-mean)
        return Tails(at, 1.0, at)
    at = exp(-stirling_rest(n) - n * gap((mean - n) / n, mean / n)) / sqrt(2 * pi * n)
    total = term = 1.0
    if n < mean:
        i = n
        while term > total * EPSILON:
            term *= i / mean
            total += term
            i -= 1
        below = min(1.0, at * total)
        return Tails(below, min(1.0, 1 - below + at), at)
    i = n + 1
    while term > total * EPSILON:
        term *= mean / i
        total += term
        i += 1
    above = min(1.0, at * total)
    return Tails(min(1.0, 1 - above + at), above, at)
