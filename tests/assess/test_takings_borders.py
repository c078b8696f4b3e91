"""Money where spans meet: midnights, ends of periods, clocks that step, configurations that change, days that nobody saw."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from monitor.assess.money import Over
from monitor.core.book import LABOUR
from monitor.core.contract import MINUTE, SECOND, Contract, Finances, Group, SignedDay
from monitor.core.floor import Floor
from monitor.core.incidents import Incident, IncidentKind, Scope
from monitor.core.pay import PAY_US, Pay, Wage
from monitor.core.snapshot import Cell
from monitor.core.tariff import FlatMonth, Minimum, PerAgentHour, PerCall, Tariff, Tier
from monitor.keeping import Keeping
from monitor.plan.plan import EMPTY
from monitor.state.store.place import Place
from monitor.state.store.reader import Reader
from tests.assess.test_takings import ADJUSTED, BANK, DAY, DEC_1, NOV_28, SHOP, SINCE, Month, centre, earned, project
from tests.core.scene import T0
from tests.core.scene import contract as floor_of
from tests.core.scene import project as line
from tests.state.keeping import bring, made

D = Decimal
MINIMUM = Tariff(SINCE, per_call=PerCall(D("1.00")), minimum=Minimum(share_of_contract_plan=D("0.9")))
SIGNED = tuple(SignedDay(date(2026, 11, 1).toordinal() + day, 100 * 1_000_000, 0) for day in range(30))
TARIFF = Tariff(SINCE, flat_month=FlatMonth(D(300_000)), per_call=PerCall(D(1)))


def test_hours_that_are_a_client_s_by_handle_time_are_counted_when_their_day_is_over() -> None:
    """The first call of a day makes all hours his, until others have called too."""
    hourly = project("bank", Tariff(SINCE, per_agent_hour=PerAgentHour(D(100), share=None)))
    month = Month(centre(hourly, SHOP))
    month.work(10)
    month.calls("bank", 1)
    assert earned(month.look(NOV_28 + MINUTE), "bank", Over.DAY) == D(1000)
    month.calls("shop", 99)
    money = month.look(NOV_28 + 2 * MINUTE)
    assert (earned(money, "bank", Over.DAY), money.counted.revenue["bank", "UAH"]) == (D(10), D(0))
    assert month.look(NOV_28 + DAY).counted.revenue["bank", "UAH"] == D(10)


def test_labour_of_yesterday_that_is_healed_today_is_counted() -> None:
    month = Month(centre())
    month.work(1)
    month.look(NOV_28 + DAY - MINUTE)
    month.look(NOV_28 + DAY + SECOND)
    month.look(NOV_28 + DAY + 2 * SECOND)
    month.floor.ledger.groups["floor"].add(NOV_28 + DAY - MINUTE, LABOUR, 60 * MINUTE // PAY_US * 18_000)
    assert month.look(NOV_28 + DAY + MINUTE).counted.labour["floor"] == D(360)


def test_a_clock_that_steps_back_over_midnight_counts_no_day_twice() -> None:
    month = Month(centre(BANK, SHOP, finances=Finances(fixed_cost_per_day=D(240))))
    month.calls("shop", 10)
    month.work(1)
    month.look(NOV_28 + DAY - SECOND)
    month.look(NOV_28 + DAY + 10 * SECOND)
    month.floor.shift(-60 * SECOND)
    month.look()
    counted = month.look(NOV_28 + DAY + 20 * SECOND).counted
    assert counted.labour["floor"] == D(180)
    assert counted.telecom["shop"] == D(6)
    assert counted.fixed < 241


def test_nor_a_month() -> None:
    month = Month(centre(BANK), at=DEC_1 - DAY)
    month.calls("bank", 10)
    month.look(DEC_1 - SECOND)
    month.look(DEC_1 + 10 * SECOND)
    month.floor.shift(-60 * SECOND)
    assert month.look().counted.revenue["bank", "UAH"] == D(60)


def test_another_billing_day_counts_nothing_twice() -> None:
    month = Month(centre(BANK))
    month.calls("bank", 10)
    month.look(NOV_28 + MINUTE)
    month.contract = centre(replace(BANK, billing_day=15))
    month.takings.agree(month.contract)
    assert month.look(NOV_28 + 2 * MINUTE).counted.revenue["bank", "UAH"] == D(60)


def test_days_of_which_nothing_is_kept_are_not_known_because_an_earlier_one_is() -> None:
    """The daemon is new on the 28th; then a CRM tells a result of the 3rd."""
    month = Month(centre(project("bank", MINIMUM, signed=SIGNED)))
    month.calls("bank", 100, price="1.00")
    month.floor.ledger.projects["bank"].add_all(NOV_28 - 25 * DAY, [(int(Cell.RESULTS), 1)])
    bank = month.look(NOV_28 + DAY - MINUTE).projects["bank"]
    assert bank.known_days <= 1
    assert bank.earned[Over.MONTH][0].guarantee in (D(0), D(90))


def test_a_day_that_starts_later_from_now_on_loses_no_other() -> None:
    month = Month(centre(BANK))
    month.calls("bank", 10)
    month.look(NOV_28 + DAY + 6 * 60 * MINUTE)
    month.calls("bank", 5)
    month.look(NOV_28 + DAY + 10 * 60 * MINUTE)
    assert earned(month.look(), "bank", Over.MONTH) == D(90)
    month.contract = centre(replace(BANK, day_starts=240))
    month.floor.ledger.open(month.contract, month.floor.now)
    month.takings.agree(month.contract)
    assert earned(month.look(), "bank", Over.MONTH) == D(90)


def test_today_brings_what_a_day_does_by_the_prices_that_were_reloaded() -> None:
    month = Month(centre(project("flat", Tariff(SINCE, flat_month=FlatMonth(D(3000))))))
    month.look(NOV_28 + MINUTE)
    month.look(NOV_28 + DAY + DAY // 2)
    month.contract = centre(project("flat", Tariff(SINCE, flat_month=FlatMonth(D(6000)))))
    month.takings.agree(month.contract)
    money = month.look(NOV_28 + DAY + DAY // 2 + SECOND)
    assert earned(money, "flat", Over.MONTH) == D(300)
    assert earned(money, "flat", Over.DAY) == D(100)


def test_calls_that_were_priced_otherwise_are_not_known_by_the_new_prices() -> None:
    """From tiers to a plain price, under the same first day: nothing that came before has an amount of its own."""
    tiered = Tariff(SINCE, per_call=PerCall(D(9), tiers=(Tier(D(0), D(9)), Tier(D(5), D(7)))))
    month = Month(centre(project("bank", tiered)))
    month.calls("bank", 10, price="0.00")
    assert earned(month.look(NOV_28 + MINUTE), "bank", Over.MONTH) == D(80)
    month.contract = centre(project("bank", Tariff(SINCE, per_call=PerCall(D(7)))))
    month.takings.agree(month.contract)
    bank = month.look(NOV_28 + 2 * MINUTE).projects["bank"]
    assert bank.earned == {Over.MONTH: (), Over.DAY: ()}
    assert (bank.margin[Over.DAY].revenue, bank.margin[Over.MONTH].revenue, bank.outcome) == (None, None, None)
    assert month.takings.money.counted.revenue["bank", "UAH"] == D(80)
    month.calls("bank", 1, price="7.00")
    assert month.look(NOV_28 + 3 * MINUTE).counted.revenue["bank", "UAH"] == D(87)
    tomorrow = month.look(NOV_28 + DAY + MINUTE)
    assert (tomorrow.projects["bank"].earned[Over.MONTH], earned(tomorrow, "bank", Over.DAY)) == ((), D(0))
    month.look(DEC_1)
    assert tomorrow.projects["bank"].margin[Over.MONTH].revenue is None
    assert month.look(DEC_1 + MINUTE).projects["bank"].earned[Over.MONTH] != ()


def test_prices_of_days_to_come_change_nothing_now() -> None:
    month = Month(centre(BANK))
    month.calls("bank", 10)
    month.look(NOV_28 + MINUTE)
    month.contract = centre(replace(BANK, tariffs=(*BANK.tariffs, Tariff(date(2026, 12, 1), per_call=PerCall(D(7))))))
    month.takings.agree(month.contract)
    money = month.look(NOV_28 + 2 * MINUTE)
    assert (earned(money, "bank", Over.MONTH), money.counted.revenue["bank", "UAH"]) == (D(60), D(60))


def test_another_fee_counts_from_now_on() -> None:
    month = Month(centre(project("flat", Tariff(SINCE, flat_month=FlatMonth(D(3000))))))
    assert month.look(NOV_28 + DAY // 2).counted.revenue["flat", "UAH"] == D(50)
    month.contract = centre(project("flat", Tariff(SINCE, flat_month=FlatMonth(D(6000)))))
    month.takings.agree(month.contract)
    assert month.look(NOV_28 + DAY // 2 + SECOND).counted.revenue["flat", "UAH"] == D(50)
    assert month.look(NOV_28 + DAY).counted.revenue["flat", "UAH"] == D(150)


def test_a_short_alarm_is_left_out_also_when_its_minutes_are_quarters() -> None:
    month = Month(centre(project("bank", ADJUSTED)))
    month.incidents.append(Incident("1", IncidentKind.AIR_RAID, Scope(), NOV_28 + 61 * MINUTE, NOV_28 + 71 * MINUTE))
    month.calls("bank", 10, price="1.00")
    month.look(NOV_28 + 62 * MINUTE)
    month.calls("bank", 10, price="1.00", handled=False)
    assert month.look(NOV_28 + 90 * MINUTE).projects["bank"].earned[Over.MONTH][0].adjustment == 0
    assert month.look(NOV_28 + 360 * MINUTE).projects["bank"].earned[Over.MONTH][0].adjustment == 0


def test_people_of_a_group_without_projects_are_paid_too() -> None:
    wages = Pay((Wage(D(180), group="floor"), Wage(D(180), group="back")))
    month = Month(Contract(groups=(Group("floor"), Group("back")), projects=(BANK,), pay=wages))
    month.floor.ledger.groups["back"].add_all(NOV_28, [(LABOUR, 60 * MINUTE // PAY_US * 18_000)])
    assert month.look(NOV_28 + MINUTE).site[Over.DAY].amount == D(-180)


def test_people_are_paid_between_a_project_s_midnight_and_the_site_s() -> None:
    month = Month(centre(replace(BANK, zone=ZoneInfo("Asia/Tokyo"))))
    month.look(NOV_28 + 14 * 60 * MINUTE)
    month.work(10)
    month.look(NOV_28 + 15 * 60 * MINUTE + SECOND)
    month.work(10)
    assert month.look(NOV_28 + 20 * 60 * MINUTE).site[Over.MONTH].labour == D(3600)


def test_half_a_day_of_loss_is_half_a_day() -> None:
    month = Month(centre(BANK, finances=Finances(fixed_cost_per_day=D(240), cash_reserve=D(2400))))
    assert month.look(NOV_28 + DAY // 2).cash_days == 10


def test_a_day_on_which_nobody_looked_costs_as_much_as_another() -> None:
    """The daemon was down for a day and two nights."""
    month = Month(centre(finances=Finances(fixed_cost_per_day=D(240))))
    month.look(NOV_28 + MINUTE)
    money = month.look(NOV_28 + 2 * DAY + DAY // 2)
    assert money.counted.fixed == D(600)


def test_a_counter_does_not_fall_when_a_project_is_added_on_reload() -> None:
    before = floor_of(line("bank", tariffs=(TARIFF,)))
    keeping = Keeping(before, EMPTY, T0)
    keeping.advance(T0 + 60 * MINUTE)
    for _ in range(2):
        keeping.reckon_projects(keeping.floor.now)
        keeping.reckon_site(keeping.floor.now)
    known = keeping.takings.money.counted.revenue["bank", "UAH"]
    assert known > 0
    keeping.change(floor_of(*before.projects, line("shop", tariffs=(TARIFF,)), line("chat", tariffs=(TARIFF,))), EMPTY, keeping.floor.now)
    keeping.reckon_projects(keeping.floor.now)
    keeping.reckon_site(keeping.floor.now)
    assert keeping.takings.money.counted.revenue["bank", "UAH"] >= known


def test_a_wage_in_rials_goes_into_the_store(tmp_path: Path) -> None:
    """500 people at 1 500 000 an hour."""
    floor = Floor(centre(BANK), NOV_28)
    floor.keep()
    each = 500 * MINUTE // PAY_US * 150_000_000
    with made(Place(f"sqlite:///{tmp_path}/floorwatch.db")) as opened:
        for _ in range(30):
            floor.ledger.groups["floor"].add_all(floor.now, [(LABOUR, each)])
            floor.advance(floor.now + MINUTE)
        floor.advance(floor.now + 180 * MINUTE)
        bring(floor, opened, until=floor.now)
        assert sum(one.sums[LABOUR] for one in Reader(opened).intervals("group", "floor", NOV_28, NOV_28 + DAY)) == 30 * each


def test_what_comes_late_at_a_wage_that_the_configuration_allows_does_not_end_the_daemon() -> None:
    floor = Floor(centre(BANK), NOV_28)
    floor.keep()
    floor.advance(NOV_28 + 300 * MINUTE)
    floor.ledger.groups["floor"].add_all(NOV_28, [(LABOUR, 500 * MINUTE // PAY_US * 400_000_000)])
