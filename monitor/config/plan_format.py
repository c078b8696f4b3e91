"""`[plan] format` as a mapping: a preset with what is another at this site, or the site's own columns.

Owns what hangs together in such a table: which preset there is, that projects are ours, that the columns make a row. Refuses single values (`model`
has done those) and files. Next: `build` puts the mapping into the `Config`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from monitor.config.model import PlanFormat
from monitor.config.settings import Config, FileFormat
from monitor.config.values import did_you_mean
from monitor.config.wording import shown
from monitor.errors import BadOption, Flaw
from monitor.plan.mapping import COLUMNS, SEVERAL, ColumnMapping
from monitor.plan.presets import PRESETS
from monitor.plan.times import TimeForm

OWN = "mapping"  # what a format of one's own columns is called
_NEEDED = ("project", "interval_start", "volume")


def file_format(source: PlanFormat, key: str, projects: list[str], flaws: list[Flaw]) -> FileFormat:
    """The format a table means; what is wrong with it goes to `flaws`."""
    own = bool(source.columns) and "preset" not in source.model_fields_set
    if not own and source.preset not in PRESETS:
        flaws.append(Flaw("is no format", did_you_mean(source.preset, [*PRESETS]), "plan", key, shown(source.preset)))
        return FileFormat()
    found = [Flaw(problem, remedy, "plan", f"{key}.{place}") for place, problem, remedy in _flaws(source, projects, own=own)]
    flaws += found
    return FileFormat() if found else FileFormat(_mapping(source, own=own), source.sheet, _text(source, own=own))


def _flaws(source: PlanFormat, projects: list[str], *, own: bool) -> Iterator[tuple[str, str, str]]:
    for theirs, ours in source.projects.items():
        if ours and ours not in projects:
            yield f"projects {theirs} = {shown(ours)}", "there is no such project", f'{did_you_mean(ours, projects)} "" leaves its rows out'
    for ours, columns in source.columns.items():
        place = f"columns.{ours}"
        if ours not in COLUMNS:
            yield place, "is no column of a plan", did_you_mean(ours, [*COLUMNS])
        elif len(columns) > 1 and ours not in SEVERAL:
            yield place, "cannot be put together of several columns", f"name one; only {', '.join(SEVERAL)} can"
        elif any(isinstance(column, int) for column in columns) == _headed(source, own=own):
            remedy = 'name it as the first line does, or write header = false where there is none: "Offered"'
            yield (
                place,
                f"{shown(columns[0])} is not how this file names its columns",
                remedy if _headed(source, own=own) else "without a header columns have numbers, from 1",
            )
    if not own and _headed(source, own=own) != PRESETS[source.preset].header:
        yield (
            f"header = {shown(source.header)}",
            f"the columns of {source.preset} have {'names' if PRESETS[source.preset].header else 'numbers'}",
            "leave it out",
        )
    if source.only and not _headed(source, own=own):
        remedy = "leave those rows out by projects, or take a file with a header"
        yield "only", f"{shown(next(iter(source.only)))} is no column of a file without a header", remedy
    for ours in source.defaults:
        if ours not in COLUMNS:
            yield f"defaults.{ours}", "is no column of a plan", did_you_mean(ours, [*COLUMNS])
    if own:
        there = {*source.columns, *source.defaults}
        missing = [name for name in _NEEDED if name not in there]
        if not {"aht_s"} & there and not {"handle_s", "handled"} <= there:
            missing.append("aht_s (or handle_s and handled)")
        if missing:
            yield "columns", f"does not name {', '.join(missing)}", "without them there is no row"


def _headed(source: PlanFormat, *, own: bool) -> bool:
    return source.header if own or "header" in source.model_fields_set else PRESETS[source.preset].header


def _mapping(source: PlanFormat, *, own: bool) -> ColumnMapping:
    given = source.model_fields_set
    base = ColumnMapping(OWN, {}) if own else PRESETS[source.preset]
    columns: dict[str, tuple[str | int, ...]] = {**base.columns, **source.columns}
    if "aht_s" in source.columns and "handle_s" not in source.columns:
        columns = {ours: theirs for ours, theirs in columns.items() if ours not in ("handle_s", "handled")}
    changed: dict[str, Any] = {
        "name": OWN if source.columns else base.name,
        "columns": columns,
        "header": _headed(source, own=own),
        "projects": dict(source.projects),
        "defaults": {**base.defaults, **source.defaults},
        "typed": frozenset(source.columns),
        "only": {column: tuple(word.strip().lower() for word in words.split("|")) for column, words in source.only.items()} if "only" in given else base.only,
    }
    if source.tz:
        changed["zone"] = ZoneInfo(source.tz)
    if source.delimiter:
        changed["delimiter"] = source.delimiter
    if source.datefmt:
        changed["form"] = TimeForm(source.datefmt)
    return replace(base, **changed)


def _text(source: PlanFormat, *, own: bool) -> str:
    """The format in one line, as it is kept with each version of the plan: a preset's name, or all that is set."""
    said = source.model_dump(exclude_unset=True)
    if not own and set(said) <= {"preset"}:
        return source.preset
    return json.dumps(said, ensure_ascii=False, sort_keys=True)


def typed_format(config: Config, preset: str, maps: Sequence[str]) -> FileFormat:
    """The format of a file that is imported: the configuration's, or the preset and the projects that were typed."""
    base = config.plan.format
    if preset and preset not in PRESETS:
        raise BadOption(f"--format {preset}: is no format; {did_you_mean(preset, [*PRESETS])}")
    if preset and preset != base.mapping.name:
        base = FileFormat(replace(PRESETS[preset], projects=base.mapping.projects), base.sheet, preset)
    projects = dict(base.mapping.projects)
    for text in maps:
        theirs, sign, ours = text.rpartition("=")
        if not sign or not theirs or (ours and ours not in config.contract.project):
            known = ", ".join(config.contract.project)
            raise BadOption(f"--map {text}: is not THEIRS=OURS; after = comes one of {known}, or nothing to leave their rows out")
        projects[theirs] = ours
    return replace(base, mapping=replace(base.mapping, projects=projects))
