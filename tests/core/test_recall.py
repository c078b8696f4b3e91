"""Going back into a gap and home again: people on two PBXs, gaps that overlap or follow each other, and what is observed after all."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.core import events as ev
from monitor.core.chronicle import RingNoAnswer
from monitor.core.contract import SECOND, Contract, Group, Person, Presence
from monitor.core.events import GapTold
from monitor.core.gaps import bridge
from monitor.core.snapshot import Cell, State
from tests.core.looking import caller, waits
from tests.core.scene import IN_QUEUE, REASONS, Scene, contract, project
from tests.core.test_gaps import gone_and_told, logged, tell
from tests.core.test_heal import rows
from tests.core.test_properties import rings_are_told

ANN = Person("1", "ann", ("PJSIP/ann",))
TWO = contract(project("bank", "bank", "pbx2/bank"), project("shop", "shop"), pbxs=("pbx1", "pbx2"), people=(ANN,))
APART = contract(project("bank", "bank", "pbx2/bank"), pbxs=("pbx1", "pbx2"))


def told(scene: Scene, back: float, text: str, *who: str, offset_us: int = 0, taken: bool = True) -> None:
    """This PBX is seen again, with its log."""
    seen = ev.SnapshotTaken(scene.pbx, scene.us(back), {"bank": "rrmemory"}, tuple(scene.row(back, "bank", name) for name in who), (), ())
    story = bridge(scene.floor, GapTold(scene.pbx, seen.at, tuple(rows(text)), seen, offset_us))
    assert story is not None
    for event in story:
        scene.apply(event)
    if taken:
        scene.apply(seen)


def pair(agreed: Contract = TWO, *, logs: Iterable[str] = ("pbx1", "pbx2"), who: Iterable[str] = ("ann",)) -> tuple[Scene, Scene]:
    """Two PBXs with the same people in their queues, since second 0."""
    one = Scene(agreed, strict=False)
    other = one.on("pbx2")
    for scene in (one, other):
        scene.sight(0, members=[scene.row(0, "bank", name) for name in who])
        if scene.pbx in logs:
            scene.apply(ev.LogSeen(scene.pbx, scene.us(0), True))
    return one, other


# --- what was seen live ---------------------------------------------------------------------------------------------------------------

BRIEF = "48|1.1|bank|NONE|ENTERQUEUE||0|1\n49|1.1|bank|NONE|ABANDON|1|1|1"


def came_and_went(scene: Scene) -> None:
    scene.channel(48, "1.1")
    scene.join(48, "1.1")
    scene.hang_up(49, "1.1")


def test_what_another_pbx_says_meanwhile_does_not_make_us_forget_what_this_one_said() -> None:
    one, other = pair()
    came_and_went(one)
    one.lost(50)
    other.call(70, "c", "ann", talk=5)
    one.snap(90)
    told(one, 90, BRIEF, "ann")
    one.snap(100)
    assert one.visits() == {"entered": 1, "short": 1}


def test_a_step_of_the_civil_clock_in_the_gap_makes_no_row_new() -> None:
    scene = logged()
    came_and_went(scene)
    scene.lost(50)
    scene.snap(60)
    scene.floor.shift(90 * SECOND)
    scene.start += 90 * SECOND
    scene.snap(70)
    told(scene, 80, BRIEF, "ann", offset_us=-90 * SECOND)
    assert scene.visits() == {"entered": 1, "short": 1}


def test_a_gap_that_is_told_and_goes_on_is_told_from_there() -> None:
    """The link is lost again before the snapshot could follow."""
    call = "60|1.1|bank|NONE|ENTERQUEUE||0|1\n62|1.1|bank|ann|CONNECT|2|1.2|2\n70|1.1|bank|ann|COMPLETECALLER|2|8|1"
    scene = logged()
    scene.lost(50)
    scene.snap(80)
    told(scene, 80, call, "ann", taken=False)
    scene.lost(81)
    scene.snap(100)
    told(scene, 100, f"{call}\n90|NONE|bank|ann|PAUSE|lunch", "ann")
    scene.snap(120)
    assert scene.visits() == {"entered": 1, "answered": 1, "in_threshold": 1, "handled": 1}
    assert scene.spent(100, "ann") == {State.AVAILABLE: 67 + 20, State.TALK: 8, State.WRAPUP: 15, State.PAUSED: 10}
    assert scene.floor.counters.unobserved_us["pbx1"] == 0


def test_rings_in_vain_of_a_gap_are_of_their_people_and_none_is_told_twice() -> None:
    scene = logged()
    scene.floor.keep()
    scene.channel(40, "1.1")
    scene.join(40, "1.1")
    scene.apply(ev.AgentDidNotAnswer("pbx1", scene.us(49.5), "1.1", "bank", "PJSIP/ann", "ann", "ann-1", IN_QUEUE))
    scene.lost(50)
    scene.snap(90)
    text = "40|1.1|bank|NONE|ENTERQUEUE||0|1\n49|1.1|bank|ann|RINGNOANSWER|5000\n60|1.1|bank|ann|RINGNOANSWER|5000\n65|1.1|bank|NONE|ABANDON|1|1|25"
    told(scene, 90, text, "ann")
    records = [one for one in scene.floor.chronicle.details.records if isinstance(one, RingNoAnswer)]
    assert [(one.person, (one.at - scene.start) / SECOND, one.call) for one in records] == [("pbx1/PJSIP/ann", at, "1.1") for at in (49.5, 60)]
    rings_are_told(scene.floor)


# --- who is on the floor --------------------------------------------------------------------------------------------------------------


def test_who_goes_and_comes_in_a_gap_is_off_the_floor_between() -> None:
    scene = logged()
    gone_and_told(scene, 50, 200, "60|NONE|bank|PJSIP/ann|REMOVEMEMBER|\n100|NONE|bank|PJSIP/ann|ADDMEMBER|", scene.row(200, "bank", "ann"))
    assert scene.spent(200, "ann") == {State.AVAILABLE: 160}


def test_who_was_here_before_and_comes_again_in_a_gap_is_here_from_then_on() -> None:
    scene = logged()
    scene.member(1, "bank", "bob")
    scene.removed(20, "bank", "bob")
    gone_and_told(scene, 50, 200, "100|NONE|bank|PJSIP/bob|ADDMEMBER|", scene.row(200, "bank", "ann"), scene.row(200, "bank", "bob"))
    assert scene.spent(200, "bob") == {State.AVAILABLE: 119}


def test_the_next_sign_ends_straying() -> None:
    scene = logged()
    scene.call_up(40, "1.1")
    gone_and_told(scene, 50, 200, "100|NONE|bank|ann|PAUSE|lunch\n130|NONE|bank|ann|UNPAUSE|")
    assert scene.spent(200, "ann") == {State.AVAILABLE: 40 + 70, State.TALK: 10, State.UNOBSERVED: 50, State.PAUSED: 30}


def test_people_of_another_pbx_stay_what_they_are() -> None:
    unpaused = contract(
        project("bank", "bank", "pbx2/bank"), pbxs=("pbx1", "pbx2"), groups=(Group("floor", presence=Presence.UNPAUSED, pause_reasons=REASONS),)
    )
    one = Scene(unpaused, strict=False)
    other = one.on("pbx2")
    one.sight(0, members=[one.row(0, "bank", "ann")])
    other.sight(0, members=[other.row(0, "bank", "bob", paused=True, reason="lunch")])
    one.lost(50)
    one.snap(55)
    told(one, 59, "", "ann")
    assert one.spent(120, "bob") == {}


def test_who_is_out_of_reach_on_another_pbx_stays_so() -> None:
    one, other = pair(APART, who=())
    one.sight(0, members=[one.row(0, "bank", "ann")])
    other.sight(0, members=[other.row(0, "bank", "bob")])
    one.lost(50)
    other.member(100, "bank", "bob", status=5)
    one.snap(200)
    before = one.spent(200, "bob")
    told(one, 200, "", "ann")
    assert one.spent(200, "bob") == before


def test_after_call_work_on_another_pbx_begins_when_it_began() -> None:
    one, other = pair()
    one.lost(50)
    other.call(600, "c", "ann", talk=80)
    one.snap(690)
    told(one, 690, "", "ann")
    assert one.spent(720, "ann")[State.WRAPUP] <= 15
    assert sum(one.spent(720, "ann").values()) <= 16 * 60


def test_the_work_of_one_who_was_seen_elsewhere_in_a_gap_is_not_known() -> None:
    one = Scene(TWO, strict=False)
    other = one.on("pbx2")
    one.sight(0)
    other.sight(0, members=[other.row(0, "bank", "ann")])
    one.apply(ev.LogSeen("pbx1", one.us(0), True))
    one.lost(50)
    one.snap(200)
    came = "60|NONE|bank|PJSIP/ann|ADDMEMBER|\n70|1.1|bank|NONE|ENTERQUEUE||0|1\n72|1.1|bank|ann|CONNECT|2|1.2|2\n172|1.1|bank|ann|COMPLETECALLER|2|100|1"
    told(one, 200, came, "ann")
    assert one.spent(220, "ann") == {State.AVAILABLE: 220}
    assert one.contacts() == {"contacts": 1, "answered": 1, "in_threshold": 1}, "no handle time is better than a wrong one"


# --- several gaps ---------------------------------------------------------------------------------------------------------------------


def test_a_visit_that_was_given_up_ends_as_the_log_says() -> None:
    scene = Scene().staffed("ann")
    scene.channel(45, "1.1")
    scene.join(45, "1.1")
    scene.lost(50)
    scene.snap(180)
    tell(scene, 180, "60|1.1|bank|NONE|ABANDON|1|1|15")
    scene.snap(200)
    assert scene.visits() == {"entered": 1, "unresolved": 1, "abandoned": 1, "abandoned_in_threshold": 1}


def test_a_gap_nobody_told_is_not_spent_as_the_next_one_is() -> None:
    scene = logged()
    scene.lost(50)
    scene.snap(80)
    scene.sight(80, members=[scene.row(80, "bank", "ann")])
    scene.lost(85)
    scene.snap(100)
    tell(scene, 100, "")
    assert scene.spent(200, "ann") == {State.AVAILABLE: 170, State.UNOBSERVED: 30}


def test_while_another_pbx_is_blind_nothing_of_their_common_project_is_observed() -> None:
    one, other = pair(logs=["pbx1"])
    other.lost(50)
    one.snap(140)
    one.lost(150)
    one.snap(200)
    told(one, 200, "", "ann")
    assert one.minutes()[Cell.OBSERVED_US] == 50 * SECOND
    one.snap(240)
    told(other, 240, "", "ann")
    one.snap(241)
    assert one.minutes()[Cell.OBSERVED_US] == 241 * SECOND


def test_gaps_that_overlap_are_observed_once_both_are_told() -> None:
    one, other = pair()
    one.lost(50)
    other.lost(90)
    one.snap(100)
    told(one, 100, "", "ann")
    one.snap(130)
    told(other, 130, "", "ann")
    one.snap(140)
    assert one.spent(140, "ann") == {State.AVAILABLE: 140}
    assert one.minutes()[Cell.OBSERVED_US] == 140 * SECOND


def test_one_gap_given_up_and_another_pending_lose_no_second_of_a_person() -> None:
    one, other = pair(logs=["pbx2"])
    one.lost(50)
    other.lost(60)
    one.snap(200)
    told(one, 200, "", "ann")
    told(other, 210, "", "ann")
    one.snap(220)
    assert all(amount >= 0 for amount in one.floor.ledger.groups["floor"].total(0, None))
    assert sum(one.spent(220, "ann").values()) == 220


def test_a_gap_that_was_given_up_moves_with_the_civil_clock() -> None:
    scene = Scene(strict=False).staffed("ann")
    scene.lost(50)
    scene.snap(120)
    scene.floor.shift(-90 * SECOND)
    scene.start -= 90 * SECOND
    scene.snap(200)
    told(scene, 200, "", "ann", offset_us=90 * SECOND)
    scene.snap(220)
    assert scene.floor.counters.corrected_us["unobserved"] == 150 * SECOND
    assert scene.floor.sides["pbx1"].unseen == []


def test_who_was_told_and_abandons_live_is_where_he_is() -> None:
    """The log knows nothing of the dialplan: that he is in it somewhere is no sign that he was sent on."""
    scene = logged()
    gone_and_told(scene, 50, 100, "90|1.1|bank|NONE|ENTERQUEUE||0|1", waiting=[waits("1.1", 10)], channels=[caller("1.1")])
    scene.abandon(130, "1.1")
    scene.leave(130, "1.1")
    scene.end(130, "1.1")
    scene.snap(140)
    assert scene.visits() == {"entered": 1, "abandoned": 1}


def test_the_second_visit_of_a_caller_whose_first_was_given_up_is_not_taken_for_it() -> None:
    scene = Scene(strict=False).staffed("ann")
    scene.channel(45, "1.1")
    scene.join(45, "1.1")
    scene.lost(50)
    scene.snap(180)
    tell(scene, 180, "60|1.1|bank|NONE|EXITWITHTIMEOUT|1|1|15\n61|1.1|bank|NONE|ENTERQUEUE||0|1\n90|1.1|bank|NONE|ABANDON|1|1|29")
    scene.snap(250)
    cells = scene.minutes()
    assert (cells[Cell.VISITS], cells[Cell.VISITS_FLOWED_OUT], cells[Cell.VISITS_ABANDONED], cells[Cell.ABANDONED]) == (2, 1, 1, 1)
    assert list(scene.floor.queueing.undecided()) == []


def test_who_left_one_pbx_and_came_on_another_in_its_gap_has_no_second_twice() -> None:
    one, other = pair(APART, who=())
    one.sight(0, members=[one.row(0, "bank", "ann")])
    other.sight(0, members=[other.row(0, "bank", "bob")])
    one.lost(50)
    other.removed(100, "bank", "bob")
    one.snap(200)
    told(one, 200, "60|NONE|bank|PJSIP/bob|ADDMEMBER|", "ann", "bob")
    assert sum(one.spent(200, "bob").values()) <= 200


def test_a_pause_on_the_blind_pbx_alone_is_none() -> None:
    one, other = pair()
    one.member(10, "bank", "ann", paused=True, reason="lunch")
    one.lost(50)
    one.snap(100)
    seen = ev.SnapshotTaken("pbx1", one.us(100), {"bank": "rrmemory"}, (one.row(100, "bank", "ann", paused=True, reason="lunch"),), (), ())
    for event in bridge(one.floor, GapTold("pbx1", seen.at, (), seen, 0)) or ():
        one.apply(event)
    one.apply(seen)
    assert one.spent(120, "ann") == {State.AVAILABLE: 120}
    assert other.floor is one.floor
