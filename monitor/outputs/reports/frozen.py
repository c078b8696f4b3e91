"""Sections of a report as text that is kept for years, and back: a closed month shows what was sent then, whatever the program says today.

Owns that form: JSON, written row by row, so that a large page is not there twice. A cell is a number, or a text whose first letter says what it is.
Nothing is rounded in it. Refuses where it is kept (`state.store.closing`). Next: `reporting.freezing` writes it, `reporting.closing` reads it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any, Final

from monitor.outputs.reports.report import Cell, Column, Kind, Row, Section

_TEXT, _DECIMAL, _TIME, _DATE = "s", "n", "t", "d"
Packed = str | int | None
_PIECE: Final = 500  # rows


@dataclass(frozen=True, slots=True)
class Page:
    """A project's part of a report."""

    sections: tuple[Section, ...]
    notes: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)


def text(head: Mapping[str, object], pages: Iterable[tuple[str, Page]]) -> Iterator[str]:
    """The text of some values and of pages under their names, in pieces."""
    yield _said(head)[:-1]
    for name, page in pages:
        yield f", {_said(name)}: "
        yield from _page(page)
    yield "}"


def unpacked(said: Mapping[str, Any], zone: tzinfo) -> Page:
    """A page again; its times are by the clock of that zone."""
    return Page(tuple(_unpacked(one, zone) for one in said["sections"]), tuple(said["notes"]), dict(said["facts"]))


def _said(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _page(page: Page) -> Iterator[str]:
    yield f'{{"notes": {_said([*page.notes])}, "facts": {_said(dict(page.facts))}, "sections": ['
    for number, section in enumerate(page.sections):
        yield ", " if number else ""
        yield from _section(section)
    yield "]}"


def _section(section: Section) -> Iterator[str]:
    columns = [[column.key, column.title, column.kind.value, column.currency] for column in section.columns]
    total = None if section.total is None else _row(section.total)
    yield _said({"key": section.key, "title": section.title, "columns": columns, "total": total})[:-1]
    yield ', "rows": ['
    for begin in range(0, len(section.rows), _PIECE):
        yield ", " if begin else ""
        yield _said([_row(row) for row in section.rows[begin : begin + _PIECE]])[1:-1]
    yield "]}"


def _unpacked(said: Mapping[str, Any], zone: tzinfo) -> Section:
    columns = tuple(Column(key, title, Kind(kind), currency) for key, title, kind, currency in said["columns"])
    known: dict[str, Cell] = {}  # most of a long table stands in it many times
    total = None if said["total"] is None else _cells(said["total"], zone, known)
    return Section(said["key"], said["title"], columns, tuple(_cells(row, zone, known) for row in said["rows"]), total)


def _row(row: Row) -> list[Packed]:
    return [_value(cell) for cell in row]


def _value(cell: Cell) -> Packed:
    if cell is None or isinstance(cell, int):
        return cell
    if isinstance(cell, str):
        return _TEXT + cell
    if isinstance(cell, Decimal):
        return _DECIMAL + str(cell)
    return (_TIME if isinstance(cell, datetime) else _DATE) + cell.isoformat()


def _cells(said: Sequence[Packed], zone: tzinfo, known: dict[str, Cell]) -> Row:
    cells: list[Cell] = []
    for one in said:
        if isinstance(one, str):
            if one not in known:
                known[one] = _cell(one[0], one[1:], zone)
            cells.append(known[one])
        else:
            cells.append(one)
    return tuple(cells)


def _cell(kind: str, value: str, zone: tzinfo) -> Cell:
    if kind == _TEXT:
        return value
    if kind == _DECIMAL:
        return Decimal(value)
    return datetime.fromisoformat(value).astimezone(zone) if kind == _TIME else date.fromisoformat(value)
