"""Visits that were given up for lost, as long as somebody may find them again.

Owns who they are: those of a PBX out of sight until it is seen, those a list lacked for some minutes. Refuses counting and taking back
(`register`, `queueing`). Next: `queueing` adopts whoever is found.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from monitor.core.calls import Visit
from monitor.core.contract import MINUTE

FORGET_US = 10 * MINUTE


class GivenUp:
    """By PBX, caller and queue."""

    def __init__(self) -> None:
        self._visits: dict[tuple[str, str, str], Visit] = {}

    def __iter__(self) -> Iterator[Visit]:
        return iter(self._visits.values())

    def add(self, visit: Visit) -> None:
        """The end of this visit will never be known, as far as anybody can tell now."""
        self._visits[visit.queue.pbx, visit.call, visit.queue.name] = visit

    def get(self, pbx: str, call: str, queue: str) -> Visit | None:
        """The caller's visit of this queue, if it was given up."""
        return self._visits.get((pbx, call, queue))

    def remove(self, visit: Visit) -> None:
        """It is still there."""
        del self._visits[visit.queue.pbx, visit.call, visit.queue.name]

    def of(self, pbx: str) -> list[tuple[str, str]]:
        """Callers and queues on this PBX."""
        return [(call, queue) for where, call, queue in self._visits if where == pbx]

    def forget(self, pbx: str) -> None:
        """The PBX was seen again: whoever was not found is lost for good."""
        self._visits = {key: visit for key, visit in self._visits.items() if key[0] != pbx}

    def age(self, at: int, pbxs: Collection[str]) -> None:
        """On these PBXs, which can be seen, nobody finds again whom a list lacked so long ago."""
        self._visits = {key: visit for key, visit in self._visits.items() if key[0] not in pbxs or (visit.left_at or 0) > at - FORGET_US}
