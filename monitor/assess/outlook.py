"""What the floor's figures amount to: ratios over the windows, held against the plan.

Owns the assembly of one frozen Outlook from a snapshot, the contract and the plan; every ratio is a ratio of sums, divided here and
once. Refuses statistics and money (other modules of this room) and anything that needs memory between two ticks. A ratio with
denominator 0 and a figure about unseen time is None, never 0. Next: `outputs` show it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from monitor.assess.judgement import Judgement, ProjectJudged, Verdict
from monitor.assess.money import Money
from monitor.assess.occupancy import Time
from monitor.assess.service_level import Answers
from monitor.assess.workload import erlangs, shrunk_aht_us
from monitor.core.book import OBSERVED
from monitor.core.contract import SECOND, Contract, Group, Project, RingCountsAs
from monitor.core.counters import Planned
from monitor.core.direction import Direction
from monitor.core.formula import Formula
from monitor.core.incidents import IncidentView
from monitor.core.signals import SignalView
from monitor.core.snapshot import Cell, Snapshot, Span, Window
from monitor.plan.plan import Plan, PlannedInterval

WORK = {
    Direction.OUTBOUND: (Cell.OUT_DIALING_US, Cell.OUT_TALK_US, Cell.OUT_HOLD_US, Cell.OUT_WRAPUP_US),
    Direction.CALLBACK: (Cell.CALLBACK_DIALING_US, Cell.CALLBACK_TALK_US, Cell.CALLBACK_HOLD_US, Cell.CALLBACK_WRAPUP_US),
}
OUTBOUND = (Planned.OUT_ATTEMPTS, Planned.OUT_HANDLE, Planned.OUT_OBSERVED_ATTEMPTS, Planned.OUT_OBSERVED_HANDLE)  # what every row of it says
LEAST_EXPECTED = 5  # planned contacts below which a deviation inside a running interval is noise


@dataclass(frozen=True, slots=True)
class ProjectFigures:
    """A project over one window. Erlangs are agent-seconds per second; ratios 0-1; None is unknown.

    `observed` is the share of the window in which the project's PBXs were seen.
    """

    contacts: int
    observed: float | None
    offered_erlangs: float | None
    carried_erlangs: float | None
    planned_erlangs: float | None
    aht_seconds: float | None
    service_level: Mapping[Formula, float]
    budget_calls: float | None
    abandonment: float | None
    volume_deviation: float | None
    workload_deviation: float | None
    aht_deviation: float | None
    planned_contacts: float | None
    dialled_erlangs: Mapping[Direction, float] = field(default_factory=dict)  # carried, of outbound work; empty where nobody dials
    outbound_planned_erlangs: float | None = None
    contact_ratio: float | None = None
    planned_contact_ratio: float | None = None


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """A group over one window."""

    observed: float | None
    staffed: float | None
    occupancy: float | None
    earning_occupancy: float | None


@dataclass(frozen=True, slots=True)
class ProjectPlan:
    """What the plan says of a project now; `outbound`: what of its outbound work the row in force says."""

    covered: bool
    end: int | None
    has_agents: bool
    outbound: frozenset[Planned] = frozenset()


@dataclass(frozen=True, slots=True)
class GroupPlan:
    """Planned agents of a group now and the occupancy they would have; None where a project's plan names none."""

    agents: float | None
    occupancy: float | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """One tick's view of everything, frozen."""

    at: int
    snapshot: Snapshot
    projects: Mapping[str, Mapping[Window, ProjectFigures]]
    groups: Mapping[str, Mapping[Window, GroupFigures]]
    plans: Mapping[str, ProjectPlan]
    group_plans: Mapping[str, GroupPlan]
    judgement: Judgement = field(default_factory=Judgement)
    incidents: tuple[IncidentView, ...] = ()
    signals: tuple[SignalView, ...] = ()
    money: Money = field(default_factory=Money)


