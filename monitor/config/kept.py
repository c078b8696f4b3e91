"""What of the plan is to be kept for later: its files as they are, with who brought them, and why.

The working plan's file is known by its digest to whoever imported it (`floorwatch plan import` writes that down beside it); a scale by its own
line. A file that somebody edited has nobody's name: it is kept under its own. What was read with the configuration is kept, not what a
file has become since. Owns telling which it is. Refuses keeping. Next: `versions`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from monitor.config.files import UnreadableError, exists, read_bytes, table_text
from monitor.config.plan_files import imports_file, scales_file
from monitor.config.settings import Config
from monitor.errors import PlanError
from monitor.plan.records import records
from monitor.plan.scales import read_scales

COLUMNS = ("when", "who", "digest", "from", "kept", "note")


@dataclass(frozen=True, slots=True)
class Kept:
    """A file: which of the plan's (`kind`), who and why, in which format."""

    kind: str
    who: str
    why: str
    format: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Import:
    """A line of who imported a plan: the digest is that of the file it became, `kept` the name of the one before."""

    when: str
    who: str
    digest: str
    source: str
    kept: str
    note: str


def kept(config: Config, why: str) -> list[Kept]:
    """What is in force now, as far as it can be read; `why` is what has put it in force where nobody has said. What there is none of is empty, so that
    it is known from when on."""
    found: list[Kept] = []
    plan = config.plan
    if config.plan_file is None:
        found += [Kept(kind, str(config.file), why, kind, b"") for kind in ("working", "scales")]
    elif (content := _content(config.plan_file, config.contents)) is not None:
        found.append(_working(config.plan_file, content, plan.format.text, why))
        found += _scales(config, config.plan_file, why)
    if plan.profile is None:
        found.append(Kept("profile", str(config.file), why, "profile", b""))
    elif (content := _content(plan.profile, config.contents)) is not None:
        found.append(Kept("profile", str(plan.profile), why, "profile", content))
    if plan.contract_file is not None and (content := _content(plan.contract_file, {})) is not None:
        whole = str(plan.contract_file.absolute())  # it is known by its name, from wherever a command is typed
        found.append(Kept("contract", whole, why, plan.contract_format.text, content))
    return found


def _content(path: Path, contents: Mapping[Path, bytes]) -> bytes | None:
    """A file as it was when it was read, else as it is."""
    if path in contents:
        return contents[path]
    try:
        return read_bytes(path)
    except UnreadableError:
        return None


def _working(file: Path, content: bytes, format_: str, why: str) -> Kept:
    digest = hashlib.sha256(content).hexdigest()
    by = next((one for one in reversed(imports_of(file)) if one.digest == digest), None)
    if by is None:
        return Kept("working", str(file), why, format_, content)
    return Kept("working", by.who, f"import of {by.source}" + (f": {by.note}" if by.note else ""), "floorwatch", content)


def _scales(config: Config, file: Path, why: str) -> list[Kept]:
    path = scales_file(file)
    content = _content(path, config.contents) if path in config.contents or exists(path) else b""
    try:
        scales = read_scales(table_text(content), str(path)) if content else ()
    except (PlanError, UnreadableError):
        return []
    if content is None or not scales:
        return [Kept("scales", str(path), why, "scales", b"")]
    latest = max(scales, key=lambda one: max(one.at, one.removed_at or 0))
    if latest.removed_at is not None and latest.removed_at >= latest.at:
        return [Kept("scales", latest.removed_by, f"{latest.project}: factor {latest.factor:f} removed", "scales", content)]
    return [Kept("scales", latest.who, f"{latest.project}: factor {latest.factor:f}: {latest.note}", "scales", content)]


def imports_of(plan_file: Path) -> list[Import]:
    """Who imported which plan, the oldest first; a line that is none is passed over: it only says whose a plan is."""
    path = imports_file(plan_file)
    content = _content(path, {}) if exists(path) else None
    if content is None:
        return []
    try:
        text = table_text(content)
    except UnreadableError:
        return []
    lines = (cells for line in text.splitlines() for _, cells in records(line, []))  # each by itself: one that is broken says nothing of the next
    return [Import(*cells) for cells in lines if len(cells) == len(COLUMNS) and cells != [*COLUMNS]]
