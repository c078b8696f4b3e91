"""The report of payroll: the columns a payroll expects, the timesheet of the order, and no second lost by joining."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.assess.payroll import payroll as reckoned
from monitor.core.chronicle import AgentSpan
from monitor.core.contract import MINUTE, SECOND, Contract, Language
from monitor.core.incidents import Incident, IncidentKind, Scope
from monitor.core.pay import HOUR_US, Multipliers
from monitor.core.snapshot import State
from monitor.outputs.reports import payroll
from monitor.outputs.reports.asked import silent
from monitor.outputs.reports.formats import Format, drawn
from monitor.outputs.reports.payroll import Layout, joined
from monitor.outputs.reports.report import Report
from monitor.state.store.place import Place
from tests.conftest import Golden
from tests.outputs.reports.filled import KYIV, MONDAY, Filled, asked, at, put_right, site, two_days

GOLDEN = Path(__file__).parent / "golden"
NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(f"sqlite:///{tmp_path}/floorwatch.db")


def made(place: Place, filled: Filled, layout: Layout = Layout.ROWS) -> Report:
    filled.write(place)
    with asked(place, filled.contract, *NOVEMBER) as (what, reader):
        return payroll.report(what, reader, silent, layout)


def test_the_columns_are_those_a_payroll_expects(place: Place) -> None:
    text = drawn(made(place, two_days()), Format.CSV).decode()
    head, first, *_ = text.splitlines()
    assert head == "employee_id,date,project,class,seconds,hours_decimal,first_login,last_logout,corrections"
    assert first == "1042,2026-11-02,,regular,2220,0.62,2026-11-02T09:00+02:00,2026-11-02T10:30+02:00,"


def test_classes_days_and_projects(place: Place) -> None:
    rows = made(place, two_days()).sections[0].rows
    assert [row[:5] for row in rows] == [
        ("1042", date(2026, 11, 2), "", "regular", 2220),
        ("1042", date(2026, 11, 2), "", "unpaid_break", 1800),
        ("1042", date(2026, 11, 2), "bank-line", "regular", 490),
        ("1043", date(2026, 11, 2), "shop-line", "night", 600),
        ("1043", date(2026, 11, 2), "shop-line", "regular", 75),
        ("1043", date(2026, 11, 3), "shop-line", "night", 600),
    ]


def test_the_timesheet_has_a_column_per_day_and_adds_up(place: Place) -> None:
    report = made(place, two_days(site(language=Language.UKRAINIAN)), Layout.P5)
    (section,) = report.sections
    keys = [one.key for one in section.columns]
    assert [key for key in keys if key.startswith("day_")] == [f"day_{number:02}" for number in range(1, 31)]
    petro = dict(zip(keys, section.rows[0], strict=True))
    assert (petro["day_02"], petro["day_03"], petro["day_04"]) == ("Р 0,02 РН 0,17", "РН 0,17", "")
    assert (petro["days_worked"], petro["hours_total"], petro["hours_night"]) == (2, Decimal("0.36"), Decimal("0.34"))


# --- put right by hand ----------------------------------------------------------------------------------------------------------------


def amended(place: Place, layout: Layout, contract: Contract | None = None) -> Report:
    """Two days, with hours added and taken away, and an hour of somebody whom the floor did not see at all."""
    filled = two_days(contract)
    filled.write(place)
    for seconds in (-420, 3_600, -1_800):
        put_right(place, "1042", MONDAY, "", "regular", seconds)
    put_right(place, "1043", date(2026, 11, 3), "shop-line", "night", -600)
    put_right(place, "1043", date(2026, 11, 30), "", "downtime", 5_400)
    put_right(place, "1050", date(2026, 11, 4), "bank-line", "overtime", 3_600)
    put_right(place, "1050", date(2026, 12, 1), "bank-line", "overtime", 3_600)  # of another month
    with asked(place, filled.contract, *NOVEMBER) as (what, reader):
        return payroll.report(what, reader, silent, layout)


def test_what_was_put_right_is_in_the_hours_and_in_the_column(place: Place) -> None:
    report = amended(place, Layout.ROWS)
    rows = [(*(str(cell) for cell in row[:3]), row[3], row[4], row[6] is not None, row[8]) for row in report.sections[0].rows]
    assert rows == [
        ("1042", "2026-11-02", "", "regular", 2220 + 1380, True, 3),
        ("1042", "2026-11-02", "", "unpaid_break", 1800, True, None),
        ("1042", "2026-11-02", "bank-line", "regular", 490, True, None),
        ("1043", "2026-11-02", "shop-line", "night", 600, True, None),
        ("1043", "2026-11-02", "shop-line", "regular", 75, True, None),
        ("1043", "2026-11-03", "shop-line", "night", 0, True, 1),
        ("1043", "2026-11-30", "", "downtime", 5400, False, 1),
        ("1050", "2026-11-04", "bank-line", "overtime", 3600, False, 1),
    ]
    assert "Corrections of hours by hand, of these days: 6." in report.notes
    lines = drawn(report, Format.CSV).decode().splitlines()
    assert lines[1] == "1042,2026-11-02,,regular,3600,1.00,2026-11-02T09:00+02:00,2026-11-02T10:30+02:00,3"
    assert lines[-1] == "1050,2026-11-04,bank-line,overtime,3600,1.00,,,1"


def test_the_timesheet_has_it_too(place: Place) -> None:
    report = amended(place, Layout.P5)
    (section,) = report.sections
    keys = [one.key for one in section.columns]
    by_person = {str(row[0]): dict(zip(keys, row, strict=True)) for row in section.rows}
    assert {person: (row["days_worked"], row["hours_total"]) for person, row in by_person.items()} == {
        "1042": (1, Decimal("1.14")),
        "1043": (2, Decimal("1.69")),
        "1050": (1, Decimal("1.00")),
    }
    assert (by_person["1042"]["day_02"], by_person["1043"]["day_03"], by_person["1043"]["day_30"]) == ("Р 1.14", "", "П 1.50")
    assert (by_person["1050"]["day_04"], by_person["1050"]["hours_overtime"], by_person["1050"]["name"]) == ("НУ 1.00", Decimal("1.00"), "")
    assert "Corrections of hours by hand, of these days: 6." in report.notes


def test_hours_added_to_a_long_day_are_of_the_class_that_was_said(place: Place) -> None:
    """What is overtime the floor says by the order things came in; by hand somebody says it, and nothing else of the day moves."""
    pay = replace(site().pay, multipliers=replace(site().pay.multipliers, overtime=Decimal("1.5"), overtime_after_us=HOUR_US // 2))
    contract = replace(site(), pay=pay)
    filled = two_days(contract)
    filled.write(place)

    def rows() -> list[tuple[object, ...]]:
        with asked(place, contract, *NOVEMBER) as (what, reader):
            return [(*row[:5], row[8]) for row in payroll.report(what, reader, silent, Layout.ROWS).sections[0].rows]

    before = rows()
    assert {"overtime", "regular"} <= {row[3] for row in before}
    put_right(place, "1042", MONDAY, "", "regular", 7_200)
    changed = [(was, now) for was, now in zip(before, rows(), strict=True) if was != now]
    ((was, now),) = changed
    assert (was[:4], now[4], now[5]) == (("1042", MONDAY, "", "regular"), was[4] + 7_200, 1)  # type: ignore[operator]


@pytest.mark.golden
@pytest.mark.parametrize("how", [Format.TABLE, Format.CSV, Format.EXCEL_UK, Format.JSON])
@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize("language", list(Language))
def test_golden(place: Place, golden: Golden, how: Format, layout: Layout, language: Language) -> None:
    report = made(place, two_days(site(language=language)), layout)
    golden(GOLDEN / f"payroll-{layout.value}.{language.value}.{how.value}", drawn(report, how).decode().replace("\r\n", "\n"))


SPANS = st.lists(
    st.tuples(
        st.integers(1, 200 * MINUTE),
        st.sampled_from(list(State)),
        st.sampled_from(["bank-line", "shop-line", None]),
        st.sampled_from(["", "lunch", "break"]),
        st.booleans(),
    ),
    max_size=30,
)


@given(drawn_spans=SPANS)
def test_joining_pays_nobody_more_or_less(drawn_spans: list[tuple[int, State, str | None, str, bool]]) -> None:
    spans, moment = [], at("20:00")
    for length, state, project, reason, gap in drawn_spans:
        moment += MINUTE if gap else 0
        spans.append(AgentSpan("1042", moment, moment + length, "floor", state.value, project, reason if state is State.PAUSED else ""))
        moment += length
    rows = [(one.start, one.end, one.group, one.state, one.project, one.reason) for one in spans]
    joined_up = list(joined("1042", rows, at("20:00"), moment))
    assert reckoned(site(), joined_up) == reckoned(site(), spans)
    assert len(joined_up) <= len(spans)


TUESDAY = MONDAY + timedelta(days=1)
RAID = Incident("1", IncidentKind.AIR_RAID, Scope(), at("23:07"), at("02:10", TUESDAY))


@settings(max_examples=30)
@given(drawn_spans=SPANS, limit=st.sampled_from([None, HOUR_US, 8 * HOUR_US]), since=st.sampled_from([MONDAY, TUESDAY]))
def test_the_database_adds_up_what_one_by_one_is(drawn_spans: list[tuple[int, State, str | None, str, bool]], limit: int | None, since: date) -> None:
    pay = Multipliers(night=Decimal("1.2"), overtime=Decimal("1.5"), overtime_after_us=limit, downtime_kinds=frozenset({"air_raid"}))
    contract = replace(site(), pay=replace(site().pay, multipliers=pay), incidents=(RAID,))
    filled, moment = Filled(contract), at("18:00")
    for length, state, project, reason, gap in drawn_spans:
        moment += MINUTE if gap else 0
        filled.details.append(AgentSpan("1042", moment, moment + length, "floor", state.value, project, reason if state is State.PAUSED else ""))
        moment += length
    start, end = at("00:00", since), at("00:00", since + timedelta(days=3))
    spans = [one._replace(start=max(start, one.start), end=min(end, one.end)) for one in filled.details if isinstance(one, AgentSpan)]
    with tempfile.TemporaryDirectory() as folder:
        place = Place(f"sqlite:///{folder}/floorwatch.db")
        filled.write(place)
        with asked(place, contract, since, since + timedelta(days=2)) as (what, reader):
            rows = payroll.report(what, reader, silent, Layout.ROWS).sections[0].rows
    expected = reckoned(contract, spans, [RAID])
    assert [(*row[:4], row[5]) for row in rows] == [(one.person, one.day, one.project, one.kind.value, one.hours) for one in expected]
    assert [row[4] for row in rows] == [one.seconds for one in expected]
    for column, moments in ((6, [one.first_login for one in expected]), (7, [one.last_logout for one in expected])):
        assert [row[column] for row in rows] == [None if each is None else datetime.fromtimestamp(each // SECOND, KYIV) for each in moments]
