"""What a first plan is worth, in words, and what comes next."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.core.contract import MINUTE, Project
from monitor.plan.history import DAY_US, Cover, Tally
from monitor.survey.logbook import INTERVAL_US, Logbook
from monitor.survey.summary import made_of, next_lines


def book() -> Logbook:
    tally = Tally(Project("bank", "Bank", "floor", ()), INTERVAL_US)
    tally.contacts[0] = 1
    return Logbook(Path("queue_log"), {"bank": tally, "vip": tally})


@pytest.mark.parametrize(
    ("covered", "words"),
    [
        (Cover(0, 20_000_000, 0), "14 days from queue_log (1 contact), which has not one whole day but less than a minute: counts are scaled"),
        (Cover(0, 185 * MINUTE, 0), "14 days from queue_log (1 contact), which has not one whole day but 3 h 05 min: counts are scaled"),
        (Cover(0, DAY_US, 1), "14 days of the mean per weekday and half-hour over 1 whole day of queue_log (1 contact); that is less than a week"),
        (Cover(0, 7 * DAY_US, 7), "14 days of the mean per weekday and half-hour over 7 whole days of queue_log (1 contact)"),
    ],
)
def test_a_plan_says_what_it_is_made_of(covered: Cover, words: str) -> None:
    said = made_of(book(), covered)
    assert said.startswith(words)
    assert ("weekdays never seen have the mean of all days" in said) is (0 < covered.days < 7)


def test_the_next_commands_can_be_pasted() -> None:
    said = list(next_lines(Path("my floor"), [Path("my floor/floorwatch.toml")]))
    assert said[0] == "wrote    my floor/floorwatch.toml"
    assert said[-2:] == ["  floorwatch check --config 'my floor/floorwatch.toml' --live", "  floorwatch run --config 'my floor/floorwatch.toml'"]
