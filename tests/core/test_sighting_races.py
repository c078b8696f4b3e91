"""Lists that are ahead of the events, and gaps a caller moves in: found by replaying real recordings with late lists."""

from __future__ import annotations

import pytest

from monitor.core import events as ev
from monitor.core.snapshot import State
from tests.core.looking import caller, row, waits
from tests.core.scene import ELSEWHERE, NEXT, Scene
from tests.core.test_sighting import hung_up, mismatches, timed_out


@pytest.mark.parametrize("ahead", [0.2, 1.5, 3], ids=str)
def test_a_caller_listed_in_his_next_queue_before_his_way_there_is_told_goes_that_way(ahead: float) -> None:
    """He times out into another queue while the lists are read; they may take a while."""
    scene = Scene().staffed("ann")
    scene.channel(1, "c")
    scene.join(1, "c")
    scene.sight(
        31, members=[scene.row(31, "bank", "ann")], waiting=[waits("c", 0, "shop")], channels=[caller("c", queue="shop")], listed_at=scene.us(31 + ahead)
    )
    timed_out(scene, 31 + ahead)
    scene.join(31 + ahead + 0.01, "c", "shop", position=NEXT)
    scene.hang_up(50, "c", "shop")
    scene.snap(60)
    assert scene.visits("bank") == {"entered": 1, "flowed_out:timeout": 1}
    assert scene.visits("shop") == {"entered": 1, "abandoned": 1, "abandoned_in_threshold": 1}


@pytest.mark.parametrize("ahead", [0.2, 1.5, 3], ids=str)
def test_a_caller_listed_in_another_queue_before_his_answer_is_told_was_answered(ahead: float) -> None:
    """Ann answers and sends him on to the shop while the lists are read."""
    scene = Scene().staffed("ann")
    scene.channel(1, "c")
    scene.join(1, "c")
    scene.ring(30, "c", "ann")
    scene.sight(31, members=[scene.row(31, "bank", "ann")], waiting=[waits("c", 0, "shop")], channels=[caller("c", queue="shop")])
    scene.answer(31 + ahead / 2, "c", "ann")
    scene.unbridge(31 + ahead, "c", "b-c", position=NEXT)
    scene.unbridge(31 + ahead, "ann-1", "b-c")
    scene.end(31 + ahead, "ann-1")
    scene.join(31 + ahead + 0.01, "c", "shop", position=NEXT)
    scene.hang_up(50, "c", "shop")
    scene.snap(100)
    assert scene.visits("bank") == {"entered": 1, "answered": 1, "handled": 1}
    assert scene.visits("shop") == {"entered": 1, "abandoned": 1, "abandoned_in_threshold": 1}


@pytest.mark.parametrize("ahead", [0.2, 1.5, 3], ids=str)
def test_a_caller_no_list_shows_any_more_has_the_fate_told_afterwards_however_long_the_lists_took(ahead: float) -> None:
    scene = Scene().staffed("ann")
    scene.channel(1, "c")
    scene.join(1, "c")
    scene.sight(31, members=[scene.row(31, "bank", "ann")], listed_at=scene.us(31 + ahead))
    hung_up(scene, 31 + ahead)
    scene.snap(60)
    assert scene.visits() == {"entered": 1, "abandoned": 1}
    assert mismatches(scene, 60) == 0


def test_who_was_seen_elsewhere_after_a_gap_and_hangs_up_there_has_abandoned_nothing() -> None:
    """How he left the queue nobody saw."""
    scene = Scene().staffed("ann")
    scene.channel(1, "c")
    scene.join(1, "c")
    scene.lost(10)
    scene.sight(12, members=[scene.row(12, "bank", "ann")], channels=[row("c", app="Playback", position=ELSEWHERE)])
    scene.request(12.7, "c", position=ELSEWHERE)
    scene.end(12.7, "c", position=ELSEWHERE)
    scene.snap(100)
    assert scene.visits() == {"entered": 1, "unresolved": 1}


def test_who_is_found_waiting_in_another_queue_after_a_short_gap_contradicts_nothing() -> None:
    scene = Scene().staffed("ann")
    scene.channel(1, "c")
    scene.join(1, "c")
    scene.lost(10)
    scene.sight(20, members=[scene.row(20, "bank", "ann")], waiting=[waits("c", 3, "shop")], channels=[caller("c", queue="shop")])
    assert scene.snap(21).queues[1].waiting == 1
    scene.snap(100)
    fates = scene.visits()
    assert (fates.pop("entered"), sum(fates.values())) == (1, 1)
    assert not {"answered", "abandoned", "short"} & fates.keys()
    assert scene.visits("shop") == {"entered": 1}


@pytest.mark.parametrize("blind", [False, True], ids=["first look", "after a gap"])
def test_an_answer_over_a_local_channel_that_was_optimised_away_is_found_in_a_list(blind: bool) -> None:
    """The phone that Dial() called is in the caller's bridge; no channel of the queue's own making is left."""
    scene = Scene()
    local = ev.MemberSeen("pbx1", 0, "bank", "Local/7@agents", "PJSIP/7", "ann", 2, False, "")
    if blind:
        scene.sight(members=[local])
        scene.channel(1, "c")
        scene.join(1, "c")
        scene.lost(10)
    scene.sight(40, members=[local], channels=[caller("c", "b"), row("p", "PJSIP/7-00000002", app="AppDial", data="(Outgoing Line)", bridge="b")])
    assert scene.state(42.5, "ann") is State.TALK
    assert scene.visits() == ({"entered": 1, "answered": 1} if blind else {})
    scene.request(60, "c")
    scene.end(60, "c")
    scene.end(60, "p")
    assert scene.state(61, "ann") is State.WRAPUP
