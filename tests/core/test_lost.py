"""Lost callers: who opens, what closes him, and that nobody is counted twice or forgotten."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.called import CalledRow, CalledTold
from monitor.core.chronicle import Chronicle
from monitor.core.contract import MINUTE, SECOND, Contract, Hours, QueueId
from monitor.core.counters import Attempts, Contacts, Counters, Outcome
from monitor.core.counters import LostCallers as Count
from monitor.core.dials import LegDialled, LegResolved
from monitor.core.direction import Direction
from monitor.core.events import LinkLost
from monitor.core.lost import MOST, OPEN_US, REMEMBER_US, By, LostCallers, LostTold, Turn
from monitor.core.numbers import caller_key
from monitor.core.outgoing import Outbound
from monitor.core.snapshot import State
from tests.core.scene import AT_PHONE, ELSEWHERE, NEXT, T0, Scene, contract, project

AGREED: Contract = contract(project("bank"), project("shop"), number_key=b"secret")
NUMBER = "+380441234567"
KEY = caller_key(NUMBER, AGREED)


def callers(agreed: Contract = AGREED) -> LostCallers:
    counters = Counters.starting(agreed, tuple(State))
    chronicle = Chronicle(T0)
    chronicle.kept = True
    return LostCallers(agreed, counters, chronicle)


def counted(lost: LostCallers, name: str = "bank") -> dict[str, int]:
    row = lost._counters.lost[name]
    found = {kind.name.lower(): row[kind] for kind in Count if row[kind]}
    return found | ({"open": number} if (number := lost.views([name], T0)[name].open) else {})


def told(lost: LostCallers) -> list[LostTold]:
    return [one for one in lost._chronicle.details.records if isinstance(one, LostTold)]


# --- one caller -----------------------------------------------------------------------------------------------------------------------


def test_the_same_number_lost_again_is_the_same_open_caller() -> None:
    lost = callers()
    for at in (0, 10, 20):
        lost.lose("bank", KEY, NUMBER, T0 + at * SECOND)
    assert counted(lost) == {"lost": 1, "open": 1}
    (row,) = lost.rows()
    assert (row.tries, row.number, row.first, row.last) == (3, NUMBER, T0, T0 + 20 * SECOND)


@pytest.mark.parametrize(("by", "kind"), [(By.REDIAL, "redialled"), (By.CALLBACK, "called_back")])
def test_he_is_closed_by_an_answer_or_by_being_reached(by: By, kind: str) -> None:
    lost = callers()
    lost.lose("bank", KEY, NUMBER, T0)
    assert lost.is_open("bank", KEY)
    assert lost.reached("bank", KEY, T0 + SECOND, by)
    assert not lost.is_open("bank", KEY)
    assert not lost.reached("bank", KEY, T0 + 2 * SECOND, by), "once"
    assert counted(lost) == {"lost": 1, kind: 1}
    assert told(lost) == [LostTold("bank", KEY, T0, T0, 1, None, ""), LostTold("bank", KEY, T0, T0, 1, T0 + SECOND, by.value)]


def test_the_same_caller_at_two_clients_is_two() -> None:
    lost = callers()
    lost.lose("bank", KEY, NUMBER, T0)
    lost.lose("shop", KEY, NUMBER, T0)
    lost.reached("shop", KEY, T0 + SECOND, By.REDIAL)
    assert counted(lost) == {"lost": 1, "open": 1}
    assert counted(lost, "shop") == {"lost": 1, "redialled": 1}


def test_who_shows_no_number_is_counted_and_never_open() -> None:
    lost = callers()
    lost.lose("bank", "", "", T0)
    assert counted(lost) == {"withheld": 1}
    assert not lost.is_open("bank", "")
    assert not lost.reached("bank", "", T0 + SECOND, By.REDIAL)


def test_sixty_days_after_his_last_try_he_waits_no_more() -> None:
    lost = callers()
    lost.lose("bank", KEY, NUMBER, T0)
    lost.lose("bank", KEY, NUMBER, T0 + 9 * SECOND)
    lost.forget(T0 + OPEN_US + 9 * SECOND)
    assert lost.is_open("bank", KEY)
    lost.forget(T0 + OPEN_US + 10 * SECOND)
    assert counted(lost) == {"lost": 1, "expired": 1}
    assert told(lost)[-1].closed_by == "expired"


def test_a_flood_of_numbers_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST >= 10_000
    monkeypatch.setattr("monitor.core.lost.MOST", 3)
    lost = callers()
    for at in range(5):
        lost.lose("bank", str(at), "", T0 + at)
    assert counted(lost) == {"lost": 5, "expired": 2, "open": 3}
    assert [row.first - T0 for row in lost.rows()] == [2, 3, 4], "the oldest go"


# --- what is told late ----------------------------------------------------------------------------------------------------------------


def test_a_loss_that_is_told_late_was_recovered_by_the_answer_after_it() -> None:
    lost = callers()
    lost.reached("bank", KEY, T0 + 30 * SECOND, By.CALLBACK)
    lost.lose("bank", KEY, NUMBER, T0 + 10 * SECOND)
    assert counted(lost) == {"lost": 1, "called_back": 1}


def test_a_try_that_is_told_late_belongs_to_the_loss_that_was_recovered() -> None:
    lost = callers()
    lost.lose("bank", KEY, NUMBER, T0)
    lost.reached("bank", KEY, T0 + 30 * SECOND, By.REDIAL)
    lost.lose("bank", KEY, NUMBER, T0 + 10 * SECOND)
    assert counted(lost) == {"lost": 1, "redialled": 1}


def test_an_answer_that_is_told_late_parts_what_was_lost_before_it_from_what_was_after() -> None:
    lost = callers()
    lost.lose("bank", KEY, NUMBER, T0)
    lost.lose("bank", KEY, NUMBER, T0 + 30 * SECOND)
    assert lost.reached("bank", KEY, T0 + 20 * SECOND, By.REDIAL)
    assert counted(lost) == {"lost": 2, "redialled": 1, "open": 1}
    (row,) = lost.rows()
    assert (row.first, row.tries, row.number) == (T0 + 30 * SECOND, 1, NUMBER)


def test_an_answer_of_before_recovers_nobody() -> None:
    lost = callers()
    lost.lose("bank", KEY, NUMBER, T0 + 30 * SECOND)
    assert not lost.reached("bank", KEY, T0 + 20 * SECOND, By.REDIAL)
    assert counted(lost) == {"lost": 1, "open": 1}


def test_a_first_try_that_is_told_late_puts_him_in_front() -> None:
    lost = callers()
    lost.lose("bank", "early", "", T0 + 10)
    lost.lose("bank", KEY, NUMBER, T0 + 20)
    lost.lose("bank", KEY, NUMBER, T0)
    assert [(row.first - T0, row.tries) for row in lost.rows()] == [(0, 2), (10, 1)]
    stale = LostTold("bank", KEY, T0 + 20, T0 + 20, 1, T0, "corrected")
    assert stale in told(lost), "the row under the instant that was believed before is closed"


def test_answers_are_forgotten_when_no_gap_can_be_told_any_more() -> None:
    lost = callers()
    lost.reached("bank", KEY, T0, By.REDIAL)
    lost.forget(T0 + REMEMBER_US)
    assert lost._answered
    lost.forget(T0 + REMEMBER_US + 1)
    assert not lost._answered


Deed = tuple[int, str, bool]
DEEDS = st.lists(st.tuples(st.integers(0, 40), st.sampled_from(["", "a", "b"]), st.booleans()), max_size=30)


def balanced(lost: LostCallers) -> None:
    row, corrected = lost._counters.lost["bank"], lost._counters.corrected_contacts.get(("bank", "lost_callers"), 0)
    assert min(row) >= 0
    assert row[Count.LOST] - corrected == lost.views(["bank"], T0)["bank"].open + row[Count.REDIALLED] + row[Count.CALLED_BACK] + row[Count.EXPIRED]
    firsts = [one.first for one in lost.rows()]
    assert firsts == sorted(firsts)
    assert all(one.first <= one.last for one in lost.rows())


def do(lost: LostCallers, deed: Deed) -> None:
    at, key, answered = deed
    if answered:
        lost.reached("bank", key, T0 + at, By.REDIAL)
    else:
        lost.lose("bank", key, "", T0 + at)


@given(DEEDS)
def test_nobody_is_counted_twice_or_forgotten_in_whatever_order_it_is_told(deeds: list[Deed]) -> None:
    lost = callers()
    before = list(lost._counters.lost["bank"])
    for number, deed in enumerate(deeds):
        do(lost, deed)
        if number % 7 == 6:
            lost.forget(T0 + OPEN_US + deed[0])
        balanced(lost)
        now = list(lost._counters.lost["bank"])
        assert all(a <= b for a, b in zip(before, now, strict=True)), "a counter never falls"
        before = now


@given(DEEDS, st.integers(0, 30))
def test_who_is_open_in_the_end_does_not_depend_on_what_was_told_late(deeds: list[Deed], cut: int) -> None:
    """One answer and one loss of a caller at one instant do not happen."""
    deeds = list({(at, key): (at, key, answered) for at, key, answered in deeds}.values())
    inorder, late = callers(), callers()
    for deed in sorted(deeds):
        do(inorder, deed)
    for deed in [*sorted(deeds[cut:]), *sorted(deeds[:cut])]:
        do(late, deed)
    assert {row.last for row in inorder.rows()} == {row.last for row in late.rows()}
    balanced(late)


def test_turns_of_another_floor_are_lived_through_in_order_of_time() -> None:
    one, other = callers(), callers()
    one.told = []
    one.lose("bank", KEY, NUMBER, T0)
    one.reached("bank", KEY, T0 + 10, By.REDIAL)
    one.lose("bank", KEY, NUMBER, T0 + 20)
    one.lose("bank", "b", "12", T0 + 5)
    one.reached("bank", "b", T0 + 6, By.REDIAL)
    assert told(one) == [], "the floor that is told keeps the chronicle"
    assert [turn.number for turn in one.turns()] == [NUMBER, "", NUMBER, "", ""], "of who is open alone"
    for _ in other.replay([*one.turns(), Turn(T0, "gone", KEY, "", answered=False)]):
        pass
    assert counted(other) == counted(one) == {"lost": 3, "redialled": 2, "open": 1}


# --- contract and clock -----------------------------------------------------------------------------------------------------------------


def test_a_step_of_the_clock_moves_everybody() -> None:
    lost = callers()
    lost.lose("bank", KEY, NUMBER, T0)
    lost.reached("bank", "other", T0, By.REDIAL)
    lost.shift(-SECOND)
    assert [(row.first, row.last) for row in lost.rows()] == [(T0 - SECOND, T0 - SECOND)]
    assert [one.at for one in lost._answered.values()] == [T0 - SECOND]


def test_numbers_go_with_their_project_and_where_they_are_not_to_be_kept() -> None:
    lost = callers()
    lost.lose("bank", KEY, NUMBER, T0)
    lost.lose("shop", KEY, NUMBER, T0)
    lost.agree(replace(AGREED, projects=AGREED.projects[:1], keep_numbers=False), T0)
    assert [row.number for row in lost.rows()] == ["…4567"]
    lost.agree(AGREED, T0)
    assert [row.number for row in lost.rows()] == ["…4567", ""], "what is gone is gone; he is open still"


def test_other_digits_or_another_secret_make_the_same_callers_of_the_numbers_that_are_kept() -> None:
    lost = callers()
    lost.lose("bank", KEY, NUMBER, T0)
    lost.lose("bank", caller_key("0501234567", AGREED), "0501234567", T0 + 1)
    lost.lose("bank", "unknown", "", T0 + 2)
    other = replace(AGREED, match_digits=7, number_key=b"another")
    lost.agree(other, T0 + 3)
    assert lost.is_open("bank", caller_key("1234567", other))
    assert lost.is_open("bank", "unknown")
    assert counted(lost) == {"lost": 3, "open": 2}, "two have the same seven digits"
    balanced(lost)


def test_who_waits_longer_than_agreed_in_opening_hours_is_overdue() -> None:
    nine_to_six = Hours((((9 * 3600, 18 * 3600),),) * 7)
    lost = callers(contract(project("bank", hours=nine_to_six)))
    midnight = T0 - T0 % (24 * 60 * MINUTE)
    lost.lose("bank", KEY, NUMBER, midnight + 23 * 60 * MINUTE)
    due = midnight + (24 + 9) * 60 * MINUTE + 30 * MINUTE
    assert [row.due for row in lost.rows()] == [due]
    assert lost.views(["bank"], due - 1)["bank"].overdue == 0
    assert lost.views(["bank"], due)["bank"].overdue == 1


# --- contacts -------------------------------------------------------------------------------------------------------------------------


def scene(agreed: Contract = AGREED) -> Scene:
    return Scene(agreed).staffed("ann")


def given_up(floor: Scene, at: float, call: str, number: str = NUMBER, *, wait: float = 10, queue: str = "bank") -> None:
    floor.channel(at, call, dialing=True)
    floor.join(at, call, queue, number=number)
    floor.hang_up(at + wait, call, queue)


def taken(floor: Scene, at: float, call: str, number: str = NUMBER) -> None:
    floor.channel(at, call, dialing=True)
    floor.join(at, call, number=number)
    floor.ring(at, call, "ann", f"ann-{call}")
    floor.answer(at + 1, call, "ann", f"ann-{call}")
    floor.finish(at + 5, call, "ann", f"ann-{call}")


def test_who_hangs_up_is_lost_until_he_is_answered_whatever_stands_before_his_number() -> None:
    floor = scene()
    given_up(floor, 1, "one")
    assert counted(floor.floor.lost) == {"lost": 1, "open": 1}
    taken(floor, 30, "two", "0441234567")
    assert counted(floor.floor.lost) == {"lost": 1, "redialled": 1}


def test_a_short_one_is_lost_where_the_project_says_so() -> None:
    for short, expected in ((False, {}), (True, {"lost": 1, "open": 1})):
        floor = scene(contract(project("bank", short_is_lost=short)))
        given_up(floor, 1, "one", wait=2)
        assert counted(floor.floor.lost) == expected


def test_who_flows_out_is_lost_unless_another_queue_of_the_project_answers() -> None:
    floor = scene(contract(project("bank", "bank", "more")))
    for call, then in (("kept", "answered"), ("gone", "ended")):
        floor.channel(1, call, dialing=True)
        floor.join(1, call, number=NUMBER if call == "gone" else "380671111111")
        floor.abandon(20, call)
        floor.leave(20, call)
        floor.seen(20, call, NEXT)
        floor.told(20, call)
        if then == "answered":
            floor.join(21, call, "more", position=ELSEWHERE)
            floor.call_up(22, "other")
            floor.ring(22, call, "ann", "ann-kept", "more")
            floor.answer(23, call, "ann", "ann-kept", "more")
        else:
            floor.end(30, call, position=NEXT)
    assert counted(floor.floor.lost) == {"lost": 1, "open": 1}
    assert [row.number for row in floor.floor.lost.rows()] == [NUMBER]


@pytest.mark.parametrize("number", ["", "anonymous", "restricted", "<unknown>", "0000000000"])
def test_a_withheld_number_is_nobody_to_ring_back(number: str) -> None:
    floor = scene()
    given_up(floor, 1, "one", number)
    assert counted(floor.floor.lost) == {"withheld": 1}


def test_calls_of_the_floor_and_of_tests_are_no_lost_callers() -> None:
    floor = scene(contract(project("bank", test_callers=("+38044*",))))
    given_up(floor, 1, "test")
    given_up(floor, 20, "ours", "ann")
    floor.channel(40, "phone", "PJSIP/ann-00000001", dialing=True)
    floor.join(40, "phone", name="PJSIP/ann-00000001", number="380670000000")
    floor.hang_up(60, "phone")
    assert counted(floor.floor.lost) == {}


def test_the_number_is_kept_while_he_is_open_and_not_a_moment_longer() -> None:
    floor = scene()
    given_up(floor, 1, "one")
    taken(floor, 30, "two", "380509999999")
    contacts = floor.floor.queueing.contacts.every()
    assert len(contacts) == 2
    assert all(not contact.number for contact in contacts)
    assert [row.number for row in floor.floor.lost.rows()] == [NUMBER]


def test_a_correction_opens_and_closes_and_no_counter_falls() -> None:
    floor = scene()
    given_up(floor, 1, "one")
    contact = next(iter(floor.floor.queueing.contacts.every()))
    floor.floor.lost.ended(contact, Outcome.SHORT)
    assert counted(floor.floor.lost) == {"lost": 1}
    assert floor.floor.counters.corrected_contacts == {("bank", "lost_callers"): 1}
    floor.floor.lost.ended(contact, Outcome.FLOWED_OUT)
    assert counted(floor.floor.lost) == {"lost": 2, "open": 1}
    balanced(floor.floor.lost)


# --- callback legs ------------------------------------------------------------------------------------------------------------------------


def test_a_leg_by_which_the_pbx_rings_him_back_is_no_new_contact() -> None:
    floor = scene()
    given_up(floor, 1, "one")
    before = floor.contacts()
    floor.channel(60, "back", "Local/600@callback-00000001;1")
    floor.join(60, "back", number=NUMBER, name="Local/600@callback-00000001;1")
    floor.ring(61, "back", "ann", "ann-back")
    floor.answer(62, "back", "ann", "ann-back")
    floor.finish(70, "back", "ann", "ann-back")
    floor.snap(120)
    assert floor.contacts() == before, "none that came"
    assert floor.visits()["entered"] == 2, "a queue has its visit"
    assert floor.floor.counters.reached["bank", Direction.CALLBACK][Contacts.CONTACTS] == 1
    assert counted(floor.floor.lost) == {"lost": 1, "called_back": 1}


DIALS_OUT = contract(project("bank", outbound=Outbound(prefixes=("9",), dialer_queues=(QueueId("pbx1", "bank"),))), project("shop"), number_key=b"secret")


def dial(floor: Scene, at: float, leg: str, number: str) -> None:
    """Ann dials a number over the trunk."""
    floor.channel(at, f"ann-{leg}", "PJSIP/ann-000000aa", position=AT_PHONE, dialing=True)
    floor.channel(at, leg, "PJSIP/trunk-000000bb", position=AT_PHONE)
    floor.apply(LegDialled("pbx1", floor.us(at), f"ann-{leg}", leg, "PJSIP/trunk-000000bb", AT_PHONE, number))


BY_TRUNK = contract(project("bank", outbound=Outbound(trunks=("PJSIP/trunk",))), project("shop"), number_key=b"secret")


def told_back(floor: Scene, number: str, *, at: float = 60, up: float = 20, dialler: str = "PJSIP/ann-000000aa") -> None:
    """Records tell of somebody who was called while nobody saw it."""
    floor.apply(LinkLost("pbx1", floor.us(50)))
    floor.sight(100, members=[floor.row(100, "bank", "ann")])
    row = CalledRow("bank", "x", dialler, "PJSIP/trunk-000000bb", floor.us(at), "answer", floor.us(at + 2), floor.us(at + 2 + up))
    floor.apply(CalledTold("pbx1", floor.us(104), floor.us(50), (row._replace(whom=caller_key(number, BY_TRUNK)),)))


@pytest.mark.parametrize(
    ("number", "more", "direction", "expected"),
    [
        (f"9{NUMBER}", {}, Direction.CALLBACK, {"lost": 1, "called_back": 1}),
        (NUMBER, {"up": 3}, Direction.CALLBACK, {"lost": 1, "open": 1}),
        ("0670000000", {}, Direction.OUTBOUND, {"lost": 1, "open": 1}),
        (NUMBER, {"dialler": ""}, Direction.CALLBACK, {"lost": 1, "open": 1}),  # by a dialer: whether anybody spoke to him no record tells
        (NUMBER, {"at": -20}, Direction.OUTBOUND, {"lost": 1, "open": 1}),  # before he was lost
    ],
)
def test_a_callback_that_nobody_saw_is_told_by_records(number: str, more: dict[str, Any], direction: Direction, expected: dict[str, int]) -> None:
    floor = scene(BY_TRUNK)
    given_up(floor, 1, "one")
    told_back(floor, number, **more)
    assert floor.floor.counters.attempts[("bank", direction)][Attempts.ATTEMPTS] == 1
    assert counted(floor.floor.lost) == expected
    balanced(floor.floor.lost)


def test_whoever_calls_again_after_a_callback_that_is_told_late_was_called_back() -> None:
    floor = scene(BY_TRUNK)
    given_up(floor, 1, "one")
    told_back(floor, NUMBER)
    given_up(floor, 200, "two")
    assert counted(floor.floor.lost) == {"lost": 2, "called_back": 1, "open": 1}


@pytest.mark.parametrize(("long", "expected"), [(20, {"lost": 1, "called_back": 1}), (3, {"lost": 1, "open": 1})])
def test_an_agent_who_dials_him_calls_back_and_reaches_him_if_he_stays_long_enough(long: float, expected: dict[str, int]) -> None:
    floor = scene(DIALS_OUT)
    floor.floor.lost.lose("bank", KEY, NUMBER, floor.us(0))
    dial(floor, 60, "out", "9-0441234567")
    assert floor.floor.counters.attempts["bank", Direction.CALLBACK][Attempts.ATTEMPTS] == 1
    floor.apply(LegResolved("pbx1", floor.us(65), "ann-out", "out", True, AT_PHONE, "answer"))
    for call in ("ann-out", "out"):
        floor.bridge(65, call, "b-out")
    floor.end(65 + long, "out")
    floor.end(65 + long, "ann-out")
    floor.snap(120)
    assert counted(floor.floor.lost) == expected


def test_an_attempt_at_him_that_fails_or_at_somebody_else_recovers_nobody() -> None:
    floor = scene(DIALS_OUT)
    floor.floor.lost.lose("bank", KEY, NUMBER, floor.us(0))
    dial(floor, 60, "busy", "90441234567")
    floor.apply(LegResolved("pbx1", floor.us(65), "ann-busy", "busy", False, AT_PHONE, "busy"))
    dial(floor, 70, "other", "90509999999")
    row = floor.floor.counters.attempts
    assert [row["bank", way][Attempts.ATTEMPTS] for way in (Direction.CALLBACK, Direction.OUTBOUND)] == [1, 1]
    assert counted(floor.floor.lost) == {"lost": 1, "open": 1}


def test_whom_a_dialer_elsewhere_pushes_into_its_queue_is_called_back_if_he_was_lost() -> None:
    floor = scene(DIALS_OUT)
    floor.floor.lost.lose("bank", KEY, NUMBER, floor.us(0))
    for call, number in (("lost", NUMBER), ("new", "0509999999")):
        floor.channel(60, call, dialing=True)
        floor.join(60, call, number=number)
    row = floor.floor.attempts.contacts.every()
    assert sorted(contact.direction for contact in row) == [Direction.CALLBACK, Direction.OUTBOUND]


def test_a_leg_on_which_nobody_answers_leaves_him_as_he_was() -> None:
    floor = scene()
    given_up(floor, 1, "one")
    floor.channel(60, "back")
    floor.join(60, "back", number=NUMBER)
    floor.hang_up(90, "back")
    (row,) = floor.floor.lost.rows()
    assert (row.tries, counted(floor.floor.lost)) == (1, {"lost": 1, "open": 1})


def test_whoever_comes_in_through_a_local_channel_calls_himself() -> None:
    floor = scene()
    given_up(floor, 1, "one")
    floor.channel(60, "trunk", dialing=True)
    floor.channel(60, "in;1", "Local/600@queues-00000002;1")
    floor.channel(60, "in;2", "Local/600@queues-00000002;2", dialing=True)
    floor.apply(LegDialled("pbx1", floor.us(60), "trunk", "in;1", "Local/600@queues-00000002;1", NEXT))
    floor.join(60, "in;2", number=NUMBER, name="Local/600@queues-00000002;2")
    floor.hang_up(80, "in;2")
    assert floor.contacts()["contacts"] == 2
    (row,) = floor.floor.lost.rows()
    assert row.tries == 2


def test_somebody_the_pbx_rings_who_is_not_lost_is_a_contact() -> None:
    floor = scene()
    floor.channel(60, "back")
    floor.join(60, "back", number=NUMBER)
    floor.hang_up(90, "back")
    assert floor.contacts()["contacts"] == 1
