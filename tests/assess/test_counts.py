"""Counts: tails of Poisson, negative binomial and binomial counts against exact references; z, quantiles and Garwood's interval."""

from __future__ import annotations

from math import erf, inf, isclose, pi, sqrt
from time import process_time

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import betainc

from monitor.assess.counts import Z_LIMIT, Tails, binomial_tails, garwood, lower, quantile, tails, upper
from monitor.assess.incomplete import incomplete_beta, stirling_rest

SHAPES = st.floats(2, 1000) | st.just(inf)
MEANS = st.floats(1e-6, 1e5)
COUNTS = st.integers(0, 3000)
LIMIT = 0.00135  # per tail: three standard deviations of a normal law


def smallest_drop(f: int, k: float) -> float:
    """The deviation of the largest count with one-sided p of at most 1 %."""
    n = f
    while lower(n, f, k) > 0.01:
        n -= 1
    return (n - f) / f


def fired(f: float, limits_k: float, true_k: float) -> float:
    """How often an ordinary day of shape `true_k` lies beyond the quantile limits of another shape."""
    low, high = quantile(LIMIT, f, limits_k), quantile(1 - LIMIT, f, limits_k)
    return lower(low - 1, f, true_k) + upper(high + 1, f, true_k)


# --- what the domain prints -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "k", "mean", "p"), [(2, 20, 10, 0.009322588454473), (60, 20, 96, 0.05041927082592), (160, 38, 288, 0.001397687587589)])
def test_the_printed_tails(n: int, k: float, mean: float, p: float) -> None:
    assert lower(n, mean, k) == pytest.approx(p, rel=1e-12, abs=0)


def test_the_printed_mid_p_and_z() -> None:
    seen = tails(60, 96, 20)
    assert seen.mid_p == pytest.approx(0.0476294711, abs=5e-11)
    assert seen.z == pytest.approx(-1.668286, abs=5e-7)
    assert seen.two_sided == pytest.approx(2 * 0.0476294711, abs=1e-10)


@pytest.mark.parametrize(
    ("count", "confidence", "low", "high"),
    [(25, 0.90, 17.38213, 34.91608), (25, 0.95, 16.17868, 36.90493), (25, 0.99, 13.99537, 41.00041), (0, 0.95, 0.0, 3.688879)],
)
def test_the_printed_intervals(count: int, confidence: float, low: float, high: float) -> None:
    assert garwood(count, confidence)[0] == pytest.approx(low, abs=5e-6)
    assert garwood(count, confidence)[1] == pytest.approx(high, abs=5e-6)


@pytest.mark.parametrize(
    ("mean", "percent"), [(3, (0.18, 0.27)), (12, (0.48, 1.0)), (40, (3.0, 7.1)), (100, (10.7, 20.9)), (288, (29.9, 43.9)), (960, (55.6, 66.7))]
)
def test_poisson_limits_fire_on_ordinary_days_and_limits_of_the_right_shape_do_not(mean: float, percent: tuple[float, float]) -> None:
    for k, printed in zip((38, 20), percent, strict=True):
        assert 100 * fired(mean, inf, k) == pytest.approx(printed, abs=0.0501 if printed >= 1 else 0.00501)
        assert 100 * fired(mean, k, k) <= 0.27


def test_the_printed_limits_of_a_day() -> None:
    assert (quantile(LIMIT, 288, 38), quantile(1 - LIMIT, 288, 38)) == (160, 459)
    assert (quantile(LIMIT, 960, 38), quantile(1 - LIMIT, 960, 38)) == (551, 1506)


@pytest.mark.parametrize(
    ("f", "at_38", "at_20"), [(10, -0.8, -0.8), (20, -0.6, -0.65), (40, -0.5, -0.575), (100, -0.41, -0.5), (288, -0.365, -0.465), (960, -0.346, -0.45)]
)
def test_the_smallest_drop_that_means_something(f: int, at_38: float, at_20: float) -> None:
    assert smallest_drop(f, 38) == pytest.approx(at_38, abs=0.0015)  # some are printed as whole per cents
    assert smallest_drop(f, 20) == pytest.approx(at_20, abs=0.0015)


