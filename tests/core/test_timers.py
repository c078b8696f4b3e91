"""Timers come in order of time, then of setting, and never by themselves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitor.core.timers import Due, Timers


def drain(timers: Timers, at: int) -> list[tuple[int, object]]:
    taken = []
    while (timer := timers.next_due(at)) is not None:
        taken.append((timer[0], timer[2]))
    return taken


@given(st.lists(st.integers(0, 20)), st.integers(0, 20))
def test_everything_due_comes_in_order_of_time_then_of_setting(instants: list[int], at: int) -> None:
    timers = Timers()
    for number, instant in enumerate(instants):
        timers.set(instant, Due.DECIDE, number)
    due = sorted((instant, number) for number, instant in enumerate(instants) if instant <= at)
    assert drain(timers, at) == due
    assert drain(timers, at) == []
    assert len(due) + len(drain(timers, 20)) == len(instants)


def test_a_subject_needs_no_order_of_its_own() -> None:
    timers = Timers()
    subjects = [object(), object()]
    for subject in subjects:
        timers.set(7, Due.LEG_GONE, subject)
    assert [subject for _, subject in drain(timers, 7)] == subjects


def test_a_shift_moves_all_and_keeps_their_order() -> None:
    timers = Timers()
    for number, instant in enumerate((5, 3, 3)):
        timers.set(instant, Due.DECIDE, number)
    timers.shift(100)
    assert drain(timers, 102) == []
    assert drain(timers, 105) == [(103, 1), (103, 2), (105, 0)]
