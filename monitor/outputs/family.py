"""One metric: its name, what kind it is, its labels, its definition, and where its samples come from.

Owns the shape. Refuses any metric itself. Next: `families` is the table of the floor's, `self_families` of the daemon's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

Source = TypeVar("Source")


class Kind(Enum):
    """What a family is; `INFO` is a 1 that carries labels."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Family(Generic[Source]):
    """One metric: `help` is its definition in one sentence, `labels` in the order they are written, `le` left out."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    help: str
    rows: Callable[[str, Source], Iterator[str]]
    optional: frozenset[str] = frozenset()  # labels that only the rows about such a thing have


C, G, H = Kind.COUNTER, Kind.GAUGE, Kind.HISTOGRAM
