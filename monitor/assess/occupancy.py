"""Occupancy: how much of the time agents could have worked they did.

Owns the definition (domain: handle over handle plus available, pauses and other work out) and its one true disagreement, ringing.
Refuses splitting idle time between projects: idle belongs to the group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.core.contract import RingCountsAs
from monitor.core.snapshot import State

_INDEX = {state: index for index, state in enumerate(State)}
HANDLE = tuple(_INDEX[s] for s in (State.TALK, State.HOLD, State.DIALING, State.WRAPUP, State.OFFLINE))


@dataclass(frozen=True, slots=True)
class Time:
    """Agent time of a group: handling, ringing, available, in microseconds."""

    handle: int
    ring: int
    available: int

    @classmethod
    def of(cls, sums: Sequence[int]) -> Time:
        """From a group's ledger sums, one per `State` in its order."""
        return cls(sum(sums[i] for i in HANDLE), sums[_INDEX[State.RING]], sums[_INDEX[State.AVAILABLE]])

    def __add__(self, other: Time) -> Time:
        """Both spans together."""
        return Time(self.handle + other.handle, self.ring + other.ring, self.available + other.available)

    def staffed(self, ring: RingCountsAs) -> int:
        """Time agents were there for calls."""
        return self.handle + self.available + (0 if ring is RingCountsAs.IGNORE else self.ring)

    def occupancy(self, ring: RingCountsAs) -> float | None:
        """The ratio 0-1; None when nobody was there."""
        staffed = self.staffed(ring)
        busy = self.handle + (self.ring if ring is RingCountsAs.HANDLE else 0)
        return busy / staffed if staffed else None

    def earning(self) -> float | None:
        """Handling over everything agents were there for: ringing earns nothing."""
        return self.occupancy(RingCountsAs.AVAILABLE)
