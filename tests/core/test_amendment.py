"""What is put right by hand, as a record: in the order it was done, and in the words that the floor itself has."""

from __future__ import annotations

from monitor.core.amendment import BILLED, CALL, EXEMPT, HOURS, Amendment
from monitor.core.contacts import Contact
from monitor.core.events import CallerJoined
from tests.core.scene import IN_QUEUE, project


def test_they_stand_in_the_order_they_were_made() -> None:
    first = Amendment(1, 9, 5, "olha", "why", HOURS, "bank", person="ann", day="2026-11-02", kind="regular", time_us=-1)
    second = Amendment(2, 3, 1, "ann", "a reason", CALL, "bank", pbx="pbx1", call="1.1")
    assert sorted([second, first]) == [first, second]


def test_a_call_is_left_out_for_what_the_floor_leaves_it_out_for() -> None:
    seen = set()
    for test, ours in ((True, False), (False, True), (False, False)):
        contact = Contact(project("bank"), 0, 0, [])
        contact.shows(CallerJoined("pbx1", 0, "1", "1", "PJSIP/trunk-1", "bank", IN_QUEUE, test=test), ours=ours)
        seen.add(contact.exempt)
    assert seen == {*EXEMPT, ""}
    assert BILLED not in seen
