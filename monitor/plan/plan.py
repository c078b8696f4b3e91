"""The plan: what should come in, hold the agents and be staffed, exact over any span of time.

A plan is rows: per project and direction, half-open spans of UTC microseconds with an expected volume. Owns the arithmetic on them.
Volume is kept in micro-calls and agents in micro-agents, so a plan of 16.25 calls is exact; handle time is integer microseconds.

Of outgoing calls the volume is attempts; a row may say how many of them reach somebody (contacts) and what is to be achieved (results).

Within a row everything is spread evenly, by one rule: up to an instant, `floor(quantity × elapsed ÷ length)` is due. A span is the
difference of two such figures. Differences telescope, so however a span is cut, the parts sum to the whole to the last unit, and a
whole row gives exactly what it says. Prefix sums make any span two look-ups.

A missing row is no plan, not zero: `Planned.covered_us` says how much of a span has one, and what is not known is None.

Refuses reading files (`formats` does), opening hours (the contract's) and clocks. Next: `assess.outlook` holds the floor against it,
and a `meter` moves the plan counters.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Final

from monitor.core.direction import DIALLED, Direction

MICRO: Final = 1_000_000
MINUTE_US: Final = 60 * MICRO

_UNKNOWN: Final = -1


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One row of a plan. The targets of a row (from `sl_target` on) stand in for the project's own where they are not None.

    Of outgoing calls `calls_u` are attempts, `contacts_u` those that reach somebody, and `aht_us` is for each of these.
    """

    project: str
    start: int
    end: int
    calls_u: int
    handle_us: int
    aht_us: int | None
    direction: Direction = Direction.INBOUND
    required_u: int | None = None
    scheduled_u: int | None = None
    sl_target: float | None = None
    sl_threshold_us: int | None = None
    max_occupancy: float | None = None
    contacts_u: int | None = None
    results_u: int | None = None

    @property
    def agents_u(self) -> int | None:
        """Planned micro-agents: scheduled, else required."""
        return self.required_u if self.scheduled_u is None else self.scheduled_u


@dataclass(frozen=True, slots=True)
class Planned:
    """What a plan expects of a span: micro-calls, handle microseconds, agent-microseconds, and how much of the span has a plan.

    `agent_us` is None where nothing is planned or a row in force names no agents; of outgoing calls alike `contacts_u` and `results_u`.
    """

    calls_u: int = 0
    handle_us: int = 0
    agent_us: int | None = None
    covered_us: int = 0
    contacts_u: int | None = None
    results_u: int | None = None

    def __add__(self, other: Planned) -> Planned:
        """The two spans together; a span without a plan adds nothing and takes nothing away."""
        if not self.covered_us:
            return other
        if not other.covered_us:
            return self
        calls, handle, covered = self.calls_u + other.calls_u, self.handle_us + other.handle_us, self.covered_us + other.covered_us
        agents, contacts = both(self.agent_us, other.agent_us), both(self.contacts_u, other.contacts_u)
        return Planned(calls, handle, agents, covered, contacts, both(self.results_u, other.results_u))

    @property
    def contact_rate(self) -> float | None:
        """Contacts of attempts; None where nothing says it."""
        return self.contacts_u / self.calls_u if self.contacts_u is not None and self.calls_u else None


def both(one: int | None, other: int | None) -> int | None:
    """Two figures together; one that is not known would look like nought."""
    return None if one is None or other is None else one + other


NOTHING: Final = Planned()


@dataclass(frozen=True, slots=True)
class PlannedInterval:
    """The row in force at an instant."""

    start: int
    end: int
    calls_u: int
    handle_us: int
    aht_us: int | None
    agents_u: int | None
    contacts_u: int | None = None
    results_u: int | None = None


