"""The file a recording goes into, and the key its pseudonyms are made with.

Owns rights (0600, whoever's umask), never overwriting unasked and never with nothing, packing by the name's `.gz`, and writing in a thread of its own, so that
reading the PBX never waits for a disk. Refuses the contents. Next: `record` fills it.
"""

from __future__ import annotations

import asyncio
import gzip
import os
import re
import secrets
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO

from monitor.errors import RecordingFailed, RecordingUnusable
from monitor.sources.pseudonyms import KEY_BYTES

_KEY = re.compile(r"[0-9a-f]{64}")


class Reel:
    """An open file; `write` only remembers, `flush` writes. What was there before stays until `close`: nothing recorded replaces nothing."""

    def __init__(self, path: Path, *, force: bool = False) -> None:
        self.path = path
        self._place = path  # where the bytes go
        self._waiting: list[bytes] = []
        try:
            if force and path.is_file():
                number, place = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".part", dir=path.resolve().parent)  # 0600
                self._place = Path(place)
            else:
                number = os.open(path, os.O_WRONLY | os.O_CREAT | (0 if force else os.O_EXCL), 0o600)
            if stat.S_ISREG(os.fstat(number).st_mode):
                os.fchmod(number, 0o600)
        except FileExistsError:
            raise RecordingUnusable(str(path), "is there already; choose another name, or overwrite it with --force") from None
        except OSError as error:
            raise RecordingUnusable(str(path), f"cannot be written: {error.strerror}; choose a place you may write to") from None
        self._plain = os.fdopen(number, "wb")
        self._file: IO[bytes] | gzip.GzipFile = self._plain
        if path.suffix == ".gz":
            self._file = gzip.GzipFile(filename="", mode="wb", fileobj=self._plain, mtime=0)

    def write(self, data: bytes) -> None:
        """At the next flush."""
        self._waiting.append(data)

    async def flush(self) -> None:
        """Write what is waiting; what is on the disk then can be replayed, whatever happens later."""
        data, self._waiting = b"".join(self._waiting), []
        await asyncio.to_thread(self._write, data)

    def _write(self, data: bytes) -> None:
        try:
            self._file.write(data)
            self._file.flush()
            self._plain.flush()
        except OSError as error:
            raise self._failed("written any more", error) from None

    def close(self) -> None:
        """The end of the file; it takes the place of what was there."""
        try:
            self._end()
            if self._place != self.path:
                self._place.replace(self.path.resolve())
        except OSError as error:
            raise self._failed("closed", error) from None

    def discard(self) -> None:
        """There is nothing worth keeping."""
        with suppress(OSError):
            self._end()
        if self._place.is_file():  # and not /dev/stdout
            self._place.unlink()

    def _end(self) -> None:
        self._file.close()
        self._plain.close()

    def _failed(self, what: str, error: OSError) -> RecordingFailed:
        return RecordingFailed(str(self._place), f"cannot be {what}: {error.strerror}; what is in it can be replayed")


def key(path: Path | None) -> bytes:
    """The key in a file, made when it is missing; without a file a new one, which nobody will ever see."""
    if path is None:
        return secrets.token_bytes(KEY_BYTES)
    try:
        try:
            number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            text = path.read_text(encoding="ascii").strip()
        else:
            text = secrets.token_hex(KEY_BYTES)
            with os.fdopen(number, "w", encoding="ascii") as file:
                file.write(text + "\n")
    except OSError as error:
        raise RecordingUnusable(str(path), f"cannot be had as a key: {error.strerror}; name a file you may read, or a new one") from None
    except UnicodeDecodeError:
        text = ""
    if not _KEY.fullmatch(text):
        raise RecordingUnusable(str(path), "is no key, which is 64 hexadecimal digits; name a file that is not there yet, and one is made")
    return bytes.fromhex(text)
