"""A counter of money, by key: in each span the highest amount, summed over spans.

Owns that it never falls, that what is taken back and comes again is counted once, and that a span which comes back (a civil clock that was put back, a
fate that is found late) goes on from where it was; the latest spans may still rise. Amounts of days that are only remembered are in a span and not in
the counter. Refuses saying what an amount is (`takings`).
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Generic, TypeVar

from monitor.assess.coins import NO_MONEY

SPANS: Final = 4  # that may still rise: billing periods, and those of another billing day

Key = TypeVar("Key", bound=Hashable)


@dataclass(slots=True)
class Rising(Generic[Key]):
    """Totals by key; a span is known by the ordinal of its first day."""

    totals: dict[Key, Decimal] = field(default_factory=dict)
    spans: dict[Key, dict[int, Decimal]] = field(default_factory=dict)
    remembered: int = 0  # of spans that began until then days were remembered,
    known: set[tuple[Key, int]] = field(default_factory=set)  # and of these the amount with them has been seen

    def reach(self, key: Key, span: int, amount: Decimal, *, silent: bool = False) -> None:
        """The amount of this span is so much now; `silent`: it is reckoned otherwise than before, and all of it is counted."""
        spans = self.spans.setdefault(key, {})
        if span not in spans and len(spans) == SPANS:
            if span < (oldest := min(spans)):
                return
            del spans[oldest]
        highest = spans.get(span, NO_MONEY)
        if silent or (span <= self.remembered and (key, span) not in self.known):
            self.known.add((key, span))
            highest = amount
        self.totals[key] = self.totals.get(key, NO_MONEY) + max(NO_MONEY, amount - highest)
        spans[span] = max(highest, amount)

    def remember(self, day: int) -> None:
        """The amounts of spans that began until that day have grown by what is only remembered."""
        self.remembered = day
        self.known.clear()
