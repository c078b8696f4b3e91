"""A project's past, fitted: what to expect of any interval to come, and how far to trust it.

Level and profile need each other: a day that was seen in part has the level its seen part tells, by the profile; a profile is made of days, each
held against its own level. So they take turns, four times, which is where nothing moves any more. A day whose level is an outlier does not
shape the profile either. Owns the turns and what comes of them. Refuses the arithmetic of each (`level`, `shape`, `aht`,
`dispersion`). Next: `forecast` makes rows of it, `hindsight` tries it on days it has not seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from typing import Final

from monitor.core.contract import Project
from monitor.plan import shape
from monitor.plan.aht import Aht
from monitor.plan.dispersion import USUAL, dispersion
from monitor.plan.level import DayCount, Level, level
from monitor.plan.seen import Day, Seen
from monitor.plan.shape import Shape

LEAST_DAYS: Final = 7  # a plan needs a week: a weekday never seen is a guess
FEW_DAYS: Final = 21  # under three weeks nothing is known of how a weekday varies

_TURNS = 4


@dataclass(frozen=True, slots=True)
class OddDay:
    """A day that is far from its like: what came, what was due."""

    date: date
    came: int
    due: float

    @property
    def holiday(self) -> bool:
        """Whether it looks like one: less than half of what was due."""
        return self.came < self.due / 2


@dataclass(frozen=True, slots=True)
class Fitted:
    """What is known of a project. `groups`: weekdays of one shape; `used` days; `odd` ones that did not count; `k` None: too few days."""

    project: Project
    past: date
    level: Level
    groups: tuple[tuple[int, ...], ...]
    shares: Mapping[int, Mapping[int, float]]  # by weekday and slot
    handle_us: Mapping[int, Mapping[int, float]]
    aht_us: float
    aht_known: bool
    used: int
    odd: tuple[OddDay, ...]
    k: float | None

    def expected(self, day: date, slot: int) -> float:
        """Contacts of a whole interval in that slot of that day."""
        weekday = day.weekday()
        return self.level.at(weekday, (day - self.past).days) * self.shares.get(weekday, {}).get(slot, 0.0)

    def knows(self, day: date, slot: int) -> bool:
        """Whether that slot was ever seen on such days: where it was not, nobody knows what is due, and it is not nought."""
        return slot in self.shares.get(day.weekday(), {})

    def aht_of(self, day: date, slot: int) -> float:
        """Microseconds a contact takes then."""
        return self.handle_us.get(day.weekday(), {}).get(slot, self.aht_us)

    def due(self, day: Day) -> float:
        """What was expected of the usable part of a day."""
        return sum(self.expected(day.date, one.slot) * one.share for one in day.usable)

    @property
    def dispersion(self) -> float:
        """k, the usual one where it is not known."""
        return USUAL if self.k is None else self.k


def fit(seen: Seen) -> Fitted | None:
    """The past fitted; None if it has not one day that says anything."""
    days = [day for day in seen.days if day.usable]
    if not days:
        return None
    weekdays = sorted({day.date.weekday() for day in days})
    groups: tuple[tuple[int, ...], ...] = tuple((weekday,) for weekday in weekdays)
    shares = _plain(seen, weekdays)
    worth = dict.fromkeys((day.date for day in days), 1.0)
    fitted, counts = level([]), list[DayCount]()
    for turn in range(_TURNS):
        counts = [_count(seen, day, shares) for day in days]
        fitted = level(counts, groups if turn else ())
        worth = {day.date: weight for day, weight in zip(days, fitted.weights, strict=True)}
        shapes = _shapes(days, counts, worth)
        groups = shape.alike(shapes)
        shares = _shares(seen, shapes, groups)
    aht = _aht(seen, days)
    like = {weekday: group for group in groups for weekday in group}
    handle_us = {weekday: aht.by_slot(weekday, like.get(weekday, tuple(weekdays)), of) for weekday, of in shares.items()}
    known = Fitted(seen.project, seen.past, fitted, groups, shares, handle_us, aht.mean_us, aht.known, 0, (), None)
    counting = [day for day in days if worth[day.date] > 0]
    odd = tuple(OddDay(day.date, day.contacts, known.due(day)) for day, count in zip(days, counts, strict=True) if _odd(day, count, worth))
    k = dispersion([(day.contacts, known.due(day)) for day in counting], len({day.date.weekday() for day in counting}) + 1)
    return Fitted(seen.project, seen.past, fitted, groups, shares, handle_us, aht.mean_us, aht.known, len(counting), odd, k)


def _odd(day: Day, count: DayCount, worth: Mapping[date, float]) -> bool:
    return worth[day.date] == 0 and count.seen > 0.25


def _slots(seen: Seen) -> dict[int, set[int]]:
    """The open slots of each weekday, as any of its days had them."""
    slots: dict[int, set[int]] = {}
    for day in seen.days:
        slots.setdefault(day.date.weekday(), set()).update(one.slot for one in day.intervals)
    return slots


def _plain(seen: Seen, weekdays: list[int]) -> dict[int, dict[int, float]]:
    """Shares to begin with: every interval's mean over all days, as a part of the weekday's."""
    came: dict[int, float] = {}
    times: dict[int, float] = {}
    for day in seen.days:
        for one in day.usable:
            came[one.slot] = came.get(one.slot, 0.0) + one.contacts
            times[one.slot] = times.get(one.slot, 0.0) + one.share
    mean = {slot: came[slot] / times[slot] for slot in came}
    plain = {}
    for weekday, slots in _slots(seen).items():
        if weekday in weekdays:
            total = sum(mean.get(slot, 0.0) for slot in slots)
            plain[weekday] = {slot: mean.get(slot, 0.0) / total if total else 1 / len(slots) for slot in slots}
    return plain


def _count(seen: Seen, day: Day, shares: Mapping[int, Mapping[int, float]]) -> DayCount:
    of = shares[day.date.weekday()]
    part = sum(of.get(one.slot, 0.0) * one.share for one in day.usable)
    return DayCount((seen.past - day.date).days, day.date.weekday(), day.contacts, part)


def _shapes(days: list[Day], counts: list[DayCount], worth: Mapping[date, float]) -> dict[int, Shape]:
    """What came by weekday and slot against the days' own levels."""
    shapes: dict[int, Shape] = {}
    for day, count in zip(days, counts, strict=True):
        one_shape = shapes.setdefault(day.date.weekday(), Shape())
        weight = sqrt(worth[day.date]) if count.seen > 0 else 0.0
        volume = count.contacts / count.seen if count.seen > 0 else 0.0
        for one in day.usable:
            one_shape.add(one.slot, weight * one.contacts, weight * volume * one.share)
    return shapes


def _shares(seen: Seen, shapes: Mapping[int, Shape], groups: tuple[tuple[int, ...], ...]) -> dict[int, dict[int, float]]:
    """By weekday: of its group; of a weekday never seen, of all others, in its own open hours."""
    shares: dict[int, dict[int, float]] = {}
    for group in groups:
        of = shape.shares(shape.joined([shapes[weekday] for weekday in group]))
        shares |= dict.fromkeys(group, of)
    everyday = shape.joined(list(shapes.values()))
    for weekday in range(7):
        if weekday not in shares:
            shares[weekday] = shape.shares(everyday)
    for weekday, slots in _slots(seen).items():
        if not any(shares[weekday].values()):
            shares[weekday] = dict.fromkeys(slots, 1 / len(slots))
    return shares


def _aht(seen: Seen, days: list[Day]) -> Aht:
    aht = Aht(seen.project.aht_us)
    for day in days:
        for one in day.usable:
            aht.add(day.date.weekday(), one.slot, one.handled, one.handle_us)
    return aht


def since_when(seen: Seen, weeks: int) -> date:
    """The first day of the last so many weeks."""
    return seen.past - timedelta(weeks=weeks)
