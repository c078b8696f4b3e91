"""The checkpoint: everything that is kept, at one instant, as one file.

    {"checkpoint": 1, "monitor": "…", "boot": "…", "clean": false, "life": "…", "journal": 8, "length": …, "sha256": "…"}\n
    the object

Owns the file's form, and making it: under another name, synced, to be renamed when it is whole. `journal` is the first journal to be
read after it; `boot` the life of the machine; `clean` that nothing was done after it. A copy of the process (`fork`) writes it while
the loop goes on; where there can be no copy, the process itself. A copy may outlive a process that is killed, so until it is whole a
checkpoint is named by the life it is of, and no other renames it. Refuses deciding when. Next: `keeper` has it made, `recovery` reads.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import warnings
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from monitor import __version__
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


class OtherFormat(Exception):  # noqa: N818 - a state of the file, answered by `recovery`
    """It was written by a version whose layout is not ours; `version` is that version's name."""

    def __init__(self, version: str) -> None:
        self.version = version
        super().__init__(version)


def boot_id() -> str:
    """The life of the machine: another one after every power loss. Empty where nobody knows."""
    with suppress(OSError):
        return BOOT_ID.read_text(encoding="ascii").strip()
    return ""


def write(folder: Path, head: Head, thing: object) -> None:
    """Write it under a name of its own, and see it on the disk. Where there is no room for all of it, it takes none."""
    data = freeze(thing)
    line = json.dumps({**asdict(head), "length": len(data), "sha256": sha256(data).hexdigest()}).encode() + b"\n"
    new = folder / f"{NEW}{head.life}"
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        for part in (line, data):
            view = memoryview(part)
            while view:
                view = view[os.write(fd, view) :]
        os.fsync(fd)
    except OSError:
        with suppress(OSError):
            new.unlink()
        raise
    finally:
        os.close(fd)


def begun(folder: Path, but: str = "") -> list[Path]:
    """Checkpoints that were begun, by any life `but` this one."""
    return [path for path in folder.glob(f"{NEW}*") if path.name != f"{NEW}{but}"]


def begin(folder: Path, head: Head, thing: object) -> int | None:
    """Have a copy of this process write it; the copy's id, or None: there can be none. It ends with 0 when all is written."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # other threads may hold locks: the child takes none
            child = os.fork()
    except OSError:
        return None
    if child:
        return child
    try:
        gc.disable()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        os.closerange(3, 1 << 16)  # a socket or a lock that outlives its owner here would keep others waiting
        write(folder, head, thing)
    except BaseException:  # noqa: BLE001 - whatever it is, it ends here
        os._exit(1)
    os._exit(0)


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
    line, _, data = (folder / CURRENT).read_bytes().partition(b"\n")
    try:
        told = json.loads(line)
        layout, version = told["checkpoint"], str(told["monitor"])
    except (ValueError, TypeError, KeyError):
        raise Unreadable("it does not begin as a checkpoint does") from None
    if layout != FORMAT:
        raise OtherFormat(version)
    if told.pop("length", None) != len(data) or told.pop("sha256", None) != sha256(data).hexdigest():
        raise Unreadable("it is not what was written")
    try:
        head = Head(**told)
    except TypeError:
        raise Unreadable("it does not begin as a checkpoint does") from None
    return head, thaw(data)
