"""Signals and regions as they are written: from when to when on whose clock, over a change of the clock too, and one spelling of a region."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config import load
from monitor.config.calendar_file import MOST, day, read_calendar
from monitor.config.regions_file import read_regions
from monitor.core.contract import SECOND, Contract
from monitor.core.regions import Regions
from monitor.core.signals import HOUR_US, Row

KYIV = ZoneInfo("Europe/Kyiv")
BASE = """
[site]
timezone = "Europe/Kyiv"
[[pbx]]
name = "pbx1"
secret_env = "SECRET"
[[project]]
name = "bank-line"
queues = ["bank"]
region = "lviv"
[[project]]
name = "shop-line"
queues = ["shop"]
[plan]
file = ""
"""
Agreed = Callable[..., Contract]


@pytest.fixture
def agreed(tmp_path: Path) -> Agreed:
    def agreed(*tables: str, **files: str | bytes) -> Contract:
        for name, text in files.items():
            (tmp_path / f"{name}.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
        file = tmp_path / "floorwatch.toml"
        file.write_text(BASE + "".join(f"{table}\n" for table in tables), encoding="utf-8")
        return load(file, {"SECRET": "x"}, date(2026, 11, 30)).contract

    return agreed


def rows(text: str, *regions: str) -> tuple[Row, ...]:
    found, flaws = read_calendar(text, "calendar.csv", KYIV, regions)
    assert flaws == []
    return found


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * SECOND


# --- calendars ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "start", "end"),
    [
        ("2026-12-25,2026-12-25", "2026-12-25T00:00+02:00", "2026-12-26T00:00+02:00"),
        ("2026-12-25,", "2026-12-25T00:00+02:00", "2026-12-26T00:00+02:00"),
        ("2026-12-25T18:00,", "2026-12-25T18:00+02:00", "2026-12-26T00:00+02:00"),
        ("2026-12-24,2026-12-26", "2026-12-24T00:00+02:00", "2026-12-27T00:00+02:00"),
        ("2026-12-25,2026-12-25T14:00", "2026-12-25T00:00+02:00", "2026-12-25T14:00+02:00"),
        ("2026-12-25T10:00,2026-12-25", "2026-12-25T10:00+02:00", "2026-12-26T00:00+02:00"),
        ("2026-12-25 10:00:30,2026-12-25T12:00Z", "2026-12-25T10:00:30+02:00", "2026-12-25T14:00+02:00"),
        ("2026-12-25T10:00+01:00,2026-12-25T12:00-05:00", "2026-12-25T11:00+02:00", "2026-12-25T19:00+02:00"),
    ],
)
def test_from_when_to_when(line: str, start: str, end: str) -> None:
    assert rows(f"start,end\n{line}\n") == (Row(at(start), at(end)),)


@pytest.mark.parametrize(("when", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-10-26", 24)])
def test_a_day_of_the_clock_change_has_its_own_length(agreed: Agreed, when: str, hours: int) -> None:
    (row,) = rows(f"start,end\n{when},{when}\n")
    (signal,) = agreed(f'[[signal]]\nname = "a"\nkind = "law"\ndates = [{when}]').signals
    assert row.end - row.start == hours * HOUR_US
    assert signal.calendar == (row,) == (day(date.fromisoformat(when), KYIV),)


def test_an_hour_that_is_there_twice_is_told_apart_by_its_offset() -> None:
    early, late = rows("start,end\n2026-10-25T03:30+03:00,2026-10-25T05:00\n2026-10-25T03:30+02:00,2026-10-25T05:00\n")
    assert (early.end - early.start, late.end - late.start) == (5 * HOUR_US // 2, 3 * HOUR_US // 2)
    for text in ("2026-10-25T03:00", "2026-10-25T03:59", "2026-03-29T03:00", "2026-03-29T03:59"):
        assert len(read_calendar(f"start,end\n{text},2027-01-01\n", "c", KYIV, ())[1]) == 1
    for text in ("2026-10-25T02:59", "2026-10-25T04:00", "2026-03-29T02:59", "2026-03-29T04:00"):
        assert read_calendar(f"start,end\n{text},2027-01-01\n", "c", KYIV, ())[1] == []


@given(st.integers(1_767_225_600 // 60, 1_830_000_000 // 60), st.integers(1, 90_000))
def test_every_hour_of_the_clock_that_is_there_once_is_that_instant(minute: int, minutes: int) -> None:
    """Against the other way round: an instant, shown on the clock, is read back as itself, or refused where the clock shows it twice."""
    start = minute * 60
    local = [datetime.fromtimestamp(second, KYIV) for second in (start, start + minutes * 60)]
    found, flaws = read_calendar(f"start,end\n{local[0]:%Y-%m-%dT%H:%M},{local[1]:%Y-%m-%dT%H:%M}\n", "c", KYIV, ())
    twice = [one for one in local if one.utcoffset() != one.replace(fold=1 - one.fold).utcoffset()]
    if twice:
        assert flaws
        assert not found
    else:
        assert found == (Row(start * SECOND, (start + minutes * 60) * SECOND),)


def test_rows_come_in_the_order_they_begin_each_in_its_region() -> None:
    text = "start;end;region\r\n2026-12-25;;\r\n2026-07-01;2026-07-02;ЛЬВІВ\r\n"
    assert [(row.start, row.region) for row in rows(text, "Львів")] == [(at("2026-07-01T00:00+03:00"), "Львів"), (at("2026-12-25T00:00+02:00"), None)]


def test_more_rows_than_anybody_has_are_refused() -> None:
    text = "start\n" + "2026-12-25\n" * (MOST + 1)
    (flaw,) = read_calendar(text, "c", KYIV, ())[1]
    assert str(flaw) == "there are more than 20,000 rows; leave out what is over, or what no signal is about"


def test_a_list_saved_by_excel_is_read(agreed: Agreed) -> None:
    contract = agreed('[regions]\nfile = "list.csv"\ncountry_code = "380"\ntrunk_prefix = "0"', list="prefix;region\r\n044;Київ\r\n".encode("cp1251"))
    assert contract.regions.prefixes == (("38044", "Київ"),)


# --- regions ------------------------------------------------------------------------------------------------------------------------------


def test_a_region_has_one_spelling_that_of_the_signals(agreed: Agreed) -> None:
    contract = agreed(
        '[[signal]]\nname = "storm"\nkind = "thunderstorm"\nregions = ["Lviv", "Kyiv", "KYIV"]\ncalendar = "days.csv"',
        '[regions]\nfile = "list.csv"',
        list="prefix,region\n044,kyiv\n0 44,KYIV\n032,LVIV\n061,zp\n",
        days="start,end,region\n2026-12-25,,kyiv\n",
    )
    (signal,) = contract.signals
    assert signal.regions == ("Lviv", "Kyiv")
    assert [row.region for row in signal.calendar] == ["Kyiv"]
    assert contract.regions.prefixes == (("032", "Lviv"), ("044", "Kyiv"), ("061", "zp"))
    assert [project.region for project in contract.projects] == ["Lviv", ""]
    assert contract.regions.of(contract.project["shop-line"], "0441234567", "") == "Kyiv"
    assert contract.regions.of(contract.project["bank-line"], "101", "kYIV") == "Kyiv"


def test_what_the_dialplan_may_say_nobody_can_know(agreed: Agreed) -> None:
    contract = agreed('[regions]\nvariable = "REGION"', '[[signal]]\nname = "storm"\nkind = "thunderstorm"\nregions = ["Kyiv"]')
    assert contract.signals[0].regions == ("Kyiv",)
    assert contract.regions.of(contract.project["shop-line"], "", "kyiv") == "Kyiv"


def test_a_prefix_is_the_same_however_it_is_written() -> None:
    found, flaws = read_regions("prefix,region\n+380 44,A\n0044,B\n032,C\n380 (322),D\n", "r", Regions(country_code="380", trunk_prefix="0"))
    assert (found, flaws) == ({"38044": "A", "44": "B", "38032": "C", "380322": "D"}, [])


def test_by_default_there_is_nothing(agreed: Agreed) -> None:
    assert (agreed().signals, agreed().regions) == ((), Regions(known=("lviv",)))
