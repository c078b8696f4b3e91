"""Everybody who is called for a client: attempts, who of them took the call, and which of those became contacts.

Owns an attempt from its dial to its end, and every count of it. An attempt is a dial towards somebody outside; it is taken, or it fails by the PBX's
word, or nobody knows. Whoever took it and was up long enough is a contact: one from then on, whoever speaks to him and however often he is passed on.
A contact is answered when an agent is through to him, abandoned if none ever was, handled when the last of them has finished.
What a dialer elsewhere pushes into a dialer's queue is a contact without an attempt: nobody saw it dialled.
Refuses channels and bridges (`switchboard`), people's time (`timesheet`) and whose call it is (`outgoing`). Next: `counters`, `ledger`, `chronicle`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from monitor.core.called import CalledRow, CalledTold
from monitor.core.chronicle import Chronicle
from monitor.core.contacts import Attempt, Contact, Contacts
from monitor.core.contract import SECOND, Project, QueueId
from monitor.core.counters import Attempts as Count
from monitor.core.counters import Contacts as Reached
from monitor.core.counters import Counters, Failure, Outcome
from monitor.core.dials import LegDialled
from monitor.core.direction import Direction
from monitor.core.ledger import Ledger
from monitor.core.lost import By, LostCallers
from monitor.core.snapshot import Cell
from monitor.core.timers import Due, Timers

if TYPE_CHECKING:
    from monitor.core.signal_log import Signals

CELLS = {
    Direction.OUTBOUND: (Cell.OUT_ATTEMPTS, Cell.OUT_TAKEN, Cell.OUT_CONTACTS),
    Direction.CALLBACK: (Cell.CALLBACK_ATTEMPTS, Cell.CALLBACK_TAKEN, Cell.CALLBACK_CONTACTS),
}
TAKEN = "answer"  # the PBX's word, beside those of Failure
UNKNOWN = "unknown"
CLOCKS_US = 5 * SECOND  # how far the clock of records may be from ours
REMEMBERED = 2_000  # attempts that have ended


def failure_of(status: str) -> Failure:
    """Why nobody was reached, by the PBX's word."""
    return next((one for one in Failure if one.value == status), Failure.OTHER)


