"""Signals and contact rates: the printed figures, references, what must not matter, and a month of storms two hundred times over."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import sqrt
from random import Random

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from monitor.assess.contact_rate import Rate
from monitor.assess.signals import (
    FEWEST,
    Association,
    Dispersion,
    Hour,
    Q,
    Verdict,
    association,
    attempts_needed,
    discoveries,
    dispersion,
    verdicts,
)
from tests.assess import storms

PRINTED = [
    *(Hour("p", 0, 9, True, 150, 30), Hour("p", 1, 9, False, 250, 70)),
    *(Hour("p", 0, 10, True, 250, 54), Hour("p", 1, 10, False, 150, 50)),
]
SIDES = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda pair: (sum(pair), pair[0]))
HOURS = st.lists(
    st.builds(
        lambda project, day, hour, on, side: Hour(project, day, hour, on, *side),
        st.sampled_from("pq"),
        st.integers(0, 6),
        st.integers(9, 12),
        st.booleans(),
        SIDES,
    ),
    max_size=60,
)
CHANCES = st.lists(st.floats(0, 1), min_size=1, max_size=30)


def swapped(hours: list[Hour]) -> list[Hour]:
    return [hour._replace(on=not hour.on) for hour in hours]


# --- what the domain prints -------------------------------------------------------------------------------------------


def test_the_printed_strata() -> None:
    seen = association(PRINTED)
    assert (seen.on, seen.off, seen.left_out) == (Rate(84, 400), Rate(120, 400), 0)
    assert seen.expected == pytest.approx(102.5, rel=1e-14)
    assert f"{seen.variance:.6f}" == "35.704887"
    assert seen.z == pytest.approx(-3.096050, abs=6e-7)  # -3.0960495
    assert f"{seen.chi2:.6f}" == "9.074388"
    assert seen.p == pytest.approx(stats.norm.sf(3.096050) * 2, rel=1e-5)


def test_the_printed_size() -> None:
    plain = attempts_needed(0.30)
    assert plain is not None
    assert round(plain) == 858
    assert association(PRINTED).needed == 858


@pytest.mark.parametrize(("base", "effect"), [(0.30, -0.2), (0.05, -0.2), (0.30, 0.2)])
def test_so_many_attempts_have_the_stated_power(base: float, effect: float) -> None:
    """By the exact law of both counts near the number: how often z of two proportions passes 1.96."""
    plain = attempts_needed(base, effect)
    assert plain is not None
    n, then = round(plain), base * (1 + effect)
    before, after = stats.binom(n, base), stats.binom(n, then)
    power = 0.0
    for x in range(int(before.ppf(1e-6)), int(before.ppf(1 - 1e-6)) + 1):
        reached = [y for y in range(int(after.ppf(1e-6)), int(after.ppf(1 - 1e-6)) + 1) if _z(x, y, n) >= 1.959964]
        power += before.pmf(x) * sum(after.pmf(reached)) if reached else 0
    assert power == pytest.approx(0.80, abs=0.02)


def _z(x: int, y: int, n: int) -> float:
    pooled = (x + y) / (2 * n)
    return abs(x - y) / n / sqrt(pooled * (1 - pooled) * 2 / n) if 0 < pooled < 1 else 0.0


@pytest.mark.parametrize(("base", "effect"), [(None, -0.2), (0.0, -0.2), (0.9, 0.2), (0.3, 0.0)])
def test_a_rate_that_cannot_move_so_needs_nothing(base: float | None, effect: float) -> None:
    assert attempts_needed(base, effect) is None


def test_the_printed_discoveries() -> None:
    printed = [0.001, 0.008, 0.039, 0.041, 0.042]
    assert discoveries(printed, 0.05) == [True] * 5
    assert [p <= 0.05 / 5 for p in printed] == [True, True, False, False, False]


# --- against references -----------------------------------------------------------------------------------------------


@given(hours=HOURS)
def test_the_sums_in_fractions(hours: list[Hour]) -> None:
    """E, V and the difference stratum by stratum, from the formulas of the domain and of Sato, in whole numbers."""
    seen = association(hours)
    a = e = v = weights = sums = p = q = Fraction(0)
    left = 0
    for project, clock in product("pq", range(9, 13)):
        sides = [[hour for hour in hours if (hour.project, hour.hour, hour.on) == (project, clock, on)] for on in (True, False)]
        (n1, x1), (n2, x2) = ((sum(hour.attempts for hour in side), sum(hour.contacts for hour in side)) for side in sides)
        whole, m1 = n1 + n2, x1 + x2
        if not n1 or not n2:
            left += whole
            continue
        a, e = a + x1, e + Fraction(n1 * m1, whole)
        v += Fraction(n1 * n2 * m1 * (whole - m1), whole**2 * (whole - 1))
        weight = Fraction(n1 * n2, whole)
        weights, sums = weights + weight, sums + weight * (Fraction(x1, n1) - Fraction(x2, n2))
        p += Fraction(n1**2 * x2 - n2**2 * x1, whole**2) + Fraction(n1 * n2 * (n2 - n1), 2 * whole**2)
        q += Fraction(x1 * (n2 - x2) + x2 * (n1 - x1), 2 * whole)
    assert seen.on.contacts == a
    assert seen.left_out == left
    assert seen.expected == pytest.approx(float(e), rel=1e-12)
    assert seen.variance == pytest.approx(float(v), rel=1e-12)
    if not weights:
        assert {seen.difference, seen.error, seen.interval()} == {None}
        return
    points = sums / weights
    assert seen.difference == pytest.approx(float(points), abs=1e-12)
    spread = max(Fraction(0), points * p + q) / weights**2
    assert seen.error == pytest.approx(sqrt(spread) * sqrt(seen.dispersion.factor), abs=1e-9)


def test_the_error_of_one_large_stratum_is_that_of_two_proportions() -> None:
    seen = association([Hour("p", 0, 9, True, 4_000, 960), Hour("p", 1, 9, False, 6_000, 1_800)])
    assert seen.difference == pytest.approx(-0.06)
    assert seen.error == pytest.approx(sqrt(0.24 * 0.76 / 4_000 + 0.3 * 0.7 / 6_000), rel=1e-3)
    interval = seen.interval(0.99)
    assert interval is not None
    assert seen.error is not None
    assert interval[1] - interval[0] == pytest.approx(2 * stats.norm.ppf(0.995) * seen.error)


def test_the_error_of_many_small_strata_is_right_too() -> None:
    """Pairs of one attempt each: the spread of the difference over a thousand repeats is what Sato's error says."""
    random = Random(5)
    found, said = [], []
    for _ in range(400):
        pairs = [Hour(str(number), 0, 9, on, 1, int(random.random() < (0.3 if on else 0.5))) for number in range(60) for on in (True, False)]
        seen = association(pairs)
        assert seen.difference is not None
        assert seen.error is not None
        found.append(seen.difference)
        said.append(seen.error)
    mean = sum(found) / len(found)
    assert sqrt(sum((each - mean) ** 2 for each in found) / len(found)) == pytest.approx(sum(said) / len(said), rel=0.1)


