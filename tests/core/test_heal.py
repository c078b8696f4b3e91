"""A day told by queue_log: what each row means, what the first snapshot adds, and that it joins what is seen live without a seam."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from random import Random

import pytest

from monitor.core import events as ev
from monitor.core import heal
from monitor.core.chronicle import RingNoAnswer, VisitEnded
from monitor.core.contract import MINUTE, SECOND, Contract, Group, Person, QueueId
from monitor.core.counters import Component, Contacts, Counters, Outcome, Reason, Visits
from monitor.core.events import AgentRung, ChannelRow, MemberSeen, Position, SnapshotTaken, WaitingRow
from monitor.core.floor import Floor
from monitor.core.logrow import LogRow
from monitor.core.past import Past
from monitor.core.snapshot import Cell, State, Window
from monitor.sources import queue_log
from tests.core.looking import shown
from tests.core.scene import T0, contract, project
from tests.core.test_properties import rings_are_told, rung_in_vain
from tests.scenarios.world import MIXED, Recording, Replay

PBX = "pbx1"
BANK = QueueId(PBX, "bank")
START_S = T0 // SECOND


def rows(text: str) -> list[LogRow]:
    """Rows as queue_log has them, the time as seconds since T0."""
    made = []
    for line in text.strip().splitlines():
        seconds, _, rest = line.strip().partition("|")
        row = queue_log.parse(f"{START_S + int(seconds)}|{rest}")
        assert row is not None, line
        made.append(row)
    return made


def member(queue: str, name: str, status: int = 1, *, paused: bool = False, interface: str = "") -> MemberSeen:
    device = interface or f"PJSIP/{name}"
    return MemberSeen(PBX, T0, queue, device, device, name, status, paused, "")


def snapshot(at: float, *members: MemberSeen, waiting: Iterable[WaitingRow] = (), channels: Iterable[ChannelRow] = ()) -> SnapshotTaken:
    return SnapshotTaken(PBX, T0 + round(at * SECOND), {"bank": "rrmemory", "shop": "ringall"}, members, tuple(waiting), tuple(channels))


def told(text: str, taken: SnapshotTaken, agreed: Contract | None = None, offset_us: int = 0) -> Past:
    return heal.retell(agreed or contract(), PBX, rows(text), taken, T0, offset_us)


def visits(counters: Counters, queue: str = "bank") -> dict[str, int]:
    row = counters.visits[queue, QueueId(PBX, queue)]
    return {kind.name.lower(): row[kind] for kind in Visits if row[kind]}


def seconds(past: Past, state: State) -> float:
    return past.counters.agent_us["floor", state] / SECOND


# --- rows -----------------------------------------------------------------------------------------------------------------


def test_an_answered_call_is_entered_answered_and_handled_with_its_talk_and_wrap_up() -> None:
    past = told(
        """
        60|1.1|bank|NONE|ENTERQUEUE||0445550101|1
        72|1.1|bank|ann|CONNECT|12|1.2|4
        172|1.1|bank|ann|COMPLETECALLER|12|100|1
        """,
        snapshot(600, member("bank", "ann")),
    )
    assert visits(past.counters) == {"entered": 1, "answered": 1, "in_threshold": 1, "handled": 1}
    assert past.counters.contacts["bank"][Contacts.HANDLED] == 1
    assert past.counters.waits["bank", BANK, Outcome.ANSWERED].sum_us == 12 * SECOND
    assert past.counters.handle_us["bank", Component.TALK] == 100 * SECOND
    assert past.counters.handle_us["bank", Component.WRAPUP] == 15 * SECOND
    assert (seconds(past, State.TALK), seconds(past, State.WRAPUP), seconds(past, State.AVAILABLE)) == (100, 15, 600 - 187)
    minute = T0 + MINUTE
    assert past.projects["bank"][minute][Cell.CONTACTS] == past.projects["bank"][minute][Cell.ANSWERED] == 1
    assert past.projects["bank"][minute][Cell.TALK_US] == 48 * SECOND
    assert past.projects["bank"][minute + 2 * MINUTE][Cell.HANDLED_US] == 115 * SECOND
    assert (past.calls, past.contacts, past.visits, past.wrapups) == (1, (), (), {})


@pytest.mark.parametrize(
    ("row", "counted", "reason"),
    [
        ("ABANDON|1|1|{wait}", {"abandoned": 1}, None),
        ("EXITWITHTIMEOUT|1|1|{wait}", {}, Reason.TIMEOUT),
        ("EXITEMPTY|1|1|{wait}", {}, Reason.EMPTY),
        ("WITHDRAW|1|1|{wait}|", {}, Reason.WITHDRAWN),
        ("EXITWITHKEY|5|1|1|{wait}", {}, Reason.KEY),
    ],
)
def test_the_verb_decides_an_exit(row: str, counted: dict[str, int], reason: Reason | None) -> None:
    past = told(f"60|1.1|bank|NONE|ENTERQUEUE||0445550101|1\n100|1.1|bank|NONE|{row.format(wait=40)}", snapshot(600))
    assert visits(past.counters) == {"entered": 1, **counted}
    assert {key[2]: n for key, n in past.counters.flowed_out.items() if n} == ({} if reason is None else {reason: 1})
    contacts = past.counters.contacts["bank"]
    assert contacts[Contacts.CONTACTS] == 1 == contacts[Contacts.ABANDONED] + contacts[Contacts.FLOWED_OUT]


def test_an_abandon_below_the_limit_is_short() -> None:
    past = told("60|1.1|bank|NONE|ENTERQUEUE||0|1\n64|1.1|bank|NONE|ABANDON|1|1|4", snapshot(600))
    assert visits(past.counters) == {"entered": 1, "short": 1}


def test_two_queues_of_one_project_are_two_visits_and_one_contact() -> None:
    agreed = contract(project("bank", "bank", "vip"))
    past = told(
        """
        60|1.1|bank|NONE|ENTERQUEUE||0445550101|1
        90|1.1|bank|NONE|EXITWITHTIMEOUT|1|1|30
        90|1.1|vip|NONE|ENTERQUEUE||0445550101|1
        95|1.1|vip|ann|CONNECT|5|1.2|4
        195|1.1|vip|ann|COMPLETEAGENT|5|100|1
        """,
        snapshot(600, member("vip", "ann")),
        agreed,
    )
    contacts = past.counters.contacts["bank"]
    assert (contacts[Contacts.CONTACTS], contacts[Contacts.ANSWERED], contacts[Contacts.IN_THRESHOLD], contacts[Contacts.HANDLED]) == (1, 1, 0, 1)


def test_a_pause_counts_from_its_row_with_its_reason() -> None:
    past = told(
        """
        0|NONE|bank|PJSIP/ann|ADDMEMBER|
        100|NONE|NONE|PJSIP/ann|PAUSEALL|lunch
        100|NONE|bank|PJSIP/ann|PAUSE|lunch
        400|NONE|NONE|PJSIP/ann|UNPAUSEALL|
        400|NONE|bank|PJSIP/ann|UNPAUSE|
        """,
        snapshot(600, member("bank", "ann")),
    )
    assert (seconds(past, State.PAUSED), seconds(past, State.AVAILABLE)) == (300, 300)
    assert past.counters.pause_us["floor", "lunch"] == 300 * SECOND


def test_a_member_is_there_from_added_to_removed_and_may_come_paused() -> None:
    past = told(
        """
        10|NONE|bank|PJSIP/ann|ADDMEMBER|PAUSED
        20|NONE|bank|PJSIP/ann|UNPAUSE|
        110|NONE|bank|PJSIP/ann|REMOVEMEMBER|
        """,
        snapshot(600),
    )
    assert (seconds(past, State.PAUSED), seconds(past, State.AVAILABLE)) == (10, 90)


def test_who_was_always_there_is_there_from_the_first_sign() -> None:
    past = told("100|1.1|bank|ann|RINGNOANSWER|15000", snapshot(600, member("bank", "ann"), member("bank", "ben")))
    assert seconds(past, State.AVAILABLE) == 500
    assert past.counters.agent_us["floor", State.AVAILABLE] == sum(past.counters.agent_us.values())


def test_who_cannot_be_reached_now_is_there_until_the_last_sign() -> None:
    text = """
        100|1.1|bank|NONE|ENTERQUEUE||0|1
        100|1.1|bank|ann|RINGNOANSWER|15000
        160|1.1|bank|ann|RINGNOANSWER|15000
        170|1.1|bank|NONE|ABANDON|1|1|70
        """
    past = told(text, snapshot(600, member("bank", "ann", status=5)))
    assert sum(past.counters.agent_us.values()) == 60 * SECOND
    assert past.counters.ring_no_answer["floor"] == 2


def test_rings_in_vain_are_of_their_people_where_all_are_rung_once_nobody_has_answered() -> None:
    text = """
        100|1.1|shop|NONE|ENTERQUEUE||0|1
        115|1.1|shop|ann|RINGNOANSWER|15000
        115|1.1|shop|ben|RINGNOANSWER|15000
        120|1.1|shop|ann|CONNECT|20|1.2|4
        130|1.1|shop|ann|COMPLETECALLER|20|10|1
        200|2.1|shop|NONE|ENTERQUEUE||0|1
        215|2.1|shop|ann|RINGNOANSWER|15000
        215|2.1|shop|ben|RINGNOANSWER|15000
        220|2.1|shop|NONE|ABANDON|1|1|20
        300|3.1|bank|NONE|ENTERQUEUE||0|1
        315|3.1|bank|ann|RINGNOANSWER|0
        315|3.1|bank|ann|RINGNOANSWER|0
        320|3.1|bank|ben|CONNECT|20|3.2|4
        330|3.1|bank|ben|COMPLETECALLER|20|10|1
        """
    past = heal.retell(contract(), PBX, rows(text), snapshot(600, member("bank", "ann"), member("shop", "ben")), T0, keep=True)
    told = [one for one in past.details if isinstance(one, RingNoAnswer)]
    assert [(one.person, (one.at - T0) // SECOND, one.call, one.queue, one.project) for one in told] == [
        ("pbx1/PJSIP/ann", 215, "2.1", "shop", "shop"),
        ("pbx1/PJSIP/ben", 215, "2.1", "shop", "shop"),
        *[("pbx1/PJSIP/ann", 315, "3.1", "bank", "bank")] * 2,
    ]
    assert past.counters.ring_no_answer == {"floor": 4}


def test_rings_that_a_log_tells_of_a_caller_who_still_waits_count_once_he_is_gone_live() -> None:
    text = "100|1.1|shop|NONE|ENTERQUEUE||0|1\n115|1.1|shop|ann|RINGNOANSWER|15000"
    waits = WaitingRow("1.1", "shop", "PJSIP/trunk-1.1", 20 * SECOND)
    channel = ChannelRow("1.1", "1.1", "PJSIP/trunk-1.1", Position("trunk", "600", "2"), True, "Queue", "shop", "", 0)
    taken = snapshot(120, member("shop", "ann"), waiting=[waits], channels=[channel])
    floor = Floor(contract(), T0 + 119 * SECOND)
    floor.keep()
    floor.apply(ev.PastTold(PBX, taken.at, heal.retell(contract(), PBX, rows(text), taken, T0, keep=True)))
    floor.apply(taken)
    assert rung_in_vain(floor) == {}
    floor.apply(ev.HangupRequested(PBX, taken.at + SECOND, "1.1", Position("trunk", "600", "2"), soft=False))
    floor.apply(ev.CallerAbandoned(PBX, taken.at + SECOND, "1.1", "shop", Position("trunk", "600", "2"), 21))
    floor.apply(ev.CallerLeft(PBX, taken.at + SECOND, "1.1", "shop", channel.channel, Position("trunk", "600", "2")))
    floor.apply(ev.ChannelEnded(PBX, taken.at + SECOND, "1.1", Position("trunk", "h", "1")))
    floor.advance(taken.at + MINUTE)
    assert rung_in_vain(floor) == {("pbx1/PJSIP/ann", "1.1", "shop"): 1}
    rings_are_told(floor)


def test_a_name_is_found_in_the_agents_file() -> None:
    agreed = contract(people=(Person("7", "Ann Ash", ("PJSIP/107", "SIP/107")),), groups=(Group("floor", ("PJSIP/*",)),))
    past = told("60|1.1|bank|NONE|ENTERQUEUE||0|1\n70|1.1|bank|Ann Ash|CONNECT|10|1.2|4\n80|1.1|bank|Ann Ash|COMPLETEAGENT|10|10|1", snapshot(600), agreed)
    assert past.counters.agent_us["floor", State.TALK] == 10 * SECOND


def test_a_transfer_row_under_another_call_ends_the_talk_and_leaves_the_visit_to_whoever_answers() -> None:
    """asterisk#759: ENTERQUEUE under B, ATTENDEDTRANSFER of the first queue under B, CONNECT in the second under A."""
    past = told(
        """
        10|A|bank|NONE|ENTERQUEUE||0445550101|1
        20|A|bank|ann|CONNECT|10|leg1|4
        40|B|shop|NONE|ENTERQUEUE||107|1
        50|B|bank|ann|ATTENDEDTRANSFER|BRIDGE|x|10|30|1
        60|A|shop|ben|CONNECT|20|leg2|4
        90|A|shop|ben|COMPLETECALLER|20|30|1
        """,
        snapshot(600, member("bank", "ann"), member("shop", "ben")),
    )
    assert visits(past.counters) == {"entered": 1, "answered": 1, "in_threshold": 1, "handled": 1}
    assert visits(past.counters, "shop") == {"entered": 1, "answered": 1, "in_threshold": 1, "handled": 1}
    assert past.counters.handle_us["bank", Component.TALK] == past.counters.handle_us["shop", Component.TALK] == 30 * SECOND
    assert past.counters.anomalies == {}


