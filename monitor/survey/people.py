"""Who the members of the queues are: several interfaces of one person are one row of the agents file.

    Local/101@from-queue/n with hint:101@ext-local, PJSIP/101 and SIP/101     FreePBX's ways to extension 101: one person, 101
    Local/agent8@desk/n with PJSIP/agent8                                     a member and the device its state is taken from: one
    Local/101@tenant-a and Local/101@tenant-b                                 the same number in two dialplans: two

Owns that judgement and the file's rows. An interface that the agents file cannot hold (a blank, a comma, a quote) is left out: its
person is then known by the interface alone, which loses nothing but the name. Refuses groups and wages. Next: `draft` names the file.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from monitor.config.agents_file import COLUMNS
from monitor.core.events import MemberSeen
from monitor.survey.words import cell, plain

_PHONE = re.compile(r"(?:PJSIP|SIP|IAX2|SCCP)/(\d+)", re.ASCII)
_FREEPBX = re.compile(r"(?:Local/|hint:)(\d+)@(?:from-queue|from-internal|ext-local|ext-queues)(?:/\w+)?", re.ASCII)
_LOCAL = re.compile(r"(Local/[^/]+@[^/]+)/\w+", re.ASCII)  # /n and the like say how to dial, not whom
_DEVICE = re.compile(r"""[A-Za-z0-9_]+/[^\s,;|"']+""")
_ID = re.compile(r"[\w.@][\w.@/-]*")


@dataclass(frozen=True, slots=True)
class PersonSeen:
    """One person: an id of their own, the name the PBX has, and every interface that may stand in the agents file."""

    id: str
    name: str
    interfaces: tuple[str, ...]


@dataclass(slots=True)
class _Known:
    """One person so far: every key that is theirs, and every membership."""

    keys: set[str]
    seen: list[MemberSeen]


def number_of(interface: str) -> str | None:
    """The extension behind an interface; None where it is not plainly one."""
    found = _PHONE.fullmatch(interface) or _FREEPBX.fullmatch(interface)
    return found[1] if found else None


def keys_of(interface: str) -> set[str]:
    """What an interface says of whose it is; two that share one of these are one person's."""
    local = _LOCAL.fullmatch(interface)
    number = number_of(interface)
    return {local[1] if local else interface} | ({f"number {number}"} if number else set())


def people(members: Iterable[MemberSeen], phones: Iterable[str] = ()) -> list[PersonSeen]:
    """The people behind the members; `phones` are devices that are in calls, and theirs if the extension is."""
    owner: dict[str, _Known] = {}
    for member in members:
        keys = keys_of(member.interface) | keys_of(member.state_interface)
        known = _Known(keys, [])
        for other in {id(owner[key]): owner[key] for key in sorted(keys) if key in owner}.values():
            known.keys |= other.keys
            known.seen += other.seen
        known.seen.append(member)
        owner |= dict.fromkeys(known.keys, known)
    persons = {id(known): known for known in owner.values()}.values()
    calling: dict[int, list[str]] = {}
    for phone in sorted(set(phones)):
        for whose in {id(owner[key]) for key in keys_of(phone) if key in owner}:
            calling.setdefault(whose, []).append(phone)
    found = [_person(known, calling.get(id(known), [])) for known in persons]
    return _told_apart(sorted((person for person in found if person.interfaces), key=_order))


def _person(known: _Known, phones: list[str]) -> PersonSeen:
    seen = known.seen
    interfaces = dict.fromkeys(chain((member.interface for member in seen), (member.state_interface for member in seen), phones))
    usable = tuple(interface for interface in interfaces if _DEVICE.fullmatch(interface) and interface.isprintable())
    numbers = sorted(key.removeprefix("number ") for key in known.keys if key.startswith("number "))
    identity = numbers[0] if numbers else _spoken(usable)
    names = [plain(member.member) for member in seen if member.member != member.interface]
    return PersonSeen(identity if _ID.fullmatch(identity) else usable[0] if usable else "", next(filter(None, names), identity), usable)


def _spoken(interfaces: Sequence[str]) -> str:
    """What people would call these: the phone's own name rather than a dialplan's way to it."""
    phones = [interface for interface in interfaces if not interface.startswith("Local/")]
    return next((interface.partition("/")[2].partition("@")[0] for interface in (*phones, *interfaces)), "")


def _order(person: PersonSeen) -> tuple[bool, int, str]:
    return not person.id.isdecimal(), len(person.id) if person.id.isdecimal() else 0, person.id


def _told_apart(persons: list[PersonSeen]) -> list[PersonSeen]:
    """An id that is another's already gives way to the interface, which nobody else has."""
    taken: set[str] = set()
    apart: list[PersonSeen] = []
    for person in persons:
        identity = person.interfaces[0] if person.id in taken else person.id
        taken.add(identity)
        apart.append(PersonSeen(identity, person.name, person.interfaces))
    return apart


def agents_csv(persons: Iterable[PersonSeen]) -> str:
    """The agents file; groups, wages and dates are for people to fill in."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for person in persons:
        writer.writerow((cell(person.id), cell(person.name), " ".join(person.interfaces), "", "", "", ""))
    return text.getvalue()
