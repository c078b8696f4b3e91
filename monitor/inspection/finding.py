"""What an inspection finds: one line, how much it matters, and the remedy in it.

Owns the shape and the wording of "so many, such as". Refuses looking. Next: `cli` prints it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sized
from dataclasses import dataclass
from enum import StrEnum

from monitor.plural import counted


class Weight(StrEnum):
    """How much a finding matters."""

    OK = "ok"
    WARNING = "warning"
    BAD = "BAD"  # has to be mended


@dataclass(frozen=True, slots=True)
class Finding:
    """One line."""

    text: str
    weight: Weight = Weight.OK

    def __str__(self) -> str:
        return f"{self.weight:<8} {self.text}"


def number(things: Sized, name: str) -> str:
    """`1 member`, `3 members`."""
    return counted(len(things), name)


def some(things: Iterable[str], shown: int = 3) -> str:
    """How many they are, and some of them by name."""
    every = sorted(things)
    few = ", ".join(every[:shown])
    return f"{len(every)}, such as {few}" if len(every) > shown else few
