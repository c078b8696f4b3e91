"""What reports say, in the site's language: titles of columns and sections, and whole sentences with figures in them.

Owns the look-up. A key that a language lacks is a KeyError, which the tests look for. Refuses choosing what is said. Next: `en` and `uk`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from monitor.core.contract import Language
from monitor.outputs.reports import shown
from monitor.outputs.reports.report import Column, Kind
from monitor.outputs.reports.words import en, money_en, money_uk, uk

COLUMNS: Final[Mapping[Language, Mapping[str, str]]] = {Language.ENGLISH: en.COLUMNS | money_en.COLUMNS, Language.UKRAINIAN: uk.COLUMNS | money_uk.COLUMNS}
SENTENCES: Final[Mapping[Language, Mapping[str, str]]] = {
    Language.ENGLISH: en.SENTENCES | money_en.SENTENCES,
    Language.UKRAINIAN: uk.SENTENCES | money_uk.SENTENCES,
}


@dataclass(frozen=True, slots=True)
class Words:
    """One language. A sentence's holes are filled by name, with texts: `number`, `price` and their like make them."""

    language: Language

    def __call__(self, key: str, **given: object) -> str:
        """A title or a sentence."""
        return SENTENCES[self.language][key].format(**given)

    def column(self, key: str, kind: Kind, *, currency: str = "") -> Column:
        """A column under its title; a currency stands in the title too."""
        title = COLUMNS[self.language][key]
        return Column(key, f"{title}, {currency}" if currency else title, kind, currency)

    def number(self, value: Decimal | int, places: int = 0) -> str:
        """A figure."""
        return shown.number(value, places, self.language)

    def short(self, value: Decimal) -> str:
        """A figure with the decimals it has."""
        return shown.number(value, shown.places(value), self.language)

    def price(self, value: Decimal) -> str:
        """A price with the decimals it has, and those of a coin at least."""
        return shown.number(value, shown.price_places(value), self.language)

    def share(self, value: Decimal, *, sign: bool = False) -> str:
        """A ratio in per cent, with the decimals it has."""
        return shown.percent(value, shown.places(100 * value), self.language, sign=sign)

    def percent(self, value: Decimal, places: int = 1) -> str:
        """A ratio in per cent."""
        return shown.percent(value, places, self.language)
