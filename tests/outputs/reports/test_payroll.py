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
from monitor.core.contract import MINUTE, SECOND, Language
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
from tests.outputs.reports.filled import KYIV, MONDAY, Filled, asked, at, site, two_days

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
