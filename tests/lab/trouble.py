"""What befalls a daemon while calls go on, each kind of trouble a seeded coroutine: a line cut again and again, a line that swallows, a kill -9.

Owns when and how long, never what has to come of it. A trouble ends with the daemon seeing its PBX again; one that never does is an error.
Done to a `rider.Rider`; `soak.py` draws from the same table for half an hour.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tests.lab.daemon import READY_SECONDS, Daemon
from tests.lab.watch import Look, Watch
from tests.lab.wire import Relay

UP_SECONDS = 100.0  # a line that fails again and again is tried ever more slowly
BLIND_SECONDS = 30.0
REFUSED_SECONDS = 660.0


@dataclass
class Troubled:
    """Whom it befalls: a daemon, the line it has, and who looks at it."""

    daemon: Daemon
    relay: Relay
    watch: Watch
    rng: random.Random
    done: list[str] = field(default_factory=list)  # what was done, in words


Trouble = Callable[[Troubled], Awaitable[None]]


def sees(look: Look) -> bool:
    return look.up


def blind(look: Look) -> bool:
    return not look.up and look.gap_seconds > 0


async def cut(it: Troubled, seconds: float) -> None:
    """The line is gone and refused for so long."""
    it.done.append(f"cut for {seconds:.1f} s")
    await it.relay.shut()
    await asyncio.sleep(seconds)
    await it.relay.open()
    await it.watch.until("the daemon sees again after a cut", sees, UP_SECONDS)


async def swallow(it: Troubled, seconds: float) -> None:
    """Connected, and nothing comes through; it has to be noticed by the Ping alone."""
    it.done.append(f"swallowed, {seconds:.1f} s longer than it took to notice")
    it.relay.freeze()
    await it.watch.until("a line that swallows is noticed", blind, BLIND_SECONDS)
    await asyncio.sleep(seconds)
    await it.relay.thaw()
    await it.watch.until("the daemon sees again after a line that swallowed", sees, UP_SECONDS)


async def kill(it: Troubled, down: float, *, half: bool = False) -> None:
    """kill -9, and a new start after so long; `half`: once more while it is starting."""
    it.done.append(f"kill -9, down for {down:.1f} s{', and again while it started' if half else ''}")
    it.watch.away = True
    it.relay.out_of_sight()
    for again in (half, False)[not half :]:
        await asyncio.to_thread(it.daemon.kill)
        await asyncio.sleep(down)
        it.daemon.launch()
        if again:
            await asyncio.sleep(it.rng.uniform(0.1, 2.5))
    await asyncio.to_thread(it.daemon.wait_for, "/-/ready", READY_SECONDS)
    it.watch.away = False
    await it.watch.until("a new daemon sees", sees, UP_SECONDS)


async def stand_still(it: Troubled, seconds: float) -> None:
    """The daemon's whole process stands for so long; the kernel keeps what comes meanwhile."""
    it.done.append(f"stood still for {seconds:.1f} s")
    it.watch.away = True
    it.daemon.freeze()
    await asyncio.sleep(seconds)
    it.daemon.thaw()
    it.watch.away = False
    await it.watch.until("the daemon sees after it stood still", sees, UP_SECONDS)


async def refuse(it: Troubled, mend: Callable[[], Awaitable[None]], seconds: float) -> None:
    """The PBX refuses our user for so long; `mend` ends that. What is refused is tried again slowly."""
    it.done.append(f"refused for {seconds:.1f} s")
    await it.relay.cut()
    await it.watch.until("a refused login is noticed", blind, BLIND_SECONDS)
    await asyncio.sleep(seconds)
    await mend()
    await it.watch.until("the daemon sees after its login was refused", sees, REFUSED_SECONDS)


def many(times: int, pause: tuple[float, float], one: Callable[[Troubled], Awaitable[None]]) -> Trouble:
    """The same again and again, after seeded pauses."""

    async def trouble(it: Troubled) -> None:
        for _ in range(times):
            await asyncio.sleep(it.rng.uniform(*pause))
            await one(it)

    return trouble


def cuts(times: int, longest: float) -> Trouble:
    return many(times, (1.0, 5.0), lambda it: cut(it, it.rng.uniform(1.0, longest)))


def swallows(times: int, longest: float) -> Trouble:
    return many(times, (3.0, 8.0), lambda it: swallow(it, it.rng.uniform(0.5, longest)))


def kills(times: int) -> Trouble:
    return many(times, (1.0, 15.0), lambda it: kill(it, it.rng.uniform(0.0, 4.0), half=it.rng.random() < 0.3))


def stalls(*seconds: float) -> Trouble:
    async def trouble(it: Troubled) -> None:
        for each in seconds:
            await asyncio.sleep(it.rng.uniform(2.0, 6.0))
            await stand_still(it, each)

    return trouble
