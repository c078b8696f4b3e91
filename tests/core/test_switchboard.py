"""To whom an event of a call belongs: answers named after another caller, own calls under other names, rings in vain."""

from __future__ import annotations

import pytest

from monitor.core import events as ev
from monitor.core.chronicle import RingNoAnswer
from monitor.core.contract import SECOND, Group
from monitor.core.counters import Component
from monitor.core.floor import Anomaly
from monitor.core.snapshot import State
from tests.core.scene import IN_QUEUE, Scene, contract, project
from tests.core.test_change import change

# --- answers --------------------------------------------------------------------------------------------------------------------------


def test_an_answer_named_after_another_caller_is_of_the_visit_the_leg_rang_for() -> None:
    """Ann calls the shop while she talks with x, and puts the phone down before bob answers: Asterisk names x as the caller."""
    scene = Scene()
    scene.sight(members=[scene.row(0, "bank", "ann"), scene.row(0, "shop", "bob")])
    scene.call_up(1, "x", "ann")
    scene.channel(20, "consult", "PJSIP/ann-000000cc", dialing=True)
    scene.join(21, "consult", "shop")
    scene.ring(21, "consult", "bob", queue="shop")
    scene.unbridge(25, "ann-x", "b-x")
    scene.end(25, "ann-x")
    scene.pick_up(27, "x", "bob")
    scene.connect(27, "x", "bob", queue="shop")
    scene.end(27, "consult")
    (view,) = [view for view in scene.snap(30).agents if view.name == "bob"]
    assert (view.state, view.project) == (State.TALK, "shop")
    assert scene.visits("shop") == {"entered": 1, "answered": 1, "in_threshold": 1}
    scene.end(37, "bob-1")
    scene.end(37, "x")
    scene.snap(60)
    assert scene.visits("shop")["handled"] == 1
    assert scene.contacts("shop") == {"contacts": 1, "answered": 1, "in_threshold": 1, "handled": 1}
    assert scene.floor.counters.handle_us["shop", Component.TALK] == 10 * SECOND
    assert scene.visits("bank") == {"entered": 1, "answered": 1, "in_threshold": 1, "handled": 1}


def test_a_ring_in_another_queue_lends_its_visit_to_no_answer() -> None:
    scene = Scene(strict=False).staffed("ann")
    scene.member(0, "shop", "ann")
    scene.channel(1, "c")
    scene.join(1, "c")
    scene.ring(1, "c", "ann")
    scene.connect(5, "nobody", "ann", queue="shop")
    assert scene.visits() == {"entered": 1}
    assert scene.floor.counters.anomalies == {"answer_without_visit": 1}


def test_an_answer_to_nobody_in_the_queue_is_an_anomaly_and_work_for_the_queues_project() -> None:
    with pytest.raises(Anomaly, match="answer_without_visit: agent connected to a caller who is not in queue bank"):
        Scene().staffed("ann").connect(1, "nobody", "ann")
    scene = Scene(strict=False).staffed("ann")
    scene.connect(1, "nobody", "ann")
    scene.end(11, "ann-1")
    assert scene.spent(40, "ann") == {State.AVAILABLE: 15, State.TALK: 10, State.WRAPUP: 15}
    assert scene.floor.counters.handle_us["bank", Component.TALK] == 10 * SECOND
    assert scene.floor.counters.anomalies == {"answer_without_visit": 1}
    assert (scene.visits(), scene.contacts()) == ({}, {})


# --- own calls ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["PJSIP/ann-0000000a<ZOMBIE>", "PJSIP/trunk-0000000b", "AsyncGoto/PJSIP/ann-0000000a", "PJSIP/bob-0000000c"])
def test_an_own_call_is_over_with_its_channel_whatever_that_is_called_by_then(name: str) -> None:
    scene = Scene().staffed("ann", "bob")
    scene.channel(1, "own", "PJSIP/ann-0000000a", dialing=True)
    assert scene.state(2, "ann") is State.OTHER
    scene.apply(ev.ChannelRenamed("pbx1", scene.us(3), "own", name))
    scene.end(4, "own")
    assert scene.spent(10, "ann") == {State.AVAILABLE: 7, State.OTHER: 3}
    assert scene.agent("ann").own_calls == scene.agent("bob").own_calls == set()


# --- rings in vain --------------------------------------------------------------------------------------------------------------------


def ring_all() -> Scene:
    """A caller whose call rings at both."""
    scene = Scene()
    scene.floor.keep()
    scene.sight(members=[scene.row(0, "bank", who) for who in ("ann", "bob")], strategies={"bank": "ringall"})
    scene.channel(1, "c")
    scene.join(1, "c")
    for who in ("ann", "bob"):
        scene.ring(1, "c", who)
    return scene


def in_vain(scene: Scene, at: float, who: str, leg: str = "") -> None:
    scene.apply(ev.AgentDidNotAnswer("pbx1", scene.us(at), "c", "bank", f"PJSIP/{who}", who, leg or f"{who}-1", IN_QUEUE))


