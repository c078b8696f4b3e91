"""The reforecast: how far a few calls move the day, and how wide the rest of it is."""

from __future__ import annotations

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.assess.counts import lower
from monitor.assess.forecast import KEEP, busyness, faded, reforecast

COUNTS = st.floats(0, 5000)
SHAPES = st.floats(2, 1000)


def test_the_printed_reforecast() -> None:
    seen = reforecast(24, 40, 200, 20)
    assert seen.factor == pytest.approx(0.733333, abs=5e-7)
    assert seen.rest == pytest.approx(146.6667, abs=5e-5)
    assert seen.variance == pytest.approx(635.5556, abs=5e-5)
    assert (seen.quantile(0.05), seen.quantile(0.95)) == (107, 190)


@pytest.mark.parametrize(
    ("f", "nothing", "ratio", "gamma"), [(10, 0.165, 0.318, 0.148), (40, 0.165, 0.161, 0.118), (160, 0.165, 0.085, 0.078), (480, 0.165, 0.056, 0.055)]
)
def test_what_is_still_uncertain_after_so_many_calls(f: float, nothing: float, ratio: float, gamma: float) -> None:
    """The closed forms, relative to 960 calls at k = 38, on a day that is as planned; ratio is what a shape near 0 leaves."""
    unseen = sqrt(1 / 38 + 1 / 960)
    assert unseen == pytest.approx(nothing, abs=5e-4)
    for k, printed in ((1e-9, ratio), (38, gamma)):
        seen = reforecast(f, f, 960, k)
        assert (seen.variance**0.5) / 960 == pytest.approx(printed, abs=1e-3)


@given(COUNTS, COUNTS, SHAPES)
def test_today_lies_between_the_plan_and_the_ratio(n: float, f: float, k: float) -> None:
    ratio = n / f if f else 1.0
    assert min(1, ratio) - 1e-9 <= busyness(n, f, k) <= max(1, ratio) + 1e-9 or f == 0


@given(COUNTS, COUNTS, COUNTS, SHAPES)
def test_the_variance_is_the_printed_one(n: float, f: float, ahead: float, k: float) -> None:
    seen = reforecast(n, f, ahead, k)
    assert seen.variance == pytest.approx(seen.factor * ahead * (1 + ahead / (k + f)), rel=1e-9, abs=1e-9)


@given(st.floats(1, 500), st.floats(1, 500), st.floats(1, 500), SHAPES, st.floats(0.01, 0.99))
def test_quantiles_are_those_of_the_predictive_count(n: float, f: float, ahead: float, k: float, p: float) -> None:
    seen = reforecast(n, f, ahead, k)
    count = seen.quantile(p)
    assert lower(count, seen.rest, seen.shape) >= p
    assert count == 0 or lower(count - 1, seen.rest, seen.shape) < p


def test_nothing_ahead_is_nothing() -> None:
    seen = reforecast(30, 40, 0, 20)
    assert (seen.rest, seen.variance, seen.quantile(0.95)) == (0, 0, 0)


def test_an_old_interval_fades() -> None:
    assert faded([(10, 8), (20, 16)]) == (10 * KEEP + 20, 8 * KEEP + 16)
    assert faded([(10, 8), (20, 16)], keep=1) == (30, 24)
    assert faded([]) == (0, 0)


@pytest.mark.parametrize(("n", "f", "ahead", "k"), [(-1, 40, 200, 20), (1, -40, 200, 20), (1, 40, -200, 20), (1, 40, 200, 0)])
def test_what_cannot_be_is_refused(n: float, f: float, ahead: float, k: float) -> None:
    with pytest.raises(ValueError, match=r"^a forecast from .* no count may be negative, the shape must be positive$"):
        reforecast(n, f, ahead, k)
