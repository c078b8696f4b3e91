"""Rows of a caller who is in a queue several times, or between its line and an agent: each stay once, whenever the lists show him."""

from __future__ import annotations

from dataclasses import replace

from monitor.core.contract import SECOND
from monitor.core.counters import Component
from monitor.core.events import ChannelRow, SnapshotTaken, WaitingRow
from tests.core.test_coming import lived, us
from tests.core.test_heal import caller, leg, member, snapshot, told, visits

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
