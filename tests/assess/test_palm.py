"""Palm's queue: printed examples, its closed forms in 50 digits, and what it becomes where patience is none, endless, or a call's length."""

from __future__ import annotations

from itertools import product
from math import exp, inf, isfinite, nan

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from monitor.assess.erlang import ErlangC, blocking
from monitor.assess.palm import ENDLESS, Demand, ErlangA

loads = st.floats(0.01, 300)
patiences = st.floats(0.5, 20_000)
sizes = st.integers(1, 400)


def _demand(load: float, patience: float, aht: float = 180.0) -> Demand:
    return Demand(load / aht, aht, patience)


def test_a_hundred_calls_in_half_an_hour_with_fourteen_agents() -> None:
    queue = ErlangA.of(14, Demand(100 / 1800, 180, 300))
    assert queue.waiting == pytest.approx(0.1452601142963612, rel=1e-13)
    assert queue.abandonment == pytest.approx(0.01398374412240894, rel=1e-13)
    assert queue.occupancy == pytest.approx(0.7042973256268508, rel=1e-13)
    assert queue.mean_wait_seconds / 60 == pytest.approx(0.06991872061204469, rel=1e-13)
    assert queue.served_within(20) == pytest.approx(0.91679209186355, rel=1e-13)


def test_one_agent_where_everything_takes_a_second() -> None:
    queue = ErlangA.of(1, Demand(1, 1, 1))
    assert queue.waiting == pytest.approx(1 - exp(-1), rel=1e-13)
    assert queue.abandonment == pytest.approx(exp(-1), rel=1e-13)


def test_more_work_than_agents() -> None:
    queue = ErlangA.of(10, Demand(12, 1, 1))
    assert queue.waiting == pytest.approx(0.7576078383294877, rel=1e-13)
    assert queue.abandonment == pytest.approx(0.213632352957964, rel=1e-13)
    assert queue.occupancy == pytest.approx(0.9436411764504431, rel=1e-13)


def _kummer(shape: mpmath.mpf, x: mpmath.mpf) -> mpmath.mpf:
    """A(shape, x): positive terms only."""
    return mpmath.hyp1f1(1, shape + 1, x, maxterms=10**6)


def _lower(shape: mpmath.mpf, x: mpmath.mpf) -> mpmath.mpf:
    """P(shape, x)."""
    return mpmath.exp(shape * mpmath.log(x) - x - mpmath.loggamma(shape + 1)) * _kummer(shape, x)


def _reference(agents: int, load: float, patience: float, t: float) -> dict[str, float]:
    """The closed forms of Mandelbaum and Zeltyn with calls of length 1."""
    with mpmath.workdps(50):
        n, a, k = mpmath.mpf(agents), mpmath.mpf(load), mpmath.mpf(patience)
        x, y, lost = n * k, a * k, mpmath.mpf(1)
        for j in range(1, agents + 1):
            lost = a * lost / (j + a * lost)
        grown = _kummer(x, y)
        waiting = grown * lost / (1 + (grown - 1) * lost)
        abandonment = waiting * (n / (a * grown) + 1 - n / a)
        later, whole = y * mpmath.exp(-t / k), _lower(x, y)
        over = waiting * _lower(x, later) / whole
        served = 1 - abandonment - waiting * n / a * _lower(x + 1, later) / whole
        still = over * mpmath.exp(-t / k)
        figures = {"waiting": waiting, "abandonment": abandonment, "over": over, "still": still, "served": served, "left": 1 - still - served}
        return {name: float(figure) for name, figure in figures.items()}


