"""A report on a terminal: aligned, and no wider than its longest cell or the longest word of a title.

Owns widths and how titles break. Refuses colours and paging.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from monitor.outputs.reports.report import Kind, Report, Row, Section
from monitor.outputs.reports.shown import for_people

GAP = "  "
_LEFT = (Kind.TEXT, Kind.DATE, Kind.TIME)


def text(report: Report) -> str:
    """Title, tables, notes."""
    span = for_people(report.first, Kind.DATE, report.language)
    if report.last != report.first:
        span += f" - {for_people(report.last, Kind.DATE, report.language)}"
    lines = [f"{report.title}, {report.site}, {span}", *(f"{title}: {said}" for title, said in report.facts.items())]
    for section in report.sections:
        lines += ["", *([section.title] if section.title else []), *_section(section, report)]
    if report.notes:
        lines += ["", *report.notes]
    return "\n".join(lines) + "\n"


def _section(section: Section, report: Report) -> Iterator[str]:
    kinds = [column.kind for column in section.columns]
    section = _evened(section)
    rows = [[for_people(cell, kind, report.language) for cell, kind in zip(row, kinds, strict=True)] for row in section.rows]
    total = (
        []
        if section.total is None
        else ["" if cell is None else for_people(cell, kind, report.language) for cell, kind in zip(section.total, kinds, strict=True)]
    )
    widths = [max((len(word) for word in column.title.split()), default=0) for column in section.columns]
    for row in (*rows, total):
        widths = [max(width, len(cell)) for width, cell in zip(widths, row, strict=True)] if row else widths
    titles = [_broken(column.title, width) for column, width in zip(section.columns, widths, strict=True)]
    height = max(map(len, titles), default=0)
    for number in range(height):
        yield _line([lines[number - height + len(lines)] if number >= height - len(lines) else "" for lines in titles], kinds, widths)
    rule = GAP.join("-" * width for width in widths)
    yield rule
    for row in rows:
        yield _line(row, kinds, widths)
    if total:
        yield rule
        yield _line(total, kinds, widths)


def _evened(section: Section) -> Section:
    """Whole seconds with a decimal too, in a column where others have one."""
    rows = (*section.rows, *(() if section.total is None else (section.total,)))
    uneven = [column.kind is Kind.SECONDS and any(isinstance(row[index], Decimal) for row in rows) for index, column in enumerate(section.columns)]
    if not any(uneven):
        return section

    def even(row: Row) -> Row:
        return tuple(Decimal(cell) if part and isinstance(cell, int) else cell for cell, part in zip(row, uneven, strict=True))

    return replace(section, rows=tuple(map(even, section.rows)), total=None if section.total is None else even(section.total))


def _broken(title: str, width: int) -> list[str]:
    lines: list[str] = []
    for word in title.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _line(cells: Sequence[str], kinds: Sequence[Kind], widths: Sequence[int]) -> str:
    return GAP.join(f"{cell:<{width}}" if kind in _LEFT else f"{cell:>{width}}" for cell, kind, width in zip(cells, kinds, widths, strict=True)).rstrip()