def test_pearsons_chi_squared_over_its_degrees_of_freedom() -> None:
    hours = [Hour("p", day, clock, False, 40 + 3 * day, 8 + (5 * day + clock) % 11) for day in range(6) for clock in (9, 10)]
    chi2 = freedom = 0.0
    for clock in (9, 10):
        cells = [hour for hour in hours if hour.hour == clock]
        found = stats.chi2_contingency([[cell.contacts for cell in cells], [cell.attempts - cell.contacts for cell in cells]])
        chi2, freedom = chi2 + found.statistic, freedom + found.dof
    seen = dispersion(hours)
    assert seen.freedom == freedom
    assert seen.hours == pytest.approx(chi2 / freedom, rel=1e-12)


def test_attempts_that_are_independent_have_a_dispersion_of_one() -> None:
    random = Random(7)
    hours = [Hour("p", day, clock, False, 50, storms.binomial(random, 50, 0.3)) for day in range(200) for clock in range(9, 19)]
    seen = dispersion(hours)
    assert seen.hours == pytest.approx(1, abs=0.1)
    assert seen.days == pytest.approx(1, abs=0.3)


def test_days_that_differ_as_a_whole_disperse_more_than_their_hours() -> None:
    random = Random(7)
    hours = []
    for day in range(200):
        rate = random.uniform(0.25, 0.35)
        hours += [Hour("p", day, clock, False, 50, storms.binomial(random, 50, rate)) for clock in range(9, 19)]
    seen = dispersion(hours)
    assert seen.hours is not None
    assert seen.days is not None
    assert seen.days > 2 * seen.hours
    assert seen.phi == seen.days


def test_discoveries_are_scipys() -> None:
    random = Random(3)
    for _ in range(50):
        chances = [random.random() ** 3 for _ in range(random.randint(1, 30))]
        adjusted = stats.false_discovery_control(chances)
        assert discoveries(chances, 0.1) == [bool(p <= 0.1) for p in adjusted]


