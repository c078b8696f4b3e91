"""Workload: contacts times handling time, in Erlangs; and what of it is believed of a few calls.

Owns offered, carried and planned workload and today's handling time shrunk to the plan's. Refuses windows and plans: it is given sums.
"""

from __future__ import annotations

from math import exp, log

KAPPA = 240  # handled contacts at which today's handling time counts as much as the plan's (domain: CV 1.55, day-to-day 10 %)


def shrunk_aht_us(plan_us: float, observed_us: float | None, handled: int, kappa: float = KAPPA) -> float:
    """Today's average handle time pulled to the plan's: `plan * (observed / plan) ** (m / (m + kappa))` over `m` handled contacts.

    >>> round(shrunk_aht_us(180e6, 210e6, 60) / 1e6, 4)
    185.6359
    """
    if not handled or not observed_us or plan_us <= 0:
        return plan_us
    weight = handled / (handled + kappa)
    return plan_us * exp(weight * log(observed_us / plan_us))


def erlangs(agent_us: float, span_us: int) -> float | None:
    """Agent time per time: 1 is one agent busy all the while. None for an empty span."""
    return agent_us / span_us if span_us > 0 else None
