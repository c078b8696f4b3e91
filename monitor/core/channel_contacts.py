"""Contacts of other channels than the telephone: chats, letters, whatever a project names, each counted once under its key.

They are no calls: they stay out of volume, service level, plan and deviation, and nobody's state is changed by them. Owns what is accepted and why the rest
is refused, the keys that are known, as long as those of results, and that a channel nobody configured is `other`, so that whoever tells cannot make
counters without end. Each operation is a function of what is kept and of its arguments, as `keeping` needs it. Refuses contacts of calls (`contacts`).
Next: `keeping` applies what is told, `engine` answers, `counters` has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple, TypeAlias

from monitor.core.contract import Contract, Project
from monitor.core.counters import Counters, Outcome
from monitor.core.events import Event
from monitor.core.incident_log import Refusal, Why
from monitor.core.keys import AHEAD_US, KEEP_US, OLDEST_US, Keys, flaw_in
from monitor.core.results import unknown_project
from monitor.core.tariff import OTHER

MOST: Final = 400_000  # keys that are known at once: ten thousand a day, some 100 MB
LONGEST: Final = {"project": 100, "key": 120, "channel": 60}  # letters


class ChannelContact(NamedTuple):
    """One that somebody tells of, answered or abandoned; `ended_at` None: nobody says. `handle_us` is what of people's time it took."""

    project: str
    channel: str
    key: str
    arrived_at: int
    outcome: Outcome
    answered_at: int | None = None
    ended_at: int | None = None
    handle_us: int = 0


@dataclass(frozen=True, slots=True)
class ChannelContactsTold(Event):
    """Somebody tells of contacts; no PBX says it."""

    contacts: tuple[ChannelContact, ...]
    who: str = ""


class Taken(NamedTuple):
    """A contact that is counted, now or before (`duplicate`), under this channel."""

    duplicate: bool
    channel: str


class Known(NamedTuple):
    """What is remembered under a key."""

    channel: str
    outcome: Outcome
    handle_us: int


TakenOrNot: TypeAlias = Taken | Refusal


def flaw(name: str, text: object) -> str | None:
    """What is wrong with a text of a contact, in one line that does not repeat it: a key may be a caller's number. None: nothing is."""
    return flaw_in(name, text, LONGEST, "a contact has key, channel, arrived_at and outcome")


class ChannelContacts:
    """The contacts whose keys are known, by project, in the order they were told."""

    def __init__(self) -> None:
        self.known: Keys[Known] = Keys()

    def hear(self, event: ChannelContactsTold, contract: Contract, counters: Counters) -> tuple[TakenOrNot, ...]:
        """Count what somebody tells, or say why not, one by one."""
        self.known.forget(event.at - KEEP_US)
        return tuple(self._take(one, event.at, contract, counters) for one in event.contacts)

    def _take(self, one: ChannelContact, now: int, contract: Contract, counters: Counters) -> TakenOrNot:
        project = contract.project.get(one.project)
        if project is None:
            return Refusal(unknown_project(one.project, contract), Why.UNKNOWN)
        known = self.known.get(project.name, one.key)
        if known is not None:
            if (known.outcome, known.handle_us) != (one.outcome, one.handle_us):
                problem = f"a contact of {project.name} with this key was told before, of another outcome or length; another contact needs a key of its own"
                return Refusal(problem, Why.CONFLICT)
            return Taken(True, known.channel)
        refusal = _refusal(one, now) or self._too_many()
        return self._count(one, project, now, counters) if refusal is None else refusal

    def _too_many(self) -> Refusal | None:
        if len(self.known) < MOST:
            return None
        return Refusal(f"{MOST} contacts of the last 40 days are remembered already; whatever tells so many had better stop", Why.BUSY)

    def _count(self, one: ChannelContact, project: Project, now: int, counters: Counters) -> Taken:
        channel = one.channel if one.channel in project.channels else OTHER
        counters.channel_contact(project.name, channel, one.outcome, one.handle_us)
        self.known.put(project.name, one.key, Known(channel, one.outcome, one.handle_us), now)
        return Taken(False, channel)

    def shift(self, step: int) -> None:
        """Civil time stepped."""
        self.known.shift(step)


def _refusal(one: ChannelContact, now: int) -> Refusal | None:
    times = [at for at in (one.arrived_at, one.answered_at, one.ended_at) if at is not None]
    if one.arrived_at < now - OLDEST_US:
        return Refusal("arrived more than 35 days ago; its key may be forgotten by now, so it could be counted twice")
    if max(times) > now + AHEAD_US:
        return Refusal("is of a time in more than 5 minutes; tell it then, and look at the clock of the machine that tells it")
    if not _ascends(times):
        return Refusal("arrived_at, answered_at and ended_at are not in this order; look at which is which")
    if (one.outcome is Outcome.ANSWERED) != (one.answered_at is not None):
        problem = "has an answered_at" if one.answered_at is not None else "has no answered_at"
        return Refusal(f"outcome {one.outcome.value} {problem}; correct one of the two")
    return None


def _ascends(times: Sequence[int]) -> bool:
    return all(first <= second for first, second in pairwise(times))
