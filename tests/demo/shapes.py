"""Which headers, in which order, a real Asterisk 22 gives each event: every shape in `single-22`, `mixed-22` and `trunk-22`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from tests.scenarios.world import MIXED, SINGLE_22, Recording

Shape = tuple[str, ...]


def _events(recording: Recording) -> Iterator[Shape]:
    for part in recording.data.decode().partition("\r\n")[2].split("\r\n\r\n"):
        names = tuple(line.partition(":")[0] for line in part.split("\r\n") if line)
        if names[:1] == ("Event",) and "Privilege" in names:
            yield (part.split("\r\n")[0].removeprefix("Event: "), *(name for name in names[1:] if name != "Timestamp"))


@cache
def shapes() -> frozenset[Shape]:
    """Every (event, header, header, …) that was ever seen."""
    mixed = next(each for each in MIXED if each.name == "mixed-22")
    return frozenset(shape for recording in (*SINGLE_22, mixed, Recording("trunk-22/carrier-lost")) for shape in _events(recording))
