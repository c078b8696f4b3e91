"""What holds of a project's outbound work: one rule per condition, and what has to be remembered to judge it.

    ContactRateDropped  the day that closed reached fewer than it was to (`contact_day`); said until the next day is judged
    ListExhausted       attempts have stopped though people are free and the plan expects them: the list is at its end, or the dialer stands

Volume detectors do not ask about outbound: the centre makes its own attempts. Owns when a day is judged and what is asked of now. Refuses whom an
incident holds and what is in sight (`accruals` says). What is None cannot be judged. Next: `accruals` keeps one of these per project.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from monitor.assess.conditions import Condition, Finding
from monitor.assess.contact_day import ContactDay, judge
from monitor.assess.second import Second, incidents_of
from monitor.core.contract import MINUTE, Project
from monitor.core.direction import Direction
from monitor.core.limits import Limits
from monitor.core.snapshot import Cell, Window

SETTLE_US: Final = 5 * MINUTE  # after a day: whoever was dialled at its end has answered by then, or not
MORE: Final = 2  # times the share at which attempts have stopped, they go on again

Found = tuple[Condition, Finding | None]


class Dialling:
    """Of one project. `day` is the one judged last; None: it could not be."""

    def __init__(self) -> None:
        self.day: ContactDay | None = None
        self._asked = 0  # the day in which that was, by its ordinal

    def findings(self, second: Second, project: Project, *, live: bool, stopped: bool) -> Iterator[Found]:
        """Everything that is asked. `live`: what happens now may be judged; `stopped`: that attempts have stopped holds already."""
        if not project.outbound.seen_by_dials:  # nobody sees its attempts
            yield from ((condition, None) for condition in (Condition.CONTACT_RATE_DROPPED, Condition.LIST_EXHAUSTED))
            return
        self._close(second, project)
        limits = second.contract.limits
        yield Condition.CONTACT_RATE_DROPPED, None if self.day is None else dropped(self.day, limits)
        dialled = _dialled(second, project) if live else None
        yield Condition.LIST_EXHAUSTED, None if dialled is None else exhausted(dialled, limits, holds=stopped)

    def _close(self, second: Second, project: Project) -> None:
        """Judge the day before this one, once."""
        at = second.snapshot.at
        today, start = project.day_of(at), project.day_start(at)
        if today.toordinal() == self._asked or at < start + SETTLE_US:
            return
        self._asked = today.toordinal()
        begun = project.day_start(start - 1)
        spans = (span for span in second.books.intervals_of(project.name, begun) if span.end <= start)
        days = second.books.days_of(project.name)
        self.day = judge(project.day_of(begun), spans, days, incidents_of(second, project), second.contract.limits)


class Dialled(NamedTuple):
    """Of the last 15 closed minutes: attempts, how many were planned, and how many people were free on average."""

    attempts: int
    planned: float
    free: float


def _dialled(second: Second, project: Project) -> Dialled | None:
    """None: they were not planned or seen as a whole, or too little was planned to ask."""
    quarter, limits, at = second.snapshot.projects[project.name][Window.QUARTER], second.contract.limits, second.snapshot.at
    planned = second.plan.over(project.name, quarter.start, quarter.end, Direction.OUTBOUND)
    due, free = quarter.sums[Cell.PLAN_OUT_OBSERVED_ATTEMPTS_U] / 1e6, second.books.free_in_quarter(project.group)
    whole = planned.covered_us == quarter.end - quarter.start and second.plan.at(project.name, at, Direction.OUTBOUND) is not None
    if not whole or due < max(limits.list_attempts, limits.least_observed * planned.calls_u / 1e6) or free is None:
        return None
    return Dialled(max(quarter.sums[Cell.OUT_ATTEMPTS], quarter.sums[Cell.OUT_CONTACTS]), due, free)


def exhausted(dialled: Dialled, limits: Limits, *, holds: bool) -> Finding:
    """Few of those planned, and people are free; over once it is twice that share, or nobody is."""
    share = limits.list_ratio * (MORE if holds else 1)
    found = dialled.attempts < share * dialled.planned and dialled.free >= limits.list_agents
    return Finding(found, dialled._asdict())


def dropped(day: ContactDay, limits: Limits) -> Finding:
    """So far and so surely that it matters."""
    figures: dict[str, float | str] = {
        "day": day.day.isoformat(),
        "contacts": day.rate.contacts,
        "attempts": day.rate.attempts,
        "ratio": day.rate.value or 0.0,
        "expected": day.expected,
        "by": "plan" if day.planned else "before",
        "p": day.p,
    }
    return Finding(day.dropped(limits), figures)
