"""Time that was out of sight and is known after all: observed time, and what may be held against it.

Owns, for every project and group, since when it is out of sight and what of the time before nobody has told yet. A minute is observed after
all once nothing of it is unknown of any of their PBXs: then all that was counted in it was seen, and what had passed of the plan is the
twins'. Of outbound plans it is records that tell, PBX by PBX. Once it is old its sums are those of its quarter of an hour, and so is the
question. Refuses what happened in that time (`recall`) and the plan's counters (`keeping` moves them by what is in `told`). Next: `recall`, at
the end of a gap that a log has told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from monitor.core.book import KEEP_QUARTERS, OBSERVED, Book, minutes_of
from monitor.core.contract import MINUTE, Contract
from monitor.core.ledger import Ledger
from monitor.core.sides import Gap, Side
from monitor.core.snapshot import Cell, State

if TYPE_CHECKING:
    from monitor.core.sides import Sight

CARRIED = (Cell.TALK_US, Cell.HOLD_US, Cell.WRAPUP_US)
FOR_EVER = 1 << 62

Span = tuple[int, int]
Name = tuple[str, str]  # "project" or "group", and which


@dataclass(slots=True)
class _Dialling:
    """What an outbound plan expected in a minute that was not seen, and the PBXs that have not told it."""

    attempts_u: int = 0
    contacts_u: int = 0
    untold: set[str] = field(default_factory=set)


class Hindsight:
    """`told`: by project and minute what of the plan that has passed is observed after all; its twins are still to move."""

    def __init__(self, contract: Contract, ledger: Ledger, sides: dict[str, Side], gaps: list[Gap]) -> None:
        self.contract = contract
        self.told: list[tuple[str, int, int, int]] = []
        self._ledger = ledger
        self._sides = sides
        self._gaps = gaps
        self._in_sight: frozenset[Name] = frozenset()
        self._since: dict[Name, int] = {}  # out of sight now, and was in sight before
        self._dark: dict[Name, list[Span]] = {}  # and times of before that are not told
        self._passed: dict[str, dict[int, tuple[int, int]]] = {}  # of the plan in such time, by project and minute: calls, handle time
        self._dialling: dict[str, dict[int, _Dialling]] = {}  # and of the outbound plan

    def look(self, sight: Sight, at: int) -> None:
        """These are in sight from now on."""
        now = frozenset([*(("project", name) for name in sight.projects), *(("group", name) for name in sight.groups)])
        self._since |= dict.fromkeys(self._in_sight - now, at)
        for name in now & self._since.keys():
            dark = self._dark.setdefault(name, [])
            dark.append((self._since.pop(name), at))
            while dark[0][1] <= at - KEEP_QUARTERS:
                del dark[0]
            self._forget(name[1], at)
        self._in_sight = now

    def plan_passed(self, project: str, minute: int, calls_u: int, handle_us: int) -> None:
        """What a plan expected in a span inside this minute has passed while nobody saw the project; another may be in force when it is told."""
        if ("project", project) in self._since:
            minutes = self._passed.setdefault(project, {})
            minute -= minute % MINUTE
            calls, handle = minutes.get(minute, (0, 0))
            minutes[minute] = (calls + calls_u, handle + handle_us)

    def dialling_passed(self, project: str, minute: int, attempts_u: int, contacts_u: int) -> None:
        """What an outbound plan expected in a span inside this minute has passed while not all PBXs of the project were seen."""
        minutes = self._dialling.setdefault(project, {})
        one = minutes.setdefault(minute - minute % MINUTE, _Dialling())
        one.attempts_u += attempts_u
        one.contacts_u += contacts_u
        one.untold |= {pbx for pbx in self.contract.pbxs_of[project] if not self._sides[pbx].observed}
        while (first := next(iter(minutes))) <= minute - KEEP_QUARTERS:
            del minutes[first]

    def dialling_told(self, pbx: str, since: int, until: int) -> Iterator[tuple[str, int, int, int]]:
        """Records have told who was called on this PBX in `[since, until)`: by project and minute, attempts and contacts that an outbound plan expected
        in a time of which all is told now."""
        for project, minutes in self._dialling.items():
            for minute in [one for one in minutes if since < one + MINUTE and one < until and pbx in minutes[one].untold]:
                minutes[minute].untold.discard(pbx)
                if not minutes[minute].untold:
                    told = minutes.pop(minute)
                    yield project, minute, told.attempts_u, told.contacts_u

    def agree(self, contract: Contract) -> None:
        """Another contract is in force: a project or group that is not in it is not ours, and was not, when it comes back."""
        self.contract = contract
        ours = {*(("project", name) for name in contract.project), *(("group", name) for name in contract.group)}
        self._since = {name: at for name, at in self._since.items() if name in ours}
        self._dark = {name: spans for name, spans in self._dark.items() if name in ours}
        self._passed = {project: minutes for project, minutes in self._passed.items() if project in contract.project}
        self._dialling = {project: minutes for project, minutes in self._dialling.items() if project in contract.project}
        self._in_sight &= ours

    def shift(self, step: int) -> None:
        """Move every instant by the same step."""
        self._since = {name: at + step for name, at in self._since.items()}
        self._dark = {name: [(start + step, end + step) for start, end in spans] for name, spans in self._dark.items()}
        step -= step % MINUTE
        self._passed = {project: {minute + step: planned for minute, planned in minutes.items()} for project, minutes in self._passed.items()}
        self._dialling = {project: {minute + step: one for minute, one in minutes.items()} for project, minutes in self._dialling.items()}

    def look_back(self, pbx: str, until: int, rest: Gap) -> None:
        """Everything of this PBX is known up to then; of its gap only the `rest` is left."""
        for project, pbxs in self.contract.pbxs_of.items():
            if pbx in pbxs:
                self._project(project, self._clear(("project", project), self._ledger.projects[project], pbxs, until, rest))
        for group, projects in self.contract.projects_of.items():
            pbxs = frozenset(pbx for project in projects for pbx in self.contract.pbxs_of[project.name])
            if pbx in pbxs:
                self._group(group, self._clear(("group", group), self._ledger.groups[group], pbxs, until, rest))

    def _clear(self, name: Name, book: Book, pbxs: frozenset[str], until: int, rest: Gap) -> list[Span]:
        """The parts of its dark time, cut at minutes, of whose cell nothing is unknown; the others stay dark."""
        spans = self._dark.pop(name, [])
        since = self._since.get(name)
        if since is not None and since < until:
            spans.append((since, until))
            self._since[name] = until
        blind = list(self._blind(pbxs, rest))
        clear: list[Span] = []
        left: list[Span] = []
        for start, end in spans:
            for minute, _ in minutes_of(start, end):
                first, last = book.cell_of(minute)
                unknown = any(one < last and first < other for one, other in blind)
                (left if unknown else clear).append((max(start, minute), min(end, minute + MINUTE)))
        self._dark[name] = [span for span in left if span[1] > until - KEEP_QUARTERS]
        return clear

    def _forget(self, project: str, at: int) -> None:
        passed = self._passed.get(project, {})
        while passed and (first := next(iter(passed))) <= at - KEEP_QUARTERS:
            del passed[first]

    def _blind(self, pbxs: Iterable[str], rest: Gap) -> Iterable[Span]:
        for name in pbxs:
            side = self._sides[name]
            yield from side.unseen
            yield from ((gap.unseen_from, FOR_EVER if gap.end is None else gap.end) for gap in self._gaps if gap.pbx == name and gap is not rest)
            if not side.sighted:
                yield 0, FOR_EVER
            elif not side.observed and side.gap is not None and side.gap is not rest:
                yield side.gap.unseen_from, FOR_EVER

    def _project(self, project: str, spans: Iterable[Span]) -> None:
        book = self._ledger.projects[project]
        passed = self._passed.get(project, {})
        for start, end in spans:
            book.add(start, Cell.OBSERVED_US, end - start)
            cell = book.cell(start - start % MINUTE)
            book.add(start, Cell.CONTACTS_SEEN, cell[Cell.CONTACTS] - cell[Cell.CONTACTS_SEEN])
            book.add(start, Cell.CARRIED_SEEN_US, sum(cell[index] for index in CARRIED) - cell[Cell.CARRIED_SEEN_US])
            calls_u, handle_us = passed.pop(start - start % MINUTE, (0, 0))
            if calls_u or handle_us:
                self.told.append((project, start, calls_u, handle_us))

    def _group(self, group: str, spans: Iterable[Span]) -> None:
        book = self._ledger.groups[group]
        for start, end in spans:
            book.add(start, OBSERVED, end - start)
            cell = list(book.cell(start - start % MINUTE))
            for index in range(len(State)):
                book.add(start, OBSERVED + 1 + index, cell[index] - cell[OBSERVED + 1 + index])
