"""Who is out of sight with a PBX, from the loss of its link until the gap is healed or given up.

Owns what that does to people: while it lasts nobody is guessed about, their time is owed; when it is committed, it was unobserved. Refuses
calls (`sighting`) and what a log tells (`recall`). Next: `floor`, at a lost link, a whole snapshot and the end of the patience with a gap.
"""

from __future__ import annotations

from monitor.core.agents import Agent
from monitor.core.sides import Gap
from monitor.core.staff import Staff
from monitor.core.timesheet import Timesheet


def awaiting(gaps: list[Gap]) -> set[int]:
    """The identities (`id`) of the agents whom a gap that is still open may yet tell about."""
    return {id(agent) for gap in gaps for agent in gap.agents}


class Outage:
    """Takes people out of sight and back."""

    def __init__(self, staff: Staff, timesheet: Timesheet) -> None:
        self._staff = staff
        self._timesheet = timesheet

    def of_pbx(self, pbx: str) -> list[Agent]:
        """Everybody with a device or a call on the PBX."""
        return [agent for agent in self._staff.agents.values() if agent.is_on(pbx)]

    def blind(self, pbx: str, at: int) -> None:
        """The PBX cannot be seen: nothing is guessed about its people."""
        for agent in self.of_pbx(pbx):
            self._timesheet.settle(agent, at)
            agent.blind.add(pbx)
            agent.uncommitted = True
            self._staff.review(agent, at)

    def sighted(self, pbx: str, at: int) -> None:
        """The PBX can be seen again."""
        for agent in self._staff.agents.values():
            if pbx in agent.blind:
                self._timesheet.settle(agent, at)
                agent.blind.discard(pbx)
                self._staff.review(agent, at)
                self._wrapup_past(agent, at)

    @staticmethod
    def close(gap: Gap, gaps: list[Gap]) -> None:
        """A log has told the gap up to its end: nothing of it is left."""
        gap.committed = True
        gaps.remove(gap)
        pending = awaiting(gaps)
        for agent in gap.agents:
            agent.uncommitted = id(agent) in pending

    def commit(self, agent: Agent, until: int, pending: bool, at: int) -> None:
        """A gap that lasted until then is final for this person; `pending`: another one is not."""
        self._timesheet.settle(agent, at)
        agent.uncommitted = pending
        self._timesheet.commit(agent, until if pending else at)
        self._wrapup_past(agent, at)

    def _wrapup_past(self, agent: Agent, at: int) -> None:
        """After-call work whose time passed unseen."""
        if agent.wrapup is not None and agent.wrapup.until <= at:
            self._staff.wrapup_over(agent, agent.wrapup, at)
