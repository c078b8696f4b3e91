"""From the books to what is billed: a project's days, as a bill and a plan's bill want them, and what each day cost.

Owns the reading of day sums: which cells are calls, which time of a group is a client's, whose callers an incident leaves out, what a day of the plan
is that is over or still to come. Refuses prices and sums over days (`billing`, `margin`), and memory: what the books do not keep any more is told by whoever
noted it. Next: `takings` reckons with them each second, the reports make the same days from the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from monitor.assess.agent_time import agent_us
from monitor.assess.billing import Day
from monitor.assess.margin import Bearer
from monitor.assess.occupancy import Time
from monitor.assess.planned_bill import PlannedDay
from monitor.assess.service_level import Answers
from monitor.core.book import LABOUR, STATE_INDEX, UNPRICED, Book
from monitor.core.contract import Contract, Project
from monitor.core.direction import Direction
from monitor.core.incidents import Incident
from monitor.core.snapshot import Cell, State
from monitor.core.tariff import SlAdjust, Tariff
from monitor.plan.plan import Plan

HANDLED = (
    *(Cell.TALK_US, Cell.HOLD_US, Cell.WRAPUP_US, Cell.OFFLINE_US),
    *(Cell.OUT_DIALING_US, Cell.OUT_TALK_US, Cell.OUT_HOLD_US, Cell.OUT_WRAPUP_US),
    *(Cell.CALLBACK_DIALING_US, Cell.CALLBACK_TALK_US, Cell.CALLBACK_HOLD_US, Cell.CALLBACK_WRAPUP_US),
)
PLANNED = (Cell.PLAN_HANDLE, Cell.PLAN_OUT_HANDLE_US)
AGENTS = (Cell.PLAN_AGENT_US, Cell.PLAN_OUT_AGENT_US)
ANSWERS = (Cell.ANSWERED, Cell.IN_THRESHOLD, Cell.ABANDONED, Cell.ABANDONED_IN_THRESHOLD, Cell.SHORT)


@dataclass(frozen=True, slots=True)
class Accounts:
    """Everything money is reckoned from, at one instant."""

    at: int
    contract: Contract
    projects: Mapping[str, Book]
    groups: Mapping[str, Book]
    plan: Plan
    incidents: Sequence[Incident] = ()

    def handled_us(self, project: str, day: int) -> int:
        """How long a project's calls were worked on, on a day, in and out."""
        return _sum(self.projects[project].on(day), *HANDLED)

    def bearers(self, projects: Iterable[Project], day: int) -> tuple[Bearer, ...]:
        """By what projects share the costs of a day."""
        return tuple(Bearer(one.name, self.handled_us(one.name, day), _sum(self.projects[one.name].on(day), *PLANNED)) for one in projects)

    def labour(self, group: str, day: int) -> tuple[int, int]:
        """A group's paid time by its rate on a day, and that of which nobody says it."""
        sums = self.groups[group].on(day)
        return (0, 0) if sums is None else (sums[LABOUR], sums[UNPRICED])

    def time(self, group: str, days: Iterable[int]) -> Time:
        """What a group's people were there for on these days."""
        found = [sums for day in days if (sums := self.groups[group].on(day)) is not None]
        return Time.of([sum(row[index] for row in found) for index in range(len(State))])

    def connected_us(self, project: str, day: int) -> int:
        """How long a project's callers were connected."""
        return _sum(self.projects[project].on(day), Cell.CONNECTED_US)

    def share(self, project: Project, day: date) -> Fraction:
        """How much of a day is over."""
        start, end = project.starts_on(day), project.starts_on(date.fromordinal(day.toordinal() + 1))
        return Fraction(min(max(self.at - start, 0), end - start), end - start)

    def day(self, project: Project, day: date, left_out: Answers) -> Day:
        """A day of the project, without those who are left out of its service level."""
        sums, ordinal, tariff = self.projects[project.name].on(day.toordinal()), day.toordinal(), project.tariff_on(day)
        signed = next((one for one in project.signed if one.day == ordinal), None)
        calls, handle = (None, None) if signed is None else (signed.calls_u, signed.handle_us)
        share = self.share(project, day)
        if share < 1 and calls is not None and handle is not None:
            due = due_share(self.planned_day(project, day).calls_u, self.planned_rest(project, day).calls_u, share)
            calls, handle = int(calls * due), int(handle * due)
        if sums is None:
            return Day(day, share, contract_calls_u=calls, contract_handle_us=handle)
        return Day(
            day,
            share,
            calls=sums[Cell.BILLED],
            seconds=sums[Cell.BILLED_S],
            amount_u=sums[Cell.REVENUE_U],
            agent_us=self._agent_us(project, tariff, sums, ordinal),
            contacts=sums[Cell.CONTACTS] - sums[Cell.SHORT],
            contract_calls_u=calls,
            contract_handle_us=handle,
            answers=self._answers(project, tariff, sums, left_out),
            results=sums[Cell.RESULTS],
            results_u=sums[Cell.RESULTS_U],
        )

    def _agent_us(self, project: Project, tariff: Tariff | None, sums: Sequence[int], day: int) -> int:
        """The time of the group's people that is this client's."""
        if tariff is None or tariff.per_agent_hour is None:
            return 0
        spent = self.groups[project.group].on(day)
        states = {} if spent is None else {state: spent[index] for state, index in STATE_INDEX.items()}
        everybody = sum(self.handled_us(one.name, day) for one in self.contract.projects_of[project.group])
        return agent_us(tariff.per_agent_hour, states, self.handled_us(project.name, day), everybody, _sum(sums, *AGENTS))

    @staticmethod
    def _answers(project: Project, tariff: Tariff | None, sums: Sequence[int], left_out: Answers) -> Answers | None:
        """By the adjustment's threshold; the books know that of the project only."""
        agreed = None if tariff is None else tariff.sl_adjust
        if agreed is not None and agreed.threshold_us != project.service_level.threshold_us:
            return None
        return answers([a - b for a, b in zip((sums[cell] for cell in ANSWERS), _cells(left_out), strict=True)])

    def excluded(self, project: Project, day: date, agreed: SlAdjust) -> tuple[tuple[int, int], ...]:
        """The spans of a day in which an incident lasted that the adjustment excludes, as far as they are over."""
        start, end = project.starts_on(day), min(self.at + 1, project.starts_on(date.fromordinal(day.toordinal() + 1)))
        spans = (
            (max(start, one.since), min(end, self.at + 1 if one.until is None else one.until))
            for one in self.incidents
            if one.kind in agreed.excluded and one.scope.holds_project(project, self.contract)
        )
        return tuple(span for span in spans if span[0] < span[1])

    def came_in(self, project: Project, spans: Sequence[tuple[int, int]]) -> dict[int, tuple[int, ...]]:
        """Who came in which minute of these spans, as far as minutes are kept."""
        return self.projects[project.name].during(spans, ANSWERS)

    def planned_day(self, project: Project, day: date) -> PlannedDay:
        """What the plan that was in force had for a day, as far as it is over."""
        sums = self.projects[project.name].on(day.toordinal())
        if sums is None:
            return PlannedDay(day, self.share(project, day))
        return PlannedDay(day, self.share(project, day), sums[Cell.PLAN_CALLS], sums[Cell.PLAN_HANDLE], _sum(sums, *AGENTS) or None)

    def planned_rest(self, project: Project, day: date) -> PlannedDay:
        """The same as far as it is to come, by the plan in force."""
        start, end = project.starts_on(day), project.starts_on(date.fromordinal(day.toordinal() + 1))
        due, dialled = (self.plan.over(project.name, max(self.at, start), end, way) for way in (Direction.INBOUND, Direction.OUTBOUND))
        return PlannedDay(day, 1 - self.share(project, day), due.calls_u, due.handle_us, (due + dialled).agent_us)


