"""Who calls on a day, and what was planned: both from the lines' rates.

Owns chance on the callers' side: a non-homogeneous Poisson stream per line, times a gamma factor for the day, and for each caller his
patience and how long he will talk. A happening thins the same stream, so a day with it differs from the day without by just that.
Refuses the PBX and the agents. Next: `day` lets them call, `papers` writes the plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from monitor.core.contract import MINUTE, SECOND
from monitor.demo.events import MOST, Happening, hour_of, instant, volume
from monitor.demo.roster import WORKERS, Shift, Skill
from monitor.demo.world import BANK, CAMPAIGN, COLLECT, DAY_CV, LINES, SHOP, TAXI, Line, Way, talk

SLOT_US: Final = 30 * MINUTE
ON_THE_PHONE: Final = 0.88  # share of a shift that is not for lunch, breaks and training

# How a skill's working time is spread over the lines, as planned.
_SPREAD: Final = {
    Skill.BANK: {BANK: 1.0},
    Skill.SENIOR: {BANK: 1.0},
    Skill.BANK_SHOP: {BANK: 0.65, SHOP: 0.35},
    Skill.EXPERT: {BANK: 0.75, SHOP: 0.25},
    Skill.SHOP: {SHOP: 1.0},
    Skill.SHOP_TAXI: {SHOP: 0.5, TAXI: 0.5},
    Skill.TAXI: {TAXI: 1.0},
    Skill.COLLECT: {COLLECT: 1.0},
}
_NAMES: Final = ("", "", "", "", "Олена К.", "ТОВ «Ґанок»", "O'Brien", "Łukasz", "Ahmet Yılmaz")
INBOUND_SHARE: Final = 0.3  # of the collectors' time, for people who call back


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody who will call. `tired_us`: when he presses a key to leave the queue, if he waits so long."""

    at: int
    line: Line
    way: Way
    number: str
    name: str
    talk_us: int
    patience_us: int
    tired_us: int | None


def slots(day: date) -> Iterator[tuple[int, float]]:
    """The half-hours of a local day: their start and the hour on the local clock; a clock change makes two less or more."""
    start, end = instant(day, 0), instant(day + timedelta(days=1), 0)
    for at in range(start, end, SLOT_US):
        yield at, hour_of(at)


def expected(line: Line, hour: float) -> float:
    """The contacts a plan expects in the half-hour that begins at `hour`; rates bend at half-hours only."""
    last = line.rate(hour + 0.5 - 1e-9)
    return (line.rate(hour) + last) / 4


def calls(seed: str, day: date, happenings: tuple[Happening, ...]) -> list[Call]:
    """Everybody who calls on a day, in order of time; `seed` is the day's own."""
    found = [call for line in LINES for call in _calls(Random(f"{seed}/{line.project}"), line, day, happenings)]
    return sorted(found, key=lambda call: call.at)


def _calls(random: Random, line: Line, day: date, happenings: tuple[Happening, ...]) -> Iterator[Call]:
    shape = 1 / DAY_CV**2
    factor = random.gammavariate(shape, 1 / shape)
    for start, hour in slots(day):
        first, last = line.rate(hour), line.rate(hour + 0.5 - 1e-9)
        bound = factor * max(first, last) * MOST / 3600 / SECOND
        if not bound:
            continue
        elapsed = random.expovariate(bound)
        while elapsed < SLOT_US:
            at = start + int(elapsed)
            rate = factor * (first + (last - first) * elapsed / SLOT_US) / 3600 / SECOND
            chance, call = random.random(), _call(random, line, at)
            if chance * bound < rate * volume(line, at, happenings):
                yield call
            elapsed += random.expovariate(bound)


def _call(random: Random, line: Line, at: int) -> Call:
    tired = int(random.uniform(15, 45) * SECOND) if line.key and random.random() < 0.6 else None
    (way,) = random.choices(line.ways, [way.share for way in line.ways])
    return Call(
        at=at,
        line=line,
        way=way,
        number="" if random.random() < 0.03 else f"38000{random.randrange(10**7):07}",
        name=random.choice(_NAMES),
        talk_us=int(talk(random, line.talk_s) * SECOND),
        patience_us=int(random.expovariate(1 / line.patience_s) * SECOND) + SECOND,
        tired_us=tired,
    )


def on_duty(shift: Shift, hour: float) -> bool:
    """Whether people of a shift work at an hour of the local day."""
    first, last = shift.value
    return first <= hour < last or first <= hour + 24 < last


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A half-hour of a line's plan; `reached`: it is of attempts, and that share of them reaches somebody."""

    line: Line
    start: int
    volume: float
    aht_s: int
    scheduled: float
    reached: float | None = None


def planned(day: date) -> Iterator[PlannedRow]:
    """What the centre was staffed for: expectation without day factor and happenings."""
    for start, hour in slots(day):
        agents = dict.fromkeys(LINES, 0.0)
        for worker in WORKERS:
            if on_duty(worker.shift, hour):
                for line, share in _SPREAD[worker.skill].items():
                    agents[line] += share * ON_THE_PHONE
        for line in LINES:
            if not line.rate(hour):
                continue
            inbound = agents[line] * (INBOUND_SHARE if line is COLLECT else 1.0)
            yield PlannedRow(line, start, expected(line, hour), line.aht_s, inbound)
        if CAMPAIGN.first_hour <= hour < CAMPAIGN.last_hour:
            dialling = agents[COLLECT] * (1 - INBOUND_SHARE)
            attempts = CAMPAIGN.attempts_per_hour * dialling / 2
            aht_s = round(CAMPAIGN.talk_s + COLLECT.wrapup_s + CAMPAIGN.dialling_s / CAMPAIGN.reached)
            yield PlannedRow(CAMPAIGN.line, start, attempts, aht_s, dialling, CAMPAIGN.reached)
