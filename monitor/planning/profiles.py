"""How contacts have spread over the week so far, out of the queue_logs of the configured PBXs: the profile of the plan that `plan build` would make.

Owns making weights of it: a weekday's level times each interval's share. Refuses reading (`pasts`), leaving out (`laying`) and fitting (`plan`).
"""

from __future__ import annotations

from monitor.config import Config
from monitor.core.contract import MINUTE, Project
from monitor.errors import BadOption, LogUnreadable
from monitor.plan.fit import Fitted, fit
from monitor.plan.plan import MICRO
from monitor.plan.profile import Place, Profile
from monitor.planning.laying import Laying, past_of

WEEKS = 8
_DAY_MINUTES = 1440


def profile_from_logs(config: Config, now: int) -> tuple[Profile, list[str]]:
    """The profile of every project whose queues were called, and what has to be said; BadOption where no log can be read or none tells of a call."""
    try:
        past = past_of(config, "queue_log", WEEKS, now, lambda _: None)
    except LogUnreadable as error:
        raise _unknown(str(error)) from None
    except BadOption as error:
        raise _unknown(str(error).partition(": ")[2].partition(", or build")[0]) from None
    laying = Laying.of(config.contract, past, WEEKS, frozenset())
    weights = {}
    for project in config.contract.projects:
        known = fit(laying.seen(project)) if project.name in past.counted else None
        if known is not None:
            weights[project.name] = weights_of(project, known, config.contract.interval_us)
    said = [f"{name}: {why}" for name, why in past.without.items()] + past.remarks
    if not weights:
        raise _unknown("; ".join(said) or "no queue_log tells of one whole day of a project")
    return Profile(weights), said


def _unknown(why: str) -> BadOption:
    return BadOption(f"--profile-from queue_log: {why}; name a profile file instead")


def weights_of(project: Project, known: Fitted, length_us: int) -> dict[Place, int]:
    """What each interval weighs, by the clock: the end of a night that began the day before is of the next weekday."""
    weights: dict[Place, int] = {}
    for weekday, level in known.level.weekday.items():
        for slot, share in known.shares.get(weekday, {}).items():
            later, minute = divmod(project.day_starts + slot * length_us // MINUTE, _DAY_MINUTES)
            weights[(weekday + later) % 7, minute] = round(level * share * MICRO)
    return weights
