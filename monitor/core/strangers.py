"""Callers in queues that nobody claims: counted, so that a forgotten queue is seen.

Owns who of them is inside. Refuses everything else about them. Next: `counters`; the logbook, since a log tells of them too.
"""

from __future__ import annotations

from monitor.core.contract import QueueId
from monitor.core.counters import Counters
from monitor.core.logbook import Logbook


class Strangers:
    """Who is in which such queue."""

    def __init__(self, counters: Counters, logbook: Logbook) -> None:
        self._counters = counters
        self._logbook = logbook
        self._inside: dict[tuple[str, str], QueueId] = {}

    def joined(self, call: str, queue: QueueId, at: int) -> None:
        """A caller enters one; told again he is counted once."""
        if self._inside.get((queue.pbx, call)) != queue:
            self._counters.unclaimed[queue] += 1
            self._logbook.stranger_joined(queue.pbx, call, queue.name, at)
        self._inside[queue.pbx, call] = queue

    def left(self, pbx: str, call: str) -> None:
        """He is out of it."""
        self._inside.pop((pbx, call), None)