def due_share(done_u: int, rest_u: int, elapsed: Fraction) -> Fraction:
    """How much of what a day brings was due by now: calls come in opening hours, as the plan in force has them; without one as time passes."""
    return Fraction(done_u, done_u + rest_u) if done_u + rest_u else elapsed


def answers(cells: Sequence[int]) -> Answers:
    """Of counts as the books have them."""
    answered, in_threshold, abandoned, abandoned_in_threshold, short = cells
    return Answers(answered, in_threshold, abandoned + short, abandoned_in_threshold + short, short)


def _cells(answers: Answers) -> tuple[int, ...]:
    short = answers.short
    return (answers.answered, answers.in_threshold, answers.abandoned - short, answers.abandoned_in_threshold - short, short)


def _sum(sums: Sequence[int] | None, *cells: Cell) -> int:
    return 0 if sums is None else sum(sums[cell] for cell in cells)


def whole(done: PlannedDay, rest: PlannedDay) -> PlannedDay:
    """A day of the plan, what is over and what is to come."""
    agents = None if done.agent_us is None and rest.agent_us is None else (done.agent_us or 0) + (rest.agent_us or 0)
    return PlannedDay(done.day, done.share + rest.share, done.calls_u + rest.calls_u, done.handle_us + rest.handle_us, agents)
