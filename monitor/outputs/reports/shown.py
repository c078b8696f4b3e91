"""A cell as text: for people in their language, and for programs that read tables.

Owns rounding, which is half up and happens here only, decimal marks, and what is put before a text that a spreadsheet would take for a formula.
Refuses widths and separators.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache
from typing import Final

from monitor.core.contract import Language
from monitor.outputs.reports.report import Cell, Kind

NOTHING: Final = "-"
FORMULA: Final = frozenset("=+-@＝＋－＠")  # Excel takes the wide ones for the others
PLACES: Final = {Kind.NUMBER: 2, Kind.SECONDS: 1, Kind.HOURS: 2, Kind.MONEY: 2, Kind.RATIO: 1, Kind.CHANGE: 1, Kind.CHANCE: 4}  # for people; ratios in per cent
EXACT_PLACES: Final = {Kind.NUMBER: 6, Kind.SECONDS: 3, Kind.HOURS: 2, Kind.MONEY: 2, Kind.RATIO: 6, Kind.CHANGE: 6}
COIN_PLACES: Final = 2
_RECURRING: Final = frozenset({Kind.TEXT, Kind.DATE, Kind.HOURS})  # what such columns hold comes again and again
_KEPT: Final = 4_096


def rounded(value: Decimal | int, places: int) -> Decimal:
    """Half up, away from zero."""
    return Decimal(value).quantize(_last_place(places), ROUND_HALF_UP)


@cache
def _last_place(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)


def places(value: Decimal | int) -> int:
    """The decimals a figure has."""
    exponent = Decimal(value).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def price_places(value: Decimal | int) -> int:
    """The decimals of a price: a tenth of a coin a minute is shown as it is, else minutes times price is not the amount."""
    return max(COIN_PLACES, places(value))


def quantity_places(value: Decimal | int) -> int:
    """The decimals of what is multiplied by a price: calls are whole."""
    found = places(value)
    return max(COIN_PLACES, found) if found else 0


def number(value: Decimal | int, places: int, language: Language, *, sign: bool = False) -> str:
    """`1234.50`, with the decimal mark of the language; nothing is ever minus zero."""
    exact = rounded(value, places)
    text = f"{exact or abs(exact):{'+' if sign and exact else ''}f}"
    return text.replace(".", ",") if language is Language.UKRAINIAN else text


def percent(value: Decimal, places: int, language: Language, *, sign: bool = False) -> str:
    """`80.0 %` of 0.8."""
    return f"{number(100 * value, places, language, sign=sign)}\N{NO-BREAK SPACE}%"


def for_people(cell: Cell, kind: Kind, language: Language) -> str:
    """As a table on a terminal has it."""
    if cell is None:
        return NOTHING
    if isinstance(cell, datetime):
        return local(cell)
    if isinstance(cell, date):
        return f"{cell:%d.%m.%Y}" if language is Language.UKRAINIAN else cell.isoformat()
    if isinstance(cell, str):
        return " ".join("".join(sign if sign.isprintable() else " " for sign in cell).split())
    if kind in (Kind.RATIO, Kind.CHANGE):
        return percent(Decimal(cell), PLACES[kind], language, sign=kind is Kind.CHANGE)
    if kind is Kind.CHANCE:
        return chance(cell, language)
    whole = isinstance(cell, int) and kind in (Kind.COUNT, Kind.SECONDS)
    return str(cell) if whole else number(cell, _exact(cell, kind, PLACES), language)


def chance(value: Decimal | int, language: Language) -> str:
    """`0.0035`, and `< 0.0001` of what would be shown as nothing."""
    least = Decimal(1).scaleb(-PLACES[Kind.CHANCE])
    return f"< {number(least, PLACES[Kind.CHANCE], language)}" if 0 < value < least else number(value, PLACES[Kind.CHANCE], language)


def _exact(value: Decimal | int, kind: Kind, known: Mapping[Kind, int]) -> int:
    """The decimals of a figure of this kind: those it has, or as many as all of its kind."""
    if kind is Kind.PRICE:
        return price_places(value)
    return quantity_places(value) if kind is Kind.QUANTITY else known.get(kind, 0)


def for_programs(cell: Cell, kind: Kind) -> str:
    """As CSV has it: ISO 8601, decimal points, ratios 0-1, nothing for what is not known."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return unformulated(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="minutes")
    if isinstance(cell, date):
        return cell.isoformat()
    if kind is Kind.CHANCE:
        return f"{Decimal(cell):f}"
    if isinstance(cell, int) and kind in (Kind.COUNT, Kind.SECONDS):
        return str(cell)
    exact = rounded(cell, _exact(cell, kind, EXACT_PLACES))
    return f"{exact or abs(exact):f}"


def for_excel_uk(cell: Cell, kind: Kind) -> str:
    """As a Ukrainian Excel reads a text file: decimal commas, dates as they are written there."""
    if isinstance(cell, datetime):
        return f"{cell:%d.%m.%Y %H:%M}"
    if isinstance(cell, date):
        return f"{cell:%d.%m.%Y}"
    text = for_programs(cell, kind)
    return text if isinstance(cell, str) else text.replace(".", ",")


def column_writer(write: Callable[[Cell, Kind], str], kind: Kind) -> Callable[[Cell], str]:
    """`write` for a column of that kind: what recurs is written once."""
    if kind is Kind.TIME:
        known = lru_cache(_KEPT)(lambda at, *_: write(at, kind))
        return lambda at: known(at, getattr(at, "fold", 0), getattr(at, "tzinfo", None))  # by which equal moments are written otherwise
    return lru_cache(_KEPT, typed=True)(lambda cell: write(cell, kind)) if kind in _RECURRING else lambda cell: write(cell, kind)


def unformulated(text: str) -> str:
    """A text that begins as a formula does, blanks left out, with an apostrophe before it: no spreadsheet is to run what a caller or an agent is named."""
    return f"'{text}" if text.startswith(("\t", "\r")) or text.lstrip()[:1] in FORMULA else text


def local(at: datetime) -> str:
    """`09:00`; with its offset in an hour that comes twice."""
    twice = at.replace(fold=0).utcoffset() != at.replace(fold=1).utcoffset()
    return f"{at:%H:%M}" + (f"{at:%z}"[:3] if twice else "")
