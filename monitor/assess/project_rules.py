"""What holds of a project right now: one rule per condition.

Owns each condition's question, its small-number guard and what it needs to be over again, and the verdict of them all. A rule is given a frozen
look at the project and whether its condition holds already, and finds that it holds, that it does not, or nothing (None) where it cannot be
judged. Refuses incidents, sight and time (`accruals` asks only what may be asked, and waits where a condition has to last).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from monitor.assess.conditions import Condition, Figures, Finding
from monitor.assess.counts import binomial_tails
from monitor.assess.detect import Evidence, fires
from monitor.assess.judgement import Verdict
from monitor.assess.reading import Cause
from monitor.assess.service_level import Answers
from monitor.assess.today import Run, Step, Today, Workload
from monitor.core.contract import SECOND, Project
from monitor.core.limits import Limits
from monitor.core.lost import LostView
from monitor.core.snapshot import Cell, PbxView, Span

SAVED: Final = 0.95  # of the misses a day may have, at which it counts as saved after all


@dataclass(frozen=True, slots=True)
class ProjectLook:
    """A project as the rules see it. What is None is not known, or does not apply."""

    at: int
    project: Project
    pbxs: tuple[PbxView, ...]  # that carry its queues
    limits: Limits
    open: bool
    quarter: Span  # the last 15 closed minutes
    day: Span
    late: int  # contacts of the last 15 minutes who wait beyond the threshold, and of the day
    late_today: int
    longest_wait_us: int | None
    waiting: int
    eligible: int  # who could take a call now, or once free
    today: Today
    silence: Evidence | None
    returning: bool  # callers came after a silence of the telephony, and it is not certain yet that they are back
    cause: Cause | None
    expected: float | None  # contacts of the whole day, by the forecast
    covered: bool  # by a plan, now
    plan_end: int | None
    refused: int | None  # in the last hour
    lost: LostView | None
    after_hours: int  # contacts of the last hour that came while it was closed


Rule = Callable[[ProjectLook, bool], Finding | None]


def answers(sums: tuple[int, ...], late: int) -> Answers:
    """Of the contacts that arrived in a window."""
    short = sums[Cell.SHORT]
    lost, lost_in_time = sums[Cell.ABANDONED] + short, sums[Cell.ABANDONED_IN_THRESHOLD] + short
    return Answers(sums[Cell.ANSWERED], sums[Cell.IN_THRESHOLD], lost, lost_in_time, short, late)


def _parts(look: ProjectLook, span: Span, late: int) -> tuple[int, int]:
    """Numerator and denominator of the contract's service level."""
    formula = look.project.service_level.formula
    return next((above, below) for name, above, below in answers(span.sums, late).parts() if name is formula)


def _loss(look: ProjectLook, _holds: bool) -> Finding | None:
    """Any detector after each of two intervals, or days that add up to one."""
    step = look.today.step
    drifted = look.today.drifted
    if step is None:
        return Finding(True, {"detector": "cusum", **_cause(look), "cusum": look.today.cusum.down}) if drifted else None
    figures = {**_evidence(_least(step)), **_cause(look), "cusum": look.today.cusum.down}
    if drifted and not step.lost.holds:
        figures["detector"] = "cusum"
    return Finding(step.lost.holds or drifted, figures)


def _surge(look: ProjectLook, _holds: bool) -> Finding | None:
    step = look.today.step
    return None if step is None else Finding(step.surged.holds, _evidence(_most(step)))


def _least(step: Step) -> tuple[str, Evidence, float] | None:
    found = [(name, one, one.loss) for name, one in _named(step)]
    return min(found, key=lambda one: one[2], default=None)


def _most(step: Step) -> tuple[str, Evidence, float] | None:
    found = [(name, one, one.surge) for name, one in _named(step) if one.surge is not None]
    return min(found, key=lambda one: one[2], default=None)


def _named(step: Step) -> list[tuple[str, Evidence]]:
    return [(name, one) for name, one in (("day", step.day), ("recent", step.recent), ("two_days", step.two_days)) if one is not None]


def _evidence(found: tuple[str, Evidence, float] | None) -> dict[str, float | str]:
    if found is None:
        return {}
    name, one, p = found
    return {"detector": name, "came": one.n, "planned": one.f, "deviation": one.deviation, "p": p}


