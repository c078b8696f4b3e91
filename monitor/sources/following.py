"""A file of rows read beside the loop while the daemon lives: one thread, which may wait for its disk as long as it likes.

Owns that thread, which reads on only when what it read was taken, the task that takes it, the pauses, and offering events to an engine whose
inbox is full. Refuses bytes and rotation (`logtail`) and what a row means. Next: `logwatch` for queue_log, `cdrwatch` for Master.csv.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, Never

from monitor.core.events import Event
from monitor.sources.logtail import Passage, Row, Tail

HUNG = "is not read: its disk does not answer"
UNSEEN = "nobody has looked yet"


@dataclass(frozen=True, slots=True)
class LogPace:
    """How long we wait for what, in seconds; tests hurry."""

    poll_s: float = 0.2
    retry_s: float = 10.0  # of a file that cannot be had
    silent_s: float = 60.0  # a caller whom AMI told is in queue_log by then
    hung_s: float = 10.0  # one look at it takes no longer, whatever the disk
    check_s: float = 1.0
    full_s: float = 0.02  # before the engine is offered again what its inbox had no room for


class Reader(threading.Thread, Generic[Row]):
    """Looks at the file again and again. Where there is news it waits until `go_on`; a daemon's end does not wait for it."""

    def __init__(self, tail: Tail[Row], loop: asyncio.AbstractEventLoop, hand_over: Callable[[Passage[Row]], None], pace: LogPace, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self.looks = 0  # finished
        self.whole_at = 0.0  # loop time: what was in the file then was handed over, and taken
        self._tail = tail
        self._loop = loop
        self._hand_over = hand_over
        self._pace = pace
        self._ended = False
        self._taken = threading.Semaphore(0)
        self._end = threading.Event()

    def run(self) -> None:
        """Until `stop`."""
        problem: str | None = UNSEEN
        while not self._ended:
            began = self._loop.time()
            found = self._tail.read()
            if found.rows or found.problem != problem:
                problem = found.problem
                with suppress(RuntimeError):  # the loop is closed, and we are told so below
                    self._loop.call_soon_threadsafe(self._hand_over, found)
                    self._taken.acquire()
            if not found.more:
                self.whole_at = began
                self._end.wait(self._pace.poll_s if found.problem is None else self._pace.retry_s)
            self.looks += 1
        self._tail.close()

    def go_on(self) -> None:
        """What was handed over is taken."""
        self._taken.release()

    def stop(self) -> None:
        """End after this look."""
        self._ended = True
        self._end.set()
        self._taken.release()


class Following(Generic[Row]):
    """`run()` is the task of one file; `tell` an event any time."""

    def __init__(self, tail: Tail[Row], name: str, sink: Callable[[Event], bool], pace: LogPace) -> None:
        self.to_tell: deque[Event] = deque()
        self._tail = tail
        self._name = name
        self._sink = sink
        self._pace = pace
        self._passage: Passage[Row] | None = None
        self._wake = asyncio.Event()

    def tell(self, event: Event) -> None:
        """Hand it to the engine, in order, as soon as there is room."""
        self.to_tell.append(event)
        self._wake.set()

    def _hand_over(self, passage: Passage[Row]) -> None:
        self._passage = passage
        self._wake.set()

    async def _tell(self) -> None:
        while self.to_tell:
            if self._sink(self.to_tell[0]):
                self.to_tell.popleft()
            else:
                await asyncio.sleep(self._pace.full_s)

    async def run(self, take: Callable[[Passage[Row]], None], check: Callable[[Reader[Row], float], None]) -> Never:
        """Until cancelled: `take` what was read; now and then `check` it, told how long no look has come to its end while we were awake."""
        loop, pace = asyncio.get_running_loop(), self._pace
        reader = Reader(self._tail, loop, self._hand_over, pace, self._name)
        reader.start()
        looks, idle_s = 0, 0.0
        check_at = loop.time() + pace.check_s
        try:
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(check_at):
                        await self._wake.wait()
                self._wake.clear()
                passage, self._passage = self._passage, None
                if passage is not None:
                    take(passage)
                if loop.time() >= check_at:
                    idle_s = idle_s + pace.check_s if reader.looks == looks and passage is None else 0.0
                    looks = reader.looks
                    check(reader, idle_s)
                    check_at = loop.time() + pace.check_s
                await self._tell()
                if passage is not None:
                    reader.go_on()
        finally:
            reader.stop()
