"""Workbooks: the same table as CSV and as XLSX is the same plan; what no text can say is named by its cell, what is no workbook in one line."""

from __future__ import annotations

import contextlib
import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.config import sheets
from monitor.config.files import UnreadableError
from monitor.config.plan_files import read_file
from monitor.config.settings import FileFormat
from monitor.config.sheets import read_sheet
from monitor.core.contract import MINUTE, SECOND, Contract, Project
from monitor.errors import PlanError
from monitor.plan.mapping import ColumnMapping
from monitor.plan.plan import PlanRow
from monitor.plan.presets import PRESETS

CONTRACT = Contract(interval_us=30 * MINUTE, projects=tuple(Project(name, name, "floor", (), ZoneInfo("Europe/Kyiv")) for name in ("bank", "shop")))
NATIVE = FileFormat()
HEAD = ["project", "interval_start", "volume", "aht_s"]


def book(path: Path, *rows: Sequence[object], merged: tuple[str, ...] = (), hidden: int = 0, more: dict[str, list[list[Any]]] | None = None) -> Path:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "Plan"
    for row in rows:
        sheet.append([*row])
    for cells in merged:
        sheet.merge_cells(cells)
    if hidden:
        sheet.row_dimensions[hidden].hidden = True
    for title, other in (more or {}).items():
        another = workbook.create_sheet(title)
        for row in other:
            another.append(row)
    workbook.save(path)
    return path


def read(path: Path, how: FileFormat = NATIVE) -> tuple[PlanRow, ...]:
    return read_file(path, how, CONTRACT).rows


def errors(path: Path, how: FileFormat = NATIVE) -> list[str]:
    with pytest.raises(PlanError) as caught:
        read(path, how)
    return [line.replace(str(path), path.name) for line in str(caught.value).splitlines()]


def moment(hour: int, minute: int = 0, second: int = 0, microsecond: int = 0) -> datetime:
    """As a cell has it: of no zone."""
    return datetime(2026, 11, 30, hour, minute, second, microsecond)  # noqa: DTZ001


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * SECOND


# --- what a cell is ------------------------------------------------------------------------------------------------------------------


def test_cells_are_the_texts_a_csv_would_have(tmp_path: Path) -> None:
    row = [None, "a\n b", 1, 1.5, 42.0, 0.8, True, moment(9, 30), date(2026, 11, 30), time(9, 30), timedelta(minutes=185), 1e-7]
    path = book(tmp_path / "x.xlsx", row)
    ((line, cells),) = read_sheet(path.read_bytes(), "", [])
    assert line == 1
    assert cells == ["", "a b", "1", "1.5", "42", "0.8", "TRUE", "2026-11-30T09:30", "2026-11-30T00:00", "09:30:00", "3:05:00", "1e-07"]


def test_a_half_hour_that_excel_keeps_a_little_short_is_one(tmp_path: Path) -> None:
    path = book(tmp_path / "x.xlsx", HEAD, ["bank", moment(9, 29, 59, 999_900), 1, 180])
    assert read(path)[0].start == at("2026-11-30T09:30+02:00")


def test_lines_are_excel_s_and_blank_and_hidden_rows_are_rows(tmp_path: Path) -> None:
    path = book(tmp_path / "x.xlsx", HEAD, [], ["bank", "2026-11-30T09:00", 1, 180], ["bank", "2026-11-30T09:30", -1, 180, None, ""], hidden=4)
    assert errors(path) == ["x.xlsx:4: volume -1 is negative; write a number such as 180 or 16.25"]


def test_a_sheet_may_be_named(tmp_path: Path) -> None:
    path = book(tmp_path / "x.xlsx", ["nothing"], more={"Грудень": [HEAD, ["bank", "2026-12-01T09:00", 2, 180]]})
    assert read(path, FileFormat(sheet="Грудень"))[0].calls_u == 2_000_000
    assert errors(path, FileFormat(sheet="Січень")) == ["x.xlsx: has no sheet 'Січень'; it has Plan, Грудень"]


def test_presets_are_read_from_workbooks_too(tmp_path: Path) -> None:
    verint = FileFormat(PRESETS["calabrio"])
    path = book(tmp_path / "x.xlsx", ["bank", moment(8), moment(8, 15), 16, 135.46, 490.74])
    (row,) = read(path, verint)
    assert (row.start, row.end - row.start, row.aht_us) == (at("2026-11-30T08:00+02:00"), 15 * MINUTE, 626_200_000)


