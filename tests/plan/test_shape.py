"""Shares of the day: which weekdays are alike, and smoothing that keeps the sum and stays within opening hours."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.plan import shape as curve
from monitor.plan.shape import Shape, alike, difference, shares
from tests.plan.generated import _poisson


def shape(came: dict[int, float], volume: float = 1000) -> Shape:
    return Shape(dict(came), dict.fromkeys(came, volume))


def drawn(seed: int, shares_of: dict[int, float], volume: float) -> Shape:
    chance = random.Random(seed)
    return shape({slot: _poisson(chance, share * volume) for slot, share in shares_of.items()}, volume)


MORNING = {slot: 0.15 if slot < 22 else 0.05 for slot in range(18, 30)}
EVENING = {slot: 0.15 if slot >= 26 else 0.05 for slot in range(18, 30)}


@pytest.mark.parametrize("seed", range(5))
def test_weekdays_of_one_shape_are_one_group(seed: int) -> None:
    assert alike({weekday: drawn(7 * seed + weekday, MORNING, 400 * (weekday + 1)) for weekday in range(5)}) == ((0, 1, 2, 3, 4),)


def test_a_friday_of_its_own_is_apart_and_so_are_other_hours() -> None:
    shapes = {weekday: drawn(weekday, EVENING if weekday == 4 else MORNING, 800) for weekday in range(5)}
    shapes[5] = drawn(5, dict.fromkeys(range(20, 25), 0.2), 800)
    assert alike(shapes) == ((0, 1, 2, 3), (4,), (5,))


def test_two_that_differ_from_three_are_a_group_together() -> None:
    shapes = {weekday: drawn(weekday, EVENING if weekday in (4, 5) else MORNING, 800) for weekday in range(7)}
    assert alike(shapes) == ((0, 1, 2, 3, 6), (4, 5))


def test_ten_calls_a_day_prove_no_difference() -> None:
    assert len(alike({weekday: drawn(weekday, EVENING if weekday == 4 else MORNING, 10) for weekday in range(5)})) == 1


def test_the_difference_by_hand() -> None:
    """Two weekdays of 100, 60:40 against 40:60: 50 due everywhere, χ² = 4·10²/50 = 8 with one degree of freedom, p = 0.0047."""
    chance, statistic, free = difference([shape({1: 60, 2: 40}, 100), shape({1: 40, 2: 60}, 100)])
    assert statistic == pytest.approx(8)
    assert free == 1
    assert chance == pytest.approx(0.00468, rel=0.06)
    assert difference([shape({1: 3, 2: 1}), shape({1: 1, 2: 3})]) == (1.0, 0.0, 0)  # too few to tell


def test_one_exchange_by_hand() -> None:
    """A quarter of each difference goes over; what would leave stays."""
    assert curve._exchange([8.0, 0.0, 0.0, 4.0], 1) == [6.0, 2.0, 1.0, 3.0]


def test_quiet_hours_are_drawn_wide_and_busy_ones_keep_their_peaks() -> None:
    peak = {slot: 0.30 if slot == 22 else 0.70 / 11 for slot in range(18, 30)}
    busy = shares(drawn(1, peak, 100_000))
    assert busy[22] == pytest.approx(0.30, abs=0.01)
    flat = dict.fromkeys(range(18, 30), 1 / 12)
    rough = drawn(2, flat, 60)
    found = shares(rough)
    error = sum((found[slot] - 1 / 12) ** 2 for slot in flat)
    assert error < 0.35 * sum((rough.came[slot] / sum(rough.came.values()) - 1 / 12) ** 2 for slot in flat)


def test_nothing_crosses_a_closed_hour() -> None:
    noon = {**dict.fromkeys(range(18, 24), 2.0), **dict.fromkeys(range(26, 36), 0.0)}
    found = shares(shape(noon, 12))
    assert set(found) == set(noon)
    assert sum(found[slot] for slot in range(18, 24)) == pytest.approx(1)
    assert not any(found[slot] for slot in range(26, 36))


@given(st.lists(st.tuples(st.integers(0, 47), st.integers(0, 500)), min_size=1, max_size=60), st.integers(1, 5000))
def test_shares_are_a_whole(came: list[tuple[int, int]], volume: int) -> None:
    found = Shape()
    for slot, calls in came:
        found.add(slot, calls, volume)
    of = shares(found)
    assert set(of) == {slot for slot, _ in came}
    assert all(share >= 0 for share in of.values())
    assert sum(of.values()) == pytest.approx(1 if any(calls for _, calls in came) else 0)
