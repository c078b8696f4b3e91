"""Who is found again after a gap: answered meanwhile, still waiting, or given up for lost a while ago."""

from __future__ import annotations

from monitor.core import events as ev
from monitor.core.contract import SECOND, QueueId
from monitor.core.counters import Component, Outcome
from monitor.core.events import Position
from monitor.core.snapshot import Cell, State
from tests.core.looking import caller, leg, waits
from tests.core.scene import Scene, contract, project

BANK = QueueId("pbx1", "bank")


def test_an_answer_in_a_short_gap_is_counted_at_its_time() -> None:
    scene = Scene().staffed("ann")
    scene.channel(1, "c")
    scene.join(1, "c")
    scene.lost(10)
    rows = [caller("c", "b"), leg("ann-1", bridge="b", answered_at=scene.us(20))]
    scene.sight(40, members=[scene.row(40, "bank", "ann", 2)], channels=rows)
    assert scene.state(41, "ann") is State.TALK
    assert scene.visits() == {"entered": 1, "answered": 1, "in_threshold": 1}
    assert scene.floor.counters.waits["bank", BANK, Outcome.ANSWERED].sum_us == 19 * SECOND
    scene.snap(100)
    assert scene.visits() == {"entered": 1, "answered": 1, "in_threshold": 1}


def test_a_call_answered_in_a_gap_stays_its_project_by_the_number_it_came_in_on() -> None:
    there = Position("queues", "s", "5")
    scene = Scene(contract(project("bank", "q"), project("shop", "q", dids=frozenset({"4002"}))))
    scene.sight(members=[scene.row(0, "q", "ann")])
    scene.channel(1, "c", position=Position("trunk", "4002", "1"))
    scene.join(2, "c", "q", position=there)
    scene.lost(5)
    rows = [caller("c", "b", "q", position=there), leg("ann-1", bridge="b", answered_at=scene.us(10))]
    scene.sight(20, members=[scene.row(20, "q", "ann", 2)], channels=rows)
    scene.snap(40)
    assert scene.visits("q", "shop") == {"entered": 1, "answered": 1, "in_threshold": 1}
    handle = scene.floor.counters.handle_us
    assert (handle["shop", Component.TALK], handle["bank", Component.TALK]) == (20 * SECOND, 0)


def outlasted(queue: str = "bank") -> Scene:
    """A caller waits before a gap of a minute and a half, and is seen waiting after it."""
    scene = Scene().staffed("ann")
    scene.channel(1, "c")
    scene.join(1, "c")
    scene.lost(10)
    scene.snap(80)
    assert scene.visits() == {"entered": 1, "unresolved": 1}
    assert scene.minutes()[Cell.VISITS_UNRESOLVED] == scene.minutes()[Cell.UNRESOLVED] == 1
    scene.sight(100, members=[scene.row(100, "bank", "ann")], waiting=[waits("c", 99, queue)], channels=[caller("c", queue=queue)])
    return scene


CORRECTED = {("pbx1", "bank", "unresolved"): 1}


def test_a_caller_who_outlasts_a_long_gap_is_the_same_visit() -> None:
    scene = outlasted()
    view = scene.snap(100.5)
    assert (view.queues[0].waiting, view.queues[0].oldest_joined_at, view.waiting_since["bank"]) == (1, scene.us(1), (scene.us(1),))
    scene.ring(101, "c", "ann")
    scene.answer(110, "c", "ann")
    scene.finish(120, "c", "ann")
    scene.snap(200)
    assert scene.visits() == {"entered": 1, "answered": 1, "unresolved": 1, "handled": 1}  # a counter takes nothing back
    assert scene.contacts() == {"contacts": 1, "answered": 1, "handled": 1}
    assert {key: count for key, count in scene.floor.counters.corrected.items() if count} == CORRECTED
    assert scene.floor.counters.waits["bank", BANK, Outcome.ANSWERED].sum_us == 109 * SECOND
    kept = (Cell.VISITS, Cell.VISITS_ANSWERED, Cell.VISITS_UNRESOLVED, Cell.CONTACTS, Cell.ANSWERED, Cell.UNRESOLVED, Cell.HANDLED)
    sums = scene.minutes()
    assert [sums.get(cell, 0) for cell in kept] == [1, 1, 0, 1, 1, 0, 1]


