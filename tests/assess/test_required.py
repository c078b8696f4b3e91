"""Required agents: every formula against its definition, the search against counting up, and the answers known tools get wrong."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, exp, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate

from monitor.assess.erlang import ErlangC
from monitor.assess.palm import ENDLESS, Demand, ErlangA
from monitor.assess.required import Target, ceiling, gross_agents, required_agents, service_level
from monitor.assess.service_level import Answers
from monitor.core.formula import Formula

F = Formula
ENDLESS_PATIENCE = 1e8

formulas = st.sampled_from(list(F))
loads = st.floats(0.01, 120)
patiences = st.floats(1, 5000)
targets = st.builds(
    Target,
    formula=formulas,
    threshold_seconds=st.sampled_from([10.0, 20.0, 60.0]),
    ratio=st.floats(0.05, 0.999),
    short_seconds=st.sampled_from([0.0, 5.0, 10.0]),
    max_abandonment=st.sampled_from([1.0, 0.2, 0.05, 0.01]),
)


def _demand(load: float, patience: float = ENDLESS_PATIENCE) -> Demand:
    return Demand(load / 180, 180, patience)


def _target(ratio: float, formula: Formula = F.ABANDON_NEGATIVE, seconds: float = 20, short: float = 0, abandonment: float = 1) -> Target:
    return Target(formula, seconds, ratio, short, abandonment)


# --- service level ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("formula", list(F))
@pytest.mark.parametrize(("agents", "patience", "seconds", "short"), [(10, 120, 20, 5), (9, 60, 20, 20), (14, 300, 20, 5), (4, 30, 60, 10), (12, 600, 0, 0)])
def test_each_formula_is_the_one_that_live_counts_go_through(formula: Formula, agents: int, patience: float, seconds: float, short: float) -> None:
    """A million million callers are answered and hang up as the density of the offered wait says, and are counted."""
    queue = ErlangA.of(agents, _demand(10, patience))
    rate = queue.demand.calls_per_second

    def offered(v: float) -> float:
        return exp(rate * patience * (1 - exp(-v / patience)) - agents * v / 180)

    end = 5400
    factor = queue.waiting / integrate.quad(offered, 0, end, limit=500, points=[600], epsabs=0)[0]

    def answered(until: float) -> float:
        late = integrate.quad(lambda v: offered(v) * exp(-v / patience), 0, until, limit=500, epsabs=0)[0]
        return float(1 - queue.waiting + factor * late)

    def hung_up(until: float) -> float:
        stayed = integrate.quad(lambda v: offered(v) * (1 - exp(-min(v, until) / patience)), 0, end, limit=500, points=[until, 600], epsabs=0)[0]
        return float(factor * stayed)

    many = 10**12
    shares = (answered(end), answered(seconds), hung_up(end), hung_up(seconds), hung_up(short))
    counts = Answers(*(round(share * many) for share in shares))
    assert service_level(queue, _target(0.8, formula, seconds, short)) == pytest.approx(counts.ratios()[formula], abs=1e-8)


@given(st.integers(0, 150), loads, patiences, targets)
def test_an_agent_more_never_lowers_the_service_level(agents: int, load: float, patience: float, target: Target) -> None:
    demand = _demand(load, patience)
    few, more = (service_level(ErlangA.of(n, demand), target) for n in (agents, agents + 1))
    assert 0 <= few <= 1 + 1e-12
    assert more >= few - 1e-12


@given(st.integers(1, 150), loads, patiences)
def test_without_a_short_limit_the_short_formulas_are_the_strictest(agents: int, load: float, patience: float) -> None:
    queue = ErlangA.of(agents, _demand(load, patience))
    strict = service_level(queue, _target(0.8))
    for formula in (F.SHORT_EXCLUDED, F.SHORT_POSITIVE):
        assert service_level(queue, _target(0.8, formula)) == pytest.approx(strict, abs=1e-12)


@given(st.integers(1, 150), loads)
def test_where_nobody_hangs_up_all_formulas_agree(agents: int, load: float) -> None:
    queue = ErlangA.of(agents, _demand(load))
    expected = ErlangC.of(agents, load, 180).service_level(20)
    if expected is not None:
        assert [service_level(queue, _target(0.8, formula, short=5)) for formula in F] == pytest.approx([expected] * len(F), abs=1e-9)


def test_without_agents_nobody_is_answered_in_time() -> None:
    levels = {formula: service_level(ErlangA.of(0, _demand(3, 120)), _target(0.8, formula, short=5)) for formula in F}
    assert levels.pop(F.ABANDON_POSITIVE) == pytest.approx(1 - exp(-20 / 120))  # they hang up in time
    assert levels.pop(F.SHORT_POSITIVE) == pytest.approx(1 - exp(-5 / 120))
    assert set(levels.values()) == {0.0}


# --- the search -------------------------------------------------------------------------------------------------------


def _counted(demand: Demand, target: Target) -> int:
    """The fewest agents, one by one."""
    return next(n for n in range(1, 10_000) if target.held_by(ErlangA.of(n, demand)))


@given(st.floats(0.01, 50), patiences, targets)
def test_the_search_finds_what_counting_up_finds(load: float, patience: float, target: Target) -> None:
    demand = _demand(load, patience)
    assert required_agents(demand, [target]) == _counted(demand, target)


@given(loads, targets)
def test_for_endless_patience_too(load: float, target: Target) -> None:
    """Counting starts above the load, as Erlang C does."""
    demand = _demand(load, 2 * ENDLESS * 180)
    fewest = next(n for n in range(int(load + 1e-9) + 1, 10_000) if target.held_by(ErlangA.of(n, demand)))
    assert required_agents(demand, [target]) == fewest


@given(st.floats(0.01, 20), patiences, st.lists(targets, min_size=2, max_size=4))
def test_of_several_targets_the_strictest_decides(load: float, patience: float, several: list[Target]) -> None:
    demand = _demand(load, patience)
    assert required_agents(demand, several) == max(_counted(demand, target) for target in several)


@pytest.mark.parametrize(
    ("demand", "target", "agents"),
    [
        (_demand(10), _target(0.8), 14),
        (Demand(250 / 3600, 330, ENDLESS_PATIENCE), _target(0.8, seconds=30), 28),
        (Demand(100 / 1800, 180, 300), _target(0.8), 13),
        (Demand(100 / 1800, 180, 300), _target(0.9), 14),  # 91.68 %
        (Demand(100 / 1800, 180, 300), _target(0.8, abandonment=0.0139), 15),  # 1.398 % with 14
    ],
)
def test_agents_for_what_is_printed(demand: Demand, target: Target, agents: int) -> None:
    assert required_agents(demand, [target]) == agents


def test_at_seventy_per_cent_occupancy_ten_erlangs_take_fifteen() -> None:
    net = required_agents(_demand(10), [_target(0.8)], max_occupancy=0.7)
    assert net == 15
    assert service_level(ErlangA.of(15, _demand(10)), _target(0.8)) == pytest.approx(0.9414528428690223, rel=1e-13)
    assert gross_agents(15, 0.3) == 22


@pytest.mark.parametrize("target", [_target(1.0), _target(0.8, abandonment=0)])
@pytest.mark.parametrize("load", [0.01, 10, 500])
def test_what_no_number_of_agents_holds_has_none(load: float, target: Target) -> None:
    assert required_agents(_demand(load, 120), [_target(0.8), target]) is None


def test_who_never_hangs_up_is_no_abandonment() -> None:
    assert required_agents(_demand(10), [_target(0.8, abandonment=0)]) == 14


@pytest.mark.parametrize(("load", "agents"), [(0.01, 1), (9.5, 10), (9.9999999999, 11), (10, 11)])
def test_callers_of_endless_patience_take_more_agents_than_erlangs(load: float, agents: int) -> None:
    """A hair below ten Erlangs are ten, to which arithmetic has added something."""
    assert required_agents(_demand(load), [_target(0.0)]) == agents


@pytest.mark.parametrize("ratio", [0.0, 1e-300, 1 - 1e-15, 0.9999999999999999])
@pytest.mark.parametrize("formula", list(F))
def test_any_other_ratio_comes_to_an_end(ratio: float, formula: Formula) -> None:
    agents = required_agents(_demand(10, 120), [_target(ratio, formula, short=5)])
    assert agents is not None
    assert 1 <= agents < 60


def test_without_calls_nobody_is_needed() -> None:
    """pyworkforce raises."""
    assert required_agents(_demand(0), [_target(0.8)], 0.5) == 0
    assert required_agents(_demand(0), [_target(1.0)]) == 0


@pytest.mark.parametrize(("load", "theirs", "fewest", "level"), [(9.6, 11, 10, 0.1783), (0.6, 2, 1, 0.4261), (2.7, 4, 3, 0.2097)])
def test_a_search_from_the_load_and_one_more_skips_the_fewest(load: float, theirs: int, fewest: int, level: float) -> None:
    """pyworkforce starts at round(load + 1)."""
    assert round(load + 1) == theirs
    assert ErlangC.of(fewest, load, 180).service_level(20) == pytest.approx(level, abs=5e-5)
    assert required_agents(_demand(load), [_target(0.15)]) == fewest


@pytest.mark.parametrize("occupancy", [0, -0.5, 1.01, nan])
def test_an_occupancy_that_is_none_is_refused(occupancy: float) -> None:
    with pytest.raises(ValueError, match="occupied up to a share"):
        required_agents(_demand(10), [_target(0.8)], occupancy)


@pytest.mark.parametrize(
    "wrong",
    [
        {"threshold_seconds": -1.0},
        {"threshold_seconds": nan},
        {"short_seconds": 21.0},
        {"short_seconds": -1.0},
        {"ratio": 1.1},
        {"ratio": nan},
        {"max_abandonment": -0.1},
        {"max_abandonment": 5.0},
    ],
)
def test_a_target_that_is_none_is_refused(wrong: dict[str, float]) -> None:
    fields = {"threshold_seconds": 20.0, "ratio": 0.8, "short_seconds": 5.0, "max_abandonment": 0.05} | wrong
    with pytest.raises(ValueError, match="no queue can be held to Target"):
        Target(F.SHORT_EXCLUDED, **fields)


# --- rounding up ------------------------------------------------------------------------------------------------------


def test_agents_to_pay_are_exact_where_plain_rounding_up_is_wrong_51_times() -> None:
    wrong = 0
    for net in range(1, 400):
        for per_cent in range(5, 60, 5):
            exact = ceil(Fraction(net * 100, 100 - per_cent))
            assert gross_agents(net, per_cent / 100) == exact
            wrong += ceil(net / (1 - per_cent / 100)) != exact
    assert wrong == 51


@pytest.mark.parametrize(("net", "exact", "theirs"), [(14, 20, 20), (21, 30, 31), (42, 60, 61), (84, 120, 121), (15, 22, 22), (0, 0, 0)])
def test_agents_to_pay_at_thirty_per_cent_shrinkage(net: int, exact: int, theirs: int) -> None:
    """pyworkforce rounds up what the division left."""
    assert ceil(net / (1 - 0.3)) == theirs
    assert gross_agents(net, 0.3) == exact


@pytest.mark.parametrize(("load", "occupancy", "exact"), [(4.2, 0.6, 7), (5.4, 0.6, 9), (63 / 30 * (200 / 60), 1.0, 7)])
def test_a_cap_on_occupancy_asks_for_no_agent_too_many(load: float, occupancy: float, exact: int) -> None:
    assert ceil(load / occupancy) == exact + 1
    assert ceiling(load / occupancy) == exact
    assert required_agents(_demand(load, 120), [_target(0.05)], occupancy) == exact


def test_what_is_more_than_a_rounding_error_is_an_agent() -> None:
    assert [ceiling(number) for number in (3.0, 3 + 1e-10, 3 + 1e-8, 3.5)] == [3, 3, 4, 4]


@pytest.mark.parametrize("shrinkage", [1.0, -0.1, nan])
def test_a_shrinkage_that_is_none_is_refused(shrinkage: float) -> None:
    with pytest.raises(ValueError, match="shrinkage is a share"):
        gross_agents(10, shrinkage)
