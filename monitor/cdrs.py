"""Which PBX's Master.csv is followed, now and after a reload.

Owns one watch for each PBX whose `cdr` is a file, and the word to the engine when there is none any more. A database is no file: `config`
says that it has no effect yet. Refuses what a record means (`sources.cdrwatch`). Next: `app` starts it and tells it what AMI says.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path

from monitor.config import Config, PbxSettings
from monitor.core.events import Event
from monitor.core.refusals import CdrSeen
from monitor.engine import Engine
from monitor.sources.cdrwatch import CdrWatch


class Cdrs:
    """`start` and `end` are the daemon's ways to begin a task and to be rid of it, by name."""

    def __init__(
        self, config: Config, engine: Engine, start: Callable[[str, Coroutine[None, None, None]], None], end: Callable[[str], Awaitable[None]]
    ) -> None:
        self._engine = engine
        self._start = start
        self._end = end
        read = engine.floor.refusals.read  # by the process before this one
        files = {pbx.name: file for pbx in config.pbxs if (file := _file(pbx)) is not None}
        self._watches = {name: self._watch(name, file, told_up=name in read) for name, file in files.items()}
        for pbx in sorted(read - files.keys()):
            engine.put(CdrSeen(pbx, engine.keeping.reached, up=False))

    def _watch(self, pbx: str, file: Path, *, told_up: bool = False) -> CdrWatch:
        return CdrWatch(pbx, file, self._engine.put, self._engine.clock.now, told_up=told_up)

    def run(self) -> None:
        """Begin to read."""
        for name, watch in self._watches.items():
            self._start(f"cdr {name}", watch.run())

    def heard(self, pbx: str, event: Event) -> None:
        """The engine took this of a PBX."""
        if (watch := self._watches.get(pbx)) is not None:
            watch.heard(event)

    def shift(self, moved_us: int) -> None:
        """Daemon time was re-anchored and says `moved_us` more for the same instant."""
        for watch in self._watches.values():
            watch.shift(moved_us)

    def up(self, pbx: str) -> bool | None:
        """Whether it is read; None: there is none."""
        watch = self._watches.get(pbx)
        return None if watch is None else watch.up

    async def follow(self, pbx: PbxSettings, known: PbxSettings | None) -> None:
        """Read the one this PBX has now; `known` is the PBX as it was."""
        if known is not None and known.cdr == pbx.cdr:
            return
        if await self.dismiss(pbx.name):
            self._engine.put(CdrSeen(pbx.name, self._engine.clock.now(), up=False))
        if (file := _file(pbx)) is not None:
            watch = self._watches[pbx.name] = self._watch(pbx.name, file)
            self._start(f"cdr {pbx.name}", watch.run())

    async def dismiss(self, pbx: str) -> bool:
        """Read it no more; whether it was."""
        if self._watches.pop(pbx, None) is None:
            return False
        await self._end(f"cdr {pbx}")
        return True


def _file(pbx: PbxSettings) -> Path | None:
    return Path(pbx.cdr) if pbx.cdr and "://" not in pbx.cdr else None
