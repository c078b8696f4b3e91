"""What makes the plan a counter: each instant is counted once, by the plan in force when it passed.

Owns up to when it is counted. Refuses the arithmetic (`plan`) and what is counted (`core.expected`). Next: `keeping` has one for each direction.
"""

from __future__ import annotations

from monitor.core.direction import Direction
from monitor.plan.plan import Plan, Planned

Increment = tuple[str, int, Planned]


class PlanMeter:
    """Time never goes back: an `at` that is not later than the last one gives nothing."""

    def __init__(self, plan: Plan, at: int, direction: Direction = Direction.INBOUND) -> None:
        self._plan = plan
        self._at = at
        self._direction = direction

    @property
    def plan(self) -> Plan:
        """The plan in force."""
        return self._plan

    @property
    def at(self) -> int:
        """The instant up to which everything is counted."""
        return self._at

    def advance(self, at: int) -> list[Increment]:
        """What came due since the last advance: (project, start of the UTC minute, planned), minutes without a plan left out."""
        if at <= self._at:
            return []
        increments: list[Increment] = []
        for project in self._plan.projects(self._direction):
            increments += ((project, minute, part) for minute, part in self._plan.minutes(project, self._at, at, self._direction))
        self._at = at
        return increments

    def replace(self, plan: Plan, at: int) -> list[Increment]:
        """Put another plan in force from `at` on; what came due until then, by the old one."""
        increments = self.advance(at)
        self._plan = plan
        return increments