def test_poisson_would_cry_wolf_at_14_per_cent() -> None:
    assert smallest_drop(288, inf) == pytest.approx(-0.14, abs=0.005)


@pytest.mark.parametrize(("f", "least"), [(10, 0.25), (40, 0.126), (250, 0.05)])
def test_no_forecast_misses_by_less_than_chance(f: int, least: float) -> None:
    """The mean of |N - F| / F over a Poisson count: sqrt(2 / (π F))."""
    wape = sum(abs(n - f) / f * tails(n, f).at for n in range(10 * f))
    assert wape == pytest.approx(sqrt(2 / (pi * f)), rel=0.01)
    assert wape == pytest.approx(least, rel=0.015)


def test_few_contacts_against_a_plan_of_a_third() -> None:
    assert binomial_tails(44, 200, 0.3).lower == pytest.approx(0.00715108, abs=5e-9)


# --- against references -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", [2, 7.5, 20, 38, 117.3, 1000, inf])
@pytest.mark.parametrize("mean", [0.01, 1, 10, 96.5, 960, 9600])
def test_tails_against_forty_digits(k: float, mean: float) -> None:
    spread = sqrt(mean + mean * mean / k)
    with mpmath.workdps(40):
        for n in {max(0, int(mean + z * spread)) for z in (-30, -8, -5, -3, -1, 0, 1, 3, 5, 8, 30)}:
            if k == inf:
                below = mpmath.gammainc(n + 1, mean, mpmath.inf, regularized=True)
                above = mpmath.gammainc(n, 0, mean, regularized=True) if n else 1
            else:
                p = mpmath.mpf(k) / (mpmath.mpf(k) + mpmath.mpf(mean))
                below = mpmath.betainc(k, n + 1, 0, p, regularized=True)
                above = mpmath.betainc(n, k, 0, 1 - p, regularized=True) if n else 1
            seen = tails(n, mean, k)
            assert seen.lower == pytest.approx(float(below), rel=1e-9, abs=1e-290), (n, mean, k)
            assert seen.upper == pytest.approx(float(above), rel=1e-9, abs=1e-290), (n, mean, k)


@pytest.mark.parametrize("mean", [1e-9, 0.5, 30, 700, 1e5])
@pytest.mark.parametrize("k", [2.0, 20.0, 400.0])
def test_the_probability_of_one_count_against_scipy(k: float, mean: float) -> None:
    spread = sqrt(mean + mean * mean / k)
    for n in {max(0, int(mean + z * spread)) for z in (-4, -1, 0, 2, 6)}:
        assert tails(n, mean, k).at == pytest.approx(stats.nbinom.pmf(n, k, k / (k + mean)), rel=1e-8, abs=1e-300)
        assert tails(n, mean).at == pytest.approx(stats.poisson.pmf(n, mean), rel=1e-8, abs=1e-300)


@pytest.mark.parametrize(("x", "n"), [(0, 1), (1, 1), (0, 40), (3, 40), (40, 40), (480, 600), (12, 9000), (8000, 9000)])
@pytest.mark.parametrize("share", [0.001, 0.05, 0.3, 0.8, 0.999])
def test_binomial_tails_against_scipy(x: int, n: int, share: float) -> None:
    seen = binomial_tails(x, n, share)
    assert seen.lower == pytest.approx(stats.binom.cdf(x, n, share), rel=1e-9, abs=1e-250)
    assert seen.upper == pytest.approx(stats.binom.sf(x - 1, n, share), rel=1e-9, abs=1e-250)
    assert seen.at == pytest.approx(stats.binom.pmf(x, n, share), rel=1e-8, abs=1e-250)


@given(st.floats(0.01, 1e4), st.floats(0.01, 1e4), st.floats(0.001, 0.999))
def test_the_incomplete_beta_function_against_scipy(a: float, b: float, x: float) -> None:
    seen = incomplete_beta(a, b, x, 1 - x)
    assert seen.below == pytest.approx(betainc(a, b, x), rel=1e-9, abs=1e-290)
    assert seen.above == pytest.approx(betainc(b, a, 1 - x), rel=1e-9, abs=1e-290)


