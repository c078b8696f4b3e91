"""By which service level a bonus or malus was decided: a client reads it in his bill, his days and the annex."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from monitor.core.contract import SECOND
from tests.reporting.asking import billing, client, table
from tests.reporting.centre import Centre, at, call, incident

PER_CENT = "\N{NO-BREAK SPACE}%"
ADJUSTED = """
[[project.tariff]]
from = 2026-01-01
per_call = "1.00"
[project.tariff.sl_adjust]
formula = "sl_abandon_negative"
threshold_seconds = 20
{more}
bands = [{{ at_least = 0.90, percent = 3 }}, {{ at_least = 0.80, percent = {usual} }}, {{ at_least = 0, percent = -5 }}]
"""


def centre(folder: Path, in_time: int, late: int, more: str = "", usual: int = 1) -> Centre:
    """All of them came on the second of November, a second apart."""
    found = Centre(folder, bank=ADJUSTED.format(more=more, usual=usual))
    start = at("2026-11-02 09:00:00")
    found.store([call("bank-line", start + number * SECOND, wait_us=(10 if number < in_time else 30) * SECOND) for number in range(in_time + late)])
    return found


def adjustments(report: Any, key: str) -> list[tuple[str, str]]:
    return [(row["line"], row["amount"]) for row in table(report, key) if row["line"].startswith("Bonus")]


def test_the_line_has_the_service_level_and_its_parts(tmp_path: Path) -> None:
    bank = centre(tmp_path, 323, 81)
    expected = [(f"Bonus or malus by service level, 79.95{PER_CENT}: 323 of 404", "-20.20")]
    assert adjustments(client(bank), "bill_bank-line") == expected
    assert adjustments(billing(bank), "lines_bank-line") == expected


def test_who_was_left_out_is_said(tmp_path: Path) -> None:
    bank = centre(tmp_path, 9, 1, 'exclude = ["air_raid"]')
    bank.store([call("bank-line", "2026-11-02 12:05:00", wait_us=90 * SECOND), incident("air_raid", "2026-11-02 12:00:00", "2026-11-02 12:10:00")])
    said = f"Bonus or malus by service level, 90.00{PER_CENT}: 9 of 10, excused incidents left out"
    assert adjustments(billing(bank), "lines_bank-line") == [(said, "0.33")]


def test_a_period_of_which_nothing_came_is_said_in_a_note(tmp_path: Path) -> None:
    bank = centre(tmp_path, 4, 1, usual=0)
    assert adjustments(client(bank), "bill_bank-line") == []
    said = f"bank-line: no bonus and no malus at a service level of 80.00{PER_CENT}: 4 of 5."
    assert said in client(bank)["notes"]
    assert said in billing(bank)["notes"]


@pytest.mark.parametrize("usual", [0, 1])
def test_where_days_are_judged_each_has_its_own(tmp_path: Path, usual: int) -> None:
    bank = centre(tmp_path, 4, 1, 'period = "day"', usual)
    assert adjustments(client(bank), "bill_bank-line") == [("Bonus or malus by service level, of each day by itself", "0.05")] * usual
    assert [row["judged"] for row in table(client(bank), "days_bank-line")[:3]] == [None, f"80.00{PER_CENT}: 4 of 5", None]
    assert "judged" not in table(client(centre_of_months(tmp_path)), "days_bank-line")[0]


def centre_of_months(folder: Path) -> Centre:
    (other := folder / "other").mkdir()
    return centre(other, 4, 1)


def test_what_the_table_rounds_up_to_what_was_promised_is_said(tmp_path: Path) -> None:
    said = f"bank-line: service levels that the table has rounded up to what is promised or agreed, and that are below it: 2026-11-02 79.95{PER_CENT}, "
    assert f"{said}Total 79.95{PER_CENT}." in client(centre(tmp_path, 323, 81))["notes"]
    assert not [note for note in client(centre_of_months(tmp_path))["notes"] if "rounded up" in note]


def test_in_ukrainian_too(tmp_path: Path) -> None:
    bank = centre(tmp_path, 323, 81)
    bank.file.write_text(bank.file.read_text().replace('"en"', '"uk"'))
    assert f"Бонус або штраф за рівень сервісу, 79,95{PER_CENT}: 323 з 404" in [row["line"] for row in table(billing(bank), "lines_bank-line")]
