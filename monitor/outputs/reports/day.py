"""The report of days: contacts, service level, workload against the plan, occupancy and revenue of each project, by interval or by day; and, where a
project dials out, its attempts (`dialled`).

Owns its columns, and which intervals are in it: those in which anything came, was done or was planned; the sums of a day are over these. Refuses
the arithmetic (`sums`) and the tariffs (`revenue`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from monitor.assess.occupancy import HANDLE, Time
from monitor.assess.workload import shrunk_aht_us
from monitor.core.contract import SECOND, Project
from monitor.core.snapshot import Cell, State
from monitor.core.tariff import MICRO, money
from monitor.outputs.reports import dialled, quality, revenue
from monitor.outputs.reports.asked import Asked, Progress
from monitor.outputs.reports.report import Column, Kind, Report, Row, Section, seconds
from monitor.outputs.reports.sums import COLUMNS, NOBODY, Sums
from monitor.outputs.reports.words import Words
from monitor.state.store.reader import Reader
from monitor.state.store.tally import Tally

_STATES = tuple(State)
_GROUP = tuple(f"seen_{_STATES[index]}_us" for index in HANDLE)
_GROUP_COLUMNS = (*_GROUP, f"seen_{State.RING}_us", f"seen_{State.AVAILABLE}_us")


class By(StrEnum):
    """What a row is."""

    INTERVAL = "interval"
    DAY = "day"


class View(StrEnum):
    """Where work on a contact is put."""

    TRUE_TO_INTERVAL = "true-to-interval"
    CONTACT_ENDS = "contact-ends"


@dataclass(frozen=True, slots=True)
class Wanted:
    """`by` None: intervals of one day, days of several."""

    by: By | None = None
    view: View = View.TRUE_TO_INTERVAL


@dataclass(frozen=True, slots=True)
class _Line:
    """A project's day, or an interval of it."""

    day: date
    project: Project
    at: int | None
    sums: Sums


def report(asked: Asked, reader: Reader, progress: Progress, wanted: Wanted) -> Report:
    """All of it."""
    words, tally = asked.words, Tally(reader)
    by = wanted.by or (By.INTERVAL if asked.first == asked.last else By.DAY)
    groups: dict[str, Mapping[int, Time]] = {}
    days: list[_Line] = []
    intervals: list[_Line] = []
    for done, project in enumerate(asked.projects):
        progress(done, len(asked.projects))
        if project.group not in groups:
            groups[project.group] = _group(asked, project.group, tally)
        for line in _lines(asked, project, tally, groups[project.group]):
            (days if line.at is None else intervals).append(line)
    table = _Table(asked, words, contact_ends=wanted.view is View.CONTACT_ENDS)
    sections = [table.section("days", days, total=True)]
    if by is By.INTERVAL:
        ranks = {project.name: rank for rank, project in enumerate(asked.projects)}
        sections.append(table.section("intervals", sorted(intervals, key=lambda one: (one.day, ranks[one.project.name], one.at or 0))))
    out = tuple(dialled.sections(asked, tally, intervals=by is By.INTERVAL))
    sections += out
    notes = (*_formulas(asked, words, wanted.view, table), *((words("dialled_is"),) if out else ()), *quality.notes(asked, tally))
    return Report("day", words("day"), asked.contract.site, asked.contract.language, asked.first, asked.last, tuple(sections), notes)


def _group(asked: Asked, name: str, tally: Tally) -> dict[int, Time]:
    """The time of a group by interval."""
    clocks = [one for one in asked.projects if one.group == name]
    start, end = min(asked.bounds(one)[0] for one in clocks), max(asked.bounds(one)[1] for one in clocks)
    found = {}
    for at, _, *sums in tally.intervals("group", name, start, end, _GROUP_COLUMNS):
        found[at] = Time(sum(sums[:-2]), sums[-2], sums[-1])
    return found


def _lines(asked: Asked, project: Project, tally: Tally, group: Mapping[int, Time]) -> Iterator[_Line]:
    """The days of a project, each followed by its intervals."""
    edges = asked.edges(project)
    starts: list[int] = []
    parts: list[Sums] = []
    for at, minutes, *cells in tally.intervals("project", project.name, edges[0], edges[-1], COLUMNS):
        starts.append(at)
        parts.append(Sums(cells, minutes, group=group.get(at, NOBODY)))
    for at, amount_u in revenue.amounts(project, tally, edges[0], edges[-1]):
        index = bisect_right(starts, at) - 1
        if index >= 0:
            parts[index].revenue_u += amount_u
    of_day: dict[int, list[tuple[int, Sums]]] = {}
    for at, part in zip(starts, parts, strict=True):
        if part.alive:
            of_day.setdefault(bisect_right(edges, at) - 1, []).append((at, part))
    for number, day in enumerate(asked.days):
        mine = of_day.get(number, ())
        _offer(project, [part for _, part in mine])
        whole = Sums()
        for _, part in mine:
            whole.add(part)
        if whole.minutes:
            yield _Line(day, project, None, whole)
            yield from (_Line(day, project, at, part) for at, part in mine)


def _offer(project: Project, parts: Sequence[Sums]) -> None:
    """What was offered in each interval of a day: who came, by the day's handle time as far as it is believed beside the plan's (domain: §7)."""
    handled, handled_us = sum(one[Cell.HANDLED] for one in parts), sum(one[Cell.HANDLED_US] for one in parts)
    observed_us = handled_us / handled if handled else None
    for one in parts:
        calls_u, handle_us = one[Cell.PLAN_OBSERVED_CALLS], one[Cell.PLAN_OBSERVED_HANDLE]
        plan_us = handle_us * MICRO / calls_u if calls_u else float(project.aht_us)
        one.offered_us = one[Cell.CONTACTS_SEEN] * round(shrunk_aht_us(plan_us, observed_us, handled))