def test_a_new_process_voids_every_call_and_keeps_its_people() -> None:
    past = told(
        """
        10|1.1|bank|NONE|ENTERQUEUE||0|1
        20|1.1|bank|ann|CONNECT|10|1.2|4
        30|1.3|bank|NONE|ENTERQUEUE||0|1
        100|NONE|NONE|NONE|QUEUESTART|
        """,
        snapshot(600, member("bank", "ann")),
    )
    assert visits(past.counters) == {"entered": 2, "answered": 1, "in_threshold": 1, "unresolved": 1, "handled": 1}
    assert seconds(past, State.TALK) == 80
    assert seconds(past, State.AVAILABLE) == 600 - 20 - 80


def test_an_answer_row_ends_a_talk_nothing_will_end() -> None:
    past = told(
        """
        10|1.1|bank|NONE|ENTERQUEUE||0|1
        20|1.1|bank|ann|CONNECT|10|1.2|4
        50|1.3|bank|NONE|ENTERQUEUE||0|1
        60|1.3|bank|ann|CONNECT|10|1.4|4
        70|1.3|bank|ann|COMPLETEAGENT|10|10|1
        """,
        snapshot(600, member("bank", "ann")),
    )
    assert seconds(past, State.TALK) == 40 + 10


def test_the_clock_of_the_pbx_is_taken_out() -> None:
    text = "60|1.1|bank|NONE|ENTERQUEUE||0|1\n70|1.1|bank|NONE|ABANDON|1|1|10"
    past = told(text, snapshot(600), offset_us=30 * SECOND)
    assert [minute for minute, row in past.projects["bank"].items() if row[Cell.CONTACTS]] == [T0]


