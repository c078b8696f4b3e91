"""A Master.csv and what AMI says, held against each other: who was turned away at the door, and whether anybody would know."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from monitor.core import events as ev
from monitor.core.contract import SECOND
from monitor.core.refusals import CallRefused, CdrSeen
from monitor.sources import cdrwatch
from monitor.sources.cdrwatch import AWAITED_US, EARLY_US, CdrWatch
from monitor.sources.following import LogPace
from tests.sources.watching import Inbox, until

QUICK = LogPace(poll_s=0.005, retry_s=0.01, hung_s=1000, check_s=0.005, full_s=0.002)
AT = 1_796_067_286 * SECOND
MARK = "777"
POSITION = ev.Position("inbound", "600", "1")
LINE = '"","9","600","inbound","x","{channel}","{rang}","{app}","bank,t,,,20","2026-11-30 19:34:46",,"2026-11-30 19:34:46",0,0,"FAILED","DOCUMENTATION"'


class Watched:
    """A Master.csv, its PBX as AMI tells of it, the engine's inbox, and a clock that stands until it is moved."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.inbox = Inbox()
        self.at = AT
        self._marks = 0
        self.watch = CdrWatch("p", file, self.inbox.put, lambda: self.at, QUICK)

    def write(self, call: str, *, app: str = "Queue", rang: str = "", linked: str = "", ids: bool = True) -> None:
        line = LINE.format(channel=f"PJSIP/{call}", app=app, rang=rang)
        more = f',"{number(call)}","","","{number(linked or call)}",7' if ids else ""
        with self.file.open("a", encoding="utf-8") as stream:
            stream.write(f"{line}{more}\n")

    def began(self, call: str) -> None:
        self.watch.heard(ev.ChannelStarted("p", self.at, number(call), number(call), f"PJSIP/{call}", POSITION, "", True))

    def joined(self, call: str, linked: str = "") -> None:
        self.watch.heard(ev.CallerJoined("p", self.at, number(call), number(linked or call), f"PJSIP/{call}", "bank", POSITION))

    def ended(self, call: str) -> None:
        self.watch.heard(ev.ChannelEnded("p", self.at, number(call), POSITION))

    def lost(self) -> None:
        self.watch.heard(ev.LinkLost("p", self.at))

    async def read(self) -> None:
        """Until everything that is in the file now was read and told: a caller who is refused for certain is the last."""
        self._marks += 1
        mark = f"{MARK}{self._marks}"
        self.began(mark)
        self.ended(mark)
        self.write(mark)
        await until(lambda: number(mark) in self.calls)

    @property
    def calls(self) -> list[str]:
        return [event.call for event in self.inbox.of(CallRefused)]

    @property
    def refused(self) -> list[str]:
        return [call for call in self.calls if not call.startswith(number(MARK))]

    @property
    def ups(self) -> list[bool]:
        return [event.up for event in self.inbox.of(CdrSeen)]


def number(call: str) -> str:
    return f"1796067286.{call}"


@contextlib.asynccontextmanager
async def watched(file: Path, *, there: bool = True) -> AsyncIterator[Watched]:
    if there:
        await asyncio.to_thread(file.touch)
    one = Watched(file)
    task = asyncio.create_task(one.watch.run())
    try:
        if there:
            await until(lambda: one.watch.up)
        yield one
        assert not task.done()
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "Master.csv"


async def test_a_record_and_the_end_of_its_call_make_a_refused_one_whichever_comes_first(file: Path) -> None:
    async with watched(file) as one:
        one.began("2")
        one.began("3")
        one.write("2")
        await one.read()
        assert one.refused == []  # his channel lives, as far as AMI has told
        one.ended("2")
        one.ended("3")
        one.at += SECOND
        one.write("3", linked="9")
        await one.read()
        assert one.refused == [number("2"), number("3")]
        assert one.inbox.of(CallRefused)[-2] == CallRefused("p", AT, number("3"), "bank", number("9"), "600")


async def test_whoever_was_in_a_queue_was_not_refused(file: Path) -> None:
    async with watched(file) as one:
        for call in "234":
            one.began(call)
        one.joined("2")
        one.joined("5", linked="3")
        for call in "234":
            one.ended(call)
        one.write("2")
        one.write("3")
        one.write("4", rang="PJSIP/agent-1")
        await one.read()
        assert one.refused == []


