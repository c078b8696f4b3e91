"""What of a group's time one client pays for."""

from __future__ import annotations

from decimal import Decimal

import pytest

from monitor.assess.agent_time import agent_us
from monitor.core.snapshot import State
from monitor.core.tariff import HoursBase, PerAgentHour

SPENT = {State.TALK: 600, State.WRAPUP: 100, State.RING: 50, State.AVAILABLE: 250, State.PAUSED: 80, State.UNOBSERVED: 20}


@pytest.mark.parametrize(
    ("base", "share", "expected"),
    [
        (HoursBase.LOGGED_IN, Decimal(1), 1100),
        (HoursBase.STAFFED, Decimal(1), 1000),
        (HoursBase.STAFFED, Decimal("0.4"), 400),
        (HoursBase.STAFFED, None, 250),
        (HoursBase.SCHEDULED, Decimal(1), 900),
    ],
)
def test_by_base_and_share(base: HoursBase, share: Decimal | None, expected: int) -> None:
    assert agent_us(PerAgentHour(Decimal(200), base, share), SPENT, 100, 400, 900) == expected


def test_where_nobody_handled_anything_it_is_nobody_s() -> None:
    assert agent_us(PerAgentHour(Decimal(200), HoursBase.STAFFED, None), SPENT, 0, 0, 0) == 0
