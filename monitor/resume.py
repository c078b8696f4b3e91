"""A floor goes on where the last process of the daemon left it, or begins.

Owns the way from a state folder to a `Keeping` that may be shown: whose turn it is, whether what is kept can be gone on with, and what
the time without a daemon was: every PBX that was seen is out of sight since the last thing that is known, so that time is a gap like any
other. The clock goes on too, in the same life of the machine; a civil clock that went back meanwhile is a step. Whatever cannot be gone
on with is moved aside and said in one line, and all begins at nought: a counter that is set back a little would be a lie.
Refuses the files themselves (`state`). Next: `app` runs an engine on it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic_ns, time_ns

import structlog

from monitor.clock import Clock
from monitor.core.contract import MINUTE, SECOND, Contract
from monitor.core.events import LinkLost
from monitor.errors import StateInUse
from monitor.keeping import ANCHOR, Keeping
from monitor.plan.plan import Plan
from monitor.state.asides import Asides
from monitor.state.checkpoint import boot_id
from monitor.state.keeper import Keeper
from monitor.state.lock import Lock
from monitor.state.recovery import Found, Lost, recover, set_aside

log = structlog.get_logger(__name__)

LONGEST_US = 50 * 60 * MINUTE  # the ledger holds as much: after a longer time nothing of it is left
PATIENCE_S = 2.0  # a process that was killed may take a moment to be gone
STANDBY_S = 0.5


@dataclass(frozen=True, slots=True)
class Resumed:
    """Everything an engine needs; `again` when it goes on from before. Contract and plan are in force `since` then."""

    keeping: Keeping
    clock: Clock
    keeper: Keeper
    asides: Asides
    again: bool
    since: int


async def turn(folder: Path, *, standby: bool, stop: asyncio.Event) -> Lock | None:
    """The lock on the folder, once it is ours; None when told to stop before. StateInUse where nobody is to wait."""
    lock = Lock(folder)
    patient_until = asyncio.get_running_loop().time() + PATIENCE_S
    said = False
    while not lock.take():
        if standby and not said:
            said = True
            log.info("standing by", folder=str(folder), holder=lock.holder(), effect="nothing is read or served until it ends")
        elif not standby and asyncio.get_running_loop().time() > patient_until:
            holder = lock.holder()
            lock.release()
            raise StateInUse(str(folder), holder)
        try:
            async with asyncio.timeout(STANDBY_S):
                await stop.wait()
        except TimeoutError:
            continue
        lock.release()
        return None
    return lock


def resume(
    folder: Path,
    contract: Contract,
    plan: Plan,
    *,
    keep: bool = False,
    boot: str | None = None,
    wall_ns: Callable[[], int] = time_ns,
    steady_ns: Callable[[], int] = monotonic_ns,
) -> Resumed:
    """What the folder holds, made to go on now; the first checkpoint is written. Only whoever has the lock may call it.

    With `keep` what is final is remembered for a store, from the first event on.
    """
    boot = boot_id() if boot is None else boot
    try:
        keeping, clock, since = _found(folder, contract, plan, boot, wall_ns, steady_ns)
    except Lost as lost:
        where = set_aside(folder)
        log.warning("all counters begin at nought", file=str(lost.file), problem=str(lost), moved_to=str(where))
        keeping, clock, since = None, Clock(wall_ns, steady_ns), 0
    again = keeping is not None
    if keeping is None:
        keeping = Keeping(contract, plan, clock.now())
        since = keeping.started_at
    if keep:
        keeping.floor.keep()
    else:  # nor what an earlier process remembered
        keeping.floor.chronicle.stop()
        keeping.floor.ledger.stop()
    keeper = Keeper(folder, boot)
    keeper.begin(keeping)
    return Resumed(keeping, clock, keeper, Asides(folder), again, since)


def _found(
    folder: Path, contract: Contract, plan: Plan, boot: str, wall_ns: Callable[[], int], steady_ns: Callable[[], int]
) -> tuple[Keeping | None, Clock, int]:
    """What is kept and the clock it goes on by, changed to this contract and plan since the instant that is told."""
    found = recover(folder, boot)
    if found is None:
        return None, Clock(wall_ns, steady_ns), 0
    file, keeping = found.folder, found.thing
    if not isinstance(keeping, Keeping):
        raise Lost(file, "it holds something else")
    try:
        for step in found.steps():
            keeping.redo(step)
        keeping.finish()
        anchor = keeping.facts.get(ANCHOR)
        clock = Clock(wall_ns, steady_ns, anchor if isinstance(anchor, int) and found.head.boot == boot else None)
        if clock.now() < keeping.reached:
            clock = Clock(wall_ns, steady_ns)
        return keeping, clock, _go_on(found, keeping, clock.now(), contract, plan)
    except Lost:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a step of then means now, it is not what it meant then
        raise Lost(file, f"it cannot be repeated: {type(error).__name__}: {error}") from None


def _go_on(found: Found, keeping: Keeping, now: int, contract: Contract, plan: Plan) -> int:
    """Nobody saw anything since the last thing that is known: since then this contract and plan are in force."""
    down_us = now - keeping.reached
    if down_us > LONGEST_US:
        raise Lost(found.folder, f"it is {down_us // (60 * MINUTE)} hours old")
    if down_us < 0:
        keeping.shift(down_us)
        down_us = 0
    keeping.floor.remarks.clear()  # said already
    keeping.incidents.news.clear()
    keeping.floor.signals.news.clear()
    for side in keeping.floor.sides.values():
        if side.observed:
            keeping.apply(LinkLost(side.name, keeping.reached))
    since = keeping.reached
    keeping.change(contract, plan, since)
    keeping.advance(now)  # here, where nobody waits: a night is some seconds' work on a large floor
    log.info("going on from before", folder=str(found.folder), down_seconds=round(down_us / SECOND, 1))
    return since
