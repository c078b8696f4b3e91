"""What a client pays for, as frozen values, and what one call of his is worth.

Owns the grammar of a price (domain: §9) and the arithmetic of a single call: billed seconds by free seconds, minimum and increment, then its amount,
rounded by itself to the currency's smallest coin. All amounts are `Decimal` or whole millionths of the currency; there is no float in here.
Refuses sums over a period (tiers, volumes, guarantees and adjustments are `assess.billing`'s). Next: `register` charges a call when it is handled.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from monitor.core.formula import Formula

MICRO: Final = 1_000_000  # millionths in one unit of a currency
COIN_U: Final = 10_000  # the smallest coin, in millionths: a hundredth
SECOND_US: Final = 1_000_000
OTHER: Final = "other"  # the label of results that no tariff names


class Base(StrEnum):
    """Which time of a call is paid by the minute."""

    TALK = "talk"
    TALK_HOLD = "talk+hold"
    HANDLE = "handle"  # talk, hold and wrap-up
    CONNECTED = "connected"  # the caller's: from the answer until he is gone


class On(StrEnum):
    """When a call is one to be paid."""

    ANSWERED = "answered"
    HANDLED = "handled"


class HoursBase(StrEnum):
    """Which time of agents is paid by the hour."""

    LOGGED_IN = "logged_in"  # all of their time on the floor
    STAFFED = "available+handle"  # handle, ring and available
    SCHEDULED = "scheduled"  # what the plan says, whoever came


class Period(StrEnum):
    """Over what a service level is judged."""

    DAY = "day"
    MONTH = "month"


class Work(NamedTuple):
    """The time that went into one call, in microseconds."""

    talk_us: int
    hold_us: int
    wrapup_us: int
    connected_us: int


NO_WORK: Final = Work(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Tier:
    """From so many units in a billing period on, each costs so much (minutes or calls, by what is charged)."""

    above: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True)
class PerMinute:
    """A price per minute of each call. With `tiers` the first is at 0 and `price` is its price."""

    price: Decimal
    base: Base = Base.TALK
    increment_s: int = 1
    minimum_s: int = 0
    free_s: int = 0
    tiers: tuple[Tier, ...] = ()

    def time_us(self, work: Work) -> int:
        """The time of a call that is paid."""
        if self.base is Base.TALK:
            return work.talk_us
        if self.base is Base.TALK_HOLD:
            return work.talk_us + work.hold_us
        if self.base is Base.HANDLE:
            return work.talk_us + work.hold_us + work.wrapup_us
        return work.connected_us

    def seconds(self, work: Work) -> int:
        """The billed seconds of a call: whole seconds, a begun one counted; none up to the free ones, else the minimum, by increments (domain: §9)."""
        whole = -(-self.time_us(work) // SECOND_US)
        if whole <= self.free_s or whole == 0:
            return 0
        return max(self.minimum_s, -(-whole // self.increment_s) * self.increment_s)


@dataclass(frozen=True, slots=True)
class PerCall:
    """A price per call that was answered, and talked for at least so long."""

    price: Decimal
    on: On = On.ANSWERED
    min_talk_s: int = 0
    tiers: tuple[Tier, ...] = ()

    def counts(self, work: Work, *, handled: bool) -> bool:
        """Whether an answered call is one to be paid."""
        return (handled or self.on is On.ANSWERED) and work.talk_us >= self.min_talk_s * SECOND_US


@dataclass(frozen=True, slots=True)
class PerAgentHour:
    """A price per hour of agents. In a pool that several projects share, `share` of its time is this client's; None: by handle time."""

    price: Decimal
    base: HoursBase = HoursBase.LOGGED_IN
    share: Decimal | None = Decimal(1)


@dataclass(frozen=True, slots=True)
class PerFteMonth:
    """A price per month for so many full-time agents, as agreed."""

    price: Decimal
    fte: Decimal


@dataclass(frozen=True, slots=True)
class FlatMonth:
    """A price per month with so many calls in it, and one for each beyond."""

    amount: Decimal
    included: int | None = None
    overage: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Minimum:
    """What is billed at least in a period: an amount, or a share of the calls in the plan that the client signed."""

    amount: Decimal | None = None
    share_of_contract_plan: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """At this service level or above, so many per cent of the period's amount on top (or off, if negative)."""

    at_least: Decimal
    percent: Decimal


