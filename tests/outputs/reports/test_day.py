"""The report of days: the attribution examples of two vendors, ratios of sums, and nothing twice."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from monitor.core.contract import Contract, Language
from monitor.core.snapshot import State
from monitor.outputs.reports import day
from monitor.outputs.reports.asked import silent
from monitor.outputs.reports.day import By, View, Wanted
from monitor.outputs.reports.formats import Format, drawn
from monitor.outputs.reports.report import Cell, Report
from monitor.state.store.place import Place
from tests.conftest import Golden
from tests.outputs.reports.filled import MONDAY, Filled, asked, at, site, two_days

GOLDEN = Path(__file__).parent / "golden"
TUESDAY = date(2026, 11, 3)
D = Decimal
SHORT = Wanted()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(f"sqlite:///{tmp_path}/floorwatch.db")


def made(place: Place, filled: Filled, wanted: Wanted = SHORT, last: date = MONDAY, project: str = "") -> Report:
    filled.write(place)
    with asked(place, filled.contract, last=last, project=project) as (what, reader):
        return day.report(what, reader, silent, wanted)


def column(report: Report, key: str, section: int = -1) -> list[Cell]:
    found = report.sections[section]
    index = [one.key for one in found.columns].index(key)
    return [row[index] for row in found.rows]


def starts(report: Report) -> list[str]:
    return [f"{one:%H:%M}" for one in column(report, "interval") if isinstance(one, datetime)]


def one_call(contract: Contract, first: str, start: str, end: str, last: str) -> Filled:
    filled = Filled(contract).observe(at(first), at(last))
    return filled.call("bank-line", at(start), 0, (at(end) - at(start)) // 1_000_000)


def test_amazons_contact_is_seven_thirty_and_fifteen_minutes_or_all_at_its_end(place: Place) -> None:
    filled = one_call(site(), "05:00", "05:23", "06:15", "06:30")
    true = made(place, filled)
    assert starts(true) == ["05:00", "05:30", "06:00"]
    assert column(true, "handle_s") == [7 * 60, 30 * 60, 15 * 60]
    ends = made(place, filled, Wanted(view=View.CONTACT_ENDS))
    assert column(ends, "handle_s") == [0, 0, 52 * 60]


def test_nices_call_is_a_third_one_and_two_thirds_or_two_agents_for_one_call(place: Place) -> None:
    filled = one_call(site(interval=15), "09:00", "09:10", "09:40", "09:45")
    true = made(place, filled)
    assert starts(true) == ["09:00", "09:15", "09:30"]
    assert column(true, "workload_carried") == [D(1) / 3, D(1), D(2) / 3]
    ends = made(place, filled, Wanted(view=View.CONTACT_ENDS))
    assert column(ends, "workload_carried") == [0, 0, 2]


def test_a_day_is_a_ratio_of_sums(place: Place) -> None:
    report = made(place, two_days(), last=TUESDAY)
    assert [section.key for section in report.sections] == ["days"]
    assert column(report, "project") == ["bank-line", "shop-line", "shop-line"]
    assert column(report, "contacts") == [4, 2, 0]
    assert column(report, "service_level") == [D(1) / 3, D(1), None]
    assert column(report, "aht_s") == [D(225), D(70), D(1200)]
    assert column(report, "volume_deviation") == [D(-2) / 6, None, None]
    assert column(report, "revenue") == [D("13.50") + D("18.00"), None, None]
    total = report.sections[0].total
    assert total is not None
    by_key = dict(zip([one.key for one in report.sections[0].columns], total, strict=True))
    assert (by_key["contacts"], by_key["service_level"], by_key["aht_s"]) == (6, D(3) / 5, D(195 + 255 + 70 + 1200) / 4)
    assert (by_key["workload_carried"], by_key["volume_deviation"]) == (None, None)  # of several projects, one of them without a plan


def test_what_reaches_over_midnight_is_cut_there(place: Place) -> None:
    report = made(place, two_days(), last=TUESDAY, project="shop-line")
    assert column(report, "handle_s") == [70 + 600, 600]


def test_the_group_is_occupied_by_all_of_its_projects(place: Place) -> None:
    report = made(place, two_days(), Wanted(By.INTERVAL))
    occupancy = dict(zip(zip(column(report, "project"), starts(report), strict=True), column(report, "group_occupancy"), strict=True))
    busy, available = 10 + 180 + 15 + 30 + 90, 600
    assert occupancy["bank-line", "09:00"] == D(busy) / (busy + available)


def test_prices_are_those_in_force_now(place: Place) -> None:
    assert column(made(place, two_days(site(tariffs=()))), "contacts")
    report = made(place, two_days(site(tariffs=())))
    assert "revenue" not in [one.key for one in report.sections[0].columns]


def test_notes_say_how_good_the_figures_are(place: Place) -> None:
    report = made(place, two_days(), last=TUESDAY, project="bank-line")
    assert report.notes[-6:] == (
        "The store holds what happened until 2026-11-03 00:30; later time is in no figure.",
        "Observed: 16.33\N{NO-BREAK SPACE}% of the time.",
        "Missing in the store: 1230 of 1470 minutes.",
        "Contacts whose end was never known: 0.",
        "Corrections by the logs and the PBX that became known in these days: 1.",
        "Answered contacts on which the work is not wholly known: 0.",
    )


def test_an_empty_store_has_an_empty_report(place: Place) -> None:
    report = made(place, Filled(site()))
    assert all(not section.rows for section in report.sections)
    assert "The store holds nothing yet." in report.notes
    assert all(drawn(report, how) for how in Format)


@pytest.mark.golden
@pytest.mark.parametrize("how", [Format.TABLE, Format.CSV, Format.EXCEL_UK, Format.JSON])
@pytest.mark.parametrize("language", list(Language))
def test_golden(place: Place, golden: Golden, how: Format, language: Language) -> None:
    report = made(place, two_days(site(language=language)), Wanted(By.INTERVAL), last=TUESDAY)
    golden(GOLDEN / f"day.{language.value}.{how.value}", drawn(report, how).decode().replace("\r\n", "\n"))


def test_the_same_store_gives_the_same_bytes(tmp_path: Path) -> None:
    """Whoever sees a row twice sees it once: spans that were told again, in another order."""
    found = []
    for number in range(2):
        filled = two_days()
        if number:
            filled.details.reverse()
        found.append({how: drawn(made(Place(f"sqlite:///{tmp_path}/{number}.db"), filled, last=TUESDAY), how) for how in Format})
    assert found[0] == found[1]


def test_somebody_idle_is_no_interval_of_a_project(place: Place) -> None:
    filled = Filled(site()).observe(at("09:00"), at("10:00")).span("1042", at("09:00"), at("10:00"), State.AVAILABLE)
    assert not made(place, filled).sections[0].rows
