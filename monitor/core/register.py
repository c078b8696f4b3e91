"""The register: every entry and every end of a visit or contact, written down once, in counters and ledger.

Owns the counting and the words in which an end is counted: an abandon below the limit is short, an end without a reason is `other`, or
`key` when the PBX said nothing at all. Fates go to the minute of arrival (`counted_at`, which a step of the civil clock does not move),
handled contacts to the minute in which they were finished. What was counted and turns out otherwise is taken back from the ledger and
said in `corrected`; a counter never falls. Refuses deciding ends: `queueing` does. Next: `counters`, `ledger`.
"""

from __future__ import annotations

from collections.abc import Callable

from monitor.core.calls import VERBS, Visit, flowed_by
from monitor.core.chronicle import Chronicle, RingNoAnswer
from monitor.core.contacts import Contact
from monitor.core.contract import MINUTE, SECOND
from monitor.core.counters import Contacts as Count
from monitor.core.counters import Counters, Outcome, Visits
from monitor.core.ledger import Ledger
from monitor.core.logbook import Logbook, agrees
from monitor.core.lost import LostCallers
from monitor.core.sides import Sight
from monitor.core.snapshot import Cell
from monitor.core.tariff import NOTHING

CONTACT_FAMILIES = {
    Cell.ANSWERED: "answered",
    Cell.IN_THRESHOLD: "answered_in_threshold",
    Cell.ABANDONED: "abandoned",
    Cell.ABANDONED_IN_THRESHOLD: "abandoned_in_threshold",
    Cell.SHORT: "short_abandoned",
    Cell.FLOWED_OUT: "flowed_out",
}
ENDED_UNANSWERED = (Outcome.ABANDONED, Outcome.SHORT, Outcome.FLOWED_OUT)
VISIT_CELLS = {
    Outcome.ANSWERED: Cell.VISITS_ANSWERED,
    Outcome.ABANDONED: Cell.VISITS_ABANDONED,
    Outcome.SHORT: Cell.VISITS_SHORT,
    Outcome.FLOWED_OUT: Cell.VISITS_FLOWED_OUT,
    Outcome.UNRESOLVED: Cell.VISITS_UNRESOLVED,
}


