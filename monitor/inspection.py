"""What `floorwatch check` finds: the configuration and the plan held against each other, and with `--live` against the PBXs.

Owns the findings, one line each with its remedy. Refuses mending anything. Next: `cli` prints them.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Sized
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.app import settings
from monitor.config import Config, PbxSettings
from monitor.core.contract import SECOND, Contract, Project, QueueId
from monitor.errors import AmiError
from monitor.outputs.web.server import is_loopback
from monitor.plan.plan import Plan
from monitor.sources.ami.probe import ProbeReport, probe

WHERE = "in [general] of manager.conf; in manager_custom.conf of FreePBX and Issabel under [general](+), as a second [general] is ignored"
OFFSET_US = 2 * SECOND  # a clock further off than this deserves a word; the daemon corrects for it


class Weight(StrEnum):
    """How much a finding matters."""

    OK = "ok"
    WARNING = "warning"
    BAD = "BAD"  # has to be mended


@dataclass(frozen=True, slots=True)
class Finding:
    """One line."""

    text: str
    weight: Weight = Weight.OK

    def __str__(self) -> str:
        return f"{self.weight:<8} {self.text}"


def inspect(config: Config, plan: Plan, now: int) -> list[Finding]:
    """What a valid configuration and its plan amount to at `now`."""
    contract = config.contract
    found = [Finding(f"{config.file}: {_number(contract.projects, 'project')}, {_number(contract.groups, 'group')}, {_number(config.pbxs, 'PBX')}")]
    found += [_plan(project, plan, now) for project in contract.projects]
    return found + [Finding(note, Weight.WARNING) for note in config.notes]


def _number(things: Sized, name: str) -> str:
    return f"{len(things)} {name}{'' if len(things) == 1 else 's'}"


def _plan(project: Project, plan: Plan, now: int) -> Finding:
    end = plan.end(project.name)
    if end is None:
        return Finding(f"{project.name}: no plan; workload and occupancy are shown, deviations are not")
    until = datetime.fromtimestamp(end // SECOND, project.zone).isoformat(timespec="minutes")
    if end <= now:
        return Finding(f"{project.name}: the plan ended {until}; deviations stop there, bring a newer one", Weight.BAD)
    gap = "" if plan.at(project.name, now) else ", with nothing planned right now"
    return Finding(f"{project.name}: planned until {until}{gap}")


async def look(config: Config, now: Callable[[], int]) -> list[Finding]:
    """What the PBXs themselves say, one short session each."""
    found: list[Finding] = []
    for pbx in config.pbxs:
        try:
            report = await probe(settings(pbx), now)
        except AmiError as error:
            text = str(error)
            found.append(Finding(text if text.startswith(f"{pbx.name}:") else f"{pbx.name}: {text}", Weight.BAD))
            continue
        found += [Finding(f"{pbx.name}: {text}", weight) for weight, text in _pbx(pbx.name, report, config.contract)]
        found += [Finding(f"{pbx.name}: {text}", Weight.WARNING) for text in await asyncio.to_thread(_files, pbx)]
    return found


def _files(pbx: PbxSettings) -> list[str]:
    """What is wrong with files on this machine, if the PBX is on it; a database's address is none."""
    wrong: list[str] = []
    for key, path in (("queue_log", pbx.queue_log), ("cdr", "" if "://" in pbx.cdr else pbx.cdr)):
        if is_loopback(pbx.host) and path and not os.access(path, os.R_OK):
            why = "may not be read; give the daemon's user the right to" if os.path.lexists(path) else "is not there; correct the path"
            wrong.append(f"{key} {path} {why}, or leave it empty; this version does not read it yet")
    return wrong


def _pbx(pbx: str, report: ProbeReport, contract: Contract) -> Iterator[tuple[Weight, str]]:
    yield Weight.OK, f"Asterisk {report.version or 'of unknown version'}, AMI {report.ami_version}, logged in"
    if report.missing:
        yield Weight.BAD, f"may not run {', '.join(report.missing)}; give its user write = reporting in manager.conf"
    if report.too_wide:
        yield Weight.WARNING, f"may run {', '.join(report.too_wide)}, which a watcher never needs; write = reporting is enough"
    if report.timestamps is False:
        yield Weight.BAD, f"events carry no time; set timestampevents = yes {WHERE}"
    elif report.timestamps is None:
        yield Weight.WARNING, f"no event came, so timestampevents cannot be told; see that it is yes {WHERE}"
    if not report.system:
        yield Weight.WARNING, "no events of class system, so a restart of the PBX is seen late; give its user read = system,call,agent"
    if not report.keeps_cdr:
        yield Weight.WARNING, "keeps no CDRs, so calls that are up when the daemon starts have no start of talk; set enable = yes in cdr.conf"
    if report.offset_us is not None and abs(report.offset_us) > OFFSET_US:
        yield Weight.WARNING, f"its clock is {report.offset_us / SECOND:+.1f} s off ours, which is corrected for; let NTP set both"
    if report.queues_told:
        yield from _queues(pbx, report, contract)
        yield from _members(pbx, report, contract)


def _queues(pbx: str, report: ProbeReport, contract: Contract) -> Iterator[tuple[Weight, str]]:
    there = set(report.seen.strategies)
    claimed = {queue.name for queue in contract.queues if queue.pbx == pbx}
    for name in sorted(claimed - there):
        yield Weight.BAD, f"has no queue {name!r}; it has {', '.join(sorted(there)) or 'none'}"
    for name in sorted(claimed & there):
        members = [member for member in report.seen.members if member.queue == name]
        yield Weight.OK, f"queue {name}: {_number(members, 'member')}, {report.seen.strategies[name] or 'strategy unknown'}"
    for name in sorted(there - claimed):
        yield Weight.WARNING, f"queue {name} belongs to no project; name it in queues of a [[project]], or its calls count as unclaimed"


def _members(pbx: str, report: ProbeReport, contract: Contract) -> Iterator[tuple[Weight, str]]:
    claimed = {queue.name for queue in contract.queues if queue.pbx == pbx}
    by_person: dict[str, set[QueueId]] = {}
    names = {member.interface: member.member for member in report.seen.members if member.queue in claimed}
    for member in report.seen.members:
        by_person.setdefault(member.interface, set()).add(QueueId(pbx, member.queue))
    for interface, name in sorted(names.items()):
        person = contract.person_for(pbx, interface)
        if (person is None or person.group is None) and contract.group_for(interface, name, frozenset(by_person[interface])) is None:
            yield Weight.BAD, f"member {interface} ({name}) is in no group; add a pattern for it to members of a [[group]]"
    mute = {member.interface: member.member for member in report.seen.members if member.queue in claimed and member.paused and not member.reason}
    if mute:
        remedy = "send a reason with the pause (QueuePause Reason, PauseQueueMember's fourth argument), or all pauses are one"
        yield Weight.WARNING, f"paused without a reason now: {_some(mute)}; {remedy}"
    static = {interface: names[interface] for queue, interface in sorted(report.static) if queue in claimed and interface in names}
    if static:
        remedy = 'they are present day and night while their device is reachable; let them log in (AddQueueMember), or set presence = "unpaused"'
        yield Weight.WARNING, f"members by queues.conf: {_some(static)}; {remedy}"


def _some(people: dict[str, str], shown: int = 3) -> str:
    """How many they are, and some of them by name."""
    few = ", ".join(f"{interface} ({name})" for interface, name in sorted(people.items())[:shown])
    return f"{len(people)}, such as {few}" if len(people) > shown else few
