"""Incidents: what everybody knows is wrong, and for whom people and volume are not to be judged by the plan.

Owns the kinds, the scope (site, client, project, group or PBX), and which incidents hold a span of a project's or group's time: from
its beginning until its recovery is over. Refuses knowing of them (`config` reads announced ones, the others are told while they last).
Next: `keeping` keeps the list, `assess` leaves their intervals out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from monitor.core.contract import MINUTE, Contract, Project


class IncidentKind(StrEnum):
    """What happened."""

    AIR_RAID = "air_raid"
    POWER = "power"
    PBX = "pbx"
    TRUNK = "trunk"
    HOLIDAY = "holiday"
    ANNOUNCED = "announced"
    OTHER = "other"


class ScopeKind(StrEnum):
    """Whom it concerns."""

    SITE = "site"
    CLIENT = "client"
    PROJECT = "project"
    GROUP = "group"
    PBX = "pbx"


@dataclass(frozen=True, slots=True)
class Scope:
    """Everybody, or the one of that kind and name. As text: `site`, `client:Bank`, `group:floor`."""

    kind: ScopeKind = ScopeKind.SITE
    name: str = ""

    @classmethod
    def of(cls, text: str) -> Scope:
        """The scope a text means; ValueError says what it may be."""
        kind, _, name = text.partition(":")
        try:
            scope = cls(ScopeKind(kind), name)
        except ValueError:
            scope = None
        if scope is None or bool(name) is (scope.kind is ScopeKind.SITE):
            raise ValueError("is not a scope; write site, or client:, project:, group: or pbx: and a name")
        return scope

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else self.kind.value

    def known(self, contract: Contract) -> bool:
        """Whether the contract has it."""
        names: Mapping[ScopeKind, Iterable[str]] = {
            ScopeKind.SITE: ("",),
            ScopeKind.CLIENT: {project.client for project in contract.projects},
            ScopeKind.PROJECT: contract.project,
            ScopeKind.GROUP: contract.group,
            ScopeKind.PBX: contract.pbxs,
        }
        return self.name in names[self.kind]

    def holds_project(self, project: Project, contract: Contract) -> bool:
        """Whether it concerns the project's volume."""
        if self.kind is ScopeKind.PBX:
            return self.name in contract.pbxs_of[project.name]
        return self.name == {ScopeKind.SITE: "", ScopeKind.CLIENT: project.client, ScopeKind.PROJECT: project.name, ScopeKind.GROUP: project.group}[self.kind]

    def holds_group(self, group: str, contract: Contract) -> bool:
        """Whether it concerns the group's people: all of them, not those of one client of several."""
        if self.kind in (ScopeKind.SITE, ScopeKind.GROUP):
            return self.name in ("", group)
        own = contract.projects_of[group]
        return bool(own) and all(self.holds_project(project, contract) for project in own)


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident. `until` None: it lasts. Recovery is the time after it in which the floor is not yet as it was."""

    id: str
    kind: IncidentKind
    scope: Scope
    since: int
    until: int | None = None
    recovery_us: int = 15 * MINUTE
    note: str = ""
    who: str = ""

    @property
    def over_at(self) -> int | None:
        """When its recovery is over too."""
        return None if self.until is None else self.until + self.recovery_us

    def active(self, at: int) -> bool:
        """Whether it lasts, recovery left out."""
        return self.since <= at and (self.until is None or at < self.until)

    def touches(self, start: int, end: int) -> bool:
        """Whether any part of `[start, end)` is in it or its recovery."""
        over = self.over_at
        return self.since < end and (over is None or start < over)


class Incidents:
    """The incidents that matter still: those of the configuration, and those opened and closed while the daemon runs."""

    def __init__(self) -> None:
        self.opened: dict[str, Incident] = {}
        self.number = 0

    def open(self, incident: Incident) -> Incident:
        """It begins; it gets a number of its own."""
        self.number += 1
        numbered = replace(incident, id=str(self.number))
        self.opened[numbered.id] = numbered
        return numbered

    def close(self, name: str, at: int) -> Incident | None:
        """It has ended; None if there is none of that number that lasts."""
        incident = self.opened.get(name)
        if incident is None or incident.until is not None:
            return None
        closed = self.opened[name] = replace(incident, until=max(at, incident.since))
        return closed

    def forget(self, before: int) -> None:
        """What was over before then matters no more."""
        self.opened = {name: one for name, one in self.opened.items() if one.over_at is None or one.over_at > before}

    def shift(self, step: int) -> None:
        """Civil time stepped."""
        moved = {name: replace(one, since=one.since + step, until=None if one.until is None else one.until + step) for name, one in self.opened.items()}
        self.opened = moved

    def all(self, contract: Contract) -> tuple[Incident, ...]:
        """Announced ones and told ones, by their beginning."""
        return tuple(sorted((*contract.incidents, *self.opened.values()), key=lambda one: (one.since, one.id)))
