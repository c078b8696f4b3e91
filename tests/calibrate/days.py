"""Simulated days run through the shipped detectors, one interval after the other, as a daemon would ask them.

The model is the domain's: 24 half-hours of equal plan, one gamma factor of mean 1 a day, Poisson counts on it, and a loss that lasts from
one interval to the day's end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from unittest.mock import patch

import numpy as np

from monitor.assess import detect
from monitor.assess.counts import tails
from monitor.assess.detect import ALPHA, WATCH_ALPHA, Evidence, Interval, Total, day, fires, recent, two_days
from monitor.core.contract import MINUTE

INTERVALS = 24
HALF = 30 * MINUTE


@dataclass(frozen=True)
class Setting:
    """What is simulated: days of shape `true_k` judged with `used_k`; `loss` of the volume is gone from interval `onset` on."""

    detector: str  # day, recent, two_days
    true_k: float
    used_k: float
    calls: float
    loss: float = 0.0
    onset: int = 0


@dataclass
class Tally:
    """Days on which something was found, and after how many intervals of loss."""

    days: int = 0
    caught: int = 0
    delays: float = 0.0
    squares: float = 0.0

    def add(self, delay: int | None) -> None:
        """One more day."""
        self.days += 1
        if delay is not None:
            self.caught += 1
            self.delays += delay
            self.squares += delay * delay

    def merge(self, other: Tally) -> None:
        """Another worker's days."""
        self.days += other.days
        self.caught += other.caught
        self.delays += other.delays
        self.squares += other.squares

    @property
    def rate(self) -> float:
        """Of the days."""
        return self.caught / self.days

    @property
    def rate_error(self) -> float:
        """Its standard error; where nothing or everything was found, that of one day more or less."""
        rate = min(max(self.rate, 1 / self.days), 1 - 1 / self.days)
        return float((rate * (1 - rate) / self.days) ** 0.5)

    @property
    def delay(self) -> float:
        """Mean intervals, given detection."""
        return self.delays / self.caught if self.caught else float("nan")

    @property
    def delay_error(self) -> float:
        """Its standard error."""
        if self.caught < 2:
            return float("nan")
        return float((max(0.0, self.squares / self.caught - self.delay**2) / (self.caught - 1)) ** 0.5)


@dataclass
class Result:
    """A setting's days by what counts as found: any p under 1e-2, any under 1e-3, or the whole alert rule."""

    warning: Tally = field(default_factory=Tally)
    critical: Tally = field(default_factory=Tally)
    rule: Tally = field(default_factory=Tally)

    def merge(self, other: Result) -> None:
        """Another worker's."""
        self.warning.merge(other.warning)
        self.critical.merge(other.critical)
        self.rule.merge(other.rule)


Detector = Callable[[list[Interval]], Evidence | None]


def remembered() -> Any:
    """A patch under which a tail is computed once: with one plan for all days the same questions come again and again."""
    return patch.object(detect, "tails", lru_cache(maxsize=1 << 20)(tails))


def draw(setting: Setting, days: int, seed: np.random.SeedSequence) -> Iterator[Sequence[int]]:
    """Counts of each day's intervals."""
    rng = np.random.default_rng(seed)
    mean = np.full(INTERVALS, float(setting.calls))
    mean[setting.onset :] *= 1 - setting.loss
    factors = rng.gamma(setting.true_k, 1 / setting.true_k, size=(days, 1))
    for row in rng.poisson(factors * mean):
        yield row.tolist()


def simulate(setting: Setting, days: int, seed: np.random.SeedSequence) -> Result:
    """So many days of one setting."""
    result = Result()
    if setting.detector == "two_days":
        counts = [sum(row) for row in draw(setting, 2 * days, seed)]
        planned = INTERVALS * setting.calls
        for first, second in zip(counts[::2], counts[1::2], strict=True):
            evidence = two_days([Total(first, planned), Total(second, planned)], setting.used_k)
            assert evidence is not None
            _count(result, [evidence], 0)
        return result
    ask: Detector = (lambda seen: day(seen, setting.used_k)) if setting.detector == "day" else (lambda seen: recent(seen, setting.used_k))
    for row in draw(setting, days, seed):
        _count(result, _watched(row, setting.calls, ask), setting.onset)
    return result


def _watched(row: Sequence[int], calls: float, ask: Detector) -> Iterator[Evidence | None]:
    seen: list[Interval] = []
    for index, n in enumerate(row):
        seen.append(Interval(index * HALF, (index + 1) * HALF, n, calls))
        yield ask(seen)


def _count(result: Result, words: Iterator[Evidence | None] | Sequence[Evidence | None], onset: int) -> None:
    warning = critical = rule = None
    held = False
    for index, word in enumerate(words):
        if index < onset:
            continue
        delay = index - onset + 1
        if word is None:
            held = False
            continue
        if warning is None and word.loss < WATCH_ALPHA:
            warning = delay
        if critical is None and word.loss < ALPHA:
            critical = delay
        holds = word.deviation < 0 and fires(word.deviation, word.loss)
        if holds and held:
            rule = delay
            break
        held = holds
    result.warning.add(warning)
    result.critical.add(critical)
    result.rule.add(rule)
