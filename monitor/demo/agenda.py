"""What people have in mind to do, in order of time: the one heap of the simulation.

Owns the order: earlier first, and of two deeds for one instant the one that was planned first, so a seed gives one course of events
however often one looks. Refuses clocks: `day` says how far time has come.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count

Deed = Callable[[int], None]


class Agenda:
    """Deeds and when they are due; a deed gets its instant."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Deed]] = []
        self._number = count()

    def plan(self, at: int, deed: Deed) -> None:
        """Do this at that instant."""
        heappush(self._heap, (at, next(self._number), deed))

    def next_due(self) -> int | None:
        """When the next deed is due."""
        return self._heap[0][0] if self._heap else None

    def run_next(self) -> None:
        """Do it."""
        at, _, deed = heappop(self._heap)
        deed(at)
