"""Whose loss it is, on simulated days of several clients: how often the reading is right."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from monitor.assess.counts import lower
from monitor.assess.detect import ALPHA, SIZE
from monitor.assess.reading import SHARE_ALPHA, Reading, Standing, causes
from monitor.assess.share import noise, share_p
from tests.calibrate.days import Tally

PBX = frozenset({"pbx1"})


@dataclass(frozen=True)
class Floor:
    """Clients of `calls` a day each, days of shape k; `leaving` of them lose `loss`, everybody loses `fall`, by one factor of the market."""

    clients: int
    calls: float
    k: float
    leaving: int = 0
    loss: float = 0.0
    fall: float = 0.0


@dataclass
class Words:
    """What was said, over so many days, of clients who had left, and of the others."""

    days: int
    left: Counter[Reading | None]
    stayed: Counter[Reading | None]

    def merge(self, other: Words) -> None:
        """Another worker's."""
        self.days += other.days
        self.left += other.left
        self.stayed += other.stayed


def simulate(floor: Floor, days: int, seed: np.random.SeedSequence) -> Words:
    """Whole days, each client low where its day's sum is critical."""
    rng = np.random.default_rng(seed)
    mean = np.full(floor.clients, floor.calls * (1 - floor.fall))
    mean[: floor.leaving] *= 1 - floor.loss
    words = Words(days, Counter(), Counter())
    for row in rng.poisson(rng.gamma(floor.k, 1 / floor.k, size=(days, floor.clients)) * mean):
        standings = [
            Standing(str(i), str(i), PBX, n, floor.calls, floor.k, low=n < floor.calls * (1 - SIZE) and lower(n, floor.calls, floor.k) < ALPHA)
            for i, n in enumerate(row.tolist())
        ]
        for name, cause in causes(standings).items():
            (words.left if int(name) < floor.leaving else words.stayed)[cause.reading] += 1
    return words


def halved_share(k: float, days: int, seed: np.random.SeedSequence) -> Tally:
    """Days on which p < 0.01 for the share of a project that lost half of its calls: a tenth of 500 planned, the others' total as if nine like it."""
    rng, k_rest, tally = np.random.default_rng(seed), 9 * k, Tally()
    x = rng.poisson(rng.gamma(k, 25 / k, size=days)).tolist()
    rest = rng.poisson(rng.gamma(k_rest, 450 / k_rest, size=days)).tolist()
    for own, others in zip(x, rest, strict=True):
        tally.add(1 if share_p(own, own + others, 0.1, noise(k, k_rest)) < SHARE_ALPHA else None)
    return tally
