"""queue_log, read from disk: the rows since an instant, oldest first, rotated files included.

    epoch|callid|queue|agent|VERB|data…

Whole seconds, one line a row, flushed as it is written, no escaping. Owns finding the rows (a file of a year is not read from its
beginning), from when on they are all there, and what to say when that fails. A rotated part that cannot be read is named, and what came
before its successor is left out: half a morning is no morning. A line that is no row is passed over, and so is the last one while it is
being written. Refuses meaning (`core.heal`) and following the file. It waits for a disk: not for the event loop.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import re
import stat
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeVar

from monitor.core.logrow import LogRow
from monitor.errors import LogUnreadable
from monitor.sources import halves
from monitor.sources.parts import placed

LONGEST_LINE = 8192  # what Asterisk puts into one
_FIELDS = 5
_ROTATED = re.compile(r"(?:\.\d{1,3}|[.-]\d{8}(?:-?\d{2,6})?|\.\d{9,11})(?:\.gz|\.bz2|\.xz)?", re.ASCII)  # by logrotate, and by Asterisk itself
BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError)
Row = TypeVar("Row")
_PACKED = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}


def parse(line: str) -> LogRow | None:
    """The row of one line, or None."""
    fields = line.rstrip("\r\n").split("|")
    if len(fields) < _FIELDS or not (fields[0].isascii() and fields[0].isdecimal() and len(fields[0]) <= 12):
        return None
    return LogRow(int(fields[0]), fields[1], fields[2], fields[3], fields[4], tuple(fields[5:]))


@dataclass(frozen=True, slots=True)
class Extract:
    """Rows from `since_s` on, all of them from `begins_s` on (None: there is no row); `problems` are parts that could not be read."""

    rows: tuple[LogRow, ...]
    begins_s: int | None
    problems: tuple[str, ...] = ()


def extract(file: Path, since_s: int) -> Extract:
    """The rows from `since_s` on; LogUnreadable when the file itself cannot be had."""
    rows: list[LogRow] = []
    begins: int | None = None
    parts, unread = _rotated(file, since_s)
    problems = [f"{part}: {why}" for part, why in unread.items()]
    for part in [*([] if problems else parts), file]:  # where a part is missing that has no known place, only the file itself is whole
        try:
            first = _first(part)
            if part == file or part.stat().st_mtime >= since_s:
                rows += _since(part, since_s)
        except BROKEN as error:
            if part == file:
                raise LogUnreadable(str(file), reason(error)) from None
            problems.append(f"{part}: {reason(error)}")
            rows, begins = [], None
            continue
        begins = first if begins is None else begins
    return Extract(tuple(rows), None if begins is None else max(begins, since_s), tuple(problems))


def check(file: Path) -> None:
    """LogUnreadable when the file cannot be had, or is something else: it has text in it and no row."""
    try:
        if _first(file) is None and file.stat().st_size:
            raise LogUnreadable(str(file), "is no queue_log: no line of it begins with a time and four bars; name the file that Asterisk writes")
    except BROKEN as error:
        raise LogUnreadable(str(file), reason(error)) from None


def read(file: Path, since_s: int, wanted: re.Pattern[bytes] | None = None, problems: list[str] | None = None) -> Iterator[LogRow]:
    """Every row from `since_s` on that can be had, in the order of writing; LogUnreadable when the file itself cannot.

    `wanted`: only rows in which it is found, and the first of each part. A part that cannot be read is named in `problems` when its place among
    the rows is reached: what it held lies between the row before and the next.
    """
    parts, unread = _rotated(file, since_s)
    told = [] if problems is None else problems
    for part in [*placed(parts, unread), file]:
        try:
            if part == file or part.stat().st_mtime >= since_s:
                yield from _since(part, since_s, wanted)
        except BROKEN as error:
            if part == file:
                raise LogUnreadable(str(file), reason(error)) from None
            told.append(f"{part}: {reason(error)}")


def _since(part: Path, since_s: int, wanted: re.Pattern[bytes] | None = None) -> Iterator[LogRow]:
    with opened(part) as stream:
        if part.suffix not in _PACKED:
            _seek(stream, since_s)
        yield from (row for row in rows_of(stream, wanted) if row.at_s >= since_s)


def _first(part: Path) -> int | None:
    """The second of the first row."""
    with opened(part) as stream:
        row = next(rows_of(stream), None)
    return None if row is None else row.at_s


def rows_of(stream: IO[bytes], wanted: re.Pattern[bytes] | None = None) -> Iterator[LogRow]:
    """Every row of a queue_log, from where it stands; or the first, and those in which something is found."""
    return rows_by(parse, stream, wanted)


def rows_by(parse: Callable[[str], Row | None], stream: IO[bytes], wanted: re.Pattern[bytes] | None = None) -> Iterator[Row]:
    """The same of any file of lines, by whoever reads one."""
    whole = True  # whether what is read next begins a line
    some = wanted is None
    while line := stream.readline(LONGEST_LINE):
        ended = line.endswith(b"\n")
        if some and wanted is not None and not wanted.search(line):
            whole = ended
            continue
        row = parse(line.decode("utf-8", "backslashreplace")) if whole and ended else None  # else too long, or being written
        if row is not None:
            some = True
            yield row
        whole = ended


def siblings(file: Path) -> list[Path]:
    """What bears the name of a file that was rotated away, packed or not, by name."""
    try:
        names = sorted(entry.name for entry in os.scandir(file.parent) if entry.name.startswith(file.name))
    except OSError:
        return []
    return [file.with_name(name) for name in names if _ROTATED.fullmatch(name.removeprefix(file.name))]


def _rotated(file: Path, since_s: int) -> tuple[list[Path], dict[Path, str]]:
    """What was queue_log before it was rotated, oldest first, each content once (logrotate has `.1` beside `.1.gz` while it packs); and what
    of it was still written at `since_s` and cannot be read, with why."""
    found: list[tuple[int, str, Path]] = []
    problems: dict[Path, str] = {}
    paths = siblings(file)
    for path in paths:
        if path.suffix in _PACKED and path.with_suffix("") in paths:
            continue
        try:
            recent = path.stat().st_mtime >= since_s
        except OSError:
            continue  # rotated away at this moment
        try:
            with opened(path) as stream:
                line = stream.readline(LONGEST_LINE).decode("utf-8", "backslashreplace")
        except BROKEN as error:
            if recent:
                problems[path] = reason(error)
            continue
        row = parse(line)
        if row is not None and all(line != known for _, known, _ in found):
            found.append((row.at_s, line, path))
    return [path for _, _, path in sorted(found)], problems


def opened(path: Path) -> IO[bytes]:
    """A file for reading; a pipe or a device would be waited for without end."""
    if not stat.S_ISREG(path.stat().st_mode) and not path.is_dir():
        raise ValueError("is no file; name the file that Asterisk writes")
    return _PACKED.get(path.suffix, open)(path, "rb")  # type: ignore[operator,no-any-return]  # each of them reads bytes


def _seek(stream: IO[bytes], since_s: int) -> None:
    """Go near the first row of `since_s`; rows are in order of time but for a step of the clock."""

    def next_at() -> int | None:
        row = next(rows_of(stream), None)
        return None if row is None else row.at_s

    halves.seek(stream, since_s, next_at, LONGEST_LINE)


def reason(error: BaseException, key: str = "queue_log") -> str:
    """Why a log cannot be had, and the way out; `key` names it in the configuration."""
    if isinstance(error, FileNotFoundError):
        return f"there is no such file; correct {key}, or leave it empty"
    if isinstance(error, PermissionError):
        return "may not be read; give the daemon's user the right to (Debian: the group asterisk)"
    if isinstance(error, IsADirectoryError):
        return "is a directory; name the file in it"
    if isinstance(error, OSError):
        return f"cannot be read: {error.strerror or error}"
    return str(error) if isinstance(error, ValueError) else f"is damaged: {error}"
