"""The rows of gaps that were given up, looked for until they are there.

Owns when it is worth looking: the gap was given up, its floor was laid aside, its queue_log can be read again. Which difference the rows
make is found out in a process of its own, which lives through the gap on two copies of that floor: neither loop nor memory of the daemon
pays. A failure is said once and tried again, ever more seldom. A gap that is told already, that a lost state or a step of the civil clock
has made nobody's, or that another version laid aside is not looked for: its file goes. Refuses what the rows mean (`core.belated`) and the
files' form (`state.asides`). Next: the engine is told of what was found, what is only for the store first and page by page, since that may be
told twice if it ends in between; once all is written down the file goes.
"""

from __future__ import annotations

import asyncio
import io
import pickle
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Never

import structlog

from monitor.core import belated
from monitor.core.chronicle import Detail
from monitor.core.contract import SECOND
from monitor.core.correction import Difference, GapFound
from monitor.core.counters import Counters
from monitor.engine import Engine
from monitor.sources import apart, gap
from monitor.state import asides
from monitor.state.asides import Aside
from monitor.state.records import Unreadable
from monitor.state.sealed import OtherFormat

log = structlog.get_logger(__name__)

CHILD = "from monitor.finding import main; main()"  # not -m: what is pickled has to be of this module, not of __main__
PAGE = 500  # details at once: the loop has its turn between two pages
EVERY_S = 10.0
LONGEST_S = 300.0  # between two tries of one gap
PATIENCE_S = 60.0  # for a floor of five hundred people, a gap of a night, and a slow disk


@dataclass(frozen=True, slots=True)
class Question:
    """The floor that was laid aside, and the log that is to tell its gap."""

    aside: Path
    log: Path


@dataclass(frozen=True, slots=True)
class Answer:
    """The difference, or what is wrong, in words; `void` where no log will ever help."""

    difference: Difference | None
    problem: str = ""
    void: bool = False


