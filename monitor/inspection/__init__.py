"""What `floorwatch check` finds: the configuration and the plan held against each other, and with `--live` against the PBXs.

Owns the order of looking: `paper`, with `plans` and `money`, and `store` first, then each PBX by one short session (`pbx`) and its files (`log`), and the
`broker`. The
findings are one line each with its remedy. Refuses mending anything. Next: `cli` prints them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from monitor.config import Config
from monitor.config.plan_files import Working
from monitor.core.devices import listed
from monitor.errors import AmiError
from monitor.inspection import broker, log, pbx, store
from monitor.inspection.finding import Finding, Weight
from monitor.inspection.paper import inspect as papers
from monitor.means import settings
from monitor.plan.plan import EMPTY, Plan
from monitor.sources.ami.probe import probe

__all__ = ["Finding", "Weight", "inspect", "look"]


def inspect(config: Config, plan: Plan, now: int, working: Working | None = None, signed: Plan = EMPTY) -> list[Finding]:
    """What this machine can say: the configuration, its plan (and how it was read, and what was signed), its store."""
    found = papers(config, plan, now, working, signed)
    notes = len(config.notes)
    return [*found[: len(found) - notes], *store.look(config), *broker.paper(config), *found[len(found) - notes :]]


async def look(config: Config, now: Callable[[], int]) -> list[Finding]:
    """What the PBXs themselves and their files say, one short session each, and the MQTT broker."""
    found: list[Finding] = []
    for each in config.pbxs:
        try:
            report = await probe(settings(each), now, devices=listed(config.contract, each.name))
        except AmiError as error:
            text = str(error)
            found.append(Finding(text if text.startswith(f"{each.name}:") else f"{each.name}: {text}", Weight.BAD))
            continue
        said = [*pbx.findings(each.name, report, config.contract)]
        said += await asyncio.to_thread(log.look, each, report, config.contract, now())
        found += [Finding(f"{each.name}: {text}", weight) for weight, text in said]
    return [*found, *await broker.look(config)]
