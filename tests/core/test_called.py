"""What records tell of those called while nobody saw it: each once, and no word against what was seen."""

from __future__ import annotations

import pytest

from monitor.core.called import CalledRow, CalledTold
from monitor.core.chronicle import AttemptEnded
from monitor.core.contract import SECOND
from monitor.core.counters import LostCallers as Lost
from monitor.core.events import LinkLost, WaitingRow
from monitor.core.numbers import caller_key
from tests.core.calling import OUT, Calling, agreed
from tests.core.scene import IN_QUEUE
from tests.core.test_attempts import calling, channel_row, told


def row(scene: Calling, channel: str = "PJSIP/carrier-000000ff", status: str = "answer", *, at: float = 5, up: float = 20, call: str = "x") -> CalledRow:
    taken = scene.us(at + 2) if status == "answer" else None
    return CalledRow("bank", call, "PJSIP/ann-000000ee", channel, scene.us(at), status, taken, scene.us(at + 2 + up))


def tell(scene: Calling, at: float, *rows: CalledRow) -> None:
    scene.apply(CalledTold("pbx1", scene.us(at), scene.us(3), rows))


def blind(scene: Calling, since: float = 3, until: float = 40) -> None:
    scene.apply(LinkLost("pbx1", scene.us(since)))
    scene.sight(until, members=[scene.row(until, "bank", "ann")])


def test_attempts_of_a_gap_are_counted_and_nobodys_time_is() -> None:
    scene = calling("ann")
    blind(scene)
    tell(
        scene,
        44,
        row(scene),
        row(scene, "PJSIP/carrier-000000fe", "busy"),
        row(scene, "PJSIP/carrier-000000fd", up=5),
        row(scene, "PJSIP/carrier-000000fc", "sorry"),
    )
    assert scene.attempts() == {"attempts": 4, "taken": 2, "contacts": 1, "busy": 1, "other": 1}
    assert scene.outward() == {"out_attempts": 4, "out_taken": 2, "out_contacts": 1}
    assert told(scene)[0] == AttemptEnded(
        *("pbx1", "x", "PJSIP/carrier-000000ff", "bank", "outbound", scene.us(5), "pbx1/PJSIP/ann", "answer"),
        *(scene.us(7), scene.us(27), True, 0, 0, 0),
    )


def test_told_again_they_count_no_more() -> None:
    scene = calling("ann")
    blind(scene)
    for _ in range(2):
        tell(scene, 44, row(scene), row(scene, "PJSIP/carrier-000000fe", "busy"))
    assert scene.attempts() == {"attempts": 2, "taken": 1, "contacts": 1, "busy": 1}


def test_an_attempt_whose_end_nobody_knew_has_one_now_and_that_is_said() -> None:
    scene = calling("ann")
    scene.dials(1, "ann", "out")
    blind(scene)
    assert scene.attempts() == {"attempts": 1, "unresolved": 1}
    tell(scene, 44, row(scene, "PJSIP/carrier-0000000b", at=1))
    assert scene.attempts() == {"attempts": 1, "unresolved": 1, "taken": 1, "contacts": 1}
    assert scene.floor.counters.corrected == {("pbx1", "", "outbound_unresolved"): 1}
    assert [one.status for one in told(scene)] == ["unknown", "answer"]


def test_whoever_had_taken_the_call_before_the_gap_is_a_contact_if_he_stayed() -> None:
    for up, contacts in ((20.0, 1), (4.0, 0)):
        scene = calling("ann")
        scene.dials(1, "ann", "out")
        scene.takes(2, "out", "ann")
        blind(scene)
        assert "contacts" not in scene.attempts()
        assert [one.status for one in told(scene)] == ["unknown"]
        tell(scene, 44, row(scene, "PJSIP/carrier-0000000b", at=0, up=up))
        assert scene.attempts().get("contacts", 0) == contacts
        assert scene.attempts()["attempts"] == scene.attempts()["taken"] == 1
        assert (told(scene)[-1].status, told(scene)[-1].contact) == ("answer", bool(contacts))


