"""`floorwatch record`: the AMI client and an engine as in the daemon, without its pages, and everything they are told on a reel.

Owns the wiring and the end. The engine applies whatever it has before it ticks, and each tick is written down at its place: so a replay
does what this engine did, in the same order, at the same instants. Nothing is sent that the daemon would not send. Refuses overwriting
and printing. Next: `replay` reads what is made here.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from monitor import __version__
from monitor.clock import Clock
from monitor.config import Config, PbxSettings
from monitor.core.contract import Contract
from monitor.core.events import Event, LinkLost
from monitor.engine import Engine
from monitor.errors import ConfigError, Flaw, RecordingFailed
from monitor.means import settings
from monitor.plan.plan import EMPTY
from monitor.sources import terms
from monitor.sources.ami.client import AmiClient
from monitor.sources.ami.decoder import Message
from monitor.sources.ami.devices import Devices
from monitor.sources.ami.link import Pace
from monitor.sources.pseudonyms import Pseudonyms
from monitor.sources.taping import Taping
from monitor.tape.reel import Reel
from monitor.tape.summary import summary

FLUSH_S = 1.0
SHORTEST_S, LONGEST_S = 0.1, 31 * 86_400  # replay refuses more than a month


class Deck(Engine):
    """An engine that has applied everything before each tick, and says when it ticked."""

    def __init__(self, contract: Contract, clock: Clock, ticked: Callable[[int], None], stepped: Callable[[int], None]) -> None:
        super().__init__(contract, EMPTY, clock)
        self.on_step = [stepped]
        self._ticked = ticked

    def tick(self) -> None:
        """As every engine; then the time it let pass is told."""
        self.catch_up()
        super().tick()
        self._ticked(self.floor.now)


class Recorder:
    """One recording of one PBX. `pace` is for those who cannot wait as long as a PBX may take."""

    def __init__(self, contract: Contract, pbx: PbxSettings, names: Pseudonyms, reel: Reel, pace: Pace | None = None) -> None:
        self.names = names
        self.reel = reel
        self.pbx = pbx
        self.losses = 0
        self._ending = asyncio.Event()
        clock = Clock()
        self.taping = Taping(contract, names, reel.write)
        self.engine = Deck(contract, clock, self.taping.ticked, self._stepped)
        self.begun_at = self.engine.floor.now
        queues = tuple(queue.name for queue in contract.queues)
        self.client = AmiClient(settings(pbx), queues, self.engine.put, clock.now, pace=pace, tap=self._told, devices=self._devices(contract))
        self.engine.askers = {pbx.name: self.client.ask_exit}
        self.taping.begin(self.begun_at, __version__)

    def _devices(self, contract: Contract) -> Devices:
        return Devices(contract, self.pbx.name, lambda: self.engine.floor.devices.known(self.pbx.name))

    def _told(self, event: Event, heard: Sequence[Message]) -> None:
        self.losses += isinstance(event, LinkLost)
        self.taping.told(event, heard)

    def _stepped(self, moved_us: int) -> None:
        self.client.shift(moved_us)
        self.taping.stepped(moved_us)

    async def run(self, stop: asyncio.Event, seconds: float | None = None) -> str:
        """Until `stop` or so many seconds have passed; the summary."""
        reel = asyncio.create_task(self._flushing(), name="reel")
        watching: list[asyncio.Task[Any]] = [
            asyncio.create_task(self.client.run(), name=f"ami {self.pbx.name}"),  # ends first: what comes until it has logged off is told
            asyncio.create_task(self.engine.run(), name="engine"),
        ]
        end = asyncio.create_task(stop.wait(), name="stop")
        try:
            await asyncio.wait([end, reel, *watching], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            for task in (reel, *watching):
                if task.done():
                    task.result()
        finally:
            for task in (*watching, end):
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            self._ending.set()  # a write under way is not to be cancelled
            await asyncio.gather(reel, return_exceptions=True)
        return await self._finished()

    async def _flushing(self) -> None:
        """Now and then, and once more at the end: a recording that ends badly is the most wanted."""
        while not self._ending.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(FLUSH_S):
                    await self._ending.wait()
            await self.reel.flush()

    async def _finished(self) -> str:
        self.engine.catch_up()
        if not self.engine.floor.sides[self.pbx.name].sighted:
            await asyncio.to_thread(self.reel.discard)
            why = self.client.stats.problem or "it has not told its state yet; record for longer"
            raise RecordingFailed(str(self.reel.path), f"nothing was recorded: {self.pbx.name} was never seen: {why}")
        outlook = self.engine.outlook()
        self.taping.ended(outlook.at)
        await self.reel.flush()
        await asyncio.to_thread(self.reel.close)
        return summary(self.engine, outlook, self.begun_at, self.taping.counts, self.losses, self.names.name)


def chosen(config: Config, name: str | None) -> PbxSettings:
    """The PBX to record; ConfigError when it is not clear which."""
    names = ", ".join(pbx.name for pbx in config.pbxs)
    found = [pbx for pbx in config.pbxs if name in (None, pbx.name)]
    if not found:
        raise ConfigError(str(config.file), [Flaw(f"there is no PBX {name!r}", f"--pbx takes one of {names}")])
    if len(found) > 1:
        raise ConfigError(str(config.file), [Flaw(f"there are several PBXs, and a recording is of one: {names}", "choose it with --pbx NAME")])
    if not any(queue.pbx == found[0].name for queue in config.contract.queues):
        raise ConfigError(str(config.file), [Flaw(f"no [[project]] has a queue on {found[0].name}", "name its queues first")])
    return found[0]


async def record(config: Config, pbx: PbxSettings, names: Pseudonyms, out: Path, seconds: float | None = None, *, force: bool = False) -> str:
    """Record to `out` until SIGINT, SIGTERM or the time is over; the summary."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    reel = await asyncio.to_thread(Reel, out, force=force)
    return await Recorder(terms.of_pbx(config.contract, pbx.name), pbx, names, reel).run(stop, seconds)
