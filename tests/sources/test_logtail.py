"""A queue_log followed through everything that is done to one: each row once, in order, whenever it is looked at."""

from __future__ import annotations

import gzip
import os
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.logrow import LogRow
from monitor.sources.logtail import AWAY_S, PIECE, Tail
from monitor.sources.queue_log import LONGEST_LINE, parse

BEGUN = 1_795_448_567


def line(number: int, more: str = "") -> bytes:
    return f"{BEGUN + number}|{BEGUN}.{number}|bank|NONE|ABANDON|1|1|{number}{more}\n".encode()


class Pbx:
    """Writes rows as Asterisk does: each by one write to a file it holds open, until it is told to begin the file anew."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "queue_log"
        self.packed = False
        self.look: Callable[[], None] = lambda: None  # whoever follows may look now, or not
        self.see: Callable[[], None] = lambda: None  # or he does
        self._numbers = count()
        self._stream = self.file.open("ab", buffering=0)

    def close(self) -> None:
        self._stream.close()

    def write(self, rows: int = 1) -> None:
        for _ in range(rows):
            self._stream.write(line(next(self._numbers)))

    def part(self, cut: int) -> None:
        """A row as a reader may find it: its end has not come."""
        whole = line(next(self._numbers))
        self._stream.write(whole[: cut % len(whole)])
        self._rest = whole[cut % len(whole) :]

    def end(self) -> None:
        self._stream.write(self._rest)

    def reopen(self) -> None:
        self._stream.close()
        self._stream = self.file.open("ab", buffering=0)

    def shift(self) -> None:
        """What was rotated before moves on by one."""
        for number in range(len(list(self.file.parent.iterdir())), 0, -1):
            for suffix in ("", ".gz"):
                old = self.file.with_name(f"queue_log.{number}{suffix}")
                if old.exists():
                    old.rename(self.file.with_name(f"queue_log.{number + 1}{suffix}"))

    def pack(self) -> None:
        one = self.file.with_name("queue_log.1")
        if self.packed:
            with gzip.open(f"{one}.gz", "wb") as out:
                out.write(one.read_bytes())
            one.unlink()


@pytest.fixture
def pbx(tmp_path: Path) -> Iterator[Pbx]:
    one = Pbx(tmp_path)
    yield one
    one.close()


@contextmanager
def following(pbx: Pbx, steady: Callable[[], float] = lambda: 0.0) -> Iterator[Tail[LogRow]]:
    tail = Tail(pbx.file, parse, steady=steady)
    try:
        yield tail
    finally:
        tail.close()


def told(tail: Tail[LogRow]) -> list[int]:
    """The numbers of all rows there are now."""
    numbers: list[int] = []
    while True:
        found = tail.read()
        assert found.problem is None
        numbers += [int(row.call.split(".")[1]) for row in found.rows]
        if not found.more:
            return numbers


# --- a file that nobody touches ---------------------------------------------------------------------------------------------------


def test_it_begins_at_the_end_and_goes_on_with_what_is_written(pbx: Pbx) -> None:
    pbx.write(500)
    with following(pbx) as tail:
        assert told(tail) == []
        pbx.write(3)
        assert told(tail) == [500, 501, 502]
        assert told(tail) == []


@pytest.mark.parametrize("cut", range(1, 45, 7))
@pytest.mark.parametrize("before", [0, 400])
def test_a_row_that_is_being_written_is_told_when_it_is_whole(pbx: Pbx, cut: int, before: int) -> None:
    pbx.write(before)
    pbx.part(cut)
    with following(pbx) as tail:
        assert told(tail) == []
        pbx.end()
        assert told(tail) == [before]
        pbx.part(cut)
        assert told(tail) == []
        pbx.end()
        pbx.write()
        assert told(tail) == [before + 1, before + 2]


def test_a_look_is_a_bounded_piece_of_work(pbx: Pbx) -> None:
    with following(pbx) as tail:
        tail.read()
        pbx.write(5_000)
        found = tail.read()
        assert found.more
        assert 0 < len(found.rows) < PIECE // 40
        assert [int(row.call.split(".")[1]) for row in found.rows] + told(tail) == list(range(5_000))


@pytest.mark.parametrize("at", ["begun", "whole"])
def test_a_line_longer_than_asterisk_writes_is_no_row_and_is_not_held(pbx: Pbx, at: str) -> None:
    if at == "begun":
        pbx._stream.write(b"1|" * LONGEST_LINE)
    with following(pbx) as tail:
        assert told(tail) == []
        for _ in range(20):
            pbx._stream.write(b"1|2|3|4|" * LONGEST_LINE)
            assert told(tail) == []
            assert len(tail._line) < LONGEST_LINE
        pbx._stream.write(b"\n")
        pbx._stream.write(line(0, "|" + "x" * LONGEST_LINE))
        pbx.write()
        assert told(tail) == [0]


@given(st.lists(st.binary(max_size=200) | st.sampled_from([b"\n", b"|", b"\r\n", b"\x00", line(7), b"1|2|3|4|5|6\n", b"9" * 9_000]), max_size=20))
def test_bytes_of_any_kind_are_passed_over(tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes]) -> None:
    pbx = Pbx(tmp_path_factory.mktemp("log"))
    with following(pbx) as tail:
        tail.read()
        for piece in pieces:
            pbx._stream.write(piece)
            assert tail.read().problem is None
        pbx._stream.write(b"\n" + line(99))
        assert tail.read().rows[-1].call == f"{BEGUN}.99"
    pbx.close()


# --- rotation ---------------------------------------------------------------------------------------------------------------------


def renamed(pbx: Pbx, random: random.Random) -> None:
    """logrotate, or Asterisk with rotatestrategy = rotate: the PBX writes on into the old file until it is told."""
    pbx.shift()
    pbx.file.rename(pbx.file.with_name("queue_log.1"))
    pbx.write(random.randrange(3))
    pbx.reopen()
    pbx.pack()


def created(pbx: Pbx, random: random.Random) -> None:
    """logrotate's `create`: the new file is there, empty, before the PBX turns to it."""
    pbx.shift()
    pbx.file.rename(pbx.file.with_name("queue_log.1"))
    pbx.file.touch()
    pbx.write(random.randrange(3))
    pbx.look()
    pbx.write(random.randrange(3))
    pbx.reopen()
    pbx.pack()