@pytest.mark.parametrize(("load", "part"), [*product((0.01, 1.0, 10.0, 95.5, 400.0), (0.5, 0.9, 1.0, 1.1, 1.5))])
@pytest.mark.parametrize("patience", [0.02, 2 / 3, 3.0, 50.0])
def test_it_has_the_digits_of_the_closed_forms(load: float, part: float, patience: float) -> None:
    agents = max(1, round(load * part))
    queue = ErlangA.of(agents, Demand(load, 1, patience))
    for t in (0.0, 0.1, 1.0):
        expected = _reference(agents, load, patience, t)
        assert queue.waiting == pytest.approx(expected["waiting"], rel=1e-9)
        assert queue.abandonment == pytest.approx(expected["abandonment"], rel=1e-9)
        assert queue.offered_wait_over(t) == pytest.approx(expected["over"], rel=1e-9, abs=0)
        assert queue.wait_over(t) == pytest.approx(expected["still"], rel=1e-9, abs=0)
        assert queue.served_within(t) == pytest.approx(expected["served"], rel=1e-9, abs=1e-13)
        assert queue.abandoned_within(t) == pytest.approx(expected["left"], rel=1e-9, abs=1e-13)


@given(st.integers(1, 200), st.floats(0.05, 200), st.floats(0.0, 60.0))
def test_patience_as_long_as_a_call_makes_a_poisson_number_of_callers(agents: int, load: float, seconds: float) -> None:
    queue = ErlangA.of(agents, _demand(load, 180))
    assert queue.waiting == pytest.approx(float(stats.poisson.sf(agents - 1, load)), rel=1e-9, abs=1e-290)
    assert queue.wait_over(seconds) <= queue.offered_wait_over(seconds) <= queue.waiting * (1 + 1e-12)


@given(sizes, loads, patiences)
def test_agents_are_busy_with_those_who_stay(agents: int, load: float, patience: float) -> None:
    queue = ErlangA.of(agents, _demand(load, patience))
    assert queue.occupancy * agents == pytest.approx(load * (1 - queue.abandonment), rel=1e-12)
    assert queue.occupancy <= 1 + 1e-12
    assert queue.queue_length / patience == pytest.approx(load / 180 * queue.abandonment, rel=1e-12)


@given(sizes, loads, st.floats(1e-6, 1e12))
def test_no_more_hang_up_than_would_be_lost_without_a_queue(agents: int, load: float, patience: float) -> None:
    assert ErlangA.of(agents, _demand(load, patience)).abandonment <= blocking(agents, load) * (1 + 1e-12)


@given(sizes, loads)
def test_who_has_no_patience_is_lost_as_without_a_queue(agents: int, load: float) -> None:
    assert ErlangA.of(agents, _demand(load, 1e-9)).abandonment == pytest.approx(blocking(agents, load), rel=1e-6, abs=1e-300)


@given(st.integers(1, 100), st.floats(0.05, 0.9))
def test_the_patient_wait_as_if_nobody_hung_up(agents: int, part: float) -> None:
    """Just below the limit it is still Palm's queue, and hardly another one than Erlang's beyond it."""
    below, beyond = (ErlangA.of(agents, _demand(agents * part, factor * ENDLESS * 180)) for factor in (0.999, 1.001))
    calm = ErlangC.of(agents, beyond.demand.erlangs, 180)
    assert below.waiting == pytest.approx(calm.waiting, rel=0.02)
    assert 0 < below.abandonment < 1e-3
    assert (beyond.waiting, beyond.abandonment) == (calm.waiting, 0.0)
    assert beyond.mean_wait_seconds == pytest.approx(calm.asa_seconds)
    assert beyond.served_within(20) == calm.service_level(20)
    assert below.served_within(20) == pytest.approx(beyond.served_within(20), abs=1e-3)


@given(sizes, loads, patiences, st.floats(0, 600))
def test_everybody_is_answered_or_hangs_up_or_still_waits(agents: int, load: float, patience: float, seconds: float) -> None:
    queue = ErlangA.of(agents, _demand(load, patience))
    shares = (queue.served_within(seconds), queue.abandoned_within(seconds), queue.wait_over(seconds))
    assert all(0 <= share <= 1 + 1e-12 for share in shares)
    assert sum(shares) == pytest.approx(1, abs=1e-12)
    assert queue.served_within(0) == pytest.approx(1 - queue.waiting, abs=1e-12)
    assert queue.served_within(1e9) == pytest.approx(1 - queue.abandonment, abs=1e-12)