@pytest.mark.parametrize(("up", "contacts"), [(12.0, 1), (5.0, 0)])
def test_whoever_took_the_call_unseen_and_left_soon_after_is_a_contact_if_the_record_says_so(up: float, contacts: int) -> None:
    scene = calling("ann")
    scene.dials(1, "ann", "out")
    scene.apply(LinkLost("pbx1", scene.us(3)))
    rows = [channel_row("ann-out", "PJSIP/ann-000000aa", "Dial", bridge="b"), channel_row("out", "PJSIP/carrier-0000000b", "AppDial", bridge="b")]
    scene.sight(10, members=[scene.row(10, "bank", "ann", 2)], channels=rows)
    for call in ("out", "ann-out"):
        scene.unbridge(15, call, "b")
        scene.end(15, call)
    scene.snap(60)
    assert scene.attempts() == {"attempts": 1, "taken": 1}
    assert [one.status for one in told(scene)] == ["unknown"]
    tell(scene, 61, row(scene, "PJSIP/carrier-0000000b", at=1, up=up))
    assert scene.attempts().get("contacts", 0) == contacts
    assert (told(scene)[-1].status, told(scene)[-1].contact) == ("answer", bool(contacts))


def test_a_channel_that_was_seen_to_its_end_is_counted_already() -> None:
    scene = calling("ann")
    scene.dials(1, "ann", "out")
    scene.fails(2, "out", "busy", "ann")
    scene.end(2.5, "ann-out")
    blind(scene)
    tell(scene, 44, row(scene, "PJSIP/carrier-0000000b", "busy", at=1, up=0))
    assert scene.attempts() == {"attempts": 1, "busy": 1}


def test_a_pbx_that_is_started_anew_names_its_channels_from_the_beginning() -> None:
    scene = calling("ann")
    scene.dials(1, "ann", "out")
    scene.fails(2, "out", "busy", "ann")
    scene.end(2.5, "ann-out")
    blind(scene, until=80)
    tell(scene, 84, row(scene, "PJSIP/carrier-0000000b", "busy", at=60, up=0))
    assert scene.attempts() == {"attempts": 2, "busy": 2}


def test_a_channel_that_lives_is_counted_already() -> None:
    scene = calling("ann")
    scene.dials(1, "ann", "out")
    tell(scene, 4, row(scene, "PJSIP/carrier-0000000b", "busy", at=1, up=0))
    assert scene.attempts() == {"attempts": 1}


def test_a_caller_of_ours_who_was_passed_on_to_somebody_outside_is_no_attempt() -> None:
    scene = calling("ann")
    scene.call(1, "c", "ann", talk=1)
    blind(scene, since=20)
    tell(scene, 44, row(scene, call="c"))
    assert scene.attempts() == {}


def test_whoever_a_dialer_pushed_in_is_dialled_here_after_all() -> None:
    scene = calling("ann", queue="sales")
    scene.channel(1, "c", position=IN_QUEUE)
    scene.join(1, "c", "sales")
    scene.ring(1, "c", "ann", queue="sales")
    scene.answer(3, "c", "ann", queue="sales")
    scene.finish(23, "c", "ann", queue="sales")
    scene.snap(60)
    tell(scene, 61, row(scene, call="c", at=0))
    assert scene.attempts() == {"attempts": 1, "taken": 1, "contacts": 1, "answered": 1, "in_threshold": 1, "handled": 1}


def test_since_when_somebody_is_up_whom_a_list_shows_his_record_tells() -> None:
    for up, contacts in ((20.0, 1), (7.0, 0)):
        scene = Calling(agreed())
        scene.floor.keep()
        rows = [channel_row("ann-out", "PJSIP/ann-000000aa", "Dial", bridge="b"), channel_row("out", "PJSIP/carrier-0000000b", "AppDial", bridge="b")]
        scene.sight(30, members=[scene.row(30, "bank", "ann", 2)], channels=rows)
        for call in ("out", "ann-out"):
            scene.unbridge(33, call, "b", position=OUT)
            scene.end(33, call, position=OUT)
        scene.snap(60)
        assert scene.attempts() == {"attempts": 1, "taken": 1}
        tell(scene, 61, row(scene, "PJSIP/carrier-0000000b", at=31 - up, up=up))
        assert scene.attempts() == {"attempts": 1, "taken": 1} | ({"contacts": contacts} if contacts else {})


def test_whom_a_list_shows_in_a_dialers_queue_his_record_knows_even_behind_a_local_channel() -> None:
    scene = calling("ann", queue="sales")
    blind(scene, until=20)
    scene.sight(20, members=[scene.row(20, "sales", "ann")], waiting=[WaitingRow("l1", "sales", "Local/380@out-0000000d;1", 2 * SECOND)])
    scene.hang_up(30, "l1", "sales")
    scene.snap(60)
    pushed = {"contacts": 1, "abandoned": 1, "abandoned_in_threshold": 1}
    assert scene.attempts() == pushed
    tell(scene, 61, row(scene, at=3, up=25, call="l2")._replace(linked="l1"))
    assert scene.attempts() == {"attempts": 1, "taken": 1, **pushed}


