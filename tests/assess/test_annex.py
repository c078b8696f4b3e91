"""The calls of an invoice sum to the bill to the coin, whatever the tariff and whoever called."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from monitor.assess.annex import FREE, NOT_BY_CALL, UNPRICED, adds_up, annex, brought
from monitor.assess.arrivals import priced
from monitor.assess.billing import Day, bill
from monitor.core.chronicle import ContactEnded
from monitor.core.contract import SECOND, Project
from monitor.core.tariff import FlatMonth, On, PerCall, PerFteMonth, PerMinute, Tariff, Tier

FIRST, FOLLOWING = date(2026, 11, 1), date(2026, 12, 1)
START = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp()) * SECOND
DAY = 86_400 * SECOND

prices = st.decimals(min_value=0, max_value=50, places=3)
tiers = st.lists(st.integers(1, 40), max_size=3, unique=True).flatmap(
    lambda above: st.tuples(*(prices for _ in above)).map(lambda each: tuple(map(Tier, map(Decimal, sorted(above)), each)))
)


def with_first(price: Decimal, more: tuple[Tier, ...]) -> tuple[Tier, ...]:
    return (Tier(Decimal(0), price), *more) if more else ()


per_minute = st.builds(
    lambda price, more, increment, minimum, free: PerMinute(price, increment_s=increment, minimum_s=minimum, free_s=free, tiers=with_first(price, more)),
    prices, tiers, st.sampled_from((1, 6, 60)), st.sampled_from((0, 60)), st.integers(0, 5),
)  # fmt: skip
per_call = st.builds(lambda price, more, on, least: PerCall(price, on, least, with_first(price, more)), prices, tiers, st.sampled_from(On), st.integers(0, 10))
flat = st.builds(FlatMonth, prices, st.none() | st.integers(0, 20), prices)
tariffs = st.builds(
    lambda since, minute, call, month: Tariff(since, None, "UAH", minute, call, flat_month=month),
    st.sampled_from((date(2026, 1, 1), date(2026, 11, 3), date(2026, 11, 12))), st.none() | per_minute, st.none() | per_call, st.none() | flat,
)  # fmt: skip
projects = st.lists(tariffs, max_size=2, unique_by=lambda one: one.since).map(
    lambda found: Project("bank", "Bank", "floor", (), tariffs=tuple(sorted(found, key=lambda one: one.since)))
)


def contact(at: int, talk_s: int, exempt: str, *, handled: bool, answered: bool) -> ContactEnded:
    us = talk_s * SECOND
    done = at + us if handled else None
    return ContactEnded("bank", "pbx1", str(at), at, 0, 1, "answered" if answered else "abandoned", done, us, talk_us=us, connected_us=us, exempt=exempt)


contacts = st.lists(
    st.builds(
        contact,
        st.integers(START, START + 30 * DAY - 1),
        st.integers(0, 400),
        st.sampled_from(("", "", "test", "internal")),
        handled=st.booleans(),
        answered=st.booleans(),
    ),
    max_size=60,
)


def days_of(project: Project, found: list[ContactEnded]) -> list[Day]:
    sums = {FIRST + timedelta(days=number): [0, 0, 0] for number in range(30)}
    for call in priced(project, found):
        for place, amount in enumerate(call.charged):
            sums[call.day][place] += amount
    return [Day(day, calls=calls, seconds=seconds, amount_u=amount) for day, (calls, seconds, amount) in sums.items()]


@given(projects, contacts)
def test_the_calls_sum_to_the_bill(project: Project, found: list[ContactEnded]) -> None:
    calls = priced(project, found)
    days = days_of(project, found)
    bills = bill(project, FIRST, FOLLOWING, days)
    made = annex(project, FIRST, FOLLOWING, calls)
    assert adds_up(made, bills)
    assert len(made.lines) + len(made.left_out) == len(calls)
    assert all(line.amount >= 0 and line.amount == line.amount.quantize(Decimal("0.01")) for line in made.lines)
    for one in bills:
        assert one.charges == made.amount(one.currency) + one.fixed
        assert one.charges == sum((amounts.get(one.currency, Decimal(0)) for amounts in brought(project, FIRST, FOLLOWING, days).values()), Decimal(0))


def test_why_a_call_is_not_billed() -> None:
    project = Project("bank", "Bank", "floor", (), tariffs=(Tariff(date(2026, 11, 2), per_call=PerCall(Decimal("0.90"))),))
    calls = priced(project, [contact(START, 60, "", handled=True, answered=True), contact(START + DAY, 60, "test", handled=True, answered=True)])
    made = annex(project, FIRST, FOLLOWING, calls)
    assert [why for _, why in made.left_out] == [UNPRICED, "test"]
    assert not made.lines


def test_a_call_that_counts_for_nothing_is_apart() -> None:
    minute, call, hours = (
        PerMinute(Decimal(9), free_s=3),
        PerCall(Decimal(9), min_talk_s=10),
        Tariff(date(2026, 1, 1), per_fte_month=PerFteMonth(Decimal(9), Decimal(1))),
    )
    found = [contact(START, 3, "", handled=True, answered=True), contact(START + DAY, 5, "", handled=True, answered=True)]

    def of(tariff: Tariff) -> tuple[int, list[str]]:
        project = Project("bank", "Bank", "floor", (), tariffs=(tariff,))
        made = annex(project, FIRST, FOLLOWING, priced(project, found))
        return len(made.lines), [why for _, why in made.left_out]

    assert of(Tariff(date(2026, 1, 1), per_minute=minute)) == (1, [FREE])
    assert of(Tariff(date(2026, 1, 1), per_call=call)) == (0, [FREE, FREE])
    assert of(Tariff(date(2026, 1, 1), per_minute=minute, per_call=call)) == (1, [FREE])
    assert of(Tariff(date(2026, 1, 1), flat_month=FlatMonth(Decimal(9), 100, Decimal(1)))) == (2, [])
    assert of(Tariff(date(2026, 1, 1), flat_month=FlatMonth(Decimal(9)))) == of(hours) == (0, [NOT_BY_CALL, NOT_BY_CALL])


def test_a_line_too_many_does_not_add_up() -> None:
    project = Project("bank", "Bank", "floor", (), tariffs=(Tariff(date(2026, 1, 1), per_call=PerCall(Decimal("0.90"))),))
    found = [contact(START, 60, "", handled=True, answered=True)]
    bills = bill(project, FIRST, FOLLOWING, days_of(project, found))
    assert adds_up(annex(project, FIRST, FOLLOWING, priced(project, found)), bills)
    assert not adds_up(annex(project, FIRST, FOLLOWING, priced(project, found * 2)), bills)
    assert not adds_up(annex(project, FIRST, FOLLOWING, priced(project, found)), [replace(bills[0], adjustment=Decimal("0.01"))])
