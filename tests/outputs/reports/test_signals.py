"""The report of signals: hours by the project's clock, every attempt once, what is left out said, and a verdict that holds its tongue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from monitor.assess.signals import Hour, association
from monitor.core.contract import Contract, Language
from monitor.core.signals import Signal
from monitor.outputs.reports import signals
from monitor.outputs.reports.asked import silent
from monitor.outputs.reports.formats import Format, drawn
from monitor.outputs.reports.report import Cell, Report
from monitor.state.store.place import Place
from monitor.state.store.reader import Reader
from monitor.state.store.tally import HOUR, Tally, Tried
from tests.assess.storms import binomial
from tests.conftest import Golden
from tests.outputs.reports.dialled import DAYS, LAW, STORM, Tries, moment, put, weeks
from tests.outputs.reports.filled import MONDAY, asked, at, site

GOLDEN = Path(__file__).parent / "golden"
LAST = MONDAY + timedelta(days=DAYS - 1)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(f"sqlite:///{tmp_path}/floorwatch.db")


def made(place: Place, contract: Contract | None = None, first: date = MONDAY, last: date = LAST, project: str = "") -> Report:
    with asked(place, contract or site(), first, last, project) as (what, reader):
        return signals.report(what, reader, silent)


def of(place: Place, tries: Sequence[Tries], contract: Contract | None = None, last: date = LAST) -> Report:
    put(place, contract or site(), tries)
    return made(place, contract, last=last)


def table(report: Report, key: str) -> list[dict[str, Cell]]:
    (section,) = [one for one in report.sections if one.key == key]
    return [dict(zip([column.key for column in section.columns], row, strict=True)) for row in section.rows]


def test_a_signal_is_found_where_it_is_and_nowhere_else(place: Place) -> None:
    weeks(site(), place)
    rows = table(made(place), "signals")
    assert [(row["signal"], row["project"], row["verdict"]) for row in rows] == [
        (LAW, "shop-line", "not found"),
        (STORM, "bank-line", "found: worse"),
        (STORM, "shop-line", "not enough data"),
    ]


def test_the_printed_strata_as_a_report(place: Place) -> None:
    """Two days of four strata halves: too little to judge, and yet every figure of it."""
    tuesday = MONDAY + timedelta(days=1)
    tries = [
        *(Tries("bank-line", moment(MONDAY, 9), 150, 30, STORM), Tries("bank-line", moment(tuesday, 9), 250, 70)),
        *(Tries("bank-line", moment(MONDAY, 10), 250, 54, STORM), Tries("bank-line", moment(tuesday, 10), 150, 50)),
        *(Tries("bank-line", moment(tuesday, 11), 10, 9), Tries("bank-line", moment(tuesday, 12), 7, 1, STORM)),
    ]
    (row,) = table(of(place, tries), "signals")
    z, p, low, high, points = (row.pop(key) for key in ("z", "p", "low_points", "high_points", "difference_points"))
    assert row == {
        "signal": STORM,
        "project": "bank-line",
        "attempts_on": 400,
        "contacts_on": 84,
        "rate_on": Decimal("0.21"),
        "attempts_off": 400,
        "contacts_off": 120,
        "rate_off": Decimal("0.3"),
        "verdict": "not enough data",
        "needed": 858,
        "left_out_attempts": 17,
        "dispersion": None,
    }
    assert isinstance(z, Decimal)
    assert isinstance(p, Decimal)
    assert float(z) == pytest.approx(-3.096050, abs=6e-7)
    assert float(p) == pytest.approx(0.0019612, abs=5e-8)
    seen = association([Hour("", 0, 9, True, 150, 30), Hour("", 1, 9, False, 250, 70), Hour("", 0, 10, True, 250, 54), Hour("", 1, 10, False, 150, 50)])
    assert [points, low, high] == [100 * Decimal(repr(each)) for each in (seen.difference, *(seen.interval() or ()))]


def test_an_hour_that_differs_in_other_signals_is_one_hour(place: Place) -> None:
    tries = [Tries("bank-line", moment(MONDAY, 9, minute), 30, 10, names) for minute, names in ((0, ""), (5, LAW), (10, STORM), (15, f"{LAW},{STORM}"))]
    law, storm = table(of(place, tries), "signals")
    assert [law["attempts_on"], law["attempts_off"], storm["attempts_on"], storm["attempts_off"]] == [60] * 4


def test_hours_are_those_of_the_projects_clock(place: Place) -> None:
    """Kolkata is half an hour beside the hours of UTC: 9:50 and 10:10 there are two strata, 9:10 and 9:50 one."""
    contract = site()
    contract = replace(contract, projects=tuple(replace(one, zone=ZoneInfo("Asia/Kolkata")) for one in contract.projects))
    nine = contract.projects[0].starts_on(MONDAY) + 9 * HOUR
    minute = HOUR // 60
    tries = [
        *(Tries("bank-line", nine + 10 * minute, 20, 5, STORM), Tries("bank-line", nine + 50 * minute, 20, 5)),
        Tries("bank-line", nine + 70 * minute, 11, 5),
    ]
    (row,) = table(of(place, tries, contract), "signals")
    assert (row["attempts_on"], row["attempts_off"], row["left_out_attempts"]) == (20, 20, 11)


def test_the_night_the_clock_is_put_back(place: Place) -> None:
    """Three o'clock comes twice, once with a storm: one stratum, and hours after it are where the clock has them."""
    sunday = date(2026, 10, 25)
    tries = [
        *(Tries("bank-line", at("03:30", sunday), 10, 3, STORM), Tries("bank-line", at("03:30", sunday, fold=1), 12, 3)),
        *(Tries("bank-line", at("09:10", sunday), 15, 3, STORM), Tries("bank-line", at("09:10", MONDAY), 16, 3)),
    ]
    put(place, site(), tries)
    (row,) = table(made(place, first=sunday), "signals")
    assert (row["attempts_on"], row["attempts_off"], row["left_out_attempts"]) == (25, 28, 0)


