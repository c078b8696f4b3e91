"""One and many."""

from __future__ import annotations

from monitor.plural import counted


def test_only_one_is_singular() -> None:
    assert [counted(count, "call") for count in (0, 1, 2)] == ["0 calls", "1 call", "2 calls"]
