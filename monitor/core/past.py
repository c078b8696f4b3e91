"""A past that nobody saw live and a log has told: what it adds to a floor, and which of its calls are still going on.

Owns the shape of such a past and taking it over: counters and ledger cells are added in the minutes they belong to, callers who still
wait or talk are handed on so that the live floor ends them. What may be held against observed time is added once all PBXs of its project
have told theirs. Refuses making it (`heal`) and the plan of that time (the engine's). Next: `floor`, before the first snapshot of a PBX.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from monitor.core.agents import Wrapup
from monitor.core.book import LABOUR, OBSERVED, QUARTER, UNPRICED, Book, MinuteTold
from monitor.core.calls import Stage, Visit
from monitor.core.chronicle import Chronicle, Detail
from monitor.core.contacts import Contact
from monitor.core.contract import Contract, Project
from monitor.core.counters import Counters
from monitor.core.ledger import Ledger
from monitor.core.logbook import LATE_US
from monitor.core.lost import LostCallers, Turn
from monitor.core.queueing import Queueing
from monitor.core.snapshot import Cell

Cells = Mapping[int, Sequence[int]]  # sums by the start of their minute or quarter

COUNTED = tuple(cell for cell in Cell if cell not in (Cell.CONTACTS_SEEN, Cell.CARRIED_SEEN_US, Cell.OBSERVED_US))
SEEN = (Cell.CONTACTS_SEEN, Cell.CARRIED_SEEN_US)
STATES = (*range(OBSERVED), LABOUR, UNPRICED)
SEEN_STATES = tuple(range(OBSERVED + 1, LABOUR))


@dataclass(frozen=True, slots=True)
class Past:
    """What happened on one PBX in `[since, until)`. `calls` is the number of visits told, `remarks` are anomalies in words.

    `contacts` have a caller who lives, or work that goes on; `visits` are those not ended, `numbers` how many each caller who lives has begun,
    `wrapups` those under way, by interface. For whoever keeps what happened: `details`, and `early`, minute by minute what is folded in the
    cells, one record for each.
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
    numbers: Mapping[str, int] = field(default_factory=dict)
    wrapups: Mapping[str, Wrapup] = field(default_factory=dict)
    echoes: frozenset[tuple[str, str]] = frozenset()
    shadows: frozenset[tuple[str, str]] = frozenset()
    listed_at: int = 0
    remarks: tuple[tuple[str, str], ...] = ()
    folded: int = -1  # cells before this are quarters
    early: tuple[MinuteTold, ...] = ()
    details: tuple[Detail, ...] = ()
    lost: tuple[Turn, ...] = ()  # callers who were, and were not


