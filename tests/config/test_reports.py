"""Reports that go out by themselves: the format of each."""

from __future__ import annotations

import pytest

from monitor.errors import ConfigError
from tests.config.test_prices import BANK, Load, load_text

__all__ = ["load_text"]


def report(*keys: str) -> str:
    return "\n".join((BANK, "[[report]]", 'name = "v1.2"', 'report = "day"', *keys, ""))


@pytest.mark.parametrize(
    ("keys", "asked"),
    [
        (('to = "{name}/{date}.txt"',), "table"),
        (('to = "{date}.csv"',), "csv"),
        (('to = "{date}.uk.csv"',), "excel-uk"),
        (('to = "{date}.UK.CSV"', 'format = ""'), "excel-uk"),
        (('to = "{date}.xlsx"',), "xlsx"),
        (('to = "{date}.json"',), "json"),
        (('to = "of.all/{name}-{date}"',), "xlsx"),
        (('mail = ["boss@example.com"]',), "xlsx"),
        (('to = "{date}.csv"', 'format = "excel-uk"'), "excel-uk"),
        (('to = "{date}.dat"', 'format = "csv"'), "csv"),
    ],
)
def test_a_report_is_in_its_format_else_as_its_file_is_called(load_text: Load, keys: tuple[str, ...], asked: str) -> None:
    (found,) = load_text(report(*keys)).schedules
    assert found.format == asked


@pytest.mark.parametrize("ending", [".pdf", ".{date}", ".csv.gz"])
def test_an_ending_that_is_no_format_needs_one(load_text: Load, ending: str) -> None:
    last = "." + ending.rpartition(".")[2]
    with pytest.raises(ConfigError) as caught:
        load_text(report(f'to = "{{date}}{ending}"'))
    refusal = f"ends in {last}, which is no format; end it in .txt, .uk.csv, .csv, .xlsx or .json, or give format"
    assert str(caught.value).endswith(f'[report v1.2] to = "{{date}}{ending}": {refusal}')
