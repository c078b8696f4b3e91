"""What was seen of one project's past: day by day, interval by interval, with what is to be left out and why.

Owns the value that everything about history is fitted to. Closed hours are not in it but for how many came then (many do where hours or zone
are wrong); an interval that was held by a holiday, an incident or blindness is, so that it can be said, and so that nobody takes its silence for a
fact. Refuses counting (`demand`, or the store) and
fitting (`fit`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from monitor.core.contract import Project
from monitor.core.incidents import Incident, IncidentKind
from monitor.plan import days

LEAST_SHARE = 0.5  # an interval that was seen for less is not used


class Held(StrEnum):
    """Why an interval is left out."""

    HOLIDAY = "holiday"
    INCIDENT = "incident"
    BLIND = "not seen"


@dataclass(frozen=True, slots=True)
class Interval:
    """One interval: when and which of the day, what came and was handled, how much of it was seen, and what held it."""

    start: int
    slot: int
    contacts: int
    handled: int = 0
    handle_us: int = 0
    share: float = 1.0
    held: Held | None = None

    @property
    def usable(self) -> bool:
        """Whether it says what ordinary intervals are like."""
        return self.held is None and self.share >= LEAST_SHARE


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the project, its open intervals in order."""

    date: date
    intervals: tuple[Interval, ...]

    @property
    def usable(self) -> list[Interval]:
        """Those that count."""
        return [one for one in self.intervals if one.usable]

    @property
    def contacts(self) -> int:
        """What came in those."""
        return sum(one.contacts for one in self.usable)


@dataclass(frozen=True, slots=True)
class Seen:
    """Whole days, oldest first, up to the day `past` (left out)."""

    project: Project
    length_us: int
    days: tuple[Day, ...]
    past: date
    came: int = 0  # contacts of these days
    closed: int = 0  # those of them that came while it was closed, and are in no interval

    def before(self, past: date) -> Seen:
        """As if it were that day."""
        return Seen(self.project, self.length_us, tuple(day for day in self.days if day.date < past), past)

    def since(self, first: date) -> tuple[Day, ...]:
        """The days from then on."""
        return tuple(day for day in self.days if day.date >= first)


@dataclass(frozen=True, slots=True)
class Counted:
    """What a source counted of a project: by interval start. `observed_us` None: everything between `since` and `until` was seen."""

    since: int
    until: int
    contacts: Mapping[int, int]
    handled: Mapping[int, int]
    handle_us: Mapping[int, int]
    observed_us: Mapping[int, int] | None = None


@dataclass(frozen=True, slots=True)
class LeaveOut:
    """What is to be left out of one project's past: local dates, incidents that concern it, and spans nobody saw."""

    holidays: Collection[date] = ()
    incidents: tuple[Incident, ...] = ()
    blind: tuple[tuple[int, int], ...] = ()

    def held(self, civil: date, start: int, end: int) -> Held | None:
        """What holds this interval, the gravest first."""
        if any(since < end and start < until for since, until in self.blind):
            return Held.BLIND
        if civil in self.holidays:
            return Held.HOLIDAY
        touching = [incident.kind for incident in self.incidents if incident.touches(start, end)]
        return Held.HOLIDAY if IncidentKind.HOLIDAY in touching else Held.INCIDENT if touching else None


def lay_out(project: Project, length_us: int, counted: Counted, out: LeaveOut) -> Seen:
    """The whole days of the project that were counted."""
    first, past = days.day_of(project, counted.since), days.day_of(project, counted.until)
    if days.begins(project, first) < counted.since:
        first += timedelta(days=1)
    dates = [first + timedelta(days=number) for number in range((past - first).days)]
    laid = (_day(project, length_us, each, counted, out) for each in dates)
    start, end = days.begins(project, first), days.begins(project, past)
    within = {at: contacts for at, contacts in counted.contacts.items() if start <= at < end}
    closed = sum(contacts for at, contacts in within.items() if not days.open_us(project, at, length_us))
    return Seen(project, length_us, tuple(day for day in laid if day.intervals), past, sum(within.values()), closed)


def _day(project: Project, length_us: int, day: date, counted: Counted, out: LeaveOut) -> Day:
    start, end = days.begins(project, day), days.begins(project, day + timedelta(days=1))
    near = LeaveOut(
        out.holidays,
        tuple(incident for incident in out.incidents if incident.touches(start, end)),
        tuple(span for span in out.blind if span[0] < end and start < span[1]),
    )
    return Day(day, tuple(_intervals(project, length_us, (start, end), counted, near)))


def _intervals(project: Project, length_us: int, span: tuple[int, int], counted: Counted, out: LeaveOut) -> Iterable[Interval]:
    for at in days.intervals(project, *span, length_us):
        if days.open_us(project, at, length_us):
            where = days.place(project, at, length_us)
            share = 1.0 if counted.observed_us is None else counted.observed_us.get(at, 0) / length_us
            held = out.held(where.civil, at, at + length_us) or (Held.BLIND if share < LEAST_SHARE else None)
            yield Interval(at, where.slot, counted.contacts.get(at, 0), counted.handled.get(at, 0), counted.handle_us.get(at, 0), share, held)