def outlook(
    snapshot: Snapshot,
    contract: Contract,
    plan: Plan,
    before: Outlook | None = None,
    judgement: Judgement | None = None,
    *,
    incidents: tuple[IncidentView, ...] = (),
    signals: tuple[SignalView, ...] = (),
    money: Money | None = None,
) -> Outlook:
    """Everything the floor's figures amount to at the snapshot's instant.

    `before` is an earlier outlook under the same contract and plan: a closed window in which nothing has changed keeps its figures.
    """
    return Outlook(
        at=snapshot.at,
        snapshot=snapshot,
        projects={project.name: _project(snapshot, project, plan, before) for project in contract.projects},
        groups={
            group.name: {window: _group(span, contract.ring_counts_as) for window, span in snapshot.groups[group.name].items()} for group in contract.groups
        },
        plans={project.name: _plan(project, plan, snapshot.at) for project in contract.projects},
        group_plans={group.name: _group_plan(group, contract, plan, snapshot.at) for group in contract.groups},
        judgement=_as_seen(judgement or Judgement(), snapshot, contract),
        incidents=incidents,
        signals=signals,
        money=money or Money(),
    )


def _as_seen(judgement: Judgement, snapshot: Snapshot, contract: Contract) -> Judgement:
    """A project is blind exactly while it is out of sight, whatever was found of it in its latest turn; back in sight, nothing is known before its next."""
    other: dict[str, ProjectJudged] = {}
    for project in contract.projects:
        known, seen = judgement.projects.get(project.name), project.name in snapshot.observed_projects
        if project.queues and known is not None and (known.verdict is Verdict.BLIND) is seen:
            other[project.name] = replace(known, verdict=None if seen else Verdict.BLIND)
    return replace(judgement, projects={**judgement.projects, **other}) if other else judgement


def _project(snapshot: Snapshot, project: Project, plan: Plan, before: Outlook | None) -> dict[Window, ProjectFigures]:
    spans = snapshot.projects[project.name]
    today = spans[Window.DAY].sums
    handled_today = today[Cell.HANDLED]
    aht_today = today[Cell.HANDLED_US] / handled_today if handled_today else None
    waiting = snapshot.waiting_since.get(project.name, ())
    figures: dict[Window, ProjectFigures] = {}
    kept = {} if before is None else _unchanged(snapshot, before, project.name)
    for window, span in spans.items():
        same = kept.get(window)
        figures[window] = same or _figures(snapshot, project, plan, window, span, waiting, (aht_today, handled_today))
    return figures


def _unchanged(snapshot: Snapshot, before: Outlook, name: str) -> Mapping[Window, ProjectFigures]:
    """The figures of closed windows that cannot have changed: the same sums, today's handle time too, and nobody waiting."""
    now, then = snapshot.projects[name], before.snapshot.projects[name]
    today = (Cell.HANDLED, Cell.HANDLED_US)
    if snapshot.waiting_since.get(name) or before.snapshot.waiting_since.get(name):
        return {}
    if any(now[Window.DAY].sums[cell] != then[Window.DAY].sums[cell] for cell in today):
        return {}
    return {w: before.projects[name][w] for w in (Window.QUARTER, Window.HOUR, Window.LAST) if now[w] == then[w]}


def _figures(
    snapshot: Snapshot, project: Project, plan: Plan, window: Window, span: Span, waiting: tuple[int, ...], today: tuple[float | None, int]
) -> ProjectFigures:
    sums = span.sums
    planned, outbound = plan.over(project.name, span.start, span.end), plan.over(project.name, span.start, span.end, Direction.OUTBOUND)
    expected, expected_handle = sums[Cell.PLAN_OBSERVED_CALLS] / 1e6, sums[Cell.PLAN_OBSERVED_HANDLE]
    plan_aht = expected_handle / expected if expected else plan.aht_over(project.name, span.start, span.end)
    if plan_aht is None:
        plan_aht = plan.aht_us(project.name, snapshot.at)
    aht = shrunk_aht_us(project.aht_us if plan_aht is None else plan_aht, *today)
    observed_us, contacts, handled = sums[Cell.OBSERVED_US], sums[Cell.CONTACTS], sums[Cell.HANDLED]
    offered_us = sums[Cell.CONTACTS_SEEN] * aht
    judged = expected > 0 and not (window is Window.INTERVAL and expected < LEAST_EXPECTED)
    mean = sums[Cell.HANDLED_US] / handled if handled else None
    limit = project.service_level
    late = sum(1 for joined in waiting if span.start <= joined < span.end and snapshot.at - joined > limit.threshold_us)
    answers = Answers(
        sums[Cell.ANSWERED],
        sums[Cell.IN_THRESHOLD],
        sums[Cell.ABANDONED] + sums[Cell.SHORT],
        sums[Cell.ABANDONED_IN_THRESHOLD] + sums[Cell.SHORT],
        sums[Cell.SHORT],
        late,
    )
    offered = contacts - sums[Cell.SHORT]
    return ProjectFigures(
        contacts=contacts,
        observed=_observed(sums, span, planned.calls_u),
        offered_erlangs=erlangs(offered_us, observed_us),
        carried_erlangs=erlangs(sums[Cell.CARRIED_SEEN_US], observed_us),
        planned_erlangs=erlangs(planned.handle_us, planned.covered_us),
        aht_seconds=None if mean is None else mean / SECOND,
        service_level=answers.ratios(),
        budget_calls=answers.budget(limit.formula, limit.target),
        abandonment=sums[Cell.ABANDONED] / offered if offered else None,
        volume_deviation=(sums[Cell.CONTACTS_SEEN] - expected) / expected if judged else None,
        workload_deviation=(offered_us - expected_handle) / expected_handle if judged and expected_handle else None,
        aht_deviation=(mean - plan_aht) / plan_aht if judged and mean is not None and plan_aht else None,
        planned_contacts=planned.calls_u / 1e6 if planned.covered_us else None,
        dialled_erlangs=_dialled(project, sums, observed_us),
        outbound_planned_erlangs=erlangs(outbound.handle_us, outbound.covered_us),
        contact_ratio=_contact_ratio(sums),
        planned_contact_ratio=outbound.contact_rate,
    )


