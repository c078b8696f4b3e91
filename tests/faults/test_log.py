"""A queue_log that is missing, cannot be read or is taken away: as if it were not configured, said once, and nobody waits for it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.faults.centre import PATIENCE_S, Centre, centre
from tests.lab.watch import Page

UP = "floorwatch_queue_log_up"
SEEN_S = 2.5  # twenty-five simulated seconds: some callers come, and some go
NOT_FOLLOWED = "queue_log is not followed"


def since(page: Page, before: Page) -> float:
    return page.total("callcenter_calls_entered_total") - before.total("callcenter_calls_entered_total")


async def counted(it: Centre, before: Page, rows: int) -> None:
    """What came since has been counted from AMI alone, exits too, and nobody is left undecided."""
    new: list[str] = []
    async with asyncio.timeout(PATIENCE_S):
        while not new:
            await asyncio.sleep(0.1)
            new = [row for row in it.rows[rows:] if row.split("|")[4] == "ENTERQUEUE"]
    await it.until("everybody who came since is counted", lambda page: since(page, before) >= len(new))
    await it.until("nobody is undecided for long", lambda page: page.total("callcenter_calls_deciding") == 0)


@pytest.mark.parametrize("queue_log", ["nowhere/queue_log", pytest.param(".", marks=pytest.mark.full)])
async def test_a_log_that_cannot_be_had_is_said_once_and_waited_for_by_nobody(tmp_path: Path, queue_log: str) -> None:
    with capture_logs() as logs:
        async with centre(tmp_path, queue_log=queue_log) as it:
            before, rows = await it.sees(), len(it.rows)
            assert await it.value(UP) == 0
            await asyncio.sleep(SEEN_S)
            await counted(it, before, rows)
            assert await it.value(UP) == 0
    said = [(entry["log_level"], entry["pbx"]) for entry in logs if entry["event"] == NOT_FOLLOWED and entry["log_level"] != "debug"]
    assert len(said) == 1
    assert said[0][0] == "warning"


@pytest.mark.full
async def test_a_log_that_is_rotated_away_is_read_to_its_end_and_followed_again_when_it_is_back(tmp_path: Path) -> None:
    async with centre(tmp_path) as it:
        before, rows = await it.sees(), len(it.rows)
        assert await it.value(UP) == 1
        it.log.rename(it.log.with_suffix(".1"))
        await asyncio.sleep(SEEN_S)
        await counted(it, before, rows)
        await it.until("it is gone", lambda page: page.total(UP) == 0)
        it.log.write_text(f"{it.time.now() // 1_000_000}|NONE|NONE|NONE|CONFIGRELOAD|\n", encoding="utf-8")
        await it.until("it is followed again", lambda page: page.total(UP) == 1)
        await it.complete()
