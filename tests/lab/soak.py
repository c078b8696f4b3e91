"""`python -m tests.lab.soak` (make soak): both Asterisks under every kind of call, and every fault at random, for as long as one likes.

Owns the lot that is drawn (a seed, printed: the same seed draws the same order) and the table at the end. Exit 1 on any difference to queue_log,
any page that was not true, any unobserved second too many or too few. What each fault does is `trouble.py`'s and `ordeal.py`'s business.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.lab import settings, trouble
from tests.lab import soaked as table
from tests.lab.driver import seed as drawn
from tests.lab.fetch import Unavailable
from tests.lab.kinds import KINDS
from tests.lab.ordeal import Suffering, untroubled
from tests.lab.pbx import Asterisk, LabError
from tests.lab.phones import Phones
from tests.lab.rider import Rider, Rides
from tests.lab.soaked import Memory, Soaked

GAP_SECONDS = 1.2  # between two callers, on each of two PBXs: 3,000 in half an hour, less what the restarts take
CALM_SECONDS = (4.0, 20.0)  # between two faults
LONGEST_CUT = 60.0
PROBED = ("-m", "tests.lab.probed")
MEMORY_SECONDS = 5.0


class Soak:
    """One PBX, two daemons beside it, and what befalls them."""

    def __init__(self, major: str, folder: Path, seed: int) -> None:
        self.major, self.folder = major, folder
        self.rng = random.Random(f"{seed} {major}")
        self.pbx = Asterisk(major, folder / "pbx")
        phones = Phones(folder / "phones", self.pbx.ports.sip, self.pbx.ports.phones)
        self.site = Suffering(self.pbx, phones, random.Random(f"{seed} {major} calls"), kinds=tuple(KINDS), gap=GAP_SECONDS)
        rides = (Rides("logged", untroubled, waits=True, dies=True, program=PROBED), Rides("unlogged", untroubled, log=False, waits=True, program=PROBED))
        self.logged, self.unlogged = self.riders = [Rider(each, folder, self.pbx.ports.ami, self.pbx.queue_log, seed) for each in rides]
        self.memory = Memory()
        self.rotations = 0
        self.faults: dict[str, Callable[[], Awaitable[object]]] = {
            "cut": self._cut,
            "swallow": lambda: self._both(lambda it: trouble.swallow(it, it.rng.uniform(0.5, 20))),
            "stand still": lambda: self._both(lambda it: trouble.stand_still(it, it.rng.uniform(1.0, 15.0))),
            "kill -9 of the daemon": lambda: trouble.kill(self.logged.troubled, self.rng.uniform(0.0, 20.0), half=self.rng.random() < 0.3),
            "SIGSTOP of the PBX": lambda: self.site.freeze(self.riders, self.rng.uniform(0.5, 10)),
            "kill -9 of the PBX": lambda: self.site.restart(self.riders, self.pbx.kill, self.rng.uniform(0, 15)),
            "restart of the PBX": lambda: self.site.restart(self.riders, self.pbx.halt, self.rng.uniform(0, 5)),
            "both die": self._both_die,
            "wrong password": self._refused,
            "log rotated": self._rotate,
            "log rotated while cut": self._rotated_while_cut,
        }

    async def start(self, ending: contextlib.AsyncExitStack) -> None:
        ending.callback(self.pbx.stop)
        ending.push_async_callback(self.site.close)
        for rider in self.riders:
            ending.push_async_callback(rider.stop)
        await asyncio.to_thread(self.pbx.start)
        for rider in self.riders:
            await rider.start()
            await rider.ride()
        await self.site.play()

    async def run(self, end: float) -> None:
        """Faults until `end`: each kind once in a shuffled order, then again in another one."""
        remembering = asyncio.create_task(self._remember(), name="memory")
        lot: list[str] = []
        try:
            while time.monotonic() < end:
                await asyncio.sleep(self.rng.uniform(*CALM_SECONDS))
                if not lot:
                    lot = self.rng.sample([*self.faults], len(self.faults))
                fault = lot.pop()
                self.say(fault)
                await self.faults[fault]()
        finally:
            remembering.cancel()
            await asyncio.gather(remembering, return_exceptions=True)

    async def finish(self) -> Soaked:
        await self.site.end()
        self.say("calm; waiting for the last minute to be told or given up")
        ridden = await asyncio.gather(*(rider.arrive() for rider in self.riders))
        return Soaked(self.major, self.pbx.rows(), self.site.redirected, self.site.restarts, {each.name: each for each in ridden}, self.memory, self.folder)

    def say(self, words: str) -> None:
        print(f"{time.strftime('%H:%M:%S')} {self.major}: {words}", flush=True)

    async def _remember(self) -> None:
        """How big the daemons are; the one that is never killed tells the slope."""
        while True:
            process = self.unlogged.troubled.daemon.process
            if process is not None and process.poll() is None:
                self.memory.note(time.monotonic(), process.pid)
            await asyncio.sleep(MEMORY_SECONDS)

    # -- faults ----------------------------------------------------------------------------------------------------------

    async def _both(self, one: Callable[[trouble.Troubled], Awaitable[None]]) -> None:
        await asyncio.gather(*(one(rider.troubled) for rider in self.riders))

    async def _cut(self) -> None:
        """Mostly short, now and then a minute."""
        longest = LONGEST_CUT if self.rng.random() < 0.2 else 12.0
        await self._both(lambda it: trouble.cut(it, it.rng.uniform(1.0, longest)))

    async def _both_die(self) -> None:
        """The PBX dies and is there again while the daemon is down: it has to find that out."""
        it = self.logged.troubled
        it.watch.away = True
        it.relay.out_of_sight()
        await asyncio.to_thread(it.daemon.kill)
        self.unlogged.relay.out_of_sight()
        await self.site.close()
        await asyncio.to_thread(self.pbx.kill)
        await asyncio.sleep(self.rng.uniform(0, 5))
        await asyncio.to_thread(self.pbx.start)
        self.site.restarts += 1
        await asyncio.sleep(self.rng.uniform(0, 5))
        await self.site.play()
        it.daemon.launch()
        await asyncio.to_thread(it.daemon.wait_for, "/-/ready", trouble.UP_SECONDS)
        it.watch.away = False
        for rider in self.riders:
            await rider.until("the daemon sees after both died", trouble.sees, trouble.UP_SECONDS)

    async def _refused(self) -> None:
        await self._secret("another-secret")
        mended = asyncio.create_task(self._mend(self.rng.uniform(5, 40)), name="mend")
        await self._both(lambda it: trouble.refuse(it, lambda: asyncio.shield(mended), 0))

    async def _mend(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._secret(settings.SECRET)

    async def _secret(self, secret: str) -> None:
        self.pbx.write("manager.conf", settings.manager(self.pbx.ports, secret))
        await asyncio.to_thread(self.pbx.cli, "manager reload")

    async def _rotate(self) -> None:
        self.rotations += 1
        await asyncio.to_thread(self.pbx.cli, "logger rotate")

    async def _rotated_while_cut(self) -> None:
        turning = asyncio.create_task(self._rotate_soon(), name="rotate")
        await self._both(lambda it: trouble.cut(it, it.rng.uniform(4.0, 10.0)))
        await turning

    async def _rotate_soon(self) -> None:
        await asyncio.sleep(self.rng.uniform(0.5, 3))
        await self._rotate()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.lab.soak", description="Both Asterisks, every kind of call, every fault at random.")
    parser.add_argument("--minutes", type=float, default=float(os.environ.get("MINUTES", "30")), help="how long faults go on (default: 30)")
    parser.add_argument("--asterisk", choices=("16", "22"), action="append", help="only this one (default: both)")
    parser.add_argument("--seed", type=int, default=None, help="order of calls and faults (default: a new one, printed)")
    parser.add_argument("--keep", action="store_true", help="leave the folder with logs and configurations behind")
    return parser.parse_args()


async def soak(majors: list[str], minutes: float, seed: int, folder: Path) -> list[Soaked]:
    async with contextlib.AsyncExitStack() as ending:
        soaks = [await asyncio.to_thread(Soak, major, folder / major, seed) for major in majors]
        for each in soaks:
            await each.start(ending)
        end = time.monotonic() + 60 * minutes
        async with asyncio.TaskGroup() as group:
            for each in soaks:
                group.create_task(each.run(end), name=f"soak {each.major}")
        return list(await asyncio.gather(*(each.finish() for each in soaks)))


def main() -> int:
    options = arguments()
    seed = options.seed if options.seed is not None else drawn()
    majors = options.asterisk or ["16", "22"]
    folder = Path(tempfile.mkdtemp(prefix="floorwatch-soak."))
    print(f"soak: {options.minutes:g} minutes on Asterisk {' and '.join(majors)}, --seed {seed}, in {folder}", flush=True)
    began = time.monotonic()
    try:
        soaks = asyncio.run(soak(majors, options.minutes, seed, folder))
    except (Unavailable, LabError, ExceptionGroup, AssertionError, TimeoutError) as error:
        traceback.print_exception(error)
        print(f"soak: it did not come to an end; --seed {seed}, everything is left in {folder}", file=sys.stderr)
        return 1
    print(table.report(soaks, seed, (time.monotonic() - began) / 60))
    failed = any(each.problems() for each in soaks)
    if failed or options.keep:
        print(f"soak: everything is left in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
