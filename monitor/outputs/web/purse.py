"""The money of `/api/v1/floor`: what each project brings and leaves, where each group breaks even, what hangs on each client.

Owns these keys, amounts as texts with two decimals (a float would lose coins), and null for what nobody knows; the whole shape stands in `api`. Refuses
reckoning, and deciding who may see it (`server`). Next: `api` puts them into their places.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from monitor.assess.margin import Margin
from monitor.assess.money import Over, ProjectMoney
from monitor.assess.outlook import Outlook
from monitor.core.contract import Contract, Group, Project
from monitor.outputs.money import plain

Row = dict[str, object]


def site(outlook: Outlook, contract: Contract) -> Row:
    """All projects together, and the site without each client."""
    money = outlook.money
    clients = [
        {
            "client": name,
            "windows": {over.value: _margin(one.margin[over]) | {"without": _amount(one.without[over])} for over in Over},
            "cash_days": _ratio(one.cash_days),
        }
        for name, one in money.clients.items()
    ]
    whole = {over.value: _margin(money.site[over]) if money.clients else None for over in Over}
    return {"currency": contract.finances.currency, "windows": whole, "cash_days": _ratio(money.cash_days), "clients": clients}


def project(agreed: Project, outlook: Outlook, *, shown: bool) -> Row:
    """One project; null before its turn came, and for whoever may not see it."""
    known = outlook.money.projects.get(agreed.name) if shown else None
    return {"money": None if known is None else _project(agreed, known)}


def _project(agreed: Project, known: ProjectMoney) -> Row:
    return {
        "tariff": bool(agreed.tariffs),
        "guaranteed": any(tariff.minimum is not None for tariff in agreed.tariffs),
        "windows": {
            over.value: _margin(known.margin[over])
            | {
                "earned": [
                    {
                        "currency": one.currency,
                        "accrued": plain(one.accrued),
                        "guarantee": _amount(one.guarantee),
                        "adjustment": _amount(one.adjustment),
                        "shortfall_calls": _amount(one.shortfall_calls),
                    }
                    for one in known.earned[over]
                ]
            }
            for over in Over
        },
        "margin_forecast": None if known.outcome is None else _amount(known.outcome.amount),
        "known_days": known.known_days,
        "past_days": known.past_days,
    }


def group(agreed: Group, outlook: Outlook, *, shown: bool) -> Row:
    """One group, the same."""
    known = outlook.money.groups.get(agreed.name) if shown else None
    if known is None:
        return {"money": None}
    spent = {over.value: _amount(known.labour[over]) for over in Over}
    return {"money": {"labour": spent, "occupancy_ratio": _ratio(known.occupancy), "breakeven_occupancy_ratio": _ratio(known.break_even)}}


def _margin(margin: Margin) -> Row:
    return {
        "revenue": _amount(margin.revenue),
        "labour": _amount(margin.labour),
        "telecom": _amount(margin.telecom),
        "fixed": _amount(margin.fixed),
        "margin": _amount(margin.amount),
    }


def _amount(amount: Decimal | None) -> str | None:
    return None if amount is None else plain(amount)


def _ratio(value: Fraction | None) -> float | None:
    return None if value is None else value.numerator / value.denominator