@dataclass(frozen=True, slots=True)
class SlAdjust:
    """Bonus and malus by service level; bands from the highest to the lowest. Callers who came in an incident of `excluded` kinds do not count."""

    formula: Formula
    threshold_us: int
    bands: tuple[Band, ...]
    period: Period = Period.MONTH
    excluded: frozenset[str] = frozenset()
    excused_above_plan: bool = False  # no malus for a period in which more came than was signed


class Charged(NamedTuple):
    """What one call counts for: `amount_u` is what it costs by itself, `seconds` and `calls` also feed tiers and volumes."""

    calls: int = 0
    seconds: int = 0
    amount_u: int = 0


NOTHING: Final = Charged()


@dataclass(frozen=True, slots=True)
class Tariff:
    """A client's prices, in force from its first day to its last (None: until another begins)."""

    since: date
    until: date | None = None
    currency: str = "UAH"
    per_minute: PerMinute | None = None
    per_call: PerCall | None = None
    per_agent_hour: PerAgentHour | None = None
    per_fte_month: PerFteMonth | None = None
    per_result: tuple[tuple[str, Decimal], ...] = ()  # by disposition; "" is any other
    flat_month: FlatMonth | None = None
    minimum: Minimum | None = None
    sl_adjust: SlAdjust | None = None

    def holds(self, day: date) -> bool:
        """Whether it is in force on that day."""
        return self.since <= day and (self.until is None or day <= self.until)

    def charge(self, work: Work, *, handled: bool) -> Charged:
        """What an answered call is worth, `handled` if all the work on it is known. What has tiers has no amount of its own: it depends on the period."""
        calls, seconds = self.counted(work, handled=handled)
        return Charged(calls, seconds, self.amount_u(calls, seconds))

    def counted(self, work: Work, *, handled: bool) -> tuple[int, int]:
        """The calls and the seconds that an answered call counts for."""
        calls = int(self.per_call is None or self.per_call.counts(work, handled=handled))
        return calls, 0 if self.per_minute is None else self.per_minute.seconds(work)

    def amount_u(self, calls: int, seconds: int) -> int:
        """What a call that counts for so much is worth by itself."""
        amount = Decimal(0)
        if self.per_minute is not None and not self.per_minute.tiers:
            amount += rounded(self.per_minute.price * seconds / 60)
        if self.per_call is not None and not self.per_call.tiers:
            amount += rounded(self.per_call.price * calls)
        return micros(amount)

    @property
    def counts_alike(self) -> bool:
        """Whether every answered call counts for as much, whatever was done in it."""
        return self.per_minute is None and (self.per_call is None or self.per_call.counts(NO_WORK, handled=False))

    @property
    def prices_calls(self) -> bool:
        """Whether a call or a result has a price of its own."""
        by_minute, by_call = self.per_minute is not None and not self.per_minute.tiers, self.per_call is not None and not self.per_call.tiers
        return by_minute or by_call or bool(self.per_result)

    def price_of_result(self, disposition: str) -> Decimal | None:
        """What a result of this kind is worth, None: nothing is agreed."""
        prices = dict(self.per_result)
        return prices.get(disposition, prices.get(""))


def dispositions(tariffs: tuple[Tariff, ...]) -> tuple[str, ...]:
    """The kinds of results that any of these names, each once."""
    return tuple(dict.fromkeys(name for one in tariffs for name, _ in one.per_result if name))


def result_label(tariffs: tuple[Tariff, ...], disposition: str) -> str:
    """Under which label a result is counted: what no tariff names may be anything, and is `other`."""
    return disposition if disposition in dispositions(tariffs) else OTHER


def rounded(amount: Decimal) -> Decimal:
    """To the smallest coin, half of one up (away from zero)."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def micros(amount: Decimal) -> int:
    """Whole millionths of the currency."""
    return int((amount * MICRO).to_integral_value(ROUND_HALF_UP))


def money(amount_u: int) -> Decimal:
    """An amount of millionths as one of the currency."""
    return Decimal(amount_u) / MICRO


def tariff_on(tariffs: tuple[Tariff, ...], day: date) -> Tariff | None:
    """The tariff in force on a day: the last that has begun, unless it is over; None: nothing is agreed for it."""
    last = next((one for one in reversed(tariffs) if one.since <= day), None)
    return last if last is not None and last.holds(day) else None
