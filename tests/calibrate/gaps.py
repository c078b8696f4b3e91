"""Silences of ordinary days, and of a trunk that dies: how often the detector is wrong, and how many minutes it takes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from monitor.assess.detect import ALPHA, Total, silence, silence_alpha
from tests.calibrate.days import INTERVALS, Tally

MINUTES = 30.0  # of an interval
WORTH_ASKING = 0.01  # gaps that are longer than this by chance are not asked about one by one


@dataclass(frozen=True)
class Quiet:
    """Days of shape k with `calls` an interval, spread evenly."""

    k: float
    calls: float


@dataclass
class Silences:
    """Days with a silence by p < 1e-3, and by the p that counts the day's gaps; after how many minutes a dead trunk is seen by each."""

    plain: Tally = field(default_factory=Tally)
    counted: Tally = field(default_factory=Tally)
    plain_dead: Tally = field(default_factory=Tally)
    counted_dead: Tally = field(default_factory=Tally)

    def merge(self, other: Silences) -> None:
        """Another worker's days."""
        self.plain.merge(other.plain)
        self.counted.merge(other.counted)
        self.plain_dead.merge(other.plain_dead)
        self.counted_dead.merge(other.counted_dead)


def simulate(what: Quiet, days: int, seed: np.random.SeedSequence) -> Silences:
    """So many days; on each, the trunk also dies at noon once, in a second telling of the same morning."""
    rng = np.random.default_rng(seed)
    planned = INTERVALS * what.calls
    strict, result = silence_alpha(planned), Silences()
    for factor in rng.gamma(what.k, 1 / what.k, size=days):
        count = int(rng.poisson(factor * planned))
        arrivals = np.concatenate(([0.0], np.sort(rng.uniform(0.0, planned, size=count)), [planned]))
        gaps, before = np.diff(arrivals), np.arange(count + 1)
        likely = np.exp((what.k + before) * -np.log1p(gaps / (what.k + arrivals[:-1])))
        least = 1.0
        for index in np.flatnonzero(likely < WORTH_ASKING).tolist():
            evidence = silence(Total(index, float(arrivals[index])), float(gaps[index]), what.k)
            assert evidence is not None
            least = min(least, evidence.loss)
        result.plain.add(1 if least < ALPHA else None)
        result.counted.add(1 if least < strict else None)
        noon = int(np.searchsorted(arrivals[:-1], planned / 2)) - 1
        last = Total(noon, float(arrivals[noon]))
        dead = planned / 2 - last.f
        result.plain_dead.add(_minutes(last, dead, what, ALPHA))
        result.counted_dead.add(_minutes(last, dead, what, strict))
    return result


def _minutes(last: Total, dead: float, what: Quiet, alpha: float) -> int:
    """Whole minutes after the trunk's death at which the silence since `last` is critical."""
    for minute in range(100_000):
        evidence = silence(last, dead + minute / MINUTES * what.calls, what.k)
        if evidence is not None and evidence.loss < alpha:
            return minute
    raise AssertionError("a dead trunk that nobody ever sees")
