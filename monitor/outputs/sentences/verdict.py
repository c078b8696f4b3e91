"""Why a project's verdict is what it is: N, F and the detector that says so, in one sentence.

Owns choosing the finding that speaks: silence before a loss, a loss before a surplus, the surest detector of them. Refuses words (`en`, `uk`)
and judging (`assess.project_rules` gave the verdict; the same limits choose the reason here).
"""

from __future__ import annotations

from monitor.assess import detect
from monitor.assess.conditions import Condition, Figures
from monitor.assess.detect import Evidence
from monitor.assess.judgement import ProjectJudged, Verdict
from monitor.assess.today import Step
from monitor.core.contract import Project
from monitor.core.limits import Limits
from monitor.outputs.sentences.tongue import Given, Tongue, Unjudged

Found = tuple[Condition, Figures]


def phrase(tongue: Tongue, project: Project, judged: ProjectJudged | None, limits: Limits, *, covered: bool) -> str:
    """The reason; without a verdict why there is none."""
    if judged is None or judged.verdict is None:
        return tongue.unjudged[_unjudged(project, judged, covered=covered)]
    match judged.verdict:
        case Verdict.BLIND:
            return tongue.blind
        case Verdict.ACT | Verdict.WATCH:
            found = _acts(judged, limits) if judged.verdict is Verdict.ACT else _watches(judged, limits)
            if found is None:  # by other limits than those in force since the last reload
                return tongue.unjudged[Unjudged.EARLY]
            said = tongue.conditions[found[0]](Given(found[1]))
            return said if judged.verdict is Verdict.ACT else tongue.watched(said)
        case Verdict.ON_PLAN:
            total = judged.total
            if total.f <= 0:
                return tongue.unjudged[Unjudged.EARLY]
            return tongue.as_planned(Given({"detector": "day", "came": total.n, "planned": total.f, "deviation": (total.n - total.f) / total.f}))


def _unjudged(project: Project, judged: ProjectJudged | None, *, covered: bool) -> Unjudged:
    if not project.queues:
        return Unjudged.NO_QUEUES
    if judged is not None and not judged.open:
        return Unjudged.CLOSED
    if judged is not None and judged.held:
        return Unjudged.INCIDENT
    return Unjudged.EARLY if covered else Unjudged.NO_PLAN


def _acts(judged: ProjectJudged, limits: Limits) -> Found | None:
    quiet, step = judged.silence, judged.step
    if quiet is not None and quiet.loss < limits.act_p:
        return _silence(judged, quiet)
    if step is not None and step.lost.holds:
        return _least(judged, _losses(step))
    return _most(_surges(step)) if step is not None and step.surged.holds else None


def _watches(judged: ProjectJudged, limits: Limits) -> Found | None:
    quiet, step = judged.silence, judged.step
    if quiet is not None and quiet.loss < limits.watch_p:
        return _silence(judged, quiet)
    losses, surges = ([], []) if step is None else (_firing(_losses(step), limits), _firing(_surges(step), limits))
    return _least(judged, losses) or _most(surges)


Detected = tuple[str, Evidence, float]


def _losses(step: Step) -> list[Detected]:
    return [(name, one, one.loss) for name, one in _detectors(step)]


def _surges(step: Step) -> list[Detected]:
    return [(name, one, one.surge) for name, one in _detectors(step) if one.surge is not None]


def _firing(found: list[Detected], limits: Limits) -> list[Detected]:
    return [each for each in found if detect.fires(each[1].deviation, each[2], limits.deviation, limits.watch_p)]


def _detectors(step: Step) -> list[tuple[str, Evidence]]:
    return [(name, one) for name, one in (("day", step.day), ("recent", step.recent), ("two_days", step.two_days)) if one is not None]


def _least(judged: ProjectJudged, found: list[Detected]) -> Found | None:
    return (Condition.VOLUME_LOST, _evidence(min(found, key=lambda one: one[2])) | _cause(judged)) if found else None


def _most(found: list[Detected]) -> Found | None:
    return (Condition.VOLUME_SURGE, _evidence(min(found, key=lambda one: one[2]))) if found else None


def _evidence(found: Detected) -> dict[str, float | str]:
    name, one, p = found
    return {"detector": name, "came": one.n, "planned": one.f, "deviation": one.deviation, "p": p}


def _silence(judged: ProjectJudged, quiet: Evidence) -> Found:
    return Condition.PROJECT_SILENT, {"detector": "silence", "planned": quiet.f, **_cause(judged)}


def _cause(judged: ProjectJudged) -> dict[str, float | str]:
    cause = judged.cause
    if cause is None or cause.reading is None:
        return {}
    return {"reading": cause.reading.value, "pbxs": ", ".join(sorted(cause.pbxs))}
