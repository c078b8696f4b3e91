"""Samples of the floor: how each row of the metric table reads one frozen Outlook.

Owns what is absent: a figure that is None, a gauge of now on a PBX or of a group nobody sees, a count the contract does not know.
Refuses names and definitions (`families` has them) and every judgement (the outlook made them). Each row function yields whole
lines, a few at a time, so that a scrape can let the loop run between any two of them. Next: `families`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from monitor.assess.outlook import GroupFigures, ProjectFigures
from monitor.core.contract import Group
from monitor.core.counters import INBOUND_WORK, Component, Contacts, Outcome, Planned, Reason, Visits
from monitor.core.formula import Formula
from monitor.core.snapshot import QueueView, State, Window
from monitor.outputs import dialled
from monitor.outputs.lines import Floor, histogram, label, seconds

# An agent label is personal data and one series each: beyond this many the rest is left out and counted as dropped.
AGENT_SERIES_MAX = 1_000

_WINDOWS = tuple((window, f'window="{window.value}"') for window in Window)
_FORMULAS = tuple((formula, f'formula="{formula.value}"') for formula in Formula)
_OUTCOMES = (Outcome.ANSWERED, Outcome.ABANDONED, Outcome.SHORT, Outcome.FLOWED_OUT)

Number = int | float
Rows = Callable[[str, Floor], Iterator[str]]


# --- calls: visits of a queue ------------------------------------------------------------------------------------------------------


def visits(position: Visits) -> Rows:
    """One count per project and queue."""

    def rows(name: str, floor: Floor) -> Iterator[str]:
        table = floor.counters.visits
        for key, labels in floor.labels.queues:
            if (row := table.get(key)) is not None:
                yield f"{name}{{{labels}}} {row[position]}\n"

    return rows


def flowed_out(name: str, floor: Floor) -> Iterator[str]:
    """One count per project, queue and reason."""
    table = floor.counters.flowed_out
    for (project, queue), labels in floor.labels.queues:
        for reason in Reason:
            if (count := table.get((project, queue, reason))) is not None:
                yield f'{name}{{{labels},reason="{reason.value}"}} {count}\n'


def refused(name: str, floor: Floor) -> Iterator[str]:
    """One count per project and queue of a PBX whose records are read; they do not tell why."""
    read = {pbx.name for pbx in floor.outlook.snapshot.pbxs if pbx.cdr_read}
    for key, labels in floor.labels.queues:
        if key[1].pbx in read and (count := floor.counters.refused.get(key)) is not None:
            yield f'{name}{{{labels},reason="other"}} {count}\n'


def unclaimed(name: str, floor: Floor) -> Iterator[str]:
    """One count per queue of no project."""
    for queue, count in sorted(floor.counters.unclaimed.items()):
        yield f"{name}{{{label('pbx', queue.pbx)},{label('queue', queue.name)}}} {count}\n"


def queue_now(figure: Callable[[QueueView, int], Number]) -> Rows:
    """A gauge of now per project and queue, of PBXs that are seen."""

    def rows(name: str, floor: Floor) -> Iterator[str]:
        snapshot = floor.outlook.snapshot
        seen = {pbx.name for pbx in snapshot.pbxs if pbx.observed}
        for view in snapshot.queues:
            if view.project is not None and view.queue.pbx in seen and (labels := floor.labels.queue.get((view.project, view.queue))):
                yield f"{name}{{{labels}}} {figure(view, snapshot.at)}\n"

    return rows


def longest_wait(view: QueueView, at: int) -> Number:
    """Seconds since the first of those who wait now came; nobody waiting is a known 0."""
    return seconds(at - view.oldest_joined_at) if view.oldest_joined_at is not None else 0


def waits(name: str, floor: Floor) -> Iterator[str]:
    """A histogram per project, queue and outcome."""
    table = floor.counters.waits
    for (project, queue), labels in floor.labels.queues:
        for outcome in _OUTCOMES:
            if (wait := table.get((project, queue, outcome))) is not None:
                yield histogram(name, f'{labels},outcome="{outcome.value}"', wait.bounds_us, wait.counts, wait.sum_us)


# --- contacts and the work on them --------------------------------------------------------------------------------------------------


def contacts(position: Contacts) -> Rows:
    """One count per project."""

    def rows(name: str, floor: Floor) -> Iterator[str]:
        table = floor.counters.contacts
        for project, labels in floor.labels.projects:
            if (row := table.get(project.name)) is not None:
                yield f'{name}{{{labels},direction="inbound"}} {row[position]}\n'
            yield from dialled.of_those_called(name, labels, project.name, floor, position)

    return rows


def results(name: str, floor: Floor) -> Iterator[str]:
    """One count per project and disposition that any of its tariffs has named; none where nothing is agreed and none came."""
    counts = sorted(floor.counters.results.items())
    for project, labels in floor.labels.projects:
        for (of, disposition), count in counts:
            if of == project.name:
                yield f"{name}{{{labels},{label('disposition', disposition)}}} {count}\n"


def handle_seconds(name: str, floor: Floor) -> Iterator[str]:
    """Seconds per project and component; offline work has no direction."""
    table = floor.counters.handle_us
    for project, labels in floor.labels.projects:
        for component in INBOUND_WORK:
            if (us := table.get((project.name, component))) is not None:
                direction = "none" if component is Component.OFFLINE else "inbound"
                yield f'{name}{{{labels},direction="{direction}",component="{component.value}"}} {seconds(us)}\n'
        yield from dialled.work(name, labels, project.name, floor)


# --- agents -------------------------------------------------------------------------------------------------------------------------


def agents(name: str, floor: Floor) -> Iterator[str]:
    """People per group and state now."""
    for group, labels in floor.seen_groups:
        for state in State:
            yield f'{name}{{{labels},state="{state.value}"}} {floor.states[group.name, state]}\n'


def agent_seconds(name: str, floor: Floor) -> Iterator[str]:
    """Seconds per group and state."""
    table = floor.counters.agent_us
    for group, labels in floor.labels.groups:
        for state in State:
            if (us := table.get((group.name, state.value))) is not None:
                yield f'{name}{{{labels},state="{state.value}"}} {seconds(us)}\n'


def agent_state(name: str, floor: Floor) -> Iterator[str]:
    """A 1 for the state each person is in, where the site asked for it."""
    if not floor.agent_metrics:
        return
    groups = {group.name: labels for group, labels in floor.seen_groups}
    seen = (agent for agent in floor.outlook.snapshot.agents if agent.group in groups)
    for agent, _ in zip(seen, range(AGENT_SERIES_MAX), strict=False):
        yield f'{name}{{{groups[agent.group or ""]},state="{agent.state.value}",{label("agent", agent.id)}}} 1\n'


def agent_series_left_out(floor: Floor) -> int:
    """How many people `agent_state` leaves out."""
    if not floor.agent_metrics:
        return 0
    groups = {group.name for group, _ in floor.seen_groups}
    return max(0, sum(agent.group in groups for agent in floor.outlook.snapshot.agents) - AGENT_SERIES_MAX)


def _reasons(group: Group) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*(reason.name for reason in group.pause_reasons), "none", "other")))


def pause_seconds(name: str, floor: Floor) -> Iterator[str]:
    """Seconds per group and pause reason."""
    table = floor.counters.pause_us
    for group, labels in floor.labels.groups:
        for reason in _reasons(group):
            if (us := table.get((group.name, reason))) is not None:
                yield f"{name}{{{labels},{label('reason', reason)}}} {seconds(us)}\n"


def longest_pause(name: str, floor: Floor) -> Iterator[str]:
    """The oldest running pause per group and reason; nobody paused is a known 0."""
    snapshot = floor.outlook.snapshot
    paused: dict[tuple[str | None, str], int] = {}
    known = {group.name: frozenset(_reasons(group)) for group, _ in floor.labels.groups}
    for agent in snapshot.agents:
        if agent.state is State.PAUSED:
            reason = agent.reason or "none"
            key = (agent.group, reason if reason in known.get(agent.group or "", ()) else "other")
            paused[key] = min(agent.since, paused.get(key, agent.since))
    for group, labels in floor.seen_groups:
        for reason in _reasons(group):
            since = paused.get((group.name, reason), snapshot.at)
            yield f"{name}{{{labels},{label('reason', reason)}}} {seconds(snapshot.at - since)}\n"


def ring_no_answer(name: str, floor: Floor) -> Iterator[str]:
    """One count per group."""
    table = floor.counters.ring_no_answer
    for group, labels in floor.labels.groups:
        if (count := table.get(group.name)) is not None:
            yield f"{name}{{{labels}}} {count}\n"


# --- figures by window --------------------------------------------------------------------------------------------------------------


def group_figure(figure: Callable[[GroupFigures], Number | None]) -> Rows:
    """A figure per group and window; unknown is absent."""

    def rows(name: str, floor: Floor) -> Iterator[str]:
        for group, labels in floor.labels.groups:
            figures = floor.outlook.groups.get(group.name, {})
            for window, text in _WINDOWS:
                if window in figures and (value := figure(figures[window])) is not None:
                    yield f"{name}{{{labels},{text}}} {value}\n"

    return rows


def project_figure(figure: Callable[[ProjectFigures], Number | None]) -> Rows:
    """A figure per project and window; unknown is absent."""

    def rows(name: str, floor: Floor) -> Iterator[str]:
        for project, labels in floor.labels.projects:
            figures = floor.outlook.projects.get(project.name, {})
            for window, text in _WINDOWS:
                if window in figures and (value := figure(figures[window])) is not None:
                    yield f"{name}{{{labels},{text}}} {value}\n"

    return rows


def workload(name: str, floor: Floor) -> Iterator[str]:
    """Erlangs per project, window and kind; unknown is absent. A forecast is of the running interval."""
    judged = floor.outlook.judgement.projects
    for project, labels in floor.labels.projects:
        figures = floor.outlook.projects.get(project.name, {})
        if (known := judged.get(project.name)) is not None and known.expected_erlangs is not None:
            yield f'{name}{{{labels},direction="inbound",window="interval",kind="forecast"}} {known.expected_erlangs}\n'
        for window, text in _WINDOWS:
            if (row := figures.get(window)) is None:
                continue
            for kind, value in (("offered", row.offered_erlangs), ("carried", row.carried_erlangs), ("planned", row.planned_erlangs)):
                if value is not None:
                    yield f'{name}{{{labels},direction="inbound",{text},kind="{kind}"}} {value}\n'
            for direction, value in row.dialled_erlangs.items():
                yield f'{name}{{{labels},direction="{direction}",{text},kind="carried"}} {value}\n'
            if row.outbound_planned_erlangs is not None:
                yield f'{name}{{{labels},direction="outbound",{text},kind="planned"}} {row.outbound_planned_erlangs}\n'


def service_level(name: str, floor: Floor) -> Iterator[str]:
    """A ratio per project, window and formula; unknown is absent."""
    for project, labels in floor.labels.projects:
        figures = floor.outlook.projects.get(project.name, {})
        for window, text in _WINDOWS:
            if (row := figures.get(window)) is None:
                continue
            for formula, named in _FORMULAS:
                if (value := row.service_level.get(formula)) is not None:
                    yield f"{name}{{{labels},{text},{named}}} {value}\n"


# --- plan and targets ---------------------------------------------------------------------------------------------------------------


def planned(inbound: Planned | None, outbound: Planned | None) -> Rows:
    """What the plan expected so far, per project and direction; micro-calls and microseconds are divided alike.

    What a plan does not say is unknown, not 0: agents, how many attempts reach somebody, results. Outbound is there where any was ever planned.
    """

    def rows(name: str, floor: Floor) -> Iterator[str]:
        table, plans = floor.counters.planned, floor.outlook.plans
        for project, labels in floor.labels.projects:
            if (row := table.get(project.name)) is None:
                continue
            plan = plans.get(project.name)
            if inbound is not None and (inbound is not Planned.AGENTS or row[inbound] or (plan is not None and plan.has_agents)):
                yield f'{name}{{{labels},direction="inbound"}} {seconds(row[inbound])}\n'
            if outbound is not None and (row[outbound] or (plan is not None and outbound in plan.outbound)):
                yield f'{name}{{{labels},direction="outbound"}} {seconds(row[outbound])}\n'

    return rows


def plan_covered(name: str, floor: Floor) -> Iterator[str]:
    """1 or 0 per project."""
    for project, labels in floor.labels.projects:
        if (plan := floor.outlook.plans.get(project.name)) is not None:
            yield f"{name}{{{labels}}} {int(plan.covered)}\n"


def plan_end(name: str, floor: Floor) -> Iterator[str]:
    """A moment per project that has a plan."""
    for project, labels in floor.labels.projects:
        if (plan := floor.outlook.plans.get(project.name)) is not None and plan.end is not None:
            yield f"{name}{{{labels}}} {seconds(plan.end)}\n"


def plan_agents(name: str, floor: Floor) -> Iterator[str]:
    """Agents per group whose plans name them."""
    for group, labels in floor.labels.groups:
        if (plan := floor.outlook.group_plans.get(group.name)) is not None and plan.agents is not None:
            yield f"{name}{{{labels}}} {plan.agents}\n"


def plan_occupancy(name: str, floor: Floor) -> Iterator[str]:
    """A ratio per group whose plans name agents."""
    for group, labels in floor.labels.groups:
        if (plan := floor.outlook.group_plans.get(group.name)) is not None and plan.occupancy is not None:
            yield f"{name}{{{labels}}} {plan.occupancy}\n"


def service_level_target(name: str, floor: Floor) -> Iterator[str]:
    """The agreed ratio per project: a lower bound."""
    for project, labels in floor.labels.projects:
        yield f'{name}{{{labels},bound="min"}} {project.service_level.target}\n'


def occupancy_limit(name: str, floor: Floor) -> Iterator[str]:
    """Both bounds per group."""
    for group, labels in floor.labels.groups:
        yield f'{name}{{{labels},bound="min"}} {group.min_occupancy}\n'
        yield f'{name}{{{labels},bound="max"}} {group.max_occupancy}\n'


# --- what the floor knows of its own trustworthiness ----------------------------------------------------------------------------------


def unobserved_seconds(name: str, floor: Floor) -> Iterator[str]:
    """Seconds per PBX."""
    for pbx, labels in floor.labels.pbxs:
        if (us := floor.counters.unobserved_us.get(pbx)) is not None:
            yield f"{name}{{{labels}}} {seconds(us)}\n"


def healed_calls(name: str, floor: Floor) -> Iterator[str]:
    """One count per PBX."""
    for pbx, labels in floor.labels.pbxs:
        if (count := floor.counters.healed.get(pbx)) is not None:
            yield f"{name}{{{labels}}} {count}\n"


def reconcile_mismatches(name: str, floor: Floor) -> Iterator[str]:
    """One count per PBX."""
    for pbx, labels in floor.labels.pbxs:
        if (count := floor.counters.reconcile_mismatches.get(pbx)) is not None:
            yield f"{name}{{{labels}}} {count}\n"


def corrected_calls(name: str, floor: Floor) -> Iterator[str]:
    """One count per PBX, queue and family; none while nothing was taken back."""
    for (pbx, queue, family), count in sorted(floor.counters.corrected.items()):
        yield f"{name}{{{label('pbx', pbx)},{label('queue', queue)},{label('family', family)}}} {count}\n"


def corrected_contacts(name: str, floor: Floor) -> Iterator[str]:
    """One count per project and family; none while nothing was taken back."""
    counts = sorted(floor.counters.corrected_contacts.items())
    for project, labels in floor.labels.projects:
        for (of, family), count in counts:
            if of == project.name:
                yield f"{name}{{{labels},{label('family', family)}}} {count}\n"


def corrected_seconds(name: str, floor: Floor) -> Iterator[str]:
    """Seconds per family; none while nothing was taken back."""
    for family, us in sorted(floor.counters.corrected_us.items()):
        yield f"{name}{{{label('family', family)}}} {seconds(us)}\n"


def talk_disagreement(name: str, floor: Floor) -> Iterator[str]:
    """Seconds per PBX and sign."""
    for pbx, labels in floor.labels.pbxs:
        for sign in ("longer", "shorter"):
            if (us := floor.counters.talk_disagreement_us.get((pbx, sign))) is not None:
                yield f'{name}{{{labels},sign="{sign}"}} {seconds(us)}\n'


def anomalies(name: str, floor: Floor) -> Iterator[str]:
    """One count per kind met so far."""
    for kind, count in sorted(floor.counters.anomalies.items()):
        yield f"{name}{{{label('kind', kind)}}} {count}\n"
