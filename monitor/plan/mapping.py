"""Whose column is which: how the tables of planning products, and of people, are laid out.

A mapping names for each of our columns theirs, by header or by number from 1. Several columns of one figure are added (talk and after-call
work are the handle time), several of a text are one text (a date and a period are a time). It also says how times are written and in which zone,
what stands where there is no column, which words mean ours, which rows count (`only`), and whose projects their queues or skills are.

Owns putting the cells of a record under our names. Refuses judging them (`rows`). `presets` has those of known products. Next: `formats`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from difflib import get_close_matches
from typing import Final

from monitor.plan.numbers import PLUS
from monitor.plan.rows import FOREIGN, OPTIONAL, REQUIRED
from monitor.plan.times import RowError, TimeForm

COLUMNS: Final = REQUIRED + OPTIONAL + FOREIGN
SEVERAL: Final = ("interval_start", "interval_end", "project", "volume", "aht_s", "handle_s", "handled", "required", "scheduled", "agent_hours", "results")
_TEXTS: Final = ("interval_start", "interval_end", "project")
_UNIT = re.compile(r"\s*\([^)]*\)$")

Column = str | int


@dataclass(frozen=True)
class ColumnMapping:
    """How one kind of file is laid out. `projects` maps their names to ours, to "" what is left out; `whose` are columns that tell queues apart."""

    name: str
    columns: Mapping[str, tuple[Column, ...]]
    header: bool = True
    delimiter: str = ""  # by the first line
    form: TimeForm | None = None  # ISO 8601
    zone: tzinfo | None = None  # the project's
    projects: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    whose: tuple[Column, ...] = ()
    typed: frozenset[str] = frozenset()  # our columns that the site has named itself: they have to be there

    @property
    def native(self) -> bool:
        """Whether its columns are ours."""
        return self.name == "floorwatch"

    @property
    def adds(self) -> bool:
        """Whether rows of several queues of one project are added."""
        return not self.native or bool(self.projects)

    def labels(self) -> dict[str, str]:
        """What our columns are called in the file, for whoever has to mend it."""
        if self.native:
            return {}
        return {ours: f"{ours} ({' + '.join(map(_shown, theirs))})" for ours, theirs in self.columns.items()}


def _shown(column: Column) -> str:
    return f"column {column}" if isinstance(column, int) else column


NATIVE: Final = ColumnMapping("floorwatch", {name: (name,) for name in REQUIRED + OPTIONAL})


class Layout:
    """A mapping on the columns of one file. RowError from `values` for a record that does not fit; None for one that is left out."""

    def __init__(self, mapping: ColumnMapping, places: Mapping[Column, int], least: int, most: int) -> None:
        self._mapping = mapping
        self._least, self._most = least, most
        self._takes = [
            (ours, _taker(ours, [places[one] for one in theirs])) for ours, theirs in mapping.columns.items() if all(one in places for one in theirs)
        ]
        self._only = [(places[name], allowed) for name, allowed in mapping.only.items()]
        self._whose = [places[one] for one in mapping.whose if one in places]

    def values(self, cells: Sequence[str]) -> tuple[dict[str, str], str] | None:
        """The cells under our names, and whose row the file says it is."""
        if not self._least <= len(cells) <= self._most:
            hint = "; a decimal comma? Decimals need a point" if len(cells) > self._most and self._mapping.delimiter == "," else ""
            has = f"the header has {self._most}" if self._mapping.header else f"a row of {self._mapping.name} has {self._least} to {self._most}"
            raise RowError(f"{len(cells)} fields, {has}{hint}")
        if any(cells[place].lower() not in allowed for place, allowed in self._only):
            return None
        values = {ours: take(cells) for ours, take in self._takes}
        mapping = self._mapping
        for ours, text in mapping.defaults.items():
            values[ours] = values.get(ours) or text
        for ours, words in mapping.words.items():
            if ours in values:
                values[ours] = words.get(values[ours].lower(), values[ours])
        whose = values.get("project", "")
        if mapping.projects and whose in mapping.projects:
            values["project"] = mapping.projects[whose]
            if not values["project"]:
                return None
        for place in self._whose:
            whose += f" {cells[place]}" if place < len(cells) and cells[place] else ""
        return values, whose


def _taker(ours: str, places: list[int]) -> Callable[[Sequence[str]], str]:
    if len(places) == 1:
        place = places[0]
        return lambda cells: cells[place] if place < len(cells) else ""
    together = " " if ours in _TEXTS else PLUS
    return lambda cells: together.join(cells[place] for place in places) if max(places) < len(cells) else ""


def with_header(mapping: ColumnMapping, cells: Sequence[str]) -> Layout | str:
    """The layout of a file that begins with this line; or what is wrong with the line."""
    names = [_plain(cell) for cell in _keyed(cells)]
    if mapping.native and (problem := _native_problem(cells, names)):
        return problem
    if missing := [one for one in _there(mapping) if _plain(str(one)) not in names]:
        close = get_close_matches(_plain(str(missing[0])), names, n=1)
        remedy = f"is it {close[0]!r}?" if close else f"the first line names {', '.join(names[:12])}"
        return f"missing column {', '.join(repr(str(one)) for one in missing)} of the format {mapping.name}; {remedy}"
    wanted = {one for theirs in mapping.columns.values() for one in theirs} | set(mapping.only) | set(mapping.whose)
    places = {one: names.index(_plain(str(one))) for one in wanted if _plain(str(one)) in names}
    for one in places:
        if names.count(_plain(str(one))) > 1:
            return f"column {str(one)!r} is there twice"
    return Layout(mapping, places, len(cells), len(cells))


def without_header(mapping: ColumnMapping) -> Layout:
    """The layout of a file that begins with its first row: columns have numbers."""
    numbers = [one for theirs in mapping.columns.values() for one in theirs] + list(mapping.whose)
    places = {one: int(one) - 1 for one in numbers}
    least = max(places[one] for ours in _needed(mapping) for one in mapping.columns[ours]) + 1
    return Layout(mapping, places, least, max(places.values()) + 1)


def _needed(mapping: ColumnMapping) -> list[str]:
    """Our columns without which there is no row."""
    return [ours for ours in (*REQUIRED, "handle_s", "handled") if ours in mapping.columns and ours not in mapping.defaults]


def _there(mapping: ColumnMapping) -> list[Column]:
    """Their columns that a file must have: of what is needed, of what the site has named itself, and what tells which rows count."""
    ours = dict.fromkeys((*_needed(mapping), *(name for name in mapping.columns if name in mapping.typed)))
    return [*dict.fromkeys([*(one for name in ours for one in mapping.columns[name]), *mapping.only])]


def _keyed(cells: Sequence[str]) -> list[str]:
    """The names of a first line; some products begin it with `#fields`."""
    if cells and cells[0].lower().startswith("#fields"):
        rest = cells[0][len("#fields") :].lstrip(" :")
        return [rest, *cells[1:]]
    return list(cells)


def _plain(name: str) -> str:
    """A column's name without case, spare blanks and its unit."""
    return _UNIT.sub("", " ".join(name.lower().split()))


_ELSE = "columns of another product, or your own, are read by [plan] format, or --format"


def _native_problem(cells: Sequence[str], names: Sequence[str]) -> str | None:
    known = REQUIRED + OPTIONAL
    for name, column in zip(cells, names, strict=True):
        if column not in known:
            close = get_close_matches(column, known, n=1)
            return f"unknown column {name!r}; " + (f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known)}; {_ELSE}")
        if names.count(column) > 1:
            return f"column {column!r} is there twice"
    missing = [column for column in REQUIRED if column not in names]
    return f"missing column {', '.join(map(repr, missing))}; the first line must name at least {','.join(REQUIRED)}" if missing else None