def _dialled(project: Project, sums: tuple[int, ...], observed_us: int) -> Mapping[Direction, float]:
    """Erlangs of outbound work that was done."""
    if not project.outbound or observed_us <= 0:
        return {}
    return {direction: sum(sums[cell] for cell in cells) / observed_us for direction, cells in WORK.items()}


def _contact_ratio(sums: tuple[int, ...]) -> float | None:
    """Contacts of attempts; not known where a dialer elsewhere has pushed in more than were dialled here."""
    contacts, attempts = sums[Cell.OUT_CONTACTS], sums[Cell.OUT_ATTEMPTS]
    return contacts / attempts if attempts and contacts <= attempts else None


def _observed(sums: tuple[int, ...], span: Span, planned_u: int) -> float | None:
    """The share seen, by planned calls where there are any, else by time."""
    if planned_u > 0:
        return min(1.0, sums[Cell.PLAN_OBSERVED_CALLS] / planned_u)
    length = span.end - span.start
    return min(1.0, sums[Cell.OBSERVED_US] / length) if length > 0 else None


def _group(span: Span, ring: RingCountsAs) -> GroupFigures:
    time, observed_us, length = Time.of(span.sums[OBSERVED + 1 :]), span.sums[OBSERVED], span.end - span.start
    return GroupFigures(
        observed=min(1.0, observed_us / length) if length > 0 else None,
        staffed=erlangs(time.staffed(ring), observed_us),
        occupancy=time.occupancy(ring),
        earning_occupancy=time.earning(),
    )


def _plan(project: Project, plan: Plan, at: int) -> ProjectPlan:
    row = plan.at(project.name, at)
    return ProjectPlan(
        covered=row is not None,
        end=plan.end(project.name),
        has_agents=row is not None and row.agents_u is not None,
        outbound=_said(plan.at(project.name, at, Direction.OUTBOUND)),
    )


def _said(row: PlannedInterval | None) -> frozenset[Planned]:
    """What a row of outbound work says."""
    if row is None:
        return frozenset()
    contacts, agents, results = row.contacts_u is not None, row.agents_u is not None, row.results_u is not None
    optional = {Planned.OUT_CONTACTS: contacts, Planned.OUT_OBSERVED_CONTACTS: contacts, Planned.OUT_AGENTS: agents, Planned.OUT_RESULTS: results}
    return frozenset((*OUTBOUND, *(figure for figure, said in optional.items() if said)))


def _group_plan(group: Group, contract: Contract, plan: Plan, at: int) -> GroupPlan:
    projects = [project.name for project in contract.projects_of[group.name] if project.open_at(at)]
    agents_u = plan.agents(projects, at) if projects else None
    if not agents_u:
        return GroupPlan(None if agents_u is None else 0.0, None)
    rows = [row for name in projects for direction in Direction if (row := plan.at(name, at, direction)) is not None]
    workload = sum(row.handle_us / (row.end - row.start) for row in rows)
    return GroupPlan(agents_u / 1e6, workload * 1e6 / agents_u)
