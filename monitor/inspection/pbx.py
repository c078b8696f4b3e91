"""What a PBX showed at one look, held against the configuration: version, rights, clock, queues, members.

Owns the judgement of a `ProbeReport`. Refuses files (`log` reads those) and mending anything.
"""

from __future__ import annotations

from collections.abc import Iterator

from monitor.clock import OFFSET_US
from monitor.core.agents import UNREACHABLE_STATUS
from monitor.core.contract import SECOND, Contract, Group, Presence, QueueId
from monitor.core.devices import NOT_THERE, group_of
from monitor.core.events import MemberSeen
from monitor.inspection.finding import Weight, number, some
from monitor.sources.ami.probe import ProbeReport

WHERE = "in [general] of manager.conf; in manager_custom.conf of FreePBX and Issabel under [general](+), as a second [general] is ignored"

Said = Iterator[tuple[Weight, str]]


def findings(pbx: str, report: ProbeReport, contract: Contract) -> Said:
    """Everything there is to say of it, each with its remedy."""
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
    if report.devices:
        yield from _devices(pbx, report, contract)


def _queues(pbx: str, report: ProbeReport, contract: Contract) -> Said:
    there = set(report.seen.strategies)
    claimed = {queue.name for queue in contract.queues if queue.pbx == pbx}
    for name in sorted(claimed - there):
        yield Weight.BAD, f"has no queue {name!r}; it has {', '.join(sorted(there)) or 'none'}"
    for name in sorted(claimed & there):
        members = [member for member in report.seen.members if member.queue == name]
        strategy = report.seen.strategies[name] or "strategy unknown"
        rings = "; every free phone rings, so ringing reserves nobody and counts as available" if strategy == "ringall" else ""
        yield Weight.OK, f"queue {name}: {number(members, 'member')}, {strategy}{rings}"
    for name in sorted(there - claimed):
        yield Weight.WARNING, f"queue {name} belongs to no project; name it in queues of a [[project]], or its calls count as unclaimed"


def _members(pbx: str, report: ProbeReport, contract: Contract) -> Said:
    claimed = {queue.name for queue in contract.queues if queue.pbx == pbx}
    by_person: dict[str, set[QueueId]] = {}
    ours = {member.interface: member for member in report.seen.members if member.queue in claimed}
    for member in report.seen.members:
        by_person.setdefault(member.interface, set()).add(QueueId(pbx, member.queue))
    groups = {interface: _group(contract, pbx, member, frozenset(by_person[interface])) for interface, member in ours.items()}
    for interface, group in sorted(groups.items()):
        if group is None:
            yield Weight.BAD, f"member {_who(ours[interface])} is in no group; add a pattern for it to members of a [[group]]"
    mute = {member.interface: _who(member) for member in report.seen.members if member.queue in claimed and member.paused and not member.reason}
    if mute:
        remedy = "send a reason with the pause (QueuePause Reason, PauseQueueMember's fourth argument), or all pauses are one"
        yield Weight.WARNING, f"paused without a reason now: {some(mute.values())}; {remedy}"
    named = {interface for queue, interface in report.static if queue in claimed and interface in ours}
    static = [interface for interface in named if (group := groups[interface]) is None or group.presence is Presence.MEMBER]
    if static:
        remedy = 'they are present day and night while their device is reachable; let them log in (AddQueueMember), or set presence = "unpaused"'
        yield Weight.WARNING, f"members by queues.conf: {some(_who(ours[interface]) for interface in static)}; {remedy}"
    yield from _names(pbx, ours, contract)


def _devices(pbx: str, report: ProbeReport, contract: Contract) -> Said:
    """Of people who are in no queue. A row without a PBX is for all of them, and its phone need not be on each."""
    gone = [name for name, state in report.devices.items() if state == NOT_THERE and (len(contract.pbxs) == 1 or _is_here_alone(pbx, name, contract))]
    if gone:
        yield Weight.BAD, f"has no such phone: {some(_whose(pbx, name, contract) for name in gone)}; correct interfaces in the agents file"
    for group in contract.groups:
        states = [state for name, state in report.devices.items() if state != NOT_THERE and group_of(contract, pbx, name) is group]
        if states:
            there = sum(state not in UNREACHABLE_STATUS for state in states)
            yield Weight.OK, f"group {group.name} by device: {number(states, 'phone')}, {there} within reach"


def _is_here_alone(pbx: str, name: str, contract: Contract) -> bool:
    return any(f"{pbx}:{name}" in person.interfaces for person in contract.people)


def _whose(pbx: str, name: str, contract: Contract) -> str:
    person = contract.person_for(pbx, name)
    return name if person is None else f"{name} ({person.name})"


def _names(pbx: str, ours: dict[str, MemberSeen], contract: Contract) -> Said:
    """queue_log knows people by name alone, and parts its columns by bars."""
    bars = [_who(member) for member in ours.values() if "|" in member.member]
    if bars:
        yield Weight.WARNING, f"has | in the name: {some(bars)}; queue_log's rows about such a member cannot be read, take it out"
    people: dict[str, set[str]] = {}
    for interface, member in ours.items():
        person = contract.person_for(pbx, interface)
        people.setdefault(member.member, set()).add(interface if person is None else person.id)
    twice = [f"{name} ({', '.join(sorted(whose))})" for name, whose in people.items() if len(whose) > 1]
    if twice:
        remedy = "queue_log cannot tell them apart; give each a name, or, if it is one person, a row in the agents file"
        yield Weight.WARNING, f"several members of one name: {some(twice)}; {remedy}"


def _group(contract: Contract, pbx: str, member: MemberSeen, queues: frozenset[QueueId]) -> Group | None:
    person = contract.person_for(pbx, member.interface)
    if person is not None and person.group is not None:
        return contract.group.get(person.group)
    return contract.group_for(member.interface, member.member, queues)


def _who(member: MemberSeen) -> str:
    return f"{member.interface} ({member.member})"
