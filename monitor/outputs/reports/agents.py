"""The report of agents: calls, rings let pass, handle time, pauses by reason, hours on the floor and occupancy, of each person in all days or in each.

Owns its columns. A person's time of a day is cut at local midnight, whatever it was spent for; a call is its first agent's, on the day it was
answered. Rings let pass are unknown of days that began before they were kept. Refuses ranking: the order is that of the agents file's names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import partial

from monitor.assess.occupancy import Time
from monitor.core.contract import SECOND, RingCountsAs
from monitor.core.snapshot import State
from monitor.outputs.reports import quality
from monitor.outputs.reports.asked import Asked, Progress
from monitor.outputs.reports.report import Column, Kind, Report, Row, Section, ratio, seconds
from monitor.outputs.reports.words import Words
from monitor.state.store.reader import Reader
from monitor.state.store.tally import Tally

HOUR = 3_600 * SECOND
_BUSY = (State.TALK, State.HOLD, State.WRAPUP, State.OFFLINE, State.DIALING)
_REST = (State.RING, State.AVAILABLE, State.OTHER, State.UNREACHABLE, State.UNOBSERVED)
_SELDOM = {State.OFFLINE, State.DIALING, State.OTHER, State.UNREACHABLE, State.UNOBSERVED}  # a column only where there is any


class By(StrEnum):
    """What a row is."""

    SPAN = "span"
    DAY = "day"


@dataclass(slots=True)
class _Work:
    """What a person did in a span."""

    states: defaultdict[str, int] = field(default_factory=partial(defaultdict, int))
    pauses: defaultdict[str, int] = field(default_factory=partial(defaultdict, int))
    groups: defaultdict[str, int] = field(default_factory=partial(defaultdict, int))
    calls: int = 0
    no_answers: int | None = 0
    handled: int = 0
    handle_us: int = 0

    def add(self, other: _Work) -> None:
        for mine, others in ((self.states, other.states), (self.pauses, other.pauses), (self.groups, other.groups)):
            for key, us in others.items():
                mine[key] += us
        self.calls += other.calls
        self.no_answers = None if self.no_answers is None or other.no_answers is None else self.no_answers + other.no_answers
        self.handled += other.handled
        self.handle_us += other.handle_us

    def occupancy(self, ring: RingCountsAs) -> Decimal | None:
        time = Time(sum(self.states[state] for state in _BUSY), self.states[State.RING], self.states[State.AVAILABLE])
        return ratio(time.handle + (time.ring if ring is RingCountsAs.HANDLE else 0), time.staffed(ring))


def report(asked: Asked, reader: Reader, progress: Progress, by: By) -> Report:
    """All of it."""
    words, tally, since = asked.words, Tally(reader), reader.no_answers_since()
    found = _works(asked, tally, progress, since)
    lines = [(person, number, work) for person, days in found.items() for number, work in _rows(days, by)]
    names = {one.id: one.name for one in asked.contract.people}
    lines.sort(key=lambda one: (names.get(one[0], one[0]), one[0], one[1]))
    whole = _Work()
    for _, _, work in lines:
        whole.add(work)
    table = _Table(asked, words, whole, by=by)
    rows = tuple(table.row(person, names.get(person, ""), number, work) for person, number, work in lines)
    section = Section("agents", "", table.columns(), rows, table.total(whole) if len(rows) > 1 else None)
    rings = [words("agents_rings")] + ([words("agents_rings_since", at=asked.moment(since))] if asked.edges()[0] < since else [])
    notes = (words("agents_calls"), *rings, words(f"agents_occupancy_{asked.contract.ring_counts_as.value}"), *quality.notes(asked, tally))
    return Report("agents", words("agents"), asked.contract.site, asked.contract.language, asked.first, asked.last, (section,), notes)


def _rows(days: Mapping[int, _Work], by: By) -> Iterator[tuple[int, _Work]]:
    if by is By.DAY:
        yield from sorted(days.items())
        return
    whole = _Work()
    for work in days.values():
        whole.add(work)
    yield 0, whole


def _works(asked: Asked, tally: Tally, progress: Progress, since: int) -> Mapping[str, Mapping[int, _Work]]:
    """What everybody did, by person and number of the day; rings let pass are known of days that began `since` then."""
    edges = asked.edges()
    people = tally.people(edges[0], edges[-1])
    found: defaultdict[str, defaultdict[int, _Work]] = defaultdict(partial(defaultdict, _Work))
    for done, (person, times) in enumerate(tally.spent(people, edges)):
        progress(done, len(people))
        for spent in times:
            work = found[person][spent.since]
            work.states[spent.state] += spent.us
            work.groups[spent.group or ""] += spent.us
            if spent.state == State.PAUSED:
                work.pauses[spent.reason] += spent.us
    for answered in tally.answered(edges, [one.name for one in asked.projects]):
        work = found[answered.agent][answered.day]
        work.calls, work.handled, work.handle_us = answered.calls, answered.handled, answered.handle_us
    for person, number, count in tally.no_answers(edges):
        found[person][number].no_answers = count
    for work in (work for days in found.values() for number, work in days.items() if edges[number] < since):
        work.no_answers = None
    return found


class _Table:
    """Rows of the columns that this report has: those of seldom states and pause reasons only where there is any."""

    def __init__(self, asked: Asked, words: Words, whole: _Work, *, by: By) -> None:
        self._asked = asked
        self._words = words
        self._by_day = by is By.DAY
        self._reasons: Sequence[str] = sorted(reason for reason, us in whole.pauses.items() if us)
        self._states = [state for state in (*_BUSY, *_REST) if whole.states[state] or state not in _SELDOM]

    def columns(self) -> tuple[Column, ...]:
        column, words = self._words.column, self._words
        return (
            column("employee_id", Kind.TEXT),
            column("name", Kind.TEXT),
            column("group", Kind.TEXT),
            *([column("date", Kind.DATE)] if self._by_day else []),
            column("calls_answered", Kind.COUNT),
            column("no_answers", Kind.COUNT),
            column("aht_s", Kind.SECONDS),
            *(column(f"{state.value}_s", Kind.SECONDS) for state in self._states),
            column("paused_s", Kind.SECONDS),
            *(Column(f"pause_{reason}_s", words("pause_s", reason=reason or words("no_reason")), Kind.SECONDS) for reason in self._reasons),
            column("floor_hours", Kind.HOURS),
            column("occupancy", Kind.RATIO),
        )

    def row(self, person: str, name: str, number: int, work: _Work) -> Row:
        group = max(work.groups, key=lambda one: (work.groups[one], one), default="")
        return (person, name, group, *([self._asked.days[number]] if self._by_day else []), *self._figures(work))

    def total(self, whole: _Work) -> Row:
        return (self._words("all"), None, None, *([None] if self._by_day else []), *self._figures(whole))

    def _figures(self, work: _Work) -> Row:
        return (
            work.calls,
            work.no_answers,
            ratio(work.handle_us, work.handled * SECOND),
            *(seconds(work.states[state]) for state in self._states),
            seconds(work.states[State.PAUSED]),
            *(seconds(work.pauses[reason]) for reason in self._reasons),
            Decimal(sum(work.states.values())) / HOUR,
            work.occupancy(self._asked.contract.ring_counts_as),
        )
