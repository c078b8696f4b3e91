"""What it costs to judge: a second of the large floor, half an hour's end on it, and what a group needs.

The floor of `keeping`, 500 people and 50 projects, after a few hours; each step is one that the loop makes at once. CPU time, so that another
process on the machine does not count. A table, never an assertion.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import partial
from statistics import median
from time import process_time

from monitor.core.contract import SECOND
from monitor.keeping import Keeping
from tests.bench.keeping import PEOPLE, PROJECTS, large

SETTLED = 5 * SECOND
HEAD = ("what", "median ms", "longest ms")


def taken(work: Callable[[], object]) -> float:
    """Milliseconds of the processor."""
    started = process_time()
    work()
    return 1000 * (process_time() - started)


def _row(what: str, times: list[float]) -> tuple[str, ...]:
    return what, f"{median(times):.2f}", f"{max(times):.2f}"


def table() -> list[tuple[str, ...]]:
    """The rows under HEAD."""
    keeping = large(hours=3)  # to the end of half an hour
    keeping.advance(keeping.reached + SETTLED)
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)  # as the daemon does
    before = keeping.accruals.intervals_judged
    passing, ended, people = _seconds(keeping, PROJECTS + 5)
    once = keeping.accruals.intervals_judged - before
    more, calm, others = _seconds(keeping, 40)
    return [
        HEAD,
        _row(f"a second passes for {PEOPLE} people", passing + more),
        _row(f"a second's part of {PROJECTS} projects is judged", calm),
        _row("the same after the end of half an hour", ended),
        _row(f"{PEOPLE} people are judged", people + others),
        (f"intervals judged for {PROJECTS} that ended", str(once), ""),
    ]


def _seconds(keeping: Keeping, count: int) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds of each second: of its passing, of judging projects, of judging people."""
    passing, projects, people = [], [], []
    for _ in range(count):
        at = keeping.reached + SECOND
        passing.append(taken(partial(keeping.advance, at)))
        projects.append(taken(partial(keeping.judge_projects, at)))
        people.append(taken(partial(keeping.judge_people, at, {"pbx1": 0})))
    return passing, projects, people