def test_a_call_of_a_shared_queue_is_whose_number_was_dialled_and_else_nobodys() -> None:
    agreed = contract(project("red", "bank", dids=frozenset({"700"})), project("blue", "bank"))
    text = """
        9|1.1|NONE|NONE|DID|700
        10|1.1|bank|NONE|ENTERQUEUE||0|1
        90|1.1|bank|NONE|ABANDON|1|1|80
        100|1.3|bank|NONE|ENTERQUEUE||0|1
        190|1.3|bank|NONE|ABANDON|1|1|90
        """
    past = told(text, snapshot(600), agreed)
    assert past.counters.contacts["red"][Contacts.CONTACTS] == 1
    assert past.counters.contacts["blue"][Contacts.CONTACTS] == 0
    assert past.counters.anomalies == {"log_without_did": 1}


# --- the seam ---------------------------------------------------------------------------------------------------------------


PLACE = Position("trunk", "600", "2")


def caller(call: str, queue: str, bridge: str = "") -> ChannelRow:
    return ChannelRow(call, call, f"PJSIP/trunk-{call}", PLACE, True, "Queue", f"{queue},t", bridge, 60 * SECOND)


def leg(call: str, who: str, bridge: str, answered_at: float) -> ChannelRow:
    return ChannelRow(call, call, f"PJSIP/{who}-0000000a", PLACE, True, "AppQueue", "(Outgoing Line)", bridge, 60 * SECOND, T0 + round(answered_at * SECOND))


