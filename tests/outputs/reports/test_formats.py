"""Every format: real numbers where there can be, no formula ever, and the same bytes whenever."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest
from openpyxl import Workbook, load_workbook

from monitor.core.contract import Language
from monitor.outputs.reports import shown
from monitor.outputs.reports.formats import Format, drawn
from monitor.outputs.reports.report import Column, Kind, Report, Section

KYIV = ZoneInfo("Europe/Kyiv")
COLUMNS = (
    Column("name", "A rather long title", Kind.TEXT),
    Column("day", "Day", Kind.DATE),
    Column("at", "From", Kind.TIME),
    Column("calls", "Calls", Kind.COUNT),
    Column("share", "Share", Kind.RATIO),
    Column("change", "Change", Kind.CHANGE),
    Column("amount", "Amount, UAH", Kind.MONEY, "UAH"),
)
EVENING = datetime(2026, 11, 2, 18, 30, tzinfo=UTC).astimezone(KYIV)
ROW = ("=HYPERLINK(1)", date(2026, 11, 2), EVENING, 3, Decimal(7999) / 10_000, Decimal(-1) / 3, Decimal("1234.505"))
EMPTY = ("@x\x00y", None, None, None, None, None, None)


def report(**more: object) -> Report:
    section = Section("all", "All", COLUMNS, (ROW, EMPTY), ("Total", None, None, 3, None, None, Decimal("1234.505")))
    made = Report("test", "Test", "kyiv-1", Language.UKRAINIAN, date(2026, 11, 2), date(2026, 11, 2), (section,), ("+ a note",), {"Client": "-Bank"})
    return replace(made, **more)  # type: ignore[arg-type]


def test_a_table_is_as_wide_as_it_must_be() -> None:
    assert drawn(report(), Format.TABLE).decode() == (
        "Test, kyiv-1, 02.11.2026\n"
        "Client: -Bank\n"
        "\n"
        "All\n"
        "A rather long                                             Amount,\n"
        "title          Day         From   Calls   Share   Change      UAH\n"
        "-------------  ----------  -----  -----  ------  -------  -------\n"
        "=HYPERLINK(1)  02.11.2026  20:30      3  80,0\N{NO-BREAK SPACE}%  -33,3\N{NO-BREAK SPACE}%  1234,51\n"
        "@x y           -           -          -       -        -        -\n"
        "-------------  ----------  -----  -----  ------  -------  -------\n"
        "Total                                 3                   1234,51\n"
        "\n"
        "+ a note\n"
    )


def test_seconds_of_a_column_have_a_decimal_where_one_of_them_has() -> None:
    columns = (Column("talk_s", "Talk", Kind.SECONDS), Column("hold_s", "Hold", Kind.SECONDS), Column("calls", "Calls", Kind.COUNT))
    rows = ((60, 7, 3), (Decimal("0.25"), 8, 4), (None, None, None))
    lines = drawn(report(sections=(Section("all", "", columns, rows, (Decimal("60.25"), 15, 7)),)), Format.TABLE).decode().splitlines()
    assert [line.split() for line in lines if line[-1:].isdigit()][-3:] == [["60,0", "7", "3"], ["0,3", "8", "4"], ["60,3", "15", "7"]]


@pytest.mark.parametrize(("how", "moment"), [(Format.CSV, "2026-11-02T19:30+01:00"), (Format.EXCEL_UK, "02.11.2026 19:30")])
def test_a_moment_is_written_by_its_own_clock(how: Format, moment: str) -> None:
    """Equal are moments of two clocks, and both of an hour that comes twice on one."""
    warsaw = ZoneInfo("Europe/Warsaw")
    twice = datetime(2026, 10, 25, 3, 30, tzinfo=KYIV)
    rows = tuple((at,) for at in (EVENING, EVENING.astimezone(warsaw), EVENING, twice, twice.replace(fold=1)))
    lines = drawn(report(sections=(Section("all", "", COLUMNS[2:3], rows),), notes=(), facts={}), how).decode().splitlines()[-5:]
    assert lines[1] == moment
    assert lines[0] == lines[2] != lines[1]
    assert how is Format.EXCEL_UK or lines[3:] == ["2026-10-25T03:30+03:00", "2026-10-25T03:30+02:00"]


def test_sheets_are_called_by_what_can_be_read() -> None:
    titles = ("bank-line: bill 01.12.2026 - 31.12.2026", "bank-line: bill 01.12.2026 - 31.12.2027", ": '")
    sections = tuple(Section(str(number), title, COLUMNS[:1], ()) for number, title in enumerate(titles))
    book = load_workbook(BytesIO(drawn(report(sections=sections), Format.XLSX)))
    assert book.sheetnames[:3] == ["bank-line bill 01.12.2026", "bank-line bill 01.12.2026 2", "3"]


def test_csv_is_for_programs() -> None:
    rows = list(csv.reader(StringIO(drawn(report(), Format.CSV).decode())))
    assert rows == [
        ["name", "day", "at", "calls", "share", "change", "amount"],
        ["'=HYPERLINK(1)", "2026-11-02", "2026-11-02T20:30+02:00", "3", "0.799900", "-0.333333", "1234.51"],
        ["'@x\x00y", "", "", "", "", "", ""],
    ]


def test_several_tables_of_csv_are_told_apart() -> None:
    amounts = (Column("amount_uah", "Amount, UAH", Kind.MONEY, "UAH"), Column("amount_eur", "Amount, EUR", Kind.MONEY, "EUR"), *COLUMNS[-1:])
    sections = (Section("=days", "", amounts, ((Decimal(1), Decimal(2), None),)), Section("why", "", COLUMNS[:1], (("section",),)))
    assert drawn(report(sections=sections), Format.CSV).decode() == (
        "section,'=days,UAH EUR\namount_uah,amount_eur,amount\n1.00,2.00,\n\nsection,why,\nname\nsection\n"
    )


@pytest.mark.parametrize(
    ("value", "people", "programs"), [("3.0000", "3", "3"), ("0.5", "0,50", "0.50"), ("0.96666667", "0,96666667", "0.96666667"), ("-5", "-5", "-5")]
)
def test_a_quantity_has_the_decimals_it_has(value: str, people: str, programs: str) -> None:
    assert shown.for_people(Decimal(value), Kind.QUANTITY, Language.UKRAINIAN) == people
    assert shown.for_programs(Decimal(value), Kind.QUANTITY) == programs


def test_excel_uk_is_for_people() -> None:
    raw = drawn(report(), Format.EXCEL_UK)
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(StringIO(raw.decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == ["Client", "'-Bank"]
    assert rows[4] == ["'=HYPERLINK(1)", "02.11.2026", "02.11.2026 20:30", "3", "0,799900", "-0,333333", "1234,51"]
    assert rows[-1] == ["'+ a note"]


def test_json_rounds_nothing() -> None:
    said = json.loads(drawn(report(), Format.JSON))
    (section,) = said["sections"]
    assert section["rows"][0] == {
        "name": "=HYPERLINK(1)",
        "day": "2026-11-02",
        "at": "2026-11-02T20:30:00+02:00",
        "calls": 3,
        "share": "0.7999",
        "change": "-0.3333333333333333333333333333",
        "amount": "1234.505",
    }
    assert section["columns"][-1] == {"key": "amount", "title": "Amount, UAH", "kind": "money", "currency": "UAH"}


def test_a_workbook_has_numbers_dates_and_no_formula() -> None:
    book = load_workbook(BytesIO(drawn(report(), Format.XLSX)))
    sheet = book["All"]
    assert sheet.freeze_panes == "A2"
    first = [cell.value for cell in sheet[2]]
    assert first == ["=HYPERLINK(1)", datetime(2026, 11, 2), datetime(2026, 11, 2, 20, 30), 3, 0.7999, pytest.approx(-1 / 3), 1234.505]  # noqa: DTZ001
    assert [cell.data_type for cell in sheet[2]] == ["s", "d", "d", "n", "n", "n", "n"]
    assert sheet["E2"].number_format == "0.0%"
    assert sheet["A3"].value == "@x y"
    assert [cell.value for cell in book["Примітки"]["A"]][1:] == ["Client: -Bank", "+ a note"]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\t=1", "\r=1", "\tx", "\n=1", " =1", "\N{NO-BREAK SPACE}@a", "＝1", "＋1", "－1", " ＠a"])
def test_what_a_spreadsheet_may_take_for_a_formula_is_none(text: str) -> None:
    assert shown.unformulated(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", " ", "a=1", "'=1", "1+1", "рядок"])
def test_other_texts_stay(text: str) -> None:
    assert shown.unformulated(text) == text


def test_a_price_has_its_decimals() -> None:
    column = Column("price", "Price, UAH", Kind.PRICE, "UAH")
    prices = (Decimal("0.1250"), Decimal(9), Decimal("4.5"), Decimal(100), Decimal("0.000001"), None)
    made = report(sections=(Section("prices", "Prices", (column,), tuple((price,) for price in prices)),))
    assert drawn(made, Format.CSV).decode().split() == ["price", "0.125", "9.00", "4.50", "100.00", "0.000001", '""']
    assert drawn(made, Format.EXCEL_UK).decode().split("\r\n")[4:9] == ["0,125", "9,00", "4,50", "100,00", "0,000001"]
    assert drawn(made, Format.TABLE).decode().split("\n")[7:12] == ["   0,125", "    9,00", "    4,50", "  100,00", "0,000001"]
    assert load_workbook(BytesIO(drawn(made, Format.XLSX)))["Prices"]["A2"].number_format == "#,##0.00####"


@pytest.mark.parametrize("how", list(Format))
def test_the_same_report_is_the_same_bytes(how: Format, monkeypatch: pytest.MonkeyPatch) -> None:
    before = drawn(report(), how)
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    monkeypatch.setattr("time.localtime", lambda *_: (2033, 5, 18, 0, 0, 0, 0, 0, 0))
    assert drawn(report(), how) == before


def test_sheets_have_names_that_excel_takes() -> None:
    section = report().sections[0]
    titles = ("a/b:c", "x" * 40, "x" * 40, "")
    book = load_workbook(BytesIO(drawn(report(sections=tuple(replace(section, title=title) for title in titles)), Format.XLSX)))
    assert book.sheetnames == ["a b c", "x" * 31, f"{'x' * 26} 3", "Test", "Примітки"]


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [(Decimal("0.125"), 2, "0,13"), (Decimal("-0.125"), 2, "-0,13"), (Decimal("-0.001"), 2, "0,00"), (Decimal(2), 0, "2")],
)
def test_rounding_is_half_up_and_nothing_is_minus_zero(value: Decimal, places: int, text: str) -> None:
    assert shown.number(value, places, Language.UKRAINIAN) == text


def test_an_hour_that_comes_twice_has_its_offset() -> None:
    both = [shown.local(datetime(2026, 10, 25, 3, 30, tzinfo=KYIV, fold=fold)) for fold in (0, 1)]
    assert both == ["03:30+03", "03:30+02"]


def test_texts_of_a_workbook_are_as_they_were() -> None:
    texts = ("  spaces ", "a & b < c > d", 'say "so"', "two\nlines", "", "x" * 40_000)
    columns = tuple(Column(f"c{number}", f"Title {number}", Kind.TEXT) for number in range(len(texts)))
    section = Section("all", "All", columns, (texts, (None,) * len(texts), texts))
    sheet = load_workbook(BytesIO(drawn(report(sections=(section,)), Format.XLSX)))["All"]
    for row in (2, 4):
        assert [cell.value for cell in sheet[row]] == [*texts[:4], None, "x" * 32_767]
    assert [cell.value for cell in sheet[3]] == [None] * len(texts)


def test_rows_of_a_workbook_are_written_as_openpyxl_writes_them() -> None:
    values = (*ROW[1:], 0, Decimal("-0.005"))
    columns = (*COLUMNS[1:], Column("whole", "Whole", Kind.SECONDS), Column("part", "Part", Kind.SECONDS))
    made = drawn(report(sections=(Section("all", "All", columns, (values,)),)), Format.XLSX)
    sheet = ZipFile(BytesIO(made)).read("xl/worksheets/sheet1.xml").decode()
    book = Workbook(write_only=True)
    copy = book.create_sheet("All")
    copy.append([column.title for column in columns])
    copy.append([value.replace(tzinfo=None) if isinstance(value, datetime) else value for value in values])
    out = BytesIO()
    book.save(out)
    plain = ZipFile(out).read("xl/worksheets/sheet1.xml").decode()
    unstyled = re.sub(r'(<c r="\w+") s="\d+"', r"\1", sheet[sheet.index("<sheetData>") :])
    assert unstyled == re.sub(r'(<c r="\w+") s="\d+"', r"\1", plain[plain.index("<sheetData>") :])


@pytest.mark.parametrize(
    ("p", "people", "programs"),
    [
        ("0.00349832", "0,0035", "0.00349832"),
        ("0.00009999", "< 0,0001", "0.00009999"),
        ("0", "0,0000", "0"),
        ("1.0", "1,0000", "1.0"),
        ("3E-15", "< 0,0001", None),
    ],
)
def test_a_chance_is_never_shown_as_none_and_is_exact_for_programs(p: str, people: str, programs: str | None) -> None:
    assert shown.for_people(Decimal(p), Kind.CHANCE, Language.UKRAINIAN) == people
    assert shown.for_programs(Decimal(p), Kind.CHANCE) == (programs or "0.000000000000003")
