"""Rounding to coins, and parts that sum to the whole."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.assess.coins import coins, shared

D = Decimal


@pytest.mark.parametrize(
    ("value", "expected"), [("0.005", "0.01"), ("-0.005", "-0.01"), ("0.0049", "0.00"), ("-0.0049", "0.00"), ("2.675", "2.68"), ("10", "10.00")]
)
def test_half_a_coin_is_rounded_away_from_zero(value: str, expected: str) -> None:
    assert coins(D(value)) == coins(Fraction(value)) == D(expected)
    assert str(coins(D(value))) == expected


@given(st.decimals(-10_000, 10_000, places=2), st.lists(st.integers(0, 10**12), max_size=9))
def test_parts_sum_to_the_whole_to_the_coin(whole: D, weights: list[int]) -> None:
    parts = shared(whole, weights)
    assert len(parts) == len(weights)
    assert sum(parts, D(0)) == (whole if weights else 0)
    if sum(weights):
        assert all(abs(Fraction(part) - Fraction(whole) * weight / sum(weights)) < Fraction(1, 100) for part, weight in zip(parts, weights, strict=True))
