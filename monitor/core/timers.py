"""What is due when: timers in order of time, then of setting.

Owns the order only. Refuses to run by itself: `floor.advance` takes what is due before it lets time pass. A timer is never cancelled;
whoever is woken looks whether it still matters.
"""

from __future__ import annotations

from enum import Enum, auto
from heapq import heappop, heappush


class Due(Enum):
    """What a timer is for."""

    DECIDE = auto()  # a visit has been silent for a second
    LEG_GONE = auto()  # an agent's leg left its bridge and entered no other
    WRAPUP_OVER = auto()
    UNEXPLAINED = auto()  # a device is in use by a call nobody reported
    UNREACHABLE = auto()  # a device has been unreachable for the grace time
    COMMIT_GAP = auto()
    CONTACT = auto()  # somebody who took a call may have been there long enough
    RECHECK = auto()  # what a snapshot lacked may have been explained by events since


class Timers:
    """A heap of (instant, what for, whom)."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Due, object]] = []
        self._order = 0

    def set(self, at: int, due: Due, subject: object) -> None:
        """Wake `subject` at `at`."""
        heappush(self._heap, (at, self._order, due, subject))
        self._order += 1

    def next_due(self, at: int) -> tuple[int, Due, object] | None:
        """Take the earliest timer that is due at `at`, or None."""
        if not self._heap or self._heap[0][0] > at:
            return None
        when, _, due, subject = heappop(self._heap)
        return when, due, subject

    def shift(self, step: int) -> None:
        """Move everything by the same step; the order stays."""
        self._heap = [(at + step, order, due, subject) for at, order, due, subject in self._heap]