def numbered(pbx: Pbx, random: random.Random) -> None:
    """Asterisk with rotatestrategy = sequential: the newest has the highest number."""
    number = len(list(pbx.file.parent.iterdir()))
    pbx.file.rename(pbx.file.with_name(f"queue_log.{number}"))
    pbx.write(random.randrange(3))
    pbx.reopen()


def stamped(pbx: Pbx, random: random.Random) -> None:
    """Asterisk with rotatestrategy = timestamp."""
    number = len(list(pbx.file.parent.iterdir()))
    pbx.file.rename(pbx.file.with_name(f"queue_log.{BEGUN + number}"))
    pbx.write(random.randrange(3))
    pbx.reopen()


def copied(pbx: Pbx, random: random.Random) -> None:
    """logrotate's `copytruncate`; what is written between its two steps is lost to everybody."""
    pbx.shift()
    pbx.write()
    pbx.see()  # from a file that he never saw he cannot tell it
    pbx.write(random.randrange(3))
    shutil.copyfile(pbx.file, pbx.file.with_name("queue_log.1"))
    os.truncate(pbx.file, 0)
    pbx.write(random.randrange(3))
    pbx.pack()


def removed(pbx: Pbx, random: random.Random) -> None:
    """Somebody deletes it; the PBX begins another."""
    pbx.write()
    pbx.see()  # what he never saw is gone
    pbx.file.unlink()
    pbx.write(random.randrange(3))
    pbx.reopen()


