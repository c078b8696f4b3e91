"""A plan as the store has it, read again: its file as it was, in the format it was read with.

Owns the way back from the one line in which a format is kept (a preset's name, or all that was set) and which version of a contract plan counts: of
each file the first content, for that is what was signed; a file that was named later holds from the day it was. Refuses stores: whoever has
the versions hands them over. Next: `reporting` holds a billing period against it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from monitor.config.files import UnreadableError, table_text
from monitor.config.model import PlanFormat
from monitor.config.plan_files import profile_of
from monitor.config.plan_format import file_format
from monitor.config.settings import Config, FileFormat
from monitor.config.sheets import is_sheet, read_sheet
from monitor.errors import BadRow, Flaw, PlanError
from monitor.plan.formats import read_cells, read_text
from monitor.plan.plan import EMPTY, Plan


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the contract plan: since when it is kept, the file it was, its format and content."""

    since: int
    file: str
    format: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Signed:
    """What the client signed, and from when on."""

    since: int
    plan: Plan


def signed(config: Config, versions: Sequence[Version]) -> list[Signed]:
    """The contract plans there were, the oldest first; PlanError where one can no longer be read."""
    first: dict[str, Version] = {}
    for version in versions:
        if version.content:
            first.setdefault(version.file, version)
    return [Signed(one.since, _plan(config, one)) for one in sorted(first.values(), key=lambda one: one.since)]


def in_force(plans: Sequence[Signed], at: int) -> Plan:
    """The one that holds at an instant. Before the first was kept it is that one: nobody signs a month after it."""
    known = [one.plan for one in plans if one.since <= at] or [one.plan for one in plans[:1]]
    return known[-1] if known else EMPTY


def _plan(config: Config, version: Version) -> Plan:
    how = _format(config, version)
    profile = None if config.plan.profile is None else profile_of(config.plan.profile, config.contract)
    try:
        if is_sheet(Path(version.file), version.content):
            bad: list[BadRow] = []
            return Plan.of(read_cells(read_sheet(version.content, how.sheet, bad), bad, config.contract, version.file, how.mapping, profile).rows)
        return Plan.of(read_text(table_text(version.content), config.contract, version.file, how.mapping, profile).rows)
    except UnreadableError as error:
        raise PlanError(version.file, [BadRow(0, str(error))]) from None


def _format(config: Config, version: Version) -> FileFormat:
    flaws: list[Flaw] = []
    try:
        said = json.loads(version.format) if version.format.startswith("{") else {"preset": version.format}
        found = file_format(PlanFormat.model_validate(said), "contract_format", [*config.contract.project], flaws)
    except (ValueError, ValidationError):
        flaws.append(Flaw("cannot be read as it was"))
        found = FileFormat()
    if flaws:
        raise PlanError(version.file, [BadRow(0, f"as it was stored, in format {version.format}: {flaws[0]}")])
    return found
