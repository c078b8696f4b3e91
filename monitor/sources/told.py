"""Today so far, told by a queue_log: read and retold in a process of its own, so that neither the loop nor the memory of the daemon pays.

Owns the question and its answer, which comes page by page. Refuses that process (`apart`), files (`queue_log`) and meaning (`core.heal`).
Next: the session tells the past right before the first snapshot.
"""

from __future__ import annotations

import asyncio
import io
import pickle
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from monitor.core import heal
from monitor.core.book import MinuteTold
from monitor.core.chronicle import Detail
from monitor.core.contract import SECOND, Contract
from monitor.core.events import Event, SnapshotTaken
from monitor.core.past import Past
from monitor.errors import LogUnreadable
from monitor.sources import apart, queue_log

CHILD = "from monitor.sources.told import main; main()"  # not -m: what is pickled has to be of this module, not of __main__
PAGE = 500  # details unpacked at once: the loop has its turn between two pages
PATIENCE_S = 30.0  # a log of a hundred thousand rows takes ten


@dataclass(frozen=True, slots=True)
class Question:
    """Which file, of which PBX; since which midnight; the first snapshot, and the PBX's clock minus ours; `coming`: what is told after it, as
    far as that is known; `keep`: with every detail."""

    file: str
    contract: Contract
    pbx: str
    snapshot: SnapshotTaken
    since: int
    offset_us: int
    coming: tuple[Event, ...] | None = None
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """The past, or None; and what was wrong, in words."""

    past: Past | None
    problems: tuple[str, ...] = ()


def tell(question: Question) -> Answer:
    """The answer, here and now: it waits for a disk and works for seconds."""
    contract, snapshot, offset_us = question.contract, question.snapshot, question.offset_us
    try:
        found = queue_log.extract(Path(question.file), -(-(question.since + offset_us) // SECOND))
    except LogUnreadable as error:
        return Answer(None, (str(error),))
    if found.begins_s is None or not found.rows:
        return Answer(None, (*found.problems, f"{question.file}: has no row of today; is queue_log = yes in [general] of logger.conf?"))
    since = max(question.since, found.begins_s * SECOND - offset_us)
    if not heal.knows(found.rows, snapshot, since):
        return Answer(None, (*found.problems, f"{question.file}: does not know a caller who waits now; is it this PBX's, and still written?"))
    past = heal.retell(contract, question.pbx, found.rows, snapshot, since, offset_us, coming=question.coming, keep=question.keep)
    return Answer(past, found.problems)


async def ask(question: Question) -> Answer:
    """The answer of a process of its own; cancelled, the process is ended."""
    out = await apart.ask(CHILD, question, PATIENCE_S)
    if isinstance(out, str):
        return Answer(None, (f"{question.file}: {out}",))
    return await _read(io.BytesIO(out))


async def _read(stream: io.BytesIO) -> Answer:
    """The answer, then its details page by page."""
    answer: Answer = pickle.load(stream)  # noqa: S301 - our own process wrote it
    past = answer.past
    if past is None:
        return answer
    details: list[Detail] = []
    early: list[MinuteTold] = []
    for into in (details, early):
        for _ in range(pickle.load(stream)):  # noqa: S301 - as above
            into.extend(pickle.load(stream))  # noqa: S301 - as above
            await asyncio.sleep(0)
    return replace(answer, past=replace(past, details=tuple(details), early=tuple(early)))


def main() -> None:
    """The process: a question on standard input, its answer on standard output, details last."""
    question: Question = pickle.load(sys.stdin.buffer)  # noqa: S301 - the daemon wrote it
    answer, out = tell(question), sys.stdout.buffer
    past = answer.past
    pickle.dump(answer if past is None else replace(answer, past=replace(past, details=(), early=())), out)
    for rows in () if past is None else (past.details, past.early):
        pages = [rows[at : at + PAGE] for at in range(0, len(rows), PAGE)]
        pickle.dump(len(pages), out)
        for page in pages:
            pickle.dump(page, out)