def live(past: Past, taken: SnapshotTaken, agreed: Contract | None = None) -> Floor:
    """A floor that began a moment before, told the past and shown the snapshot."""
    floor = Floor(agreed or contract(), taken.at - SECOND, strict=True)
    floor.apply(ev.PastTold(PBX, taken.at, past))
    floor.apply(taken)
    return floor


def test_who_waits_now_is_one_visit_and_goes_on_waiting() -> None:
    taken = snapshot(100.4, waiting=[WaitingRow("1.1", "bank", "PJSIP/trunk-1.1", 40 * SECOND)], channels=[caller("1.1", "bank")])
    floor = live(told("60|1.1|bank|NONE|ENTERQUEUE||0|1", taken), taken)
    assert visits(floor.counters) == {"entered": 1}
    assert [view.waiting for view in floor.snapshot(taken.at).queues if view.queue == BANK] == [1]
    floor.apply(ev.HangupRequested(PBX, taken.at + 5 * SECOND, "1.1", PLACE, soft=False))
    floor.apply(ev.CallerAbandoned(PBX, taken.at + 5 * SECOND, "1.1", "bank", PLACE))
    assert visits(floor.counters) == {"entered": 1, "abandoned": 1}


def test_who_talks_now_was_answered_and_is_handled_with_all_of_the_talk() -> None:
    taken = snapshot(100.4, member("bank", "ann", 3), channels=[caller("1.1", "bank", "b1"), leg("1.2", "ann", "b1", 70)])
    past = told("60|1.1|bank|NONE|ENTERQUEUE||0|1\n70|1.1|bank|ann|CONNECT|10|1.2|4", taken)
    floor = live(past, taken)
    assert visits(floor.counters) == {"entered": 1, "answered": 1, "in_threshold": 1}
    (ann,) = floor.snapshot(taken.at).agents
    assert (ann.state, ann.since) == (State.TALK, T0 + 70 * SECOND)
    floor.apply(ev.ChannelEnded(PBX, taken.at + 10 * SECOND, "1.2", PLACE))
    floor.apply(ev.ChannelEnded(PBX, taken.at + 10 * SECOND, "1.1", PLACE))
    floor.advance(taken.at + 60 * SECOND)
    assert visits(floor.counters) == {"entered": 1, "answered": 1, "in_threshold": 1, "handled": 1}
    assert floor.counters.handle_us["bank", Component.TALK] == round(40.4 * SECOND)
    assert floor.snapshot(floor.now).projects["bank"][Window.DAY].sums[Cell.HANDLED_US] == round(55.4 * SECOND)


