"""The report of corrections: by hand and by the logs, by when they became known or what they are about."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from monitor.core.amendment import CALL, Amendment
from monitor.core.chronicle import Corrected
from monitor.core.contract import Language
from monitor.outputs.reports import corrections
from monitor.outputs.reports.asked import silent
from monitor.outputs.reports.formats import Format, drawn
from monitor.outputs.reports.report import Report
from monitor.state.store.amending import add
from monitor.state.store.closing import CLOSE, PAYROLL, REOPEN, Closing, of_project, write
from monitor.state.store.place import Place
from tests.conftest import Golden
from tests.outputs.reports.filled import MONDAY, asked, at, put_right, site, two_days

GOLDEN = Path(__file__).parent / "golden"
FRIDAY = MONDAY + timedelta(days=4)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """What a log corrected on Monday, of Monday and of the Saturday before; and what people did on Friday, of Monday, and of Friday in December."""
    found = Place(f"sqlite:///{tmp_path}/floorwatch.db")
    filled = two_days()
    saturday = MONDAY - timedelta(days=2)
    told = Corrected(at("11:05"), "pbx1", "shop-line", "visit", "1.7", "other", "abandoned", "queue_log says so", at("23:59", saturday), "queue_log")
    filled.details.append(told)
    filled.write(found)
    put_right(found, "1042", MONDAY, "bank-line", "regular", -90, made_at=at("09:30", FRIDAY), was=490)
    test = Amendment(0, at("09:31", FRIDAY), at("09:10"), "olha", "our own test", CALL, "bank-line", "billed", "test", pbx="pbx1", call="1.1")
    add(found, test, lambda _: test)
    put_right(found, "1043", FRIDAY, "", "downtime", 3_600, made_at=at("09:00", date(2026, 12, 1)))
    return found


def made(place: Place, first: date, last: date, language: Language = Language.ENGLISH) -> Report:
    with asked(place, site(language=language), first, last) as (what, reader):
        return corrections.report(what, reader, silent)


def told(report: Report) -> list[tuple[object, ...]]:
    return [(str(row[0]), str(row[2]), *row[4:]) for row in report.sections[0].rows]


RAW = [
    ("2026-11-02", "2026-11-02", "visit", "bank-line", "pbx1 1.1", "unresolved", "abandoned", "queue_log", "queue_log says so"),
    ("2026-11-02", "2026-10-31", "visit", "shop-line", "pbx1 1.7", "other", "abandoned", "queue_log", "queue_log says so"),
    ("2026-11-06", "2026-11-02", "hours, by hand", "bank-line", "1042, regular", "490 s", "400 s", "olha", "forgot to log in"),
    ("2026-11-06", "2026-11-02", "call, by hand", "bank-line", "pbx1 1.1", "to be paid for", "test call", "olha", "our own test"),
    ("2026-12-01", "2026-11-06", "hours, by hand", "", "1043, downtime", "0 s", "3600 s", "olha", "forgot to log in"),
]


@pytest.mark.parametrize(
    ("first", "last", "which"),
    [
        (date(2026, 11, 1), date(2026, 11, 30), RAW),
        (MONDAY, MONDAY, RAW[:4]),
        (MONDAY - timedelta(days=2), MONDAY - timedelta(days=2), RAW[1:2]),
        (FRIDAY, FRIDAY, RAW[2:]),
        (date(2026, 12, 1), date(2026, 12, 1), RAW[4:]),
        (date(2026, 12, 2), date(2026, 12, 31), []),
    ],
)
def test_what_became_known_in_these_days_and_what_is_about_them(place: Place, first: date, last: date, which: list[tuple[object, ...]]) -> None:
    report = made(place, first, last)
    assert told(report) == which
    by_hand = sum("by hand" in str(row[2]) for row in which)
    assert report.notes[0] == f"By hand: {by_hand}; by the logs and the PBX: {len(which) - by_hand}."


def test_who_closed_a_month_and_why_can_be_read(place: Place) -> None:
    assert [section.key for section in made(place, MONDAY, FRIDAY).sections] == ["corrections"]
    acts = ((1, date(2026, 12, 2), "ann", "it is over", CLOSE), (2, date(2026, 12, 3), "olha", "a day was healed", REOPEN))
    for number, day, who, why, act in acts:
        write(place, Closing("2026-11", of_project("bank-line"), number, at("09:00", day), who, why, act), b"")
    write(place, Closing("2026-11", PAYROLL, 1, at("09:00", date(2026, 12, 4)), "ann", "", CLOSE), b"")
    told = [
        ("2026-12-02", "2026-11", "bank-line", "closed", "ann", "it is over"),
        ("2026-12-03", "2026-11", "bank-line", "opened again", "olha", "a day was healed"),
        ("2026-12-04", "2026-11", "Payroll hours", "closed", "ann", ""),
    ]
    for first, last, which in ((MONDAY, FRIDAY, told), (date(2026, 12, 3), date(2026, 12, 3), told[1:2])):
        assert [(str(row[0]), *row[2:]) for row in made(place, first, last).sections[1].rows] == which


@pytest.mark.golden
@pytest.mark.parametrize("how", [Format.TABLE, Format.CSV, Format.EXCEL_UK, Format.JSON])
@pytest.mark.parametrize("language", list(Language))
def test_golden(place: Place, golden: Golden, how: Format, language: Language) -> None:
    report = made(place, date(2026, 11, 1), date(2026, 11, 30), language)
    golden(GOLDEN / f"corrections.{language.value}.{how.value}", drawn(report, how).decode().replace("\r\n", "\n"))
