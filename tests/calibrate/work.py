"""The simulations shared out over all cores, each part with a seed of its own that follows from one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from multiprocessing import Pool
from typing import Any, TypeVar

import numpy as np

from tests.calibrate.days import remembered

PART = 5_000  # simulated days at a time

Job = tuple[Callable[[Any, int, np.random.SeedSequence], Any], Any, int]  # a simulation, its setting, how many days
Key = TypeVar("Key")


def share_out(jobs: Mapping[Key, Job], seed: int) -> dict[Key, Any]:
    """Each job's result, its parts merged; the same seed gives the same figures on any number of cores."""
    keys, found = list(jobs), dict[Key, Any]()
    with Pool(os.cpu_count(), initializer=_remember) as pool:
        for number, result in pool.imap(_run, _parts(list(jobs.values()), seed)):
            key = keys[number]
            if key in found:
                found[key].merge(result)
            else:
                found[key] = result
    return found


def _parts(jobs: list[Job], seed: int) -> Iterator[tuple[int, Job, np.random.SeedSequence]]:
    for number, (simulate, what, days) in enumerate(jobs):
        pieces = [min(PART, days - start) for start in range(0, days, PART)]
        for part_seed, piece in zip(np.random.SeedSequence([seed, number]).spawn(len(pieces)), pieces, strict=True):
            yield number, (simulate, what, piece), part_seed


def _run(part: tuple[int, Job, np.random.SeedSequence]) -> tuple[int, Any]:
    number, (simulate, what, days), seed = part
    return number, simulate(what, days, seed)


def _remember() -> None:
    remembered().start()
