"""The incomplete gamma function, held against references in 50 digits and against scipy."""

from __future__ import annotations

from itertools import product
from math import exp, inf, isfinite, log, nan

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from monitor.assess.gamma import LARGE, log_lower, log_term

DIGITS = 1e-11  # of P itself: the absolute error of its logarithm


def _reference(shape: float, x: float) -> float:
    with mpmath.workdps(50):
        if x < shape + 1:
            s, t = mpmath.mpf(shape), mpmath.mpf(x)
            return float(s * mpmath.log(t) - t - mpmath.loggamma(s + 1) + mpmath.log(mpmath.hyp1f1(1, s + 1, t)))
        return float(mpmath.log1p(-mpmath.gammainc(shape, x, mpmath.inf, regularized=True)))


@pytest.mark.parametrize(
    ("shape", "part"),
    [*product((1e-6, 0.1, 0.5, 1.0, 2.5, 14.9, 15.0, 33.3, 100.0, 1000.0), (1e-6, 0.1, 0.5, 0.99, 1.0, 1.01, 1.1, 1.5, 2.0, 10.0))],
)
def test_it_has_the_digits_of_the_reference_in_the_middle_and_in_the_tails(shape: float, part: float) -> None:
    assert log_lower(shape, shape * part) == pytest.approx(_reference(shape, shape * part), rel=1e-14, abs=DIGITS)


@pytest.mark.parametrize("shape", [0.999 * LARGE, LARGE])
@pytest.mark.parametrize("part", [0.9, 0.97, 0.999, 0.99999, 1.0, 1.00001, 1.001, 1.003, 1.1])
def test_where_large_shapes_begin_both_ways_have_the_digits(shape: float, part: float) -> None:
    assert log_lower(shape, shape * part) == pytest.approx(_reference(shape, shape * part), abs=1e-10)


@given(st.floats(0.01, 500), st.floats(0.01, 1000))
def test_it_is_the_one_of_scipy(shape: float, x: float) -> None:
    expected = float(special.gammainc(shape, x))
    assert exp(log_lower(shape, x)) == pytest.approx(expected, rel=1e-10, abs=1e-300)


@given(st.integers(0, 3000), st.floats(0.01, 3000))
def test_its_term_is_the_chance_of_so_many_in_a_poisson_stream(count: int, mean: float) -> None:
    assert log_term(count, mean) == pytest.approx(float(stats.poisson.logpmf(count, mean)), rel=1e-10, abs=1e-10)


@given(st.floats(0.01, 1e5), st.floats(0.01, 1e5))
def test_one_step_of_the_shape_is_one_term(shape: float, x: float) -> None:
    whole, rest = log_lower(shape, x), log_lower(shape + 1, x)
    assert exp(rest - whole) + exp(log_term(shape, x) - whole) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("shape", [1e9, 1e12, 1e20])
def test_half_lies_below_the_shape_however_large(shape: float) -> None:
    assert exp(log_lower(shape, shape)) == pytest.approx(0.5, abs=1e-4)
    assert exp(log_lower(shape, 1.5 * shape)) == 1.0


def test_nothing_lies_below_0_and_everything_above_it_for_shape_0() -> None:
    assert log_lower(2, 0) == -inf
    assert log_lower(0, 3) == log_lower(0, 0) == 0.0
    assert log_term(2, 0) == -inf
    assert log_term(0, 0) == 0.0
    assert log_term(0, 3) == -3


def test_a_chance_too_small_for_a_float_keeps_its_logarithm() -> None:
    assert log_lower(1000, 1) == pytest.approx(_reference(1000, 1), rel=1e-14)
    assert log_lower(1000, 1) < log(5e-324)
    assert isfinite(log_lower(1e300, 1))


@pytest.mark.parametrize(("shape", "x"), [(-1, 1), (1, -1), (nan, 1), (1, nan), (inf, 1), (1, inf)])
def test_what_is_no_place_is_refused(shape: float, x: float) -> None:
    with pytest.raises(ValueError, match="finite numbers from 0 on"):
        log_lower(shape, x)
    with pytest.raises(ValueError, match="finite numbers from 0 on"):
        log_term(shape, x)
