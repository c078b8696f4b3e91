"""A gap whose rows were found after it was given up: the difference they make.

Owns the comparison. The floor as it was when the gap ended lives on twice from there, once told by the log (`gaps`) and once not; whatever
the two count differently is what has to be put right. Time is compared at the end of the gap, calls when the work after them is over.
What only somebody who was there can know stays as it was counted: how long a talk took that went on past the end of the gap, so such a
call is answered and never handled. Refuses files, observed time (`hindsight`) and the floor that lives. Next: `correction` puts its books
right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from monitor.core.book import LABOUR, OBSERVED, UNPRICED, Book
from monitor.core.chronicle import AgentSpan, ContactEnded, Corrected, Detail, RingNoAnswer, VisitEnded
from monitor.core.contract import MINUTE, QueueId
from monitor.core.correction import Cells, Difference
from monitor.core.counters import Contacts, Counters, Outcome, Visits, Waits
from monitor.core.events import GapTold, LogSeen
from monitor.core.floor import Floor
from monitor.core.gaps import bridge
from monitor.core.snapshot import Cell

AFTER_US = 15 * MINUTE  # the work after a call of the gap is over by then
WHY = "queue_log was found later"
FAMILIES = {Contacts.SHORT: Outcome.SHORT.value, Contacts.IN_THRESHOLD: "answered_in_threshold"}
SPENT = frozenset({Cell.TALK_US, Cell.HOLD_US, Cell.WRAPUP_US, Cell.OFFLINE_US})
COUNTED = frozenset(cell for cell in Cell if cell <= Cell.HANDLED_US) | {Cell.BILLED, Cell.BILLED_S, Cell.REVENUE_U, Cell.CONNECTED_US}

Key = TypeVar("Key")


@dataclass(slots=True)
class _Life:
    """One of the two floors, and what it had at the end of the gap."""

    floor: Floor
    began: int  # the number of the first record that is its own
    counters: Counters
    projects: dict[str, Cells]
    groups: dict[str, Cells]
    spans: dict[tuple[str, int], AgentSpan]

    @classmethod
    def of(cls, floor: Floor, began: int) -> _Life:
        ledger = floor.ledger
        records = (*_records(floor, began), *floor.chronicle.under_way())
        spans = {(span.person, span.start): span for span in records if isinstance(span, AgentSpan)}
        return cls(floor, began, floor.counters.frozen(), _cells(ledger.projects), _cells(ledger.groups), spans)

    def ended(self) -> dict[tuple[object, ...], VisitEnded | ContactEnded]:
        """The visits and contacts of the gap, each as it was told last."""
        found: dict[tuple[object, ...], VisitEnded | ContactEnded] = {}
        for record in _records(self.floor, self.began):
            if isinstance(record, VisitEnded):
                found["visit", *record[:4]] = record
            elif isinstance(record, ContactEnded):
                found["contact", *record[:3]] = record
        return found

    def rings(self) -> Counter[RingNoAnswer]:
        """The rings in vain; two of one second are told alike."""
        return Counter(record for record in _records(self.floor, self.began) if isinstance(record, RingNoAnswer))


def difference(told: Floor, untold: Floor, event: GapTold) -> Difference | None:
    """Two copies of a floor that still is in the gap, which both are used up, and what its log knows; None if the log does not know it."""
    gap = told.sides[event.pbx].gap
    story = bridge(told, event)
    if gap is None or story is None:
        return None
    began = told.chronicle.details.first + len(told.chronicle.details.records)
    told.lost.told, untold.lost.told = [], []
    for one in story:
        told.apply(one)
    end = max(event.snapshot.at, told.now)
    lives = []
    for floor in (told, untold):
        floor.apply(event.snapshot)
        floor.advance(end)
        _give_up(floor, event.pbx)
        lives.append(_Life.of(floor, began))
    here = frozenset(call for pbx, call in untold.queueing.contacts.by_caller if pbx == event.pbx)
    for floor in (told, untold):
        floor.advance(end + AFTER_US)
    known, unknown = lives
    return Difference(
        event.pbx,
        gap.unseen_from,
        _counted(known, unknown),
        _rows(known.projects, unknown.projects, SPENT, _rows(_cells(told.ledger.projects), _cells(untold.ledger.projects), COUNTED)),
        _rows(known.groups, unknown.groups, (*range(OBSERVED), LABOUR, UNPRICED)),
        (*_spans(known, unknown), *_rings(known, unknown), *_ended(known, unknown, here)),
        tuple((Counter(told.lost.turns()) - Counter(untold.lost.turns())).elements()),
    )


def _give_up(floor: Floor, pbx: str) -> None:
    """Nobody will tell any more of what is over."""
    floor.apply(LogSeen(pbx, floor.now, up=False))
    for gap in [gap for gap in floor.gaps if gap.pbx == pbx and gap.end is not None]:
        floor.commit_gap(gap, floor.now)


# --- time and calls -------------------------------------------------------------------------------------------------------------------


def _cells(shelf: Mapping[str, Book]) -> dict[str, Cells]:
    return {name: book.cells() for name, book in shelf.items()}


def _rows(known: Mapping[str, Cells], unknown: Mapping[str, Cells], indices: Collection[int], more: Mapping[str, Cells] | None = None) -> dict[str, Cells]:
    """By name and minute how much more of these sums is known; with `more`, that too."""
    found = {name: {minute: list(row) for minute, row in cells.items()} for name, cells in (more or {}).items()}
    for name, cells in known.items():
        other = unknown[name]
        for minute in cells.keys() | other.keys():
            width = len(next(iter(cells.values()), next(iter(other.values()), [])))
            row, than = cells.get(minute, [0] * width), other.get(minute, [0] * width)
            for index in indices:
                if row[index] != than[index]:
                    found.setdefault(name, {}).setdefault(minute, [0] * width)[index] += row[index] - than[index]
    return found


def _counted(known: _Life, unknown: _Life) -> Counters:
    """What is more, and under `corrected` what is less: time as of the end of the gap, calls as of now."""
    found, one, other = Counters(), known.counters, unknown.counters
    found.agent_us = _more(one.agent_us, other.agent_us)
    found.pause_us = _more(one.pause_us, other.pause_us)
    found.handle_us = _more(one.handle_us, other.handle_us)
    found.corrected_us = _more(one.corrected_us, other.corrected_us)
    found.correct("unobserved", sum(_more(other.unobserved_us, one.unobserved_us).values()))
    found.correct("agent", sum(_more(other.agent_us, one.agent_us).values()))
    one, other = known.floor.counters, unknown.floor.counters
    found.visits = _more_rows(one.visits, other.visits)
    found.contacts = _more_rows(one.contacts, other.contacts)
    found.flowed_out = _more(one.flowed_out, other.flowed_out)
    found.unclaimed.update(_more(one.unclaimed, other.unclaimed))
    found.ring_no_answer = _more(one.ring_no_answer, other.ring_no_answer)
    found.anomalies.update(_more(one.anomalies, other.anomalies))
    found.healed = _more(one.healed, other.healed)
    found.corrected = _more(one.corrected, other.corrected)
    found.corrected_contacts = _more(one.corrected_contacts, other.corrected_contacts)
    for project, row in _more_rows(other.contacts, one.contacts).items():
        for fate in Contacts:
            if row[fate]:
                whose = (project, FAMILIES.get(fate, fate.name.lower()))
                found.corrected_contacts[whose] = found.corrected_contacts.get(whose, 0) + row[fate]
    less = [(queue, kind, row[kind]) for (_, queue), row in _more_rows(other.visits, one.visits).items() for kind in Visits if row[kind]]
    for queue, kind, count in less:
        _take(found, queue, Outcome.SHORT.value if kind is Visits.SHORT else kind.name.lower(), count)
    for (_, queue, _), count in _more(other.flowed_out, one.flowed_out).items():
        _take(found, queue, Outcome.FLOWED_OUT.value, count)
    for key, waits in one.waits.items():
        than = other.waits.get(key, Waits(waits.bounds_us, [0] * len(waits.counts)))
        if waits.counts != than.counts:
            counts = [max(0, a - b) for a, b in zip(waits.counts, than.counts, strict=True)]
            found.waits[key] = Waits(waits.bounds_us, counts, max(0, waits.sum_us - than.sum_us))
    return found


def _take(found: Counters, queue: QueueId, family: str, count: int) -> None:
    what = (queue.pbx, queue.name, family)
    found.corrected[what] = found.corrected.get(what, 0) + count


def _more(one: Mapping[Key, int], other: Mapping[Key, int]) -> dict[Key, int]:
    return {key: amount - other.get(key, 0) for key, amount in one.items() if amount > other.get(key, 0)}


def _more_rows(one: Mapping[Key, list[int]], other: Mapping[Key, list[int]]) -> dict[Key, list[int]]:
    rows = {key: [max(0, a - b) for a, b in zip(row, other.get(key, [0] * len(row)), strict=True)] for key, row in one.items()}
    return {key: row for key, row in rows.items() if any(row)}


# --- details --------------------------------------------------------------------------------------------------------------------------


def _records(floor: Floor, since: int) -> Iterator[Detail]:
    roll = floor.chronicle.details
    yield from list(roll.records)[max(0, since - roll.first) :]


def _spans(known: _Life, unknown: _Life) -> Iterator[AgentSpan]:
    """The time of people as it was; a span that never was begins and ends at once."""
    yield from (span._replace(end=span.start) for key, span in unknown.spans.items() if key not in known.spans)
    yield from (span for key, span in known.spans.items() if unknown.spans.get(key) != span)


def _rings(known: _Life, unknown: _Life) -> Iterator[RingNoAnswer]:
    """Those that nobody saw."""
    return (known.rings() - unknown.rings()).elements()


def _ended(known: _Life, unknown: _Life, here: Collection[str]) -> Iterator[Detail]:
    """Visits and contacts as they ended, but of callers who were `here` at the end of the gap: their records are those that were seen."""
    counted = unknown.ended()
    for key, record in known.ended().items():
        before = counted.get(key)
        if before == record or record.call in here:
            continue
        yield record
        if isinstance(record, VisitEnded):
            was = "unseen" if before is None else before.outcome
            yield Corrected(0, record.pbx, record.project, "visit", record.call, was, record.outcome, WHY, record.joined_at, "queue_log")