def test_far_out_p_keeps_its_digits() -> None:
    seen = association([Hour("p", 0, 9, True, 5_000, 500), Hour("p", 1, 9, False, 5_000, 2_500)])
    assert seen.z is not None
    with mpmath.workdps(40):
        assert seen.p == pytest.approx(float(mpmath.erfc(-seen.z / mpmath.sqrt(2))), rel=1e-9)


# --- what must not matter ---------------------------------------------------------------------------------------------


@given(hours=HOURS)
def test_on_and_off_are_mirrors(hours: list[Hour]) -> None:
    """All but the dispersion, which is of the hours without."""
    there, back = association(hours), association(swapped(hours))
    assert (there.on, there.off, there.left_out) == (back.off, back.on, back.left_out)
    assert there.variance == pytest.approx(back.variance, rel=1e-9)
    assert there.on.contacts - there.expected == pytest.approx(-(back.on.contacts - back.expected), abs=1e-9)
    assert there.chi2 is None or there.chi2 == pytest.approx(back.chi2, rel=1e-6, abs=1e-9)
    if there.difference is not None:
        assert back.difference == pytest.approx(-there.difference, abs=1e-12)
        assert there.error is not None
        assert back.error is not None
        assert there.error / sqrt(there.dispersion.factor) == pytest.approx(back.error / sqrt(back.dispersion.factor), abs=1e-7)


@given(hours=HOURS, on=st.booleans(), side=SIDES)
def test_a_stratum_with_one_side_empty_is_left_out(hours: list[Hour], on: bool, side: tuple[int, int]) -> None:
    seen, more = association(hours), association([*hours, Hour("one side", 0, 9, on, *side)])
    assert more.left_out == seen.left_out + side[0]
    assert (more.on, more.off, more.expected, more.variance, more.difference) == (seen.on, seen.off, seen.expected, seen.variance, seen.difference)


@given(hours=HOURS, attempts=st.tuples(st.integers(1, 60), st.integers(1, 60)), everybody=st.booleans())
def test_a_stratum_in_which_nobody_or_everybody_is_reached_adds_nothing_to_the_test(hours: list[Hour], attempts: tuple[int, int], everybody: bool) -> None:
    same = [Hour("same", 0, 9, on, n, n if everybody else 0) for on, n in zip((True, False), attempts, strict=True)]
    seen, more = association(hours), association([*hours, *same])
    assert more.on.contacts - more.expected == pytest.approx(seen.on.contacts - seen.expected, abs=1e-9)
    assert more.variance == pytest.approx(seen.variance, rel=1e-12)
    assert more.left_out == seen.left_out


@given(hours=HOURS, order=st.randoms())
def test_order_does_not_matter(hours: list[Hour], order: Random) -> None:
    other = [*hours]
    order.shuffle(other)
    one, another = association(hours), association(other)
    assert one.variance == pytest.approx(another.variance, rel=1e-12)
    assert one.dispersion.hours is another.dispersion.hours is None or one.dispersion.hours == pytest.approx(another.dispersion.hours, rel=1e-9)


@given(chances=CHANCES, q=st.floats(0.01, 0.5), which=st.integers(0, 29))
def test_discoveries_only_grow(chances: list[float], q: float, which: int) -> None:
    found = discoveries(chances, q)
    wider = discoveries(chances, q * 1.5)
    assert all(more or not less for less, more in zip(found, wider, strict=True))
    smaller = [*chances]
    smaller[which % len(chances)] /= 2
    assert all(more or not less for less, more in zip(found, discoveries(smaller, q), strict=True))
    largest = max((p for p, yes in zip(chances, found, strict=True) if yes), default=-1.0)
    assert found == [p <= largest for p in chances]


def test_nothing_at_all() -> None:
    seen = association([])
    assert seen == Association(Rate(0, 0), Rate(0, 0), 0, 0.0, 0.0, None, None, Dispersion())
    assert seen.z is seen.p is seen.chi2 is seen.needed is None
    assert verdicts([seen]) == [Verdict.NOT_ENOUGH]
    assert verdicts([]) == []
    assert discoveries([]) == []


def test_an_hour_with_more_contacts_than_attempts_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^4 contacts of 3 attempts: it must be 0 <= contacts <= attempts$"):
        association([Hour("p", 0, 9, True, 3, 4)])


# --- what is said -----------------------------------------------------------------------------------------------------


