"""A report, from the wish to the bytes.

Owns the order: everything that can be wrong with what was typed is said before the store is opened, and a file is written whole or not at all.
Refuses the figures. Next: `cli` prints what is for a terminal.
"""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from monitor.config import Config
from monitor.errors import BadOption, NotWritten, StoreUnusable
from monitor.outputs.reports.asked import Asked, Progress
from monitor.outputs.reports.formats import Format, drawn
from monitor.outputs.reports.report import Report
from monitor.reporting.wish import Wish, days, format_of, projects
from monitor.state.store.place import Place
from monitor.state.store.reader import Reader
from monitor.state.store.tally import Tally

Maker = Callable[[Asked, Reader, Progress], Report]


@dataclass(frozen=True, slots=True)
class Made:
    """A report as bytes; `beside` is what its format has no room for, and `out` the file that has it, None where it is to be printed."""

    content: bytes
    beside: tuple[str, ...] = ()
    out: Path | None = None


def make(config: Config, wish: Wish, now: int, maker: Maker, progress: Progress) -> Made:
    """The report that was asked for, written if it was to be written."""
    how = format_of(wish)
    first, last = days(wish, config.contract, now)
    whose = projects(wish, config.contract)
    refuse_taken(wish)
    with reading(config) as reader:
        asked = Asked(config.contract, first, last, whose, Tally(reader).written_until(), whole=not wish.project)
        report = maker(asked, reader, progress)
    return hand_over(report, how, wish)


def hand_over(report: Report, how: Format, wish: Wish) -> Made:
    """Draw it, and write it where it was to be written."""
    content = drawn(report, how)
    if wish.out is not None:
        write(wish.out, content)
    return Made(content, report.notes if how is Format.CSV else (), wish.out)


@contextmanager
def reading(config: Config) -> Iterator[Reader]:
    """The store, open to read; a daemon may go on writing to it."""
    if not config.store.url:
        raise BadOption(f'{config.file}: [store] url = "" keeps nothing to report on; name a store there')
    place = Place(config.store.url)
    if not place.exists():
        raise StoreUnusable(place.shown, "is not there: no daemon has kept anything yet", "start floorwatch run, or correct [store] url")
    reader = Reader.of(place, current=True)
    gc.set_threshold(20_000, 20, 50)  # rows of a report are many, and none of them points back
    try:
        yield reader
    finally:
        reader.close()


def refuse_taken(wish: Wish) -> None:
    """A file that is there is replaced only where that is meant."""
    out = wish.out
    if out is None or not os.path.lexists(out):
        return
    if not out.is_file():
        raise NotWritten(f"{out}: is there already and is no file; give another name")
    if not wish.force:
        raise NotWritten(f"{out}: is there already; give --force to replace it, or another name")


def write(out: Path, content: bytes) -> None:
    """Write it beside and put it in place."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{out.name}.", dir=out.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o640)
            Path(name).replace(out)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise NotWritten(f"{out}: cannot be written: {(error.strerror or 'input/output error').lower()}; nothing was written") from None
