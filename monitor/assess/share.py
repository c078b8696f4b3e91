"""A project's share of all calls: did this client's volume move, or everybody's?

Owns the beta-binomial test of a share (domain: market or client). A binomial one would be over-confident, since each project has a day of
its own. It labels a loss that a detector found and never raises one. Refuses choosing whom to compare with. Next: `reading`.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import exp, lgamma

from monitor.assess.counts import binomial_tails
from monitor.assess.incomplete import EPSILON

MOST_NOISE = 1.0  # both sides at the smallest shape there is, 2


def noise(k: float, k_rest: float) -> float:
    """Relative variance of the ratio between a project's day factor and that of the others: `v = 1 / k + 1 / k_rest`."""
    return 1 / k + 1 / k_rest


def noise_from_history(days: Iterable[tuple[int, int, float]]) -> float | None:
    """v from days of (the project's calls, everybody's calls, planned share); 0 where the share varies no more than chance, None without a call."""
    above = below = 0.0
    for x, total, share in days:
        chance = total * share * (1 - share)
        above += (x - share * total) ** 2 - chance
        below += chance * chance
    return max(0.0, above / below) if below else None


def share_p(x: int, total: int, share: float, v: float) -> float:
    """`P(X <= x)` for a project's x of `total` calls where `share` was planned, its share varying by v (see `noise`; 0: binomial).

    Beta-binomial with `M = 1 / (s (1 - s) v) - 1`. v above 1 counts as 1. ValueError unless 0 <= x <= total, 0 < share < 1 and v >= 0.

    >>> round(share_p(30, 500, 0.1, 1 / 20 + 1 / 200), 6)
    0.045993
    """
    if not 0 <= x <= total or not 0 < share < 1 or not v >= 0:
        raise ValueError(f"{x} of {total} calls at a share of {share} and noise {v}: it must be 0 <= x <= total, 0 < share < 1, noise >= 0")
    if v == 0:
        return binomial_tails(x, total, share).lower
    strength = 1 / (share * (1 - share) * min(v, MOST_NOISE)) - 1
    a, b = share * strength, (1 - share) * strength
    if x < share * total:
        return min(1.0, _from(x, total, a, b))
    return 1 - min(1.0, _from(total - x - 1, total, b, a)) if x < total else 1.0


def _from(x: int, total: int, a: float, b: float) -> float:
    """The beta-binomial's terms from x down to 0, largest first."""
    log_at = (
        lgamma(total + 1) - lgamma(x + 1) - lgamma(total - x + 1)
        + lgamma(x + a) + lgamma(total - x + b) - lgamma(total + a + b)
        + lgamma(a + b) - lgamma(a) - lgamma(b)
    )  # fmt: skip
    total_terms = term = 1.0
    while x > 0 and term > total_terms * EPSILON:
        term *= x * (total - x + b) / ((total - x + 1) * (x - 1 + a))
        total_terms += term
        x -= 1
    return exp(log_at) * total_terms