def no_answers(scene: Scene) -> int:
    count = scene.floor.counters.ring_no_answer["floor"]
    assert count == len(rings(scene))
    return count


def rings(scene: Scene) -> list[tuple[str, int]]:
    """Who let the caller ring in vain, and when."""
    told = [one for one in scene.floor.chronicle.details.records if isinstance(one, RingNoAnswer)]
    assert {one[2:] for one in told} <= {("pbx1", "c", "bank", "bank", "floor")}
    return [(one.person, (one.at - scene.start) // SECOND) for one in told]


def test_a_ring_in_vain_is_of_whoever_let_it_pass_at_once() -> None:
    scene = Scene()
    scene.floor.keep()
    scene.staffed("ann", "bob")
    scene.channel(1, "c")
    scene.join(1, "c")
    for at, who in ((1, "ann"), (17, "bob"), (33, "ann")):
        scene.ring(at, "c", who, f"{who}-{at}")
        in_vain(scene, at + 15, who, f"{who}-{at}")
        scene.end(at + 15, f"{who}-{at}")
    assert no_answers(scene) == 3
    scene.ring(50, "c", "bob", "bob-50")
    scene.answer(52, "c", "bob", "bob-50")
    assert rings(scene) == [("pbx1/PJSIP/ann", 16), ("pbx1/PJSIP/bob", 32), ("pbx1/PJSIP/ann", 48)]


def test_who_rejects_a_call_that_rings_everywhere_is_forgiven_when_another_answers() -> None:
    scene = ring_all()
    in_vain(scene, 3, "ann")
    scene.answer(6, "c", "bob")
    scene.finish(20, "c", "bob")
    scene.snap(60)
    assert no_answers(scene) == 0


def test_a_round_in_vain_is_forgiven_when_the_next_is_answered() -> None:
    scene = ring_all()
    for who in ("ann", "bob"):
        in_vain(scene, 16, who)
        scene.end(16, f"{who}-1")
        scene.ring(21, "c", who, f"{who}-2")
    scene.answer(25, "c", "ann", "ann-2")
    assert no_answers(scene) == 0


def test_everybody_who_let_a_caller_ring_in_vain_counts_when_nobody_answers() -> None:
    scene = ring_all()
    for who in ("ann", "bob"):
        in_vain(scene, 16, who)
        in_vain(scene, 16, who)  # told twice
        scene.end(16, f"{who}-1")
    assert no_answers(scene) == 0, "an answer would forgive them all"
    scene.hang_up(20, "c")
    scene.snap(60)
    assert no_answers(scene) == 2
    assert rings(scene) == [("pbx1/PJSIP/ann", 16), ("pbx1/PJSIP/bob", 16)]
    scene.channel(70, "d")
    scene.join(70, "d")
    scene.ring(70, "d", "ann", "ann-3")
    scene.answer(75, "d", "ann", "ann-3")
    assert no_answers(scene) == 2


def test_nobody_is_blamed_for_a_caller_whose_end_is_not_known() -> None:
    scene = ring_all()
    in_vain(scene, 16, "ann")
    visit = scene.open_visit("c")
    scene.floor.queueing.lose(visit, scene.us(20))
    assert scene.visits() == {"entered": 1, "unresolved": 1}
    assert no_answers(scene) == 0
    scene.floor.queueing.readopt(visit)
    scene.hang_up(40, "c")
    assert rings(scene) == [("pbx1/PJSIP/ann", 16)]
    assert no_answers(scene) == 1


def test_a_ring_in_vain_is_of_the_group_its_person_was_in_then() -> None:
    scene = ring_all()
    in_vain(scene, 16, "ann")
    change(scene, 17, groups=(Group("other", ("PJSIP/a*",)), Group("floor", ("PJSIP/b*",))))
    scene.hang_up(20, "c")
    scene.snap(60)
    assert rings(scene) == [("pbx1/PJSIP/ann", 16)]
    assert scene.floor.counters.ring_no_answer == {"floor": 1, "other": 0}


def test_whose_caller_it_was_is_left_open_where_nobody_knows() -> None:
    """He is in no queue any more, and two projects share it: the number he dialled would tell."""
    scene = Scene(contract(project("bank", "q", dids=frozenset({"4001"})), project("shop", "q", dids=frozenset({"4002"}))))
    scene.floor.keep()
    scene.staffed("ann", queue="q")
    scene.channel(1, "c")
    scene.apply(ev.AgentDidNotAnswer("pbx1", scene.us(2), "c", "q", "PJSIP/ann", "ann", "ann-1", IN_QUEUE))
    assert [one for one in scene.floor.chronicle.details.records if isinstance(one, RingNoAnswer)] == [
        RingNoAnswer("pbx1/PJSIP/ann", scene.us(2), "pbx1", "c", "q", None, "floor")
    ]
