"""Where a part belongs of which nothing can be read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from monitor.sources.parts import placed


@pytest.mark.parametrize(
    ("readable", "unread", "order"),
    [
        ("3.gz 1", "2.gz", "3.gz 2.gz 1"),
        ("2.gz 1", "3.gz", "3.gz 2.gz 1"),
        ("3.gz 2.gz", "1", "3.gz 2.gz 1"),
        ("4 1", "3 2", "4 3 2 1"),
        ("0 1 3", "2", "0 1 2 3"),  # Asterisk's own, sequential: the higher the younger
        ("0 1", "2", "0 1 2"),
        ("20261101.gz 20261103", "20261102-12", "20261101.gz 20261102-12 20261103"),
        ("1790000000 1790000002", "1790000001", "1790000000 1790000001 1790000002"),
        ("", "1", "1"),
    ],
)
def test_by_name(tmp_path: Path, readable: str, unread: str, order: str) -> None:
    names = [[tmp_path / f"queue_log.{name}" for name in one.split()] for one in (readable, unread, order)]
    assert placed(names[0], names[1]) == names[2]


def test_one_that_is_alone_of_its_kind_by_when_it_was_written(tmp_path: Path) -> None:
    parts = [tmp_path / name for name in ("queue_log-20261101", "queue_log-20261103", "queue_log.1")]
    for part, at in zip(parts, (1000, 3000, 2000), strict=True):
        part.touch()
        os.utime(part, (at, at))
    assert placed(parts[:2], parts[2:]) == [parts[0], parts[2], parts[1]]
