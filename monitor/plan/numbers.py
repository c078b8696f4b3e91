"""Figures out of the text of a plan file: exact decimals within what can be meant.

Owns how a figure may be written. Where the comma does not separate the columns it is the decimal sign, as a point always is; what could
be thousands as well as decimals (`1,250` in a file of semicolons) is refused, never guessed. Blanks may part thousands. Several columns that
together are one figure come as one text, parted by `PLUS`, and are added. Refuses what a figure is of. Next: `rows`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from monitor.plan.plan import MICRO
from monitor.plan.times import RowError

PLUS: Final = "\x1f"
_NUMBER = re.compile(r"-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)
_BLANKS = re.compile(r"(?<=\d)[ \u00a0\u2009\u202f](?=\d{3}(?!\d))", re.ASCII)
_THOUSANDS = re.compile(r"-?[1-9]\d{0,2}([.,])\d{3}", re.ASCII)
_NUMBERS = "write a number such as 180 or 16.25"


@dataclass(frozen=True, slots=True)
class Figures:
    """How one file writes its figures, by what separates its columns; None: cells of a sheet, which are no text."""

    delimiter: str | None = ","

    def number(self, label: str, text: str, most: int) -> Decimal:
        """A figure from 0 to `most`, of one column or the sum of several."""
        if PLUS in text:
            number = sum((self.number(label, part, most) for part in text.split(PLUS)), Decimal(0))
            if number > most:
                raise RowError(f"{label} {text.replace(PLUS, ' + ')} is more than {most}; is it another column, or another unit?")
            return number
        if not text:
            raise RowError(f"{label} is empty; where there is no plan, leave the row out")
        plain = text if text.isdecimal() else self._plain(label, text)
        if not _NUMBER.fullmatch(plain):
            raise RowError(f"{label} {text!r} is not a number; {_hint(label, text)}")
        number = Decimal(plain)
        if number < 0:
            raise RowError(f"{label} {text} is negative; {_NUMBERS}")
        if number > most:
            raise RowError(f"{label} {text} is more than {most}; is it another column, or another unit?")
        return number

    def _plain(self, label: str, text: str) -> str:
        """The text with a point before its decimals and nothing else between its digits."""
        if self.delimiter == ",":
            return text
        plain = _BLANKS.sub("", text)
        sign = _THOUSANDS.fullmatch(plain)
        if sign and (sign[1] == "," or self.delimiter in (";", "\t")):
            digits = plain.replace(",", "").replace(".", "")
            raise RowError(f"{label} {text!r} may be {digits} or {plain.replace(',', '.').rstrip('0')}; write {digits}, or decimals of another length")
        return plain.replace(",", ".") if plain.count(",") == 1 and "." not in plain else plain


def micro(number: Decimal) -> int:
    """The nearest whole number of millionths."""
    return int((number * MICRO).to_integral_value())


def _hint(label: str, text: str) -> str:
    """The way out of what is no number."""
    if ":" in text and label.partition(" ")[0].endswith("_s"):
        return "write minutes and seconds as seconds: 3:05 is 185"
    return "decimals need a point, thousands nothing: 1250.5" if "," in text else _NUMBERS