async def test_of_another_application_nothing_is_told(file: Path) -> None:
    async with watched(file) as one:
        one.began("2")
        one.ended("2")
        for app in ("Hangup", "Playback", "Dial"):
            one.write("2", app=app)
        await one.read()
        assert one.refused == []


async def test_a_second_record_of_a_call_is_none(file: Path) -> None:
    async with watched(file) as one:
        one.began("2")
        one.write("2")
        one.ended("2")
        one.write("2")
        await one.read()
        one.ended("2")
        assert one.refused == [number("2")]


async def test_a_call_that_was_not_seen_from_beginning_to_end_is_not_judged(file: Path) -> None:
    async with watched(file) as one:
        one.began("2")
        one.lost()
        one.ended("2")
        one.ended("3")  # began before the PBX was seen
        one.write("2")
        one.write("3")
        await one.read()
        assert one.refused == []


async def test_what_was_in_the_file_when_we_came_is_no_news(file: Path) -> None:
    first = Watched(file)
    first.write("2")
    async with watched(file) as one:
        one.began("2")
        one.ended("2")
        await one.read()
        assert one.refused == []


def renamed(file: Path, number: int) -> None:
    """Asterisk opens the file for every record: the next one begins it anew."""
    file.rename(file.with_name(f"Master.csv.{number}"))


def copied_and_cut(file: Path) -> None:
    file.with_name("Master.csv.9").write_bytes(file.read_bytes())
    file.write_bytes(b"")


async def test_records_come_through_every_rotation(file: Path) -> None:
    async with watched(file) as one:
        calls = [f"{call}" for call in range(10, 40)]
        for call in calls:
            one.began(call)
            one.ended(call)
        for turn, call in enumerate(calls):
            one.write(call)
            if turn in (9, 19):
                renamed(file, 3 - turn // 10)
            if turn == 24:
                await one.read()
                copied_and_cut(file)
        await one.read()
        assert one.refused == [number(call) for call in calls]


async def test_a_file_that_comes_later_is_read_from_its_beginning_and_one_that_is_missing_is_said_once(file: Path) -> None:
    with capture_logs() as logs:
        async with watched(file, there=False) as one:
            await until(lambda: any(line["log_level"] == "warning" for line in logs))
            assert one.watch.problem == f"{file}: there is no such file; correct cdr, or leave it empty"
            assert one.ups == []
            one.began("2")
            one.ended("2")
            one.write("2")
            await until(lambda: one.refused == [number("2")])
            assert one.ups == [True]
    assert [line["event"] for line in logs if line["log_level"] in ("warning", "info")] == ["cdr is not followed", "cdr is followed again"]


async def test_records_without_ids_are_nobodys_and_the_file_is_down_until_they_have_some(file: Path) -> None:
    async with watched(file) as one:
        one.began("2")
        one.ended("2")
        one.write("2", ids=False)
        await until(lambda: not one.watch.up)
        assert one.watch.problem is not None
        assert "loguniqueid = yes belongs into [csv] of its cdr.conf" in one.watch.problem
        assert one.ups == [True, False]
        one.write("2")
        await until(lambda: one.watch.up)
        assert one.refused == [number("2")]


async def test_neither_waits_for_ever(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cdrwatch, "MOST", 3)
    async with watched(file) as one:
        one.began("2")
        one.ended("2")
        one.at += AWAITED_US - SECOND
        one.watch.shift(5 * SECOND)
        one.at += 5 * SECOND
        await asyncio.sleep(0.02)
        assert one.watch._ended.keys() == {number("2")}
        one.write("8")
        await one.read()
        assert one.watch._early.keys() == {number("8")}
        one.at += EARLY_US + SECOND
        await until(lambda: not one.watch._ended and not one.watch._early)
        for call in range(20, 26):
            one.began(f"{call}")
            one.ended(f"{call}")
            one.write(f"{call + 10}")
        await until(lambda: len(one.watch._early) == 3)
        assert len(one.watch._ended) == 3


async def test_a_full_inbox_gets_it_later(file: Path) -> None:
    async with watched(file) as one:
        await until(lambda: one.ups == [True])
        one.inbox.room = 0
        one.began("2")
        one.ended("2")
        one.write("2")
        await until(lambda: one.inbox.refusals > 2)
        assert one.refused == []
        one.inbox.room = None
        await until(lambda: one.refused == [number("2")])