class Register:
    """Writes visits and contacts into counters and ledger; `sight` says which projects are seen just now."""

    def __init__(self, ledger: Ledger, counters: Counters, sight: Sight, chronicle: Chronicle, lost: LostCallers, report: Callable[[str, str], None]) -> None:
        self._ledger = ledger
        self._counters = counters
        self._sight = sight
        self._chronicle = chronicle
        self._lost = lost
        self._report = report
        self.logbook = Logbook()

    def entered(self, visit: Visit, *, fresh: bool, seen: bool) -> None:
        """A visit began, and with `fresh` a contact; `seen` unless we only found it waiting."""
        name, at = visit.project.name, visit.counted_at
        self._counters.visits[name, visit.queue][Visits.ENTERED] += 1
        self._ledger.add(name, at, Cell.VISITS)
        if not fresh:
            return
        self._counters.contacts[name][Count.CONTACTS] += 1
        self._ledger.add(name, at, Cell.CONTACTS)
        visit.contact.seen = seen and name in self._sight.projects
        if visit.contact.seen:
            self._ledger.add(name, at, Cell.CONTACTS_SEEN)

    def redated(self, visit: Visit, at: int) -> None:
        """A join we knew from a list only has its exact instant now."""
        name, contact = visit.project.name, visit.contact
        if contact.joined_at == visit.joined_at and contact.attempt is None:
            for cell in (Cell.CONTACTS, Cell.CONTACTS_SEEN) if contact.seen else (Cell.CONTACTS,):
                self._ledger.add(name, contact.counted_at, cell, -1)
                self._ledger.add(name, at, cell)
            contact.joined_at = contact.counted_at = at
            if contact.outcome is not None:
                self._chronicle.contact(contact, contact.outcome)
        self._ledger.add(name, visit.counted_at, Cell.VISITS, -1)
        self._ledger.add(name, at, Cell.VISITS)
        visit.joined_at = visit.counted_at = at

    def ended(self, visit: Visit, outcome: Outcome) -> Outcome:
        """A visit ended; the outcome as it was counted."""
        project, queue = visit.project, visit.queue
        if outcome is Outcome.ABANDONED and visit.wait_us < project.short_us:
            outcome = Outcome.SHORT
        tally = self._counters.visits[project.name, queue]
        in_time = visit.wait_us <= project.service_level.threshold_us
        if outcome is Outcome.ANSWERED:
            in_time = self._surely_in_time(visit, visit.wait_us, visit.blur_us)
            tally[Visits.ANSWERED] += 1
            tally[Visits.IN_THRESHOLD] += in_time
        elif outcome is Outcome.ABANDONED:
            tally[Visits.ABANDONED] += 1
            tally[Visits.ABANDONED_IN_THRESHOLD] += in_time
        elif outcome is Outcome.SHORT:
            tally[Visits.SHORT] += 1
        elif outcome is Outcome.FLOWED_OUT:
            reason = flowed_by(visit)
            self._counters.flowed_out[project.name, queue, reason] += 1
        else:
            tally[Visits.UNRESOLVED] += 1
        waits = self._counters.waits.get((project.name, queue, outcome))
        if waits is not None:
            waits.observe(visit.wait_us)
        if outcome is not Outcome.UNRESOLVED:  # else nobody knows whether it was answered
            for ring in visit.in_vain if outcome is not Outcome.ANSWERED else ():
                self.rang_in_vain(ring)
            visit.in_vain.clear()  # counted once
        self._ledger.add(project.name, visit.counted_at, VISIT_CELLS[outcome])
        self._chronicle.visit(visit, outcome, flowed_by(visit).value if outcome is Outcome.FLOWED_OUT else None)
        return outcome

    def rang_in_vain(self, ring: RingNoAnswer) -> None:
        """Somebody did not answer."""
        self._counters.ring_no_answer[ring.group] += 1
        self._chronicle.rang_in_vain(ring)

    def _surely_in_time(self, visit: Visit, wait_us: int, blur_us: int) -> bool:
        """Whether an answer came within the threshold; where a log's whole seconds leave it open, it did not, and that is said."""
        threshold = visit.project.service_level.threshold_us
        if wait_us - blur_us < threshold < wait_us + self.logbook.blur_us:
            self._report("wait_near_threshold", f"answered after about {wait_us // SECOND} s, as a log tells; counted as not within {threshold // SECOND} s")
            return False
        return wait_us <= threshold

    def compare(self, visit: Visit, verb: str) -> None:
        """The row of a visit that is counted: if it says something else it is right, and what was counted is corrected."""
        if agrees(visit, verb):
            return
        outcome = Outcome.ABANDONED if VERBS[verb] is None else Outcome.FLOWED_OUT
        if visit.outcome is not outcome:
            self._report("log_disagrees", f"{verb} after {visit.outcome} was counted, queue {visit.queue}")
        visit.reason = VERBS[verb]
        self._corrected(visit, outcome)

    def _corrected(self, visit: Visit, outcome: Outcome) -> None:
        """The ledger is put right, the counters get what is new."""
        name, was, contact = visit.project.name, visit.outcome, visit.contact
        if was is None:
            return
        self._ledger.add(name, visit.counted_at, VISIT_CELLS[was], -1)
        key = (visit.queue.pbx, visit.queue.name, was.value)
        self._counters.corrected[key] = self._counters.corrected.get(key, 0) + 1
        visit.outcome = self.ended(visit, outcome)
        self._chronicle.corrected(visit, contact.counted_at, was.value, outcome.value, "queue_log says so", "queue_log")
        if contact.last_ordinal != visit.ordinal or contact.last is not was:
            return
        contact.last = visit.outcome
        if contact.outcome in ENDED_UNANSWERED and contact.outcome is not self._of_contact(contact, outcome):  # else another reason alone
            for cell in contact.counted:
                self._ledger.add(name, contact.counted_at, cell, -1)
                family = name, CONTACT_FAMILIES[cell]
                self._counters.corrected_contacts[family] = self._counters.corrected_contacts.get(family, 0) + 1
            contact.outcome = self.decided(contact, outcome)

    def reopened(self, visit: Visit) -> None:
        """A visit that was counted as unresolved goes on after all, and its contact with it."""
        name, contact = visit.project.name, visit.contact
        self._ledger.add(name, visit.counted_at, Cell.VISITS_UNRESOLVED, -1)
        key = (visit.queue.pbx, visit.queue.name, Outcome.UNRESOLVED.value)
        self._counters.corrected[key] = self._counters.corrected.get(key, 0) + 1
        if contact.outcome is Outcome.UNRESOLVED:
            self._ledger.add(name, contact.counted_at, Cell.UNRESOLVED, -1)
            self._chronicle.contact(contact, None)
        self._chronicle.visit(visit, None)
        self._chronicle.corrected(visit, contact.counted_at, Outcome.UNRESOLVED.value, "waiting", "found in the queue again", "PBX")

    @staticmethod
    def _of_contact(contact: Contact, outcome: Outcome) -> Outcome:
        """The outcome of its last visit as that of the whole contact, which may have waited longer."""
        if outcome not in (Outcome.ABANDONED, Outcome.SHORT):
            return outcome
        wait_us = max(0, contact.last_left_at - contact.joined_at)
        return Outcome.SHORT if wait_us < contact.project.short_us else Outcome.ABANDONED

    def decided(self, contact: Contact, outcome: Outcome) -> Outcome:
        """A contact's outcome is final; its wait runs from its first join. The outcome as it was counted."""
        project, name = contact.project, contact.project.name
        wait_us = max(0, contact.last_left_at - contact.joined_at)
        outcome = self._of_contact(contact, outcome)
        in_time = wait_us <= project.service_level.threshold_us
        if outcome is Outcome.ANSWERED and contact.blur_us + self.logbook.blur_us:
            in_time = not wait_us - contact.blur_us < project.service_level.threshold_us < wait_us + self.logbook.blur_us and in_time
        row = self._counters.contacts[name]
        contact.counted = ()

        def count(cell: Cell, kind: Count | None, amount: int = 1) -> None:
            if amount:
                contact.counted += (cell,)
                self._ledger.add(name, contact.counted_at, cell, amount)
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
        self._lost.ended(contact, outcome)
        self._chronicle.contact(contact, outcome)
        return outcome

    def handled(self, contact: Contact, at: int) -> None:
        """A contact is answered and finished, after-call work included."""
        name = contact.project.name
        self._counters.contacts[name][Count.HANDLED] += 1
        self._ledger.add(name, at, Cell.HANDLED)
        self._ledger.add(name, at, Cell.HANDLED_US, contact.handle_us)
        contact.handled_at = at
        self._chronicle.contact(contact, contact.outcome)

    def charge(self, contact: Contact) -> None:
        """What an answered contact is worth by the prices of the day it came, once nobody works on it; the ledger gets what it has not got."""
        project, name, work = contact.project, contact.project.name, contact.work
        tariff = None if contact.exempt else project.tariff_on(project.day_of(contact.counted_at))
        now = NOTHING if tariff is None else tariff.charge(work, handled=contact.handled)
        was, contact.charged = contact.charged, now
        connected, contact.charged_us = work.connected_us - contact.charged_us, work.connected_us
        amounts = (
            (Cell.BILLED, now.calls - was.calls),
            (Cell.BILLED_S, now.seconds - was.seconds),
            (Cell.REVENUE_U, now.amount_u - was.amount_u),
            (Cell.CONNECTED_US, connected),
        )
        added = [(int(cell), amount) for cell, amount in amounts if amount]
        if added:
            self._ledger.projects[name].add_all(contact.counted_at - contact.counted_at % MINUTE, added)
            self._chronicle.contact(contact, contact.outcome)

    def visit_handled(self, visit: Visit) -> None:
        """An agent has finished with a visit, after-call work included."""
        self._counters.visits[visit.project.name, visit.queue][Visits.HANDLED] += 1
