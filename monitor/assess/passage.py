"""From the trunk to the queue: how many of those who dial a project's numbers come as far as its queues.

Owns the usual share of them, learnt of days on which nothing was missing, and whether callers who stay away from the queues were lost between the
trunk and them: an IVR that answers nobody, a time condition that is shut, a dialplan that leads elsewhere. Some always stay there, served or
gone, so it is the fall of the share that tells. Refuses counting arrivals (`core.trunks`) and finding losses (`detect`). Next: `door`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from monitor.assess.counts import binomial_tails
from monitor.core.contract import MINUTE

ENOUGH: Final = 10  # callers at the trunks, before anything is said of where they stayed
SURE: Final = 1e-3  # chance of so few of them in the queues, if the share were the usual one
PART: Final = 0.5  # of what is missing in the queues, that came to the trunks
ASSUMED: Final = 0.5  # comes through at least, as long as no days have shown the share
LEARNT: Final = 100  # callers of good days, from which on their share is believed
HIGHEST: Final = 0.98  # one in fifty hangs up before any queue hears of him
DAYS: Final = 14
ON_THE_WAY_US: Final = 3 * MINUTE  # in announcements and menus, before the queue


@dataclass(frozen=True, slots=True)
class Strayed:
    """So many dialled the project's numbers, and so many of them came to its queues, where more should have."""

    arrived: int
    reached: int


@dataclass(slots=True)
class Passage:
    """Of one project: who arrived and who came through on its latest good days."""

    days: list[tuple[int, int]] = field(default_factory=list)

    def learn(self, arrived: int, reached: int) -> None:
        """A day on which nothing was missing is over."""
        if arrived:
            self.days = [*self.days, (arrived, min(arrived, reached))][-DAYS:]

    @property
    def usual(self) -> float:
        """The share that comes through."""
        arrived, reached = (sum(day[place] for day in self.days) for place in (0, 1))
        return min(HIGHEST, reached / arrived) if arrived >= LEARNT else ASSUMED

    def strayed(self, arrived: int, reached: int, missing: float) -> Strayed | None:
        """Whether most of what is missing in the queues came to the trunks, by more than chance."""
        if arrived < ENOUGH or missing <= 0 or self.usual * arrived - reached < PART * missing:
            return None
        return Strayed(arrived, reached) if binomial_tails(reached, arrived, self.usual).lower < SURE else None
