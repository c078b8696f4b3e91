"""What a reload has changed, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from monitor.config import Config, PbxSettings, PlanSettings, Secret, StateSettings, StoreSettings, TokenSettings, WebSettings
from monitor.config.compare import changes, fixed, repriced
from monitor.core.contract import SECOND, Finances, Group, Person, QueueId, ServiceLevel
from monitor.core.incidents import Incident, IncidentKind, Scope
from monitor.core.pay import Multipliers, Pay, Wage
from monitor.core.regions import Regions
from monitor.core.signals import Row, Signal
from monitor.core.tariff import PerCall, Tariff
from monitor.core.trunk import Trunk, TrunkId
from monitor.plan.plan import EMPTY, Plan, PlanRow
from tests.core.scene import T0, contract, project

PBX = PbxSettings("pbx1", "127.0.0.1", 5038, "floorwatch", Secret("hunter2"))
OLD = Config(Path("floorwatch.toml"), contract(), (PBX,), tokens=(TokenSettings("reload", Secret("hunter2"), ("write",)),))


def row(start: int, calls: int, name: str = "bank") -> PlanRow:
    return PlanRow(name, T0 + start, T0 + start + 10, calls, 0, None)


KYIVSTAR = Trunk(TrunkId("pbx1", "kyivstar"), ("PJSIP/kyivstar",), 30)
WAGE = Wage(Decimal(200), "7")
STORM = Signal("storm", "thunderstorm", ("Kyiv",))
FAIR = Incident("fair", IncidentKind.ANNOUNCED, Scope(), T0)


def agreed(*projects: Any, **more: Any) -> Config:
    return replace(OLD, contract=contract(*projects, **more))


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (OLD, []),
        (agreed(project("bank"), project("taxi")), ["project taxi added", "project shop removed"]),
        (agreed(project("bank", "bank", "pbx2/bank"), project("shop")), ["project bank: queue pbx2/bank added"]),
        (agreed(project("bank", "other"), project("shop")), ["project bank: queue pbx1/other added", "project bank: queue pbx1/bank removed"]),
        (
            agreed(project("bank", service_level=ServiceLevel(30 * SECOND), wrapup_us=0), project("shop")),
            ["project bank: threshold 20 s is 30 s", "project bank: wrapup changed"],
        ),
        (agreed(project("bank", service_level=ServiceLevel(target=0.9)), project("shop")), ["project bank: service_level changed"]),
        (agreed(groups=(Group("floor"), Group("night"))), ["group night added", "group floor: pause_reasons changed"]),
        (agreed(people=(Person("7", "Олена", ("PJSIP/7",)),)), ["agents file: 1 row added"]),
        (agreed(site="elsewhere"), ["site: site changed"]),
        (agreed(finances=Finances("EUR", vat=Decimal("0.2"))), ["money: vat changed", "site: currency changed"]),
        (agreed(pay=Pay((WAGE,), Multipliers(night=Decimal("1.2")))), ["agents file: 1 wage added", "money: night changed"]),
        (agreed(pay=Pay((Wage(Decimal(180), group="floor"),))), ["group floor: wage_per_hour changed"]),
        (replace(OLD, pbxs=(replace(PBX, secret=Secret("s3cret")),)), ["PBX pbx1: secret changed"]),
        (replace(OLD, pbxs=(PBX, replace(PBX, name="pbx2"))), ["PBX pbx2 added"]),
        (replace(OLD, tokens=()), ["token reload removed"]),
        (agreed(incidents=(FAIR,)), ["incident fair added"]),
        (agreed(signals=(STORM,)), ["signal storm added"]),
        (agreed(regions=Regions("REGION", "380", known=("Kyiv",))), ["regions: variable, country_code changed"]),
        (agreed(project("bank", region="Kyiv"), project("shop")), ["project bank: region changed"]),
        (agreed(trunks=(KYIVSTAR,)), ["trunk pbx1/kyivstar added"]),
        (replace(OLD, web=WebSettings(names=True)), ["web: names changed"]),
    ],
)
def test_each_change_is_a_sentence(new: Config, said: list[str]) -> None:
    assert changes(OLD, new, EMPTY, EMPTY) == said


def test_a_tariff_is_told_by_the_day_it_begins_and_never_by_its_price() -> None:
    spring, summer, autumn = (Tariff(date(2026, month, 1), per_call=PerCall(Decimal(9))) for month in (3, 6, 9))
    before = agreed(project("bank", tariffs=(spring, summer)), project("shop"))
    after = agreed(project("bank", tariffs=(replace(summer, per_call=PerCall(Decimal(10)), until=date(2026, 8, 31)), autumn), billing_day=15), project("shop"))
    assert changes(before, after, EMPTY, EMPTY) == [
        "project bank: billing_day changed",
        "project bank: tariff from 2026-03-01 removed",
        "project bank: tariff from 2026-06-01: until, per_call changed",
        "project bank: tariff from 2026-09-01 added",
    ]


def test_a_price_that_was_charged_already_and_is_another_is_told_by_name() -> None:
    spring, summer, autumn = (Tariff(date(2026, month, 1), per_call=PerCall(Decimal(9))) for month in (3, 6, 9))
    before = agreed(project("bank", tariffs=(spring, summer, autumn)), project("shop", tariffs=(spring,)))
    dearer = [replace(one, per_call=PerCall(Decimal(10))) for one in (spring, summer, autumn)]
    midnight = project("bank").starts_on(date(2026, 6, 1))

    def said(now: int, *tariffs: Tariff) -> list[str]:
        return repriced(before.contract, agreed(project("bank", tariffs=tariffs), project("new", tariffs=(dearer[0],))).contract, now)

    assert said(midnight, *dearer) == ["project bank: tariff from 2026-03-01: per_call changed", "project bank: tariff from 2026-06-01: per_call changed"]
    assert said(midnight - 1, *dearer) == ["project bank: tariff from 2026-03-01: per_call changed"]
    assert said(midnight, replace(spring, currency="USD"), summer) == ["project bank: tariff from 2026-03-01: currency changed"]
    assert said(midnight, replace(spring, until=date(2026, 5, 1)), replace(dearer[1], since=date(2026, 5, 15)), autumn) == []


def test_a_wage_is_told_without_whose_it_is() -> None:
    before = agreed(pay=Pay((WAGE, replace(WAGE, person="8"), Wage(Decimal(180), group="floor"))))
    after = agreed(pay=Pay((replace(WAGE, per_hour=Decimal(210)), Wage(Decimal(190), group="floor")), holidays=frozenset({date(2026, 12, 25)})))
    assert changes(before, after, EMPTY, EMPTY) == ["agents file: 1 wage added", "agents file: 2 wages removed", "group floor: wage_per_hour changed"]


def test_a_plan_is_told_in_rows() -> None:
    before = Plan.of([row(0, 1), row(10, 1), row(20, 1)])
    after = Plan.of([row(0, 1), row(10, 2), row(30, 1), row(40, 1), row(0, 1, "shop")])
    assert changes(OLD, OLD, before, after) == ["plan: 3 rows added", "plan: 1 row removed", "plan: 1 row changed"]


def test_many_names_are_cut() -> None:
    many = agreed(*(project(f"p{number}") for number in range(20)))
    assert changes(OLD, many, EMPTY, EMPTY)[0] == "project p0, p1, p2, p3, p4, p5, p6, p7 and 12 more added"


def test_what_cannot_change_while_running_stays_and_is_named() -> None:
    new = replace(OLD, web=WebSettings("127.0.0.1", 9999, names=True))
    kept, names = fixed(OLD, new)
    assert (kept.web, names) == (WebSettings(names=True), ["[web] listen"])
    assert fixed(OLD, replace(new, web=replace(new.web, port=9877)))[1] == []
    elsewhere = replace(OLD, store=StoreSettings("postgresql+psycopg://u:geheim@db/floor", 30), state=StateSettings(None, standby=True))
    assert fixed(OLD, elsewhere) == (OLD, ["[state]", "[store]"])
    assert QueueId("pbx1", "bank") in kept.contract.claimed


def test_callers_are_known_again_after_a_reload() -> None:
    """The secret is in no file that is read anew, and in no sentence."""
    kept = OLD.known_by(b"the secret of this site")
    new, _ = fixed(kept, replace(OLD, contract=replace(OLD.contract, match_digits=10)))
    assert new.contract.number_key == b"the secret of this site"
    assert changes(kept, new, EMPTY, EMPTY) == ["site: match_digits changed"]
    assert "secret of" not in repr(new)


def test_another_contract_file_is_said() -> None:
    old = Config(Path("floorwatch.toml"), contract(), ())
    assert changes(old, replace(old, plan=PlanSettings(contract_file=Path("signed.csv"))), EMPTY, EMPTY) == ["plan: contract_file changed"]


def test_a_trunk_that_is_another() -> None:
    wider = replace(KYIVSTAR, capacity=60)
    assert changes(agreed(trunks=(KYIVSTAR,)), agreed(trunks=(wider,)), EMPTY, EMPTY) == ["trunk pbx1/kyivstar: capacity changed"]
    assert changes(agreed(trunks=(KYIVSTAR,)), OLD, EMPTY, EMPTY) == ["trunk pbx1/kyivstar removed"]


def test_an_incident_that_is_another() -> None:
    before, after = agreed(incidents=(FAIR,)), agreed(incidents=(replace(FAIR, note="for longer", until=T0 + SECOND),))
    assert list(changes(before, after, EMPTY, EMPTY)) == ["incident fair: until, note changed"]


def test_a_signal_that_is_another() -> None:
    before, after = agreed(signals=(STORM,)), agreed(signals=(replace(STORM, regions=(), calendar=(Row(T0, T0 + SECOND),), longest_us=SECOND),))
    assert list(changes(before, after, EMPTY, EMPTY)) == ["signal storm: regions, calendar, longest changed"]