def month(on: int, off: int, rate_on: float, rate_off: float, *, days: int = 24, apart: int = 0) -> Association:
    """Hours of the same size, half of the days with the signal; every second hour without it has so many contacts more, every other fewer."""
    hours = []
    for day in range(days):
        for clock in (9, 10, 11, 12):
            attempts, rate = (on, rate_on) if day % 2 else (off, rate_off)
            moved = 0 if day % 2 else apart * (1 if (day // 2 + clock) % 2 else -1)
            hours.append(Hour("p", day, clock, bool(day % 2), attempts, round(attempts * rate) + moved))
    return association(hours)


@pytest.mark.parametrize(
    ("seen", "verdict"),
    [
        (month(20, 20, 0.20, 0.30), Verdict.FOUND_WORSE),
        (month(20, 20, 0.40, 0.30), Verdict.FOUND_BETTER),
        (month(20, 20, 0.30, 0.30), Verdict.NOT_FOUND),
        (month(17, 80, 0.10, 0.30), Verdict.NOT_ENOUGH),
        (month(20, 20, 0.30, 0.30, apart=4), Verdict.NOT_ENOUGH),
        (month(20, 20, 0.10, 0.30, apart=4), Verdict.FOUND_WORSE),
        (month(400, 400, 0.20, 0.30, days=4), Verdict.NOT_ENOUGH),
        (month(400, 400, 0.20, 0.0), Verdict.NOT_ENOUGH),
        (month(400, 400, 0.0, 0.0), Verdict.NOT_ENOUGH),
    ],
    ids=["worse", "better", "nothing", "few", "nothing, but hours differ much", "worse, though they do", "few days", "no rate", "nobody reached"],
)
def test_the_verdict(seen: Association, verdict: Verdict) -> None:
    assert verdicts([seen]) == [verdict]


def test_just_enough_and_one_too_few() -> None:
    """30 % without: 858 on each side."""
    strata = [Hour("p", day, 9, False, 100, 30) for day in range(FEWEST + 1)]
    assert [association([Hour("p", 0, 9, True, on, on // 5), *strata]).judged for on in (857, 858)] == [False, True]


def test_what_is_too_small_to_judge_does_not_make_others_harder_to_find() -> None:
    real, small = month(24, 24, 0.24, 0.30), month(2, 2, 0.5, 0.5)
    assert real.p is not None
    assert Q / 20 < real.p < Q
    assert verdicts([real, *[small] * 19])[0] is Verdict.FOUND_WORSE
    assert verdicts([real, *[month(20, 20, 0.30, 0.30)] * 19])[0] is Verdict.NOT_FOUND


def test_dispersion_below_one_makes_nothing_surer() -> None:
    even = month(20, 20, 0.25, 0.30)
    assert even.dispersion.phi == 0
    assert even.dispersion.factor == 1
    wild = month(20, 20, 0.25, 0.30, apart=3)
    assert wild.dispersion.phi is not None
    assert wild.dispersion.phi > 1
    assert wild.z is not None
    assert even.z is not None
    assert wild.z == pytest.approx(even.z / sqrt(wild.dispersion.phi), rel=1e-9)
    assert wild.needed == round((attempts_needed(0.3) or 0) * wild.dispersion.phi)


# --- a month of storms ------------------------------------------------------------------------------------------------


def test_two_hundred_months_of_storms() -> None:
    months = 200
    found = chance = families = held = 0
    shares: list[float] = []
    bare = 0  # of the nine others, by a z that trusts attempts to be independent
    for seed in range(months):
        seen = {project: association(hours) for project, hours in storms.month(Random(seed)).items()}
        said = dict(zip(seen, verdicts([*seen.values()]), strict=True))
        wrong = sum(verdict in {Verdict.FOUND_WORSE, Verdict.FOUND_BETTER} for project, verdict in said.items() if project != storms.TRUE)
        right = said[storms.TRUE] is Verdict.FOUND_WORSE
        found, chance, families = found + right, chance + wrong, families + bool(wrong)
        shares.append(wrong / max(1, wrong + right))
        for project, one in seen.items():
            interval, plain = one.interval(), (one.on.contacts - one.expected) / sqrt(one.variance)
            assert interval is not None
            assert one.off.value is not None
            truth = storms.EFFECT * one.off.value if project == storms.TRUE else 0.0
            held += interval[0] <= truth <= interval[1]
            bare += project != storms.TRUE and abs(plain) > 1.959964
    share = sum(shares) / months
    error = sqrt(sum((each - share) ** 2 for each in shares) / (months - 1) / months)
    print(
        f"{months} months: found {found}, by chance {chance} in {families} months, false discoveries {share:.4f} ± {error:.4f} of q {Q};"
        f" intervals hold {held / months / 10:.3f}; without φ {bare / months / 9:.3f} of the others at 5 %"
    )
    assert found / months >= 0.80
    assert share <= Q + 2 * error
    assert held / months / 10 >= 0.94
    assert bare / months / 9 > 0.08  # φ matters here
