"""What a group needs: agents for the work that is expected in this interval and the next.

Owns the expected demand of each project (the plan's volume times how busy today is, today's handling time shrunk to the plan's, the
contract's patience and target) and what `staffing` makes of all of them together. Refuses who is there. Next: `group_rules` compares, `outputs`
show it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.assess.palm import Demand
from monitor.assess.required import Target
from monitor.assess.staffing import Required, required, required_alone
from monitor.assess.workload import shrunk_aht_us
from monitor.core.contract import SECOND, Contract, Group, Project
from monitor.core.snapshot import Cell, Span
from monitor.plan.plan import Plan


@dataclass(frozen=True, slots=True)
class Expected:
    """A project's demand in this interval and the next; None where neither plan nor the last hour says anything."""

    now: Demand | None
    next: Demand | None


@dataclass(frozen=True, slots=True)
class Need:
    """Agents of a group for this interval and the next."""

    now: Required
    next: Required
    offered_erlangs: float
    aht_seconds: float  # of all of them together

    @property
    def achievable(self) -> float | None:
        """The occupancy of exactly as many as are needed; None while nobody is."""
        return self.offered_erlangs / self.now.net if self.now.net else None


def expected(project: Project, plan: Plan, at: int, interval_us: int, factor: float, hour: Span, today: Span) -> Expected:
    """What comes to a project: the plan times `factor`; without a plan as in the last hour."""
    start = project.interval_start(at, interval_us)
    first, second = (_demand(project, plan, begin, interval_us, factor, hour, today) for begin in (start, start + interval_us))
    return Expected(first, second)


def _demand(project: Project, plan: Plan, start: int, interval_us: int, factor: float, hour: Span, today: Span) -> Demand | None:
    planned = plan.over(project.name, start, start + interval_us)
    handled = today.sums[Cell.HANDLED]
    observed_us = today.sums[Cell.HANDLED_US] / handled if handled else None
    if planned.covered_us:
        aht_us = planned.handle_us * 1e6 / planned.calls_u if planned.calls_u else float(project.aht_us)
        calls = factor * planned.calls_u / 1e6 / (planned.covered_us / SECOND)
    elif not project.open_at(start):
        aht_us, calls = float(project.aht_us), 0.0
    elif (seen_us := hour.sums[Cell.OBSERVED_US]) > 0:
        aht_us, calls = float(project.aht_us), hour.sums[Cell.CONTACTS_SEEN] / (seen_us / SECOND)
    else:
        return None
    return Demand(calls, shrunk_aht_us(aht_us, observed_us, handled) / SECOND, project.patience_us / SECOND)


def target(project: Project) -> Target:
    """What the contract promises; a short abandon is one within the threshold."""
    level = project.service_level
    threshold_s, short_s = level.threshold_us / SECOND, project.short_us / SECOND
    return Target(level.formula, threshold_s, level.target, min(short_s, threshold_s), project.max_abandonment)


def alone(project: Project, group: Group, demand: Expected) -> int | None:
    """The agents a project needs now if it shares none with the rest of its group; None where nothing is known of it, or none are enough."""
    own = None if demand.now is None else required_alone(demand.now, target(project), group.max_occupancy, group.shrinkage)
    return None if own is None else own.net


def need(group: Group, contract: Contract, demands: Mapping[str, Expected]) -> Need | None:
    """The group's need; None where nothing is known of a project of it, or a promise is one that no number of agents keeps."""
    projects = [project for project in contract.projects_of[group.name] if project.queues]
    expectations = [demands.get(project.name) for project in projects]
    now = [one.now for one in expectations if one is not None and one.now is not None]
    following = [one.next for one in expectations if one is not None and one.next is not None]
    if not projects or len(now) < len(projects) or len(following) < len(projects):
        return None
    targets = [target(project) for project in projects]
    required_now = required(list(zip(now, targets, strict=True)), group.max_occupancy, group.shrinkage)
    required_next = required(list(zip(following, targets, strict=True)), group.max_occupancy, group.shrinkage)
    if required_now is None or required_next is None:
        return None
    calls, offered = sum(demand.calls_per_second for demand in now), sum(demand.erlangs for demand in now)
    return Need(required_now, required_next, offered, offered / calls if calls else 0.0)
