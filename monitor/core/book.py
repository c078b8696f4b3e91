"""One book: what happened to one project or group in each UTC minute, and its sums over the windows people look at.

Owns cells of integers and one running sum per window, kept true by every addition: a late fate of an early call changes the minute it
arrived in and every window that holds that minute. Minutes older than two hours fold into quarter-hours, quarter-hours are dropped after
fifty hours. Half-open spans throughout. Where the minutes are kept elsewhere it knows which have changed since they were written; what is
folded before that waits in `unwritten`, in order. What is added to a minute folded long ago is summed up first, so that a day a log tells is
one record a minute and not one a call, and follows there when `tell_late` says so. Refuses whose book it is. Next: `ledger` has all of them.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial, reduce
from operator import add

from monitor.core.chronicle import Roll
from monitor.core.contract import MINUTE, Project
from monitor.core.snapshot import Cell, Span, State, Window

QUARTER = 15 * MINUTE
KEEP_MINUTES = 120 * MINUTE
KEEP_QUARTERS = 50 * 60 * MINUTE
MOST_LATE = 3_000  # minutes of a book that wait to be told as late: as many as it keeps quarters of
JUDGED = frozenset({Cell.CONTACTS_SEEN, Cell.PLAN_CALLS, Cell.PLAN_OBSERVED_CALLS, Cell.PLAN_OBSERVED_HANDLE, Cell.OBSERVED_US})  # what detectors read
OBSERVED = len(State)  # a group's cell: one sum per state, then the observed time, then the states again over observed time only
LABOUR = 2 * OBSERVED + 1  # then paid time by the rate it is paid at, in milliseconds times hundredths per hour
UNPRICED = LABOUR + 1  # and the paid time of which nobody says the rate
GROUP_WIDTH = UNPRICED + 1
KEEP_DAYS = 70  # two billing periods and some
STATE_INDEX = {state: index for index, state in enumerate(State)}


def minutes_of(start: int, end: int) -> Iterable[tuple[int, int]]:
    """Cut `[start, end)` at the minutes: pairs of the minute's start and the microseconds inside it."""
    minute = start - start % MINUTE
    return ((minute, end - start),) if start < end <= minute + MINUTE else _cut(start, end)


