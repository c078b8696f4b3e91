"""A report as text that spreadsheets and programs read: CSV, and what a Ukrainian Excel opens with a double click.

Owns both. CSV is for programs: columns by their keys, decimal points, and nothing but tables. Several sections are apart by an empty line, each under a
line with its key and currency; notes are for whoever asked (`reporting` says them). `excel-uk` is for people: titles, semicolons, decimal commas, a byte
order mark, notes below. Refuses formulas: a text that begins as one is none.
"""

from __future__ import annotations

import csv
from io import StringIO
from typing import Final

from monitor.outputs.reports.report import Report
from monitor.outputs.reports.shown import column_writer, for_excel_uk, for_programs, unformulated

SECTION: Final = "section"


def comma(report: Report) -> str:
    """The tables as CSV."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for number, section in enumerate(report.sections):
        if number:
            writer.writerow([])
        if len(report.sections) > 1:
            writer.writerow([SECTION, unformulated(section.key), " ".join(dict.fromkeys(column.currency for column in section.columns if column.currency))])
        writer.writerow([unformulated(column.key) for column in section.columns])
        cells = [column_writer(for_programs, column.kind) for column in section.columns]
        writer.writerows([write(cell) for write, cell in zip(cells, row, strict=True)] for row in section.rows)
    return out.getvalue()


def excel_uk(report: Report) -> str:
    """The whole report, for Excel under Ukrainian settings."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    out.write("\N{ZERO WIDTH NO-BREAK SPACE}")
    for title, said in report.facts.items():
        writer.writerow([unformulated(title), unformulated(said)])
    for number, section in enumerate(report.sections):
        if number or report.facts:
            writer.writerow([])
        if section.title:
            writer.writerow([unformulated(section.title)])
        writer.writerow([unformulated(column.title) for column in section.columns])
        cells = [column_writer(for_excel_uk, column.kind) for column in section.columns]
        for row in (*section.rows, *([] if section.total is None else [section.total])):
            writer.writerow([write(cell) for write, cell in zip(cells, row, strict=True)])
    if report.notes:
        writer.writerow([])
        writer.writerows([unformulated(note)] for note in report.notes)
    return out.getvalue()
