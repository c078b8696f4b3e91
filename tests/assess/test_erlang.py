"""Erlang B and C: the examples the trade prints, references, and an honest nothing where a queue has no steady state."""

from __future__ import annotations

from math import inf, isfinite, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from monitor.assess.erlang import ErlangC, blocking, free_weight


@pytest.mark.parametrize(
    ("servers", "load", "expected"),
    [
        (1, 1, 0.5),
        (2, 1, 0.2),
        (16, 10, 0.02230187204036366),
        (17, 10, 0.01294887522472657),
        (30, 25, 0.05260317222814062),
        (200, 5, 5.316671379546738e-238),
        (5000, 10000, 0.5000999201277001),
        (0, 3, 1.0),
        (0, 0, 1.0),
        (4, 0, 0.0),
    ],
)
def test_lost_calls_as_printed(servers: int, load: float, expected: float) -> None:
    assert blocking(servers, load) == pytest.approx(expected, rel=1e-13)


def test_seventeen_lines_are_the_fewest_that_lose_two_per_cent_of_ten_erlangs() -> None:
    assert next(n for n in range(100) if blocking(n, 10) <= 0.02) == 17


@given(st.integers(1, 400), st.floats(0.01, 400))
def test_lost_calls_are_the_last_term_of_a_poisson_stream_cut_at_the_servers(servers: int, load: float) -> None:
    expected = float(stats.poisson.pmf(servers, load) / stats.poisson.cdf(servers, load))
    assert blocking(servers, load) == pytest.approx(expected, rel=1e-9, abs=1e-300)


@given(st.integers(0, 1000), st.floats(0.01, 1000))
def test_the_weight_of_free_agents_is_what_is_not_lost_beside_what_is(servers: int, load: float) -> None:
    assert 1 / (1 + free_weight(servers, load)) == pytest.approx(blocking(servers, load), rel=1e-12, abs=1e-300)


@pytest.mark.parametrize(
    ("load", "agents", "waiting", "level", "asa"),
    [
        (10, 14, 0.1741319335950498, 0.8883500191794669, 7.835937011777243),
        (10, 13, 0.2852704530364929, 0.7955947884177831, None),
        (10, 15, 0.102042367007988, 0.9414528428690223, None),
        (2, 3, 4 / 9, None, None),
    ],
)
def test_queues_as_printed(load: float, agents: int, waiting: float, level: float | None, asa: float | None) -> None:
    queue = ErlangC.of(agents, load, 180)
    assert queue.waiting == pytest.approx(waiting, rel=1e-13)
    assert level is None or queue.service_level(20) == pytest.approx(level, rel=1e-13)
    assert asa is None or queue.asa_seconds == pytest.approx(asa, rel=1e-13)


@pytest.mark.parametrize(("agents", "level"), [(27, 0.7821801300), (28, 0.8568503026203447)])
def test_250_calls_an_hour_of_330_seconds(agents: int, level: float) -> None:
    assert ErlangC.of(agents, 250 * 330 / 3600, 330).service_level(30) == pytest.approx(level, abs=5e-11)


def test_fifty_agents_with_48_calls_a_minute() -> None:
    queue = ErlangC.of(50, 48, 60)
    assert queue.asa_seconds == pytest.approx(20.83366833590503, rel=1e-13)
    assert queue.wait_quantile(0.9) == pytest.approx(58.138742, abs=5e-7)
    assert queue.queue_length == pytest.approx(16.6669347, abs=5e-8)
    assert queue.occupancy == 0.96


@pytest.mark.parametrize(("agents", "load"), [(10, 10), (10, 10.5), (1, 1e6), (0, 0), (0, 1)])
def test_a_queue_that_grows_without_end_has_no_waits(agents: int, load: float) -> None:
    queue = ErlangC.of(agents, load, 180)
    assert not queue.stable
    assert (queue.waiting, queue.occupancy) == (1.0, 1.0)
    assert (queue.asa_seconds, queue.queue_length, queue.wait_over(20), queue.service_level(20), queue.wait_quantile(0.9)) == (None,) * 5


def test_without_calls_nobody_waits() -> None:
    queue = ErlangC.of(3, 0, 180)
    assert (queue.waiting, queue.asa_seconds, queue.queue_length, queue.service_level(0), queue.occupancy) == (0, 0, 0, 1, 0)


@given(st.floats(0.01, 500), st.integers(1, 60), st.floats(0.01, 0.999))
def test_the_quantile_is_the_wait_that_so_many_do_not_exceed(load: float, spare: int, share: float) -> None:
    queue = ErlangC.of(int(load) + spare, load, 180)
    quantile = queue.wait_quantile(share)
    assert quantile is not None
    assert quantile >= 0
    assert queue.service_level(quantile) == pytest.approx(max(share, 1 - queue.waiting), abs=1e-12)


@given(st.integers(1, 600), st.floats(0.01, 500))
def test_waiting_is_what_scipy_makes_of_it(agents: int, load: float) -> None:
    queue = ErlangC.of(agents, load, 180)
    if queue.stable:
        lost = float(stats.poisson.pmf(agents, load) / stats.poisson.cdf(agents, load))
        assert queue.waiting == pytest.approx(lost / (1 - load / agents * (1 - lost)), rel=1e-9, abs=1e-290)


@pytest.mark.parametrize("agents", [0, 1, 14, 5000])
@pytest.mark.parametrize("load", [0, 5e-324, 1e-9, 0.01, 14, 4999.999999, 5000, 10000])
def test_no_size_breaks_it(agents: int, load: float) -> None:
    queue = ErlangC.of(agents, load, 180)
    assert 0 <= blocking(agents, load) <= 1
    assert 0 <= queue.waiting <= 1
    assert all(figure is None or (isfinite(figure) and figure >= 0) for figure in (queue.asa_seconds, queue.queue_length, queue.wait_over(20)))


@pytest.mark.parametrize(("agents", "load"), [(-1, 1), (1, -1), (1, nan), (1, inf)])
def test_what_is_no_queue_is_refused(agents: int, load: float) -> None:
    for formula in (blocking, free_weight):
        with pytest.raises(ValueError, match="a finite load from 0 on"):
            formula(agents, load)
    with pytest.raises(ValueError, match="a finite load from 0 on"):
        ErlangC.of(agents, load, 180)
