"""A client's prices as pydantic models: `[[project.tariff]]` and the tables in it.

Owns the keys and everything that can be said of one table. What belongs to a minute stands in the tariff itself, since that is how most are charged;
any other price is a text, or a table with `price` and what belongs to it. Refuses what takes two keys (`prices`). Next: `model` has them in a project.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field

from monitor.config.amounts import Currency, Money, Share, a_price, an_allocation, some_prices, the_amount
from monitor.config.table import Model
from monitor.config.values import Date, Flag, Number, Ratio, Span, Text, Whole, a_date_or_none, one_of
from monitor.core.formula import Formula
from monitor.core.incidents import IncidentKind
from monitor.core.tariff import Base, HoursBase, On, Period

DaySeconds = Annotated[Whole, Field(ge=0, le=86_400)]


class Tier(Model):
    """One of `tiers`."""

    above: Annotated[Number, Field(ge=0)]
    price: Money


class PerCall(Model):
    """`per_call`"""

    price: Money
    on: Annotated[On, BeforeValidator(one_of(On))] = On.ANSWERED
    min_talk_seconds: DaySeconds = 0
    tiers: tuple[Tier, ...] = ()


class PerAgentHour(Model):
    """`per_agent_hour`"""

    price: Money
    base: Annotated[HoursBase, BeforeValidator(one_of(HoursBase))] = HoursBase.LOGGED_IN
    allocation: Annotated[str | Decimal | None, BeforeValidator(an_allocation)] = None


class PerFteMonth(Model):
    """`per_fte_month`"""

    price: Money
    fte: Annotated[Number, Field(gt=0, le=10_000)]


class FlatMonth(Model):
    """`flat_month`"""

    amount: Money
    included_volume: Annotated[Whole | None, Field(ge=0)] = None
    overage: Money | None = None


class Minimum(Model):
    """`minimum`"""

    amount: Money | None = None
    share_of_contract_plan: Share | None = None


class Band(Model):
    """One of the `bands` of `sl_adjust`."""

    at_least: Ratio
    percent: Annotated[Number, Field(ge=-100, le=100)]


class SlAdjust(Model):
    """`sl_adjust`"""

    formula: Annotated[Formula | None, BeforeValidator(one_of(Formula))] = None
    threshold_seconds: Span | None = None
    period: Annotated[Period, BeforeValidator(one_of(Period))] = Period.MONTH
    bands: tuple[Band, ...]
    exclude: tuple[Annotated[IncidentKind, BeforeValidator(one_of(IncidentKind))], ...] = ()
    excused_above_plan: Flag = False


class Tariff(Model):
    """`[[project.tariff]]`"""

    since: Annotated[Date, Field(alias="from")]
    until: Annotated[date | None, BeforeValidator(a_date_or_none), Field(alias="to")] = None
    currency: Currency | None = None
    per_minute: Money | None = None
    base: Annotated[Base, BeforeValidator(one_of(Base))] = Base.TALK
    increment_seconds: Annotated[Whole, Field(ge=1, le=3600)] = 1
    minimum_seconds: DaySeconds = 0
    free_seconds: DaySeconds = 0
    tiers: tuple[Tier, ...] = ()
    per_call: Annotated[PerCall | None, BeforeValidator(a_price)] = None
    per_agent_hour: Annotated[PerAgentHour | None, BeforeValidator(a_price)] = None
    per_fte_month: Annotated[PerFteMonth | None, BeforeValidator(a_price)] = None
    per_result: Annotated[dict[Text, Money], BeforeValidator(some_prices)] = {}
    flat_month: Annotated[FlatMonth | None, BeforeValidator(the_amount)] = None
    minimum: Minimum | None = None
    sl_adjust: SlAdjust | None = None
