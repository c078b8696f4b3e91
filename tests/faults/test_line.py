"""The line to a simulated PBX, ten times as fast as life: cut, refused, frozen, and a restart; afterwards nothing is missing."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from monitor.core.contract import SECOND
from tests.faults.centre import Centre, centre
from tests.lab.watch import Page

SPEED = 10.0
ALL = ("cut", "refused", "frozen", "restart")


def blind(page: Page) -> bool:
    return page.total("floorwatch_ami_up") == 0 and page.total("floorwatch_gap_seconds") > 0 and not page.of("callcenter_calls_waiting")


async def trouble(it: Centre, rng: random.Random, kind: str) -> None:
    """One fault, some simulated seconds long, noticed and over."""
    us = rng.randrange(15, 40) * SECOND
    if kind == "cut":
        it.pbx.away_for(us)
    elif kind == "refused":
        it.pbx.refuse_for(us)
        it.pbx.cut()
    elif kind == "frozen":
        it.pbx.freeze_for(us + 100 * SECOND)  # the ping deadline is in our seconds
    else:
        it.pbx.restart()
        it.pbx.faults.go_away(it.time.now(), us)
    await it.until(f"blind after {kind}", blind)
    await it.sees()
    await asyncio.sleep(rng.uniform(0.3, 1.5))


@pytest.mark.timeout(120)
@pytest.mark.full
@pytest.mark.parametrize("seed", range(1, 7))
async def test_with_a_log_nothing_is_missing(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    async with centre(tmp_path, speed=SPEED, seed=seed) as it:
        await it.sees()
        for kind in rng.sample(ALL, len(ALL)):
            await trouble(it, rng, kind)
        it.pbx.faults.go_away(it.time.now(), 0)
        page = await it.complete()
        assert page.total("floorwatch_pbx_restarts_total") == 1
        assert page.total("floorwatch_healed_calls_total") > 0
