"""Master.csv, record by record: every set of columns cdr.conf can choose, order, broken lines, and files that are something else."""

from __future__ import annotations

import gzip
import os
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.core.contract import SECOND
from monitor.errors import LogUnreadable
from monitor.sources.cdr import QueueCall, QueueRecord, Records, check, parse

KYIV = ZoneInfo("Europe/Kyiv")
CAME = int(datetime(2026, 11, 9, 9, 0, tzinfo=KYIV).timestamp())
BASE = (
    '"","0445550101","600","from-trunk","""Olena, bank"" <0445550101>","PJSIP/trunk-00000001","PJSIP/101-00000002","Queue","bank,tT,,,300",'
    '"2026-11-09 09:00:04","2026-11-09 09:00:05","2026-11-09 09:03:05",181,180,"ANSWERED","DOCUMENTATION"'
)


def calls(file: Path, since: int = 0) -> tuple[list[QueueCall], Records]:
    records = Records(file, KYIV, since)
    return list(records.calls()), records


def master(folder: Path, *lines: str) -> Path:
    file = folder / "Master.csv"
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("more", "call"),
    [
        (f',"{CAME}.17",""', f"{CAME}.17"),
        (f',"{CAME}.17"', f"{CAME}.17"),
        (f',"kyiv-{CAME}.17","note"', f"kyiv-{CAME}.17"),
        (f',"{CAME}.17","","","{CAME - 60}.3",5', f"{CAME - 60}.3"),  # newcdrcolumns: the whole call's id
    ],
)
def test_the_id_says_when_and_which_call(tmp_path: Path, more: str, call: str) -> None:
    found, records = calls(master(tmp_path, BASE + more))
    assert found == [QueueCall(CAME * SECOND, call, "bank", "0445550101")]
    assert (records.read, records.broken, records.undated) == (1, 0, 0)


def test_without_an_id_the_start_says_when(tmp_path: Path) -> None:
    found, records = calls(master(tmp_path, BASE))
    assert found == [QueueCall((CAME + 4) * SECOND, "PJSIP/trunk-00000001 2026-11-09 09:00:04", "bank", "0445550101")]
    assert records.undated == 1


def test_other_applications_are_no_queue_calls(tmp_path: Path) -> None:
    found, records = calls(master(tmp_path, BASE.replace('"Queue"', '"Dial"'), BASE.replace('"bank,tT,,,300"', '""')))
    assert (found, records.broken) == ([], 0)


@pytest.mark.parametrize(
    "line",
    [
        "half a line",
        BASE.replace('"2026-11-09 09:03:05"', '"yesterday"'),
        BASE.replace('"2026-11-09 09:03:05"', '"2026-13-09 09:03:05"'),
        BASE.rpartition(",")[0],
        '"' + BASE,
        "\x00\x01\x02",
        BASE + ',"1","2","3","4","5","6","7"',
    ],
)
def test_a_line_that_is_no_record_is_counted(tmp_path: Path, line: str) -> None:
    found, records = calls(master(tmp_path, line, BASE))
    assert len(found) == 1
    assert (records.read, records.broken) == (2, 1)


def test_calls_are_put_into_the_order_in_which_they_came(tmp_path: Path) -> None:
    """The short one is written first."""
    long = BASE.replace("09:03:05", "10:30:00") + f',"{CAME}.1"'
    short = BASE.replace("09:00:04", "09:10:00") + f',"{CAME + 600}.2"'
    found, _ = calls(master(tmp_path, short, long))
    assert [call.call for call in found] == [f"{CAME}.1", f"{CAME + 600}.2"]


def test_memory_is_of_six_hours_not_of_the_file(tmp_path: Path) -> None:
    late = BASE.replace("2026-11-09 09:03:05", "2026-11-09 17:00:00") + f',"{CAME + 8 * 3600}.2"'
    records = Records(master(tmp_path, BASE + f',"{CAME}.1"', late, late), KYIV)
    stream = records.calls()
    assert next(stream).call == f"{CAME}.1"
    assert records.read == 2  # it came before the rest was read


def test_rotated_files_come_first_and_old_ones_not_at_all(tmp_path: Path) -> None:
    file = master(tmp_path, BASE + f',"{CAME}.9"')
    older = BASE.replace("11-09", "11-08") + f',"{CAME - 86_400}.1"'
    (tmp_path / "Master.csv.1.gz").write_bytes(gzip.compress(f"{older}\n".encode()))
    (tmp_path / "Master.csv.2.gz").write_bytes(b"never packed")
    found, records = calls(file)
    assert [call.call for call in found] == [f"{CAME - 86_400}.1", f"{CAME}.9"]
    assert len(records.problems) == 1
    assert "Master.csv.2.gz: " in records.problems[0]
    for old in ("Master.csv.1.gz", "Master.csv.2.gz"):
        os.utime(tmp_path / old, (CAME - 90_000, CAME - 90_000))
    found, records = calls(file, (CAME - 3600) * SECOND)
    assert ([call.call for call in found], records.problems) == ([f"{CAME}.9"], [])


