"""A past that nobody saw live and a log has told: what it adds to a floor, and which of its calls are still going on.

Owns the shape of such a past and taking it over: counters and ledger cells are added in the minutes they belong to, callers who still
wait or talk are handed on so that the live floor ends them. What may be held against observed time is added once all PBXs of its project
have told theirs. Refuses making it (`heal`) and the plan of that time (the engine's). Next: `floor`, before the first snapshot of a PBX.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from monitor.core.agents import Wrapup
from monitor.core.calls import Stage, Visit
from monitor.core.contacts import Contact
from monitor.core.contract import Contract
from monitor.core.counters import Counters
from monitor.core.ledger import OBSERVED, Book, Ledger
from monitor.core.queueing import Queueing
from monitor.core.snapshot import Cell

Cells = Mapping[int, Sequence[int]]  # sums by the start of their minute or quarter

COUNTED = tuple(cell for cell in Cell if cell not in (Cell.CONTACTS_SEEN, Cell.CARRIED_SEEN_US, Cell.OBSERVED_US))
SEEN = (Cell.CONTACTS_SEEN, Cell.CARRIED_SEEN_US)
STATES = tuple(range(OBSERVED))


@dataclass(frozen=True, slots=True)
class Past:
    """What happened on one PBX in `[since, until)`. `calls` is the number of visits told.

    `contacts` have a caller who lives, or work that goes on; `visits` are those not ended, `wrapups` those under way, by interface.
    """

    pbx: str
    since: int
    until: int
    calls: int
    counters: Counters
    projects: Mapping[str, Cells]
    groups: Mapping[str, Cells]
    people: Mapping[str, Cells]
    contacts: tuple[Contact, ...] = ()
    visits: tuple[Visit, ...] = ()
    wrapups: Mapping[str, Wrapup] = field(default_factory=dict)


class TakingOver:
    """Adds pasts to the books of a floor, that of each PBX once."""

    def __init__(self, contract: Contract, ledger: Ledger, counters: Counters, queueing: Queueing) -> None:
        self._contract = contract
        self._ledger = ledger
        self._counters = counters
        self._queueing = queueing
        self._told: dict[str, Past] = {}

    def whole(self, project: str) -> bool:
        """True once every PBX of the project has told its past."""
        return self._contract.pbxs_of[project] <= self._told.keys()

    def take(self, past: Past) -> None:
        """Everything the past knows."""
        contract = self._contract
        self._told[past.pbx] = past
        self._counters.add(past.counters)
        self._counters.healed[past.pbx] += past.calls
        for project, cells in past.projects.items():
            book = self._ledger.projects[project]
            _add(book, cells, COUNTED)
            if self.whole(project):
                pasts = [self._told[pbx].projects[project] for pbx in sorted(contract.pbxs_of[project])]
                _add(book, pasts[0], (Cell.OBSERVED_US,))  # the same time for all of them
                for one in pasts:
                    _add(book, one, SEEN)
        for group, cells in past.groups.items():
            book = self._ledger.groups[group]
            _add(book, cells, STATES)
            projects = contract.projects_of[group]
            if all(self.whole(project.name) for project in projects):
                pbxs = sorted({pbx for project in projects for pbx in contract.pbxs_of[project.name]})
                _add(book, self._told[pbxs[0]].groups[group], (OBSERVED,))
                for pbx in pbxs:
                    _add(book, self._told[pbx].groups[group], tuple(OBSERVED + 1 + state for state in STATES))
        for person, cells in past.people.items():
            minutes = self._ledger.people.setdefault(person, {})
            for minute, row in cells.items():
                minutes[minute] = [a + b for a, b in zip(minutes.get(minute, [0] * len(row)), row, strict=True)]
        self._hand_on(past)

    def _hand_on(self, past: Past) -> None:
        """Calls that go on: nobody works on them yet, as far as the live floor knows."""
        projects = self._contract.project
        for contact in past.contacts:
            contact.project, contact.working = projects[contact.project.name], 0
            self._queueing.contacts.adopt(contact, past.pbx)
        for visit in past.visits:
            visit.project = visit.contact.project
            if visit.stage is Stage.TALKING:
                self._queueing.talking[past.pbx, visit.call, visit.queue.name] = visit
            else:
                self._queueing.adopt(visit)
        for interface, wrapup in past.wrapups.items():
            wrapup.project = projects[wrapup.project.name]
            self._queueing.wrapping[past.pbx, interface] = wrapup


def _add(book: Book, cells: Cells, indices: Sequence[int]) -> None:
    for minute, row in cells.items():
        for index in indices:
            if row[index]:
                book.add(minute, index, row[index])
