"""What is billed live and what is billed from the store of the same floor is the same to the coin, whatever happened on it."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from monitor.assess.accounts import Accounts
from monitor.assess.billing import NOBODY, Bill, bill
from monitor.core.contract import MINUTE, SECOND, Contract
from monitor.core.floor import Floor
from monitor.core.formula import Formula
from monitor.core.tariff import (
    Band,
    Base,
    FlatMonth,
    HoursBase,
    On,
    PerAgentHour,
    PerCall,
    Period,
    PerMinute,
    SlAdjust,
    Tariff,
    Tier,
)
from monitor.plan.plan import EMPTY
from monitor.reporting.account import Books, account
from monitor.state.store.place import Place
from monitor.state.store.reader import Reader
from tests.core import worlds
from tests.core.scene import T0
from tests.state import keeping
from tests.state.keeping import bring, made

D = Decimal
SEEDS = range(60 if os.environ.get("FLOORWATCH_FULL") else 6)
SINCE = date(2020, 1, 1)
ADJUSTED = SlAdjust(Formula.SHORT_EXCLUDED, 20 * SECOND, (Band(D("0.5"), D(7)), Band(D(0), D(-5))))
TARIFFS = {
    "by minutes and calls": (
        Tariff(SINCE, per_minute=PerMinute(D("1.555"), Base.HANDLE), per_call=PerCall(D("0.333"), On.HANDLED, min_talk_s=3), sl_adjust=ADJUSTED),
        Tariff(SINCE, per_call=PerCall(D("2.5"), tiers=(Tier(D(0), D("2.5")), Tier(D(2), D("1.111")))), sl_adjust=replace(ADJUSTED, period=Period.DAY)),
    ),
    "connected, flat and by the hour": (
        Tariff(
            SINCE,
            per_minute=PerMinute(D(1), Base.CONNECTED, increment_s=7, minimum_s=5, free_s=2, tiers=(Tier(D(0), D(1)), Tier(D("0.5"), D("0.77")))),
            flat_month=FlatMonth(D(100), 1, D("3.33")),
        ),
        Tariff(SINCE, per_minute=PerMinute(D("0.5"), Base.TALK_HOLD), per_agent_hour=PerAgentHour(D(200), HoursBase.STAFFED, None)),
    ),
}


def lines(bills: tuple[Bill, ...]) -> list[tuple[object, ...]]:
    return [(one.currency, one.lines, one.total) for one in bills]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("how", TARIFFS)
def test_both_bills_are_the_same(how: str, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bank, shop = (replace(one, tariffs=(tariff,)) for one, tariff in zip(worlds.CONTRACT.projects, TARIFFS[how], strict=True))
    agreed: Contract = replace(worlds.CONTRACT, projects=(bank, shop))
    monkeypatch.setattr(worlds, "CONTRACT", agreed)
    monkeypatch.setattr(keeping, "CONTRACT", agreed)
    floor = Floor(agreed, T0, strict=True)
    floor.keep()
    for event in worlds.World().play(worlds.long_story(seed, 150)).events:
        floor.apply(event)
    over = floor.now + 20 * MINUTE
    floor.advance(over - over % (15 * MINUTE) + 15 * MINUTE)  # spans that go on are told each quarter of an hour
    place = Place(f"sqlite:///{tmp_path}/floorwatch.db")
    with made(place) as opened:
        bring(floor, opened)
    accounts = Accounts(floor.now, agreed, floor.ledger.projects, floor.ledger.groups, EMPTY)
    reader = Reader.of(place)
    config: Any = SimpleNamespace(contract=agreed, store=SimpleNamespace(retain_days=1200))
    books = Books(config, reader, floor.now)
    for project in agreed.projects:
        today = project.day_of(floor.now)
        span = project.period_of(today)
        stored = [day for day in account(books, project, *span).days if day.day == today]
        assert lines(bill(project, *span, [accounts.day(project, today, NOBODY)])) == lines(bill(project, *span, stored))
    reader.close()
