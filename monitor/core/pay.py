"""What an hour of a person costs, as frozen values, and the rate at one instant.

Owns wages (a person's own row goes before the group's), what multiplies them (night, holiday; overtime and downtime are for `assess.payroll`), and
when the multipliers hold, by the site's clock. Rates are whole hundredths of the currency per hour: the sum of time by rate is an integer.
Refuses states and who is paid (`timesheet`), and adding up. Next: `timesheet` spends labour as it spends time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import ClassVar, Final

HUNDREDTHS: Final = 100
SECOND_US: Final = 1_000_000
HOUR_US: Final = 3_600 * SECOND_US
MOST_PER_HOUR: Final = Decimal(10_000_000)  # more is a slip of the pen, and would not fit
PAY_US: Final = 1_000  # pay is kept by the millisecond: an interval of a large site fits 64 bits in any currency


@dataclass(frozen=True, slots=True)
class Wage:
    """What a person or, where `person` is None, everybody of a group without a wage of their own earns an hour, from the first to the last day."""

    per_hour: Decimal
    person: str | None = None
    group: str | None = None
    first: date = date.min
    last: date = date.max


@dataclass(frozen=True, slots=True)
class Multipliers:
    """What an hour's wage is multiplied by. Of several that hold at once the highest counts, a downtime before all."""

    night: Decimal = Decimal(1)
    night_from: time = time(22)
    night_to: time = time(6)
    holiday: Decimal = Decimal(1)
    overtime: Decimal = Decimal(1)
    overtime_after_us: int | None = None  # of paid time of one local day
    downtime: Decimal = Decimal(1)  # paid time without work during an incident of these kinds
    downtime_kinds: frozenset[str] = frozenset()

    def is_night(self, local: time) -> bool:
        """Whether it is night at this local time."""
        if self.night_from <= self.night_to:
            return self.night_from <= local < self.night_to
        return local >= self.night_from or local < self.night_to


@dataclass(frozen=True, slots=True)
class Pay:
    """All wages of a site, and the days that are holidays."""

    STEP_US: ClassVar[int] = 900 * SECOND_US
    wages: tuple[Wage, ...] = ()
    multipliers: Multipliers = Multipliers()
    holidays: frozenset[date] = frozenset()

    def wage(self, person: str, group: str | None, day: date) -> Decimal | None:
        """What the person earns an hour on that day; None where nobody says."""
        own = next((one for one in self.wages if one.person == person and one.first <= day <= one.last), None)
        if own is not None:
            return own.per_hour
        general = next((one for one in self.wages if one.person is None and one.group == group and one.first <= day <= one.last), None)
        return None if general is None else general.per_hour

    def rate(self, person: str, group: str | None, local: datetime) -> int | None:
        """Hundredths per hour at a local time, night and holiday in it."""
        wage = self.wage(person, group, local.date())
        return None if wage is None else hundredths(wage * self.multiplier(local))

    def multiplier(self, local: datetime) -> Decimal:
        """The higher of those for night and holiday, as far as they hold."""
        factors = [Decimal(1)]
        if self.multipliers.is_night(local.time()):
            factors.append(self.multipliers.night)
        if local.date() in self.holidays:
            factors.append(self.multipliers.holiday)
        return max(factors)

    @classmethod
    def changes_at(cls, at: int) -> int:
        """The next quarter of an hour after an instant: no rate changes before, for nights begin and end on quarters, and so does every zone's day."""
        return at - at % cls.STEP_US + cls.STEP_US


def hundredths(amount: Decimal) -> int:
    """Whole hundredths, half of one up."""
    return int((amount * HUNDREDTHS).to_integral_value(ROUND_HALF_UP))


def cost(time_rate: int) -> Decimal:
    """Milliseconds times hundredths per hour, as an amount of the currency."""
    return Decimal(time_rate) / (HOUR_US // PAY_US * HUNDREDTHS)
