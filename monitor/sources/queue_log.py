"""queue_log, read from disk: the rows since an instant, oldest first, rotated files included.

    epoch|callid|queue|agent|VERB|data…

Whole seconds, one line a row, flushed as it is written, no escaping. Owns finding the rows (a file of a year is not read from its
beginning) and what to say when that fails. A line that is no row is passed over, and so is the last one while it is being written.
Refuses meaning (`core.heal`) and following the file. It waits for a disk: not for the event loop.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from monitor.core.logrow import LogRow
from monitor.errors import LogUnreadable

LONGEST_LINE = 8192  # what Asterisk puts into one
_FIELDS = 5
_NEAR = 1 << 16  # a search ends when this much is left to read anyway


def parse(line: str) -> LogRow | None:
    """The row of one line, or None."""
    fields = line.rstrip("\r\n").split("|")
    if len(fields) < _FIELDS or not (fields[0].isascii() and fields[0].isdecimal() and len(fields[0]) <= 12):
        return None
    return LogRow(int(fields[0]), fields[1], fields[2], fields[3], fields[4], tuple(fields[5:]))


def read(file: Path, since_s: int) -> Iterator[LogRow]:
    """Every row from `since_s` on, in the order of writing; LogUnreadable when the file itself cannot be had."""
    for part in [*_rotated(file, since_s), file]:
        try:
            with _open(part) as stream:
                if part.suffix != ".gz":
                    _seek(stream, since_s)
                yield from _rows(stream, since_s)
        except (OSError, EOFError) as error:
            if part == file:
                raise LogUnreadable(str(file), _reason(error)) from None


def _rows(stream: IO[bytes], since_s: int) -> Iterator[LogRow]:
    for line in stream:
        if not line.endswith(b"\n"):
            return  # being written
        row = parse(line.decode("utf-8", "backslashreplace"))
        if row is not None and row.at_s >= since_s:
            yield row


def _rotated(file: Path, since_s: int) -> list[Path]:
    """What was queue_log before it was rotated, as far as it was still written at `since_s`: `.1`, `.0`, `-20261125`, also gzipped."""
    found: list[tuple[int, Path]] = []
    try:
        siblings = [Path(entry.path) for entry in os.scandir(file.parent) if entry.name.startswith((f"{file.name}.", f"{file.name}-"))]
    except OSError:
        return []
    for path in siblings:
        try:
            if path.stat().st_mtime < since_s:
                continue
            with _open(path) as stream:
                first = parse(stream.readline(LONGEST_LINE).decode("utf-8", "backslashreplace"))
        except (OSError, EOFError):
            continue
        if first is not None:
            found.append((first.at_s, path))
    return [path for _, path in sorted(found)]


def _open(path: Path) -> IO[bytes]:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]  # GzipFile reads bytes too


def _seek(stream: IO[bytes], since_s: int) -> None:
    """Go near the first row of `since_s`, by halves; rows are in order of time but for a step of the clock."""
    low, high = 0, os.fstat(stream.fileno()).st_size
    while high - low > _NEAR:
        middle = (low + high) // 2
        stream.seek(middle)
        stream.readline()
        row = next(iter(_rows(stream, 0)), None)
        if row is not None and row.at_s < since_s:
            low = middle
        else:
            high = middle
    stream.seek(low)
    if low:
        stream.readline()


def _reason(error: OSError | EOFError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file; correct queue_log, or leave it empty"
    if isinstance(error, PermissionError):
        return "may not be read; give the daemon's user the right to (Debian: the group asterisk)"
    if isinstance(error, IsADirectoryError):
        return "is a directory; name the file in it"
    return f"cannot be read: {getattr(error, 'strerror', None) or error}"
