"""What `check` says of money that is agreed and comes to nothing today."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.config import Config, PlanSettings
from monitor.core.contract import SECOND, Contract, Group, Person, Project, SignedDay
from monitor.core.pay import Pay, Wage
from monitor.core.tariff import Minimum, PerCall, Tariff
from monitor.inspection import inspect
from monitor.plan.plan import EMPTY

ZONE = ZoneInfo("Europe/Kyiv")
NOW = int(datetime(2026, 12, 1, 0, 10, tzinfo=ZONE).timestamp()) * SECOND  # in UTC it is still November
PAID = Tariff(date(2026, 1, 1), per_call=PerCall(Decimal(9)))
SIGNED = PlanSettings(contract_file=Path("signed.csv"))
FLOOR = Group("floor")


def project(name: str, *tariffs: Tariff, signed: tuple[SignedDay, ...] = ()) -> Project:
    return Project(name, name.title(), "floor", (), ZONE, tariffs=tariffs, signed=signed)


def site(*projects: Project, groups: tuple[Group, ...] = (FLOOR,), people: tuple[Person, ...] = (), wages: tuple[Wage, ...] = ()) -> Contract:
    return Contract(zone=ZONE, projects=projects, groups=groups, people=people, pay=Pay(wages))


def warnings(contract: Contract, plan: PlanSettings | None = None) -> list[str]:
    config = Config(Path("floorwatch.toml"), contract, (), plan_file=None, plan=plan or PlanSettings())
    said = (str(finding) for finding in inspect(replace(config, plan=replace(config.plan, contract_file=None)), EMPTY, NOW))
    assert not [line for line in said if "guarantee" in line]  # without a contract plan it is the tariff's own note
    return [str(finding) for finding in inspect(config, EMPTY, NOW) if finding.weight == "warning" and "contract plan:" not in finding.text]


def test_a_project_that_nobody_pays_for_is_named_where_others_are_paid() -> None:
    line = "warning  shop: no tariff, and others have one: nothing is charged for it; add a [[project.tariff]] if its client pays"
    assert warnings(site(project("bank", PAID), project("shop"))) == [line]
    assert warnings(site(project("bank"), project("shop"))) == []
    assert warnings(site(project("bank", PAID), project("shop", replace(PAID, since=date(2027, 1, 1))))) == []


@pytest.mark.parametrize(
    ("days", "problem"),
    [
        ((), "and the contract plan has no row of it: nothing is guaranteed"),
        ((date(2026, 12, 2), date(2026, 12, 31)), "and the contract plan of it begins on 2026-12-02: nothing is guaranteed before"),
        ((date(2026, 11, 1), date(2026, 11, 30)), "and the contract plan of it ended on 2026-11-30: nothing is guaranteed since"),
    ],
)
def test_a_guarantee_that_guarantees_nothing_today(days: tuple[date, ...], problem: str) -> None:
    guaranteed = replace(PAID, minimum=Minimum(share_of_contract_plan=Decimal("0.9")))
    signed = tuple(SignedDay(day.toordinal(), 1, 1) for day in days)
    line = f"warning  bank: minimum.share_of_contract_plan = 0.9, {problem}; bring what was signed for it into signed.csv"
    assert warnings(site(project("bank", guaranteed, signed=signed)), SIGNED) == [line]
    over = replace(guaranteed, until=date(2026, 11, 30))
    assert warnings(site(project("bank", over, replace(PAID, since=date(2026, 12, 1)), signed=signed)), SIGNED) == []


def test_a_guarantee_that_is_fed_and_one_of_an_amount_need_no_word() -> None:
    today = (SignedDay(date(2026, 12, 1).toordinal(), 1, 1),)
    assert warnings(site(project("bank", replace(PAID, minimum=Minimum(share_of_contract_plan=Decimal("0.9"))), signed=today)), SIGNED) == []
    assert warnings(site(project("bank", replace(PAID, minimum=Minimum(Decimal(100))))), SIGNED) == []


PEOPLE = tuple(Person(str(number), f"Agent {number}", (f"PJSIP/{number}",)) for number in range(101, 106))
OF_101 = Wage(Decimal(200), person="101")
OVER = Wage(Decimal(200), person="102", last=date(2026, 11, 30))


def test_people_without_a_wage_today_are_named() -> None:
    line = (
        "warning  no wage today: 4, such as 102, 103, 104 of the agents file: what they cost is unknown; "
        "give them a wage there, or wage_per_hour to their [[group]]"
    )
    assert warnings(site(project("bank", PAID), people=PEOPLE, wages=(OF_101, OVER))) == [line]
    assert warnings(site(project("bank"), people=PEOPLE, wages=(OF_101, OVER))) == [line]  # a payroll is asked for without tariffs too
    assert warnings(site(project("bank"), people=PEOPLE[:2], wages=(OF_101, OVER))) == [line.replace("4, such as 102, 103, 104", "102")]


def test_nobody_is_where_all_have_one_or_money_is_not_counted() -> None:
    assert warnings(site(project("bank", PAID), people=PEOPLE, wages=(OVER, Wage(Decimal(180), group="floor")))) == []
    assert warnings(site(project("bank"), people=PEOPLE)) == []


def test_whose_group_the_pbx_alone_knows_is_left_out() -> None:
    groups = (FLOOR, Group("night", members=("PJSIP/103", "Agent 104")))
    people = (replace(PEOPLE[1], group="night"), PEOPLE[0], replace(PEOPLE[2], interfaces=("pbx2:PJSIP/103",)), PEOPLE[3])
    assert warnings(site(project("bank"), groups=groups, people=people, wages=(Wage(Decimal(180), group="floor"),))) == [
        "warning  no wage today: 102, 103, 104 of the agents file: what they cost is unknown; give them a wage there, or wage_per_hour to their [[group]]"
    ]
