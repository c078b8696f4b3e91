"""Silence that cannot be chance, and silence that can."""

from __future__ import annotations

import pytest

from monitor.core.contract import MINUTE
from monitor.plan.silence import Due, silences

HALF_HOUR = 30 * MINUTE


def test_what_is_due_between() -> None:
    due = Due([(0, 6.0), (HALF_HOUR, 12.0), (HALF_HOUR, 3.0), (4 * HALF_HOUR, 6.0)], HALF_HOUR)
    assert due.between(0, 10 * HALF_HOUR) == pytest.approx(27)
    assert due.between(10 * MINUTE, 40 * MINUTE) == pytest.approx(4 + 5)
    assert due.between(2 * HALF_HOUR, 4 * HALF_HOUR) == 0
    assert due.between(-HALF_HOUR, 0) == 0
    assert Due([], HALF_HOUR).between(0, HALF_HOUR) == 0


def test_one_in_a_million_is_twenty_calls_due() -> None:
    """(20/(20+G))^20 = 10⁻⁶ at G = 19.91."""
    due = Due([(0, 19.8), (HALF_HOUR, 20.0)], HALF_HOUR)
    assert [one.start for one in silences([(0, HALF_HOUR), (HALF_HOUR, 2 * HALF_HOUR)], due)] == [HALF_HOUR]
    assert silences([(2 * HALF_HOUR, 9 * HALF_HOUR)], due) == ()
