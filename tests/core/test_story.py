"""Rows of a caller who is in a queue several times, or between its line and an agent: each stay once, whenever the lists show him."""

from __future__ import annotations

from dataclasses import replace

from monitor.core import events as ev
from monitor.core.contract import SECOND
from monitor.core.counters import Component
from monitor.core.events import ChannelRow, SnapshotTaken, WaitingRow
from tests.core.test_coming import ONCE, answered, ended, joined, left, lived, us
from tests.core.test_heal import PBX, PLACE, caller, leg, member, snapshot, told, visits

ENTERED = "{}|1.1|bank|NONE|ENTERQUEUE||0|1\n"
ANN, BEN = "{}|1.1|bank|ann|CONNECT|1|1.2|1\n", "{}|1.1|bank|ben|CONNECT|1|1.3|1\n"
ANN_ENDS, BEN_ENDS = "{}|1.1|bank|ann|COMPLETECALLER|1|6|1\n", "{}|1.1|bank|ben|COMPLETECALLER|1|4|2\n"
TWICE = {"entered": 2, "answered": 2, "in_threshold": 2, "handled": 2}


def log(*rows: tuple[str, int]) -> str:
    return "".join(row.format(at) for row, at in rows)


def listed(at: float, last: float, *channels: ChannelRow, waiting: tuple[WaitingRow, ...] = ()) -> SnapshotTaken:
    """Lists of an instant that were read until the last second given."""
    taken = snapshot(at, member("bank", "ann"), member("bank", "ben"), waiting=waiting, channels=channels)
    return replace(taken, listed_at=us(last))


# --- from talk to talk ------------------------------------------------------------------------------------------------------


def test_who_enters_again_is_out_of_his_talk_though_its_row_comes_when_all_is_over() -> None:
    """A Redirect into the same queue: Asterisk logs the end of the first talk when the caller hangs up."""
    past = told(
        log((ENTERED, 10), (ANN, 20), (ENTERED, 30), (BEN, 40), (ANN_ENDS, 60), (BEN_ENDS, 60)), snapshot(600, member("bank", "ann"), member("bank", "ben"))
    )
    assert visits(past.counters) == TWICE
    assert past.counters.handle_us["bank", Component.TALK] == (10 + 20) * SECOND


def test_the_late_row_ends_no_other_talk_of_the_agent() -> None:
    other = "31|1.5|bank|NONE|ENTERQUEUE||0|1\n32|1.5|bank|ann|CONNECT|1|1.6|1\n"
    rows = log((ENTERED, 10), (ANN, 20), (ENTERED, 30)) + other + log((BEN, 40), (ANN_ENDS, 60), (BEN_ENDS, 60)) + "82|1.5|bank|ann|COMPLETECALLER|1|50|1"
    past = told(rows, snapshot(600, member("bank", "ann"), member("bank", "ben")))
    assert past.counters.handle_us["bank", Component.TALK] == (10 + 20 + 50) * SECOND


def test_both_visits_are_handled_of_who_is_in_the_second_talk_while_the_first_has_no_end() -> None:
    taken = listed(100.5, 100.7, caller("1.1", "bank", "b1"), leg("1.3", "ben", "b1", 86))
    assert visits(lived(log((ENTERED, 80), (ANN, 81), (ENTERED, 85), (BEN, 86)), taken).counters) == TWICE


def test_a_talk_is_over_whose_caller_comes_again_live() -> None:
    """He is in his second talk when the channels are read; his first was answered in the second of the snapshot."""
    taken = listed(100.02, 100.6, caller("1.1", "bank", "b1"), leg("1.3", "ben", "b1", 100))
    rows = log((ENTERED, 99), (ANN, 100), (ENTERED, 100), ("{}|1.1|bank|ann|BLINDTRANSFER|700|inbound|1|0|1\n", 100), (BEN, 100))
    assert visits(lived(rows, taken, ended(100.1, "1.2"), joined(100.1), left(100.4), answered(100.4, who="ben", leg="1.3")).counters) == TWICE


