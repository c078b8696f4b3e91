"""What is frozen comes back as it was, to the last digit."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from monitor.core.contract import Language
from monitor.outputs.reports.frozen import Page, text, unpacked
from monitor.outputs.reports.report import Column, Kind, Section
from monitor.outputs.reports.shown import for_people

KYIV = ZoneInfo("Europe/Kyiv")
AT = datetime(2026, 10, 25, 3, 30, fold=1, tzinfo=KYIV)  # an hour that comes twice


def test_every_kind_of_cell_comes_back() -> None:
    columns = tuple(Column(kind.value, f"Стовпець {kind}", kind, "UAH" if kind is Kind.MONEY else "") for kind in (Kind.TEXT, Kind.MONEY, Kind.TIME, Kind.DATE))
    rows = (("=1+1", Decimal("1.20"), AT, date(2026, 10, 25)), (None, Decimal(2) / 3, None, None), ("7", 4, AT, None))
    page = Page((Section("a", "А", columns, rows, (None, Decimal("-0.00"), None, None)), Section("b", "", columns, ())), ("примітка",), {"факт": "сказано"})
    said = json.loads("".join(text({"format": 1}, [("one", page), ("other", Page(()))])))
    assert (said["format"], unpacked(said["other"], KYIV)) == (1, Page(()))
    back = unpacked(said["one"], KYIV)
    assert back == page
    assert for_people(back.sections[0].rows[0][2], Kind.TIME, Language.ENGLISH) == "03:30+02"


def test_a_long_table_comes_back_whole() -> None:
    section = Section("a", "", (Column("n", "", Kind.COUNT),), tuple((number,) for number in range(1_234)))
    pieces = [*text({"format": 1}, [("one", Page((section,)))])]
    assert unpacked(json.loads("".join(pieces))["one"], KYIV).sections == (section,)
    assert max(map(len, pieces)) < 4_000
