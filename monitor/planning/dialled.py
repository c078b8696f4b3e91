"""The outgoing part of `floorwatch plan show`: attempts, how many of them reach somebody, the work, the agents' hours and results.

Owns its lines: of one day the rows and their sum, of several a sum for each day. What a row does not say is `-`. Refuses the rest (`show`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from monitor.core.contract import Project
from monitor.core.direction import Direction
from monitor.plan import days
from monitor.plan.plan import MICRO, Plan, Planned, PlannedInterval
from monitor.planning.words import hours, sparkline, volume

HOUR_US = 3600 * MICRO


def dialled(project: Project, plan: Plan, way: Direction, span: tuple[date, date], length_us: int) -> Iterator[str]:
    """The days of the span, its last left out."""
    first, past = span
    alone = past - first == timedelta(days=1)
    if alone and not _part(project, plan, way, first).covered_us:
        yield f"  {first:%a %Y-%m-%d}: no plan, {way}"
        return
    head = "interval" if alone else "day"
    yield f"  {head:<14}  {'attempts':>10}  {'rate':>6}  {'contacts':>10}  {'AHT':>6}  {'hours':>8}  {'agents h':>8}  {'results':>8}  {way}"
    if alone:
        for row in _rows(project, plan, way, first):
            own = plan.over(project.name, row.start, row.end, way)
            yield f"  {hours(row.start, row.end, project.zone):<14}  {_figures(own)}".rstrip()
    for number in range((past - first).days):
        day = first + timedelta(days=number)
        whole = _part(project, plan, way, day)
        figures = f"{_figures(whole)}  {_spark(project, plan, way, day, length_us)}" if whole.covered_us else f"{'no plan':>10}"
        yield f"  {day:%a %Y-%m-%d}  {figures}".rstrip()


def _bounds(project: Project, day: date) -> tuple[int, int]:
    return days.midnight(project, day), days.midnight(project, day + timedelta(days=1))


def _part(project: Project, plan: Plan, way: Direction, day: date) -> Planned:
    return plan.over(project.name, *_bounds(project, day), way)


def _rows(project: Project, plan: Plan, way: Direction, day: date) -> Iterator[PlannedInterval]:
    """The rows that begin on the day."""
    start, end = _bounds(project, day)
    for at, _ in plan.covered(project.name, start, end, way):
        row = plan.at(project.name, at, way)
        if row is not None and row.start >= start:
            yield row


def _figures(part: Planned) -> str:
    rate = "-" if part.contact_rate is None else f"{100 * part.contact_rate:.1f}%"
    contacts, results = ("-" if one is None else volume(one) for one in (part.contacts_u, part.results_u))
    aht = f"{part.handle_us / part.contacts_u:.0f} s" if part.contacts_u else "-"
    agents = "-" if part.agent_us is None else f"{part.agent_us / HOUR_US:.1f} h"
    return f"{volume(part.calls_u):>10}  {rate:>6}  {contacts:>10}  {aht:>6}  {f'{part.handle_us / HOUR_US:.1f} h':>8}  {agents:>8}  {results:>8}"


def _spark(project: Project, plan: Plan, way: Direction, day: date, length_us: int) -> str:
    start, end = _bounds(project, day)
    parts = (plan.over(project.name, at, min(end, at + length_us), way) for at in range(start, end, length_us))
    return sparkline([part.calls_u if part.covered_us else None for part in parts])