def test_whoever_was_called_and_passed_on_into_another_clients_queue_was_called() -> None:
    """There he is a caller, of a call that began with the agent's."""
    scene = calling("ann")
    scene.channel(1, "out", "PJSIP/carrier-000000ff", linked="ann-1", position=IN_QUEUE)
    scene.join(1, "out", "shop", linked="ann-1")
    tell(scene, 44, row(scene, call="ann-1"))
    assert scene.attempts() == {"attempts": 1, "taken": 1, "contacts": 1}
    assert scene.contacts("shop") == {"contacts": 1}


def test_whom_a_dialer_put_through_before_the_gap_is_counted_though_what_came_of_his_visit_is_still_open() -> None:
    scene = calling("ann", queue="sales")
    scene.originated(1, "out")
    scene.takes(2, "out")
    scene.join(2, "out", "sales", linked="out")
    blind(scene, since=3, until=20)
    tell(scene, 24, row(scene, "PJSIP/carrier-0000000c", at=1, up=10, call="out")._replace(linked="out"))
    assert scene.attempts() == {"attempts": 1, "taken": 1, "contacts": 1}
    scene.snap(120)
    assert (scene.attempts()["attempts"], scene.attempts()["contacts"]) == (1, 1)


def test_a_phone_that_was_rung_for_a_click_is_nobody_outside() -> None:
    scene = calling("ann")
    blind(scene)
    tell(scene, 44, row(scene, "PJSIP/ann-000000fe", "noanswer", call="ann-1"))
    assert scene.attempts() == {}


def test_a_project_that_is_gone_has_no_attempts() -> None:
    scene = calling("ann")
    tell(scene, 4, row(scene)._replace(project="gone"))
    assert scene.attempts() == {}


def test_a_long_day_pushes_nobody_out_who_was_seen() -> None:
    scene = calling("ann")
    scene.originated(1, "out")
    scene.fails(3, "out", "busy")
    scene.apply(LinkLost("pbx1", scene.us(4)))
    scene.sight(9000)
    many = (row(scene, f"PJSIP/carrier-{number:08x}", "noanswer", at=number) for number in range(100, 2_200))
    tell(scene, 9004, *many, row(scene, "PJSIP/carrier-0000000c", "busy", at=1))
    assert scene.attempts() == {"attempts": 2_101, "noanswer": 2_100, "busy": 1}


def test_channels_of_before_a_restart_are_others_of_the_same_name() -> None:
    scene = calling("ann")
    blind(scene)
    scene.originated(41, "busy")
    scene.fails(42, "busy", "busy")
    scene.dials(42, "ann", "on")
    scene.takes(43, "on", "ann")
    tell(scene, 44, row(scene, "PJSIP/carrier-0000000c", at=5, up=10), row(scene, "PJSIP/carrier-0000000b", at=6, up=10))
    assert scene.attempts() == {"attempts": 4, "taken": 3, "contacts": 2, "busy": 1}


def test_a_queues_member_at_home_is_nobody_called() -> None:
    scene = Calling(agreed())
    home = scene.row(0, "bank", "Local/0441112233@out/n")
    scene.sight(0, members=[home])
    scene.lost(3)
    scene.sight(40, members=[home])
    rung = CalledRow("bank", "l2", "Local/0441112233@out-00000001;2", "PJSIP/carrier-0000000e", scene.us(5), "answer", scene.us(7), scene.us(30), "", "c1")
    tell(scene, 44, rung)
    assert scene.attempts() == {}


@pytest.mark.parametrize("late", [False, True])
def test_a_lost_caller_who_was_rung_back_in_a_gap_is_open_no_more(late: bool) -> None:
    """Unless he was lost after that."""
    scene = Calling(agreed())
    scene.staffed("ann")
    number = "+380441234567"
    whom = caller_key(number, scene.contract)
    lost = 100 if late else 1
    if not late:
        scene.floor.lost.lose("bank", whom, number, scene.us(lost))
    blind(scene, 3, 90)
    if late:
        scene.floor.lost.lose("bank", whom, number, scene.us(lost))
    tell(scene, 104, row(scene)._replace(whom=whom), row(scene, "PJSIP/carrier-000000fe", at=50, up=3)._replace(whom=whom))
    counted = scene.floor.counters.lost["bank"]
    assert (counted[Lost.CALLED_BACK], scene.floor.lost.is_open("bank", whom)) == ((0, True) if late else (1, False))
    again = {"attempts": 1, "taken": 1}
    first = {"callback_attempts": 1, "callback_taken": 1, "callback_contacts": 1}
    assert scene.attempts() == ({"attempts": 2, "taken": 2, "contacts": 1} if late else again | first)
