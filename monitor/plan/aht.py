"""How long a contact takes, by weekday and time of day, where few of them prove little.

    AHT' = mean · exp(β·ln(seen/mean))        β = m/(m+κ), m contacts handled, κ = 240

first each weekday against the project's mean, then each slot of like weekdays against theirs: 240 handled contacts are half believed, because handle
times vary by 155 % from contact to contact and by 10 % from one time to another. The slots of a weekday are then scaled so that its
whole work stays what it was. With fewer than 20 contacts in all nothing is known, and the project's own `aht_seconds` stands. Owns this.
Refuses rounding. Next: `fit`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import exp, log
from typing import Final

KAPPA: Final = 240
THIN: Final = 20


@dataclass(slots=True)
class Handled:
    """Contacts and their handle time."""

    contacts: int = 0
    us: int = 0

    def add(self, contacts: int, us: int) -> None:
        """So many more."""
        self.contacts += contacts
        self.us += us

    @property
    def mean_us(self) -> float | None:
        """Of a contact; None of none."""
        return self.us / self.contacts if self.contacts and self.us else None


@dataclass(slots=True)
class Aht:
    """Handle times of a project's past, taken in by weekday and slot; `mean_us` is the project's, `known` whether it was seen."""

    assumed_us: int
    whole: Handled = field(default_factory=Handled)
    weekdays: dict[int, Handled] = field(default_factory=dict)
    slots: dict[tuple[int, int], Handled] = field(default_factory=dict)

    def add(self, weekday: int, slot: int, contacts: int, us: int) -> None:
        """What one interval handled."""
        for handled in (self.whole, self.weekdays.setdefault(weekday, Handled()), self.slots.setdefault((weekday, slot), Handled())):
            handled.add(contacts, us)

    @property
    def known(self) -> bool:
        """Whether enough contacts tell."""
        return self.whole.contacts >= THIN and self.whole.us > 0

    @property
    def mean_us(self) -> float:
        """The project's."""
        return self.whole.us / self.whole.contacts if self.known else float(self.assumed_us)

    def by_slot(self, weekday: int, alike: tuple[int, ...], shares: Mapping[int, float]) -> dict[int, float]:
        """Microseconds by slot of a weekday whose volume falls on the slots so; `alike` are the weekdays of its shape."""
        if not self.known:
            return dict.fromkeys(shares, self.mean_us)
        own = shrunk(self.mean_us, self.weekdays.get(weekday, Handled()))
        together = Handled()
        for each in alike:
            together.add(self.weekdays.get(each, Handled()).contacts, self.weekdays.get(each, Handled()).us)
        usual = together.mean_us or self.mean_us
        relative = {}
        for slot in shares:
            here = Handled()
            for each in alike:
                seen = self.slots.get((each, slot), Handled())
                here.add(seen.contacts, seen.us)
            relative[slot] = shrunk(usual, here) / usual
        total = sum(shares.values())
        scale = sum(share * relative[slot] for slot, share in shares.items()) / total if total else 1.0
        return {slot: own * one / scale for slot, one in relative.items()}


def shrunk(mean_us: float, seen: Handled) -> float:
    """What is believed of those few."""
    if not seen.mean_us:
        return mean_us
    return mean_us * exp(seen.contacts / (seen.contacts + KAPPA) * log(seen.mean_us / mean_us))
