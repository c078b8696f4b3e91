"""A fitted past as rows of a plan for days to come.

Owns which intervals get a row (open ones whose like was seen; none on closed dates, none on holidays) and the rounding: to a hundredth of a
contact and a second.
Refuses text. Next: `planning.native` words the rows.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from monitor.core.contract import SECOND
from monitor.plan import days
from monitor.plan.fit import Fitted
from monitor.plan.plan import MICRO, PlanRow

_HUNDREDTH = MICRO // 100


@dataclass(frozen=True, slots=True)
class Forecast:
    """The rows, how many open intervals have none because nobody has ever seen their like, and the holidays that would have been open."""

    rows: tuple[PlanRow, ...]
    unknown: int
    holidays: frozenset[date] = frozenset()


def forecast(known: Fitted, first: date, number: int, length_us: int, holidays: Collection[date] = (), closed: Collection[tuple[int, int]] = ()) -> Forecast:
    """What to expect of so many local days from the first on, without what begins on holidays or in the spans of announced ones."""
    project = known.project
    rows: list[PlanRow] = []
    unknown, left = 0, set[date]()
    for start in days.intervals(project, days.midnight(project, first), days.midnight(project, first + timedelta(days=number)), length_us):
        where = days.place(project, start, length_us)
        if not days.open_us(project, start, length_us):
            continue
        if where.civil in holidays or any(since <= start < until for since, until in closed):
            left.add(where.civil)
            continue
        if not known.knows(where.day, where.slot):
            unknown += 1
            continue
        calls_u = round(known.expected(where.day, where.slot) * 100) * _HUNDREDTH
        aht_s = max(1, round(known.aht_of(where.day, where.slot) / SECOND))
        rows.append(PlanRow(project.name, start, start + length_us, calls_u, calls_u * aht_s, aht_s * SECOND))
    return Forecast(tuple(rows), unknown, frozenset(left))
