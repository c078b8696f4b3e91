"""What has been agreed after the plan was made: "from Monday on only six tenths of it". A line each, beside the plan, whatever its format.

    project,from,until,factor,who,when,note,removed,removed_by

`from` and `until` are the first and last local day a factor holds, `until` empty: for good. Factors of one day are multiplied. Volume and handle
time are scaled; the average handle time stays, and so do agents: people are rostered, whatever a client sends. A line is never deleted: from
when it is `removed` it no longer scales, and that is a new beginning too.

Where a project's plan is another from an instant on, detectors that compare the days before with it have to begin anew: those instants are
`rebased`. Nothing begins before it was agreed: a scale of yesterday entered today re-bases today.

Owns the lines, the arithmetic and the instants. Refuses files. Next: `config.read_plan`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

from monitor.core.contract import SECOND, Contract, Project
from monitor.errors import BadRow, PlanError
from monitor.plan import days
from monitor.plan.numbers import Figures, micro
from monitor.plan.plan import MICRO, PlanRow
from monitor.plan.records import records
from monitor.plan.times import RowError

COLUMNS: Final = ("project", "from", "until", "factor", "who", "when", "note", "removed", "removed_by")
LARGEST: Final = 100

_NEVER: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Scale:
    """One line: from `first` to `last` (None: for good) the project's plan is `factor` of what its file says. Agreed `at`."""

    project: str
    first: date
    last: date | None
    factor: Decimal
    who: str
    at: int
    note: str
    removed_at: int | None = None
    removed_by: str = ""

    def start(self, project: Project) -> int:
        """The instant its first day begins."""
        return days.midnight(project, self.first)

    def end(self, project: Project) -> int | None:
        """The instant its last day ends, None: it does not."""
        return None if self.last is None else days.midnight(project, self.last + timedelta(days=1))


def scaled(rows: Iterable[PlanRow], scales: Sequence[Scale], contract: Contract) -> Iterator[PlanRow]:
    """The rows as they are meant now."""
    spans: dict[str, list[tuple[int, int, int]]] = {}
    for scale in scales:
        project = contract.project.get(scale.project)
        if project is not None and scale.removed_at is None:
            end = scale.end(project)
            spans.setdefault(project.name, []).append((scale.start(project), _NEVER if end is None else end, micro(scale.factor)))
    for row in rows:
        meant = row
        for start, end, factor_u in spans.get(row.project, ()):
            if start <= row.start < end and factor_u != MICRO:
                meant = _times(meant, factor_u)
        yield meant


def _times(row: PlanRow, factor_u: int) -> PlanRow:
    calls, handle = (_part(quantity, factor_u) for quantity in (row.calls_u, row.handle_us))
    contacts, results = (None if quantity is None else _part(quantity, factor_u) for quantity in (row.contacts_u, row.results_u))
    return replace(row, calls_u=calls, handle_us=handle, contacts_u=contacts, results_u=results)


def _part(quantity: int, factor_u: int) -> int:
    return (2 * quantity * factor_u + MICRO) // (2 * MICRO)


def rebased(scales: Iterable[Scale], contract: Contract) -> dict[str, tuple[int, ...]]:
    """By project, the instants from which its plan is another than the days before were judged by, in order."""
    instants: dict[str, set[int]] = {}
    for scale in scales:
        project = contract.project.get(scale.project)
        if project is None:
            continue
        end, removed = scale.end(project), scale.removed_at
        start = max(scale.start(project), scale.at)
        over = min(_NEVER if end is None else end, _NEVER if removed is None else removed)
        if start < over:
            instants.setdefault(project.name, set()).update({start} if over == _NEVER else {start, over})
    return {name: tuple(sorted(found)) for name, found in instants.items()}


def read_scales(text: str, file: str) -> tuple[Scale, ...]:
    """Every line, removed ones too; PlanError with every bad one. A project that is configured no more is no error: its lines wait."""
    bad: list[BadRow] = []
    scales: list[Scale] = []
    columns: list[str] | None = None
    for line, cells in records(text, bad):
        if columns is None:
            columns = [cell.lower() for cell in cells]
            if columns != [*COLUMNS]:
                raise PlanError(file, [BadRow(line, f"this is not the file of floorwatch plan scale: its first line is {','.join(COLUMNS)}; move it away")])
            continue
        try:
            scales.append(_scale(cells))
        except RowError as problem:
            bad.append(BadRow(line, str(problem)))
    if bad:
        raise PlanError(file, bad)
    return tuple(scales)


def _scale(cells: Sequence[str]) -> Scale:
    if len(cells) != len(COLUMNS):
        raise RowError(f"{len(cells)} fields, the header has {len(COLUMNS)}; change it by floorwatch plan scale")
    values = dict(zip(COLUMNS, cells, strict=True))
    first, last = _day("from", values["from"]), _day("until", values["until"]) if values["until"] else None
    if last is not None and last < first:
        raise RowError(f"until {last} is before from {first}; it would never hold")
    removed = _instant("removed", values["removed"]) if values["removed"] else None
    factor = Figures().number("factor", values["factor"], LARGEST)
    return Scale(values["project"], first, last, factor, values["who"], _instant("when", values["when"]), values["note"], removed, values["removed_by"])


def _day(column: str, text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None:
        raise RowError(f"{column} {text!r} is not a date; write it as 2026-12-25")
    if not 1970 < day.year < 3000:
        raise RowError(f"{column} {text!r} is in no year anybody plans for; write it as 2026-12-25")
    return day


def _instant(column: str, text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not 1970 < moment.year < 3000:
        raise RowError(f"{column} {text!r} is not an instant; write it as 2026-12-25T09:00:00+00:00")
    return int(moment.timestamp()) * SECOND


def written(scales: Iterable[Scale]) -> str:
    """The lines as the file has them."""
    lines = [",".join(COLUMNS)]
    for one in scales:
        last, removed = "" if one.last is None else one.last.isoformat(), "" if one.removed_at is None else shown(one.removed_at)
        cells = (one.project, one.first.isoformat(), last, f"{one.factor:f}", one.who, shown(one.at), one.note, removed, one.removed_by)
        lines.append(",".join(map(quoted, cells)))
    return "\n".join(lines) + "\n"


def shown(at: int) -> str:
    """An instant as files have it."""
    return datetime.fromtimestamp(at // SECOND, UTC).isoformat()


def quoted(cell: str) -> str:
    """A cell of CSV."""
    return '"' + cell.replace('"', '""') + '"' if any(sign in cell for sign in ',"\n\r') or cell != cell.strip() else cell
