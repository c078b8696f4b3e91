"""Contacts: a caller's first entry into a project during one call, whatever number of visits follow."""

from __future__ import annotations

import pytest

from monitor.core.contacts import REMEMBER_US
from monitor.core.contract import MINUTE, SECOND
from monitor.core.counters import Component
from monitor.core.snapshot import Cell
from tests.core.scene import ELSEWHERE, NEXT, Scene, contract, project


def scene() -> Scene:
    return Scene(contract(project("bank", "bank", "vip"), project("shop"))).staffed("ann", "bob")


def timed_out(floor: Scene, at: float, call: str, queue: str = "bank") -> None:
    floor.abandon(at, call, queue)
    floor.leave(at, call, queue)


def test_overflow_into_another_queue_of_the_project_is_one_contact() -> None:
    floor = scene()
    floor.channel(0, "c")
    floor.join(0, "c")
    timed_out(floor, 15, "c")
    floor.join(15, "c", "vip", position=ELSEWHERE)
    floor.ring(15, "c", "ann", queue="vip")
    floor.answer(25, "c", "ann", queue="vip")
    floor.snap(25)
    assert floor.visits("vip") == {"entered": 1, "answered": 1, "in_threshold": 1}  # ten seconds there
    assert floor.visits("bank") == {"entered": 1, "flowed_out:other": 1}
    assert floor.contacts() == {"contacts": 1, "answered": 1}  # but 25 since the first join: late


def test_another_project_is_another_contact() -> None:
    floor = scene()
    floor.channel(0, "c")
    floor.join(0, "c")
    timed_out(floor, 4, "c")
    floor.join(4, "c", "shop", position=ELSEWHERE)
    floor.hang_up(10, "c", "shop")
    floor.snap(12)
    assert floor.contacts("bank") == {"contacts": 1, "flowed_out": 1}
    assert floor.contacts("shop") == {"contacts": 1, "abandoned": 1, "abandoned_in_threshold": 1}


def test_a_contact_that_nobody_answered_ends_with_the_callers_channel_in_the_last_visits_outcome() -> None:
    floor = scene()
    floor.channel(0, "c")
    floor.join(0, "c")
    timed_out(floor, 4, "c")
    floor.seen(4, "c", NEXT)
    assert floor.snap(30).counters.flowed_out
    assert floor.contacts() == {"contacts": 1}  # he may come back
    assert floor.snap(30).waiting_since["bank"] == ()
    floor.join(40, "c", "vip", position=ELSEWHERE)
    assert floor.snap(41).waiting_since["bank"] == (floor.us(0),)
    floor.hang_up(42, "c", "vip")
    assert floor.visits("vip") == {"entered": 1, "short": 1}
    assert floor.contacts() == {"contacts": 1, "abandoned": 1}  # 42 s since the first join


def test_an_attended_transfer_consults_under_the_first_calls_linkedid_and_makes_no_second_contact() -> None:
    floor = scene()
    floor.channel(0, "c")
    floor.join(0, "c")
    floor.ring(0, "c", "ann")
    floor.answer(0, "c", "ann")
    floor.channel(5, "l2", linked="c")
    floor.join(5, "l2", "vip", linked="c")
    floor.ring(5, "l2", "bob", queue="vip")
    floor.answer(6, "l2", "bob", queue="vip")
    floor.finish(10, "c", "ann")
    floor.finish(16, "l2", "bob", queue="vip")
    floor.snap(60)
    assert floor.contacts() == {"contacts": 1, "answered": 1, "in_threshold": 1, "handled": 1}
    # handled once, when the last work on it ended: 10 + 15 and 10 + 15 seconds, at 31
    minutes = floor.minutes()
    assert (minutes[Cell.HANDLED], minutes[Cell.HANDLED_US]) == (1, 50 * SECOND)
    assert floor.floor.counters.handle_us["bank", Component.WRAPUP] == 30 * SECOND


