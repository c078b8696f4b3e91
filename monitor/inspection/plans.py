"""The plan: how it was read, how far it goes, and where it and the opening hours disagree.

Owns the sentences. Hours that are open and have no plan, and volume that is planned while nobody is there, mean that hours or the file are wrong:
most often its time zone. Refuses bad rows (`config.read_plan` has those).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from monitor import versions
from monitor.config import Config
from monitor.config.plan_files import Working
from monitor.core.contract import SECOND, Project
from monitor.core.direction import DIALLED, Direction
from monitor.inspection.finding import Finding, Weight
from monitor.plan.plan import MICRO, Plan
from monitor.plural import counted

Starts = dict[tuple[str, Direction], int]
AHEAD_US = 28 * 86_400 * SECOND  # how far a look goes: a plan of years would take as long


def look(config: Config, plan: Plan, now: int, working: Working | None, signed: Plan) -> list[Finding]:
    """Everything there is to say of the plan."""
    found = [*_files(config, working)]
    starts = _starts(plan)
    for project in config.contract.projects:
        found += _plan(project, plan, starts, now)
        found += _against_hours(project, plan, now, config.contract.interval_us)
    return [*found, *_scales(config, working, now), *_signed(config, signed)]


def _files(config: Config, working: Working | None) -> Iterator[Finding]:
    if working is not None:
        left = f", {counted(working.read.left_out, 'row')} left out" if working.read.left_out else ""
        totals = f", {counted(working.read.totals, 'total')} spread" if working.read.totals else ""
        yield Finding(f"plan: {config.plan_file}: {working.read.format}, {counted(len(working.read.rows), 'row')}{left}{totals}")


def _starts(plan: Plan) -> Starts:
    starts: Starts = {}
    for project, way, start in plan.rows():
        starts[project, way] = min(start, starts.get((project, way), start))
    return starts


def _local(at: int, project: Project) -> str:
    return datetime.fromtimestamp(at // SECOND, project.zone).isoformat(timespec="minutes")


def _plan(project: Project, plan: Plan, starts: Starts, now: int) -> Iterator[Finding]:
    outgoing = [way for way in Direction if way in DIALLED and (project.name, way) in starts]
    if project.queues or not outgoing:
        yield _one_way(project, plan, starts.get((project.name, Direction.INBOUND)), now, Direction.INBOUND)
    yield from (_one_way(project, plan, starts[project.name, way], now, way) for way in outgoing)
    if Direction.OUTBOUND in outgoing and not project.outbound:
        remedy = "say how they are known: outbound = { trunks = [...] }"
        yield Finding(f"{project.name}: calls out are planned, and none can be known as its own: its plan is never met; {remedy}", Weight.WARNING)


def _one_way(project: Project, plan: Plan, start: int | None, now: int, way: Direction) -> Finding:
    end, whose = plan.end(project.name, way), project.name + (f", {way}" if way in DIALLED else "")
    if end is None or start is None:
        return Finding(f"{whose}: no plan; workload and occupancy are shown, deviations are not")
    if end <= now:
        return Finding(f"{whose}: the plan ended {_local(end, project)}; deviations stop there, bring a newer one", Weight.BAD)
    gap = "" if plan.at(project.name, now, way) or way in DIALLED else ", with nothing planned right now"
    return Finding(f"{whose}: planned from {_local(start, project)} until {_local(end, project)}{gap}")


def _against_hours(project: Project, plan: Plan, now: int, length_us: int) -> Iterator[Finding]:
    end = plan.end(project.name)
    if end is None or end <= now:
        return
    holes: list[int] = []
    closed: list[int] = []
    outside_u = 0
    at, until = project.interval_start(now, length_us), min(end, now + AHEAD_US)
    whole_u = plan.over(project.name, at, until).calls_u
    while at < until:
        planned = plan.over(project.name, at, at + length_us)
        if not any(project.open_at(moment) for moment in (at, at + length_us // 2, at + length_us - SECOND)):
            if planned.calls_u:
                closed.append(at)
                outside_u += planned.calls_u
        elif planned.covered_us < length_us:
            holes.append(at)
        at += length_us
    if holes:
        what = f"{counted(len(holes), 'interval')} of its opening hours up to {_local(until, project)} {'has' if len(holes) == 1 else 'have'} no plan"
        yield Finding(f"{project.name}: {what}, the first {_local(holes[0], project)}; a row with volume 0 says that nobody is expected", Weight.WARNING)
    if closed:
        what = f"{outside_u / MICRO:g} of {whole_u / MICRO:g} contacts up to {_local(until, project)} are planned while it is closed"
        yield Finding(f"{project.name}: {what}, the first {_local(closed[0], project)}; correct its hours, or the time zone of the plan", Weight.WARNING)


def _scales(config: Config, working: Working | None, now: int) -> Iterator[Finding]:
    for scale in () if working is None else working.scales:
        project = config.contract.project.get(scale.project)
        if project is None or scale.removed_at is not None:
            continue
        end = scale.end(project)
        if end is None or end > now:
            until = "on" if scale.last is None else f"until {scale.last}"
            yield Finding(f"{scale.project}: the plan is scaled by {scale.factor:f} from {scale.first} {until}; {scale.who}: {scale.note}")


def _signed(config: Config, signed: Plan) -> Iterator[Finding]:
    if config.plan.contract_file is None:
        return
    rows = signed.rows()
    yield Finding(f"contract plan: {config.plan.contract_file}: {counted(len(rows), 'row')} of {', '.join(sorted({name for name, _, _ in rows}))}")
    if problem := versions.altered(config):
        yield Finding(f"contract plan: {problem}", Weight.WARNING)
