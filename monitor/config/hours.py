"""The grammar of opening hours: `Mon-Fri 09:00-18:00, Sat 10:00-14:00`.

    hours  = part {"," part}
    part   = days {days} span {span}          several days or spans in one part are separated by blanks
    days   = day | day "-" day                Mon Tue Wed Thu Fri Sat Sun; Fri-Mon goes over the week's end
    span   = HH:MM "-" HH:MM                  24:00 is the day's end; 22:00-06:00 goes on into the next day

Owns text to `Hours`, and where a day may begin; refuses time zones and dates. Overlapping spans are one. Next: `Project.open_at`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from monitor.core.contract import Hours

if TYPE_CHECKING:
    from monitor.config.model import Project, Site

Report = Callable[[str, str, str, str, object], None]  # problem, remedy, section, key, value
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_DAY_S = 86_400
_DAYS = re.compile(r"([a-z]+)(?:-([a-z]+))?")
_SPAN = re.compile(r"(\d\d?):(\d\d)-(\d\d?):(\d\d)", re.ASCII)


def day_start(project: Project, site: Site, report: Report) -> int:
    """The minute at which a project's day begins; where that is within an interval, which would be of two days, it is said."""
    minute, interval = int(project.day_starts[:2]) * 60 + int(project.day_starts[3:]), site.interval_minutes
    if minute % interval:
        before = minute - minute % interval
        remedy = f"begin it on one, at {_clock(before)} or {_clock(before + interval)}, or set [site] interval_minutes = 15"
        problem = f"is within an interval of {interval} minutes, the grain of reports and judgement"
        report(problem, remedy, f"project {project.name}", "day_starts", project.day_starts)
    return minute


def _clock(minute: int) -> str:
    hour, rest = divmod(minute, 60)
    return f"{hour % 24:02}:{rest:02}"


def parse_hours(text: str, closed: frozenset[str] = frozenset()) -> Hours:
    """The opening hours a text means; ValueError names the part that means nothing."""
    week: list[list[tuple[int, int]]] = [[] for _ in DAYS]
    for part in text.split(","):
        days, spans = _part(part.strip())
        for day in days:
            for start, end in spans:
                if start < end:
                    week[day].append((start, end))
                else:
                    week[day].append((start, _DAY_S))
                    week[(day + 1) % 7].append((0, end))
    return Hours(tuple(_merged(day) for day in week), closed)


def _part(part: str) -> tuple[list[int], list[tuple[int, int]]]:
    days: list[int] = []
    spans: list[tuple[int, int]] = []
    for word in part.lower().replace("–", "-").split():
        if (match := _DAYS.fullmatch(word)) and not spans:
            days += _days(match[1], match[2])
        elif match := _SPAN.fullmatch(word):
            spans.append(_span(word, *(int(digits) for digits in match.groups())))
        else:
            raise ValueError(f"{word!r} is neither a day nor a time; write Mon-Fri 09:00-18:00, Sat 10:00-14:00")
    if not days or not spans:
        raise ValueError(f"{part!r} needs days and times; write Mon-Fri 09:00-18:00, Sat 10:00-14:00")
    return days, spans


def _days(first: str, last: str | None) -> list[int]:
    for name in (first, last):
        if name is not None and name not in DAYS:
            raise ValueError(f"{name!r} is not a day; use {' '.join(day.title() for day in DAYS)}")
    start = DAYS.index(first)
    end = start if last is None else DAYS.index(last)
    return [(start + step) % 7 for step in range((end - start) % 7 + 1)]


def _span(word: str, from_hour: int, from_minute: int, to_hour: int, to_minute: int) -> tuple[int, int]:
    start, end = from_hour * 3600 + from_minute * 60, to_hour * 3600 + to_minute * 60
    if from_minute > 59 or to_minute > 59 or start >= _DAY_S or end > _DAY_S:
        raise ValueError(f"{word!r} is not a span of a day; hours go from 00:00 to 24:00")
    if start == end:
        raise ValueError(f"{word!r} is empty; a whole day is 00:00-24:00")
    return start, end


def _merged(spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)
