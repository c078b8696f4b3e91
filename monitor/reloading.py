"""Reading configuration and plan anew while the daemon runs: all of it, or nothing.

Owns one reload at a time, reading in a thread (a plan of 70,000 rows takes two seconds), what is said of it, and what the metrics tell of
the last attempt. A flaw anywhere leaves everything as it was, and so does what cannot be made of a good configuration: a certificate that was
taken away a moment ago. Refuses carrying it out: `make` and `adopt`, given by `app`, do that, the first beside the loop, where it may fail,
the second in it, where it must not. Next: SIGHUP and `POST /-/reload` ask for it.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

from monitor import config
from monitor.config import Config
from monitor.config.compare import changes, fixed, repriced
from monitor.errors import ConfigError, Flaw, FloorwatchError
from monitor.outputs.daemon import Reloaded
from monitor.plan.plan import Plan

log = structlog.get_logger(__name__)

KEPT = "what was counted keeps the old price, and the period so far may be unknown live; reports of months that are not closed reckon all of it by the new one"
OWN = "keep the tariff as it was, and write a [[project.tariff]] from the day on which the new price holds"
SWITCH_S = 0.0005  # a tenth of the usual: with 72,000 rows the loop waits 2 ms at a time instead of 7


Made = TypeVar("Made")


@dataclass(frozen=True)
class Anew(Generic[Made]):
    """What was read: what is to be in force, what was made of it, and how it differs, in words."""

    config: Config
    plan: Plan
    made: Made
    told: Reloaded


class Reloading(Generic[Made]):
    """The configuration and plan in force, and the way to the next."""

    def __init__(
        self,
        config: Config,
        plan: Plan,
        make: Callable[[Config], Made],
        adopt: Callable[[Config, Plan, Made], Awaitable[None]],
        now: Callable[[], int],
    ) -> None:
        self.config = config
        self.plan = plan
        self.successful = True
        self.loaded_at = now()
        self._make = make
        self._adopt = adopt
        self._now = now
        self._turn = asyncio.Lock()

    async def reload(self) -> Reloaded:
        """Read everything anew and put it in force; FloorwatchError when something is wrong with it. A second one waits for the first."""
        async with self._turn:
            try:
                anew = await asyncio.to_thread(self._read)
            except FloorwatchError as error:
                self.successful = False
                for line in str(error).splitlines():
                    log.error("reload refused", problem=line, effect="everything stays as it was")  # noqa: TRY400 - what is wrong is in the file
                raise
            await self._adopt(anew.config, anew.plan, anew.made)
            before, self.config, self.plan = self.config, anew.config, anew.plan
            self.successful, self.loaded_at = True, self._now()
            for note in anew.config.notes:
                if note not in before.notes:
                    log.warning("configuration", note=note)
            for price in repriced(before.contract, anew.config.contract, self.loaded_at):
                log.warning("price changed under the same from", tariff=price, effect=KEPT, remedy=OWN)
            for key in anew.told.restart:
                log.warning("not changed while running", key=key, remedy="restart the daemon")
            log.info("reloaded", changes="; ".join(anew.told.changes) or "nothing")
            return anew.told

    async def hang_up(self) -> None:
        """SIGHUP: whatever comes of it is in the log."""
        try:
            await self.reload()
        except FloorwatchError:
            return

    def _read(self) -> Anew[Made]:
        """In a thread of its own. The loop waits for it a moment each time it has something to do: a short one, while this lasts."""
        usual = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_S)
        try:
            read = config.load(self.config.file)
            plan = config.read_plan(read)
            new, restart = fixed(self.config, read)
            return Anew(new, plan, self._make(new), Reloaded(tuple(changes(self.config, new, self.plan, plan)), tuple(restart)))
        except FloorwatchError:
            raise
        except Exception as error:
            problem = f"it, its plan or a file it names cannot be read: {type(error).__name__}"  # its text may hold a secret
            raise ConfigError(str(self.config.file), [Flaw(problem, "floorwatch check says more; report this")]) from error
        finally:
            sys.setswitchinterval(usual)