class _Table:
    """Rows of the columns that this report has."""

    def __init__(self, asked: Asked, words: Words, *, contact_ends: bool) -> None:
        self._asked = asked
        self._words = words
        self._contact_ends = contact_ends
        self.currencies = sorted({tariff.currency for one in asked.projects for tariff in one.tariffs})

    def section(self, key: str, lines: list[_Line], *, total: bool = False) -> Section:
        rows = tuple((*self._head(line, key), *self._figures(line.sums, line.project), *self._money(line)) for line in lines)
        return Section(key, self._words(key), self._columns(key), rows, self._total(lines) if total and len(lines) > 1 else None)

    def _columns(self, key: str) -> tuple[Column, ...]:
        column = self._words.column
        head = [column("date", Kind.DATE), *([column("interval", Kind.TIME)] if key == "intervals" else []), column("project", Kind.TEXT)]
        counts = ("contacts", "answered", "in_threshold", "abandoned", "short_abandoned", "flowed_out")
        money_ = [column("revenue", Kind.MONEY, currency=self.currencies[0])] if len(self.currencies) == 1 else []
        if len(self.currencies) > 1:
            money_ = [column("revenue", Kind.MONEY), column("currency", Kind.TEXT)]
        return (
            *head,
            *(column(name, Kind.COUNT) for name in counts),
            column("service_level", Kind.RATIO),
            column("aht_s", Kind.SECONDS),
            column("handle_s", Kind.SECONDS),
            *(column(name, Kind.NUMBER) for name in ("workload_offered", "workload_carried", "workload_planned", "planned_contacts")),
            *(column(name, Kind.CHANGE) for name in ("volume_deviation", "workload_deviation")),
            *(column(name, Kind.RATIO) for name in ("group_occupancy", "observed")),
            *money_,
        )

    def _head(self, line: _Line, key: str) -> Row:
        at = None if line.at is None else datetime.fromtimestamp(line.at // SECOND, UTC).astimezone(line.project.zone)
        return (line.day, *([at] if key == "intervals" else []), line.project.name)

    def _figures(self, sums: Sums, project: Project | None, *, one_clock: bool = True) -> Row:
        """`project` None: of several, which have no service level, occupancy or Erlangs together unless they are counted alike."""
        formulas = {one.service_level.formula for one in ([project] if project else self._asked.projects)}
        ring = self._asked.contract.ring_counts_as
        ends = self._contact_ends
        erlangs: Row = (sums.offered, sums.carried(contact_ends=ends), sums.planned) if one_clock else (None, None, None)
        counts = (Cell.CONTACTS, Cell.ANSWERED, Cell.IN_THRESHOLD, Cell.ABANDONED, Cell.SHORT, Cell.FLOWED_OUT)
        return (
            *(sums[cell] for cell in counts),
            sums.service_level(*formulas) if len(formulas) == 1 else None,
            sums.aht_s,
            seconds(sums.handle_us(contact_ends=ends)),
            *erlangs,
            sums.planned_contacts,
            sums.volume_deviation,
            sums.workload_deviation,
            sums.occupancy(ring) if one_clock else None,
            sums.observed,
        )

    def _money(self, line: _Line) -> Row:
        if not self.currencies:
            return ()
        tariff = line.project.tariff_on(line.day)
        amount = money(line.sums.revenue_u) if tariff is not None and tariff.prices_calls else None
        return (amount,) if len(self.currencies) == 1 else (amount, "" if tariff is None else tariff.currency)

    def _total(self, lines: list[_Line]) -> Row:
        whole = Sums()
        for line in lines:
            whole.add(line.sums)
        projects = {line.project.name: line.project for line in lines}
        alone = next(iter(projects.values())) if len(projects) == 1 else None
        amounts: Row = () if not self.currencies else (money(whole.revenue_u),) if len(self.currencies) == 1 else (None, None)
        planned = {line.project.name for line in lines if line.sums[Cell.PLAN_CALLS]}
        if planned and planned != projects.keys():  # who has no plan would make up for who has
            for cell in (Cell.PLAN_OBSERVED_CALLS, Cell.PLAN_OBSERVED_HANDLE):
                whole.clear(cell)
        return (self._words("all"), None, *self._figures(whole, alone, one_clock=alone is not None), *amounts)


def _formulas(asked: Asked, words: Words, view: View, table: _Table) -> Iterator[str]:
    """How the figures came about, in words."""
    levels = sorted({(one.service_level.formula.value, one.service_level.threshold_us) for one in asked.projects})
    for formula, threshold_us in levels:
        of = (
            ""
            if len(levels) == 1
            else ", ".join(one.name for one in asked.projects if (one.service_level.formula.value, one.service_level.threshold_us) == (formula, threshold_us))
        )
        yield words("service_level_is", formula=words(formula), threshold=words.number(threshold_us // SECOND), of=f" ({of})" if of else "")
    yield words("view_ends" if view is View.CONTACT_ENDS else "view_true")
    yield words("workload_is")
    yield words("deviation_is")
    yield words(f"occupancy_{asked.contract.ring_counts_as.value}")
    if table.currencies:
        yield words("revenue_is")
