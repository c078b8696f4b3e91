"""How a project's contacts spread over a week: the weight of each interval of each weekday, for plans that give days or months only.

    project,weekday,time,weight            Mon … Sun, 09:30, any number; an interval that is not named has none

A profile comes from such a file, or is made of the past (`planning.profiles`): weekdays weigh against each other as they are.

Owns the file's columns. Refuses files and logs. Next: `spread` cuts totals by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from monitor.core.contract import MINUTE, Contract
from monitor.errors import BadRow, PlanError
from monitor.plan.numbers import Figures, micro
from monitor.plan.plan import MICRO
from monitor.plan.records import delimiter_of, records
from monitor.plan.scales import quoted
from monitor.plan.times import RowError

COLUMNS: Final = ("project", "weekday", "time", "weight")
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_COMMA = "; a decimal comma? Decimals need a point"

Place = tuple[int, int]  # weekday, minute of the local day at which the interval begins


@dataclass(frozen=True)
class Profile:
    """The weights of each project's intervals."""

    weights: Mapping[str, Mapping[Place, int]] = field(default_factory=dict)

    def knows(self, project: str) -> bool:
        """Whether it has any weight for the project."""
        return any(self.weights.get(project, {}).values())

    def weight(self, project: str, weekday: int, minute: int) -> int:
        """What an interval weighs against the project's others."""
        return self.weights.get(project, {}).get((weekday, minute), 0)


def read_profile(text: str, contract: Contract, file: str = "profile") -> Profile:
    """A profile file; PlanError with every bad row."""
    bad: list[BadRow] = []
    figures = Figures(sign := delimiter_of(text))
    weights: dict[str, dict[Place, int]] = {}
    columns: list[str] | None = None
    for line, cells in records(text, bad, sign):
        if columns is None:
            columns = [cell.lower() for cell in cells]
            if sorted(columns) != sorted(COLUMNS):
                raise PlanError(file, [BadRow(line, f"this is not the header of a profile; the first line must be {','.join(COLUMNS)}")])
            continue
        try:
            _take(columns, cells, contract, figures, weights)
        except RowError as problem:
            bad.append(BadRow(line, str(problem)))
    if columns is None and not bad:
        bad.append(BadRow(0, f"the file is empty; its first line must be {','.join(COLUMNS)}"))
    bad += [BadRow(0, coarse) for name, own in weights.items() if (coarse := _coarse(name, own, contract.interval_us // MINUTE))]
    if bad:
        raise PlanError(file, bad)
    return Profile(weights)


def _coarse(name: str, own: Mapping[Place, int], minutes: int) -> str | None:
    """What is wrong with weights of longer intervals than the site's: every second one would get nothing."""
    for longer in (60, 30):
        hourly = all(minute % longer == 0 for _, minute in own)
        if longer > minutes and hourly and any((weekday, minute + longer) in own for weekday, minute in own):
            return f"{name} has a weight every {longer} minutes, and intervals begin every {minutes}: those between would get nothing; write each, or a 0"
    return None


def _take(columns: Sequence[str], cells: Sequence[str], contract: Contract, figures: Figures, weights: dict[str, dict[Place, int]]) -> None:
    if len(cells) != len(columns):
        raise RowError(f"{len(cells)} fields, the header has {len(columns)}{_COMMA if figures.delimiter == ',' and len(cells) > len(columns) else ''}")
    values = dict(zip(columns, cells, strict=True))
    name = values["project"]
    if name not in contract.project:
        raise RowError(f"unknown project {name!r}; the configuration has {', '.join(contract.project)}")
    weekday = values["weekday"].title()
    if weekday not in WEEKDAYS:
        raise RowError(f"weekday {values['weekday']!r} is not one of {', '.join(WEEKDAYS)}")
    place = WEEKDAYS.index(weekday), _minute(values["time"], contract.interval_us)
    own = weights.setdefault(name, {})
    if place in own:
        raise RowError(f"{name} {weekday} {values['time']} is there twice; keep one of them")
    own[place] = micro(figures.number("weight", values["weight"], 1_000_000))


def _minute(text: str, interval_us: int) -> int:
    try:
        at = datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - a time of any day
    except ValueError:
        raise RowError(f"time {text!r} is not a time of day; write it as 09:30") from None
    minute = at.hour * 60 + at.minute
    if minute * MINUTE % interval_us:
        raise RowError(f"time {text} begins no interval; they begin every {interval_us // MINUTE} minutes")
    return minute


def written(profile: Profile) -> str:
    """The profile as its file."""
    lines = [",".join(COLUMNS)]
    for project, weights in profile.weights.items():
        for (weekday, minute), weight in sorted(weights.items()):
            lines.append(f"{quoted(project)},{WEEKDAYS[weekday]},{minute // 60:02}:{minute % 60:02},{weight / MICRO:.6f}")
    return "\n".join(lines) + "\n"
