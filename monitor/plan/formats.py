"""Plan files: the text or cells of one in, its rows out, or everything that is wrong with it at once.

A `ColumnMapping` says how the file is laid out; one whose first line names our own columns is native whatever the mapping says, so a file that
`plan import` wrote needs no other configuration. A row that is not there means no plan; a volume of 0 means none expected. Totals of days or
months are spread by a profile.

Owns the order: columns, rows, totals, what only all of them show. Refuses files and decoding (`config` reads them) and guessing: one bad row and
there is no plan, the one in force stays. A file of more rows than a plan has is refused before it is read. Next: `Plan.of(rows)`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from monitor.core.contract import SECOND, Contract
from monitor.errors import BadRow, PlanError
from monitor.plan.mapping import NATIVE, ColumnMapping, Layout, with_header, without_header
from monitor.plan.numbers import Figures
from monitor.plan.plan import PlanRow
from monitor.plan.profile import Profile
from monitor.plan.records import Record, delimiter_of, records
from monitor.plan.rows import MOST_ROWS, OPTIONAL, REQUIRED, Reading, Total
from monitor.plan.spread import spread
from monitor.plan.times import Clock, RowError
from monitor.plural import counted

__all__ = ["OPTIONAL", "REQUIRED", "Read", "read_cells", "read_floorwatch", "read_text"]

MOST_BAD: Final = 10_000  # rows that are wrong: whoever made the file knows by then
_TOO_MANY = f"has more than {MOST_ROWS} rows, more than is read at once; leave out what is past, or plan fewer months"


@dataclass(frozen=True, slots=True)
class Read:
    """The rows of a file in order of time; in which format it was; how many rows were left out on purpose; how many totals were spread."""

    rows: tuple[PlanRow, ...]
    format: str
    left_out: int = 0
    totals: int = 0


def read_floorwatch(text: str, contract: Contract, file: str = "plan") -> tuple[PlanRow, ...]:
    """The rows of a native plan in order of time; PlanError with every bad row otherwise."""
    return read_text(text, contract, file).rows


def read_text(text: str, contract: Contract, file: str = "plan", mapping: ColumnMapping = NATIVE, profile: Profile | None = None) -> Read:
    """A plan file as text."""
    if text.count("\n") > MOST_ROWS + 1:
        raise PlanError(file, [BadRow(0, _TOO_MANY)])
    bad: list[BadRow] = []
    delimiter = delimiter_of(text)
    if mapping.delimiter and not _is_native(next(records(text, [], delimiter), (0, []))[1]):
        delimiter = mapping.delimiter
    return _read(records(text, bad, delimiter), bad, delimiter, contract, file, mapping, profile)


def read_cells(rows: Iterable[Record], bad: list[BadRow], contract: Contract, file: str, mapping: ColumnMapping, profile: Profile | None = None) -> Read:
    """A plan file as the rows of a sheet; what is wrong with the sheet itself comes into `bad` while they are read."""
    return _read(iter(rows), bad, None, contract, file, mapping, profile)


def _read(
    rows: Iterator[Record], bad: list[BadRow], delimiter: str | None, contract: Contract, file: str, mapping: ColumnMapping, profile: Profile | None
) -> Read:
    first = next(rows, None)
    if first is None:
        raise PlanError(file, bad or [BadRow(0, _empty(mapping))])
    line, cells = first
    if not mapping.native and _is_native(cells):
        mapping = _by_our_names(mapping, cells)
    if delimiter is not None:
        mapping = replace(mapping, delimiter=delimiter)
    reading = Reading(contract, Clock(mapping.zone, mapping.form), Figures(delimiter), mapping.labels(), mapping.adds, bad)
    if mapping.header:
        layout = with_header(mapping, cells)
        if isinstance(layout, str):
            raise PlanError(file, [BadRow(line, layout)])
    else:
        layout = without_header(mapping)
        rows = _again(first, rows)
    _take_all(rows, reading, layout, mapping, file)
    if not reading.rows and not reading.totals and not bad:
        left = f" but {counted(reading.left_out, 'row')} left out on purpose" if reading.left_out else ""
        below = " below the header" if mapping.header else ""
        bad.append(BadRow(0, f"there is no row{below}{left}; a plan needs at least one"))
    _spread(reading, contract, profile, file)
    if not reading.rows and not bad:
        bad.append(BadRow(0, "its totals are of closed days only, so nothing is planned; a plan needs one open interval at least"))
    reading.finish()
    if bad:
        raise PlanError(file, sorted(bad, key=lambda one: one.line))
    return Read(tuple(row for _, row in reading.rows), mapping.name, reading.left_out, len(reading.totals))


def _take_all(rows: Iterator[Record], reading: Reading, layout: Layout, mapping: ColumnMapping, file: str) -> None:
    strange: dict[str, list[int]] = {}  # by the name that nobody has mapped: its lines
    _take_each(rows, reading, layout, mapping, file, strange)
    reading.bad += (BadRow(lines[0], _unmapped(name, len(lines), reading)) for name, lines in strange.items())


def _take_each(rows: Iterator[Record], reading: Reading, layout: Layout, mapping: ColumnMapping, file: str, strange: dict[str, list[int]]) -> None:
    for number, (line, cells) in enumerate(rows, 1):
        if number > MOST_ROWS:
            raise PlanError(file, [BadRow(0, _TOO_MANY)])
        try:
            taken = layout.values(cells)
        except RowError as problem:
            reading.bad.append(BadRow(line, str(problem)))
            continue
        if taken is None:
            reading.left_out += 1
            continue
        values, whose = taken
        if mapping.adds and (name := values.get("project", "")) not in reading.contract.project:
            strange.setdefault(name, []).append(line)
        else:
            reading.take(line, values, whose if mapping.adds else "")
        if len(reading.bad) + len(strange) > MOST_BAD:
            reading.bad.append(BadRow(line, f"reading stopped here, after {MOST_BAD} bad rows; is it this file, and its format?"))
            return


def _spread(reading: Reading, contract: Contract, profile: Profile | None, file: str) -> None:
    """The totals become rows."""
    days = sum((total.past - total.first).days for _, total in reading.totals)
    if days * 86_400 * SECOND // contract.interval_us > MOST_ROWS:
        raise PlanError(file, [BadRow(0, f"its totals are of {days} days, {_TOO_MANY.removeprefix('has ')}")])
    for line, total in reading.totals:
        reading.rows += ((line, row) for row in _rows_of(line, total, reading, profile))


def _rows_of(line: int, total: Total, reading: Reading, profile: Profile | None) -> list[PlanRow]:
    try:
        return spread(total, reading.contract.project[total.project], reading.contract.interval_us, profile)
    except RowError as problem:
        reading.bad.append(BadRow(line, str(problem)))
        return []


def _unmapped(name: str, rows: int, reading: Reading) -> str:
    """A queue or skill of the planning product that nobody has mapped to a project: said once, of all its rows."""
    often = f" ({counted(rows, 'row')})" if rows > 1 else ""
    if not name:
        return f"{reading.labels.get('project', 'project')} is empty{often}; it is a name of the planning product"
    example = next(iter(reading.contract.project), "bank-line")
    ways = f'[plan] format: projects = {{ "{name}" = "{example}" }}, or plan import --map "{name}={example}"'
    return f"{name!r} is no project{often}; map it in {ways}; nothing after the = leaves its rows out"


def _is_native(cells: list[str]) -> bool:
    return {*REQUIRED} <= {cell.lower() for cell in cells}


def _by_our_names(mapping: ColumnMapping, cells: list[str]) -> ColumnMapping:
    """How a file is read whose first line has our names: as native, unless the site's own columns are called so: then with the site's form and zone of
    times, and with other columns beside them as the site says."""
    if any(mapping.columns.get(name) != (name,) for name in REQUIRED):
        return NATIVE
    return replace(NATIVE, zone=mapping.zone, form=mapping.form) if {cell.lower() for cell in cells} <= {*REQUIRED, *OPTIONAL} else mapping


def _empty(mapping: ColumnMapping) -> str:
    if mapping.native:
        return f"the file is empty; its first line must be {','.join(REQUIRED)}"
    return f"the file is empty; it is to be in the format {mapping.name}"


def _again(first: Record, rows: Iterator[Record]) -> Iterator[Record]:
    yield first
    yield from rows
