"""Findings become what is said."""

from __future__ import annotations

from monitor.assess.conditions import About, Condition, Finding, Subject
from monitor.assess.holdings import Holdings
from monitor.core.contract import MINUTE, Contract, Group, Project, QueueId

BANK, FLOOR = Subject(About.PROJECT, "bank"), Subject(About.GROUP, "floor")
CONTRACT = Contract(groups=(Group("floor"),), projects=(Project("bank", "Bank", "floor", (QueueId("pbx1", "bank"),)),))
YES, NO = Finding(True, {"seconds": 1}), Finding(False)


def test_what_was_never_judged_is_not_known() -> None:
    assert Holdings().published(CONTRACT) == ({}, (), {})


def test_a_condition_holds_once_it_has_lasted_and_ends_at_once() -> None:
    holdings = Holdings()
    for at, holds in ((0, False), (MINUTE - 1, False), (MINUTE, True)):
        holdings.take(Condition.LONG_WAIT, BANK, YES, at, MINUTE)
        assert holdings.holds(Condition.LONG_WAIT, BANK) is holds
        assert holdings.published(CONTRACT)[0] == {(Condition.LONG_WAIT, BANK): holds}
    ((held,), since) = holdings.published(CONTRACT)[1], 0
    assert (held.since, held.figures) == (since, {"seconds": 1})
    holdings.take(Condition.LONG_WAIT, BANK, NO, 2 * MINUTE, MINUTE)
    assert holdings.published(CONTRACT)[0] == {(Condition.LONG_WAIT, BANK): False}
    holdings.take(Condition.LONG_WAIT, BANK, YES, 2 * MINUTE, MINUTE)
    assert not holdings.holds(Condition.LONG_WAIT, BANK), "it lasts from anew"


def test_what_cannot_be_judged_any_more_is_neither_held_nor_denied() -> None:
    holdings = Holdings()
    holdings.take(Condition.LONG_WAIT, BANK, YES, 0)
    holdings.take(Condition.LONG_WAIT, BANK, None, MINUTE)
    assert holdings.published(CONTRACT) == ({}, (), {})


def test_what_is_muted_is_not_active() -> None:
    holdings = Holdings()
    holdings.take(Condition.LONG_WAIT, BANK, YES, 0)
    assert holdings.published(CONTRACT)[0] == {(Condition.LONG_WAIT, BANK): True}
    holdings.take(Condition.QUEUE_UNATTENDED, BANK, YES, 0)
    states, speaking, muted = holdings.published(CONTRACT)
    assert states == {(Condition.LONG_WAIT, BANK): False, (Condition.QUEUE_UNATTENDED, BANK): True}
    assert [one.condition for one in speaking] == [Condition.QUEUE_UNATTENDED]
    assert muted == {(Condition.LONG_WAIT, BANK): (Condition.QUEUE_UNATTENDED, BANK)}


def test_a_step_of_the_clock_changes_no_duration() -> None:
    holdings = Holdings()
    holdings.take(Condition.LONG_WAIT, BANK, YES, 0, MINUTE)
    holdings.take(Condition.STUCK_CALL, FLOOR, YES, 0)
    holdings.shift(3600)
    holdings.take(Condition.LONG_WAIT, BANK, YES, 3600 + MINUTE, MINUTE)
    assert {one.since for one in holdings.published(CONTRACT)[1]} == {3600}


def test_who_is_not_agreed_any_more_is_forgotten() -> None:
    holdings = Holdings()
    holdings.take(Condition.LONG_WAIT, BANK, YES, 0)
    holdings.take(Condition.STUCK_CALL, FLOOR, YES, 0)
    holdings.take(Condition.CLOCK_SKEW, Subject(About.PBX, "pbx1"), YES, 0)
    holdings.agree(Contract(pbxs=("pbx2",), groups=CONTRACT.groups))
    assert set(holdings.published(CONTRACT)[0]) == {(Condition.STUCK_CALL, FLOOR)}
