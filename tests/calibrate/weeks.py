"""The day-to-day CUSUM on simulated days: how often it is wrong, and how many days a lasting loss takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from monitor.assess.detect import Cusum, Total
from tests.calibrate.days import INTERVALS, Tally

BEFORE = 30  # ordinary days before a loss begins: a CUSUM is hardly ever at 0
GIVEN_UP = 400  # days


@dataclass(frozen=True)
class Lasting:
    """Days of shape k, `calls` planned per half-hour, of which `loss` never comes."""

    k: float
    calls: float
    loss: float = 0.0


def _days(k: float, mean: float, rng: np.random.Generator) -> Iterator[int]:
    while True:
        yield from rng.poisson(rng.gamma(k, mean / k, size=256)).tolist()


def between_false_alarms(what: Lasting, days: int, seed: np.random.SeedSequence) -> Tally:
    """Alarms of a loss on days without one; after each it begins anew."""
    planned, tally, cusum = INTERVALS * what.calls, Tally(), Cusum()
    for n in islice(_days(what.k, planned, np.random.default_rng(seed)), days):
        cusum = cusum.after(Total(n, planned), what.k)
        tally.add(1 if cusum.loss else None)
        if cusum.loss:
            cusum = Cusum()
    return tally


def until_seen(what: Lasting, rounds: int, seed: np.random.SeedSequence) -> Tally:
    """Days from the first day of a loss to the alarm."""
    rng, planned, tally = np.random.default_rng(seed), INTERVALS * what.calls, Tally()
    for _ in range(rounds):
        cusum = Cusum()
        for n in islice(_days(what.k, planned, rng), BEFORE):
            cusum = cusum.after(Total(n, planned), what.k)
            if cusum.loss:
                cusum = Cusum()
        for number, n in enumerate(islice(_days(what.k, planned * (1 - what.loss), rng), GIVEN_UP), 1):
            cusum = cusum.after(Total(n, planned), what.k)
            if cusum.loss:
                tally.add(number)
                break
        else:
            tally.add(None)
    return tally
