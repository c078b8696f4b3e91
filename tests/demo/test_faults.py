"""Spans of trouble: each begins and ends, and a second one never shortens the first."""

from __future__ import annotations

from monitor.demo.faults import Faults


def test_each_fault_has_its_span() -> None:
    faults = Faults()
    assert (faults.away(5), faults.refuses(5), faults.frozen(5)) == (False, False, False)
    faults.go_away(10, 5)
    faults.refuse(10, 6)
    faults.freeze(10, 7)
    assert [(faults.away(at), faults.refuses(at), faults.frozen(at)) for at in (14, 15, 16, 17)] == [
        (True, True, True),
        (False, True, True),
        (False, False, True),
        (False, False, False),
    ]


def test_a_second_span_does_not_shorten_the_first() -> None:
    faults = Faults()
    faults.freeze(10, 100)
    faults.freeze(20, 1)
    assert faults.frozen(100)
