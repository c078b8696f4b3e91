"""`[money]` as pydantic models: what the site pays and has, whoever calls.

Owns the keys and everything that can be said of one table. Refuses clients' prices (`tariffs`) and what takes two tables (`wages` looks at those).
Next: `model` has it in the file.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field

from monitor.config.amounts import Currency, Factor, Money, MoneyOrNone, Share, a_ratio_or_none, a_table_or_none, some_rates
from monitor.config.table import Model
from monitor.config.values import Number, a_date_or_none, a_time_of_day, one_of
from monitor.core.incidents import IncidentKind


class Night(Model):
    """`night`"""

    since: Annotated[str, BeforeValidator(a_time_of_day), Field(alias="from")] = "22:00"
    until: Annotated[str, BeforeValidator(a_time_of_day), Field(alias="to")] = "06:00"
    multiplier: Factor = Decimal(1)


class Overtime(Model):
    """`overtime`"""

    after_hours: Annotated[Number, Field(gt=0, le=24)] = Decimal(8)
    multiplier: Factor


class Downtime(Model):
    """`downtime`"""

    kinds: tuple[Annotated[IncidentKind, BeforeValidator(one_of(IncidentKind))], ...]
    multiplier: Share


class ExchangeRate(Model):
    """One row of a currency's `rates`."""

    since: Annotated[date | None, BeforeValidator(a_date_or_none), Field(alias="from")] = None
    rate: Money


class Finances(Model):
    """`[money]`"""

    fixed_cost_per_day: Money = "0"
    vat: Annotated[Decimal | None, BeforeValidator(a_ratio_or_none)] = None
    cash_reserve: MoneyOrNone = ""
    rates: dict[Currency, Annotated[tuple[ExchangeRate, ...], BeforeValidator(some_rates)]] = {}
    night: Night = Night()
    holiday_multiplier: Factor = Decimal(1)
    overtime: Annotated[Overtime | None, BeforeValidator(a_table_or_none)] = None
    downtime: Annotated[Downtime | None, BeforeValidator(a_table_or_none)] = None
