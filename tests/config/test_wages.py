"""Wages and `[money]`: what they mean, and what is said of a wage that nobody gave."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from monitor.config import Config, load
from monitor.core.contract import SECOND
from monitor.core.pay import Wage
from monitor.errors import ConfigError

TODAY = date(2026, 3, 2)
WAGE = '[[group]]\nname = "floor"\nwage_per_hour = "180.00"\n'
PBX = '[[pbx]]\nname = "pbx1"\nsecret_env = "SECRET"\n'
BANK = '[[project]]\nname = "bank-line"\nqueues = ["bank"]\n'
CHARGED = '[[project.tariff]]\nfrom = 2026-01-01\nper_call = "9"\n'

Load = Callable[..., Config]


@pytest.fixture
def load_text(tmp_path: Path) -> Load:
    """Load a text as a configuration with one PBX."""

    def load_text(text: str, head: str = WAGE) -> Config:
        file = tmp_path / "floorwatch.toml"
        file.write_text(head + PBX + text, encoding="utf-8")
        return load(file, {"SECRET": "hush-hush"}, TODAY)

    return load_text


def test_an_hour_costs_what_is_assumed_in_hryvnias_only(load_text: Load) -> None:
    plain, euro = load_text(BANK, head=""), load_text(BANK, head='[site]\ncurrency = "EUR"\n')
    assert plain.contract.pay.wages == (Wage(Decimal("180.00"), group="floor"),)
    assert euro.contract.pay.wages == ()
    assert (plain.notes, euro.notes) == ((), ())
    assert load_text(BANK + CHARGED, head="").notes == (
        "[group floor] wage_per_hour is not given: 180.00 UAH is assumed where the agents file says nothing; say what an hour costs",
    )
    (note,) = load_text(BANK + CHARGED, head='[site]\ncurrency = "EUR"\n').notes
    assert note.startswith("[group floor] wage_per_hour is not given: what its people cost is unknown, and so is the margin")


def test_a_wage_may_be_left_unknown(load_text: Load) -> None:
    config = load_text(BANK + CHARGED, head=WAGE.replace("180.00", ""))
    assert (config.contract.pay.wages, config.notes) == ((), ())


def test_a_wage_that_is_a_slip_of_the_pen_is_refused(load_text: Load, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r'wage_per_hour = "180000000": is more than 10,000,000 an hour; look at it'):
        load_text(BANK, head=WAGE.replace("180.00", "180000000"))
    (tmp_path / "agents.csv").write_text("employee_id,interfaces,wage\n1,PJSIP/1,10000000.01\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"agents\.csv:2: wage '10000000\.01' is more than 10,000,000 an hour"):
        load_text(BANK + '[agents]\nfile = "agents.csv"\n')


def test_every_wage_a_person_ever_had_is_known_and_a_group_s_comes_after(load_text: Load, tmp_path: Path) -> None:
    rows = "1,PJSIP/1,200.00,,2026-02-28\n1,PJSIP/1,220.00,2026-03-01,\n2,PJSIP/2,,,\n3,PJSIP/3,150,2025-01-01,2025-12-31\n"
    (tmp_path / "agents.csv").write_text("employee_id,interfaces,wage,from,to\n" + rows, encoding="utf-8")
    contract = load_text(BANK + '[agents]\nfile = "agents.csv"\n').contract
    assert [person.id for person in contract.people] == ["1", "2"]
    days = (("1", date(2026, 2, 28)), ("1", date(2026, 3, 1)), ("2", TODAY), ("3", date(2025, 6, 1)), ("3", TODAY))
    assert [contract.pay.wage(person, "floor", day) for person, day in days] == [200, 220, 180, 150, 180]


@pytest.mark.parametrize(
    ("wage", "problem", "is_meant"),
    [("175,00", "is not an amount", "175.00"), ("-1", "is negative", "1"), ("0.0000001", "has more than 6 decimals", "180.00")],
)
def test_a_wage_that_is_none_is_named_by_its_line(load_text: Load, tmp_path: Path, wage: str, problem: str, is_meant: str) -> None:
    (tmp_path / "agents.csv").write_text(f'employee_id,interfaces,wage\n1,PJSIP/1,"{wage}"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=rf"agents\.csv:2: wage '{wage}' {problem}; write it as {is_meant}$"):
        load_text(BANK + '[agents]\nfile = "agents.csv"\n')


def test_what_is_documented_as_nothing_may_be_written(load_text: Load) -> None:
    text = '[money]\nvat = ""\ncash_reserve = ""\novertime = ""\ndowntime = ""\n'
    written, left_out = load_text(BANK + text).contract, load_text(BANK).contract
    assert (written.finances, written.pay) == (left_out.finances, left_out.pay)


def test_money_is_what_the_site_pays_and_has(load_text: Load) -> None:
    text = '[money]\nfixed_cost_per_day = "120"\nvat = 0.20\nrates = { USD = [{ rate = "40" }, { from = 2026-03-01, rate = "41.50" }] }\n'
    finances = load_text(BANK + text).contract.finances
    assert (finances.fixed_cost_per_day, finances.vat, finances.cash_reserve) == (Decimal(120), Decimal("0.20"), None)
    assert [finances.rate("USD", day) for day in (date(2026, 2, 28), date(2026, 3, 1))] == [40, Decimal("41.50")]
    assert finances.rate("EUR", TODAY) is None


def test_a_wage_is_multiplied_at_night_on_holidays_and_beyond(load_text: Load) -> None:
    text = '[money]\nnight = { multiplier = "1.2" }\nholiday_multiplier = 2\novertime = { after_hours = 8, multiplier = 1.5 }\n'
    pay = load_text(BANK + text, head=WAGE + "[site]\nholidays = [2026-12-25]\n").contract.pay
    assert (pay.multipliers.night, pay.multipliers.holiday, pay.holidays) == (Decimal("1.2"), Decimal(2), frozenset({date(2026, 12, 25)}))
    assert (pay.multipliers.overtime, pay.multipliers.overtime_after_us) == (Decimal("1.5"), 8 * 3600 * SECOND)
    assert pay.multipliers.downtime_kinds == frozenset()
