"""Do calls go otherwise while a signal is on? Contact rates with it and without, within the same project and hour of day: both follow the clock. For a
signal of regions within the same region too: people of one place answer otherwise than those of another, whatever the weather.

Owns the test of one signal (Mantel and Haenszel 1959), the difference of the rates with its interval (Mantel-Haenszel's, Sato's variance 1989), how much
hours and days differ by themselves (`Dispersion`), how many attempts it takes to see anything, and the choice among many tests (Benjamini and Hochberg
1995). What is found is an association, never a cause; too few attempts are no "no effect". Signals are declared before anybody looks: `core.signals`.
Refuses counting (the store does), and testing again every hour: it is asked at fixed times. Next: the report `signals`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from statistics import NormalDist
from typing import Final, NamedTuple

from monitor.assess.contact_rate import CONFIDENCE, Rate, normal_tail, quantile

EFFECT: Final = -0.20  # of the rate: what has to be seen if it is there
POWER: Final = 0.80
Q: Final = 0.10  # of what is found so many may be chance
FEWEST: Final = 20  # degrees of freedom: with fewer nobody knows how much hours differ by themselves
_NORMAL: Final = NormalDist()
_NONE: Final = Rate(0, 0)


class Hour(NamedTuple):
    """One tally: attempts of a project that began in one hour of one local day, of those with the signal (`on`) or of those without, and their contacts.

    An hour in which it was on for some attempts only has two. `day` tells days apart, `hour` is the local clock's; both together are the spans
    that tell how much rates differ by themselves. `region`, empty: of all of them together.
    """

    project: str
    day: int
    hour: int
    on: bool
    attempts: int
    contacts: int
    region: str = ""


class Dispersion(NamedTuple):
    """How much more than chance the rates without the signal vary: over hours (Pearson's χ² over its degrees of freedom), and over whole days.

    Days count because a signal lasts for hours: if all of a day goes badly, each of its hours says the same again. None: nothing repeats.
    """

    hours: float | None = None
    days: float | None = None
    freedom: int = 0

    @property
    def phi(self) -> float | None:
        """The larger of both."""
        return None if self.hours is None or self.days is None else max(self.hours, self.days)

    @property
    def factor(self) -> float:
        """What variances are multiplied by: never less than 1."""
        return max(1.0, self.phi or 1.0)


class Verdict(StrEnum):
    """What can be said of a signal and a project."""

    FOUND_WORSE = "found_worse"
    FOUND_BETTER = "found_better"
    NOT_FOUND = "not_found"
    NOT_ENOUGH = "not_enough"


@dataclass(frozen=True, slots=True)
class Association:
    """With a signal and without it, in the strata that have attempts on both sides; attempts in the others are `left_out`."""

    on: Rate
    off: Rate
    left_out: int
    expected: float  # contacts with the signal on, if it made no difference: ΣE
    variance: float  # of them: ΣV
    difference: float | None  # of the rates on and off, within strata
    error: float | None  # its standard error, with what hours differ by themselves
    dispersion: Dispersion

    @property
    def z(self) -> float | None:
        """`(ΣA - ΣE) / √ΣV`, divided by √φ where φ > 1; None where nothing can be tested."""
        return (self.on.contacts - self.expected) / sqrt(self.variance * self.dispersion.factor) if self.variance > 0 else None

    @property
    def p(self) -> float | None:
        """Two-sided."""
        return None if self.z is None else 2 * normal_tail(-abs(self.z))

    @property
    def chi2(self) -> float | None:
        """Mantel and Haenszel's χ² with continuity, by chance alone: φ is not in it."""
        return max(0.0, abs(self.on.contacts - self.expected) - 0.5) ** 2 / self.variance if self.variance > 0 else None

    def interval(self, confidence: float = CONFIDENCE) -> tuple[float, float] | None:
        """Around the difference."""
        if self.difference is None or self.error is None:
            return None
        half = quantile(confidence) * self.error
        return max(-1.0, self.difference - half), min(1.0, self.difference + half)

    @property
    def needed(self) -> int | None:
        """The attempts on each side that it takes to see the stated effect at the rate without the signal, hours differing as they do. None: no rate."""
        plain = attempts_needed(self.off.value)
        return None if plain is None else round(plain * self.dispersion.factor)

    @property
    def judged(self) -> bool:
        """Whether there is enough to look for anything: on each side what it would take if attempts were independent, and hours that repeat."""
        plain = attempts_needed(self.off.value)
        fewest = min(self.on.attempts, self.off.attempts)
        return self.variance > 0 and self.dispersion.freedom >= FEWEST and plain is not None and fewest >= round(plain)

    @property
    def enough(self) -> bool:
        """Whether nothing found would mean something."""
        return self.judged and self.needed is not None and min(self.on.attempts, self.off.attempts) >= self.needed


@dataclass(slots=True)
class _Stratum:
    """A project in an hour of day, and a region."""

    on: Rate = _NONE
    off: Rate = _NONE

    @property
    def informed(self) -> bool:
        return bool(self.on.attempts and self.off.attempts)


def association(hours: Iterable[Hour]) -> Association:
    """One signal's. ValueError where an hour has more contacts than attempts."""
    told = [(hour, Rate(hour.contacts, hour.attempts).checked()) for hour in hours]
    strata: defaultdict[tuple[str, str, int], _Stratum] = defaultdict(_Stratum)
    for hour, rate in told:
        stratum = strata[hour.project, hour.region, hour.hour]
        if hour.on:
            stratum.on = _both(stratum.on, rate)
        else:
            stratum.off = _both(stratum.off, rate)
    informed = [stratum for stratum in strata.values() if stratum.informed]
    on = off = _NONE
    expected = variance = 0.0
    for one in informed:
        on, off = _both(on, one.on), _both(off, one.off)
        mean, spread = _by_chance(one)
        expected, variance = expected + mean, variance + spread
    varied = dispersion(hour for hour, _ in told if not hour.on)
    points, error = _difference(informed)
    left_out = sum(one.on.attempts + one.off.attempts for one in strata.values() if not one.informed)
    return Association(on, off, left_out, expected, variance, points, None if error is None else error * sqrt(varied.factor), varied)


def _both(one: Rate, other: Rate) -> Rate:
    return Rate(one.contacts + other.contacts, one.attempts + other.attempts)


def _by_chance(one: _Stratum) -> tuple[float, float]:
    """Contacts with the signal on if it made no difference, and their variance."""
    n1, n2 = one.on.attempts, one.off.attempts
    whole, hits = n1 + n2, one.on.contacts + one.off.contacts
    return n1 * hits / whole, n1 * n2 * hits * (whole - hits) / (whole * whole * (whole - 1))


def _difference(strata: Sequence[_Stratum]) -> tuple[float | None, float | None]:
    """The difference of the rates, strata weighted by `n₁n₂/T`, and Sato's standard error: right for few large strata and for many small ones."""
    weights = sums = p = q = 0.0
    for one in strata:
        (x1, n1), (x2, n2) = one.on, one.off
        whole = n1 + n2
        weights += n1 * n2 / whole
        sums += (x1 * n2 - x2 * n1) / whole
        p += (n1 * n1 * x2 - n2 * n2 * x1 + n1 * n2 * (n2 - n1) / 2) / (whole * whole)
        q += (x1 * (n2 - x2) + x2 * (n1 - x1)) / (2 * whole)
    if not strata:
        return None, None
    points = sums / weights
    return points, sqrt(max(0.0, points * p + q)) / weights


def dispersion(hours: Iterable[Hour]) -> Dispersion:
    """Of hours without the signal, each held against the rate of its project, region and hour of day over all days."""
    strata: defaultdict[tuple[str, str, int], list[Hour]] = defaultdict(list)
    for hour in hours:
        if hour.attempts:
            strata[hour.project, hour.region, hour.hour].append(hour)
    chi2 = chance = 0.0
    freedom = 0
    days: defaultdict[tuple[str, int], float] = defaultdict(float)
    for cells in strata.values():
        attempts, contacts = sum(cell.attempts for cell in cells), sum(cell.contacts for cell in cells)
        rate = contacts / attempts
        if len(cells) < 2 or contacts in {0, attempts}:
            continue
        freedom += len(cells) - 1
        for cell in cells:
            rest, spread = cell.contacts - cell.attempts * rate, cell.attempts * rate * (1 - rate)
            chi2 += rest * rest / spread
            chance += spread * (1 - cell.attempts / attempts)  # a rate that a large cell made itself is near to it
            days[cell.project, cell.day] += rest
    if not freedom:
        return Dispersion()
    return Dispersion(chi2 / freedom, sum(rest * rest for rest in days.values()) / chance, freedom)


def attempts_needed(base: float | None, effect: float = EFFECT, alpha: float = 1 - CONFIDENCE, power: float = POWER) -> float | None:
    """Attempts on each side to see a rate go from `base` to `base (1 + effect)` with this power, two-sided. None where there is no such rate.

    >>> round(attempts_needed(0.30))
    858
    """
    if base is None or not 0 < base <= 1 or not 0 <= base * (1 + effect) <= 1 or effect == 0:
        return None
    then = base * (1 + effect)
    middle = (base + then) / 2
    apart = quantile(1 - alpha) * sqrt(2 * middle * (1 - middle)) + _NORMAL.inv_cdf(power) * sqrt(base * (1 - base) + then * (1 - then))
    return (apart / (base - then)) ** 2


def discoveries(chances: Sequence[float], q: float = Q) -> list[bool]:
    """Which of several p are found so that of what is found a share of `q` is chance at most: all up to the largest i with `p₍ᵢ₎ <= i q / m`.

    >>> discoveries([0.041, 0.001, 0.042, 0.008, 0.039], 0.05)
    [True, True, True, True, True]
    """
    ordered = sorted(chances)
    reached = [p for number, p in enumerate(ordered, 1) if p <= number * q / len(ordered)]
    return [bool(reached) and p <= reached[-1] for p in chances]


def verdicts(tests: Sequence[Association], q: float = Q) -> list[Verdict]:
    """Of all signals and projects that are asked for at once: those that can be judged, among themselves."""
    judged = [number for number, test in enumerate(tests) if test.judged]
    found = dict(zip(judged, discoveries([tests[number].p or 0.0 for number in judged], q), strict=True))
    return [_verdict(test, found=found.get(number, False)) for number, test in enumerate(tests)]


def _verdict(test: Association, *, found: bool) -> Verdict:
    if found and test.z:
        return Verdict.FOUND_WORSE if test.z < 0 else Verdict.FOUND_BETTER
    return Verdict.NOT_FOUND if test.enough else Verdict.NOT_ENOUGH
