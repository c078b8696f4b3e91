"""kill -9 at any instant: no counter that was ever shown is smaller afterwards, and the day goes on."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from tests.state.kill import Reader, Running, configuration, simulated
from tests.test_cli import free_port

PATIENCE_S = 60  # of a machine that has much to do; all of it passes only when something is wrong


async def reads(reader: Reader, scrapes: int) -> None:
    """Wait until so many more scrapes were read."""
    wanted = reader.scrapes + scrapes
    async with asyncio.timeout(PATIENCE_S):
        while reader.scrapes < wanted:
            await asyncio.sleep(0.01)


async def connected(reader: Reader, times: int) -> None:
    """Wait until so many logins were counted, over all processes."""
    async with asyncio.timeout(PATIENCE_S):
        while reader.total("floorwatch_ami_connects_total") < times:
            await asyncio.sleep(0.01)


async def equal(reader: Reader, queue_log: Path) -> None:
    """Wait until the callers who came, and those who were answered, are as many as the log says, three looks in a row: the day goes on."""
    agreed, found = 0, []
    try:
        async with asyncio.timeout(PATIENCE_S):
            while agreed < 3:
                await reads(reader, 1)
                verbs = Counter(line.split("|")[4] for line in (await asyncio.to_thread(queue_log.read_text)).splitlines())
                counted = [reader.total("callcenter_calls_entered_total"), reader.total("callcenter_calls_answered_total")]
                found = [counted, [verbs["ENTERQUEUE"], verbs["CONNECT"]]]
                agreed = agreed + 1 if found[0] == found[1] else 0
    except TimeoutError:
        pytest.fail(f"counted and logged never agreed, last {found}")


KILL, TERM = signal.SIGKILL, signal.SIGTERM


@pytest.mark.parametrize(
    ("seed", "ends", "told"),
    [
        pytest.param(1, [KILL, TERM, KILL], False, marks=pytest.mark.timeout(240)),
        pytest.param(2, [KILL] * 10, True, marks=[pytest.mark.full, pytest.mark.timeout(900)]),
    ],
    ids=["thrice", "ten times"],
)
async def test_killed_at_random_instants_no_counter_ever_falls(tmp_path: Path, seed: int, ends: list[signal.Signals], told: bool) -> None:
    chance = Random(seed)
    async with simulated(seed, tmp_path / "queue_log") as pbx:
        port = free_port()
        file = await asyncio.to_thread(configuration, tmp_path, pbx.port, port, str(tmp_path / "state"), told=told)
        reader = Reader(port)
        reading = asyncio.create_task(reader.run())
        for number, end in enumerate(ends):
            daemon = await Running.start(file, tmp_path / "log")
            try:
                await connected(reader, number + 1)
                await asyncio.sleep(chance.uniform(0, 1.2))  # the instant at which it dies is what is tried
            finally:
                await daemon.end(end)
        daemon = await Running.start(file, tmp_path / "log")
        try:
            await connected(reader, len(ends) + 1)
            await reads(reader, 5)
            if told:
                await equal(reader, tmp_path / "queue_log")
        finally:
            await daemon.end(signal.SIGTERM)
            reading.cancel()
    said = (tmp_path / "log").read_text()
    assert reader.fell == []
    assert reader.scrapes > 20
    assert said.count("going on from before") == len(ends), said
    assert "at nought" not in said
    assert reader.total("callcenter_agent_seconds_total") > 0
