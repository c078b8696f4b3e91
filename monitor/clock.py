"""Daemon time: integer microseconds that never jump.

Owns the anchor between the monotonic clock and civil time. A civil step of more than two seconds (a PBX that boots with a wrong clock,
an operator with `date -s`) is noticed by `step()`, which re-anchors and says by how much, so that instants can be moved and durations
stay what they were. Refuses slewing: NTP does that to the monotonic clock itself.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic_ns, time_ns

STEP_US = 2_000_000
OFFSET_US = 2_000_000  # a PBX's clock further off ours than this deserves a word; the daemon corrects for it


class Clock:
    """Civil time as of the anchor, plus the monotonic time since."""

    def __init__(self, wall_ns: Callable[[], int] = time_ns, steady_ns: Callable[[], int] = monotonic_ns, anchor_ns: int | None = None) -> None:
        """`anchor_ns` is that of another clock in the same life of the machine, which this one goes on."""
        self._wall_ns = wall_ns
        self._steady_ns = steady_ns
        self._shift_ns = wall_ns() - steady_ns() if anchor_ns is None else anchor_ns

    @property
    def anchor_ns(self) -> int:
        """Civil time minus the monotonic clock's, as of the last time they were compared."""
        return self._shift_ns

    def now(self) -> int:
        """Daemon time in microseconds since the epoch."""
        return (self._steady_ns() + self._shift_ns) // 1000

    def step(self) -> int:
        """The civil step since the last call in microseconds, re-anchored; 0 when civil time agrees within two seconds."""
        shift_ns = self._wall_ns() - self._steady_ns()
        moved = (shift_ns - self._shift_ns) // 1000
        if abs(moved) <= STEP_US:
            return 0
        self._shift_ns = shift_ns
        return moved
