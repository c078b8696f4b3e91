"""What holds of a group's people right now: one rule per condition.

As `project_rules`, about agents: staffing against need over the last 15 closed minutes, occupancy, pauses, rings, devices. Refuses naming
people: a condition counts them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import exp, sqrt
from statistics import NormalDist
from typing import Final

from monitor.assess.conditions import Condition, Finding
from monitor.assess.needs import Need
from monitor.assess.occupancy import Time
from monitor.core.book import OBSERVED
from monitor.core.contract import SECOND, Group, RingCountsAs
from monitor.core.limits import Limits
from monitor.core.snapshot import AgentView, Span, State

_NORMAL = NormalDist()

AT_WORK: Final = frozenset({State.TALK, State.HOLD, State.DIALING, State.OFFLINE, State.RING, State.WRAPUP, State.AVAILABLE})


@dataclass(frozen=True, slots=True)
class GroupLook:
    """A group as the rules see it. What is None is not known."""

    at: int
    group: Group
    limits: Limits
    ring: RingCountsAs
    quarter: Span
    agents: tuple[AgentView, ...]
    need: Need | None
    unanswered: int  # rings let pass in the last 15 minutes, and contacts answered in them
    answered: int
    lost: int  # people whose devices went away a short while ago, of so many who were there
    there: int
    away: int  # of people who went away together, not back yet

    @property
    def staffed(self) -> float | None:
        """Agents there for calls, on average of the quarter; None if it was not seen well."""
        observed = self.quarter.sums[OBSERVED]
        length = self.quarter.end - self.quarter.start
        if length <= 0 or observed < self.limits.least_observed * length:
            return None
        return Time.of(self.quarter.sums[OBSERVED + 1 :]).staffed(self.ring) / observed

    @property
    def free(self) -> float | None:
        """Of them, how many were free, on average."""
        observed = self.quarter.sums[OBSERVED]
        return Time.of(self.quarter.sums[OBSERVED + 1 :]).available / observed if observed else None

    @property
    def occupancy(self) -> float | None:
        """Of the quarter, as the site counts ringing."""
        return Time.of(self.quarter.sums[OBSERVED + 1 :]).occupancy(self.ring)

    @property
    def staffed_now(self) -> int:
        """Agents there for calls now."""
        return sum(agent.state in AT_WORK for agent in self.agents)


Rule = Callable[[GroupLook, bool], Finding | None]


def _understaffed(look: GroupLook, holds: bool) -> Finding | None:
    """Fewer than needed on average of the quarter, and still."""
    staffed, need = look.staffed, look.need
    if staffed is None or need is None:
        return None
    now, required = look.staffed_now, need.now.net
    short = now <= required and staffed < required - 0.5 if holds else now < required and staffed <= required - 1
    return Finding(short, {"staffed": staffed, "now": now, "required": required})


def _overstaffed(look: GroupLook, holds: bool) -> Finding | None:
    """More than this interval and the next need, and so many of them free that somebody can go."""
    staffed, need = look.staffed, look.need
    if staffed is None or need is None:
        return None
    required, least = max(need.now.net, need.next.net), 1 if holds else look.limits.surplus_agents
    free = look.free or 0.0
    surplus = min(int(staffed + 1e-9), look.staffed_now) - required
    return Finding(surplus >= least and free >= least, {"staffed": staffed, "required": required, "surplus": surplus, "free": free})


def _busy(look: GroupLook, holds: bool) -> Finding | None:
    """Above the limit by more than chance does; over once it is at it again."""
    ratio, staffed = look.occupancy, look.staffed
    if ratio is None or staffed is None or staffed < 1:
        return None
    limit = look.group.max_occupancy
    beyond = 0.0 if holds else _by_chance(look, limit * staffed) / staffed
    return Finding(ratio > min(limit + beyond, 1 - 1e-9), {"ratio": ratio, "limit": limit, "staffed": staffed})


def _idle(look: GroupLook, holds: bool) -> Finding | None:
    """Below the limit, by more than chance does, and below what as many agents as are needed would have: a small group cannot run hot."""
    ratio, staffed = look.occupancy, look.staffed
    if ratio is None or staffed is None or staffed < 1 or look.need is None:
        return None
    limit = look.group.min_occupancy if look.need.achievable is None else min(look.group.min_occupancy, look.need.achievable)
    beyond = 0.0 if holds else _by_chance(look, limit * staffed) / staffed
    return Finding(ratio < limit - beyond, {"ratio": ratio, "limit": limit, "staffed": staffed})


def _by_chance(look: GroupLook, erlangs: float) -> float:
    """How far the mean number of busy agents over the window strays by chance, at `guard_p`.

    Of the time average of a busy number with mean a and exponential handling time h over T: variance `2 a (h/T) (1 - (h/T) (1 - e^(-T/h)))`.
    """
    aht_s, window_s = (0.0 if look.need is None else look.need.aht_seconds), (look.quarter.end - look.quarter.start) / SECOND
    if aht_s <= 0 or window_s <= 0:
        return 0.0
    part = aht_s / window_s
    return _NORMAL.inv_cdf(1 - look.limits.guard_p) * sqrt(2 * erlangs * part * (1 - part * (1 - exp(-1 / part))))


def _pauses(look: GroupLook, _holds: bool) -> Finding:
    over = []
    for agent in look.agents:
        reason = look.group.pause_reason(agent.reason) if agent.state in (State.PAUSED, State.OFFLINE) else None
        if reason is not None and reason.limit_us is not None and look.at - agent.since > reason.limit_us:
            over.append((look.at - agent.since - reason.limit_us, reason.name, reason.limit_us))
    beyond, name, limit = max(over, default=(0, "", 0))
    return Finding(bool(over), {"agents": len(over), "reason": name, "minutes": (beyond + limit) / SECOND / 60, "limit": limit / SECOND / 60})


def _unanswered(look: GroupLook, holds: bool) -> Finding:
    """Many, and a large share; over at half of either."""
    rings, part = look.unanswered + look.answered, 0.5 if holds else 1.0
    many = look.unanswered >= part * look.limits.ring_no_answers and look.unanswered >= part * look.limits.ring_no_answer_ratio * rings
    return Finding(many, {"unanswered": look.unanswered, "rings": rings})


def _stuck(look: GroupLook, _holds: bool) -> Finding:
    ages = [look.at - agent.since for agent in look.agents if agent.state in (State.TALK, State.HOLD)]
    stuck = [age for age in ages if age > look.limits.stuck_call_us]
    return Finding(bool(stuck), {"calls": len(stuck), "minutes": max(stuck, default=0) / SECOND / 60, "limit": look.limits.stuck_call_us / SECOND / 60})


def _disconnected(look: GroupLook, _holds: bool) -> Finding:
    """Many at once; until most of them are back, though nobody was seen for a while."""
    many = look.lost >= look.limits.disconnect_agents and look.lost >= look.limits.disconnect_ratio * look.there - 1e-9
    lost = max(look.lost, look.away)
    figures = {"lost": lost, "there": max(look.there, look.there - look.lost + lost), "minutes": look.limits.disconnect_us / SECOND / 60}
    return Finding(many or look.away >= look.limits.disconnect_agents, figures)


STAFFED: Final[Mapping[Condition, Rule]] = {  # while a project of the group is open
    Condition.UNDERSTAFFED: _understaffed,
    Condition.OVERSTAFFED: _overstaffed,
    Condition.OCCUPANCY_TOO_HIGH: _busy,
    Condition.OCCUPANCY_TOO_LOW: _idle,
    Condition.RING_NO_ANSWER_STORM: _unanswered,
    Condition.MASS_DISCONNECT: _disconnected,
    Condition.PAUSE_TOO_LONG: _pauses,
}
ALWAYS: Final[Mapping[Condition, Rule]] = {Condition.STUCK_CALL: _stuck}