@settings(max_examples=25)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["bank", "shop", "bonk", ""]),
            st.integers(0, 2 * 24 * 364).map(lambda number: moment(0) - timedelta(minutes=30 * number)),
            st.one_of(st.integers(-1, 1000), st.decimals(0, 1000, places=2).map(float), st.just("x")),
            st.sampled_from([180, 180.5, "", 90_000]),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_the_same_table_is_the_same_plan(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, datetime, Any, Any]]) -> None:
    folder = tmp_path_factory.mktemp("same")
    text = "\n".join([",".join(HEAD), *(f"{name},{start:%Y-%m-%dT%H:%M},{volume},{aht}" for name, start, volume, aht in rows)])
    (folder / "plan.csv").write_text(text, encoding="utf-8")
    book(folder / "plan.xlsx", HEAD, *([name, start, volume, None if aht == "" else aht] for name, start, volume, aht in rows))

    def outcome(path: Path) -> object:
        try:
            return read(path)
        except PlanError as error:
            return [(row.line, row.problem.replace(".0 ", " ")) for row in error.rows]

    assert outcome(folder / "plan.csv") == outcome(folder / "plan.xlsx")


# --- what a table has not ------------------------------------------------------------------------------------------------------------


def test_texts_and_dates_merged_downwards_hold_for_each_row(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["bank", "2026-11-30T09:00", 1, 180],
        [None, "2026-11-30T09:30", 2, 180],
        [None, "2026-11-30T10:00", 3, 180],
        ["shop", "2026-11-30T10:00", 4, 180],
    ]
    path = book(tmp_path / "x.xlsx", HEAD, *rows, merged=("A2:A4",))
    assert [(row.project, row.calls_u // 1_000_000) for row in read(path)] == [("bank", 1), ("bank", 2), ("bank", 3), ("shop", 4)]


def test_merged_figures_and_blocks_are_named(tmp_path: Path) -> None:
    rows: list[list[object]] = [["bank", "2026-11-30T09:00", 40, 180], ["bank", "2026-11-30T09:30", None, 180], ["bank", "2026-11-30T10:00", 3, None]]
    path = book(tmp_path / "x.xlsx", HEAD, *rows, merged=("C2:C3", "C4:D4"))
    assert errors(path) == [
        "x.xlsx:2: cells C2:C3 are merged, and 40 is a figure: for each row or for all? unmerge them",
        "x.xlsx:4: cells C4:D4 are merged; unmerge them, and write into each what it is",
        "x.xlsx:4: aht_s is empty; where there is no plan, leave the row out",
    ]


def test_a_formula_that_was_never_calculated_is_named(tmp_path: Path) -> None:
    path = book(tmp_path / "x.xlsx", HEAD, ["bank", "2026-11-30T09:00", "=1+1", 180], ["bank", "2026-11-30T09:30", -1, 180])
    assert errors(path) == [
        "x.xlsx:2: cell C2 is a formula that was never calculated; open the file in Excel and save it",
        "x.xlsx:2: volume is empty; where there is no plan, leave the row out",
        "x.xlsx:3: volume -1 is negative; write a number such as 180 or 16.25",
    ]


def test_a_formula_counts_as_it_was_last_calculated(tmp_path: Path) -> None:
    path = book(tmp_path / "x.xlsx", HEAD, ["bank", "2026-11-30T09:00", "=1+1", 180])
    content = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(content, "w") as out:
        for name in source.namelist():
            data = source.read(name)
            out.writestr(name, data.replace(b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>").replace(b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>"))
    path.write_bytes(content.getvalue())
    assert read(path)[0].calls_u == 2_000_000


# --- what is no workbook -------------------------------------------------------------------------------------------------------------


def archive(**parts: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as out:
        for name, text in parts.items():
            out.writestr(name.replace("__", "/").replace("_", "."), text)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1" + bytes(600), "x.xlsx: is an old workbook (.xls); save it as .xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1" + "EncryptedPackage".encode("utf-16-le"), "x.xlsx: is protected by a password; save it without one"),
        (b"project,volume\n", "x.xlsx: is no workbook, though it is called one; save it as .xlsx, or call it .csv if it is text"),
        (b"", "x.xlsx: is no workbook, though it is called one; save it as .xlsx, or call it .csv if it is text"),
        (b"PK\x03\x04" + bytes(range(256)), "x.xlsx: is no workbook that Excel would open: it is damaged or cut off; save it again as .xlsx"),
        (archive(content_xml="x"), "x.xlsx: is a sheet of LibreOffice (.ods); save it as .xlsx"),
        (archive(xl__workbook_bin="x"), "x.xlsx: is a binary workbook (.xlsb); save it as .xlsx"),
        (archive(word__document_xml="x"), "x.xlsx: is no workbook that Excel would open: it is damaged or cut off; save it again as .xlsx"),
    ],
    ids=["xls", "password", "text", "empty", "garbage", "ods", "xlsb", "docx"],
)
def test_what_is_no_workbook_says_so(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(content)
    assert errors(path) == [message]


def test_a_workbook_is_known_by_what_is_in_it_whatever_it_is_called(tmp_path: Path) -> None:
    path = book(tmp_path / "x.xlsx", HEAD, ["bank", "2026-11-30T09:00", 1, 180]).rename(tmp_path / "plan.csv")
    assert len(read(path)) == 1


def test_a_workbook_cut_off_anywhere_says_so(tmp_path: Path) -> None:
    content = book(tmp_path / "x.xlsx", HEAD, ["bank", "2026-11-30T09:00", 1, 180]).read_bytes()
    path = tmp_path / "y.xlsx"
    for length in range(4, len(content), 97):
        path.write_bytes(content[:length])
        (message,) = errors(path)
        assert message.startswith("y.xlsx: is no workbook")


def test_a_part_that_is_broken_says_so(tmp_path: Path) -> None:
    path = book(tmp_path / "x.xlsx", HEAD, ["bank", "2026-11-30T09:00", 1, 180])
    with zipfile.ZipFile(path) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    for broken in (name for name in parts if name.startswith("xl/")):
        with zipfile.ZipFile(path, "w") as out:
            for name, data in parts.items():
                out.writestr(name, data[: len(data) // 2] if name == broken else data)
        with contextlib.suppress(PlanError):  # Excel would open some of them too
            assert len(read(path)) == 1


def test_an_archive_that_unpacks_to_a_disk_full_is_refused_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "UNPACKED", 1 << 20)
    path = tmp_path / "x.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("xl/workbook.xml", b"x" * (3 << 20))
    with pytest.raises(UnreadableError, match=r"^unpacks to 3 MB, more than any plan; save the plan's sheet alone$"):
        [*read_sheet(path.read_bytes(), "", [])]


def test_more_rows_than_a_plan_has_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.plan.formats.MOST_ROWS", 3)
    path = book(tmp_path / "x.xlsx", HEAD, *(["bank", f"2026-11-30T{hour:02}:00", 1, 180] for hour in range(5)))
    assert errors(path)[0].startswith("x.xlsx: has more than 500000 rows, more than is read at once")


def test_a_hidden_sheet_is_not_the_first_and_a_day_and_a_time_are_one(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    hidden = workbook.active
    assert hidden is not None
    hidden.sheet_state = "hidden"
    hidden.append(["old"])
    shown = workbook.create_sheet("plan")
    shown.append(["Queue", "Date", "Time", "V", "A"])
    shown.append(["bank", date(2026, 12, 1), time(9, 30), 10, 180])
    shown.append(["bank", datetime.combine(date(2026, 12, 1), time()), time(10, 0), 10, 180])
    workbook.save(tmp_path / "plan.xlsx")
    own = ColumnMapping("mapping", {"project": ("Queue",), "interval_start": ("Date", "Time"), "volume": ("V",), "aht_s": ("A",)})
    bank = Project("bank", "Bank", "floor", (), ZoneInfo("Europe/Kyiv"))
    rows = read_file(tmp_path / "plan.xlsx", FileFormat(own), Contract(projects=(bank,))).rows
    assert [datetime.fromtimestamp(row.start // SECOND, bank.zone).strftime("%H:%M") for row in rows] == ["09:30", "10:00"]
