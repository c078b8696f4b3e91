"""One PBX, watched for as long as the daemon lives: connect, log in, read the whole state, follow it live, and begin anew.

Owns the policy of the link: what is retried when, when the core is told that it sees no more, how loud to say it. Refuses waiting for
the engine while bytes are read: what its inbox has no room for is dropped, counted and made good by a new snapshot.

    connect → greeting → login → FullyBooted → snapshot ⇄ live → lost → pause → connect …

Next: `session` runs one connection, `teller` keeps its order, the engine's inbox is the `sink`.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Never

import structlog

from monitor.backoff import backoff
from monitor.core.events import Event
from monitor.errors import AmiError, AmiLoginRefused
from monitor.sources.ami.devices import Devices
from monitor.sources.ami.link import AmiSettings, Pace
from monitor.sources.ami.session import Session
from monitor.sources.ami.stats import AmiStats, LinkState
from monitor.sources.ami.teller import Past, Tap, Watch

log = structlog.get_logger(__name__)


class AmiClient:
    """`run()` is the task of one PBX; `stats` may be read at any time; `ask_exit` is answered by an event."""

    def __init__(
        self,
        settings: AmiSettings,
        queues: Iterable[str],
        sink: Callable[[Event], bool],
        now: Callable[[], int],
        *,
        pace: Pace | None = None,
        chance: Callable[[], float] = random.random,
        lag: Callable[[int], None] | None = None,
        past: Past | None = None,
        tap: Tap | None = None,
        stats: AmiStats | None = None,
        devices: Devices | None = None,
    ) -> None:
        """`sink` takes an event (a LinkLost always) or says False; `now` is daemon time; `lag` is told how old each event was when it came;
        `past` is asked at each snapshot for what happened before it unseen; `tap` is told what each event was made of; `stats` of an earlier
        client go on; `devices` says which of people in no queue are wanted."""
        self.stats = stats or AmiStats()
        self.stats.gap_since = now()
        self._watch = Watch(settings, tuple(dict.fromkeys(queues)), sink, now, chance, pace or Pace(), lag, self.stats, past, tap=tap, devices=devices)
        self._session: Session | None = None
        self._anew = asyncio.Event()  # the settings are others: no need to wait any longer
        self._log = log.bind(pbx=settings.name)

    # --- for the engine -------------------------------------------------------------------------------------------------------------

    def ask_exit(self, call: str, queue: str, channel: str) -> None:
        """Ask, at once, why a caller is out of a queue; the answer is an ExitTold in the sink. Nothing comes while the PBX is away."""
        if self._session is not None:
            self._session.ask_exit(call, queue, channel)

    def change(
        self,
        settings: AmiSettings,
        queues: Iterable[str],
        past: Past | None,
        devices: Devices | None = None,
        *,
        reconnect: bool,
        look_again: bool = False,
    ) -> None:
        """The configuration says so from now on; with `reconnect` in a new session, else other queues or devices are a new snapshot in this one."""
        watch, before = self._watch, frozenset(self._watch.queues)
        look_again = look_again or (devices is not None and (watch.devices is None or watch.devices.differ(devices)))
        watch.settings, watch.queues, watch.past, watch.devices = settings, tuple(dict.fromkeys(queues)), past, devices
        self.stats.unknown_queues &= frozenset(watch.queues)
        if reconnect:
            self._anew.set()
            if self._session is not None:
                self._session.end("the configuration has another address, user or secret now")
        elif self._session is not None and (look_again or before != frozenset(watch.queues)):
            self._session.look_again()

    def shift(self, moved_us: int) -> None:
        """Daemon time was re-anchored and says `moved_us` more for the same instant: what is remembered moves along."""
        stats = self.stats
        stats.clock.shift(moved_us)
        if stats.tally.last_byte_at is not None:
            stats.tally.last_byte_at += moved_us
        if stats.gap_since is not None:
            stats.gap_since += moved_us
        if self._watch.seen_at is not None:
            self._watch.seen_at += moved_us
        if self._session is not None:
            self._session.shift(moved_us)

    @property
    def startup(self) -> str | None:
        """Which process of the PBX the last snapshot was of, as far as it told."""
        return self._watch.startup

    def go_on(self, counted: Mapping[tuple[str, ...], int], startup: str | None, seen_at: int | None) -> None:
        """Before `run`: what an earlier process of the daemon counted, its `startup`, and when it saw the PBX last."""
        self.stats.go_on(counted)
        self._watch.startup, self._watch.seen_at = startup, seen_at

    # --- the task -------------------------------------------------------------------------------------------------------------------

    async def run(self) -> Never:
        """Watch the PBX until cancelled; then log off."""
        pace, stats = self._watch.pace, self.stats
        retries = self._pauses(pace.retry_first_s, pace.retry_longest_s)
        refusals = self._pauses(pace.refused_first_s, pace.refused_longest_s)
        said: str | None = None
        while True:
            stats.state = LinkState.CONNECTING
            session = self._session = Session(self._watch)
            try:
                await session.run()
            except AmiError as error:
                problem = error
            finally:
                self._session = None
            refused = isinstance(problem, AmiLoginRefused)
            stats.state = LinkState.LOGIN_REFUSED if refused else LinkState.UNREACHABLE
            stats.problem = problem.problem
            if session.was_live:
                self._lost()
            if session.live_s >= pace.steady_s:  # a PBX that dies of its snapshot must not be made to die every second
                said = None
                retries = self._pauses(pace.retry_first_s, pace.retry_longest_s)
                refusals = self._pauses(pace.refused_first_s, pace.refused_longest_s)
            if self._anew.is_set():
                said = None
                retries = self._pauses(pace.retry_first_s, pace.retry_longest_s)
                refusals = self._pauses(pace.refused_first_s, pace.refused_longest_s)
            pause = 0.0 if self._anew.is_set() else next(refusals if refused else retries)
            say = self._log.debug if said == stats.problem else self._log.warning
            say("AMI link lost" if session.was_live else "no AMI link", problem=stats.problem, retry_in_s=round(pause, 1))
            said = stats.problem
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._anew.wait()
            self._anew.clear()

    def _pauses(self, first_s: float, longest_s: float) -> Iterator[float]:
        return backoff(first_s, longest_s, self._watch.chance)

    def _lost(self) -> None:
        """Say, once, that the PBX is out of sight since its last byte."""
        stats = self.stats
        self._watch.seen_at = stats.clock.last_at = max(stats.clock.last_at, stats.last_byte_at or 0)
        self._watch.lose_sight(stats.clock.last_at)
