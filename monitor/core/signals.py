"""Signals: what reigns outside and may bear on whether people answer: a thunderstorm, no power, a holiday, a new law.

Owns what a signal is, declared before anybody looks at what it does, where it may hold and for whom, and the times its calendar names. Refuses causes:
whether calls go worse while one is on is for `assess`; and unlike an incident (`incidents`) it excuses nothing. Next: `signal_log` has what is told.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from operator import itemgetter
from typing import Final, NamedTuple

from monitor.core.contract import MINUTE

EVERYWHERE: Final = ""  # the place of a signal that has no regions
HOUR_US: Final = 60 * MINUTE

Period = tuple[int, int]  # half-open


class Row(NamedTuple):
    """A time in which a signal is on by its calendar; region None: in all of its regions."""

    start: int
    end: int
    region: str | None = None


class End(StrEnum):
    """How the end of a signal is known."""

    TOLD = "told"  # somebody said that it is over
    AGREED = "agreed"  # whoever said that it is on said until when
    CALENDAR = "calendar"
    ASSUMED = "assumed"  # nobody said anything for too long


@dataclass(frozen=True)
class Signal:
    """One that is configured. Without `regions` it holds everywhere, without `projects` for all of them."""

    name: str
    kind: str
    regions: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    calendar: tuple[Row, ...] = ()
    longest_us: int = 24 * HOUR_US  # told without an end it is over after so long

    @property
    def places(self) -> tuple[str, ...]:
        """Where it is on or off, each by itself."""
        return self.regions or (EVERYWHERE,)

    def concerns(self, project: str) -> bool:
        """Whether it may bear on a project's calls."""
        return not self.projects or project in self.projects

    def place_of(self, region: str | None) -> str | None:
        """Which of its places a region is; None: none, or nobody knows."""
        if not self.regions:
            return EVERYWHERE
        return region if region in self.regions else None

    @cached_property
    def periods(self) -> dict[str, tuple[Period, ...]]:
        """When the calendar has it on, by place, without overlaps and in order."""
        return {place: joined((row.start, row.end) for row in self.calendar if row.region in (None, place)) for place in self.places}

    def scopes(self, place: str) -> tuple[str, ...]:
        """Whom it is about there, as text: `site`, `region:Kyiv`, `project:bank-line`, `region:Kyiv,project:bank-line`."""
        where = f"region:{place}" if place else ""
        if not self.projects:
            return (where or "site",)
        return tuple(",".join(filter(None, (where, f"project:{project}"))) for project in self.projects)


def joined(periods: Iterable[Period]) -> tuple[Period, ...]:
    """The same time, in periods that neither overlap nor touch."""
    found: list[Period] = []
    for start, end in sorted(periods):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return tuple(found)


def holding(periods: Sequence[Period], at: int) -> Period | None:
    """The period that holds an instant, of those that are in order and apart."""
    number = bisect_right(periods, at, key=itemgetter(0)) - 1
    return periods[number] if number >= 0 and at < periods[number][1] else None


def border(periods: Sequence[Period], at: int) -> int | None:
    """The next instant at which such a period begins or ends."""
    number = bisect_right(periods, at, key=itemgetter(0))
    if number and at < periods[number - 1][1]:
        return periods[number - 1][1]
    return periods[number][0] if number < len(periods) else None


class Saying(NamedTuple):
    """What somebody said of a signal in one place at an instant."""

    on: bool
    until: int | None
    who: str
    lasted_us: int | None = None  # what it was assumed to last, once that is over: no longer patience makes it last again


class Spell(NamedTuple):
    """A time in which a signal is on in one place; `until` is its end as far as that is known, `end` how."""

    since: int
    until: int
    end: End
    who: str = ""
    ended_by: str = ""


def spells(said: dict[int, Saying], longest_us: int) -> tuple[Spell, ...]:
    """What was on when, by all that was said, in whatever order it was told. Said again, nothing changes, but for another end."""
    found: list[Spell] = []
    for at, (on, until, who, lasted_us) in sorted(said.items()):
        lasting = found[-1] if found and at < found[-1].until else None
        if not on:
            if lasting is not None:
                found[-1] = lasting._replace(until=at, end=End.TOLD, ended_by=who)
        elif lasting is None:
            found.append(
                Spell(at, at + (longest_us if lasted_us is None else lasted_us), End.ASSUMED, who) if until is None else Spell(at, until, End.AGREED, who)
            )
        elif until is not None:
            found[-1] = lasting._replace(until=until, end=End.AGREED)
    return tuple(found)


class SignalSpell(NamedTuple):
    """A time in which a signal was on in a region, empty: everywhere, as people told (`by`) or its calendar has it; `until` is its end as far as that is
    known, and `end` how. Told again under its key when it ends otherwise; when it never was on, as no time at all."""

    name: str
    region: str
    since: int
    by: str
    kind: str
    until: int
    end: str
    who: str = ""
    ended_by: str = ""

    @property
    def key(self) -> tuple[str, str, int, str]:
        """What it is known by."""
        return self.name, self.region, self.since, self.by


@dataclass(frozen=True, slots=True)
class SignalView:
    """A signal in one of its places, as it is shown; `spell` is that in which it is on, None: it is off. `announced`: by its calendar."""

    signal: Signal
    place: str
    spell: Spell | None = None
    announced: bool = False

    @property
    def region(self) -> str | None:
        """Where; None: everywhere."""
        return self.place or None
