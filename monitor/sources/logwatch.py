"""One PBX's queue_log while the daemon lives: the exits it tells, and whether it can be relied on.

Owns the exits that go to the engine, and the word up or down. Down is a file that cannot be had, one that is not read for ten seconds, and one that is
silent: a caller whom AMI told is not in it a minute later, and nobody who came after him. A silent one is up again with the first call
that AMI told too. While the PBX is out of sight nothing is told, since the gap is healed from the same rows. Refuses reading
(`following`) and what an exit means (`core`). Next: the engine's inbox.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Never

import structlog

from monitor.core.contract import SECOND
from monitor.core.events import CallerJoined, Event, ExitLogged, LinkLost, LogSeen, SnapshotTaken
from monitor.core.logrow import LogRow
from monitor.sources.following import HUNG, UNSEEN, Following, LogPace, Reader
from monitor.sources.logtail import Passage, Tail
from monitor.sources.queue_log import parse

log = structlog.get_logger(__name__)

ENTRY = "ENTERQUEUE"
EXITS = frozenset({"ABANDON", "EXITWITHTIMEOUT", "EXITEMPTY", "WITHDRAW", "EXITWITHKEY"})
HEARD = frozenset({CallerJoined, LinkLost, SnapshotTaken})
SILENT = (
    "has no caller of the last minute, though there were some: is it this PBX's? queue_log = yes belongs into [general] of its logger.conf, and with"
    " a realtime table queue_log_to_file = yes"
)
MOST_CALLS = 1_000  # remembered: callers one of the two has told and the other not yet
MOST_ROWS = 1_000  # exits told while the PBX is out of sight, kept until a snapshot says since when it is not


class LogWatch:
    """`run()` is the task of one log; `put` is the way to the engine of whoever tells what AMI says; `problem` and `up` may be read any time."""

    def __init__(
        self,
        pbx: str,
        file: Path,
        sink: Callable[[Event], bool],
        now: Callable[[], int],
        offset_us: Callable[[], int | None],
        pace: LogPace | None = None,
        *,
        told_up: bool = False,
    ) -> None:
        """`sink` takes an event or says False; `now` is daemon time, `offset_us` the PBX's clock minus ours as far as it is known; `told_up`
        is what the engine was told last, be it by the process before this one."""
        self.problem: str | None = UNSEEN
        self._pbx = pbx
        self._file = file
        self._sink = sink
        self._now = now
        self._offset_us = offset_us
        self._pace = pace or LogPace()
        self._trouble: str | None = self.problem  # with the file
        self._hung = self._silent = False
        self._said = False  # that it is down
        self._told_up = told_up
        self._since: int | None = None  # since when the PBX is seen; None while it is not
        self._early: deque[LogRow] = deque(maxlen=MOST_ROWS)
        self._awaited: dict[str, float] = {}  # callers AMI told, and the log not yet; since when (loop time)
        self._known: dict[str, int] = {}  # callers the log told, and AMI not yet; how often
        self._following = Following(Tail(file, parse), f"queue_log {pbx}", sink, self._pace)
        self._log = log.bind(pbx=pbx)

    @property
    def up(self) -> bool:
        """Whether it is read as it is written."""
        return self.problem is None

    def shift(self, moved_us: int) -> None:
        """Daemon time was re-anchored and says `moved_us` more for the same instant."""
        if self._since is not None:
            self._since += moved_us

    # --- what AMI says ----------------------------------------------------------------------------------------------------------------

    def put(self, event: Event) -> bool:
        """Hand an event of the PBX to the engine."""
        taken = self._sink(event)
        if taken and type(event) in HEARD:
            self._heard(event)
        return taken

    def _heard(self, event: Event) -> None:
        if isinstance(event, CallerJoined):
            self._joined(event.call)
        elif isinstance(event, LinkLost):
            self._since = None
            self._awaited.clear()
        elif isinstance(event, SnapshotTaken) and event.whole:
            self._since = event.at
            for row in self._early:
                self._out(row, event.at)
            self._early.clear()

    def _joined(self, call: str) -> None:
        if call in self._known:
            self._known[call] -= 1
            if not self._known[call]:
                del self._known[call]
            self._proven(call)
        elif self._since is not None and self._trouble is None:
            if len(self._awaited) >= MOST_CALLS:
                if not self._silent:
                    return  # the oldest decide
                del self._awaited[next(iter(self._awaited))]
            self._awaited.setdefault(call, asyncio.get_running_loop().time())

    # --- what the log says ------------------------------------------------------------------------------------------------------------

    def _read(self, row: LogRow) -> None:
        if row.verb in EXITS:
            if self._since is None:
                self._early.append(row)
            else:
                self._out(row, self._since)
        elif row.verb == ENTRY:
            if row.call in self._awaited:
                self._proven(row.call)
                return
            self._known[row.call] = self._known.get(row.call, 0) + 1
            if len(self._known) > MOST_CALLS:
                del self._known[next(iter(self._known))]

    def _out(self, row: LogRow, since: int) -> None:
        """Tell an exit; one of before the snapshot, or of the second it was taken in, is part of what heals the gap."""
        at = row.at_s * SECOND - (self._offset_us() or 0)
        if at >= since:
            self._following.tell(ExitLogged(self._pbx, min(at, self._now()), row.call, row.queue, row.verb))

    def _proven(self, call: str) -> None:
        """AMI and the log tell of the same caller: those who came before him are no question any more."""
        if call in self._awaited:
            for each in [*self._awaited]:
                del self._awaited[each]
                if each == call:
                    break
        if self._silent:
            self._silent = False
            self._review()

    # --- up and down ------------------------------------------------------------------------------------------------------------------

    def _review(self) -> None:
        """Tell the engine whether it is up, and people once what is wrong."""
        was = self.problem
        self.problem = f"{self._file}: {HUNG}" if self._hung else self._trouble
        if self.problem is None and self._silent:
            self.problem = f"{self._file}: {SILENT}"
        if self.up is not self._told_up:
            self._told_up = self.up
            self._following.tell(LogSeen(self._pbx, self._now(), self.up))
        if self.problem == was:
            return
        if self.problem is not None:
            say = self._log.debug if self._said else self._log.warning
            say("queue_log is not followed", problem=self.problem, effect="as if it were not configured, until it is back")
        elif self._said:
            self._log.info("queue_log is followed again", file=str(self._file))
        self._said = self.problem is not None

    def _pass(self, passage: Passage[LogRow]) -> None:
        """What the reader found."""
        if passage.problem != self._trouble:
            self._trouble = passage.problem
            self._awaited.clear()  # who came meanwhile may be in a file that is gone
            self._review()
        for row in passage.rows:
            self._read(row)

    def _check(self, reader: Reader[LogRow], idle_s: float) -> None:
        """Has it been read, and is anybody in it? `idle_s`: how long no look has come to its end, as far as we were awake to see."""
        self._hung = self._trouble in (None, UNSEEN) and idle_s >= self._pace.hung_s
        first = next(iter(self._awaited.values()), None)
        if first is not None and reader.whole_at >= first + self._pace.silent_s:
            self._silent = True
            self._awaited.clear()
        self._review()

    async def run(self) -> Never:
        """Follow it until cancelled."""
        await self._following.run(self._pass, self._check)
