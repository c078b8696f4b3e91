"""Everything that is known at one instant, as it is handed to whoever judges it.

Owns the shape, and the questions that need no memory: which incidents concern a project, whom its calls may reach, what came while it was closed.
Refuses judging. Next: `accruals` is told of one second after the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from monitor.core.contract import MINUTE, Contract, Project, QueueId
from monitor.core.incidents import Incident
from monitor.core.refusals import Refusals
from monitor.core.snapshot import Cell, Snapshot, Span, State
from monitor.core.trunks import Trunks
from monitor.plan.plan import Plan

QUARTER_US: Final = 15 * MINUTE


class Books(Protocol):
    """What may be asked of the ledger."""

    def intervals_of(self, project: str, since: int) -> Iterator[Span]:
        """A project's closed intervals from then on."""

    def latest_of(self, project: str, cell: Cell) -> int | None:
        """The start of its latest minute that holds any of this."""

    def days_of(self, project: str) -> Mapping[int, Sequence[int]]:
        """The sums of its days that are over, by the ordinals of their dates."""

    def free_in_quarter(self, group: str) -> float | None:
        """How many people of a group were available on average of the last 15 closed minutes; None: it was not seen."""

    def since(self, project: str, at: int, cell: Cell) -> int:
        """All of this in the minutes that begin no earlier than then."""


@dataclass(frozen=True, slots=True)
class Second:
    """All that is known at one instant of whom is judged; `serving` has how many people serve the same queues in the same state."""

    snapshot: Snapshot
    books: Books
    contract: Contract
    plan: Plan
    incidents: Sequence[Incident] = ()
    offsets: Mapping[str, int] = field(default_factory=dict)  # of the PBXs' clocks, in microseconds
    refusals: Refusals | None = None
    trunks: Trunks | None = None
    serving: Mapping[tuple[frozenset[QueueId], State], int] = field(default_factory=dict)


def incidents_of(second: Second, project: Project) -> tuple[Incident, ...]:
    """Those that concern its volume."""
    return tuple(one for one in second.incidents if one.scope.holds_project(project, second.contract))


def eligible(project: Project, reached: Mapping[tuple[frozenset[QueueId], State], int]) -> dict[State, int]:
    """People whom the project's calls may reach, by state."""
    counts: dict[State, int] = {}
    for (queues, state), count in reached.items():
        if not queues.isdisjoint(project.queues):
            counts[state] = counts.get(state, 0) + count
    return counts


def after_hours(second: Second, project: Project) -> int:
    """Contacts of the last hour that came since it closed."""
    at = second.snapshot.at
    if project.open_at(at):
        return 0
    since = at - 60 * MINUTE
    for start in range(since - since % QUARTER_US, at, QUARTER_US):
        if project.open_at(start):
            since = start + QUARTER_US
    return second.books.since(project.name, since, Cell.CONTACTS)
