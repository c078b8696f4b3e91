"""`/api/v1/floor`: the Outlook as JSON, for boards and scripts that want one instant whole.

    {"at": "2026-11-24T10:00:00.000000Z", "site": "kyiv-1", "timezone": "Europe/Kyiv", "language", "interval_minutes": 30,
     "simulation": {"seed", "speed"} | null,
     "money": {"currency", "cash_days", "windows": {"day" | "month": {"revenue", "labour", "telecom", "fixed", "margin"} | null},
               "clients": [{"client", "cash_days", "windows": {"day" | "month": {"revenue", "labour", "telecom", "fixed", "margin", "without"}}}]} | null,
     "conditions": [{"condition", "severity", "about", "name", "client", "since", "sentence", "figures": {figure: value}}],
     "muted":    [{"condition", "about", "name", "client", "by": {"condition", "about", "name", "client"}}],
     "pbxs":     [{"pbx", "observed", "blind_since"}],
     "trunks":   [{"pbx", "trunk", "up", "channels", "capacity"}],
     "projects": [{"project", "client", "group", "open", "observed",
                   "service_level": {"threshold_seconds", "target", "formula"},
                   "plan": {"covered", "end", "has_agents"} | null, "held",
                   "verdict": {"word", "sentence"},
                   "judged": {"came", "planned", "deviation", "z",
                              "detectors": {detector: {"came", "planned", "loss_p", "surge_p"}},
                              "cusum": {"down", "up"}, "cause": {"reading", "share_p", "pbxs"} | null} | null,
                   "forecast": {"day", "low", "high", "erlangs"} | null, "agents_required", "eligible": {state: people} | null,
                   "money": {"tariff", "guaranteed", "margin_forecast", "known_days", "past_days", "windows": {"day" | "month": {
                        "revenue", "labour", "telecom", "fixed", "margin",
                        "earned": [{"currency", "accrued", "guarantee", "adjustment", "shortfall_calls"}]}}} | null,
                   "windows": {"15m" | "hour" | "interval" | "last" | "day": {
                        "start", "end", "contacts", "abandoned", "planned_contacts", "observed_ratio", "offered_erlangs", "carried_erlangs",
                        "planned_erlangs", "average_handle_time_seconds", "service_level": {formula: ratio}, "budget_calls",
                        "abandonment_ratio", "volume_deviation_ratio", "workload_deviation_ratio", "aht_deviation_ratio"}}}],
     "queues":   [{"pbx", "queue", "project", "client", "observed", "waiting", "deciding", "longest_wait_seconds"}],
     "groups":   [{"group", "observed", "agents": {state: people} | null, "plan": {"agents", "occupancy_ratio"} | null,
                   "occupancy_limits": {"min", "max"}, "held", "need": {"now", "next", "gross"} | null, "staffed_now", "net_staffing",
                   "money": {"labour": {"day", "month"}, "occupancy_ratio", "breakeven_occupancy_ratio"} | null,
                   "windows": {…: {"start", "end", "observed_ratio", "staffed", "occupancy_ratio", "earning_occupancy_ratio"}}}],
     "agents":   [{"agent", "alias", "name", "group", "state", "since", "project", "reason"}],
     "incidents": [{"id", "kind", "scope", "since", "until", "recovery_until", "recovery_minutes", "note", "who", "closed_by",
                    "announced", "stage", "people": {"people", "away", "talking", "pausing", "unseen", "back", "waiting", "late"} | null}],
     "signals":  [{"name", "kind", "region", "projects", "on", "since", "until", "end", "who"}]}

Every key is always there; null is unknown: nobody sees it now, or a ratio has no denominator. Times are UTC, ISO 8601. `agent` is the
id of the agents file, else PBX and interface; `alias` is a number within the group and stays while the daemon lives. `agent` and `name`
are null unless `[web] names = true`: an extension or an employee's number beside the alias would undo it. `simulation` is null on a real
floor. `money`, at the top and of projects and groups, is null for whoever may not see it, and its conditions are left out then; amounts are texts. Owns
this shape and nothing else: the figures are the outlook's. Yields text in small pieces so that the server can let the loop run. Next: `server`, `stream`, and
`mqtt.state`, which publishes the rows of projects and groups.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import TypeVar

from monitor.assess.outlook import GroupFigures, Outlook, ProjectFigures
from monitor.core.contract import MINUTE, SECOND, Contract, Group, Project
from monitor.core.incidents import IncidentView
from monitor.core.signals import SignalView
from monitor.core.snapshot import AgentView, Cell, QueueView, Snapshot, Span, State, Window
from monitor.outputs.daemon import Simulation
from monitor.outputs.web import judged, purse
from monitor.outputs.web.aliases import Aliases
from monitor.outputs.web.instant import iso

Figures = TypeVar("Figures")

NEAR_US = 24 * 60 * MINUTE  # what is announced for later is in /api/v1/incidents

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":"))


def floor(
    outlook: Outlook, contract: Contract, aliases: Aliases, *, names: bool = False, money: bool = False, simulation: Simulation | None = None
) -> Iterator[str]:
    """The pieces of the JSON text; the shape is in the module's docstring. Without `names` nothing in it tells who an agent is, without `money` nothing what
    is earned."""
    snapshot = outlook.snapshot
    head = {
        "at": iso(outlook.at),
        "site": contract.site,
        "timezone": str(contract.zone),
        "language": contract.language.value,
        "interval_minutes": contract.interval_us // MINUTE,
        "simulation": {"seed": simulation.seed, "speed": simulation.speed} if simulation else None,
        "money": purse.site(outlook, contract) if money else None,
    }
    yield _json(head).removesuffix("}")
    pbxs = ({"pbx": pbx.name, "observed": pbx.observed, "blind_since": iso(pbx.blind_since)} for pbx in snapshot.pbxs)
    seen = frozenset(pbx.name for pbx in snapshot.pbxs if pbx.observed)
    yield from _array("pbxs", pbxs)
    yield from _array("trunks", _trunks(snapshot, contract))
    yield from _array("conditions", judged.conditions(outlook, contract, money=money))
    yield from _array("muted", judged.muted(outlook, contract, money=money))
    yield from _array("projects", (project(one, outlook, contract, money=money) for one in contract.projects))
    yield from _array("queues", (queue(one, snapshot.at, contract, seen) for one in snapshot.queues))
    yield from _array("groups", (group(one, outlook, money=money) for one in contract.groups))
    yield from _array("agents", (_agent(agent, aliases.of(agent), names=names) for agent in snapshot.agents))
    near = (one for one in outlook.incidents if one.incident.since < outlook.at + NEAR_US)
    yield from _array("incidents", (incident(one) for one in near))
    yield from _array("signals", (signal(one) for one in outlook.signals if one.spell is not None))
    yield "}\n"


def incident(view: IncidentView) -> dict[str, object]:
    """One incident, as every page shows it."""
    one, figures = view.incident, view.figures
    return {
        "id": one.id,
        "kind": one.kind.value,
        "scope": str(one.scope),
        "since": iso(one.since),
        "until": iso(one.until),
        "recovery_until": iso(one.over_at),
        "recovery_minutes": one.recovery_us / MINUTE,
        "note": one.note or None,
        "who": one.who or None,
        "closed_by": one.closed_by or None,
        "announced": view.announced,
        "stage": view.stage.value,
        "people": None if figures is None else asdict(figures),
    }


def signal(view: SignalView) -> dict[str, object]:
    """One signal in one of its regions, as every page shows it."""
    one, spell = view.signal, view.spell
    return {
        "name": one.name,
        "kind": one.kind,
        "region": view.region,
        "projects": list(one.projects) or None,
        "on": spell is not None,
        "since": None if spell is None else iso(spell.since),
        "until": None if spell is None else iso(spell.until),
        "end": None if spell is None else spell.end.value,
        "who": None if spell is None else spell.who or None,
    }


def _json(value: object) -> str:
    return _ENCODER.encode(value)


def _array(key: str, rows: Iterable[object]) -> Iterator[str]:
    yield f',"{key}":['
    comma = ""
    for row in rows:
        yield comma + _json(row)
        comma = ","
    yield "]"


def _bounds(span: Span | None) -> dict[str, object]:
    return {"start": iso(span.start) if span else None, "end": iso(span.end) if span else None}


def project(agreed: Project, outlook: Outlook, contract: Contract, *, money: bool) -> dict[str, object]:
    """One project, wherever it is shown."""
    figures, spans = outlook.projects.get(agreed.name, {}), outlook.snapshot.projects.get(agreed.name, {})
    plan = outlook.plans.get(agreed.name)
    level = agreed.service_level
    return {
        "project": agreed.name,
        "client": agreed.client,
        "group": agreed.group,
        "open": agreed.open_at(outlook.at),
        "observed": agreed.name in outlook.snapshot.observed_projects,
        "service_level": {"threshold_seconds": level.threshold_us / SECOND, "target": level.target, "formula": level.formula.value},
        "plan": {"covered": plan.covered, "end": iso(plan.end), "has_agents": plan.has_agents} if plan else None,
        "windows": {window.value: _bounds(spans.get(window)) | _project_window(row, spans.get(window)) for window, row in _ordered(figures)},
        **judged.project(agreed, outlook, contract),
        **purse.project(agreed, outlook, shown=money),
    }


def _ordered(figures: Mapping[Window, Figures]) -> Iterator[tuple[Window, Figures]]:
    return ((window, figures[window]) for window in Window if window in figures)


def _project_window(row: ProjectFigures, span: Span | None) -> dict[str, object]:
    return {
        "contacts": row.contacts,
        "abandoned": span.sums[Cell.ABANDONED] if span else None,
        "planned_contacts": row.planned_contacts,
        "observed_ratio": row.observed,
        "offered_erlangs": row.offered_erlangs,
        "carried_erlangs": row.carried_erlangs,
        "planned_erlangs": row.planned_erlangs,
        "average_handle_time_seconds": row.aht_seconds,
        "service_level": {formula.value: ratio for formula, ratio in row.service_level.items()},
        "budget_calls": row.budget_calls,
        "abandonment_ratio": row.abandonment,
        "volume_deviation_ratio": row.volume_deviation,
        "workload_deviation_ratio": row.workload_deviation,
        "aht_deviation_ratio": row.aht_deviation,
    }


def _trunks(snapshot: Snapshot, contract: Contract) -> Iterator[dict[str, object]]:
    views = {view.id: view for view in snapshot.trunks}
    for trunk in contract.trunks:
        view = views.get(trunk.id)
        seen = {"up": None, "channels": None} if view is None else {"up": view.up, "channels": view.channels}
        yield {"pbx": trunk.id.pbx, "trunk": trunk.id.name, **seen, "capacity": trunk.capacity}


def queue(view: QueueView, at: int, contract: Contract, seen: frozenset[str]) -> dict[str, object]:
    """One queue; `seen` are the PBXs that are."""
    observed = view.queue.pbx in seen
    agreed = contract.project.get(view.project or "")
    wait = (at - view.oldest_joined_at) / SECOND if view.oldest_joined_at is not None else 0
    return {
        "pbx": view.queue.pbx,
        "queue": view.queue.name,
        "project": view.project,
        "client": agreed.client if agreed else None,
        "observed": observed,
        "waiting": view.waiting if observed else None,
        "deciding": view.deciding if observed else None,
        "longest_wait_seconds": wait if observed else None,
    }


def group(agreed: Group, outlook: Outlook, *, money: bool) -> dict[str, object]:
    """One group, wherever it is shown."""
    snapshot = outlook.snapshot
    figures, spans = outlook.groups.get(agreed.name, {}), snapshot.groups.get(agreed.name, {})
    plan = outlook.group_plans.get(agreed.name)
    observed = agreed.name in snapshot.observed_groups
    limits = {"min": agreed.min_occupancy, "max": agreed.max_occupancy}
    people = dict.fromkeys((state.value for state in State), 0)
    for agent in snapshot.agents:
        if agent.group == agreed.name:
            people[agent.state.value] += 1
    return {
        "group": agreed.name,
        "observed": observed,
        "agents": people if observed else None,
        "plan": {"agents": plan.agents, "occupancy_ratio": plan.occupancy} if plan else None,
        "occupancy_limits": limits,
        "windows": {window.value: _bounds(spans.get(window)) | _group_window(row) for window, row in _ordered(figures)},
        **judged.group(agreed, outlook),
        **purse.group(agreed, outlook, shown=money),
    }


def _group_window(row: GroupFigures) -> dict[str, object]:
    return {
        "observed_ratio": row.observed,
        "staffed": row.staffed,
        "occupancy_ratio": row.occupancy,
        "earning_occupancy_ratio": row.earning_occupancy,
    }


def _agent(agent: AgentView, alias: str, *, names: bool) -> dict[str, object]:
    return {
        "agent": agent.id if names else None,
        "alias": alias,
        "name": agent.name if names else None,
        "group": agent.group,
        "state": agent.state.value,
        "since": iso(agent.since),
        "project": agent.project,
        "reason": agent.reason or None,
    }
