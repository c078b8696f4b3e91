"""The outsourcer as a table: what its parts say of each other."""

from __future__ import annotations

from random import Random
from statistics import fmean, stdev

import pytest

from monitor.config.hours import parse_hours
from monitor.demo.roster import WORKERS, Shift, Skill
from monitor.demo.world import LINES, LONGEST_TALK_S, QUEUES, SERVICE_CV, SHORTEST_TALK_S, Line, line_of, talk

by_project = pytest.mark.parametrize("line", LINES, ids=lambda line: line.project)


@by_project
def test_calls_come_in_opening_hours_only(line: Line) -> None:
    (span,) = parse_hours(line.hours).week[0]
    for half in range(48):
        assert (line.rate(half / 2) > 0) == (span[0] <= half * 1800 < span[1]), half / 2


@by_project
def test_every_dialplan_ends_in_queues_that_exist_and_somebody_serves(line: Line) -> None:
    assert sum(way.share for way in line.ways) == pytest.approx(1)
    asked = {step[1] for way in line.ways for step in way.steps if step[0] == "queue"}
    assert asked <= set(line.queues)
    assert set(line.queues) <= {queue.name for queue in QUEUES}
    for shift in (Shift.MORNING, Shift.EVENING):
        served = {queue for worker in WORKERS if worker.shift is shift for queue, _ in worker.skill.value}
        assert set(line.queues) <= served


def test_a_queue_rests_its_agents_as_long_as_the_configuration_states() -> None:
    for queue in QUEUES:
        assert queue.wrapup_s == line_of(queue.name).wrapup_s


def test_rates_are_straight_between_their_corners() -> None:
    bank = LINES[0]
    assert bank.rate(9.25) == pytest.approx((3 * bank.rate(9) + bank.rate(10)) / 4)


def test_talks_are_as_long_as_they_should_be_and_as_different() -> None:
    random = Random(1)
    seconds = [talk(random, 180) for _ in range(40_000)]
    assert fmean(seconds) == pytest.approx(180, rel=0.05)
    assert stdev(seconds) / fmean(seconds) == pytest.approx(SERVICE_CV, rel=0.15)
    assert SHORTEST_TALK_S <= min(seconds) < max(seconds) <= LONGEST_TALK_S


def test_thirty_eight_people() -> None:
    assert len(WORKERS) == 38
    assert len({worker.interface for worker in WORKERS}) == len({worker.name for worker in WORKERS}) == 38
    assert sum(worker.shift is Shift.NIGHT for worker in WORKERS) == 2
    assert sum(len({line_of(queue).client for queue, _ in worker.skill.value}) > 1 for worker in WORKERS) >= 8, "shared between clients"
    assert 3 <= sum(worker.static for worker in WORKERS) <= 8
    assert {worker.group for worker in WORKERS if worker.skill is Skill.COLLECT} == {"collectors"}
