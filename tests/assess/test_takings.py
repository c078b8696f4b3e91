"""Money second by second: counters that never fall, days and billing periods that sum up, and what nobody knows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.assess.accounts import Accounts
from monitor.assess.coins import coins
from monitor.assess.money import Money, Over
from monitor.assess.takings import Takings
from monitor.core.book import LABOUR
from monitor.core.contract import MINUTE, SECOND, Contract, Finances, Group, Hours, Project, QueueId, Rate, SignedDay
from monitor.core.direction import Direction
from monitor.core.floor import Floor
from monitor.core.formula import Formula
from monitor.core.incidents import Incident, IncidentKind, Scope
from monitor.core.outgoing import Outbound
from monitor.core.pay import PAY_US, Pay, Wage, cost
from monitor.core.snapshot import Cell, State
from monitor.core.tariff import Band, FlatMonth, HoursBase, Minimum, PerAgentHour, PerCall, PerMinute, SlAdjust, Tariff
from monitor.plan.plan import EMPTY, Plan, PlanRow

D = Decimal
DAY = 24 * 60 * MINUTE
SINCE = date(2020, 1, 1)
NOV_28 = int(datetime(2026, 11, 28, tzinfo=UTC).timestamp()) * SECOND
DEC_1 = NOV_28 + 3 * DAY


def project(name: str, *tariffs: Tariff, client: str = "", **more: Any) -> Project:
    return Project(name, client or name.title(), "floor", (QueueId("pbx1", name),), tariffs=tariffs, **more)


BANK = project("bank", Tariff(SINCE, per_minute=PerMinute(D("6.00"))))
SHOP = project("shop", Tariff(SINCE, per_call=PerCall(D("2.50"))), telecom_per_minute=D("0.60"))
PAID = Pay((Wage(D("180.00"), group="floor"),))


def centre(*projects: Project, **more: Any) -> Contract:
    more.setdefault("pay", PAID)
    return Contract(groups=(Group("floor"),), projects=projects or (BANK, SHOP), **more)


class Month:
    """Books that are written into directly, and money that is reckoned from them."""

    def __init__(self, contract: Contract, at: int = NOV_28, plan: Plan = EMPTY) -> None:
        self.contract, self.plan = contract, plan
        self.floor = Floor(contract, at)
        self.takings = Takings()
        self.incidents: list[Incident] = []

    def calls(self, name: str, count: int, *, seconds: int = 60, at: int | None = None, price: str = "", handled: bool = True) -> None:
        """So many calls of a project, as the register writes them."""
        agreed, at = self.contract.project[name], self.floor.now if at is None else at
        tariff = agreed.tariff_on(agreed.day_of(at))
        amount = D(price) if price else D(0)
        if not price and tariff is not None and tariff.per_minute is not None:
            amount = coins(tariff.per_minute.price * seconds / 60)
        elif not price and tariff is not None and tariff.per_call is not None:
            amount = tariff.per_call.price
        time = count * seconds * SECOND
        amounts = {
            **dict.fromkeys((Cell.CONTACTS, Cell.ANSWERED, Cell.BILLED), count),
            **dict.fromkeys((Cell.TALK_US, Cell.CONNECTED_US), time),
            Cell.IN_THRESHOLD: count if handled else 0,
            Cell.BILLED_S: count * seconds,
            Cell.REVENUE_U: int(count * amount * 1_000_000),
        }
        self.floor.ledger.projects[name].add_all(at - at % MINUTE, [(int(cell), amount) for cell, amount in amounts.items() if amount])

    def work(self, hours: int) -> None:
        """So many hours of people at the group's wage, half of them handling."""
        book, at = self.floor.ledger.groups["floor"], self.floor.now - self.floor.now % MINUTE
        us = hours * 60 * MINUTE
        states = list(State)
        book.add_all(at, [(states.index(State.TALK), us // 2), (states.index(State.AVAILABLE), us // 2), (LABOUR, us // PAY_US * 18_000)])

    def look(self, at: int | None = None) -> Money:
        """Everything reckoned at an instant."""
        if at is not None:
            self.floor.advance(at)
        ledger = self.floor.ledger
        accounts = Accounts(self.floor.now, self.contract, ledger.projects, ledger.groups, self.plan, self.incidents)
        for _ in self.contract.projects:
            self.takings.reckon_projects(accounts)
        for _ in self.contract.groups:
            self.takings.reckon_site(accounts)
        return self.takings.money


def earned(money: Money, name: str, over: Over) -> Decimal:
    return sum((one.accrued for one in money.projects[name].earned[over]), D(0))


def test_a_day_and_a_month_bring_what_their_calls_do() -> None:
    month = Month(centre())
    month.calls("bank", 10)
    month.work(2)
    month.look(NOV_28 + MINUTE)
    month.look(NOV_28 + DAY + 60 * MINUTE)
    month.calls("bank", 5)
    month.calls("shop", 4)
    month.work(1)
    money = month.look(NOV_28 + DAY + 120 * MINUTE)
    assert (earned(money, "bank", Over.DAY), earned(money, "bank", Over.MONTH)) == (D(30), D(90))
    assert (earned(money, "shop", Over.DAY), earned(money, "shop", Over.MONTH)) == (D(10), D(10))
    assert money.counted.revenue == {("bank", "UAH"): D(90), ("shop", "UAH"): D(10)}
    assert money.counted.telecom == {"bank": D(0), "shop": D("2.40")}
    assert money.counted.labour == {"floor": D(540)}
    assert money.groups["floor"].labour == {Over.DAY: D(180), Over.MONTH: D(540)}
    day = {name: one.margin[Over.DAY] for name, one in money.projects.items()}
    assert (day["bank"].labour, day["shop"].labour) == (D(100), D(80)), "by handle time: five minutes and four"
    assert (day["bank"].amount, day["shop"].amount) == (D(-70), D("-72.40"))
    assert money.site[Over.MONTH].amount == D(100) - D("2.40") - D(540)
    assert money.site[Over.MONTH].labour == D(540)


def test_a_month_that_is_over_stays_counted_and_another_begins() -> None:
    month = Month(centre())
    month.calls("bank", 10)
    month.look(DEC_1 - MINUTE)
    month.calls("bank", 1)  # after it was last looked at, before midnight
    money = month.look(DEC_1 + MINUTE)
    assert earned(money, "bank", Over.MONTH) == 0
    assert money.counted.revenue["bank", "UAH"] == D(66)
    month.calls("bank", 2)
    assert month.look(DEC_1 + 2 * MINUTE).counted.revenue["bank", "UAH"] == D(78)


def test_what_ends_after_its_month_or_day_is_counted_still() -> None:
    """A call that came before midnight is written into the minute it came in, whenever it ends."""
    month = Month(centre())
    month.calls("bank", 10)
    month.calls("shop", 10)
    month.look(DEC_1 - MINUTE)
    month.look(DEC_1 + MINUTE)
    month.calls("bank", 1, at=DEC_1 - 2 * MINUTE)
    month.calls("shop", 10, at=DEC_1 - 2 * MINUTE)
    counted = month.look(DEC_1 + 6 * MINUTE).counted
    assert (counted.revenue["bank", "UAH"], counted.telecom["shop"]) == (D(66), D(12))


def test_results_do_not_raise_what_a_missing_call_is_worth() -> None:
    agreed = Tariff(SINCE, per_call=PerCall(D("0.90")), per_result=(("sale", D("100.00")),), minimum=Minimum(share_of_contract_plan=D("0.9")))
    month = Month(centre(project("bank", agreed, signed=(SignedDay(date(2026, 11, 28).toordinal(), 1000 * 1_000_000, 0),))))
    month.calls("bank", 700)
    cells = ((Cell.RESULTS, 7), (Cell.REVENUE_U, 700_000_000), (Cell.RESULTS_U, 700_000_000))
    month.floor.ledger.projects["bank"].add_all(NOV_28, [(int(cell), amount) for cell, amount in cells])
    month.look(NOV_28 + DAY - MINUTE)
    (one,) = month.look(NOV_28 + DAY + MINUTE).projects["bank"].earned[Over.MONTH]
    assert (one.accrued, one.guarantee, one.shortfall_calls) == (D("1330.00"), D("180.00"), D(200))


def test_days_that_are_remembered_are_in_the_month_and_not_in_the_counters() -> None:
    month = Month(centre(finances=Finances(fixed_cost_per_day=D(24))), at=NOV_28 + 12 * 60 * MINUTE)
    month.calls("bank", 1)
    month.work(1)
    before = month.look().counted
    for book, cells in (
        (month.floor.ledger.projects["bank"], ((Cell.BILLED, 9), (Cell.REVENUE_U, 54_000_000))),
        (month.floor.ledger.groups["floor"], ((LABOUR, 0),)),
    ):
        row = [0] * book.width
        for cell, amount in cells:
            row[cell] = amount
        book.remember({book.date - 1: row})
    month.takings.remember(month.floor.ledger.projects["bank"].date)
    money = month.look()
    assert (earned(money, "bank", Over.MONTH), earned(money, "bank", Over.DAY)) == (D(60), D(6))
    assert money.counted == before
    month.calls("bank", 1)
    assert month.look().counted.revenue["bank", "UAH"] == D(12)
    month.calls("bank", 1, at=NOV_28 - DAY + MINUTE)  # of a day before
    assert month.look().counted.revenue["bank", "UAH"] == D(18)
    month.look(DEC_1 - MINUTE)
    month.look(DEC_1)
    month.calls("bank", 1)
    assert month.look(DEC_1 + MINUTE).counted.revenue["bank", "UAH"] == D(24), "a month that nobody had to remember"


def test_a_billing_period_begins_on_its_own_day() -> None:
    month = Month(centre(replace(BANK, billing_day=29), SHOP))
    month.calls("bank", 10)
    month.calls("shop", 10)
    money = month.look(NOV_28 + DAY + MINUTE)
    assert (earned(money, "bank", Over.MONTH), earned(money, "shop", Over.MONTH)) == (D(0), D(25))
    assert money.projects["bank"].past_days == 0
    assert money.projects["shop"].past_days == 28
    assert money.projects["shop"].known_days == 1


def test_fixed_revenue_and_cost_pass_as_the_day_does() -> None:
    flat = project("flat", Tariff(SINCE, flat_month=FlatMonth(D(3000))))
    month = Month(centre(flat, finances=Finances(fixed_cost_per_day=D(240))))
    money = month.look(NOV_28 + 6 * 60 * MINUTE)
    assert money.counted.revenue == {("flat", "UAH"): D(25)}
    assert money.counted.fixed == D(60)
    assert money.site[Over.DAY].fixed == D(60)
    money = month.look(NOV_28 + DAY + 12 * 60 * MINUTE)
    assert money.counted.revenue == {("flat", "UAH"): D(150)}
    assert money.counted.fixed == D(360)


def test_what_is_corrected_downwards_is_not_counted_twice() -> None:
    month = Month(centre())
    month.calls("bank", 10)
    month.look(NOV_28 + MINUTE)
    month.calls("bank", -4, at=NOV_28)
    lower = month.look(NOV_28 + 2 * MINUTE)
    assert (lower.counted.revenue["bank", "UAH"], earned(lower, "bank", Over.DAY)) == (D(60), D(36))
    month.calls("bank", 4)
    assert month.look(NOV_28 + 3 * MINUTE).counted.revenue["bank", "UAH"] == D(60)
    month.calls("bank", 1)
    assert month.look(NOV_28 + 4 * MINUTE).counted.revenue["bank", "UAH"] == D(66)


def test_a_day_that_is_over_may_be_told_otherwise_later() -> None:
    month = Month(centre())
    month.calls("bank", 1)
    month.work(1)
    month.look(NOV_28 + DAY + MINUTE)
    month.calls("bank", 1, at=NOV_28)
    month.floor.ledger.groups["floor"].add(NOV_28, LABOUR, 60 * MINUTE // PAY_US * 18_000)
    money = month.look(NOV_28 + DAY + 2 * MINUTE)
    assert earned(money, "bank", Over.MONTH) == D(12)
    assert money.projects["bank"].margin[Over.MONTH].labour == D(360)
    assert money.groups["floor"].labour[Over.MONTH] == D(360)


def test_what_nobody_knows_is_not_nothing() -> None:
    unpaid = Month(centre(pay=Pay()))
    unpaid.calls("bank", 1)
    unpaid.floor.ledger.groups["floor"].add(NOV_28, LABOUR + 1, MINUTE)
    money = unpaid.look(NOV_28 + MINUTE)
    assert money.groups["floor"].labour == {Over.DAY: None, Over.MONTH: None}
    assert money.site[Over.DAY].amount is None
    assert money.clients["Bank"].without[Over.DAY] is None
    assert money.groups["floor"].break_even is None
    free = Month(centre(BANK, project("chat"))).look(NOV_28 + MINUTE)
    assert free.projects["chat"].margin[Over.DAY].amount is None, "nobody says what it brings"
    assert free.projects["bank"].margin[Over.DAY].amount == 0
    far = Month(centre(project("bank", Tariff(SINCE, currency="USD", per_call=PerCall(D(2)))))).look(NOV_28 + MINUTE)
    assert far.projects["bank"].margin[Over.DAY].amount is None, "nobody says what a dollar is"


def test_another_currency_is_converted_by_the_rate_of_the_day() -> None:
    rates = (Rate("USD", date(2026, 1, 1), D(40)), Rate("USD", date(2026, 11, 28), D("41.50")), Rate("USD", date(2026, 12, 1), D(50)))
    month = Month(centre(project("bank", Tariff(SINCE, currency="USD", per_call=PerCall(D(2)))), finances=Finances(rates=rates)))
    month.calls("bank", 3)
    money = month.look(NOV_28 + MINUTE)
    assert money.counted.revenue == {("bank", "USD"): D(6)}
    assert money.projects["bank"].margin[Over.DAY].revenue == D(249)


def test_a_client_who_signed_for_more_pays_what_is_short() -> None:
    minimum = Tariff(SINCE, per_call=PerCall(D("0.90")), minimum=Minimum(share_of_contract_plan=D("0.9")))
    signed = tuple(SignedDay(date(2026, 11, 28).toordinal() + day, 500 * 1_000_000, 0) for day in range(2))
    month = Month(centre(project("bank", minimum, signed=signed)))
    month.calls("bank", 700, price="0.90")
    (one,) = month.look(NOV_28 + 2 * DAY - MINUTE).projects["bank"].earned[Over.MONTH]
    assert one.accrued == D(630)
    assert (one.guarantee, one.shortfall_calls) == (D("179.72"), D("199.6875")), "a minute of the second day is still to come"


def test_of_today_so_much_is_guaranteed_as_the_plan_has_by_now() -> None:
    """At noon half of the day is over, and a quarter of its calls was due: nobody is short of calls that come in the afternoon."""
    minimum = Tariff(SINCE, per_call=PerCall(D(1)), minimum=Minimum(share_of_contract_plan=D("0.9")))
    signed = (SignedDay(date(2026, 11, 28).toordinal(), 100 * 1_000_000, 0),)
    afternoon = PlanRow("bank", NOV_28 + DAY // 2, NOV_28 + DAY, 60 * 1_000_000, 0, 0)
    month = Month(centre(project("bank", minimum, signed=signed)), plan=Plan.of((afternoon,)))
    month.calls("bank", 20, price="1.00")
    month.floor.ledger.projects["bank"].add_all(NOV_28, [(int(Cell.PLAN_CALLS), 20 * 1_000_000)])
    (one,) = month.look(NOV_28 + DAY // 2).projects["bank"].earned[Over.MONTH]
    assert (one.shortfall_calls, one.guarantee) == (D("2.5"), D("2.50"))


ADJUSTED = Tariff(
    SINCE,
    per_call=PerCall(D(1)),
    sl_adjust=SlAdjust(Formula.ANSWERED, 20 * SECOND, (Band(D("0.8"), D(0)), Band(D(0), D(-5))), excluded=frozenset({"air_raid"})),
)


@pytest.mark.parametrize("excused", [False, True])
def test_whoever_came_in_an_alarm_is_left_out_also_when_its_hours_are_forgotten(excused: bool) -> None:
    month = Month(centre(project("bank", ADJUSTED)))
    if excused:
        month.incidents.append(Incident("1", IncidentKind.AIR_RAID, Scope(), NOV_28 + 60 * MINUTE, NOV_28 + 120 * MINUTE))
    month.calls("bank", 10, price="1.00")
    month.look(NOV_28 + 60 * MINUTE)
    month.calls("bank", 10, price="1.00", handled=False, at=NOV_28 + 60 * MINUTE)
    for hour in range(2, 90):
        month.look(NOV_28 + hour * 60 * MINUTE)
        (one,) = month.look().projects["bank"].earned[Over.MONTH]
        if hour < 72:
            assert one.adjustment == (D(0) if excused else D("-1.00")), hour
    assert earned(month.look(), "bank", Over.MONTH) == 0


def test_an_adjustment_by_another_threshold_is_not_known_live() -> None:
    odd = replace(ADJUSTED, sl_adjust=replace(ADJUSTED.sl_adjust, threshold_us=30 * SECOND)) if ADJUSTED.sl_adjust else ADJUSTED
    month = Month(centre(project("bank", odd)))
    month.calls("bank", 1)
    money = month.look(NOV_28 + MINUTE)
    assert money.projects["bank"].earned[Over.MONTH][0].adjustment is None
    assert money.projects["bank"].margin[Over.MONTH].amount is None
    assert money.projects["bank"].margin[Over.DAY].amount is not None


@pytest.mark.parametrize(("share", "amount"), [(None, D(75)), (D("0.4"), D(120)), (D(1), D(300))])
def test_hours_of_a_shared_pool_are_a_client_s_by_agreement(share: Decimal | None, amount: Decimal) -> None:
    hourly = project("bank", Tariff(SINCE, per_agent_hour=PerAgentHour(D(100), share=share)))
    month = Month(centre(hourly, SHOP))
    month.calls("bank", 1)
    month.calls("shop", 3)
    month.work(3)
    assert earned(month.look(NOV_28 + MINUTE), "bank", Over.DAY) == amount


@pytest.mark.parametrize(("base", "amount"), [(HoursBase.LOGGED_IN, D(250)), (HoursBase.SCHEDULED, D(700))])
def test_hours_of_a_client_who_is_called_out_for_are_his_too(base: HoursBase, amount: Decimal) -> None:
    """Of three hours of the group five sixths, dialling in them; or what was planned of both directions."""
    hourly = project("bank", Tariff(SINCE, per_agent_hour=PerAgentHour(D(100), base=base, share=None)), outbound=Outbound(contexts=("from-bank",)))
    month = Month(centre(hourly, SHOP))
    cells = {Cell.OUT_DIALING_US: 1, Cell.OUT_TALK_US: 2, Cell.OUT_WRAPUP_US: 1, Cell.CALLBACK_TALK_US: 1}
    book = month.floor.ledger.projects["bank"]
    book.add_all(NOV_28, [(int(cell), minutes * MINUTE) for cell, minutes in cells.items()])
    book.add_all(NOV_28, [(int(Cell.PLAN_AGENT_US), 120 * MINUTE), (int(Cell.PLAN_OUT_AGENT_US), 300 * MINUTE)])
    month.calls("shop", 1)
    month.work(3)
    assert earned(month.look(NOV_28 + MINUTE), "bank", Over.DAY) == amount


def test_who_is_called_out_for_bears_his_part_of_the_wages() -> None:
    month = Month(centre(project("bank", outbound=Outbound(contexts=("from-bank",))), SHOP))
    month.floor.ledger.projects["bank"].add_all(NOV_28, [(int(Cell.OUT_TALK_US), 3 * MINUTE)])
    month.calls("shop", 1)
    month.work(2)
    day = {name: one.margin[Over.DAY] for name, one in month.look(NOV_28 + MINUTE).projects.items()}
    assert (day["bank"].labour, day["shop"].labour) == (D(270), D(90))


def test_what_is_still_planned_of_hours_has_both_directions() -> None:
    rows = [PlanRow("bank", NOV_28, NOV_28 + DAY, 0, 0, 0, scheduled_u=1_000_000)]
    rows += [replace(rows[0], direction=Direction.OUTBOUND, scheduled_u=2_000_000)]
    contract = centre()
    floor = Floor(contract, NOV_28)
    accounts = Accounts(NOV_28 + DAY // 2, contract, floor.ledger.projects, floor.ledger.groups, Plan.of(rows), [])
    assert accounts.planned_rest(contract.project["bank"], date(2026, 11, 28)).agent_us == 36 * 60 * MINUTE


def test_without_the_client_who_carries_it_the_site_would_lose() -> None:
    month = Month(centre(finances=Finances(cash_reserve=D(1000))))
    month.calls("bank", 100)
    month.calls("shop", 4)
    month.work(2)
    money = month.look(NOV_28 + 60 * MINUTE)
    assert money.site[Over.MONTH].amount == D(600) + D(10) - D("2.40") - D(360)
    assert money.clients["Bank"].without[Over.MONTH] == D(10) - D("2.40") - D(360)
    assert money.clients["Shop"].without[Over.MONTH] == D(600) - D(360)
    assert money.cash_days is None
    assert money.clients["Bank"].cash_days is not None
    assert money.clients["Shop"].cash_days is None


def plan(calls: int, days: int = 30) -> Plan:
    """So many calls of the bank, of a minute each, on every day from the first to the last of November, or not to the last."""
    start = NOV_28 - 27 * DAY
    return Plan.of(
        tuple(PlanRow("bank", start + day * DAY, start + (day + 1) * DAY, calls * 1_000_000, calls * 75 * SECOND, 75 * SECOND) for day in range(days))
    )


def test_a_period_is_looked_ahead_by_its_plan() -> None:
    month = Month(centre(BANK), plan=plan(100))
    book = month.floor.ledger.projects["bank"]
    month.calls("bank", 50)
    book.add_all(NOV_28, [(int(Cell.PLAN_CALLS), 100 * 1_000_000), (int(Cell.PLAN_HANDLE), 100 * 75 * SECOND)])
    month.work(1)
    money = month.look(NOV_28 + DAY)
    outcome = money.projects["bank"].outcome
    assert outcome is not None
    assert outcome.revenue == D(300) * 3, "half of what was planned came, on each of three days"
    assert outcome.labour == D(180) * 3
    assert money.counted.planned["bank", "UAH"] == D(600)
    assert money.groups["floor"].break_even is not None
    assert money.groups["floor"].occupancy is not None
    assert money.groups["floor"].break_even == money.groups["floor"].occupancy * 540 / 900


@pytest.mark.parametrize("closed", [False, True])
def test_a_plan_that_ends_before_its_period_does_not_tell_how_that_will_end(closed: bool) -> None:
    hours = Hours(closed=frozenset({"2026-11-30"} if closed else ()))
    month = Month(centre(replace(BANK, hours=hours)), plan=plan(100, days=29))
    month.calls("bank", 50)
    month.floor.ledger.projects["bank"].add_all(NOV_28, [(int(Cell.PLAN_CALLS), 100 * 1_000_000), (int(Cell.PLAN_HANDLE), 100 * 75 * SECOND)])
    assert (month.look(NOV_28 + DAY).projects["bank"].outcome is not None) == closed


def test_a_large_centre_is_reckoned_project_by_project() -> None:
    many = tuple(project(f"p{number}", Tariff(SINCE, per_call=PerCall(D(1)))) for number in range(5))
    month = Month(centre(*many))
    ledger = month.floor.ledger
    accounts = Accounts(month.floor.now, month.contract, ledger.projects, ledger.groups, EMPTY)
    for known in range(1, 5):
        month.takings.reckon_projects(accounts)
        month.takings.reckon_site(accounts)
        assert len(month.takings.money.projects) == known
        assert month.takings.money.clients == {}, "nobody is left out of a sum"
    month.takings.reckon_projects(accounts)
    month.takings.reckon_site(accounts)
    assert len(month.takings.money.clients) == 5


# --- whatever happens -------------------------------------------------------------------------------------------------------------------


def happenings(seed: int) -> Iterator[tuple[str, int, int]]:
    chance = Random(seed)
    for _ in range(60):
        yield chance.choice(["bank", "shop", "work", "pass", "pass", "late", "less", "agree"]), chance.randrange(1, 9), chance.choice([1, 30, 700, 1500])


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32))
def test_counters_never_fall_and_never_exceed_what_was_ever_there(seed: int) -> None:
    month = Month(centre(finances=Finances(fixed_cost_per_day=D(100))))
    before: dict[str, Decimal] = {}
    added = D(0)
    for what, count, minutes in happenings(seed):
        now = month.floor.now
        if what in ("bank", "shop"):
            month.calls(what, count)
            added += count * (D(6) if what == "bank" else D("2.50"))
        elif what == "late":
            month.calls("bank", count, at=max(NOV_28, now - minutes * MINUTE))
            added += count * D(6)
        elif what == "less":
            month.calls("shop", -count)
        elif what == "work":
            month.work(count)
        elif what == "agree":
            month.takings.agree(month.contract)
        money = month.look(now + (minutes * MINUTE if what == "pass" else SECOND))
        counted = money.counted
        after = {
            **{f"revenue {key}": amount for key, amount in counted.revenue.items()},
            **{f"labour {key}": amount for key, amount in counted.labour.items()},
            **{f"telecom {key}": amount for key, amount in counted.telecom.items()},
            "fixed": counted.fixed,
        }
        assert all(after[key] >= amount for key, amount in before.items()), (before, after)
        before = after
        for over in Over:
            parts = [one.margin[over] for one in money.projects.values()]
            assert sum((one.amount or D(0) for one in parts), D(0)) == money.site[over].amount
            assert money.site[over].amount == sum((one.margin[over].amount or D(0) for one in money.clients.values()), D(0))
        sums = month.floor.ledger.groups["floor"].on(datetime.fromtimestamp(month.floor.now // SECOND, UTC).toordinal())
        assert sums is not None
        assert money.site[Over.DAY].labour == money.groups["floor"].labour[Over.DAY] == coins(cost(sums[LABOUR]))
    assert sum(amount for key, amount in before.items() if key.startswith("revenue")) <= added
