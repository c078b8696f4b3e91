"""A report as a workbook of Excel: a sheet per section with real numbers and dates, its header frozen, and a sheet of notes.

Owns formats, widths, and that the same report is the same bytes: openpyxl writes down when, so the archive is packed anew at one fixed moment.
Refuses formulas: a text is a text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any, Final, TypeAlias
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from monitor.outputs.reports.report import Cell, Column, Kind, Report, Section
from monitor.outputs.reports.shown import for_people

Sheet: TypeAlias = Any  # what openpyxl only writes has no types
Written: TypeAlias = Any
FORMATS: Final = {
    Kind.COUNT: "0",
    Kind.NUMBER: "0.00",
    Kind.SECONDS: "0.0",
    Kind.HOURS: "0.00",
    Kind.RATIO: "0.0%",
    Kind.CHANGE: "+0.0%;-0.0%;0.0%",
    Kind.MONEY: "#,##0.00",
    Kind.TIME: "hh:mm",
    Kind.DATE: "dd.mm.yyyy",
}
_WIDEST: Final = 60
_MOMENT: Final = (1980, 1, 1, 0, 0, 0)  # the first an archive can name
_WRITTEN: Final = re.compile(rb"<dcterms:(created|modified)[^>]*>.*?</dcterms:\1>")
_NO_SHEET: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_NO_XML: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BOLD: Final = Font(bold=True)


def content(report: Report) -> bytes:
    """The file."""
    book = Workbook(write_only=True)
    names: list[str] = []
    for number, section in enumerate(report.sections, 1):
        _sheet(book.create_sheet(_name(section.title or report.title, number, names)), section, report)
    notes: Sheet = book.create_sheet(_name({"uk": "Примітки"}.get(report.language.value, "Notes"), 0, names))
    notes.column_dimensions["A"].width = _WIDEST
    lines = [f"{report.title}, {report.site}, {report.first.isoformat()} - {report.last.isoformat()}"]
    lines += [f"{title}: {said}" for title, said in report.facts.items()]
    for line in (*lines, *report.notes):
        notes.append([_cell(notes, line, Kind.TEXT)])
    out = BytesIO()
    book.save(out)
    return _fixed(out)


def _name(title: str, number: int, taken: list[str]) -> str:
    """What Excel takes for the name of a sheet: short, without its own signs, once."""
    name = _NO_SHEET.sub(" ", title)[:31].strip("' ") or str(number)
    if name.lower() in taken:
        name = f"{name[:26].rstrip()} {number}"
    taken.append(name.lower())
    return name


def _sheet(sheet: Sheet, section: Section, report: Report) -> None:
    sheet.freeze_panes = "A2"
    for number, column in enumerate(section.columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = _width(number - 1, column, section, report)
    sheet.append([_cell(sheet, column.title, Kind.TEXT, bold=True) for column in section.columns])
    kinds = [column.kind for column in section.columns]
    for row in section.rows:
        sheet.append(_row(sheet, row, kinds, bold=False))
    if section.total is not None:
        sheet.append(_row(sheet, section.total, kinds, bold=True))


def _row(sheet: Sheet, row: Sequence[Cell], kinds: Sequence[Kind], *, bold: bool) -> list[Written | None]:
    return [None if cell is None else _cell(sheet, cell, kind, bold=bold) for cell, kind in zip(row, kinds, strict=True)]


def _cell(sheet: Sheet, value: Cell, kind: Kind, *, bold: bool = False) -> Written:
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, _NO_XML.sub(" ", value))
        cell.data_type = "s"
    else:
        plain: Any = value.replace(tzinfo=None) if isinstance(value, datetime) else value
        cell = WriteOnlyCell(sheet, plain)
        cell.number_format = "0" if kind is Kind.SECONDS and isinstance(value, int) else FORMATS.get(kind, "General")
    if bold:
        cell.font = _BOLD
    return cell


def _width(index: int, column: Column, section: Section, report: Report) -> int:
    """As wide as its title and the longest of its texts; of figures a look at some is enough."""
    rows = section.rows if column.kind is Kind.TEXT else section.rows[:50]
    cells = [*(row[index] for row in rows), None if section.total is None else section.total[index]]
    longest = max(len("00.00.0000") if isinstance(cell, date) else len(for_people(cell, column.kind, report.language)) for cell in cells)
    return min(_WIDEST, max(len(column.title), longest, 6) + 2)


def _fixed(packed: BytesIO) -> bytes:
    """The same archive, made at no particular time."""
    out = BytesIO()
    with ZipFile(packed) as was, ZipFile(out, "w", ZIP_DEFLATED) as now:
        for name in was.namelist():
            entry = ZipInfo(name, _MOMENT)
            entry.compress_type = ZIP_DEFLATED
            now.writestr(entry, _WRITTEN.sub(b"", was.read(name)) if name == "docProps/core.xml" else was.read(name))
    return out.getvalue()
