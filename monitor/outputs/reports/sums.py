"""What a span of a project amounts to: sums of its intervals, and the ratios that follow from them.

Owns adding up, and each ratio as one of sums: of an interval, of a day, of all that is asked for. The definitions are the live ones: workload and
deviations over time that was seen only, against the plan of just that time; AHT of contacts that were finished in the span. With `contact_ends` the
whole work on a contact is put where it ended, as spreadsheets of clients have it. Refuses reading and words. Next: `day`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from operator import itemgetter
from typing import Final

from monitor.assess.occupancy import Time
from monitor.assess.service_level import Answers
from monitor.core.contract import MINUTE, SECOND, RingCountsAs
from monitor.core.formula import Formula
from monitor.core.snapshot import Cell
from monitor.core.tariff import MICRO
from monitor.outputs.reports.report import change, ratio

CELLS: Final = (
    *(Cell.CONTACTS, Cell.ANSWERED, Cell.IN_THRESHOLD, Cell.ABANDONED, Cell.ABANDONED_IN_THRESHOLD, Cell.SHORT, Cell.FLOWED_OUT, Cell.UNRESOLVED),
    *(Cell.HANDLED, Cell.HANDLED_US, Cell.TALK_US, Cell.HOLD_US, Cell.WRAPUP_US, Cell.PLAN_CALLS, Cell.PLAN_HANDLE),
    *(Cell.PLAN_OBSERVED_CALLS, Cell.PLAN_OBSERVED_HANDLE, Cell.OBSERVED_US, Cell.CONTACTS_SEEN, Cell.CARRIED_SEEN_US),
)
COLUMNS: Final = tuple(cell.name.lower() for cell in CELLS)
NOBODY: Final = Time(0, 0, 0)
_INDEX: Final = {cell: index for index, cell in enumerate(CELLS)}
_LIFE: Final = itemgetter(*(_INDEX[cell] for cell in (Cell.CONTACTS, Cell.HANDLED, Cell.TALK_US, Cell.WRAPUP_US, Cell.PLAN_CALLS, Cell.PLAN_HANDLE)))


@dataclass(slots=True)
class Sums:
    """Sums in the order of `CELLS`, the minutes that are written of the span, what was offered, the time of the group in it, and what calls brought."""

    cells: list[int] = field(default_factory=lambda: [0] * len(CELLS))
    minutes: int = 0
    offered_us: int = 0
    group: Time = NOBODY
    revenue_u: int = 0

    def __getitem__(self, cell: Cell) -> int:
        return self.cells[_INDEX[cell]]

    def clear(self, cell: Cell) -> None:
        """This is not known of all of it."""
        self.cells[_INDEX[cell]] = 0

    def add(self, other: Sums) -> None:
        """This and the other together."""
        self.cells = [a + b for a, b in zip(self.cells, other.cells, strict=True)]
        self.minutes += other.minutes
        self.offered_us += other.offered_us
        self.revenue_u += other.revenue_u
        mine, theirs = self.group, other.group
        self.group = Time(mine.handle + theirs.handle, mine.ring + theirs.ring, mine.available + theirs.available)

    @property
    def alive(self) -> bool:
        """Whether anything came, was done or was planned."""
        return bool(self.revenue_u) or any(_LIFE(self.cells))

    def handle_us(self, *, contact_ends: bool) -> int:
        """Work on contacts: what was done in the span, or all that went into those that ended in it."""
        return self[Cell.HANDLED_US] if contact_ends else self[Cell.TALK_US] + self[Cell.HOLD_US] + self[Cell.WRAPUP_US]

    def service_level(self, formula: Formula) -> Decimal | None:
        """By the project's formula."""
        short = self[Cell.SHORT]
        late = self[Cell.ABANDONED_IN_THRESHOLD] + short
        answers = Answers(self[Cell.ANSWERED], self[Cell.IN_THRESHOLD], self[Cell.ABANDONED] + short, late, short)
        return next(ratio(above, below) for name, above, below in answers.parts() if name is formula)

    @property
    def aht_s(self) -> Decimal | None:
        """Of the contacts that were finished in the span."""
        return ratio(self[Cell.HANDLED_US], self[Cell.HANDLED] * SECOND)

    @property
    def offered(self) -> Decimal | None:
        """Erlangs that came."""
        return ratio(self.offered_us, self[Cell.OBSERVED_US])

    def carried(self, *, contact_ends: bool) -> Decimal | None:
        """Erlangs that were done."""
        return ratio(self[Cell.HANDLED_US] if contact_ends else self[Cell.CARRIED_SEEN_US], self[Cell.OBSERVED_US])

    @property
    def planned(self) -> Decimal | None:
        """Erlangs that were to come, where anything was planned."""
        return ratio(self[Cell.PLAN_OBSERVED_HANDLE], self[Cell.OBSERVED_US]) if self[Cell.PLAN_OBSERVED_CALLS] else None

    @property
    def planned_contacts(self) -> Decimal | None:
        """Of the whole span, seen or not."""
        return Decimal(self[Cell.PLAN_CALLS]) / MICRO if self[Cell.PLAN_CALLS] else None

    @property
    def volume_deviation(self) -> Decimal | None:
        """Contacts against those planned."""
        return change(self[Cell.CONTACTS_SEEN] * MICRO, self[Cell.PLAN_OBSERVED_CALLS])

    @property
    def workload_deviation(self) -> Decimal | None:
        """Offered against planned."""
        return change(self.offered_us, self[Cell.PLAN_OBSERVED_HANDLE])

    @property
    def observed(self) -> Decimal | None:
        """The share of the written time that was seen."""
        share = ratio(self[Cell.OBSERVED_US], self.minutes * MINUTE)
        return None if share is None else min(share, Decimal(1))

    def occupancy(self, ring: RingCountsAs) -> Decimal | None:
        """Of the group, in just this time."""
        busy = self.group.handle + (self.group.ring if ring is RingCountsAs.HANDLE else 0)
        return ratio(busy, self.group.staffed(ring))
