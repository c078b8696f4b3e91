"""The report of agents: every second of a person once, calls with whoever answered them, and no column that would only say zero."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.contract import MINUTE, SECOND, Language
from monitor.core.snapshot import State
from monitor.outputs.reports import agents
from monitor.outputs.reports.agents import By
from monitor.outputs.reports.asked import silent
from monitor.outputs.reports.formats import Format, drawn
from monitor.outputs.reports.report import Cell, Report
from monitor.state.store import migrations, schema
from monitor.state.store.place import Place
from monitor.state.store.reader import Reader
from monitor.state.store.tally import Tally
from tests.conftest import Golden
from tests.outputs.reports.filled import MONDAY, Filled, asked, at, site, two_days

GOLDEN = Path(__file__).parent / "golden"
TUESDAY = date(2026, 11, 3)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(f"sqlite:///{tmp_path}/floorwatch.db")


def made(place: Place, filled: Filled, by: By = By.SPAN, last: date = TUESDAY) -> Report:
    filled.write(place)
    with asked(place, filled.contract, last=last) as (what, reader):
        return agents.report(what, reader, silent, by)


def by_key(report: Report, row: int) -> dict[str, Cell]:
    (section,) = report.sections
    return dict(zip([one.key for one in section.columns], section.rows[row], strict=True))


def test_a_persons_days_together(place: Place) -> None:
    report = made(place, two_days())
    olena = by_key(report, 1)
    assert by_key(report, 0)["name"] == "=Petro"
    assert olena == {
        "employee_id": "1042",
        "name": "Olena",
        "group": "floor",
        "calls_answered": 2,
        "no_answers": 2,
        "aht_s": Decimal(225),
        "talk_s": 420,
        "hold_s": 0,
        "wrapup_s": 30,
        "ring_s": 40,
        "available_s": 10 * 60 + 27 * 60,
        "paused_s": 1800,
        "pause_lunch_s": 1800,
        "floor_hours": Decimal(420 + 30 + 40 + 37 * 60 + 1800) / 3600,
        "occupancy": Decimal(490) / (490 + 37 * 60),
    }


def test_by_day_a_call_over_midnight_is_cut_and_counted_where_it_was_answered(place: Place) -> None:
    report = made(place, two_days(), By.DAY)
    petro = [by_key(report, number) for number in range(len(report.sections[0].rows)) if by_key(report, number)["employee_id"] == "1043"]
    figures = [(row["date"], row["calls_answered"], row["no_answers"], row["talk_s"]) for row in petro]
    assert figures == [(MONDAY, 2, 0, 60 + 600), (TUESDAY, 0, 1, 600)]


def test_what_is_seldom_has_no_column_where_there_is_none(place: Place) -> None:
    assert not {"offline_s", "other_s"} & {one.key for one in made(place, two_days()).sections[0].columns}


@pytest.mark.parametrize(
    ("since", "by", "known"),
    [
        ("2026-11-02", By.DAY, [0, 1, 2, 3]),
        ("2026-11-02", By.SPAN, [1, 2, 3]),
        ("2026-11-03", By.DAY, [None, 1, None, None]),
        ("2026-11-03", By.SPAN, [None, None, None]),
        ("2026-11-04", By.DAY, [None, None, None, None]),
    ],
)
def test_of_days_that_began_before_rings_were_kept_nobody_knows_who_let_any_pass(place: Place, since: str, by: By, known: list[int | None]) -> None:
    kept = at("00:00", date.fromisoformat(since))
    with place.open(alone=True) as opened, opened.connection.begin():
        migrations.migrate(opened.connection, place.shown)
        opened.connection.execute(schema.meta.insert().values(key=migrations.NO_ANSWERS, value=str(kept)))
    report = made(place, two_days(), by)
    (section,) = report.sections
    assert section.total is not None
    where = [one.key for one in section.columns].index("no_answers")
    assert [row[where] for row in (*section.rows, section.total)] == known
    said = f"Rings let pass are kept by person since {since} 00:00; of days that began before, nobody knows."
    assert (said in report.notes) == (None in known)


@pytest.mark.golden
@pytest.mark.parametrize("how", [Format.TABLE, Format.CSV, Format.EXCEL_UK, Format.JSON])
@pytest.mark.parametrize("language", list(Language))
def test_golden(place: Place, golden: Golden, how: Format, language: Language) -> None:
    report = made(place, two_days(site(language=language)))
    golden(GOLDEN / f"agents.{language.value}.{how.value}", drawn(report, how).decode().replace("\r\n", "\n"))


@given(cuts=st.lists(st.integers(1, 60 * 60 * 30), min_size=2, max_size=30, unique=True), offset=st.integers(0, 86_399))
def test_the_database_adds_up_what_was_there(tmp_path_factory: pytest.TempPathFactory, cuts: list[int], offset: int) -> None:
    """Days of 23, 24 and 25 hours: every microsecond of a person in just one day, as cutting span by span has it."""
    first = date(2026, 10, 24)
    start, states = at("00:00", first) + offset * SECOND - 6 * 60 * MINUTE, [State.TALK, State.AVAILABLE, State.PAUSED]
    moments = [start + cut * 2 * SECOND + cut for cut in sorted(cuts)]
    filled = Filled(site())
    for number, (since, until) in enumerate(pairwise(moments)):
        filled.span("1042", since, until, states[number % 3], reason="lunch" if number % 3 == 2 else "")
    place = Place(f"sqlite:///{tmp_path_factory.mktemp('store')}/floorwatch.db")
    filled.write(place)
    edges = [at("00:00", first + timedelta(days=number)) for number in range(4)]
    expected: dict[tuple[int, str], int] = {}
    for one in filled.details:
        for number, (since, until) in enumerate(pairwise(edges)):
            us = min(one.end, until) - max(one.start, since)  # type: ignore[union-attr]
            if us > 0:
                key = (number, one.state)  # type: ignore[union-attr]
                expected[key] = expected.get(key, 0) + us
    reader = Reader.of(place)
    (found,) = [spent for _, spent in Tally(reader).spent(["1042"], edges)]
    reader.close()
    assert {(one.since, one.state): one.us for one in found if one.us} == expected
