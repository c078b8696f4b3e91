"""`floorwatch replay`: a recording through the same engine, as fast as it goes or in its own rhythm with the pages served meanwhile.

Owns the recording's time: the engine's clock stands where the recording says, and moves only there. A bare capture of AMI has no
contract and no ticks: every queue in it is a project, and a second is a tick. Refuses printing. Next: `cli`.
"""

from __future__ import annotations

import asyncio
import os
import platform
import signal
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice, pairwise
from pathlib import Path

from monitor import __version__
from monitor.assess.outlook import Outlook
from monitor.clock import Clock
from monitor.config import Config
from monitor.core.contract import SECOND, Contract
from monitor.core.events import CallerJoined, Event, LinkLost, MemberSeen, SnapshotTaken
from monitor.engine import Engine
from monitor.errors import ConfigError, Flaw, PortTaken, RecordingFailed, RecordingUnusable
from monitor.outputs.daemon import DaemonFacts, PbxFacts
from monitor.outputs.metrics import Exposition, Format
from monitor.outputs.web.server import Web
from monitor.plan.plan import EMPTY
from monitor.sources import recording, terms
from monitor.sources.ami.decoder import Decoder
from monitor.sources.ami.translate import WANTED
from monitor.sources.recording import LONGEST_US, SILENCE_US, Ended, Fact, Reading, Stepped, Ticked
from monitor.tape.summary import summary

HOST = "127.0.0.1"
SLOWEST, FASTEST = 0.1, 1000.0
BATCH = 500  # facts read ahead in one go


class Tape:
    """A file to replay: whose floor, from when, and its facts in order."""

    def __init__(self, path: Path, config: Config | None = None) -> None:
        self.path = path
        self._opening = recording.opening(path)
        self._events: list[Event] = []
        if self._opening is not None:
            contract, self.begun_at = self._opening.contract, self._opening.at
        else:
            contract = self._capture(path, "pbx1" if config is None else _only_pbx(config))
        self.contract: Contract = contract if config is None else terms.of_pbx(config.contract, _only_pbx(config))
        self.pbx = self.contract.pbxs[0]
        self._reading = Reading(path, self.pbx, self.begun_at)
        self._counts: Counter[str] = Counter()

    def _capture(self, path: Path, pbx: str) -> Contract:
        decoder = Decoder(WANTED)
        self._events = list(recording.meant((message for piece in recording.pieces(path) for message in decoder.feed(piece)), pbx))
        if not self._events:
            raise RecordingUnusable(str(path), "holds no event; was timestampevents = yes where it was made?")
        self.begun_at = self._events[0].at
        for before, after in pairwise(self._events):
            if after.at > min(before.at + SILENCE_US, self.begun_at + LONGEST_US):
                problem = f"says nothing for {(after.at - before.at) / SILENCE_US:.1f} days after its first {(before.at - self.begun_at) / SILENCE_US:.1f}"
                raise RecordingUnusable(str(path), f"{problem}: no more than 1 in silence, and 31 in all, are replayed; cut it there")
        return terms.one_project_per_queue(pbx, sorted(_queues(self._events)))

    @property
    def counts(self) -> Counter[str]:
        """Events told so far: by AMI's names in a recording, by ours in a capture."""
        return self._counts if self._opening is None else self._reading.counts

    @property
    def complete(self) -> bool:
        """Whether a recording's end was read; a capture has none."""
        return self._opening is None or self._reading.complete

    def facts(self) -> Iterator[Fact]:
        """Everything, in order."""
        return self._reading.facts() if self._opening is not None else self._ticking()

    def _ticking(self) -> Iterator[Fact]:
        tick = self.begun_at
        for event in self._events:
            while tick + SECOND <= event.at:
                tick += SECOND
                yield Ticked(tick)
            self._counts[type(event).__name__] += 1
            yield event
        yield Ended(self._events[-1].at)


def _queues(events: Iterable[Event]) -> set[str]:
    found: set[str] = set()
    for event in events:
        if isinstance(event, SnapshotTaken):
            found.update(event.strategies)
        elif isinstance(event, CallerJoined | MemberSeen):
            found.add(event.queue)
    return found


def _only_pbx(config: Config) -> str:
    if len(config.pbxs) > 1:
        names = ", ".join(pbx.name for pbx in config.pbxs)
        raise ConfigError(str(config.file), [Flaw(f"there are several PBXs, and a recording is of one: {names}", "leave one [[pbx]] in a copy of it")])
    return config.pbxs[0].name


