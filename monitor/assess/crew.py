"""What must be remembered of a group so that its people can be judged.

Owns the last quarter of an hour of what no book keeps (rings let pass, devices that went away), and the group's need, asked for once a minute.
Refuses judging (`group_rules`). Next: `accruals` keeps one of these per group.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from monitor.assess import needs
from monitor.assess.group_rules import GroupLook
from monitor.assess.needs import Expected, Need
from monitor.core.contract import MINUTE, Contract, Group, Project
from monitor.core.counters import Contacts
from monitor.core.limits import Limits
from monitor.core.snapshot import AgentView, Snapshot, State, Window

QUARTER_US: Final = 15 * MINUTE
LONGEST_US: Final = 60 * MINUTE  # who is not back by then has gone home


class Crew:
    """Of one group; `need` None: nothing is known of it."""

    def __init__(self) -> None:
        self.need: Need | None = None
        self._needed_at: int | None = None
        self._rings: list[tuple[int, int, int]] = []  # by minute: rings let pass and contacts answered until then
        self._gone: dict[str, int] = {}  # since when somebody's devices are away
        self._together: dict[str, int] = {}  # of them who went away together and are not back

    def shift(self, step: int) -> None:
        """Civil time stepped."""
        self._rings = [(at + step, missed, answered) for at, missed, answered in self._rings]
        self._gone = {person: at + step for person, at in self._gone.items()}
        self._together = {person: at + step for person, at in self._together.items()}
        self.forget_need()

    def forget_need(self) -> None:
        """It has to be asked for anew."""
        self._needed_at = None

    def due(self, at: int) -> bool:
        """Whether to ask for the need."""
        return self._needed_at is None or at - self._needed_at >= MINUTE

    def ask(self, group: Group, contract: Contract, demands: Mapping[str, Expected], at: int) -> None:
        """The need for what is expected."""
        self.need, self._needed_at = needs.need(group, contract, demands), at

    def look(self, group: Group, contract: Contract, snapshot: Snapshot, agents: tuple[AgentView, ...]) -> GroupLook:
        """The group as its rules see it."""
        unanswered, answered = self._rung(snapshot, group, contract.projects_of[group.name])
        lost, there = self._lost(agents, snapshot.at, contract.limits)
        return GroupLook(
            at=snapshot.at,
            group=group,
            limits=contract.limits,
            ring=contract.ring_counts_as,
            quarter=snapshot.groups[group.name][Window.QUARTER],
            agents=agents,
            need=self.need,
            unanswered=unanswered,
            answered=answered,
            lost=lost,
            there=there,
            away=len(self._together),
        )

    def _rung(self, snapshot: Snapshot, group: Group, projects: Sequence[Project]) -> tuple[int, int]:
        """Rings let pass and contacts answered in the last 15 minutes, by the counters."""
        at, counters = snapshot.at, snapshot.counters
        missed = counters.ring_no_answer.get(group.name, 0)
        answered = sum(row[Contacts.ANSWERED] for project in projects if (row := counters.contacts.get(project.name)) is not None)
        if not self._rings or at - self._rings[-1][0] >= MINUTE:
            self._rings.append((at, missed, answered))
        while len(self._rings) > 1 and self._rings[1][0] <= at - QUARTER_US:
            del self._rings[0]
        return missed - self._rings[0][1], answered - self._rings[0][2]

    def _lost(self, agents: Iterable[AgentView], at: int, limits: Limits) -> tuple[int, int]:
        """People whose devices went away within the last moments, and how many were there with them; who is at lunch may take his phone along."""
        reachable = 0
        for agent in agents:
            if agent.state is State.PAUSED:
                continue
            if agent.unreachable_since is not None:
                self._gone.setdefault(agent.id, agent.unreachable_since)
            else:
                reachable += 1
                self._gone.pop(agent.id, None)
                self._together.pop(agent.id, None)
        self._gone = {person: since for person, since in self._gone.items() if at - since <= limits.disconnect_us}
        lost, there = len(self._gone), reachable + len(self._gone)
        if lost >= limits.disconnect_agents and lost >= limits.disconnect_ratio * there - 1e-9:
            self._together |= self._gone
        self._together = {person: since for person, since in self._together.items() if at - since <= LONGEST_US}
        return lost, there
