"""One PBX's Master.csv while the daemon lives: the calls that were turned away at the door of a queue, and whether it can be read.

A record of Queue says neither that the caller was inside nor that he was not (`cdr`). AMI does: whoever was seen from the beginning of his
channel to its end, and joined no queue on the way, was refused. So a record waits for that end, and an end for its record (with batch = yes
in cdr.conf it comes minutes later), each for a bounded time; whichever comes first, nothing hangs on how late AMI is. A call that was under
way when the PBX came into sight, or when it went out of it, was not seen from beginning to end and is never refused; the file is followed
from where it ends when we begin. So nobody is counted twice, and who is refused while nobody looks is not counted.

Owns this and the word up or down. Refuses reading (`following`) and whose call it is (`core.refusals`). Next: the engine's inbox.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Never, TypeVar

import structlog

from monitor.core.contract import SECOND
from monitor.core.events import CallerJoined, ChannelEnded, ChannelStarted, Event, LinkLost
from monitor.core.refusals import CallRefused, CdrSeen
from monitor.sources.cdr import QueueRecord, parse
from monitor.sources.following import HUNG, UNSEEN, Following, LogPace, Reader
from monitor.sources.logtail import Passage, Tail

log = structlog.get_logger(__name__)

HEARD = frozenset({CallerJoined, ChannelEnded, ChannelStarted, LinkLost})
NAMELESS = "has no ids of calls, so nobody can be told from those who were in a queue; loguniqueid = yes belongs into [csv] of its cdr.conf"
AWAITED_US = 600 * SECOND  # a call that has ended waits so long for its record: twice the longest of a batch, as shipped
EARLY_US = 60 * SECOND  # a record waits so long for AMI to tell the end of its call
MOST = 20_000  # of either
Kept = TypeVar("Kept")


class CdrWatch:
    """`run()` is the task of one file; `heard` is told what the PBX says over AMI; `problem` and `up` may be read any time."""

    def __init__(
        self, pbx: str, file: Path, sink: Callable[[Event], bool], now: Callable[[], int], pace: LogPace | None = None, *, told_up: bool = False
    ) -> None:
        """As `LogWatch`: `sink` takes an event or says False, `now` is daemon time, `told_up` what the engine was told last."""
        self.problem: str | None = UNSEEN
        self._pbx = pbx
        self._file = file
        self._now = now
        self._pace = pace or LogPace()
        self._trouble: str | None = self.problem  # with the file
        self._hung = self._nameless = False
        self._said = False  # that it is down
        self._told_up = told_up
        self._alive: dict[str, str] = {}  # channels seen from their beginning that were in no queue yet, and what they dialled
        self._ended: dict[str, tuple[int, str]] = {}  # those that have ended so: when, and what they dialled
        self._early: dict[str, tuple[int, QueueRecord]] = {}  # records of calls whose end AMI has not told: since when they wait
        self._following = Following(Tail(file, parse, "cdr"), f"cdr {pbx}", sink, self._pace)
        self._log = log.bind(pbx=pbx)

    @property
    def up(self) -> bool:
        """Whether it is read as it is written."""
        return self.problem is None

    def shift(self, moved_us: int) -> None:
        """Daemon time was re-anchored and says `moved_us` more for the same instant."""
        self._ended = {call: (at + moved_us, did) for call, (at, did) in self._ended.items()}
        self._early = {call: (at + moved_us, record) for call, (at, record) in self._early.items()}

    # --- what AMI says ----------------------------------------------------------------------------------------------------------------

    def heard(self, event: Event) -> None:
        """The engine took this event of the PBX."""
        if type(event) not in HEARD:
            return
        if isinstance(event, ChannelStarted):
            self._alive[event.call] = event.position.exten
        elif isinstance(event, CallerJoined):
            for call in (event.call, event.linked):
                self._alive.pop(call, None)
        elif isinstance(event, LinkLost):
            self._alive.clear()
        elif isinstance(event, ChannelEnded) and (did := self._alive.pop(event.call, None)) is not None:
            early = self._early.pop(event.call, None)
            if early is not None:
                self._refused(early[1], event.at, did)
                return
            self._ended[event.call] = (event.at, did)
            if len(self._ended) > MOST:
                del self._ended[next(iter(self._ended))]

    # --- what the file says -----------------------------------------------------------------------------------------------------------

    def _read(self, record: QueueRecord) -> None:
        self._nameless = not record.call
        if self._nameless or record.rang:  # no phone rings for who is not inside
            return
        ended = self._ended.pop(record.call, None)
        if ended is not None:
            self._refused(record, *ended)
            return
        self._early[record.call] = (self._now(), record)
        if len(self._early) > MOST:
            del self._early[next(iter(self._early))]

    def _refused(self, record: QueueRecord, at: int, did: str) -> None:
        self._following.tell(CallRefused(self._pbx, min(at, self._now()), record.call, record.queue, record.linked, did))

    # --- up and down ------------------------------------------------------------------------------------------------------------------

    def _review(self) -> None:
        """Tell the engine whether it is up, and people once what is wrong."""
        was = self.problem
        self.problem = f"{self._file}: {HUNG}" if self._hung else self._trouble
        if self.problem is None and self._nameless:
            self.problem = f"{self._file}: {NAMELESS}"
        if self.up is not self._told_up:
            self._told_up = self.up
            self._following.tell(CdrSeen(self._pbx, self._now(), self.up))
        if self.problem == was:
            return
        if self.problem is not None:
            say = self._log.debug if self._said else self._log.warning
            say("cdr is not followed", problem=self.problem, effect="refused calls are not known, until it is back")
        elif self._said:
            self._log.info("cdr is followed again", file=str(self._file))
        self._said = self.problem is not None

    def _pass(self, passage: Passage[QueueRecord]) -> None:
        """What the reader found."""
        self._trouble = passage.problem
        for record in passage.rows:
            self._read(record)
        self._review()

    def _check(self, _reader: Reader[QueueRecord], idle_s: float) -> None:
        """Has it been read? And forget who has waited long enough."""
        self._hung = self._trouble in (None, UNSEEN) and idle_s >= self._pace.hung_s
        now = self._now()
        self._ended = _since(self._ended, now - AWAITED_US)
        self._early = _since(self._early, now - EARLY_US)
        self._review()

    async def run(self) -> Never:
        """Follow it until cancelled."""
        await self._following.run(self._pass, self._check)


def _since(waiting: dict[str, tuple[int, Kept]], at: int) -> dict[str, tuple[int, Kept]]:
    return {call: one for call, one in waiting.items() if one[0] >= at} if any(one[0] < at for one in waiting.values()) else waiting
