"""Whom a project has called: attempts, how many took them and became contacts, and the work on them, beside what was planned, for each direction.

Owns the sums, their ratios, the columns and the table of days and intervals. A rate is contacts of attempts; where a dialer elsewhere pushes in more than
were dialled it is not known. Callbacks have no plan. Refuses prices: contacts of outbound work have none of their own. Next: `day` and `client` put
the tables among their own.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from monitor.core.contract import SECOND, Project
from monitor.core.direction import DIALLED, Direction
from monitor.core.snapshot import Cell
from monitor.core.tariff import MICRO
from monitor.outputs.reports.asked import Asked
from monitor.outputs.reports.report import Column, Kind, Row, Section, ratio, seconds
from monitor.outputs.reports.words import Words
from monitor.state.store.tally import Tally

_WAYS: Final = {Direction.OUTBOUND: "OUT", Direction.CALLBACK: "CALLBACK"}
_DONE: Final = ("ATTEMPTS", "TAKEN", "CONTACTS", "DIALING_US", "TALK_US", "HOLD_US", "WRAPUP_US")
_PLANNED: Final = (Cell.PLAN_OUT_ATTEMPTS_U, Cell.PLAN_OUT_CONTACTS_U, Cell.PLAN_OUT_HANDLE_US)
COLUMNS: Final = (*(Cell[f"{way}_{what}"].name.lower() for way in _WAYS.values() for what in _DONE), *(cell.name.lower() for cell in _PLANNED))


@dataclass(frozen=True, slots=True)
class Dialled:
    """Sums of a span, of one direction; planned are millionths and microseconds."""

    attempts: int = 0
    taken: int = 0
    contacts: int = 0
    dialing_us: int = 0
    talk_us: int = 0
    hold_us: int = 0
    wrapup_us: int = 0
    planned_attempts_u: int = 0
    planned_contacts_u: int = 0
    planned_us: int = 0

    def __add__(self, other: Dialled) -> Dialled:
        """Both together."""
        return Dialled(*(one + more for one, more in zip(astuple(self), astuple(other), strict=True)))

    @property
    def alive(self) -> bool:
        """Whether anything was done or planned."""
        return any(astuple(self))

    @property
    def handle_us(self) -> int:
        """All work."""
        return self.dialing_us + self.talk_us + self.hold_us + self.wrapup_us

    @property
    def rate(self) -> Decimal | None:
        """Contacts of attempts."""
        return ratio(self.contacts, self.attempts) if self.contacts <= self.attempts else None


def of(sums: Sequence[int]) -> dict[Direction, Dialled]:
    """By direction, of sums in the order of `COLUMNS`."""
    width, planned = len(_DONE), sums[len(_DONE) * len(_WAYS) :]
    found = {way: Dialled(*sums[number * width : (number + 1) * width]) for number, way in enumerate(_WAYS)}
    found[Direction.OUTBOUND] += Dialled(*(0,) * width, *planned)
    return found


def columns(words: Words) -> tuple[Column, ...]:
    """Of the figures."""
    column = words.column
    return (
        *(column(key, Kind.COUNT) for key in ("attempts", "taken", "contacts_dialled")),
        column("contact_rate", Kind.RATIO),
        *(column(key, Kind.NUMBER) for key in ("planned_attempts", "planned_contacts_dialled")),
        column("planned_contact_rate", Kind.RATIO),
        *(column(key, Kind.SECONDS) for key in ("aht_s", "dialing_s", "talk_s", "hold_s", "wrapup_s", "handle_s", "planned_handle_s")),
    )


def figures(one: Dialled) -> Row:
    """One row of them; what is not planned is not known."""
    attempts, contacts = (Decimal(planned) / MICRO if planned else None for planned in (one.planned_attempts_u, one.planned_contacts_u))
    return (
        *(one.attempts, one.taken, one.contacts, one.rate, attempts, contacts),
        ratio(one.planned_contacts_u, one.planned_attempts_u) if one.planned_contacts_u else None,
        ratio(one.handle_us, one.contacts * SECOND),
        *(seconds(each) for each in (one.dialing_us, one.talk_us, one.hold_us, one.wrapup_us, one.handle_us)),
        seconds(one.planned_us) if one.planned_us else None,
    )


# --- the report of days ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Line:
    day: date
    project: Project
    at: int | None
    way: Direction
    sums: Dialled


def sections(asked: Asked, tally: Tally, *, intervals: bool) -> Iterator[Section]:
    """By day and, if asked for, by interval; none where no project dials out."""
    lines = [line for project in asked.projects if project.outbound for line in _lines(asked, project, tally)]
    days = [line for line in lines if line.at is None]
    if not days:
        return
    words, head = asked.words, (asked.words.column("project", Kind.TEXT), asked.words.column("direction", Kind.TEXT))
    total = (words("all"), None, None, *figures(together(line.sums for line in days))) if len(days) > 1 else None
    date_, start = words.column("date", Kind.DATE), words.column("interval", Kind.TIME)
    rows = tuple((line.day, line.project.name, words(line.way.value), *figures(line.sums)) for line in days)
    yield Section("dialled_days", words("dialled_days"), (date_, *head, *columns(words)), rows, total)
    if intervals:
        parts = sorted((line for line in lines if line.at is not None), key=lambda line: (line.day, asked.projects.index(line.project), line.at or 0))
        rows = tuple((line.day, _local(line), line.project.name, words(line.way.value), *figures(line.sums)) for line in parts)
        yield Section("dialled_intervals", words("dialled_intervals"), (date_, start, *head, *columns(words)), rows)


def together(parts: Iterable[Dialled]) -> Dialled:
    """The sum of them."""
    return sum(parts, Dialled())


def _local(line: _Line) -> datetime:
    return datetime.fromtimestamp((line.at or 0) // SECOND, UTC).astimezone(line.project.zone)


def _lines(asked: Asked, project: Project, tally: Tally) -> Iterator[_Line]:
    """The days of a project, each followed by its intervals."""
    edges = asked.edges(project)
    of_day: dict[int, list[tuple[int, Mapping[Direction, Dialled]]]] = {}
    for at, _, *sums in tally.intervals("project", project.name, edges[0], edges[-1], COLUMNS):
        of_day.setdefault(bisect_right(edges, at) - 1, []).append((at, of(sums)))
    for number, day in enumerate(asked.days):
        for way in DIALLED:
            parts = [(at, found[way]) for at, found in of_day.get(number, ()) if found[way].alive]
            if parts:
                yield _Line(day, project, None, way, together(part for _, part in parts))
                yield from (_Line(day, project, at, way, part) for at, part in parts)
