"""What is frozen comes back as it was, to the last digit."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from monitor.core.contract import Language
from monitor.outputs.reports.frozen import Page, packed, unpacked
from monitor.outputs.reports.report import Column, Kind, Section
from monitor.outputs.reports.shown import for_people

KYIV = ZoneInfo("Europe/Kyiv")
AT = datetime(2026, 10, 25, 3, 30, fold=1, tzinfo=KYIV)  # an hour that comes twice


def test_every_kind_of_cell_comes_back() -> None:
    columns = tuple(Column(kind.value, f"Стовпець {kind}", kind, "UAH" if kind is Kind.MONEY else "") for kind in (Kind.TEXT, Kind.MONEY, Kind.TIME, Kind.DATE))
    rows = (("=1+1", Decimal("1.20"), AT, date(2026, 10, 25)), (None, Decimal(2) / 3, None, None), ("7", 4, AT, None))
    page = Page((Section("a", "А", columns, rows, (None, Decimal("-0.00"), None, None)), Section("b", "", columns, ())), ("примітка",), {"факт": "сказано"})
    back = unpacked(json.loads(json.dumps(packed(page))), KYIV)
    assert back == page
    assert for_people(back.sections[0].rows[0][2], Kind.TIME, Language.ENGLISH) == "03:30+02"
