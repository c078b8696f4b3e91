"""The text of plan files: what separates columns, how times and figures are written, and that nothing whatever breaks a reader."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.contract import MINUTE, Contract, Project
from monitor.errors import BadRow, PlanError
from monitor.plan.formats import read_cells, read_text
from monitor.plan.numbers import PLUS, Figures
from monitor.plan.plan import Plan
from monitor.plan.presets import PRESETS
from monitor.plan.profile import Profile
from monitor.plan.records import delimiter_of, records
from monitor.plan.times import RowError, TimeForm

CONTRACT = Contract(interval_us=30 * MINUTE, projects=(Project("bank", "bank", "floor", (), ZoneInfo("Europe/Kyiv")),))
FLAT = Profile({"bank": {(weekday, minute): 1 for weekday in range(7) for minute in range(0, 1440, 30)}})


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("project,interval_start", ","),
        ("\ufeff\r\n\r\nproject;interval_start", ";"),
        ("a\tb\tc,d", "\t"),
        ("#fields:date|period", "|"),
        ("Insurance;20210218 08:00;20210218 08:15;16,5;135,46", ";"),
        ('"a;b;c",d', ","),
        ("sep=;\na,b,c", ";"),
        ("sep=,\na;b;c", ","),
        ("", ","),
        ("one", ","),
    ],
)
def test_the_first_line_says_what_separates_columns(text: str, sign: str) -> None:
    assert delimiter_of(text) == sign


def test_excel_s_own_first_line_is_no_record() -> None:
    assert [*records("sep=;\na;b\n", [], ";")] == [(2, ["a", "b"])]


@pytest.mark.parametrize(
    ("form", "text", "read"),
    [
        ("%Y%m%d %H:%M", "20210218 08:05", (2021, 2, 18, 8, 5)),
        ("%m-%d-%Y", "1-2-2018", (2018, 1, 2)),
        ("%d.%m.%y %I:%M %p", "30.11.26 12:05 am", (2026, 11, 30, 0, 5)),
        ("%d.%m.%y %I:%M %p", "30.11.26 12:05 PM", (2026, 11, 30, 12, 5)),
        ("%d/%m/%Y %H:%M:%S", "5/6/2026 7:08:09", (2026, 6, 5, 7, 8, 9)),
        ("%m%d%Y %H:%M", "1302026 08:05", None),
        ("%Y%m%d", "2021021", None),
        ("%Y-%m-%d", "2021-02-18 ", None),
    ],
)
def test_times_in_a_form_of_one_s_own(form: str, text: str, read: tuple[int, ...] | None) -> None:
    found = TimeForm(form).read(text)
    assert (None if found is None else found.timetuple()[:6]) == (None if read is None else (*read, *[0] * (6 - len(read))))


@pytest.mark.parametrize("form", ["%d.%m", "%Y", "%Y%m%d%", "%Y%m%d %B", "%Y%m%d%d", "2026"])
def test_a_form_that_tells_no_day_is_none(form: str) -> None:
    with pytest.raises(ValueError, match="%"):
        TimeForm(form)


def test_there_is_no_thirteenth_hour_of_twelve() -> None:
    with pytest.raises(ValueError, match=r"hour must be in 1\.\.12"):
        TimeForm("%Y%m%d %I %p").read("20210218 13 pm")


@given(st.datetimes(datetime(1971, 1, 1), datetime(2999, 12, 31)), st.sampled_from(["%Y%m%d%H%M%S", "%d.%m.%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p"]))  # noqa: DTZ001
def test_a_time_is_read_as_it_is_written(moment: datetime, form: str) -> None:
    moment = moment.replace(microsecond=0)
    assert TimeForm(form).read(moment.strftime(form)) == moment


def test_figures_of_several_columns_are_added() -> None:
    assert Figures().number("aht_s", f"1.5{PLUS}2", 10) == 3.5
    with pytest.raises(RowError, match=r"^aht_s 6 \+ 5 is more than 10; "):
        Figures().number("aht_s", f"6{PLUS}5", 10)
    with pytest.raises(RowError, match=r"^aht_s is empty; "):
        Figures().number("aht_s", f"6{PLUS}", 10)


@given(st.text(alphabet='bank,;|\t2026-13T:05Z"\n\r.+ é\x00#fields'), st.sampled_from(sorted(PRESETS)), st.booleans())
def test_no_text_whatever_breaks_a_reader(text: str, preset: str, mapped: bool) -> None:
    mapping = replace(PRESETS[preset], projects={"b": "bank", "a": ""} if mapped else {})
    head = ",".join(str(one) for theirs in mapping.columns.values() for one in theirs) if mapping.header else "bank,20210218 08:00"
    for whole in (text, f"{head}\n{text}", f"{head},{text}"):
        try:
            rows = read_text(whole, CONTRACT, "plan", mapping, FLAT).rows
        except PlanError:
            continue
        assert Plan.of(rows).projects()


@given(st.lists(st.lists(st.text(max_size=12), max_size=8), max_size=6), st.sampled_from(sorted(PRESETS)))
def test_no_cells_whatever_break_a_reader(cells: list[list[str]], preset: str) -> None:
    bad: list[BadRow] = []
    try:
        read_cells(enumerate(cells, 1), bad, CONTRACT, "plan", PRESETS[preset], FLAT)
    except PlanError:
        return
