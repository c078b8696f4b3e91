"""The judged parts of `/api/v1/floor`: what holds, verdicts, evidence, forecast and need.

Owns their keys; the whole shape stands in `api`. Refuses judging and words (`assess`, `sentences`). Next: `api` puts them into their places.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from monitor.assess.conditions import OF_MONEY, About, Holding, Key, Subject
from monitor.assess.detect import Evidence
from monitor.assess.forecast import Reforecast
from monitor.assess.judgement import GroupJudged, ProjectJudged
from monitor.assess.outlook import Outlook
from monitor.core.contract import Contract, Group, Project
from monitor.core.snapshot import State
from monitor.outputs import sentences
from monitor.outputs.judged import net_staffing
from monitor.outputs.web.instant import iso

LOW, HIGH = 0.05, 0.95  # of what is still to come today

Row = dict[str, object]


def conditions(outlook: Outlook, contract: Contract, *, money: bool) -> Iterator[Row]:
    """What holds, the oldest first; of money only with `money`."""
    return (_holding(one, contract) for one in outlook.judgement.holding if money or one.condition not in OF_MONEY)


def _holding(one: Holding, contract: Contract) -> Row:
    return {
        "condition": one.condition.value,
        "severity": one.severity.value,
        **_subject(one.subject, contract),
        "since": iso(one.since),
        "sentence": sentences.of_condition(one, contract),
        "figures": dict(one.figures),
    }


def _subject(subject: Subject, contract: Contract) -> Row:
    project = contract.project.get(subject.name) if subject.about is About.PROJECT else None
    client = subject.name if subject.about is About.CLIENT else project.client if project else None
    return {"about": subject.about.value, "name": subject.name, "client": client}


def muted(outlook: Outlook, contract: Contract, *, money: bool) -> Iterator[Row]:
    """What holds too, and what speaks for it."""
    said = sorted(outlook.judgement.muted.items())
    return (_key(key, contract) | {"by": _key(by, contract)} for key, by in said if money or key[0] not in OF_MONEY)


def _key(key: Key, contract: Contract) -> Row:
    return {"condition": key[0].value, **_subject(key[1], contract)}


def project(agreed: Project, outlook: Outlook, contract: Contract) -> Row:
    """What was judged of one project."""
    known = outlook.judgement.projects.get(agreed.name)
    plan = outlook.plans.get(agreed.name)
    seen = agreed.name in outlook.snapshot.observed_projects
    sentence = sentences.of_verdict(agreed, known, contract, covered=plan is not None and plan.covered)
    return {
        "held": None if known is None else known.held,
        "verdict": {"word": None if known is None or known.verdict is None else known.verdict.value, "sentence": sentence},
        "judged": None if known is None else _judged(known),
        "forecast": None if known is None or not seen else _forecast(known),
        "agents_required": None if known is None else known.alone,
        "eligible": None if known is None or not seen else {state.value: known.eligible.get(state, 0) for state in State},
    }


def _judged(known: ProjectJudged) -> Row | None:
    """The day's closed intervals that count, and what each detector makes of them."""
    step, total, cause = known.step, known.total, known.cause
    found = [("silence", known.silence)]
    if step is not None:
        found = [("day", step.day), ("recent", step.recent), ("two_days", step.two_days), *found]
    return {
        "came": total.n,
        "planned": total.f,
        "deviation": (total.n - total.f) / total.f if total.f else None,
        "z": None if step is None else step.z,
        "detectors": {name: _evidence(one) for name, one in found if one is not None},
        "cusum": {"down": known.cusum.down, "up": known.cusum.up},
        "cause": None if cause is None else {"reading": cause.reading, "share_p": cause.share, "pbxs": sorted(cause.pbxs)},
    }


def _evidence(one: Evidence) -> Row:
    return {"came": one.n, "planned": one.f, "loss_p": one.loss, "surge_p": one.surge}


def _forecast(known: ProjectJudged) -> Row | None:
    """The whole day by the plan corrected by the day so far, and between what it will be with 90 % certainty."""
    if known.expected is None or known.forecast is None:
        return None
    came = round(known.expected - known.forecast.rest)
    low, high = _ahead(known.forecast)
    return {"day": known.expected, "low": came + low, "high": came + high, "erlangs": known.expected_erlangs}


@lru_cache(maxsize=1024)  # asked for every second, and forecast anew every few
def _ahead(rest: Reforecast) -> tuple[int, int]:
    return rest.quantile(LOW), rest.quantile(HIGH)


def group(agreed: Group, outlook: Outlook) -> Row:
    """What was judged of one group."""
    known: GroupJudged | None = outlook.judgement.groups.get(agreed.name)
    need = None if known is None else known.need
    return {
        "held": None if known is None else known.held,
        "need": None if need is None else {"now": need.now.net, "next": need.next.net, "gross": need.now.gross},
        "staffed_now": None if known is None else known.staffed_now,
        "net_staffing": None if known is None else net_staffing(known),
    }
