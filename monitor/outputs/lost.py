"""Samples of lost callers: how many there were, what became of them, and who is to be called back now.

Owns what is absent: figures of now of a project nobody sees, the age of the oldest where none is open. Refuses numbers and keys of callers: no
sample has any. Next: `families`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from monitor.core.counters import LostCallers
from monitor.core.lost import RECOVERED, LostView
from monitor.outputs.lines import Floor, seconds

Rows = Callable[[str, Floor], Iterator[str]]


def counted(position: LostCallers) -> Rows:
    """One count per project."""

    def rows(name: str, floor: Floor) -> Iterator[str]:
        for project, labels in floor.labels.projects:
            if (row := floor.counters.lost.get(project.name)) is not None:
                yield f"{name}{{{labels}}} {row[position]}\n"

    return rows


def recovered(name: str, floor: Floor) -> Iterator[str]:
    """One count per project and way."""
    for project, labels in floor.labels.projects:
        if (row := floor.counters.lost.get(project.name)) is not None:
            for by, position in RECOVERED.items():
                yield f'{name}{{{labels},by="{by.value}"}} {row[position]}\n'


def open_now(name: str, floor: Floor) -> Iterator[str]:
    """How many, per project that is seen."""
    yield from (f"{name}{{{labels}}} {view.open}\n" for view, labels in _seen(floor))


def oldest(name: str, floor: Floor) -> Iterator[str]:
    """Since when, per project that is seen and has any."""
    at = floor.outlook.snapshot.at
    yield from (f"{name}{{{labels}}} {seconds(at - view.oldest)}\n" for view, labels in _seen(floor) if view.oldest is not None)


def _seen(floor: Floor) -> Iterator[tuple[LostView, str]]:
    snapshot = floor.outlook.snapshot
    for project, labels in floor.labels.projects:
        if project.name in snapshot.observed_projects and (view := snapshot.lost.get(project.name)) is not None:
            yield view, labels
