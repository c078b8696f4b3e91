"""Every caller in every queue: moves visits along the table of `calls` and counts each end once.

Owns the open visits and contacts and the moment at which an end is certain. Refuses counting (`register`), agents (told by the floor
when an agent starts or ends work on a contact) and the wire. Next: `floor` feeds signs, `staff` takes over at the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from monitor.core.agents import Wrapup
from monitor.core.attempts import Attempts
from monitor.core.calls import DECIDE_US, LOGGED, REASONS, VERBS, Sign, Stage, Visit, step
from monitor.core.contacts import Contact
from monitor.core.contract import Contract, QueueId
from monitor.core.counters import Counters, Outcome, Reason
from monitor.core.events import Position
from monitor.core.given_up import GivenUp
from monitor.core.register import Register
from monitor.core.strangers import Strangers
from monitor.core.timers import Due, Timers

Report = Callable[[str, str], None]
NOWHERE = Position("", "", "")
UNCERTAIN = (Stage.DECIDING, Stage.LEFT, Stage.FLOWING)


class Queueing:
    """All visits that are not ended, by caller; `report(kind, detail)` takes anomalies; `questions` are exits to ask the PBX about."""

    def __init__(self, contract: Contract, counters: Counters, register: Register, attempts: Attempts, timers: Timers, report: Report) -> None:
        self.contract = contract
        self._register = register
        self.logbook = register.logbook
        self._counters = counters
        self._timers = timers
        self._report = report
        self.attempts = attempts
        self.contacts = attempts.contacts
        self.open: dict[tuple[str, str], Visit] = {}  # the one visit of a caller that is still in or just out of a queue
        self.flowing: dict[tuple[str, str, str], list[Visit]] = {}  # flowed out, reasons being asked, in the order of the questions
        self.parked: list[Visit] = []  # ended in a gap that is not committed yet
        self.given_up = GivenUp()
        self.questions: list[tuple[str, str, str]] = []
        self.numbers: dict[tuple[str, str], int] = {}  # how many visits each caller who lives has begun
        self._longest_wait: dict[QueueId, int] = {}
        self.strangers = Strangers(counters, register.logbook)
        self.talking: dict[tuple[str, str, str], Visit] = {}  # answered, as a log tells, by caller and queue; until a snapshot shows the talk
        self.wrapping: dict[tuple[str, str], Wrapup] = {}  # after-call work, as a log tells, by PBX and interface

    def join(self, pbx: str, call: str, linked: str, queue: str, did: str, position: Position, at: int, *, listed: bool = False) -> Visit | None:
        """A caller enters a queue, or with `listed` is found in it; None when he is in it already or the queue is nobody's."""
        place = QueueId(pbx, queue)
        current = self.open.get((pbx, call))
        if current is not None:
            if current.queue == place and current.stage in (Stage.WAITING, Stage.DYING):
                if current.estimated:
                    self._register.redated(current, at)
                    current.estimated = False
                return None
            self.sign(current, Sign.REJOINED, at)
        project = self.contract.project_for(place, did)
        if project is None:
            self.strangers.joined(call, place, at)
            return None
        if not self.logbook.retelling and self.logbook.is_echo((pbx, call, queue), at):
            return None
        contact, fresh = self.contacts.join(project, pbx, call, linked, at, self.logbook.blur_us)
        if fresh and (place in project.outbound.dialer_queues or (pbx, call) in self.attempts.callbacks):
            self.attempts.pushed(contact, pbx, call, at, listed=listed)
        number = self.numbers[pbx, call] = self.numbers.get((pbx, call), 0) + 1
        place_seen = NOWHERE if self.logbook.retelling else position  # a log knows nothing of the dialplan
        visit = Visit(place, call, number, project, contact, at, place_seen, at, contact.joins, estimated=listed, blur_us=self.logbook.blur_us)
        contact.undecided += 1
        self.logbook.joined(visit)
        self.open[pbx, call] = visit
        self._register.entered(visit, fresh=fresh and contact.attempt is None, seen=not listed)
        return visit

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
        before, visit.doubted = visit.stage, False
        self.sign(visit, Sign.ABANDON, at)
        if before is not Stage.DECIDING and visit.stage is Stage.DECIDING:
            self._timers.set(at + DECIDE_US, Due.DECIDE, visit)
            if visit.position.context and position != visit.position and position.exten != "h":  # redirected while waiting: the PBX is already elsewhere
                self.sign(visit, Sign.MOVED, at)

    def leave(self, visit: Visit, at: int) -> None:
        """The caller is out of the queue."""
        stage = visit.stage
        if stage in (Stage.LEFT, Stage.ANNOUNCING):
            return  # told twice
        deciding, visit.doubted = stage in (Stage.DECIDING, Stage.FLOWING), False
        if visit.left_at is None:
            visit.left_at = at
        self.sign(visit, Sign.LEFT if visit.phone is None else Sign.LEFT_ANSWERED, at)
        if visit.outcome is not None:
            return  # the record has spoken before
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

    def logged_exit(self, pbx: str, call: str, queue: str, verb: str, at: int) -> None:
        """queue_log says how a caller went out of a queue."""
        key, book = (pbx, call, queue), self.logbook
        if verb not in VERBS:
            return
        counted = book.counted(key, at)
        if counted is not None:
            self._register.compare(counted, verb)
            return
        if book.retelling:
            self.find_again(*key)
        visit = next(iter(self.flowing.get(key, ())), None) or self.in_queue(pbx, call, queue)
        if visit is None:
            return
        visit.verdict = verb
        if book.retelling and visit.left_at is None:
            visit.left_at = at
        if book.retelling or visit.stage in UNCERTAIN:
            self._judge(visit, at)

    def _judge(self, visit: Visit, at: int) -> None:
        """End the visit as the record says."""
        reason = VERBS[visit.verdict or ""]
        sign = Sign.LOGGED_ABANDON if reason is None else Sign.LOGGED_EXIT
        if visit.presumed is not None and visit.presumed is not LOGGED[sign]:
            self._report("log_disagrees", f"{visit.verdict} after signs of {visit.presumed}, queue {visit.queue}")
        visit.reason = reason
        self.sign(visit, sign, at)

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
        if visit.outcome is not None or visit.stage not in UNCERTAIN or visit.doubted or visit in self.parked:
            return
        if self.logbook.waits(visit, Sign.SILENCE):
            visit.patient = True
            self._timers.set(at + DECIDE_US, Due.DECIDE, visit)
        else:
            self.sign(visit, Sign.SILENCE, at)

    def gone(self, pbx: str, call: str, position: Position, at: int) -> None:
        """The caller's channel ended."""
        visit = self.open.get((pbx, call))
        if visit is not None and visit.doubted:
            self.lose(visit, at)  # he was out of the queue before, nobody saw how
        elif visit is not None:
            if visit.stage in (Stage.WAITING, Stage.DYING) and visit.left_at is None:
                visit.left_at = at
            self.sign(visit, visit.gone_at(position, self._longest_wait.get(visit.queue)), at)
        self.vanished(pbx, call, at)

    def vanished(self, pbx: str, call: str, at: int) -> None:
        """A caller's channel is no more, whether its end was seen or not."""
        self.numbers.pop((pbx, call), None)
        self.strangers.left(pbx, call)
        for contact in self.contacts.caller_gone(pbx, call, at):
            self.review(contact, at)
        for key in [key for key in self.talking if key[:2] == (pbx, call)]:
            self._told_over(self.talking.pop(key), at)

    def lose(self, visit: Visit, at: int) -> None:
        """The end of the visit will never be known."""
        if visit.left_at is None:
            visit.left_at = at
        if visit in self.parked:
            self.parked.remove(visit)
        self.sign(visit, Sign.LOST, at)
        if visit.outcome is Outcome.UNRESOLVED:
            self.given_up.add(visit)

    def sign(self, visit: Visit, sign: Sign, at: int) -> None:
        """Move the visit by the table; an illegal sign is reported and healed."""
        then, legal = step(visit.stage, sign)
        if then not in (visit.stage, Stage.DYING):
            visit.doubted = False  # how he left is being told
        if not legal:
            self._report("visit_" + sign.name.lower(), f"{sign.name} while {visit.stage.name}, queue {visit.queue}")
        if isinstance(then, Outcome):
            self._over(visit, sign, then, at)
        elif then is Stage.TALKING:
            if visit.stage is not Stage.TALKING:
                self._end(visit, Outcome.ANSWERED, at)
        elif then is Stage.FLOWING and visit.stage is not Stage.FLOWING:
            self._flow(visit, at)
        else:
            visit.stage = then
            if visit.verdict is not None and then in UNCERTAIN:
                self._judge(visit, at)

    def _over(self, visit: Visit, sign: Sign, outcome: Outcome, at: int) -> None:
        """The visit is over by this sign: by the record's word if there is one, else now, or when the record has had its time."""
        if sign in LOGGED:
            self._end(visit, outcome, at)
        elif visit.verdict is not None:
            self._judge(visit, at)
        elif not self.logbook.waits(visit, sign):
            self._end(visit, outcome if visit.presumed is None or visit.reason is not None else visit.presumed, at)
        elif visit.stage is not Stage.FLOWING:
            self._flow(visit, at, outcome)

    def _flow(self, visit: Visit, at: int, presumed: Outcome = Outcome.FLOWED_OUT) -> None:
        if visit.asked and visit.reason is not None:
            self._end(visit, Outcome.FLOWED_OUT, at)
            return
        visit.stage, visit.presumed = Stage.FLOWING, presumed
        if visit.verdict is not None:
            self._judge(visit, at)
            return
        self._timers.set(at + DECIDE_US, Due.DECIDE, visit)
        self.flowing.setdefault((visit.queue.pbx, visit.call, visit.queue.name), []).append(visit)
        if self.open.get((visit.queue.pbx, visit.call)) is visit and visit.asked:
            del self.open[visit.queue.pbx, visit.call]

    def _end(self, visit: Visit, outcome: Outcome, at: int) -> None:
        """Count the visit. Waits end at the answer, or when the caller was out of the queue."""
        pbx, queue = visit.queue.pbx, visit.queue
        key = (pbx, visit.call)
        if self.open.get(key) is visit:
            del self.open[key]
        asking = self.flowing.get((pbx, visit.call, queue.name), [])
        if visit in asking:
            asking.remove(visit)
            if not asking:
                del self.flowing[pbx, visit.call, queue.name]
        out = at if outcome is Outcome.ANSWERED or visit.left_at is None else visit.left_at
        self.logbook.ended(visit, outcome, out)
        visit.wait_us = max(0, out - visit.joined_at)
        visit.outcome = outcome = self._register.ended(visit, outcome)
        visit.stage = Stage.TALKING if outcome is Outcome.ANSWERED else Stage.ENDED
        contact = visit.contact
        contact.undecided -= 1
        if visit.ordinal >= contact.last_ordinal:
            contact.last, contact.last_left_at, contact.last_ordinal = outcome, out, visit.ordinal
        if outcome is Outcome.ANSWERED and contact.outcome is None:
            contact.last_left_at = out
            self._decide(contact, outcome)
        self.review(contact, at)

    def _decide(self, contact: Contact, outcome: Outcome) -> None:
        if outcome is Outcome.ANSWERED:
            contact.answered_at = contact.last_left_at
        contact.outcome = self._register.decided(contact, outcome)
        self.contacts.decided(contact)

    def review(self, contact: Contact, at: int) -> None:
        """Is the contact final, is it handled?"""
        if not contact.final:
            return
        if contact.outcome is None and contact.last is not None:
            self._decide(contact, contact.last)
        if contact.working:
            return
        if contact.attempt is not None:
            self.attempts.over(contact, contact.attempt, at)
        elif contact.outcome is Outcome.ANSWERED:
            if not contact.handled and not contact.unseen:
                contact.handled = True
                self._register.handled(contact, at)
            self._register.charge(contact)  # again, if it was worked on again
        self.contacts.close(contact, at)

    def park(self, visit: Visit) -> None:
        """The visit ended in a gap: nobody knows how, until the gap is healed or given up."""
        if self.open.get((visit.queue.pbx, visit.call)) is visit:
            del self.open[visit.queue.pbx, visit.call]
        self.parked.append(visit)

    def find_again(self, pbx: str, call: str, queue: str) -> None:
        """A log tells of a visit that was given up for lost, if the caller is in no other one now."""
        lost = self.given_up.get(pbx, call, queue)
        if lost is not None and (pbx, call) not in self.open:
            self.readopt(lost)

    def readopt(self, visit: Visit) -> None:
        """A visit that was given up for lost is still there: what was counted of its end is taken back."""
        key = (visit.queue.pbx, visit.call)
        self.given_up.remove(visit)
        self._register.reopened(visit)
        if visit.contact.outcome is Outcome.UNRESOLVED:
            self.contacts.reopen(visit.contact, *key)
        visit.contact.undecided += 1
        visit.outcome = visit.left_at = visit.pending = visit.soft = visit.presumed = None
        visit.stage, visit.doubted = Stage.WAITING, False
        self.open[key] = visit
        self.numbers[key] = max(self.numbers.get(key, 0), visit.number)

    def adopt(self, visit: Visit) -> None:
        """A visit that a log told of and that is not over."""
        self.open[visit.queue.pbx, visit.call] = visit

    def close_told(self, pbx: str, at: int) -> None:
        """The PBX was seen: work that a log told of and nobody does any more is over."""
        for who in [who for who in self.wrapping if who[0] == pbx]:
            self._told_over(self.wrapping.pop(who).visit, at)
        for key in [key for key in self.talking if key[0] == pbx and key[:2] not in self.contacts.by_caller]:
            self._told_over(self.talking.pop(key), at)

    def _told_over(self, visit: Visit | None, at: int) -> None:
        if visit is not None:
            self._register.visit_handled(visit)
            self.review(visit.contact, at)

    def forget_numbers(self, pbx: str, alive: Collection[str]) -> None:
        """The PBX was seen: whose channel is no more begins no visit."""
        self.numbers = {key: number for key, number in self.numbers.items() if key[0] != pbx or key[1] in alive}

    def handled(self, visit: Visit) -> None:
        """The agent has finished with this visit, after-call work included."""
        self._register.visit_handled(visit)

    def undecided(self) -> Iterator[Visit]:
        """Every visit that is not counted yet."""
        yield from self.open.values()
        yield from self.parked
        yield from (v for asking in self.flowing.values() for v in asking if v is not self.open.get((v.queue.pbx, v.call)))

    def every(self) -> Iterator[Visit]:
        """Every visit that may still be looked at: those not counted, those given up, those a log told of."""
        yield from self.undecided()
        yield from self.given_up
        yield from self.talking.values()

    def shift(self, step: int) -> None:
        """Move every instant by the same step."""
        contacts: set[Contact] = set()
        for visit in self.every():
            visit.joined_at += step
            visit.left_at = None if visit.left_at is None else visit.left_at + step
            contacts.add(visit.contact)
        for wrapup in self.wrapping.values():
            wrapup.until += step
        self.attempts.shift(step, self.contacts.shift(step, contacts))
        self.logbook.shift(step)
