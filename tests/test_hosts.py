"""Which addresses only this machine can reach."""

from __future__ import annotations

import pytest

from monitor.hosts import is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.3.2.1"])
def test_this_machine_alone(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "pbx.example", ""])
def test_anybody(host: str) -> None:
    assert not is_loopback(host)
