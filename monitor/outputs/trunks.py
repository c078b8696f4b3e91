"""Samples of the trunks: lines, calls, refusals, arrivals by dialled number, and whether they can be reached.

Owns what is absent: a trunk that is out of sight, one of whose endpoints nobody has told, a capacity nobody stated. Refuses counting (`core.trunks`),
judging (`assess`), names and definitions. Next: `families`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from monitor.core.trunk import REFUSING, WAYS, TrunkView
from monitor.outputs.lines import Floor

Rows = Callable[[str, Floor], Iterator[str]]


def now(figure: Callable[[TrunkView], int | None]) -> Rows:
    """A gauge per trunk in sight; unknown is absent."""

    def rows(name: str, floor: Floor) -> Iterator[str]:
        views = {view.id: view for view in floor.outlook.snapshot.trunks}
        for trunk, labels in floor.labels.trunks:
            if (view := views.get(trunk.id)) is not None and (value := figure(view)) is not None:
                yield f"{name}{{{labels}}} {value}\n"

    return rows


def up(view: TrunkView) -> int | None:
    """1 or 0, where anybody has told."""
    return None if view.up is None else int(view.up)


def capacity(name: str, floor: Floor) -> Iterator[str]:
    """Lines per trunk, as configured."""
    for trunk, labels in floor.labels.trunks:
        if trunk.capacity is not None:
            yield f"{name}{{{labels}}} {trunk.capacity}\n"


def calls(name: str, floor: Floor) -> Iterator[str]:
    """One count per trunk and direction."""
    table = floor.counters.trunk_calls
    for trunk, labels in floor.labels.trunks:
        for direction in WAYS:
            if (count := table.get((trunk.id, direction))) is not None:
                yield f'{name}{{{labels},direction="{direction.value}"}} {count}\n'


def failures(name: str, floor: Floor) -> Iterator[str]:
    """One count per trunk and what came back."""
    table = floor.counters.trunk_failures
    for trunk, labels in floor.labels.trunks:
        for status in REFUSING:
            if (count := table.get((trunk.id, status))) is not None:
                yield f'{name}{{{labels},status="{status}"}} {count}\n'


def dids(name: str, floor: Floor) -> Iterator[str]:
    """One count per PBX and dialled number."""
    table = floor.counters.did_calls
    for key, labels in floor.labels.dids.items():
        if (count := table.get(key)) is not None:
            yield f"{name}{{{labels}}} {count}\n"
