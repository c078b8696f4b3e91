"""Palm's queue, called Erlang A: callers wait for an agent and hang up when their patience ends.

Owns M/M/n+M in its steady state: who waits, who hangs up, who is answered in time. Rates are per second, times in seconds, shares 0-1;
every share is of all callers. Refuses the formulas of contracts and targets (`required`). The average over those answered alone, the ASA,
is not among the figures: with callers who hang up, `mean_wait_seconds` is no such thing.

Source: Mandelbaum and Zeltyn, "The Palm/Erlang-A queue" (2004); with `x = n patience / AHT` and `y = calls patience`, a caller who stays on
waits longer than `t` with the chance `waiting P(x, y e**(-t/patience)) / P(x, y)`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp, inf, log

from monitor.assess.erlang import ErlangC, free_weight
from monitor.assess.gamma import NEGLIGIBLE, log_lower, log_term

ENDLESS = 10_000  # handling times of patience beyond which nobody hangs up: Erlang C, if the agents can do the work


@dataclass(frozen=True, slots=True)
class Demand:
    """What comes: calls per second, seconds to handle one, seconds the average caller would wait (exponential, measured over all callers).

    ValueError unless calls are 0 or more, handling time and patience positive, and all of them finite.
    """

    calls_per_second: float
    aht_seconds: float
    patience_seconds: float

    def __post_init__(self) -> None:
        if not (0 <= self.calls_per_second < inf and 0 < self.aht_seconds < inf and 0 < self.patience_seconds < inf):
            raise ValueError(f"no queue can be made of {self}")

    @property
    def erlangs(self) -> float:
        """The offered load: 1 is work for one agent all the while."""
        return self.calls_per_second * self.aht_seconds

    @property
    def endless(self) -> bool:
        """True when callers are so patient that they count as never hanging up."""
        return self.patience_seconds > ENDLESS * self.aht_seconds


@dataclass(frozen=True, slots=True)
class ErlangA:
    """A demand before so many agents. `waiting` find no free agent, `abandonment` hang up; the mean wait is that of all callers."""

    agents: int
    demand: Demand
    waiting: float
    abandonment: float
    mean_wait_seconds: float
    _reach: float = field(default=0.0, repr=False, compare=False)  # ln P(x, y)

    @classmethod
    def of(cls, agents: int, demand: Demand) -> ErlangA:
        """The steady state; ValueError for negative agents.

        Below the load of its agents the chain is summed outward from the state in which all are busy and nobody waits: the closed forms
        subtract there, and lose every digit with patient callers. From that load on they have positive terms only.
        """
        load, patience = demand.erlangs, demand.patience_seconds
        below = free_weight(agents, load)
        if agents == 0:
            return cls(agents, demand, 1.0, 1.0, patience)
        if load < agents and demand.endless:
            calm = ErlangC.of(agents, load, demand.aht_seconds)
            return cls(agents, demand, calm.waiting, 0.0, calm.waiting * demand.aht_seconds / (agents - load))
        x, y = agents * patience / demand.aht_seconds, demand.calls_per_second * patience
        if load < agents:
            above, lost = _above(x, y)
            reach = log_term(x, y) + log(above)
            waiting, abandonment = above / (above + below), lost / (above + below)
        else:
            reach = log_lower(x, y)
            first = exp(log_term(x, y) - reach)  # of those who wait, the share who find nobody waiting: 1 / A(x, y)
            waiting = 1 / (1 + below * first)
            abandonment = waiting * (load - agents + agents * first) / load
        return cls(agents, demand, waiting, abandonment, abandonment * patience, reach)

    @property
    def occupancy(self) -> float:
        """The share of agents who are busy; 0 without agents."""
        return self.demand.erlangs * (1 - self.abandonment) / self.agents if self.agents else 0.0

    @property
    def queue_length(self) -> float:
        """Callers waiting, on average over time."""
        return self.demand.calls_per_second * self.mean_wait_seconds

    def offered_wait_over(self, seconds: float) -> float:
        """The share of callers who would wait longer than `seconds` if they stayed on."""
        if self._lasting:
            return self.waiting * exp((self.demand.erlangs - self.agents) * seconds / self.demand.aht_seconds)
        return self.waiting * self._within_reach(0, seconds)

    def wait_over(self, seconds: float) -> float:
        """The share who are still waiting after `seconds`."""
        over = self.offered_wait_over(seconds)
        return over if self._lasting else over * exp(-seconds / self.demand.patience_seconds)

    def served_within(self, seconds: float) -> float:
        """The share who are answered within `seconds`."""
        if self._lasting:
            return 1 - self.wait_over(seconds)
        if not self.waiting:
            return 1.0
        late = self.waiting * self.agents / self.demand.erlangs * self._within_reach(1, seconds) if self.agents else 0.0
        return max(0.0, 1 - self.abandonment - late)

    def abandoned_within(self, seconds: float) -> float:
        """The share who hang up within `seconds`."""
        return max(0.0, 1 - self.wait_over(seconds) - self.served_within(seconds))

    @property
    def _lasting(self) -> bool:
        """True where nobody hangs up and everybody is answered."""
        return self.demand.endless and self.demand.erlangs < self.agents

    def _within_reach(self, more: int, seconds: float) -> float:
        """`P(x + more, y e**(-t/patience)) / P(x, y)`."""
        if not self.waiting:
            return 0.0
        demand = self.demand
        x = self.agents * demand.patience_seconds / demand.aht_seconds
        y = demand.calls_per_second * demand.patience_seconds * exp(-seconds / demand.patience_seconds)
        return exp(log_lower(x + more, y) - self._reach)


def _above(x: float, y: float) -> tuple[float, float]:
    """The weight of the states in which callers wait, with `p(n) = 1` and `p(n+j) = p(n+j-1) y / (x + j)`; and that of hanging up in them.

    The second is `E[Q] / y`, the sum of `j p(n+j-1) / (x + j)`. For `y < x`, where the terms fall from the first.
    """
    weight, lost, term, j = 1.0, 0.0, 1.0, 0
    while term > NEGLIGIBLE * weight:
        j += 1
        term /= x + j
        lost += j * term
        term *= y
        weight += term
    return weight, lost
