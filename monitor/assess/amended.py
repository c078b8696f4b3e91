"""Payroll and calls with what was put right by hand: the floor's word, and the amendments beside it, as one.

Owns the two rules. Hours add up, in whatever order they were put right: the rows of a day sum to what the floor has and all that was added or taken away. Of a
call the latest word counts. Refuses whether something may be put right (`reporting.amending`). Next: `outputs.reports.payroll`, `reporting.account`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import NamedTuple

from monitor.assess.payroll import Class, Row
from monitor.core.amendment import BILLED, Amendment
from monitor.core.chronicle import ContactEnded


class Amended(NamedTuple):
    """A row of payroll as it is to be paid, and how often it was put right; None: never."""

    row: Row
    corrections: int | None = None


class _Key(NamedTuple):
    """What hours are put right of; rows come in its order."""

    person: str
    day: date
    project: str
    kind: Class


def hours(rows: Iterable[Row], amendments: Iterable[Amendment]) -> Iterator[Amended]:
    """The rows in their order, and in it what stands in no row of the floor: that has no first login."""
    by_key: dict[_Key, list[Amendment]] = {}
    for one in amendments:
        by_key.setdefault(_Key(one.person, date.fromisoformat(one.day), one.project, Class(one.kind)), []).append(one)
    if not by_key:
        yield from map(Amended, rows)
        return
    waiting = sorted(by_key, reverse=True)
    for key, same in groupby(rows, key=lambda row: _Key(row.person, row.day, row.project, row.kind)):
        while waiting and waiting[-1] < key:
            yield _alone(waiting[-1], by_key[waiting.pop()])
        if waiting and waiting[-1] == key:
            waiting.pop()
        yield from _put_right(list(same), by_key.get(key, []))
    while waiting:
        yield _alone(waiting[-1], by_key[waiting.pop()])


def calls(contacts: Iterable[ContactEnded], amendments: Iterable[Amendment]) -> list[ContactEnded]:
    """The contacts of a project, billed or not as it was said last."""
    latest = {(one.pbx, one.call): "" if one.now == BILLED else one.now for one in sorted(amendments)}
    return [one._replace(exempt=latest.get((one.pbx, one.call), one.exempt)) for one in contacts]


def _alone(key: _Key, amendments: Sequence[Amendment]) -> Amended:
    return Amended(_with(Row(*key, 0, None, None, None, {}), _time_us(amendments)), len(amendments))


def _put_right(rows: Sequence[Row], amendments: Sequence[Amendment]) -> Iterator[Amended]:
    """Rows that differ by the wage alone: more goes to the first, less comes off each as far as it has any, and what no row has off the last."""
    left = _time_us(amendments)
    for number, row in enumerate(rows, 1):
        own = left if number == len(rows) else max(left, -row.time_us)
        left -= own
        yield Amended(_with(row, own) if own else row, (len(amendments) or None) if number == 1 else None)


def _with(row: Row, time_us: int) -> Row:
    """So much more; in which group that was, and by what its wage is multiplied, nobody says: so what is earned is not known."""
    return row._replace(time_us=row.time_us + time_us, wage=None, factors={})


def _time_us(amendments: Iterable[Amendment]) -> int:
    return sum(one.time_us for one in amendments)
