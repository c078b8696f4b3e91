"""A queue_log and what AMI says, held against each other: which exits are told, and whether the log can be relied on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from monitor.core import events as ev
from monitor.core.contract import SECOND
from monitor.core.logrow import LogRow
from monitor.sources.following import LogPace
from monitor.sources.logtail import Passage, Tail
from monitor.sources.logwatch import EXITS, MOST_CALLS, LogWatch
from tests.sources.watching import Inbox, now, until

QUICK = LogPace(poll_s=0.005, retry_s=0.01, silent_s=1000, hung_s=1000, check_s=0.005, full_s=0.002)
POSITION = ev.Position("inbound", "s", "1")


class Watched:
    """A log, its PBX as AMI tells of it, and the engine's inbox."""

    def __init__(self, file: Path, offset_us: int, pace: LogPace) -> None:
        self.file = file
        self.inbox = Inbox()
        self.watch = LogWatch("p", file, self.inbox.put, now, lambda: offset_us, pace)
        self._number = 0

    def write(self, verb: str, call: str, at_s: int | None = None) -> None:
        with self.file.open("a", encoding="utf-8") as stream:
            stream.write(f"{now() // SECOND if at_s is None else at_s}|{call}|bank|NONE|{verb}|1|1|9\n")

    def seen(self, at: int | None = None, *, whole: bool = True) -> None:
        assert self.watch.put(ev.SnapshotTaken("p", now() if at is None else at, {}, (), (), (), whole=whole))

    def lost(self) -> None:
        assert self.watch.put(ev.LinkLost("p", now()))

    def joined(self, call: str) -> None:
        assert self.watch.put(ev.CallerJoined("p", now(), call, call, "PJSIP/x", "bank", POSITION))

    async def read(self) -> None:
        """Until everything that is in the file now was read and told."""
        self._number += 1
        mark = f"mark.{self._number}"
        self.write("ENTERQUEUE", mark)
        await until(lambda: mark in self.watch._known and not self.watch._following.to_tell)

    @property
    def exits(self) -> list[tuple[str, str]]:
        return [(event.call, event.verb) for event in self.inbox.of(ev.ExitLogged)]

    @property
    def ups(self) -> list[bool]:
        return [event.up for event in self.inbox.of(ev.LogSeen)]


@contextlib.asynccontextmanager
async def watched(file: Path, *, offset_us: int = 0, pace: LogPace = QUICK) -> AsyncIterator[Watched]:
    one = Watched(file, offset_us, pace)
    task = asyncio.create_task(one.watch.run())
    try:
        yield one
        assert not task.done()
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


OLD = "1795448567|1.1|bank|NONE|ABANDON|1|1|9\n"


def fill(path: Path) -> None:
    path.write_text(OLD, encoding="utf-8")


def rotate_away(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))


def replace_by_a_file(path: Path) -> None:
    (os.rmdir if path.is_dir() else os.unlink)(path)
    fill(path)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "queue_log"
    fill(path)
    return path


def said(logs: list[EventDict]) -> list[tuple[str, str]]:
    return [(entry["log_level"], entry["event"]) for entry in logs if entry["log_level"] != "debug"]


DOWN, AGAIN = ("warning", "queue_log is not followed"), ("info", "queue_log is followed again")


# --- exits ------------------------------------------------------------------------------------------------------------------------


async def test_every_unanswered_exit_is_told_with_its_time_on_our_clock(file: Path) -> None:
    async with watched(file, offset_us=-30 * SECOND) as one:
        one.seen(now() - 300 * SECOND)
        await until(lambda: one.watch.up)
        second = now() // SECOND - 100
        for verb in sorted(EXITS):
            one.write(verb, f"1.{verb}", second)
        one.write("CONNECT", "1.2")
        one.write("COMPLETECALLER", "1.2")
        one.write("ABANDON", "1.3", second + 3_600)
        await one.read()
        assert one.exits == [*((f"1.{verb}", verb) for verb in sorted(EXITS)), ("1.3", "ABANDON")]
        *usual, ahead = one.inbox.of(ev.ExitLogged)
        assert {event.at for event in usual} == {(second + 30) * SECOND}
        assert (usual[0].pbx, usual[0].queue) == ("p", "bank")
        assert ahead.at <= now()  # a clock that is wrong tells of no future
        assert one.ups == [True]


