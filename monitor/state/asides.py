"""Floors laid aside: each as it was when a gap ended that its queue_log could not tell, until the rows are found.

    gap-<unseen since, µs>-<pbx, quoted>        {"gap": 1, "monitor": "…", "length": …, "sha256": "…"}\n and then the floor and the event

Owns the form and the names of these files, and having a copy of the process write them: under another name, renamed when whole. There are
twenty at most, the oldest goes. A copy that hangs is killed, and one that fails is said: its gap stays unobserved. Refuses what becomes of
them, and of which gap the rows may still be found. Next: the engine lays aside, `finding` looks for the rows.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote, unquote

import structlog

from monitor import __version__
from monitor.core.correction import GapUntold
from monitor.core.floor import Floor
from monitor.state import copying, sealed
from monitor.state.records import FORMAT, Unreadable, freeze, thaw

log = structlog.get_logger(__name__)

KIND = "gap"
NEW = "gap.new-"
MOST = 20
PATIENCE_S = 60.0  # a checkpoint of a large floor takes two
_NAME = re.compile(r"gap-(\d{1,19})-(.+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Aside:
    """A file, and the gap it is of."""

    path: Path
    pbx: str
    unseen_from: int


class Asides:
    """Those of one folder. Whatever another process has begun there is nobody's; only whoever has the lock may say so."""

    def __init__(self, folder: Path, steady: Callable[[], float] = time.monotonic) -> None:
        self.folder = folder
        self._steady = steady
        self._writing: dict[int, tuple[str, float]] = {}  # copies of the process: of which PBX, and until when they have time
        with suppress(OSError):
            for path in folder.glob(f"{NEW}*"):
                path.unlink()

    def lay(self, floor: Floor, untold: GapUntold) -> bool:
        """Have the floor laid aside as it is now; False where that cannot be."""
        gap = floor.sides[untold.pbx].gap
        if gap is None:
            return False
        child = copying.begin(partial(_write, self.folder, gap.unseen_from, floor, untold))
        if child is None:
            self._say(untold.pbx)
            return False
        self._writing[child] = untold.pbx, self._steady() + PATIENCE_S
        return True

    def tick(self) -> None:
        """Now and then: which copies of the process have done their work?"""
        for child, (pbx, until) in list(self._writing.items()):
            try:
                done, status = os.waitpid(child, os.WNOHANG)
            except ChildProcessError:
                done, status = child, 1
            if done:
                del self._writing[child]
                if status:
                    self._say(pbx)
            elif self._steady() >= until:
                os.kill(child, signal.SIGKILL)

    def _say(self, pbx: str) -> None:
        log.warning("the floor could not be laid aside", pbx=pbx, folder=str(self.folder), effect="the gap stays unobserved")


def found(folder: Path) -> list[Aside]:
    """What is there, the oldest gap first."""
    names = ((path, _NAME.fullmatch(path.name)) for path in folder.glob("gap-*"))
    return sorted((Aside(path, unquote(name[2]), int(name[1])) for path, name in names if name is not None), key=lambda aside: aside.unseen_from)


def read(path: Path) -> tuple[Floor, GapUntold]:
    """A floor of its own, and how its gap ended. FileNotFoundError, OtherFormat, Unreadable, or an OSError of the disk."""
    _, data = sealed.read(path, KIND)
    thing = thaw(data)
    if not (isinstance(thing, tuple) and len(thing) == 2):
        raise Unreadable("it holds something else")
    floor, untold = thing
    if not isinstance(floor, Floor) or not isinstance(untold, GapUntold):
        raise Unreadable("it holds something else")
    return floor, untold


def _write(folder: Path, unseen_from: int, floor: Floor, untold: GapUntold) -> None:
    """In the copy. What is there of the same gap knows another end of it."""
    name = f"{unseen_from}-{quote(untold.pbx, safe='')}"
    new, file = folder / f"{NEW}{name}", folder / f"gap-{name}"
    with suppress(FileNotFoundError):
        file.unlink()
    for old in found(folder)[: -MOST + 1]:
        with suppress(FileNotFoundError):
            old.path.unlink()
    sealed.write(new, {KIND: FORMAT, "monitor": __version__}, freeze((floor, untold)))
    new.replace(file)
