"""How much comes on a day: a level per weekday, how it moves from month to month, and which days do not count.

    expected(d) = f[weekday] · exp(s·t) · seen(d)          t: days from the end of the past, s: drift a day, seen: share of the day's profile

A day's count n lies z = 2(√(n+⅜) − √(μ+⅜)) / √(1+φμ) spreads from what is expected, which is even on both sides for busy days and quiet ones;
φ is the days' own variation, such that the median of |z| is that of chance, drawn towards 1/20 by five days. A day within 2.5 spreads counts
in full, one beyond 4 not at all, between them less and less (Hampel's descending weight). What counts is averaged as
Σwn/Σw·exp(s·t)·seen, so that ordinary days give their mean without bias. It begins from medians over the weeks: up to half of a weekday's
days may be anything at all (an outage, a lost week, a holiday nobody named) before the level follows them.

Recent days weigh more: half after six weeks. The drift (spring falls, autumn rises) is a weighted straight line through the weeks' log
ratios, held towards none as if a month changed by 7 % one way or the other: a noisy month is half believed, a clear one nearly whole. One
step is looked for (a client who pulled half his volume and stays there): ten days at least behind it, down by a fifth or up by a quarter,
five standard errors; what came before is brought to the level after, and there is no drift then. A week that fell out and came back is no
step. Weekdays that are alike are drawn together as far as their differences are chance (empirical Bayes). Owns this arithmetic. Refuses
intervals (`shape`). Next: `fit`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from math import exp, log, sqrt
from statistics import fmean, median
from typing import Final

HALF_LIFE_DAYS: Final = 42.0
MONTH_DAYS: Final = 28
FULL, NOTHING = 2.5, 4.0  # spreads within which a day counts in full, and beyond which not at all
AHEAD_DAYS: Final = 28  # the drift is not believed for longer
LEAST_SEEN: Final = 0.25  # of a day's profile: less says too little of the day

_MAD = 1.4826
_DRIFT_SD = log(1.07) / MONTH_DAYS
_LEAST_VARIATION = 1e-3
_STEP_DAYS, _STEP_BEFORE, _STEP_SIZE, _STEP_ERRORS = 10, 14, log(1.25), 5.0
_STEP_SIDE = 0.8  # of the days before and after lie on their own side: else it is a week that fell out
_ROUNDS = 8
_USUAL, _USUAL_DAYS = 1 / 20, 5  # what days vary by where little is known: no day is odd only because a few others were very regular


@dataclass(frozen=True, slots=True)
class DayCount:
    """A day: how many days before the end of the past, its weekday, its contacts, and the share of its profile in which they were counted."""

    ago: int
    weekday: int
    contacts: int
    seen: float


@dataclass(frozen=True, slots=True)
class Step:
    """The level changed for good: so many days ago, to so many times what it was."""

    ago: int
    ratio: float


@dataclass(frozen=True, slots=True)
class Level:
    """Contacts of a whole day by weekday as of the end of the past, the drift a day on the log scale, and what each day was worth."""

    weekday: dict[int, float]
    drift: float
    variation: float  # φ, of days about their level
    weights: tuple[float, ...]  # of the days given, 0: an outlier or seen too little
    step: Step | None = None
    doubt: float = 0.0  # of the drift: its standard error

    def at(self, weekday: int, ahead: int) -> float:
        """Contacts of such a day so many days after the end of the past (negative: before)."""
        moved = self.weekday.get(weekday, 0.0) * exp(self.drift * min(ahead, AHEAD_DAYS))
        return moved / self.step.ratio if self.step is not None and ahead < -self.step.ago else moved

    @property
    def month(self) -> float:
        """What a month changes it by, as a ratio less one."""
        return exp(self.drift * MONTH_DAYS) - 1

    @property
    def month_doubt(self) -> float:
        """The standard error of that."""
        return self.doubt * MONTH_DAYS


@dataclass(slots=True)
class _Fit:
    """The days that say something, and what is believed so far."""

    days: list[DayCount]
    factor: dict[int, float]
    weights: list[float]
    drift: float = 0.0
    doubt: float = _DRIFT_SD
    variation: float = _LEAST_VARIATION

    def base(self, day: DayCount) -> float:
        """What one contact of its weekday's level makes of this day."""
        return exp(-self.drift * day.ago) * day.seen

    def expected(self, day: DayCount) -> float:
        return self.factor[day.weekday] * self.base(day)


