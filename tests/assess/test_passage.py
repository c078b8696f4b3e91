"""Callers who came to the trunks and not to the queues: when that is our own fault, and when it is not certain."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.assess.conditions import Condition
from monitor.assess.passage import ASSUMED, ENOUGH, HIGHEST, LEARNT, PART, Passage, Strayed
from monitor.core import events as ev
from monitor.core.contract import MINUTE, SECOND, Contract, Group, Project, QueueId
from monitor.core.events import Position
from monitor.core.limits import Limits
from monitor.core.trunk import Trunk, TrunkId
from tests.assess.centre import HALF, Centre, arrivals, plan_of

# --- the rule ---------------------------------------------------------------------------------------------------------------------------


def known(share: float) -> Passage:
    return Passage([(1000, round(1000 * share))])


@pytest.mark.parametrize(
    ("usual", "arrived", "reached", "missing", "lost"),
    [
        (0.8, 100, 20, 60.0, True),  # sixty stayed on the way, as many as are missing
        (0.8, 100, 20, 120.0, True),  # exactly half of what is missing
        (0.8, 100, 20, 121.0, False),  # most of it never dialled
        (0.8, 100, 78, 3.0, False),  # two more than usual: chance
        (0.8, 25, 20, 60.0, False),  # as usual: the client has gone
        (0.8, 9, 0, 5.0, False),  # too few to say
        (0.8, 10, 0, 8.0, True),
        (0.8, 100, 20, 0.0, False),  # nothing is missing
        (0.8, 40, 60, 30.0, False),  # others come by numbers that are not ours
        (0.3, 100, 20, 15.0, False),  # its menu serves most of them
    ],
)
def test_most_of_what_is_missing_came_to_the_trunks(usual: float, arrived: int, reached: int, missing: float, lost: bool) -> None:
    assert known(usual).strayed(arrived, reached, missing) == (Strayed(arrived, reached) if lost else None)


def test_the_share_is_learnt_of_good_days_and_half_is_assumed_before() -> None:
    passage = Passage()
    assert passage.usual == ASSUMED
    passage.learn(LEARNT - 1, 70)
    assert passage.usual == ASSUMED
    passage.learn(1, 0)
    assert passage.usual == 0.7
    for _ in range(20):
        passage.learn(100, 100)
    assert (passage.usual, len(passage.days)) == (HIGHEST, 14)
    passage.learn(0, 5)
    assert len(passage.days) == 14, "nobody dialled: a day that says nothing"


def test_who_comes_by_other_numbers_makes_no_share_of_more_than_all() -> None:
    passage = Passage()
    passage.learn(200, 500)
    assert passage.usual == HIGHEST


COUNTS = st.integers(0, 2000)


@given(st.lists(st.tuples(COUNTS, COUNTS), max_size=20), COUNTS, COUNTS, st.floats(-100, 5000))
def test_nothing_is_said_without_enough_callers_and_never_of_more_than_came(days: list[tuple[int, int]], arrived: int, reached: int, missing: float) -> None:
    passage = Passage()
    for day in days:
        passage.learn(*day)
    found = passage.strayed(arrived, reached, missing)
    assert 0 <= passage.usual <= HIGHEST
    if found is not None:
        assert arrived >= ENOUGH
        assert missing > 0
        assert reached < passage.usual * arrived
        assert passage.usual * arrived - reached >= PART * missing


@given(st.integers(ENOUGH, 400), st.integers(0, 100), st.integers(1, 300))
def test_fewer_who_come_through_never_make_it_less_our_own(arrived: int, reached: int, missing: int) -> None:
    passage = known(0.8)
    if passage.strayed(arrived, reached, missing) is not None and reached:
        assert passage.strayed(arrived, reached - 1, missing) is not None


# --- a centre whose callers dial numbers ------------------------------------------------------------------------------------------------

T0 = 1_763_928_000 * SECOND  # 20:00 UTC
DIDS = {"bank": "380441111111", "shop": "380442222222", "taxi": "380443333333"}
PROJECTS = tuple(Project(name, name.title(), "floor", (QueueId("pbx1", name),), dispersion=100.0, dids=frozenset({did})) for name, did in DIDS.items())
CONTRACT = Contract(
    groups=(Group("floor", members=("PJSIP/*",), min_occupancy=0.2),),
    projects=PROJECTS,
    limits=Limits(surplus_agents=5),
    trunks=(Trunk(TrunkId("pbx1", "kyivstar"), ("PJSIP/trunk",)),),
)
MEANS = dict.fromkeys(DIDS, 20.0)
AGENTS = [f"a{number}" for number in range(11)]


class Lines(Centre):
    """From eight in the evening on. Every caller dials his project's number; so many of a hundred come from the trunk to their queue, by queue."""

    def __init__(self, contract: Contract = CONTRACT) -> None:
        super().__init__(contract, plan_of([(T0 + n * HALF, T0 + (n + 1) * HALF, MEANS) for n in range(240)]), T0, AGENTS)
        self.through = dict.fromkeys(DIDS, 75)
        self._rung = dict.fromkeys(DIDS, 0)

    def _arrive(self, at: int, queue: str) -> None:
        self._rung[queue] += 1
        call, place = f"c{self._calls + 1}", Position("in", DIDS[queue], "1")
        self._apply(ev.ChannelStarted("pbx1", at, call, call, f"PJSIP/trunk-{call}", place, dialing=True))
        before, now = ((self._rung[queue] - less) * self.through[queue] // 100 for less in (1, 0))
        if now > before:
            super()._arrive(at, queue)
        else:
            self._apply(ev.ChannelEnded("pbx1", at, call, place))
            self._calls += 1

    def hours(self, hours: float, **dialled: float) -> Lines:
        """So many hours; the plan's volume and a third dial, by queue times a factor."""
        end = self._now + round(hours * 60) * MINUTE
        rates = [(self._now, end, {queue: mean * 2 * hours * dialled.get(queue, 1.0) / 0.75 for queue, mean in MEANS.items()})]
        self.until(end, arrivals(Random(self._now // SECOND), rates))
        return self

    def reading(self, project: str = "bank") -> str | None:
        cause = self.keeping.accruals.judgement.projects[project].cause
        return None if cause is None or cause.reading is None else cause.reading.value


@pytest.fixture(scope="module")
def night() -> Lines:
    """Four hours of a day as planned, and two of the next: the share is known."""
    return Lines().hours(6)


@pytest.fixture
def one(night: Lines) -> Lines:
    return deepcopy(night)


def test_a_day_as_planned_teaches_the_share_that_comes_through(one: Lines) -> None:
    passage = one.keeping.accruals._projects["bank"].passage
    assert len(passage.days) >= 1
    assert passage.usual == pytest.approx(0.75, abs=0.02)


def test_a_menu_that_loses_callers_is_our_own_fault_and_said_so(one: Lines) -> None:
    one.through["bank"] = 25
    one.hours(3)
    heard = [each for each in one.heard if each.what.condition is Condition.VOLUME_LOST]
    assert [str(each) for each in heard] == ["+ VolumeLost bank"]
    figures = heard[0].what.figures
    assert figures["reading"] == "own"
    assert float(figures["reached"]) < 0.75 * float(figures["arrived"])
    assert one.reading() == "own"


def test_a_client_who_pulls_out_is_still_his_own_loss(one: Lines) -> None:
    one.hours(4, bank=0.3)
    assert one.reading() == "client"


def test_a_shut_door_before_the_queue_is_our_own_silence(one: Lines) -> None:
    one.through["bank"] = 0
    one.hours(1)
    (heard,) = [each for each in one.heard if each.what.condition is Condition.PROJECT_SILENT]
    assert (str(heard), heard.what.figures["reading"], heard.what.figures["reached"]) == ("+ ProjectSilent bank", "own", 0)


def test_a_client_who_falls_silent_is_not_ours(one: Lines) -> None:
    one.hours(1, bank=0.0)
    assert "+ ProjectSilent bank" in [str(each) for each in one.heard]
    assert one.reading() in (None, "client")


def test_without_a_trunk_it_is_read_as_ever() -> None:
    one = Lines(replace(CONTRACT, trunks=())).hours(1)
    one.through["bank"] = 15
    one.hours(2.5)
    assert one.reading() == "client"


def test_on_the_first_day_only_a_gross_fault_is_ours() -> None:
    mild, gross = Lines(), Lines()
    for one, through in ((mild, 45), (gross, 5)):
        one.hours(0.5)
        one.through["bank"] = through
        one.hours(3)
    assert mild.reading() in (None, "client")
    assert gross.reading() == "own"
