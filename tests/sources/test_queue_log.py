"""queue_log on disk: what is a row, where a day begins in a long file, what rotation left, what cannot be read."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from monitor.core.logrow import LogRow
from monitor.errors import LogUnreadable
from monitor.sources import queue_log


def _row(at_s: int, verb: str = "ENTERQUEUE") -> str:
    return f"{at_s}|{at_s}.1|bank|NONE|{verb}||0445550101|1\n"


@pytest.mark.parametrize(
    ("line", "row"),
    [
        ("1795448916|1.7|bank|Олена Коваль|CONNECT|5|1.8|4", LogRow(1795448916, "1.7", "bank", "Олена Коваль", "CONNECT", ("5", "1.8", "4"))),
        ("1795448916|NONE|NONE|Agent 3|PAUSEALL|lunch\r\n", LogRow(1795448916, "NONE", "NONE", "Agent 3", "PAUSEALL", ("lunch",))),
        ("1795448916|NONE|NONE|NONE|QUEUESTART|", LogRow(1795448916, "NONE", "NONE", "NONE", "QUEUESTART", ("",))),
        ("1795448916|1.7|bank|NONE", None),
        ("٣|1.7|bank|NONE|CONNECT", None),
        ("-5|1.7|bank|NONE|CONNECT", None),
        ("", None),
    ],
)
def test_a_line_is_a_row_or_nothing(line: str, row: LogRow | None) -> None:
    assert queue_log.parse(line) == row


def test_a_number_is_a_number_or_unknown() -> None:
    row = LogRow(1, "1.7", "bank", "NONE", "ABANDON", ("2", "x", "17"))
    assert [row.number(0), row.number(1), row.number(-1), row.number(7)] == [2, None, 17, None]


@pytest.mark.parametrize("since", [0, 1_000_000, 1_000_001, 1_004_999, 1_009_999, 1_010_000])
def test_rows_begin_where_they_are_asked_for(tmp_path: Path, since: int) -> None:
    file = tmp_path / "queue_log"
    file.write_text("".join(_row(at) for at in range(1_000_000, 1_010_000)), encoding="utf-8")
    assert [row.at_s for row in queue_log.read(file, since)] == list(range(max(since, 1_000_000), 1_010_000))


def test_a_line_being_written_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "queue_log"
    file.write_text(_row(100) + "garbage\n" + _row(101) + "102|102.1|bank|NONE|ENTERQ", encoding="utf-8")
    assert [row.at_s for row in queue_log.read(file, 0)] == [100, 101]


def test_rotated_files_come_first_as_far_as_they_reach(tmp_path: Path) -> None:
    file = tmp_path / "queue_log"
    file.write_text(_row(300), encoding="utf-8")
    (tmp_path / "queue_log.1").write_text(_row(200) + _row(250), encoding="utf-8")
    with gzip.open(tmp_path / "queue_log-20261124.gz", "wt", encoding="utf-8") as packed:
        packed.write(_row(100) + _row(150))
    old = tmp_path / "queue_log.2"
    old.write_text(_row(50), encoding="utf-8")
    os.utime(old, (60, 60))
    (tmp_path / "queue_log.gz").write_bytes(b"no gzip")
    assert [row.at_s for row in queue_log.read(file, 120)] == [150, 200, 250, 300]


def test_a_file_that_is_not_there_is_named_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(LogUnreadable, match=r"queue_log: there is no such file; correct queue_log"):
        list(queue_log.read(tmp_path / "queue_log", 0))
    with pytest.raises(LogUnreadable, match=r"is a directory; name the file in it"):
        list(queue_log.read(tmp_path, 0))
