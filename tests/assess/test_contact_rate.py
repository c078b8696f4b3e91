"""Contact rates against a plan and between periods: the printed figures, scipy's and exact fractions, and what cannot be."""

from __future__ import annotations

from math import comb, sqrt

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from monitor.assess.contact_rate import Chances, Rate, against_plan, exactly, newcombe, normal_tail, quantile, two_periods, wilson

RATES = st.tuples(st.integers(0, 400), st.integers(0, 400)).map(lambda pair: Rate(pair[0], sum(pair)))


# --- what the domain prints -------------------------------------------------------------------------------------------


def test_the_printed_rate_under_plan() -> None:
    seen = against_plan(Rate(44, 200), 0.30)
    assert f"{seen.fewer:.8f}" == "0.00715108"
    assert seen.two_sided == pytest.approx(2 * 0.00715108, abs=1e-8)
    assert seen.z is None


def test_the_printed_periods() -> None:
    seen = two_periods(Rate(120, 400), Rate(84, 400))
    assert seen.z is not None
    assert f"{seen.z:.6f}" == "-2.920178"
    assert f"{seen.two_sided:.8f}" == "0.00349832"
    assert exactly(Rate(120, 400), Rate(84, 400)).fewer == pytest.approx(0.00222873, abs=1.1e-8)  # in whole numbers 0.0022287193


def test_newcombes_own_example() -> None:
    """56 of 70 against 48 of 80, method 10 of Statistics in Medicine 17 (1998), table II."""
    low, high = newcombe(Rate(48, 80), Rate(56, 70))
    assert (round(low, 4), round(high, 4)) == (0.0524, 0.3339)


# --- against references -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("contacts", "attempts"), [(300_000, 1_000_000), (299_000, 1_000_000), (0, 1_000_000), (1_000_000, 1_000_000), (3, 1_000_000)])
def test_a_million_attempts_against_plan(contacts: int, attempts: int) -> None:
    seen = against_plan(Rate(contacts, attempts), 0.30)
    assert seen.fewer == pytest.approx(stats.binom.cdf(contacts, attempts, 0.30), rel=1e-9, abs=1e-300)
    assert seen.more == pytest.approx(stats.binom.sf(contacts - 1, attempts, 0.30), rel=1e-9, abs=1e-300)


@pytest.mark.parametrize(
    ("before", "after"),
    [(Rate(300_000, 1_000_000), Rate(298_500, 1_000_000)), (Rate(2, 1_000_000), Rate(9, 900_000)), (Rate(999_998, 1_000_000), Rate(3, 4))],
)
def test_a_million_attempts_in_each_period(before: Rate, after: Rate) -> None:
    seen = exactly(before, after)
    law = stats.hypergeom(before.attempts + after.attempts, before.contacts + after.contacts, after.attempts)
    assert seen.fewer == pytest.approx(law.cdf(after.contacts), rel=1e-6)  # scipy's logarithms of gammas have no more
    assert seen.more == pytest.approx(law.sf(after.contacts - 1), rel=1e-6)


@pytest.mark.parametrize(
    ("before", "after"),
    [(Rate(12, 40), Rate(3, 40)), (Rate(0, 30), Rate(6, 25)), (Rate(39, 40), Rate(9, 20)), (Rate(1, 2), Rate(1, 2)), (Rate(120, 400), Rate(84, 400))],
)
def test_fishers_law_in_whole_numbers(before: Rate, after: Rate) -> None:
    contacts, attempts, drawn = before.contacts + after.contacts, before.attempts + after.attempts, after.attempts
    ways = [comb(contacts, x) * comb(attempts - contacts, drawn - x) for x in range(drawn + 1)]
    seen = exactly(before, after)
    assert seen.fewer == pytest.approx(sum(ways[: after.contacts + 1]) / sum(ways), rel=1e-13)
    assert seen.more == pytest.approx(sum(ways[after.contacts :]) / sum(ways), rel=1e-13)


def test_far_tails_keep_their_digits() -> None:
    before, after = Rate(700, 1_000), Rate(300, 1_000)
    with mpmath.workdps(40):
        terms = [mpmath.binomial(1_000, x) * mpmath.binomial(1_000, 1_000 - x) for x in range(301)]
        exact = float(mpmath.fsum(terms) / mpmath.binomial(2_000, 1_000))
    assert exact < 1e-70
    assert exactly(before, after).fewer == pytest.approx(exact, rel=1e-11)