class _Aim:
    """One figure of the rows that not every row has, and its prefix sums: how much of it, and how long nothing said it."""

    __slots__ = ("before", "each", "unsaid_before")

    def __init__(self, figures: Iterable[int | None], lengths: list[int]) -> None:
        self.each = _column(_UNKNOWN if one is None else one for one in figures)
        self.before = _before(max(0, one) for one in self.each)
        self.unsaid_before = _before(length if one == _UNKNOWN else 0 for one, length in zip(self.each, lengths, strict=True))

    def at(self, index: int) -> int | None:
        """Of one row."""
        return None if self.each[index] == _UNKNOWN else self.each[index]

    def due(self, index: int, elapsed: int, length: int) -> tuple[int, int]:
        """Before an instant in a row: how much, and the time in which nothing said it."""
        each = self.each[index]
        unsaid = each == _UNKNOWN
        return self.before[index] + (0 if unsaid else each * elapsed // length), self.unsaid_before[index] + (elapsed if unsaid else 0)


class _Series:
    """The rows of one project and direction in columns (a month of 50 projects is 72 000 rows), and their prefix sums."""

    __slots__ = (
        *("starts", "ends", "calls", "handles", "ahts", "agents_u"),
        *("calls_before", "handle_before", "agents_before", "covered_before", "unstaffed_before"),
        *("contacts", "results"),
    )

    def __init__(self, rows: list[PlanRow]) -> None:
        rows.sort(key=lambda row: row.start)
        for row, after in pairwise(rows):
            if after.start < row.end:
                raise ValueError(f"plan rows of {row.project} overlap at {after.start}")
        self.starts = _column(row.start for row in rows)
        self.ends = _column(row.end for row in rows)
        self.calls = _column(row.calls_u for row in rows)
        self.handles = _column(row.handle_us for row in rows)
        self.ahts = _column(_UNKNOWN if row.aht_us is None else row.aht_us for row in rows)
        self.agents_u = _column(_UNKNOWN if row.agents_u is None else row.agents_u for row in rows)
        lengths = [row.end - row.start for row in rows]
        self.calls_before = _before(self.calls)
        self.handle_before = _before(self.handles)
        self.covered_before = _before(lengths)
        self.agents_before = _before((row.agents_u or 0) * length // MICRO for row, length in zip(rows, lengths, strict=True))
        self.unstaffed_before = _before(length if row.agents_u is None else 0 for row, length in zip(rows, lengths, strict=True))
        outgoing = rows[0].direction in DIALLED
        self.contacts = _Aim((row.contacts_u for row in rows), lengths) if outgoing else None
        self.results = _Aim((row.results_u for row in rows), lengths) if outgoing else None

    def index(self, at: int) -> int | None:
        """The row in force at `at`."""
        index = bisect_right(self.starts, at) - 1
        return index if index >= 0 and at < self.ends[index] else None

    def due(self, at: int) -> tuple[int, int, int, int, int]:
        """Everything due before `at`: micro-calls, handle, agents, covered and covered-without-agents microseconds."""
        index = bisect_right(self.starts, at) - 1
        if index < 0:
            return 0, 0, 0, 0, 0
        start, end = self.starts[index], self.ends[index]
        elapsed, length = min(at, end) - start, end - start
        agents = self.agents_u[index]
        return (
            self.calls_before[index] + self.calls[index] * elapsed // length,
            self.handle_before[index] + self.handles[index] * elapsed // length,
            self.agents_before[index] + (0 if agents == _UNKNOWN else agents * elapsed // MICRO),
            self.covered_before[index] + elapsed,
            self.unstaffed_before[index] + (elapsed if agents == _UNKNOWN else 0),
        )

    def over(self, start: int, end: int) -> Planned:
        """What is due in `[start, end)`."""
        before, after = self.due(start), self.due(end)
        calls, handle, agents, covered, unstaffed = (b - a for a, b in zip(before, after, strict=True))
        if not covered:
            return NOTHING
        return Planned(calls, handle, None if unstaffed else agents, covered, self._aimed(self.contacts, start, end), self._aimed(self.results, start, end))

    def _aimed(self, aim: _Aim | None, start: int, end: int) -> int | None:
        """How much of an aim is due in a span; None if a row in force does not say it."""
        if aim is None:
            return None
        (before, unsaid_before), (after, unsaid_after) = (self._aim_due(aim, at) for at in (start, end))
        return None if unsaid_after > unsaid_before else after - before

    def _aim_due(self, aim: _Aim, at: int) -> tuple[int, int]:
        index = bisect_right(self.starts, at) - 1
        if index < 0:
            return 0, 0
        start, end = self.starts[index], self.ends[index]
        return aim.due(index, min(at, end) - start, end - start)

    def minutes(self, start: int, end: int) -> Iterator[tuple[int, Planned]]:
        """What is due in `[start, end)`, cut at the UTC minutes and the rows."""
        return self._inbound_minutes(start, end) if self.contacts is None else self._outgoing_minutes(start, end)

    def _outgoing_minutes(self, start: int, end: int) -> Iterator[tuple[int, Planned]]:
        for first, stop in self.covered(start, end):
            at = first
            while at < stop:
                minute = at - at % MINUTE_US
                until = min(stop, minute + MINUTE_US)
                yield minute, self.over(at, until)
                at = until

    def _inbound_minutes(self, start: int, end: int) -> Iterator[tuple[int, Planned]]:
        """As `over` says of each part, without looking for its row: there are thousands."""
        for index in range(bisect_right(self.ends, start), bisect_left(self.starts, end)):
            first, calls, handle, agents = self.starts[index], self.calls[index], self.handles[index], self.agents_u[index]
            length, at, stop = self.ends[index] - first, max(start, first), min(end, self.ends[index])
            staffed = agents != _UNKNOWN
            calls_due, handle_due, agents_due = calls * (at - first) // length, handle * (at - first) // length, agents * (at - first) // MICRO
            while at < stop:
                minute = at - at % MINUTE_US
                until = min(stop, minute + MINUTE_US)
                elapsed = until - first
                calls_then, handle_then, agents_then = calls * elapsed // length, handle * elapsed // length, agents * elapsed // MICRO
                yield minute, Planned(calls_then - calls_due, handle_then - handle_due, agents_then - agents_due if staffed else None, until - at)
                at, calls_due, handle_due, agents_due = until, calls_then, handle_then, agents_then

    def covered(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The parts of `[start, end)` that have a plan, a row at a time."""
        for index in range(bisect_right(self.ends, start), bisect_left(self.starts, end)):
            yield max(start, self.starts[index]), min(end, self.ends[index])


def _column(values: Iterable[int]) -> array[int]:
    return array("q", values)


def _before(values: Iterable[int]) -> array[int]:
    sums = _column(accumulate(values, initial=0))
    sums.pop()
    return sums


@dataclass(frozen=True)
class Plan:
    """A whole plan, immutable. Everything asked of it is inbound unless a direction is named.

    `rebased` are the instants, in order, from which a project's plan is another than what the days before it were judged by.
    """

    _series: Mapping[tuple[str, Direction], _Series] = field(default_factory=dict)
    rebased: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[PlanRow], rebased: Mapping[str, tuple[int, ...]] | None = None) -> Plan:
        """The plan of these rows, in any order; rows of one project and direction must not overlap."""
        by_series: dict[tuple[str, Direction], list[PlanRow]] = {}
        for row in rows:
            by_series.setdefault((row.project, row.direction), []).append(row)
        return cls({key: _Series(series) for key, series in by_series.items()}, rebased or {})

    def rebased_since(self, project: str, at: int) -> int | None:
        """The latest instant up to `at` from which on the project's plan was another; None: never."""
        instants = self.rebased.get(project, ())
        number = bisect_right(instants, at)
        return instants[number - 1] if number else None

    def rows(self) -> dict[tuple[str, Direction, int], tuple[int, ...]]:
        """Every row: its figures by whose it is and when it starts."""
        return {
            (*key, start): tuple(figures)
            for key, series in self._series.items()
            for start, *figures in zip(
                *(series.starts, series.ends, series.calls, series.handles, series.ahts, series.agents_u),
                *(aim.each for aim in (series.contacts, series.results) if aim is not None),
                strict=True,
            )
        }

    def projects(self, direction: Direction = Direction.INBOUND) -> tuple[str, ...]:
        """The projects that have any row."""
        return tuple(project for project, way in self._series if way is direction)

    def over(self, project: str, start: int, end: int, direction: Direction = Direction.INBOUND) -> Planned:
        """What the plan expects of `[start, end)`; however the span is cut, the parts sum to the whole."""
        series = self._series.get((project, direction))
        return series.over(start, end) if series and start < end else NOTHING

    def at(self, project: str, at: int, direction: Direction = Direction.INBOUND) -> PlannedInterval | None:
        """The row in force at `at`, or None: no plan."""
        series = self._series.get((project, direction))
        index = series.index(at) if series else None
        if series is None or index is None:
            return None
        aht, agents = series.ahts[index], series.agents_u[index]
        return PlannedInterval(
            start=series.starts[index],
            end=series.ends[index],
            calls_u=series.calls[index],
            handle_us=series.handles[index],
            aht_us=None if aht == _UNKNOWN else aht,
            agents_u=None if agents == _UNKNOWN else agents,
            contacts_u=None if series.contacts is None else series.contacts.at(index),
            results_u=None if series.results is None else series.results.at(index),
        )

    def end(self, project: str, direction: Direction = Direction.INBOUND) -> int | None:
        """The instant after which the project has no plan, or None: it has none at all."""
        series = self._series.get((project, direction))
        return series.ends[-1] if series else None

    def agents(self, projects: Iterable[str], at: int) -> int | None:
        """Micro-agents planned for these projects together at `at`, over every direction in force.

        None if for any of them no row is in force or a row in force names no agents: a sum of the rest would look like the whole.
        Ask for the projects that are open.
        """
        total = None
        for project in projects:
            rows = [row for direction in Direction if (row := self.at(project, at, direction))]
            agents = [row.agents_u for row in rows if row.agents_u is not None]
            if not rows or len(agents) < len(rows):
                return None
            total = (total or 0) + sum(agents)
        return total

    def aht_us(self, project: str, at: int, direction: Direction = Direction.INBOUND) -> int | None:
        """The planned average handle time at `at`."""
        row = self.at(project, at, direction)
        return row.aht_us if row else None

    def aht_over(self, project: str, start: int, end: int, direction: Direction = Direction.INBOUND) -> int | None:
        """The planned average handle time of `[start, end)`, weighted by volume; None without planned contacts."""
        planned = self.over(project, start, end, direction)
        contacts_u = planned.contacts_u if direction in DIALLED else planned.calls_u
        return planned.handle_us * MICRO // contacts_u if contacts_u else None

    def covered(self, project: str, start: int, end: int, direction: Direction = Direction.INBOUND) -> Iterator[tuple[int, int]]:
        """The parts of `[start, end)` that have a plan, a row at a time."""
        series = self._series.get((project, direction))
        return series.covered(start, end) if series else iter(())

    def minutes(self, project: str, start: int, end: int, direction: Direction = Direction.INBOUND) -> Iterator[tuple[int, Planned]]:
        """What the plan expects of `[start, end)`, cut at the UTC minutes; minutes without a plan left out."""
        series = self._series.get((project, direction))
        return series.minutes(start, end) if series else iter(())


EMPTY: Final = Plan()
