"""A contact of another channel that was answered is counted, and its key known, whatever becomes of the process."""

from __future__ import annotations

import asyncio
from pathlib import Path

from monitor.core.channel_contacts import ChannelContact, Taken, TakenOrNot
from monitor.core.counters import Outcome
from monitor.desk import Desk
from tests.clockwork import Time
from tests.core.scene import T0, contract, project
from tests.test_resume import Process

AGREED = contract(project("bank", channels=("chat",)), project("shop"))
MANY = [ChannelContact("bank", "chat", f"chat {number}", T0, Outcome.ABANDONED, handle_us=number) for number in range(250)]


async def tell(process: Process) -> list[TakenOrNot]:
    """As who sends them, to an engine whose loop runs."""
    running = asyncio.create_task(process.engine.run())
    await asyncio.sleep(0)
    try:
        return await Desk(process.engine).tell_contacts(MANY, "mqtt")
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def test_killed_after_the_answer_nothing_is_counted_twice(tmp_path: Path) -> None:
    time = Time()
    assert asyncio.run(tell(Process(tmp_path, time, agreed=AGREED))) == [Taken(False, "chat")] * 250
    for _ in range(3):  # each is killed too
        time.go(5)
        again = Process(tmp_path, time, agreed=AGREED)
        assert asyncio.run(tell(again)) == [Taken(True, "chat")] * 250
        counters = again.engine.floor.counters
        assert counters.channel_contacts["bank", "chat", Outcome.ABANDONED] == 250
        assert counters.channel_handle_us["bank", "chat"] == sum(range(250))