def test_an_answer_whose_event_is_under_way_is_told_once() -> None:
    """CONNECT stands in the second before the snapshot, the bridge is not there yet, and AgentConnect comes after it."""
    taken = snapshot(100.02, member("bank", "ann", 3), channels=[caller("1.1", "bank")])
    floor = live(told("60|1.1|bank|NONE|ENTERQUEUE||0|1\n99|1.1|bank|ann|CONNECT|39|1.2|4", taken), taken)
    floor.apply(ev.AgentConnected(PBX, taken.at, "1.1", "bank", "PJSIP/ann", "ann", "1.2", "PJSIP/ann-0000000a", PLACE))
    assert visits(floor.counters) == {"entered": 1, "answered": 1}
    floor.apply(ev.ChannelEnded(PBX, taken.at + 10 * SECOND, "1.2", PLACE))
    floor.apply(ev.ChannelEnded(PBX, taken.at + 10 * SECOND, "1.1", PLACE))
    floor.advance(taken.at + 60 * SECOND)
    assert visits(floor.counters) == {"entered": 1, "answered": 1, "handled": 1}


def test_work_after_a_call_that_goes_on_is_the_calls() -> None:
    who = MemberSeen(PBX, T0, "bank", "PJSIP/ann", "PJSIP/ann", "ann", 1, False, "", 0, None, T0 + 90 * SECOND)
    taken = snapshot(100, who)
    past = told("60|1.1|bank|NONE|ENTERQUEUE||0|1\n70|1.1|bank|ann|CONNECT|10|1.2|4\n90|1.1|bank|ann|COMPLETEAGENT|10|20|1", taken)
    floor = live(past, taken)
    assert Visits.HANDLED.name.lower() not in visits(floor.counters)
    floor.advance(taken.at + 60 * SECOND)
    assert floor.counters.handle_us["bank", Component.WRAPUP] == 15 * SECOND
    assert visits(floor.counters)["handled"] == 1
    assert floor.counters.contacts["bank"][Contacts.HANDLED] == 1


