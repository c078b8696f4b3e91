"""Demand, row by row: one a call, one for whoever calls again at once, and handle time where it belongs."""

from __future__ import annotations

import pytest

from monitor.core.contract import MINUTE, SECOND, Project
from monitor.plan.demand import LONGEST_CALL_US, LONGEST_TALK_S, REDIAL_US, Demand, withheld

HALF_HOUR = 30 * MINUTE
NOON = 1_794_564_000 * SECOND  # on a half-hour


def demand(*, once: bool = True) -> Demand:
    return Demand(Project("bank-line", "Bank", "floor", ()), HALF_HOUR, once=once)


def test_a_call_is_one_demand_however_often_it_enters() -> None:
    seen = demand()
    for minute in (0, 1, 40):
        seen.entered(NOON + minute * MINUTE, "1.7", "")
    assert seen.contacts == {NOON: 1}
    assert (seen.calls, seen.redials) == (1, 0)


def test_who_calls_again_within_ten_minutes_of_his_last_try_is_the_same() -> None:
    seen = demand()
    for number, minute in enumerate((29, 35, 45)):  # six and ten minutes after the one before
        seen.entered(NOON + minute * MINUTE, f"1.{number}", "0445550101")
    assert seen.contacts == {NOON: 1}
    assert (seen.calls, seen.redials) == (3, 2)
    seen.entered(NOON + 55 * MINUTE + SECOND, "1.9", "0445550101")
    assert seen.contacts == {NOON: 1, NOON + HALF_HOUR: 1}


def test_another_number_is_another_and_so_is_a_second_project() -> None:
    first, second = demand(), demand()
    first.entered(NOON, "1.1", "0445550101")
    first.entered(NOON, "1.2", "0445550102")
    second.entered(NOON + MINUTE, "1.3", "0445550101")
    assert (first.contacts[NOON], second.contacts[NOON]) == (2, 1)


@pytest.mark.parametrize("number", ["", "anonymous", "Anonymous", "unknown", "s", "0", "<unknown>", "withheld"])
def test_a_number_that_is_not_shown_is_nobody_s(number: str) -> None:
    assert withheld(number)
    seen = demand()
    seen.entered(NOON, "1.1", number)
    seen.entered(NOON + SECOND, "1.2", number)
    assert (seen.contacts[NOON], seen.redials) == (2, 0)


@pytest.mark.parametrize("number", ["101", "+380445550101", "sip:44@pbx"])
def test_a_number_that_is_one(number: str) -> None:
    assert not withheld(number)


def test_every_call_counts_where_numbers_are_not_to_be_believed() -> None:
    seen = demand(once=False)
    seen.entered(NOON, "1.1", "100")
    seen.entered(NOON + SECOND, "1.2", "100")
    assert (seen.contacts[NOON], seen.redials) == (2, 0)


def test_handle_time_is_put_where_the_demand_came() -> None:
    seen = demand()
    seen.entered(NOON + 29 * MINUTE, "1.1", "100")  # lost
    seen.entered(NOON + 31 * MINUTE, "1.2", "100")
    seen.talked(NOON + 35 * MINUTE, "1.2", 100)
    seen.talked(NOON + 40 * MINUTE, "1.2", 50)  # after a transfer into the project's next queue
    assert (seen.handled, seen.handle_us) == ({NOON: 1}, {NOON: (100 + 50 + 2 * 15) * SECOND})


def test_talk_of_nobody_and_talk_without_end_are_none() -> None:
    seen = demand()
    seen.talked(NOON, "1.1", 100)
    seen.entered(NOON, "1.2", "")
    seen.talked(NOON, "1.2", LONGEST_TALK_S + 1)
    assert not seen.handled
    assert not seen.handle_us


def test_nothing_is_remembered_for_longer_than_it_matters() -> None:
    seen = demand()
    for number in range(600):
        seen.entered(NOON + number * MINUTE, f"{number}", f"044555{number:04}")
        assert len(seen._callers.now) + len(seen._callers.before) <= 2 * REDIAL_US // MINUTE + 1
    seen.entered(NOON + 3 * LONGEST_CALL_US, "last", "100")
    assert list(seen._calls.now | seen._calls.before) == ["last"]
    assert list(seen._callers.now | seen._callers.before) == ["100"]
