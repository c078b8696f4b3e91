"""A first, rough plan from what a PBX's own log says of the past: the mean of each weekday's intervals.

A contact is a call's first entry into any queue of the project. Means are over whole local days of the log, the last eight weeks of
them at most; a weekday the log has never seen is planned as the mean of all days. A log without one whole day gives what it has: counts
are scaled from the time it covers to whole intervals, and an interval of the day that it never saw is not planned. Intervals are told
apart by the local clock, so a day that has 23 or 25 hours distorts nothing. The average handle time is the mean talk of a contact plus
wrap-up, the project's own where fewer than 20 contacts tell.

Owns the arithmetic, in integers, rounded once: to a hundredth of a contact and a second. Refuses files and clocks. Next: `survey` writes
the rows as a plan and says that they are rough.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from monitor.core.contract import SECOND, Project
from monitor.core.logrow import LogRow
from monitor.core.story import TALK_ENDS
from monitor.plan.days import midnight_in
from monitor.plan.plan import MICRO, PlanRow

WEEKS: Final = 8
THIN: Final = 20  # contacts that have to tell of their talk before their mean is believed
DAY_US: Final = 86_400 * SECOND
SILENCE_US: Final = 3 * DAY_US  # a log may be quiet over a weekend; one that is quiet for longer has ended

_HUNDREDTH = MICRO // 100


@dataclass(frozen=True, slots=True)
class Cover:
    """What of the past a log covers: `days` whole local days from midnight to midnight, or, with 0, less than one."""

    start: int
    end: int
    days: int


def cover(first_at: int, last_at: int, now: int, zone: tzinfo) -> Cover:
    """What a log with rows from `first_at` to `last_at` covers; up to `now` unless it has ended long ago."""
    end = last_at if now - last_at > SILENCE_US else now
    first, past = _day(first_at, zone), _day(end, zone)
    if midnight_in(zone, first) < first_at:
        first += timedelta(days=1)
    first = max(first, past - timedelta(weeks=WEEKS))
    if first < past:
        return Cover(midnight_in(zone, first), midnight_in(zone, past), (past - first).days)
    return Cover(first_at, max(first_at, end), 0)


@dataclass(slots=True)
class _Recent:
    """Calls that were seen a short while ago: no call lasts two days, and a log of weeks has more of them than memory."""

    since: int = 0
    now: set[str] = field(default_factory=set)
    before: set[str] = field(default_factory=set)

    def new(self, call: str, at: int) -> bool:
        """Whether this is the first time; it is not the next time."""
        if at - self.since > 2 * DAY_US:
            self.since, self.before, self.now = at, self.now, set()
        if call in self.now or call in self.before:
            return False
        self.now.add(call)
        return True


@dataclass(slots=True)
class Tally:
    """One project's contacts and talk, taken in row by row in order of time."""

    project: Project
    length_us: int
    contacts: Counter[int] = field(default_factory=Counter)  # by the start of their interval
    talk_s: int = 0
    talked: int = 0  # contacts with talk
    _entered: _Recent = field(default_factory=_Recent)
    _completed: _Recent = field(default_factory=_Recent)

    def add(self, row: LogRow, at: int) -> None:
        """A row about one of the project's queues, written `at`."""
        if row.verb == "ENTERQUEUE":
            if self._entered.new(row.call, at):
                self.contacts[self.project.interval_start(at, self.length_us)] += 1
        elif row.verb in TALK_ENDS and (talk_s := talk_of(row)) is not None:
            self.talk_s += talk_s
            self.talked += self._completed.new(row.call, at)

    def aht_s(self) -> int | None:
        """The mean handle time of a contact in seconds, wrap-up included; None where too few tell."""
        if self.talked < THIN:
            return None
        return max(1, (2 * self.talk_s + self.talked) // (2 * self.talked) + self.project.wrapup_us // SECOND)


def rough_plan(tally: Tally, covered: Cover, today: date, days: int = 14) -> list[PlanRow]:
    """What to expect of `days` local days from `today` on if they are as those in `covered` were."""
    project, length = tally.project, tally.length_us
    week, everyday = _Means(length), _Means(length)
    for start in _intervals(_day(covered.start, project.zone), _day(covered.end, project.zone) + timedelta(days=1), project.zone, length):
        seen_us = min(start + length, covered.end) - max(start, covered.start)
        if seen_us > 0:
            weekday, slot = _place(start, project.zone, length)
            week.add((weekday, slot), tally.contacts[start], seen_us)
            everyday.add((0, slot), tally.contacts[start], seen_us)
    aht_s = tally.aht_s() or project.aht_us // SECOND
    rows: list[PlanRow] = []
    for start in _intervals(today, today + timedelta(days=days), project.zone, length):
        weekday, slot = _place(start, project.zone, length)
        calls_u = week.mean_u((weekday, slot))
        if calls_u is None:
            calls_u = everyday.mean_u((0, slot))
        if calls_u is not None:
            rows.append(PlanRow(project.name, start, start + length, calls_u, calls_u * aht_s, aht_s * SECOND))
    return rows


@dataclass(slots=True)
class _Means:
    """Contacts and the time they were counted over, by weekday and interval of the day."""

    length_us: int
    counted: Counter[tuple[int, int]] = field(default_factory=Counter)
    seen_us: Counter[tuple[int, int]] = field(default_factory=Counter)

    def add(self, place: tuple[int, int], contacts: int, seen_us: int) -> None:
        self.counted[place] += contacts
        self.seen_us[place] += seen_us

    def mean_u(self, place: tuple[int, int]) -> int | None:
        """Micro-contacts of one whole interval. A glance at less than a third of it counts as a third: it proves little."""
        if not (seen_us := self.seen_us[place]):
            return None
        over = max(seen_us, self.length_us // 3)
        return (200 * self.counted[place] * self.length_us + over) // (2 * over) * _HUNDREDTH


def talk_of(row: LogRow) -> int | None:
    """Talk seconds of a row that ends one: the last field but one, as wait, talk and position end every such row; some versions leave a separator behind."""
    return row.number(-3 if row.data and not row.data[-1] else -2)


def _intervals(first: date, past: date, zone: tzinfo, length_us: int) -> Iterator[int]:
    """Where every interval of some local days begins."""
    while first < past:
        following = first + timedelta(days=1)
        yield from range(midnight_in(zone, first), midnight_in(zone, following), length_us)
        first = following


def _place(start: int, zone: tzinfo, length_us: int) -> tuple[int, int]:
    """Weekday and number in the day of the interval that begins here, by the local clock."""
    local = datetime.fromtimestamp(start // SECOND, zone)
    return local.weekday(), (local.hour * 60 + local.minute) * 60 * SECOND // length_us


def _day(at: int, zone: tzinfo) -> date:
    return datetime.fromtimestamp(at // SECOND, zone).date()
