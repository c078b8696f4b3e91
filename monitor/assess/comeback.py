"""Whether callers are back after a silence: one caller is none.

Owns the trial of a silence that is said: from its first caller on, until as many have come as prove it. While hardly anybody comes it begins
again. Refuses silence (`detect`) and the telephony's dead time, whose trial is of another question (`dead`). Next: a silence is over when it
says so.
"""

from __future__ import annotations

from collections.abc import Callable

from monitor.assess.dead import BACK, ENOUGH


class Comeback:
    """Of one project."""

    def __init__(self) -> None:
        self._since: int | None = None

    def awaited(self, at: int, latest: int | None, quiet_since: int, counts: Callable[[int], tuple[int, float]]) -> bool:
        """Whether it is not certain yet; `counts` says how many came since then and how many were planned."""
        if self._since is None:
            if latest is None or latest < quiet_since:
                return False  # still silent, which is said as such
            self._since = latest
        came, planned = counts(self._since)
        if came >= ENOUGH and came >= BACK * planned:
            self._since = None
            return False
        if planned >= 2 * ENOUGH:
            self._since = at
        return True

    def forget(self) -> None:
        """Nothing is said any more."""
        self._since = None

    def shift(self, step: int) -> None:
        """Civil time stepped."""
        self._since = None if self._since is None else self._since + step