class Finding:
    """`run()` is its task. `readable` says where the queue_log of a PBX is, while it can be read."""

    def __init__(self, engine: Engine, folder: Path, readable: Callable[[str], Path | None]) -> None:
        self._engine = engine
        self._folder = folder
        self._readable = readable
        self._failed: dict[str, tuple[int, float]] = {}  # by file: how often, and when it is worth another try (loop time)

    async def run(self) -> Never:
        """Until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            await self.look()

    async def look(self) -> None:
        """At everything that was laid aside, once."""
        for aside in await asyncio.to_thread(asides.found, self._folder):
            await self._consider(aside)

    async def _consider(self, aside: Aside) -> None:
        if self._pending(aside):
            return
        if self._span(aside) is None:
            await self._drop(aside)
            return
        file, loop = self._readable(aside.pbx), asyncio.get_running_loop()
        tries, again_at = self._failed.get(aside.path.name, (0, 0.0))
        if file is None or loop.time() < again_at:
            return
        answer = await ask(Question(aside.path, file))
        if answer.void:
            log.warning("a gap can never be told", pbx=aside.pbx, file=str(aside.path), problem=answer.problem, effect="it stays unobserved")
            await self._drop(aside)
        elif answer.difference is None:
            self._failed[aside.path.name] = tries + 1, loop.time() + min(EVERY_S * 2**tries, LONGEST_S)
            say = log.debug if tries else log.warning
            say("queue_log does not tell the gap", pbx=aside.pbx, problem=answer.problem, effect="it stays unobserved; tried again now and then")
        else:
            await self._found(aside, answer.difference)

    def _pending(self, aside: Aside) -> bool:
        """Whether that gap goes on, or may still be told."""
        floor = self._engine.floor
        side = floor.sides.get(aside.pbx)
        gaps = [gap for gap in (*floor.gaps, None if side is None else side.gap) if gap is not None]
        return any((gap.pbx, gap.unseen_from) == (aside.pbx, aside.unseen_from) for gap in gaps)

    def _span(self, aside: Aside) -> tuple[int, int] | None:
        """From when to when nobody saw the PBX, if that gap was given up."""
        side = self._engine.floor.sides.get(aside.pbx)
        return None if side is None else next((span for span in side.unseen if span[0] == aside.unseen_from), None)

    async def _found(self, aside: Aside, difference: Difference) -> None:
        span = self._span(aside)
        for at in range(0, len(difference.details), PAGE):
            page = replace(difference, counters=Counters(), projects={}, groups={}, details=difference.details[at : at + PAGE], lost=())
            if not self._tell(aside, page, more=True):
                return
            await asyncio.sleep(0)
        if span is None or not self._tell(aside, replace(difference, details=())):
            return
        self._engine.write_down()
        seconds, calls = round((span[1] - span[0]) / SECOND, 1), sum(difference.counters.healed.values())
        log.info("gap found in queue_log", pbx=aside.pbx, seconds=seconds, calls=calls)
        await self._drop(aside)

    def _tell(self, aside: Aside, difference: Difference, *, more: bool = False) -> bool:
        """Tell the engine, unless the gap was told meanwhile, or its PBX is gone."""
        engine = self._engine
        engine.catch_up()
        if self._span(aside) is None or self._pending(aside) or not engine.put(GapFound(aside.pbx, engine.floor.now, difference, more=more)):
            return False
        engine.catch_up()
        return True

    async def _drop(self, aside: Aside) -> None:
        self._failed.pop(aside.path.name, None)
        try:
            await asyncio.to_thread(aside.path.unlink, missing_ok=True)
        except OSError as error:
            log.warning("a file cannot be deleted", file=str(aside.path), problem=error.strerror, remedy="delete it")


# --- the process ----------------------------------------------------------------------------------------------------------------------


async def ask(question: Question) -> Answer:
    """The answer of a process of its own."""
    out = await apart.ask(CHILD, question, PATIENCE_S)
    if isinstance(out, str):
        return Answer(None, f"{question.log}: {out}")
    stream = io.BytesIO(out)
    answer: Answer = pickle.load(stream)  # noqa: S301 - our own process wrote it
    details: list[Detail] = []
    for _ in range(pickle.load(stream)):  # noqa: S301 - as above
        details.extend(pickle.load(stream))  # noqa: S301 - as above
        await asyncio.sleep(0)
    return answer if answer.difference is None else replace(answer, difference=replace(answer.difference, details=tuple(details)))


def tell(question: Question) -> Answer:
    """The answer, here and now: it waits for a disk and works for seconds."""
    try:
        floor, untold = asides.read(question.aside)
        other, _ = asides.read(question.aside)
    except (OtherFormat, Unreadable) as problem:
        return Answer(None, str(problem), void=True)
    except OSError as error:
        return Answer(None, f"{question.aside}: cannot be read: {error.strerror}")
    gone = floor.sides[untold.pbx].gap
    if gone is None:
        return Answer(None, "there is no gap in it", void=True)
    told = gap.read(question.log, gone.start, untold.snapshot, untold.offset_us, floor.contract)
    if isinstance(told, str):
        return Answer(None, told)
    difference = belated.difference(floor, other, told)
    if difference is None:
        return Answer(None, f"{question.log}: does not know a caller who waited then; is it this PBX's?")
    return Answer(difference)


def main() -> None:
    """The process: a question on standard input, its answer on standard output, details last."""
    question: Question = pickle.load(sys.stdin.buffer)  # noqa: S301 - the daemon wrote it
    answer, out = tell(question), sys.stdout.buffer
    details = () if answer.difference is None else answer.difference.details
    pages = [details[at : at + PAGE] for at in range(0, len(details), PAGE)]
    pickle.dump(answer if answer.difference is None else replace(answer, difference=replace(answer.difference, details=())), out)
    pickle.dump(len(pages), out)
    for page in pages:
        pickle.dump(page, out)
