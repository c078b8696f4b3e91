"""Levels by hand: medians that hold, means without bias, a drift that is half believed, a step that is seen."""

from __future__ import annotations

import random
from collections.abc import Callable
from statistics import fmean

import pytest

from monitor.plan.level import AHEAD_DAYS, DayCount, level
from tests.plan.generated import _poisson

MON_FRI = (tuple(range(5)),)


def days(contacts: Callable[[int, int], float], weeks: int = 8) -> list[DayCount]:
    """Mondays to Fridays up to a Monday; `contacts` of days ago and weekday."""
    return [DayCount(ago, -ago % 7, round(contacts(ago, -ago % 7)), 1.0) for ago in range(7 * weeks, 0, -1) if -ago % 7 < 5]


def test_the_same_every_week_is_just_that() -> None:
    found = level(days(lambda ago, weekday: 100 + 10 * weekday))
    assert [round(found.weekday[weekday], 6) for weekday in range(5)] == [100, 110, 120, 130, 140]
    assert found.drift == pytest.approx(0, abs=1e-9)
    assert set(found.weights) == {1.0}
    assert found.step is None
    assert found.at(0, 5) == pytest.approx(100)


def test_a_weekday_never_seen_is_like_all_others() -> None:
    assert level(days(lambda ago, weekday: 100 + 10 * weekday)).weekday[6] == pytest.approx(120)


@pytest.mark.parametrize("bad", [0, 10, 400])
@pytest.mark.parametrize("weeks", [1, 2, 3])
def test_up_to_three_of_eight_days_may_be_anything(bad: int, weeks: int) -> None:
    """All Mondays but five: the mean of eight would be up to 38 % off."""
    spoilt = {7 * week for week in (2, 4, 7)[:weeks]}
    found = level(days(lambda ago, weekday: bad if ago in spoilt else 100 + ago % 3))
    assert found.weekday[0] == pytest.approx(101, abs=1.5)
    assert [day.ago for day, weight in zip(days(lambda ago, weekday: 1), found.weights, strict=True) if not weight] == sorted(spoilt, reverse=True)


def test_a_week_that_fell_out_and_came_back_is_neither_level_nor_step() -> None:
    found = level(days(lambda ago, weekday: 5 if 15 <= ago <= 21 else 100 + ago % 3))
    assert found.step is None
    assert found.weekday[2] == pytest.approx(101, abs=1.5)
    assert found.month == pytest.approx(0, abs=0.01)


def test_a_lost_last_week_is_not_taken_for_the_future() -> None:
    found = level(days(lambda ago, weekday: 50 if ago <= 7 else 100 + ago % 3))
    assert found.step is None
    assert found.weekday[0] == pytest.approx(101, abs=2)


def test_a_client_who_left_three_weeks_ago_is_seen() -> None:
    found = level(days(lambda ago, weekday: (50 if ago <= 21 else 100) + ago % 3))
    assert found.step is not None
    assert (found.step.ago, round(found.step.ratio, 2)) == (21, 0.5)
    assert found.weekday[0] == pytest.approx(51, abs=1)
    assert found.at(0, -28) == pytest.approx(101, abs=2)
    assert found.drift == 0


def test_a_clear_drift_is_believed_nearly_whole_and_for_a_month() -> None:
    found = level(days(lambda ago, weekday: 10_000 * 0.94 ** (ago / 28)))
    assert found.month == pytest.approx(1 / 0.94 - 1, abs=0.006)
    assert found.month_doubt < 0.02
    assert found.weekday[0] == pytest.approx(10_000, rel=0.005)
    assert found.at(0, 28) == pytest.approx(10_000 * (1 + found.month), rel=0.005)
    assert found.at(0, 2 * AHEAD_DAYS) == found.at(0, AHEAD_DAYS)


def test_a_drift_of_few_calls_is_not() -> None:
    found = level(days(lambda ago, weekday: 6 if ago > 28 else 7))
    assert 0 < found.month < 0.06
    assert 0.04 < found.month_doubt < 0.07


def test_two_weeks_tell_of_no_drift() -> None:
    assert level(days(lambda ago, weekday: 100 if ago > 7 else 80, weeks=2)).drift == 0


def test_a_day_seen_in_part_counts_for_the_whole() -> None:
    seen = [DayCount(7 * week, 0, 40 if week == 1 else 100, 0.4 if week == 1 else 1.0) for week in range(8, 0, -1)]
    assert level(seen).weekday[0] == pytest.approx(100)
    glance = [*seen[:-1], DayCount(7, 0, 3, 0.01)]
    assert level(glance).weights[-1] == 0


@pytest.mark.parametrize(("k", "mean"), [(300, 600), (20, 250), (20, 9), (20, 2)])
def test_ordinary_days_give_their_mean_without_bias(k: float, mean: float) -> None:
    """60 pasts: the mean error is within three of its standard errors, a median's or a logarithm's would not be."""
    errors = []
    for seed in range(60):
        chance = random.Random(seed)
        counts = days(lambda ago, weekday, chance=chance: _poisson(chance, mean * chance.gammavariate(k, 1 / k)))  # type: ignore[misc]
        errors.append(fmean(level(counts, MON_FRI).weekday.values()) / mean - 1)
    spread = fmean(error**2 for error in errors) ** 0.5
    assert abs(fmean(errors)) < 3 * spread / 60**0.5
    assert spread < 2.2 * ((1 / k + 1 / mean) / 40) ** 0.5  # the drift costs as much as the level


def test_like_weekdays_are_drawn_together_as_far_as_they_may_be_alike() -> None:
    chance = random.Random(3)
    noise = days(lambda ago, weekday: _poisson(chance, 10))
    alone, drawn = level(noise), level(noise, MON_FRI)
    assert max(drawn.weekday[weekday] for weekday in range(5)) - min(drawn.weekday[weekday] for weekday in range(5)) < 0.5 * (
        max(alone.weekday[weekday] for weekday in range(5)) - min(alone.weekday[weekday] for weekday in range(5))
    )
    clear = level(days(lambda ago, weekday: 1000 + 500 * (weekday == 0)), MON_FRI)
    assert clear.weekday[0] == pytest.approx(1500, rel=0.01)


def test_nothing_is_no_level() -> None:
    assert level([]).weekday == {}
    silent = level(days(lambda ago, weekday: 0))
    assert silent.at(0, 1) == 0
