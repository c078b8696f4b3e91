"""How pauses grow."""

from __future__ import annotations

from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from monitor.backoff import backoff


def test_pauses_double_up_to_the_longest() -> None:
    assert list(islice(backoff(1, 60, lambda: 1.0), 8)) == [1, 2, 4, 8, 16, 32, 60, 60]
    assert list(islice(backoff(30, 600, lambda: 1.0), 6)) == [30, 60, 120, 240, 480, 600]


@given(st.lists(st.floats(0, 1), min_size=20, max_size=20), st.floats(0.1, 10), st.floats(10, 100))
def test_chance_spreads_a_pause_over_its_upper_half(chances: list[float], first: float, longest: float) -> None:
    full = list(islice(backoff(first, longest, lambda: 1.0), 20))
    drawn = iter(chances)
    for pause, whole in zip(islice(backoff(first, longest, lambda: next(drawn)), 20), full, strict=True):
        assert whole / 2 <= pause <= whole <= longest
