"""Erlang's formulas: lost calls, and callers who wait as long as it takes.

Owns Erlang B and Erlang C for a steady stream of calls to one queue of like agents. Loads are in Erlangs (calls times handling time over
time), times in seconds, shares 0-1. Refuses callers who hang up (`palm`) and targets (`required`). Source: A. K. Erlang 1917; Gans, Koole
and Mandelbaum 2003.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, log

from monitor.assess.gamma import NEGLIGIBLE


def blocking(servers: int, load: float) -> float:
    """Erlang B: the share of calls lost where nobody can wait.

    By `B(n) = a B(n-1) / (n + a B(n-1))`, whose terms are all positive. ValueError for negative servers or load.
    """
    _check(servers, load)
    share = 1.0
    for n in range(1, servers + 1):
        share = load * share / (n + load * share)
    return share


def free_weight(agents: int, load: float) -> float:
    """How much likelier it is that an agent is free than that exactly all are busy and nobody waits.

    The birth-death chain summed downward from state `n` with `p(n) = 1` and `p(j-1) = p(j) j / a`, positive terms only; `1 / B(n) - 1`.
    ValueError for negative agents or load.
    """
    _check(agents, load)
    if load == 0:
        return inf if agents else 0.0
    weight, term = 0.0, 1.0
    for busy in range(agents, 0, -1):
        term *= busy / load
        weight += term
        if term < NEGLIGIBLE * weight:
            break
    return weight


@dataclass(frozen=True, slots=True)
class ErlangC:
    """M/M/n. With `load` at `agents` or above the queue grows without end: `waiting` is 1, and every figure about waits None."""

    agents: int
    load: float
    aht_seconds: float
    waiting: float

    @classmethod
    def of(cls, agents: int, load: float, aht_seconds: float) -> ErlangC:
        """From agents, load and handling time; ValueError for what is negative."""
        weight = free_weight(agents, load)
        return cls(agents, load, aht_seconds, 1 / (1 + (agents - load) / agents * weight) if load < agents else 1.0)

    @property
    def stable(self) -> bool:
        """True when the agents can do the work that comes."""
        return self.load < self.agents

    @property
    def occupancy(self) -> float:
        """The share of agents who are busy, 0-1."""
        return self.load / self.agents if self.stable else 1.0

    @property
    def asa_seconds(self) -> float | None:
        """Average speed of answer over all callers, who are all answered."""
        return self.waiting * self.aht_seconds / (self.agents - self.load) if self.stable else None

    @property
    def queue_length(self) -> float | None:
        """Callers waiting, on average over time."""
        return self.waiting * self.load / (self.agents - self.load) if self.stable else None

    def wait_over(self, seconds: float) -> float | None:
        """The share of callers who wait longer than `seconds`."""
        return self.waiting * exp((self.load - self.agents) * seconds / self.aht_seconds) if self.stable else None

    def service_level(self, seconds: float) -> float | None:
        """The share answered within `seconds`."""
        late = self.wait_over(seconds)
        return None if late is None else 1 - late

    def wait_quantile(self, share: float) -> float | None:
        """The wait in seconds that `share` (0-1, below 1) of the callers do not exceed; 0 when as many do not wait at all."""
        if not self.stable:
            return None
        if self.waiting <= 1 - share:
            return 0.0
        return log(self.waiting / (1 - share)) * self.aht_seconds / (self.agents - self.load)


def _check(servers: int, load: float) -> None:
    if servers < 0 or not 0 <= load < inf:
        raise ValueError(f"Erlang's formulas take agents and a finite load from 0 on, not {servers} agents, {load} Erlangs")
