"""The contract as a recording carries it: one line of JSON, under pseudonyms, and back.

Owns that shape. What a person's or a group's name or pattern means has to survive without the name: texts are replaced one by one, and
a pattern by the texts it was seen to match, which `Claims` gathers while a recording is made. Plans, prices, addresses and secrets are
no part of it. What is read back is held against what `config` would have let pass. Refuses files. Next: `taping` writes it, `recording`
reads it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fnmatch import fnmatchcase
from typing import Any
from zoneinfo import ZoneInfo

from monitor.core.contract import (
    MINUTE,
    SECOND,
    Contract,
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
from monitor.core.devices import DeviceSeen
from monitor.core.events import Event, MemberSeen, SnapshotTaken
from monitor.core.formula import Formula
from monitor.sources.pseudonyms import Pseudonyms

INTERVALS_US = frozenset({15 * MINUTE, 30 * MINUTE, 60 * MINUTE})
DAY_S = 86_400
LONGEST = 2_000  # letters of an interface whose every part has a pseudonym
NOBODY = "!"  # stands for patterns of which nothing was seen: it matches no pseudonym


def of_pbx(contract: Contract, pbx: str) -> Contract:
    """What of a contract concerns one PBX: the projects with queues on it, those queues alone. Trunks are no part of a recording."""
    own = [(project, tuple(queue for queue in project.queues if queue.pbx == pbx)) for project in contract.projects]
    return replace(contract, pbxs=(pbx,), projects=tuple(replace(project, queues=queues) for project, queues in own if queues), trunks=())


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
        for text in _texts_of(event):
            if text in self._seen:
                continue
            self._seen.add(text)
            for group in self._groups:
                if any(fnmatchcase(text, pattern) for pattern in group.members):
                    yield group.name, text


def _texts_of(event: Event) -> Iterator[str]:
    if isinstance(event, DeviceSeen):
        yield event.device
    for member in event.members if isinstance(event, SnapshotTaken) else (event,) if isinstance(event, MemberSeen) else ():
        yield member.interface
        yield member.member


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
    """The contract of that line; ValueError, KeyError or TypeError when it is none, or one no configuration could have said."""
    try:
        told = json.loads(text)
    except RecursionError:
        raise ValueError("deeper than any contract") from None
    (pbx,) = _texts(told["pbxs"])
    contract = Contract(
        site=_text(told["site"]),
        zone=_zone(told["timezone"]),
        interval_us=_one_of(INTERVALS_US, told["interval_us"]),
        ring_counts_as=RingCountsAs(told["ring_counts_as"]),
        agent_metrics=False,
        pbxs=(pbx,),
        groups=tuple(_loaded_group(each) for each in _list(told["groups"])),
        projects=tuple(_loaded_project(each) for each in _list(told["projects"])),
        people=tuple(_loaded_person(each) for each in _list(told["people"])),
    )
    _check(contract)
    return contract


def _check(contract: Contract) -> None:
    """What is named is there, and once; what is divided by is not nought."""
    projects, groups = [project.name for project in contract.projects], [group.name for group in contract.groups]
    queues = [queue for project in contract.projects for queue in set(project.queues)]
    sound = (
        len(set(projects)) == len(projects) and len(set(groups)) == len(groups),
        all(project.group in groups and project.queues for project in contract.projects),
        all(queue.pbx == contract.pbxs[0] for queue in queues),
        all(group.max_occupancy > 0 for group in contract.groups),
        all(project.aht_us > 0 and project.service_level.threshold_us > 0 for project in contract.projects),
        all(person.group is None or person.group in groups for person in contract.people),
    )
    if not all(sound):
        raise ValueError("something is named twice, is not there, or is nought")


def _loaded_group(told: dict[str, Any]) -> Group:
    least, most = (_share(each) for each in _list(told["occupancy"]))
    return Group(
        _text(told["name"]),
        _texts(told["members"]),
        Presence(told["presence"]),
        _length(told["unreachable_grace_us"]),
        min_occupancy=least,
        max_occupancy=most,
        pause_reasons=tuple(_loaded_reason(*_list(each)) for each in _list(told["pause_reasons"])),
    )


def _loaded_reason(name: object, kind: str, limit_us: object, project: object) -> PauseReason:
    limit = None if limit_us is None else _length(limit_us)
    return PauseReason(_text(name), PauseClass(kind), limit, None if project is None else _text(project))


def _loaded_person(told: object) -> Person:
    key, name, interfaces, group = _list(told)
    return Person(_text(key), _text(name), _texts(interfaces), None if group is None else _text(group))


def _loaded_project(told: dict[str, Any]) -> Project:
    week, closed = _list(told["hours"])
    threshold_us, target, formula = _list(told["service_level"])
    queues = (_texts(each) for each in _list(told["queues"]))
    return Project(
        _text(told["name"]),
        _text(told["client"]),
        _text(told["group"]),
        tuple(QueueId(pbx, name) for pbx, name in queues),
        _zone(told["timezone"]),
        frozenset(_texts(told["dids"])),
        Hours(_week(week), frozenset(date.fromisoformat(day).isoformat() for day in _texts(closed))),
        _length(told["wrapup_us"]),
        _length(told["short_us"]),
        _length(told["aht_us"]),
        ServiceLevel(_length(threshold_us), _share(target), Formula(formula)),
    )


def _week(told: object) -> tuple[tuple[tuple[int, int], ...], ...]:
    days = [[_list(span) for span in _list(day)] for day in _list(told)]
    week = tuple(tuple((_whole(start, DAY_S), _whole(end, DAY_S)) for start, end in day) for day in days)
    if len(week) != len(Hours().week):
        raise ValueError("a week of other than seven days")
    return week


# --- what a value may be ----------------------------------------------------------------------------------------------------------------


def _list(told: object) -> list[Any]:
    if not isinstance(told, list):
        raise TypeError("no list")
    return told


def _text(told: object) -> str:
    if not isinstance(told, str) or len(told) > LONGEST or not told.isprintable():
        raise ValueError("no text that can be shown")
    return told


def _texts(told: object) -> tuple[str, ...]:
    return tuple(_text(each) for each in _list(told))


def _whole(told: object, most: int) -> int:
    if type(told) is not int or not 0 <= told <= most:  # and no truth value
        raise ValueError("no whole number, or one out of range")
    return told


def _length(told: object) -> int:
    return _whole(told, DAY_S * SECOND)


def _one_of(some: frozenset[int], told: object) -> int:
    if type(told) is not int or told not in some:
        raise ValueError("none of those it may be")
    return told


def _share(told: object) -> float:
    if type(told) not in (int, float) or not 0 <= told <= 1:  # type: ignore[operator]
        raise ValueError("no ratio")
    return float(told)  # type: ignore[arg-type]


def _zone(told: object) -> ZoneInfo:
    try:
        return ZoneInfo(_text(told))
    except OSError:  # a folder of zones
        raise ValueError("no time zone") from None


def one_project_per_queue(pbx: str, queues: list[str]) -> Contract:
    """What stands in where nobody wrote a contract: every queue is a project, everybody is one group."""
    return Contract(pbxs=(pbx,), groups=(Group("everybody"),), projects=tuple(Project(queue, queue, "everybody", (QueueId(pbx, queue),)) for queue in queues))
