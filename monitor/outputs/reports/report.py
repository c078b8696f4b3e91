"""A report as frozen values: sections of columns and rows, and what has to be known to read them.

Owns the shape, and what kind of thing a column holds, so that a writer knows how to draw it. A cell that nobody knows is None, never 0. Refuses
drawing (`table`, `separated`, `workbook`, `exact`) and rounding: a ratio is as exact as its division, and rounded where it is shown. The same
values give the same bytes: there is no clock in here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from monitor.core.contract import SECOND, Language

Cell = str | int | Decimal | date | datetime | None
Row = tuple[Cell, ...]


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    COUNT = "count"
    NUMBER = "number"  # with a fraction: Erlangs, agents, planned contacts
    SECONDS = "seconds"
    HOURS = "hours"
    RATIO = "ratio"  # 0.8 is 80 %
    CHANGE = "change"  # a ratio with its sign
    MONEY = "money"
    PRICE = "price"  # of one unit: all its decimals, at least two
    CHANCE = "chance"  # a p: four decimals, or that it is less
    QUANTITY = "quantity"  # what a price is multiplied by: all its decimals, none or at least two
    TIME = "time"  # an aware datetime, local
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Column:
    """`key` is what machines call it, in every language and for good; `title` is for people. Money and prices name their currency."""

    key: str
    title: str
    kind: Kind
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A table: rows as long as there are columns, and perhaps a row of totals, which are ratios of sums."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: Row | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """`first` and `last` are local days, both in it. `facts` stand above the tables, by their title; `notes` below, a sentence each."""

    name: str
    title: str
    site: str
    language: Language
    first: date
    last: date
    sections: tuple[Section, ...]
    notes: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)


def ratio(part: int | Decimal, whole: int | Decimal) -> Decimal | None:
    """Part by whole; None where there is no whole."""
    return Decimal(part) / Decimal(whole) if whole else None


def change(value: int | Decimal, against: int | Decimal) -> Decimal | None:
    """How far a value is from what it is held against, as a ratio of that."""
    return ratio(Decimal(value) - Decimal(against), against)


def seconds(us: int) -> int | Decimal:
    """Microseconds as seconds, exact: whole ones where they are whole."""
    return us // SECOND if us % SECOND == 0 else Decimal(us) / SECOND
