"""The configuration and its plan, held against each other and today.

Owns what can be said without asking anybody. Refuses PBXs (`pbx` looks at those), the plan itself (`plans`) and `money`.
"""

from __future__ import annotations

from monitor.config import Config
from monitor.config.plan_files import Working
from monitor.inspection import money, plans
from monitor.inspection.finding import Finding, Weight, number
from monitor.plan.plan import EMPTY, Plan


def inspect(config: Config, plan: Plan, now: int, working: Working | None = None, signed: Plan = EMPTY) -> list[Finding]:
    """What a valid configuration and its plan amount to at `now`."""
    contract = config.contract
    found = [Finding(f"{config.file}: {number(contract.projects, 'project')}, {number(contract.groups, 'group')}, {number(config.pbxs, 'PBX')}")]
    found += [*plans.look(config, plan, now, working, signed), *money.look(config, now)]
    return found + [Finding(note, Weight.WARNING) for note in config.notes]