def test_work_nobody_does_any_more_is_over() -> None:
    taken = snapshot(100)
    past = told("60|1.1|bank|NONE|ENTERQUEUE||0|1\n70|1.1|bank|ann|CONNECT|10|1.2|4\n90|1.1|bank|ann|COMPLETEAGENT|10|20|1", taken)
    floor = live(past, taken)
    assert visits(floor.counters)["handled"] == floor.counters.contacts["bank"][Contacts.HANDLED] == 1


def test_what_happens_in_the_second_of_the_snapshot_is_told_once() -> None:
    """The log has whole seconds: a call that is not in the snapshot and entered in its second came after it."""
    taken = snapshot(100.4, waiting=[WaitingRow("1.1", "bank", "PJSIP/trunk-1.1", 40 * SECOND)], channels=[caller("1.1", "bank")])
    text = """
        60|1.1|bank|NONE|ENTERQUEUE||0|1
        100|1.1|bank|NONE|ABANDON|1|1|40
        100|1.3|bank|NONE|ENTERQUEUE||0|1
        101|1.5|bank|NONE|ENTERQUEUE||0|1
        """
    assert visits(told(text, taken).counters) == {"entered": 1}


def test_a_caller_on_his_way_between_two_queues_stays_one_contact() -> None:
    agreed = contract(project("bank", "bank", "vip"))
    taken = snapshot(100, channels=[ChannelRow("1.1", "1.1", "PJSIP/trunk-1.1", PLACE, True, "Playback", "x", "", 60 * SECOND)])
    floor = live(told("60|1.1|bank|NONE|ENTERQUEUE||0|1\n90|1.1|bank|NONE|EXITWITHTIMEOUT|1|1|30", taken, agreed), taken, agreed)
    floor.apply(ev.CallerJoined(PBX, taken.at + SECOND, "1.1", "1.1", "PJSIP/trunk-1.1", "vip", PLACE))
    assert floor.counters.contacts["bank"][Contacts.CONTACTS] == 1
    assert floor.counters.visits["bank", QueueId(PBX, "vip")][Visits.ENTERED] == 1


