"""Daemon time that is moved while a snapshot is under way: it is read anew, and what was kept back keeps its place and its time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from monitor.core import events as ev
from monitor.core.contract import SECOND
from monitor.sources.ami.link import AmiSettings
from monitor.sources.ami.teller import Teller, Watch
from tests.sources.fake_ami import Headers, Pbx, Session, channel_headers
from tests.sources.test_client import hold, holds
from tests.sources.watching import HURRY, Inbox, Watching, now, until, watching


class Time:
    """Daemon time that can be moved, and moves the client along, as the engine does."""

    def __init__(self) -> None:
        self.moved = 0
        self.it: Watching | None = None

    def now(self) -> int:
        return now() + self.moved

    def step(self, us: int) -> None:
        assert self.it is not None
        self.moved += us
        self.it.client.shift(us)


@pytest.mark.parametrize("step_s", [90, -90])
@pytest.mark.parametrize("action", ["CoreStatus", "QueueStatus", "CoreShowChannels", "the log"])
async def test_a_step_during_the_snapshot_has_it_read_anew(action: str, step_s: int) -> None:
    pbx, time, steps = Pbx(clock=now), Time(), [step_s * SECOND]

    def step(session: Session) -> None:
        if steps:
            session.send(hold(1, now()))
            asyncio.get_running_loop().call_soon(time.step, steps.pop())

    if action != "the log":
        usual: Callable[[Session, Headers], None] = getattr(Session, f"_{action.lower()}")

        def answer(session: Session, asked: Headers) -> None:
            step(session)
            asyncio.get_running_loop().call_later(0.02, usual, session, asked)

        pbx.answers[action] = answer

    async def past(_snapshot: ev.SnapshotTaken, _offset_us: int, _coming: tuple[ev.Event, ...]) -> None:
        step(pbx.live)
        await asyncio.sleep(0.02)

    async with watching(pbx, clock=time.now) as it:
        time.it = it
        it.client._watch.past = past if action == "the log" else None
        began = now()
        await it.live()
        it.pbx.live.send(hold(2, now()))
        await it.heard(ev.HoldPressed, 2)
        (snapshot,) = it.inbox.snapshots
        first, second = (event.at for event in it.inbox.of(ev.HoldPressed))
        moved = step_s * SECOND
        assert began + moved - SECOND < snapshot.at <= first <= second <= time.now()
        assert snapshot.listed_at <= time.now()
        assert second - first < 5 * SECOND
        assert it.stats.clock.last_at <= time.now()
        assert abs(it.stats.offset_us or 0) - abs(moved) < SECOND


async def test_what_waits_for_room_is_told_by_the_time_that_is_in_force_then() -> None:
    inbox, time = Inbox(), Time()
    watch = Watch(AmiSettings("p", "127.0.0.1", "floorwatch", "x"), ("bank",), inbox.put, time.now, lambda: 0.5, HURRY)
    one = Teller(watch, lambda: None, lambda _: None)
    for number in (1, 2, 3):
        one.hear({"Event": "Hold", **channel_headers(f"1.{number}", f"PJSIP/{number}")}, now())
    inbox.room = 1
    release = asyncio.create_task(one.release())
    await until(lambda: inbox.refusals)
    time.moved = -90 * SECOND
    watch.stats.clock.shift(time.moved)
    one.shift(time.moved)
    inbox.room = None
    assert await release
    assert len(holds(inbox.events)) == 3
    first, second, third = (event.at for event in inbox.of(ev.HoldPressed))
    assert first > time.now() + 80 * SECOND  # it was taken before
    assert second <= third <= time.now()


async def test_a_snapshot_that_waits_for_room_is_read_anew_after_a_step() -> None:
    time = Time()
    async with watching(Pbx(clock=now), clock=time.now) as it:
        time.it = it
        it.inbox.room = 0
        await until(lambda: it.inbox.refusals)
        time.step(-90 * SECOND)
        it.inbox.room = None
        await it.live()
        assert [snapshot.at <= time.now() for snapshot in it.inbox.snapshots] == [True]
        assert len(it.pbx.actions("CoreStatus")) == 2


async def test_a_pbx_that_was_left_alone_is_no_other_process_for_a_step() -> None:
    """By its uptime alone: when it began and when it was seen last move together."""
    pbx, time = Pbx(clock=now), Time()
    async with watching(pbx, clock=time.now) as it:
        time.it = it
        await it.live()
        it.client._watch.seen_at = seen_at = time.now()
        time.step(3600 * SECOND)
        assert it.client._watch.seen_at == seen_at + 3600 * SECOND
