"""The service level formulas of the trade, by the names a contract gives them.

Owns the names. Refuses computing them (`assess.service_level`). Next: `contract` has one for each project, `tariff` one for bonus and malus.
"""

from __future__ import annotations

from enum import StrEnum


class Formula(StrEnum):
    """The service level formulas of the trade; A answered, B abandoned, S short abandoned, _T within the threshold."""

    ANSWERED = "sl_answered"  # A_T / A
    ABANDON_NEGATIVE = "sl_abandon_negative"  # A_T / (A + B)
    ABANDON_IGNORED = "sl_abandon_ignored"  # A_T / (A + B - B_T)
    ABANDON_POSITIVE = "sl_abandon_positive"  # (A_T + B_T) / (A + B)
    SHORT_EXCLUDED = "sl_short_excluded"  # A_T / (A + B - S)
    SHORT_POSITIVE = "sl_short_positive"  # (A_T + S) / (A + B)
