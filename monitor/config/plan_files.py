"""The plan's files, read: the working plan in whatever format, its scales beside it, what the client signed, and a profile.

Owns which file is which, and the way from bytes to rows: a workbook or a text, in any of the encodings people save. Refuses meaning (`plan`
has it) and keeping. Next: `read_plan`, and `kept`, which says what of all this is to be kept for later.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from monitor.config.files import UnreadableError, exists, read_bytes, table_text
from monitor.config.settings import Config, FileFormat
from monitor.config.sheets import is_sheet, read_sheet
from monitor.core.contract import Contract
from monitor.errors import BadRow, PlanError
from monitor.plan.formats import Read, read_cells, read_text
from monitor.plan.plan import EMPTY, Plan, PlanRow
from monitor.plan.profile import Profile, read_profile
from monitor.plan.rows import impossible_sums
from monitor.plan.scales import Scale, read_scales, rebased, scaled

Note = dict[Path, bytes] | None
LARGEST = 128 << 20  # bytes: more rows than a plan has, whatever they say


@dataclass(frozen=True, slots=True)
class Working:
    """The working plan: its file as it was read, and what scales it."""

    read: Read
    scales: tuple[Scale, ...]
    plan: Plan


def scales_file(plan_file: Path) -> Path:
    """Where the scales of a plan are: beside it."""
    return plan_file.with_name(f"{plan_file.name}.scales.csv")


def imports_file(plan_file: Path) -> Path:
    """Where it is written down who imported a plan, when and why: beside it."""
    return plan_file.with_name(f"{plan_file.name}.imports.csv")


def read_file(path: Path, how: FileFormat, contract: Contract, profile: Profile | None = None, note: Note = None) -> Read:
    """A plan file; PlanError says everything that is wrong with it. What it was comes into `note`."""
    try:
        content = _content(path, note)
        if is_sheet(path, content):
            bad: list[BadRow] = []
            return read_cells(read_sheet(content, how.sheet, bad), bad, contract, str(path), how.mapping, profile)
        return read_text(table_text(content), contract, str(path), how.mapping, profile)
    except UnreadableError as error:
        raise PlanError(str(path), [BadRow(0, str(error))]) from None


def _content(path: Path, note: Note) -> bytes:
    content = read_bytes(path, LARGEST + 1)
    if len(content) > LARGEST:
        raise UnreadableError(f"is larger than {LARGEST >> 20} MB, more than is read at once; leave out what is past, or plan fewer months")
    if note is not None:
        note[path] = content
    return content


def profile_of(path: Path, contract: Contract, note: Note = None) -> Profile:
    """A profile file; PlanError says everything that is wrong with it."""
    try:
        return read_profile(table_text(_content(path, note)), contract, str(path))
    except UnreadableError as error:
        raise PlanError(str(path), [BadRow(0, str(error))]) from None


def scales_of(plan_file: Path, note: Note = None) -> tuple[Scale, ...]:
    """The scales beside a plan, none where there is no such file."""
    path = scales_file(plan_file)
    if not exists(path):
        if note is not None:
            note[path] = b""
        return ()
    try:
        return read_scales(table_text(_content(path, note)), str(path))
    except UnreadableError as error:
        raise PlanError(str(path), [BadRow(0, str(error))]) from None


def _profile(config: Config, note: Note = None) -> Profile | None:
    return None if config.plan.profile is None else profile_of(config.plan.profile, config.contract, note)


def read_working(config: Config) -> Working | None:
    """The working plan with all that belongs to it, None where there is none."""
    if config.plan_file is None:
        return None
    note = config.contents if config.store.url else None  # a file may be another by the time the store has it
    read = read_file(config.plan_file, config.plan.format, config.contract, _profile(config, note), note)
    scales = scales_of(config.plan_file, note)
    return Working(read, scales, scaled_plan(read.rows, scales, config))


def scaled_plan(rows: tuple[PlanRow, ...], scales: tuple[Scale, ...], config: Config) -> Plan:
    """The rows as they are meant now; PlanError where scales make more of them than a plan can hold."""
    meant = tuple(scaled(rows, scales, config.contract))
    if config.plan_file is not None and (beyond := impossible_sums(meant) if scales else []):
        problem = f"{beyond[0][0]} {beyond[0][1]} is scaled to more work than the world has; floorwatch plan scale --list, and --remove what is not meant"
        raise PlanError(str(scales_file(config.plan_file)), [BadRow(0, problem)])
    return Plan.of(meant, rebased(scales, config.contract))


def read_plan(config: Config) -> Plan:
    """The plan the configuration names, scaled, empty if it names none; PlanError names every bad row.

    Reading 70 000 rows takes about two seconds and, while it lasts, 40 MB; 10 of them stay.
    """
    working = read_working(config)
    return EMPTY if working is None else working.plan


def read_contract_plan(config: Config) -> Plan:
    """What the client signed, as it was signed: never scaled; empty if there is no such file."""
    if config.plan.contract_file is None:
        return EMPTY
    return Plan.of(read_file(config.plan.contract_file, config.plan.contract_format, config.contract, _profile(config)).rows)
