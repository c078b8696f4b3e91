"""Money that is agreed, and comes to nothing today: projects nobody pays for, guarantees without a plan, people without a wage.

Owns the sentences: each is in order for somebody, so each is a warning. Refuses what a tariff says of itself (`config.prices` has noted that) and amounts.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from monitor.config import Config
from monitor.core.contract import Contract, Person, Project
from monitor.inspection.finding import Finding, Weight, some


def look(config: Config, now: int) -> Iterator[Finding]:
    """Everything there is to say of it."""
    contract = config.contract
    paid = any(project.tariffs for project in contract.projects)
    for project in contract.projects:
        if paid and not project.tariffs:
            yield _warning(f"{project.name}: no tariff, and others have one: nothing is charged for it; add a [[project.tariff]] if its client pays")
        elif config.plan.contract_file is not None and (problem := _guarantee(project, project.day_of(now))):
            yield _warning(f"{project.name}: {problem}; bring what was signed for it into {config.plan.contract_file}")
    yield from _wages(contract, contract.calendar.day_of(now), paid=paid)


def _warning(text: str) -> Finding:
    return Finding(text, Weight.WARNING)


def _guarantee(project: Project, today: date) -> str:
    """Why a guarantee that holds today guarantees nothing, empty if it does."""
    tariff = project.tariff_on(today)
    share = None if tariff is None or tariff.minimum is None else tariff.minimum.share_of_contract_plan
    if share is None:
        return ""
    here = f"minimum.share_of_contract_plan = {share}"
    if not project.signed:
        return f"{here}, and the contract plan has no row of it: nothing is guaranteed"
    first, last = (date.fromordinal(project.signed[number].day) for number in (0, -1))
    if today < first:
        return f"{here}, and the contract plan of it begins on {first}: nothing is guaranteed before"
    return f"{here}, and the contract plan of it ended on {last}: nothing is guaranteed since" if last < today else ""


def _wages(contract: Contract, today: date, *, paid: bool) -> Iterator[Finding]:
    """Only where money is counted at all; who is in no group that can be told without the PBX is left out."""
    if not (paid or contract.pay.wages):
        return
    groups = {person.id: _group(contract, person) for person in contract.people}
    poor = [person for person, group in groups.items() if group is not None and contract.pay.wage(person, group, today) is None]
    if poor:
        text = f"no wage today: {some(poor)} of the agents file: what they cost is unknown"
        yield _warning(f"{text}; give them a wage there, or wage_per_hour to their [[group]]")


def _group(contract: Contract, person: Person) -> str | None:
    if person.group is not None or len(contract.groups) == 1:
        return person.group or contract.groups[0].name
    names = (interface.rpartition(":")[2] for interface in person.interfaces)
    return next((group.name for name in names for group in contract.groups if group.claims(name, person.name)), None)
