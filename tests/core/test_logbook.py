"""queue_log read as it is written: its verb decides an exit, whichever of the two accounts comes first."""

from __future__ import annotations

from monitor.core import events as ev
from monitor.core.contract import SECOND, QueueId
from monitor.core.counters import Contacts
from monitor.core.snapshot import Cell
from tests.core.scene import ELSEWHERE, NEXT, Scene

BANK = QueueId("pbx1", "bank")


def logged(*, strict: bool = True) -> Scene:
    """A caller since second 0 in a queue whose log is read."""
    scene = Scene(strict=strict).staffed("ann")
    scene.apply(ev.LogSeen("pbx1", scene.us(0), True))
    scene.channel(0, "c")
    scene.join(0, "c")
    return scene


def row(scene: Scene, at: float, verb: str, call: str = "c") -> None:
    scene.apply(ev.ExitLogged("pbx1", scene.us(at), call, "bank", verb))


def out(scene: Scene, at: float) -> None:
    """What the wire says of a time-out, an empty queue and a hang-up alike."""
    scene.abandon(at, "c")
    scene.leave(at, "c")


def test_a_row_that_comes_first_decides_at_the_event() -> None:
    scene = logged()
    row(scene, 30, "EXITWITHTIMEOUT")
    assert scene.visits() == {"entered": 1}
    out(scene, 30.1)
    assert scene.visits() == {"entered": 1, "flowed_out:timeout": 1}
    assert scene.questions == [], "nobody has to be asked"


def test_a_row_that_comes_later_is_waited_for() -> None:
    scene = logged()
    out(scene, 30)
    scene.snap(31.5)
    assert scene.visits() == {"entered": 1}
    assert scene.snap(31.5).queues[0].deciding == 1
    row(scene, 30, "EXITEMPTY")
    assert scene.visits() == {"entered": 1, "flowed_out:empty": 1}
    assert scene.minutes()[Cell.VISITS_FLOWED_OUT] == 1


def test_nothing_waits_longer_than_two_seconds_nor_where_no_log_is_read() -> None:
    scene = logged()
    out(scene, 30)
    scene.snap(32)
    assert scene.visits() == {"entered": 1, "flowed_out:other": 1}
    down = logged()
    down.apply(ev.LogSeen("pbx1", down.us(1), False))
    out(down, 30)
    down.snap(31)
    assert down.visits() == {"entered": 1, "flowed_out:other": 1}


def test_an_exit_by_key_has_its_reason_from_the_log() -> None:
    scene = logged()
    scene.leave(7, "c", position=NEXT)
    scene.seen(7.1, "c", ELSEWHERE)
    assert scene.visits() == {"entered": 1}
    row(scene, 7, "EXITWITHKEY")
    assert scene.visits() == {"entered": 1, "flowed_out:key": 1}


def test_an_answer_and_a_hang_up_wait_for_nothing() -> None:
    scene = logged()
    scene.hang_up(12, "c")
    assert scene.visits() == {"entered": 1, "abandoned": 1, "abandoned_in_threshold": 1}
    row(scene, 12, "ABANDON")
    scene.call(20, "d", "ann", ring=3)
    assert scene.visits()["answered"] == 1
    assert scene.floor.counters.corrected == {}


def test_the_record_wins_over_the_signs_and_says_so() -> None:
    """A caller who is sent elsewhere while he waits: the wire shows where he goes, the PBX calls it an abandon."""
    scene = logged(strict=False)
    scene.abandon(9, "c", position=ELSEWHERE)
    scene.leave(9, "c", position=ELSEWHERE)
    row(scene, 9, "ABANDON")
    assert scene.visits() == {"entered": 1, "abandoned": 1, "abandoned_in_threshold": 1}
    assert scene.floor.counters.anomalies == {"log_disagrees": 1}


