"""`floorwatch plan show`: the plan as people read it, a table of intervals or a week at a glance, and outgoing calls in a table of their own.

Owns the lines. What the client signed stands beside it where there is a contract plan. Refuses judging it (`floorwatch check`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from monitor.config import Config, read_contract_plan
from monitor.config.kept import Kept, kept
from monitor.config.plan_files import Working, read_working
from monitor.config.values import did_you_mean
from monitor.core.contract import SECOND, Project
from monitor.core.direction import DIALLED, Direction
from monitor.errors import BadOption, StoreUnusable
from monitor.plan import days
from monitor.plan.plan import EMPTY, MICRO, Plan
from monitor.planning.dialled import dialled
from monitor.planning.words import change, hours, local, sparkline, volume
from monitor.plural import counted
from monitor.state.store.place import Place
from monitor.state.store.reader import Plan as Stored
from monitor.state.store.reader import Reader

_KINDS = ("working", "scales", "profile")
_NONE_YET = "in force: no daemon has kept a plan yet"


@dataclass(frozen=True, slots=True)
class Wish:
    """What was typed: whose plan (empty: everybody's), of which day (None: today), or of the week from then on."""

    project: str = ""
    day: date | None = None
    week: bool = False


def show(config: Config, wish: Wish, now: int) -> list[str]:
    """The lines to print."""
    if wish.project and wish.project not in config.contract.project:
        raise BadOption(f"--project {wish.project}: there is no such project; {did_you_mean(wish.project, [*config.contract.project])}")
    working = read_working(config)
    plan, signed = EMPTY if working is None else working.plan, read_contract_plan(config)
    lines = [*_head(config, working, now)]
    for project in config.contract.projects:
        if wish.project in ("", project.name):
            day = wish.day or datetime.fromtimestamp(now // SECOND, project.zone).date()
            lines += ["", *_project(project, plan, signed, working, day, week=wish.week, length_us=config.contract.interval_us)]
    return lines


def _head(config: Config, working: Working | None, now: int) -> Iterator[str]:
    """Which plan this is, and since when it is in force."""
    if working is None:
        yield f"no plan: {config.file} names none in [plan] file, or it is not there"
    else:
        left = f", {counted(working.read.left_out, 'row')} left out" if working.read.left_out else ""
        yield f"plan: {config.plan_file}: {working.read.format}, {counted(len(working.read.rows), 'row')}{left}"
        yield _version(config, now)
    if config.plan.contract_file is not None:
        yield f"contract plan: {config.plan.contract_file}"


def _version(config: Config, now: int) -> str:
    if not config.store.url:
        return "in force: not known, [store] keeps nothing"
    if not Place(config.store.url).exists():
        return _NONE_YET
    try:
        reader = Reader.of(Place(config.store.url))
        try:
            stored = {kind: reader.plan(now, kind) for kind in _KINDS}
        finally:
            reader.close()
    except StoreUnusable as error:
        return f"in force: not known: {error}"
    working = stored["working"]
    if working is None:
        return _NONE_YET
    here = {one.kind: one for one in kept(config, "") if one.kind in _KINDS}
    other = [kind for kind in _KINDS if not _same(stored[kind], here.get(kind))]
    latest = max((one for one in stored.values() if one is not None), key=lambda one: one.since)
    which = "this one"
    if other:
        which = "ANOTHER one" if "working" in other else f"this one with OTHER {' and '.join(other)}"
        which += "; reload the daemon for what is here"
    return f"in force: {which}, since {local(latest.since, config.contract.zone)}, {latest.who}: {latest.why}"


def _same(stored: Stored | None, here: Kept | None) -> bool:
    """Whether that is what is in the file, and read as it is read now."""
    content = b"" if here is None else here.content
    if stored is None or not content:
        return content == (b"" if stored is None else stored.content)
    return stored.content == content and (here is None or stored.format == here.format)


def _project(project: Project, plan: Plan, signed: Plan, working: Working | None, day: date, *, week: bool, length_us: int) -> Iterator[str]:
    ends = {way: end for way in Direction if (end := plan.end(project.name, way)) is not None}
    said = ", ".join(f"{'' if way is Direction.INBOUND else f'{way} '}planned until {local(end, project.zone)}" for way, end in ends.items())
    yield f"{project.name} ({project.client}), {said or 'no plan'}, {project.zone}"
    for scale in () if working is None else working.scales:
        if scale.project == project.name and scale.removed_at is None and (scale.last is None or scale.last >= day):
            until = "on" if scale.last is None else f"until {scale.last}"
            yield f"  scaled by {scale.factor:f} from {scale.first} {until}; {scale.who}: {scale.note}"
    if Direction.INBOUND in ends:
        if week:
            yield f"  {'day':<14}  {'contacts':>10}  {'AHT':>6}  {'hours':>8}"
            for number in range(7):
                yield _day_line(project, plan, signed, day + timedelta(days=number), length_us)
        else:
            yield from _day_table(project, plan, signed, day, length_us)
    for way in ends:
        if way in DIALLED:
            first, last = day, day + timedelta(days=7 if week else 1)
            yield from dialled(project, plan, way, (first, last), length_us)


def _bounds(project: Project, day: date) -> tuple[int, int]:
    return days.midnight(project, day), days.midnight(project, day + timedelta(days=1))


def _spark(project: Project, plan: Plan, day: date, length_us: int) -> str:
    start, end = _bounds(project, day)
    parts = (plan.over(project.name, at, min(end, at + length_us)) for at in range(start, end, length_us))
    return sparkline([part.calls_u if part.covered_us else None for part in parts])


def _day_line(project: Project, plan: Plan, signed: Plan, day: date, length_us: int) -> str:
    start, end = _bounds(project, day)
    planned, agreed = plan.over(project.name, start, end), signed.over(project.name, start, end)
    beside = f"  signed {volume(agreed.calls_u)}{change(agreed.calls_u, planned.calls_u)}" if agreed.covered_us else ""
    if not planned.covered_us:
        return f"  {day:%a %Y-%m-%d}  {'no plan':>10}{beside}"
    aht = f"{planned.handle_us / planned.calls_u:.0f} s" if planned.calls_u else "-"
    hours = f"{planned.handle_us / 3600 / MICRO:.1f} h"
    return f"  {day:%a %Y-%m-%d}  {volume(planned.calls_u):>10}  {aht:>6}  {hours:>8}  {_spark(project, plan, day, length_us)}{beside}"


def _day_table(project: Project, plan: Plan, signed: Plan, day: date, length_us: int) -> Iterator[str]:
    start, end = _bounds(project, day)
    agreed = any(True for _ in signed.covered(project.name, start, end))
    rows = 0
    at = start
    while at < end:
        row = plan.at(project.name, at)
        until = min(end, at + length_us) if row is None else min(end, row.end)
        if row is not None and row.start >= start:
            if not rows:
                yield f"  {'interval':<14}  {'contacts':>10}  {'AHT':>6}  {'Erlangs':>8}  {'agents':>6}" + (f"  {'signed':>10}" if agreed else "")
            rows += 1
            aht = "-" if row.aht_us is None else f"{row.aht_us / SECOND:.0f} s"
            agents = "-" if row.agents_u is None else volume(row.agents_u)
            beside = signed.over(project.name, row.start, row.end)
            last = f"  {volume(beside.calls_u) if beside.covered_us else '-':>10}" if agreed else ""
            erlangs = row.handle_us / (row.end - row.start)
            yield f"  {hours(row.start, row.end, project.zone):<14}  {volume(row.calls_u):>10}  {aht:>6}  {erlangs:>8.2f}  {agents:>6}{last}"
        at = until
    if not rows:
        yield f"  {day:%a %Y-%m-%d}: no plan"
        return
    yield _day_line(project, plan, signed, day, length_us)
