"""What is told once under a key: the keys that are known, by project, in the order they were told, and what a text of such a telling may be.

A key is forgotten long after anybody may tell of a thing of its age, so whatever is told again changes nothing. Owns that memory. Refuses
what is behind a key: `results` and `channel_contacts` know.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Generic, NamedTuple, TypeVar

from monitor.core.contract import MINUTE

DAY_US: Final = 24 * 60 * MINUTE
KEEP_US: Final = 40 * DAY_US  # a key, from when it was told
OLDEST_US: Final = 35 * DAY_US  # what is told may be so old
AHEAD_US: Final = 5 * MINUTE  # of clocks that differ

Known = TypeVar("Known")


class Told(NamedTuple, Generic[Known]):
    """What is known under a key, and when that was told first."""

    known: Known
    at: int


@dataclass(slots=True)
class Keys(Generic[Known]):
    """All that are known; its length is how many."""

    by_project: dict[str, OrderedDict[str, Told[Known]]] = field(default_factory=dict)

    def __len__(self) -> int:
        return sum(map(len, self.by_project.values()))

    def get(self, project: str, key: str) -> Known | None:
        """What is known under it."""
        of_project = self.by_project.get(project)
        told = None if of_project is None else of_project.get(key)
        return None if told is None else told.known

    def put(self, project: str, key: str, known: Known, at: int) -> None:
        """It is told now."""
        self.by_project.setdefault(project, OrderedDict())[key] = Told(known, at)

    def forget(self, before: int) -> None:
        """Keys that were told before then are known no more."""
        for project, told in list(self.by_project.items()):
            while told and next(iter(told.values())).at < before:
                told.popitem(last=False)
            if not told:
                del self.by_project[project]

    def shift(self, step: int) -> None:
        """Civil time stepped."""
        for told in self.by_project.values():
            for key, one in told.items():
                told[key] = one._replace(at=one.at + step)


def flaw_in(name: str, text: object, longest: Mapping[str, int], what: str) -> str | None:
    """What is wrong with a text of a telling, in one line that does not repeat it: a key may be a caller's number. `what` it is made of. None: nothing is."""
    if text is None or text == "":
        return f"{name} is missing; {what}"
    if isinstance(text, str) and len(text) <= longest[name] and text.isprintable() and text == text.strip():
        return None
    return f"{name} is not a text on one line of at most {longest[name]} letters, without blanks around it; mend it"
