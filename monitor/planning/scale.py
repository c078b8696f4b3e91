"""`floorwatch plan scale`: what was agreed after the plan was made, as a line beside it.

Owns the checks of what is asked, the list, what has to be said where a plan is replaced, and taking a scale back. Refuses the arithmetic
(`plan.scales`). Nothing changes in the daemon until it reloads; from then on the project's detectors begin anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from monitor.config import Config
from monitor.config.plan_files import read_working, scaled_plan, scales_file, scales_of
from monitor.config.values import did_you_mean
from monitor.core.contract import SECOND, Project
from monitor.core.direction import DIALLED, Direction
from monitor.errors import BadOption, PlanError
from monitor.plan.scales import LARGEST, Scale, written
from monitor.planning.words import RELOAD, change, local, volume
from monitor.planning.writing import put

USUAL = (Decimal("0.1"), Decimal(3))  # beyond it is asked twice
WEEK_US = 7 * 86_400 * SECOND


@dataclass(frozen=True, slots=True)
class Wish:
    """What was typed."""

    project: str
    first: date
    last: date | None
    factor: str
    note: str
    force: bool = False


def plan_file(config: Config) -> Path:
    """The working plan's file; BadOption where there is none to scale."""
    if config.plan_file is None:
        raise BadOption(f"--config {config.file}: there is no plan; name one in [plan] file")
    return config.plan_file


def listed(config: Config) -> list[str]:
    """Every scale, with its number."""
    scales = scales_of(plan_file(config))
    if not scales:
        return ["no scales: the plan is as its file says"]
    return [f"{number:>3}  {_line(one, config)}" for number, one in enumerate(scales, 1)]


def _line(one: Scale, config: Config) -> str:
    zone = config.contract.zone
    until = "on" if one.last is None else f"until {one.last}"
    text = f"{one.project}: {one.factor:f} from {one.first} {until}; {one.who}, {local(one.at, zone)}: {one.note}"
    if one.removed_at is not None:
        text += f"; removed by {one.removed_by}, {local(one.removed_at, zone)}"
    return text if one.project in config.contract.project else f"{text}; no such project now"


def in_force(config: Config, file: Path, projects: Collection[str], since: date | None = None) -> Iterator[str]:
    """What has to be said of scales that count for new rows of these projects too, from a day on if one is given."""
    for number, one in enumerate(scales_of(file), 1):
        if one.project in projects and one.removed_at is None and (since is None or one.last is None or one.last >= since):
            days = f"from {one.first} on, the new rows too" if one.last is None else f"from {one.first} until {one.last}, new rows of these days too"
            remedy = f"floorwatch plan scale --config {config.file} --remove {number}"
            yield f"{one.project} is scaled by {one.factor:f} {days}; if they know of that: {remedy}"


def add(config: Config, wish: Wish, who: str, now: int) -> list[str]:
    """Write the line; what it does."""
    file = plan_file(config)
    project, factor = _checked(config, wish, now)
    scales = scales_of(file)
    one = Scale(project.name, wish.first, wish.last, factor, who, now // SECOND * SECOND, wish.note)
    effect = _effect(config, scales, one, project)
    put(scales_file(file), written((*scales, one)), file)
    return [f"{scales_file(file)}: {len(scales) + 1}: {_line(one, config)}", *effect, *_besides(config, scales, one), RELOAD]


def _besides(config: Config, scales: tuple[Scale, ...], one: Scale) -> Iterator[str]:
    """What is in force on some of the same days already: all of them count."""
    for number, other in enumerate(scales, 1):
        apart = (one.last is not None and one.last < other.first) or (other.last is not None and other.last < one.first)
        if other.project == one.project and other.removed_at is None and not apart:
            both = f"{one.project} is scaled by {other.factor:f} there already ({number}), and both count"
            yield f"{both}; if the new one is meant instead: floorwatch plan scale --config {config.file} --remove {number}"


def remove(config: Config, number: int, who: str, now: int) -> list[str]:
    """The scale no longer holds; its line stays."""
    file = plan_file(config)
    scales = [*scales_of(file)]
    if not 1 <= number <= len(scales):
        raise BadOption(f"--remove {number}: there is no such scale; --list says which there are")
    if scales[number - 1].removed_at is not None:
        raise BadOption(f"--remove {number}: it is removed already")
    scales[number - 1] = replace(scales[number - 1], removed_at=now // SECOND * SECOND, removed_by=who)
    put(scales_file(file), written(scales), file)
    return [f"{scales_file(file)}: {number}: {_line(scales[number - 1], config)}", RELOAD]


def _checked(config: Config, wish: Wish, now: int) -> tuple[Project, Decimal]:
    project = config.contract.project.get(wish.project)
    if project is None:
        raise BadOption(f"--project {wish.project}: there is no such project; {did_you_mean(wish.project, [*config.contract.project])}")
    try:
        factor = Decimal(wish.factor)
    except InvalidOperation:
        factor = Decimal(-1)
    if not factor.is_finite() or not 0 <= factor <= LARGEST or round(factor, 6) != factor:
        raise BadOption(f"--factor {wish.factor}: is no factor; write 0.6 for six tenths of the plan, from 0 to {LARGEST}")
    if not USUAL[0] <= factor <= USUAL[1] and not wish.force:
        raise BadOption(f"--factor {wish.factor}: is {'little' if factor < USUAL[0] else 'much'}: 60 % is 0.6; give --force if it is meant")
    if wish.last is not None and wish.last < wish.first:
        raise BadOption(f"--until {wish.last}: is before --from {wish.first}; it is the last day the factor holds")
    if wish.first < datetime.fromtimestamp(now // SECOND, project.zone).date() and not wish.force:
        raise BadOption(f"--from {wish.first}: is past, and what has passed was judged by the plan of then; give --force to scale what is left of it")
    if not wish.note.strip() or not wish.note.isprintable():
        raise BadOption(f"--note {wish.note!r}: says nothing, or has line ends in it; say in one line who agreed to what")
    return project, factor


def _effect(config: Config, scales: tuple[Scale, ...], one: Scale, project: Project) -> list[str]:
    """The first week with and without it, where the plan can be read."""
    start = one.start(project)
    end = one.end(project)
    until = start + WEEK_US if end is None else min(end, start + WEEK_US)
    try:
        working = read_working(config)
    except PlanError:
        working = None
    if working is None:
        return ["the plan cannot be read, so what the scale does is not known: floorwatch check says why"]
    rows = tuple(row for row in working.read.rows if row.project == project.name)
    plans = [scaled_plan(rows, some, config) for some in (scales, (*scales, one))]
    span = f"{local(start, project.zone)} to {local(until, project.zone)}"
    lines: list[str] = []
    for way in Direction:
        before, after = (plan.over(project.name, start, until, way) for plan in plans)
        if before.covered_us:
            unit = f"{way} attempts" if way in DIALLED else "contacts"
            what = f"{volume(after.calls_u)} {unit} instead of {volume(before.calls_u)}{change(before.calls_u, after.calls_u)}"
            lines.append(f"{project.name}, {span}: {what}")
    return lines or [f"{project.name} has no plan from {span} yet; what is imported for then will be scaled"]
