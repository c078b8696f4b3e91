"""What the plan would bring: the same bill, of the calls, handle time and agents that are planned.

Owns how a planned call is charged: as long as its day's plan says, its wrap-up the project's where that is not paid. Its minutes are not rounded call by
call, for nobody knows how the lengths spread; tiers, volumes, hours and months are charged as ever. The plan meets itself, so there is no guarantee and
no bonus in it. Refuses the plan's rows: it is told the sums of days. Next: `projection` holds what came against it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import reduce
from operator import add

from monitor.assess.billing import Bill, terms
from monitor.assess.charges import Line, Sums, charges, plan_price, planned_work
from monitor.core.contract import Project
from monitor.core.tariff import MICRO, Tariff


@dataclass(frozen=True, slots=True)
class PlannedDay:
    """A day of the plan, or the part of it that is over: calls in millionths. `agent_us` is of this client only; None: the plan names no agents."""

    day: date
    share: Fraction = Fraction(1)
    calls_u: int = 0
    handle_us: int = 0
    agent_us: int | None = None


def planned(project: Project, first: date, following: date, days: Sequence[PlannedDay]) -> tuple[Bill, ...] | None:
    """What the plan brings in the billing period `[first, following)`. None: a tariff needs agents that the plan does not name."""
    found: dict[str, tuple[Line, ...]] = {}
    for tariff, share in terms(project, first, following):
        mine = [day for day in days if first <= day.day < following and project.tariff_on(day.day) is tariff]
        if tariff.per_agent_hour is not None and any(day.agent_us is None for day in mine):
            return None
        sums = reduce(add, (_sums(project, tariff, day) for day in mine), Sums())
        found[tariff.currency] = (*found.get(tariff.currency, ()), *charges(tariff, sums, share))
    return tuple(Bill.of(currency, lines) for currency, lines in found.items())


def _sums(project: Project, tariff: Tariff, day: PlannedDay) -> Sums:
    """What a planned day is charged for."""
    came = Fraction(day.calls_u, MICRO)
    aht_us = day.handle_us * MICRO // day.calls_u if day.calls_u else project.aht_us
    work = planned_work(aht_us, project.wrapup_us)
    calls = came if tariff.per_call is None or tariff.per_call.counts(work, handled=True) else Fraction(0)
    seconds = Fraction(0) if tariff.per_minute is None else came * tariff.per_minute.seconds(work)
    each = plan_price(_untiered(tariff), aht_us, project.wrapup_us)
    return Sums(calls, seconds, came * each, agent_us=day.agent_us or 0, days=day.share)


def _untiered(tariff: Tariff) -> Tariff:
    """The prices that a call has by itself."""
    minute, call = tariff.per_minute, tariff.per_call
    return replace(tariff, per_minute=None if minute is not None and minute.tiers else minute, per_call=None if call is not None and call.tiers else call)
