"""What people and the site cost: wages of groups and of the agents file, and `[money]`.

Owns what takes two tables of them, and the one thing that is assumed: what an hour costs in hryvnias where nobody says it. In any other currency an
unknown wage stays unknown. Refuses single values (`finances` has done those) and reading the agents file. Next: `build` puts them into the contract.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, time
from decimal import Decimal

from monitor.config import model
from monitor.core.contract import SECOND, Finances, Rate
from monitor.core.pay import MOST_PER_HOUR, Multipliers, Pay, Wage

ASSUMED_IN = "UAH"

Report = Callable[[str, str, str, str, object], None]  # problem, remedy, section, key, value
Note = Callable[[str], None]


def pay(source: model.File, groups: Sequence[model.Group], own: Iterable[Wage], report: Report, note: Note) -> Pay:
    """All wages, `own` are those of the agents file, and what multiplies them."""
    return Pay(
        wages=(*own, *(wage for group in groups if (wage := _wage(source, group, report, note)) is not None)),
        multipliers=_multipliers(source, report),
        holidays=frozenset(source.site.holidays),
    )


def _wage(source: model.File, group: model.Group, report: Report, note: Note) -> Wage | None:
    """A group's wage; a word about what is assumed or unknown only where money is counted at all."""
    counted = any(project.tariff for project in source.project)
    key = f"[group {group.name}] wage_per_hour is not given"
    if "wage_per_hour" not in group.model_fields_set:
        if source.site.currency != ASSUMED_IN:
            if counted:
                note(f"{key}: what its people cost is unknown, and so is the margin, but for those whose wage is in the agents file")
            return None
        if counted:
            note(f"{key}: {group.wage_per_hour} {ASSUMED_IN} is assumed where the agents file says nothing; say what an hour costs")
    if not group.wage_per_hour:
        return None
    wage = Decimal(group.wage_per_hour)
    if wage > MOST_PER_HOUR:
        report(
            f"is more than {MOST_PER_HOUR:,} an hour",
            "look at it: it is per hour, in the site's currency",
            f"group {group.name}",
            "wage_per_hour",
            group.wage_per_hour,
        )
    return Wage(wage, group=group.name)


def _multipliers(source: model.File, report: Report) -> Multipliers:
    money = source.money
    night, overtime, downtime = money.night, money.overtime, money.downtime
    if night.since == night.until:
        report("is empty: to is the same as from", "a night is 22:00 to 06:00, or leave it out", "money", "night.from", night.since)
    if downtime is not None and not downtime.kinds:
        report("is empty", 'name kinds of incidents: ["power", "pbx"]', "money", "downtime.kinds", None)
    return Multipliers(
        night=night.multiplier,
        night_from=time.fromisoformat(night.since),
        night_to=time.fromisoformat(night.until),
        holiday=money.holiday_multiplier,
        overtime=Decimal(1) if overtime is None else overtime.multiplier,
        overtime_after_us=None if overtime is None else int(overtime.after_hours * 3600 * SECOND),
        downtime=Decimal(1) if downtime is None else downtime.multiplier,
        downtime_kinds=frozenset() if downtime is None else frozenset(downtime.kinds),
    )


def finances(source: model.File, report: Report) -> Finances:
    """The site's money."""
    money = source.money
    found: list[Rate] = []
    for currency, rows in money.rates.items():
        key = f"rates.{currency}"
        if currency == source.site.currency:
            report("is the site's own currency", "leave it out: its rate is 1", "money", key, None)
        if not rows:
            report("is empty", 'write its rate: "41.50"', "money", key, None)
        for number, row in enumerate(rows, 1):
            if row.since in [earlier.since for earlier in rows[: number - 1]]:
                report("has the same from as another", "keep one of them", "money", f"{key} #{number}", None)
            if not Decimal(row.rate):
                report("is nought", "write what one unit of it costs", "money", f"{key} #{number}.rate", row.rate)
            found.append(Rate(currency, row.since or date.min, Decimal(row.rate)))
    return Finances(
        currency=source.site.currency,
        fixed_cost_per_day=Decimal(money.fixed_cost_per_day),
        vat=money.vat,
        cash_reserve=Decimal(money.cash_reserve) if money.cash_reserve else None,
        rates=tuple(found),
    )
