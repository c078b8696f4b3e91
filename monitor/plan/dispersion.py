"""How much a project's days differ from what was expected of them: the shape k of their volumes, by moments.

    σ² = Σ[(n−f)² − f] / Σf²        k = 1/σ², within 2 … 1000 (σ² ≤ 0: 1000)

over days of n contacts where f were expected; from 15 days on, and shrunk to 20 as if 15 more days had shown just that. Where f was fitted to the
same days, (n−f)² is enlarged by days/(days − parameters). Owns the formula. Refuses choosing days: holidays, incidents and what was not
seen are left out before. Next: `fit`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

USUAL: Final = 20.0
LEAST_DAYS: Final = 15
SMALLEST, LARGEST = 2.0, 1000.0


def dispersion(days: Sequence[tuple[float, float]], parameters: int = 0) -> float | None:
    """k of days given as (came, expected); None for too few of them."""
    known = [(came, expected) for came, expected in days if expected > 0]
    free = len(known) - parameters
    if len(known) < LEAST_DAYS or free < 1:
        return None
    enlarged = len(known) / free
    variance = sum((came - expected) ** 2 * enlarged - expected for came, expected in known) / sum(expected**2 for _, expected in known)
    shrunk = (free * variance + LEAST_DAYS / USUAL) / (free + LEAST_DAYS)
    return LARGEST if shrunk <= 0 else min(LARGEST, max(SMALLEST, 1 / shrunk))
