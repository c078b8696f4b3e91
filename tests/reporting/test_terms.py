"""What was agreed, said and reckoned to the end: terms in words, prices as they are, days, keys, and what is not known."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from monitor.core.contract import SECOND
from monitor.outputs.reports.asked import silent
from monitor.reporting import ask, making, statements
from monitor.reporting.statements import Whose
from monitor.reporting.wish import Wish
from tests.reporting.asking import BANK, NOVEMBER, NOW, billing, client, close, keys, table
from tests.reporting.centre import BY_CALL, Centre, at, call, minute, result, seen


def test_months_of_other_terms_say_both(tmp_path: Path) -> None:
    bands = "bands = [{ at_least = 0.90, percent = 3 }, { at_least = 0, percent = -5 }]"
    tariff = '[[project.tariff]]\nfrom = {since}\nper_call = "1.00"\n[project.tariff.sl_adjust]\nformula = "{formula}"\nthreshold_seconds = {t}\n{bands}\n'
    terms = (("2026-01-01", "sl_answered", 20), ("2026-11-01", "sl_abandon_negative", 60))
    centre = Centre(tmp_path, bank="".join(tariff.format(since=since, formula=formula, t=t, bands=bands) for since, formula, t in terms))
    facts = client(centre, wish=Wish("2026-10-01", "2026-11-30", format="json"))["facts"]
    assert "answered within 20 s ÷ answered, by the billing period" in facts["bank-line: bonus and malus, 2026-01-01"]
    assert "answered within 60 s ÷ (answered + all abandoned), by" in facts["bank-line: bonus and malus, 2026-11-01"]


def test_what_was_agreed_when_a_month_was_closed_stands_beside_what_is_agreed_now(tmp_path: Path) -> None:
    centre = Centre(tmp_path)
    centre.store([], seen("bank-line", "2026-11-01", 30))
    close(centre, project="bank-line")
    centre.file.write_text(centre.file.read_text().replace('"0.90"', '"0.95"'))
    facts = client(centre, wish=Wish("2026-11-01", "2026-12-01", format="json"))["facts"]
    assert facts["bank-line: prices, 2026-11"].startswith("0.90 UAH")
    assert facts["bank-line: prices, 2026-12"].startswith("0.95 UAH")
    assert "bank-line: service level" in facts


def test_a_price_is_shown_as_it_is(tmp_path: Path) -> None:
    centre = Centre(tmp_path, bank='[[project.tariff]]\nfrom = 2026-01-01\nper_minute = "0.1250"\n')
    centre.store([call("bank-line", "2026-11-02 09:00:00", 600)])

    def drawn(how: str) -> str:
        return statements.client_report(centre.config, Wish(month="2026-11", format=how), BANK, NOW).content.decode()

    assert "10,min,0.125,1.25" in drawn("csv")
    assert "10;min;0,125;1,25" in drawn("excel-uk")
    assert ["10", "min", "0.125", "1.25"] in [line.split()[-4:] for line in drawn("table").splitlines()]


@pytest.mark.parametrize(
    ("tariff", "talks", "quantity", "amount"),
    [
        ('per_call = "0.90"', (60, 60, 60), "3.00", "2.70"),
        ('per_minute = "4.50"', (90,), "1.50", "6.75"),
        ('per_minute = "4.50"', (61,), "1.017", "4.58"),  # 1.02 would be 4.59
        ('per_fte_month = { price = "30000", fte = 0.7 }', (), "0.70", "21000.00"),
        ('flat_month = "360000"\nto = 2026-11-29', (), "0.96666667", "348000.00"),
    ],
)
def test_what_is_multiplied_is_shown_with_the_decimals_it_takes(tmp_path: Path, tariff: str, talks: tuple[int, ...], quantity: str, amount: str) -> None:
    centre = Centre(tmp_path, bank=f"[[project.tariff]]\nfrom = 2026-01-01\n{tariff}\n")
    centre.store([call("bank-line", at("2026-11-02 09:00:00") + number * SECOND, talk_s) for number, talk_s in enumerate(talks)])
    report = client(centre)
    line = table(report, "bill_bank-line")[0]
    assert (line["quantity"], line["amount"]) == (quantity, amount)
    assert (Decimal(line["quantity"]) * Decimal(line["price"])).quantize(Decimal("0.01"), ROUND_HALF_UP) == Decimal(amount)
    assert not [note for note in report["notes"] if "rounded" in note]


def test_calls_that_are_rounded_one_by_one_are_said_where_that_shows(tmp_path: Path) -> None:
    centre = Centre(tmp_path, bank='[[project.tariff]]\nfrom = 2026-01-01\nper_minute = "4.50"\n')
    centre.store([call("bank-line", at("2026-11-02 09:00:00") + number * SECOND, 61) for number in range(3)])
    line = table(client(centre), "bill_bank-line")[0]
    assert (line["quantity"], line["amount"]) == ("3.0500", "13.74")  # three times 4.58; together they would be 13.73
    said = "bank-line: each call or result is rounded to 0.01 by itself and then added, so that quantity times price is not quite the amount."
    assert said in client(centre)["notes"]
    assert said in billing(centre)["notes"]


@pytest.mark.parametrize("reported", [client, billing])
def test_work_that_is_not_wholly_known_is_said_to_who_bills(tmp_path: Path, reported: Any) -> None:
    centre = Centre(tmp_path, bank='[[project.tariff]]\nfrom = 2026-01-01\nper_minute = "1.00"\n')
    centre.store([call("bank-line", "2026-11-02 09:00:00", 0, handled_at=None, handle_us=0, connected_us=0)])
    notes = reported(centre)["notes"]
    assert "bank-line: answered contacts on which the work is not wholly known: 1." in notes
    assert "bank-line: of these are not billed yet: 1." in notes


def test_of_calls_that_still_go_on_those_are_not_billed_that_are_no_line_and_will_be_one(tmp_path: Path) -> None:
    centre = Centre(tmp_path, bank='[[project.tariff]]\nfrom = 2026-01-01\nper_call = "0.90"\n')
    ring: dict[str, Any] = {"handled_at": None, "handle_us": 0}
    centre.store([
        call("bank-line", "2026-11-02 09:00:00", **ring),  # he is gone, and is billed
        call("bank-line", "2026-11-02 10:00:00", 0, **ring),
        call("bank-line", "2026-11-02 11:00:00", 0, exempt="test", **ring),
    ])  # fmt: skip
    notes = billing(centre)["notes"]
    assert "bank-line: answered contacts on which the work is not wholly known: 3." in notes
    assert "bank-line: of these are not billed yet: 1." in notes
    centre.file.write_text(centre.file.read_text().replace('per_call = "0.90"', 'flat_month = "100.00"'))
    assert not [note for note in billing(centre)["notes"] if "not billed yet" in note]


def test_a_call_that_counts_for_nothing_is_no_line_and_is_counted_apart(tmp_path: Path) -> None:
    centre = Centre(tmp_path, bank='[[project.tariff]]\nfrom = 2026-01-01\nper_call = { price = "0.90", min_talk_seconds = 10 }\n')
    centre.store([call("bank-line", "2026-11-02 09:00:00", 3), call("bank-line", "2026-11-02 09:10:00", 60)])
    annex = billing(centre)
    assert [row["amount"] for row in table(annex, "calls_bank-line")] == ["0.90"]
    assert table(annex, "excluded_bank-line") == [{"why": "free by the tariff", "calls": 1}]
    assert [row["why"] for row in table(annex, "excluded_calls_bank-line")] == ["free by the tariff"]
    assert "bank-line: calls that are not billed: 1." in annex["notes"]
    day = table(client(centre), "days_bank-line")[1]
    assert (day["answered"], day["billed_calls"], day["billed_minutes"]) == (2, 1, None)


def test_a_call_that_uses_up_what_is_paid_for_is_a_line(tmp_path: Path) -> None:
    flat = 'flat_month = { amount = "100.00", included_volume = 1, overage = "5.00" }'
    centre = Centre(tmp_path, bank=f"[[project.tariff]]\nfrom = 2026-01-01\n{flat}\n")
    centre.store([call("bank-line", "2026-11-02 09:00:00", 3), call("bank-line", "2026-11-02 09:10:00", 60)])
    annex = billing(centre)
    assert [row["amount"] for row in table(annex, "calls_bank-line")] == ["0.00", "5.00"]
    assert "bank-line: a call of 0.00 is one of those that are in the monthly fee." in annex["notes"]
    assert annex["sections"][0]["total"]["date"] == "Total"


def test_a_call_that_rounds_to_nothing_is_in_no_fee(tmp_path: Path) -> None:
    centre = Centre(tmp_path, bank='[[project.tariff]]\nfrom = 2026-01-01\nper_minute = "0.10"\nfree_seconds = 1\n')
    centre.store([call("bank-line", "2026-11-02 09:00:00", 2), call("bank-line", "2026-11-02 09:10:00", 1)])
    annex = billing(centre)
    assert [row["amount"] for row in table(annex, "calls_bank-line")] == ["0.00"]
    assert not [note for note in annex["notes"] if "monthly fee" in note]
    day = table(client(centre), "days_bank-line")[1]
    assert (day["answered"], day["billed_calls"], Decimal(day["billed_minutes"]).quantize(Decimal("0.001"))) == (2, 1, Decimal("0.033"))


def test_where_hours_are_charged_calls_are_counted_and_not_listed(tmp_path: Path) -> None:
    centre = Centre(tmp_path, bank='[[project.tariff]]\nfrom = 2026-01-01\nper_agent_hour = { price = "300", allocation = "0.5" }\n')
    centre.store([call("bank-line", "2026-11-02 09:00:00"), call("bank-line", "2026-11-02 09:10:00", exempt="test")])
    annex = billing(centre)
    assert keys(annex) == ["lines_bank-line", "total_bank-line", "excluded_bank-line", "excluded_calls_bank-line"]
    assert table(annex, "excluded_bank-line") == [{"why": "the tariff charges no single calls", "calls": 1}, {"why": "test call", "calls": 1}]
    assert [row["why"] for row in table(annex, "excluded_calls_bank-line")] == ["test call"]
    assert "bank-line: calls that are not billed: 1." in annex["notes"]
    day = table(client(centre), "days_bank-line")[1]
    assert (day["answered"], day["billed_calls"], day["billed_minutes"]) == (2, None, None)


def test_a_key_that_is_told_again_after_it_was_forgotten_changes_no_bill(tmp_path: Path) -> None:
    centre = Centre(tmp_path, bank='[[project.tariff]]\nfrom = 2026-01-01\nper_result = { sale = "100.00" }\n')
    centre.store([result("bank-line", "2026-09-05 12:00:00", "sale", "order 1")])
    september, november = Wish(month="2026-09", format="json"), NOVEMBER
    before = client(centre, wish=september)
    centre.store([result("bank-line", "2026-11-05 12:00:00", "sale", "order 1"), result("bank-line", "2026-11-05 12:00:00", "lead", "order 2")])
    centre.store([result("bank-line", "2026-11-06 12:00:00", "sale", "order 2"), result("bank-line", "2026-11-06 13:00:00", "sale", "order 2")])
    assert client(centre, wish=september) == before
    assert [(row["quantity"], row["amount"]) for row in table(client(centre, wish=november), "bill_bank-line")[:1]] == [("1.0000", "0.00")]


@pytest.mark.parametrize("starts", ["06:30", "00:00"])
def test_the_report_of_days_has_the_calls_of_the_client_s(tmp_path: Path, starts: str) -> None:
    centre = Centre(tmp_path, bank=f'day_starts = "{starts}"\n' + BY_CALL)
    times = ("2026-11-02 06:35:00", "2026-11-03 06:20:00", "2026-11-03 06:35:00")
    centre.store([call("bank-line", time) for time in times], [minute("bank-line", at(time), contacts=1, answered=1) for time in times])
    wish = Wish("2026-11-02", "2026-11-03", format="json", project="bank-line")
    days = json.loads(making.make(centre.config, wish, NOW, ask.of_days("day", "true-to-interval"), silent).content)
    mine = table(client(centre, Whose(project="bank-line"), Wish("2026-11-02", "2026-11-03", format="json")), "days_bank-line")
    assert [(row["contacts"], Decimal(row["revenue"])) for row in table(days, "days")] == [(row["contacts"], Decimal(row["amount"])) for row in mine]
