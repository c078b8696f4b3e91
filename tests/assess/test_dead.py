"""When a silence of the telephony begins and ends, for one project, and whether it was one."""

from __future__ import annotations

from monitor.assess.dead import KEEP_US, DeadTime
from monitor.assess.reading import Reading
from monitor.core.contract import MINUTE

T0 = 1_764_000_000 * 1_000_000
LATER = T0 + 70 * MINUTE


def dead() -> DeadTime:
    """Silent since T0, which was read as the telephony's ten minutes later."""
    time = DeadTime()
    time.look(T0 + 10 * MINUTE, Reading.TELEPHONY, T0, T0 - MINUTE, others=True)
    assert time.until(T0 + 11 * MINUTE) == [(T0, T0 + 11 * MINUTE)]
    return time


def over() -> DeadTime:
    """And a caller came after 69 minutes."""
    time = dead()
    time.look(LATER, None, None, T0 + 69 * MINUTE, others=True)
    assert (time.spans, time.since, time.trial) == ([], None, (T0, T0 + 69 * MINUTE))
    return time


def test_a_silence_of_another_reading_is_not_dead_time() -> None:
    time = DeadTime()
    time.look(T0, Reading.CLIENT, T0 - MINUTE, None, others=False)
    assert (time.until(T0), time.ended) == ([], 0)


def test_it_ends_with_the_next_caller_and_is_on_trial() -> None:
    time = over()
    assert (time.until(LATER), time.ended) == ([(T0, T0 + 69 * MINUTE)], T0 + 69 * MINUTE)


def test_it_was_dead_time_if_callers_are_back() -> None:
    time = over()
    time.prove(LATER, 4, 4.0)
    assert time.trial is not None, "too early to say"
    time.prove(LATER, 5, 8.0)
    assert time.spans == [(T0, T0 + 69 * MINUTE)]
    assert time.until(LATER) == time.spans


def test_it_was_the_client_s_if_hardly_anybody_is() -> None:
    time = over()
    time.prove(LATER, 1, 9.9)
    assert time.trial is not None
    time.prove(LATER, 1, 10.0)
    assert (time.until(LATER), time.ended) == ([], 0)


def test_dead_again_on_trial_it_is_one_time() -> None:
    time = over()
    time.look(T0 + 90 * MINUTE, Reading.TELEPHONY, T0 + 71 * MINUTE, T0 + 70 * MINUTE, others=True)
    assert (time.since, time.trial) == (T0, None)


def test_it_goes_on_while_anybody_is_silent_so_whatever_this_one_is_read_as() -> None:
    time = dead()
    time.look(T0 + 36 * MINUTE, None, T0, T0 - MINUTE, others=True)
    assert time.since == T0


def test_it_ends_when_others_are_heard_and_this_one_is_silent_by_itself() -> None:
    time = dead()
    time.look(LATER, Reading.CLIENT, T0, T0 - MINUTE, others=False)
    assert (time.since, time.ended) == (None, LATER)


def test_while_nothing_can_be_asked_it_goes_on() -> None:
    time = dead()
    time.look(LATER, None, None, T0 - MINUTE, others=False)
    time.look(LATER, Reading.OWN, T0, T0 - MINUTE, others=False)
    assert time.since == T0


def test_it_is_forgotten_after_two_days_and_moves_with_the_clock() -> None:
    time = over()
    time.shift(MINUTE)
    assert time.trial == (T0 + MINUTE, T0 + 70 * MINUTE)
    time.spans = [(T0 - KEEP_US, T0 - KEEP_US + MINUTE)]
    time.prove(LATER, 50, 50.0)
    assert time.spans == [(T0 + MINUTE, T0 + 70 * MINUTE)]
    time.shift(-MINUTE)
    assert time.spans == [(T0, T0 + 69 * MINUTE)]
