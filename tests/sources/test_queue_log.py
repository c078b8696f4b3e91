"""queue_log on disk: what is a row, where a day begins in a long file, what rotation left, what cannot be read."""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Callable
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


def test_only_rows_in_which_something_is_found_and_the_first_of_each_part(tmp_path: Path) -> None:
    """Where the log begins is known by its first row, whatever it says."""
    (tmp_path / "queue_log.1").write_text(_row(10, "CONNECT") + _row(11, "CONNECT") + _row(12) + "x" * 9000 + "|ENTERQUEUE|\n" + _row(13), encoding="utf-8")
    (tmp_path / "queue_log.2.gz").write_bytes(b"no gzip")
    (tmp_path / "queue_log").write_text(_row(20, "ABANDON") + _row(21, "ABANDON") + _row(22) + _row(23)[:-1], encoding="utf-8")
    problems: list[str] = []
    rows = queue_log.read(tmp_path / "queue_log", 0, re.compile(rb"\|ENTERQUEUE\|"), problems)
    assert [row.at_s for row in rows] == [10, 12, 13, 20, 22]
    assert [problem.partition(": ")[0] for problem in problems] == [f"{tmp_path}/queue_log.2.gz"]


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


def packed(path: Path, text: str) -> Path:
    with gzip.open(path, "wt", encoding="utf-8") as stream:
        stream.write(text)
    return path


@pytest.mark.parametrize("name", ["queue_log.bak", "queue_log.fifo", "queue_log_custom", "queue_log.1~", "queue_log.old.gz", "queue_log.1.2"])
def test_what_is_no_rotated_part_is_left_alone(tmp_path: Path, name: str) -> None:
    file = tmp_path / "queue_log"
    file.write_text(_row(300), encoding="utf-8")
    (tmp_path / name).write_text(_row(200), encoding="utf-8")
    assert [row.at_s for row in queue_log.read(file, 0)] == [300]


@pytest.mark.parametrize("name", ["queue_log.1", "queue_log.0", "queue_log.12", "queue_log-20261125", "queue_log-20261125-12", "queue_log.1795448916"])
def test_what_rotation_calls_its_parts(tmp_path: Path, name: str) -> None:
    file = tmp_path / "queue_log"
    file.write_text(_row(300), encoding="utf-8")
    (tmp_path / name).write_text(_row(200), encoding="utf-8")
    assert [row.at_s for row in queue_log.read(file, 0)] == [200, 300]


def test_each_content_is_read_once(tmp_path: Path) -> None:
    """logrotate packs `.1` beside itself; somebody copied a part."""
    file = tmp_path / "queue_log"
    file.write_text(_row(300), encoding="utf-8")
    (tmp_path / "queue_log.1").write_text(_row(200), encoding="utf-8")
    packed(tmp_path / "queue_log.1.gz", _row(200))
    packed(tmp_path / "queue_log.2.gz", _row(200))
    assert [row.at_s for row in queue_log.read(file, 0)] == [200, 300]


def test_all_rows_are_there_from_the_beginning_of_the_log_or_from_when_they_are_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "queue_log"
    file.write_text(_row(200) + _row(300), encoding="utf-8")
    assert queue_log.extract(file, 100).begins_s == 200
    assert queue_log.extract(file, 250) == queue_log.Extract((LogRow(300, "300.1", "bank", "NONE", "ENTERQUEUE", ("", "0445550101", "1")),), 250)
    old = tmp_path / "queue_log.1"
    old.write_text(_row(50), encoding="utf-8")
    os.utime(old, (60, 60))  # nothing of the time asked for, but the log goes back further than that
    assert queue_log.extract(file, 100).begins_s == 100
    file.write_text("", encoding="utf-8")
    old.unlink()
    assert queue_log.extract(file, 100) == queue_log.Extract((), None)


@pytest.mark.parametrize("damage", [lambda data: data[:-10], lambda data: data[:12] + b"\0" * 8 + data[20:], lambda data: b"no gzip"])
def test_before_a_damaged_part_nothing_is_whole(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    file = tmp_path / "queue_log"
    file.write_text(_row(900), encoding="utf-8")
    (tmp_path / "queue_log.1").write_text(_row(700) + _row(800), encoding="utf-8")
    torn = packed(tmp_path / "queue_log.2.gz", "".join(_row(at) for at in range(400, 600)))
    torn.write_bytes(damage(torn.read_bytes()))
    (tmp_path / "queue_log.3").write_text(_row(100), encoding="utf-8")
    found = queue_log.extract(file, 50)
    assert len(found.problems) == 1
    assert str(torn) in found.problems[0]
    assert found.begins_s in (700, 900)  # where a part stood of which not even the first line can be read, nobody knows
    assert [row.at_s for row in found.rows] == [at for at in (700, 800, 900) if at >= found.begins_s]
    os.utime(torn, (60, 60))
    assert queue_log.extract(file, 150).begins_s == 150, "what nobody asks for may be damaged"


def test_some_other_file_is_no_log(tmp_path: Path) -> None:
    file = tmp_path / "README.md"
    file.write_text("# Read me\n\n| a | b |\n", encoding="utf-8")
    with pytest.raises(LogUnreadable, match=r"README.md: is no queue_log: no line of it begins with a time and four bars"):
        queue_log.check(file)
    file.write_text("", encoding="utf-8")
    queue_log.check(file)
    file.write_text(_row(100), encoding="utf-8")
    queue_log.check(file)


def test_a_pipe_is_no_log(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "queue_log")
    with pytest.raises(LogUnreadable, match=r"is no file; name the file that Asterisk writes"):
        queue_log.extract(tmp_path / "queue_log", 0)


def test_a_hole_and_a_line_without_end_are_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "queue_log"
    file.write_bytes(_row(100).encode() + b"\0" * 100_000 + b"\n" + b"x" * 50_000 + _row(1).encode() + _row(200).encode())
    assert [row.at_s for row in queue_log.read(file, 0)] == [100, 200]


def test_a_file_that_is_not_there_is_named_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(LogUnreadable, match=r"queue_log: there is no such file; correct queue_log"):
        list(queue_log.read(tmp_path / "queue_log", 0))
    with pytest.raises(LogUnreadable, match=r"is a directory; name the file in it"):
        list(queue_log.read(tmp_path, 0))
