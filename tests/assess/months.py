"""A client, his prices and the days of a November: what the tests of money begin with.

Owns nothing a test asserts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from monitor.assess.billing import Bill, Day, bill
from monitor.assess.charges import Kind
from monitor.assess.service_level import Answers
from monitor.core.contract import SECOND, Project
from monitor.core.formula import Formula
from monitor.core.pay import HOUR_US
from monitor.core.tariff import (
    MICRO,
    Band,
    FlatMonth,
    Minimum,
    PerAgentHour,
    PerCall,
    PerFteMonth,
    Period,
    PerMinute,
    SlAdjust,
    Tariff,
    Tier,
    Work,
)

D = Decimal


NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)
JANUARY = date(2026, 1, 1)
BANDS = (Band(D("0.90"), D(3)), Band(D("0.80"), D(0)), Band(D(0), D(-5)))
ADJUST = SlAdjust(Formula.ANSWERED, 20 * SECOND, BANDS)


def project(*tariffs: Tariff, **more: Any) -> Project:
    return Project("bank", "Bank", "floor", (), tariffs=tariffs, **more)


def tariff(**more: Any) -> Tariff:
    return Tariff(JANUARY, **more)


def days(count: int = 30, first: date = NOVEMBER, **more: Any) -> list[Day]:
    return [Day(first + timedelta(days=number), **more) for number in range(count)]


def november(agreed: Project | Tariff, of: Sequence[Day]) -> Bill:
    one = agreed if isinstance(agreed, Project) else project(agreed)
    (found,) = bill(one, NOVEMBER, DECEMBER, of)
    return found


def lines(found: Bill) -> list[tuple[Kind, D, D | None, D]]:
    return [(line.kind, line.quantity, line.price, line.amount) for line in found.lines]


def answered(of: int, in_time: int) -> Answers:
    return Answers(of, in_time, 0, 0, 0)


prices = st.decimals(0, 50, places=3)
tier_tables = st.lists(prices, max_size=3).map(lambda found: tuple(Tier(D(100 * number), price) for number, price in enumerate(found)))
minimums = st.builds(Minimum, st.none() | prices.map(lambda price: price * 100), st.none() | st.decimals(0, 1, places=2))
adjustments = st.builds(SlAdjust, st.sampled_from(list(Formula)), st.just(SECOND), st.just(BANDS), st.sampled_from(list(Period)))
tariffs = st.builds(
    Tariff,
    st.just(JANUARY),
    per_minute=st.none() | st.builds(PerMinute, prices, tiers=tier_tables),
    per_call=st.none() | st.builds(PerCall, prices, tiers=tier_tables),
    per_agent_hour=st.none() | st.builds(PerAgentHour, prices),
    per_fte_month=st.none() | st.builds(PerFteMonth, prices, st.decimals(0, 20, places=1)),
    per_result=st.sampled_from([(), (("sale", D(3)),)]),
    flat_month=st.none() | st.builds(FlatMonth, prices, st.none() | st.integers(0, 300), prices),
    minimum=st.none() | minimums,
    sl_adjust=st.none() | adjustments,
)


@st.composite
def months(draw: st.DrawFn) -> tuple[Project, list[Day]]:
    """A project with one or two tariffs, and the days of a November, their calls charged by them."""
    first, second, changes = draw(tariffs), draw(tariffs), draw(st.none() | st.integers(1, 30))
    agreed = project(first) if changes is None else project(first, replace(second, since=date(2026, 11, changes)))
    found = []
    for number in range(draw(st.integers(1, 30))):
        day = NOVEMBER + timedelta(days=number)
        holds = agreed.tariff_on(day)
        works = draw(st.lists(st.integers(0, 900), max_size=4))
        each = [] if holds is None else [holds.charge(Work(s * SECOND, 0, 0, s * SECOND), handled=True) for s in works]
        results = draw(st.integers(0, 2)) if holds is not None and holds.per_result else 0
        in_time = draw(st.integers(0, len(works)))
        found.append(
            Day(
                day,
                Fraction(1),
                sum(one.calls for one in each),
                sum(one.seconds for one in each),
                sum(one.amount_u for one in each) + results * 3 * MICRO,
                draw(st.integers(0, 100 * HOUR_US)),
                len(works),
                draw(st.none() | st.integers(0, 5 * MICRO)),
                None,
                draw(st.sampled_from([answered(len(works), in_time), None])),
                results,
                results * 3 * MICRO,
            )
        )
    return agreed, found
