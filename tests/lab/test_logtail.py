"""A real Asterisk rotates its queue_log while it writes to it, in each way it knows and as logrotate has it: no row is missed or told twice."""

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

pytestmark = [pytest.mark.lab, pytest.mark.full, pytest.mark.timeout(120)]

ROWS = 90
BETWEEN = 26  # rows of a good second: two files rotated in one second would bear the same time
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


@pytest.fixture(params=["16", "22"])
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


async def rows(inbox: Inbox, count: int) -> None:
    """Until so many are told, or it takes too long."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_S):
            while len(inbox.of(ExitLogged)) < count:
                await asyncio.sleep(0.02)


async def test_no_row_is_missed_or_told_twice(pbx: Asterisk) -> None:
    inbox = Inbox()
    watch = LogWatch("p", pbx.queue_log, inbox.put, lambda: time.time_ns() // 1000, lambda: 0)
    watch.put(SnapshotTaken("p", 0, {}, (), (), ()))
    following = asyncio.create_task(watch.run())
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not watch.up:
                await asyncio.sleep(0.01)
        for number, strategy in enumerate(("sequential", "rotate", "timestamp", "logrotate")):
            if strategy != "logrotate":
                pbx.write("logger.conf", LOGGER.format(strategy))
            told = len(inbox.of(ExitLogged))
            await asyncio.to_thread(pbx.cli, f"channel originate Local/{100 + number}@tail application Wait 10")
            for turn in range(3):
                await rows(inbox, told + turn * BETWEEN)
                if strategy != "logrotate":
                    await asyncio.to_thread(pbx.cli, "logger rotate")
                elif not turn:
                    await asyncio.to_thread(log_rotates, pbx)
            await rows(inbox, told + ROWS)
            assert [event.call for event in inbox.of(ExitLogged)[told:]] == [f"{100 + number}.{row}" for row in range(ROWS)], strategy
        assert watch.up
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