def test_a_contact_is_handled_in_the_minute_its_last_work_ends() -> None:
    floor = scene()
    floor.call(0, "c", "ann", talk=50)  # wrap-up until 65
    floor.snap(64.999)
    assert "handled" not in floor.contacts()
    floor.snap(130)
    book = floor.floor.ledger.projects["bank"]
    handled = {minute: cell[Cell.HANDLED] for minute, cell in book.minutes.items() if cell[Cell.HANDLED]}
    assert handled == {floor.us(60): 1}
    assert book.minutes[floor.us(0)][Cell.CONTACTS] == 1


def test_a_late_join_under_a_finished_calls_linkedid_is_the_same_contact_for_an_hour() -> None:
    floor = scene()
    floor.call(0, "c", "ann", talk=5)
    floor.snap(60)
    assert floor.contacts()["handled"] == 1
    floor.channel(100, "late", linked="c")
    floor.join(100, "late", linked="c")
    floor.hang_up(110, "late")
    assert floor.contacts()["contacts"] == 1
    after = (REMEMBER_US + 3 * MINUTE) / SECOND
    floor.snap(after)
    floor.channel(after, "later", linked="c")
    floor.join(after, "later", linked="c")
    assert floor.contacts()["contacts"] == 2


def test_two_callers_of_one_call_wait_as_one_contact() -> None:
    floor = scene()
    for call in ("c", "d"):
        floor.channel(0, call, linked="c")
    floor.join(0, "c")
    floor.join(3, "d", linked="c")
    assert floor.snap(4).waiting_since["bank"] == (floor.us(0),)
    floor.hang_up(10, "c")
    assert floor.contacts() == {"contacts": 1}  # the other one may still be answered
    floor.hang_up(12, "d")
    assert floor.contacts() == {"contacts": 1, "abandoned": 1, "abandoned_in_threshold": 1}


def test_two_calls_joined_into_one_later_join_the_contact_of_the_linkedid() -> None:
    floor = scene()
    for call in ("a", "b"):
        floor.channel(0, call)
        floor.join(0, call)
        timed_out(floor, 4, call)
        floor.seen(4, call, NEXT)
    floor.snap(10)
    floor.join(20, "b", linked="a")  # both names have a contact now
    floor.ring(20, "b", "ann")
    floor.answer(20, "b", "ann")
    first, second = (floor.floor.queueing.contacts.by_caller["pbx1", call] for call in ("a", "b"))
    assert first[0].outcome == "answered"
    assert first[0] in second


def test_a_second_agent_past_the_queue_adds_to_the_same_contact() -> None:
    floor = scene()
    floor.channel(0, "c")
    floor.join(0, "c")
    floor.ring(0, "c", "ann")
    floor.answer(0, "c", "ann")
    floor.unbridge(10, "ann-1", "b-c")
    floor.end(10, "ann-1")
    floor.channel(10, "x", "PJSIP/bob-0000000a", linked="c")
    floor.bridge(12, "x", "b2", name="PJSIP/bob-0000000a")
    floor.bridge(12, "c", "b2")
    floor.end(20, "c")
    floor.end(20, "x")
    floor.snap(60)
    assert floor.minutes()[Cell.HANDLED_US] == (10 + 15 + 8) * SECOND
    assert floor.contacts()["handled"] == 1


@pytest.mark.parametrize("told", [True, False])
def test_a_contact_ends_like_the_visit_he_joined_last_not_like_the_one_decided_last(told: bool) -> None:
    """The reason of the first exit is still being asked for when the caller is back, and gives up."""
    floor = scene()
    floor.channel(0, "c")
    floor.join(1, "c")
    timed_out(floor, 31, "c")
    floor.join(31.01, "c", "vip", position=NEXT)
    floor.hang_up(31.5, "c", "vip")
    if told:
        floor.told(31.6, "c")
    floor.snap(60)
    assert floor.visits("bank") == {"entered": 1, f"flowed_out:{'timeout' if told else 'other'}": 1}
    assert floor.visits("vip") == {"entered": 1, "short": 1}
    assert floor.contacts() == {"contacts": 1, "abandoned": 1}  # 30.5 s since the first join
