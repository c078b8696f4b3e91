"""What a gap that was given up turns out to have been: what to add to the books of a floor, and adding it.

Owns the two events around it and the shape of what lies between them. A counter gains what is more; what is less, it says under
`corrected`; the ledger is put right both ways. Refuses finding it out (`belated` compares) and observed time (`hindsight`).
Next: `floor`, whenever the rows of a gap are found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.core.chronicle import Chronicle, Detail
from monitor.core.counters import Counters
from monitor.core.events import Event, SnapshotTaken
from monitor.core.hindsight import Hindsight
from monitor.core.ledger import Ledger
from monitor.core.lost import LostCallers, Turn
from monitor.core.sides import Gap, Side

Cells = dict[int, list[int]]  # sums by the start of their minute or quarter


@dataclass(frozen=True, slots=True)
class Difference:
    """What has to be added to the books of a floor on which a gap of `pbx`, unseen since then, was given up; less than nothing where it was
    counted as unresolved or unobserved. `counters` hold what is more, and under `corrected` what is less."""

    pbx: str
    unseen_from: int
    counters: Counters
    projects: Mapping[str, Cells]
    groups: Mapping[str, Cells]
    details: tuple[Detail, ...]
    lost: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class GapUntold(Event):
    """queue_log cannot tell the time in which the PBX could not be seen; `snapshot`, which ended that time, follows at once.

    `offset_us` is the PBX's clock minus ours: with it the rows can be told if they are found later. It changes nothing on the floor.
    """

    snapshot: SnapshotTaken
    offset_us: int


@dataclass(frozen=True, slots=True)
class GapFound(Event):
    """The rows of a gap that was given up are found: `difference` is what they change, or with `more` a first part of it."""

    difference: Difference
    more: bool = False


class Correction:
    """Puts the books of a floor right."""

    def __init__(self, ledger: Ledger, counters: Counters, chronicle: Chronicle, hindsight: Hindsight, lost: LostCallers) -> None:
        self._ledger = ledger
        self._counters = counters
        self._chronicle = chronicle
        self._hindsight = hindsight
        self._lost = lost

    def found(self, side: Side, event: GapFound) -> None:
        """A gap that was given up has its rows after all; once, and of a gap that nobody has, it changes nothing."""
        difference = event.difference
        span = next((span for span in side.unseen if span[0] == difference.unseen_from), None)
        if span is None:
            return
        self._counters.add(difference.counters)
        for books, shelf in ((self._ledger.projects, difference.projects), (self._ledger.groups, difference.groups)):
            for name, cells in shelf.items():
                book = books.get(name)
                if book is None:  # it was agreed when the gap was, and is no more
                    continue
                for minute, row in cells.items():
                    book.add_all(minute, [(index, amount) for index, amount in enumerate(row) if amount])
        self._chronicle.found(difference.details)
        for _ in self._lost.replay(difference.lost):
            pass
        if not event.more:
            side.unseen.remove(span)
            self._hindsight.look_back(side.name, span[1], Gap(side.name, span[1], []))
