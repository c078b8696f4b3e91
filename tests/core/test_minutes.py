"""Counts by minute: summed from a minute on, forgotten when they are old, and moved by a step of the clock."""

from __future__ import annotations

from monitor.core.contract import MINUTE, SECOND
from monitor.core.minutes import KEEP_US, Minutes
from tests.core.scene import T0


def counted() -> Minutes:
    minutes = Minutes()
    for at in (0, 30 * SECOND, MINUTE, 5 * MINUTE):
        minutes.add("bank", T0 + at)
    return minutes


def test_they_are_summed_by_the_minutes_that_begin_in_the_span() -> None:
    minutes = counted()
    assert [minutes.since("bank", T0 + start) for start in (0, 1, MINUTE, 6 * MINUTE)] == [4, 2, 2, 0]
    assert (minutes.since("bank", T0, T0 + MINUTE), minutes.since("shop", T0)) == (2, 0)


def test_old_ones_and_other_projects_are_forgotten() -> None:
    minutes = counted()
    minutes.forget(T0 + MINUTE + KEEP_US)
    assert minutes.since("bank", 0) == 2
    minutes.keep({"shop"})
    assert minutes.since("bank", 0) == 0


def test_a_step_of_the_clock_moves_each_to_the_minute_it_begins_in() -> None:
    minutes = counted()
    minutes.shift(90 * SECOND)
    assert [minutes.since("bank", T0 + at, T0 + at + MINUTE) for at in (0, MINUTE, 2 * MINUTE, 6 * MINUTE)] == [0, 2, 1, 1]
