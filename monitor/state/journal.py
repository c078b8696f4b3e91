"""The journal: a file of frames, each some steps that were done in this order.

    {"journal": 2, "life": "…", "number": 7}\n     one line, for people too
    length, crc32, payload                          per write

Owns the frames and what a damaged file means. A frame is one plain write: what a process had written when it was killed is there, whole
or cut short. So a frame that is cut short at the end was never shown to anybody and is left out; anything else that is wrong is damage,
and what comes after it was shown. Refuses deciding when to write and what to do about damage. Next: `keeper` writes, `recovery` reads.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from zlib import crc32

from monitor.state.records import FORMAT, Draft, Step, Unreadable, decoded, encoded

FRAME = struct.Struct("<II")
BEGINNING, LONGEST = b'{"journal": ', 128  # of the first line


def path_of(folder: Path, number: int) -> Path:
    """Where the journal of this number is."""
    return folder / f"journal-{number:010}"


def numbers(folder: Path) -> list[int]:
    """The journals there are, in order."""
    names = (path.name.removeprefix("journal-") for path in folder.glob("journal-*"))
    return sorted(int(name) for name in names if name.isdecimal())


class Journal:
    """One file, being written."""

    def __init__(self, folder: Path, life: str, number: int) -> None:
        self.number = number
        self.size = 0
        self.fd = os.open(path_of(folder, number), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            self._put(_first_line(life, number))
        except OSError:
            os.close(self.fd)
            raise

    def write(self, drafts: Iterable[Draft]) -> None:
        """Steps as one frame, at once; OSError when the disk does not take it whole."""
        payload = encoded(drafts)
        self._put(FRAME.pack(len(payload), crc32(payload)) + payload)

    def _put(self, data: bytes) -> None:
        written = os.write(self.fd, data)
        while written < len(data):  # the next one says why
            written += os.write(self.fd, data[written:])
        self.size += written


def begun(folder: Path, life: str, number: int) -> bool:
    """Whether a journal is one of this life."""
    with path_of(folder, number).open("rb") as file:
        return file.readline() == _first_line(life, number)


def check_unused(folder: Path, number: int) -> None:
    """Unreadable unless a journal is its first line, or the beginning of it: whoever began it was killed before anything was done."""
    with path_of(folder, number).open("rb") as file:
        line, newline, rest = file.read(LONGEST + 1).partition(b"\n")
    begins = line.startswith(BEGINNING) or (not newline and BEGINNING.startswith(line))
    if rest or not begins or len(line) + len(newline) > LONGEST:
        raise Unreadable("it is the journal of another state")


def _first_line(life: str, number: int) -> bytes:
    return json.dumps({"journal": FORMAT, "life": life, "number": number}).encode() + b"\n"


def read(folder: Path, life: str, number: int, *, last: bool) -> Iterator[Step]:
    """The steps of a journal. Unreadable where it is damaged; only the last one may end in the middle of a frame."""
    data = path_of(folder, number).read_bytes()
    line = _first_line(life, number)
    if not data.startswith(line):
        raise Unreadable("it is damaged where it begins, or the journal of another state")
    at = len(line)
    while at < len(data):
        begin = at + FRAME.size
        length, checksum = FRAME.unpack_from(data, at) if begin <= len(data) else (0, 0)
        if begin > len(data) or begin + length > len(data):
            if last:
                return
            raise Unreadable("its end is missing")
        payload = data[begin : begin + length]
        if crc32(payload) != checksum:
            raise Unreadable(f"what stands at byte {at} is not what was written there")
        yield from decoded(payload)
        at = begin + length