class TakingOver:
    """Adds pasts to the books of a floor, that of each PBX once."""

    def __init__(self, contract: Contract, ledger: Ledger, counters: Counters, queueing: Queueing, chronicle: Chronicle, lost: LostCallers) -> None:
        self.contract = contract
        self._ledger = ledger
        self._counters = counters
        self._queueing = queueing
        self._chronicle = chronicle
        self._lost = lost
        self._told: dict[str, Past] = {}
        self._early: dict[str, dict[tuple[str, str], list[MinuteTold]]] = {}  # by PBX and book

    def told(self, pbx: str) -> bool:
        """Whether this PBX has told its past."""
        return pbx in self._told

    def observed(self, projects: Sequence[Project]) -> tuple[int, int] | None:
        """The time of which everything about these projects is told, once all their PBXs have told theirs; None before, or if there is none.

        Where there are several, it is what all of them tell, cut at quarters of an hour: older minutes are kept no finer.
        """
        tellers = [(pbx, project.name) for project in projects for pbx in self.contract.pbxs_of[project.name]]
        pbxs = {pbx for pbx, _ in tellers}
        if not pbxs or any(pbx not in self._told or project not in self._told[pbx].projects for pbx, project in tellers):
            return None
        start, end = max(self._told[pbx].since for pbx in pbxs), min(self._told[pbx].until for pbx in pbxs)
        if len(pbxs) > 1:
            start, end = -(-start // QUARTER) * QUARTER, end // QUARTER * QUARTER
        return (start, end) if start < end else None

    def take(self, past: Past) -> Iterator[None]:
        """Everything the past knows, in parts that take some milliseconds each: between two of them nothing else may happen."""
        contract, ledger = self.contract, self._ledger
        self._told[past.pbx] = replace(past, contacts=(), visits=(), wrapups={}, early=(), details=(), lost=())
        shelves = self._early[past.pbx] = {}
        for told in past.early if self._chronicle.kept else ():
            shelves.setdefault((told.of, told.name), []).append(told)
        self._counters.add(past.counters)
        self._counters.healed[past.pbx] += past.calls
        yield from self._lost.replay(past.lost)
        for project, cells in past.projects.items():
            if project not in contract.project:  # it was agreed when the log was read, and is no more
                continue
            book = ledger.projects[project]
            _add(book, cells, COUNTED, past.folded)
            _add_early(book, shelves.get(("project", project), ()), COUNTED)
            pbxs = contract.pbxs_of[project]
            if (span := self.observed((contract.project[project],))) is not None:
                ledger.spend(project, Cell.OBSERVED_US, *span)
                for pbx in sorted(pbxs):
                    self._add_seen(book, pbx, self._told[pbx].projects[project], SEEN, span if len(pbxs) > 1 else None)
            yield
        for group, cells in past.groups.items():
            if group not in contract.group:
                continue
            book = ledger.groups[group]
            _add(book, cells, STATES, past.folded)
            yield
            _add_early(book, shelves.get(("group", group), ()), STATES)
            projects = contract.projects_of[group]
            pbxs = frozenset(pbx for project in projects for pbx in contract.pbxs_of[project.name])
            if past.pbx in pbxs and (span := self.observed(projects)) is not None:
                yield
                ledger.spend_group(group, OBSERVED, *span)
                for pbx in sorted(pbxs):
                    yield
                    self._add_seen(book, pbx, self._told[pbx].groups.get(group, {}), SEEN_STATES, span if len(pbxs) > 1 else None)
            yield
        if self._chronicle.kept:
            self._chronicle.retold(past.pbx, past.details, past.since, past.until)
        for person, cells in past.people.items():
            minutes = ledger.people.setdefault(person, {})
            for minute, row in cells.items():
                minutes[minute] = [a + b for a, b in zip(minutes.get(minute, [0] * len(row)), row, strict=True)]
        self._hand_on(past)
        self._let_go()

    def _add_seen(self, book: Book, pbx: str, cells: Cells, indices: Sequence[int], span: tuple[int, int] | None) -> None:
        past = self._told[pbx]
        _add(book, cells, indices, past.folded, span)
        _add_early(book, self._early.get(pbx, {}).get((book.of, book.name), ()), indices, span)

    def _let_go(self) -> None:
        """Forget what a past brought once nobody waits for another PBX's: from then on only when it was is asked for."""
        pools = [{pbx for one in projects for pbx in self.contract.pbxs_of[one.name]} for projects in self.contract.projects_of.values()]
        for pbx, past in self._told.items():
            mates = {mate for pool in pools if pbx in pool for mate in pool}
            if mates <= self._told.keys():
                self._told[pbx] = replace(past, counters=Counters(), projects={project: {} for project in past.projects}, groups={}, people={})
                self._early.pop(pbx, None)

    def _hand_on(self, past: Past) -> None:
        """Calls that go on: nobody works on them yet, as far as the live floor knows."""
        projects = self.contract.project
        self._queueing.logbook.echo(past.pbx, past.echoes, past.until + LATE_US)
        self._queueing.logbook.shadow(past.pbx, past.shadows, past.listed_at)
        for contact in past.contacts:
            if contact.project.name in projects:
                contact.project, contact.working = projects[contact.project.name], 0
                self._queueing.contacts.adopt(contact, past.pbx)
        self._queueing.numbers.update({(past.pbx, call): number for call, number in past.numbers.items()})
        for visit in past.visits:
            visit.project = visit.contact.project
            if visit.project.name not in projects:
                continue
            if visit.stage is Stage.TALKING:
                self._queueing.talking[past.pbx, visit.call, visit.queue.name] = visit
            else:
                self._queueing.adopt(visit)
        for interface, wrapup in past.wrapups.items():
            if wrapup.project.name in projects:
                wrapup.project = projects[wrapup.project.name]
                self._queueing.wrapping[past.pbx, interface] = wrapup

    def begin(self, pbx: str, at: int) -> None:
        """The PBX has come to a floor that lives: here its day begins now, whatever its log knows."""
        self._told[pbx] = Past(pbx, at, at, 0, Counters(), {}, {}, {})

    def forget(self, pbx: str) -> None:
        """The PBX is no longer ours."""
        self._told.pop(pbx, None)
        self._early.pop(pbx, None)


def _add(book: Book, cells: Cells, indices: Sequence[int], folded: int, span: tuple[int, int] | None = None) -> None:
    """Add the cells, with `span`, whose borders lie on quarters of an hour, those that begin in it; the folded ones are kept elsewhere."""
    for minute, row in cells.items():
        inside = span is None or span[0] <= minute < span[1]
        if inside and (found := [(index, row[index]) for index in indices if row[index]]):
            book.add_all(minute, found, told=minute < folded)


def _add_early(book: Book, minutes: Sequence[MinuteTold], indices: Sequence[int], span: tuple[int, int] | None = None) -> None:
    """What is folded in the cells, for whoever keeps the minutes; with `span` those that begin in it."""
    for told in minutes:
        if span is None or span[0] <= told.minute < span[1]:
            found = [index for index in indices if told.sums[index]]
            if found:
                row = book.late_row(told.minute)
                for index in found:
                    row[index] += told.sums[index]
