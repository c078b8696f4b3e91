"""What people are called where their names are not shown: `floor 7`.

Owns the numbering: per group, in the order of first appearance, the same for as long as the daemon lives. Refuses to say anything of
a name, an extension or an employee id. Next: `api` shows it.
"""

from __future__ import annotations

from monitor.core.snapshot import AgentView

NO_GROUP = "no group"


class Aliases:
    """One alias per person and group; it grows with the people ever seen and with nothing else."""

    def __init__(self) -> None:
        self._given: dict[tuple[str | None, str], str] = {}
        self._last: dict[str | None, int] = {}

    def of(self, agent: AgentView) -> str:
        """The alias of this person, given now if there was none."""
        return self.of_id(agent.group, agent.id)

    def of_id(self, group: str | None, person: str) -> str:
        """The same, by what the person is known by."""
        key = (group, person)
        alias = self._given.get(key)
        if alias is None:
            self._last[group] = number = self._last.get(group, 0) + 1
            alias = self._given[key] = f"{NO_GROUP if group is None else group} {number}"
        return alias
