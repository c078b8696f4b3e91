"""A real Asterisk rotates its queue_log while it writes to it, in each way it knows and as logrotate has it: no row is missed or told twice.

The truth is what lies in the files afterwards, not what the dialplan wrote: Asterisk itself drops a row that comes while it rotates
(ast_queue_log asks for the open file before it waits for the lock).
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from monitor.core.events import ExitLogged, SnapshotTaken
from monitor.sources.logwatch import LogWatch
from tests.lab.fetch import Unavailable
from tests.lab.pbx import Asterisk
from tests.sources.watching import Inbox

pytestmark = [pytest.mark.lab, pytest.mark.timeout(120)]

ROWS = 90
BETWEEN = 20  # rows
APART_S = 1.1  # two files rotated in one second would bear the same name, and Asterisk puts the second over the first
DIALPLAN = f"""
[tail]
exten => _X.,1,Set(n=0)
same => n,While($[${{n}} < {ROWS}])
same => n,QueueLog(bank,${{EXTEN}}.${{n}},NONE,ABANDON,1,1,9)
same => n,Wait(0.04)
same => n,Set(n=$[${{n}} + 1])
same => n,EndWhile()
same => n,Hangup()
"""
LOGGER = "[general]\nqueue_log = yes\nqueue_log_to_file = yes\nrotatestrategy = {}\n[logfiles]\nmessages = notice,warning,error\n"
PATIENCE_S = 20.0


@pytest.fixture(params=[pytest.param("16", marks=pytest.mark.full), "22"])
async def pbx(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Asterisk]:
    try:
        one = await asyncio.to_thread(Asterisk, request.param, tmp_path / "pbx")
    except Unavailable as missing:
        pytest.skip(f"Asterisk {request.param}: {missing}")
    one.write("extensions.conf", (one.etc / "extensions.conf").read_text(encoding="utf-8") + DIALPLAN)
    await asyncio.to_thread(one.start)
    yield one
    await asyncio.to_thread(one.stop)


def log_rotates(pbx: Asterisk) -> None:
    """What /etc/logrotate.d/asterisk does."""
    pbx.queue_log.rename(pbx.queue_log.with_name("queue_log-20261125"))
    pbx.queue_log.touch()
    pbx.cli("logger reload")


def written(pbx: Asterisk, caller: str) -> list[str]:
    """The rows of one call in all files, in the order of writing."""
    lines = [line for file in pbx.queue_log.parent.glob("queue_log*") for line in file.read_text(encoding="utf-8").splitlines()]
    calls = [line.split("|")[1] for line in lines if f"|{caller}." in line]
    return sorted(calls, key=_number)


async def until(inbox: Inbox, call: str) -> None:
    """Until this row or a later one is told, or it takes too long."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_S):
            while not any(_number(event.call) >= _number(call) for event in inbox.of(ExitLogged)):
                await asyncio.sleep(0.02)


def _number(call: str) -> tuple[int, int]:
    caller, _, row = call.partition(".")
    return int(caller), int(row)


async def test_no_row_is_missed_or_told_twice(pbx: Asterisk) -> None:
    inbox = Inbox()
    watch = LogWatch("p", pbx.queue_log, inbox.put, lambda: time.time_ns() // 1000, lambda: 0)
    watch.put(SnapshotTaken("p", 0, {}, (), (), ()))
    following = asyncio.create_task(watch.run())
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not watch.up:
                await asyncio.sleep(0.01)
        rotated_at = 0.0
        for number, strategy in enumerate(("sequential", "rotate", "timestamp", "logrotate")):
            if strategy != "logrotate":
                pbx.write("logger.conf", LOGGER.format(strategy))
            told = len(inbox.of(ExitLogged))
            caller = f"{100 + number}"
            await asyncio.to_thread(pbx.cli, f"channel originate Local/{caller}@tail application Wait 10")
            for turn in range(3):
                await until(inbox, f"{caller}.{turn * BETWEEN}")
                await asyncio.sleep(max(0.0, rotated_at + APART_S - time.monotonic()))
                rotated_at = time.monotonic()
                if strategy != "logrotate":
                    await asyncio.to_thread(pbx.cli, "logger rotate")
                elif not turn:
                    await asyncio.to_thread(log_rotates, pbx)
            await until(inbox, f"{caller}.{ROWS - 1}")
            assert [event.call for event in inbox.of(ExitLogged)[told:]] == written(pbx, caller), strategy
            assert len(written(pbx, caller)) >= ROWS - 3, strategy
        assert watch.up
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
