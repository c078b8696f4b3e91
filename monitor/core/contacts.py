"""Contacts: a caller's first entry into any queue of a project during one call, whatever number of visits follow.

Owns the joining of visits to contacts (by the Linkedid as read at the first join, or the caller's channel) and when a contact is
final. Refuses counting, which the floor does when told. A contact is answered with its first answered visit; else it ends with the
caller's channel, in the last visit's outcome. It is handled when it was answered, no caller of it is left and no agent works on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from monitor.core.contract import MINUTE, Project
from monitor.core.counters import Outcome
from monitor.core.direction import Direction
from monitor.core.events import CallerJoined
from monitor.core.snapshot import Cell
from monitor.core.tariff import NOTHING, Charged, Work

REMEMBER_US = 60 * MINUTE
INTERNAL, TEST = "internal", "test"  # why a contact is not billed


@dataclass(slots=True, eq=False)
class Attempt:
    """Somebody outside is called for a project over the channel `leg`, at `at`, by `agent` where one dials, in `region` where that is known.

    `seen` unless he was pushed into a dialer's queue by somebody who dials elsewhere. `status` is the PBX's word in the end. `taken_at`: he took the
    call; `spoken_at`: an agent was through to him; `contact_at`: he had been there long enough to be a contact. `signals` are those it is told with.
    """

    project: Project
    direction: Direction
    pbx: str
    leg: str
    at: int
    call: str  # the id of whoever dials, of a dialer's the leg's own
    channel: str  # the name of the leg's
    agent: str = ""
    region: str = ""
    caller: str = ""  # by what he is known who is called
    seen: bool = True
    status: str = ""
    taken_at: int | None = None
    spoken_at: int | None = None
    contact_at: int | None = None
    ended_at: int | None = None
    doubted: bool = False  # he took the call, and nobody knows how long he stayed
    signals: tuple[str, ...] | None = None

    def shift(self, step: int) -> None:
        """Move every instant by the same step."""
        self.at += step
        for name in ("taken_at", "spoken_at", "contact_at", "ended_at"):
            if (at := getattr(self, name)) is not None:
                setattr(self, name, at + step)


@dataclass(slots=True, eq=False)
class Contact:
    """One contact. `handle_us` grows with every microsecond an agent spends on it."""

    project: Project
    joined_at: int
    counted_at: int  # the arrival as the ledger knows it
    keys: list[tuple[str, str, str]]  # project, PBX, and first the channel of the caller who joined first
    callers: set[str] = field(default_factory=set)
    undecided: int = 0  # visits whose end is not known yet
    working: int = 0  # talks and wrap-ups under way
    handle_us: int = 0
    joins: int = 0
    seen: bool = False  # it arrived while its project was seen
    last: Outcome | None = None  # of the latest visit that has ended
    last_ordinal: int = 0
    last_left_at: int = 0
    outcome: Outcome | None = None
    handled: bool = False
    blur_us: int = 0  # a log tells the arrival, and it is this much later at most
    counted: tuple[Cell, ...] = ()  # where its outcome is written down
    handled_at: int | None = None
    answered_at: int | None = None
    gone_at: int | None = None  # when the last caller's channel ended
    talk_us: int = 0
    hold_us: int = 0
    agent: str = ""  # who talked first
    queue: str = ""  # in which that was
    exempt: str = ""  # why it is not billed
    digits: str = ""  # the last of the caller's number, where they may be kept
    caller: str = ""  # by what he is known again; empty: he shows no number
    number: str = ""  # to ring him back, until the end is known
    lost: bool = False  # it is counted as a lost caller's
    charged: Charged = NOTHING  # what of it is in the ledger
    charged_us: int = 0  # and how much of the time the caller was connected
    attempt: Attempt | None = None  # by which he was called; None: he called us
    unseen: bool = False  # part of the work on it fell into a gap: its handle time is not known

    def shows(self, event: CallerJoined, *, ours: bool) -> None:
        """How the caller shows himself: a call of `ours` or of a test is not billed; his last digits are kept where that is agreed."""
        self.exempt = INTERNAL if ours else TEST if event.test else ""
        self.digits = event.digits if self.project.caller_digits else ""
        self.caller, self.number = ("", "") if self.exempt else (event.caller, event.ring_back)

    @property
    def direction(self) -> Direction:
        """Which way it went."""
        return Direction.INBOUND if self.attempt is None else self.attempt.direction

    @property
    def work(self) -> Work:
        """The time that went into it."""
        connected = 0 if self.answered_at is None or self.gone_at is None else max(0, self.gone_at - self.answered_at)
        return Work(self.talk_us, self.hold_us, self.handle_us - self.talk_us - self.hold_us, connected)

    @property
    def final(self) -> bool:
        """True when nothing can be added: no caller lives, no visit is undecided."""
        return not self.callers and not self.undecided


class Contacts:
    """All contacts that may still grow, and for an hour the finished ones, so that a late join makes no second one."""

    def __init__(self) -> None:
        self._by_key: dict[tuple[str, str, str], Contact] = {}
        self._closed: dict[int, list[Contact]] = {}
        self.open: dict[str, set[Contact]] = {}
        self.by_caller: dict[tuple[str, str], list[Contact]] = {}

    def join(self, project: Project, pbx: str, call: str, linked: str, at: int, blur_us: int = 0) -> tuple[Contact, bool]:
        """The contact of a caller who joins a queue of the project now, and whether it is a new one."""
        names = (linked, call)  # in this order: two calls with a contact each may have been joined
        contact = next((c for n in names if (c := self._by_key.get((project.name, pbx, n))) is not None), None)
        fresh = contact is None
        if contact is None:
            contact = Contact(project, at, at, [], blur_us=blur_us)
            self.open.setdefault(project.name, set()).add(contact)
        contact.joins += 1
        for name in reversed(names):  # the caller's own first: by it a log knows the contact too
            key = (project.name, pbx, name)
            if key not in self._by_key:
                self._by_key[key] = contact
                contact.keys.append(key)
        self._caller(contact, pbx, call)
        return contact, fresh

    def called(self, attempt: Attempt, linked: str, at: int) -> Contact:
        """The contact of somebody who took a call of ours: whichever queue he may come to, he is no other."""
        contact = Contact(attempt.project, at, at, [], outcome=Outcome.ANSWERED, answered_at=at, attempt=attempt)
        for name in (attempt.leg, linked):
            key = (attempt.project.name, attempt.pbx, name)
            if key not in self._by_key:
                self._by_key[key] = contact
                contact.keys.append(key)
        self._caller(contact, attempt.pbx, attempt.leg)
        return contact

    def found(self, attempt: Attempt, linked: str) -> Contact | None:
        """The contact of somebody who took a call, was given up and is still there; None for one who was seen to go."""
        contact = self._by_key.get((attempt.project.name, attempt.pbx, attempt.leg))
        if contact is None:  # that is long ago
            contact = self.called(attempt, linked, attempt.at)
            contact.unseen = True
        elif contact.unseen:
            self._caller(contact, attempt.pbx, attempt.leg)
        return contact if contact.unseen else None

    def _caller(self, contact: Contact, pbx: str, call: str) -> None:
        contact.callers.add(call)
        listed = self.by_caller.setdefault((pbx, call), [])
        if contact not in listed:
            listed.append(contact)

    def adopt(self, contact: Contact, pbx: str) -> None:
        """A contact that was told by a log and goes on."""
        for key in contact.keys:
            self._by_key.setdefault(key, contact)
        if contact.outcome is None:
            self.open.setdefault(contact.project.name, set()).add(contact)
        for call in sorted(contact.callers):
            self._caller(contact, pbx, call)

    def reopen(self, contact: Contact, pbx: str, call: str) -> None:
        """A contact that was given up for lost goes on with this caller."""
        contact.outcome = contact.last = None
        self.open.setdefault(contact.project.name, set()).add(contact)
        self._caller(contact, pbx, call)

    def decided(self, contact: Contact) -> None:
        """The contact has its outcome: it waits no more."""
        self.open.get(contact.project.name, set()).discard(contact)

    def caller_gone(self, pbx: str, call: str, at: int) -> list[Contact]:
        """The caller's channel ended: the contacts it belonged to."""
        contacts = self.by_caller.pop((pbx, call), [])
        for contact in contacts:
            contact.callers.discard(call)
            if not contact.callers:
                contact.gone_at = at
        return contacts

    def answered_of(self, pbx: str, call: str) -> Contact | None:
        """The latest answered contact of a living caller."""
        return next((c for c in reversed(self.by_caller.get((pbx, call), [])) if c.outcome is Outcome.ANSWERED), None)

    def known(self, projects: Iterable[Project], pbx: str, calls: Iterable[str]) -> bool:
        """Whether one of these calls has been in a queue of a project, as far as that is remembered."""
        calls = tuple(calls)
        return any((project.name, pbx, call) in self._by_key for project in projects for call in calls)

    def of_call(self, projects: Iterable[Project], pbx: str, call: str) -> list[Contact]:
        """The contacts of a call, as far as they are remembered."""
        return [contact for project in projects if (contact := self._by_key.get((project.name, pbx, call))) is not None]

    def every(self) -> set[Contact]:
        """All contacts that are known, the finished ones of the last hour too."""
        return {*self._by_key.values()}.union(*self.open.values(), *self.by_caller.values())

    def close(self, contact: Contact, at: int) -> None:
        """Nothing more is expected of the contact; its keys are remembered for an hour."""
        self._closed.setdefault(at - at % MINUTE, []).append(contact)

    def forget(self, at: int) -> None:
        """Drop what was closed more than an hour before `at`."""
        for minute in [m for m in self._closed if m < at - REMEMBER_US]:
            for contact in self._closed.pop(minute):
                for key in contact.keys:
                    self._by_key.pop(key, None)

    def waiting_since(self) -> dict[str, tuple[int, ...]]:
        """Per project the arrivals of the contacts that have no outcome and somebody still waiting or undecided."""
        return {name: tuple(sorted(c.joined_at for c in contacts if c.undecided)) for name, contacts in self.open.items()}

    def shift(self, step: int, waiting: set[Contact]) -> set[Contact]:
        """Move every instant by the same step; whose that were."""
        moved = waiting.union(*self.open.values(), *self.by_caller.values())
        for contact in moved:
            contact.joined_at += step
            contact.last_left_at += step
            contact.answered_at = None if contact.answered_at is None else contact.answered_at + step
        return moved