def test_he_talks_to_whom_the_channels_show_and_what_follows_in_that_second_is_live() -> None:
    taken = listed(100.02, 100.2, caller("1.1", "bank", "b1"), leg("1.2", "ann", "b1", 98))
    rows = log((ENTERED, 97), (ANN, 98), ("{}|1.1|bank|ann|BLINDTRANSFER|700|inbound|1|2|1\n", 100), (ENTERED, 100), (BEN, 100))
    assert visits(lived(rows, taken, ended(100.3, "1.2"), joined(100.3), left(100.6), answered(100.6, who="ben", leg="1.3")).counters) == TWICE


def test_who_waits_a_second_time_and_is_answered_while_the_lists_are_read_has_been_answered_twice() -> None:
    taken = listed(100.02, 101.2, caller("1.1", "bank", "b1"), leg("1.3", "ben", "b1", 101))
    rows = log((ENTERED, 90), (ANN, 91), ("{}|1.1|bank|ann|BLINDTRANSFER|700|inbound|1|5|1\n", 96), (ENTERED, 96), (BEN, 101))
    assert visits(lived(rows, taken, left(101.1), answered(101.1, who="ben", leg="1.3")).counters) == TWICE


# --- between the line and the agent -----------------------------------------------------------------------------------------


def test_who_came_in_the_second_of_the_snapshot_and_waits_for_an_announcement_to_end_came_before() -> None:
    taken = listed(100.6, 100.7, caller("1.1", "bank"), leg("1.2", "ann", "", 100))
    assert visits(lived(log((ENTERED, 100), (ANN, 101)), taken, answered(101.5)).counters) == ONCE


def test_who_is_put_through_after_the_lists_in_the_second_of_the_snapshot_is_answered_live() -> None:
    taken = listed(100.2, 100.3, caller("1.1", "bank"), leg("1.2", "ann", "", 100))
    rows = log((ENTERED, 98), (ANN, 100), (ANN_ENDS, 100))
    assert visits(lived(rows, taken, answered(100.6), ended(100.7, "1.2"), ended(100.8)).counters) == ONCE


# --- the second of the snapshot ---------------------------------------------------------------------------------------------


def test_what_is_not_told_live_was_before_once_the_second_is_over_when_the_channels_are_read() -> None:
    taken = listed(100.9, 101.3)
    assert visits(lived(log((ENTERED, 100), (ANN, 100), (ANN_ENDS, 101)), taken, ended(101.1)).counters) == ONCE


def test_what_stands_before_a_row_that_is_told_live_was_before() -> None:
    taken = listed(100.5, 100.9, caller("1.1", "bank", "b1"), leg("1.2", "ann", "b1", 100))
    shop = "100|1.1|shop|NONE|ENTERQUEUE||0|1\n100|1.1|shop|ben|CONNECT|1|1.3|1\n100|1.1|shop|ben|BLINDTRANSFER|700|inbound|1|0|1\n"
    floor = lived(shop + log((ENTERED, 100), (ANN, 100)), taken, joined(100.7), left(100.8), answered(100.8))
    assert visits(floor.counters, "shop") == visits(floor.counters) == ONCE


def test_who_has_waited_for_longer_than_that_second_is_in_the_list_as_he_was_before() -> None:
    """He is out by time and in again after the lists."""
    taken = listed(100.1, 100.7, caller("1.1", "bank"), waiting=(WaitingRow("1.1", "bank", "PJSIP/trunk-1.1", 13 * SECOND // 10),))
    rows = log((ENTERED, 98), ("{}|1.1|bank|NONE|EXITWITHTIMEOUT|1|1|2\n", 100), (ENTERED, 100))
    out = [ev.CallerAbandoned(PBX, us(100.9), "1.1", "bank", PLACE), left(100.9), joined(100.91), answered(103)]
    assert visits(lived(rows, taken, *out).counters) == {"entered": 2, "answered": 1, "in_threshold": 1, "handled": 1}
