"""A project's day so far against its plan, judged interval by interval as they close.

Owns which closed intervals count (open, planned, seen, outside incidents, under the plan in force), what each detector says after each of
them, two intervals' persistence, and hysteresis. What was thought after an interval depends on nothing later, so each is judged once; when the
past of one is revised, it is judged anew from there on. Refuses silence, which needs no interval to close, and whose loss it is (`reading`).
Next: `accruals` keeps one of these per project.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log, sqrt
from statistics import NormalDist
from typing import Final

from monitor.assess import detect
from monitor.assess.counts import tails
from monitor.assess.detect import Cusum, Evidence, Interval, Total
from monitor.assess.workload import KAPPA, shrunk_aht_us
from monitor.core.contract import MINUTE, SECOND, Project
from monitor.core.incidents import Incident
from monitor.core.limits import Limits
from monitor.core.snapshot import Cell, Span

AHT_NOISE: Final = 0.10  # a day's own handling time against a right plan (domain: day-to-day)
SHORTEST_DAY_US: Final = 20 * 60 * MINUTE
QUARTER_US: Final = 15 * MINUTE
MOST_CUSUM: Final = 7.0  # what is certain need not become more so: it would not be over for weeks
LEAST_PLANNED: Final = 5.0  # contacts in a day, before anything is said of it
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed interval that counts: contacts seen against the observed plan, and its handling."""

    interval: Interval
    planned_us: int  # of handling, observed plan
    handled: int
    handled_us: int


@dataclass(frozen=True, slots=True)
class Workload:
    """Offered against planned seconds of handling since opening, and the chance of so little and of so much."""

    offered_s: float
    planned_s: float
    loss: float
    surge: float

    @property
    def deviation(self) -> float:
        """(offered - planned) / planned."""
        return (self.offered_s - self.planned_s) / self.planned_s


@dataclass(frozen=True, slots=True)
class Run:
    """Something that has to be so twice before it holds, and then holds until it is clearly not so: `now` is the latest finding."""

    now: bool = False
    holds: bool = False

    def then(self, *, fires: bool, clear: bool) -> Run:
        """After one more interval."""
        return Run(fires, (self.holds and not clear) or (fires and self.now))


@dataclass(frozen=True, slots=True)
class Step:
    """What was thought after a closed interval."""

    closed: Closed
    day: Evidence | None
    recent: Evidence | None
    two_days: Evidence | None
    workload: Workload | None
    z: float | None
    lost: Run
    surged: Run
    below: Run
    above: Run


@dataclass(frozen=True, slots=True)
class Rules:
    """Who is judged, and by what."""

    project: Project
    limits: Limits
    incidents: Sequence[Incident]  # that concern the project's volume
    rebased_at: int | None  # its plan is another since then: what was before says nothing
    dead: Sequence[tuple[int, int]] = ()  # spans in which nobody could reach it, whoever is to blame


def closed(span: Span, rules: Rules) -> Closed | None:
    """The interval, if it counts."""
    sums, project = span.sums, rules.project
    planned_u, observed_u = sums[Cell.PLAN_CALLS], sums[Cell.PLAN_OBSERVED_CALLS]
    if observed_u <= 0 or observed_u < rules.limits.least_observed * planned_u:
        return None
    if rules.rebased_at is not None and span.start < rules.rebased_at:
        return None
    if not (project.open_at(span.start) or project.open_at(span.end - SECOND)):
        return None
    if any(incident.touches(span.start, span.end) for incident in rules.incidents):
        return None
    if sum(max(0, min(end, span.end) - max(start, span.start)) for start, end in rules.dead) > (1 - rules.limits.least_observed) * (span.end - span.start):
        return None
    interval = Interval(span.start, span.end, sums[Cell.CONTACTS_SEEN], observed_u / 1e6)
    return Closed(interval, sums[Cell.PLAN_OBSERVED_HANDLE], sums[Cell.HANDLED], sums[Cell.HANDLED_US])


