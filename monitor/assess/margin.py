"""What is left of the money: by project, by client, for the site; where the line is at which nothing is.

Owns how what several projects bear together is shared (by the time their calls were handled, else by the plan's, else equally; the parts sum to the
whole to the coin), what a margin consists of, the occupancy at which a group earns what it costs, what the site would be without a client, and how
long its money lasts. What is not known stays so through every sum. Refuses bills and the future. Next: `projection`, outputs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from operator import add
from typing import Final, NamedTuple

from monitor.assess.coins import NO_MONEY, coins, shared, total
from monitor.assess.occupancy import Time
from monitor.core.contract import MINUTE, Finances, Project
from monitor.core.pay import cost


class Bearer(NamedTuple):
    """A project among those that bear a cost together."""

    project: str
    handle_us: int
    planned_us: int = 0


@dataclass(frozen=True, slots=True)
class Margin:
    """What came in and what it took, in one currency. None: it is not known."""

    revenue: Decimal | None
    labour: Decimal | None
    telecom: Decimal | None
    fixed: Decimal | None

    def __add__(self, other: Margin) -> Margin:
        """Both together."""
        return Margin(
            total((self.revenue, other.revenue)),
            total((self.labour, other.labour)),
            total((self.telecom, other.telecom)),
            total((self.fixed, other.fixed)),
        )

    @property
    def cost(self) -> Decimal | None:
        """Everything it took."""
        return total((self.labour, self.telecom, self.fixed))

    @property
    def amount(self) -> Decimal | None:
        """What is left, or with a minus what is lost."""
        return None if self.revenue is None or (took := self.cost) is None else self.revenue - took

    @property
    def ratio(self) -> Fraction | None:
        """What is left of each unit that came in; None where nothing did."""
        return Fraction(left) / Fraction(self.revenue) if self.revenue and (left := self.amount) is not None else None


NOTHING: Final = Margin(NO_MONEY, NO_MONEY, NO_MONEY, NO_MONEY)


def together(margins: Iterable[Margin]) -> Margin:
    """Of several projects."""
    return reduce(add, margins, NOTHING)


def by_client(projects: Iterable[Project], margins: Mapping[str, Margin]) -> dict[str, Margin]:
    """Of each client, from those of his projects."""
    found: dict[str, Margin] = {}
    for project in projects:
        if project.name in margins:
            found[project.client] = found.get(project.client, NOTHING) + margins[project.name]
    return found


def labour(time_rate: int, unpriced_us: int) -> Decimal | None:
    """What a group's paid time costs; None where nobody says what some of it does."""
    return None if unpriced_us else coins(cost(time_rate))


def telecom(project: Project, connected_us: int) -> Decimal:
    """What the carrier takes."""
    return coins(Fraction(project.telecom_per_minute) * connected_us / MINUTE)


def allocated(whole: Decimal | None, bearers: Iterable[Bearer]) -> dict[str, Decimal | None]:
    """Who bears how much of a cost."""
    all_of_them = tuple(bearers)
    if whole is None:
        return {one.project: None for one in all_of_them}
    handle = [one.handle_us for one in all_of_them]
    parts = shared(whole, handle if any(handle) else [one.planned_us for one in all_of_them])
    return {one.project: part for one, part in zip(all_of_them, parts, strict=True)}


def converted(amount: Decimal | None, currency: str, day: date, finances: Finances) -> Decimal | None:
    """An amount in the site's currency by the rate of a day; None where nobody says one."""
    if currency == finances.currency:
        return amount
    rate = finances.rate(currency, day)
    return None if amount is None or rate is None else coins(Fraction(amount) * Fraction(rate))


def occupancy(time: Time) -> Fraction | None:
    """How much of the time people were there for calls earned something: ringing does not. None when nobody was there."""
    there = time.handle + time.ring + time.available
    return Fraction(time.handle, there) if there else None


def break_even(time: Time, took: Decimal | None, fixed: Decimal | None, variable: Decimal | None) -> Fraction | None:
    """The occupancy at which a group earns what it took: what is not earned anyhow (`fixed`) must come from calls. Above 1 it cannot be reached.

    None where it is not known, and where no call has earned anything.
    """
    now = occupancy(time)
    if now is None or took is None or fixed is None or not variable:
        return None
    return max(Fraction(0), now * Fraction(took - fixed) / Fraction(variable))


def cushion(now: Fraction | None, needed: Fraction | None) -> Fraction | None:
    """By how much the workload may fall before nothing is left, people being there as they are; negative: it has."""
    return None if not now or needed is None else 1 - needed / now


def dependence(clients: Mapping[str, Margin], left: Decimal | None) -> dict[str, Decimal | None]:
    """What would be `left` of the site without each client: his revenue gone, his calls not paid to the carrier, everybody still there."""
    return {name: None if left is None or one.revenue is None or one.telecom is None else left - one.revenue + one.telecom for name, one in clients.items()}


def days_of_cash(reserve: Decimal | None, margin: Decimal | None, days: Fraction) -> Fraction | None:
    """How long the reserve lasts at the loss of these days; None where there is no loss or one of both is not known."""
    if reserve is None or margin is None or margin >= 0 or days <= 0:
        return None
    return max(Fraction(0), Fraction(reserve) * days / Fraction(-margin))