class Playback:
    """A tape being played; also the view a web server reads."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.contract = tape.contract
        self.at = tape.begun_at  # what daemon time says
        self.losses = 0
        self.whole = False  # played to its end, not stopped by whoever watches
        self._moved = 0  # how much of that came by steps of the clock
        self.engine = Engine(tape.contract, EMPTY, Clock(lambda: self.at * 1000, lambda: (self.at - self._moved) * 1000))

    def apply(self, fact: Fact) -> None:
        """One fact."""
        if isinstance(fact, Ticked):
            self.at = fact.at
            self.engine.tick()
            self.engine.judge()
        elif isinstance(fact, Stepped):
            self.at += fact.moved_us
            self._moved += fact.moved_us
        elif isinstance(fact, Ended):
            self.at = fact.at
        else:
            self.losses += isinstance(fact, LinkLost)
            self.engine.put(fact)
            self.engine.catch_up()

    def play(self) -> None:
        """All of it, as fast as it goes."""
        for fact in self.tape.facts():
            self.apply(fact)
        self.whole = True

    async def keep_time(self, speed: float) -> None:
        """All of it, so many times as fast as it was."""
        loop, facts = asyncio.get_running_loop(), self.tape.facts()
        began, since = loop.time(), self.at
        while batch := await asyncio.to_thread(lambda: list(islice(facts, BATCH))):
            for fact in batch:
                at = getattr(fact, "at", None)
                if isinstance(fact, Stepped):
                    since += fact.moved_us
                elif at is not None:
                    await asyncio.sleep(max(0.0, began + (at - since) / SECOND / speed - loop.time()))
                self.apply(fact)
        self.whole = True

    # --- what came of it ------------------------------------------------------------------------------------------------------------

    def summary(self) -> str:
        """In words."""
        text = summary(self.engine, self.outlook(), self.tape.begun_at, self.tape.counts, self.losses)
        if not self.whole:
            return f"{text}stopped    by you: the figures are those of here\n"
        return text if self.tape.complete else f"{text}cut off    {self.tape.path} has no end: the figures are those of its last message\n"

    def metrics(self) -> str:
        """As the daemon would show it."""
        return "".join(Exposition().scrape(self.outlook(), self.contract, self.daemon(), Format.TEXT))

    def outlook(self) -> Outlook:
        """The floor as of the recording's now."""
        return self.engine.outlook()

    def daemon(self) -> DaemonFacts:
        """A daemon's facts, as far as a recording has them."""
        side = self.engine.floor.sides[self.tape.pbx]
        gap_us = 0 if side.observed or side.blind_since is None else max(0, self.at - side.blind_since)
        pbx = PbxFacts(self.tape.pbx, ami_up=side.observed, gap_us=gap_us, events=dict(self.tape.counts))
        return DaemonFacts(__version__, platform.python_version(), (pbx,), clock_steps=self.engine.keeping.clock_steps)

    def ready(self) -> tuple[bool, list[str]]:
        """Once the recording had a snapshot."""
        side = self.engine.floor.sides[self.tape.pbx]
        return side.sighted, [] if side.observed else [side.name]


def replay(playback: Playback, speed: float | None, port: int | None, say: Callable[[str], object]) -> None:
    """Play at once, or at `speed` times the recording's own; with a port serve the pages until stopped. `say` is told what to print."""
    if speed is None:
        playback.play()
    if speed is None and port is None:
        say(playback.summary())
    else:
        asyncio.run(_with_pages(playback, speed, port, say))


async def _with_pages(playback: Playback, speed: float | None, port: int | None, say: Callable[[str], object]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    web = None if port is None else Web(HOST, port, playback, callers=playback.engine.floor.lost.rows)
    if web is not None:
        try:
            await web.start()
        except PortTaken:
            raise RecordingFailed(f"--port {port}", f"cannot listen on {HOST}:{port}; choose another port") from None
        say(f"pages      {web.url} until Ctrl-C\n")
    playing = asyncio.create_task(playback.keep_time(speed) if speed is not None else asyncio.sleep(0), name="replay")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait([playing, stopping], return_when=asyncio.FIRST_COMPLETED)
        if playing.done():
            playing.result()
        say(playback.summary())
        if web is not None:
            await stop.wait()
    finally:
        for task in (playing, stopping):
            task.cancel()
        await asyncio.gather(playing, stopping, return_exceptions=True)
        if web is not None:
            await web.stop()


def check_place(path: Path) -> None:
    """Refuse, before an hour of replaying, a place nothing can be written to."""
    folder = path.parent
    if path.is_dir() or not os.access(path if path.exists() else folder, os.W_OK):
        why = "is a directory" if path.is_dir() else "may not be written to" if folder.is_dir() else "is in no folder that is there"
        raise RecordingUnusable(str(path), f"{why}; choose a place you may write to")


def keep(path: Path, text: str) -> None:
    """Write the exposition where it was asked for."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RecordingUnusable(str(path), f"cannot be written: {error.strerror}; choose a place you may write to") from None