def _cut(start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end:
        minute = start - start % MINUTE
        stop = min(end, minute + MINUTE)
        yield minute, stop - start
        start = stop


@dataclass(frozen=True, slots=True)
class MinuteTold:
    """A minute of a project's or group's book: all its sums, or with `added` what comes to those that were told before.

    `number` is how many such additions its book has made so far, this one included: by it they are counted once, however often they come.
    """

    of: str  # "project" or "group"
    name: str
    minute: int
    interval: int  # the start of the interval it is in, by the local clock
    sums: tuple[int, ...]
    number: int
    added: bool = False


@dataclass(slots=True)
class _Running:
    start: int
    end: int | None
    sums: list[int]


@dataclass(slots=True)
class Book:
    """The minutes of one project or group and its windows; `project` gives the local clock that intervals and days follow."""

    clock: Project
    interval_us: int
    width: int
    minutes: dict[int, list[int]] = field(default_factory=dict)
    quarters: dict[int, list[int]] = field(default_factory=dict)
    windows: dict[Window, _Running] = field(default_factory=dict)
    minute: int = -1
    interval: int = -1  # where the interval that runs began
    revision: int = 0  # how often what detectors read of one that is over was revised
    folded: int = -1  # minutes before this are folded
    closed: int = -1  # and of those before this whoever keeps minutes was told: what comes to them is an addition; civil time may step back behind it
    of: str = ""
    name: str = ""
    days: dict[int, list[int]] = field(default_factory=dict)  # the sums of days that are over, by the ordinal of their date
    today: int = -1  # where the day that runs began
    date: int = -1  # and its ordinal
    past_revision: int = 0  # how often the sums of days that are over changed,
    revised: dict[int, int] = field(default_factory=dict)  # and those of each
    born: int = -1  # the first day that was lived here
    changed: set[int] = field(default_factory=set)  # minutes, since they were last said to be written
    late: dict[int, array[int]] = field(default_factory=dict)  # what was added to minutes that are folded, not told yet
    additions: int = 0  # that were told of such minutes
    unwritten: Roll[MinuteTold] | None = None  # what cannot be asked for later; None: nobody keeps minutes

    def add(self, at: int, index: int, amount: int, *, told: bool = False) -> None:
        """Add to the cell of the minute around `at` and to every window that holds that minute; `told`: whoever keeps minutes knows of it."""
        minute = at - at % MINUTE
        self._open(minute)[index] += amount
        if minute < self.interval and index in JUDGED:
            self.revision += 1
        if minute < self.closed and self.unwritten is not None and not told:
            self.late_row(minute)[index] += amount
        if minute < self.today:
            self._day_of(minute)[index] += amount
        for running in self.windows.values():
            if running.start <= minute and (running.end is None or minute < running.end):
                running.sums[index] += amount

    def add_all(self, minute: int, amounts: Sequence[tuple[int, int]], *, told: bool = False) -> None:
        """Add to several cells of one minute, each an index and an amount."""
        if not amounts:
            return
        if minute < self.interval and any(index in JUDGED for index, _ in amounts):
            self.revision += 1
        rows: list[list[int] | array[int]] = [self._open(minute)]
        if minute < self.closed and self.unwritten is not None and not told:
            rows.append(self.late_row(minute))
        if minute < self.today:
            rows.append(self._day_of(minute))
        rows += [running.sums for running in self.windows.values() if running.start <= minute and (running.end is None or minute < running.end)]
        for row in rows:
            for index, amount in amounts:
                row[index] += amount

    def _day_of(self, minute: int) -> list[int]:
        """The sums of a day that is over, to add to; of one before this book was begun nobody knows the rest, so it is no day of it."""
        day = self.clock.day_of(minute).toordinal()
        if day not in self.days and day < self.born:
            return [0] * self.width
        self._revise(day)
        return self.days.setdefault(day, [0] * self.width)

    def _revise(self, day: int) -> None:
        self.past_revision += 1
        self.revised[day] = self.revised.get(day, 0) + 1

    def _open(self, minute: int) -> list[int]:
        """The sums to add to."""
        if minute >= self.closed:
            self.changed.add(minute)
        if minute < self.folded:
            return self._old_cell(minute)
        found = self.minutes.get(minute)
        return self.minutes.setdefault(minute, [0] * self.width) if found is None else found

    def told(self, minute: int, sums: Sequence[int], *, added: bool = False) -> MinuteTold:
        """The sums of a minute, for whoever keeps them."""
        self.additions += added
        return MinuteTold(self.of, self.name, minute, self.clock.interval_start(minute, self.interval_us), tuple(sums), self.additions, added)

    def late_row(self, minute: int) -> array[int]:
        """What was added to a minute told before, to add more to; for books whose minutes are kept elsewhere."""
        row = self.late.get(minute)
        if row is None:
            if len(self.late) >= MOST_LATE:
                self.tell_late(MOST_LATE)
            row = self.late[minute] = array("q", bytes(8 * self.width))
        return row

    def tell_late(self, most: int) -> int:
        """Tell what was added to so many minutes at most, the latest first; how many it were."""
        count = min(most, len(self.late))
        for _ in range(count):
            minute, sums = self.late.popitem()
            if self.unwritten is not None and any(sums):
                self.unwritten.append(self.told(minute, sums, added=True))
        return count

    def _old_cell(self, minute: int) -> list[int]:
        return self.quarters.setdefault(minute - minute % QUARTER, [0] * self.width)

    def cell_of(self, minute: int) -> tuple[int, int]:
        """From when to when everything is in the sums that hold this minute."""
        if minute >= self.folded:
            return minute, minute + MINUTE
        quarter = minute - minute % QUARTER
        return quarter, quarter + QUARTER

    def cell(self, minute: int) -> list[int]:
        """The sums that hold this minute: its own, or once it is old its quarter's; zeros where nothing was added."""
        return self.minutes.get(minute) or self.quarters.get(minute - minute % QUARTER) or [0] * self.width

    def roll(self, at: int) -> None:
        """Let the windows follow the clock into the minute around `at`; going back is ignored."""
        minute = at - at % MINUTE
        if minute <= self.minute:
            return
        step_of_one = self.minute >= 0 and minute == self.minute + MINUTE
        self.minute = minute
        self._fold(minute)
        interval = self.interval = self.clock.interval_start(minute, self.interval_us)
        last = self.clock.interval_start(interval - 1, self.interval_us)
        day = self.clock.day_start(minute)
        for window, start, end in (
            (Window.QUARTER, minute - 15 * MINUTE, minute),
            (Window.HOUR, minute - 60 * MINUTE, minute),
            (Window.INTERVAL, interval, None),
            (Window.LAST, last, interval),
            (Window.DAY, day, None),
        ):
            running = self.windows.get(window)
            if running is not None and running.start == start and running.end == end:
                continue
            if window is Window.DAY:
                self._turn(running, start)
            if running is not None and step_of_one and window in (Window.QUARTER, Window.HOUR):
                self._slide(running, minute)
            else:
                self.windows[window] = _Running(start, end, self.total(start, end))

    def _turn(self, running: _Running | None, start: int) -> None:
        """Another day begins: the one before is over. Where civil time stepped back, a day that was over goes on."""
        if running is not None and running.start < start:
            day = self.clock.day_of(running.start).toordinal()
            self.days[day] = running.sums
            self._revise(day)
        self.today, self.date = start, self.clock.day_of(start).toordinal()
        self.born = self.date if self.born < 0 else self.born
        for day in [day for day in self.days if day >= self.date or day < self.date - KEEP_DAYS]:
            del self.days[day]
            self._revise(day)
        self.revised = {day: times for day, times in self.revised.items() if day >= self.date - KEEP_DAYS}

    def _slide(self, running: _Running, minute: int) -> None:
        for sign, at in ((1, minute - MINUTE), (-1, running.start)):
            for cells in (self.minutes, self.quarters):  # of an old quarter only where civil time stepped back into it
                if (cell := cells.get(at)) is not None:
                    running.sums = [total + sign * value for total, value in zip(running.sums, cell, strict=True)]
        running.start += MINUTE
        running.end = minute

    def _fold(self, minute: int) -> None:
        limit = self.folded = max(self.folded, (minute - KEEP_MINUTES) // QUARTER * QUARTER)
        self.closed = max(self.closed, limit)
        for old in [m for m in self.minutes if m < limit]:
            into, sums = self._old_cell(old), self.minutes.pop(old)
            if self.unwritten is not None and old in self.changed:
                self.unwritten.append(self.told(old, sums))
            for index, value in enumerate(sums):
                into[index] += value
        self.changed = {m for m in self.changed if m >= limit} if self.unwritten is not None else set()
        for old in [q for q in self.quarters if q < minute - KEEP_QUARTERS]:
            del self.quarters[old]

    def rewind(self, at: int) -> None:
        """Civil time stepped: look at the windows of the minute around `at` afresh, and keep its minutes again if it is an hour that was."""
        self.minute = self.folded = -1
        day = self.windows.get(Window.DAY)
        self.windows = {} if day is None else {Window.DAY: day}
        self.roll(at)

    def follow(self, clock: Project, interval_us: int, at: int) -> None:
        """Another local clock or interval is in force: the windows around `at` are looked at afresh."""
        same = (self.clock.zone, self.clock.day_starts, self.interval_us) == (clock.zone, clock.day_starts, interval_us)
        self.clock, self.interval_us = clock, interval_us
        if not same:
            self.windows.pop(Window.DAY, None)  # its sums are of another day
            self.rewind(at)

    @property
    def edition(self) -> tuple[int, int]:
        """Where the running interval began, and how often what is over was changed since: the closed intervals are the same while this is."""
        return self.interval, self.revision

    def intervals(self, since: int) -> Iterator[Span]:
        """The intervals that are over and begin no earlier than then, in order, each with its sums."""
        start = self.clock.interval_start(since, self.interval_us)
        for first in range(start if start >= since else start + self.interval_us, self.interval, self.interval_us):
            yield Span(first, first + self.interval_us, self._sums(first, first + self.interval_us))

    def _sums(self, start: int, end: int) -> tuple[int, ...]:
        """As `total`, for a span that begins and ends at quarters of an hour, without looking at any other."""
        cells = [cell for at in range(start, end, QUARTER) if (cell := self.quarters.get(at)) is not None]
        cells += [cell for at in range(max(start, self.folded), end, MINUTE) if (cell := self.minutes.get(at)) is not None]
        return tuple(reduce(partial(map, add), cells)) if cells else (0,) * self.width

    def remember(self, days: Mapping[int, Sequence[int]]) -> None:
        """The sums of earlier days by their ordinals, as somebody kept them; those that are known here stay."""
        for day, sums in days.items():
            if self.date - KEEP_DAYS <= day < self.date and day not in self.days and len(sums) == self.width:
                self.days[day] = list(sums)
                self._revise(day)

    def on(self, day: int) -> Sequence[int] | None:
        """The sums of a day by its ordinal, the running one as far as it is; None: nothing is kept of it."""
        return self.windows[Window.DAY].sums if day == self.date else self.days.get(day)

    def latest(self, index: int) -> int | None:
        """The start of the latest sum that holds anything of this; None: nothing is known of it."""
        newest_first = (at for cells in (self.minutes, self.quarters) for at in sorted(cells, reverse=True) if cells[at][index])
        return next(newest_first, None)

    def total(self, start: int, end: int | None) -> list[int]:
        """The sums over the cells that begin in `[start, end)`."""
        sums = [0] * self.width
        for cells in (self.minutes, self.quarters):
            for at, cell in cells.items():
                if start <= at and (end is None or at < end):
                    sums = [total + value for total, value in zip(sums, cell, strict=True)]
        return sums

    def during(self, spans: Sequence[tuple[int, int]], indices: Sequence[int]) -> dict[int, tuple[int, ...]]:
        """Of the minutes that begin in one of these spans and are kept as such, these sums."""
        kept = self.minutes.items() if spans else ()
        return {at: tuple(cell[index] for index in indices) for at, cell in kept if any(start <= at < end for start, end in spans)}

    def cells(self) -> dict[int, list[int]]:
        """Every sum that is kept, by the start of its minute or quarter."""
        cells = {at: list(row) for at, row in self.quarters.items()}
        for at, row in self.minutes.items():
            cells[at] = [total + value for total, value in zip(cells.get(at, [0] * self.width), row, strict=True)]
        return cells

    def spans(self, at: int) -> dict[Window, Span]:
        """Every window frozen, running ones ending at `at`."""
        return {w: Span(r.start, max(r.start, at) if r.end is None else r.end, tuple(r.sums)) for w, r in self.windows.items()}
