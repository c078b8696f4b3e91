"""A report as a workbook of Excel: a sheet per section with real numbers and dates, its header frozen, and a sheet of notes.

Owns formats, widths, and that the same report is the same bytes: openpyxl writes down when, so the archive is packed anew at one fixed moment.
The rows of tables are put in then, in the XML that openpyxl would write: a month of intervals is half a million cells, and an object for each takes
longer than everything else. Refuses formulas: a text is a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from itertools import islice
from typing import Any, Final, TypeAlias
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel

from monitor.outputs.reports.report import Cell, Column, Kind, Report, Row, Section
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
    Kind.PRICE: "#,##0.00####",
    Kind.CHANCE: "0.0000",
    Kind.TIME: "hh:mm",
    Kind.DATE: "dd.mm.yyyy",
}
_WIDEST: Final = 60
_MOMENT: Final = (1980, 1, 1, 0, 0, 0)  # the first an archive can name
_WRITTEN: Final = re.compile(rb"<dcterms:(created|modified)[^>]*>.*?</dcterms:\1>")
_NO_SHEET: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_NO_XML: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BOLD: Final = Font(bold=True)
_SHORT: Final = 31  # letters in the name of a sheet
_LONGEST: Final = 32_767  # letters Excel takes in a cell
_AT_ONCE: Final = 1_000  # rows
_PACKED: Final = 3  # of 9: half the time of the usual 6, for a sixth more
_NO_ROWS: Final = re.compile(rb"<sheetData ?/>|<sheetData></sheetData>")  # the latter unless lxml is there


def content(report: Report) -> bytes:
    """The file."""
    book = Workbook(write_only=True)
    names: list[str] = []
    rows: dict[str, Iterator[str]] = {}
    for number, section in enumerate(report.sections, 1):
        sheet = book.create_sheet(_name(section.title or report.title, number, names))
        _lay_out(sheet, section, report)
        rows[f"xl/worksheets/sheet{number}.xml"] = _rows(sheet, section)
    notes: Sheet = book.create_sheet(_name({"uk": "Примітки"}.get(report.language.value, "Notes"), 0, names))
    notes.column_dimensions["A"].width = _WIDEST
    lines = [f"{report.title}, {report.site}, {report.first.isoformat()} - {report.last.isoformat()}"]
    lines += [f"{title}: {said}" for title, said in report.facts.items()]
    for line in (*lines, *report.notes):
        notes.append([_cell(notes, line, Kind.TEXT)])
    out = BytesIO()
    parts = {name: list(_together(each)) for name, each in rows.items()}  # before the styles are saved, for they name them
    book.save(out)
    return _fixed(out, parts)


def _name(title: str, number: int, taken: list[str]) -> str:
    """What Excel takes for the name of a sheet: short, whole words, without its own signs, once."""
    whole = " ".join(_NO_SHEET.sub(" ", title).split())
    name = (whole if len(whole) <= _SHORT else whole[: _SHORT + 1].rpartition(" ")[0] or whole[:_SHORT]).strip("' ,-") or str(number)
    if name.lower() in taken:
        name = f"{name[:26].rstrip()} {number}"
    taken.append(name.lower())
    return name


def _lay_out(sheet: Sheet, section: Section, report: Report) -> None:
    sheet.freeze_panes = "A2"
    for number, column in enumerate(section.columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = _width(number - 1, column, section, report)


def _rows(sheet: Sheet, section: Section) -> Iterator[str]:
    """Header, rows and total, each as XML."""
    drawing = _Drawing(sheet, len(section.columns))
    kinds = [column.kind for column in section.columns]
    yield drawing.row(1, [column.title for column in section.columns], [Kind.TEXT] * len(kinds), bold=True)
    number = 1
    for number, row in enumerate(section.rows, 2):
        yield drawing.row(number, row, kinds)
    if section.total is not None:
        yield drawing.row(number + 1, section.total, kinds, bold=True)


class _Drawing:
    """Cells of a sheet as XML, each in the style that openpyxl gave the first of its kind."""

    def __init__(self, sheet: Sheet, columns: int) -> None:
        self._sheet = sheet
        self._letters = [get_column_letter(number) for number in range(1, columns + 1)]
        self._styles: dict[bool, list[dict[type, str]]] = {bold: [{} for _ in self._letters] for bold in (False, True)}
        self._moments: dict[date, str] = {}

    def row(self, number: int, row: Row | Sequence[str], kinds: Sequence[Kind], *, bold: bool = False) -> str:
        cells = []
        for letter, value, kind, styles in zip(self._letters, row, kinds, self._styles[bold], strict=True):
            if value is None:
                continue
            style = styles.get(value.__class__)
            if style is None:
                style = styles[value.__class__] = self._style(value, kind, bold=bold)
            content = self._text(value) if isinstance(value, str) else f' t="n"><v>{self._figure(value)}</v></c>'
            cells.append(f'<c r="{letter}{number}"{style}{content}')
        return f'<row r="{number}">{"".join(cells)}</row>' if cells else f'<row r="{number}" />'

    def _text(self, value: str) -> str:
        text = _NO_XML.sub(" ", value)[:_LONGEST]
        kept = ' xml:space="preserve"' if text.strip() not in ("", text) else ""
        return f' t="inlineStr"><is><t{kept}>{escape(text)}</t></is></c>' if text else ' t="inlineStr" />'

    def _figure(self, value: date | Decimal | int) -> str:
        if isinstance(value, int):
            return str(value)
        return self._moment(value) if isinstance(value, date) else f"{float(value):.16g}"

    def _moment(self, value: date) -> str:
        plain = value.replace(tzinfo=None) if isinstance(value, datetime) else value
        found = self._moments.get(plain)
        if found is None:
            found = self._moments[plain] = f"{to_excel(plain):.16g}"  # type: ignore[no-untyped-call]
        return found

    def _style(self, value: Cell, kind: Kind, *, bold: bool) -> str:
        cell = _cell(self._sheet, value, kind, bold=bold)
        return f' s="{cell.style_id}"' if cell.has_style else ""


def _together(rows: Iterable[str]) -> Iterator[bytes]:
    """Some at a time: thousands of small strings take more room than their letters."""
    rows = iter(rows)
    while some := "".join(islice(rows, _AT_ONCE)):
        yield some.encode()


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


def _fixed(packed: BytesIO, rows: Mapping[str, Sequence[bytes]]) -> bytes:
    """The same archive with these rows in its sheets, made at no particular time."""
    out = BytesIO()
    with ZipFile(packed) as was, ZipFile(out, "w", ZIP_DEFLATED) as now:
        for name in was.namelist():
            entry = ZipInfo(name, _MOMENT)
            content = _WRITTEN.sub(b"", was.read(name)) if name == "docProps/core.xml" else was.read(name)
            if name in rows:
                before, after = _NO_ROWS.split(content)
                content = b"".join((before, b"<sheetData>", *rows[name], b"</sheetData>", after))
            now.writestr(entry, content, ZIP_DEFLATED, _PACKED)
    return out.getvalue()