class Today:
    """The day that began at `start`, the one before it, and what the days before have added up to."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.steps: list[Step] = []
        self.yesterday = Total(0, 0.0)
        self.before = Cusum()  # through the day before yesterday
        self.cusum = Cusum()  # and with yesterday
        self.rebased_at: int | None = None
        self.judged = 0  # intervals, since the beginning: each once, unless its past is revised
        self.total = Total(0, 0.0)  # the day so far, of what counts
        self.length_us = 0
        self._by: tuple[float, Limits] | None = None  # what it was judged by

    @property
    def step(self) -> Step | None:
        """After the latest closed interval that counts."""
        return self.steps[-1] if self.steps else None

    @property
    def drifted(self) -> bool:
        """Days have added up to a loss, and the last whole one was still below its plan by half of what matters."""
        limits = None if self._by is None else self._by[1]
        day = self.yesterday
        return limits is not None and self.cusum.down > limits.cusum and day.n < (1 - limits.deviation / 2) * day.f

    def opened(self, project: Project, at: int) -> int:
        """Since when the project, which is open, is open, as far as its day goes back."""
        quarter = at - at % QUARTER_US
        while quarter > self.start and project.open_at(quarter - QUARTER_US):
            quarter -= QUARTER_US
        return quarter

    def follow(self, start: int, spans: Iterable[Span], rules: Rules) -> None:
        """The closed intervals of yesterday and of the day that began at `start`, as they are known now."""
        if start != self.start:
            if start - self.start >= SHORTEST_DAY_US:  # else its day begins at another hour now
                self.before = Cusum(min(self.cusum.down, MOST_CUSUM), min(self.cusum.up, MOST_CUSUM))
            self.start, self.steps = start, []
        if (by := (rules.project.dispersion, rules.limits)) != self._by:
            self._by, self.steps = by, []
        if rules.rebased_at != self.rebased_at:
            self.rebased_at, self.before, self.steps = rules.rebased_at, Cusum(), []
        counted = [one for span in spans if (one := closed(span, rules)) is not None]
        yesterday = Total.of(one.interval for one in counted if one.interval.start < start)
        if yesterday != self.yesterday:
            self.yesterday, self.steps = yesterday, []
        self.cusum = self.before.after(yesterday, rules.project.dispersion) if yesterday.f >= LEAST_PLANNED else self.before
        today = [one for one in counted if one.interval.start >= start]
        same = 0
        while same < min(len(today), len(self.steps)) and self.steps[same].closed == today[same]:
            same += 1
        del self.steps[same:]
        for number in range(same, len(today)):
            self.steps.append(self._step(today[: number + 1], rules))
        self.judged += len(today) - same
        self.total = Total.of(one.interval for one in today)
        self.length_us = sum(one.interval.end - one.interval.start for one in today)

    def _step(self, until: Sequence[Closed], rules: Rules) -> Step:
        """What is thought after the last of these."""
        k, limits = rules.project.dispersion, rules.limits
        intervals = [one.interval for one in until]
        total = Total.of(intervals)
        day, recent = detect.day(intervals, k), detect.recent(intervals, k)
        two_days = detect.two_days((self.yesterday, total), k) if self.yesterday.f >= LEAST_PLANNED else None
        before = self.steps[-1] if self.steps else None
        if total.f < LEAST_PLANNED:
            day = recent = two_days = None
        workload = None if day is None else _workload(until, total, rules.project)
        if two_days is not None and day is not None and not detect.fires(day.deviation, _p(day, two_days.deviation), limits.deviation, limits.clear_p):
            two_days = None  # yesterday's deviation is over: today it would be said again
        if recent is not None and not _beyond(intervals, recent.deviation, limits.deviation):
            recent = None  # the morning was not as planned, these two hours are
        losses = [(one.deviation, one.loss) for one in (day, recent, two_days) if one is not None]
        surges = [(one.deviation, one.surge) for one in (day, recent, two_days) if one is not None and one.surge is not None]
        lost = _run(None if before is None else before.lost, [(dev, p) for dev, p in losses if dev < 0], limits, limits.act_p)
        surged = _run(None if before is None else before.surged, [(dev, p) for dev, p in surges if dev > 0], limits, limits.act_p)
        less = [] if workload is None or workload.deviation >= 0 else [(workload.deviation, workload.loss)]
        more = [] if workload is None or workload.deviation <= 0 else [(workload.deviation, workload.surge)]
        quiet_on_volume = all(p >= limits.watch_p for _, p in (*losses, *surges))  # else it is the volume that will be said
        return Step(
            closed=until[-1],
            day=day,
            recent=recent,
            two_days=two_days,
            workload=workload,
            z=None if day is None else tails(day.n, day.f, k).z,
            lost=lost,
            surged=surged,
            below=_run(None if before is None else before.below, less, limits, limits.act_p, may_begin=quiet_on_volume),
            above=_run(None if before is None else before.above, more, limits, limits.act_p, may_begin=quiet_on_volume),
        )


def _p(evidence: Evidence, deviation: float) -> float:
    """The chance of a deviation in that direction."""
    return evidence.loss if deviation < 0 else 1.0 if evidence.surge is None else evidence.surge


def _beyond(intervals: Sequence[Interval], deviation: float, size: float) -> bool:
    """Whether the last two hours are as far from their own plan as matters, in the same direction."""
    since = intervals[-1].end - detect.WINDOW_US
    window = Total.of(one for one in intervals if one.start >= since)
    own = (window.n - window.f) / window.f if window.f else 0.0
    return abs(own) >= size - 1e-9 and own * deviation > 0


def _run(before: Run | None, found: Sequence[tuple[float, float]], limits: Limits, alpha: float, *, may_begin: bool = True) -> Run:
    """Practical size and significance of any detector; it is over when none of them has p within `clear_p`."""
    fires = may_begin and any(detect.fires(deviation, p, limits.deviation, alpha) for deviation, p in found)
    clear = all(p > limits.clear_p for _, p in found)
    return (before or Run()).then(fires=fires, clear=clear)


def _workload(until: Sequence[Closed], total: Total, project: Project) -> Workload | None:
    """Contacts times today's handling time against the plan's seconds.

    Its logarithm is taken as normal, with the noise of the day's volume (1/k + 1/F) and, as far as today's handling time is believed, the
    noise of that.
    """
    planned_us = sum(one.planned_us for one in until)
    if planned_us <= 0:
        return None
    handled, handled_us = sum(one.handled for one in until), sum(one.handled_us for one in until)
    aht_us = shrunk_aht_us(planned_us / total.f, handled_us / handled if handled else None, handled)
    offered_us, believed = total.n * aht_us, handled / (handled + KAPPA)
    sigma = sqrt(1 / project.dispersion + 1 / total.f + (believed * AHT_NOISE) ** 2)
    loss = _NORMAL.cdf(log((total.n + 0.5) * aht_us / planned_us) / sigma)
    return Workload(offered_us / SECOND, planned_us / SECOND, loss, 1 - loss)
