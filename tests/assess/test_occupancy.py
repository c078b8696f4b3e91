"""Occupancy and the true-to-interval rules: the published examples, told in events and read from the outlook."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.assess.occupancy import Time
from monitor.assess.outlook import outlook
from monitor.core import events as ev
from monitor.core.book import OBSERVED
from monitor.core.contract import MINUTE, SECOND, RingCountsAs
from monitor.core.snapshot import Cell, State, Window
from monitor.plan.plan import EMPTY
from tests.core.scene import T0, Scene, contract, project

HANDLE, AVAILABLE, IGNORE = RingCountsAs.HANDLE, RingCountsAs.AVAILABLE, RingCountsAs.IGNORE


def seconds(**spent: int) -> Time:
    return Time.of([spent.get(state.value, 0) * SECOND for state in State] + [0])


ONE_AGENT = seconds(talk=600, hold=60, wrapup=140, ring=40, available=460, paused=400, other=100)


@pytest.mark.parametrize(("ring", "expected"), [(HANDLE, 0.646154), (AVAILABLE, 0.615385), (IGNORE, 0.634921)])
def test_one_agents_1800_seconds(ring: RingCountsAs, expected: float) -> None:
    assert ONE_AGENT.occupancy(ring) == pytest.approx(expected, abs=5e-7)


def test_one_agents_1800_seconds_carried_and_earning() -> None:
    assert ONE_AGENT.handle / (1800 * SECOND) == pytest.approx(0.444444, abs=5e-7)
    assert ONE_AGENT.earning() == ONE_AGENT.occupancy(AVAILABLE)
    assert [ONE_AGENT.staffed(ring) // SECOND for ring in (HANDLE, AVAILABLE, IGNORE)] == [1300, 1300, 1260]


def test_twenty_of_forty_minutes_is_a_half() -> None:
    """Cisco: 20 min handling in 40 min logged on minus not ready."""
    assert seconds(talk=1200, available=1200, paused=1000).occupancy(AVAILABLE) == 0.5


def test_nobody_there_has_no_occupancy() -> None:
    nobody = seconds(paused=1800, unreachable=60, unobserved=60, other=100)
    assert [nobody.occupancy(ring) for ring in RingCountsAs] == [None] * 3
    assert nobody.earning() is None
    assert seconds(ring=5).occupancy(IGNORE) is None
    assert seconds(ring=5).occupancy(HANDLE) == 1.0


TIMES = st.builds(Time, *[st.integers(0, 10**12)] * 3)


@given(TIMES, st.sampled_from(list(RingCountsAs)))
def test_occupancy_times_staffed_is_carried_and_under_the_default_ring_too(time: Time, ring: RingCountsAs) -> None:
    occupancy = time.occupancy(ring)
    if occupancy is None:
        assert time.staffed(ring) == 0
        return
    assert 0 <= occupancy <= 1
    assert occupancy * time.staffed(ring) == pytest.approx(time.handle + (time.ring if ring is HANDLE else 0), rel=1e-12)


def test_offline_work_is_in_occupancy_and_other_work_is_not() -> None:
    assert seconds(offline=900, available=900).occupancy(HANDLE) == 0.5
    assert seconds(other=900, available=900).occupancy(HANDLE) == 0.0


# --- told in events -------------------------------------------------------------------------------------------------------------------


def test_one_agents_1800_seconds_told_in_events() -> None:
    """The half hour from its first event to the outlook of the closed interval."""
    agreed = contract(project("bank", wrapup_us=140 * SECOND), interval_us=30 * MINUTE)
    scene = Scene(agreed).staffed("ann")
    scene.channel(0, "c")
    scene.join(0, "c")
    scene.ring(0, "c", "ann")
    scene.answer(40, "c", "ann")
    scene.apply(ev.HoldPressed("pbx1", scene.us(100), "ann-1"))
    scene.apply(ev.HoldReleased("pbx1", scene.us(160), "ann-1"))
    scene.finish(700, "c", "ann")  # wrap-up until 840
    scene.member(900, "bank", "ann", paused=True, reason="lunch")
    scene.member(1300, "bank", "ann")
    scene.channel(1400, "own", "PJSIP/ann-0000000f", dialing=True)
    scene.end(1500, "own")
    view = outlook(scene.snap(1800), agreed, EMPTY)
    span = view.snapshot.groups["floor"][Window.LAST]
    assert {state.value: span.sums[i] / SECOND for i, state in enumerate(State) if span.sums[i]} == {
        "talk": 600,
        "hold": 60,
        "wrapup": 140,
        "ring": 40,
        "available": 460,
        "paused": 400,
        "other": 100,
    }
    assert span.sums[OBSERVED] == 1800 * SECOND
    floor, bank = view.groups["floor"][Window.LAST], view.projects["bank"][Window.LAST]
    assert floor.occupancy == pytest.approx(0.646154, abs=5e-7)
    assert floor.earning_occupancy == pytest.approx(0.615385, abs=5e-7)
    assert floor.staffed == pytest.approx(1300 / 1800)
    assert bank.carried_erlangs == pytest.approx(0.444444, abs=5e-7)
    assert (floor.occupancy or 0) * (floor.staffed or 0) == pytest.approx((bank.carried_erlangs or 0) + 40 / 1800)


def test_a_shared_agents_idle_time_belongs_to_the_pool() -> None:
    """600 s for A, 300 s for B, 900 s idle: the pool is at 50 %, the projects have workload and no occupancy."""
    agreed = contract(project("a", wrapup_us=0), project("b", wrapup_us=0))
    scene = Scene(agreed)
    scene.sight(members=[scene.row(0, queue, "ann") for queue in ("a", "b")])
    scene.call(100, "x", "ann", talk=600, queue="a")
    scene.call(1000, "y", "ann", talk=300, queue="b")
    view = outlook(scene.snap(1800), agreed, EMPTY)
    assert view.groups["floor"][Window.LAST].occupancy == 0.5
    carried = [view.projects[name][Window.LAST].carried_erlangs for name in ("a", "b")]
    assert carried == [pytest.approx(600 / 1800), pytest.approx(300 / 1800)]
    assert not hasattr(view.projects["a"][Window.LAST], "occupancy")


def talk_by_interval(start: int, minutes: int, interval: int) -> dict[int, float]:
    """A call of `minutes` from `start` (minutes after the scene's hour): its talk seconds by interval, read from each when it closed."""
    agreed = contract(project("bank", wrapup_us=0), interval_us=interval * MINUTE)
    scene = Scene(agreed).staffed("ann")
    found: dict[int, float] = {}

    def look(until: int) -> None:
        for border in range((len(found) + 1) * interval, until + 1, interval):
            span = scene.snap(border * 60).projects["bank"][Window.LAST]
            assert span.start == T0 + (border - interval) * MINUTE
            found[border - interval] = span.sums[Cell.TALK_US] / SECOND

    look(start)
    scene.call_up(start * 60, "c")
    look(start + minutes)
    scene.finish((start + minutes) * 60, "c", "ann", "ann-c")
    look((start + minutes) // interval * interval + interval)
    return {at: spent for at, spent in found.items() if spent}


def test_amazons_contact_from_5_23_to_6_15_is_7_30_and_15_minutes_true_to_interval() -> None:
    assert talk_by_interval(23, 52, 30) == {0: 7 * 60, 30: 30 * 60, 60: 15 * 60}


def test_nices_call_from_9_10_to_9_40_is_a_third_of_an_agent_one_and_two_thirds() -> None:
    spent = talk_by_interval(10, 30, 15)
    assert [round(seconds / 900, 2) for seconds in spent.values()] == [0.33, 1, 0.67]


def test_the_completed_view_has_it_all_in_the_interval_of_its_end() -> None:
    """Amazon's other figure: 52 minutes in 6:00, as handled seconds of finished contacts."""
    scene = Scene(contract(project("bank", wrapup_us=0))).staffed("ann")
    scene.call(23 * 60, "c", "ann", talk=52 * 60)
    span = scene.snap(90 * 60).projects["bank"][Window.LAST]
    assert (span.sums[Cell.HANDLED], span.sums[Cell.HANDLED_US]) == (1, 52 * MINUTE)
