"""Who looks at a daemon's /metrics all the time, and believes nothing: what has to hold in every single scrape, whatever happens meanwhile.

Owns the looking and the rules of one page and of two in a row: no counter steps back or vanishes (a kill -9 in between is no excuse), visits are
conserved, and a daemon that is blind says so and shows no gauge of now. What the sums have to be at the end is `judge.py`'s business.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException

from tests.lab.daemon import PBX, Daemon

SECONDS = 1.0
COUNTER = re.compile(r"^(?!process_).*_(total|bucket|count|sum)(\{|$)")  # a process's own figures begin with the process
QUEUE = re.compile(r'queue="([^"]*)"')
OF_NOW = ("callcenter_calls_waiting", "callcenter_calls_deciding", "callcenter_longest_wait_seconds", "callcenter_agents", "callcenter_longest_pause_seconds")
ENDS = ("answered", "abandoned", "short_abandoned", "flowed_out", "unresolved")


class Page:
    """One /metrics text as series and values: a reader that costs next to nothing, because several daemons are looked at each second."""

    def __init__(self, text: str) -> None:
        self.series: dict[str, float] = {}
        for line in text.split("\n"):  # a name may hold what else ends a line elsewhere
            if line and line[0] != "#":
                name, _, value = line.rpartition(" ")
                self.series[name] = float(value)

    def of(self, family: str) -> dict[str, float]:
        """The family's series by what stands in its braces."""
        return {name[len(family) :]: value for name, value in self.series.items() if name == family or name.startswith(family + "{")}

    def total(self, family: str, *labels: str) -> float:
        return sum(value for held, value in self.of(family).items() if all(label in held for label in labels))

    def by_queue(self, family: str) -> dict[str, float]:
        found: dict[str, float] = {}
        for held, value in self.of(family).items():
            match = QUEUE.search(held)
            if match is not None:
                found[match[1]] = found.get(match[1], 0.0) + value
        return found


@dataclass(frozen=True)
class Look:
    """What one scrape said about sight."""

    at: float
    up: bool
    gap_seconds: float
    unobserved_seconds: float
    restarts: float
    healed: float


def _pbx(page: Page, family: str) -> float:
    return page.total(family, f'pbx="{PBX}"')


@dataclass
class Watch:
    """`await run()` until `enough` is set; `away` is set while nobody may expect an answer. `wrong` is what was seen that may not be."""

    daemon: Daemon
    wrong: list[str] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    enough: asyncio.Event = field(default_factory=asyncio.Event)
    away: bool = False
    missed: int = 0  # scrapes without an answer while nobody expected one
    _before: Page | None = None
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self) -> None:
        while not self.enough.is_set():
            await self.look()
            await asyncio.sleep(SECONDS)

    async def look(self) -> Look | None:
        """One scrape; None when there was no answer. One at a time: the answer to the earlier question may come later."""
        async with self._one:
            away = self.away
            try:
                text = await asyncio.to_thread(self.daemon.get, "/metrics")
            except (OSError, HTTPException) as error:
                self.missed += 1
                if not (away or self.away):
                    self._say(f"no answer: {error}")
                return None
            return self.judge(Page(text), time.time())

    async def until(self, what: str, true: Callable[[Look], bool], seconds: float) -> Look:
        """The first look of which it is true; that there is none in time is wrong, and raised."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            seen = await self.look()
            if seen is not None and true(seen):
                return seen
            await asyncio.sleep(0.2)
        raise AssertionError(f"{self.daemon.folder.name}: not within {seconds:.0f} s: {what}; its log ends: {self.daemon.tail()}")

    def judge(self, page: Page, at: float) -> Look:
        """Hold a page against the rules, and against the one before."""
        look = Look(
            at,
            _pbx(page, "floorwatch_ami_up") == 1,
            _pbx(page, "floorwatch_gap_seconds"),
            _pbx(page, "floorwatch_unobserved_seconds_total"),
            _pbx(page, "floorwatch_pbx_restarts_total"),
            _pbx(page, "floorwatch_healed_calls_total"),
        )
        if self._before is not None:
            self._forwards(self._before, page)
        self._blind(page, look)
        self._conserved(page, look)
        self._before = page
        self.looks.append(look)
        return look

    def _say(self, problem: str) -> None:
        self.wrong.append(f"{time.strftime('%H:%M:%S')} {self.daemon.folder.name}: {problem}")

    def _forwards(self, before: Page, now: Page) -> None:
        back = [
            f"{name} from {value:g} to {now.series.get(name, 'nothing')}"
            for name, value in before.series.items()
            if COUNTER.search(name) and now.series.get(name, -1) < value
        ]
        if back:
            self._say(f"{len(back)} counters stepped back: {'; '.join(back[:4])}")

    def _blind(self, page: Page, look: Look) -> None:
        if look.gap_seconds <= 0:
            return
        if look.up:
            self._say(f"ami_up is 1 with a gap of {look.gap_seconds:g} s")
        self.wrong += [f"{self.daemon.folder.name}: {family} is shown while blind" for family in OF_NOW if page.of(family)]
        if self.looks and (last := self.looks[-1]).gap_seconds > 0 and last.gap_seconds >= look.gap_seconds > look.at - last.at + 1:
            self._say(f"the gap does not grow: {last.gap_seconds:g} s, then {look.gap_seconds:g} s")

    def _conserved(self, page: Page, look: Look) -> None:
        """Entered = ended + open, less what was taken back. While blind what is open is not shown, so there can only be fewer ends."""
        corrected = page.by_queue("floorwatch_corrected_calls_total")
        ends = {end: page.by_queue(f"callcenter_calls_{end}_total") for end in ENDS}
        open_now = (page.by_queue("callcenter_calls_waiting"), page.by_queue("callcenter_calls_deciding"))
        for queue, entered in page.by_queue("callcenter_calls_entered_total").items():
            ended = sum(of.get(queue, 0.0) for of in ends.values()) - corrected.get(queue, 0.0)
            still = sum(of.get(queue, 0.0) for of in open_now)
            if ended > entered or (not look.gap_seconds and ended + still != entered):
                self._say(f"{queue}: {entered:g} entered, {ended:g} ended, {still:g} open, {corrected.get(queue, 0.0):g} corrected")


__all__ = ["Look", "Page", "Watch"]
