"""November 2008: which condition when, whose loss it is read as, and what is not said."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.assess.conditions import KINDS, LOSSES, Condition
from monitor.assess.judgement import Judgement, Verdict
from monitor.core.contract import MINUTE
from monitor.core.incident_log import Moment
from tests.assess.centre import Heard
from tests.assess.november import ALARM, HOLIDAY, LINES, LOOKS, LOST, TRUNK, TRUNKLESS, November, moment, row_of, table
from tests.conftest import Golden

SEED = 1
GOLDEN = Path(__file__).parent / "golden" / "november.txt"
CLIENTS = {line.name: line.client for line in LINES}
VOLUME = (*LOSSES, Condition.VOLUME_SURGE, Condition.WORKLOAD_BELOW_PLAN, Condition.WORKLOAD_ABOVE_PLAN)


def day_of(at: int) -> int:
    """0 on the story's first Monday."""
    return next(day for day in range(20) if at < moment(day + 1, 0))


def losses(story: November) -> list[Heard]:
    return [one for one in story.heard if one.sign == "+" and one.what.condition in LOSSES]


def check_every_loss_is_said_once_and_of_nobody_else(story: November) -> None:
    """One message a day for each client who is lost, one for the trunk, and no word about anybody's volume besides."""
    said = [(day_of(one.at), CLIENTS[one.what.subject.name]) for one in losses(story) if day_of(one.at) != 3]
    assert len(said) == len(set(said)), "a client is one message"
    assert all(client in LOST and moment(day + 1, 0) > LOST[client] for day, client in said), "and only one who is lost"
    assert {one.what.condition for one in story.heard if one.what.condition in VOLUME} <= set(LOSSES)


def check_it_is_read_right(story: November, days: tuple[int, ...] = (1, 2, 3)) -> None:
    """No client is blamed for the holiday, the alarm or the trunk."""
    assert [(day_of(at), project) for at, project, whose in story.centre.read if whose == "client" and day_of(at) in days] == []


def check_the_lost_are_known(story: November) -> None:
    """All three by the evening of the day after, and as what they are; and it goes on."""
    for client, since in LOST.items():
        said = [one.at for one in losses(story) if CLIENTS[one.what.subject.name] == client and one.at >= moment(7, 0)]
        assert said, client
        assert since < said[0] < moment(day_of(since) + 1, 18), client
        assert day_of(said[-1]) == 9, client
    assert {CLIENTS[project] for at, project, whose in story.centre.read if whose == "client" and at >= moment(7, 9)} == set(LOST)


def check_the_trunk(story: November) -> None:
    """One message within a quarter of an hour, over with it; the evening judges the day without that time."""
    said = [one for one in story.heard if day_of(one.at) == 3 and one.what.condition in VOLUME]
    assert [(one.sign, one.what.condition) for one in said] == [("+", Condition.PROJECT_SILENT), ("-", Condition.PROJECT_SILENT)]
    assert said[0].at <= TRUNK[0] + 15 * MINUTE
    assert said[1].what.figures["reading"] == "telephony"
    assert said[1].at <= TRUNK[1] + 5 * MINUTE
    evening, ledger = story.seen[LOOKS[2]], story.centre.keeping.plan
    for name in TRUNKLESS:
        judged = evening.projects[name]
        whole = ledger.over(name, moment(3, 9), moment(3, 17, 30)).calls_u / 1e6
        dead = ledger.over(name, moment(3, 12), moment(3, 13, 30)).calls_u / 1e6
        assert whole - 1.5 * dead < judged.total.f <= whole - dead + 1e-6, name
        assert judged.verdict is not Verdict.ACT
        assert judged.step is not None
        assert not judged.step.lost.holds
    assert evening.projects["cards"].total.f == pytest.approx(ledger.over("cards", moment(3, 9), moment(3, 17, 30)).calls_u / 1e6)


def held(judgement: Judgement) -> bool:
    """Nothing is judged that an incident holds."""
    return all(one.held and one.verdict is None for one in judgement.projects.values()) and not any(KINDS[key[0]].held for key in judgement.states)


def check_what_is_known_holds(story: November) -> None:
    """Nothing is said of people or volume in the holiday and the alarm; of the alarm, how many ran and came back."""
    assert held(story.seen[LOOKS[0]])
    assert held(story.seen[LOOKS[1]])
    over = ALARM[1] + 15 * MINUTE
    spoken = [one for one in story.heard if one.sign == "+" and KINDS[one.what.condition].held]
    assert [one for one in spoken if HOLIDAY.since <= one.at < moment(2, 0) or ALARM[0] <= one.at < over] == []
    figures = {one.moment: one.figures for _, one in story.news if one.incident.id == "1" and one.figures is not None}
    assert list(figures) == [Moment.OPENED, Moment.CLOSED, Moment.RECOVERED]
    people = figures[Moment.OPENED].people
    assert (figures[Moment.OPENED].away, people) == (0, 16)
    assert figures[Moment.CLOSED].away == 13
    assert (figures[Moment.RECOVERED].away, figures[Moment.RECOVERED].back) == (0, 13)


@pytest.mark.full
@pytest.mark.golden
@pytest.mark.timeout(600)
def test_two_weeks_of_november_2008(golden: Golden) -> None:
    story = November(SEED).tell()
    golden(GOLDEN, table(story))
    check_every_loss_is_said_once_and_of_nobody_else(story)
    check_it_is_read_right(story)
    check_the_lost_are_known(story)
    check_the_trunk(story)
    check_what_is_known_holds(story)


def golden_losses() -> list[str]:
    lines = GOLDEN.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if " + " in line and any(f" {condition} " in line for condition in LOSSES)]


@pytest.mark.timeout(300)
def test_the_day_of_the_trunk_by_itself() -> None:
    story = November(SEED, 3).tell(moment(3, 18))
    assert [row_of(one) for one in losses(story)] == [line for line in golden_losses() if line.startswith("06 Thu")]
    check_it_is_read_right(story)
    check_the_trunk(story)


@pytest.mark.timeout(300)
def test_the_losses_by_themselves() -> None:
    """Of anybody's volume the second week says what the whole story says of it, a day and a half long."""
    story = November(SEED, 7).tell(moment(8, 10, 30))
    told = sorted(row_of(one) for one in losses(story))
    assert told == [line for line in golden_losses() if line >= "10 Mon"][: len(told)]
    assert len(told) >= 3
    check_every_loss_is_said_once_and_of_nobody_else(story)
