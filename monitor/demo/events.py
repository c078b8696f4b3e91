"""What happens to the simulated centre from outside: clients, weather, war, lines, the link.

Owns the schedule of a day, drawn from the seed, and what each happening does to the volume. Refuses what people do about it (`people`)
and carrying it out (`day`). On the first day enough of it comes soon after the demo's start for somebody who just looks on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from random import Random
from typing import Final

from monitor.core.contract import SECOND
from monitor.demo.world import BANK, SHOP, ZONE, Line


class Kind(StrEnum):
    """What can happen."""

    CLIENT_LOSS = "client loss"
    ALARM = "air-raid alarm"
    LINK_CUT = "AMI cut"
    TRUNK_DOWN = "trunk failure"
    STORM = "thunderstorm"


LOSS: Final = 0.5  # of a client's volume that goes elsewhere
ALARM_VOLUME: Final = 0.45
ALARM_RUSH: Final = 1.25  # for some minutes after the all-clear
RUSH_US: Final = 600 * SECOND
STORM_REACHED: Final = 0.45  # of the people who would have answered an outbound call
MOST: Final = 2.2  # what a happening makes of a volume at most


@dataclass(frozen=True, slots=True)
class Happening:
    """Something from `start` until `end`; `line` where it concerns one client alone."""

    kind: Kind
    start: int
    end: int
    begins: str
    ends: str
    line: Line | None = None

    def on(self, at: int) -> bool:
        """Whether it is going on."""
        return self.start <= at < self.end


def instant(day: date, hour: float) -> int:
    """The instant of an hour of the local day."""
    local = datetime.combine(day, time(), ZONE) + timedelta(hours=hour)
    return int(local.timestamp()) * SECOND


def hour_of(at: int) -> float:
    """The hour of the local day at an instant."""
    local = datetime.fromtimestamp(at // SECOND, ZONE)
    return local.hour + local.minute / 60 + local.second / 3600


def schedule(seed: str, day: date, *, first: bool) -> tuple[Happening, ...]:
    """The happenings of a day in order of time; `seed` is the day's own."""
    random = Random(f"{seed}/happenings")

    def span(hour: float, minutes: float, jitter_s: int = 20) -> tuple[int, int]:
        start = instant(day, hour) + random.randrange(jitter_s) * SECOND
        return start, start + round(minutes * 60) * SECOND

    def alarm(hour: float) -> Happening:
        begins = "air-raid alarm and blackout: fewer callers, phones without power, people pause for the shelter"
        return Happening(Kind.ALARM, *span(hour, 9 + random.randrange(4)), begins, "all-clear: callers and people come back")

    def cut(hour: float) -> Happening:
        return Happening(Kind.LINK_CUT, *span(hour, 1 / 3), "the AMI link is cut for 20 s; calls go on unseen", "the PBX takes AMI logins again")

    def trunk(hour: float, line: Line) -> Happening:
        begins = f"the trunk of {line.client} fails: its calls end, nobody gets through"
        return Happening(Kind.TRUNK_DOWN, *span(hour, 3 + random.random() * 3), begins, f"the trunk of {line.client} is back", line)

    def storm(hour: float) -> Happening:
        begins = "thunderstorm: many more calls for a taxi, some more for the shop, fewer people answer the collectors"
        return Happening(Kind.STORM, *span(hour, 35 + random.randrange(30), 600), begins, "the thunderstorm has passed")

    def loss(hour: float) -> Happening:
        start = instant(day, hour)
        begins = f"{SHOP.client} gives half of its volume to somebody else, without a word"
        return Happening(Kind.CLIENT_LOSS, start, instant(day, 24), begins, f"{SHOP.client}'s volume comes back", SHOP)

    drawn = [storm(12.2 + random.random()), cut(13 + random.random() * 8), trunk(14 + random.random() * 5, random.choice((BANK, SHOP)))]
    if first:
        drawn += [loss(10.5), alarm(11.4), cut(11.45), trunk(11.55, BANK)]
    else:
        drawn += [alarm(9.5 + random.random() * 10)]
        drawn += [loss(9 + random.random() * 3)] if random.random() < 0.3 else []
    return tuple(sorted(drawn, key=lambda happening: happening.start))


def volume(line: Line, at: int, happenings: tuple[Happening, ...]) -> float:
    """What the happenings make of a line's volume at an instant: 1 is all of it."""
    factor = 1.0
    for each in happenings:
        if each.kind is Kind.ALARM and each.end <= at < each.end + RUSH_US:
            factor *= ALARM_RUSH
        if not each.on(at):
            continue
        if each.kind is Kind.CLIENT_LOSS and each.line is line:
            factor *= 1 - LOSS
        elif each.kind is Kind.ALARM:
            factor *= ALARM_VOLUME
        elif each.kind is Kind.STORM:
            factor *= line.storm
        elif each.kind is Kind.TRUNK_DOWN and each.line is line:
            factor = 0.0
    return min(factor, MOST)
