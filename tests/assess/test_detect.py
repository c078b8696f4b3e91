"""The five detectors: what they are held against, what they cannot judge, and that they see losses and surges as mirrors."""

from __future__ import annotations

from math import exp, log, log1p, sqrt
from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.assess.counts import tails
from monitor.assess.detect import (
    ALARM,
    ALPHA,
    K_PROFILE,
    SIZE,
    Cusum,
    Evidence,
    Interval,
    Total,
    day,
    fires,
    joint_shape,
    recent,
    silence,
    silence_alpha,
    two_days,
)
from monitor.core.contract import MINUTE

HALF = 30 * MINUTE
COUNTS = st.lists(st.tuples(st.integers(0, 60), st.floats(0.1, 60)), min_size=1, max_size=48)


def half_hours(*counts: tuple[int, float], start: int = 0) -> list[Interval]:
    return [Interval(start + i * HALF, start + (i + 1) * HALF, n, f) for i, (n, f) in enumerate(counts)]


def sure(evidence: Evidence | None) -> Evidence:
    assert evidence is not None
    return evidence


# --- day --------------------------------------------------------------------------------------------------------------


def test_the_day_so_far_against_its_plan() -> None:
    seen = sure(day(half_hours((30, 48), (30, 48)), 20))
    assert (seen.n, seen.f, seen.deviation) == (60, 96, -0.375)
    assert seen.loss == pytest.approx(0.05041927082592, rel=1e-11)
    assert seen.surge == pytest.approx(1 - tails(59, 96, 20).lower)


