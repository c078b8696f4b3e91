"""What `floorwatch check` finds: the configuration and the plan held against each other, and with `--live` against the PBXs.

Owns the findings, one line each with its remedy. Refuses mending anything. Next: `cli` prints them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from monitor.config import Config
from monitor.core.contract import SECOND, Project
from monitor.plan.plan import Plan


@dataclass(frozen=True, slots=True)
class Finding:
    """One line; `bad` when it has to be mended."""

    text: str
    bad: bool = False

    def __str__(self) -> str:
        return f"{'BAD' if self.bad else 'ok '} {self.text}"


def inspect(config: Config, plan: Plan, now: int) -> list[Finding]:
    """What a valid configuration and its plan amount to at `now`."""
    contract = config.contract
    found = [Finding(f"{config.file}: {len(contract.projects)} projects, {len(contract.groups)} groups, {len(config.pbxs)} PBXs")]
    found += [_plan(project, plan, now) for project in contract.projects]
    return found + [Finding(f"without effect in this version: {note}") for note in config.notes]


def _plan(project: Project, plan: Plan, now: int) -> Finding:
    end = plan.end(project.name)
    if end is None:
        return Finding(f"{project.name}: no plan; workload and occupancy are shown, deviations are not")
    until = datetime.fromtimestamp(end // SECOND, project.zone).isoformat(timespec="minutes")
    if end <= now:
        return Finding(f"{project.name}: the plan ended {until}; deviations stop there, bring a newer one", bad=True)
    gap = "" if plan.at(project.name, now) else ", with nothing planned right now"
    return Finding(f"{project.name}: planned until {until}{gap}")
