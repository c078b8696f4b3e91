"""How far a built plan is from the rates its past was made with, in standard errors.

Owns the statement of the errors that sampling alone leaves, for n days of a weekday (8, or 7 with a holiday or an outage among them):

    total    the week's contacts. One day's count varies by λ + λ²/k; the mean of n such days, of which recent ones weigh more, makes the week vary by
             V = Σ(λ+λ²/k)/0.93n / (Σλ)². The drift through eight weeks, read five weeks after their middle and drawn towards none by β, adds
             β²V(35/16.2)². z = error / √both.
    weekday  the same of each weekday alone.
    shape    each weekday's shares of the day. A share p of N calls has the variance p(1−p)/N; χ² is the mean of squared errors over it, 1 for shares
             that are neither pooled nor smoothed. Ours have to be better than that.
    aht      handle time of the week's work: CV/√m of m handled contacts, CV 0.9 with the wrap-up.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.core.contract import SECOND
from monitor.plan.plan import MICRO, PlanRow
from tests.plan.generated import KYIV, Line

WRAPUP_S = 15
SPREAD_DAYS, AHEAD_DAYS = 16.2, 35  # of eight weeks' days about their middle; from there to the middle of the plan's first week
MONTH_SD = math.log(1.07)
RECENT = 0.93  # (Σw)²/(nΣw²) of weights that halve in six weeks


@dataclass(frozen=True)
class Errors:
    """In standard errors; `shape` is a mean χ² of cells."""

    total: float
    weekday: float  # the largest
    shape: float
    shapes: dict[int, float]
    aht: float


def errors(line: Line, rows: Sequence[PlanRow]) -> Errors:
    """Of the first seven days of a plan."""
    volume: dict[tuple[int, int], float] = {}
    aht: dict[tuple[int, int], float] = {}
    own = [row for row in rows if row.project == line.project]
    for row in own:
        local = datetime.fromtimestamp(row.start // SECOND, KYIV)
        cell = line.day_of(local).weekday(), local.hour * 2 + local.minute // 30
        if cell not in volume:
            volume[cell] = row.calls_u / MICRO
            aht[cell] = (row.aht_us or 0) / SECOND
    true = {cell: line.rate(*cell) for cell in volume}
    levels: dict[int, float] = defaultdict(float)
    built: dict[int, float] = defaultdict(float)
    for (weekday, _), rate in true.items():
        levels[weekday] += rate
    for (weekday, _), calls in volume.items():
        built[weekday] += calls
    days = 8 * RECENT
    week = sum(levels.values())
    variance = sum(level + level**2 / line.k for level in levels.values()) / days / week**2
    slope = variance * (28 / SPREAD_DAYS) ** 2
    beta = MONTH_SD**2 / (MONTH_SD**2 + slope)
    drift = beta**2 * slope * (AHEAD_DAYS / 28) ** 2
    total = (sum(built.values()) / week - 1) / math.sqrt(variance + drift)
    single = {weekday: (built[weekday] / level - 1) / math.sqrt((1 / level + 1 / line.k) / days + drift) for weekday, level in levels.items()}
    shapes = {weekday: _shape(line, weekday, volume, levels[weekday], built[weekday], days) for weekday in levels}
    work = sum(volume[cell] * aht[cell] for cell in volume) / sum(volume.values())
    due = sum(true[cell] * (line.talk(cell[1]) + WRAPUP_S) for cell in true) / week
    return Errors(
        total,
        max(single.values(), key=abs),
        sum(shapes.values()) / len(shapes),
        shapes,
        (work / due - 1) / (0.9 / math.sqrt(week * days * line.answered)),
    )


def _shape(line: Line, weekday: int, volume: dict[tuple[int, int], float], level: float, built: float, days: float) -> float:
    cells = [cell for cell in volume if cell[0] == weekday]
    squares = 0.0
    for cell in cells:
        share = line.rate(*cell) / level
        squares += (volume[cell] / built - share) ** 2 / (share * (1 - share) / (level * days))
    return squares / len(cells)