def test_whoever_is_answered_in_the_same_queue_again_is_another_visit() -> None:
    taken = snapshot(100.4, member("bank", "ann", 3), channels=[caller("1.1", "bank", "b1"), leg("1.2", "ann", "b1", 70)])
    past = told("60|1.1|bank|NONE|ENTERQUEUE||0|1\n70|1.1|bank|ann|CONNECT|10|1.2|4", taken)
    floor = Floor(contract(), taken.at - SECOND, strict=True)
    floor.keep()
    floor.apply(ev.PastTold(PBX, taken.at, past))
    floor.apply(taken)
    floor.apply(ev.CallerJoined(PBX, taken.at + SECOND, "1.1", "1.1", "PJSIP/trunk-1.1", "bank", PLACE))
    floor.apply(ev.AgentConnected(PBX, taken.at + 2 * SECOND, "1.1", "bank", "PJSIP/ann", "ann", "1.9", "PJSIP/ann-0000000b", PLACE))
    assert kept(floor) == {("1.1", "bank", 2): "answered"}


def two() -> tuple[Contract, Past, Floor]:
    agreed = contract(project("bank", "pbx1/bank", "pbx2/bank"), pbxs=("pbx1", "pbx2"))
    one = told("60|1.1|bank|NONE|ENTERQUEUE||0|1\n70|1.1|bank|NONE|ABANDON|1|1|10", snapshot(3000), agreed)
    return agreed, one, Floor(agreed, T0 + 3000 * SECOND, strict=True)


def test_pasts_of_two_pbxs_are_observed_once_both_are_told() -> None:
    agreed, one, floor = two()
    other = heal.retell(agreed, "pbx2", [], SnapshotTaken("pbx2", T0 + 3000 * SECOND, {"bank": ""}, (), (), ()), T0)

    def day() -> tuple[int, ...]:
        return floor.snapshot(T0 + 3000 * SECOND).projects["bank"][Window.DAY].sums

    floor.apply(ev.PastTold("pbx1", T0 + 3000 * SECOND, one))
    assert (day()[Cell.CONTACTS], day()[Cell.CONTACTS_SEEN], day()[Cell.OBSERVED_US]) == (1, 0, 0)
    floor.apply(ev.PastTold("pbx2", T0 + 3000 * SECOND, other))
    assert (day()[Cell.CONTACTS], day()[Cell.CONTACTS_SEEN], day()[Cell.OBSERVED_US]) == (1, 1, 2700 * SECOND)  # whole quarters of an hour


def test_of_two_pbxs_the_time_that_both_tell_is_observed_and_what_happened_in_it() -> None:
    """The second log begins late and its PBX came later: what one of them alone tells is counted, and held against nothing."""
    agreed, one, floor = two()
    text = [LogRow(START_S + at, f"{at}.1", "bank", "NONE", "ENTERQUEUE", ("", "", "1")) for at in (1000, 4000)]
    text += [row._replace(at_s=row.at_s + 20, verb="ABANDON", data=("1", "1", "20")) for row in text]
    other = heal.retell(agreed, "pbx2", sorted(text), SnapshotTaken("pbx2", T0 + 5000 * SECOND, {"bank": ""}, (), (), ()), T0 + 1000 * SECOND)
    floor.apply(ev.PastTold("pbx1", T0 + 3000 * SECOND, one))
    floor.apply(ev.PastTold("pbx2", T0 + 5000 * SECOND, other))
    assert floor.pasts.observed(agreed.projects) == (T0 + 1800 * SECOND, T0 + 2700 * SECOND)
    sums = floor.snapshot(T0 + 5000 * SECOND).projects["bank"][Window.DAY].sums
    assert (sums[Cell.CONTACTS], sums[Cell.CONTACTS_SEEN], sums[Cell.OBSERVED_US]) == (3, 0, 900 * SECOND)


def test_a_group_of_no_project_has_no_past() -> None:
    agreed = contract(project("bank"), groups=(Group("floor"), Group("spare")))
    taken = snapshot(600)
    assert live(told("", taken, agreed), taken, agreed).ledger.groups["spare"].cells() == {}