def level(days: Sequence[DayCount], alike: Collection[Collection[int]] = ()) -> Level:
    """The level of these days, oldest first; `alike`: weekdays that are drawn together."""
    telling = [day for day in days if day.seen >= LEAST_SEEN]
    if not telling:
        return Level({}, 0.0, 0.0, (0.0,) * len(days))
    step = _step(telling)
    fit = _Fit(telling, {}, [1.0] * len(telling))
    if step is not None:
        _bring(fit, step.ago, step.ratio)
    fit.factor = _medians(fit.days)
    for _ in range(_ROUNDS):
        _weigh(fit)
        if step is None:
            _find_drift(fit)
        else:
            step = replace(step, ratio=step.ratio * _bring(fit, step.ago, _off(fit, step.ago)))
        for weekday in fit.factor:
            of = [(weight, day) for weight, day in zip(fit.weights, fit.days, strict=True) if day.weekday == weekday]
            if base := sum(weight * fit.base(day) for weight, day in of):
                fit.factor[weekday] = sum(weight * day.contacts for weight, day in of) / base
    _weigh(fit)
    worth = iter(_ageless(fit))
    weights = tuple(next(worth) if day.seen >= LEAST_SEEN else 0.0 for day in days)
    return Level(_together(fit, alike), fit.drift, fit.variation, weights, step, fit.doubt)


def _medians(days: Sequence[DayCount]) -> dict[int, float]:
    return {weekday: median(day.contacts / day.seen for day in days if day.weekday == weekday) for weekday in sorted({day.weekday for day in days})}


def _residual(day: DayCount, expected: float) -> float:
    return log((day.contacts + 0.5) / (expected + 0.5))


def _weigh(fit: _Fit) -> None:
    """The days' own variation, and each day's weight by it and by its age."""
    expected = [fit.expected(day) for day in fit.days]
    squares = [4 * (sqrt(day.contacts + 0.375) - sqrt(mean + 0.375)) ** 2 for day, mean in zip(fit.days, expected, strict=True)]
    free = max(1, len(fit.days) - len(fit.factor) - 1)
    enlarged = len(fit.days) / free  # the days were fitted to
    low, high = _LEAST_VARIATION, 1.0
    while high > 1.05 * low:
        fit.variation = sqrt(low * high)
        if enlarged * _MAD**2 * median(one / (1 + fit.variation * mean) for one, mean in zip(squares, expected, strict=True)) > 1:
            low = fit.variation
        else:
            high = fit.variation
    bearable = (free * fit.variation + _USUAL_DAYS * _USUAL) / (free + _USUAL_DAYS)
    spreads = [sqrt(one / (1 + bearable * mean)) for one, mean in zip(squares, expected, strict=True)]
    fit.weights = [_descending(spread) * 0.5 ** (day.ago / HALF_LIFE_DAYS) for spread, day in zip(spreads, fit.days, strict=True)]


def _descending(spread: float) -> float:
    return min(1.0, max(0.0, (NOTHING - spread) / (NOTHING - FULL)))


def _ageless(fit: _Fit) -> list[float]:
    return [weight / 0.5 ** (day.ago / HALF_LIFE_DAYS) for weight, day in zip(fit.weights, fit.days, strict=True)]


