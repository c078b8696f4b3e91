"""One object as a file that says whether it is whole, and of which layout.

    {"<kind>": 1, "monitor": "…", …, "length": …, "sha256": "…"}\n
    the object

Owns the form, for the daemon's eyes only, and seeing it on the disk. Refuses names and what the object is. Next: `checkpoint`, `asides`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from monitor.state.records import FORMAT, Unreadable


class OtherFormat(Exception):  # noqa: N818 - a state of the file, answered by whoever looks for it
    """It was written by a version whose layout is not ours; `version` is that version's name."""

    def __init__(self, version: str) -> None:
        self.version = version
        super().__init__(f"floorwatch {version} wrote it in another format than this version's {FORMAT}")


def write(path: Path, head: Mapping[str, object], data: bytes) -> None:
    """Write it and see it on the disk. Where there is no room for all of it, it takes none."""
    line = json.dumps({**head, "length": len(data), "sha256": sha256(data).hexdigest()}).encode() + b"\n"
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        for part in (line, data):
            view = memoryview(part)
            while view:
                view = view[os.write(fd, view) :]
        os.fsync(fd)
    except OSError:
        with suppress(OSError):
            path.unlink()
        raise
    finally:
        os.close(fd)


def read(path: Path, kind: str) -> tuple[dict[str, Any], bytes]:
    """What it says of itself, and the object's bytes. FileNotFoundError, OtherFormat, Unreadable, or an OSError of the disk."""
    line, _, data = path.read_bytes().partition(b"\n")
    try:
        told = json.loads(line)
        layout, version = told[kind], str(told["monitor"])
    except (ValueError, TypeError, KeyError):
        raise Unreadable(f"it does not begin as a {kind} does") from None
    if layout != FORMAT:
        raise OtherFormat(version)
    if told.pop("length", None) != len(data) or told.pop("sha256", None) != sha256(data).hexdigest():
        raise Unreadable("it is not what was written")
    return told, data
