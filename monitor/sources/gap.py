"""A gap, told by a queue_log: its rows are read from disk beside the loop.

Owns the patience with the disk and the question whether the rows are all there: a part of a gap is no gap told. Refuses meaning (`core.gaps`).
Next: the session tells it right before the snapshot that ends the gap.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from monitor.core.contract import SECOND
from monitor.core.events import GapTold, SnapshotTaken
from monitor.core.gaps import BEFORE_US
from monitor.errors import LogUnreadable
from monitor.sources import queue_log

PATIENCE_S = 8.0  # a gap is healed within ten seconds of its end, or by what is read later


async def told(file: Path, since: int, snapshot: SnapshotTaken, offset_us: int) -> GapTold | str:
    """What the log knows of the time from `since` to this snapshot; where it does not know all of it, why."""
    first_s = (since - BEFORE_US + offset_us) // SECOND
    try:
        async with asyncio.timeout(PATIENCE_S):
            found = await asyncio.to_thread(queue_log.extract, file, first_s)
    except TimeoutError:
        return f"{file}: was not read within {PATIENCE_S:g} s"
    except LogUnreadable as error:
        return str(error)
    if found.begins_s is not None and found.begins_s <= (since + offset_us) // SECOND:
        return GapTold(snapshot.pbx, snapshot.at, found.rows, snapshot, offset_us)
    return "; ".join(found.problems) or f"{file}: begins after the gap did"
