"""What holds of the money: one rule per condition.

As `project_rules`, about what a billing period will come to: groups that do not earn what they cost, projects that lose, clients who call less than they
signed for, and a site that would not live without one of them. Nothing is judged before so many days of the period are known (`money_days`): a first day
says little. Refuses reckoning (`takings`). What is None cannot be judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from monitor.assess.conditions import About, Condition, Figures, Finding, Subject
from monitor.assess.money import ClientMoney, GroupMoney, Money, Over, ProjectMoney
from monitor.core.contract import Contract

Found = tuple[Condition, Subject, Finding | None]


def findings(money: Money, contract: Contract) -> Iterator[Found]:
    """Everything that is asked, and what was found."""
    least, currency = contract.limits.money_days, contract.finances.currency
    old = {name: one.known_days >= least for name, one in money.projects.items()}
    for project in contract.projects:
        known = money.projects.get(project.name)
        subject = Subject(About.PROJECT, project.name)
        ripe = known is not None and old[project.name] and bool(project.tariffs)
        yield Condition.MARGIN_NEGATIVE, subject, _loses(known, currency) if known is not None and ripe else None
        yield Condition.MINIMUM_GUARANTEE_SHORT, subject, _short(known, contract.limits.guarantee_short) if known is not None and ripe else None
    for group in contract.groups:
        own = contract.projects_of[group.name]
        ripe = bool(own) and all(old.get(project.name, False) and project.tariffs for project in own)
        of_group = money.groups.get(group.name)
        yield Condition.BELOW_BREAK_EVEN, Subject(About.GROUP, group.name), _below(of_group) if of_group is not None and ripe else None
    ripe = bool(old) and all(old.values()) and len(money.clients) > 1
    for client in dict.fromkeys(project.client for project in contract.projects):
        of_client = money.clients.get(client)
        finding = _depends(of_client, money.site[Over.MONTH].amount, currency) if of_client is not None and ripe else None
        yield Condition.CLIENT_DEPENDENCE, Subject(About.CLIENT, client), finding


def _loses(project: ProjectMoney, currency: str) -> Finding | None:
    """The period will end with a loss; where nobody knows the rest, it has brought one so far."""
    whole = project.outcome is not None and project.outcome.amount is not None
    margin = (project.outcome if project.outcome is not None and whole else project.margin[Over.MONTH]).amount
    if margin is None:
        return None
    return Finding(margin < 0, {"margin": str(margin), "currency": currency, "span": "period" if whole else "so_far"})


def _short(project: ProjectMoney, limit: float) -> Finding | None:
    """The client calls so much less than he signed for that it costs him."""
    found: list[tuple[float, Figures]] = []
    for one in project.earned[Over.MONTH]:
        if one.guarantee is None or one.shortfall_calls is None:
            return None
        ratio = float(one.guarantee / (one.guarantee + one.accrued)) if one.guarantee + one.accrued else 0.0
        found.append((ratio, {"ratio": ratio, "calls": float(one.shortfall_calls), "amount": str(one.guarantee), "currency": one.currency}))
    worst = max(found, key=lambda each: each[0], default=None)
    return None if worst is None else Finding(worst[0] > limit, worst[1])


def _below(group: GroupMoney) -> Finding | None:
    """It is less occupied than it has to be."""
    if group.occupancy is None or group.break_even is None:
        return None
    return Finding(group.occupancy < group.break_even, {"occupancy": float(group.occupancy), "needed": float(group.break_even)})


def _depends(client: ClientMoney, margin: Decimal | None, currency: str) -> Finding | None:
    """The site lives, and would not without him."""
    without = client.without[Over.MONTH]
    if without is None or margin is None:
        return None
    figures: dict[str, float | str] = {"margin": str(margin), "without": str(without), "currency": currency}
    if client.cash_days is not None:
        figures["cash_days"] = float(client.cash_days)
    return Finding(without < 0 <= margin, figures)
