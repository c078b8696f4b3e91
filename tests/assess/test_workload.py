"""Workload: Erlangs, and how far a few calls are believed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.assess.workload import KAPPA, erlangs, shrunk_aht_us
from monitor.core.contract import MINUTE, SECOND


def test_sixty_calls_of_210_s_against_a_plan_of_180_s() -> None:
    assert shrunk_aht_us(180 * SECOND, 210 * SECOND, 60) / SECOND == pytest.approx(185.6359, abs=5e-5)


@pytest.mark.parametrize(("observed", "handled"), [(None, 0), (None, 5), (200 * SECOND, 0), (0, 5)])
def test_without_a_handled_call_the_plan_stands(observed: float | None, handled: int) -> None:
    assert shrunk_aht_us(180 * SECOND, observed, handled) == 180 * SECOND


def test_at_kappa_calls_both_count_the_same() -> None:
    assert shrunk_aht_us(100, 400, KAPPA) == pytest.approx(200)  # the geometric mean


@given(st.integers(1, 10**9), st.integers(1, 10**9), st.integers(1, 100_000))
def test_it_lies_between_the_two_and_nearer_to_today_with_every_call(plan: int, observed: int, handled: int) -> None:
    low, high = sorted((plan, observed))
    few, many = shrunk_aht_us(plan, observed, handled), shrunk_aht_us(plan, observed, handled + 1)
    assert low * (1 - 1e-9) <= few <= high * (1 + 1e-9)
    assert abs(many - observed) <= abs(few - observed) * (1 + 1e-9) + 1e-9


def test_erlangs_are_agent_time_per_time_and_unknown_for_no_time() -> None:
    assert erlangs(30 * MINUTE, 15 * MINUTE) == 2.0
    assert erlangs(0, MINUTE) == 0.0
    assert erlangs(5, 0) is None
    assert erlangs(5, -1) is None