def test_a_clock_that_was_wrong_for_a_while_does_not_drag_the_day_along() -> None:
    """The PBX booted an hour ahead, was put right, and its file has a row of next year too."""
    past = told(
        """
        60|1.1|bank|NONE|ENTERQUEUE||0|1
        70|1.1|bank|NONE|ABANDON|1|1|10
        3700|NONE|NONE|NONE|QUEUESTART|
        31536000|NONE|NONE|NONE|CONFIGRELOAD|
        120|1.3|bank|NONE|ENTERQUEUE||0|1
        180|1.3|bank|NONE|ABANDON|1|1|60
        """,
        snapshot(7200),
    )
    assert sorted(minute - T0 for minute, row in past.projects["bank"].items() if row[Cell.CONTACTS]) == [MINUTE, 2 * MINUTE]
    assert past.counters.waits["bank", BANK, Outcome.ABANDONED].sum_us == 70 * SECOND


def test_a_log_that_does_not_know_who_waits_is_not_this_pbxs() -> None:
    waits = snapshot(100, waiting=[WaitingRow("1.1", "bank", "PJSIP/trunk-1.1", 40 * SECOND)])
    assert not heal.knows(rows("60|9.9|bank|NONE|ENTERQUEUE||0|1"), waits, T0)
    assert heal.knows(rows("60|1.1|bank|NONE|ENTERQUEUE||0|1"), waits, T0)
    assert heal.knows([], waits, T0 + 90 * SECOND), "he came before the log begins"
    assert heal.knows([], snapshot(100, waiting=[WaitingRow("1.1", "bank", "PJSIP/trunk-1.1", SECOND)]), T0), "his row may be under way"


def kept(floor: Floor) -> dict[tuple[str, str, int], str]:
    """How each visit ended, by the key it is stored under."""
    return {record[1:4]: record.outcome for record in floor.chronicle.details.records if isinstance(record, VisitEnded)}


def calls_of(counters: Counters) -> dict[tuple[str, str] | str, int]:
    """What queue_log can know of visits; whole seconds there, so short and not short are one."""
    found: dict[tuple[str, str] | str, int] = {}
    for (_, queue), row in counters.visits.items():
        lost = row[Visits.ABANDONED] + row[Visits.SHORT]
        found |= {(queue.name, "entered"): row[Visits.ENTERED], (queue.name, "answered"): row[Visits.ANSWERED], (queue.name, "lost"): lost}
        found |= {(queue.name, "unresolved"): row[Visits.UNRESOLVED], (queue.name, "handled"): row[Visits.HANDLED]}
    for (_, queue, _), count in counters.flowed_out.items():  # the log has the reason, the wire alone has not
        found[queue.name, "flowed out"] = found.get((queue.name, "flowed out"), 0) + count
    return found | {"in vain": sum(counters.ring_no_answer.values())}


@pytest.mark.parametrize("world", MIXED, ids=lambda world: world.name)
def test_told_until_any_moment_and_seen_from_then_on_every_call_is_counted_once(world: Recording) -> None:
    """At thirty places of a real session the daemon starts: what the log tells until then and what is seen after are the whole."""
    whole = Replay(world.events(), judged=False)
    whole.floor.keep()
    whole.whole()
    events, log = world.events(), list(queue_log.read(world.queue_log, 0))
    since = events[0].at - events[0].at % MINUTE
    for place in Random(world.name).sample(range(len(events) // 10, len(events) - 1), 30):
        before = Replay(events, judged=False)
        rung = {event.leg for event in islice(before.steps(), place + 1) if isinstance(event, AgentRung)}
        taken = shown(before.floor, PBX, before.now, whole=True, rung=rung)
        after = Replay([taken, *events[place + 1 :]], strict=False, agreed=whole.contract, judged=False)
        after.floor.keep()
        past = heal.retell(after.contract, PBX, log, taken, since, keep=True)
        after.tell(ev.PastTold(PBX, taken.at, past))
        after.whole()
        assert kept(after.floor).keys() == kept(whole.floor).keys(), f"place {place}"
        assert calls_of(after.floor.counters) == calls_of(whole.floor.counters), f"place {place}"
        assert rung_in_vain(after.floor) == rung_in_vain(whole.floor), f"place {place}"
        rings_are_told(after.floor)
        assert after.floor.counters.anomalies == {}, f"place {place}"
