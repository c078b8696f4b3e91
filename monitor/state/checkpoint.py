"""The checkpoint: everything that is kept, at one instant, as one file.

    {"checkpoint": 2, "monitor": "…", "boot": "…", "clean": false, "life": "…", "journal": 8, "length": …, "sha256": "…"}\n
    the object

Owns what its head says, and making it: under another name, to be renamed when it is whole. `journal` is the first journal to be
read after it; `boot` the life of the machine; `clean` that nothing was done after it. A copy of the process writes it while
the loop goes on; where there can be no copy, the process itself. A copy may outlive a process that is killed, so until it is whole a
checkpoint is named by the life it is of, and no other renames it. Refuses deciding when. Next: `keeper` has it made, `recovery` reads.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from monitor import __version__
from monitor.state import copying, sealed
from monitor.state.records import FORMAT, Unreadable, freeze, thaw

CURRENT, NEW, VOID = "checkpoint", "checkpoint.new-", "checkpoint.void"
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Head:
    """What a checkpoint says of itself."""

    life: str
    journal: int
    boot: str
    clean: bool = False
    monitor: str = __version__
    checkpoint: int = FORMAT


def boot_id() -> str:
    """The life of the machine: another one after every power loss. Empty where nobody knows."""
    with suppress(OSError):
        return BOOT_ID.read_text(encoding="ascii").strip()
    return ""


def write(folder: Path, head: Head, thing: object) -> None:
    """Write it under a name of its own, and see it on the disk. Where there is no room for all of it, it takes none."""
    sealed.write(folder / f"{NEW}{head.life}", asdict(head), freeze(thing))


def begun(folder: Path, but: str = "") -> list[Path]:
    """Checkpoints that were begun, by any life `but` this one."""
    return [path for path in folder.glob(f"{NEW}*") if path.name != f"{NEW}{but}"]


def begin(folder: Path, head: Head, thing: object) -> int | None:
    """Have a copy of this process write it; the copy's id, or None: there can be none. It ends with 0 when all is written."""
    return copying.begin(lambda: write(folder, head, thing))


def settle(folder: Path, life: str) -> None:
    """The new one of this life takes the place of the old."""
    (folder / f"{NEW}{life}").replace(folder / CURRENT)
    with suppress(OSError):
        (folder / VOID).unlink()


def sync(folder: Path) -> None:
    """See the folder's names on the disk."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def read(folder: Path) -> tuple[Head, object]:
    """The checkpoint. FileNotFoundError, OtherFormat, Unreadable, or an OSError of the disk."""
    told, data = sealed.read(folder / CURRENT, "checkpoint")
    try:
        head = Head(**told)
    except TypeError:
        raise Unreadable("it does not begin as a checkpoint does") from None
    return head, thaw(data)
