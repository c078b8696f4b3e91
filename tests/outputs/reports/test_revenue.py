"""What calls are worth: the same whether the work in them is looked at or not, where it does not matter."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from monitor.core.tariff import On, PerCall, PerMinute, Tariff, Tier
from monitor.outputs.reports import revenue
from monitor.state.store.place import Place
from monitor.state.store.tally import Tally
from tests.outputs.reports.filled import MONDAY, Filled, asked, at, site

TUESDAY = date(2026, 11, 3)
D = Decimal
TIERED = PerCall(D(9), tiers=(Tier(D(0), D(9)), Tier(D(1), D(8))))


@pytest.mark.parametrize(
    ("tariffs", "alike", "amounts"),
    [
        ((Tariff(date(2026, 1, 1), per_call=PerCall(D(9))),), True, [9, 9, 9]),
        ((Tariff(date(2026, 1, 1), per_call=PerCall(D(9))), Tariff(TUESDAY, per_call=PerCall(D("7.50")))), True, [9, 9, D("7.50")]),
        ((Tariff(TUESDAY, per_call=PerCall(D("7.50"))),), True, [D("7.50")]),
        ((Tariff(date(2026, 1, 1), MONDAY, per_call=PerCall(D(9))),), True, [9, 9]),
        ((Tariff(date(2026, 1, 1), per_call=TIERED),), True, [0, 0, 0]),
        ((Tariff(date(2026, 1, 1), per_call=PerCall(D(9), min_talk_s=60)),), False, [9, 0, 9]),
        ((Tariff(date(2026, 1, 1), per_call=PerCall(D(9), on=On.HANDLED)),), False, [9, 9, 9]),
        ((Tariff(date(2026, 1, 1), per_minute=PerMinute(D(3))), Tariff(TUESDAY, per_call=PerCall(D(9)))), False, [9, D("1.50"), 9]),
    ],
)
def test_each_call_by_the_price_of_its_day(tmp_path: Path, tariffs: tuple[Tariff, ...], alike: bool, amounts: list[Decimal]) -> None:
    contract = site()
    bank = replace(contract.projects[0], tariffs=tariffs)
    contract = replace(contract, projects=(bank, *contract.projects[1:]))
    filled = Filled(contract)
    for joined, talk_s in ((at("09:00"), 180), (at("09:30"), 30), (at("10:00", TUESDAY), 60)):
        filled.call("bank-line", joined, 5, talk_s)
    place = Place(f"sqlite:///{tmp_path}/floorwatch.db")
    filled.write(place)
    with asked(place, contract, MONDAY, TUESDAY) as (what, reader):
        span = Tally(reader), *what.bounds(bank)
        found = list(revenue.amounts(bank, *span))
        assert found == list(revenue._by_work(bank, *span))
    assert [D(amount_u) / 1_000_000 for _, amount_u in found] == amounts
    assert all(one.counts_alike for one in tariffs) is alike