def test_a_caller_who_outlasts_a_long_gap_and_hangs_up_is_an_abandon() -> None:
    scene = outlasted()
    scene.hang_up(130, "c")
    scene.snap(140)
    assert scene.visits() == {"entered": 1, "abandoned": 1, "unresolved": 1}
    assert scene.contacts() == {"contacts": 1, "abandoned": 1}
    sums = scene.minutes()
    assert [sums.get(cell, 0) for cell in (Cell.VISITS_ABANDONED, Cell.VISITS_UNRESOLVED, Cell.ABANDONED, Cell.UNRESOLVED)] == [1, 0, 1, 0]


def test_a_caller_lost_in_a_second_long_gap_is_unresolved_in_the_end() -> None:
    scene = outlasted()
    scene.lost(110)
    scene.sight(300, members=[scene.row(300, "bank", "ann")])
    scene.snap(400)
    assert scene.visits() == {"entered": 1, "unresolved": 2}
    assert scene.contacts() == {"contacts": 1}
    assert {key: count for key, count in scene.floor.counters.corrected.items() if count} == CORRECTED
    assert scene.minutes()[Cell.VISITS_UNRESOLVED] == scene.minutes()[Cell.UNRESOLVED] == 1


def test_a_caller_answered_in_a_long_gap_is_answered_after_all() -> None:
    scene = Scene().staffed("ann")
    scene.channel(1, "c")
    scene.join(1, "c")
    scene.lost(10)
    rows = [caller("c", "b"), leg("ann-1", bridge="b", answered_at=scene.us(50))]
    scene.sight(100, members=[scene.row(100, "bank", "ann", 2)], channels=rows)
    scene.snap(110)
    assert scene.visits() == {"entered": 1, "answered": 1, "unresolved": 1}
    assert scene.contacts() == {"contacts": 1, "answered": 1}
    assert {key: count for key, count in scene.floor.counters.corrected.items() if count} == CORRECTED


def test_a_caller_found_in_another_queue_after_a_long_gap_is_a_visit_of_its_own() -> None:
    scene = outlasted(queue="shop")
    scene.hang_up(130, "c", "shop")
    scene.snap(140)
    assert (scene.visits("bank"), scene.visits("shop")) == ({"entered": 1, "unresolved": 1}, {"entered": 1, "abandoned": 1})
    assert not any(scene.floor.counters.corrected.values())


def test_ids_begin_anew_with_a_restart_in_a_long_gap() -> None:
    scene = Scene().staffed("ann")
    scene.channel(1, "c")
    scene.join(1, "c")
    scene.lost(10)
    scene.sight(100, members=[scene.row(100, "bank", "ann")], waiting=[waits("c", 5)], channels=[caller("c")], restarted=True)
    scene.hang_up(110, "c")
    scene.snap(120)
    assert scene.visits() == {"entered": 2, "abandoned": 1, "abandoned_in_threshold": 1, "unresolved": 1}
    assert not any(scene.floor.counters.corrected.values())


def test_who_is_through_to_somebody_nobody_knows_was_answered() -> None:
    scene = Scene().staffed("ann")
    scene.channel(1, "c")
    scene.join(1, "c")
    scene.lost(10)
    scene.sight(20, members=[scene.row(20, "bank", "ann")], channels=[caller("c", "b"), leg("x", "nobody", "b")])
    scene.end(40, "c")
    scene.snap(60)
    assert scene.visits()["answered"] == 1
    assert scene.contacts() == {"contacts": 1, "answered": 1, "in_threshold": 1}


def test_who_was_given_up_comes_back_from_another_queue() -> None:
    scene = Scene(strict=False).staffed("ann")
    scene.apply(ev.LogSeen(scene.pbx, scene.us(0), up=True))
    scene.channel(1, "c")
    scene.join(1, "c")
    scene.lost(5)
    scene.sight(7, members=[scene.row(7, "bank", "ann")], waiting=[waits("c", 0, "shop")], channels=[caller("c")])
    scene.lost(12)
    scene.sight(132, members=[scene.row(132, "bank", "ann")], channels=[caller("c", "b"), leg("x", bridge="b")])
    view = scene.snap(300)
    assert scene.visits()["answered"] == 1
    assert scene.visits("shop", "shop") == {"entered": 1, "unresolved": 1}
    assert not any(queue.waiting or queue.deciding for queue in view.queues)
