"""What a PBX's own record (queue_log) has to do with the visits we count: which of them wait for its word, and which rows are known already.

Owns the bookkeeping between two accounts of one exit: the events', which come first or last, and the record's, which is right. Refuses
ending visits (`queueing`) and counting (`register`). Next: `queueing` asks at every end, `gaps` when it tells what nobody saw.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from monitor.core.calls import VERBS, Sign, Stage, Visit, flowed_by
from monitor.core.contract import SECOND
from monitor.core.counters import Outcome

RECENT_US = 10 * SECOND  # what was seen of callers is remembered for so long, to tell which rows say the same
LATE_US = 2 * SECOND  # a row belongs to a visit that ended at most so long before it
FORGET_US = 60 * SECOND  # a visit whose row has not come by then has none

Key = tuple[str, str, str]  # PBX, caller, queue


class Logbook:
    """`logged`: PBXs whose record is read as it is written. `retelling`: what comes now is its rows, up to `blur_us` later than they say."""

    def __init__(self) -> None:
        self.logged: set[str] = set()
        self.retelling = False
        self.blur_us = 0
        self.recent: dict[str, deque[tuple[int, str, str, str]]] = {}  # what was seen, by PBX: when, verb, caller, queue
        self._echoes: dict[Key, int] = {}  # entries that a log has told; until when the same may be told live
        self._shadows: dict[Key, int] = {}
        self._unverified: dict[Key, list[Visit]] = {}  # counted as it was seen; the row is still to come

    def waits(self, visit: Visit, sign: Sign) -> bool:
        """Whether an end that is not certain waits for the record."""
        certain = sign is Sign.LOST or visit.stage is Stage.DYING or visit.reason is not None
        return not certain and not visit.patient and visit.queue.pbx in self.logged

    def joined(self, visit: Visit) -> None:
        """A caller came."""
        self._remember(visit.joined_at, "ENTERQUEUE", key_of(visit))

    def stranger_joined(self, pbx: str, call: str, queue: str, at: int) -> None:
        """A caller came into a queue that nobody claims."""
        self._remember(at, "ENTERQUEUE", (pbx, call, queue))

    def rung_in_vain(self, pbx: str, call: str, queue: str, at: int) -> None:
        """A member did not answer a caller."""
        self._remember(at, "RINGNOANSWER", (pbx, call, queue))

    def ended(self, visit: Visit, outcome: Outcome, at: int) -> None:
        """A visit ended so. That it was given up is nothing anybody saw."""
        if outcome is Outcome.UNRESOLVED:
            return
        answered = outcome is Outcome.ANSWERED
        self._remember(at, "CONNECT" if answered else "EXIT", key_of(visit))
        if visit.queue.pbx in self.logged and visit.verdict is None and not answered:
            self._unverified.setdefault(key_of(visit), []).append(visit)

    def counted(self, key: Key, at: int) -> Visit | None:
        """The visit that is counted already and whose row this is; its rows come in the order of the visits."""
        if self.retelling:
            return None
        visit = next((one for one in self._unverified.get(key, ()) if at <= (one.left_at or 0) + LATE_US), None)
        if visit is not None:
            self._drop(visit)
        return visit

    def echo(self, pbx: str, callers: Iterable[tuple[str, str]], until: int) -> None:
        """These callers came into a queue and are out of it again; that they came may be told live too, up to then."""
        self._echoes |= dict.fromkeys(((pbx, *caller) for caller in callers), until)

    def shadow(self, pbx: str, callers: Iterable[tuple[str, str]], at: int) -> None:
        """These callers were out of their queue and in it again; up to then that they are out is what was told."""
        self._shadows |= dict.fromkeys(((pbx, *caller) for caller in callers), at)

    def is_shadow(self, key: Key, at: int) -> bool:
        """Whether this way out of a queue was told by a log already, and the one after it has begun."""
        return bool(self._shadows) and self._shadows.get(key, -1) >= at

    def is_echo(self, key: Key, at: int) -> bool:
        """Whether this entry was told by a log already; the next one is another."""
        return bool(self._echoes) and self._echoes.pop(key, -1) >= at

    def forget(self, at: int) -> None:
        """Drop visits whose row will not come any more."""
        self._echoes = {who: until for who, until in self._echoes.items() if until >= at}
        self._shadows = {who: until for who, until in self._shadows.items() if until >= at}
        for visit in [one for visits in self._unverified.values() for one in visits if (one.left_at or 0) < at - FORGET_US]:
            self._drop(visit)

    def _drop(self, visit: Visit) -> None:
        visits = self._unverified[key_of(visit)]
        visits.remove(visit)
        if not visits:
            del self._unverified[key_of(visit)]

    def _remember(self, at: int, verb: str, key: Key) -> None:
        pbx, call, queue = key
        recent = self.recent.setdefault(pbx, deque())
        while recent and recent[0][0] < at - RECENT_US:
            recent.popleft()
        recent.append((at, verb, call, queue))

    def shift(self, step: int) -> None:
        """Move every instant by the same step."""
        self.recent = {pbx: deque((at + step, verb, call, queue) for at, verb, call, queue in seen) for pbx, seen in self.recent.items()}
        self._echoes = {who: until + step for who, until in self._echoes.items()}
        self._shadows = {who: until + step for who, until in self._shadows.items()}
        for visit in (one for visits in self._unverified.values() for one in visits):
            visit.left_at = None if visit.left_at is None else visit.left_at + step


def key_of(visit: Visit) -> Key:
    """Under what its rows are found."""
    return visit.queue.pbx, visit.call, visit.queue.name


def agrees(visit: Visit, verb: str) -> bool:
    """Whether the record says what was counted."""
    reason = VERBS.get(verb)
    if reason is None:
        return visit.outcome in (Outcome.ABANDONED, Outcome.SHORT)
    return visit.outcome is Outcome.FLOWED_OUT and flowed_by(visit) is reason
