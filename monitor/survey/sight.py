"""What a strange PBX shows at first sight: its queues, their people and callers, trunks, numbers that are dialled.

Owns sorting one `ProbeReport` and what queue_log adds. Guesses are few and careful: a queue is one project, whatever it is called, and
queues that look alike are told, not merged. Refuses writing. Next: `draft` words it as a configuration.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import combinations

from monitor.core.channels import device_of
from monitor.core.events import ChannelRow, MemberSeen
from monitor.core.trunk import line_of
from monitor.sources.ami.probe import ProbeReport
from monitor.survey.logbook import Logbook
from monitor.survey.people import PersonSeen, keys_of, number_of, people

PBX = "pbx1"  # what the draft calls it

_NO_NUMBER = frozenset({"", "s", "h", "i", "t", "start"})  # where a dialplan begins without one


@dataclass(frozen=True, slots=True)
class QueueSeen:
    """One queue: how it rings, who is in it, and how many callers were seen, now and in the log."""

    name: str
    project: str
    strategy: str
    members: tuple[MemberSeen, ...]
    static: int
    callers: int
    logged: int
    dialled: tuple[tuple[str, int], ...]

    @property
    def idle(self) -> bool:
        """Nobody is in it and nobody calls it."""
        return not (self.members or self.callers or self.logged)

    @property
    def nameable(self) -> bool:
        """Whether a configuration can name it."""
        return self.name == self.name.strip() and self.name.isprintable() and bool(self.name)

    @property
    def claim(self) -> str:
        """How a project names it: a slash would be taken for a PBX's."""
        return f"{PBX}/{self.name}" if "/" in self.name else self.name


@dataclass(frozen=True, slots=True)
class Sight:
    """Everything seen. `alike` are queues whose names hang together."""

    report: ProbeReport
    freepbx: bool
    queues: tuple[QueueSeen, ...]
    people: tuple[PersonSeen, ...]
    trunks: tuple[str, ...]
    alike: tuple[tuple[str, str], ...]
    missing: tuple[tuple[str, int], ...]  # queues of the log that the PBX does not have

    @property
    def used(self) -> tuple[QueueSeen, ...]:
        """The queues that are to be projects: those in use, or, where none is, all that can be named."""
        nameable = [queue for queue in self.queues if queue.nameable]
        return tuple(queue for queue in nameable if not self.unused(queue)) or tuple(nameable)

    def unused(self, queue: QueueSeen) -> bool:
        """Whether nothing speaks for a queue; FreePBX brings one along that it calls default."""
        return queue.idle or (self.freepbx and queue.name == "default" and not (queue.callers or queue.logged))


def projects_of(queues: list[str]) -> dict[str, str]:
    """A project's name for every queue: its own, or one that can be spoken where it is only a number."""
    taken: set[str] = set()
    found: dict[str, str] = {}
    for queue in sorted(queues, key=lambda name: (name.isdecimal(), name)):  # who has a name keeps it
        wanted = f"queue-{queue}" if queue.isdecimal() or not queue[:1].isalnum() else queue  # and no formula for a spreadsheet
        name, number = wanted, 1
        while name in taken:
            number += 1
            name = f"{wanted}-{number}"
        taken.add(name)
        found[queue] = name
    return found


def sight(report: ProbeReport, book: Logbook | None) -> Sight:
    """What one look and the log amount to."""
    seen = report.seen
    names = projects_of(list(seen.strategies))
    callers = _callers(report)
    logged = Counter[str]() if book is None else book.entered
    queues = []
    for queue, strategy in sorted(seen.strategies.items()):
        members = tuple(sorted((member for member in seen.members if member.queue == queue), key=lambda member: member.interface))
        dialled = Counter(_dialled(queue, callers.get(queue, []), seen.channels))
        if book is not None:
            dialled.update({did: count for (place, did), count in book.dialled.items() if place == queue})
        static = sum((queue, member.interface) in report.static for member in members)
        queues.append(QueueSeen(queue, names[queue], strategy, members, static, len(callers.get(queue, [])), logged[queue], tuple(dialled.most_common())))
    devices = [device_of(row.channel) for row in seen.channels]
    trunks = _trunks(seen.channels, seen.members)
    return Sight(
        report,
        any(number_of(member.interface) and member.interface.startswith("Local/") for member in seen.members) or _all_numbers(seen.strategies),
        tuple(queues),
        tuple(people(seen.members, (device for device in devices if not device.startswith("Local/") and device not in trunks))),
        trunks,
        alike([queue.name for queue in queues]),
        tuple((queue, count) for queue, count in sorted(logged.items()) if queue not in seen.strategies),
    )


def _all_numbers(queues: dict[str, str]) -> bool:
    """FreePBX's queues are extensions, but for one."""
    return "default" in queues and len(queues) > 1 and all(queue.isdecimal() for queue in queues if queue != "default")


def _callers(report: ProbeReport) -> dict[str, list[str]]:
    """The calls in each queue now, those who wait and those who talk."""
    found: dict[str, dict[str, None]] = {}
    for waiting in report.seen.waiting:
        found.setdefault(waiting.queue, {})[waiting.call] = None
    for row in report.seen.channels:
        if row.application == "Queue" and (queue := row.data.partition(",")[0]) in report.seen.strategies:
            found.setdefault(queue, {})[row.call] = None
    return {queue: list(calls) for queue, calls in found.items()}


def _dialled(queue: str, calls: list[str], channels: list[ChannelRow]) -> list[str]:
    rows = {row.call: row for row in channels}
    extens = [rows[call].position.exten for call in calls if call in rows]
    return [exten for exten in extens if exten not in _NO_NUMBER and exten != queue]


def _trunks(channels: list[ChannelRow], members: list[MemberSeen]) -> tuple[str, ...]:
    """Devices in calls that are nobody's, the busiest first: trunks, as phones have numbers."""
    keys = {key for member in members for interface in (member.interface, member.state_interface) for key in keys_of(interface)}
    devices = (device for row in channels if (device := line_of(row.channel)) is not None)
    trunks = Counter(device for device in devices if not number_of(device) and not keys & keys_of(device))
    return tuple(device for device, _ in trunks.most_common())


def alike(queues: list[str]) -> tuple[tuple[str, str], ...]:
    """Pairs of queues that differ by a part before or behind: bank and bank-vip, vip-bank and bank, sales_1 and sales_2, sales1 and sales2."""
    parts = {queue: re.findall(r"[^\W\d_]+|\d+", queue.casefold()) for queue in queues}
    return tuple((first, second) for first, second in combinations(sorted(queues), 2) if _hang_together(parts[first], parts[second]))


def _hang_together(first: list[str], second: list[str]) -> bool:
    short, long = sorted((first, second), key=len)
    if not any(part.isalpha() and len(part) > 1 for part in short):
        return False
    if len(short) < len(long):
        return long[: len(short)] == short or long[-len(short) :] == short
    return len(short) > 1 and short[:-1] == long[:-1] and any(part.isalpha() for part in short[:-1])
