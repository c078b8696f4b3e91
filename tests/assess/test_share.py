"""A project's share of all calls, against the beta-binomial law."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from monitor.assess.counts import binomial_tails
from monitor.assess.share import noise, noise_from_history, share_p


def test_the_printed_share() -> None:
    v = noise(20, 200)
    assert 1 / (0.1 * 0.9 * v) - 1 == pytest.approx(201.0202, abs=5e-5)
    assert share_p(30, 500, 0.1, v) == pytest.approx(0.045993, abs=5e-7)
    assert share_p(30, 500, 0.1, 0) == pytest.approx(0.00100255, abs=5e-9)


@pytest.mark.parametrize("x", [0, 1, 30, 49, 50, 51, 80, 200, 499, 500])
@pytest.mark.parametrize(("share", "v"), [(0.1, 0.055), (0.1, 0.4), (0.5, 0.02), (0.9, 0.1), (0.01, 1.0)])
def test_the_share_against_scipy(x: int, share: float, v: float) -> None:
    strength = 1 / (share * (1 - share) * v) - 1
    assert share_p(x, 500, share, v) == pytest.approx(stats.betabinom.cdf(x, 500, share * strength, (1 - share) * strength), rel=1e-8, abs=1e-13)


@given(st.integers(0, 200), st.integers(0, 5000), st.floats(0.001, 0.999), st.floats(0.001, 3))
def test_it_is_a_probability_that_grows_with_the_calls(x: int, more: int, share: float, v: float) -> None:
    p, further = share_p(x, x + more + 1, share, v), share_p(x + 1, x + more + 1, share, v)
    assert 0 <= p <= further * (1 + 1e-9) <= 1 + 1e-9
    assert share_p(x + more + 1, x + more + 1, share, v) == pytest.approx(1)


@given(st.integers(1, 300), st.integers(1, 300), st.floats(0.01, 0.99))
def test_without_noise_of_its_own_it_is_binomial(x: int, more: int, share: float) -> None:
    assert share_p(x, x + more, share, 1e-7) == pytest.approx(binomial_tails(x, x + more, share).lower, rel=0.01, abs=1e-12)
    assert share_p(x, x + more, share, noise(inf, inf)) == binomial_tails(x, x + more, share).lower


def test_the_noise_of_a_history() -> None:
    """One day of 30 in 500 at 0.1: (30 - 50)² - 45 over 45²."""
    assert noise_from_history([(30, 500, 0.1)]) == pytest.approx((400 - 45) / 45**2)
    assert noise_from_history([(50, 500, 0.1), (51, 500, 0.1)]) == 0
    assert noise_from_history([(0, 0, 0.1)]) is None
    assert noise_from_history([]) is None


@pytest.mark.parametrize(
    ("x", "total", "share", "v"), [(5, 4, 0.1, 0.1), (-1, 4, 0.1, 0.1), (1, 4, 0, 0.1), (1, 4, 1, 0.1), (1, 4, 0.5, -1), (1, 4, 0.5, float("nan"))]
)
def test_what_cannot_be_is_refused(x: int, total: int, share: float, v: float) -> None:
    with pytest.raises(ValueError, match=r"it must be 0 <= x <= total, 0 < share < 1, noise >= 0$"):
        share_p(x, total, share, v)
