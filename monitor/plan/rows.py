"""One record of a plan file, its cells by the names of our columns, as a row of the plan or as what is wrong with it.

    project,interval_start,volume,aht_s[,fold,direction,interval_s,required,scheduled,sl_target,sl_threshold_s,max_occupancy,contact_rate,agent_hours,results]

Every format ends here, so each is checked alike. Foreign ones also have `handle_s` and `handled` (a total of handle time, to be divided) and
`interval_end`. A record may be the total of a day or month (`interval_s` of 86400 or month): `spread` makes intervals of it. Where a file
tells of several queues of one project (`adds`), their rows are added. Rows lie on the project's clock and do not overlap. What only outgoing calls
have is in `aims`.

Owns the checks and the sums. Refuses text and columns (`records`, `mapping`). Next: `formats` hands the rows out, or every bad one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Final

from monitor.core.contract import MINUTE, SECOND, Contract, Project
from monitor.core.direction import DIALLED, Direction
from monitor.errors import BadRow
from monitor.plan import aims
from monitor.plan.aims import Aims
from monitor.plan.numbers import Figures, micro
from monitor.plan.plan import MICRO, PlanRow, both
from monitor.plan.times import Clock, RowError

REQUIRED: Final = ("project", "interval_start", "volume", "aht_s")
OPTIONAL: Final = ("fold", "direction", "interval_s", "required", "scheduled", "sl_target", "sl_threshold_s", "max_occupancy", *aims.COLUMNS)
FOREIGN: Final = ("handle_s", "handled", "interval_end")  # what only other formats have

DAY: Final = "86400"
MONTH: Final = "month"
MOST_ROWS: Final = 500_000  # a quarter of a gigabyte while they are read

_LENGTHS: Final = {"900": 900 * SECOND, "1800": 1800 * SECOND, "3600": 3600 * SECOND}
_MOST: Final = 1_000_000  # of calls or agents in one row: more is a wrong column
_DAY_S: Final = 86_400
_HANDLE_S: Final = _MOST * _DAY_S
_LARGEST_SUM: Final = 2**62  # of microseconds in one project: 146 000 years of handling


@dataclass(frozen=True, slots=True)
class Total:
    """What is planned of whole days: from `first` to before `past`. From `contacts_u` on: of outgoing calls."""

    project: str
    first: date
    past: date
    calls_u: int
    handle_us: int
    aht_us: int | None
    direction: Direction = Direction.INBOUND
    contacts_u: int | None = None
    results_u: int | None = None
    agent_us: int | None = None


@dataclass(slots=True)
class Reading:
    """What has been read of a file so far. `labels` are what the file calls our columns; `adds`: rows of several queues are added."""

    contract: Contract
    clock: Clock = field(default_factory=Clock)
    figures: Figures = field(default_factory=Figures)
    labels: Mapping[str, str] = field(default_factory=dict)
    adds: bool = False
    bad: list[BadRow] = field(default_factory=list)
    rows: list[tuple[int, PlanRow]] = field(default_factory=list)
    totals: list[tuple[int, Total]] = field(default_factory=list)
    left_out: int = 0
    _told: dict[tuple[str, str, Direction, object, object], int] = field(default_factory=dict)  # by whom, the line that told it
    _place: dict[tuple[str, Direction, object, object], int] = field(default_factory=dict)  # where the sum stands

    def take(self, line: int, values: Mapping[str, str], whose: str = "") -> None:
        """A record. `whose` is who the file says it is of, where that is not the project itself."""
        try:
            self._take(line, values, whose)
        except RowError as problem:
            self.bad.append(BadRow(line, str(problem)))

    def finish(self) -> None:
        """Everything that only all rows together can be wrong in; rows are in order of time from now on."""
        self.rows.sort(key=lambda numbered: numbered[1].start)
        self.bad += _overlaps(self.rows)
        self.bad += [
            BadRow(0, f"{project} {direction} plans more work than the world has; are volume and aht_s in the right columns?")
            for project, direction in impossible_sums(row for _, row in self.rows)
        ]

    def _take(self, line: int, values: Mapping[str, str], whose: str) -> None:
        project = self._project(values.get("project", ""))
        direction = self._direction(values.get("direction", ""))
        length_text = values.get("interval_s", "")
        if length_text in (DAY, MONTH):
            total = self._total(project, direction, length_text, values)
            self._add_total(line, total, whose)
            return
        text, label = values.get("interval_start", ""), self._label("interval_start")
        start = self.clock.instant(project, label, text, values.get("fold", ""), f"{direction} {whose or project.name}")
        length = self._length(project, start, length_text, values.get("interval_end", ""))
        if project.interval_start(start, length) != start:
            hint = "" if length_text else " (or give the row's own interval_s)"
            raise RowError(f"{label} {text} is not on {project.name}'s clock: its intervals begin every {length // MINUTE} minutes{hint}")
        volume, aht = self._volume(project, values, _MOST, direction)
        required, scheduled = self._agents(values, "required"), self._scheduled(values, length)
        agents = required if scheduled is None else scheduled
        expected = self._aims(values, direction, volume, aht, None if agents is None else agents * length // MICRO)
        threshold = self._optional(values, "sl_threshold_s", _DAY_S)
        row = PlanRow(
            project=project.name,
            start=start,
            end=start + length,
            calls_u=micro(volume),
            handle_us=expected.handle_us,
            aht_us=micro(aht) if aht else None,
            direction=direction,
            required_u=required,
            scheduled_u=scheduled,
            sl_target=self._ratio(values, "sl_target"),
            sl_threshold_us=None if threshold is None else micro(threshold),
            max_occupancy=self._ratio(values, "max_occupancy"),
            contacts_u=expected.contacts_u,
            results_u=expected.results_u,
        )
        self._add_row(line, row, whose)

    # --- several queues of one project --------------------------------------------------------------------------------------------

    def _add_row(self, line: int, row: PlanRow, whose: str) -> None:
        if not self.adds:
            self.rows.append((line, row))
            return
        place = self._same(line, whose, (row.project, row.direction, row.start, row.end), len(self.rows))
        if place is None:
            self.rows.append((line, row))
            return
        first, other = self.rows[place]
        self._alike(line, first, other.contacts_u, row.contacts_u)
        self.rows[place] = (first, _sum(other, row))

    def _add_total(self, line: int, total: Total, whose: str) -> None:
        """Two totals of one project and day are a mistake unless they are of several queues."""
        key = (total.project, total.direction, total.first, total.past)
        place = self._same(line, whose if self.adds else total.project, key, len(self.totals))
        if place is None:
            self.totals.append((line, total))
            return
        first, other = self.totals[place]
        self._alike(line, first, other.contacts_u, total.contacts_u)
        self.totals[place] = (first, _sum_of_totals(other, total))

    def _alike(self, line: int, first: int, one: int | None, other: int | None) -> None:
        """Handle time is for contacts where they are known: half of them known would be neither."""
        if (one is None) is not (other is None):
            raise RowError(f"{self._label('contact_rate')} is given in line {first if other is None else line} alone, and both are added; give it in both")

    def _same(self, line: int, whose: str, key: tuple[str, Direction, object, object], place: int) -> int | None:
        """Where the sum stands that this belongs to, None: nowhere yet."""
        if (told := self._told.setdefault((whose, *key), line)) != line:
            raise RowError(f"{whose or key[0]} {key[1]}: is the same interval as line {told}")
        found = self._place.setdefault(key, place)
        return None if found == place else found

    # --- one column ---------------------------------------------------------------------------------------------------------------

    def _label(self, column: str) -> str:
        return self.labels.get(column, column)

    def _project(self, name: str) -> Project:
        if project := self.contract.project.get(name):
            return project
        if not name:
            raise RowError(f"{self._label('project')} is empty; write one of {', '.join(self.contract.project)}")
        close = get_close_matches(name, self.contract.project, n=1)
        raise RowError(
            f"unknown project {name!r}; " + (f"did you mean {close[0]!r}?" if close else f"the configuration has {', '.join(self.contract.project)}")
        )

    def _direction(self, text: str) -> Direction:
        if not text:
            return Direction.INBOUND
        try:
            return Direction(text)
        except ValueError:
            raise RowError(f"{self._label('direction')} {text!r} is not one of {', '.join(Direction)}") from None

    def _length(self, project: Project, start: int, text: str, end: str) -> int:
        if end and not text:
            found = self.clock.end(project, self._label("interval_end"), end, start, frozenset(_LENGTHS.values()))
            if found is None:
                raise RowError(f"{self._label('interval_end')} {end!r} is not 15, 30 or 60 minutes after the row's start; is it another column?")
            return found
        if not text:
            return self.contract.interval_us
        if text not in _LENGTHS:
            raise RowError(f"{self._label('interval_s')} {text!r} is not one of {', '.join(_LENGTHS)}, {DAY} (the total of a day), {MONTH}")
        return _LENGTHS[text]

    def _total(self, project: Project, direction: Direction, length: str, values: Mapping[str, str]) -> Total:
        label, text = self._label("interval_start"), values.get("interval_start", "")
        first = self.clock.day(project, label, text)
        if length == MONTH and first.day != 1:
            raise RowError(f"{label} {text} is not the first of a month, and the row is a month's total; write {first.replace(day=1)}")
        past = date.fromordinal(first.toordinal() + (1 if length == DAY else 32))
        for column in ("required", "scheduled"):
            if values.get(column):
                raise RowError(f"{self._label(column)} is set, but agents of a whole {'day' if length == DAY else MONTH} cannot be spread; leave it empty")
        volume, aht = self._volume(project, values, _MOST if length == DAY else 31 * _MOST, direction)
        past = past if length == DAY else past.replace(day=1)
        hours = self._optional(values, "agent_hours", _MOST)
        agent_us = None if hours is None else micro(hours * 3600)
        expected = self._aims(values, direction, volume, aht, agent_us)
        aht_us = micro(aht) if aht else None
        return Total(project.name, first, past, micro(volume), expected.handle_us, aht_us, direction, expected.contacts_u, expected.results_u, agent_us)

    def _aims(self, values: Mapping[str, str], direction: Direction, volume: Decimal, aht: Decimal, agent_us: int | None) -> Aims:
        """The work, and what else is expected of outgoing calls."""
        if direction in DIALLED:
            rate = self._rate(values, "contact_rate")
            return aims.aims(volume, aht, agent_us, rate, self._optional(values, "results", 31 * _MOST), self._label)
        for column in aims.COLUMNS:
            if values.get(column):
                raise RowError(f"{self._label(column)} is set, but the row is inbound, and it is of outgoing calls only; leave it empty")
        return Aims(micro(round(volume, 6) * aht))  # of what is kept of it

    def _volume(self, project: Project, values: Mapping[str, str], most: int, direction: Direction) -> tuple[Decimal, Decimal]:
        """Volume, and seconds for each contact; 0 where nothing has to say them."""
        number, label = self.figures.number, self._label
        text = values.get("volume", "")
        volume = number(label("volume"), text, most)
        if "handle_s" in values:
            handled = number(label("handled"), values.get("handled", ""), most)
            handle_s = number(label("handle_s"), values["handle_s"], _HANDLE_S)
            if handle_s and not handled:
                raise RowError(f"{label('handle_s')} is {values['handle_s']} but {label('handled')} is 0; correct one of them")
            aht = handle_s / handled if handled else Decimal(project.aht_us) / SECOND  # nobody was handled: what the contract assumes
            if aht > _DAY_S:
                raise RowError(f"{label('handle_s')} is more than {_DAY_S} for each of {label('handled')}; is it in seconds?")
            return volume, aht
        text_s = values.get("aht_s", "")
        needed = volume and (text_s or direction not in DIALLED)
        aht = number(label("aht_s"), text_s, _DAY_S) if text_s or needed else Decimal(0)
        if needed and not aht:
            raise RowError(f"{label('aht_s')} is 0 but {label('volume')} is {text}; give the planned seconds per contact")
        return volume, aht

    def _optional(self, values: Mapping[str, str], column: str, most: int) -> Decimal | None:
        text = values.get(column, "")
        return self.figures.number(self._label(column), text, most) if text else None

    def _agents(self, values: Mapping[str, str], column: str) -> int | None:
        number = self._optional(values, column, _MOST)
        return None if number is None else micro(number)

    def _scheduled(self, values: Mapping[str, str], length: int) -> int | None:
        """Agents on the schedule, or as many as their hours make in the row."""
        agents, hours = self._agents(values, "scheduled"), self._optional(values, "agent_hours", _MOST)
        if agents is not None and hours is not None:
            raise RowError(f"{self._label('scheduled')} and {self._label('agent_hours')} both name the agents; leave one of them empty")
        return agents if hours is None else micro(hours * 3600 * SECOND / length)

    def _rate(self, values: Mapping[str, str], column: str) -> Decimal | None:
        number = self._optional(values, column, _MOST)
        if number is not None and number > 1:
            raise RowError(f"{self._label(column)} {values[column]} is not a ratio; write 80 % as 0.80")
        return number

    def _ratio(self, values: Mapping[str, str], column: str) -> float | None:
        number = self._rate(values, column)
        return None if number is None else float(number)


def _sum(one: PlanRow, other: PlanRow) -> PlanRow:
    """Two rows of one interval together; agents that only one of them names would look like all, and targets are the first one's."""
    return replace(
        one,
        calls_u=one.calls_u + other.calls_u,
        handle_us=one.handle_us + other.handle_us,
        aht_us=_together(one, other),
        required_u=both(one.required_u, other.required_u),
        scheduled_u=both(one.scheduled_u, other.scheduled_u),
        contacts_u=both(one.contacts_u, other.contacts_u),
        results_u=both(one.results_u, other.results_u),
    )


