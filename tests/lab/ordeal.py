"""A PBX that suffers under calls: it stands still, dies in mid-call and is started again, is stopped in good order and started again.

Owns one Asterisk, its traffic and the order of what befalls it. Daemons ride along with and without its log; their lines are sound, so all
that is wrong is the PBX. What comes out is an `Ordeal`, facts only.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.lab.driver import Driver
from tests.lab.floor import CALM_KINDS
from tests.lab.judge import Rows
from tests.lab.kinds import plan_for
from tests.lab.pbx import Asterisk
from tests.lab.phones import Phones
from tests.lab.rider import Ridden, Rider, Rides
from tests.lab.trouble import BLIND_SECONDS, UP_SECONDS, blind, sees

GAP_SECONDS = 0.5


async def untroubled(_: object) -> None:
    """A line to which nothing is done."""


def rides(*, waits: bool) -> tuple[Rides, ...]:
    return Rides("logged", untroubled, waits=waits, dies=True), Rides("unlogged", untroubled, log=False, waits=waits)


@dataclass
class Ordeal:
    """What one run left behind."""

    major: str
    seed: int
    rows: Rows
    restarts: int
    redirected: set[str]
    ridden: dict[str, Ridden]


class Suffering:
    """The PBX, its phones and its driver, and what can be done to them."""

    def __init__(self, pbx: Asterisk, phones: Phones, rng: random.Random, *, kinds: Sequence[str] = CALM_KINDS, gap: float = GAP_SECONDS) -> None:
        self.pbx, self.phones, self.rng = pbx, phones, rng
        self.kinds, self.gap = kinds, gap
        self.driver = Driver(pbx, phones, rng)
        self.redirected: set[str] = set()
        self.restarts = 0
        self._playing: asyncio.Task[None] | None = None

    async def play(self) -> None:
        """Calls, until the next trouble."""
        self.phones.agents()
        self.driver = Driver(self.pbx, self.phones, self.rng, redirected=self.redirected)
        await self.driver.connect()
        self.go_on()

    def go_on(self) -> None:
        """More calls on a PBX and with phones that are there."""
        self._playing = asyncio.create_task(self._traffic(), name="ordeal traffic")

    async def _traffic(self) -> None:
        while True:
            self.driver.play(plan_for(self.rng.choice(self.kinds), self.rng))
            await asyncio.sleep(min(4 * self.gap, self.rng.expovariate(1 / self.gap)))

    async def quiet(self) -> None:
        if self._playing is not None:
            self._playing.cancel()
            await asyncio.gather(self._playing, return_exceptions=True)
            self._playing = None

    async def end(self) -> None:
        """The callers go on until they have done what they came for."""
        await self.quiet()
        await self.driver.calm()

    async def close(self) -> None:
        await self.quiet()
        await self.driver.close()
        await asyncio.to_thread(self.phones.stop)

    async def freeze(self, riders: Sequence[Rider], seconds: float) -> None:
        """SIGSTOP: the sockets stay, nobody answers."""
        await self.quiet()
        _blind(riders)
        self.pbx.freeze()
        await _each(riders, lambda rider: rider.until("a PBX that stands still is noticed", blind, BLIND_SECONDS))
        await asyncio.sleep(seconds)
        self.pbx.thaw()
        await _each(riders, lambda rider: rider.until("the daemon sees a PBX that goes on", sees, UP_SECONDS))
        self.go_on()

    async def restart(self, riders: Sequence[Rider], end: Callable[[], None], seconds: float) -> None:
        """`end` it, wait, and start it again with new phones; its calls are gone."""
        await self.close()
        _blind(riders)
        await asyncio.to_thread(end)
        await _each(riders, lambda rider: rider.until("a PBX that is gone is noticed", blind, BLIND_SECONDS))
        await asyncio.sleep(seconds)
        await asyncio.to_thread(self.pbx.start)
        self.restarts += 1
        await _each(riders, lambda rider: rider.until("the daemon sees the new PBX", sees, UP_SECONDS))
        await self.play()


def _blind(riders: Sequence[Rider]) -> None:
    for rider in riders:
        rider.relay.out_of_sight()


async def _each(riders: Sequence[Rider], what: Callable[[Rider], Awaitable[object]]) -> None:
    await asyncio.gather(*(what(rider) for rider in riders))


async def ordeal(major: str, folder: Path, *, seed: int, limit: float, calm: float, waits: bool) -> Ordeal:
    """Freeze, kill -9 and an orderly restart, with about `calm` seconds of calls before each, within `limit` seconds."""
    async with asyncio.timeout(limit), contextlib.AsyncExitStack() as ending:
        pbx = await asyncio.to_thread(Asterisk, major, folder / "pbx")
        ending.callback(pbx.stop)
        phones = Phones(folder / "phones", pbx.ports.sip, pbx.ports.phones)
        ending.callback(phones.stop)
        site = Suffering(pbx, phones, random.Random(seed))
        ending.push_async_callback(site.close)
        await asyncio.to_thread(pbx.start)
        riders = [Rider(each, folder, pbx.ports.ami, pbx.queue_log, seed) for each in rides(waits=waits)]
        for rider in riders:
            ending.push_async_callback(rider.stop)
        await _each(riders, Rider.start)
        await _each(riders, Rider.ride)
        await site.play()
        await asyncio.sleep(calm * site.rng.uniform(0.8, 1.6))
        await site.freeze(riders, site.rng.uniform(0.5, 3))
        for end in (pbx.kill, pbx.halt):
            await asyncio.sleep(calm * site.rng.uniform(0.8, 1.6))
            await site.restart(riders, end, site.rng.uniform(0, 2))
        await asyncio.sleep(calm)
        await site.end()
        ridden = {each.name: each for each in await asyncio.gather(*(rider.arrive() for rider in riders))}
        return Ordeal(major, seed, pbx.rows(), site.restarts, site.redirected, ridden)
