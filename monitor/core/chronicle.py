"""What has happened and is final, until somebody has kept it: ended visits and contacts, spans of people's time, rings in vain, corrections.

Owns the records and the rolls they wait in, each numbered from the start of the floor and bounded: when nobody comes for them the oldest go
and are counted. A record is taken off only when it is said to be written, so a crash in between tells it again, under the same number.
A span that was told and was otherwise is told again under its start, as what is left of it, which may be nothing: it ends where it starts.
Refuses files and databases, the caller's number (a call is known by the PBX's id; of a number its last digits at most, where a client agreed),
and anything at all until somebody wants it (`keep`).
Next: `state.store` writes them; `ledger` has the minutes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from monitor.core.calls import Visit
from monitor.core.contacts import Attempt, Contact
from monitor.core.contract import MINUTE
from monitor.core.counters import Outcome
from monitor.core.lost import LostTold
from monitor.core.signals import SignalSpell
from monitor.core.snapshot import State

if TYPE_CHECKING:
    from monitor.core.incidents import Incident

LIMIT = 100_000  # records in a roll: some 20 MB, half a day of a site with 500 people
QUARTER = 15 * MINUTE
DAY = 96 * QUARTER

Record = TypeVar("Record")


@dataclass(slots=True)
class Roll(Generic[Record]):
    """Records in order. The one at the front has the number `first`; `dropped` counts those nobody came for in time."""

    limit: int = LIMIT
    first: int = 0
    dropped: int = 0
    records: deque[Record] = field(default_factory=deque)
    room: int = 0  # beyond the limit, for what came at once

    def append(self, record: Record) -> None:
        """One more; the oldest goes when there are too many."""
        if len(self.records) >= self.limit + self.room:
            self.records.popleft()
            self.first += 1
            self.dropped += 1
        self.records.append(record)

    def extend(self, records: Sequence[Record]) -> None:
        """Many more at once: there is room for all of them until they are written, for nobody could come in between."""
        self.records.extend(records)
        self.room += len(records)

    def read(self, most: int) -> tuple[int, list[Record]]:
        """The oldest records and the number of the first of them; they stay."""
        return self.first, list(islice(self.records, most))

    def written(self, to: int) -> None:
        """Everything before this number is kept elsewhere now."""
        while self.first < to and self.records:
            self.records.popleft()
            self.first += 1
        self.room = min(self.room, len(self.records))


class VisitEnded(NamedTuple):
    """A visit and how it ended: an outcome of `counters`, or `waiting` for one that was given up for lost and is found again."""

    pbx: str
    call: str
    queue: str
    number: int
    project: str
    joined_at: int
    wait_us: int
    outcome: str
    reason: str | None


class ContactEnded(NamedTuple):
    """A contact whose outcome is final; `handled_at` once it is answered and finished, `handle_us` as far as it has been worked on."""

    project: str
    pbx: str
    call: str
    joined_at: int
    wait_us: int
    visits: int
    outcome: str
    handled_at: int | None
    handle_us: int
    queue: str = ""  # where it was answered, and by whom first
    agent: str = ""
    talk_us: int = 0
    hold_us: int = 0
    connected_us: int = 0
    exempt: str = ""  # why it is not billed: internal or test
    digits: str = ""  # the last of the caller's number, where they may be kept


class AgentSpan(NamedTuple):
    """A person in one state for one project under one pause reason, `[start, end)`, of one UTC day; told again under its start when it has grown."""

    person: str
    start: int
    end: int
    group: str | None
    state: str
    project: str | None
    reason: str


class RingNoAnswer(NamedTuple):
    """A person let a caller of a queue ring in vain, as it is counted for their group; of no project where nobody knows whose the caller is."""

    person: str
    at: int
    pbx: str
    call: str
    queue: str
    project: str | None
    group: str


class TimeRetold(NamedTuple):
    """All that these people did in `[since, until)` is told by this floor, a day that the log of a PBX knows: what an earlier floor told of it gives
    way, their time and the rings of this PBX."""

    pbx: str
    since: int
    until: int
    people: tuple[str, ...]


class Corrected(NamedTuple):
    """Something that was counted turned out otherwise: `what` of `project`, `which` call or person, known in the minute `at`.

    `about` is the instant it was counted at, `who` has told it: queue_log, or the PBX itself.
    """

    at: int
    pbx: str
    project: str
    what: str
    which: str
    was: str
    now: str
    why: str
    about: int
    who: str


class IncidentTold(NamedTuple):
    """An incident that people told while the daemon ran, under its number; told again when it is closed."""

    number: str
    kind: str
    scope: str
    since: int
    until: int | None
    recovery_us: int
    note: str
    who: str
    closed_by: str


class AttemptEnded(NamedTuple):
    """Somebody was called, and how that went: `status` is the PBX's word, `answer` if he took it and `unknown` where nobody knows; told again when it has
    been worked on again. `agent` dialled, or was the first through; `contact` if he was there long enough."""

    pbx: str
    call: str  # the id of whoever dialled, of a dialer's call that of whoever was called
    channel: str  # the name of the channel of whoever was called
    project: str
    direction: str
    at: int
    agent: str
    status: str
    taken_at: int | None
    ended_at: int | None
    contact: bool
    talk_us: int
    hold_us: int
    handle_us: int  # both, and after-call work
    region: str | None = None  # where he was called; None: nobody knows
    signals: str = ""  # that held there then, as far as was known: names with commas between them


class ResultTold(NamedTuple):
    """A result that is counted, at what it was worth by the prices then in force; `who` told of it: a token, or a PBX."""

    project: str
    key: str
    at: int
    disposition: str
    amount_u: int
    who: str


Detail = VisitEnded | ContactEnded | AgentSpan | RingNoAnswer | TimeRetold | Corrected | IncidentTold | SignalSpell | ResultTold | AttemptEnded | LostTold


@dataclass(slots=True)
class _Open:
    """The span a person is in; `told` is the end it was last told with."""

    person: str
    group: str | None
    state: State
    project: str | None
    reason: str
    start: int
    end: int
    midnight: int  # by UTC: a later start is another span
    told: int = 0

    def record(self) -> AgentSpan:
        self.told = self.end
        return AgentSpan(self.person, self.start, self.end, self.group, self.state.value, self.project, self.reason)


class Chronicle:
    """Takes note of what the register and the timesheet say. `epoch` is the start of its floor."""

    def __init__(self, at: int) -> None:
        self.epoch = at
        self.kept = False
        self.details: Roll[Detail] = Roll()
        self._minute = at - at % MINUTE
        self._open: dict[str, _Open] = {}
        self._unseen: dict[str, list[AgentSpan]] = {}  # told as unobserved, by person: a log may still know better of the latest
        self._grown: dict[Contact, None] = {}  # handled contacts that are worked on again, in order

    def stop(self) -> None:
        """Nobody wants it any more: what waits goes."""
        self.kept = False
        self.details.written(self.details.first + len(self.details.records))
        self._open.clear()
        self._unseen.clear()
        self._grown.clear()

    def visit(self, visit: Visit, outcome: Outcome | None, reason: str | None = None) -> None:
        """A visit has ended, or with None goes on after all."""
        if self.kept:
            word = "waiting" if outcome is None else outcome.value
            queue = visit.queue
            self.details.append(VisitEnded(queue.pbx, visit.call, queue.name, visit.number, visit.project.name, visit.joined_at, visit.wait_us, word, reason))

    def contact(self, contact: Contact, outcome: Outcome | None) -> None:
        """A contact has its outcome, and may be handled too; or with None it goes on after all."""
        if self.kept:
            self.details.append(_contact(contact, outcome))

    def attempt(self, attempt: Attempt, at: int, contact: Contact | None = None) -> None:
        """It has ended, or with a contact all work on it has."""
        if self.kept and attempt.seen:
            ended = at if contact is None else attempt.ended_at
            work = (0, 0, 0) if contact is None else (contact.talk_us, contact.hold_us, contact.handle_us)
            of = (attempt.pbx, attempt.call, attempt.channel, attempt.project.name, attempt.direction.value)
            outside = attempt.region or None, ",".join(attempt.signals or ())
            contacted = attempt.contact_at is not None
            status = "unknown" if attempt.doubted and not contacted else attempt.status  # how long he stayed decides whether he is a contact
            self.details.append(AttemptEnded(*of, attempt.at, attempt.agent, status, attempt.taken_at, ended, contacted, *work, *outside))

    def rang_in_vain(self, ring: RingNoAnswer) -> None:
        """It is counted."""
        if self.kept:
            self.details.append(ring)

    def grew(self, contact: Contact) -> None:
        """A handled contact is worked on again."""
        if self.kept:
            self._grown[contact] = None

    def spent(self, person: str, group: str | None, state: State, project: str | None, reason: str, start: int, end: int) -> None:
        """A person's time was spent: joined to the span before it when nothing is different."""
        if not self.kept:
            return
        span = self._open.get(person)
        if span is not None:
            same = span.state is state and span.project == project and span.reason == reason and span.group == group
            if same and span.end == start and start < span.midnight:
                span.end = end
                return
            self._tell(span)
        self._open[person] = _Open(person, group, state, project, reason, start, end, start - start % DAY + DAY)

    def _tell(self, span: _Open) -> None:
        told = span.record()
        self.details.append(told)
        if span.state is State.UNOBSERVED:
            self._unseen.setdefault(span.person, []).append(told)

    def take_back(self, person: str, start: int, end: int) -> None:
        """Of the time told as unobserved this was not: what is left of it is told again, before what the person did."""
        span = self._open.get(person)
        if not self.kept:
            return
        if span is not None and span.state is State.UNOBSERVED and span.start < end and start < span.end:
            self._unseen.setdefault(person, []).append(span.record())
            del self._open[person]
        left: list[AgentSpan] = []
        for told in self._unseen.get(person, ()):
            if told.end <= start or end <= told.start:
                left.append(told)
                continue
            before, after = told._replace(end=max(told.start, start)), told._replace(start=end)
            rest = [before, after] if after.start < after.end else [before]
            self.details.extend(rest)
            left += [one for one in rest if one.start < one.end]
        self._unseen[person] = left

    def retold(self, pbx: str, details: Sequence[Detail], since: int, until: int) -> None:
        """What a log told of a time before this floor. It comes last that an earlier floor's gives way, so that it is never dropped for the rest."""
        self.details.extend(details)
        people = sorted({one.person for one in details if isinstance(one, AgentSpan | RingNoAnswer)})
        if people:
            self.details.append(TimeRetold(pbx, since, until, tuple(people)))

    def corrected(self, visit: Visit, about: int, was: str, now: str, why: str, who: str) -> None:
        """What was counted of a visit at that instant is taken back or changed."""
        if self.kept:
            told = Corrected(self._minute, visit.queue.pbx, visit.project.name, "visit", visit.call, was, now, why, about, who)
            self.details.append(told)

    def incident(self, one: Incident) -> None:
        """It was opened, or closed."""
        if self.kept:
            told = IncidentTold(one.id, one.kind.value, str(one.scope), one.since, one.until, one.recovery_us, one.note, one.who, one.closed_by)
            self.details.append(told)

    def signal(self, spell: SignalSpell) -> None:
        """It is on, or its end is another than was told."""
        if self.kept:
            self.details.append(spell)

    def result(self, project: str, key: str, at: int, disposition: str, amount_u: int, who: str) -> None:
        """It is counted."""
        if self.kept:
            self.details.append(ResultTold(project, key, at, disposition, amount_u, who))

    def lost(self, told: LostTold) -> None:
        """A caller is to be rung back, or is not any more."""
        if self.kept:
            self.details.append(told)

    def found(self, details: Sequence[Detail]) -> None:
        """What happened in a gap is known only now."""
        if self.kept:
            self.details.extend([one._replace(at=self._minute) if isinstance(one, Corrected) else one for one in details])

    def roll(self, at: int) -> None:
        """Enter the minute around `at`: what grew is told again, each quarter of an hour every span that is open too."""
        before, self._minute = self._minute, at - at % MINUTE
        for contact in self._grown:
            self.contact(contact, contact.outcome)
        self._grown.clear()
        self._unseen = {person: told for person, told in self._unseen.items() if self._still_unseen(person, told)}
        if before // QUARTER == self._minute // QUARTER:
            return
        for person, span in list(self._open.items()):
            if span.told != span.end:
                self.details.append(span.record())
            if span.end < before - QUARTER:  # off the floor
                del self._open[person]

    def _still_unseen(self, person: str, told: Sequence[AgentSpan]) -> bool:
        """Whether the person's unobserved time goes on, over a midnight or into another group."""
        span = self._open.get(person)
        return bool(told) and span is not None and span.state is State.UNOBSERVED and span.start == told[-1].end

    def under_way(self) -> list[ContactEnded | AgentSpan]:
        """What grew since it was told, and the open spans as far as they are spent: for a last page before the end."""
        grown = [_contact(contact, contact.outcome) for contact in self._grown]
        return [*grown, *(span.record() for span in self._open.values() if span.told != span.end)]


def _contact(contact: Contact, outcome: Outcome | None) -> ContactEnded:
    _, pbx, call = contact.keys[0]
    word = "waiting" if outcome is None else outcome.value
    out = contact.last_left_at if contact.answered_at is None else contact.answered_at  # later visits end later
    wait_us = 0 if outcome is None else max(0, out - contact.joined_at)
    work = contact.work
    ended = ContactEnded(contact.project.name, pbx, call, contact.joined_at, wait_us, contact.joins, word, contact.handled_at, contact.handle_us)
    return ended._replace(
        queue=contact.queue,
        agent=contact.agent,
        talk_us=work.talk_us,
        hold_us=work.hold_us,
        connected_us=work.connected_us,
        exempt=contact.exempt,
        digits=contact.digits,
    )
