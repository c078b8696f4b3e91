"""Money as samples: amounts to the coin and never with an exponent, and nothing where nobody knows."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest

from monitor.assess.money import GroupMoney, Money, Over
from monitor.core.contract import Contract, Finances
from monitor.core.pay import Pay
from monitor.outputs.families import FLOOR
from monitor.outputs.family import Family
from monitor.outputs.lines import Floor
from monitor.outputs.metrics import EOF, Exposition, Format
from monitor.outputs.money import plain
from tests.outputs import earning, hand
from tests.outputs.reading import openmetrics_families
from tests.outputs.test_judged import rows
from tests.outputs.test_metrics import scrape

BANK, SHOP = 'client="Bank",project="bank-line"', 'client="Shop",project="shop-line"'
FAMILIES: list[Family[Floor]] = [family for family in FLOOR if "currency" in family.labels or family.name.endswith(("known_ratio", "cash_seconds"))]
DAY = 86_400


def text_of(money: Money, agreed: Contract | None = None) -> str:
    contract = agreed or hand.contract()
    return "".join(Exposition().scrape(replace(hand.outlook(contract), money=money), contract, hand.daemon(), Format.TEXT))


# --- exactly ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0", "0.00"), ("0E-2", "0.00"), ("0E-8", "0.00"), ("1E+3", "1000.00"), ("-12300", "-12300.00"), ("98765432109876543.21", "98765432109876543.21")],
)
def test_an_amount_is_plain(amount: str, text: str) -> None:
    assert plain(Decimal(amount)) == text


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_amount_has_two_places(family: Family[Floor]) -> None:
    values = [row.rsplit(" ", 1)[1] for row in rows(scrape(), family.name)]
    assert values
    if "currency" in family.labels:
        assert [value for value in values if not re.fullmatch(r"-?\d+\.\d\d", value)] == []


def test_what_is_billed_is_told_by_kind_and_currency() -> None:
    assert rows(scrape(), "callcenter_revenue") == [
        f'{{{BANK},window="day",kind="accrued",currency="UAH"}} 4512.30',
        f'{{{BANK},window="month",kind="accrued",currency="UAH"}} 96240.50',
        f'{{{BANK},window="month",kind="adjustment",currency="UAH"}} -962.41',
        f'{{{BANK},window="month",kind="guarantee",currency="UAH"}} 10720.00',
        f'{{{SHOP},window="day",kind="accrued",currency="EUR"}} 0.00',
        f'{{{SHOP},window="month",kind="accrued",currency="EUR"}} 610.20',
        f'{{{SHOP},window="month",kind="adjustment",currency="EUR"}} 0.00',
        f'{{{SHOP},window="month",kind="guarantee",currency="EUR"}} 0.00',
    ]


def test_what_is_left_is_in_the_site_s_currency() -> None:
    text = scrape()
    assert rows(text, "callcenter_margin", 'window="month"') == [
        f'{{{BANK},window="month",currency="UAH"}} 988.09',
        f'{{{SHOP},window="month",currency="UAH"}} -3710.40',
    ]
    assert rows(text, "callcenter_margin_forecast") == [f'{{{BANK},currency="UAH"}} -1000.50']
    assert rows(text, "callcenter_margin_without_client", "month") == [
        '{client="Bank",window="month",currency="UAH"} -12300.00',
        '{client="Shop",window="month",currency="UAH"} -32000.50',
    ]


def test_the_reserve_lasts_so_long() -> None:
    text = scrape()
    assert rows(text, "callcenter_cash_seconds") == [f'{{client="Bank"}} {9.75 * DAY}', f'{{client="Shop"}} {3.75 * DAY}']
    assert f"\ncallcenter_cash_seconds {40.5 * DAY}\n" in text


def test_only_what_is_guaranteed_can_be_short() -> None:
    assert rows(scrape(), "callcenter_minimum_guarantee_shortfall") == [f'{{{BANK},currency="UAH"}} 10720.00']
    assert rows(scrape(), "callcenter_minimum_guarantee_shortfall_calls") == [f'{{{BANK},currency="UAH"}} 412.50']


def test_costs_are_told_by_kind() -> None:
    text = scrape()
    assert rows(text, "callcenter_labor_cost_total") == ['{group="floor",currency="UAH"} 238000.00']
    assert rows(text, "callcenter_other_cost_total") == [f'{{{BANK},kind="telecom",currency="UAH"}} 10020.00', '{kind="fixed",currency="UAH"} 184000.00']


# --- what is not known ----------------------------------------------------------------------------------------------------------------


def test_what_nobody_knows_is_no_sample() -> None:
    """A client without prices, a group without wages, a period of which nothing is over."""
    text = scrape()
    for family in FAMILIES:
        found = [row for row in rows(text, family.name) if "taxi" in row or "night" in row]
        assert found == [], family.name
    assert rows(text, "callcenter_breakeven_occupancy_ratio") == ['{group="floor"} 0.78125']
    assert rows(text, "callcenter_money_known_ratio") == [f"{{{BANK}}} {22 / 23}", f"{{{SHOP}}} {4 / 23}"]


def test_a_margin_with_an_unknown_part_is_absent() -> None:
    money = earning.money(hand.TAXI_CLIENT)
    unpaid = replace(earning.BANK, margin={over: replace(earning.BANK.margin[over], labour=None) for over in Over})
    text = text_of(replace(money, projects={**money.projects, "bank-line": unpaid}))
    assert rows(text, "callcenter_margin", "bank-line") == []
    assert len(rows(text, "callcenter_revenue", "bank-line")) == 4


def test_a_guarantee_that_is_not_known_is_absent() -> None:
    money = earning.money(hand.TAXI_CLIENT)
    one = replace(earning.BANK.earned[Over.MONTH][0], guarantee=None, shortfall_calls=None, adjustment=None)
    unsigned = replace(earning.BANK, earned={**earning.BANK.earned, Over.MONTH: (one,)})
    text = text_of(replace(money, projects={**money.projects, "bank-line": unsigned}))
    assert rows(text, "callcenter_minimum_guarantee_shortfall") == rows(text, "callcenter_minimum_guarantee_shortfall_calls") == []
    assert [row.split('kind="')[1].split('"')[0] for row in rows(text, "callcenter_revenue", "bank-line")] == ["accrued", "accrued"]


def test_a_site_that_loses_nothing_has_no_end() -> None:
    text = text_of(replace(earning.money(hand.TAXI_CLIENT), cash_days=None, clients={}))
    assert "callcenter_cash_seconds" not in text
    assert "callcenter_margin_without_client" not in text


def test_a_break_even_nobody_knows_is_absent() -> None:
    unknown = GroupMoney(dict.fromkeys(Over, None), None, None)
    assert "callcenter_breakeven" not in text_of(replace(earning.money(hand.TAXI_CLIENT), groups=dict.fromkeys(("floor", "night"), unknown)))


# --- from the start -------------------------------------------------------------------------------------------------------------------


def test_before_anything_was_reckoned_counters_stand_at_nought_and_gauges_are_absent() -> None:
    text = text_of(Money())
    told = {family.name: rows(text, family.name) for family in FAMILIES}
    counters = {name: found for name, found in told.items() if name.endswith("_total")}
    assert {name: len(found) for name, found in counters.items()} == {
        "callcenter_revenue_total": 2, "callcenter_plan_revenue_total": 2, "callcenter_labor_cost_total": 1, "callcenter_other_cost_total": 2,
    }  # fmt: skip
    assert all(row.endswith(" 0.00") for found in counters.values() for row in found)
    assert [name for name, found in told.items() if found and name not in counters] == []


def test_a_site_without_prices_and_wages_has_no_money() -> None:
    agreed = hand.contract()
    poor = replace(agreed, projects=tuple(replace(one, tariffs=(), telecom_per_minute=Decimal(0)) for one in agreed.projects), pay=Pay(), finances=Finances())
    text = text_of(replace(Money(), projects=earning.money(hand.TAXI_CLIENT).projects), poor)
    assert [family.name for family in FAMILIES if rows(text, family.name)] == []


def test_a_price_in_another_currency_keeps_what_was_counted_in_the_old_one() -> None:
    agreed = hand.contract()
    bank, *others = agreed.projects
    moved = replace(agreed, projects=(replace(bank, tariffs=(replace(earning.BY_CALL),)), *others))
    assert rows(text_of(earning.money(hand.TAXI_CLIENT), moved), "callcenter_revenue_total", "bank-line") == [
        f'{{{BANK},currency="EUR"}} 0.00',
        f'{{{BANK},currency="UAH"}} 196240.50',
    ]


# --- read back ------------------------------------------------------------------------------------------------------------------------


def test_openmetrics_knows_every_amount() -> None:
    found = {family.name: family for family in openmetrics_families(scrape(Format.OPENMETRICS))}
    assert scrape(Format.OPENMETRICS).endswith(EOF)
    for family in FAMILIES:
        samples = [sample for one in found.values() for sample in one.samples if sample.name == family.name]
        assert len(samples) == sum(line.startswith((f"{family.name}{{", f"{family.name} ")) for line in scrape().splitlines()), family.name
