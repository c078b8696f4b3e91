"""k by moments, by hand."""

from __future__ import annotations

import random

import pytest

from monitor.plan.dispersion import dispersion


def test_by_hand() -> None:
    """100 due, 80 and 120 came: σ² = (400 − 100)/10⁴ = 0.03 over 20 days, (20·0.03 + 15/20)/35, k = 25.9."""
    days = [(80.0, 100.0), (120.0, 100.0)] * 10
    assert dispersion(days) == pytest.approx(35 / (20 * 0.03 + 0.75))


def test_too_few_days_tell_nothing() -> None:
    assert dispersion([(80.0, 100.0)] * 14) is None
    assert dispersion([(80.0, 100.0)] * 14 + [(0.0, 0.0)]) is None
    assert dispersion([(80.0, 100.0)] * 15, 15) is None


def test_parameters_cost_days() -> None:
    """Twenty days, five parameters: squares count 4/3."""
    days = [(80.0, 100.0), (120.0, 100.0)] * 10
    assert dispersion(days, 5) == pytest.approx(30 / (15 * (400 * 4 / 3 - 100) / 10_000 + 0.75))


def test_limits() -> None:
    assert dispersion([(0.0, 100.0), (400.0, 100.0)] * 30) == 2
    assert dispersion([(10_000.0, 10_000.0)] * 1_000_000) == 1000


def test_days_of_k_20_give_it() -> None:
    chance = random.Random(5)
    days = [(500 * chance.gammavariate(20, 1 / 20), 500.0) for _ in range(400)]
    assert dispersion(days) == pytest.approx(20, rel=3 * (2 / 400) ** 0.5)
