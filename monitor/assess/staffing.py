"""Staffing of a group: how many agents its projects need together, and how many each would need alone.

Owns the pooling of demands and what a need becomes by occupancy and shrinkage. Refuses knowing where demands come from: it is given values,
one demand and one target per project. Next: `outlook` asks it for each group.

Sharing saves agents where promises and callers are alike. It may cost some where they differ: all callers of one queue wait alike, so everybody
gets what the strictest promise asks for, and where impatient callers kept a project's need low, those who stay raise it for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monitor.assess.palm import Demand
from monitor.assess.required import Target, gross_agents, required_agents


@dataclass(frozen=True, slots=True)
class Required:
    """Agents needed: `net` on the floor, `gross` to pay so that they are there."""

    net: int
    gross: int


def required(work: Sequence[tuple[Demand, Target]], max_occupancy: float, shrinkage: float) -> Required | None:
    """The fewest agents who together hold every project's own target in the one queue of their group.

    The targets of projects without calls bind nobody. None when a target is one that no number of agents holds. `max_occupancy` lies in
    (0, 1], `shrinkage` in [0, 1); ValueError otherwise.
    """
    busy = [(demand, target) for demand, target in work if demand.calls_per_second]
    together = pooled(demand for demand, _ in busy)
    net = 0 if together is None else required_agents(together, [target for _, target in busy], max_occupancy)
    return None if net is None else Required(net, gross_agents(net, shrinkage))


def required_alone(demand: Demand, target: Target, max_occupancy: float, shrinkage: float) -> Required | None:
    """The agents a project would need if it shared none; None as for `required`."""
    return required([(demand, target)], max_occupancy, shrinkage)


def pooled(demands: Iterable[Demand]) -> Demand | None:
    """The demand of all of them in one queue: rates add up, handling time and patience are means over calls. None without calls.

    The mean of patience errs to the safe side: in the first seconds callers of such a mixture hang up faster than it says.
    """
    each = [demand for demand in demands if demand.calls_per_second]
    if len(each) < 2:
        return each[0] if each else None
    calls = sum(demand.calls_per_second for demand in each)
    aht = sum(demand.erlangs for demand in each) / calls
    patience = sum(demand.calls_per_second * demand.patience_seconds for demand in each) / calls
    return Demand(calls, aht, patience)
