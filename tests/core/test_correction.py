"""Books that are put right: counters only gain, the ledger goes both ways, and what is observed after all moves with it."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest

from monitor.core import events as ev
from monitor.core.belated import WHY, difference
from monitor.core.book import LABOUR, OBSERVED, STATE_INDEX
from monitor.core.chronicle import Corrected, RingNoAnswer, VisitEnded
from monitor.core.contract import MINUTE, SECOND
from monitor.core.correction import Difference, GapFound
from monitor.core.counters import Counters, Visits
from monitor.core.events import GapTold
from monitor.core.snapshot import Cell, State
from tests.core.scene import IN_QUEUE, T0, Scene, contract, project
from tests.core.test_heal import rows
from tests.core.test_properties import rings_are_told

PBX = "pbx1"
CALL = "100|1.1|bank|NONE|ENTERQUEUE||0|1\n110|1.1|bank|ann|CONNECT|10|1.2|3\n190|1.1|bank|ann|COMPLETECALLER|10|80|1"


def aside(scene: Scene, back: float, text: str, who: str = "ann") -> Difference | None:
    """The gap ends without a word of the log; what its rows would have made of it."""
    taken = ev.SnapshotTaken(scene.pbx, scene.us(back), {"bank": "rrmemory", "shop": "rrmemory"}, (scene.row(back, "bank", who),), (), ())
    kept = pickle.dumps(scene.floor)
    scene.apply(taken)
    return difference(pickle.loads(kept), pickle.loads(kept), GapTold(scene.pbx, taken.at, tuple(rows(text)), taken, 0))


def given_up(lost: float = 50, back: float = 300, text: str = CALL) -> tuple[Scene, Difference]:
    """A floor that has given up a gap, and what its rows are found to say."""
    scene = Scene().staffed("ann")
    scene.floor.keep()
    scene.lost(lost)
    found = aside(scene, back, text)
    assert found is not None
    scene.snap(back + 70)
    return scene, found


def find(scene: Scene, at: float, found: Difference) -> None:
    scene.apply(GapFound(PBX, scene.us(at), found))


def test_a_call_of_a_gap_that_was_given_up_is_counted_in_its_own_minutes() -> None:
    scene, found = given_up(lost=250, text="260|1.1|bank|NONE|ENTERQUEUE||0|1\n262|1.1|bank|ann|CONNECT|2|1.2|1\n272|1.1|bank|ann|COMPLETECALLER|2|10|1")
    assert scene.visits() == {}
    find(scene, 400, found)
    assert scene.visits() == {"entered": 1, "answered": 1, "in_threshold": 1, "handled": 1}
    assert scene.contacts() == {"contacts": 1, "answered": 1, "in_threshold": 1, "handled": 1}
    assert scene.floor.ledger.projects["bank"].minutes[T0 + 4 * MINUTE][Cell.VISITS_ANSWERED] == 1
    assert scene.floor.counters.healed[PBX] == 1


def test_its_time_is_moved_from_unobserved_to_what_it_was() -> None:
    scene, found = given_up(lost=250, text="260|1.1|bank|NONE|ENTERQUEUE||0|1\n262|1.1|bank|ann|CONNECT|2|1.2|1\n272|1.1|bank|ann|COMPLETECALLER|2|10|1")
    counters, book = scene.floor.counters, scene.floor.ledger.groups["floor"]
    before, unobserved = book.total(0, None), counters.agent_us["floor", State.UNOBSERVED]
    assert counters.unobserved_us[PBX] == unobserved == before[STATE_INDEX[State.UNOBSERVED]] == 50 * SECOND
    find(scene, 400, found)
    after = book.total(0, None)
    assert counters.unobserved_us[PBX] == counters.agent_us["floor", State.UNOBSERVED] == unobserved, "what was counted stays counted"
    assert counters.corrected_us == {"unobserved": 50 * SECOND, "agent": 50 * SECOND}
    assert sum(after[:OBSERVED]) == sum(before[:OBSERVED])
    assert after[STATE_INDEX[State.UNOBSERVED]] == 0
    assert after[STATE_INDEX[State.TALK]] == counters.agent_us["floor", State.TALK] == 10 * SECOND


def test_rings_in_vain_are_told_with_it_and_those_that_were_told_are_not_told_again() -> None:
    """One caller was seen to be let ring before the gap, and his row is read with the others."""
    text = """
        240|1.1|bank|NONE|ENTERQUEUE||0|1
        245|1.1|bank|ann|RINGNOANSWER|4000
        260|1.1|bank|ann|RINGNOANSWER|4000
        260|1.1|bank|ann|RINGNOANSWER|0
        270|1.1|bank|NONE|ABANDON|1|1|30
        """
    scene = Scene().staffed("ann")
    scene.floor.keep()
    scene.channel(240, "1.1")
    scene.join(240, "1.1")
    scene.apply(ev.AgentDidNotAnswer(PBX, scene.us(245), "1.1", "bank", "PJSIP/ann", "ann", "ann-1", IN_QUEUE))
    scene.lost(250)
    found = aside(scene, 280, text)
    assert found is not None
    scene.snap(400)
    assert [one for one in found.details if isinstance(one, RingNoAnswer)] == [
        RingNoAnswer("pbx1/PJSIP/ann", scene.us(260), PBX, "1.1", "bank", "bank", "floor")
    ] * 2
    find(scene, 400, found)
    assert scene.floor.counters.ring_no_answer == {"floor": 3}
    rings_are_told(scene.floor)


def test_it_is_observed_after_all() -> None:
    scene, found = given_up()
    book = scene.floor.ledger.projects["bank"]
    seen = book.total(0, None)[Cell.OBSERVED_US]
    find(scene, 400, found)
    assert book.total(0, None)[Cell.OBSERVED_US] == seen + 250 * SECOND
    assert scene.floor.sides[PBX].unseen == []


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_what_two_pbxs_carry_is_observed_once_both_are_known(order: tuple[int, int]) -> None:
    scene = Scene(contract(project("bank", "pbx1/bank", "pbx2/bank"), pbxs=("pbx1", "pbx2")))
    sides = scene.staffed("ann"), scene.on("pbx2").staffed("bob")
    sides[0].lost(50)
    sides[1].lost(60)
    found = [
        aside(sides[0], 110, "70|1.1|bank|NONE|ENTERQUEUE||0|1\n72|1.1|bank|ann|CONNECT|2|1.2|1\n82|1.1|bank|ann|COMPLETECALLER|2|10|1"),
        aside(sides[1], 120, "70|2.1|bank|NONE|ENTERQUEUE||0|1\n72|2.1|bank|bob|CONNECT|2|2.2|1\n92|2.1|bank|bob|COMPLETECALLER|2|20|1", "bob"),
    ]
    scene.floor.advance(scene.us(400))
    book, people = scene.floor.ledger.projects["bank"], scene.floor.ledger.groups["floor"]
    observed = []
    for each in order:
        difference = found[each]
        assert difference is not None
        sides[each].apply(GapFound(sides[each].pbx, scene.us(400), difference))
        observed.append(book.total(0, None)[Cell.OBSERVED_US])
    assert observed[0] < observed[1] == 400 * SECOND
    total = people.total(0, None)
    assert total[:OBSERVED] == total[OBSERVED + 1 : LABOUR]
    assert {state: total[index] // SECOND for state, index in STATE_INDEX.items() if total[index]} == {
        State.TALK: 30,
        State.WRAPUP: 30,
        State.AVAILABLE: 740,
    }
    assert scene.floor.counters.corrected_us == {"unobserved": 120 * SECOND, "agent": 120 * SECOND}


def test_a_caller_whose_end_was_unknown_has_one_now_and_the_counter_that_had_him_is_said_to_be_too_high() -> None:
    scene = Scene().staffed("ann")
    scene.floor.keep()
    scene.channel(240, "1.1")
    scene.join(240, "1.1")
    scene.lost(250)
    found = aside(scene, 280, "240|1.1|bank|NONE|ENTERQUEUE||0|1\n270|1.1|bank|NONE|ABANDON|1|1|30")
    assert found is not None
    scene.snap(400)
    assert scene.visits() == {"entered": 1, "unresolved": 1}
    find(scene, 400, found)
    assert scene.visits() == {"entered": 1, "unresolved": 1, "abandoned": 1}
    assert scene.floor.counters.corrected == {(PBX, "bank", "unresolved"): 1}
    total = scene.floor.ledger.projects["bank"].total(0, None)
    assert (total[Cell.VISITS], total[Cell.VISITS_ABANDONED], total[Cell.VISITS_UNRESOLVED]) == (1, 1, 0)
    records = scene.floor.chronicle.details.records
    assert [one.outcome for one in records if isinstance(one, VisitEnded)] == ["unresolved", "abandoned"]
    (said,) = [one for one in records if isinstance(one, Corrected)]
    assert (said.which, said.was, said.now, said.why) == ("1.1", "unresolved", "abandoned", WHY)
    assert said.at == T0 + 6 * MINUTE, "the minute in which it was found"
    assert (said.about, said.who) == (T0 + 240 * SECOND, "queue_log")


def test_a_gap_is_found_once() -> None:
    scene, found = given_up()
    find(scene, 400, found)
    counted = pickle.dumps(scene.floor.counters.frozen())
    find(scene, 410, found)
    assert pickle.dumps(scene.floor.counters.frozen()) == counted


def test_a_first_part_of_it_leaves_the_gap_to_be_found() -> None:
    scene, found = given_up()
    scene.apply(GapFound(PBX, scene.us(400), replace(found, counters=Counters(), projects={}, groups={}), more=True))
    assert scene.visits() == {}
    assert len(scene.floor.sides[PBX].unseen) == 1
    known = len(scene.floor.chronicle.details.records)
    find(scene, 400, replace(found, details=()))
    assert scene.visits()["entered"] == 1
    assert len(scene.floor.chronicle.details.records) == known
    assert scene.floor.sides[PBX].unseen == []


def test_a_gap_that_nobody_has_changes_nothing() -> None:
    _scene, found = given_up()
    other = Scene().staffed("ann")
    find(other, 400, found)
    assert other.visits() == {}
    assert other.floor.counters.corrected_us == {}


def test_rows_that_do_not_know_who_waits_now_make_no_difference_known() -> None:
    scene = Scene().staffed("ann")
    scene.lost(50)
    taken = ev.SnapshotTaken(PBX, scene.us(80), {"bank": "rrmemory"}, (), (ev.WaitingRow("9.9", "bank", "PJSIP/trunk-9.9", 20 * SECOND),), ())
    kept = pickle.dumps(scene.floor)
    assert difference(pickle.loads(kept), pickle.loads(kept), GapTold(PBX, taken.at, tuple(rows(CALL)), taken, 0)) is None


def test_what_is_agreed_no_more_keeps_its_counters_and_has_no_book() -> None:
    scene, found = given_up()
    found.counters.visits["gone", project("gone").queues[0]] = [1] * len(Visits)
    find(scene, 400, replace(found, projects={"gone": {T0: [1] * len(Cell)}}))
    assert scene.floor.counters.visits["gone", project("gone").queues[0]] == [1] * len(Visits)
    assert "gone" not in scene.floor.ledger.projects
