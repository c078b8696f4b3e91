"""Staffing of a group: what its projects need together, and when that is less than what each would need alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.assess.palm import Demand, ErlangA
from monitor.assess.required import Target, required_agents
from monitor.assess.staffing import Required, pooled, required, required_alone
from monitor.core.formula import Formula

F = Formula
USUAL = Target(F.SHORT_EXCLUDED, 20, 0.8, 5, 0.05)
BANK = Demand(10 / 180, 180, 120)
SHOP = Demand(5 / 300, 300, 90)
TAXI = Demand(2 / 40, 40, 30)

demands = st.builds(Demand, st.floats(0.0001, 0.3), st.floats(20, 600), st.floats(10, 600))
targets = st.builds(
    Target,
    formula=st.sampled_from(list(F)),
    threshold_seconds=st.sampled_from([10.0, 20.0, 60.0]),
    ratio=st.sampled_from([0.5, 0.8, 0.9]),
    short_seconds=st.just(5.0),
    max_abandonment=st.sampled_from([1.0, 0.1, 0.05]),
)


def _net(needed: Required | None) -> int:
    assert needed is not None
    return needed.net


def test_rates_add_up_and_times_are_means_over_calls() -> None:
    together = pooled([BANK, SHOP, Demand(0, 900, 9000)])
    assert together is not None
    assert together.erlangs == pytest.approx(15)
    assert together.calls_per_second == pytest.approx(10 / 180 + 5 / 300)
    assert together.aht_seconds == pytest.approx(15 / (10 / 180 + 5 / 300))
    assert together.patience_seconds == pytest.approx((120 * 10 / 180 + 90 * 5 / 300) / (10 / 180 + 5 / 300))
    assert pooled([BANK, Demand(0, 900, 9000)]) is BANK
    assert pooled([]) is None


def test_a_group_that_takes_fourteen_pays_twenty() -> None:
    patient = Demand(10 / 180, 180, 1e9)
    assert required([(patient, USUAL)], 0.88, 0.3) == required_alone(patient, USUAL, 0.88, 0.3) == Required(net=14, gross=20)
    assert required([(patient, USUAL)], 0.70, 0.3) == Required(net=15, gross=22)


def test_together_they_need_fewer_than_each_alone() -> None:
    work = [(BANK, USUAL), (SHOP, USUAL), (TAXI, USUAL)]
    assert required(work, 0.88, 0.25) == Required(20, 27)
    assert [required_alone(*each, 0.88, 0.25) for each in work] == [Required(13, 18), Required(8, 11), Required(4, 6)]


def test_every_project_keeps_its_own_target() -> None:
    strict = Target(F.ABANDON_NEGATIVE, 10, 0.9, 0, 0.01)
    work = [(BANK, USUAL), (SHOP, strict)]
    together = pooled([BANK, SHOP])
    assert together is not None
    net = _net(required(work, 1.0, 0))
    assert net == required_agents(together, [strict])
    assert all(target.held_by(ErlangA.of(net, together)) for _, target in work)
    assert not strict.held_by(ErlangA.of(net - 1, together))


def test_a_project_without_calls_binds_nobody() -> None:
    impossible = Target(F.ABANDON_NEGATIVE, 10, 1.0)
    assert required([(BANK, USUAL), (Demand(0, 60, 60), impossible)], 0.88, 0.25) == required_alone(BANK, USUAL, 0.88, 0.25)
    assert required([(Demand(0, 60, 60), impossible)], 0.88, 0.25) == Required(0, 0)
    assert required([], 0.88, 0.25) == Required(0, 0)


def test_one_target_that_cannot_be_held_leaves_the_group_without_a_figure() -> None:
    assert required([(BANK, USUAL), (SHOP, Target(F.ABANDON_NEGATIVE, 10, 1.0))], 0.88, 0.25) is None


@given(st.lists(st.floats(0.0001, 0.3), min_size=2, max_size=5), st.floats(20, 600), st.floats(10, 600), targets, st.floats(0.5, 1))
def test_sharing_agents_costs_none_where_promises_and_callers_are_alike(
    rates: list[float], aht: float, patience: float, target: Target, occupancy: float
) -> None:
    work = [(Demand(rate, aht, patience), target) for rate in rates]
    assert _net(required(work, occupancy, 0)) <= sum(_net(required_alone(*each, occupancy, 0)) for each in work)


def test_a_small_strict_project_makes_a_large_loose_one_dearer() -> None:
    """All callers of one queue wait alike: the loose promise is over-fulfilled."""
    loose, strict = Target(F.ABANDON_NEGATIVE, 60, 0.5), Target(F.ABANDON_NEGATIVE, 10, 0.95)
    work = [(Demand(100 / 180, 180, 60), loose), (Demand(1 / 180, 180, 60), strict)]
    assert [_net(required_alone(*each, 1.0, 0)) for each in work] == [100, 4]
    assert _net(required(work, 1.0, 0)) == 110


def test_callers_who_stay_raise_the_need_of_a_project_whose_callers_hang_up() -> None:
    """Of the large project's callers hardly one is left when he would be late."""
    promise = Target(F.ABANDON_POSITIVE, 20, 0.9)
    large, small = Demand(24 / 466, 466, 6), Demand(0.23 / 13, 13, 986)
    assert [_net(required_alone(each, promise, 1.0, 0)) for each in (large, small)] == [24, 1]
    assert _net(required([(large, promise), (small, promise)], 1.0, 0)) == 30


@given(st.lists(st.tuples(demands, targets), min_size=1, max_size=4), st.floats(0.5, 1), st.floats(0, 0.5))
def test_it_is_the_fewest_that_hold_every_target(work: list[tuple[Demand, Target]], occupancy: float, shrinkage: float) -> None:
    needed = required(work, occupancy, shrinkage)
    assert needed is not None
    together = pooled(demand for demand, _ in work)
    assert together is not None

    def enough(net: int) -> bool:
        queue = ErlangA.of(net, together)
        return all(target.held_by(queue) for _, target in work) and together.erlangs <= net * occupancy + 1e-6

    assert enough(needed.net)
    assert not enough(needed.net - 1)
    assert needed.gross * (1 - shrinkage) >= needed.net - 1e-6
