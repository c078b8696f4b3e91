"""Sections of a report as text that is kept for years, and back: a closed month shows what was sent then, whatever the program says today.

Owns that form. Nothing is rounded in it. Refuses where it is kept (`state.store.closing`). Next: `reporting.closing`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any

from monitor.outputs.reports.report import Cell, Column, Kind, Row, Section


@dataclass(frozen=True, slots=True)
class Page:
    """A project's part of a report."""

    sections: tuple[Section, ...]
    notes: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)


def packed(page: Page) -> dict[str, Any]:
    """As JSON has it."""
    return {"sections": [_packed(section) for section in page.sections], "notes": list(page.notes), "facts": dict(page.facts)}


def unpacked(said: Mapping[str, Any], zone: tzinfo) -> Page:
    """The page again; its times are by the clock of that zone."""
    return Page(tuple(_unpacked(one, zone) for one in said["sections"]), tuple(said["notes"]), dict(said["facts"]))


def _packed(section: Section) -> dict[str, Any]:
    columns = [[column.key, column.title, column.kind.value, column.currency] for column in section.columns]
    total = None if section.total is None else _row(section.total)
    return {"key": section.key, "title": section.title, "columns": columns, "rows": [_row(row) for row in section.rows], "total": total}


def _unpacked(said: Mapping[str, Any], zone: tzinfo) -> Section:
    columns = tuple(Column(key, title, Kind(kind), currency) for key, title, kind, currency in said["columns"])
    total = None if said["total"] is None else _cells(said["total"], zone)
    return Section(said["key"], said["title"], columns, tuple(_cells(row, zone) for row in said["rows"]), total)


def _row(row: Row) -> list[Any]:
    return [_value(cell) for cell in row]


def _value(cell: Cell) -> Any:  # noqa: ANN401 - whatever JSON has
    if isinstance(cell, Decimal):
        return {"decimal": str(cell)}
    if isinstance(cell, datetime):
        return {"time": cell.isoformat()}
    return {"date": cell.isoformat()} if isinstance(cell, date) else cell


def _cells(said: Sequence[Any], zone: tzinfo) -> Row:
    return tuple(_cell(one, zone) for one in said)


def _cell(said: Any, zone: tzinfo) -> Cell:  # noqa: ANN401 - as above
    if not isinstance(said, dict):
        whole: str | int | None = said
        return whole
    ((kind, text),) = said.items()
    if kind == "decimal":
        return Decimal(text)
    return datetime.fromisoformat(text).astimezone(zone) if kind == "time" else date.fromisoformat(text)
