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


def test_what_was_muted_stays_so_a_little_longer_than_its_cause_and_what_is_new_speaks() -> None:
    holdings = Holdings()
    for condition in (Condition.SERVICE_LEVEL_AT_RISK, Condition.ABANDONMENT_HIGH):
        holdings.take(condition, BANK, YES, 0)
    holdings.published(CONTRACT, 0)
    holdings.take(Condition.SERVICE_LEVEL_AT_RISK, BANK, NO, MINUTE)
    holdings.take(Condition.LONG_WAIT, BANK, YES, MINUTE)
    for at, speaking in (
        (MINUTE, [Condition.LONG_WAIT]),
        (15 * MINUTE, [Condition.LONG_WAIT]),
        (16 * MINUTE, [Condition.ABANDONMENT_HIGH, Condition.LONG_WAIT]),
    ):
        assert [one.condition for one in holdings.published(CONTRACT, at)[1]] == speaking
    holdings.take(Condition.ABANDONMENT_HIGH, BANK, NO, 17 * MINUTE)
    assert [one.condition for one in holdings.published(CONTRACT, 17 * MINUTE)[1]] == [Condition.LONG_WAIT]


def test_what_is_about_now_speaks_as_soon_as_its_cause_is_over() -> None:
    holdings = Holdings()
    chain = (Condition.QUEUE_UNATTENDED, Condition.SERVICE_LEVEL_AT_RISK, Condition.ABANDONMENT_HIGH, Condition.LONG_WAIT)
    for condition in chain:
        holdings.take(condition, BANK, YES, 0)
    assert [one.condition for one in holdings.published(CONTRACT, 0)[1]] == [Condition.QUEUE_UNATTENDED]
    holdings.take(Condition.QUEUE_UNATTENDED, BANK, NO, MINUTE)
    holdings.take(Condition.SERVICE_LEVEL_AT_RISK, BANK, NO, MINUTE)
    assert [one.condition for one in holdings.published(CONTRACT, MINUTE)[1]] == [Condition.LONG_WAIT]
    assert [one.condition for one in holdings.published(CONTRACT, 16 * MINUTE)[1]] == [Condition.ABANDONMENT_HIGH, Condition.LONG_WAIT]


def test_who_is_blind_still_is_said_at_once() -> None:
    shop = Project("shop", "Shop", "floor", (QueueId("pbx1", "shop"),))
    contract = Contract(groups=CONTRACT.groups, projects=(*CONTRACT.projects, shop))
    holdings = Holdings()
    for subject in (BANK, Subject(About.PROJECT, "shop")):
        holdings.take(Condition.BLIND, subject, Finding(True, {"pbxs": "pbx1"}), 0)
    assert [one.subject.name for one in holdings.published(contract, 0)[1]] == ["bank"]
    holdings.take(Condition.BLIND, BANK, None, MINUTE)  # it closes
    assert [one.subject.name for one in holdings.published(contract, MINUTE)[1]] == ["shop"]


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
