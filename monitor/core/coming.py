"""Which rows of a log are told live as well: of what a PBX raised while its first lists were read, and what is kept back until they are told.

Owns matching such events with rows, by caller, queue and second: a row may have been written a moment before its event was. Refuses deciding
what becomes of a row (`story`) and keeping events back (the teller). Next: `story` ends a call's rows where its events begin.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from monitor.core import events as ev
from monitor.core.calls import VERBS
from monitor.core.contract import SECOND
from monitor.core.events import Event
from monitor.core.logrow import LogRow

NEAR_US = 3 * SECOND // 2  # a row and its event are at most so far apart, from the middle of the row's second

LIVE = (ev.CallerJoined, ev.CallerLeft, ev.AgentConnected, ev.AgentDidNotAnswer, ev.ChannelEnded)

OF_MEMBER = frozenset({"CONNECT", "RINGNOANSWER"})

Key = tuple[str, str, str, str]  # what happened, caller, queue; of an answer and of a ring in vain the member too


def told_live(rows: Sequence[LogRow], coming: Iterable[Event], offset_us: int) -> frozenset[int]:
    """The rows whose event comes live, by index; `offset_us` is the PBX's clock minus ours."""
    told = [(key, event.at) for event in coming if (key := _key(event)) is not None]
    places: dict[Key, list[int]] = {key: [] for key, _ in told}
    for index, row in enumerate(rows) if told else ():
        key = "EXIT" if row.verb in VERBS else row.verb, row.call, row.queue, row.agent if row.verb in OF_MEMBER else ""
        if key in places:
            places[key].append(index)
    found: set[int] = set()
    for key, at in told:
        apart = {index: abs(rows[index].at_s * SECOND + SECOND // 2 - offset_us - at) for index in places[key]}
        nearest = min(apart, key=apart.__getitem__, default=None)
        if nearest is not None and apart[nearest] <= NEAR_US:
            found.add(nearest)
            places[key] = [index for index in places[key] if index > nearest]  # what is told after it is no row before it
    return frozenset(found)


def callers(coming: Iterable[Event]) -> frozenset[str]:
    """Whose channels they are about: each of them lived when the first of its events was raised."""
    return frozenset(event.call for event in coming if isinstance(event, LIVE))


def joins(coming: Iterable[Event]) -> frozenset[tuple[str, str]]:
    """Who comes into which queue live."""
    return frozenset((event.call, event.queue) for event in coming if isinstance(event, ev.CallerJoined))


def ways_out(coming: Iterable[Event]) -> frozenset[tuple[str, str]]:
    """Who goes out of a queue live, and came into it before."""
    first: dict[tuple[str, str], bool] = {}
    for event in coming:
        if isinstance(event, ev.CallerJoined | ev.CallerLeft | ev.AgentConnected):
            first.setdefault((event.call, event.queue), not isinstance(event, ev.CallerJoined))
    return frozenset(caller for caller, out in first.items() if out)


def _key(event: Event) -> Key | None:
    if isinstance(event, ev.CallerJoined):
        return "ENTERQUEUE", event.call, event.queue, ""
    if isinstance(event, ev.AgentConnected):
        return "CONNECT", event.call, event.queue, event.member
    if isinstance(event, ev.CallerLeft):
        return "EXIT", event.call, event.queue, ""
    if isinstance(event, ev.AgentDidNotAnswer):
        return "RINGNOANSWER", event.call, event.queue, event.member
    return None
