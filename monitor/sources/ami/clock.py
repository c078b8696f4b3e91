"""A PBX's clock against ours, from its answers to Ping, and the time of each of its events.

Owns the offset (PBX minus daemon, microseconds) and the order of one PBX's events in time. Refuses reading any clock: times come in
as numbers. Next: `client` stamps events with it, `translate` uses the offset for times that PBXs write into their lists.
"""

from __future__ import annotations

from collections import deque

REMEMBERED = 12  # one minute of Pings: old enough to find a quick one, young enough to follow a drifting clock


class PbxClock:
    """The best recent measure wins: an answer that took long says little about when it was written."""

    def __init__(self) -> None:
        self.offset_us: int | None = None
        self.last_at = 0
        self.epoch = 0  # how often daemon time itself was moved
        self._measures: deque[tuple[int, int]] = deque(maxlen=REMEMBERED)  # (may be wrong by, offset)

    def shift(self, moved_us: int) -> None:
        """Daemon time was re-anchored: from now on it says `moved_us` more for the same instant."""
        self.epoch += 1
        self.last_at += moved_us if self.last_at else 0
        self._measures = deque(((error, offset - moved_us) for error, offset in self._measures), maxlen=REMEMBERED)
        if self.offset_us is not None:
            self.offset_us -= moved_us

    def measured(self, sent_at: int, arrived_at: int, pbx_at: int, epoch: int) -> None:
        """A Ping left at `sent_at`, its answer came at `arrived_at` and says `pbx_at`, which was somewhere in between."""
        if epoch != self.epoch:
            return  # a step lies between the two times
        error = max(0, arrived_at - sent_at) // 2
        offset = pbx_at - (sent_at + arrived_at) // 2
        if any(abs(offset - known) > error + wrong for wrong, known in self._measures):
            self._measures.clear()  # one of the two clocks was set
        self._measures.append((error, offset))
        self.offset_us = min(self._measures)[1]

    def event_at(self, sent_at: int | None, arrived_at: int) -> int:
        """When an event happened: as the PBX says, but not after it arrived and not before what happened before it."""
        at = arrived_at if sent_at is None else min(sent_at, arrived_at)
        self.last_at = max(self.last_at, at)
        return self.last_at
