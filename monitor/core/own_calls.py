"""Calls of people's own: those that came from no queue, and whom they call for a project over one.

Owns which channel is whose own call, and which attempt goes on over it. Refuses knowing why it is one (`switchboard`). Next: `agents` ranks these facts.
"""

from __future__ import annotations

from collections.abc import Callable

from monitor.core.agents import Agent
from monitor.core.contacts import Attempt
from monitor.core.timesheet import Timesheet


class OwnCalls:
    """All of them, by PBX and channel; `review` brings a person's state into line after each change."""

    def __init__(self, timesheet: Timesheet, review: Callable[[Agent, int], None]) -> None:
        self._timesheet = timesheet
        self._review = review
        self.whose: dict[tuple[str, str], Agent] = {}
        self._over: dict[tuple[str, str], str] = {}  # by the leg of whom they call, over which of their calls

    def begin(self, agent: Agent, pbx: str, call: str, at: int) -> None:
        """A call of the agent that came from no queue is up or being dialled."""
        if (pbx, call) in self.whose:
            return
        self._timesheet.settle(agent, at)
        self.whose[pbx, call] = agent
        agent.own_calls.add((pbx, call))
        agent.unexplained = False
        self._review(agent, at)

    def over(self, pbx: str, call: str, at: int) -> None:
        """That call is over, whatever its channel is called by now."""
        agent = self.whose.get((pbx, call))
        if agent is not None:
            self._timesheet.settle(agent, at)
            self.drop(pbx, call)
            self._review(agent, at)

    def drop(self, pbx: str, call: str) -> None:
        """The channel is something else now."""
        agent = self.whose.pop((pbx, call), None)
        if agent is not None:
            agent.own_calls.discard((pbx, call))
            for leg in self._legs(pbx, call):
                del self._over[leg], agent.dialling[leg]

    def hand_over(self, pbx: str, call: str, heir: Agent) -> None:
        """The phone is another person's now."""
        agent = self.whose[pbx, call]
        agent.own_calls.discard((pbx, call))
        heir.own_calls.add((pbx, call))
        self.whose[pbx, call] = heir
        for leg in self._legs(pbx, call):
            heir.dialling[leg] = agent.dialling.pop(leg)

    def _legs(self, pbx: str, call: str) -> list[tuple[str, str]]:
        """Those called over it."""
        return [leg for leg, over in self._over.items() if over == call and leg[0] == pbx]

    def dials(self, agent: Agent, attempt: Attempt, call: str, at: int) -> None:
        """Over this call of theirs they call somebody for a project."""
        self.begin(agent, attempt.pbx, call, at)
        self._timesheet.settle(agent, at)
        leg = attempt.pbx, attempt.leg
        agent.dialling[leg], self._over[leg] = attempt, call
        self._review(agent, at)

    def dialled(self, attempt: Attempt, at: int) -> None:
        """That attempt is over, however it ended; the call itself goes on."""
        leg = attempt.pbx, attempt.leg
        call = self._over.pop(leg, None)
        if call is not None:
            agent = self.whose[attempt.pbx, call]
            self._timesheet.settle(agent, at)
            del agent.dialling[leg]
            self._review(agent, at)
