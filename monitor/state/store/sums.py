"""What a span of minutes adds up to, where it begins and ends at any minute: a project's day need not begin where an interval does.

Owns the question, and how far a book is written; the database adds. Refuses intervals (`tally` has those). Next: `reporting.account`.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from monitor.core.contract import MINUTE
from monitor.state.store.reader import Reader
from monitor.state.store.writer import BOOKS


def of_minutes(reader: Reader, of: str, name: str, start: int, end: int, columns: Sequence[str]) -> tuple[int, ...]:
    """These sums of a `project` or `group` over its minutes in `[start, end)`."""
    table, _, _ = BOOKS[of]
    key, at = table.primary_key.columns
    sums = [func.coalesce(func.sum(table.c[each]), 0) for each in columns]
    row = next(reader.stream(select(*sums).where(key == name, at >= start, at < end)))
    return tuple(int(each) for each in row)


def written_until(reader: Reader, of: str, name: str) -> int:
    """The end of the last minute of a `project` or `group`; 0 where there is none."""
    key, at = BOOKS[of][0].primary_key.columns
    (row,) = reader.stream(select(func.max(at)).where(key == name))
    return 0 if row[0] is None else int(row[0]) + MINUTE
