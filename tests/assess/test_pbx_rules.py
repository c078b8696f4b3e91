"""Trunks that are down or full, and clocks that are off: what is found of each, and since when it lasts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from monitor.assess.accruals import Accruals
from monitor.assess.conditions import About, Condition, Finding, Subject
from monitor.assess.pbx_rules import STALE_US, down, findings, full
from monitor.assess.second import Second
from monitor.core.contract import SECOND, Contract
from monitor.core.floor import Floor
from monitor.core.limits import Limits
from monitor.core.trunk import Trunk, TrunkId, TrunkView
from monitor.plan.plan import EMPTY

AT = 1_764_000_000 * SECOND
KS, LIFE = TrunkId("pbx1", "kyivstar"), TrunkId("pbx1", "life")
QUIET = TrunkView(KS, 3, None, 0, None, 0, None)
CONTRACT = Contract(trunks=(Trunk(KS, ("PJSIP/kyivstar",), 30), Trunk(LIFE, ("SIP/life",))))
LIMITS = Limits()


@pytest.mark.parametrize(
    ("view", "holds", "found"),
    [
        (QUIET, False, None),
        (QUIET._replace(up=True), False, Finding(False)),
        (QUIET._replace(up=False), False, Finding(True, {"why": "unreachable"})),
        (QUIET._replace(failed=4, failing_since=AT - 70 * SECOND, failed_at=AT), False, Finding(False)),
        (QUIET._replace(failed=5, failing_since=AT - 70 * SECOND, failed_at=AT), False, Finding(True, {"why": "refuses", "failed": 5, "seconds": 70.0})),
        (QUIET._replace(failed=5, failing_since=AT - 9000 * SECOND, failed_at=AT - STALE_US), False, Finding(False)),
        (QUIET._replace(up=True, failed=5, failing_since=AT, failed_at=AT), False, Finding(True, {"why": "refuses", "failed": 5, "seconds": 0.0})),
        (QUIET._replace(well_since=AT - 59 * SECOND), True, Finding(True)),
        (QUIET._replace(well_since=AT - 59 * SECOND), False, Finding(False)),
        (QUIET._replace(well_since=AT - 60 * SECOND), True, Finding(False)),
        (QUIET._replace(up=True, well_since=AT - 10 * SECOND), True, Finding(True)),
    ],
)
def test_a_trunk_is_down_while_nothing_gets_through_and_a_while_longer(view: TrunkView, holds: bool, found: Finding | None) -> None:
    assert down(view, AT, LIMITS, holds=holds) == found


@pytest.mark.parametrize(("capacity", "since", "holds"), [(30, 31, True), (30, 30, True), (30, 29, False), (30, None, False)])
def test_a_trunk_is_full_once_that_lasts(capacity: int, since: int | None, holds: bool) -> None:
    view = QUIET._replace(channels=30, full_since=None if since is None else AT - since * SECOND)
    found = full(view, capacity, AT, LIMITS)
    assert found == Finding(holds, {"channels": 30, "capacity": capacity, "seconds": float(since or 0)})


def test_where_nobody_says_how_many_lines_there_are_it_is_never_full() -> None:
    assert full(QUIET, None, AT, LIMITS) is None


def second(*views: TrunkView, at: int = AT, offsets: dict[str, int] | None = None, contract: Contract = CONTRACT) -> Second:
    floor = Floor(contract, at)
    return Second(replace(floor.glimpse(at, (), people=True), trunks=views), floor.ledger, contract, EMPTY, offsets=offsets or {})


def never(_condition: Condition, _subject: Subject) -> bool:
    return False


def test_what_is_out_of_sight_is_not_judged() -> None:
    found = {(one.condition, one.subject.name): one.finding for one in findings(second(QUIET._replace(up=True)), never)}
    assert found == {
        (Condition.CLOCK_SKEW, "pbx1"): None,
        (Condition.TRUNK_DOWN, "pbx1/kyivstar"): Finding(False),
        (Condition.TRUNK_FULL, "pbx1/kyivstar"): Finding(False, {"channels": 3, "capacity": 30, "seconds": 0.0}),
        (Condition.TRUNK_DOWN, "pbx1/life"): None,
        (Condition.TRUNK_FULL, "pbx1/life"): None,
    }


@pytest.mark.parametrize(("offset", "holds"), [(2_000_000, False), (2_000_001, True), (-2_000_001, True)])
def test_a_clock_is_off_either_way(offset: int, holds: bool) -> None:
    found = next(one.finding for one in findings(second(offsets={"pbx1": offset}), never) if one.condition is Condition.CLOCK_SKEW)
    assert found == Finding(holds, {"seconds": offset / SECOND, "limit": 2.0})


# --- over time --------------------------------------------------------------------------------------------------------------------------

DOWN = (Condition.TRUNK_DOWN, Subject(About.TRUNK, "pbx1/kyivstar"))


def lived(view_at: Callable[[int], TrunkView | None], seconds: int) -> list[bool | None]:
    """Whether the trunk is said to be down, second by second; None: not judged."""
    accruals, said = Accruals(), []
    for passed in range(seconds):
        view = view_at(passed)
        accruals.judge_people(second(*([] if view is None else [view]), at=AT + passed * SECOND))
        said.append(accruals.judgement.states.get(DOWN))
    return said


def test_a_trunk_that_flaps_is_not_said_and_one_that_stays_away_is_once() -> None:
    def flapping(passed: int) -> TrunkView:
        return QUIET._replace(up=passed % 40 >= 20, well_since=AT + passed // 40 * 40 * SECOND + 20 * SECOND)

    def gone(passed: int) -> TrunkView:
        """Away from 10 to 100, for a moment at 130, and well from 131 on."""
        return QUIET._replace(up=not (10 <= passed < 100 or passed == 130), well_since=AT + (131 if passed > 130 else 100 if passed >= 100 else 0) * SECOND)

    assert True not in lived(flapping, 200)
    said = lived(gone, 240)
    assert said == [False] * 70 + [True] * (191 - 70) + [False] * (240 - 191)


def test_out_of_sight_it_is_unknown() -> None:
    assert lived(lambda passed: None if passed >= 70 else QUIET._replace(up=False), 72) == [False] * 60 + [True] * 10 + [None] * 2


def test_a_trunk_that_is_down_speaks_for_being_full() -> None:
    accruals, full_trunk = Accruals(), QUIET._replace(up=False, channels=30, full_since=AT)
    for passed in range(70):
        accruals.judge_people(second(full_trunk, at=AT + passed * SECOND))
    assert accruals.judgement.muted == {(Condition.TRUNK_FULL, DOWN[1]): DOWN}
