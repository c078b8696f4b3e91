"""What was judged of the floor, frozen: the answer to "is the work here, and are we staffed for it?".

Owns the shapes only; `accruals` fills them, `outlook` carries them, `outputs` show them. Refuses arithmetic. What is None is not known or
cannot be judged, which is never the same as no.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from monitor.assess.conditions import Holding, Key
from monitor.assess.contact_day import ContactDay
from monitor.assess.detect import Cusum, Evidence, Total
from monitor.assess.forecast import Reforecast
from monitor.assess.needs import Need
from monitor.assess.reading import Cause
from monitor.assess.today import Step
from monitor.core.snapshot import State


class Verdict(StrEnum):
    """A project against its plan, in one word."""

    BLIND = "blind"
    ACT = "act"
    WATCH = "watch"
    ON_PLAN = "on_plan"


@dataclass(frozen=True, slots=True)
class ProjectJudged:
    """A project. `verdict` None: it is closed, has no plan, or nothing of today is judged yet. `total` leaves out what does not count."""

    open: bool
    held: bool  # by an incident
    verdict: Verdict | None
    step: Step | None
    silence: Evidence | None
    cusum: Cusum
    cause: Cause | None
    total: Total
    forecast: Reforecast | None  # of the rest of the day
    expected: float | None  # contacts of the whole day
    expected_erlangs: float | None  # in the running interval, by the forecast
    alone: int | None  # agents it needs if it shares none with the rest of its group
    eligible: Mapping[State, int]
    contact_day: ContactDay | None = None  # of outbound work, the day that was judged last


@dataclass(frozen=True, slots=True)
class GroupJudged:
    """A group: what it needs, and who is there for calls now."""

    held: bool
    need: Need | None
    staffed_now: int | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything. `states` has what could be judged: True while it holds and nothing else speaks for it; `muted` what something else says."""

    projects: Mapping[str, ProjectJudged] = field(default_factory=dict)
    groups: Mapping[str, GroupJudged] = field(default_factory=dict)
    states: Mapping[Key, bool] = field(default_factory=dict)
    holding: tuple[Holding, ...] = ()
    muted: Mapping[Key, Key] = field(default_factory=dict)
