"""The regularised incomplete beta function: every tail of a count against its plan comes down to it.

Owns its numerics: the near side of the curve is summed, never a difference of nearly equal numbers, so a tail of 1e-200 has as many
right digits as one of 0.4. Refuses distributions and their names. Next: `counts` reads its two sides as tails.
"""

from __future__ import annotations

from math import exp, lgamma, log, log1p, pi, sqrt
from typing import NamedTuple

EPSILON = 1e-16  # a sum ends when another term is less than this part of it
SETTLED = 1e-13  # a continued fraction ends when a step changes it by less than this part: its last digits never come to rest
LONGEST = 10_000  # steps of it
NEAR = 9.0  # three standard deviations, squared
FAR_END = 0.75  # of the range: curves of small a and b are so wide that three standard deviations reach its end, where nothing is left
LARGE = 16.0  # from here on five terms of Stirling's series leave less than 1e-15
HALF_LOG_2PI = 0.5 * log(2 * pi)


class Sides(NamedTuple):
    """`I_x(a, b)`, what it lacks to 1, and `x^a y^b / B(a, b)`."""

    below: float
    above: float
    prefix: float


def incomplete_beta(a: float, b: float, x: float, y: float) -> Sides:
    """`I_x(a, b)` for a, b > 0 and x + y = 1, 0 <= x <= 1; `y` is asked for because 1 - x has no digits left where x is near 1.

    The power series or the continued fraction of DiDonato and Morris (ACM TOMS 708, 1992), whichever is shorter. Within three standard
    deviations of the curve's mean both sides are so large that either may be what the other lacks; beyond them the small one is computed.
    """
    if x <= 0.0:
        return Sides(0.0, 1.0, 0.0)
    if y <= 0.0:
        return Sides(1.0, 0.0, 0.0)
    both = a + b
    lean = b * x - a * y  # a + b times what x lies beyond the mean
    prefix = _prefix(a, b, x, y, lean)
    near = lean * lean * (both + 1) <= NEAR * a * b and (x if a <= b else y) < FAR_END
    if a <= b if near else x * (both + 2) <= a + 1:
        part = _part(a, b, x, y, prefix)
        return Sides(part, 1.0 - part, prefix)
    part = _part(b, a, y, x, prefix)
    return Sides(1.0 - part, part, prefix)


def stirling_rest(z: float) -> float:
    """What Stirling's formula leaves out: `ln Γ(z + 1) - (z + 1/2) ln z + z - ln(2π) / 2`, z > 0."""
    if z < LARGE:
        return lgamma(z + 1) - (z + 0.5) * log(z) + z - HALF_LOG_2PI
    w = 1 / (z * z)
    return (1 / 12 - w * (1 / 360 - w * (1 / 1260 - w * (1 / 1680 - w / 1188)))) / z


def gap(t: float, whole: float) -> float:
    """`t - ln(1 + t)`; `whole` is 1 + t, which keeps its digits where t is near -1."""
    return t - (log(whole) if t < -0.5 else log1p(t))


def _prefix(a: float, b: float, x: float, y: float, lean: float) -> float:
    """`x^a y^b / B(a, b)` by Loader's deviances (2000): logarithms of gammas of 100,000 would differ by less than they can hold."""
    both = a + b
    deviance = a * gap(lean / a, x * both / a) + b * gap(-lean / b, y * both / b)
    return sqrt(a * b / (2 * pi * both)) * exp(stirling_rest(both) - stirling_rest(a) - stirling_rest(b) - deviance)


def _part(a: float, b: float, x: float, y: float, prefix: float) -> float:
    return min(1.0, prefix * _series(a, b, x) if a <= 4 * b else prefix / _fraction(a, b, x, y))


def _series(a: float, b: float, x: float) -> float:
    """`I / prefix`: about sqrt(60 a (a + b) / b) terms at the middle of the curve, fewer below it."""
    total = term = 1 / a
    more = (b - 1) * x
    while term > total * EPSILON:
        a += 1
        term *= x + more / a
        total += term
    return total


def _fraction(a: float, b: float, x: float, y: float) -> float:
    """`prefix / I`: about two times the root of the smaller of a and b at the middle of the curve, fewer away from it."""
    both, square = a + b - 1, x * x
    value = a * (a * y - b * x + 1) / (a + 1)
    above_before, below_before = 1.0, 0.0  # of numerator and denominator; the newest denominator is kept at 1
    d = a - 1
    for m in range(1, LONGEST):
        d += 2
        mb = m * (b - m)
        alpha = (a + m - 1) * (both + m) * mb * square / (d * d)
        step = m + mb * x / d + (a + m) * (a * y - b * x + 1 + m * (1 + y)) / (d + 2)
        below = step + alpha * below_before
        before, value = value, (step * value + alpha * above_before) / below
        if abs(value - before) <= SETTLED * value:
            break
        above_before, below_before = before / below, 1 / below
    return value
