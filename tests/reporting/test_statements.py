"""What a client is sent and what is billed: his calls and nobody else's, to the coin, and what a closed month goes on showing."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from monitor import cli
from monitor.core.chronicle import AgentSpan
from monitor.errors import BadOption, StoreUnusable
from monitor.outputs.reports.asked import silent
from monitor.reporting import ask, closing, making, statements
from monitor.reporting.statements import Whose
from monitor.reporting.wish import Wish
from monitor.state.store import forgetting
from monitor.state.store.closing import Closing, read, write
from tests.reporting.centre import BY_CALL, Centre, at, call, corrected, incident, lost, result, seen

NOW = at("2026-12-02 10:00:00")
NOVEMBER = Wish(month="2026-11", format="json")
BANK = Whose(client="Bank")


@pytest.fixture
def centre(tmp_path: Path) -> Centre:
    """A November: three calls of the bank, one of them a test, one of the shop."""
    found = Centre(tmp_path)
    found.store(
        [
            call("bank-line", "2026-11-02 09:00:00", 61, digits="4567"),
            call("bank-line", "2026-11-02 10:00:00", 120, agent="8"),
            call("bank-line", "2026-11-02 11:00:00", exempt="test"),
            lost("bank-line", "2026-11-02 12:00:00", 40),
            lost("bank-line", "2026-11-02 12:10:00", 2, "short_abandoned"),
            call("shop-line", "2026-11-02 09:00:00", 600),
            incident("air_raid", "2026-11-02 12:00:00", "2026-11-02 12:30:00"),
            incident("power", "2026-10-02 12:00:00", "2026-10-02 12:30:00"),
        ],
        [*seen("bank-line", "2026-11-01", 30), *seen("shop-line", "2026-11-01", 30)],
    )
    return found


def sections(content: bytes) -> dict[str, Any]:
    return {section["key"]: section for section in json.loads(content)["sections"]}


def client(centre: Centre, whose: Whose = BANK, wish: Wish = NOVEMBER, now: int = NOW) -> Any:
    return json.loads(statements.client_report(centre.config, wish, whose, now).content)


def billing(centre: Centre, whose: Whose = BANK, wish: Wish = NOVEMBER, now: int = NOW) -> Any:
    return json.loads(statements.billing_report(centre.config, wish, whose, now).content)


def table(report: Any, key: str) -> list[dict[str, Any]]:
    return next(section["rows"] for section in report["sections"] if section["key"] == key)


def close(centre: Centre, now: int = NOW, **more: Any) -> list[str]:
    return statements.close(centre.config, closing.Wish("2026-11", **{"who": "ann", **more}), now)


# --- what is in them ----------------------------------------------------------------------------------------------------------------


def test_a_client_is_told_of_his_days_and_his_bill(centre: Centre) -> None:
    report = client(centre)
    day = table(report, "days_bank-line")[1]
    assert {name: day[name] for name in ("date", "contacts", "answered", "in_threshold", "abandoned", "short_abandoned")} == {
        "date": "2026-11-02", "contacts": 5, "answered": 3, "in_threshold": 3, "abandoned": 1, "short_abandoned": 1,
    }  # fmt: skip
    assert Decimal(day["service_level"]) == Decimal("0.75")
    assert (day["billed_calls"], day["amount"], Decimal(day["aht_s"]).quantize(Decimal("0.01"))) == (2, "1.80", Decimal("90.33"))
    lines = [(row["line"], row["amount"]) for row in table(report, "bill_bank-line")]
    assert lines == [("Calls", "1.80"), ("Total without VAT", "1.80"), ("VAT 20\N{NO-BREAK SPACE}%", "0.36"), ("Total with VAT", "2.16")]
    said = "service level = answered within 20 s ÷ (answered + all abandoned − short abandoned below 5 s); promised: 80\N{NO-BREAK SPACE}%"
    prices = "0.90 UAH a call that was answered, each call rounded to 0.01"
    assert report["facts"] == {"bank-line: service level": said, "bank-line: prices": prices}
    assert [row["incident"] for row in table(report, "incidents_bank-line")] == ["air raid"]
    assert report["notes"] == [
        "bank-line: all of the time was seen.",
        "bank-line: answered contacts on which the work is not wholly known: 0.",
        "Lost and recovered callers: not known in this version.",
    ]


def test_it_has_nothing_of_another_client_and_nothing_of_ours(centre: Centre) -> None:
    text = statements.client_report(centre.config, NOVEMBER, BANK, NOW).content.decode().lower()
    for word in ("shop", "wage", "margin", "a note of ours", "ann"):
        assert word not in text, word


def test_in_ukrainian_too(centre: Centre) -> None:
    centre.file.write_text(centre.file.read_text().replace('"en"', '"uk"'))
    report = client(centre)
    assert report["title"] == "Звіт для клієнта Bank"
    said = "рівень сервісу = прийняті за 20 с ÷ (прийняті + усі втрачені − короткі втрати до 5 с); обіцяно: 80\N{NO-BREAK SPACE}%"
    assert report["facts"] == {
        "bank-line: рівень сервісу": said,
        "bank-line: ціни": "0,90 UAH за прийнятий дзвінок, кожен дзвінок округлено до 0,01",
    }


def test_an_annex_has_every_call_and_what_is_left_out(centre: Centre) -> None:
    report = billing(centre)
    calls = table(report, "calls_bank-line")
    assert [(row["date"], row["time"][11:16], row["queue"], row["agent"], row["billed_s"], row["digits"], row["amount"]) for row in calls] == [
        ("2026-11-02", "09:00", "bank", "floor 1", 0, "4567", "0.90"),
        ("2026-11-02", "10:00", "bank", "floor 2", 0, "", "0.90"),
    ]
    assert table(report, "total_bank-line")[0] == {"line": "Total without VAT", "amount": "1.80"}
    assert table(report, "excluded_bank-line") == [{"why": "test call", "calls": 1}]
    assert [row["why"] for row in table(report, "excluded_calls_bank-line")] == ["test call"]
    assert "bank-line: calls that are not billed: 1." in report["notes"]


def test_names_only_where_they_are_asked_for(centre: Centre) -> None:
    (centre.file.parent / "agents.csv").write_text("employee_id,name,interfaces\n7,Olha Bondar,PJSIP/7\n")
    centre.file.write_text(centre.file.read_text() + '[agents]\nfile = "agents.csv"\n')
    named = billing(centre, Whose(client="Bank", names=True))
    assert [row["agent"] for row in table(named, "calls_bank-line")] == ["Olha Bondar", "8"]
    assert "Olha" not in json.dumps(billing(centre), ensure_ascii=False)


def test_a_period_that_runs_is_provisional(centre: Centre) -> None:
    report = client(centre, now=at("2026-11-15 12:00:00"))
    assert "bank-line: the billing period ends on 2026-11-30: guarantee, bonus and total are provisional." in report["notes"]
    assert len(table(report, "days_bank-line")) == 15


def test_a_time_nobody_saw_is_said(tmp_path: Path) -> None:
    centre = Centre(tmp_path)
    centre.store([], seen("bank-line", "2026-11-01", 29))
    assert "bank-line: not seen and in no figure: 1440 min of 43200 min." in client(centre)["notes"]


def test_results_are_on_the_bill(tmp_path: Path) -> None:
    centre = Centre(tmp_path, bank='[[project.tariff]]\nfrom = 2026-01-01\nper_call = "0.90"\nper_result = { sale = "12.50" }\n')
    centre.store([call("bank-line", "2026-11-03 09:00:00"), result("bank-line", "2026-11-03 10:00:00", "sale", "1")])
    assert [(row["line"], row["amount"]) for row in table(billing(centre), "lines_bank-line")] == [("Results", "12.50")]
    assert table(billing(centre), "total_bank-line")[0]["amount"] == "13.40"


def test_tiers_are_shared_out_to_the_coin(tmp_path: Path) -> None:
    tiers = '[[project.tariff]]\nfrom = 2026-01-01\nper_call = { price = "0.333", tiers = [{ above = 2, price = "0.10" }] }\n'
    centre = Centre(tmp_path, bank=tiers)
    centre.store([call("bank-line", f"2026-11-03 09:0{number}:00") for number in range(4)])
    report = billing(centre)
    amounts = [row["amount"] for row in table(report, "calls_bank-line")]
    assert amounts == ["0.33", "0.34", "0.10", "0.10"]
    assert table(report, "total_bank-line")[0]["amount"] == "0.87"


def test_what_was_typed_wrong(centre: Centre) -> None:
    for whose, said in (
        (Whose(), "--client: is missing; give one of them, so that nobody reads what is another's: Bank, Shop"),
        (Whose("Bank", "shop-line"), "--client Bank: is said beside --project; give one of them, so that nobody reads what is another's: Bank, Shop"),
        (Whose("Bamk"), "--client Bamk: there is no such client; did you mean Bank?"),
        (Whose(project="bamk-line"), "--project bamk-line: there is no such project; did you mean bank-line?"),
    ):
        with pytest.raises(BadOption) as caught:
            client(centre, whose)
        assert str(caught.value) == said


def test_several_months_stand_beside_each_other(centre: Centre) -> None:
    report = billing(centre, wish=Wish("2026-10-05", "2026-11-02", format="json"))
    assert [key for key in (section["key"] for section in report["sections"]) if key.startswith("total")] == [
        "total_bank-line_2026-10",
        "total_bank-line_2026-11",
    ]


def test_csv_can_be_read(centre: Centre) -> None:
    text = statements.billing_report(centre.config, Wish(month="2026-11", format="csv"), BANK, NOW).content.decode()
    rows = list(csv.reader(text.splitlines()))
    assert rows[0] == ["date", "time", "queue", "agent", "billed_s", "digits", "amount"]


# --- closed months ------------------------------------------------------------------------------------------------------------------


def test_a_closed_month_stays_as_it_was_and_says_what_became_known(centre: Centre) -> None:
    before = client(centre)
    assert close(centre, project="bank-line") == ["bank-line: 2026-11-01 - 2026-11-30: 1.80 UAH", "2026-11: closed by ann"]
    centre.store([call("bank-line", "2026-11-20 09:00:00"), corrected("bank-line", "2026-12-02 11:00:00")])
    later = at("2026-12-05 10:00:00")
    report = client(centre, now=later)
    frozen = {section["key"]: section for section in report["sections"]}
    for section in before["sections"]:
        assert frozen[section["key"]] == section
    changes = {row["kind"]: (row["frozen"], row["now"], row["difference"]) for row in frozen["changes_bank-line"]["rows"]}
    assert changes["Calls, UAH"] == ("1.80", "2.70", "0.90")
    assert changes["Contacts"] == ("5", "6", "1")
    (why,) = frozen["corrections_bank-line"]["rows"]
    assert (why["was"], why["is_now"], why["why"]) == ("unresolved", "answered", "queue_log says so")
    assert "bank-line, 2026-11: closed on 2026-12-02 10:00 by ann (closing 1); the figures are those of that moment." in report["notes"]
    assert table(billing(centre, now=later), "total_bank-line")[0]["amount"] == "1.80"


def test_closed_opened_and_closed_again(centre: Centre) -> None:
    close(centre, project="bank-line")
    centre.store([call("bank-line", "2026-11-20 09:00:00")])
    with pytest.raises(BadOption, match=r"^--month 2026-11: bank-line was closed by ann on 2026-12-02 10:00; --reopen --why opens it again$"):
        close(centre)
    with pytest.raises(BadOption, match=r"^--reopen: without a reason nobody opens what is closed; give --why$"):
        close(centre, project="bank-line", reopen=True)
    close(centre, project="bank-line", reopen=True, why="a call was missing", who="olha")
    assert table(billing(centre), "total_bank-line")[0]["amount"] == "2.70"
    with pytest.raises(BadOption, match=r"^--month 2026-11: bank-line is not closed, so there is nothing to open$"):
        close(centre, project="bank-line", reopen=True, why="again")
    close(centre, now=at("2026-12-03 10:00:00"))
    report = billing(centre)
    assert "bank-line, 2026-11: closed on 2026-12-03 10:00 by ann (closing 2); the figures are those of that moment." in report["notes"]
    project = centre.config.contract.project["bank-line"]
    with making.reading(centre.config) as reader:
        acts = read(reader, "2026-11")
    assert [(act.number, act.act, act.who, act.why) for act in acts] == [
        (1, "close", "ann", ""),
        (2, "reopen", "olha", "a call was missing"),
        (3, "close", "ann", ""),
    ]
    assert closing.closed(acts[:1], project) != closing.closed(acts, project)


def test_a_month_that_is_not_over_or_was_not_seen_is_not_closed(centre: Centre) -> None:
    with pytest.raises(BadOption, match=r"^--month 2026-11: the billing period of bank-line ends on 2026-11-30; close it when it is over$"):
        close(centre, now=at("2026-11-30 23:59:00"))
    (centre.file.parent / "blind").mkdir()
    blind = Centre(centre.file.parent / "blind")
    blind.store([], seen("bank-line", "2026-11-01", 29))
    with pytest.raises(BadOption, match=r"were seen by nobody, and are in no figure; wait until queue_log has told them, or give --force and --why$"):
        close(blind, project="bank-line")
    with pytest.raises(BadOption, match=r"were seen by nobody"):
        close(blind, project="bank-line", force=True)
    assert close(blind, project="bank-line", force=True, why="the daemon began on the 2nd")[0] == (
        "bank-line: 1440 min of 43200 min were seen by nobody: closed all the same"
    )
    assert "bank-line, 2026-11: closed although: the daemon began on the 2nd" in client(blind)["notes"]


def test_a_closed_month_can_be_had_when_its_rows_are_gone(centre: Centre) -> None:
    close(centre, project="bank-line")
    later = at("2031-12-02 10:00:00")
    report = client(centre, now=later)
    assert "bank-line: not compared with what is known today: the store does not go back so far any more" in report["notes"]
    assert table(report, "bill_bank-line")[0]["amount"] == "1.80"
    assert not [section for section in report["sections"] if section["key"].startswith("changes")]


def test_two_who_close_at_once(centre: Centre) -> None:
    act = Closing("2026-11", 1, NOW, "ann", "", "close", b"{}")
    write(centre.place, act)
    with pytest.raises(StoreUnusable, match=r"somebody else closed or reopened 2026-11 just now; look at what was done, and do it again if need be$"):
        write(centre.place, act)


def test_names_are_not_in_a_closed_annex(centre: Centre) -> None:
    close(centre)
    report = billing(centre, Whose(client="Bank", names=True))
    assert [row["agent"] for row in table(report, "calls_bank-line")] == ["floor 1", "floor 2"]
    assert "these figures were frozen when the month was closed; --names has no effect on them." in report["notes"]


def test_a_billing_period_that_begins_in_mid_month(tmp_path: Path) -> None:
    centre = Centre(tmp_path, bank="billing_day = 10\n" + BY_CALL)
    centre.store([call("bank-line", "2026-11-09 23:00:00"), call("bank-line", "2026-11-10 01:00:00"), call("bank-line", "2026-12-09 23:00:00")])
    later = at("2026-12-20 10:00:00")
    report = client(centre, now=later)
    assert (report["from"], report["to"]) == ("2026-11-10", "2026-12-09")
    assert table(report, "bill_bank-line")[0]["amount"] == "1.80"


# --- payroll ------------------------------------------------------------------------------------------------------------------------


def payroll(centre: Centre, layout: str = "rows") -> Any:
    return json.loads(making.make(centre.config, NOVEMBER, NOW, ask.of_payroll("login", layout), silent).content)


def worked(day: str) -> AgentSpan:
    return AgentSpan("7", at(f"{day} 09:00:00"), at(f"{day} 10:00:00"), "floor", "talk", "bank-line", "")


def test_hours_are_frozen_with_the_month_of_everybody(centre: Centre) -> None:
    (centre.file.parent / "agents.csv").write_text("employee_id,name,interfaces\n7,Olha Bondar,PJSIP/7\n")
    centre.file.write_text(centre.file.read_text() + '[agents]\nfile = "agents.csv"\n')
    centre.store([worked("2026-11-02")])
    before, sheet = payroll(centre), payroll(centre, "p5")
    assert close(centre)[-2:] == ["payroll: frozen too", "2026-11: closed by ann"]
    centre.store([worked("2026-11-03")])
    after = payroll(centre)
    assert after["sections"] == before["sections"]
    assert after["notes"][-2:] == [
        "Closed on 2026-12-02 10:00 by ann (closing 1); the hours are those of that moment.",
        "Rows that are otherwise today: 1; open the month again to have them.",
    ]
    assert payroll(centre, "p5")["sections"] == sheet["sections"]
    assert "Olha" in json.dumps(sheet)
    with making.reading(centre.config) as reader:
        assert b"Olha" not in read(reader, "2026-11")[0].archive
    close(centre, project="shop-line", reopen=True, why="one project alone")
    assert payroll(centre)["sections"] == before["sections"]
    close(centre, project="bank-line", reopen=True, why="and the other")
    close(centre)
    assert payroll(centre)["sections"] != before["sections"]


def test_who_is_forgotten_is_in_no_archive(centre: Centre) -> None:
    centre.store([worked("2026-11-02")])
    close(centre)
    frozen = payroll(centre)["sections"][0]["rows"]
    assert forgetting.forget(centre.place, "7")["closings"] == 1
    with making.reading(centre.config) as reader:
        (act,) = read(reader, "2026-11")
    assert b'"7"' not in act.archive
    (row,) = payroll(centre)["sections"][0]["rows"]
    assert row["employee_id"].startswith("forgotten-")
    assert {**row, "employee_id": "7"} == frozen[0]


# --- as it is typed -----------------------------------------------------------------------------------------------------------------


def test_the_commands(centre: Centre) -> None:
    def typed(*words: str) -> str:
        done = CliRunner().invoke(cli.commands, ["report", words[0], "--config", str(centre.file), *words[1:]])
        assert done.exit_code == 0, done.output
        return done.stdout

    assert "no tariff holds in these days" in typed("client", "--client", "Bank", "--month", "2020-02")
    out = centre.file.parent / "annex.xlsx"
    assert typed("billing", "--project", "bank-line", "--month", "2020-02", "--out", str(out)) == f"{out}: written\n"
    refused = CliRunner().invoke(cli.commands, ["report", "close", "--config", str(centre.file), "--month", "2026-13"])
    assert str(refused.exception) == "--month 2026-13: is not a month; write it as 2026-11"
