"""Workbooks of Excel, read as the same records a CSV has: a row's number and its cells as text.

Owns what a cell is as text: dates and times in ISO 8601, figures plain (80 % is 0.8), the last value of a formula as it was saved. The first sheet
that is not hidden counts unless one is named; hidden rows count like others, as they do in every sum. What a table of text cannot have is named by its cells:
a formula that was never calculated; merged cells, but for texts and dates merged downwards in one column, which hold for each of their rows
(figures do not: nobody knows whether 40 merged over four rows is 40 or 160). So is what is no workbook: a password, an old .xls, LibreOffice's
own format. Refuses what the cells mean, and more than a plan has: a small archive may unpack to a whole disk. Next: `plan.formats`.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

from monitor.config.files import UnreadableError
from monitor.errors import BadRow, PlanError
from monitor.plan.records import Record

UNPACKED: Final = 1 << 29  # bytes: ten times a full plan
MOST_CELLS: Final = 64  # in a row: what stands further right is no plan

_OLD: Final = b"\xd0\xcf\x11\xe0"
_ARCHIVE: Final = b"PK\x03\x04"
_CHUNK: Final = 1 << 20
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+\d+:[A-Z]+\d+)"')
_UNCALCULATED = re.compile(
    rb'<(?:\w+:)?c\s[^>]*?r="([A-Z]+\d+)"[^>]*>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>'
)
_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")
_REACH: Final = 1 << 14  # a cell that a chunk cuts is looked at again


@dataclass(slots=True)
class _Merged:
    """Cells of one column that are merged downwards."""

    column: int
    first: int
    last: int
    name: str
    value: object = None


@dataclass(slots=True)
class _Marks:
    """What stands beside the cells of a sheet."""

    bad: list[BadRow]
    merged: list[_Merged] = field(default_factory=list)


def is_sheet(path: Path, head: bytes) -> bool:
    """Whether a file is a workbook, or something else that a spreadsheet program makes: by how it begins, or by its name."""
    return head.startswith((_ARCHIVE, _OLD)) or path.suffix.lower() in (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")


def read_sheet(content: bytes, sheet: str, bad: list[BadRow]) -> Iterator[Record]:
    """The records of a sheet of a workbook, and into `bad` the cells that mean nothing. UnreadableError where there is no sheet."""
    with _one_line():
        unpacked = _look(content)
    if unpacked > UNPACKED:
        raise UnreadableError(f"unpacks to {unpacked >> 20} MB, more than any plan; save the plan's sheet alone")
    from openpyxl import load_workbook  # noqa: PLC0415 - a daemon whose plans are text does without; its first workbook costs a tenth of a second

    with _one_line(), warnings.catch_warnings(), BytesIO(content) as file:
        warnings.simplefilter("ignore")  # of styles and print areas that it does not know
        book: Any = load_workbook(file, read_only=True, data_only=True)
        try:
            chosen = _chosen(book, sheet)
            marks = _marks(book, chosen, bad)
            chosen.reset_dimensions()
            yield from _records(chosen, marks)
        finally:
            book.close()


@contextmanager
def _one_line() -> Iterator[None]:
    """Whatever a damaged file makes of a reader is said in one line."""
    try:
        yield
    except (UnreadableError, PlanError):
        raise
    except (BadZipFile, KeyError):
        raise UnreadableError("is no workbook that Excel would open: it is damaged or cut off; save it again as .xlsx") from None
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror or 'input/output error'}") from None
    except Exception as error:  # noqa: BLE001 - a damaged workbook raises whatever its parts break
        raise UnreadableError(f"is no workbook that can be read ({type(error).__name__}); save it again as .xlsx, or as CSV") from None


def _look(content: bytes) -> int:
    """What kind of file it is; how large it is unpacked."""
    if content.startswith(_OLD):
        if "EncryptedPackage".encode("utf-16-le") in content[:_CHUNK]:
            raise UnreadableError("is protected by a password; save it without one")
        raise UnreadableError("is an old workbook (.xls); save it as .xlsx")
    if not content.startswith(_ARCHIVE):
        raise UnreadableError("is no workbook, though it is called one; save it as .xlsx, or call it .csv if it is text")
    with ZipFile(BytesIO(content)) as archive:
        names = set(archive.namelist())
        if "content.xml" in names:
            raise UnreadableError("is a sheet of LibreOffice (.ods); save it as .xlsx")
        if "xl/workbook.bin" in names:
            raise UnreadableError("is a binary workbook (.xlsb); save it as .xlsx")
        return sum(member.file_size for member in archive.infolist())


def _chosen(book: Any, sheet: str) -> Any:  # noqa: ANN401 - openpyxl's read-only sheets are no class of its types
    names = [each.title for each in book.worksheets]
    visible = [each.title for each in book.worksheets if each.sheet_state == "visible"]
    if not names:
        raise UnreadableError("has no sheet with cells; save the plan's sheet as .xlsx")
    if sheet and sheet not in names:
        raise UnreadableError(f"has no sheet {sheet!r}; it has {', '.join(names[:8])}")
    return book[sheet or (visible or names)[0]]


def _marks(book: Any, sheet: Any, bad: list[BadRow]) -> _Marks:  # noqa: ANN401 - as above
    """Read beside openpyxl, which tells of merged cells and of formulas only when it holds the whole sheet in memory."""
    marks = _Marks(bad)
    with book._archive.open(sheet._worksheet_path) as stream:  # noqa: SLF001 - as the docstring says
        rest = b""
        seen: set[bytes] = set()
        while chunk := stream.read(_CHUNK):
            part = rest + chunk
            for match in _MERGED.finditer(part) if b"mergeCell" in part else ():
                if match[1] not in seen:
                    seen.add(match[1])
                    _merge(marks, match[1].decode())
            for match in _UNCALCULATED.finditer(part) if _FORMULA.search(part) else ():
                if match[1] not in seen:
                    seen.add(match[1])
                    name = match[1].decode()
                    marks.bad.append(BadRow(_row_of(name), f"cell {name} is a formula that was never calculated; open the file in Excel and save it"))
            rest = part[-_REACH:]
    return marks


def _row_of(cell: str) -> int:
    return int(cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))


def _merge(marks: _Marks, name: str) -> None:
    from openpyxl.utils.cell import range_boundaries  # noqa: PLC0415 - as above

    left, top, right, bottom = (int(bound or 0) for bound in range_boundaries(name))
    if left == right and bottom - top < 2000:
        marks.merged.append(_Merged(left, top, bottom, name))
    else:
        marks.bad.append(BadRow(top, f"cells {name} are merged; unmerge them, and write into each what it is"))


def _records(sheet: Any, marks: _Marks) -> Iterator[Record]:  # noqa: ANN401 - as above
    by_row: dict[int, list[_Merged]] = {}
    for merged in marks.merged:
        for line in range(merged.first, merged.last + 1):
            by_row.setdefault(line, []).append(merged)
    width = 0
    for line, values in enumerate(sheet.iter_rows(values_only=True), 1):
        cells = list(values[:MOST_CELLS])
        for merged in by_row.get(line, ()):
            _repeat(merged, line, cells, marks)
        texts = [_text(value) for value in cells]
        while texts and not texts[-1]:
            texts.pop()
        if texts:
            width = width or len(texts)
            yield line, texts + [""] * (width - len(texts))


def _repeat(merged: _Merged, line: int, cells: list[Any], marks: _Marks) -> None:
    """What stands in the first of merged cells stands in each of them, unless it is a figure."""
    place = merged.column - 1
    if line == merged.first:
        merged.value = cells[place] if place < len(cells) else None
        if isinstance(merged.value, int | float):
            marks.bad.append(BadRow(line, f"cells {merged.name} are merged, and {_text(merged.value)} is a figure: for each row or for all? unmerge them"))
    elif merged.value is not None:
        cells += [None] * (place + 1 - len(cells))
        cells[place] = merged.value


def _text(value: object) -> str:
    """A cell as the text it would be in a CSV."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case int():
            return str(value)
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case datetime():
            return _to_the_second(value).isoformat(timespec="minutes" if not _to_the_second(value).second else "seconds")
        case date() | time():
            return value.isoformat()
        case timedelta():
            seconds = round(value.total_seconds())
            return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        case _:
            return " ".join(str(value).split())


def _to_the_second(moment: datetime) -> datetime:
    """Excel keeps days as fractions: 09:30 comes as a few microseconds less."""
    return (moment + timedelta(milliseconds=500)).replace(microsecond=0)
