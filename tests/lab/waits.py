"""Waits by event times: queue_log says how a visit ended, the recording says to the microsecond how long it waited.

Pure. Whole seconds leave a wide fence around a threshold; here next to none is left, because unrounded waits are the
definition. Next to `judge.py`, which compares with the file alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable

from tests.lab import world
from tests.lab.judge import Rows, Scrape, Verdict, numbered
from tests.lab.truth import Truth

FENCE_US = 20_000  # a wait this near to a threshold stands on either side
SUM_TOLERANCE = 0.02  # seconds per wait: what the clamping of event times may add


def waits(rows: Rows, truth: Truth, redirected: Iterable[str]) -> dict[tuple[str, str], list[int]]:
    """Microseconds waited, by (queue, `answered` or `abandoned`)."""
    moved, entries = Counter(redirected), Counter[tuple[str, str]]()
    visits = numbered(truth.visits)
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for _, callid, queue, _, verb, *_ in rows:
        if verb == "ENTERQUEUE":
            entries[callid, queue] += 1
        elif verb == "CONNECT":
            found[queue, "answered"].append(visits[callid, queue][entries[callid, queue] - 1].wait_us)
        elif verb == "ABANDON" and moved[callid]:
            moved[callid] -= 1
        elif verb == "ABANDON":
            found[queue, "abandoned"].append(visits[callid, queue][entries[callid, queue] - 1].wait_us)
    return found


def thresholds(scrape: Scrape, rows: Rows, truth: Truth, redirected: Iterable[str], pbx: str) -> Verdict:
    verdict = Verdict()
    found = waits(rows, truth, redirected)
    for queue in world.QUEUES:
        project = world.project_of(queue.name)
        limit, short = project.threshold_seconds * 1_000_000, project.short_seconds * 1_000_000
        answered, abandoned = found[queue.name, "answered"], found[queue.name, "abandoned"]
        for name, held, counts in (
            ("answered_in_threshold", answered, lambda wait, limit=limit: wait <= limit),
            ("short_abandoned", abandoned, lambda wait, short=short: wait < short),
            ("abandoned_in_threshold", abandoned, lambda wait, limit=limit, short=short: short <= wait <= limit),
        ):
            got = scrape.total(f"callcenter_calls_{name}_total", pbx=pbx, queue=queue.name)
            sure, fence = _sure(held, counts, (limit, short))
            verdict.between(f"{queue.name} {name} by event times", got, sure, sure + fence, f"{fence} waits within {FENCE_US} µs")
        for outcomes, held in ((("answered",), answered), (("abandoned", "short_abandoned"), abandoned)):
            _histogram(verdict, scrape, queue.name, outcomes, held)
    return verdict


def _sure(held: list[int], counts: Callable[[int], bool], limits: tuple[int, ...]) -> tuple[int, int]:
    near = [wait for wait in held if any(abs(wait - limit) <= FENCE_US for limit in limits)]
    return sum(1 for wait in held if wait not in near and counts(wait)), len(near)


def _histogram(verdict: Verdict, scrape: Scrape, queue: str, outcomes: tuple[str, ...], held: list[int]) -> None:
    what = f"{queue} callcenter_wait_seconds of {' and '.join(outcomes)}"
    verdict.equal(f"{what}, count", sum(scrape.total("callcenter_wait_seconds_count", queue=queue, outcome=each) for each in outcomes), len(held))
    total = sum(scrape.total("callcenter_wait_seconds_sum", queue=queue, outcome=each) for each in outcomes)
    if abs(total - sum(held) / 1e6) > SUM_TOLERANCE * max(1, len(held)):
        verdict.problems.append(f"{what}, sum: the daemon says {total:.3f} s, the events {sum(held) / 1e6:.3f} s in {len(held)} visits")
