"""A gap, told by a queue_log: its rows are read from disk beside the loop.

Owns the patience with the disk, one look of a PBX at a time however long its disk takes, and the question whether the rows are all there: a
part of a gap is no gap told. Refuses meaning (`core.gaps`). Next: the session tells it right before the snapshot that ends the gap.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from monitor.core.contract import SECOND, Contract
from monitor.core.events import GapTold, SnapshotTaken
from monitor.core.gaps import BEFORE_US
from monitor.core.numbers import veiled_rows
from monitor.errors import LogUnreadable
from monitor.sources import queue_log

PATIENCE_S = 8.0  # a gap is healed within ten seconds of its end


def read(file: Path, since: int, snapshot: SnapshotTaken, offset_us: int, contract: Contract) -> GapTold | str:
    """What the log knows of the time from `since` to this snapshot, here and now, without numbers; where it does not know all of it, why."""
    try:
        found = queue_log.extract(file, (since - BEFORE_US + offset_us) // SECOND)
    except LogUnreadable as error:
        return str(error)
    if found.begins_s is not None and found.begins_s <= (since + offset_us) // SECOND:
        return GapTold(snapshot.pbx, snapshot.at, veiled_rows(found.rows, snapshot.pbx, contract), snapshot, offset_us)
    return "; ".join(found.problems) or f"{file}: begins after the gap did"


class Gaps:
    """The gaps of every PBX. A disk that does not answer holds one thread, whatever number of gaps wait for it."""

    def __init__(self) -> None:
        self._free: dict[tuple[str, Path], asyncio.Event] = {}  # by PBX and file, which a reload may change: set unless a thread reads

    async def told(self, file: Path, since: int, snapshot: SnapshotTaken, offset_us: int, contract: Contract) -> GapTold | str:
        """The same, for whoever may not wait for a disk."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self._beside((snapshot.pbx, file), partial(read, file, since, snapshot, offset_us, contract))
        except TimeoutError:
            return f"{file}: was not read within {PATIENCE_S:g} s"

    async def _beside(self, log: tuple[str, Path], work: Callable[[], GapTold | str]) -> GapTold | str:
        """The work's result, from a thread of its own, for whose disk nobody waits at the end of the daemon."""
        free = self._free.get(log)
        if free is None:
            free = self._free[log] = asyncio.Event()
            free.set()
        while not free.is_set():
            await free.wait()
        free.clear()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[GapTold | str] = loop.create_future()

        def tell(found: GapTold | str | None, error: Exception | None) -> None:
            free.set()
            if future.done():
                return
            if error is not None:
                future.set_exception(error)
            elif found is not None:
                future.set_result(found)

        def run() -> None:
            found, error = None, None
            try:
                found = work()
            except Exception as problem:  # noqa: BLE001 - whoever waits has it
                error = problem
            with suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(tell, found, error)

        threading.Thread(target=run, name="gap", daemon=True).start()
        return await future
