"""The detectors do on simulated days what the domain promises: a small, seeded share of `make calibrate`.

A figure may differ by what sampling explains, ours and the domain's own (taken as 20,000 days), and by half a unit of its last digit.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from math import sqrt

import numpy as np
import pytest

from monitor.assess.reading import Reading
from tests.calibrate import clients, gaps, weeks
from tests.calibrate.clients import Floor
from tests.calibrate.days import Result, Setting, Tally, remembered, simulate
from tests.calibrate.gaps import Quiet
from tests.calibrate.promised import ALL_LOST, CALLS, HALF_LOST, ROWS, Row, figure
from tests.calibrate.weeks import Lasting
from tests.calibrate.work import share_out

DAYS = 400
THEIR_DAYS = 20_000
SURE = 4.0  # standard errors: one of some 120 figures beyond it by chance in a hundred changes of the seed
SEED = np.random.SeedSequence(1999)


@pytest.fixture(scope="module", autouse=True)
def tails_computed_once() -> Iterator[None]:
    with remembered():
        yield


def rate_agrees(seen: Tally, printed: str) -> bool:
    """The binomial interval around a printed rate holds what was seen."""
    known = figure(printed)
    rate = min(max(known.value, 1e-5), 1 - 1e-3)
    error = sqrt(rate * (1 - rate) * (1 / seen.days + 1 / THEIR_DAYS))
    return abs(seen.rate - known.value) <= known.half + SURE * error + 1 / seen.days


def delay_agrees(seen: Tally, printed: str) -> bool:
    known = figure(printed)
    return abs(seen.delay - known.value) <= known.half + SURE * max(seen.delay_error, 0.01) * sqrt(1 + DAYS / THEIR_DAYS)


@cache
def days(setting: Setting) -> Result:
    return simulate(setting, DAYS, SEED)


def run(row: Row, calls: int, loss: float) -> Result:
    return days(Setting(row.detector, row.true_k, row.used_k, calls, loss, row.onset if loss else 0))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.detector}-{row.level}-{row.true_k:g}-{row.used_k:g}")
def test_a_line_of_the_table(row: Row) -> None:
    for index, calls in enumerate(CALLS):
        false, caught = (getattr(run(row, calls, loss), row.level) for loss in (0.0, HALF_LOST))
        assert rate_agrees(false, row.false[index]), (calls, false.rate)
        assert rate_agrees(caught, row.caught[index]), (calls, caught.rate)
        if row.delay:
            dead = getattr(run(row, calls, ALL_LOST), row.level)
            assert delay_agrees(caught, row.delay[index]), (calls, caught.delay)
            assert delay_agrees(dead, row.dead[index]), (calls, dead.delay)


def test_the_wrong_shape_would_be_noticed() -> None:
    """What is compared has the power to tell two lines of the table from each other."""
    wrong = simulate(Setting("day", 20, 20, 12, HALF_LOST), DAYS, SEED)
    assert not rate_agrees(wrong.critical, "78%")
    assert not delay_agrees(simulate(Setting("day", 20, 20, 4, ALL_LOST), DAYS, SEED).critical, "2.4")


def test_persistence_costs_about_an_interval_and_saves_a_third_of_the_false_alarms() -> None:
    false = simulate(Setting("day", 20, 38, 12), 4 * DAYS, SEED)
    assert 0.5 <= false.rule.caught / false.critical.caught <= 0.95
    lost = simulate(Setting("day", 38, 38, 12, HALF_LOST), DAYS, SEED)
    assert 0.9 <= lost.rule.delay - lost.critical.delay <= 1.8


def test_a_loss_from_mid_day_needs_the_recent_window() -> None:
    for calls in CALLS:
        assert rate_agrees(days(Setting("day", 38, 20, calls, HALF_LOST, 12)).critical, ".005")


@pytest.mark.parametrize("k", [38, 20])
def test_the_cusum_is_rarely_wrong_and_sees_small_losses_within_days(k: int) -> None:
    false = weeks.between_false_alarms(Lasting(k, 12), 20_000, SEED)
    assert 1 / 370 - SURE * false.rate_error <= false.rate <= 1 / 250 + SURE * false.rate_error
    half, fifth = (weeks.until_seen(Lasting(k, 12, loss), 300, SEED) for loss in (0.5, 0.2))
    assert 1.5 <= half.delay <= 3
    assert 5 <= fifth.delay <= 10
    assert fifth.caught == fifth.days


def test_silence_asked_after_every_call_needs_the_p_that_counts_the_calls() -> None:
    seen = gaps.simulate(Quiet(20, 12), DAYS, SEED)
    assert seen.plain.rate > 0.15
    assert rate_agrees(seen.counted, ".001")
    assert seen.plain_dead.delay < seen.counted_dead.delay < 2.5 * seen.plain_dead.delay


def test_a_share_labels_half_of_the_halved() -> None:
    for k, printed in ((20, "40%"), (40, "61%")):
        assert rate_agrees(clients.halved_share(k, 2 * DAYS, SEED), printed)


def test_readings_name_who_left_and_not_who_stayed() -> None:
    three = clients.simulate(Floor(8, 288, 38, 3, HALF_LOST), DAYS // 2, SEED)
    assert three.left[Reading.CLIENT] > 10 * three.left[Reading.MARKET]
    assert three.stayed.total() < 0.01 * 5 * three.days
    market = clients.simulate(Floor(8, 288, 38, fall=HALF_LOST), DAYS // 2, SEED)
    assert market.stayed[Reading.MARKET] > 10 * market.stayed[Reading.CLIENT]


def test_shared_out_it_is_the_same_on_any_machine() -> None:
    jobs = {calls: (simulate, Setting("two_days", 20, 20, calls), 6000) for calls in (4, 12)}
    first, again = share_out(jobs, 7), share_out(jobs, 7)
    assert first == again
    assert first[4].critical.days == 6000
    assert first[4] != first[12]
