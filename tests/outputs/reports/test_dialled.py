"""Whom projects have called, as the reports of days and of clients show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from monitor.core.contract import Contract, Language
from monitor.core.outgoing import Outbound
from monitor.core.snapshot import Cell
from monitor.outputs.reports import day
from monitor.outputs.reports.asked import silent
from monitor.outputs.reports.day import By, Wanted
from monitor.outputs.reports.dialled import Dialled
from monitor.outputs.reports.formats import Format, drawn
from monitor.outputs.reports.report import Cell as Shown
from monitor.outputs.reports.report import Report, Section
from monitor.state.store.place import Place
from tests.outputs.reports.filled import MONDAY, Filled, asked, at, site

TUESDAY = date(2026, 11, 3)
D = Decimal
S = 1_000_000
MORNING: Mapping[Cell, int] = {
    Cell.OUT_ATTEMPTS: 20, Cell.OUT_TAKEN: 8, Cell.OUT_CONTACTS: 6, Cell.OUT_DIALING_US: 300 * S, Cell.OUT_TALK_US: 600 * S, Cell.OUT_HOLD_US: 30 * S,
    Cell.OUT_WRAPUP_US: 60 * S, Cell.PLAN_OUT_ATTEMPTS_U: 25 * S, Cell.PLAN_OUT_CONTACTS_U: 7_500_000, Cell.PLAN_OUT_HANDLE_US: 1_125 * S,
}  # fmt: skip
NOON: Mapping[Cell, int] = {Cell.OUT_ATTEMPTS: 10, Cell.OUT_TAKEN: 2, Cell.OUT_CONTACTS: 1, Cell.OUT_DIALING_US: 150 * S, Cell.OUT_TALK_US: 100 * S}
BACK: Mapping[Cell, int] = {Cell.CALLBACK_ATTEMPTS: 2, Cell.CALLBACK_TAKEN: 1, Cell.CALLBACK_CONTACTS: 1, Cell.CALLBACK_TALK_US: 90 * S}


def calling(*, language: Language = Language.ENGLISH) -> Contract:
    """The bank has outbound work, the shop has none."""
    whole = site(language=language)
    bank, shop = whole.projects
    return replace(whole, projects=(replace(bank, outbound=Outbound(contexts=("from-bank",))), shop))


def filled(contract: Contract) -> Filled:
    found = Filled(contract).observe(at("09:00"), at("10:30"))
    found.count("bank-line", at("09:05"), MORNING).count("bank-line", at("10:10"), NOON).count("bank-line", at("10:20"), BACK)
    found.count("bank-line", at("09:00", TUESDAY), NOON)
    return found.count("shop-line", at("09:05"), {Cell.CONTACTS: 1})


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(f"sqlite:///{tmp_path}/floorwatch.db")


def made(place: Place, what: Filled, wanted: Wanted | None = None, last: date = MONDAY) -> Report:
    what.write(place)
    with asked(place, what.contract, last=last) as (question, reader):
        return day.report(question, reader, silent, wanted or Wanted())


def section(report: Report, key: str) -> Section:
    return next(one for one in report.sections if one.key == key)


def column(found: Section, key: str) -> list[Shown]:
    index = [one.key for one in found.columns].index(key)
    return [row[index] for row in found.rows]


def test_a_day_has_its_attempts_beside_what_was_planned(place: Place) -> None:
    report = made(place, filled(calling()), last=TUESDAY)
    assert [one.key for one in report.sections] == ["days", "dialled_days"]
    found = section(report, "dialled_days")
    assert [tuple(row[:3]) for row in found.rows] == [(MONDAY, "bank-line", "outbound"), (MONDAY, "bank-line", "callback"), (TUESDAY, "bank-line", "outbound")]
    assert column(found, "attempts") == [30, 2, 10]
    assert column(found, "taken") == [10, 1, 2]
    assert column(found, "contacts_dialled") == [7, 1, 1]
    assert column(found, "contact_rate") == [D(7) / 30, D("0.5"), D("0.1")]
    assert column(found, "planned_attempts") == [D(25), None, None]
    assert column(found, "planned_contact_rate") == [D("0.3"), None, None]
    assert column(found, "handle_s") == [1240, 90, 250]
    assert column(found, "aht_s") == [D(1240) / 7, D(90), D(250)]
    assert column(found, "planned_handle_s") == [1125, None, None]
    assert found.total is not None
    assert found.total[:6] == ("Total", None, None, 42, 13, 9)
    assert report.notes.count(report.notes[-1]) == 1
    assert any(note.startswith("Calls out: an attempt is a number dialled") for note in report.notes)


def test_one_day_has_its_intervals_too(place: Place) -> None:
    found = section(made(place, filled(calling())), "dialled_intervals")
    assert [f"{one:%H:%M}" for one in column(found, "interval") if isinstance(one, datetime)] == ["09:00", "10:00", "10:00"]
    assert column(found, "direction") == ["outbound", "outbound", "callback"]
    assert column(found, "attempts") == [20, 10, 2]


def test_who_does_not_call_out_has_no_such_table(place: Place) -> None:
    report = made(place, filled(site()), Wanted(By.INTERVAL))
    assert [one.key for one in report.sections] == ["days", "intervals"]
    assert not any("Calls out" in note for note in report.notes)


def test_more_contacts_than_attempts_have_no_rate() -> None:
    assert Dialled(attempts=3, contacts=4).rate is None
    assert Dialled().rate is None


@pytest.mark.parametrize("language", Language)
def test_it_is_drawn_in_every_format_and_language(place: Place, language: Language) -> None:
    report = made(place, filled(calling(language=language)))
    for kind in Format:
        assert drawn(report, kind)
    text = drawn(report, Format.TABLE).decode()
    assert ("Calls out, by day" if language is Language.ENGLISH else "Вихідні дзвінки за днями") in text
