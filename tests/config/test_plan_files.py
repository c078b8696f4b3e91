"""The plan's files as people save them: encodings, sizes; what belongs to a plan and what of it is kept, with whom and why."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import pytest

from monitor.config import Config, WebSettings, read_contract_plan, read_plan
from monitor.config.kept import COLUMNS, kept
from monitor.config.plan_files import imports_file, read_file, read_working, scales_file
from monitor.config.settings import FileFormat, PlanSettings
from monitor.core.contract import Contract, Project
from monitor.errors import PlanError
from monitor.plan.plan import EMPTY
from monitor.plan.scales import COLUMNS as SCALES

HEAD = "project,interval_start,volume,aht_s"
ROW = "банк,2026-11-30T09:00Z,10,180"
CONTRACT = Contract(projects=(Project("банк", "Bank", "floor", ()),))


def config(file: Path | None, **plan: object) -> Config:
    return Config(Path("floorwatch.toml"), CONTRACT, (), WebSettings(), file, PlanSettings(**plan))  # type: ignore[arg-type]


def errors(path: Path) -> str:
    with pytest.raises(PlanError) as caught:
        read_file(path, FileFormat(), CONTRACT)
    return str(caught.value).replace(str(path), path.name)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
def test_every_encoding_excel_saves_in_is_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "plan.csv"
    text = f"{HEAD}\n{ROW}\n"
    path.write_bytes((text.replace(",", "\t") if encoding == "utf-16" else text).encode(encoding))
    assert read_file(path, FileFormat(), CONTRACT).rows[0].project == "банк"


def test_excel_in_ukraine_writes_semicolons_and_decimal_commas(tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    path.write_bytes(f"sep=;\r\n{HEAD.replace(',', ';')}\r\nбанк;2026-11-30T09:00Z;16,25;180,5\r\n".encode("cp1251"))
    (row,) = read_file(path, FileFormat(), CONTRACT).rows
    assert (row.calls_u, row.aht_us) == (16_250_000, 180_500_000)


@pytest.mark.parametrize(
    ("figure", "said"),
    [
        ("1,250", "plan.csv:2: volume '1,250' may be 1250 or 1.25; write 1250, or decimals of another length"),
        ("1.250", "plan.csv:2: volume '1.250' may be 1250 or 1.25; write 1250, or decimals of another length"),
        ("1.250,5", "plan.csv:2: volume '1.250,5' is not a number; decimals need a point, thousands nothing: 1250.5"),
        ("1,2,3", "plan.csv:2: volume '1,2,3' is not a number; decimals need a point, thousands nothing: 1250.5"),
    ],
)
def test_what_may_be_thousands_is_never_guessed(tmp_path: Path, figure: str, said: str) -> None:
    path = tmp_path / "plan.csv"
    for sign in (";", "\t"):
        path.write_text(f"{HEAD.replace(',', sign)}\nбанк;2026-11-30T09:00Z;{figure};180\n".replace(";", sign), encoding="utf-8")
        assert errors(path) == said


@pytest.mark.parametrize(
    ("figure", "calls_u"), [("0,125", 125_000), ("12,5", 12_500_000), ("1 250,5", 1_250_500_000), ("1\u00a0250", 1_250_000_000), ("12.25", 12_250_000)]
)
def test_what_can_be_one_thing_only_is_that(tmp_path: Path, figure: str, calls_u: int) -> None:
    path = tmp_path / "plan.csv"
    path.write_text(f"{HEAD.replace(',', ';')}\nбанк;2026-11-30T09:00Z;{figure};180\n", encoding="utf-8")
    assert read_file(path, FileFormat(), CONTRACT).rows[0].calls_u == calls_u


def test_what_is_no_text_says_so(tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    path.write_bytes(f"{HEAD}\n".encode("utf-16-le"))
    assert errors(path) == "plan.csv: has bytes of nought in it, so it is no text; save it as CSV in UTF-8"
    path.write_bytes(b"\xff\xfea")
    assert errors(path) == "plan.csv: begins as UTF-16 and is not; save it as CSV in UTF-8"


def test_two_million_rows_are_refused_by_name_and_at_once(tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    path.write_bytes(f"{HEAD}\n".encode() + f"{ROW}\n".encode() * 2_000_000)
    before = time.process_time()
    assert errors(path) == "plan.csv: has more than 500000 rows, more than is read at once; leave out what is past, or plan fewer months"
    assert time.process_time() - before < 2
    with path.open("ab") as file:
        file.truncate(200 << 20)
    assert errors(path).startswith("plan.csv: is larger than 128 MB, more than is read at once; ")


def test_a_file_all_of_which_is_wrong_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    path.write_text(f"{HEAD}\n" + "bonk,x,x,x\n" * 50_000, encoding="utf-8")
    with pytest.raises(PlanError) as caught:
        read_file(path, FileFormat(), CONTRACT)
    assert len(caught.value.rows) == 10_002
    assert caught.value.rows[-1].problem == "reading stopped here, after 10000 bad rows; is it this file, and its format?"


# --- what belongs to a plan ----------------------------------------------------------------------------------------------------------


def scales(path: Path, *rows: str) -> None:
    scales_file(path).write_text("\n".join([",".join(SCALES), *rows]) + "\n", encoding="utf-8")


def test_a_plan_is_read_with_its_scales_and_the_contract_without(tmp_path: Path) -> None:
    path, signed = tmp_path / "plan.csv", tmp_path / "signed.csv"
    for file in (path, signed):
        file.write_text(f"{HEAD}\n{ROW}\n", encoding="utf-8")
    for file in (path, signed):
        scales(file, "банк,2026-11-29,,0.5,olena,2026-11-28T10:00:00+00:00,mail,,")
    both = config(path, contract_file=signed)
    assert read_plan(both).over("банк", 0, 2**60).calls_u == 5_000_000
    assert read_contract_plan(both).over("банк", 0, 2**60).calls_u == 10_000_000
    assert read_plan(both).rebased_since("банк", 2**60) == 1_795_910_400_000_000  # 2026-11-29T00:00Z
    assert (read_plan(config(None)), read_contract_plan(config(None)), read_working(config(None))) == (EMPTY, EMPTY, None)


def test_a_bad_scale_is_a_bad_plan(tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    path.write_text(f"{HEAD}\n{ROW}\n", encoding="utf-8")
    scales(path, "банк,x,,0.5,olena,2026-11-28T10:00:00+00:00,mail,,")
    with pytest.raises(PlanError, match=r"plan\.csv\.scales\.csv:2: from 'x' is not a date"):
        read_plan(config(path))


def test_what_is_kept_knows_who_and_why(tmp_path: Path) -> None:
    path, signed, profile = tmp_path / "plan.csv", tmp_path / "signed.xlsx", tmp_path / "profile.csv"
    path.write_text(f"{HEAD}\n{ROW}\n", encoding="utf-8")
    signed.write_bytes(b"PK\x03\x04\xff")
    profile.write_text("x", encoding="utf-8")
    whole = config(path, contract_file=signed, profile=profile, format=FileFormat(text="calabrio"), contract_format=FileFormat(text="amazon"))
    assert [(one.kind, one.who, one.why, one.format) for one in kept(whole, "start")] == [
        ("working", str(path), "start", "calabrio"),
        ("scales", str(scales_file(path)), "start", "scales"),
        ("profile", str(profile), "start", "profile"),
        ("contract", str(signed), "start", "amazon"),
    ]
    assert [one.content for one in kept(whole, "start")[1:3]] == [b"", b"x"]
    assert kept(whole, "start")[3].content == b"PK\x03\x04\xff"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    imports_file(path).write_text(",".join(COLUMNS) + f"\nno line\n2026-11-30T09:00:00+00:00,olena,{digest},грудень.xlsx,,so agreed\n", encoding="utf-8")
    scales(path, "банк,2026-11-29,,0.5,ihor,2026-11-28T10:00:00+00:00,mail,,")
    assert [(one.kind, one.who, one.why, one.format) for one in kept(whole, "reload")[:2]] == [
        ("working", "olena", "import of грудень.xlsx: so agreed", "floorwatch"),
        ("scales", "ihor", "банк: factor 0.5: mail", "scales"),
    ]
    scales(path, "банк,2026-11-29,,0.5,ihor,2026-11-28T10:00:00+00:00,mail,2026-11-29T10:00:00+00:00,taras")
    assert kept(whole, "reload")[1].why == "банк: factor 0.5 removed"
    path.unlink()
    assert [one.kind for one in kept(whole, "reload")] == ["profile", "contract"]
