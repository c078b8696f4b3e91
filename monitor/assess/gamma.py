"""The lower incomplete gamma function, in logarithms: what waits under impatience and intervals around counts are made of.

Owns `ln P(s, x)` with `P` regularised, over every size, so that tails keep their digits. Refuses meaning: it knows no calls. Source of the
series and the continued fraction: DLMF 8.11.4 and 8.9.2; of the expansion for large shapes: Temme 1979, DLMF 8.12. Next: `palm`.
"""

from __future__ import annotations

from itertools import count
from math import copysign, erfc, exp, inf, lgamma, log, log1p, pi, sqrt

NEGLIGIBLE = 1e-16  # a term this small beside its sum changes no digit of it
LARGE = 1e6  # shapes from which Temme's first term has twelve digits, where series and fraction would need thousands of steps


def log_term(shape: float, x: float) -> float:
    """`ln(x**shape e**-x / gamma(shape + 1))`, the logarithm of a Poisson probability where `shape` is a whole number.

    It is summed from what is small (Loader 2000, "Fast and accurate computation of binomial probabilities"): the three parts of the
    formula are large and cancel each other. ValueError where an argument is negative or not finite.
    """
    _check(shape, x)
    if x == 0:
        return -inf if shape else 0.0
    if shape < 15:
        return shape * log(x) - x - lgamma(shape + 1)
    square = shape * shape
    rest = (1 / 12 - (1 / 360 - (1 / 1260 - 1 / (1680 * square)) / square) / square) / shape
    return -shape * _bend(shape, x) - log(2 * pi * shape) / 2 - rest


def log_lower(shape: float, x: float) -> float:
    """`ln P(shape, x)`: the chance that a gamma variable of this shape and scale 1 is at most `x`; 0 for shape 0.

    ValueError where an argument is negative or not finite.
    """
    _check(shape, x)
    if shape == 0 or x == 0:
        return -inf if shape else 0.0
    if shape >= LARGE and (x >= shape or shape * _bend(shape, x) < 600):
        return _large(shape, x)
    if x < shape + 1:
        return log_term(shape, x) + log(_series(shape, x))
    return log1p(-shape * exp(log_term(shape, x)) * _fraction(shape, x))


def _check(shape: float, x: float) -> None:
    if not (0 <= shape < inf and 0 <= x < inf):
        raise ValueError(f"the incomplete gamma function takes finite numbers from 0 on, not shape {shape}, x {x}")


def _bend(shape: float, x: float) -> float:
    """`u - ln(1 + u)` of `u = x / shape - 1` without the cancellation near 0."""
    u = (x - shape) / shape
    if abs(u) > 0.01:
        return u - log(x / shape)
    return u * u * (1 / 2 - u * (1 / 3 - u * (1 / 4 - u * (1 / 5 - u * (1 / 6 - u * (1 / 7 - u * (1 / 8 - u / 9)))))))


def _series(shape: float, x: float) -> float:
    """`1 + x/(s+1) + x**2/((s+1)(s+2)) + ...`"""
    total = term = 1.0
    while term > NEGLIGIBLE * total:
        shape += 1
        term *= x / shape
        total += term
    return total


def _fraction(shape: float, x: float) -> float:
    """The upper function over `x**s e**-x`, by Lentz's method; `x` is at least `shape + 1`."""
    below = x + 1 - shape
    upper, lower = 1e300, 1 / below
    product = lower
    for step in count(1):
        above = -step * (step - shape)
        below += 2
        lower = 1 / (above * lower + below)
        upper = below + above / upper
        product *= upper * lower
        if abs(upper * lower - 1) < 1e-15:
            break
    return product


def _large(shape: float, x: float) -> float:
    """The normal limit and its first correction: `x` beside a shape so large that sums around it have thousands of terms."""
    u = (x - shape) / shape
    bend = _bend(shape, x)
    eta = copysign(sqrt(2 * bend), u)
    skew = 1 / u - 1 / eta if abs(eta) > 1e-3 else -1 / 3 + eta / 12 - 2 * eta * eta / 135
    rest = exp(-shape * bend) / sqrt(2 * pi * shape) * skew
    root = eta * sqrt(shape / 2)
    return log1p(-erfc(root) / 2 - rest) if x > shape else log(erfc(-root) / 2 - rest)