async def test_out_of_sight_nothing_is_told_and_then_what_came_after_the_snapshot(file: Path) -> None:
    async with watched(file) as one:
        await until(lambda: one.watch.up)
        second = now() // SECOND
        one.write("ABANDON", "1.0", second - 9)
        await one.read()
        one.seen((second - 10) * SECOND)
        await until(lambda: one.exits)
        one.lost()
        for late in range(-3, 3):
            one.write("ABANDON", f"2.{late}", second + late)
        await one.read()
        one.seen((second - 1) * SECOND + 1, whole=False)
        assert one.exits == [("1.0", "ABANDON")]
        one.seen((second - 1) * SECOND + 1)  # the rows of its second may be of before
        one.write("ABANDON", "3.0", second - 1)
        one.write("ABANDON", "3.1", second)
        await one.read()
        assert one.exits == [("1.0", "ABANDON"), *((f"2.{late}", "ABANDON") for late in range(3)), ("3.1", "ABANDON")]


async def test_a_step_of_our_clock_moves_the_snapshot_s_instant_along(file: Path) -> None:
    async with watched(file) as one:
        await until(lambda: one.watch.up)
        one.seen()
        one.watch.shift(-60 * SECOND)
        one.write("ABANDON", "1.1", now() // SECOND - 30)
        await until(lambda: one.exits)


async def test_what_the_inbox_has_no_room_for_is_offered_again_and_nothing_is_read_meanwhile(file: Path) -> None:
    async with watched(file) as one:
        await until(lambda: one.ups)
        one.seen(0)
        one.inbox.room = 1
        for number in range(3):
            one.write("ABANDON", f"1.{number}")
        await until(lambda: one.inbox.refusals > 2)
        for number in range(3, 6):
            one.write("ABANDON", f"1.{number}")
            refusals = one.inbox.refusals
            await until(lambda: one.inbox.refusals > refusals + 10)  # noqa: B023 - it is waited for here
            assert len(one.watch._following.to_tell) <= 3
        one.inbox.room = None
        await one.read()
        assert [call for call, _ in one.exits] == [f"1.{number}" for number in range(6)]


# --- a file that cannot be had ----------------------------------------------------------------------------------------------------


async def test_a_file_that_comes_later_goes_and_comes_back(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.sources.logtail.AWAY_S", 0.05)
    rotate_away(file)
    with capture_logs() as logs:
        async with watched(file) as one:
            one.seen(0)
            await until(lambda: said(logs))
            assert (one.watch.up, one.ups) == (False, [])
            assert one.watch.problem == f"{file}: there is no such file; correct queue_log, or leave it empty"
            one.write("ABANDON", "1.0")
            await until(lambda: one.ups == [True])
            await one.read()
            assert one.exits == [("1.0", "ABANDON")]  # it is new: all that is in it is
            for _ in range(2):
                rotate_away(file)
                await until(lambda: not one.watch.up)
                fill(file)
                await until(lambda: one.watch.up)
            assert one.ups == [True, False, True, False, True]
    assert said(logs) == [DOWN, AGAIN] * 3


@pytest.mark.parametrize("kind", ["directory", "pipe", "forbidden"])
async def test_what_cannot_be_read_is_said_once_and_is_read_when_it_can(kind: str, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    barred, real = [kind == "forbidden"], Tail._begin

    def forbidding(tail: Tail[LogRow]) -> int:
        if barred[0]:
            raise PermissionError(13, "Permission denied")
        return real(tail)

    monkeypatch.setattr(Tail, "_begin", forbidding)
    if kind != "forbidden":
        rotate_away(file)
        (os.mkdir if kind == "directory" else os.mkfifo)(file)
    problems = {"directory": "is a directory; name the file in it", "pipe": "is no file; name the file that Asterisk writes"}
    with capture_logs() as logs:
        async with watched(file) as one:
            one.seen(0)
            await until(lambda: said(logs))
            expected = problems.get(kind, "may not be read; give the daemon's user the right to (Debian: the group asterisk)")
            assert one.watch.problem == f"{file}: {expected}"
            if kind != "forbidden":
                barred[0] = True  # it is not missed meanwhile
                replace_by_a_file(file)
            barred[0] = False
            await until(lambda: one.watch.up)
            await one.read()
            assert one.exits == []  # what was there before is told by others
    assert said(logs) == [DOWN, AGAIN]


async def test_a_file_that_is_not_there_is_looked_for_slowly(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks, real = 0, Tail.read

    def counted(tail: Tail[LogRow]) -> Passage[LogRow]:
        nonlocal looks
        looks += 1
        return real(tail)

    monkeypatch.setattr(Tail, "read", counted)
    rotate_away(file)
    async with watched(file, pace=replace(QUICK, retry_s=1000)) as one:
        await until(lambda: one.watch.problem and "no such file" in one.watch.problem)
        await asyncio.sleep(0.05)  # ten times as long as between two looks at a file that is there
        assert looks == 1


async def test_a_disk_that_does_not_answer_is_noticed_and_holds_nobody_up(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = threading.Event()
    answers.set()
    real = Tail.read

    def slow(tail: Tail[LogRow]) -> Passage[LogRow]:
        answers.wait()
        return real(tail)

    monkeypatch.setattr(Tail, "read", slow)
    before = threading.active_count()
    with capture_logs() as logs:
        async with watched(file, pace=replace(QUICK, hung_s=0.05)) as one:
            one.seen(0)
            await until(lambda: one.watch.up)
            answers.clear()
            one.write("ABANDON", "1.0")
            await until(lambda: not one.watch.up)
            assert one.watch.problem == f"{file}: is not read: its disk does not answer"
            assert threading.active_count() == before + 1
            answers.set()
            await until(lambda: one.watch.up)
            await one.read()
            assert one.exits == [("1.0", "ABANDON")]
            answers.clear()
    answers.set()
    assert said(logs) == [DOWN, AGAIN]
    await until(lambda: threading.active_count() == before)


# --- a file that is silent --------------------------------------------------------------------------------------------------------

SOON = replace(QUICK, silent_s=0.1)


async def test_a_log_without_the_callers_of_the_last_minute_is_down_until_it_has_one(file: Path) -> None:
    with capture_logs() as logs:
        async with watched(file, pace=SOON) as one:
            one.seen()
            await until(lambda: one.watch.up)
            one.joined("2.0")
            one.write("ENTERQUEUE", "another PBX's")
            await until(lambda: not one.watch.up)
            assert one.watch.problem is not None
            assert "queue_log = yes" in one.watch.problem
            assert "queue_log_to_file = yes" in one.watch.problem
            one.joined("2.1")
            await one.read()
            assert not one.watch.up
            one.write("ENTERQUEUE", "2.1")
            await until(lambda: one.ups == [True, False, True])
    assert said(logs) == [DOWN, AGAIN]


@pytest.mark.parametrize("first", ["row", "event"])
async def test_a_caller_whom_both_have_told_is_no_question_whoever_came_first(first: str, file: Path) -> None:
    async with watched(file, pace=SOON) as one:
        one.seen()
        await until(lambda: one.watch.up)
        if first == "event":
            one.joined("2.9")  # its row is lost, and the next one's is not
            one.joined("2.0")
        for _ in range(2):  # a caller may come twice
            one.write("ENTERQUEUE", "2.0")
        await one.read()
        if first == "row":
            one.joined("2.0")
            one.joined("2.0")
        assert one.watch._awaited == {}
        if first == "row":
            one.joined("2.0")
            assert [*one.watch._awaited] == ["2.0"]


async def test_who_came_while_the_pbx_or_the_file_was_out_of_sight_proves_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.sources.logtail.AWAY_S", 0.0)
    async with watched(file, pace=SOON) as one:
        one.joined("1.0")
        await until(lambda: one.watch.up)
        one.seen()
        one.joined("2.0")
        one.lost()
        one.joined("2.1")
        assert one.watch._awaited == {}
        one.seen()
        one.joined("2.2")
        rotate_away(file)
        await until(lambda: not one.watch.up)
        assert one.watch._awaited == {}
        one.joined("2.3")
        assert one.watch._awaited == {}


async def test_what_is_remembered_is_bounded(file: Path) -> None:
    async with watched(file) as one:
        one.seen()
        await until(lambda: one.watch.up)
        for number in range(MOST_CALLS + 50):
            one.joined(f"2.{number}")
            one.watch._read(LogRow(1, f"3.{number}", "bank", "NONE", "ENTERQUEUE"))
        assert len(one.watch._awaited) == len(one.watch._known) == MOST_CALLS
        assert "2.0" in one.watch._awaited  # the oldest decide
        one.watch._silent = True
        one.joined("4.0")
        assert "4.0" in one.watch._awaited
        assert len(one.watch._awaited) == MOST_CALLS
