"""Silence that is no demand: spans in which no caller came to any queue of a PBX although far too many were due for that to be chance.

    p = (k/(k+G))^k < 1e-6          G contacts due by the rough level of all its projects together, k = 20: more than 20 of them

A PBX that was down, a trunk that was dead, a part of the log that is gone: nobody knows who would have called, so such a span is not seen, which is
something else than nought. Owns the test. Refuses finding silences (who reads the rows does) and the level. Next: `seen` leaves them out.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

K: Final = 20.0
CHANCE: Final = 1e-6
SHORTEST_US: Final = 10 * 60 * 1_000_000


@dataclass(frozen=True, slots=True)
class Silence:
    """From one caller to the next, and how many were due between."""

    start: int
    end: int
    due: float


class Due:
    """What is due on one PBX over any span."""

    def __init__(self, intervals: Iterable[tuple[int, float]], length_us: int) -> None:
        """Interval starts and what is due in each; several projects may have the same."""
        summed: dict[int, float] = {}
        for start, due in intervals:
            summed[start] = summed.get(start, 0.0) + due
        self._length_us = length_us
        self._starts = sorted(summed)
        self._due = [summed[start] for start in self._starts]
        self._before = [0.0, *accumulate(self._due)]

    def _until(self, at: int) -> float:
        index = bisect_right(self._starts, at) - 1
        if index < 0:
            return 0.0
        part = min(1.0, (at - self._starts[index]) / self._length_us)
        return self._before[index] + part * self._due[index]

    def between(self, start: int, end: int) -> float:
        """Contacts due in a span, intervals cut evenly."""
        return self._until(end) - self._until(start)


def silences(spans: Sequence[tuple[int, int]], due: Due) -> tuple[Silence, ...]:
    """Those of the spans without a caller that cannot be chance."""
    found = (Silence(start, end, due.between(start, end)) for start, end in spans)
    return tuple(one for one in found if (K / (K + max(0.0, one.due))) ** K < CHANCE)