def test_what_is_no_master_csv_is_said(tmp_path: Path) -> None:
    check(master(tmp_path, "half a line", BASE))
    (tmp_path / "empty").touch()
    check(tmp_path / "empty")
    with pytest.raises(LogUnreadable, match="there is no such file; correct cdr, or leave it empty"):
        check(tmp_path / "none")
    with pytest.raises(LogUnreadable, match=r"is no Master\.csv: no line of it has 16 quoted fields and three times; name the file that cdr_csv writes"):
        check(master(tmp_path, "1794207604|1.1|bank|NONE|ENTERQUEUE||100|1"))
    with pytest.raises(LogUnreadable, match="is a directory"):
        list(Records(tmp_path, KYIV).calls())


# --- as Asterisk wrote it: callers at the door of a queue -----------------------------------------------------------------------------

TIMES = '"2026-11-30 19:34:46","2026-11-30 19:34:46","2026-11-30 19:34:46",0,0'
UNANSWERED = '"2026-11-30 19:34:46",,"2026-11-30 19:34:46",0,0'
AT_S = int(datetime(2026, 11, 30, 19, 34, 46, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("line", "record"),
    [
        (
            (
                f'"","900000002","ends","inbound","""ends"" <900000002>","PJSIP/trunk-00000001","","Queue","shut,t,,,20",{UNANSWERED},"FAILED","DOCUMENTATION",'
                '"1796067286.1","","","1796067286.1",1'
            ),
            QueueRecord(AT_S, "1796067286.1", "1796067286.1", "shut", rang=False),
        ),
        (
            (
                f'"","900000009","ansends","inbound","""ansends"" <900000009>","PJSIP/trunk-00000009","","Queue","shut",{TIMES},"ANSWERED","DOCUMENTATION",'
                '"kyiv-1796067287.14",""'
            ),
            QueueRecord(AT_S, "kyiv-1796067287.14", "kyiv-1796067287.14", "shut", rang=False),
        ),
        (
            (
                '"","900000018","ansends","inbound","""local"" <900000018>","Local/ansends@inbound-00000000;2","","Queue","shut,t,,,20",'
                f'{TIMES},"ANSWERED","DOCUMENTATION","1796067289.42","","","1796067288.30",28'
            ),
            QueueRecord(AT_S, "1796067289.42", "1796067288.30", "shut", rang=False),
        ),
        (
            (
                '"","940000001","full","inbound","""full"" <940000001>","PJSIP/trunk-00000000","PJSIP/agent1-00000004","Queue","narrow,t,,,20",'
                f'{TIMES},"NO ANSWER","DOCUMENTATION","1796067286.0","","","1796067286.0",0'
            ),
            QueueRecord(AT_S, "1796067286.0", "1796067286.0", "narrow", rang=True),
        ),
        (
            f'"","900000009","ansends","inbound","""ansends"" <900000009>","PJSIP/trunk-00000009","","Queue","shut",{TIMES},"ANSWERED","DOCUMENTATION"',
            QueueRecord(AT_S, "", "", "shut", rang=False),
        ),
        (
            (
                f'"","900000010","anshangup","inbound","""anshangup"" <900000010>","PJSIP/trunk-0000000a","","Hangup","",{TIMES},"ANSWERED","DOCUMENTATION",'
                '"1796067287.15","","","1796067287.15",10'
            ),
            None,
        ),
        (
            (
                f'"","900000018","local","inbound","""local"" <900000018>","PJSIP/trunk-15","Local/x@in-0;1","Dial","Local/x@in/n,10",{TIMES},"ANSWERED",'
                '"DOCUMENTATION","1796067288.30","","","1796067288.30",21'
            ),
            None,
        ),
        ("1796067286|NONE|NONE|NONE|QUEUESTART|", None),
        ('"","9","x","inbound","x","PJSIP/x","","Queue","shut","2026-11-30 19:34:46",,"2026-11-30 25:61:61",0,0,"FAILED","DOCUMENTATION"', None),
    ],
)
def test_a_line_of_a_real_file(line: str, record: QueueRecord | None) -> None:
    assert parse(line) == record
