"""Service level in every formula the trade uses, from raw counts.

Owns the six formulas (domain: Call Centre Helper, Cisco CUIC 9.0.1, Genesys StatServer) and the budget that follows from one of them.
Refuses deciding which one a contract means. A ratio without a denominator is left out. What money hangs on is a fraction, not a float.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import floor

from monitor.core.formula import Formula


@dataclass(frozen=True, slots=True)
class Answers:
    """Contacts of one arrival cohort. `abandoned` includes the short ones, `abandoned_in_threshold` too.

    `late` are still waiting beyond the threshold: they can only miss, so every denominator but that of `sl_answered` holds them.
    """

    answered: int
    in_threshold: int
    abandoned: int
    abandoned_in_threshold: int
    short: int
    late: int = 0

    def parts(self) -> tuple[tuple[Formula, int, int], ...]:
        """Every formula with its numerator and denominator."""
        a_t, b_t, short = self.in_threshold, self.abandoned_in_threshold, self.short
        everyone = self.answered + self.abandoned + self.late
        return (
            (Formula.ANSWERED, a_t, self.answered),
            (Formula.ABANDON_NEGATIVE, a_t, everyone),
            (Formula.ABANDON_IGNORED, a_t, everyone - b_t),
            (Formula.ABANDON_POSITIVE, a_t + b_t, everyone),
            (Formula.SHORT_EXCLUDED, a_t, everyone - short),
            (Formula.SHORT_POSITIVE, a_t + short, everyone),
        )

    def ratios(self) -> dict[Formula, float]:
        """The service level, 0-1, by every formula that has a denominator."""
        return {formula: above / below for formula, above, below in self.parts() if below}

    def ratio(self, formula: Formula) -> Fraction | None:
        """The service level by one formula, exactly; None without a denominator."""
        above, below = next((above, below) for name, above, below in self.parts() if name is formula)
        return Fraction(above, below) if below else None

    def __add__(self, other: Answers) -> Answers:
        """Both cohorts together."""
        return Answers(
            self.answered + other.answered,
            self.in_threshold + other.in_threshold,
            self.abandoned + other.abandoned,
            self.abandoned_in_threshold + other.abandoned_in_threshold,
            self.short + other.short,
            self.late + other.late,
        )

    def budget(self, formula: Formula, target: float) -> float | None:
        """How many more contacts may miss before the ratio falls below `target`; negative: it is below already. None without contacts."""
        above, below = next((above, below) for name, above, below in self.parts() if name is formula)
        return float(floor(above / target - below + 1e-9)) if below and target > 0 else None