@dataclass(slots=True)
class Attempts:
    """All attempts whose dial has not ended, by PBX and leg; `contacts` knows those that were taken."""

    counters: Counters
    ledger: Ledger
    chronicle: Chronicle
    timers: Timers
    contacts: Contacts
    signals: Signals
    lost_callers: LostCallers
    callbacks: set[tuple[str, str]] = field(default_factory=set)  # callers whom the PBX has rung because they were lost, by PBX and channel
    dialling: dict[tuple[str, str], Attempt] = field(default_factory=dict)
    ended: dict[tuple[str, str], Attempt] = field(default_factory=dict)  # the latest, by PBX and channel: records may tell of them too

    def begin(self, project: Project, dial: LegDialled, agent: str, at: int) -> Attempt:
        """Somebody is being called; if he was lost, back."""
        pbx, leg, region = dial.pbx, dial.leg, dial.region
        direction = Direction.CALLBACK if self.lost_callers.is_open(project.name, dial.whom) else Direction.OUTBOUND
        attempt = Attempt(project, direction, pbx, leg, at, dial.caller or leg, dial.leg_channel, agent, region, dial.whom)
        self.dialling[pbx, leg] = attempt
        self._count(attempt, Count.ATTEMPTS, CELLS[attempt.direction][0])
        return attempt

    def _count(self, attempt: Attempt, count: Count, cell: Cell) -> None:
        self.counters.open_outbound(attempt.project.name)
        self.counters.attempts[attempt.project.name, attempt.direction][count] += 1
        self.ledger.add(attempt.project.name, attempt.at, cell)

    def taken(self, attempt: Attempt, linked: str, at: int) -> Contact:
        """He took the call: from now on it may become a contact."""
        del self.dialling[attempt.pbx, attempt.leg]
        attempt.status, attempt.taken_at = TAKEN, at
        self._count(attempt, Count.TAKEN, CELLS[attempt.direction][1])
        return self._called(attempt, linked, at)

    def _called(self, attempt: Attempt, linked: str, at: int) -> Contact:
        contact = self.contacts.called(attempt, linked, at)
        self.timers.set(at + attempt.project.outbound.contact_min_us, Due.CONTACT, contact)
        return contact

    def expect(self, project: Project | None, queue: QueueId, call: str, caller: str, *, rung: bool) -> None:
        """Whoever comes into this queue now is called back, if he was lost: `rung` by the PBX, or it is a dialer's queue."""
        if project is not None and (rung or queue in project.outbound.dialer_queues) and self.lost_callers.is_open(project.name, caller):
            self.callbacks.add((queue.pbx, call))

    def pushed(self, contact: Contact, pbx: str, call: str, at: int, *, listed: bool = False) -> None:
        """A queue has somebody in it who was called and whose call nobody saw dialled: he took it, that is all that is known; where a list shows him not even
        when."""
        direction = Direction.CALLBACK if (pbx, call) in self.callbacks else Direction.OUTBOUND
        contact.attempt = Attempt(contact.project, direction, pbx, call, at, call, "", seen=False, status=TAKEN, taken_at=at, doubted=listed)
        self.counters.open_outbound(contact.project.name)
        contact.outcome, contact.answered_at = Outcome.ANSWERED, at
        self.contacts.decided(contact)
        self.timers.set(at + contact.project.outbound.contact_min_us, Due.CONTACT, contact)

    def through(self, project: Project | None, queue: QueueId, call: str, at: int) -> Contact | None:
        """Whoever talks in a queue and is in no visit, as far as he was called: known and given up, or in a dialer's queue before anybody looked. The work on
        him is outbound, and he counts no more for it."""
        if project is None:
            return None
        for contact in self.contacts.of_call((project,), queue.pbx, call):
            if contact.attempt is not None:
                self.contacts.found(contact.attempt, call)
                return contact
        if queue not in project.outbound.dialer_queues:
            return None
        self.counters.open_outbound(project.name)
        attempt = Attempt(project, Direction.OUTBOUND, queue.pbx, call, at, call, "", seen=False, status=TAKEN, taken_at=at)
        return Contact(project, at, at, [], outcome=Outcome.ANSWERED, answered_at=at, attempt=attempt, unseen=True)

    def failed(self, attempt: Attempt, failure: Failure, at: int) -> None:
        """Nobody was reached, for this reason."""
        del self.dialling[attempt.pbx, attempt.leg]
        attempt.status = failure.value
        self.counters.failed(attempt.project.name, failure)
        self._ended(attempt)
        self._keep(attempt, at)

    def lost(self, pbx: str, leg: str, at: int) -> None:
        """The leg is gone and nobody knows since when: neither whether he took the call, nor how long he was up."""
        attempt = self.dialling.pop((pbx, leg), None)
        if attempt is not None:
            attempt.status = UNKNOWN
            self.counters.attempts[attempt.project.name, attempt.direction][Count.UNRESOLVED] += 1
            self._ended(attempt)
            self._keep(attempt, at)
            return
        for contact in self.contacts.by_caller.get((pbx, leg), ()):
            attempt = contact.attempt
            if attempt is not None and (attempt.contact_at is None or attempt.spoken_at is None):
                contact.unseen, attempt.doubted = True, attempt.contact_at is None

    def found(self, pbx: str, leg: str, channel: str, linked: str) -> tuple[Attempt | None, Contact | None]:
        """A list shows somebody whose attempt is over as far as was known: who was given up is called again, or the contact he was; nothing of it counts
        twice. Who was seen to go is on an old list."""
        attempt = self.ended.get((pbx, channel))
        if attempt is None or attempt.leg != leg:
            return None, None
        contact = None
        if attempt.status == UNKNOWN:
            self.counters.correct_calls(pbx, "outbound_unresolved")
            attempt.status = ""
            self.dialling[pbx, leg] = self.ended.pop((pbx, channel))
        elif attempt.status == TAKEN:
            contact = self.contacts.found(attempt, linked)
        return attempt, contact

    def long_enough(self, contact: Contact, at: int) -> None:
        """The time has passed after which whoever took a call is a contact, if he is still there."""
        attempt = contact.attempt
        if attempt is None or attempt.contact_at is not None or not contact.callers:
            return
        self._becomes_contact(contact, attempt, at)

    def alive(self, pbx: str, call: str, at: int) -> None:
        """After a time that nobody saw whoever took a call is still there."""
        for contact in self.contacts.by_caller.get((pbx, call), ()):
            attempt = contact.attempt
            if attempt is not None and attempt.taken_at is not None and at - attempt.taken_at >= attempt.project.outbound.contact_min_us:
                self.long_enough(contact, at)

    def _becomes_contact(self, contact: Contact, attempt: Attempt, at: int) -> None:
        attempt.contact_at = at
        name = attempt.project.name
        self.counters.reached[name, attempt.direction][Reached.CONTACTS] += 1
        self.ledger.add(name, attempt.at, CELLS[attempt.direction][2])
        if attempt.spoken_at is not None:
            self._answered(contact, attempt)

    def spoken(self, contact: Contact, agent: str, at: int) -> None:
        """An agent is through to whoever took a call."""
        attempt = contact.attempt
        if attempt is None or attempt.spoken_at is not None:
            return
        attempt.spoken_at, attempt.agent = at, attempt.agent or agent
        if attempt.contact_at is not None:
            self._answered(contact, attempt)

    def _answered(self, contact: Contact, attempt: Attempt) -> None:
        row = self.counters.reached[attempt.project.name, attempt.direction]
        waited = 0 if attempt.spoken_at is None or attempt.taken_at is None else max(0, attempt.spoken_at - attempt.taken_at)
        row[Reached.ANSWERED] += 1
        row[Reached.IN_THRESHOLD] += waited <= contact.project.service_level.threshold_us
        at = attempt.at if attempt.taken_at is None else attempt.taken_at
        self.lost_callers.reached(attempt.project.name, attempt.caller or contact.caller, at, By.CALLBACK)

    def over(self, contact: Contact, attempt: Attempt, at: int) -> None:
        """Nobody is left of the call, and nobody works on it. It may come to this again, when somebody works on it again."""
        row = self.counters.reached[attempt.project.name, attempt.direction]
        if attempt.contact_at is not None and not contact.handled:
            if attempt.spoken_at is not None and not contact.unseen:
                contact.handled, contact.handled_at = True, at
                row[Reached.HANDLED] += 1
            elif attempt.spoken_at is None and attempt.ended_at is None and not (contact.unseen and contact.last in (None, Outcome.UNRESOLVED)):
                waited = 0 if contact.gone_at is None or attempt.taken_at is None else contact.gone_at - attempt.taken_at
                row[Reached.ABANDONED] += 1
                row[Reached.ABANDONED_IN_THRESHOLD] += waited <= contact.project.service_level.threshold_us
        if attempt.ended_at is None:
            self._ended(attempt)
        attempt.ended_at = contact.gone_at
        self.callbacks.discard((attempt.pbx, attempt.leg))
        self._keep(attempt, at, contact)

    def _keep(self, attempt: Attempt, at: int, contact: Contact | None = None) -> None:
        """It is told with the signals that held where he was called when he was, as they are known when it is told first."""
        self._note(attempt)
        self.chronicle.attempt(attempt, at, contact)

    def _note(self, attempt: Attempt) -> None:
        if attempt.signals is None:
            attempt.signals = self.signals.at(attempt.project.name, attempt.region or None, attempt.at)

    def note_signals(self) -> None:
        """Other signals are about to be configured: calls under way have those that held when they began."""
        taken = (one.attempt for listed in self.contacts.by_caller.values() for one in listed if one.attempt is not None)
        for attempt in (*self.dialling.values(), *taken):
            self._note(attempt)

    def _ended(self, attempt: Attempt) -> None:
        self.ended[attempt.pbx, attempt.channel] = attempt
        if len(self.ended) > REMEMBERED:
            del self.ended[next(iter(self.ended))]

    # --- what records tell ----------------------------------------------------------------------------------------------------------

    def told(self, event: CalledTold, projects: Mapping[str, Project], whose: Callable[[str, str], str]) -> None:
        """Count those called in a time nobody saw. Whose channel was seen is counted; `whose` phone a channel is says who dialled. Where a caller of ours
        has dialled he was passed on, and where a queue's member is a Local channel he was rung at home: neither is an attempt."""
        taken = [one.attempt for listed in self.contacts.by_caller.values() for one in listed if one.attempt is not None]
        alive = {attempt.channel: attempt for attempt in (*self.dialling.values(), *taken) if attempt.pbx == event.pbx}
        ended = dict(self.ended)  # as they are now: a long day pushes them out
        for row in event.rows:
            project, contacts = projects.get(row.project), self._contacts_of(event.pbx, row, projects)
            known = ended.get((event.pbx, row.channel)) or next((one for c in contacts if (one := c.attempt) and one.channel == row.channel), None)
            dialler = whose(event.pbx, row.dialler)
            if self._is(alive.get(row.channel), row) or (dialler and row.dialler.startswith("Local/")):
                continue
            if not self._is(known, row):
                known = None
            if known is not None and known.status == UNKNOWN:
                self._resolved(known, row)
            elif known is not None and known.status == TAKEN and known.contact_at is None and known.doubted:
                self._settled(known, row)
            elif known is None and project is not None:
                pushed = next((one.attempt for one in contacts if one.attempt is not None and not one.attempt.seen), None)
                if pushed is not None:
                    self._dialled(pushed, row)
                elif not whose(event.pbx, row.channel) and not any(one.attempt is None and one.keys[0][2] == row.call for one in contacts):
                    self._add(project, event.pbx, row, dialler)

    @staticmethod
    def _is(attempt: Attempt | None, row: CalledRow) -> bool:
        """Whether a row tells of this attempt, whose channel has that name: a PBX that was started anew names its channels from the beginning."""
        return attempt is not None and row.at - CLOCKS_US <= attempt.at <= row.ended_at + CLOCKS_US

    def _contacts_of(self, pbx: str, row: CalledRow, projects: Mapping[str, Project]) -> list[Contact]:
        """Those that are remembered, an attempt's too whose end is still open: what came of its visit may be in a gap that is not committed yet."""
        return [one for call in (row.call, row.linked) for one in self.contacts.of_call(projects.values(), pbx, call)]

    def _dialled(self, attempt: Attempt, row: CalledRow) -> None:
        """Somebody who was in a dialer's queue was dialled here after all: what becomes of him is known already."""
        attempt.seen, attempt.at, attempt.channel, attempt.region = True, row.at, row.channel, row.region
        for count, cell in zip((Count.ATTEMPTS, Count.TAKEN), CELLS[attempt.direction], strict=False):
            self._count(attempt, count, cell)
        if attempt.doubted and attempt.contact_at is None and attempt.ended_at is not None:
            self._settled(attempt, row)
        if attempt.ended_at is not None:
            self._ended(attempt)
            self._keep(attempt, attempt.ended_at)

    def _add(self, project: Project, pbx: str, row: CalledRow, agent: str) -> None:
        direction = Direction.CALLBACK if self.lost_callers.is_open(project.name, row.whom, row.at) else Direction.OUTBOUND
        attempt = Attempt(project, direction, pbx, row.call, row.at, row.call, row.channel, agent, row.region, row.whom)
        self._count(attempt, Count.ATTEMPTS, CELLS[attempt.direction][0])
        self._settle(attempt, row)

    def _resolved(self, attempt: Attempt, row: CalledRow) -> None:
        """Nobody knew how it ended; now somebody does."""
        self.counters.correct_calls(attempt.pbx, "outbound_unresolved")
        self._settle(attempt, row)

    def _settled(self, attempt: Attempt, row: CalledRow) -> None:
        """He took the call, and nobody knew how long he stayed."""
        attempt.doubted = False
        if self._stayed(attempt, row):
            self._told_contact(attempt, row)
        self._keep(attempt, row.ended_at)

    def _settle(self, attempt: Attempt, row: CalledRow) -> None:
        attempt.status = row.status
        if row.taken_at is None:
            failure = failure_of(row.status)
            attempt.status = failure.value
            self.counters.failed(attempt.project.name, failure)
        else:
            attempt.taken_at, attempt.ended_at = row.taken_at, row.ended_at
            self._count(attempt, Count.TAKEN, CELLS[attempt.direction][1])
            if self._stayed(attempt, row):
                self._told_contact(attempt, row)
        self._ended(attempt)
        self._keep(attempt, row.ended_at)

    @staticmethod
    def _stayed(attempt: Attempt, row: CalledRow) -> bool:
        return row.taken_at is not None and row.ended_at - row.taken_at >= attempt.project.outbound.contact_min_us

    def _told_contact(self, attempt: Attempt, row: CalledRow) -> None:
        """He was there long enough. Whether an agent was through to him, and when, no record tells; who dialled himself was, when the call was taken."""
        attempt.contact_at, attempt.ended_at = row.ended_at, row.ended_at
        self.counters.reached[attempt.project.name, attempt.direction][Reached.CONTACTS] += 1
        self.ledger.add(attempt.project.name, attempt.at, CELLS[attempt.direction][2])
        if attempt.agent and row.taken_at is not None:
            self.lost_callers.reached(attempt.project.name, attempt.caller, row.taken_at, By.CALLBACK)

    def shift(self, step: int, contacts: Iterable[Contact]) -> None:
        """Civil time stepped: every instant of what is under way moves with it, of these contacts too."""
        taken = (contact.attempt for contact in contacts if contact.attempt is not None)
        for attempt in {id(one): one for one in (*self.dialling.values(), *self.ended.values(), *taken)}.values():
            attempt.shift(step)