def _cause(look: ProjectLook) -> dict[str, float | str]:
    cause = look.cause
    if cause is None or cause.reading is None:
        return {}
    figures: dict[str, float | str] = {"reading": cause.reading.value}
    if cause.strayed is not None:
        figures |= {"arrived": cause.strayed.arrived, "reached": cause.strayed.reached}
    if cause.pbxs:
        figures["pbxs"] = ", ".join(sorted(cause.pbxs))
    return figures


def _silent(look: ProjectLook, holds: bool) -> Finding | None:
    """So long without anybody that chance does not explain it; over once callers come and the day is not low either, so that it is said once."""
    quiet, step = look.silence, look.today.step
    if quiet is not None and quiet.loss < (look.limits.clear_p if holds else look.limits.act_p):
        figures: Figures = {"detector": "silence", "planned": quiet.f, "came": 0, "p": quiet.loss, **_cause(look)}
        return Finding(True, figures)
    if holds and look.returning:
        return Finding(True)
    found = None if step is None else _least(step)
    if holds and found is not None and found[1].deviation < 0 and found[2] <= look.limits.clear_p:
        return Finding(True, {**_evidence(found), **_cause(look)})
    return None if quiet is None and not holds else Finding(False)


def _workload(run: Callable[[Step], Run], p: Callable[[Workload], float]) -> Rule:
    def rule(look: ProjectLook, _holds: bool) -> Finding | None:
        step = look.today.step
        if step is None or step.workload is None:
            return None
        load = step.workload
        figures = {"offered_hours": load.offered_s / 3600, "planned_hours": load.planned_s / 3600, "deviation": load.deviation, "p": p(load)}
        return Finding(run(step).holds, figures)

    return rule


def _service_level(look: ProjectLook, holds: bool) -> Finding | None:
    """Below the target, and by more than chance takes at this number; over once it is at the target again."""
    above, below = _parts(look, look.quarter, look.late)
    target = look.project.service_level.target
    if below < (look.limits.least_offered / 2 if holds else look.limits.least_offered) or not below:
        return Finding(False) if not holds else None
    ratio = above / below
    bad = ratio < target if holds else ratio < target and binomial_tails(above, below, target).lower < look.limits.guard_p
    return Finding(bad, {"ratio": ratio, "target": target, "offered": below, "in_time": above, "seconds": look.project.service_level.threshold_us / SECOND})


def _budget(look: ProjectLook, holds: bool) -> Finding | None:
    """Even if everybody who is still expected today is answered in time, the day's target is missed."""
    above, below = _parts(look, look.day, look.late_today)
    if look.expected is None or below < look.limits.least_offered:
        return None
    target = look.project.service_level.target
    allowed, missed = (1 - target) * max(float(below), look.expected), below - above
    return Finding(missed > (SAVED if holds else 1.0) * allowed + 1e-9, {"missed": missed, "allowed": allowed, "target": target, "expected": look.expected})


def _abandonment(look: ProjectLook, holds: bool) -> Finding | None:
    sums, most = look.quarter.sums, look.project.max_abandonment
    lost, offered = sums[Cell.ABANDONED], sums[Cell.CONTACTS] - sums[Cell.SHORT]
    if offered < (look.limits.least_offered / 2 if holds else look.limits.least_offered) or not offered:
        return Finding(False) if not holds else None
    ratio = lost / offered
    bad = ratio > most if holds else ratio > most and binomial_tails(lost, offered, most).upper < look.limits.guard_p
    return Finding(bad, {"ratio": ratio, "limit": most, "abandoned": lost, "offered": offered})


def _long_wait(look: ProjectLook, _holds: bool) -> Finding:
    wait = look.longest_wait_us or 0
    return Finding(wait > look.limits.long_wait_us, {"seconds": wait / SECOND, "limit": look.limits.long_wait_us / SECOND, "waiting": look.waiting})


def _unattended(look: ProjectLook, _holds: bool) -> Finding:
    return Finding(look.waiting > 0 and not look.eligible, {"waiting": look.waiting, "seconds": (look.longest_wait_us or 0) / SECOND})


