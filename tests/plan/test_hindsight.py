"""Errors of a plan against what chance leaves."""

from __future__ import annotations

import math

import pytest

from monitor.plan.hindsight import _wape, chance


@pytest.mark.parametrize("due", [0.3, 1.0, 2.5, 10.0, 250.0])
def test_the_mean_deviation_of_a_poisson_count(due: float) -> None:
    exact = sum(abs(number - due) * math.exp(number * math.log(due) - due - math.lgamma(number + 1)) for number in range(2000))
    assert chance(due) == pytest.approx(exact)


def test_the_floor_of_the_trade() -> None:
    """√(2/(πF)): 25 % at 10 calls, 12.6 % at 40, 5 % at 250."""
    assert [round(chance(due) / due, 3) for due in (10.0, 40.0, 250.0)] == [0.25, 0.126, 0.05]
    assert chance(0.0) == 0


def test_an_error_is_that_of_the_whole() -> None:
    found = _wape([(12, 10.0), (30, 40.0)])
    assert found.error == pytest.approx(12 / 50)
    assert found.floor == pytest.approx((chance(10) + chance(40)) / 50)
    assert found.contacts == 50
