"""What callers wanted of one project, counted row by row: one demand a call, and one for whoever calls again at once.

    entered by a call that entered before            the same demand (another queue of the project, the same queue once more)
    entered by a number last seen within 10 minutes  the same demand: who is lost and dials again is not two customers
    a number that is withheld, or none               never the same as another

A demand is counted in the interval of its first entry. Its handle time is every talk of its calls with wrap-up after each, put into that
interval too: volume times handle time is then the work that the interval's callers brought. Owns the counting, in order of time, and
forgets calls and callers as soon as they cannot matter: a number is gone with the first row that is twenty minutes later. Refuses rows and files. Next: `seen`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from monitor.core.contract import MINUTE, SECOND, Project

REDIAL_US: Final = 10 * MINUTE
LONGEST_CALL_US: Final = 12 * 60 * MINUTE  # a call is remembered for so long at least, for twice as long at most
LONGEST_TALK_S: Final = 4 * 3600  # longer ones are a channel that hung

Value = TypeVar("Value")

_WITHHELD: Final = frozenset({"anonymous", "unknown", "restricted", "private", "unavailable", "withheld", "<unknown>"})


@dataclass(slots=True)
class _One:
    """A demand that may go on: the interval it is counted in, and whether somebody has handled it."""

    start: int
    handled: bool = False


@dataclass(slots=True)
class Lately(Generic[Value]):
    """What was known a while ago: entries live at least as long as `span_us`, as long as twice that at most while others come."""

    span_us: int
    since: int = 0
    now: dict[str, Value] = field(default_factory=dict)
    before: dict[str, Value] = field(default_factory=dict)

    def get(self, key: str, at: int) -> Value | None:
        """What is known of it."""
        self._turn(at)
        found = self.now.get(key)
        return self.before.get(key) if found is None else found

    def put(self, key: str, value: Value, at: int) -> None:
        """Know it from now on."""
        self._turn(at)
        self.now[key] = value

    def _turn(self, at: int) -> None:
        if at - self.since >= self.span_us:
            self.before = self.now if at - self.since < 2 * self.span_us else {}
            self.since, self.now = at, {}


@dataclass(slots=True)
class Demand:
    """One project's demands and handle time by the start of their interval; `redials` are entries that made none of their own."""

    project: Project
    length_us: int
    contacts: Counter[int] = field(default_factory=Counter)
    handled: Counter[int] = field(default_factory=Counter)
    handle_us: Counter[int] = field(default_factory=Counter)
    redials: int = 0
    calls: int = 0
    once: bool = True  # whether redials are counted once
    _start: int = 0  # of the interval that is filled now
    _calls: Lately[_One] = field(default_factory=lambda: Lately(LONGEST_CALL_US))
    _callers: Lately[tuple[int, _One]] = field(default_factory=lambda: Lately(REDIAL_US))

    def entered(self, at: int, call: str, number: str) -> None:
        """A call entered one of the project's queues. `number` is the caller's."""
        one = self._calls.get(call, at)
        shown = self.once and not withheld(number)
        if one is None:
            self.calls += 1
            last = self._callers.get(number, at) if shown else None
            if last is not None and at - last[0] <= REDIAL_US:
                one = last[1]
                self.redials += 1
            else:
                if not self._start <= at < self._start + self.length_us:
                    self._start = self.project.interval_start(at, self.length_us)
                one = _One(self._start)
                self.contacts[one.start] += 1
        self._calls.put(call, one, at)
        if shown:
            self._callers.put(number, (at, one), at)

    def talked(self, at: int, call: str, talk_s: int) -> None:
        """A talk of this call is over; one of a call that nobody saw enter belongs to no interval."""
        one = self._calls.get(call, at)
        if one is None or talk_s > LONGEST_TALK_S:
            return
        self.handle_us[one.start] += talk_s * SECOND + self.project.wrapup_us
        if not one.handled:
            one.handled = True
            self.handled[one.start] += 1


def withheld(number: str) -> bool:
    """Whether a number says nothing of who calls."""
    return len(number) < 2 or (not number.isdigit() and (not any(letter.isdigit() for letter in number) or number.strip().casefold() in _WITHHELD))
