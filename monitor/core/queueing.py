"""Every caller in every queue: moves visits along the table of `calls` and counts each end once.

Owns the open visits and contacts, and the counting of them in counters and ledger. Refuses agents (told by the floor when an agent
starts or ends work on a contact) and the wire. Fates are counted at the moment they are decided, and in the ledger in the minute of
arrival. Next: `floor` feeds signs, `staff` takes over at the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from monitor.core.calls import DECIDE_US, REASONS, Sign, Stage, Visit, step
from monitor.core.contacts import Contact, Contacts
from monitor.core.contract import Contract, Project, QueueId
from monitor.core.counters import Contacts as Count
from monitor.core.counters import Counters, Outcome, Reason
from monitor.core.counters import Visits as Tally
from monitor.core.events import Position
from monitor.core.ledger import Ledger
from monitor.core.snapshot import Cell
from monitor.core.timers import Due, Timers

Report = Callable[[str, str], None]
VISIT_CELLS = {
    Outcome.ANSWERED: Cell.VISITS_ANSWERED,
    Outcome.ABANDONED: Cell.VISITS_ABANDONED,
    Outcome.SHORT: Cell.VISITS_SHORT,
    Outcome.FLOWED_OUT: Cell.VISITS_FLOWED_OUT,
    Outcome.UNRESOLVED: Cell.VISITS_UNRESOLVED,
}


class Queueing:
    """All visits that are not ended, by caller; `report(kind, detail)` takes anomalies; `questions` are exits to ask the PBX about."""

    def __init__(self, contract: Contract, ledger: Ledger, counters: Counters, timers: Timers, report: Report) -> None:
        self._contract = contract
        self._ledger = ledger
        self._counters = counters
        self._timers = timers
        self._report = report
        self.contacts = Contacts()
        self.open: dict[tuple[str, str], Visit] = {}  # the one visit of a caller that is still in or just out of a queue
        self.flowing: dict[tuple[str, str, str], list[Visit]] = {}  # flowed out, reasons being asked, in the order of the questions
        self.parked: list[Visit] = []  # ended in a gap that is not committed yet
        self.questions: list[tuple[str, str, str]] = []
        self._numbers: dict[tuple[str, str], int] = {}
        self._longest_wait: dict[QueueId, int] = {}
        self._strangers: dict[tuple[str, str], QueueId] = {}  # callers in a queue nobody claims

    def join(self, pbx: str, call: str, linked: str, queue: str, did: str, position: Position, at: int) -> Visit | None:
        """A caller enters a queue; None when he is in it already or the queue is nobody's."""
        place = QueueId(pbx, queue)
        current = self.open.get((pbx, call))
        if current is not None:
            if current.queue == place and current.stage in (Stage.WAITING, Stage.DYING):
                self._date(current, at)
                return None
            self.sign(current, Sign.REJOINED, at)
        project = self._contract.project_for(place, did)
        if project is None:
            self._counters.unclaimed[place] += self._strangers.get((pbx, call)) != place
            self._strangers[pbx, call] = place
            return None
        contact, fresh = self.contacts.join(project, pbx, call, linked, at)
        number = self._numbers[pbx, call] = self._numbers.get((pbx, call), 0) + 1
        visit = Visit(place, call, number, project, contact, at, position)
        contact.undecided += 1
        self.open[pbx, call] = visit
        self._counters.visits[project.name, place][Tally.ENTERED] += 1
        self._ledger.add(project.name, at, Cell.VISITS)
        if fresh:
            self._counters.contacts[project.name][Count.CONTACTS] += 1
            self._ledger.add(project.name, at, Cell.CONTACTS)
        return visit

    def _date(self, visit: Visit, at: int) -> None:
        """The event of a join we knew from a list only: now the instant is exact."""
        if not visit.estimated:
            return
        name, contact = visit.project.name, visit.contact
        if contact.joined_at == visit.joined_at:
            self._ledger.add(name, contact.joined_at, Cell.CONTACTS, -1)
            self._ledger.add(name, at, Cell.CONTACTS)
            contact.joined_at = at
        self._ledger.add(name, visit.joined_at, Cell.VISITS, -1)
        self._ledger.add(name, at, Cell.VISITS)
        visit.joined_at, visit.estimated = at, False

    def in_queue(self, pbx: str, call: str, queue: str) -> Visit | None:
        """The caller's undecided visit of this queue."""
        visit = self.open.get((pbx, call))
        return visit if visit is not None and visit.queue.name == queue else None

    def abandon(self, visit: Visit, position: Position, held_seconds: int | None, at: int) -> None:
        """The PBX says abandoned, at this position of the caller's channel."""
        if visit.left_at is None:
            visit.left_at = at
        if visit.pending is None:
            visit.pending, visit.held_seconds = position, held_seconds
        before = visit.stage
        self.sign(visit, Sign.ABANDON, at)
        if before is not Stage.DECIDING and visit.stage is Stage.DECIDING:
            self._timers.set(at + DECIDE_US, Due.DECIDE, visit)
            if visit.position.context and position != visit.position and position.exten != "h":  # redirected while waiting: the PBX is already elsewhere
                self.sign(visit, Sign.MOVED, at)

    def stranger_left(self, pbx: str, call: str) -> None:
        """A caller is out of a queue nobody claims."""
        self._strangers.pop((pbx, call), None)

    def leave(self, visit: Visit, at: int) -> None:
        """The caller is out of the queue."""
        stage = visit.stage
        if stage in (Stage.LEFT, Stage.ANNOUNCING):
            return  # told twice
        deciding = stage in (Stage.DECIDING, Stage.FLOWING)
        if visit.left_at is None:
            visit.left_at = at
        self.sign(visit, Sign.LEFT if visit.phone is None else Sign.LEFT_ANSWERED, at)
        if deciding and not visit.asked:
            visit.asked = True
            self.questions.append((visit.queue.pbx, visit.call, visit.queue.name))
        elif visit.stage is Stage.LEFT:
            self._timers.set(at + DECIDE_US, Due.DECIDE, visit)

    def told(self, pbx: str, call: str, queue: str, status: str | None, at: int) -> None:
        """The PBX's own word on the last exit of a caller."""
        visit = next(iter(self.flowing.get((pbx, call, queue), ())), None) or self.in_queue(pbx, call, queue)
        if visit is None or visit.pending is None or not visit.asked:
            return
        visit.reason = REASONS.get(status or "")
        if visit.reason is Reason.TIMEOUT and visit.held_seconds is not None:
            known = self._longest_wait.get(visit.queue)
            self._longest_wait[visit.queue] = visit.held_seconds if known is None else min(known, visit.held_seconds)
        self.sign(visit, Sign.TOLD, at)

    def seen(self, pbx: str, call: str, position: Position, at: int, soft: bool = False) -> None:
        """Any sign of the caller's channel: has the dialplan moved on?"""
        visit = self.open.get((pbx, call))
        if visit is None:
            return
        if soft:
            visit.soft = position
        if visit.stage is Stage.DECIDING and visit.moved_to(position):
            self.sign(visit, Sign.MOVED, at)

    def hangup(self, pbx: str, call: str, position: Position, soft: bool, at: int) -> None:
        """Somebody wants the end of the caller's channel."""
        self.seen(pbx, call, position, at, soft)
        visit = self.open.get((pbx, call))
        if visit is not None:
            self.sign(visit, Sign.HANGUP, at)

    def phone_up(self, pbx: str, call: str, leg: str) -> None:
        """An agent's phone was answered for this caller."""
        visit = self.open.get((pbx, call))
        if visit is not None:
            visit.phone = leg

    def phone_down(self, pbx: str, leg: str, call: str | None, at: int) -> None:
        """That phone is gone again without a connection."""
        visit = None if call is None else self.open.get((pbx, call))
        if visit is None or visit.phone != leg:
            return
        visit.phone = None
        self.sign(visit, Sign.PHONE_DOWN, at)
        if visit.stage is Stage.LEFT:
            self._timers.set(at + DECIDE_US, Due.DECIDE, visit)

    def decide_soon(self, visit: Visit, at: int) -> None:
        """The second of silence passed while nobody could look: it begins anew."""
        if visit.stage in (Stage.DECIDING, Stage.LEFT):
            self._timers.set(at + DECIDE_US, Due.DECIDE, visit)

    def connect(self, visit: Visit, at: int) -> None:
        """An agent answers."""
        self.sign(visit, Sign.CONNECT, at)

    def silence(self, visit: Visit, at: int) -> None:
        """A second has passed: whoever still lives has gone on."""
        if visit.outcome is None and visit.stage in (Stage.DECIDING, Stage.LEFT, Stage.FLOWING) and not visit.doubted and visit not in self.parked:
            self.sign(visit, Sign.SILENCE, at)

    def gone(self, pbx: str, call: str, position: Position, at: int) -> None:
        """The caller's channel ended."""
        visit = self.open.get((pbx, call))
        if visit is not None:
            if visit.stage in (Stage.WAITING, Stage.DYING) and visit.left_at is None:
                visit.left_at = at
            self.sign(visit, visit.gone_at(position, self._longest_wait.get(visit.queue)), at)
        self._numbers.pop((pbx, call), None)
        self._strangers.pop((pbx, call), None)
        for contact in self.contacts.caller_gone(pbx, call):
            self.review(contact, at)

    def lose(self, visit: Visit, at: int) -> None:
        """The end of the visit will never be known."""
        if visit.left_at is None:
            visit.left_at = at
        if visit in self.parked:
            self.parked.remove(visit)
        self.sign(visit, Sign.LOST, at)

    def sign(self, visit: Visit, sign: Sign, at: int) -> None:
        """Move the visit by the table; an illegal sign is reported and healed."""
        then, legal = step(visit.stage, sign)
        if not legal:
            self._report("visit_" + sign.name.lower(), f"{sign.name} while {visit.stage.name}, queue {visit.queue}")
        if isinstance(then, Outcome):
            self._end(visit, then, at)
        elif then is Stage.TALKING:
            if visit.stage is not Stage.TALKING:
                self._end(visit, Outcome.ANSWERED, at)
        elif then is Stage.FLOWING and visit.stage is not Stage.FLOWING:
            self._flow(visit, at)
        else:
            visit.stage = then

    def _flow(self, visit: Visit, at: int) -> None:
        if visit.asked and visit.reason is not None:
            self._end(visit, Outcome.FLOWED_OUT, at)
            return
        visit.stage = Stage.FLOWING
        self.flowing.setdefault((visit.queue.pbx, visit.call, visit.queue.name), []).append(visit)
        if self.open.get((visit.queue.pbx, visit.call)) is visit and visit.asked:
            del self.open[visit.queue.pbx, visit.call]

    def _end(self, visit: Visit, outcome: Outcome, at: int) -> None:
        """Count the visit. Waits end at the answer, or when the caller was out of the queue."""
        pbx, queue, project = visit.queue.pbx, visit.queue, visit.project
        key = (pbx, visit.call)
        if self.open.get(key) is visit:
            del self.open[key]
        asking = self.flowing.get((pbx, visit.call, queue.name), [])
        if visit in asking:
            asking.remove(visit)
            if not asking:
                del self.flowing[pbx, visit.call, queue.name]
        out = at if outcome is Outcome.ANSWERED or visit.left_at is None else visit.left_at
        visit.wait_us = max(0, out - visit.joined_at)
        if outcome is Outcome.ABANDONED and visit.wait_us < project.short_us:
            outcome = Outcome.SHORT
        visit.outcome = outcome
        visit.stage = Stage.TALKING if outcome is Outcome.ANSWERED else Stage.ENDED
        tally = self._counters.visits[project.name, queue]
        in_time = visit.wait_us <= project.service_level.threshold_us
        if outcome is Outcome.ANSWERED:
            tally[Tally.ANSWERED] += 1
            tally[Tally.IN_THRESHOLD] += in_time
        elif outcome is Outcome.ABANDONED:
            tally[Tally.ABANDONED] += 1
            tally[Tally.ABANDONED_IN_THRESHOLD] += in_time
        elif outcome is Outcome.SHORT:
            tally[Tally.SHORT] += 1
        elif outcome is Outcome.FLOWED_OUT:
            reason = visit.reason or (Reason.OTHER if visit.pending is not None else Reason.KEY)
            self._counters.flowed_out[project.name, queue, reason] += 1
        else:
            tally[Tally.UNRESOLVED] += 1
        waits = self._counters.waits.get((project.name, queue, outcome))
        if waits is not None:
            waits.observe(visit.wait_us)
        self._ledger.add(project.name, visit.joined_at, VISIT_CELLS[outcome])
        self._fate(visit, outcome, out, at)

    def _fate(self, visit: Visit, outcome: Outcome, out: int, at: int) -> None:
        contact = visit.contact
        contact.undecided -= 1
        contact.last, contact.last_left_at = outcome, out
        if outcome is Outcome.ANSWERED and contact.outcome is None:
            self._decide(contact, outcome)
        self.review(contact, at)

    def _decide(self, contact: Contact, outcome: Outcome) -> None:
        """The contact's outcome is final; its wait runs from its first join."""
        project, name = contact.project, contact.project.name
        wait_us = max(0, contact.last_left_at - contact.joined_at)
        if outcome in (Outcome.ABANDONED, Outcome.SHORT):
            outcome = Outcome.SHORT if wait_us < project.short_us else Outcome.ABANDONED
        contact.outcome = outcome
        self.contacts.decided(contact)
        in_time = wait_us <= project.service_level.threshold_us
        row = self._counters.contacts[name]

        def count(cell: Cell, kind: Count | None, amount: int = 1) -> None:
            if amount:
                self._ledger.add(name, contact.joined_at, cell, amount)
                if kind is not None:
                    row[kind] += amount

        if outcome is Outcome.ANSWERED:
            count(Cell.ANSWERED, Count.ANSWERED)
            count(Cell.IN_THRESHOLD, Count.IN_THRESHOLD, in_time)
        elif outcome is Outcome.ABANDONED:
            count(Cell.ABANDONED, Count.ABANDONED)
            count(Cell.ABANDONED_IN_THRESHOLD, Count.ABANDONED_IN_THRESHOLD, in_time)
        elif outcome is Outcome.SHORT:
            count(Cell.SHORT, Count.SHORT)
        elif outcome is Outcome.FLOWED_OUT:
            count(Cell.FLOWED_OUT, Count.FLOWED_OUT)
        else:
            count(Cell.UNRESOLVED, None)

    def review(self, contact: Contact, at: int) -> None:
        """Is the contact final, is it handled?"""
        if not contact.final:
            return
        if contact.outcome is None and contact.last is not None:
            self._decide(contact, contact.last)
        if contact.handled or contact.working:
            return
        if contact.outcome is Outcome.ANSWERED and not contact.unseen:
            contact.handled = True
            name = contact.project.name
            self._counters.contacts[name][Count.HANDLED] += 1
            self._ledger.add(name, at, Cell.HANDLED)
            self._ledger.add(name, at, Cell.HANDLED_US, contact.handle_us)
        self.contacts.close(contact, at)

    def park(self, visit: Visit) -> None:
        """The visit ended in a gap: nobody knows how, until the gap is healed or given up."""
        if self.open.get((visit.queue.pbx, visit.call)) is visit:
            del self.open[visit.queue.pbx, visit.call]
        self.parked.append(visit)

    def vanished(self, pbx: str, call: str, at: int) -> None:
        """A caller's channel is no more, and its end was not seen."""
        self._numbers.pop((pbx, call), None)
        self._strangers.pop((pbx, call), None)
        for contact in self.contacts.caller_gone(pbx, call):
            self.review(contact, at)

    def handled(self, visit: Visit) -> None:
        """The agent has finished with this visit, after-call work included."""
        self._counters.visits[visit.project.name, visit.queue][Tally.HANDLED] += 1

    def undecided(self) -> Iterator[Visit]:
        """Every visit that is not counted yet."""
        yield from self.open.values()
        yield from self.parked
        yield from (v for asking in self.flowing.values() for v in asking if v is not self.open.get((v.queue.pbx, v.call)))

    def project_of_open(self, pbx: str, call: str) -> Project | None:
        """The project of the caller's undecided visit."""
        visit = self.open.get((pbx, call))
        return None if visit is None else visit.project

    def shift(self, step: int) -> None:
        """Move every instant by the same step."""
        contacts: set[Contact] = set()
        for visit in self.undecided():
            visit.joined_at += step
            visit.left_at = None if visit.left_at is None else visit.left_at + step
            contacts.add(visit.contact)
        self.contacts.shift(step, contacts)
