"""A file of rows, queue_log or Master.csv, followed as it is written, by inode and offset, through every way of rotating it.

    renamed, and begun anew      the old file is read to its end once the new one has something in it: until then the PBX writes to the old
    copied, and cut to nothing   what was not read yet is in the copy; the bytes before our place say which file is the copy
    both twice between two looks what is neither the old file nor the new one, and was not there before, comes between them

Owns our place in the file, the line that is not whole yet, and what to say when the file cannot be had. Begins at the end of a file that
was there, at the beginning of one that came later. What a line says is told by the parser it is given. Refuses meaning, and patience: every
call waits for a disk, for a bounded piece of work. Next: `following` calls it from a thread of its own.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from monitor.sources.queue_log import BROKEN, LONGEST_LINE, opened, reason, rows_by, siblings

PIECE = 1 << 14  # bytes read at once: some 200 rows, a millisecond of the loop
KNOWN = 64  # bytes before our place: a file that has others there is another one
MOST_BETWEEN = 10_000  # rows taken from a copy, or from a file that came and went between two looks
MOST_SKIPPED = 1 << 20
AWAY_S = 5.0  # nothing bears the name for so long: nobody will begin it anew

Print = tuple[int, int, int]  # inode, size and time of a file that is not written any more


class Written(Protocol):
    """A row has the second it was written in, on the clock of its file."""

    @property
    def at_s(self) -> int:
        """Rows are in the order of it."""


Row = TypeVar("Row", bound=Written)


@dataclass(frozen=True, slots=True)
class Passage(Generic[Row]):
    """What one look gave: rows in the order of writing; why the file cannot be had, or None; whether there is more to read at once."""

    rows: tuple[Row, ...]
    problem: str | None = None
    more: bool = False


class Tail(Generic[Row]):
    """`read()` again and again; `close()` in the end. `key` is what names the file in the configuration."""

    def __init__(self, file: Path, parse: Callable[[str], Row | None], key: str = "queue_log", *, steady: Callable[[], float] = time.monotonic) -> None:
        self._file = file
        self._parse = parse
        self._key = key
        self._steady = steady
        self._fd: int | None = None
        self._inode = (0, 0)
        self._offset = 0
        self._known = b""  # the bytes before the offset
        self._new = False  # the file was not there before: all of it is news
        self._line = b""  # the last one, while its end has not come
        self._skipping = False  # it is too long to be a row
        self._written_at = 0
        self._last_s = 0
        self._older: set[Print] = set()  # what had been rotated away when the file was opened
        self._away_since: float | None = None

    def read(self) -> Passage[Row]:
        """What was written since the last call, or a part of it."""
        try:
            rows, more = self._look(self._begin() if self._fd is None else self._fd)
        except BROKEN as error:
            self._new = self._new or isinstance(error, FileNotFoundError)
            self.close()
            return Passage((), f"{self._file}: {reason(error, self._key)}")
        if rows:
            self._last_s = rows[-1].at_s
        return Passage(rows, self._away(), more)

    def close(self) -> None:
        """Let go of the file, not of our place in it."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    # --- places ---------------------------------------------------------------------------------------------------------------------

    def _begin(self) -> int:
        """Open what bears the name: at our place if it is the file we knew, else at its beginning if it is new, else at its end."""
        fd = self._fd = os.open(self._file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe without a writer does not make us wait
        found = os.fstat(fd)
        if stat.S_ISDIR(found.st_mode):
            raise IsADirectoryError
        if not stat.S_ISREG(found.st_mode):
            raise ValueError("is no file; name the file that Asterisk writes")
        if self._known and os.pread(fd, len(self._known), self._offset - len(self._known)) == self._known:
            pass
        elif self._new:
            self._go_to(0)
        else:
            block = os.pread(fd, LONGEST_LINE, max(0, found.st_size - LONGEST_LINE))
            whole = block.rfind(b"\n") + 1
            begun = len(block) - whole  # of a line that is being written
            self._go_to(max(0, found.st_size - begun) if begun < LONGEST_LINE else found.st_size, block[:whole] if begun < LONGEST_LINE else block)
            self._skipping = begun >= LONGEST_LINE
        self._inode, self._older, self._new = (found.st_dev, found.st_ino), self._prints(), False
        return fd

    def _go_to(self, offset: int, before: bytes = b"") -> None:
        self._offset, self._known, self._line, self._skipping = offset, before[-KNOWN:], b"", False

    def _prints(self) -> set[Print]:
        return {each for each, _ in self._siblings()}

    def _siblings(self) -> Iterator[tuple[Print, Path]]:
        for path in siblings(self._file):
            try:
                found = path.stat()
            except OSError:
                continue  # rotated on at this moment
            yield (found.st_ino, found.st_size, found.st_mtime_ns), path

    def _away(self) -> str | None:
        """Why the file cannot be had though we still hold what it was."""
        if self._away_since is None or self._steady() - self._away_since < AWAY_S:
            return None
        return f"{self._file}: {reason(FileNotFoundError(), self._key)}"

    # --- reading --------------------------------------------------------------------------------------------------------------------

    def _look(self, fd: int) -> tuple[tuple[Row, ...], bool]:
        try:
            there = self._file.stat()  # before reading: what is written to a new file comes after all that the old one holds
        except OSError:
            there = None
            self._away_since = self._steady() if self._away_since is None else self._away_since
        else:
            self._away_since = None
        moved = there is not None and (there.st_dev, there.st_ino) != self._inode and there.st_size > 0
        block = b""
        now = os.fstat(fd)
        if now.st_size != self._offset or now.st_mtime_ns != self._written_at:  # cut, it may be as long as before
            self._written_at = now.st_mtime_ns
            block = os.pread(fd, len(self._known) + PIECE, self._offset - len(self._known))
            if block[: len(self._known)] != self._known:
                rows = self._rest_of_copy()
                self._go_to(0)
                self._older = self._prints()
                return rows, True
            block = block[len(self._known) :]
        if block:
            self._offset += len(block)
            self._known = (self._known + block)[-KNOWN:]
            return tuple(self._rows(block)), moved or len(block) == PIECE
        if moved:
            return self._turn(fd), True
        return (), False

    def _rows(self, block: bytes) -> Iterator[Row]:
        """The rows that are whole now."""
        *lines, last = (self._line + block).split(b"\n")
        for line in lines:
            row = None if self._skipping or len(line) >= LONGEST_LINE else self._parse(line.decode("utf-8", "backslashreplace"))
            self._skipping = False
            if row is not None:
                yield row
        self._skipping = self._skipping or len(last) >= LONGEST_LINE
        self._line = b"" if self._skipping else last

    def _rest_of_copy(self) -> tuple[Row, ...]:
        """The file was cut: what it still held for us is in the copy that was made of it."""
        begun = self._offset - len(self._line)
        for _, path in sorted(self._siblings(), key=_ended_at, reverse=True):
            try:
                with opened(path) as copy:
                    copy.seek(self._offset - len(self._known))
                    if not self._known or copy.read(len(self._known)) != self._known:
                        continue
                    copy.seek(begun)
                    if self._skipping:
                        copy.readline(MOST_SKIPPED)
                    return tuple(islice(rows_by(self._parse, copy), MOST_BETWEEN))
            except BROKEN:
                continue
        return ()

    def _turn(self, fd: int) -> tuple[Row, ...]:
        """The old file is read to its end: go on with what bears the name now; whatever came and went in between comes first."""
        old, older, heads = self._inode, self._older, {os.pread(fd, KNOWN, 0)}
        self.close()
        self._known, self._new = b"", True
        self._begin()
        found: list[tuple[Row, ...]] = []
        for each, path in sorted(self._siblings(), key=_ended_at):
            if each in older or each[0] in (old[1], self._inode[1]):
                continue
            try:
                with opened(path) as between:
                    head = between.read(KNOWN)
                    between.seek(0)
                    rows = () if head in heads else tuple(islice(rows_by(self._parse, between), MOST_BETWEEN))
            except BROKEN:
                continue
            heads.add(head)  # while it is being packed it is there twice
            if rows and rows[0].at_s >= self._last_s:
                found.append(rows)
        return tuple(row for rows in sorted(found, key=lambda rows: rows[0].at_s) for row in rows)


def _ended_at(sibling: tuple[Print, Path]) -> int:
    return sibling[0][2]
