"""Daemon time never jumps by itself; a civil step is told once, by its size."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitor.clock import STEP_US, Clock

SECOND_NS = 1_000_000_000


class Hands:
    """Two clocks one can set."""

    def __init__(self) -> None:
        self.wall, self.steady = 1_764_000_000 * SECOND_NS, 5 * SECOND_NS

    def clock(self) -> Clock:
        return Clock(lambda: self.wall, lambda: self.steady)

    def go(self, wall: float, steady: float) -> None:
        self.wall += round(wall * SECOND_NS)
        self.steady += round(steady * SECOND_NS)


def test_time_starts_as_civil_time_and_goes_with_the_steady_clock() -> None:
    hands = Hands()
    clock = hands.clock()
    assert clock.now() == 1_764_000_000_000_000
    hands.go(wall=-3600, steady=1.5)
    assert clock.now() == 1_764_000_001_500_000


def test_a_step_is_told_once_and_from_then_on_time_is_civil_again() -> None:
    hands = Hands()
    clock = hands.clock()
    hands.go(wall=-3599, steady=1)
    assert clock.step() == -3600 * 1_000_000
    assert clock.now() == hands.wall // 1000
    assert clock.step() == 0


def test_small_differences_are_left_to_ntp_and_do_not_add_up_unseen() -> None:
    hands = Hands()
    clock = hands.clock()
    hands.go(wall=3, steady=1)
    assert clock.step() == 0  # two seconds exactly
    hands.go(wall=1.5, steady=1)
    assert clock.step() == 2_500_000


@given(st.lists(st.tuples(st.floats(-10_000, 10_000), st.floats(0, 100)), max_size=20))
def test_now_and_the_steps_told_account_for_all_of_time(moves: list[tuple[float, float]]) -> None:
    hands = Hands()
    clock = hands.clock()
    start, steady, told = clock.now(), hands.steady, 0
    for wall, passed in moves:
        hands.go(wall, passed)
        before = clock.now()
        moved = clock.step()
        told += moved
        assert clock.now() - before == moved or abs(clock.now() - before - moved) <= 1  # a nanosecond may be cut either way
        assert abs(clock.now() - hands.wall // 1000) <= STEP_US + 1
    assert abs(clock.now() - start - told - (hands.steady - steady) // 1000) <= len(moves) + 1
