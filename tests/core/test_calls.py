"""The table of a stay in a queue: every legal sign moves it, every illegal one changes nothing or heals."""

from __future__ import annotations

from copy import deepcopy

import pytest

from monitor.core.calls import HEALED, TABLE, Sign, Stage, Visit, step
from monitor.core.counters import Outcome
from monitor.core.floor import Anomaly
from tests.core.scene import Scene

LEGAL = [(stage, sign) for stage, row in TABLE.items() for sign in row]
ILLEGAL = [(stage, sign) for stage in Stage for sign in Sign if sign not in TABLE[stage]]
UNDECIDED = [Stage.WAITING, Stage.DYING, Stage.DECIDING, Stage.LEFT, Stage.ANNOUNCING]


def name(value: object) -> str:
    return value.name if isinstance(value, Stage | Sign) else str(value)


# --- the table ------------------------------------------------------------------------------------------------------------------------


def test_every_stage_has_a_row_and_every_sign_a_healing() -> None:
    assert set(TABLE) == set(Stage)
    assert set(HEALED) == set(Sign)


@pytest.mark.parametrize("stage", UNDECIDED, ids=name)
def test_an_undecided_visit_that_is_lost_from_view_is_unresolved(stage: Stage) -> None:
    assert step(stage, Sign.LOST) == (Outcome.UNRESOLVED, True)


@pytest.mark.parametrize("stage", [Stage.TALKING, Stage.ENDED], ids=name)
@pytest.mark.parametrize("sign", Sign, ids=name)
def test_nothing_moves_a_visit_that_is_decided(stage: Stage, sign: Sign) -> None:
    assert step(stage, sign) == (stage, True)


@pytest.mark.parametrize("sign", Sign, ids=name)
def test_what_has_flowed_out_becomes_something_else_by_the_record_only(sign: Sign) -> None:
    if sign not in (Sign.CONNECT, Sign.LOGGED_ABANDON):
        assert step(Stage.FLOWING, sign) in ((Stage.FLOWING, True), (Outcome.FLOWED_OUT, True))


def test_only_a_hangup_request_makes_an_abandon_certain_at_once() -> None:
    at_once = {(stage, sign) for stage, sign in LEGAL if TABLE[stage][sign] is Outcome.ABANDONED and sign is Sign.ABANDON}
    assert at_once == {(Stage.DYING, Sign.ABANDON), (Stage.ANNOUNCING, Sign.ABANDON)}


def test_only_where_an_agent_can_still_come_is_an_answer_legal() -> None:
    assert {stage for stage, sign in LEGAL if sign is Sign.CONNECT} == {Stage.WAITING, Stage.DYING, Stage.LEFT, Stage.ANNOUNCING, Stage.TALKING, Stage.ENDED}


def visit_in(scene: Scene, stage: Stage) -> Visit:
    """A visit three seconds old, put into `stage`."""
    scene.sight()
    scene.join(0, "c")
    visit = scene.open_visit("c")
    visit.stage, visit.left_at = stage, scene.us(3)
    return visit


def facts(scene: Scene, visit: Visit) -> object:
    return deepcopy((visit.stage, visit.outcome, visit.reason, visit.wait_us, scene.floor.counters, scene.minutes(), scene.visits()))


@pytest.mark.parametrize(("stage", "sign"), LEGAL, ids=name)
def test_a_legal_sign_moves_the_visit_and_counts_an_end_once(stage: Stage, sign: Sign) -> None:
    scene = Scene()
    visit = visit_in(scene, stage)
    then = TABLE[stage][sign]
    scene.floor.queueing.sign(visit, sign, scene.us(3))
    counted = sum(count for fate, count in scene.visits().items() if fate.split(":")[0] in ("answered", "abandoned", "short", "flowed_out", "unresolved"))
    if isinstance(then, Outcome):
        expected = Outcome.SHORT if then is Outcome.ABANDONED else then
        assert (visit.outcome, visit.stage, counted) == (expected, Stage.ENDED, 1)
        assert "c" not in {call for _, call in scene.floor.queueing.open}
    elif then is Stage.TALKING and stage is not Stage.TALKING:
        assert (visit.outcome, visit.stage, counted) == (Outcome.ANSWERED, Stage.TALKING, 1)
    else:
        assert (visit.outcome, visit.stage, counted) == (None, then, 0)


@pytest.mark.parametrize(("stage", "sign"), ILLEGAL, ids=name)
def test_an_illegal_sign_raises_and_changes_nothing_in_strict_mode(stage: Stage, sign: Sign) -> None:
    scene = Scene()
    visit = visit_in(scene, stage)
    before = facts(scene, visit)
    with pytest.raises(Anomaly, match=f"{sign.name} while {stage.name}, queue pbx1/bank"):
        scene.floor.queueing.sign(visit, sign, scene.us(3))
    assert facts(scene, visit) == before


@pytest.mark.parametrize(("stage", "sign"), ILLEGAL, ids=name)
def test_an_illegal_sign_is_counted_and_healed_when_live(stage: Stage, sign: Sign) -> None:
    scene = Scene(strict=False)
    visit = visit_in(scene, stage)
    scene.floor.queueing.sign(visit, sign, scene.us(3))
    healed = HEALED[sign]
    if isinstance(healed, Outcome):
        assert visit.outcome is (Outcome.SHORT if healed is Outcome.ABANDONED else healed)
    else:
        assert visit.stage is healed
    assert scene.floor.counters.anomalies == {f"visit_{sign.name.lower()}": 1}
