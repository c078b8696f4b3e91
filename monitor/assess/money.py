"""The money of a floor, frozen: what each project earns and costs, today and in its billing period, and what hangs on whom.

Owns the shapes only; `takings` fills them, `outlook` carries them, `outputs` show them. Refuses arithmetic. None is not known, which is never nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from monitor.assess.margin import NOTHING, Margin


class Over(StrEnum):
    """The spans money is reckoned over: the project's day, its billing period."""

    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Earned:
    """Of one project in one currency over a span. `accrued` are its charges; guarantee and adjustment are provisional until the period is over."""

    currency: str
    accrued: Decimal
    guarantee: Decimal | None
    adjustment: Decimal | None
    shortfall_calls: Decimal | None


@dataclass(frozen=True, slots=True)
class ProjectMoney:
    """A project. Margins are in the site's currency; that of the day without guarantee and adjustment, which belong to a period.

    `known_days` of its billing period are over and were kept, of `past_days` that are over. `outcome` is the margin of the whole period as it will be.
    """

    earned: Mapping[Over, tuple[Earned, ...]]
    margin: Mapping[Over, Margin]
    outcome: Margin | None
    known_days: int
    past_days: int


@dataclass(frozen=True, slots=True)
class GroupMoney:
    """A group: what its people cost, the occupancy at which its projects' periods end without a loss, and what it is in them so far."""

    labour: Mapping[Over, Decimal | None]
    occupancy: Fraction | None
    break_even: Fraction | None


@dataclass(frozen=True, slots=True)
class ClientMoney:
    """A client: what is left of his projects, and what would be left of the site without him, everybody still there."""

    margin: Mapping[Over, Margin]
    without: Mapping[Over, Decimal | None]
    cash_days: Fraction | None  # that the reserve would last then


@dataclass(frozen=True, slots=True)
class Counted:
    """What only goes up: accruals by project and currency, costs in the site's currency."""

    revenue: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)
    planned: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)
    labour: Mapping[str, Decimal] = field(default_factory=dict)
    telecom: Mapping[str, Decimal] = field(default_factory=dict)
    fixed: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Money:
    """Everything. `site` is the sum of all projects, each over its own period; `cash_days` None: it loses nothing, or nobody knows."""

    projects: Mapping[str, ProjectMoney] = field(default_factory=dict)
    groups: Mapping[str, GroupMoney] = field(default_factory=dict)
    clients: Mapping[str, ClientMoney] = field(default_factory=dict)
    site: Mapping[Over, Margin] = field(default_factory=lambda: {Over.DAY: NOTHING, Over.MONTH: NOTHING})
    cash_days: Fraction | None = None
    counted: Counted = Counted()
