"""The contract as a recording carries it: one line of JSON, under pseudonyms, and back.

Owns that shape. What a person's or a group's name or pattern means has to survive without the name: texts are replaced one by one, and
a pattern by the texts it was seen to match, which `Claims` gathers while a recording is made. Plans, prices, addresses and secrets are
no part of it. Refuses checking (`config` did) and files. Next: `taping` writes it, `recording` reads it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any
from zoneinfo import ZoneInfo

from monitor.core.contract import (
    Contract,
    Formula,
    Group,
    Hours,
    PauseClass,
    PauseReason,
    Person,
    Presence,
    Project,
    QueueId,
    RingCountsAs,
    ServiceLevel,
)
from monitor.core.events import Event, MemberSeen, SnapshotTaken
from monitor.sources.pseudonyms import Pseudonyms

NOBODY = "!"  # stands for patterns of which nothing was seen: it matches no pseudonym


def of_pbx(contract: Contract, pbx: str) -> Contract:
    """What of a contract concerns one PBX: the projects with queues on it, those queues alone."""
    own = [(project, tuple(queue for queue in project.queues if queue.pbx == pbx)) for project in contract.projects]
    return replace(contract, pbxs=(pbx,), projects=tuple(replace(project, queues=queues) for project, queues in own if queues))


def renamed(contract: Contract, names: Pseudonyms) -> Contract:
    """The same contract under pseudonyms; groups with patterns claim nobody yet."""
    return replace(
        contract,
        site=names.name(contract.site),
        pbxs=tuple(names.name(pbx) for pbx in contract.pbxs),
        groups=tuple(
            replace(
                group,
                name=names.name(group.name),
                members=(NOBODY,) if group.members else (),
                pause_reasons=tuple(
                    replace(reason, name=names.name(reason.name), project=None if reason.project is None else names.name(reason.project))
                    for reason in group.pause_reasons
                ),
            )
            for group in contract.groups
        ),
        projects=tuple(
            replace(
                project,
                name=names.name(project.name),
                client=names.name(project.client),
                group=names.name(project.group),
                queues=tuple(QueueId(names.name(queue.pbx), names.name(queue.name)) for queue in project.queues),
                dids=frozenset(names.name(did) for did in project.dids),
            )
            for project in contract.projects
        ),
        people=tuple(
            Person(
                names.name(person.id),
                names.name(person.name),
                tuple(_interface(interface, contract.pbxs, names) for interface in person.interfaces),
                None if person.group is None else names.name(person.group),
            )
            for person in contract.people
        ),
    )


def _interface(text: str, pbxs: tuple[str, ...], names: Pseudonyms) -> str:
    pbx, colon, interface = text.partition(":")
    return f"{names.name(pbx)}:{names.device(interface)}" if colon and pbx in pbxs else names.device(text)


class Claims:
    """Which members' texts the groups' patterns match; each is told once."""

    def __init__(self, contract: Contract) -> None:
        self._groups = [group for group in contract.groups if group.members]
        self._seen: set[str] = set()

    def of(self, event: Event) -> Iterator[tuple[str, str]]:
        """Group and text, for what is new in an event."""
        members = event.members if isinstance(event, SnapshotTaken) else (event,) if isinstance(event, MemberSeen) else ()
        for member in members:
            for text in (member.interface, member.member):
                if text in self._seen:
                    continue
                self._seen.add(text)
                for group in self._groups:
                    if any(fnmatchcase(text, pattern) for pattern in group.members):
                        yield group.name, text


def claimed(contract: Contract, claims: dict[str, list[str]]) -> Contract:
    """The contract whose groups claim these members' texts besides."""
    groups = tuple(replace(group, members=(*group.members, *claims.get(group.name, ()))) if group.members else group for group in contract.groups)
    return replace(contract, groups=groups)


# --- JSON ---------------------------------------------------------------------------------------------------------------------------


def dump(contract: Contract) -> str:
    """The contract in one line."""
    return json.dumps(
        {
            "site": contract.site,
            "timezone": str(contract.zone),
            "interval_us": contract.interval_us,
            "ring_counts_as": contract.ring_counts_as,
            "pbxs": contract.pbxs,
            "groups": [_group(group) for group in contract.groups],
            "projects": [_project(project) for project in contract.projects],
            "people": [[person.id, person.name, person.interfaces, person.group] for person in contract.people],
        },
        separators=(",", ":"),
    )


def _group(group: Group) -> dict[str, Any]:
    return {
        "name": group.name,
        "members": group.members,
        "presence": group.presence,
        "unreachable_grace_us": group.unreachable_grace_us,
        "occupancy": [group.min_occupancy, group.max_occupancy],
        "pause_reasons": [[reason.name, reason.kind, reason.limit_us, reason.project] for reason in group.pause_reasons],
    }


def _project(project: Project) -> dict[str, Any]:
    level = project.service_level
    return {
        "name": project.name,
        "client": project.client,
        "group": project.group,
        "queues": [[queue.pbx, queue.name] for queue in project.queues],
        "timezone": str(project.zone),
        "dids": sorted(project.dids),
        "hours": [project.hours.week, sorted(project.hours.closed)],
        "wrapup_us": project.wrapup_us,
        "short_us": project.short_us,
        "aht_us": project.aht_us,
        "service_level": [level.threshold_us, level.target, level.formula],
    }


def load(text: str) -> Contract:
    """The contract of that line; ValueError, KeyError or TypeError when it is none."""
    told = json.loads(text)
    return Contract(
        site=told["site"],
        zone=ZoneInfo(told["timezone"]),
        interval_us=told["interval_us"],
        ring_counts_as=RingCountsAs(told["ring_counts_as"]),
        agent_metrics=False,
        pbxs=tuple(told["pbxs"]),
        groups=tuple(
            Group(
                each["name"],
                tuple(each["members"]),
                Presence(each["presence"]),
                each["unreachable_grace_us"],
                min_occupancy=each["occupancy"][0],
                max_occupancy=each["occupancy"][1],
                pause_reasons=tuple(PauseReason(name, PauseClass(kind), limit_us, project) for name, kind, limit_us, project in each["pause_reasons"]),
            )
            for each in told["groups"]
        ),
        projects=tuple(_loaded(each) for each in told["projects"]),
        people=tuple(Person(key, name, tuple(interfaces), group) for key, name, interfaces, group in told["people"]),
    )


def _loaded(told: dict[str, Any]) -> Project:
    week, closed = told["hours"]
    threshold_us, target, formula = told["service_level"]
    return Project(
        told["name"],
        told["client"],
        told["group"],
        tuple(QueueId(pbx, name) for pbx, name in told["queues"]),
        ZoneInfo(told["timezone"]),
        frozenset(told["dids"]),
        Hours(tuple(tuple((start, end) for start, end in day) for day in week), frozenset(closed)),
        told["wrapup_us"],
        told["short_us"],
        told["aht_us"],
        ServiceLevel(threshold_us, target, Formula(formula)),
    )


def one_project_per_queue(pbx: str, queues: list[str]) -> Contract:
    """What stands in where nobody wrote a contract: every queue is a project, everybody is one group."""
    return Contract(pbxs=(pbx,), groups=(Group("everybody"),), projects=tuple(Project(queue, queue, "everybody", (QueueId(pbx, queue),)) for queue in queues))