def _find_drift(fit: _Fit) -> None:
    """The slope of the weeks' log ratios, drawn towards none, and how far it is to be trusted."""
    weeks: dict[int, list[tuple[float, DayCount, float]]] = {}
    for weight, day in zip(_ageless(fit), fit.days, strict=True):
        if (mean := fit.factor[day.weekday] * day.seen) and weight:
            weeks.setdefault((day.ago - 1) // 7, []).append((weight, day, mean))
    if len(weeks) < 3:
        fit.drift, fit.doubt = 0.0, _DRIFT_SD
        return
    points = []  # time, log ratio, precision
    for of in weeks.values():
        mean = sum(weight * one for weight, _, one in of)
        chance = sum(weight**2 * (one + fit.variation * one**2) for weight, _, one in of) / mean**2
        when = -sum(weight * one * day.ago for weight, day, one in of) / mean
        points.append((when, log((sum(weight * day.contacts for weight, day, _ in of) + 0.5) / (mean + 0.5)), 1 / chance))
    total = sum(precision for _, _, precision in points)
    middle = sum(precision * when for when, _, precision in points) / total
    height = sum(precision * ratio for _, ratio, precision in points) / total
    spread = sum(precision * (when - middle) ** 2 for when, _, precision in points)
    certain = spread + 1 / _DRIFT_SD**2
    fit.drift = sum(precision * (when - middle) * (ratio - height) for when, ratio, precision in points) / certain
    fit.doubt = 1 / sqrt(certain)


def _step(days: Sequence[DayCount]) -> Step | None:
    """A lasting change of level that is beyond doubt: of all such, the one that leaves the least unexplained."""
    if len(days) < _STEP_DAYS + _STEP_BEFORE:
        return None
    usual = _medians(days)
    residuals = [_residual(day, usual[day.weekday] * day.seen) for day in days]
    best: tuple[float, int, float] | None = None
    for split in range(_STEP_BEFORE, len(days) - _STEP_DAYS + 1):
        before, after = residuals[:split], residuals[split:]
        low, high = median(before), median(after)
        off = [*(abs(one - low) for one in before), *(abs(one - high) for one in after)]
        error = 1.2533 * max(_MAD * median(off), 0.05) * sqrt(1 / len(before) + 1 / len(after))  # of the difference of two medians
        size, middle = abs(high - low), (low + high) / 2
        sides = [sum((one > middle) is (median_of > middle) for one in side) / len(side) for side, median_of in ((before, low), (after, high))]
        if size >= _STEP_SIZE and size / error >= _STEP_ERRORS and min(sides) >= _STEP_SIDE and (best is None or sum(off) < best[0]):
            best = sum(off), split, high - low
    return None if best is None else Step(days[best[1]].ago, exp(best[2]))


def _bring(fit: _Fit, ago: int, ratio: float) -> float:
    """What came before then is so many times lower than what came after; the ratio."""
    fit.days = [replace(day, seen=day.seen / ratio) if day.ago > ago else day for day in fit.days]
    return ratio


def _off(fit: _Fit, ago: int) -> float:
    """How much more than before its days after a step have of what is expected of them."""
    part = []
    for late in (True, False):
        of = [(weight, day) for weight, day in zip(fit.weights, fit.days, strict=True) if (day.ago <= ago) is late]
        part.append((sum(weight * day.contacts for weight, day in of) + 0.5) / (sum(weight * fit.expected(day) for weight, day in of) + 0.5))
    return part[0] / part[1]


def _together(fit: _Fit, alike: Collection[Collection[int]]) -> dict[int, float]:
    """Weekdays' levels, those that are alike drawn towards their common mean as far as their differences may be chance."""
    drawn = dict(fit.factor)
    for group in alike:
        own = [weekday for weekday in group if weekday in fit.factor]
        size = {weekday: sum(weight * fit.base(day) for weight, day in zip(_ageless(fit), fit.days, strict=True) if day.weekday == weekday) for weekday in own}
        total = sum(size.values())
        if len(own) < 2 or not total or not all(size.values()):
            continue
        mean = sum(size[weekday] * fit.factor[weekday] for weekday in own) / total
        chance = {weekday: (mean + fit.variation * mean**2) / size[weekday] for weekday in own}
        apart = sum((fit.factor[weekday] - mean) ** 2 * size[weekday] for weekday in own) / (mean + fit.variation * mean**2) if mean else 0.0
        between = max(0.0, (apart - (len(own) - 1)) * (mean + fit.variation * mean**2) / (total - sum(one**2 for one in size.values()) / total))
        for weekday in own:
            if between + chance[weekday]:
                drawn[weekday] = (fit.factor[weekday] * between + mean * chance[weekday]) / (between + chance[weekday])
        drawn |= {weekday: mean for weekday in group if weekday not in drawn}
    everyday = fmean(drawn.values())
    return {weekday: drawn.get(weekday, everyday) for weekday in range(7)}
