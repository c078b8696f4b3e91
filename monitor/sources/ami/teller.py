"""What a PBX says, handed to the engine in order and at its time, or kept back until a snapshot has told what came before it.

Owns the moment: each event's `at`, the queue of events that wait for a snapshot (as text, within a budget of bytes), and what happens
when the engine's inbox is full (the event is dropped, counted and mentioned once, the core is told that it sees no more, what follows is
kept back, `on_full` asks for a snapshot). A step of daemon time moves what is kept back; an event that waits for room is made anew.
Refuses waiting while bytes are read: only `deliver` and `release` wait, and they are called from a task. Next: the engine's inbox.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import structlog

from monitor.core.events import AgentRung, Event, LinkLost, MemberRemoved, MemberSeen, SnapshotTaken
from monitor.sources.ami import translate
from monitor.sources.ami.decoder import Message
from monitor.sources.ami.devices import Devices
from monitor.sources.ami.link import AmiSettings, Pace
from monitor.sources.ami.stats import AmiStats, LinkState
from monitor.sources.ami.translate import Translator

log = structlog.get_logger(__name__)

KEPT = 16 << 20  # bytes kept back at most; more than that, and the snapshot is begun anew
KEPT_EACH = 128  # what holding one costs beside its text
FLUSH = 200  # events told between two looks at the loop
LOGGED = re.compile(rb'"Event": "(?:QueueCallerJoin|QueueCallerLeave|AgentConnect|AgentRingNoAnswer|Hangup)"')

Past = Callable[[SnapshotTaken, int, tuple[Event, ...]], Awaitable[Event | None]]  # the snapshot, the PBX's clock minus ours, what is kept back of calls
Make = Callable[[int], Event]  # an event of our own, once it is known when it happened
Tap = Callable[[Event, Sequence[Message]], None]  # told each event the sink took, and the messages it was made of, with these added:
OFFSET, AT, LATE = "FloorwatchOffset", "FloorwatchAt", "FloorwatchLate"  # the PBX's clock minus ours; when; how long after a snapshot's instant


def figure(us: int) -> str:
    """A length as a tap is told it, so long that it is no number anybody dials."""
    return f"{us:+010}"


@dataclass(slots=True)
class Watch:
    """What outlives the sessions with one PBX."""

    settings: AmiSettings
    queues: tuple[str, ...]
    sink: Callable[[Event], bool]
    now: Callable[[], int]
    chance: Callable[[], float]
    pace: Pace = field(default_factory=Pace)
    lag: Callable[[int], None] | None = None  # told how long each event was under way
    stats: AmiStats = field(default_factory=AmiStats)
    past: Past | None = None  # asked before each snapshot is told: what a log knows of the time nobody saw
    kept: int = KEPT
    startup: str | None = None  # the process of the last snapshot, as far as the PBX told
    seen_at: int | None = None  # when the last session that had a snapshot ended
    tap: Tap | None = None
    devices: Devices | None = None  # of people who are in no queue

    def of_somebody(self, frame: bytes) -> bool:
        """Whether a DeviceStateChange is of a device that is wanted."""
        return self.devices is not None and self.devices.passes(frame)

    def tell(self, event: Event, heard: Sequence[Message] = ()) -> bool:
        """Offer an event to the sink; what it took is told to the tap."""
        taken = self.sink(event)
        if taken and self.tap is not None:
            self.tap(event, heard)
        return taken

    def lose_sight(self, at: int) -> None:
        """From `at` on the core sees no more of this PBX, until a snapshot; for this the sink has always room."""
        self.stats.gap_since = at
        self.tell(LinkLost(self.settings.name, at))


class Teller:
    """One session's way to the sink. It begins by keeping back: a login is followed by a snapshot."""

    def __init__(self, watch: Watch, on_full: Callable[[], None], on_member: Callable[[MemberSeen | MemberRemoved | AgentRung], None]) -> None:
        self.translator = Translator(watch.settings.name, watch.stats.clock.offset_us or 0, watch.stats.tally, watch.settings.variable)
        self.kept_since = watch.now()
        self.overrun = False  # more came than may be kept back: the snapshot under way is worth nothing
        self._watch = watch
        self._on_full = on_full
        self._on_member = on_member
        self._kept: deque[tuple[bytes | Make, int]] | None = deque()
        self._kept_bytes = 0
        self._overflown = False  # it was said that something was dropped, and what was dropped is not made good yet

    def shift(self, moved_us: int) -> None:
        """Daemon time was re-anchored, the PBX's clock is measured against it already: what is kept back moves along."""
        self.translator.offset_us = self._watch.stats.clock.offset_us or 0
        self.kept_since += moved_us
        if self._kept is not None:
            self._kept = deque((item, arrived_at + moved_us) for item, arrived_at in self._kept)

    @property
    def keeping(self) -> bool:
        """Whether a snapshot is due or under way."""
        return self._kept is not None

    def keep_back(self, since: int) -> None:
        """From now on everything waits for a snapshot; what was waiting is part of it already."""
        self.kept_since, self.overrun = since, False
        self._kept, self._kept_bytes = deque(), 0

    def coming(self) -> tuple[Event, ...]:
        """What is kept back and a log may tell as well, each at the time it was raised, be that before the snapshot's."""
        words = Translator(self.translator.pbx, self.translator.offset_us)  # what is broken is counted when it is told
        found: list[Event] = []
        for item, arrived_at in self._kept or ():
            if isinstance(item, bytes) and LOGGED.search(item):
                message = json.loads(item)
                sent_at = words.sent_at(message)
                event = words.event(message, arrived_at if sent_at is None else min(sent_at, arrived_at))
                found += () if event is None else (event,)
        return tuple(found)

    def hear(self, message: Message, arrived_at: int) -> None:
        """An event from the wire."""
        if self._kept is not None:
            self._keep(self._kept, json.dumps(message, ensure_ascii=False).encode(), arrived_at)  # a sixth of what the message takes
            return
        event = self._event(message, arrived_at)
        if event is not None:
            self._offer(event, self._heard(message))

    def tell(self, make: Make, arrived_at: int, heard: Sequence[Message] = ()) -> None:
        """An event of our own making, at its place among those from the wire; one that was `heard` is never kept back."""
        if self._kept is not None:
            self._keep(self._kept, make, arrived_at)
        else:
            self._offer(make(self._watch.stats.clock.event_at(None, arrived_at)), heard)

    def _heard(self, message: Message) -> Sequence[Message]:
        return () if self._watch.tap is None else ({**message, OFFSET: figure(self.translator.offset_us)},)

    def _keep(self, kept: deque[tuple[bytes | Make, int]], item: bytes | Make, arrived_at: int) -> None:
        self._kept_bytes += KEPT_EACH + (len(item) if isinstance(item, bytes) else 0)
        if self.overrun or self._kept_bytes > self._watch.kept:
            self._dropped(1 + len(kept), "more came during a snapshot than may be kept back")
            kept.clear()
            self.overrun = True
        else:
            kept.append((item, arrived_at))

    def _offer(self, event: Event, heard: Sequence[Message]) -> None:
        if not self._watch.tell(event, heard):
            self._dropped(1, "the inbox is full")
            self._watch.stats.state = LinkState.SNAPSHOT
            self._watch.lose_sight(event.at)
            self.keep_back(event.at)
            self._on_full()

    def _dropped(self, count: int, problem: str) -> None:
        self._watch.stats.dropped += count
        if not self._overflown:
            self._overflown = True
            log.warning("events dropped", pbx=self._watch.settings.name, problem=problem, effect="a new snapshot makes it good")

    def _event(self, message: Message, arrived_at: int) -> Event | None:
        watch = self._watch
        sent_at = self.translator.sent_at(message)
        if sent_at is not None and watch.lag is not None:
            watch.lag(max(0, arrived_at - sent_at))
        if watch.stats.timestamps is None and translate.raised(message):
            watch.stats.timestamps = sent_at is not None
            if sent_at is None:
                log.warning(
                    "events carry no time of their own, arrival counts instead",
                    pbx=watch.settings.name,
                    remedy="timestampevents = yes in [general] of its manager.conf ([general](+) in manager_custom.conf)",
                )
        event = self.translator.event(message, watch.stats.clock.event_at(sent_at, arrived_at))
        if isinstance(event, MemberSeen | MemberRemoved | AgentRung):
            self._on_member(event)
        return event

    async def deliver(self, event: Event, heard: Sequence[Message] = ()) -> bool:
        """Hand over what must not be dropped; wait for room. False when daemon time was moved meanwhile: its times are of before."""
        epoch = self._watch.stats.clock.epoch
        while not self._watch.tell(event, heard):
            await asyncio.sleep(self._watch.pace.full_s)
            if self._watch.stats.clock.epoch != epoch:
                return False
        return True

    async def release(self) -> bool:
        """Tell everything that was kept back, in order; from then on events go straight through. False when it became too much."""
        told = 0
        while self._kept:
            item, arrived_at = self._kept[0]
            heard: Sequence[Message] = ()
            if isinstance(item, bytes):
                message = json.loads(item)
                event, heard = self._event(message, arrived_at), self._heard(message)
            else:
                event = item(self._watch.stats.clock.event_at(None, arrived_at))
            if event is not None and not await self.deliver(event, heard):
                continue
            if not self._kept or self._kept[0][0] is not item:
                return False
            self._kept.popleft()
            self._kept_bytes -= KEPT_EACH + (len(item) if isinstance(item, bytes) else 0)
            told += 1
            if told % FLUSH == 0:
                await asyncio.sleep(0)
        if self.overrun:
            return False
        self._kept, self._overflown = None, False
        return True
