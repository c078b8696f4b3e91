"""A consumer that stands still for seconds while the PBX talks: the socket is drained all the same, what finds no room is dropped and counted,
and a new snapshot and the log make it good."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.faults.centre import EXITS, PBX, centre

BLOCKED_S = 3.0
OPENS = 9.0  # callers come and go within these three seconds
ROOM = 20  # events: a few calls' worth
SPEED = 10.0
ENDS = ("CONNECT", "ABANDON", *EXITS)


async def test_a_consumer_that_blocks_loses_nothing_for_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with centre(tmp_path, speed=SPEED, opens=OPENS) as it:
        page = await it.sees()
        engine, stats = it.daemon.engine, it.daemon.clients[PBX].stats
        assert page.total("floorwatch_dropped_total", 'what="event"') == 0
        snapshots, heard, rows = stats.snapshots, sum(stats.events.values()), len(it.rows)
        with monkeypatch.context() as blocked:
            blocked.setattr(engine, "_limit", ROOM)
            blocked.setattr(engine, "_pump", lambda: None)
            blocked.setattr(engine, "tick", lambda: None)
            await asyncio.sleep(BLOCKED_S)
            assert sum(stats.events.values()) - heard > 3 * ROOM, "it has to be read, whoever has no room for it"
            (session,) = it.pbx.sessions
            assert session._transport is not None
            assert session._transport.get_write_buffer_size() == 0
            assert it.pbx.cut_off == 0
            come, gone = ({row.split("|")[1] for row in it.rows[rows:] if row.split("|")[4] in verbs} for verbs in (("ENTERQUEUE",), ENDS))
            assert come & gone, "somebody came and went unseen"
        engine._pump()
        page = await it.until("dropped, counted and seen anew", lambda page: stats.snapshots > snapshots and page.total("floorwatch_ami_up") == 1)
        assert page.total("floorwatch_dropped_total", 'what="event"') > 0
        await it.complete()