@pytest.mark.parametrize(
    ("n", "mean", "k"), [(1, 4.65e-6, 2.0), (2, 1.85e-5, 2.0), (3000, 1e-6, 1000.0), (9600, 9600.0, 5e4), (1, 1e5, 2.0), (100_000, 1e5, 1e5)]
)
def test_no_corner_takes_long(n: int, mean: float, k: float) -> None:
    """Curves so wide that the middle reaches their end, and fractions whose last digits never rest."""
    started = process_time()
    assert tails(n, mean, k).lower == pytest.approx(stats.nbinom.cdf(n, k, k / (k + mean)), rel=1e-8)
    assert process_time() - started < 0.05


def test_the_incomplete_beta_function_at_its_ends() -> None:
    assert incomplete_beta(3, 4, 0.0, 1.0) == (0.0, 1.0, 0.0)
    assert incomplete_beta(3, 4, 1.0, 0.0) == (1.0, 0.0, 0.0)
    assert incomplete_beta(3, 4, 1.0, 1e-40).below == 1.0


@pytest.mark.parametrize("z", [0.5, 3, 15.9, 16, 16.1, 1000, 1e6])
def test_what_stirling_leaves_out(z: float) -> None:
    with mpmath.workdps(40):
        exact = mpmath.loggamma(z + 1) - (z + 0.5) * mpmath.log(z) + z - mpmath.log(2 * mpmath.pi) / 2
        assert stirling_rest(z) == pytest.approx(float(exact), abs=5e-14)


@pytest.mark.parametrize("count", [0, 1, 3, 25, 400, 20_000])
@pytest.mark.parametrize("confidence", [1e-4, 0.5, 0.9, 0.99, 0.999999])
def test_garwood_is_the_chi_squared_form(count: int, confidence: float) -> None:
    each = (1 - confidence) / 2
    low, high = garwood(count, confidence)
    assert low == pytest.approx(stats.chi2.ppf(each, 2 * count) / 2 if count else 0, rel=1e-9)
    assert high == pytest.approx(stats.chi2.ppf(1 - each, 2 * count + 2) / 2, rel=1e-9)


# --- what always holds ------------------------------------------------------------------------------------------------


@given(COUNTS, MEANS, SHAPES)
def test_tails_are_probabilities_that_grow_with_the_count_and_add_up(n: int, mean: float, k: float) -> None:
    here, there = tails(n, mean, k), tails(n + 1, mean, k)
    for p in here:
        assert 0 <= p <= 1
    assert here.lower <= there.lower * (1 + 1e-10)
    assert here.upper * (1 + 1e-10) >= there.upper
    assert here.lower + there.upper == pytest.approx(1, abs=1e-11)
    assert here.lower + here.upper - here.at == pytest.approx(1, abs=1e-11)


@given(COUNTS, st.floats(1e-3, 1e4), st.floats(1.001, 3), SHAPES)
def test_a_larger_plan_makes_the_same_count_a_larger_loss(n: int, mean: float, factor: float, k: float) -> None:
    assert lower(n, mean * factor, k) <= lower(n, mean, k) * (1 + 1e-10)


@given(st.integers(0, 300), st.floats(0.01, 300))
def test_the_larger_the_shape_the_nearer_to_poisson(n: int, mean: float) -> None:
    assert lower(n, mean, 1e9) == pytest.approx(lower(n, mean), rel=1e-3, abs=1e-250)


@given(COUNTS, MEANS, SHAPES)
def test_z_has_the_sign_of_the_deviation_in_probability_and_is_limited(n: int, mean: float, k: float) -> None:
    seen = tails(n, mean, k)
    assert -Z_LIMIT <= seen.z <= Z_LIMIT
    assert 0 <= seen.two_sided <= 1 + 1e-12
    if abs(seen.z) < 6:
        assert 0.5 * (1 + erf(seen.z / sqrt(2))) == pytest.approx(seen.mid_p, abs=1e-9)


def test_z_beyond_every_digit_is_its_limit() -> None:
    assert (tails(0, 9000, 1000).z, tails(90_000, 90, 1000).z) == (-Z_LIMIT, Z_LIMIT)
    assert (tails(0, 50_000).z, tails(50_000, 1).z) == (-Z_LIMIT, Z_LIMIT)


