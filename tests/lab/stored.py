"""Which visits a daemon has in its store and queue_log has not, and the other way round: a difference in a counter has a caller.

Reads the SQLite file that `daemon.py` configures, after the daemon has ended. Judges nothing; `gaps.py` names what it finds where a count is wrong.
"""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from tests.lab.judge import Rows

FILE = "floorwatch.db"


def astray(folder: Path, rows: Rows, queues: Sequence[str]) -> list[str]:
    """One line for each visit of these queues that only one side has, with its rows."""
    file = folder / FILE
    if not file.exists():
        return []
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as store:
        kept = Counter((str(call), str(queue)) for call, queue in store.execute("SELECT call, queue FROM visits"))
    logged = Counter((row[1], row[2]) for row in rows if row[4] == "ENTERQUEUE")
    found = [f"  missing {_told(rows, *visit)}" for visit in logged - kept if visit[1] in queues]
    return found + [f"  invented {_told(rows, *visit)}" for visit in kept - logged if visit[1] in queues]


def began(file: Path) -> int:
    """The second in which the floor began that has written a store alone."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as store:
        (at,) = store.execute("SELECT DISTINCT epoch_at FROM agent_spans").fetchone()
    return int(at) // 1_000_000


def _told(rows: Rows, call: str, queue: str) -> str:
    story = [f"{_clock(int(row[0]))} {row[4]}" for row in rows if row[1] == call and row[2] == queue]
    return f"{queue} {call}: {', '.join(story) or 'not in the log'}"


def _clock(at: int) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at))