def test_a_row_later_still_corrects_what_was_counted() -> None:
    scene = logged(strict=False)
    scene.hang_up(12, "c")
    assert scene.contacts() == {"contacts": 1, "abandoned": 1, "abandoned_in_threshold": 1}
    row(scene, 12, "EXITWITHTIMEOUT")
    counted = scene.visits()
    assert (counted["abandoned"], counted["flowed_out:timeout"]) == (1, 1), "a counter takes nothing back"
    assert scene.floor.counters.corrected == {("pbx1", "bank", "abandoned"): 1}
    assert scene.floor.counters.corrected_contacts == {("bank", "abandoned"): 1, ("bank", "abandoned_in_threshold"): 1}
    cells = scene.minutes()
    assert not cells.keys() & {Cell.VISITS_ABANDONED, Cell.ABANDONED, Cell.ABANDONED_IN_THRESHOLD}
    assert (cells[Cell.VISITS], cells[Cell.VISITS_FLOWED_OUT], cells[Cell.CONTACTS], cells[Cell.FLOWED_OUT]) == (1, 1, 1, 1)
    assert scene.floor.counters.contacts["bank"][Contacts.FLOWED_OUT] == 1


def test_a_reason_that_was_not_known_is_corrected_without_an_anomaly() -> None:
    scene = logged()
    out(scene, 30)
    scene.snap(33)
    row(scene, 30, "WITHDRAW")
    assert scene.visits() == {"entered": 1, "flowed_out:other": 1, "flowed_out:withdrawn": 1}
    assert scene.floor.counters.corrected == {("pbx1", "bank", "flowed_out"): 1}
    assert scene.floor.counters.anomalies == {}


def test_another_reason_of_a_contact_that_is_over_is_no_other_end_of_it() -> None:
    scene = logged()
    out(scene, 30)
    scene.snap(33)
    scene.end(34, "c")
    assert scene.contacts() == {"contacts": 1, "flowed_out": 1}
    row(scene, 30, "WITHDRAW")
    assert scene.contacts() == {"contacts": 1, "flowed_out": 1}
    assert scene.floor.counters.corrected == {("pbx1", "bank", "flowed_out"): 1}
    assert scene.floor.counters.corrected_contacts == {}
    assert scene.minutes()[Cell.FLOWED_OUT] == 1


def test_rows_of_two_visits_find_each_its_own() -> None:
    scene = logged()
    out(scene, 30)
    scene.join(30.5, "c")
    row(scene, 30, "EXITWITHTIMEOUT")
    assert scene.visits() == {"entered": 2, "flowed_out:timeout": 1}
    out(scene, 50)
    row(scene, 50, "EXITEMPTY")
    assert scene.visits() == {"entered": 2, "flowed_out:timeout": 1, "flowed_out:empty": 1}


def test_a_row_of_nobody_or_of_something_else_changes_nothing() -> None:
    scene = logged()
    row(scene, 5, "ABANDON", "stranger")
    row(scene, 5, "CONNECT")
    assert scene.visits() == {"entered": 1}
    assert scene.snap(70).queues[0].waiting == 1


def test_an_exit_by_key_whose_row_is_late_is_as_it_was_counted() -> None:
    scene = logged()
    scene.leave(20, "c")
    scene.snap(22.5)
    scene.apply(ev.ExitLogged(scene.pbx, scene.us(20), "c", "bank", "EXITWITHKEY"))
    scene.end(60, "c")
    scene.snap(70)
    assert scene.visits() == {"entered": 1, "flowed_out:key": 1}
    assert scene.floor.counters.corrected == {}


def test_a_row_that_is_to_come_is_known_though_the_civil_clock_is_set() -> None:
    scene = logged()
    scene.leave(20, "c")
    scene.snap(22.5)
    scene.floor.shift(90 * SECOND)
    scene.apply(ev.ExitLogged(scene.pbx, scene.us(20 + 90), "c", "bank", "EXITWITHTIMEOUT"))
    assert scene.visits() == {"entered": 1, "flowed_out:key": 1, "flowed_out:timeout": 1}
    assert scene.floor.counters.corrected == {(scene.pbx, "bank", "flowed_out"): 1}
