"""Time in opening hours: when a span of it is over, and when it began.

Owns the walk over a project's open spans, in its zone, whatever its clock does in between. Refuses what is due then. Next: `lost`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from monitor.core.contract import SECOND, Project

DAYS: Final = 60  # looked through at most


def due(project: Project, at: int, us: int) -> int | None:
    """When a project will have been open for so long since `at`; None where that is not within sixty days."""
    for start, end in _spans(project, at, 1):
        since = max(start, at)
        if end - since >= us:
            return since + us
        us -= max(0, end - since)
    return None


def begun(project: Project, at: int, us: int) -> int | None:
    """The latest instant since which a project has been open for so long until `at`: of what came before it that is due."""
    for start, end in _spans(project, at, -1):
        until = min(end, at)
        if until - start >= us:
            return until - us
        us -= max(0, until - start)
    return None


def _spans(project: Project, at: int, way: int) -> Iterator[tuple[int, int]]:
    """The open spans of the day of `at` and of those after or before it, in this order."""
    day = datetime.fromtimestamp(at // SECOND, project.zone).date()
    for number in range(DAYS):
        today = day + timedelta(days=way * number)
        if today.isoformat() not in project.hours.closed:
            spans = project.hours.week[today.weekday()]
            yield from ((_instant(project, today, start), _instant(project, today, end)) for start, end in spans[::way])


def _instant(project: Project, day: date, second: int) -> int:
    days, second = divmod(second, 86_400)
    hour, rest = divmod(second, 3600)
    local = datetime(day.year, day.month, day.day, hour, rest // 60, rest % 60, tzinfo=project.zone) + timedelta(days=days)
    return int(local.timestamp()) * SECOND
