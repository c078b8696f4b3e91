"""Service level: the trade's published examples, every formula, and nothing where there is no denominator."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.assess.service_level import Answers
from monitor.core.formula import Formula

F = Formula
CALL_CENTRE_HELPER = Answers(answered=1000, in_threshold=860, abandoned=60, abandoned_in_threshold=20, short=10)


@pytest.mark.parametrize(
    ("answers", "formula", "expected"),
    [
        (CALL_CENTRE_HELPER, F.ANSWERED, 0.860),
        (CALL_CENTRE_HELPER, F.ABANDON_POSITIVE, 0.830189),
        (CALL_CENTRE_HELPER, F.ABANDON_NEGATIVE, 0.811321),
        (CALL_CENTRE_HELPER, F.ABANDON_IGNORED, 0.826923),
        (CALL_CENTRE_HELPER, F.SHORT_EXCLUDED, 0.819048),
        (CALL_CENTRE_HELPER, F.SHORT_POSITIVE, 0.820755),
        # Cisco: 70 answered and 10 abandoned within the threshold, 20 over it
        (Answers(90, 70, 10, 10, 0), F.ABANDON_IGNORED, 0.777778),
        (Answers(90, 70, 10, 10, 0), F.ABANDON_NEGATIVE, 0.70),
        (Answers(90, 70, 10, 10, 0), F.ABANDON_POSITIVE, 0.80),
        # Cisco again: 50 within, 80 late
        (Answers(130, 50, 0, 0, 0), F.ABANDON_NEGATIVE, 0.384615),
        # StatServer: 300 answered, 200 in time; 100 abandoned, 50 of them short
        (Answers(300, 200, 100, 50, 50), F.SHORT_EXCLUDED, 0.571429),
    ],
)
def test_published_examples(answers: Answers, formula: Formula, expected: float) -> None:
    assert answers.ratios().get(formula) == pytest.approx(expected, abs=5e-7)


def test_callers_who_wait_beyond_the_threshold_miss_in_every_formula_but_that_of_the_answered() -> None:
    waiting = Answers(8, 8, 0, 0, 0, late=2)
    assert waiting.ratios() == {formula: 1.0 if formula is F.ANSWERED else 0.8 for formula in F}


def test_without_contacts_there_is_no_service_level() -> None:
    nobody = Answers(0, 0, 0, 0, 0)
    assert nobody.ratios() == {}
    assert all(nobody.budget(formula, 0.8) is None for formula in F)


def test_only_short_abandons_leave_no_denominator_where_they_are_excluded() -> None:
    short = Answers(0, 0, 3, 3, 3)
    assert short.ratios().get(F.SHORT_EXCLUDED) is None
    assert short.ratios().get(F.ABANDON_IGNORED) is None
    assert short.ratios().get(F.ANSWERED) is None
    assert short.ratios().get(F.SHORT_POSITIVE) == 1.0
    assert short.ratios().get(F.ABANDON_NEGATIVE) == 0.0


@pytest.mark.parametrize(
    ("answers", "target", "calls"),
    [
        (Answers(80, 80, 0, 0, 0), 0.8, 20),  # 80 of 100 is 80 %
        (Answers(80, 80, 0, 0, 0), 0.81, 18),  # 80 of 98 is 81.6 %, of 99 only 80.8 %
        (Answers(100, 80, 0, 0, 0), 0.8, 0),
        (Answers(100, 79, 0, 0, 0), 0.8, -2),  # 79 of 98
        (Answers(3, 3, 0, 0, 0), 1.0, 0),
    ],
)
def test_the_budget_is_how_many_more_may_miss(answers: Answers, target: float, calls: int) -> None:
    assert answers.budget(F.SHORT_EXCLUDED, target) == calls


@st.composite
def cohorts(draw: st.DrawFn) -> Answers:
    answered, abandoned = draw(st.integers(0, 200)), draw(st.integers(0, 100))
    in_time = draw(st.integers(0, abandoned))
    return Answers(answered, draw(st.integers(0, answered)), abandoned, in_time, draw(st.integers(0, in_time)), draw(st.integers(0, 20)))


@given(cohorts())
def test_every_ratio_lies_between_0_and_1_and_the_formulas_keep_their_order(answers: Answers) -> None:
    ratios = answers.ratios()
    assert all(0 <= ratio <= 1 for ratio in ratios.values())
    if len(ratios) == len(F):
        assert ratios[F.ABANDON_NEGATIVE] <= ratios[F.SHORT_EXCLUDED] <= ratios[F.ABANDON_IGNORED]
        assert ratios[F.ABANDON_NEGATIVE] <= ratios[F.SHORT_POSITIVE] <= ratios[F.ABANDON_POSITIVE]


@given(cohorts(), st.sampled_from(list(F)), st.sampled_from([0.5, 0.8, 0.9, 1.0]))
def test_the_budget_keeps_its_word(answers: Answers, formula: Formula, target: float) -> None:
    """So many misses more and the target holds; one more and it does not."""
    budget = answers.budget(formula, target)
    if budget is None:
        return
    above, below = {name: (a, b) for name, a, b in answers.parts()}[formula]
    assert above >= target * (below + budget) - 1e-6
    assert above < target * (below + budget + 1) + 1e-6