def test_what_nobody_knows_is_in_no_rate(place: Place) -> None:
    tries = [
        *(Tries("bank-line", moment(MONDAY, 9), 10, 4), Tries("bank-line", moment(MONDAY, 9), 5, 2, status="unknown", region=None)),
        Tries("bank-line", moment(MONDAY, 9), 7, 7, direction="callback"),
    ]
    report = of(place, tries)
    (row,) = table(report, "projects")
    assert row == {
        "project": "bank-line",
        "attempts": 15,
        "unresolved_attempts": 3,
        "contacts_reached": 6,
        "contact_rate": Decimal(6) / 12,
        "region_unknown": 5,
        "region_unknown_share": Decimal(5) / 15,
    }
    assert "No attempt of these days was made while a signal was on." in report.notes
    assert "Region unknown: 33.33\N{NO-BREAK SPACE}% of the attempts, 5." in report.notes
    assert "Attempts of which nobody knows how they ended, in no rate: 3." in report.notes


def test_where_nobody_knows_the_region_nobody_knows_whether_a_signal_of_regions_was_on(place: Place) -> None:
    """The storm is on in Kyiv alone, the law everywhere."""
    tuesday = MONDAY + timedelta(days=1)
    tries = [
        Tries("bank-line", moment(tuesday, 9), 30, 4),
        *(Tries("bank-line", moment(MONDAY, 9), 10, 4, STORM), Tries("bank-line", moment(MONDAY, 9), 20, 4, region="Lviv")),
        *(Tries("bank-line", moment(MONDAY, 9), 40, 4, region=None), Tries("bank-line", moment(tuesday, 9), 80, 4, LAW, region=None)),
    ]
    law, storm = table(of(place, tries), "signals")
    assert (law["attempts_on"], law["attempts_off"], law["left_out_attempts"]) == (80, 100, 0)
    assert (storm["attempts_on"], storm["attempts_off"], storm["left_out_attempts"]) == (10, 30, 140)


