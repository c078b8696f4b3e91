"""Calls turned away at the door, on a floor that knows who was inside."""

from __future__ import annotations

import pytest

from monitor.core.contract import MINUTE, SECOND, QueueId
from monitor.core.events import GapTold, LinkLost, SnapshotTaken
from monitor.core.gaps import bridge
from monitor.core.logrow import LogRow
from monitor.core.refusals import CallRefused, CdrSeen
from monitor.keeping import Keeping
from monitor.plan.plan import EMPTY
from monitor.state.records import freeze, thaw
from tests.core.scene import T0, Scene, contract, project

BANK, SHOP = ("bank", QueueId("pbx1", "bank")), ("shop", QueueId("pbx1", "shop"))


@pytest.fixture
def scene() -> Scene:
    one = Scene()
    one.sight()
    one.apply(CdrSeen("pbx1", one.us(0), up=True))
    return one


def refuse(scene: Scene, at: float, call: str, queue: str = "bank", *, linked: str = "", did: str = "") -> None:
    scene.apply(CallRefused(scene.pbx, scene.us(at), call, queue, linked or call, did))


def counted(scene: Scene) -> tuple[int, int]:
    refused = scene.floor.counters.refused
    return refused[BANK], refused[SHOP]


def test_a_call_that_was_in_no_queue_counts_once(scene: Scene) -> None:
    refuse(scene, 5, "c1")
    refuse(scene, 6, "c1")
    refuse(scene, 7, "c2", "shop")
    assert counted(scene) == (1, 1)
    assert scene.floor.refusals.since("bank", scene.us(0)) == 1
    assert sum(scene.floor.counters.contacts["bank"]) == 0


@pytest.mark.parametrize("queue", ["bank", "shop"])
def test_a_call_that_was_in_a_queue_is_a_contact_and_not_refused(scene: Scene, queue: str) -> None:
    scene.join(1, "c1", queue)
    refuse(scene, 5, "c1")
    refuse(scene, 5, "c2", linked="c1")
    scene.request(8, "c1")
    scene.abandon(8, "c1", queue)
    scene.leave(8, "c1", queue)
    scene.end(8, "c1")
    scene.floor.advance(scene.us(50 * 60))
    refuse(scene, 50 * 60, "c1", "shop")
    assert counted(scene) == (0, 0)


def test_a_call_whose_queue_a_log_told_is_not_refused(scene: Scene) -> None:
    """It joined and left in a gap; the log that heals it knows."""
    scene.apply(LinkLost("pbx1", scene.us(10)))
    second = T0 // SECOND
    rows = (
        LogRow(second + 20, "c1", "bank", "NONE", "ENTERQUEUE", ("", "0445550101", "1")),
        LogRow(second + 25, "c1", "bank", "NONE", "ABANDON", ("1", "1", "5")),
    )
    seen = SnapshotTaken("pbx1", scene.us(40), {"bank": "rrmemory", "shop": "rrmemory"}, (), (), ())
    for event in bridge(scene.floor, GapTold("pbx1", scene.us(40), rows, seen, 0)) or ():
        scene.apply(event)
    scene.apply(seen)
    refuse(scene, 45, "c1")
    refuse(scene, 45, "c2")
    assert counted(scene) == (1, 0)


def test_a_queue_of_nobody_refuses_nobody_of_ours(scene: Scene) -> None:
    refuse(scene, 5, "c1", "fax")
    assert counted(scene) == (0, 0)


def test_where_projects_share_a_queue_the_dialled_number_tells_whose_it_is() -> None:
    one = Scene(contract(project("bank", "600", dids=("4420",)), project("shop", "600", dids=("4430",))))
    one.sight()
    refuse(one, 5, "c1", "600", did="4430")
    refuse(one, 5, "c2", "600", did="4440")
    assert [count for (name, _), count in one.floor.counters.refused.items() if name == "shop"] == [1]
    assert sum(one.floor.counters.refused.values()) == 1


def test_where_one_pbx_is_not_read_nothing_is_known() -> None:
    one = Scene(contract(project("bank", "bank", "pbx2/bank"), project("shop", "shop"), pbxs=("pbx1", "pbx2")))
    one.sight()
    one.on("pbx2").sight()
    since = one.floor.refusals.since
    assert (since("bank", 0), since("shop", 0)) == (None, None)
    one.apply(CdrSeen("pbx1", one.us(1), up=True))
    assert (since("bank", 0), since("shop", 0)) == (None, 0)
    one.apply(CdrSeen("pbx2", one.us(1), up=True))
    assert (since("bank", 0), since("shop", 0)) == (0, 0)
    assert [view.cdr_read for view in one.floor.snapshot(one.us(2)).pbxs] == [True, True]
    one.apply(CdrSeen("pbx1", one.us(3), up=False))
    assert (since("bank", 0), since("shop", 0)) == (None, None)
    one.floor.change(contract(project("bank", "pbx2/bank"), pbxs=("pbx2",)), one.us(4))
    assert since("bank", 0) == 0
    assert one.floor.refusals.read == {"pbx2"}


def test_minutes_are_summed_from_a_minute_on_and_forgotten_when_they_are_old(scene: Scene) -> None:
    for number in range(5):
        refuse(scene, 60 * number, f"c{number}")
    since = scene.floor.refusals.since
    assert [since("bank", scene.us(60 * number)) for number in range(6)] == [5, 4, 3, 2, 1, 0]
    assert since("bank", scene.us(60), scene.us(180)) == 2
    scene.floor.shift(90 * SECOND)
    assert since("bank", scene.us(60)) == 5
    assert since("bank", scene.us(120)) == 4
    scene.floor.advance(scene.us(51 * 3600))
    assert since("bank", 0) == 0
    assert counted(scene) == (5, 0)


def test_what_is_kept_goes_on_and_no_call_counts_again() -> None:
    """After a kill the journal is repeated, and a call that is told again is the same one."""
    one = Keeping(contract(), EMPTY, T0)
    events = (CdrSeen("pbx1", T0, up=True), CallRefused("pbx1", T0 + SECOND, "c1", "bank", "c1"))
    for event in events:
        one.apply(event)
    again = thaw(freeze(one))
    assert isinstance(again, Keeping)
    again.apply(events[1])
    again.apply(CallRefused("pbx1", T0 + MINUTE, "c2", "bank", "c2"))
    assert again.floor.counters.refused[BANK] == 2
    assert again.floor.refusals.since("bank", 0) == 2