@given(st.floats(0.001, 0.999), st.floats(0.001, 1e5), SHAPES)
def test_a_quantile_is_the_smallest_count_that_reaches_it(p: float, mean: float, k: float) -> None:
    n = quantile(p, mean, k)
    assert lower(n, mean, k) >= p
    assert n == 0 or lower(n - 1, mean, k) < p


@given(st.floats(1e-9, 1e-3), st.floats(0.001, 1000), SHAPES)
def test_quantiles_far_out(p: float, mean: float, k: float) -> None:
    for each in (p, 1 - p):
        n = quantile(each, mean, k)
        assert lower(n, mean, k) >= each
        assert n == 0 or lower(n - 1, mean, k) < each


@given(st.integers(0, 500), st.floats(0.3, 0.999))
def test_an_interval_holds_its_count_and_leaves_as_much_on_each_side(count: int, confidence: float) -> None:
    low, high = garwood(count, confidence)
    assert low <= count <= high or (count == 0 and low == 0)
    assert lower(count, high) == pytest.approx((1 - confidence) / 2, rel=1e-6)
    if count:
        assert upper(count, low) == pytest.approx((1 - confidence) / 2, rel=1e-6)


@given(st.integers(0, 400), st.integers(0, 400), st.floats(0, 1))
def test_hits_and_misses_are_mirrors(x: int, more: int, share: float) -> None:
    hits, misses = binomial_tails(x, x + more, share), binomial_tails(more, x + more, 1 - share)
    assert hits.lower == pytest.approx(misses.upper, rel=1e-7, abs=1e-200)
    assert 0 <= hits.at <= hits.lower <= 1


def test_nothing_planned_and_nothing_possible() -> None:
    assert tails(0, 0, 20) == tails(0, 0) == Tails(1.0, 1.0, 1.0)
    assert tails(3, 0, 20) == tails(3, 0) == Tails(1.0, 0.0, 0.0)
    assert tails(-1, 5, 20) == Tails(0.0, 1.0, 0.0)
    assert quantile(0.5, 0, 20) == 0
    assert binomial_tails(0, 0, 0.5) == Tails(1.0, 1.0, 1.0)
    assert (binomial_tails(0, 9, 0).lower, binomial_tails(9, 9, 1).at, binomial_tails(3, 9, 1).lower, binomial_tails(3, 9, 0).upper) == (1, 1, 0, 0)


def test_what_makes_no_sense_is_refused() -> None:
    for mean, k in ((-1, 20), (inf, 20), (float("nan"), 20), (5, 0), (5, -2), (5, float("nan"))):
        with pytest.raises(ValueError, match=r"^a count with mean .* the mean must be finite and not negative, the shape positive$"):
            tails(3, mean, k)
    for p in (0, 1, -0.5):
        with pytest.raises(ValueError, match=r"^a quantile at .*: it must lie between 0 and 1$"):
            quantile(p, 5, 20)
    for x, n, share in ((5, 4, 0.5), (-1, 4, 0.5), (1, 4, 1.5)):
        with pytest.raises(ValueError, match=r"it must be 0 <= x <= n and a chance between 0 and 1$"):
            binomial_tails(x, n, share)
    for count, confidence in ((-1, 0.95), (5, 0), (5, 1)):
        with pytest.raises(ValueError, match=r"the count must not be negative, the confidence between 0 and 1$"):
            garwood(count, confidence)


def test_a_tail_costs_microseconds() -> None:
    """Not a benchmark: an order of magnitude that a mistake in choosing the shorter sum would leave."""
    questions = [(n, float(mean), k) for k in (20.0, 38.0) for mean in (96, 960) for n in range(mean // 3, 2 * mean, mean // 12)]
    started = process_time()
    for n, mean, k in questions * 20:
        tails(n, mean, k)
    assert (process_time() - started) / (20 * len(questions)) < 300e-6
    assert isclose(sum(tails(n, 10, 20).at for n in range(200)), 1, rel_tol=1e-12)
