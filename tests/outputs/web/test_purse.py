"""Money in `/api/v1/floor`: for whoever may see it, as texts to the coin, null for what nobody knows."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from monitor.assess.conditions import OF_MONEY, About, Condition, Holding, Subject
from monitor.assess.judgement import Judgement
from monitor.assess.money import Money
from monitor.assess.outlook import Outlook
from monitor.outputs.web import api
from monitor.outputs.web.aliases import Aliases
from tests.outputs import hand


def told(outlook: Outlook | None = None, *, money: bool = True) -> dict[str, Any]:
    agreed = hand.contract()
    answer: dict[str, Any] = json.loads("".join(api.floor(outlook or hand.outlook(agreed), agreed, Aliases(), money=money)))
    return answer


def test_a_project_s_money_is_texts_to_the_coin() -> None:
    bank, shop, _ = (project["money"] for project in told()["projects"])
    assert bank == {
        "tariff": True,
        "guaranteed": True,
        "windows": {
            "day": {
                "revenue": "4512.30", "labour": "3900.00", "telecom": "210.10", "fixed": "512.00", "margin": "-109.80",
                "earned": [{"currency": "UAH", "accrued": "4512.30", "guarantee": None, "adjustment": None, "shortfall_calls": None}],
            },
            "month": {
                "revenue": "105998.09", "labour": "88000.00", "telecom": "5010.00", "fixed": "12000.00", "margin": "988.09",
                "earned": [{"currency": "UAH", "accrued": "96240.50", "guarantee": "10720.00", "adjustment": "-962.41", "shortfall_calls": "412.50"}],
            },
        },
        "margin_forecast": "-1000.50",
        "known_days": 22,
        "past_days": 23,
    }  # fmt: skip
    assert (shop["margin_forecast"], shop["windows"]["day"]["earned"][0]["accrued"]) == (None, "0.00")


def test_the_site_is_told_with_and_without_each_client() -> None:
    money = told()["money"]
    assert (money["currency"], money["cash_days"]) == ("UAH", 40.5)
    assert [(one["client"], one["windows"]["month"]["without"], one["cash_days"]) for one in money["clients"]] == [
        ("Bank", "-12300.00", 9.75), ("Shop", "-32000.50", 3.75), (hand.TAXI_CLIENT, None, None),
    ]  # fmt: skip


def test_a_group_has_its_break_even_beside_it() -> None:
    assert [group["money"] for group in told()["groups"]] == [
        {"labour": {"day": "4600.00", "month": "119000.00"}, "occupancy_ratio": 0.75, "breakeven_occupancy_ratio": 0.78125},
        {"labour": {"day": None, "month": None}, "occupancy_ratio": None, "breakeven_occupancy_ratio": None},
    ]


def test_what_nobody_knows_is_null_and_not_nought() -> None:
    taxi = told()["projects"][2]["money"]
    assert (taxi["tariff"], taxi["windows"]["month"]["earned"]) == (False, [])
    assert {key: taxi["windows"]["month"][key] for key in ("revenue", "labour", "margin")} == {"revenue": None, "labour": None, "margin": None}
    early = told(replace(hand.outlook(hand.contract()), money=Money()))
    assert early["money"] == {"currency": "UAH", "windows": {"day": None, "month": None}, "cash_days": None, "clients": []}
    assert {row["money"] for row in (*early["projects"], *early["groups"])} == {None}


def test_whoever_may_not_see_it_sees_nothing_of_it() -> None:
    answer = told(with_conditions(), money=False)
    assert {row["money"] for row in (answer, *answer["projects"], *answer["groups"])} == {None}
    assert not [word for word in ("UAH", "EUR", "4512.30", *(one.value for one in OF_MONEY)) if word in json.dumps(answer)]


def with_conditions() -> Outlook:
    outlook = hand.outlook(hand.contract())
    below = (Condition.BELOW_BREAK_EVEN, Subject(About.GROUP, "floor"))
    holding = (
        Holding(*below, hand.AT, {"occupancy": 0.75, "needed": 0.78125}),
        Holding(Condition.CLIENT_DEPENDENCE, Subject(About.CLIENT, "Bank"), hand.AT, {"margin": "988.09", "without": "-12300.00", "currency": "UAH"}),
        Holding(Condition.MARGIN_NEGATIVE, Subject(About.PROJECT, "bank-line"), hand.AT, {"margin": "-1000.50", "currency": "UAH", "span": "period"}),
    )
    return replace(outlook, judgement=Judgement(holding=holding, muted={holding[2].key: below}))


def test_conditions_of_money_are_shown_with_it() -> None:
    answer = told(with_conditions())
    assert [(one["condition"], one["name"], one["client"]) for one in answer["conditions"]] == [
        ("BelowBreakEven", "floor", None), ("ClientDependence", "Bank", "Bank"), ("MarginNegative", "bank-line", "Bank"),
    ]  # fmt: skip
    assert answer["muted"][0]["by"]["condition"] == "BelowBreakEven"
