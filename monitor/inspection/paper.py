"""The configuration and its plan, held against each other and today.

Owns what can be said without asking anybody. Refuses PBXs (`pbx` looks at those).
"""

from __future__ import annotations

from datetime import datetime

from monitor.config import Config
from monitor.core.contract import SECOND, Project
from monitor.inspection.finding import Finding, Weight, number
from monitor.plan.plan import Plan


def inspect(config: Config, plan: Plan, now: int) -> list[Finding]:
    """What a valid configuration and its plan amount to at `now`."""
    contract = config.contract
    found = [Finding(f"{config.file}: {number(contract.projects, 'project')}, {number(contract.groups, 'group')}, {number(config.pbxs, 'PBX')}")]
    found += [_plan(project, plan, now) for project in contract.projects]
    return found + [Finding(note, Weight.WARNING) for note in config.notes]


def _plan(project: Project, plan: Plan, now: int) -> Finding:
    end = plan.end(project.name)
    if end is None:
        return Finding(f"{project.name}: no plan; workload and occupancy are shown, deviations are not")
    until = datetime.fromtimestamp(end // SECOND, project.zone).isoformat(timespec="minutes")
    if end <= now:
        return Finding(f"{project.name}: the plan ended {until}; deviations stop there, bring a newer one", Weight.BAD)
    gap = "" if plan.at(project.name, now) else ", with nothing planned right now"
    return Finding(f"{project.name}: planned until {until}{gap}")
