"""Patience: what is retried slowly, and that a secret shows nowhere."""

from __future__ import annotations

from monitor.sources.ami.link import AmiSettings, Pace


def test_a_refusal_is_retried_far_more_slowly_than_a_lost_line() -> None:
    pace = Pace()
    assert pace.refused_first_s >= 30 * pace.retry_first_s
    assert pace.refused_longest_s > pace.retry_longest_s


def test_a_secret_is_in_no_repr() -> None:
    assert "hunter2" not in repr(AmiSettings("p", "h", "u", "hunter2"))