@given(COUNTS, st.floats(2, 200), st.randoms(use_true_random=False))
def test_neither_the_order_nor_the_cut_of_intervals_matters(counts: list[tuple[int, float]], k: float, chance: object) -> None:
    whole = sure(day(half_hours(*counts), k))
    cut = [part for n, f in counts for part in ((n // 2, f / 4), (n - n // 2, f - f / 4))]
    for other in (counts[::-1], sorted(counts), cut):
        seen = sure(day(half_hours(*other), k))
        assert seen.loss == pytest.approx(whole.loss, rel=1e-9)
        assert seen.surge == pytest.approx(whole.surge, rel=1e-9)


@given(COUNTS, st.floats(2, 200))
@example([(0, 1.0), (0, 1.0), (0, 49.0), (0, 60.0), (17, 60.0), (60, 60.0)], 164.0)
def test_one_call_more_is_never_a_larger_loss(counts: list[tuple[int, float]], k: float) -> None:
    (n, f), *rest = counts
    fewer, more = sure(day(half_hours((n, f), *rest), k)), sure(day(half_hours((n + 1, f), *rest), k))
    assert 0 <= fewer.loss <= more.loss * (1 + 1e-12) <= 1 + 1e-12
    assert more.surge is not None
    assert fewer.surge is not None
    assert 0 <= more.surge <= fewer.surge * (1 + 1e-12) <= 1 + 1e-12


def test_without_a_plan_nothing_is_judged() -> None:
    nothing = half_hours(*[(3, 0.0)] * 9)
    assert day([], 20) is day(nothing, 20) is recent([], 20) is recent(nothing, 20) is None
    assert silence(Total(3, 3.0), 0, 20) is None
    assert two_days([], 20) is two_days([Total(3, 0.0)], 20) is None


# --- recent -----------------------------------------------------------------------------------------------------------


def test_the_last_two_hours_against_what_the_morning_promised() -> None:
    """100 of 80 came before it, so 40 planned are (20 + 100) / (20 + 80) of that: 48."""
    seen = sure(recent(half_hours(*[(25, 20)] * 4, *[(5, 10)] * 4), 20))
    assert seen.n == 20
    assert seen.f == pytest.approx(48)
    exact = tails(20, 48, 1 / (1 / 120 + 1 / K_PROFILE))
    assert seen.loss == pytest.approx(exact.lower)
    assert seen.surge == pytest.approx(exact.upper)


def test_it_needs_two_judged_hours_before_the_window() -> None:
    assert recent(half_hours(*[(9, 10)] * 7), 20) is None
    assert recent(half_hours(*[(9, 10)] * 8), 20) is not None
    blind = half_hours(*[(9, 10)] * 9)
    assert recent(blind[:2] + blind[3:4] + blind[5:], 20) is None
    assert recent(blind[:2] + blind[3:], 20) is not None


def test_a_blind_hour_makes_the_window_no_older() -> None:
    intervals = half_hours(*[(9, 10)] * 12)
    seen = sure(recent(intervals[:9] + intervals[11:], 20))
    assert seen.n == 18  # two of the last four half-hours were seen


# --- silence ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("k", "p"), [(38, 7.030384e-4), (20, 1.195196e-3)])
def test_the_printed_silences_from_opening(k: float, p: float) -> None:
    seen = sure(silence(Total(0, 0.0), 8, k))
    assert seen.loss == pytest.approx(p, rel=5e-7)
    assert (seen.n, seen.f, seen.surge, seen.deviation) == (0, 8, None, -1)


@given(st.integers(0, 500), st.floats(0, 500), st.floats(0.01, 50), st.floats(2, 200))
def test_silence_is_the_printed_power(n: int, f: float, since: float, k: float) -> None:
    assert sure(silence(Total(n, f), since, k)).loss == pytest.approx(exp(-(k + n) * log1p(since / (k + f))), rel=1e-9)


def test_a_busy_morning_makes_the_same_silence_less_likely() -> None:
    assert sure(silence(Total(60, 40.0), 5, 20)).loss < sure(silence(Total(20, 40.0), 5, 20)).loss


def test_a_day_of_many_calls_has_many_gaps() -> None:
    assert silence_alpha(960) == pytest.approx(ALPHA / 960)
    assert silence_alpha(0.3) == ALPHA


# --- days -------------------------------------------------------------------------------------------------------------


def test_two_equal_days_have_twice_the_shape() -> None:
    seen = sure(two_days([Total(150, 288.0), Total(140, 288.0)], 38))
    assert seen.loss == pytest.approx(tails(290, 576, 76).lower)
    assert joint_shape([(288, 38), (288, 38)]) == pytest.approx(76)


@given(st.integers(0, 900), st.floats(1, 900), st.integers(0, 900), st.floats(1, 900), st.floats(2, 200))
def test_the_order_of_days_does_not_matter(n: int, f: float, m: int, g: float, k: float) -> None:
    there, back = sure(two_days([Total(n, f), Total(m, g)], k)), sure(two_days([Total(m, g), Total(n, f)], k))
    assert there.loss == pytest.approx(back.loss, rel=1e-9)


@given(st.floats(1, 900), st.floats(1, 900), st.floats(2, 200))
def test_two_days_are_steadier_than_one(f: float, g: float, k: float) -> None:
    assert k * (1 - 1e-9) <= joint_shape([(f, k), (g, k)]) <= 2 * k * (1 + 1e-9)


def test_the_cusum_by_hand() -> None:
    z = log(144.5 / 288.5) / sqrt(1 / 38 + 1 / 288)
    once = Cusum().after(Total(144, 288.0), 38)
    assert once.down == pytest.approx(-z - 0.5)
    assert once.up == 0
    twice = once.after(Total(144, 288.0), 38)
    assert twice.down == pytest.approx(2 * (-z - 0.5))
    assert twice.loss is (twice.down > ALARM) is True
    assert not twice.surge


def test_a_cusum_of_plan_or_of_no_plan_stays() -> None:
    assert Cusum(3, 2).after(Total(7, 0.0), 38) == Cusum(3, 2)
    assert Cusum(3, 2).after(Total(288, 288.0), 38) == Cusum(2.5, 1.5)
    assert Cusum().after(Total(900, 288.0), 38).surge


# --- the rule ---------------------------------------------------------------------------------------------------------


def test_size_and_significance_both() -> None:
    assert SIZE == 0.15
    assert fires(-0.15, 0.0009)
    assert fires(0.4, 0.0009)
    assert fires((34 - 40) / 40, 0.0009)
    assert not fires(-0.1499, 1e-9)
    assert not fires(-0.9, 0.001)
    assert fires(-0.1, 0.04, size=0.1, alpha=0.05)


def test_a_whole_assessment_costs_microseconds() -> None:
    """Measured 0.1 ms on a slow core; the limit leaves room for a busy machine."""
    intervals, rounds = half_hours(*[(30, 40.5)] * 48), 50
    before = Total.of(intervals[:47])
    started = process_time()
    for _ in range(rounds):
        today = sure(day(intervals, 20))
        recent(intervals, 20)
        silence(before, 20.0, 20)
        two_days([Total(1500, 1900.0), Total(today.n, today.f)], 20)
        Cusum().after(Total(today.n, today.f), 20)
    assert (process_time() - started) / rounds < 0.003
