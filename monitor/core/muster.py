"""Who is still there: the people an incident found on the floor, and where they are now.

Owns the roll, taken once, when an incident begins or whoever it is about is first seen, and the figures that come of looking at the floor
again: away, still talking, back. Refuses knowing what happened or whom it concerns (`incidents` says so) and changing anything on the floor. A
person whom nobody can see is neither away nor there: `unseen`. Next: `incidents` keeps a muster for as long as an incident and its recovery last.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from monitor.core.snapshot import State
from monitor.core.view import queues_seen

if TYPE_CHECKING:
    from monitor.core.agents import Agent
    from monitor.core.floor import Floor

_MINUTE: Final = 60_000_000
JUST_BEFORE_US: Final = 2 * _MINUTE  # people run when the siren begins, and whoever says so comes after them
LATE_US: Final = _MINUTE


@dataclass(frozen=True, slots=True)
class Concern:
    """Whose people and callers are looked at; with `pbx` only those who have a phone there, and only its queues."""

    groups: frozenset[str]
    projects: frozenset[str]
    pbx: str | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """The floor against the roll. `back`: were away since the beginning and are there again; `waiting` None: not all of it is seen.

    `late`: the roll was taken later than the incident began, and whoever came in between is on it.
    """

    people: int
    away: int
    talking: int
    pausing: int
    unseen: int
    back: int
    waiting: int | None
    late: bool = False


@dataclass(slots=True)
class Muster:
    """The roll of one incident, and who of it was away at any time since. `people` None: nobody of them has been seen yet."""

    people: tuple[str, ...] | None = None
    late: bool = False
    left: set[str] = field(default_factory=set)
    ended: bool = False  # it was said that the incident is over

    def look(self, floor: Floor, concern: Concern, since: int) -> None:
        """Take the roll unless it is taken, of what began at `since`; remember who is away now."""
        if self.people is None and _has_been_seen(floor, concern):
            self.people, self.late = _roll(floor, concern, since), floor.now - since > LATE_US
        agents = floor.staff.agents
        self.left.update(one for one in self.people or () if _away(agents.get(one)))

    def figures(self, floor: Floor, concern: Concern) -> Figures | None:
        """Where everybody of the roll is now, and how many callers wait for them; None without a roll."""
        if self.people is None:
            return None
        agents = floor.staff.agents
        found = [(one, agents.get(one)) for one in self.people]
        states = [agent.state for _, agent in found if agent is not None]
        return Figures(
            people=len(self.people),
            away=sum(_away(agent) for _, agent in found),
            talking=states.count(State.TALK) + states.count(State.HOLD),
            pausing=states.count(State.PAUSED),
            unseen=states.count(State.UNOBSERVED),
            back=sum(one in self.left and not _away(agent) and not _unseen(agent) for one, agent in found),
            waiting=_waiting(floor, concern),
            late=self.late,
        )


def _has_been_seen(floor: Floor, concern: Concern) -> bool:
    """Whether a PBX of those concerned has told who is there."""
    theirs = {concern.pbx} if concern.pbx is not None else {pbx for project in concern.projects for pbx in floor.contract.pbxs_of[project]}
    return any(side.sighted for name, side in floor.sides.items() if not theirs or name in theirs)


def _roll(floor: Floor, concern: Concern, since: int) -> tuple[str, ...]:
    """Who is on the floor now or was so just before `since`, the beginning of what happened."""
    agents = floor.staff.agents.values()
    here = None if concern.pbx is None else {agent.id for (pbx, _), agent in floor.staff.by_device.items() if pbx == concern.pbx}
    ours = (one for one in agents if one.group is not None and one.group.name in concern.groups and (here is None or one.id in here))
    return tuple(one.id for one in ours if one.state is not None or 0 < one.state_since >= since - JUST_BEFORE_US)


def _away(agent: Agent | None) -> bool:
    return agent is None or agent.state is None or agent.state is State.UNREACHABLE


def _unseen(agent: Agent | None) -> bool:
    return agent is not None and agent.state is State.UNOBSERVED


def _waiting(floor: Floor, concern: Concern) -> int | None:
    if concern.pbx is None:
        seen = concern.projects <= floor.sight.projects
    else:
        side = floor.sides.get(concern.pbx)
        seen = side is not None and side.observed
    if not seen:
        return None
    views = queues_seen(floor.contract, floor.sides, floor.queueing)
    return sum(view.waiting for view in views if view.project in concern.projects and concern.pbx in (None, view.queue.pbx))
