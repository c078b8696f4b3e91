"""What queue_log says to one who has never seen the site: which queues are called and by which numbers, why people pause, and the past.

Owns one pass over the file, row by row, since a log of eight weeks has more rows than memory. Refuses arithmetic (`plan.history`) and
the file's format (`sources.queue_log`). Next: `sight` and `draft` read the book.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from monitor.core.contract import MINUTE, SECOND, Project
from monitor.core.logrow import LogRow
from monitor.plan.history import WEEKS, Tally
from monitor.sources import queue_log

INTERVAL_US = 30 * MINUTE  # the site's interval_minutes by default
_BACK_US = timedelta(weeks=WEEKS, days=2) // timedelta(microseconds=1)  # rows before the first whole day prove that it is one


@dataclass(slots=True)
class Logbook:
    """What the rows said. Times are the daemon's, the PBX's clock offset taken off."""

    file: Path
    tallies: dict[str, Tally]  # by queue; queues of one project share one
    first_at: int | None = None
    last_at: int | None = None
    entered: Counter[str] = field(default_factory=Counter)  # by queue
    dialled: Counter[tuple[str, str]] = field(default_factory=Counter)  # FreePBX: by queue and DID
    reasons: Counter[str] = field(default_factory=Counter)  # of pauses; empty where none was given

    def take(self, rows: Iterable[LogRow], offset_us: int) -> None:
        """Read every row. They are written to the second, so only whole seconds of an offset are one."""
        ahead_s = (offset_us + SECOND // 2) // SECOND
        for row in rows:
            at = (row.at_s - ahead_s) * SECOND
            self.first_at = at if self.first_at is None else min(self.first_at, at)
            self.last_at = at if self.last_at is None else max(self.last_at, at)
            if (tally := self.tallies.get(row.queue)) is not None:
                tally.add(row, at)
            if row.verb == "ENTERQUEUE":
                self.entered[row.queue] += 1
            elif row.verb == "DID" and row.data and row.data[0]:
                self.dialled[row.queue, row.data[0]] += 1
            elif row.verb == "PAUSE":
                self.reasons[row.data[0] if row.data else ""] += 1


def read(file: Path, projects: Iterable[Project], now: int, offset_us: int) -> Logbook:
    """The book of a log's last eight weeks; LogUnreadable when the file cannot be had."""
    queue_log.check(file)
    tallies: dict[str, Tally] = {}
    for project in projects:
        tally = Tally(project, INTERVAL_US)
        tallies |= {queue.name: tally for queue in project.queues}
    book = Logbook(file, tallies)
    book.take(queue_log.read(file, (now - _BACK_US) // SECOND), offset_us)
    return book