def _sum_of_totals(one: Total, other: Total) -> Total:
    """The same of whole days."""
    return replace(
        one,
        calls_u=one.calls_u + other.calls_u,
        handle_us=one.handle_us + other.handle_us,
        aht_us=_together(one, other),
        contacts_u=both(one.contacts_u, other.contacts_u),
        results_u=both(one.results_u, other.results_u),
        agent_us=both(one.agent_us, other.agent_us),
    )


def _together(one: PlanRow | Total, other: PlanRow | Total) -> int | None:
    """The average handle time of both; of outgoing calls for each contact, and None where the agents' hours say the work."""
    if one.direction in DIALLED and one.aht_us is None and other.aht_us is None:
        return None
    contacts = both(one.contacts_u, other.contacts_u) if one.direction in DIALLED else one.calls_u + other.calls_u
    return (one.handle_us + other.handle_us) * MICRO // contacts if contacts else one.aht_us or other.aht_us


def _overlaps(rows: Iterable[tuple[int, PlanRow]]) -> list[BadRow]:
    """Rows that begin before the one before them has ended; `rows` are in order of time."""
    latest: dict[tuple[str, Direction], tuple[int, PlanRow]] = {}
    found: dict[BadRow, None] = {}
    for line, row in rows:
        key = (row.project, row.direction)
        other_line, other = latest.get(key, (0, None))
        if other is not None and row.start < other.end:
            first, second = sorted((line, other_line))
            what = "is the same interval as" if row.start == other.start and row.end == other.end else "overlaps"
            found[BadRow(second, f"{row.project} {row.direction}: {what} line {first}")] = None
        if other is None or row.end > other.end:
            latest[key] = (line, row)
    return list(found)


def impossible_sums(rows: Iterable[PlanRow]) -> list[tuple[str, Direction]]:
    """The projects that plan more work than a plan can hold."""
    sums: dict[tuple[str, Direction], int] = {}
    for row in rows:
        key = (row.project, row.direction)
        sums[key] = sums.get(key, 0) + max(row.calls_u, row.handle_us, (row.agents_u or 0) * (row.end - row.start) // MICRO)
    return [key for key, total in sums.items() if total > _LARGEST_SUM]
