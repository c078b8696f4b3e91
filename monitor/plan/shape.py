"""How a day's volume falls on its intervals: shares by weekday and slot, pooled over like weekdays and smoothed.

    alike     weekdays with the same open slots whose shapes differ by no more than chance: Pearson's χ² of counts against a common shape, slots
              joined until five contacts are due in each. They begin as one group; while p < 0.01 the weekday farthest from the rest leaves, and
              those that left are tried as a group of their own. Levels do not matter here, each weekday has its own.
    smoothed  neighbours exchange a quarter of their difference, p[i] += (p[i+1] − p[i])/4 and the reverse, m times over. What one gives the other
              gets, so the sum stays to the last digit, and nothing crosses an hour in which the project is closed. Twice the noise is
              m = 4; how often (0 … 64) is what gives the least expected error by Mallows' Cp for Poisson counts: busy
              projects keep their peaks, small ones are drawn wide.

Owns both. Refuses levels. Next: `fit`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from math import erfc, sqrt
from typing import Final

SIGNIFICANT: Final = 0.01
LEAST_DUE: Final = 5.0
PASSES: Final = (0, 1, 2, 4, 8, 16, 32, 64)


@dataclass(slots=True)
class Shape:
    """A weekday's, or several: by slot, what came and the volume of the days (whole ones) in which it could be seen."""

    came: dict[int, float] = field(default_factory=dict)
    volume: dict[int, float] = field(default_factory=dict)

    def add(self, slot: int, came: float, volume: float) -> None:
        """One interval of a day of that volume."""
        self.came[slot] = self.came.get(slot, 0.0) + came
        self.volume[slot] = self.volume.get(slot, 0.0) + volume

    @property
    def slots(self) -> tuple[int, ...]:
        """In order."""
        return tuple(sorted(self.volume))


def joined(shapes: Collection[Shape]) -> Shape:
    """Several as one."""
    whole = Shape()
    for shape in shapes:
        for slot in shape.volume:
            whole.add(slot, shape.came[slot], shape.volume[slot])
    return whole


def alike(shapes: Mapping[int, Shape]) -> tuple[tuple[int, ...], ...]:
    """The weekdays in groups of one shape, each weekday in one."""
    groups: list[tuple[int, ...]] = []
    hours: dict[tuple[int, ...], list[int]] = {}
    for weekday, shape in sorted(shapes.items()):
        hours.setdefault(shape.slots, []).append(weekday)
    for weekdays in hours.values():
        rest = weekdays
        while rest:
            own, left = list(rest), []
            while len(own) > 1 and difference([shapes[weekday] for weekday in own])[0] < SIGNIFICANT:
                odd = max(own, key=lambda weekday: _against(shapes, own, weekday))
                own.remove(odd)
                left.append(odd)
            groups.append(tuple(own))
            rest = sorted(left)
    return tuple(sorted(groups))


def _against(shapes: Mapping[int, Shape], own: Sequence[int], odd: int) -> float:
    """How far one weekday is from the others, in standard errors of χ²."""
    _, statistic, free = difference([shapes[odd], joined([shapes[weekday] for weekday in own if weekday != odd])])
    return (statistic - free) / sqrt(2 * free) if free else 0.0


def difference(shapes: Sequence[Shape]) -> tuple[float, float, int]:
    """The chance that shapes of one kind differ so much, their χ² and its degrees of freedom."""
    whole = joined(shapes)
    rate = {slot: whole.came[slot] / whole.volume[slot] for slot in whole.slots if whole.volume[slot]}
    due = []
    for shape in shapes:
        raw = {slot: rate.get(slot, 0.0) * shape.volume.get(slot, 0.0) for slot in whole.slots}
        scale = sum(shape.came.values()) / total if (total := sum(raw.values())) else 0.0
        due.append({slot: one * scale for slot, one in raw.items()})
    bins: list[list[int]] = [[]]
    for slot in whole.slots:
        bins[-1].append(slot)
        if all(sum(one[each] for each in bins[-1]) >= LEAST_DUE for one in due):
            bins.append([])
    last = bins.pop()
    if bins:
        bins[-1] += last
    statistic = 0.0
    for shape, one in zip(shapes, due, strict=True):
        for slots in bins:
            mean = sum(one[slot] for slot in slots)
            statistic += (sum(shape.came.get(slot, 0.0) for slot in slots) - mean) ** 2 / mean if mean else 0.0
    free = (len(bins) - 1) * (len(shapes) - 1)
    return (_beyond(statistic, free) if free > 0 else 1.0), statistic, max(free, 0)


def _beyond(statistic: float, free: int) -> float:
    """P(χ² > statistic), by Wilson and Hilferty's cube root: good to a few per cent, which is all a choice needs."""
    spread = 2 / (9 * free)
    return 0.5 * erfc((((statistic / free) ** (1 / 3) - (1 - spread)) / sqrt(spread)) / sqrt(2))


def shares(shape: Shape) -> dict[int, float]:
    """The share of a day in each slot, smoothed; their sum is 1 unless nothing came."""
    raw = {slot: shape.came[slot] / shape.volume[slot] if shape.volume[slot] else 0.0 for slot in shape.slots}
    chance = {slot: raw[slot] / shape.volume[slot] if shape.volume[slot] else 0.0 for slot in raw}  # the variance of a Poisson share
    runs = _runs(shape.slots)
    wide = _spread(raw, runs, 4)
    weigh = {slot: shape.volume[slot] / wide[slot] for slot in raw if wide[slot] > 0 and shape.volume[slot]}
    best, least = raw, float("inf")
    for passes in PASSES:
        tried = _spread(raw, runs, passes)
        own = {slot: share for run in runs for slot, share in zip(run, _own(len(run), passes), strict=True)}
        risk = sum(worth * ((tried[slot] - raw[slot]) ** 2 + 2 * own[slot] * chance[slot]) for slot, worth in weigh.items())
        if risk < least:
            best, least = tried, risk
    total = sum(best.values())
    return {slot: share / total for slot, share in best.items()} if total else best


def _runs(slots: Sequence[int]) -> list[list[int]]:
    """Slots that follow each other without a closed one between."""
    runs: list[list[int]] = []
    for slot in slots:
        if runs and runs[-1][-1] == slot - 1:
            runs[-1].append(slot)
        else:
            runs.append([slot])
    return runs


def _spread(shares_of: Mapping[int, float], runs: Sequence[Sequence[int]], passes: int) -> dict[int, float]:
    spread: dict[int, float] = {}
    for run in runs:
        spread |= zip(run, _exchange([shares_of[slot] for slot in run], passes), strict=True)
    return spread


def _exchange(values: list[float], passes: int) -> list[float]:
    for _ in range(passes):
        flows = [(after - before) / 4 for before, after in pairwise(values)]
        values = [value + right - left for value, left, right in zip(values, [0.0, *flows], [*flows, 0.0], strict=True)]
    return values


@lru_cache(maxsize=1024)
def _own(length: int, passes: int) -> tuple[float, ...]:
    """How much of each value is its own after so many exchanges."""
    units = ([float(one == place) for one in range(length)] for place in range(length))
    return tuple(_exchange(unit, passes)[place] for place, unit in enumerate(units))
