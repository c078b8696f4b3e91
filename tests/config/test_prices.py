"""Tariffs of a configuration: what they mean, and what had better be known of them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config import Config, load, model
from monitor.config.prices import Pricing
from monitor.core.contract import SECOND, SignedDay
from monitor.core.formula import Formula
from monitor.core.tariff import FlatMonth, HoursBase, Minimum, PerAgentHour, PerCall, PerMinute, Tariff, Work, money
from monitor.errors import ConfigError, PlanError

TODAY = date(2026, 3, 2)
WAGE = '[[group]]\nname = "floor"\nwage_per_hour = "180.00"\n'
PBX = '[[pbx]]\nname = "pbx1"\nsecret_env = "SECRET"\n'
BANK = '[[project]]\nname = "bank-line"\nqueues = ["bank"]\n'
SHOP = '[[project]]\nname = "shop-line"\nqueues = ["shop"]\n'

Load = Callable[..., Config]


@pytest.fixture
def load_text(tmp_path: Path) -> Load:
    """Load a text as a configuration with one PBX."""

    def load_text(text: str, head: str = WAGE) -> Config:
        file = tmp_path / "floorwatch.toml"
        file.write_text(head + PBX + text, encoding="utf-8")
        return load(file, {"SECRET": "hush-hush"}, TODAY)

    return load_text


def tariff(text: str, since: str = "2026-01-01") -> str:
    return f"[[project.tariff]]\nfrom = {since}\n{text}\n"


def test_the_example_of_the_design_is_a_tariff(load_text: Load, tmp_path: Path) -> None:
    (tmp_path / "signed.csv").write_text("project,interval_start,volume,aht_s\nbank-line,2026-11-02T10:00:00Z,12,180\nbank-line,2026-11-04T10:00:00Z,6,180\n")
    text = tariff('per_minute = "4.50"\nbase = "talk"\nincrement_seconds = 1\nminimum = { share_of_contract_plan = "0.9" }')
    config = load_text(BANK + text + '[plan]\ncontract_file = "signed.csv"\n')
    assert config.contract.projects[0].tariffs == (
        Tariff(date(2026, 1, 1), per_minute=PerMinute(Decimal("4.50")), minimum=Minimum(share_of_contract_plan=Decimal("0.9"))),
    )
    assert config.contract.projects[0].signed == (  # a day without a row has none
        SignedDay(date(2026, 11, 2).toordinal(), 12_000_000, 12 * 180 * SECOND),
        SignedDay(date(2026, 11, 4).toordinal(), 6_000_000, 6 * 180 * SECOND),
    )
    assert config.notes == ()


def test_what_was_signed_is_read_where_a_tariff_asks_for_it(load_text: Load, tmp_path: Path) -> None:
    (tmp_path / "signed.csv").write_text("no plan at all\n")
    plan = '[plan]\ncontract_file = "signed.csv"\n'
    assert load_text(BANK + tariff('per_call = "9"') + plan).contract.projects[0].signed == ()
    with pytest.raises(PlanError, match=r"signed\.csv"):
        load_text(BANK + tariff('per_call = "9"\nminimum = { share_of_contract_plan = "0.9" }') + plan)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ('per_call = "9"', Tariff(date(2026, 1, 1), per_call=PerCall(Decimal(9)))),
        ('per_agent_hour = "300"', Tariff(date(2026, 1, 1), per_agent_hour=PerAgentHour(Decimal(300)))),
        (
            'per_agent_hour = { price = "300", base = "scheduled" }',
            Tariff(date(2026, 1, 1), per_agent_hour=PerAgentHour(Decimal(300), HoursBase.SCHEDULED)),
        ),
        ('per_result = "100"', Tariff(date(2026, 1, 1), per_result=(("", Decimal(100)),))),
        ('flat_month = "50000"', Tariff(date(2026, 1, 1), flat_month=FlatMonth(Decimal(50000)))),
    ],
)
def test_a_price_alone_is_a_charge_with_all_its_defaults(load_text: Load, text: str, meant: Tariff) -> None:
    config = load_text(BANK + tariff(text))
    assert config.contract.projects[0].tariffs == (meant,)
    assert config.notes == ()


def test_a_share_may_be_a_number_too(load_text: Load) -> None:
    for share in ('"0.4"', "0.4"):
        (found,) = load_text(BANK + tariff(f'per_agent_hour = {{ price = "300", allocation = {share} }}') + SHOP).contract.projects[0].tariffs
        assert found.per_agent_hour == PerAgentHour(Decimal(300), share=Decimal("0.4"))


def test_a_shared_group_is_divided_by_handle_time_and_a_lone_client_pays_all_of_it(load_text: Load) -> None:
    text = tariff('per_agent_hour = { price = "300", allocation = "handle" }')
    shares = [
        one.per_agent_hour.share
        for config in (load_text(BANK + text + SHOP), load_text(BANK + text))
        for one in config.contract.projects[0].tariffs
        if one.per_agent_hour
    ]
    assert shares == [None, Decimal(1)]


def test_shares_are_added_for_each_day_they_hold_on(load_text: Load) -> None:
    half = 'per_agent_hour = { price = "300", allocation = "0.6" }'
    text = BANK + tariff(half + "\nto = 2026-01-31") + SHOP + tariff(half, "2026-02-01")
    assert len(load_text(text).contract.projects) == 2
    with pytest.raises(ConfigError, match=r"have 1\.2 of the time of group floor from 2026-02-01 on; together they may have 1$"):
        load_text(text.replace("01-31", "02-01"))


def test_bonus_and_malus_are_by_the_promised_service_level_unless_they_say_another(load_text: Load) -> None:
    text = BANK + 'service_level = { threshold_seconds = 25, formula = "sl_answered" }\n'
    bands = "bands = [{ at_least = 0.80, percent = 0 }, { at_least = 0, percent = -5 }]"
    (found,) = load_text(text + tariff(f'per_call = "9"\nsl_adjust = {{ {bands} }}')).contract.projects[0].tariffs
    assert found.sl_adjust is not None
    assert (found.sl_adjust.formula, found.sl_adjust.threshold_us) == (Formula.ANSWERED, 25 * SECOND)


def test_tariffs_are_in_the_order_they_begin_and_the_last_that_has_begun_holds(load_text: Load) -> None:
    (project,) = load_text(BANK + tariff('per_call = "9"\nto = 2026-03-31', "2026-02-01") + tariff('per_call = "8"')).contract.projects
    first, second = project.tariffs
    assert (first.since, second.since) == (date(2026, 1, 1), date(2026, 2, 1))
    days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 31), date(2026, 2, 1), date(2026, 3, 31), date(2026, 4, 1))
    assert [project.tariff_on(day) for day in days] == [None, first, first, second, second, None]


@given(st.lists(st.tuples(st.integers(0, 20), st.none() | st.integers(0, 20)), min_size=1, max_size=5))
def test_refused_is_what_holds_on_no_day_or_on_another_s_first(spans: list[tuple[int, int | None]]) -> None:
    days = [date(2026, 3, 1) + timedelta(days=number) for number in range(21)]
    rows = [{"from": days[first], "to": "" if last is None else days[last], "per_call": "9"} for first, last in spans]
    source = model.File.model_validate({"project": [{"name": "bank-line", "tariff": rows}]})
    problems, notes = list[str](), list[str]()
    found = Pricing(source, source.project[0], True, TODAY, lambda problem, *_: problems.append(problem), notes.append).agreed()
    assert [one.since for one in found] == sorted(days[first] for first, _ in spans)
    backwards = any(last is not None and last < first for first, last in spans)
    met = any(first == other or (last is not None and first < other <= last) for (first, last), (other, _) in permutations(spans, 2))
    assert bool(problems) == (backwards or met)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        (
            tariff('per_call = "9"\nto = 2026-01-30') + tariff('per_call = "10"', "2026-02-01"),
            "[project bank-line] tariff #1.to = 2026-01-30: nothing is charged until tariff #2 begins on 2026-02-01",
        ),
        (
            tariff('per_call = "9"', "2027-01-01") + tariff('per_call = "8"', "2026-03-03"),
            "[project bank-line] tariff #2.from = 2026-03-03: nothing is charged before; begin it earlier if it holds already",
        ),
        (
            tariff('per_call = "9"\nto = 2026-03-01'),
            "[project bank-line] tariff #1.to = 2026-03-01: nothing is charged any more; add the tariff that holds now",
        ),
        (
            tariff('per_call = "9"\nminimum = { share_of_contract_plan = 0.9 }'),
            "[project bank-line] tariff #1.minimum.share_of_contract_plan = 0.9: without [plan] contract_file nothing is guaranteed",
        ),
        (
            tariff('per_call = "9"\ncurrency = "USD"') + '[money]\nrates = { USD = [{ from = 2026-02-01, rate = "41.50" }] }\n',
            '[project bank-line] tariff #1.currency = "USD": [money] rates has none before 2026-02-01; there is no margin until then',
        ),
    ],
)
def test_what_is_no_error_and_had_better_be_known_is_a_note(load_text: Load, text: str, note: str) -> None:
    assert load_text(BANK + text).notes == (note,)


@pytest.mark.parametrize(
    "text",
    [
        tariff('per_call = "9"\nto = 2026-01-31') + tariff('per_call = "10"', "2026-02-01"),
        tariff('per_call = "9"\nto = 2026-03-02'),
        tariff('per_call = "9"', "2026-03-02") + tariff('per_call = "10"', "2027-01-01"),
        tariff('per_call = "9"\ncurrency = "USD"') + '[money]\nrates = { USD = "41.50" }\n',
        tariff('per_call = "9"\ncurrency = "UAH"'),
    ],
)
def test_what_is_in_order_is_not(load_text: Load, text: str) -> None:
    assert load_text(BANK + text).notes == ()


def test_every_example_of_the_page_is_a_tariff(load_text: Load) -> None:
    page = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
    examples = [block.partition("```")[0] for block in page.split("```toml\n[[project.tariff]]")[1:]]
    assert len(examples) == 4
    rates = '[money]\nrates = { EUR = "48.00" }\n'
    for text in examples:
        loaded = load_text(BANK + "[[project.tariff]]" + text + SHOP + rates)
        assert len(loaded.contract.projects[0].tariffs) == len(tomllib.loads(BANK + "[[project.tariff]]" + text)["project"][0]["tariff"])


def test_the_worked_example_of_the_page_is_right(load_text: Load) -> None:
    page = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
    example = page.partition("```toml\n[[project.tariff]]")[2].partition("```")
    (found,) = load_text(BANK + "[[project.tariff]]" + example[0]).contract.projects[0].tariffs
    rows = re.findall(r"^\| (\d+):(\d\d) \| (\d+) s \| ([\d.]+) \|$", example[2], re.MULTILINE)
    assert len(rows) == 4
    for minutes, seconds, paid, amount in rows:
        charged = found.charge(Work((int(minutes) * 60 + int(seconds)) * SECOND, 0, 0, 0), handled=True)
        assert (charged.seconds, money(charged.amount_u)) == (int(paid), Decimal(amount))
