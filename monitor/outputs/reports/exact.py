"""A report as JSON, with nothing rounded: decimals are strings, times ISO 8601 with their offset, what is not known is null.

Owns the names: a row is an object by the keys of its columns. Refuses floats.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal

from monitor.outputs.reports.report import Cell, Report, Row, Section


def text(report: Report) -> str:
    """One object."""
    said = {
        "report": report.name,
        "title": report.title,
        "site": report.site,
        "from": report.first.isoformat(),
        "to": report.last.isoformat(),
        "facts": dict(report.facts),
        "sections": [_section(section) for section in report.sections],
        "notes": list(report.notes),
    }
    return json.dumps(said, ensure_ascii=False, indent=1) + "\n"


def _section(section: Section) -> dict[str, object]:
    columns = [
        {"key": column.key, "title": column.title, "kind": column.kind.value} | ({"currency": column.currency} if column.currency else {})
        for column in section.columns
    ]
    keys = [column.key for column in section.columns]
    total = None if section.total is None else _row(keys, section.total)
    return {"key": section.key, "title": section.title, "columns": columns, "rows": [_row(keys, row) for row in section.rows], "total": total}


def _row(keys: list[str], row: Row) -> dict[str, object]:
    return {key: _cell(cell) for key, cell in zip(keys, row, strict=True)}


def _cell(cell: Cell) -> object:
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    if isinstance(cell, date | datetime):
        return cell.isoformat()
    return cell
