"""What every condition is held against, as figures with bounds: the lines a board draws and an alert names.

Owns which limit belongs to which condition: those of the whole site come from `[alerts]`, the others from a project's contract or a group.
A figure below its `min` or above its `max` (or at it, where so many are too many) is what the condition asks for. Refuses judging
(`assess`). Next: `judged` writes them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from monitor.assess.conditions import Condition
from monitor.core.contract import MINUTE, SECOND, Contract, Group, Project
from monitor.core.limits import Limits

DAY_S: Final = 86_400
MIN, MAX = "min", "max"


class Limit(NamedTuple):
    """One bound of one figure; `reason` where it is one of a pause's."""

    condition: Condition
    figure: str
    bound: str
    value: float
    reason: str | None = None


def of_site(contract: Contract) -> Iterator[Limit]:
    """What holds for everybody."""
    limits = contract.limits
    yield from _volume(limits)
    for condition in (Condition.SERVICE_LEVEL_AT_RISK, Condition.ABANDONMENT_HIGH):
        yield Limit(condition, "contacts", MIN, limits.least_offered)
        yield Limit(condition, "pvalue", MIN, limits.guard_p)
    yield Limit(Condition.LONG_WAIT, "wait_seconds", MAX, _seconds(limits.long_wait_us))
    yield Limit(Condition.QUEUE_UNATTENDED, "seconds", MAX, _seconds(limits.unattended_us))
    yield Limit(Condition.CALLS_REFUSED, "calls", MAX, limits.refused_calls)
    yield Limit(Condition.UNDERSTAFFED, "net_staffing", MIN, -1)
    yield Limit(Condition.OVERSTAFFED, "net_staffing", MAX, limits.surplus_agents)
    yield from (Limit(one, "seconds", MAX, _seconds(limits.occupancy_us)) for one in (Condition.OCCUPANCY_TOO_HIGH, Condition.OCCUPANCY_TOO_LOW))
    yield Limit(Condition.RING_NO_ANSWER_STORM, "rings", MAX, limits.ring_no_answers)
    yield Limit(Condition.RING_NO_ANSWER_STORM, "ring_ratio", MAX, limits.ring_no_answer_ratio)
    yield Limit(Condition.STUCK_CALL, "call_seconds", MAX, _seconds(limits.stuck_call_us))
    yield Limit(Condition.MASS_DISCONNECT, "agents", MAX, limits.disconnect_agents)
    yield Limit(Condition.MASS_DISCONNECT, "agents_ratio", MAX, limits.disconnect_ratio)
    yield Limit(Condition.AFTER_HOURS_CALLS, "contacts", MAX, limits.after_hours_calls)
    yield Limit(Condition.CONTACT_RATE_DROPPED, "deviation_ratio", MIN, -limits.deviation)
    yield Limit(Condition.CONTACT_RATE_DROPPED, "pvalue", MIN, limits.act_p)
    yield Limit(Condition.CONTACT_RATE_DROPPED, "attempts", MIN, limits.contact_rate_attempts)
    yield Limit(Condition.LIST_EXHAUSTED, "planned_attempts", MIN, limits.list_attempts)
    yield Limit(Condition.LIST_EXHAUSTED, "attempts_ratio", MIN, limits.list_ratio)
    yield Limit(Condition.LIST_EXHAUSTED, "agents", MAX, limits.list_agents)
    yield Limit(Condition.PLAN_MISSING, "seconds", MAX, _seconds(MINUTE))
    yield Limit(Condition.PLAN_ENDS_SOON, "left_seconds", MIN, _seconds(limits.plan_ends_us))
    yield Limit(Condition.MINIMUM_GUARANTEE_SHORT, "guarantee_ratio", MAX, limits.guarantee_short)
    yield from (Limit(one, "margin", MIN, 0) for one in (Condition.BELOW_BREAK_EVEN, Condition.MARGIN_NEGATIVE, Condition.CLIENT_DEPENDENCE))
    yield Limit(Condition.BLIND, "seconds", MAX, _seconds(limits.blind_us))
    yield Limit(Condition.CLOCK_SKEW, "offset_seconds", MAX, _seconds(limits.clock_skew_us))
    yield Limit(Condition.TRUNK_DOWN, "failures", MAX, limits.trunk_failures)
    yield Limit(Condition.TRUNK_DOWN, "seconds", MAX, _seconds(limits.trunk_down_us))
    yield Limit(Condition.TRUNK_FULL, "seconds", MAX, _seconds(limits.trunk_full_us))


def _volume(limits: Limits) -> Iterator[Limit]:
    """Size and significance of what is held against the plan."""
    for condition in (Condition.VOLUME_LOST, Condition.WORKLOAD_BELOW_PLAN):
        yield Limit(condition, "deviation_ratio", MIN, -limits.deviation)
        yield Limit(condition, "pvalue", MIN, limits.act_p)
    yield Limit(Condition.VOLUME_LOST, "cusum", MAX, limits.cusum)
    for condition in (Condition.VOLUME_SURGE, Condition.WORKLOAD_ABOVE_PLAN):
        yield Limit(condition, "deviation_ratio", MAX, limits.deviation)
        yield Limit(condition, "pvalue", MIN, limits.act_p)
    yield Limit(Condition.PROJECT_SILENT, "pvalue", MIN, limits.act_p)
    yield Limit(Condition.PROJECT_SILENT, "seconds", MAX, _seconds(limits.silent_us))


def of_project(project: Project) -> Iterator[Limit]:
    """What its contract says."""
    yield Limit(Condition.SERVICE_LEVEL_AT_RISK, "service_level_ratio", MIN, project.service_level.target)
    yield Limit(Condition.SL_BUDGET_GONE, "missed_ratio", MAX, round(1 - project.service_level.target, 12))
    yield Limit(Condition.ABANDONMENT_HIGH, "abandonment_ratio", MAX, project.max_abandonment)
    yield Limit(Condition.LOST_CALLERS_WAITING, "open_seconds", MAX, _seconds(project.callback_us))
    if project.contract_until is not None:
        yield Limit(Condition.CONTRACT_ENDS, "left_seconds", MIN, project.notice_days * DAY_S)


def of_group(group: Group) -> Iterator[Limit]:
    """What the group says of itself."""
    yield Limit(Condition.OCCUPANCY_TOO_HIGH, "occupancy_ratio", MAX, group.max_occupancy)
    yield Limit(Condition.OCCUPANCY_TOO_LOW, "occupancy_ratio", MIN, group.min_occupancy)
    for reason in group.pause_reasons:
        if reason.limit_us is not None:
            yield Limit(Condition.PAUSE_TOO_LONG, "pause_seconds", MAX, _seconds(reason.limit_us), reason.name)


def _seconds(us: int) -> float:
    return us / SECOND
