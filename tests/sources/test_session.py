"""What ends a session that was live: a question refused, a PBX that dies of its snapshot; and what the link says meanwhile."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest
from structlog.testing import capture_logs

from monitor.core import events as ev
from monitor.sources.ami.stats import LinkState
from tests.sources.fake_ami import Headers, Pbx, Session, event
from tests.sources.watching import HURRY, until, watching


@pytest.mark.parametrize("due", ["reload", "periodic"])
async def test_a_reconciliation_that_is_refused_takes_the_link_down_until_there_are_queues_again(due: str) -> None:
    pbx = Pbx()
    with capture_logs() as logs:
        async with watching(pbx, reconcile_seconds=1000 if due == "reload" else 0.05) as it:
            await it.live()
            pbx.answers["QueueStatus"] = Session._unknown  # module unload app_queue
            if due == "reload":
                pbx.live.send(event("Reload", Module="app_queue.so", Status="0"))
            await until(lambda: it.stats.state is LinkState.NOT_READY)
            assert (it.stats.up, it.stats.problem) == (False, "QueueStatus: Invalid/unknown command")
            assert len(it.inbox.losses) == 1
            await asyncio.sleep(0.05)
            assert [type(each) for each in it.inbox.events if not isinstance(each, ev.SnapshotTaken)] == [ev.LinkLost]
            del pbx.answers["QueueStatus"]
            await it.live(2)
            assert len(pbx.sessions) == 2
    warnings = [entry["event"] for entry in logs if entry["log_level"] == "warning" and "time of their own" not in entry["event"]]
    assert warnings == ["AMI link lost", "AMI is not ready"]
    assert [entry["problem"] for entry in logs if entry["event"] == "AMI link lost"] == ["QueueStatus was refused: Invalid/unknown command"]


async def test_a_right_that_was_taken_away_is_a_refusal() -> None:
    pbx = Pbx()
    async with watching(pbx) as it:
        await it.live()
        pbx.answers["QueueStatus"] = lambda session, action: session.respond(action, "Error", Message="Permission denied")
        pbx.live.send(event("Reload", Module="manager", Status="0"))
        await until(lambda: it.stats.state is LinkState.LOGIN_REFUSED)
        assert "may not QueueStatus" in (it.stats.problem or "")
        assert len(it.inbox.losses) == 1


@pytest.mark.parametrize(("steady_s", "logins"), [(60.0, range(4, 8)), (0.0, range(9, 100))], ids=["dies at once", "lasts long enough"])
async def test_a_pbx_that_dies_just_after_its_snapshot_is_asked_ever_more_slowly(steady_s: float, logins: range) -> None:
    pbx = Pbx()

    def die(session: Session, action: Headers) -> None:
        Session._coreshowchannels(session, action)
        asyncio.get_running_loop().call_later(0.003, session.hang_up)

    pbx.answers["CoreShowChannels"] = die
    pace = replace(HURRY, retry_first_s=0.01, retry_longest_s=10.0, steady_s=steady_s, booted_s=0.0)
    with capture_logs() as logs:
        async with watching(pbx, pace=pace) as it:
            await asyncio.sleep(0.5)
            assert len(pbx.sessions) in logins
            assert it.inbox.losses
    pauses = [entry["retry_in_s"] for entry in logs if "retry_in_s" in entry]
    assert all(before <= after for before, after in pairwise(pauses))
    levels = {entry["log_level"] for entry in logs if entry["event"] == "AMI link lost"}
    assert ("debug" in levels) == (steady_s > 0)
