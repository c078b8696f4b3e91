"""What it costs that nothing is forgotten: the journal per call, the checkpoint of a large floor, and how long a start takes.

The large floor has 500 people, 50 projects, a plan of a month in half-hours and a working day in its books. A table, never an assertion.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from monitor.core.contract import MINUTE, SECOND, Contract, Group, Project, QueueId
from monitor.core.events import (
    AgentCompleted,
    AgentConnected,
    CallerJoined,
    CallerLeft,
    ChannelEnded,
    ChannelStarted,
    Event,
    LinkLost,
    MemberSeen,
    SnapshotTaken,
)
from monitor.keeping import Keeping
from monitor.plan.plan import Plan, PlanRow
from monitor.state import checkpoint
from monitor.state.checkpoint import Head
from monitor.state.journal import Journal
from monitor.state.records import decoded, encoded, freeze, thaw
from tests.core.scene import IN_QUEUE, T0
from tests.scenarios.world import MIXED

PEOPLE, PROJECTS, HOURS, ROUNDS, BATCH = 500, 50, 8, 5, 50
HEAD = ("what", "figure")


def contract() -> Contract:
    """Fifty clients, one floor."""
    projects = tuple(Project(f"line{n}", f"client{n}", "floor", (QueueId("pbx1", f"q{n}"),)) for n in range(PROJECTS))
    return Contract(groups=(Group("floor", members=("PJSIP/*",)),), projects=projects)


def plan() -> Plan:
    """A month of half-hours for each."""
    half = 30 * MINUTE
    return Plan.of(
        PlanRow(f"line{n}", T0 + i * half, T0 + (i + 1) * half, 30_000_000, 5400 * SECOND, 180 * SECOND) for n in range(PROJECTS) for i in range(1440)
    )


def call(number: int, at: int) -> list[Event]:
    """A caller who comes and is answered at once; the talk takes three minutes."""
    queue, who, name = f"q{number % PROJECTS}", f"PJSIP/{number % PEOPLE}", f"{number}"
    leg = f"leg{number}"
    end = at + 170 * SECOND
    return [
        ChannelStarted("pbx1", at, name, name, f"PJSIP/trunk-{number:08x}", IN_QUEUE),
        CallerJoined("pbx1", at, name, name, f"PJSIP/trunk-{number:08x}", queue, IN_QUEUE),
        ChannelStarted("pbx1", at, leg, name, f"{who}-{number:08x}", IN_QUEUE),
        CallerLeft("pbx1", at + SECOND, name, queue, f"PJSIP/trunk-{number:08x}", IN_QUEUE),
        AgentConnected("pbx1", at + SECOND, name, queue, who, who, leg, f"{who}-{number:08x}", IN_QUEUE),
        AgentCompleted("pbx1", end, name, queue, who, leg, 169, "agent"),
        ChannelEnded("pbx1", end, leg, IN_QUEUE),
        ChannelEnded("pbx1", end, name, IN_QUEUE),
    ]


def _day(hours: int) -> Iterator[Event]:
    """Two calls a second, in order."""
    coming: list[tuple[int, int, Event]] = []
    for number in range(hours * 7200):
        at = T0 + number * SECOND // 2
        for index, event in enumerate(call(number, at)):
            heappush(coming, (event.at, 10 * number + index, event))
        while coming[0][0] <= at:
            yield heappop(coming)[2]


def large(hours: int = HOURS) -> Keeping:
    """A working day on the large floor: two calls a second, judged twice a minute."""
    keeping = Keeping(contract(), plan(), T0)
    members = tuple(MemberSeen("pbx1", T0, f"q{n % PROJECTS}", f"PJSIP/{n}", f"PJSIP/{n}", f"agent {n}", 1, False, "") for n in range(PEOPLE))
    keeping.apply(SnapshotTaken("pbx1", T0, {f"q{n}": "rrmemory" for n in range(PROJECTS)}, members, (), ()))
    at = T0
    for event in _day(hours):
        while at + 60 * SECOND <= event.at:
            at += 60 * SECOND
            keeping.advance(at)
            for _ in range(2):  # so that all of half an hour is looked through in the next
                keeping.judge_projects(at)
            keeping.judge_people(at, {})
        keeping.apply(event)
    return keeping


def took(work: Callable[[], object], clock: Callable[[], float] = perf_counter) -> float:
    """Median milliseconds."""
    times = []
    for _ in range(ROUNDS):
        started = clock()
        work()
        times.append(clock() - started)
    return 1000 * median(times)


def _fork(folder: Path, keeping: Keeping) -> tuple[float, float]:
    """Milliseconds for which the loop stands, and until the checkpoint is on the disk."""
    stands, whole = [], []
    for _ in range(ROUNDS):
        started = perf_counter()
        child = checkpoint.begin(folder, Head("life", 1, "boot"), keeping)
        stands.append(perf_counter() - started)
        assert child is not None
        assert os.waitpid(child, 0)[1] == 0
        whole.append(perf_counter() - started)
    return 1000 * median(stands), 1000 * median(whole)


def table() -> list[tuple[str, ...]]:
    """The rows under HEAD."""
    events = MIXED[1].events()
    calls = sum(isinstance(event, CallerJoined) for event in events)
    rows: list[tuple[str, ...]] = [HEAD]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        journal = Journal(folder, "life", 1)

        def write() -> None:
            for start in range(0, len(events), BATCH):
                journal.write(events[start : start + BATCH])

        rows.append(("journal, CPU ms per call", f"{took(write, process_time) / calls:.4f}"))
        rows.append(("journal, bytes per call", f"{(journal.size / calls / ROUNDS):.0f}"))
        os.close(journal.fd)
        steps = encoded(events)
        rows.append(("steps read, thousand a second", f"{len(events) / took(lambda: list(decoded(steps))):.0f}"))
        keeping = large()
        data = freeze(keeping)
        rows.append((f"checkpoint of {PEOPLE} agents and {PROJECTS} projects, MB", f"{len(data) / 1e6:.1f}"))
        stands, whole = _fork(folder, keeping)
        rows.append(("the loop stands for its fork, ms", f"{stands:.2f}"))
        rows.append(("until it is on the disk, ms", f"{whole:.0f}"))
        rows.append(("made in the process itself, ms", f"{took(lambda: freeze(keeping), process_time):.0f}"))
        rows.append(("read again, ms", f"{took(lambda: thaw(data), process_time):.0f}"))
        later = thaw(data)
        assert isinstance(later, Keeping)
        later.apply(LinkLost("pbx1", later.reached))
        started = process_time()
        later.advance(later.reached + 24 * 60 * MINUTE)
        rows.append(("a day without a daemon passes, ms", f"{1000 * (process_time() - started):.0f}"))
    return rows
