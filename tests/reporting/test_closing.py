"""What a closed month goes on showing, what is told beside it, and who is forgotten in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from monitor.core.amendment import Amendment
from monitor.errors import BadOption
from monitor.outputs.reports import payroll as hours
from monitor.outputs.reports.report import Report
from monitor.reporting import amending, making
from monitor.reporting.statements import Whose
from monitor.reporting.wish import Wish
from monitor.state.store import forgetting
from monitor.state.store.amending import add
from monitor.state.store.closing import PAYROLL, archive, of_project
from tests.reporting.asking import BANK, LATER, acts, billing, client, close, correct_call, correct_hours, id_of, keys, payroll, table, worked
from tests.reporting.centre import BY_CALL, Centre, at, call, corrected, seen


def test_a_closed_month_stays_as_it_was_and_says_what_became_known(centre: Centre) -> None:
    before = client(centre)
    assert close(centre, project="bank-line") == ["bank-line: 2026-11-01 - 2026-11-30: 1.80 UAH", "2026-11: closed by ann"]
    centre.store([call("bank-line", "2026-11-20 09:00:00"), corrected("bank-line", "2026-12-02 11:00:00", "2026-11-20 09:00:00")])
    report = client(centre, now=LATER)
    frozen = {section["key"]: section for section in report["sections"]}
    for section in before["sections"]:
        assert frozen[section["key"]] == section
    changes = {row["kind"]: (row["frozen"], row["now"], row["difference"]) for row in frozen["changes_bank-line"]["rows"]}
    assert changes["Calls, UAH"] == ("1.80", "2.70", "0.90")
    assert changes["Contacts"] == ("5", "6", "1")
    (why,) = frozen["corrections_bank-line"]["rows"]
    assert (why["date"], why["was"], why["is_now"], why["by"], why["why"]) == ("2026-12-02", "unresolved", "answered", "queue_log", "queue_log says so")
    assert "bank-line, 2026-11: closed on 2026-12-02 10:00 (closing 1); the figures are those of that moment." in report["notes"]
    assert table(billing(centre, now=LATER), "total_bank-line")[0]["amount"] == "1.80"


def test_what_is_corrected_of_another_month_is_not_told_beside_it(centre: Centre) -> None:
    close(centre, project="bank-line")
    centre.store([call("bank-line", "2026-11-03 09:00:00"), corrected("bank-line", "2026-12-15 12:00:00", "2026-12-15 11:00:00")])
    found = keys(client(centre, now=LATER))
    assert "changes_bank-line" in found
    assert "corrections_bank-line" not in found


def test_what_was_corrected_before_it_was_closed_is_in_it(centre: Centre) -> None:
    centre.store([corrected("bank-line", "2026-12-02 09:00:00", "2026-11-20 09:00:00"), corrected("shop-line", "2026-12-02 11:00:00", "2026-11-20 09:00:00")])
    close(centre, project="bank-line")
    assert "corrections_bank-line" not in keys(client(centre, now=LATER))


def test_who_opened_it_and_why_is_a_correction_too(centre: Centre) -> None:
    close(centre, project="bank-line")
    centre.store([call("bank-line", "2026-11-20 09:00:00"), corrected("bank-line", "2026-12-02 11:00:00", "2026-11-20 09:00:00")])
    close(centre, at("2026-12-03 10:00:00"), project="bank-line", reopen=True, why="a call was missing", who="olha")
    close(centre, at("2026-12-03 11:00:00"), project="bank-line")
    report = client(centre, now=LATER)
    assert "changes_bank-line" not in keys(report)
    told = [(row["date"], row["kind"], row["was"], row["is_now"], row["by"], row["why"]) for row in table(report, "corrections_bank-line")]
    assert told == [
        ("2026-12-02", "visit", "unresolved", "answered", "queue_log", "queue_log says so"),
        ("2026-12-03", "opened again", "closed", "open", "olha", "a call was missing"),
    ]


def test_some_days_of_a_closed_month_are_not_shown_as_if_they_were_it(centre: Centre) -> None:
    close(centre, project="bank-line")
    said = r"^--from 2026-11-05: bank-line, 2026-11-01 - 2026-11-30: is closed and shown as it was sent, whole; give --month 2026-11$"
    with pytest.raises(BadOption, match=said):
        client(centre, wish=Wish("2026-11-05", "2026-11-06", format="json"))
    whole = client(centre, wish=Wish("2026-10-30", "2026-11-30", format="json"))
    assert len(table(whole, "days_bank-line_2026-11")) == 30
    assert table(billing(centre, wish=Wish("2026-11-05", "2026-11-06", format="json")), "total_bank-line")[0]["amount"] == "1.80"
    assert len(table(client(centre, Whose(client="Shop"), Wish("2026-11-05", "2026-11-06", format="json")), "days_shop-line")) == 2


def test_a_closed_month_can_be_had_when_its_rows_are_gone(centre: Centre) -> None:
    close(centre, project="bank-line")
    report = client(centre, now=at("2031-12-02 10:00:00"))
    assert "bank-line: not compared with what is known today: the store does not go back so far any more" in report["notes"]
    assert table(report, "bill_bank-line")[0]["amount"] == "1.80"
    assert not [key for key in keys(report) if key.startswith("changes")]


def test_names_are_not_in_a_closed_annex(centre: Centre) -> None:
    close(centre)
    report = billing(centre, Whose(client="Bank", names=True))
    assert [row["agent"] for row in table(report, "calls_bank-line")] == ["floor 1", "floor 2"]
    assert "these figures were frozen when the month was closed; --names has no effect on them." in report["notes"]


def test_a_report_of_one_project_reads_its_own_archive_only(centre: Centre) -> None:
    close(centre)
    with making.reading(centre.config) as reader:
        (act,) = acts(centre, of_project("bank-line"))
        said = json.loads(archive(reader, act).text)
    assert "shop" not in json.dumps(said)
    assert {*said} == {"format", "first", "last", "figures", "client", "billing"}


# --- payroll ------------------------------------------------------------------------------------------------------------------------


def test_hours_are_frozen_with_the_month_of_everybody(centre: Centre) -> None:
    (centre.file.parent / "agents.csv").write_text("employee_id,name,interfaces\n7,Olha Bondar,PJSIP/7\n")
    centre.file.write_text(centre.file.read_text() + '[agents]\nfile = "agents.csv"\n')
    centre.store([worked("2026-11-02"), worked("2026-11-02", "1042")])
    before, sheet = payroll(centre), payroll(centre, "p5")
    assert close(centre)[-2:] == ["payroll: frozen too", "2026-11: closed by ann"]
    assert payroll(centre)["notes"][-1].startswith("Closed on 2026-12-02 10:00 by ann (closing 1)")
    centre.store([worked("2026-11-03")])
    after = payroll(centre)
    assert after["sections"] == before["sections"]
    assert after["notes"][-2:] == [
        "Closed on 2026-12-02 10:00 by ann (closing 1); the hours are those of that moment.",
        "Rows that are otherwise today: 1; they stay as they were closed, unless the month is opened and closed again.",
    ]
    assert payroll(centre, "p5")["sections"] == sheet["sections"]
    assert "Olha" in json.dumps(sheet)
    with making.reading(centre.config) as reader:
        assert b"Olha" not in archive(reader, acts(centre, PAYROLL)[0]).text
    close(centre, project="shop-line", reopen=True, why="one project alone")
    assert payroll(centre)["sections"] == before["sections"]
    close(centre, payroll=True, reopen=True, why="an hour was missing")
    assert payroll(centre)["sections"] != before["sections"]
    assert close(centre, payroll=True) == ["payroll: frozen", "2026-11: closed by ann"]


def test_who_is_forgotten_is_in_no_archive(centre: Centre) -> None:
    centre.store([worked("2026-11-02")])
    close(centre)
    frozen = payroll(centre)["sections"][0]["rows"]
    assert forgetting.forget(centre.place, "7")["closings"] == 1
    with making.reading(centre.config) as reader:
        found = archive(reader, acts(centre, PAYROLL)[0])
    assert b'"s7"' not in found.text
    assert all(one.startswith("forgotten-") for one in found.people)
    (row,) = payroll(centre)["sections"][0]["rows"]
    assert row["employee_id"].startswith("forgotten-")
    assert {**row, "employee_id": "7"} == frozen[0]


@pytest.mark.parametrize("person", ["7", "1042", "0"])
def test_forgetting_leaves_figures_and_digits_that_look_like_the_person(tmp_path: Path, person: str) -> None:
    centre = Centre(tmp_path)
    calls = [call("bank-line", f"2026-11-02 09:0{n}:00", agent=person, number=n, digits="1042") for n in range(7)]
    centre.store([*calls, worked("2026-11-03", person)], [*seen("bank-line", "2026-11-01", 30), *seen("shop-line", "2026-11-01", 30)])
    close(centre)
    before = client(centre), billing(centre)
    forgetting.forget(centre.place, person)
    assert (client(centre), billing(centre)) == before
    assert table(before[1], "calls_bank-line")[0]["digits"] == "1042"
    assert table(payroll(centre), "payroll")[0]["employee_id"].startswith("forgotten-")


# --- put right by hand --------------------------------------------------------------------------------------------------------------

TEN = "2026-11-02 10:00:00"


def test_a_bill_that_is_closed_stays_and_lists_the_call_that_was_put_right(centre: Centre) -> None:
    correct_call(centre, id_of("2026-11-02 11:00:00"), at("2026-12-01 10:00:00"), bill=True, why="before it was closed")
    centre.store([call("bank-line", "2026-10-20 09:00:00")])
    close(centre)
    correct_call(centre, id_of("2026-10-20 09:00:00"), at("2026-12-05 12:00:00"), exempt="test", why="of another month")
    before = client(centre), billing(centre)
    told = correct_call(centre, id_of(TEN), at("2026-12-05 12:30:00"), exempt="test")
    assert told[1:] == ["bank-line: 2026-11 is closed, by ann: its figures stay as they are, and this is listed beside them"]
    for was, report in zip(before, (client(centre, now=LATER), billing(centre, now=LATER)), strict=True):
        assert report["sections"][: len(was["sections"])] == was["sections"]
        changes = {row["kind"]: (row["frozen"], row["now"], row["difference"]) for row in table(report, "changes_bank-line")}
        assert changes == {"Calls, UAH": ("2.70", "1.80", "-0.90"), "Billed calls": ("3", "2", "-1"), "Total without VAT, UAH": ("2.70", "1.80", "-0.90")}
        (row,) = table(report, "corrections_bank-line")
        assert (row["date"], row["time"][11:16], row["kind"]) == ("2026-12-05", "12:30", f"call of {TEN}")
        assert (row["was"], row["is_now"], row["by"], row["why"]) == ("to be paid for", "test call", "olha", "we called it ourselves")
    assert correct_call(centre, id_of(TEN), at("2026-12-06 12:30:00"), bill=True)[1:] == told[1:]
    report = billing(centre, now=LATER)
    assert "changes_bank-line" not in keys(report), "it is as it was"
    assert [(row["was"], row["is_now"]) for row in table(report, "corrections_bank-line")] == [("to be paid for", "test call"), ("test call", "to be paid for")]
    assert not [key for key in keys(billing(centre, Whose(client="Shop"), now=LATER)) if key.startswith(("changes", "corrections"))]


def test_a_month_that_is_opened_and_closed_again_has_what_was_put_right(centre: Centre) -> None:
    close(centre, project="bank-line")
    correct_call(centre, id_of(TEN), at("2026-12-05 12:30:00"), exempt="test")
    close(centre, at("2026-12-06 10:00:00"), project="bank-line", reopen=True, why="a test call")
    close(centre, at("2026-12-06 11:00:00"), project="bank-line")
    report = billing(centre, now=LATER)
    assert table(report, "total_bank-line")[0]["amount"] == "0.90"
    assert "changes_bank-line" not in keys(report)
    assert [row["kind"] for row in table(report, "corrections_bank-line")] == [f"call of {TEN}", "opened again"]


@pytest.mark.parametrize("layout", ["rows", "p5"])
def test_hours_that_are_closed_stay_and_list_what_was_put_right(centre: Centre, layout: str) -> None:
    centre.store([worked("2026-11-02"), worked("2026-11-03")])
    correct_hours(centre, "60", at("2026-12-01 10:00:00"), why="before it was closed")
    close(centre, payroll=True)
    before = payroll(centre, layout)
    told = correct_hours(centre, "-1800.5", at("2026-12-05 12:30:00"), date="2026-11-03")
    assert told[1:] == ["payroll: 2026-11 is closed, by ann: its figures stay as they are, and this is listed beside them"]
    report = payroll(centre, layout)
    assert report["sections"][:-1] == before["sections"]
    assert "Corrections of hours by hand, of these days: 1." in report["notes"]
    (row,) = table(report, "corrections_payroll")
    assert (row["known"], row["known_time"][11:16], row["employee_id"], row["date"]) == ("2026-12-05", "12:30", "7", "2026-11-03")
    assert (row["project"], row["class"], row["was"], row["is_now"]) == ("bank-line", "regular", "3600", "1799.5")
    assert (row["by"], row["why"]) == ("olha", "forgot to log in")
    assert any(note.startswith("Rows that are otherwise today: ") for note in report["notes"])
    correct_hours(centre, "60", at("2026-12-05 13:00:00"), date="2026-12-01", project="")
    assert len(table(payroll(centre, layout), "corrections_payroll")) == 1, "of another month"


@pytest.mark.parametrize("what", ["hours", "call"])
def test_what_is_put_right_while_it_is_closed_is_listed_beside_it(centre: Centre, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """Begun before, and added after: its time is the earlier one, and the figures have nothing of it."""
    centre.store([call("bank-line", "2026-11-02 10:00:00"), worked("2026-11-02")], [*seen("bank-line", "2026-11-01", 30), *seen("shop-line", "2026-11-01", 30)])

    def later(*given: Any) -> Amendment:
        close(centre, LATER, force=True, why="nobody answers")
        return add(*given)

    monkeypatch.setattr(amending, "add", later)
    if what == "hours":
        correct_hours(centre, "1800")
        report = payroll(centre)
        assert [row["is_now"] for row in table(report, "corrections_payroll")] == ["5400"]
        assert report["notes"][-1].startswith("Rows that are otherwise today: 1;")
    else:
        correct_call(centre, id_of("2026-11-02 10:00:00"), exempt="test")
        assert [row["is_now"] for row in table(billing(centre), "corrections_bank-line")] == ["test call"]


def test_both_layouts_of_hours_are_frozen_of_one_moment(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    centre.store([worked("2026-11-02")], [*seen("bank-line", "2026-11-01", 30), *seen("shop-line", "2026-11-01", 30)])
    laid_out = hours.laid_out

    def while_it_is_closed(*given: Any) -> Report:
        if not amended:
            amended.extend(correct_hours(centre, "1800"))
        return laid_out(*given)

    amended: list[str] = []
    monkeypatch.setattr(hours, "laid_out", while_it_is_closed)
    close(centre, payroll=True)
    monkeypatch.undo()
    (row,), (person,) = table(payroll(centre), "payroll"), table(payroll(centre, "p5"), "p5")
    assert (row["hours_decimal"], person["hours_total"]) == ("1.00", "1")
    assert [each["is_now"] for each in table(payroll(centre), "corrections_payroll")] == ["5400"]


def test_who_is_forgotten_is_not_named_by_what_was_put_right_either(centre: Centre) -> None:
    centre.store([worked("2026-11-02")])
    close(centre)
    correct_hours(centre, "-60", at("2026-12-05 12:30:00"))
    forgetting.forget(centre.place, "7")
    report = payroll(centre)
    (frozen,), (row,) = table(report, "payroll"), table(report, "corrections_payroll")
    assert frozen["employee_id"] == row["employee_id"]
    assert row["employee_id"].startswith("forgotten-")
    close(centre, payroll=True, reopen=True, why="to see it")
    assert [(one["employee_id"], one["seconds"]) for one in table(payroll(centre), "payroll")] == [(row["employee_id"], 3540)]


# --- periods ------------------------------------------------------------------------------------------------------------------------


def test_a_billing_period_that_begins_in_mid_month(tmp_path: Path) -> None:
    centre = Centre(tmp_path, bank="billing_day = 10\n" + BY_CALL)
    centre.store([call("bank-line", "2026-11-09 23:00:00"), call("bank-line", "2026-11-10 01:00:00"), call("bank-line", "2026-12-09 23:00:00")])
    centre.store([], seen("bank-line", "2026-11-10", 30))
    for _ in range(2):
        report = client(centre, BANK, now=LATER)
        assert (report["from"], report["to"]) == ("2026-11-10", "2026-12-09")
        assert table(report, "bill_bank-line")[0]["amount"] == "1.80"
        if not acts(centre, of_project("bank-line")):
            close(centre, LATER, project="bank-line")
