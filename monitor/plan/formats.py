"""Plan files: the text of one in, its rows out, or everything that is wrong with it at once.

Owns the native CSV (`FORMATS` names what can be read):

    project,interval_start,volume,aht_s[,fold,direction,interval_s,required,scheduled,sl_target,sl_threshold_s,max_occupancy,contact_rate]

`interval_start` is ISO 8601 with an offset or `Z`, or local time of the project's zone. The hour a clock repeats in autumn is told
apart by `fold` (0 the first, 1 the second time), else by the order in the file; an hour that spring leaves out is a bad row.
Intervals lie on the project's local clock and do not overlap. A row that is not there means no plan; a volume of 0 means none expected.

Refuses files and decoding (`config` reads them) and guessing: one bad row and there is no plan, the one in force stays.
Next: `Plan.of(rows)`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Final

from monitor.core.contract import MINUTE, SECOND, Contract, Project
from monitor.errors import BadRow, PlanError
from monitor.plan.plan import MICRO, Direction, PlanRow

REQUIRED: Final = ("project", "interval_start", "volume", "aht_s")
OPTIONAL: Final = ("fold", "direction", "interval_s", "required", "scheduled", "sl_target", "sl_threshold_s", "max_occupancy", "contact_rate")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LENGTHS = {"900": 900 * SECOND, "1800": 1800 * SECOND, "3600": 3600 * SECOND}
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_NUMBER = re.compile(r"-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)
_DAY_S = 86_400
_MOST = 1_000_000  # of calls or agents in one row: more is a wrong column
_NUMBERS = "write a number such as 180 or 16.25"
_TIMES = "write ISO 8601, such as 2026-11-24T09:00:00+02:00, or 2026-11-24T09:00 in the project's local time"
_LARGEST_SUM = 2**62  # of microseconds in one project: 146 000 years of handling


class _RowError(ValueError):
    """What is wrong with one field or row."""


@dataclass(slots=True)
class _Reading:
    """What has been seen of a file so far."""

    contract: Contract
    bad: list[BadRow] = field(default_factory=list)
    rows: list[tuple[int, PlanRow]] = field(default_factory=list)
    local_seen: dict[tuple[str, str, datetime], int] = field(default_factory=dict)


def read_floorwatch(text: str, contract: Contract, file: str = "plan") -> tuple[PlanRow, ...]:
    """The rows of a native plan CSV in order of time; PlanError with every bad row otherwise."""
    reading = _Reading(contract)
    lines = records(text, reading.bad)
    columns: list[str] | None = None
    for line, cells in lines:
        if columns is None:
            columns = _header(cells)
            if problem := _header_problem(cells, columns):
                raise PlanError(file, [BadRow(line, problem)])
            continue
        try:
            reading.rows.append((line, _row(reading, columns, cells)))
        except _RowError as problem:
            reading.bad.append(BadRow(line, str(problem)))
    if columns is None and not reading.bad:
        reading.bad.append(BadRow(0, f"the file is empty; its first line must be {','.join(REQUIRED)}"))
    elif not reading.rows and not reading.bad:
        reading.bad.append(BadRow(0, "there is no row below the header; a plan needs at least one"))
    reading.rows.sort(key=lambda numbered: numbered[1].start)
    _find_overlaps(reading)
    _find_impossible_sums(reading)
    if reading.bad:
        raise PlanError(file, sorted(reading.bad, key=lambda bad: bad.line))
    return tuple(row for _, row in reading.rows)


FORMATS: Final[Mapping[str, Callable[[str, Contract, str], tuple[PlanRow, ...]]]] = {"floorwatch": read_floorwatch}


def records(text: str, bad: list[BadRow]) -> Iterator[tuple[int, list[str]]]:
    """The records of any CSV that are not blank, stripped, each with the line it begins on; what is no CSV goes to `bad` and ends it."""
    unix = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    reader = csv.reader((f"{line}\n" for line in unix.split("\n")), strict=True, skipinitialspace=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            bad.append(BadRow(line, f"not CSV: {error}; look for a stray quote"))
            return
        if any(cells):
            yield line, cells


def _header(cells: list[str]) -> list[str]:
    return [cell.lower() for cell in cells]


def _header_problem(cells: list[str], columns: list[str]) -> str | None:
    """What is wrong with the first line."""
    for delimiter, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if len(cells) == 1 and delimiter in cells[0]:
            return f"the columns are separated by {name}; save with commas, and decimals with a point"
    known = REQUIRED + OPTIONAL
    for name, column in zip(cells, columns, strict=True):
        if column not in known:
            close = get_close_matches(column, known, n=1)
            return f"unknown column {name!r}; " + (f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known)}")
        if columns.count(column) > 1:
            return f"column {column!r} is there twice"
    missing = [column for column in REQUIRED if column not in columns]
    return f"missing column {', '.join(map(repr, missing))}; the first line must name at least {','.join(REQUIRED)}" if missing else None


def _row(reading: _Reading, columns: list[str], cells: list[str]) -> PlanRow:
    if len(cells) != len(columns):
        hint = "; a decimal comma? Decimals need a point" if len(cells) > len(columns) else ""
        raise _RowError(f"{len(cells)} fields, the header has {len(columns)}{hint}")
    values = dict.fromkeys(OPTIONAL, "") | dict(zip(columns, cells, strict=True))
    project = _project(reading.contract, values["project"])
    direction = _direction(values["direction"])
    start = _start(reading, project, direction, values["interval_start"], values["fold"])
    length = _length(values["interval_s"], reading.contract.interval_us)
    if project.interval_start(start, length) != start:
        hint = "" if values["interval_s"] else " (or give the row's own interval_s)"
        every = f"its intervals begin every {length // MINUTE} minutes{hint}"
        raise _RowError(f"interval_start {values['interval_start']} is not on {project.name}'s clock: {every}")
    volume = _number(values, "volume", _MOST)
    aht = _number(values, "aht_s", _DAY_S) if values["aht_s"] or volume else Decimal(0)
    if volume and not aht:
        raise _RowError(f"aht_s is 0 but volume is {values['volume']}; give the planned seconds per contact")
    threshold = _optional(values, "sl_threshold_s", _DAY_S)
    return PlanRow(
        project=project.name,
        start=start,
        end=start + length,
        calls_u=_micro(volume),
        handle_us=_micro(volume * aht),
        aht_us=_micro(aht) if aht else None,
        direction=direction,
        required_u=_optional_micro(values, "required"),
        scheduled_u=_optional_micro(values, "scheduled"),
        sl_target=_ratio(values, "sl_target"),
        sl_threshold_us=None if threshold is None else _micro(threshold),
        max_occupancy=_ratio(values, "max_occupancy"),
        contact_rate=_ratio(values, "contact_rate"),
    )


def _project(contract: Contract, name: str) -> Project:
    if project := contract.project.get(name):
        return project
    if not name:
        raise _RowError(f"project is empty; write one of {', '.join(contract.project)}")
    close = get_close_matches(name, contract.project, n=1)
    raise _RowError(f"unknown project {name!r}; " + (f"did you mean {close[0]!r}?" if close else f"the configuration has {', '.join(contract.project)}"))


def _direction(text: str) -> Direction:
    try:
        return Direction(text or Direction.INBOUND)
    except ValueError:
        raise _RowError(f"direction {text!r} is not one of {', '.join(Direction)}") from None


def _length(text: str, default: int) -> int:
    if not text:
        return default
    if text not in _LENGTHS:
        raise _RowError(f"interval_s {text!r} is not one of {', '.join(_LENGTHS)}")
    return _LENGTHS[text]


def _start(reading: _Reading, project: Project, direction: Direction, text: str, fold: str) -> int:
    """The instant a row begins, in microseconds."""
    if fold not in ("", "0", "1"):
        raise _RowError(f"fold {fold!r} is not 0 or 1")
    if not _TIME.fullmatch(text):
        raise _RowError(f"interval_start {text!r} is not a time; {_TIMES}")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise _RowError(f"interval_start {text!r} is not a time: {error}; {_TIMES}") from None
    if not 1970 < moment.year < 3000:
        raise _RowError(f"interval_start {text!r} is not in a year anybody plans for; {_TIMES}")
    if moment.tzinfo is None:
        moment = _local(reading, project, direction, moment, fold)
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _local(reading: _Reading, project: Project, direction: Direction, naive: datetime, fold: str) -> datetime:
    """Local time of the project as an instant: once, twice (fold or file order tells) or, in the spring gap, never."""
    first = naive.replace(tzinfo=project.zone, fold=0)
    second = naive.replace(tzinfo=project.zone, fold=1)
    first_offset, second_offset = first.utcoffset(), second.utcoffset()
    if first_offset == second_offset:
        if fold == "1":
            raise _RowError(f"fold 1, but {naive.isoformat(timespec='minutes')} comes only once in {project.zone}")
        moment = first
    elif first_offset is not None and second_offset is not None and first_offset < second_offset:
        raise _RowError(f"{naive.isoformat(timespec='minutes')} does not exist in {project.zone}: the clock jumps over it; leave the row out")
    elif fold:
        moment = second if fold == "1" else first
    else:
        key = (project.name, direction, naive)
        reading.local_seen[key] = reading.local_seen.get(key, 0) + 1
        moment = first if reading.local_seen[key] == 1 else second
    return moment


def _number(values: Mapping[str, str], column: str, most: int) -> Decimal:
    text = values[column]
    if not text:
        raise _RowError(f"{column} is empty; where there is no plan, leave the row out")
    if not _NUMBER.fullmatch(text):
        raise _RowError(f"{column} {text!r} is not a number; {_hint(column, text)}")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise _RowError(f"{column} {text!r} is not a number; {_NUMBERS}") from None
    if number < 0:
        raise _RowError(f"{column} {text} is negative; {_NUMBERS}")
    if number > most:
        raise _RowError(f"{column} {text} is more than {most}; is it another column, or another unit?")
    return number


def _hint(column: str, text: str) -> str:
    """The way out of what is no number."""
    if ":" in text and column.endswith("_s"):
        return "write minutes and seconds as seconds: 3:05 is 185"
    return "decimals need a point, thousands nothing: 1250.5" if "," in text else _NUMBERS


def _optional(values: Mapping[str, str], column: str, most: int) -> Decimal | None:
    return _number(values, column, most) if values[column] else None


def _optional_micro(values: Mapping[str, str], column: str) -> int | None:
    number = _optional(values, column, _MOST)
    return None if number is None else _micro(number)


def _ratio(values: Mapping[str, str], column: str) -> float | None:
    number = _optional(values, column, _MOST)
    if number is not None and number > 1:
        raise _RowError(f"{column} {values[column]} is not a ratio; write 80 % as 0.80")
    return None if number is None else float(number)


def _micro(number: Decimal) -> int:
    """The nearest whole number of millionths."""
    return int((number * MICRO).to_integral_value())


def _find_overlaps(reading: _Reading) -> None:
    """A row that begins before the one before it has ended; `rows` are in order of time."""
    latest: dict[tuple[str, Direction], tuple[int, PlanRow]] = {}
    for line, row in reading.rows:
        key = (row.project, row.direction)
        other_line, other = latest.get(key, (0, None))
        if other is not None and row.start < other.end:
            first, second = sorted((line, other_line))
            what = "is the same interval as" if row.start == other.start and row.end == other.end else "overlaps"
            reading.bad.append(BadRow(second, f"{row.project} {row.direction}: {what} line {first}"))
        if other is None or row.end > other.end:
            latest[key] = (line, row)


def _find_impossible_sums(reading: _Reading) -> None:
    sums: dict[tuple[str, Direction], int] = {}
    for _, row in reading.rows:
        key = (row.project, row.direction)
        sums[key] = sums.get(key, 0) + max(row.calls_u, row.handle_us, (row.agents_u or 0) * (row.end - row.start) // MICRO)
    for (project, direction), total in sums.items():
        if total > _LARGEST_SUM:
            reading.bad.append(BadRow(0, f"{project} {direction} plans more work than the world has; are volume and aht_s in the right columns?"))
