"""The formats a report can be had in.

Owns the choice. Refuses drawing, and what a file's name asks for (`config.endings`). A workbook's library is loaded for a workbook only.
"""

from __future__ import annotations

from enum import StrEnum

from monitor.outputs.reports import exact, separated, table
from monitor.outputs.reports.report import Report


class Format(StrEnum):
    """As `--format` has them."""

    TABLE = "table"
    CSV = "csv"
    EXCEL_UK = "excel-uk"
    XLSX = "xlsx"
    JSON = "json"


def drawn(report: Report, how: Format) -> bytes:
    """The report as the bytes of a file; the same report gives the same bytes."""
    if how is Format.XLSX:
        from monitor.outputs.reports import workbook  # noqa: PLC0415 - a third of a second

        return workbook.content(report)
    text = {Format.TABLE: table.text, Format.CSV: separated.comma, Format.EXCEL_UK: separated.excel_uk, Format.JSON: exact.text}[how]
    return text(report).encode("utf-8", "replace")