@given(st.integers(1, 200), loads, patiences, st.floats(0, 120))
def test_an_agent_more_never_makes_anybody_wait(agents: int, load: float, patience: float, seconds: float) -> None:
    few, more = (ErlangA.of(n, _demand(load, patience)) for n in (agents, agents + 1))
    assert more.waiting <= few.waiting * (1 + 1e-12)
    assert more.abandonment <= few.abandonment * (1 + 1e-12)
    assert more.served_within(seconds) >= few.served_within(seconds) - 1e-12
    assert more.wait_over(seconds) <= few.wait_over(seconds) * (1 + 1e-9)


@pytest.mark.parametrize("load", [9.0, 9.999999999, 10.0, 10.000000001, 11.0, 500.0])
@pytest.mark.parametrize("theta", [1e-8, 1e-12, 1e-30])
def test_nothing_about_very_patient_callers_is_negative_or_slow(load: float, theta: float) -> None:
    queue = ErlangA.of(10, Demand(load, 1, 1 / theta))
    figures = (queue.waiting, queue.abandonment, queue.served_within(0.1), queue.wait_over(0.1), queue.abandoned_within(0.1))
    assert all(0 <= figure <= 1 for figure in figures)
    assert queue.abandonment == pytest.approx(max(0.0, 1 - 10 / load), abs=1e-3)  # what nobody can answer


@pytest.mark.parametrize("agents", [0, 1, 14, 5000])
@pytest.mark.parametrize("load", [0, 5e-324, 1e-9, 0.01, 14, 4999.999999, 5000, 10000])
@pytest.mark.parametrize("patience", [1e-9, 1.0, 120.0, 1e5, 1e9])
def test_no_size_breaks_it(agents: int, load: float, patience: float) -> None:
    queue = ErlangA.of(agents, _demand(load, patience))
    figures = (queue.waiting, queue.abandonment, queue.occupancy, queue.served_within(20), queue.wait_over(20), queue.abandoned_within(20))
    assert all(0 <= figure <= 1 + 1e-12 for figure in figures)
    assert all(isfinite(figure) and figure >= 0 for figure in (queue.mean_wait_seconds, queue.queue_length))


def test_without_agents_everybody_hangs_up_and_without_calls_nobody() -> None:
    nobody = ErlangA.of(0, _demand(3, 120))
    assert (nobody.waiting, nobody.abandonment, nobody.mean_wait_seconds, nobody.occupancy) == (1, 1, 120, 0)
    assert nobody.served_within(20) == 0
    assert nobody.wait_over(20) == exp(-20 / 120)
    quiet = ErlangA.of(3, _demand(0, 120))
    assert (quiet.waiting, quiet.abandonment, quiet.occupancy, quiet.served_within(0), quiet.wait_over(0)) == (0, 0, 0, 1, 0)


def test_the_mean_wait_is_of_all_callers_and_no_speed_of_answer() -> None:
    """pyworkforce calls it one: 4.20 seconds. Those who are answered wait 3.88, because the longest waits end by hanging up."""
    demand = Demand(100 / 1800, 180, 300)
    queue = ErlangA.of(14, demand)

    def offered(seconds: float) -> float:
        """The density of the wait a caller would have, up to a factor."""
        stay = exp(-seconds / demand.patience_seconds)
        return exp(demand.calls_per_second * demand.patience_seconds * (1 - stay) - queue.agents * seconds / demand.aht_seconds)

    everybody, _ = integrate.quad(offered, 0, 600)
    answered, _ = integrate.quad(lambda v: v * exp(-v / demand.patience_seconds) * offered(v), 0, 600)
    asa = queue.waiting * answered / everybody / (1 - queue.abandonment)
    assert asa == pytest.approx(3.878, abs=0.001)
    assert queue.mean_wait_seconds == pytest.approx(4.195, abs=0.001)


@pytest.mark.parametrize("demand", [(-1, 180, 120), (1, 0, 120), (1, 180, 0), (nan, 180, 120), (1, inf, 120), (1, 180, nan), (1, 180, inf)])
def test_a_demand_that_is_none_is_refused(demand: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="no queue can be made of Demand"):
        Demand(*demand)


def test_fewer_than_no_agents_are_refused() -> None:
    with pytest.raises(ValueError, match="-1 agents"):
        ErlangA.of(-1, _demand(3, 120))