def _refused(look: ProjectLook, _holds: bool) -> Finding | None:
    if look.refused is None:
        return None
    return Finding(look.refused >= look.limits.refused_calls, {"refused": look.refused, "limit": look.limits.refused_calls})


def _lost_callers(look: ProjectLook, _holds: bool) -> Finding | None:
    """Somebody has waited for a call back longer than is agreed, in opening hours."""
    if look.lost is None:
        return None
    waited_us = 0 if look.lost.oldest is None else look.at - look.lost.oldest
    figures = {"overdue": look.lost.overdue, "seconds": waited_us / SECOND, "limit": look.project.callback_us / SECOND}
    return Finding(look.lost.overdue > 0, figures)


def _after_hours(look: ProjectLook, _holds: bool) -> Finding:
    return Finding(look.after_hours >= look.limits.after_hours_calls, {"calls": look.after_hours, "limit": look.limits.after_hours_calls})


def _plan_missing(look: ProjectLook, _holds: bool) -> Finding:
    return Finding(look.open and not look.covered)


def _plan_ends(look: ProjectLook, _holds: bool) -> Finding:
    left = None if look.plan_end is None else look.plan_end - look.at
    holds = left is not None and 0 < left < look.limits.plan_ends_us
    return Finding(holds, {"hours": (left or 0) / SECOND / 3600, "limit": look.limits.plan_ends_us / SECOND / 3600})


def _contract_ends(look: ProjectLook, _holds: bool) -> Finding:
    until = look.project.contract_until
    if until is None:
        return Finding(False)
    days = (until - datetime.fromtimestamp(look.at // SECOND, UTC).astimezone(look.project.zone).date()).days
    return Finding(days <= look.project.notice_days, {"days": days, "limit": look.project.notice_days})


PLANNED: Final[Mapping[Condition, Rule]] = {  # what is held against the plan, in opening hours
    Condition.VOLUME_LOST: _loss,
    Condition.VOLUME_SURGE: _surge,
    Condition.PROJECT_SILENT: _silent,
    Condition.WORKLOAD_BELOW_PLAN: _workload(lambda step: step.below, lambda load: load.loss),
    Condition.WORKLOAD_ABOVE_PLAN: _workload(lambda step: step.above, lambda load: load.surge),
}
SERVED: Final[Mapping[Condition, Rule]] = {  # what callers meet, in opening hours
    Condition.SERVICE_LEVEL_AT_RISK: _service_level,
    Condition.SL_BUDGET_GONE: _budget,
    Condition.ABANDONMENT_HIGH: _abandonment,
    Condition.LONG_WAIT: _long_wait,
    Condition.QUEUE_UNATTENDED: _unattended,
    Condition.CALLS_REFUSED: _refused,
    Condition.LOST_CALLERS_WAITING: _lost_callers,
}
SHUT: Final[Mapping[Condition, Rule]] = {Condition.AFTER_HOURS_CALLS: _after_hours}
PLANS: Final[Mapping[Condition, Rule]] = {Condition.PLAN_MISSING: _plan_missing, Condition.PLAN_ENDS_SOON: _plan_ends}  # what needs no PBX
PAPERS: Final[Mapping[Condition, Rule]] = {Condition.CONTRACT_ENDS: _contract_ends}
ACTS: Final = (Condition.VOLUME_LOST, Condition.VOLUME_SURGE, Condition.PROJECT_SILENT)  # what asks for action


def watches(look: ProjectLook) -> bool:
    """Whether it is worth a look: less certain than what asks for action, and at once."""
    step, quiet = look.today.step, look.silence
    if quiet is not None and quiet.loss < look.limits.watch_p:
        return True
    found = [] if step is None else [(one.deviation, p) for _, one in _named(step) for p in (one.loss, one.surge) if p is not None]
    return any(fires(deviation, p, look.limits.deviation, look.limits.watch_p) for deviation, p in found)


def verdict(look: ProjectLook, *, observed: bool, held: bool, acts: bool) -> Verdict | None:
    """What the project asks for, in a word; None where nothing can be said of its volume."""
    if not look.project.queues:
        return None
    if not observed:
        return Verdict.BLIND
    if not look.open or held or (look.today.step is None and look.silence is None):
        return None
    if acts:
        return Verdict.ACT
    return Verdict.WATCH if watches(look) else Verdict.ON_PLAN
