"""`floorwatch plan import`: a file of a client or a planning product, checked, held against the plan in force, and put in its place if asked to.

What the file tells of replaces the plan: for each project and direction in it, from its first row to its last. Everything else stays, because a
client sends a file of his own, and a planner one month. With `replace` nothing stays. The result is the native CSV, so nothing else has to be configured;
the file before it is kept beside it, and who, when and why are written down there for the store.

Owns that comparison and the order of writing. Refuses reading (`config`) and reloading: it says how. Scales go on and count for new rows too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from monitor.config import Config
from monitor.config.files import exists, read_bytes
from monitor.config.kept import COLUMNS
from monitor.config.plan_files import imports_file, profile_of, read_file
from monitor.config.settings import FileFormat
from monitor.core.contract import SECOND, Project
from monitor.core.direction import DIALLED, Direction
from monitor.errors import BadOption, NotWritten, PlanError
from monitor.plan.formats import Read
from monitor.plan.plan import Plan, PlanRow
from monitor.plan.profile import Profile, read_profile, written
from monitor.plan.scales import quoted, shown
from monitor.planning.native import native
from monitor.planning.profiles import profile_from_logs
from monitor.planning.scale import in_force
from monitor.planning.words import RELOAD, change, local, volume
from monitor.planning.writing import append, draft, keep, old_name, put
from monitor.plural import counted

SHOWN = 8  # of weeks and days in one list
QUEUE_LOG = "queue_log"


@dataclass(frozen=True, slots=True)
class Wish:
    """What was typed."""

    file: Path
    how: FileFormat
    profile_from: str = ""
    save_profile: Path | None = None
    note: str = ""
    replace: bool = False
    write: bool = False


def bring(config: Config, wish: Wish, who: str, now: int) -> list[str]:
    """Everything that is found out and done."""
    target = _target(config)
    if not wish.note.isprintable():
        raise BadOption("--note has line ends in it; say in one line why")
    profile, remarks = _profile(config, wish.profile_from, now)
    if wish.save_profile is not None and profile is None:
        raise BadOption(f"--save-profile {wish.save_profile}: there is no profile to save; give --profile-from queue_log")
    read = read_file(wish.file, wish.how, config.contract, profile)
    old = _old(config, target, replace=wish.replace)
    rows = read.rows if wish.replace else (*_staying(old, read.rows), *read.rows)
    lines = [_found(wish.file, read, config), *remarks, *_differences(config, old, rows, read.rows)]
    first = min((datetime.fromtimestamp(row.start // SECOND, config.contract.project[row.project].zone).date() for row in read.rows), default=None)
    lines += in_force(config, target, {row.project for row in read.rows}, first)
    if wish.save_profile is not None and profile is not None:
        lines += _save(wish.save_profile, profile, config)
    if not wish.write:
        return [*lines, f"nothing {'else ' if wish.save_profile else ''}was written; --write puts it in the place of the plan"]
    kept = _write(config, target, rows, wish, who, now)
    return [*lines, f"{target}: written" + (f"; the plan before it is {target.with_name(kept)}" if kept else ""), RELOAD]


def _target(config: Config) -> Path:
    if config.plan_file is None:
        raise BadOption(f"--config {config.file}: there is no plan to import into; name one in [plan] file")
    target = config.plan_file.absolute()  # a link stays one: what belongs to the plan is beside it, as the daemon looks for it
    if target.suffix.lower() not in (".csv", ".txt", ""):
        raise BadOption(f"[plan] file {config.plan_file}: an import is written as CSV; name a .csv there, and import this file into it")
    return target


def _profile(config: Config, source: str, now: int) -> tuple[Profile | None, list[str]]:
    """The profile, and what has to be said of it."""
    if source == QUEUE_LOG:
        return profile_from_logs(config, now)
    file = Path(source) if source else config.plan.profile
    return None if file is None else profile_of(file, config.contract), []


def _save(file: Path, profile: Profile, config: Config) -> list[str]:
    """For `[plan] profile`: a plan of totals that the daemon is to read itself. It is read again before it is written."""
    if exists(file):
        raise NotWritten(f"{file}: is there already, nothing was written; take it away, or name another")
    text = written(profile)
    if read_profile(text, config.contract).weights != profile.weights:
        raise NotWritten(f"{file}: the profile would not be read again as what it is; nothing was written; report this")
    put(file, text, file)
    return [f"{file}: the profile is written; name it in [plan] profile where the daemon is to read totals itself"]


def _old(config: Config, target: Path, *, replace: bool) -> tuple[PlanRow, ...]:
    """The rows of the plan there is, unscaled; where it cannot be read, none are compared if all of it is to go, else BadOption."""
    if not exists(target) or not read_bytes(target, 1):
        return ()
    profile = None if config.plan.profile is None else profile_of(config.plan.profile, config.contract)
    try:
        return read_file(target, config.plan.format, config.contract, profile).rows
    except PlanError as error:
        if replace:
            return ()
        raise BadOption(f"the plan that is there cannot be read, and nothing of it would stay: {str(error).splitlines()[0]}; or give --replace") from None


def _staying(old: tuple[PlanRow, ...], new: tuple[PlanRow, ...]) -> Iterator[PlanRow]:
    """The rows of the plan that the new ones do not tell of."""
    spans: dict[tuple[str, Direction], tuple[int, int]] = {}
    for row in new:
        start, end = spans.get((row.project, row.direction), (row.start, row.end))
        spans[row.project, row.direction] = min(start, row.start), max(end, row.end)
    for row in old:
        start, end = spans.get((row.project, row.direction), (0, 0))
        if row.end <= start or row.start >= end:
            yield row


# --- what is said -----------------------------------------------------------------------------------------------------------------


def _found(file: Path, read: Read, config: Config) -> str:
    left = f", {counted(read.left_out, 'row')} left out" if read.left_out else ""
    totals = f", {counted(read.totals, 'total')} spread" if read.totals else ""
    first, last = read.rows[0].start, max(row.end for row in read.rows)
    zone = config.contract.zone
    return f"{file}: {read.format}, {counted(len(read.rows), 'row')}{left}{totals}, {local(first, zone)} to {local(last, zone)}"


def _differences(config: Config, old: tuple[PlanRow, ...], rows: tuple[PlanRow, ...], new: tuple[PlanRow, ...]) -> Iterator[str]:
    before, after = Plan.of(old), Plan.of(rows)
    told = {row.project for row in new}
    for project in config.contract.projects:
        was, becomes = (sum(row.project == project.name for row in some) for some in (old, rows))
        if project.name not in told and was == becomes:
            if was:
                yield f"{project.name}: its {counted(was, 'row')} stay"
            continue
        yield f"{project.name}: {counted(becomes, 'row')}, before {was}"
        kept = {(row.direction, row.start) for row in rows if row.project == project.name}
        if gone := sum(row.project == project.name and (row.direction, row.start) not in kept for row in old):
            yield f"  {counted(gone, 'row')} {'goes' if gone == 1 else 'go'}: from a project's first row to its last the file is all there is"
        for direction in Direction:
            yield from _weeks(project, before, after, direction)
            yield from _largest(project, before, after, direction)


def _periods(project: Project, plans: tuple[Plan, Plan], direction: Direction, key: str) -> dict[str, tuple[int, int]]:
    """Volume by ISO week or day, before and after."""
    found: dict[str, list[int]] = {}
    for place, plan in enumerate(plans):
        for (name, way, start), figures in plan.rows().items():
            if name == project.name and way is direction:
                period = format(datetime.fromtimestamp(start // SECOND, project.zone), key)
                found.setdefault(period, [0, 0])[place] += figures[1]
    return {period: (was, becomes) for period, (was, becomes) in sorted(found.items()) if was != becomes}


def _weeks(project: Project, before: Plan, after: Plan, direction: Direction) -> Iterator[str]:
    weeks = _periods(project, (before, after), direction, "%G-W%V")
    way = "" if direction is Direction.INBOUND else f" {direction}"
    for number, (week, (was, becomes)) in enumerate(weeks.items()):
        if number == SHOWN:
            yield f"  and {counted(len(weeks) - SHOWN, 'week')} more"
            return
        what = "attempts" if direction in DIALLED else "contacts"
        yield f"  {week}{way}: {volume(was)} → {volume(becomes)} {what}{change(was, becomes)}"


def _largest(project: Project, before: Plan, after: Plan, direction: Direction) -> Iterator[str]:
    """The days that change most, where both plans have them."""
    days = {day: pair for day, pair in _periods(project, (before, after), direction, "%a %Y-%m-%d").items() if all(pair)}
    for day, (was, becomes) in sorted(days.items(), key=lambda one: -abs(one[1][1] - one[1][0]))[:3]:
        yield f"  most on {day}: {volume(was)} → {volume(becomes)}{change(was, becomes)}"


# --- what is written --------------------------------------------------------------------------------------------------------------


def _write(config: Config, target: Path, rows: tuple[PlanRow, ...], wish: Wish, who: str, now: int) -> str:
    """The name of the file that was there before; empty if none was."""
    text = native(rows, config.contract)
    kept = old_name(target, now) if exists(target) else ""
    with draft(target, text, target) as beside:
        again = read_file(beside, FileFormat(), config.contract)
        if _figures(again.rows) != _figures(rows):
            raise NotWritten(f"{target}: the plan would not be read again as what it is; nothing was changed; report this")
        if kept:
            keep(target, kept)
        digest = hashlib.sha256(text.encode()).hexdigest()
        _note(target, (shown(now), who, digest, wish.file.name, kept, wish.note))
        beside.replace(target.resolve())
    return kept


def _figures(rows: tuple[PlanRow, ...]) -> list[tuple[object, ...]]:
    found = [(row.project, row.direction, row.start, row.end, row.calls_u, row.handle_us, row.agents_u, row.contacts_u, row.results_u) for row in rows]
    return sorted(found, key=lambda row: row[:3])


def _note(target: Path, cells: tuple[str, ...]) -> None:
    """One line more in the file of imports."""
    append(imports_file(target), ",".join(map(quoted, cells)), ",".join(COLUMNS), target)