def test_what_was_rotated_away_before_is_not_told_again(pbx: Pbx) -> None:
    chance = random.Random(1)
    for _ in range(3):
        pbx.write(5)
        renamed(pbx, chance)
    first = next(pbx._numbers) + 1
    with following(pbx) as tail:
        assert told(tail) == []
        pbx.shift()
        pbx.file.rename(pbx.file.with_name("queue_log.1"))
        pbx.reopen()
        pbx.write(2)
        assert told(tail) == [first, first + 1]


STYLES = [renamed, created, numbered, stamped, copied, removed]


@pytest.mark.parametrize("style", STYLES)
@given(seed=st.integers(0, 2**32))
def test_rotated_under_writing_every_row_is_told_once_in_order(
    tmp_path_factory: pytest.TempPathFactory, style: Callable[[Pbx, random.Random], None], seed: int
) -> None:
    chance = random.Random(seed)
    pbx = Pbx(tmp_path_factory.mktemp("log"))
    pbx.packed = chance.random() < 0.5
    found: list[int] = []
    with following(pbx) as tail:
        found += told(tail)
        pbx.see = lambda: found.extend(told(tail))
        pbx.look = lambda: pbx.see() if chance.random() < 0.5 else None
        for _ in range(12):
            pbx.write(chance.randrange(6))
            pbx.look()
            if chance.random() < 0.3:
                pbx.part(chance.randrange(1, 40))
                pbx.look()
                pbx.end()
                pbx.look()
            if chance.random() < 0.4:
                for _ in range(chance.choice((1, 1, 2))):
                    style(pbx, chance)
                    pbx.look()
                pbx.write()  # an old file is left once the new one has something in it
                pbx.see()
        pbx.write()
        pbx.see()
    pbx.close()
    assert found == list(range(next(pbx._numbers)))


# --- a file that cannot be had ----------------------------------------------------------------------------------------------------


def test_a_file_that_was_not_there_is_new_and_one_that_was_barred_is_not(pbx: Pbx) -> None:
    for known, expected in ((False, [2]), (True, [1, 2])):
        pbx.file.unlink(missing_ok=True)
        with following(pbx) as tail:
            if known:
                assert tail.read().problem == f"{pbx.file}: there is no such file; correct queue_log, or leave it empty"
            pbx.file.write_bytes(line(1))
            found = told(tail)
            with pbx.file.open("ab") as stream:
                stream.write(line(2))
            assert found + told(tail) == expected


def test_a_file_that_went_away_is_read_on_and_missed_after_a_while(pbx: Pbx) -> None:
    time = 0.0
    with following(pbx, lambda: time) as tail:
        assert told(tail) == []
        away = pbx.file.rename(pbx.file.with_name("elsewhere"))
        pbx.write()
        assert told(tail) == [0]
        time += AWAY_S
        pbx.write()
        found = tail.read()
        assert found.problem == f"{pbx.file}: there is no such file; correct queue_log, or leave it empty"
        assert [row.call for row in found.rows] == [f"{BEGUN}.1"]
        away.rename(pbx.file)
        pbx.write()
        assert told(tail) == [2]


def test_after_an_error_of_the_disk_it_goes_on_where_it_was(pbx: Pbx, monkeypatch: pytest.MonkeyPatch) -> None:
    pbx.write(3)
    with following(pbx) as tail:
        pbx.write(2)
        assert told(tail) == []
        pbx.write(2)
        with monkeypatch.context() as broken:
            broken.setattr(tail, "_look", lambda _: os.pread(-1, 1, 0))
            assert tail.read().problem == f"{pbx.file}: cannot be read: Bad file descriptor"
        pbx.write()
        assert told(tail) == [5, 6, 7]


def test_another_file_in_its_place_after_an_error_is_read_from_its_end(pbx: Pbx, monkeypatch: pytest.MonkeyPatch) -> None:
    pbx.write(9)
    with following(pbx) as tail:
        assert told(tail) == []
        with monkeypatch.context() as broken:
            broken.setattr(tail, "_look", lambda _: os.pread(-1, 1, 0))
            assert tail.read().problem
        pbx.file.unlink()
        pbx.reopen()
        pbx.write(50)
        assert told(tail) == []
        pbx.write()
        assert told(tail) == [59]
