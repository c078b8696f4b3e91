"""A month of ten projects that dial out while thunderstorms come and go, from a seed. Nothing is asserted in here.

Attempts and rates have the shape of a day and of a week; every hour has luck of its own (a gamma factor), and so has every day; storms come in the
afternoon and last for hours, over everybody. On the first project a storm takes a fifth of the contact rate; on the others it does nothing.
"""

from __future__ import annotations

from random import Random

from monitor.assess.signals import Hour

PROJECTS = tuple(f"p{number}" for number in range(10))
TRUE = PROJECTS[0]
EFFECT = -0.20
DAYS, FIRST, LAST = 30, 9, 21
STORMY = 0.12  # of the hours
HOUR_SHAPE, DAY_SHAPE = 40.0, 400.0  # of the gamma factors: an hour is 16 % off, a day 5 %
ATTEMPTS = (0.5, 0.8, 1.1, 1.2, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.2, 0.8, 0.5)  # by hour, of the project's size
RATES = (0.80, 0.85, 0.90, 0.95, 0.90, 0.90, 0.95, 1.00, 1.10, 1.20, 1.20, 1.15, 1.10)
WEEK = (1.1, 1.1, 1.0, 1.0, 0.9, 0.5, 0.4)


def storms(random: Random) -> frozenset[tuple[int, int]]:
    """The hours in which it storms."""
    hours = range(FIRST, LAST + 1)
    found: set[tuple[int, int]] = set()
    while len(found) < STORMY * DAYS * len(hours):
        day, start, length = random.randrange(DAYS), min(LAST, max(FIRST, round(random.gauss(16, 2)))), random.randint(2, 5)
        found.update((day, hour) for hour in range(start, start + length) if hour in hours)
    return frozenset(found)


def month(random: Random) -> dict[str, list[Hour]]:
    """The tallies of each project."""
    stormy = storms(random)
    return {project: list(_project(random, project, stormy)) for project in PROJECTS}


def _project(random: Random, project: str, stormy: frozenset[tuple[int, int]]) -> list[Hour]:
    size, rate = random.uniform(45, 90), random.uniform(0.2, 0.35)
    found = []
    for day in range(DAYS):
        luck = random.gammavariate(DAY_SHAPE, 1 / DAY_SHAPE)
        for number, hour in enumerate(range(FIRST, LAST + 1)):
            on = (day, hour) in stormy
            attempts = max(0, round(random.gauss(1, 0.15) * size * WEEK[day % 7] * ATTEMPTS[number]))
            chance = rate * RATES[number] * luck * random.gammavariate(HOUR_SHAPE, 1 / HOUR_SHAPE)
            chance *= 1 + EFFECT if on and project == TRUE else 1
            found.append(Hour(project, day, hour, on, attempts, binomial(random, attempts, min(0.95, chance))))
    return found


def binomial(random: Random, n: int, p: float) -> int:
    """So many of n with chance p: the count at which the law's sum passes a uniform number. For n p of some hundreds at most."""
    left, term, count = random.random(), (1 - p) ** n, 0
    odds = p / (1 - p)
    while left >= term and count < n:
        left -= term
        count += 1
        term *= (n - count + 1) / count * odds
    return count
