"""The books of everybody: each project's and group's, and the last quarter of an hour of every person.

Owns which books there are and what is spent into them, cut at the minutes. Refuses counters (those never go down; a ledger may be corrected)
and ratios. Next: `floor.snapshot` freezes the windows, `assess.outlook` divides, `state.store` writes the minutes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from monitor.core.book import GROUP_WIDTH, LABOUR, OBSERVED, QUARTER, STATE_INDEX, Book, MinuteTold, minutes_of
from monitor.core.chronicle import LIMIT, Roll
from monitor.core.contract import MINUTE, Contract
from monitor.core.pay import PAY_US
from monitor.core.snapshot import Cell, Span, State, Window


class Ledger:
    """The books of all projects and groups, and the last quarter of an hour of every person."""

    def __init__(self, contract: Contract) -> None:
        self.projects: dict[str, Book] = {}
        self.groups: dict[str, Book] = {}
        self.people: dict[str, dict[int, list[int]]] = {}
        self.unwritten: Roll[MinuteTold] = Roll(2 * LIMIT)  # days of a large site whose store is down
        self._together: dict[tuple[str, str, int, int, int], int] | None = None  # what is spent now, and how often
        self._recent = 0  # people's minutes before this are not kept
        self._kept = False
        self._late = False  # another minute has begun, and not all that came late before it is told
        self.open(contract)

    def open(self, contract: Contract, at: int | None = None) -> None:
        """A book for every project and group of the contract, in which `at` is now; those of others stay, for what is not over."""
        shelves = (
            (self.projects, {p.name: p for p in contract.projects}, len(Cell)),
            (self.groups, dict.fromkeys(contract.group, contract.calendar), GROUP_WIDTH),
        )
        for shelf, clocks, width in shelves:
            for name, clock in clocks.items():
                book = shelf.setdefault(name, Book(clock, contract.interval_us, width))
                if at is not None:
                    book.follow(clock, contract.interval_us, at)
                    book.roll(at)
        if self._kept:
            self.keep()

    def close(self, contract: Contract, held: frozenset[str]) -> None:
        """Forget the empty books of projects and groups that are agreed no more, except of projects that are `held`."""
        for shelf, agreed in ((self.projects, contract.project.keys() | held), (self.groups, contract.group.keys())):
            for name in [name for name, book in shelf.items() if name not in agreed and not book.late and not book.cells()]:
                del shelf[name]

    def keep(self) -> None:
        """Somebody keeps the minutes elsewhere: from now on their changes are remembered until they are written."""
        self._kept = True
        for of, books in (("project", self.projects), ("group", self.groups)):
            for name, book in books.items():
                book.of, book.name, book.unwritten = of, name, self.unwritten

    def stop(self) -> None:
        """Nobody keeps the minutes elsewhere any more: what waits for that goes."""
        self._kept = False
        self.unwritten.written(self.unwritten.first + len(self.unwritten.records))
        for book in (*self.projects.values(), *self.groups.values()):
            book.unwritten = None
            book.late.clear()

    def tell_late(self, most: int | None = None) -> None:
        """Once a minute, a part at each call: tell what was added to minutes that were told before. Without `most` all of it, now.

        A record has its number from here, so this has to come at the same place whenever the same things happen again.
        """
        if most is not None and not self._late:
            return
        left = 1 << 62 if most is None else most
        for book in (*self.projects.values(), *self.groups.values()):
            left -= book.tell_late(left)
        self._late = left == 0

    def changed(self, before: int, most: int) -> list[MinuteTold]:
        """Minutes that begin before then and have changed since they were last written, the oldest of each book first."""
        found: list[MinuteTold] = []
        for book in (*self.projects.values(), *self.groups.values()) if self._kept else ():
            if book.changed and len(found) < most:
                found += (book.told(minute, book.minutes[minute]) for minute in sorted(m for m in book.changed if m < before)[: most - len(found)])
        return found

    def written(self, minutes: Iterable[MinuteTold]) -> None:
        """These are kept as they are told here; one that has changed since stays changed."""
        for told in minutes:
            book = (self.projects if told.of == "project" else self.groups).get(told.name)
            if book is not None and tuple(book.minutes.get(told.minute, ())) == told.sums:
                book.changed.discard(told.minute)

    def roll(self, at: int) -> None:
        """Enter the minute around `at`."""
        self._late = True
        for book in (*self.projects.values(), *self.groups.values()):
            book.roll(at)
        self._recent = at - at % MINUTE - QUARTER
        for person, minutes in list(self.people.items()):
            if min(minutes) < self._recent:
                kept = {minute: cell for minute, cell in minutes.items() if minute >= self._recent}
                if kept:
                    self.people[person] = kept
                else:
                    del self.people[person]

    def rewind(self, at: int) -> None:
        """Civil time stepped, perhaps back: every window is looked at afresh."""
        self._recent = at - at % MINUTE - QUARTER
        for book in (*self.projects.values(), *self.groups.values()):
            book.rewind(at)

    def add(self, project: str, at: int, cell: Cell, amount: int = 1) -> None:
        """Add to a project's cell in the minute around `at`."""
        self.projects[project].add(at, cell, amount)

    def intervals_of(self, project: str, since: int) -> Iterator[Span]:
        """A project's closed intervals that begin no earlier than then."""
        return self.projects[project].intervals(since)

    def latest_of(self, project: str, cell: Cell) -> int | None:
        """The start of a project's latest minute, or quarter once it is old, that holds any of this."""
        return self.projects[project].latest(cell)

    def days_of(self, project: str) -> Mapping[int, Sequence[int]]:
        """The sums of a project's days that are over, by the ordinals of their dates."""
        return self.projects[project].days

    def free_in_quarter(self, group: str) -> float | None:
        """How many people of a group were available on average of the last 15 closed minutes, as far as it was seen; None: it was not."""
        sums = self.groups[group].windows[Window.QUARTER].sums
        return sums[OBSERVED + 1 + STATE_INDEX[State.AVAILABLE]] / sums[OBSERVED] if sums[OBSERVED] else None

    def since(self, project: str, at: int, cell: Cell) -> int:
        """All of this in the sums of a project that begin no earlier than then."""
        book = self.projects[project]
        return sum(row[cell] for cells in (book.minutes, book.quarters) for start, row in cells.items() if start >= at)

    def spend(self, project: str, cell: Cell, start: int, end: int) -> None:
        """Add the time `[start, end)` to a project's cells, cut at the minutes."""
        self._spend("project", project, int(cell), start, end, 1)

    def spend_group(self, group: str, index: int, start: int, end: int, sign: int = 1) -> None:
        """Add the time `[start, end)` to a group's cells, cut at the minutes; with `sign` -1 take it back."""
        self._spend("group", group, index, start, end, sign)

    def _spend(self, of: str, name: str, index: int, start: int, end: int, times: int) -> None:
        if self._together is not None:
            key = of, name, index, start, end
            self._together[key] = self._together.get(key, 0) + times
            return
        book = (self.projects if of == "project" else self.groups)[name]
        unit = PAY_US if index == LABOUR and of == "group" else 1
        for minute, amount in minutes_of(start, end):
            book.add(minute, index, times * (amount // unit))

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is spent in here is added to the books at the end, equal spans at once: hundreds of people spend the same second."""
        spent = self._together = {}
        try:
            yield
        finally:
            self._together = None
            for span, times in spent.items():
                self._spend(*span, times)

    def spend_person(self, person: str, state: State, start: int, end: int, sign: int = 1) -> None:
        """Add the time `[start, end)` to a person's minutes, as far as they are kept; with `sign` -1 take it back."""
        start = max(start, self._recent)
        if start >= end:
            return
        minutes = self.people.setdefault(person, {})
        for minute, amount in minutes_of(start, end):
            cell = minutes.get(minute)
            if cell is None:
                cell = minutes[minute] = [0] * len(State)
            cell[STATE_INDEX[state]] += sign * amount
