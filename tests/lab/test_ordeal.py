"""A PBX that stands still, dies in mid-call or is restarted, with calls going on: what the daemons beside it say during it and afterwards.

One ordeal per version, played once; the short run has it on 22 only. The seed is printed (FLOORWATCH_LAB_SEED).
"""

from __future__ import annotations

import asyncio

import pytest

from tests.lab import gaps, judge
from tests.lab.conftest import FULL
from tests.lab.daemon import PBX
from tests.lab.driver import seed
from tests.lab.fetch import Unavailable
from tests.lab.ordeal import Ordeal, ordeal
from tests.lab.rider import PULSE, Ridden

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]

VERSIONS = ("16", "22") if FULL else ("22",)
NOTICED_SECONDS = PULSE.ping_seconds + PULSE.deadline_seconds + 3
BUSY = ("talk", "hold", "ring", "dialing", "other")


@pytest.fixture(scope="module", params=VERSIONS)
def suffered(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Ordeal:
    major, chosen = request.param, seed()
    print(f"\nordeal of Asterisk {major}, FLOORWATCH_LAB_SEED={chosen}")
    try:
        return asyncio.run(ordeal(major, tmp_path_factory.mktemp(f"ordeal-{major}"), seed=chosen, limit=300, calm=15 if FULL else 2.5, waits=FULL))
    except Unavailable as missing:
        pytest.skip(f"Asterisk {major}: {missing}")


@pytest.fixture(params=["logged", "unlogged"])
def ridden(request: pytest.FixtureRequest, suffered: Ordeal) -> Ridden:
    return suffered.ridden[request.param]


def test_every_scrape_was_true_whatever_happened(ridden: Ridden) -> None:
    assert not ridden.wrong, "\n".join(ridden.wrong)
    assert ridden.exit_code == 0, ridden.daemon_log


def test_being_blind_is_said_within_the_ping_deadline(ridden: Ridden) -> None:
    assert gaps.noticed(ridden.looks, ridden.blind, NOTICED_SECONDS) == []
    assert len(ridden.blind) == 3


def test_restarts_are_told_from_a_pbx_that_stood_still(ridden: Ridden, suffered: Ordeal) -> None:
    assert suffered.restarts == 2
    assert ridden.last.total("floorwatch_pbx_restarts_total", pbx=PBX) == suffered.restarts


def test_no_agent_is_stuck_on_a_dead_call(ridden: Ridden) -> None:
    states = ridden.last.by("callcenter_agents", "state")
    assert {state: states[state] for state in BUSY if states.get(state)} == {}
    assert sum(states.values()) > 10
    assert ridden.last.total("callcenter_calls_waiting") == 0


def test_with_a_log_the_calls_are_those_of_queue_log(suffered: Ordeal) -> None:
    verdict = gaps.through_restarts(suffered.ridden["logged"], judge.figures(suffered.rows, suffered.redirected), suffered.rows)
    print(verdict)
    assert not verdict.problems, f"\n{verdict}"


def test_without_a_log_the_gaps_are_claimed_and_nothing_is_invented(suffered: Ordeal) -> None:
    ridden = suffered.ridden["unlogged"]
    verdict = judge.Verdict()
    if FULL:  # else nobody waited until they were given up
        gaps.unobserved(verdict, ridden)
    gaps.not_invented(verdict, ridden.last, judge.figures(suffered.rows, suffered.redirected))
    print(verdict)
    assert not verdict.problems, f"\n{verdict}"
