"""What a daemon must say of the time it did not see: healed to the call where it has a log, claimed as unobserved where it has none.

Pure. Next to `judge.py`; the truth about a gap is what the relay did to the line, the truth about calls is queue_log and the tap.
"""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Mapping, Sequence

from tests.lab import judge, stored, world
from tests.lab.daemon import PBX
from tests.lab.judge import Figures, Rows, Scrape, Verdict
from tests.lab.rider import Ridden
from tests.lab.truth import Visit
from tests.lab.watch import Look
from tests.lab.wire import Blindness

EDGE_SECONDS = 0.5  # a call that begins or ends so near to a gap's border may be seen or not
CLAIM_SECONDS = 1.0  # how far a gap's claimed length may be off, each


def healed(ridden: Ridden, counted: Mapping[str, Figures], rows: Rows) -> Verdict:
    """With a log a gap leaves no trace in the calls; where it does, the visits are named."""
    verdict = judge.calls_of_a_latecomer(ridden.last, counted, PBX)
    verdict.problems += _named(ridden, verdict, rows)
    return verdict


def _named(ridden: Ridden, verdict: Verdict, rows: Rows) -> list[str]:
    wrong = sorted({problem.split()[0] for problem in verdict.problems})
    if not wrong:
        return []
    when = ", ".join(f"{clock(each.since)} for {each.until - each.since:.1f} s" for each in ridden.blind)
    return [f"  blind at {when}", *stored.astray(ridden.folder, rows, wrong)]


def unseen(visits: Sequence[Visit], blind: Sequence[Blindness]) -> dict[str, tuple[int, int]]:
    """By queue: visits that began and ended in one and the same gap, at least and at most."""
    sure, perhaps = Counter[str](), Counter[str]()
    for visit in visits:
        joined, left = visit.joined_us / 1e6, visit.left_us / 1e6
        sure[visit.queue] += any(each.holds(joined, -EDGE_SECONDS) and each.holds(left, -EDGE_SECONDS) for each in blind)
        perhaps[visit.queue] += any(each.holds(joined, EDGE_SECONDS) and each.holds(left, EDGE_SECONDS) for each in blind)
    return {queue.name: (sure[queue.name], perhaps[queue.name]) for queue in world.QUEUES}


def claimed(ridden: Ridden, counted: Mapping[str, Figures], visits: Sequence[Visit]) -> Verdict:
    """Without a log: what passed unseen is missing, by number and by time, and nothing is invented."""
    verdict, scrape = Verdict(), ridden.last
    missed = unseen(visits, ridden.blind)
    for queue, expected in sorted(counted.items()):
        least, most = missed[queue]
        got = scrape.calls("entered", pbx=PBX, queue=queue)
        verdict.between(f"{queue} entered", got, expected.entered - most, expected.entered - least, "calls that passed unseen")
    not_invented(verdict, scrape, counted)
    unobserved(verdict, ridden)
    return verdict


def not_invented(verdict: Verdict, scrape: Scrape, counted: Mapping[str, Figures]) -> None:
    """No figure of calls is higher than the PBX's own."""
    for queue, expected in sorted(counted.items()):
        most = {
            "entered": expected.entered,
            "answered": len(expected.answered_waits),
            "abandoned": len(expected.abandoned_waits),
            "short_abandoned": len(expected.abandoned_waits),
            "flowed_out": sum(expected.flowed.values()) + expected.redirected,
        }
        for name, number in most.items():
            got = scrape.calls(name, pbx=PBX, queue=queue)
            if got > number:
                verdict.problems.append(f"{queue} {name}: the daemon says {got:g}, the PBX {number:g}: invented")


def through_restarts(ridden: Ridden, counted: Mapping[str, Figures], rows: Rows) -> Verdict:
    """With a log, and a PBX that took calls with it: what has no end in the log is unresolved; a talk that died with the PBX was one."""
    verdict, scrape = Verdict(), ridden.last
    for queue, expected in sorted(counted.items()):

        def got(name: str, of: str = queue) -> float:
            return scrape.calls(name, pbx=PBX, queue=of)

        answered, abandoned = len(expected.answered_waits), len(expected.abandoned_waits)
        left = abandoned + expected.redirected + sum(expected.flowed.values())
        verdict.equal(f"{queue} entered", got("entered"), expected.entered)
        verdict.equal(f"{queue} answered", got("answered"), answered)
        verdict.between(f"{queue} handled", got("handled"), expected.completed, answered, "talks that died with the PBX")
        verdict.equal(f"{queue} lost or flowed out", got("abandoned") + got("short_abandoned") + got("flowed_out"), left)
        pending = scrape.total("callcenter_calls_deciding", pbx=PBX, queue=queue)
        verdict.equal(f"{queue} unresolved, or to be in a minute", got("unresolved") + pending, expected.entered - answered - left)
    verdict.problems += _named(ridden, verdict, rows)
    return verdict


def unobserved(verdict: Verdict, ridden: Ridden) -> None:
    """The claimed seconds: from the last byte, or the fault itself, to the login that ended it."""
    blind, got = ridden.blind, ridden.last.total("floorwatch_unobserved_seconds_total", pbx=PBX)
    low = sum(each.until - each.since for each in blind) - CLAIM_SECONDS * len(blind)
    high = sum(each.until - each.last_byte for each in blind) + CLAIM_SECONDS * (len(blind) + 1)  # and the moment before the first snapshot
    verdict.between("unobserved seconds", round(got, 1), round(low, 1), round(high, 1), f"{len(blind)} gaps, a second each")
    if not low <= got <= high:
        true = ", ".join(f"{each.until - each.since:.1f} s at {clock(each.since)}" for each in blind)
        pairs = itertools.pairwise(ridden.looks)
        steps = [(b.at, b.unobserved_seconds - a.unobserved_seconds) for a, b in pairs if b.unobserved_seconds > a.unobserved_seconds]
        verdict.problems.append(f"  blind for {true}; claimed {', '.join(f'{step:.1f} s at {clock(at)}' for at, step in steps)}")


def clock(at: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at))


def noticed(looks: Sequence[Look], blind: Sequence[Blindness], seconds: float) -> list[str]:
    """Gaps that were long enough to be seen by a look, and were not said within so many seconds."""
    missed = []
    for each in blind:
        inside = [look for look in looks if each.since + seconds < look.at < each.until - 0.2]
        missed += [f"{look.at - each.since:.1f} s into a gap floorwatch_ami_up is 1" for look in inside if look.up]
    return missed
