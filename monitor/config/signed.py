"""What the clients signed, told by the day: the contract plan as bills want it.

Owns the sums of each project's days, from the first row of its contract plan to the last; a day without a row has none. Only where a tariff asks for it:
reading a year of intervals takes a second. Refuses reading the file (`plan_files`) and prices. Next: `load` puts it into the contract.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from monitor.config.plan_files import read_contract_plan
from monitor.config.settings import Config
from monitor.core.contract import Contract, Project, SignedDay
from monitor.core.direction import Direction
from monitor.plan.plan import Plan


def asks(project: Project) -> bool:
    """Whether a tariff of the project depends on what was signed."""
    return any(
        (tariff.minimum is not None and tariff.minimum.share_of_contract_plan is not None)
        or (tariff.sl_adjust is not None and tariff.sl_adjust.excused_above_plan)
        for tariff in project.tariffs
    )


def with_signed(config: Config) -> Config:
    """The same, with what was signed in its contract; PlanError where the file is bad."""
    if config.plan.contract_file is None or not any(asks(project) for project in config.contract.projects):
        return config
    return replace(config, contract=signed(config.contract, read_contract_plan(config)))


def signed(contract: Contract, plan: Plan) -> Contract:
    """The contract with the days of what was signed."""
    spans: dict[str, tuple[int, int]] = {}
    for (project, direction, start), row in plan.rows().items():
        if direction is Direction.INBOUND:
            first, last = spans.get(project, (start, row[0]))
            spans[project] = min(first, start), max(last, row[0])
    projects = (replace(one, signed=_days(one, plan, *spans[one.name])) if one.name in spans and asks(one) else one for one in contract.projects)
    return replace(contract, projects=tuple(projects))


def _days(project: Project, plan: Plan, start: int, end: int) -> tuple[SignedDay, ...]:
    days: list[SignedDay] = []
    ordinal = project.day_of(start).toordinal()
    while (begin := project.starts_on(date.fromordinal(ordinal))) < end:
        due = plan.over(project.name, begin, project.starts_on(date.fromordinal(ordinal + 1)))
        if due.covered_us:
            days.append(SignedDay(ordinal, due.calls_u, due.handle_us))
        ordinal += 1
    return tuple(days)
