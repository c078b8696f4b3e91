"""What a client pays, in words with its numbers: nothing that is charged is left unsaid."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from monitor.core.contract import Language
from monitor.core.tariff import Base, FlatMonth, HoursBase, Minimum, On, PerAgentHour, PerCall, PerFteMonth, PerMinute, Tariff, Tier
from monitor.outputs.reports import prices
from monitor.outputs.reports.words import Words

ENGLISH, UKRAINIAN = Words(Language.ENGLISH), Words(Language.UKRAINIAN)
SPACE = "\N{NO-BREAK SPACE}"


def said(words: Words = ENGLISH, **agreed: Any) -> str:
    return prices.said(words, Tariff(date(2026, 1, 1), None, "UAH", **agreed))


@pytest.mark.parametrize(
    ("agreed", "words"),
    [
        (
            {"per_minute": PerMinute(Decimal("0.125"), Base.HANDLE, 30, 60, 3)},
            (
                "0.125 UAH a minute of handle time (talk, hold and wrap-up), in steps of 30 s, a begun one counts, a call is 60 s at least, "
                "a call of up to 3 s is free, each call rounded to 0.01"
            ),
        ),
        (
            {"per_minute": PerMinute(Decimal("4.5"), tiers=(Tier(Decimal(0), Decimal("4.5")), Tier(Decimal(1000), Decimal(4))))},
            "4.50 UAH a minute of talk, a begun second counts as one, beyond 1000 min of a billing period 4.00 UAH",
        ),
        (
            {"per_call": PerCall(Decimal("0.90"), On.HANDLED, 10)},
            "0.90 UAH a call that was answered and on which all work is known, none for less than 10 s of talk, each call rounded to 0.01",
        ),
        (
            {"per_result": (("sale", Decimal(100)), ("", Decimal(5)))},
            "100.00 UAH a result sale; 5.00 UAH any other result",
        ),
        ({"per_result": (("", Decimal(5)),)}, "5.00 UAH a result"),
        (
            {"per_agent_hour": PerAgentHour(Decimal(200), HoursBase.STAFFED, Decimal("0.4"))},
            f"200.00 UAH an hour of agents: their work on calls, ringing and the time they are free, of which 40{SPACE}% are this project's",
        ),
        (
            {"per_agent_hour": PerAgentHour(Decimal(200), HoursBase.LOGGED_IN, None)},
            "200.00 UAH an hour of agents: all their time on the floor, divided by the day's handle time",
        ),
        ({"per_fte_month": PerFteMonth(Decimal(40000), Decimal("2.5"))}, "40000.00 UAH a billing period for each of 2.5 full-time agents"),
        (
            {"flat_month": FlatMonth(Decimal(50000), 1000, Decimal(5)), "minimum": Minimum(Decimal(60000), Decimal("0.9"))},
            (
                "50000.00 UAH a billing period with 1000 calls in it, each beyond 5.00 UAH; 60000.00 UAH a billing period at least; "
                f"of the calls in the signed plan at least 90{SPACE}% are paid"
            ),
        ),
    ],
)
def test_in_words(agreed: dict[str, Any], words: str) -> None:
    assert said(**agreed) == words
    assert said(UKRAINIAN, **agreed) != words


def test_in_ukrainian() -> None:
    assert said(UKRAINIAN, per_minute=PerMinute(Decimal("0.125"), Base.CONNECTED, 30), per_call=PerCall(Decimal(9))) == (
        "0,125 UAH за хвилину: з’єднання абонента, від відповіді до кінця, крок у секундах: 30, почата частина рахується повною, "
        "кожен дзвінок округлено до 0,01; 9,00 UAH за прийнятий дзвінок, кожен дзвінок округлено до 0,01"
    )


@pytest.mark.parametrize("words", [ENGLISH, UKRAINIAN])
def test_each_base_has_its_words(words: Words) -> None:
    assert len({said(words, per_minute=PerMinute(Decimal(1), base)) for base in Base}) == len(Base)
    assert len({said(words, per_agent_hour=PerAgentHour(Decimal(1), base)) for base in HoursBase}) == len(HoursBase)
    assert len({said(words, per_call=PerCall(Decimal(1), on)) for on in On}) == len(On)
