"""Handle times by hand: few contacts prove little, and the day's work stays what it was."""

from __future__ import annotations

import pytest

from monitor.core.contract import SECOND
from monitor.plan.aht import Aht, Handled, shrunk


def test_the_oracle() -> None:
    """domain §7: plan 180, observed 210 over 60 contacts, κ = 240: 185.6359 s."""
    assert shrunk(180, Handled(60, 60 * 210)) == pytest.approx(185.6359, abs=1e-4)
    assert shrunk(180, Handled()) == 180
    assert shrunk(180, Handled(5, 0)) == 180


def test_too_few_tell_nothing() -> None:
    aht = Aht(180 * SECOND)
    aht.add(0, 18, 19, 19 * 60 * SECOND)
    assert not aht.known
    assert aht.by_slot(0, (0,), {18: 0.5, 19: 0.5}) == {18: 180 * SECOND, 19: 180 * SECOND}
    aht.add(0, 18, 1, 60 * SECOND)
    assert aht.mean_us == 60 * SECOND


def test_a_slow_evening_is_seen_and_the_work_stays() -> None:
    aht = Aht(180 * SECOND)
    shares = {18: 0.7, 19: 0.3}
    for weekday in range(5):
        aht.add(weekday, 18, 7_000, 7_000 * 100 * SECOND)
        aht.add(weekday, 19, 3_000, 3_000 * 200 * SECOND)
    found = aht.by_slot(2, (0, 1, 2, 3, 4), shares)
    assert found[18] / SECOND == pytest.approx(100, abs=1)
    assert found[19] / SECOND == pytest.approx(200, abs=2)
    assert sum(shares[slot] * found[slot] for slot in shares) / SECOND == pytest.approx(130)


def test_a_thin_slot_is_the_weekday_s() -> None:
    aht = Aht(180 * SECOND)
    aht.add(0, 18, 10_000, 10_000 * 100 * SECOND)
    aht.add(0, 19, 2, 2 * 900 * SECOND)
    assert aht.by_slot(0, (0,), {18: 0.99, 19: 0.01})[19] / SECOND == pytest.approx(102, abs=1)


def test_a_weekday_of_its_own_is_half_believed_at_240_contacts() -> None:
    aht = Aht(180 * SECOND)
    aht.add(0, 18, 100_000, 100_000 * 100 * SECOND)
    aht.add(5, 18, 240, 240 * 400 * SECOND)
    assert aht.by_slot(5, (5,), {18: 1.0})[18] / SECOND == pytest.approx(200, rel=0.01)
