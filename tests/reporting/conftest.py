"""A November of two clients, for every test of what they are sent and billed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reporting.centre import Centre, call, incident, lost, seen


@pytest.fixture
def centre(tmp_path: Path) -> Centre:
    """A November: three calls of the bank, one of them a test, one of the shop."""
    found = Centre(tmp_path)
    found.store(
        [
            call("bank-line", "2026-11-02 09:00:00", 61, digits="4567"),
            call("bank-line", "2026-11-02 10:00:00", 120, agent="8"),
            call("bank-line", "2026-11-02 11:00:00", exempt="test"),
            lost("bank-line", "2026-11-02 12:00:00", 40),
            lost("bank-line", "2026-11-02 12:10:00", 2, "short_abandoned"),
            call("shop-line", "2026-11-02 09:00:00", 600),
            incident("air_raid", "2026-11-02 12:00:00", "2026-11-02 12:30:00"),
            incident("power", "2026-10-02 12:00:00", "2026-10-02 12:30:00"),
        ],
        [*seen("bank-line", "2026-11-01", 30), *seen("shop-line", "2026-11-01", 30)],
    )
    return found
