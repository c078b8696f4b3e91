"""How late events are heard of, in buckets; and the buckets of an earlier process."""

from __future__ import annotations

from monitor.outputs.daemon import LAG_BOUNDS_US
from monitor.outputs.lag import Lag


def test_each_event_is_in_its_bucket_and_early_ones_count_as_none() -> None:
    lag = Lag()
    for lag_us in (-5, LAG_BOUNDS_US[0], LAG_BOUNDS_US[0] + 1, LAG_BOUNDS_US[-1] + 1):
        lag.observe(lag_us)
    found = lag.frozen()
    assert (found.counts[0], found.counts[1], found.counts[-1], sum(found.counts)) == (2, 1, 1, 4)
    assert found.sum_us == 2 * LAG_BOUNDS_US[0] + LAG_BOUNDS_US[-1] + 2


def test_the_next_process_goes_on_from_there() -> None:
    lag, after = Lag(), Lag()
    lag.observe(7)
    after.go_on(lag.counted())
    after.observe(7)
    lag.observe(7)
    assert after.frozen() == lag.frozen()
