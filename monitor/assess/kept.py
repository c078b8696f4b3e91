"""What must be remembered of one project from one second to the next, and how it stands among the others.

Owns the shape, its `Standing` (`reading` compares those), and the share of its callers that comes through on good days. Refuses the order of
judging and conditions (`accruals`). Next: `accruals` keeps one of these per project.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from monitor.assess import detect, door
from monitor.assess.comeback import Comeback
from monitor.assess.dead import DeadTime
from monitor.assess.detect import Evidence, Total
from monitor.assess.dialling import Dialling
from monitor.assess.judgement import ProjectJudged
from monitor.assess.needs import Expected
from monitor.assess.passage import Passage
from monitor.assess.reading import Standing
from monitor.assess.second import Second
from monitor.assess.today import Today
from monitor.core.contract import MINUTE, Project


@dataclass(slots=True)
class Kept:
    """Of one project, from one second to the next."""

    today: Today
    seen: tuple[object, ...] | None = None  # what its closed intervals depended on when they were last looked through
    followed: int = 0  # when nothing was left to look through
    dead: DeadTime = field(default_factory=DeadTime)
    comeback: Comeback = field(default_factory=Comeback)
    dialling: Dialling = field(default_factory=Dialling)
    passage: Passage = field(default_factory=Passage)
    unattended_us: int = 0  # of today, in opening hours
    looked_at: int | None = None
    opened_at: int | None = None  # None while it is closed
    quiet_since: int = 0
    said_since: int = 0  # the silence that is said began
    silence: Evidence | None = None
    standing: Standing | None = None  # among the others, today; None: out of sight
    judged: ProjectJudged | None = None
    demand: Expected | None = None
    alone: int | None = None  # agents needed, as of then
    alone_at: int | None = None


def learn(second: Second, project: Project, kept: Kept) -> None:
    """What share of those who dialled it came through, of a day that ends and on which nothing was missing."""
    step = kept.today.step
    if step is not None and not (step.lost.holds or step.lost.now or kept.today.drifted):
        kept.passage.learn(door.arrived(second.trunks, project.name, kept.today) or 0, kept.today.total.n)


def standing(second: Second, project: Project, kept: Kept, days: Sequence[Total]) -> Standing:
    """The project among the others over these days, today so far the last."""
    step, quiet, limits = kept.today.step, kept.silence, second.contract.limits
    planned = sum(day.f for day in days)
    low = (step is not None and (step.lost.holds or step.lost.now)) or kept.today.drifted
    silent = quiet is not None and quiet.loss < limits.watch_p
    asked = project.name, kept.today, quiet if silent else None, kept.quiet_since
    own = door.unattended(kept.today, kept.unattended_us) or ((low or silent) and door.refuses(second.refusals, *asked))
    strayed = door.strayed(second.trunks, kept.passage, *asked, second.snapshot.at) if (low or silent) and not own else None
    return Standing(
        project=project.name,
        client=project.client,
        pbxs=second.contract.pbxs_of[project.name],
        n=sum(day.n for day in days),
        f=planned,
        k=detect.joint_shape((day.f, project.dispersion) for day in days) if planned > 0 else project.dispersion,
        low=low,
        silent=silent,
        own=own or strayed is not None,
        since=kept.quiet_since // MINUTE * MINUTE if quiet is not None else 0,
        strayed=strayed,
    )
