"""What the floor's figures amount to: ratios over the windows, held against the plan.

Owns the assembly of one frozen Outlook from a snapshot, the contract and the plan; every ratio is a ratio of sums, divided here and
once. Refuses statistics and money (other modules of this room) and anything that needs memory between two ticks. A ratio with
denominator 0 and a figure about unseen time is None, never 0. Next: `outputs` show it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.core.contract import Formula
from monitor.core.snapshot import Snapshot, Window


@dataclass(frozen=True, slots=True)
class ProjectFigures:
    """A project over one window. Erlangs are agent-seconds per second; ratios 0-1; None is unknown.

    `observed` is the share of the window in which the project's PBXs were seen.
    """

    contacts: int
    observed: float | None
    offered_erlangs: float | None
    carried_erlangs: float | None
    planned_erlangs: float | None
    aht_seconds: float | None
    service_level: Mapping[Formula, float]
    budget_calls: float | None
    abandonment: float | None
    volume_deviation: float | None
    workload_deviation: float | None
    aht_deviation: float | None
    planned_contacts: float | None


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """A group over one window."""

    observed: float | None
    staffed: float | None
    occupancy: float | None
    earning_occupancy: float | None


@dataclass(frozen=True, slots=True)
class ProjectPlan:
    """What the plan says of a project now."""

    covered: bool
    end: int | None
    has_agents: bool


@dataclass(frozen=True, slots=True)
class GroupPlan:
    """Planned agents of a group now and the occupancy they would have; None where a project's plan names none."""

    agents: float | None
    occupancy: float | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """One tick's view of everything, frozen."""

    at: int
    snapshot: Snapshot
    projects: Mapping[str, Mapping[Window, ProjectFigures]]
    groups: Mapping[str, Mapping[Window, GroupFigures]]
    plans: Mapping[str, ProjectPlan]
    group_plans: Mapping[str, GroupPlan]
