"""Incidents: what everybody knows is wrong, and for whom people and volume are not to be judged by the plan.

Owns the kinds, the scope (site, client, project, group or PBX), and which incidents hold a span of a project's or group's time: from
its beginning until its recovery is over. Refuses knowing of them (`config` reads announced ones, `incident_log` keeps what people tell while
they last) and counting people (`muster`). Next: `assess` leaves their intervals out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from monitor.core.contract import MINUTE, Contract, Project
from monitor.core.muster import Concern, Figures

if TYPE_CHECKING:
    from monitor.core.chronicle import IncidentTold

NOTE = 200  # letters


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

    def names(self, contract: Contract) -> tuple[str, ...]:
        """The names there are of its kind."""
        names: Mapping[ScopeKind, Iterable[str]] = {
            ScopeKind.SITE: ("",),
            ScopeKind.CLIENT: dict.fromkeys(project.client for project in contract.projects),
            ScopeKind.PROJECT: contract.project,
            ScopeKind.GROUP: contract.group,
            ScopeKind.PBX: contract.pbxs,
        }
        return tuple(names[self.kind])

    def known(self, contract: Contract) -> bool:
        """Whether the contract has it."""
        return self.name in self.names(contract)

    def concern(self, contract: Contract) -> Concern:
        """Whose people and callers it is about. People of a group that works for several clients are everybody's."""
        projects = [project for project in contract.projects if self.holds_project(project, contract)]
        groups = contract.group if self.kind is ScopeKind.SITE else {project.group for project in projects}
        own = {self.name} if self.kind is ScopeKind.GROUP else set()
        return Concern(frozenset({*groups, *own}), frozenset(project.name for project in projects), self.name if self.kind is ScopeKind.PBX else None)

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


class Stage(StrEnum):
    """How far it is: not begun, lasting, over but not yet as it was, over."""

    AHEAD = "ahead"
    ACTIVE = "active"
    RECOVERY = "recovery"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident. `until` None: it lasts. Recovery is the time after it in which the floor is not yet as it was.

    `who` told of it and `closed_by` of its end, empty where the configuration does.
    """

    id: str
    kind: IncidentKind
    scope: Scope
    since: int
    until: int | None = None
    recovery_us: int = 15 * MINUTE
    note: str = ""
    who: str = ""
    closed_by: str = ""

    @classmethod
    def of(cls, told: IncidentTold) -> Incident:
        """One that people told, from its record."""
        kind, scope = IncidentKind(told.kind), Scope.of(told.scope)
        return cls(told.number, kind, scope, told.since, told.until, told.recovery_us, told.note, told.who, told.closed_by)

    @property
    def over_at(self) -> int | None:
        """When its recovery is over too."""
        return None if self.until is None else self.until + self.recovery_us

    def stage(self, at: int) -> Stage:
        """How far it is at `at`."""
        if at < self.since:
            return Stage.AHEAD
        if self.until is None or at < self.until:
            return Stage.ACTIVE
        return Stage.RECOVERY if at < self.until + self.recovery_us else Stage.OVER

    def active(self, at: int) -> bool:
        """Whether it lasts, recovery left out."""
        return self.stage(at) is Stage.ACTIVE

    def touches(self, start: int, end: int) -> bool:
        """Whether any part of `[start, end)` is in it or its recovery."""
        over = self.over_at
        return self.since < end and (over is None or start < over)


def holding_project(incidents: Iterable[Incident], project: Project, contract: Contract, start: int, end: int) -> tuple[Incident, ...]:
    """The incidents for which a span of a project's time is not to be judged."""
    return tuple(one for one in incidents if one.touches(start, end) and one.scope.holds_project(project, contract))


def holding_group(incidents: Iterable[Incident], group: str, contract: Contract, start: int, end: int) -> tuple[Incident, ...]:
    """The same for a group's people: those about all of it, or several that hold each of its projects (a holiday in several zones)."""
    near = [one for one in incidents if one.touches(start, end)]
    held = tuple(one for one in near if one.scope.holds_group(group, contract))
    own = contract.projects_of[group]
    if held or not own:
        return held
    each = [holding_project(near, project, contract, start, end) for project in own]
    return tuple(dict.fromkeys(one for found in each for one in found)) if all(each) else ()


@dataclass(frozen=True, slots=True)
class IncidentView:
    """An incident as it is shown; `figures` of now while it lasts and recovers, None where its beginning was not seen."""

    incident: Incident
    stage: Stage
    announced: bool
    figures: Figures | None = None
