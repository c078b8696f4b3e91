"""The PBX's clock against ours, and the order of events in time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitor.sources.ami.clock import REMEMBERED, PbxClock

S = 1_000_000


def test_nothing_is_known_before_the_first_answer() -> None:
    assert PbxClock().offset_us is None


@given(offset=st.integers(-(10**12), 10**12), there=st.integers(0, 10**6), back=st.integers(0, 10**6))
def test_the_offset_is_right_within_half_the_round_trip(offset: int, there: int, back: int) -> None:
    clock = PbxClock()
    clock.measured(100 * S, 100 * S + there + back, 100 * S + there + offset, 0)
    assert clock.offset_us is not None
    assert abs(clock.offset_us - offset) <= (there + back) // 2 + 1


def test_the_quickest_recent_answer_wins() -> None:
    clock = PbxClock()
    clock.measured(0, 100_000, 7 * S + 90_000, 0)  # slow: 40 ms off
    clock.measured(5 * S, 5 * S + 200, 12 * S + 100, 0)  # quick: exact
    clock.measured(10 * S, 10 * S + 50_000, 17 * S + 1_000, 0)
    assert clock.offset_us == 7 * S


def test_old_answers_are_forgotten() -> None:
    clock = PbxClock()
    clock.measured(0, 200, 100, 0)
    for ping in range(1, REMEMBERED + 1):
        clock.measured(ping * 5 * S, ping * 5 * S + 2_000, ping * 5 * S + 1_000 + ping * 10, 0)  # drifts, 10 µs each time
    assert clock.offset_us == 10


def test_a_step_of_the_pbx_clock_is_believed_at_once() -> None:
    clock = PbxClock()
    clock.measured(0, 200, 100, 0)
    clock.measured(5 * S, 5 * S + 40_000, 5 * S + 20_000 + 3600 * S, 0)
    assert clock.offset_us == 3600 * S


def test_a_step_of_our_clock_moves_everything_and_voids_the_ping_under_way() -> None:
    clock = PbxClock()
    clock.measured(100 * S, 100 * S + 200, 107 * S + 100, 0)
    assert clock.event_at(None, 101 * S) == 101 * S
    epoch = clock.epoch
    clock.shift(-50 * S)
    assert clock.offset_us == 57 * S
    assert clock.event_at(None, 52 * S) == 52 * S
    clock.measured(103 * S, 53 * S + 200, 110 * S, epoch)
    assert clock.offset_us == 57 * S
    clock.measured(55 * S, 55 * S + 100, 55 * S + 50 + 57 * S, clock.epoch)
    assert clock.offset_us == 57 * S


@given(st.lists(st.tuples(st.none() | st.integers(0, 1000), st.integers(0, 1000)), min_size=1))
def test_an_event_is_never_before_the_last_nor_after_its_arrival(events: list[tuple[int | None, int]]) -> None:
    clock, last, latest = PbxClock(), 0, 0
    for sent_at, arrived_at in events:
        latest = max(latest, arrived_at)
        at = clock.event_at(sent_at, arrived_at)
        assert last <= at <= latest
        if sent_at is not None and last <= sent_at <= arrived_at:
            assert at == sent_at
        last = at
