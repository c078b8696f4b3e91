"""What a folder holds when a daemon starts: one object and the steps since, or the reason why they cannot be had.

Owns the judgement whether all that was ever shown is there. It is when the last process was killed; it may not be when the machine went
down with it, when the disk had refused something, or when a file is damaged. A state that lacks its last second would let counters step
back, so then there is none, and what is there is moved aside. Refuses making sense of it. Next: `resume`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from monitor.state import journal
from monitor.state.checkpoint import CURRENT, VOID, Head, begun, read
from monitor.state.records import Step, Unreadable
from monitor.state.sealed import OtherFormat

ASIDE = "aside"


class Lost(Exception):  # noqa: N818 - a state of the folder, answered by `resume`
    """What was kept cannot be gone on with; the text says why. `file` is the one it is about."""

    def __init__(self, file: Path, problem: str) -> None:
        self.file = file
        super().__init__(problem)


@dataclass(frozen=True, slots=True)
class Found:
    """What was kept at the checkpoint, and the folder its journals are in."""

    thing: object
    head: Head
    folder: Path

    def steps(self) -> Iterator[Step]:
        """What was done since, in order. Lost where that cannot be read whole."""
        first, life = self.head.journal, self.head.life
        there = [number for number in journal.numbers(self.folder) if number >= first]
        number = first
        try:
            last = max((number for number in there if journal.begun(self.folder, life, number)), default=first - self.head.clean)
            for number in range(first, last + 1):
                yield from journal.read(self.folder, life, number, last=number == last)
            for number in range(last + 1, max(there, default=last) + 1):  # of starts that were killed before they had a checkpoint
                journal.check_unused(self.folder, number)
        except FileNotFoundError:
            raise Lost(journal.path_of(self.folder, number), "it is missing") from None
        except OSError as error:
            raise Lost(journal.path_of(self.folder, number), f"it cannot be read: {error.strerror}") from None
        except Unreadable as problem:
            raise Lost(journal.path_of(self.folder, number), str(problem)) from None


def recover(folder: Path, boot: str) -> Found | None:
    """What is kept in the folder; None when nothing is. `boot` is the life of the machine now."""
    file = folder / CURRENT
    try:
        head, thing = read(folder)
    except FileNotFoundError:
        if (folder / VOID).exists():
            raise Lost(folder / VOID, "the disk had refused to take more, and then the daemon ended") from None
        return None
    except OtherFormat as other:
        raise Lost(file, str(other)) from None
    except Unreadable as problem:
        raise Lost(file, str(problem)) from None
    except OSError as error:
        raise Lost(file, f"it cannot be read: {error.strerror}") from None
    if not head.clean and head.boot != boot:
        raise Lost(file, "the machine went down while the daemon ran: the last second may be missing")
    return Found(thing, head, folder)


def set_aside(folder: Path) -> Path:
    """Make room for a new state and keep the old one, and only that, for whoever wants to look; where it is now."""
    aside = folder / ASIDE
    with suppress(OSError):
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(mode=0o700)
    for path in (folder / CURRENT, folder / VOID, *begun(folder), *(journal.path_of(folder, number) for number in journal.numbers(folder))):
        try:
            path.replace(aside / path.name)
        except FileNotFoundError:
            continue
        except OSError:
            with suppress(OSError):
                path.unlink()
    return aside
