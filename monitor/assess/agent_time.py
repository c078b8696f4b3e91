"""The time of a group's people that one client pays for by the hour.

Owns which states each base has in it, and what of a shared pool's time is one project's: an agreed share, or by the day's handling. Refuses prices.
Next: `billing` has it as a day's `agent_us`.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from monitor.core.snapshot import State
from monitor.core.tariff import HoursBase, PerAgentHour

HANDLE: Final = (State.TALK, State.HOLD, State.WRAPUP, State.DIALING, State.OFFLINE)
STAFFED: Final = (*HANDLE, State.RING, State.AVAILABLE)


def agent_us(agreed: PerAgentHour, spent: Mapping[State, int], handled_us: int, of_us: int, planned_us: int) -> int:
    """A day's. `spent` is the group's time by state, `handled_us` this project's handling of the `of_us` of its group's projects, `planned_us` its plan's."""
    if agreed.base is HoursBase.SCHEDULED:
        return planned_us
    time_us = sum(spent.values() if agreed.base is HoursBase.LOGGED_IN else (spent.get(state, 0) for state in STAFFED))
    if agreed.share is None:
        return time_us * handled_us // of_us if of_us else 0
    return int((agreed.share * time_us).to_integral_value(ROUND_HALF_UP)) if agreed.share != Decimal(1) else time_us
