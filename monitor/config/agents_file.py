"""The agents file: who the people behind the interfaces are.

    employee_id,name,interfaces,group,wage,from,to

Several interfaces of a row (parted by blanks, `;` or `|`) are one person; `pbx2:PJSIP/7` is an interface of one PBX. `group` may be
empty: then the groups' patterns decide; so may `wage`: then it is the group's. `from` and `to` are the first and last day a row holds, empty for
always; a person who changes group or wage has two rows. Owns reading rows and finding everything wrong with them; people are those of the day of
reading, wages those of every row, for a month is paid by what held on each of its days. Refuses files. Next: `Contract.people`, `Contract.pay`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from monitor.config.amounts import meant, not_an_amount
from monitor.config.values import did_you_mean
from monitor.core.contract import Person
from monitor.core.pay import MOST_PER_HOUR, Wage
from monitor.errors import BadRow, Flaw
from monitor.plan.records import records

COLUMNS: Final = ("employee_id", "name", "interfaces", "group", "wage", "from", "to")

_INTERFACE = re.compile(r"(?:(?P<pbx>[^:/]+):)?[A-Za-z0-9_]+/.+")


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    person: Person
    first: date
    last: date
    dated: bool
    wage: Wage | None

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last

    def meets(self, other: _Row) -> bool:
        return self.first <= other.last and other.first <= self.last


@dataclass(frozen=True, slots=True)
class People:
    """The rows in force, and the wages of all; `dated` if another day would have given other people; `flaws` is everything wrong."""

    people: tuple[Person, ...]
    wages: tuple[Wage, ...]
    dated: bool
    flaws: tuple[Flaw, ...]


def read_people(text: str, file: str, groups: Sequence[str], pbxs: Sequence[str], today: date) -> People:
    """The people of an agents file on one day."""
    flaws: list[Flaw] = []
    rows: list[_Row] = []
    columns: list[str] | None = None
    bad: list[BadRow] = []
    for line, cells in records(text, bad):
        place = f"{file}:{line}"
        if columns is None:
            columns = [cell.lower() for cell in cells]
            flaws += [Flaw(problem, remedy, file=place) for problem, remedy in _header(cells, columns)]
            if flaws:
                break
            continue
        if len(cells) != len(columns):
            flaws.append(Flaw(f"{len(cells)} fields, the header has {len(columns)}", "part several interfaces by blanks", file=place))
            continue
        values = dict.fromkeys(COLUMNS, "") | dict(zip(columns, cells, strict=True))
        found = list(_row_flaws(values, groups, pbxs, place))
        flaws += found
        if not found:
            rows.append(_row(line, values))
    flaws += [Flaw(row.problem, file=f"{file}:{row.line}") for row in bad]
    if columns is None and not flaws:
        flaws.append(Flaw("the file is empty", f"its first line must be {','.join(COLUMNS)}", file=file))
    flaws += _twice(rows, file)
    flaws.sort(key=lambda flaw: int(flaw.file.removeprefix(file).removeprefix(":") or 0))
    people = tuple(row.person for row in rows if row.holds(today))
    return People(people, tuple(row.wage for row in rows if row.wage is not None), any(row.dated for row in rows), tuple(flaws))


def _header(cells: list[str], columns: list[str]) -> Iterator[tuple[str, str]]:
    if len(cells) == 1 and ";" in cells[0]:
        yield "the columns are separated by semicolons", "save with commas"
        return
    if not set(columns) & set(COLUMNS):
        yield "this is not the header", f"the first line must be {','.join(COLUMNS)}"
        return
    for cell, column in zip(cells, columns, strict=True):
        if column not in COLUMNS:
            yield f"unknown column {cell!r}", did_you_mean(column, list(COLUMNS))
    for column in sorted({column for column in columns if columns.count(column) > 1}):
        yield f"column {column!r} is there twice", "keep one of them"
    for column in ("employee_id", "interfaces"):
        if column not in columns:
            yield f"missing column {column!r}", f"the first line is {','.join(COLUMNS)}"


def _row_flaws(values: dict[str, str], groups: Sequence[str], pbxs: Sequence[str], place: str) -> Iterator[Flaw]:
    if not values["employee_id"]:
        yield Flaw("employee_id is empty", "give the person a number of their own", file=place)
    interfaces = _interfaces(values["interfaces"])
    if not interfaces:
        yield Flaw("interfaces is empty", "name at least one, such as PJSIP/101", file=place)
    for interface in interfaces:
        if "," in interface:
            yield Flaw(f"interfaces {values['interfaces']!r} has a comma in it", "part several interfaces by blanks: PJSIP/101 SIP/101", file=place)
            break
        match = _INTERFACE.fullmatch(interface)
        if not match:
            yield Flaw(f"{interface!r} is not an interface", "write it as Asterisk does: PJSIP/101", file=place)
        elif match["pbx"] and match["pbx"] not in pbxs:
            yield Flaw(f"interface {interface!r} is of an unknown PBX", did_you_mean(match["pbx"], list(pbxs)), file=place)
    if values["group"] and values["group"] not in groups:
        yield Flaw(f"unknown group {values['group']!r}", did_you_mean(values["group"], list(groups)), file=place)
    if values["wage"] and (problem := not_an_amount(values["wage"])):
        yield Flaw(f"wage {values['wage']!r} {problem}", f"write it as {meant(values['wage'])}", file=place)
    elif values["wage"] and Decimal(values["wage"]) > MOST_PER_HOUR:
        yield Flaw(f"wage {values['wage']!r} is more than {MOST_PER_HOUR:,} an hour", "look at it: it is per hour, in the site's currency", file=place)
    for column in ("from", "to"):
        if values[column] and _date(values[column]) is None:
            yield Flaw(f"{column} {values[column]!r} is not a date", "write it as 2026-12-25", file=place)
    first, last = _date(values["from"]), _date(values["to"])
    if first and last and last < first:
        yield Flaw(f"to {last} is before from {first}", "the row would never hold", file=place)


def _row(line: int, values: dict[str, str]) -> _Row:
    person = Person(
        id=values["employee_id"],
        name=values["name"] or values["employee_id"],
        interfaces=tuple(dict.fromkeys(_interfaces(values["interfaces"]))),
        group=values["group"] or None,
    )
    first, last = _date(values["from"]), _date(values["to"])
    wage = Wage(Decimal(values["wage"]), person.id, None, first or date.min, last or date.max) if values["wage"] else None
    return _Row(line, person, first or date.min, last or date.max, bool(first or last), wage)


def _interfaces(text: str) -> list[str]:
    return re.split(r"[;|\s]+", text.strip(";| ")) if text.strip(";| ") else []


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _twice(rows: list[_Row], file: str) -> Iterator[Flaw]:
    """People and interfaces that two rows claim for the same day."""
    owners: dict[tuple[str, str], list[_Row]] = {}
    for row in rows:
        for what, name in (("employee_id", row.person.id), *(("interface", interface) for interface in row.person.interfaces)):
            earlier = owners.setdefault((what, name), [])
            for other in earlier:
                if other.meets(row) and (what == "employee_id" or other.person.id != row.person.id):
                    yield Flaw(f"{what} {name!r} is on line {other.line} already", "a day may have it once", file=f"{file}:{row.line}")
            earlier.append(row)