def test_a_region_in_which_fewer_answer_at_any_time_is_no_storm(place: Place) -> None:
    """Kyiv answers less than Lviv, storm or not, and storms are in Kyiv alone: what is held against the other region would be found without fail."""
    random = Random(5)
    tries = []
    for number in range(DAYS):
        day = MONDAY + timedelta(days=number)
        for hour in range(9, 15):
            stormy = STORM if number % 3 == 1 else ""
            tries.append(Tries("bank-line", moment(day, hour), 60, binomial(random, 60, 0.2), stormy))
            tries.append(Tries("bank-line", moment(day, hour), 60, binomial(random, 60, 0.3), region="Lviv"))
    (row,) = table(of(place, tries), "signals")
    assert row["verdict"] == "not found"
    assert row["left_out_attempts"] == DAYS * 6 * 60
    assert isinstance(row["z"], Decimal)
    assert abs(row["z"]) < 2


def test_what_is_configured_everywhere_is_off_for_calls_of_which_nobody_knows_where_they_went(place: Place) -> None:
    tuesday = MONDAY + timedelta(days=1)
    tries = [Tries("bank-line", moment(MONDAY, 9), 10, 4, LAW), Tries("bank-line", moment(tuesday, 9), 20, 4, region=None)]
    (row,) = table(of(place, tries, replace(site(), signals=(Signal(LAW, "law"),))), "signals")
    assert (row["attempts_on"], row["attempts_off"], row["left_out_attempts"]) == (10, 20, 0)


def test_days_are_those_asked_for(place: Place) -> None:
    tries = [Tries("bank-line", at("00:00"), 3, 1), Tries("bank-line", at("00:00") - 1, 5, 1), Tries("bank-line", at("00:00") + 24 * HOUR, 7, 1)]
    assert table(of(place, tries, last=MONDAY), "projects")[0]["attempts"] == 3


def test_no_attempts_at_all(place: Place) -> None:
    report = of(place, [])
    assert [section.rows for section in report.sections] == [(), ()]
    assert report.notes[0] == "There were no outbound attempts in these days."


def test_the_last_line_is_that_it_is_no_cause(place: Place) -> None:
    weeks(site(), place)
    for how in (Format.TABLE, Format.EXCEL_UK):
        last = drawn(made(place), how).decode().splitlines()[-1].strip('"')
        assert last == "A difference that is found is an association: it does not say that the signal is its cause."


def test_of_one_project_only_its_own_tests_are_counted(place: Place) -> None:
    weeks(site(), place)
    report = made(place, project="shop-line")
    assert [(row["signal"], row["project"]) for row in table(report, "signals")] == [(LAW, "shop-line"), (STORM, "shop-line")]
    assert any("(1 of 2)" in note for note in report.notes)
    assert any("(2 of 3)" in note for note in made(place).notes)


def test_the_database_adds_up_by_hours_from_the_first_day_on(place: Place) -> None:
    start = at("00:00")
    put(
        place, site(), [Tries("bank-line", start + 90 * HOUR // 60, 4, 1, STORM, region=None), Tries("shop-line", start, 2, 1), Tries("bank-line", start, 3, 2)]
    )
    reader = Reader.of(place, current=True)
    found = Tally(reader).attempts("bank-line", start, start + 24 * HOUR)
    reader.close()
    assert found == [Tried(start, "", "Kyiv", 3, 2, 0), Tried(start + HOUR, STORM, None, 4, 1, 0)]


def test_a_workbook_has_numbers(place: Place) -> None:
    weeks(site(), place)
    book = load_workbook(BytesIO(drawn(made(place), Format.XLSX)))
    assert book.sheetnames == ["With each signal and without", "Attempts", "Notes"]
    titles, *rows = book.worksheets[0].iter_rows()
    p = [cell.value for cell in titles].index("p")
    assert [(type(row[p].value), row[p].number_format) for row in rows] == [(float, "0.0000")] * 3
    assert min(float(str(row[p].value)) for row in rows) < 1e-9


@pytest.mark.golden
@pytest.mark.parametrize("how", [Format.TABLE, Format.CSV, Format.EXCEL_UK, Format.JSON])
@pytest.mark.parametrize("language", list(Language))
def test_golden(place: Place, golden: Golden, how: Format, language: Language) -> None:
    contract = site(language=language)
    weeks(contract, place)
    golden(GOLDEN / f"signals.{language.value}.{how.value}", drawn(made(place, contract), how).decode().replace("\r\n", "\n"))
