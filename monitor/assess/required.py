"""Required agents: the fewest with whom a queue holds what was promised.

Owns a target as a contract states it, the service level of Palm's queue in each formula of the trade, the search, and rounding up, which
is done here for everybody. Refuses projects that share agents (`staffing`).

As shares of all callers, A answered, B abandoned, _T within the threshold T and S within the short limit s are
`A_T = served_within(T)`, `B_T = abandoned_within(T)`, `S = abandoned_within(s)`, `A = 1 - abandonment`, `A + B = 1`. Who still waits at t has
neither been answered nor hung up, `1 - B_t = served_within(t) + wait_over(t)`, which spares the formulas a difference of large shares.

Every service level rises with agents, so that halving finds what counting up would: with an agent more the wait a caller would have falls in
likelihood ratio, and each formula is the mean of a falling function of that wait, weighted by another function of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor, isqrt

from monitor.assess.palm import Demand, ErlangA
from monitor.core.formula import Formula


@dataclass(frozen=True, slots=True)
class Target:
    """What was promised: the service level (formula, threshold, ratio 0-1) and the highest abandonment (0-1; 1 is no limit).

    `short_seconds` is the short limit of the formulas that have one. ValueError unless `0 <= short_seconds <= threshold_seconds`: a short
    abandon is one within the threshold; and for a ratio or abandonment that is not 0-1.
    """

    formula: Formula
    threshold_seconds: float
    ratio: float
    short_seconds: float = 0.0
    max_abandonment: float = 1.0

    def __post_init__(self) -> None:
        if not (0 <= self.short_seconds <= self.threshold_seconds and 0 <= self.ratio <= 1 and 0 <= self.max_abandonment <= 1):
            raise ValueError(f"no queue can be held to {self}")

    def held_by(self, queue: ErlangA) -> bool:
        """True when the queue holds the service level and the abandonment."""
        return queue.abandonment <= self.max_abandonment and service_level(queue, self) >= self.ratio

    def reachable(self, demand: Demand) -> bool:
        """False for what no number of agents holds: everybody in time, or nobody hanging up while patience ends."""
        return self.ratio < 1 and (self.max_abandonment > 0 or demand.endless)


def service_level(queue: ErlangA, target: Target) -> float:
    """The expected service level, 0-1, by the target's formula, threshold and short limit; 0 where the formula divides by 0."""
    t, short = target.threshold_seconds, target.short_seconds
    served = queue.served_within(t)
    match target.formula:
        case Formula.ABANDON_NEGATIVE:
            return served
        case Formula.ABANDON_POSITIVE:
            return 1 - queue.wait_over(t)
        case Formula.ABANDON_IGNORED:
            return _ratio(served, served + queue.wait_over(t))
        case Formula.ANSWERED:
            return _ratio(served, 1 - queue.abandonment)
        case Formula.SHORT_EXCLUDED:
            return _ratio(served, queue.served_within(short) + queue.wait_over(short))
        case Formula.SHORT_POSITIVE:
            return served + queue.abandoned_within(short)


def required_agents(demand: Demand, targets: Iterable[Target], max_occupancy: float | None = None) -> int | None:
    """The fewest agents with whom every target holds and the offered load is at most `max_occupancy` of them (None: no cap).

    0 without calls, whatever is promised; None when no number of agents holds a target (see `Target.reachable`). At least one agent where
    there are calls, and for callers of endless patience more than the load, without which their queue is not stable. ValueError unless
    `max_occupancy` lies in (0, 1].
    """
    if max_occupancy is not None and not 0 < max_occupancy <= 1:
        raise ValueError(f"agents can be occupied up to a share over 0 and up to 1, not {max_occupancy}")
    load = demand.erlangs
    if load == 0:
        return 0
    agents = floor(load + 1e-9) + 1 if demand.endless else 1
    for target in dict.fromkeys(targets):
        if not target.reachable(demand):
            return None
        agents = _fewest(demand, target, agents)
    return agents if max_occupancy is None else max(agents, ceiling(load / max_occupancy))


def _fewest(demand: Demand, target: Target, lowest: int) -> int:
    """The fewest agents from `lowest` on with whom the target holds: steps that double from the load, then halving."""
    if target.held_by(ErlangA.of(lowest, demand)):
        return lowest
    low, high = lowest, max(lowest + 1, ceil(demand.erlangs))
    step = isqrt(high) // 2 + 1
    if target.held_by(ErlangA.of(high, demand)):
        while high - step > low and target.held_by(ErlangA.of(high - step, demand)):
            high, step = high - step, 2 * step
        low = max(low, high - step)
    else:
        low, high = high, high + step
        while not target.held_by(ErlangA.of(high, demand)):
            step *= 2
            low, high = high, high + step
    while high - low > 1:
        middle = (low + high) // 2
        if target.held_by(ErlangA.of(middle, demand)):
            high = middle
        else:
            low = middle
    return high


def gross_agents(net: int, shrinkage: float) -> int:
    """Agents to pay so that `net` are there: `net / (1 - shrinkage)`, rounded up. ValueError unless `shrinkage` lies in [0, 1)."""
    if not 0 <= shrinkage < 1:
        raise ValueError(f"shrinkage is a share from 0 to below 1, not {shrinkage}")
    return ceiling(net / (1 - shrinkage))


def ceiling(number: float) -> int:
    """The whole number at or above `number`, to which arithmetic may have added a billionth: `21 / (1 - 0.3)` is 30.000000000000004.

    >>> ceiling(21 / (1 - 0.3))
    30
    """
    return ceil(number - 1e-9)


def _ratio(above: float, below: float) -> float:
    """A share; 0 of nothing."""
    return above / below if below else 0.0
