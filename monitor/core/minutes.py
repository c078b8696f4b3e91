"""How many of something came in which minute, by project, for as long as the ledger keeps anything.

Owns adding, summing, forgetting and the step of a civil clock. Refuses meaning: refused calls and arrivals at the trunks are counted so.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from monitor.core.contract import MINUTE

KEEP_US = 50 * 60 * MINUTE  # as long as the ledger keeps anything


@dataclass(slots=True)
class Minutes:
    """Counts by project and the start of the minute."""

    _counts: dict[str, dict[int, int]] = field(default_factory=dict)

    def add(self, project: str, at: int) -> None:
        """One more, in the minute around `at`."""
        minutes, minute = self._counts.setdefault(project, {}), at - at % MINUTE
        minutes[minute] = minutes.get(minute, 0) + 1

    def since(self, project: str, start: int, end: int | None = None) -> int:
        """How many in the minutes that begin in `[start, end)`."""
        return sum(count for minute, count in self._counts.get(project, {}).items() if start <= minute and (end is None or minute < end))

    def keep(self, projects: set[str]) -> None:
        """Forget all other projects."""
        self._counts = {project: minutes for project, minutes in self._counts.items() if project in projects}

    def forget(self, at: int) -> None:
        """Drop what is too old to be asked for."""
        for project, minutes in list(self._counts.items()):
            for minute in [minute for minute in minutes if minute < at - KEEP_US]:
                del minutes[minute]
            if not minutes:
                del self._counts[project]

    def shift(self, step: int) -> None:
        """Civil time stepped: a minute moves to the one it now begins in."""
        for project, minutes in self._counts.items():
            moved: dict[int, int] = {}
            for minute, count in minutes.items():
                begins = (minute + step) // MINUTE * MINUTE
                moved[begins] = moved.get(begins, 0) + count
            self._counts[project] = moved
