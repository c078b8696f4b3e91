"""Whether a person's devices can be reached, and whether they are in use by a call that somebody told of.

Owns what a device's state means for the person and the two timers that come of it: out of reach for longer than the group lets pass, in use for
a second without a call. Refuses the state in force (`staff` reviews it). Next: `staff` for members, `devices` for people in no queue.
"""

from __future__ import annotations

from monitor.core.agents import IN_USE_STATUS, UNREACHABLE_STATUS, Agent, Membership
from monitor.core.contract import SECOND
from monitor.core.timers import Due, Timers

UNEXPLAINED_US = 1 * SECOND
UNREACHABLE_GRACE_US = 60 * SECOND


def grace(agent: Agent) -> int:
    """How long the agent's device may be unreachable before they have left the floor."""
    return UNREACHABLE_GRACE_US if agent.group is None else agent.group.unreachable_grace_us


class Reach:
    """Takes in the states of devices."""

    def __init__(self, timers: Timers) -> None:
        self._timers = timers

    def member(self, agent: Agent, place: Membership, status: int, at: int) -> None:
        """A member's device: one device, one status, in whichever queue it was reported."""
        for other in agent.places():
            if other.queue.pbx == place.queue.pbx and other.interface == place.interface:
                other.status = status
        self.weigh(agent, place.queue.pbx, status, at)

    def weigh(self, agent: Agent, pbx: str, status: int, at: int) -> None:
        """What the new state of one device on this PBX makes of the person."""
        if status in UNREACHABLE_STATUS and not agent.reachable():
            if agent.unreachable_since is None:
                agent.unreachable_since = at if agent.state is not None else at - grace(agent)
                self._timers.set(at + grace(agent), Due.UNREACHABLE, agent)
        else:
            agent.unreachable_since = None
        if status in IN_USE_STATUS:
            if not agent.explained(pbx):
                self._timers.set(at + UNEXPLAINED_US, Due.UNEXPLAINED, (agent, pbx))
        elif not agent.in_use():
            agent.unexplained = False
