"""A project's days and intervals, by its own local clock: which day an instant belongs to, and which time of that day.

A day is the project's own: from local midnight, or from `day_starts` where a line is open over midnight, so that one night is one day. A
slot is the interval of the day by the wall clock: the hour that autumn repeats is one slot seen twice, the hour that spring leaves out is
not seen, and nothing else of such a day moves. Owns these look-ups and how much of an interval lies in opening hours. Refuses counting.
Next: `seen` lays a past out on them, `forecast` a future.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from monitor.core.contract import SECOND, Project

_DAY_MINUTES = 1440


@dataclass(frozen=True, slots=True)
class Place:
    """Where an interval lies: its local date by the clock, its day (which may have begun the evening before), and its slot in that day."""

    civil: date
    day: date
    slot: int

    @property
    def weekday(self) -> int:
        """Of its day, Monday 0."""
        return self.day.weekday()


def place(project: Project, start: int, length_us: int) -> Place:
    """Where the interval that begins then lies."""
    local = datetime.fromtimestamp(start // SECOND, project.zone)
    minute = local.hour * 60 + local.minute
    day = local.date() if minute >= project.day_starts else local.date() - timedelta(days=1)
    return Place(local.date(), day, (minute - project.day_starts) % _DAY_MINUTES * 60 * SECOND // length_us)


def begins(project: Project, day: date) -> int:
    """The instant that begins the project's day of that date."""
    hour, minute = divmod(project.day_starts, 60)
    return _instant(datetime(day.year, day.month, day.day, hour, minute, tzinfo=project.zone))


def midnight(project: Project, day: date) -> int:
    """The instant of the project's local midnight."""
    return midnight_in(project.zone, day)


def midnight_in(zone: tzinfo, day: date) -> int:
    """The instant of midnight there."""
    return _instant(datetime(day.year, day.month, day.day, tzinfo=zone))


def day_of(project: Project, at: int) -> date:
    """The date of the project's day around an instant."""
    return datetime.fromtimestamp(project.day_start(at) // SECOND, project.zone).date()


def intervals(project: Project, start: int, end: int, length_us: int) -> Iterator[int]:
    """Where every interval that begins in `[start, end)` begins, aligned to the local clock."""
    at = project.interval_start(start, length_us)
    while at < end:
        if at >= start:
            yield at
        at = max(project.interval_start(at + length_us, length_us), at + SECOND)


def open_us(project: Project, start: int, length_us: int) -> int:
    """How much of an interval lies in opening hours; nothing does on a closed date."""
    local = datetime.fromtimestamp(start // SECOND, project.zone)
    if local.date().isoformat() in project.hours.closed:
        return 0
    first = local.hour * 3600 + local.minute * 60 + local.second
    past = first + length_us // SECOND
    return SECOND * sum(max(0, min(past, end) - max(first, begin)) for begin, end in project.hours.week[local.weekday()])


def _instant(local: datetime) -> int:
    return int(local.timestamp()) * SECOND
