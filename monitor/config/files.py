"""Text files as people save them, and secrets wherever they are kept.

Owns reading: UTF-8 with or without a byte order mark, and what to say when that fails. Tables come from Excel too: UTF-16 ("Unicode text"), and
where it is no UTF-8 at all, the Cyrillic code page of Windows; a name that this reads wrongly is no project's, and is said. A secret comes from a
file, an environment variable or a systemd credential, never from the configuration itself, and never goes into an error. Refuses what the text means.
"""

from __future__ import annotations

import codecs
import stat
from collections.abc import Mapping
from pathlib import Path

from monitor.config.settings import Secret


class UnreadableError(ValueError):
    """Why a file or a secret cannot be had, and the way out: `problem; remedy`."""


def read_text(path: Path) -> str:
    """The text of a file."""
    try:
        return _read(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(f"is not UTF-8 (byte {error.start + 1}); save it as UTF-8") from None


def read_bytes(path: Path, most: int = -1) -> bytes:
    """A file as it is, or how it begins."""
    return _read(path, most)


def table_text(content: bytes) -> str:
    """The text of a table, in whichever of the three encodings it was saved."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            raise UnreadableError("begins as UTF-16 and is not; save it as CSV in UTF-8") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        try:
            text = content.decode("cp1251")
        except UnicodeDecodeError:
            raise UnreadableError(f"is not UTF-8 (byte {error.start + 1}); save it as UTF-8") from None
    if "\x00" in text:
        raise UnreadableError("has bytes of nought in it, so it is no text; save it as CSV in UTF-8")
    return text


def exists(path: Path) -> bool:
    """Whether something is there, readable or not."""
    try:
        return path.exists()
    except OSError:
        return True


def check_readable(path: Path) -> None:
    """Raise what reading this file would."""
    _read(path, 1)


def _read(path: Path, most: int = -1) -> bytes:
    try:
        kind = path.stat().st_mode
        if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
            raise UnreadableError("is no file but a pipe or a device; name a file")  # opening it may wait for ever
        with path.open("rb") as file:
            return file.read(most)
    except FileNotFoundError:
        raise UnreadableError("there is no such file; create it or correct the path") from None
    except PermissionError:
        raise UnreadableError("may not be read; give the daemon's user the right to") from None
    except IsADirectoryError:
        raise UnreadableError("is a directory; name the file in it") from None
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror or 'input/output error'}") from None


def open_to_others(path: Path) -> int:
    """The mode of a file that others than its owner may do anything with, else 0."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0
    return mode if mode & 0o077 else 0


def secret_from_file(path: Path) -> Secret:
    """The one line of a secret file; the line end editors leave is not part of it."""
    return _secret(read_text(path).removesuffix("\n").removesuffix("\r"))


def secret_from_environment(name: str, environment: Mapping[str, str]) -> Secret:
    """The value of an environment variable."""
    if name not in environment:
        raise UnreadableError("is not in the daemon's environment; set it or use secret_file")
    return _secret(environment[name])


def secret_from_credential(name: str, environment: Mapping[str, str]) -> Secret | None:
    """The systemd credential of that name, or None if there is none."""
    folder = environment.get("CREDENTIALS_DIRECTORY")
    path = Path(folder, name) if folder else None
    return secret_from_file(path) if path and exists(path) else None


def _secret(text: str) -> Secret:
    if not text.strip():
        raise UnreadableError("is empty; put the secret on its one line")
    if "\n" in text or "\r" in text:
        raise UnreadableError("has several lines; put the secret alone on one line")
    return Secret(text)
