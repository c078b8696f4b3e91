"""What a client is sent and what is billed: his calls and nobody else's, to the coin."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor import cli
from monitor.errors import BadOption
from monitor.reporting import statements
from monitor.reporting.statements import Whose
from monitor.reporting.wish import Wish
from tests.reporting.asking import BANK, NOVEMBER, NOW, billing, client, close, correct_call, id_of, table
from tests.reporting.centre import Centre, at, call, minute, result, seen

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
        "bank-line: corrections of calls by hand: 0.",
        "Lost and recovered callers: not known in this version.",
    ]


def test_it_has_nothing_of_another_client_and_nothing_of_ours(centre: Centre) -> None:
    text = statements.client_report(centre.config, NOVEMBER, BANK, NOW).content.decode().lower()
    for word in ("shop", "wage", "margin", "a note of ours", "ann"):
        assert word not in text, word


def test_whom_he_had_called_stands_below_his_days(tmp_path: Path) -> None:
    centre = Centre(tmp_path, bank='outbound = { contexts = ["from-bank"] }')
    rows = [minute("bank-line", at(f"2026-11-{day:02} 09:00:00"), out_attempts=10 * day, out_contacts=day, observed_us=60_000_000) for day in (2, 3)]
    centre.store([], [*rows, minute("shop-line", at("2026-11-02 09:00:00"), contacts=1)])
    report = client(centre)
    found = table(report, "dialled_bank-line")
    assert [(row["date"], row["direction"], row["attempts"], row["contacts_dialled"], row["contact_rate"]) for row in found] == [
        ("2026-11-02", "outbound", 20, 2, "0.1"),
        ("2026-11-03", "outbound", 30, 3, "0.1"),
    ]
    assert any(note.startswith("Calls out: an attempt") for note in report["notes"])
    assert "dialled" not in statements.client_report(centre.config, NOVEMBER, Whose(client="Shop"), NOW).content.decode()


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
        ("2026-11-02", "09:00", "bank", "floor 1", None, "4567", "0.90"),
        ("2026-11-02", "10:00", "bank", "floor 2", None, "", "0.90"),
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


def test_with_names_a_call_says_by_what_it_is_put_right_and_for_a_client_never(centre: Centre) -> None:
    named, sent = billing(centre, Whose(client="Bank", names=True)), billing(centre)
    said = [(row["pbx"], row["call"]) for key in ("calls_bank-line", "excluded_calls_bank-line") for row in table(named, key)]
    assert said == [("pbx1", id_of(f"2026-11-02 {hour}:00:00")) for hour in ("09", "10", "11")]
    correct_call(centre, said[0][1], pbx=said[0][0], exempt="test")
    assert len(table(billing(centre, Whose(client="Bank", names=True)), "excluded_calls_bank-line")) == 2
    assert not [key for section in sent["sections"] for row in section["rows"] for key in row if key in ("pbx", "call")]
    assert said[0][1] not in json.dumps(sent)


def test_people_keep_their_aliases_when_a_call_is_billed_no_more(centre: Centre) -> None:
    correct_call(centre, id_of("2026-11-02 09:00:00"), exempt="test")
    assert [(row["time"][11:16], row["agent"]) for row in table(billing(centre), "calls_bank-line")] == [("10:00", "floor 2")]


def test_a_period_that_runs_is_provisional(centre: Centre) -> None:
    report = client(centre, now=at("2026-11-15 12:00:00"))
    assert "bank-line: the billing period ends on 2026-11-30: guarantee, bonus and total are provisional." in report["notes"]
    assert len(table(report, "days_bank-line")) == 15


def test_a_time_nobody_saw_is_said(tmp_path: Path) -> None:
    centre = Centre(tmp_path)
    centre.store([], seen("bank-line", "2026-11-01", 29))
    assert "bank-line: not seen and in no figure: 1440 min of 43200 min." in client(centre)["notes"]


def test_days_that_nobody_saw_are_not_days_of_nobody(tmp_path: Path) -> None:
    """And a day on which somebody came after all, as a log told, has its figures."""
    centre = Centre(tmp_path)
    centre.store([call("bank-line", "2026-11-05 09:00:00")], seen("bank-line", "2026-11-02", 2))
    report = client(centre)
    unseen, seen_day, *_ = table(report, "days_bank-line")
    assert [value for key, value in unseen.items() if key != "date"] == [None] * 11
    assert (seen_day["contacts"], seen_day["billed_calls"], seen_day["amount"]) == (0, 0, "0.00")
    assert [row["contacts"] for row in table(report, "days_bank-line")[:6]] == [None, 0, 0, None, 1, None]
    days = next(section for section in report["sections"] if section["key"] == "days_bank-line")
    assert (days["total"]["contacts"], days["total"]["amount"]) == (1, "0.90")
    nobody = client(centre, wish=Wish("2026-11-08", "2026-11-09", format="json"))
    assert {value for section in nobody["sections"][:1] for key, value in section["total"].items() if key != "date"} == {None}


@pytest.mark.parametrize(
    "price",
    [
        'per_call = "0.90"',
        'per_result = "5.00"',
        'per_agent_hour = { price = "200.00", allocation = "handle" }',
        'flat_month = { amount = "30", included_volume = 5, overage = "1" }',
    ],
)
def test_a_period_that_nobody_saw_has_no_total(tmp_path: Path, price: str) -> None:
    centre = Centre(tmp_path, bank=f"[[project.tariff]]\nfrom = 2026-01-01\n{price}\n")
    said = "bank-line: nothing of the billing period was seen, so there is no total."
    for report, key in ((client(centre), "bill_bank-line"), (billing(centre), "total_bank-line")):
        assert {row["amount"] for row in table(report, key)} <= {None, "30.00"}
        assert [row["amount"] for row in table(report, key)][-3:] == [None] * 3
        assert said in report["notes"]
        assert not [note for note in report["notes"] if "depends on a plan" in note]
        totals = [section["total"] for section in report["sections"] if section.get("total")]
        assert {total.get("amount") for total in totals} <= {None, "30.00"}
    centre.store([], seen("bank-line", "2026-11-30", 1))
    assert table(billing(centre), "total_bank-line")[0]["amount"] is not None


def test_months_are_billed_whoever_saw_them(tmp_path: Path) -> None:
    centre = Centre(tmp_path, bank='[[project.tariff]]\nfrom = 2026-01-01\nflat_month = "3000.00"\n')
    assert table(billing(centre), "total_bank-line")[0]["amount"] == "3000.00"
    day = table(client(centre), "days_bank-line")[0]
    assert (day["contacts"], day["amount"]) == (None, "100.00")


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


def test_days_that_are_no_whole_billing_period_are_said(centre: Centre) -> None:
    some, one, month = Wish("2026-11-02", "2026-11-05", format="json"), Wish("2026-11-30", format="json"), Wish("2026-11-01", "2026-11-30", format="json")
    said = "bank-line: days are those of {}, the bill is of the whole billing period, 2026-11-01 - 2026-11-30."
    assert said.format("2026-11-02 - 2026-11-05") in client(centre, wish=some)["notes"]
    assert said.format("2026-11-30") in client(centre, wish=one)["notes"]
    annex = billing(centre, wish=some)
    said = "bank-line: asked for were the days of {}; an annex is of the whole billing period, 2026-11-01 - 2026-11-30."
    assert said.format("2026-11-02 - 2026-11-05") in annex["notes"]
    assert (annex["from"], annex["to"]) == ("2026-11-01", "2026-11-30")
    close(centre, project="bank-line")
    assert said.format("2026-11-30") in billing(centre, wish=one)["notes"]  # and what was frozen is whole
    for wish in (month, NOVEMBER):
        assert not [note for made in (client, billing) for note in made(centre, wish=wish)["notes"] if "whole billing period" in note]


def test_csv_can_be_read(centre: Centre) -> None:
    text = statements.billing_report(centre.config, Wish(month="2026-11", format="csv"), BANK, NOW).content.decode()
    rows = list(csv.reader(text.splitlines()))
    assert rows[:2] == [["section", "calls_bank-line", "UAH"], ["date", "time", "queue", "agent", "billed_s", "digits", "amount"]]
    heads = [number for number, row in enumerate(rows) if row[:1] == ["section"]]
    assert [rows[number] for number in heads[1:]] == [
        ["section", "total_bank-line", "UAH"],
        ["section", "excluded_bank-line", ""],
        ["section", "excluded_calls_bank-line", ""],
    ]
    assert [rows[number - 1] for number in heads[1:]] == [[], [], []]


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
