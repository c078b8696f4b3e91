"""Outages under real calls: lines that are cut or swallow, daemons that are killed; afterwards the counters are those of queue_log, or say what is missing.

Asks the daemons that rode along on the shifts (`conftest.RIDERS`). What befell them is printed with the seed.
"""

from __future__ import annotations

import pytest

from tests.lab import gaps, judge
from tests.lab.conftest import RIDERS
from tests.lab.daemon import PBX
from tests.lab.fetch import Unavailable
from tests.lab.judge import Verdict
from tests.lab.rider import PULSE, Rides
from tests.lab.shift import Shift

pytestmark = [pytest.mark.lab, pytest.mark.timeout(1500)]

NOTICED_SECONDS = PULSE.ping_seconds + PULSE.deadline_seconds + 3  # a look is a second old, and the machine may be busy
ALL = [(major, rides) for major, riders in RIDERS.items() for rides in riders]
Shifts = dict[str, Shift | Unavailable]


def each(riders: list[tuple[str, Rides]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("major", "rides"), riders, ids=[f"{major}-{rides.name}" for major, rides in riders])


def played(shifts: Shifts, major: str) -> Shift:
    result = shifts[major]
    if isinstance(result, Unavailable):
        pytest.skip(f"Asterisk {major}: {result}")
    return result


def accept(verdict: Verdict) -> None:
    print(verdict)
    assert not verdict.problems, f"\n{verdict}"


@each(ALL)
def test_every_scrape_was_true_whatever_happened(shifts: Shifts, major: str, rides: Rides) -> None:
    """No counter stepped back or vanished, visits were conserved, nothing of now was shown while blind."""
    ridden = played(shifts, major).ridden[rides.name]
    print(ridden)
    assert not ridden.wrong, "\n".join(ridden.wrong)
    assert len(ridden.looks) > 10
    assert ridden.exit_code == 0, ridden.daemon_log


@each([(major, rides) for major, rides in ALL if rides.log])
def test_with_a_log_the_calls_are_those_of_queue_log(shifts: Shifts, major: str, rides: Rides) -> None:
    shift = played(shifts, major)
    accept(gaps.healed(shift.ridden[rides.name], judge.figures(shift.rows, shift.redirected, shift.truth.visits), shift.rows))


@each([(major, rides) for major, rides in ALL if not rides.log])
def test_without_a_log_what_is_missing_is_claimed(shifts: Shifts, major: str, rides: Rides) -> None:
    shift = played(shifts, major)
    ridden = shift.ridden[rides.name]
    accept(gaps.claimed(ridden, judge.figures(shift.rows, shift.redirected, shift.truth.visits), shift.truth.visits))


@each(ALL)
def test_being_blind_is_said_within_the_ping_deadline(shifts: Shifts, major: str, rides: Rides) -> None:
    ridden = played(shifts, major).ridden[rides.name]
    assert gaps.noticed(ridden.looks, ridden.blind, NOTICED_SECONDS) == []
    assert ridden.last.total("floorwatch_ami_up", pbx=PBX) == 1
    assert ridden.last.total("floorwatch_pbx_restarts_total", pbx=PBX) == 0, "a line that was cut is no restart"