@given(seen=RATES, confidence=st.sampled_from([0.8, 0.95, 0.99]))
def test_wilson_is_scipys(seen: Rate, confidence: float) -> None:
    if not seen.attempts:
        assert wilson(seen, confidence) == (0.0, 1.0)
        return
    low, high = wilson(seen, confidence)
    known = stats.binomtest(seen.contacts, seen.attempts).proportion_ci(confidence, method="wilson")
    assert (low, high) == pytest.approx((known.low, known.high), abs=1e-12)
    assert seen.value is not None
    assert 0 <= low <= seen.value + 1e-12
    assert seen.value - 1e-12 <= high <= 1


# --- which law, and its shape -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "exact"),
    [(Rate(10, 100), Rate(0, 100), False), (Rate(9, 100), Rate(0, 100), True), (Rate(0, 10), Rate(0, 10), True), (Rate(91, 100), Rate(100, 100), True)],
)
def test_fewer_than_five_expected_in_a_cell_are_judged_exactly(before: Rate, after: Rate, exact: bool) -> None:
    seen = two_periods(before, after)
    assert (seen.z is None) == exact
    assert (seen == exactly(before, after)) == exact


@given(before=RATES, after=RATES)
def test_periods_the_other_way_round(before: Rate, after: Rate) -> None:
    there, back = two_periods(before, after), two_periods(after, before)
    assert there.two_sided == pytest.approx(back.two_sided, rel=1e-9)
    assert there.fewer == pytest.approx(back.more, rel=1e-9)
    assert newcombe(before, after) == pytest.approx([-end for end in newcombe(after, before)[::-1]], abs=1e-12)
    for each in (there, exactly(before, after)):
        assert 0 <= each.fewer <= 1
        assert 0 <= each.more <= 1
        assert each.fewer + each.more >= 1 - 1e-9


@given(seen=RATES, more=st.integers(1, 50))
def test_more_contacts_are_less_reason_to_call_it_a_drop(seen: Rate, more: int) -> None:
    other = Rate(200, 700)
    better = Rate(min(seen.attempts, seen.contacts + more), seen.attempts)
    assert exactly(other, better).fewer >= exactly(other, seen).fewer * (1 - 1e-9)
    assert against_plan(better, 0.3).fewer >= against_plan(seen, 0.3).fewer * (1 - 1e-9)


def test_a_side_without_an_attempt_says_nothing() -> None:
    for before, after in ((Rate(0, 0), Rate(3, 9)), (Rate(3, 9), Rate(0, 0)), (Rate(0, 0), Rate(0, 0))):
        assert two_periods(before, after) == Chances(1.0, 1.0)
        assert newcombe(before, after) == (-1.0, 1.0)
    assert Rate(0, 0).value is None
    assert against_plan(Rate(0, 0), 0.3).two_sided == 1


def test_the_law_of_two_proportions_meets_fishers() -> None:
    """With many of both, they say nearly the same."""
    normal, exact = two_periods(Rate(3_000, 10_000), Rate(2_900, 10_000)), exactly(Rate(3_000, 10_000), Rate(2_900, 10_000))
    assert normal.fewer == pytest.approx(exact.fewer, rel=0.05)


@pytest.mark.parametrize("z", [-38.0, -8.0, -1.0, 0.0, 2.5])
def test_the_normal_tail(z: float) -> None:
    assert normal_tail(z) == pytest.approx(stats.norm.cdf(z), rel=1e-12)


def test_the_normal_deviates() -> None:
    assert quantile(0.95) == pytest.approx(stats.norm.ppf(0.975), rel=1e-12)
    assert wilson(Rate(50, 100), 0.5)[1] - 0.5 < (wilson(Rate(50, 100))[1] - 0.5) / 2 < sqrt(0.25)


@pytest.mark.parametrize("seen", [Rate(5, 4), Rate(-1, 4)])
def test_more_contacts_than_attempts_are_refused(seen: Rate) -> None:
    said = r"^-?\d contacts of 4 attempts: it must be 0 <= contacts <= attempts$"
    with pytest.raises(ValueError, match=said):
        wilson(seen)
    with pytest.raises(ValueError, match=said):
        two_periods(Rate(1, 2), seen)
    with pytest.raises(ValueError, match=r"0 <= x <= n and a chance between 0 and 1$"):
        against_plan(seen, 0.3)


@pytest.mark.parametrize("confidence", [0.0, 1.0, -0.1])
def test_a_confidence_lies_between(confidence: float) -> None:
    with pytest.raises(ValueError, match=rf"^a confidence of {confidence}: it must be between 0 and 1$"):
        wilson(Rate(1, 2), confidence)
