"""What waits in the inbox when the loop stood still, and what did not fit: time overtakes neither."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from monitor.core.contract import SECOND, QueueId
from monitor.core.counters import Reason, Visits
from monitor.core.events import ChannelRow, ChannelSeen, LinkLost
from monitor.core.snapshot import State
from monitor.engine import SLICE, Engine
from monitor.plan.plan import EMPTY
from tests.clockwork import BANK, Time, connected, engine, joined, left, seen
from tests.core.scene import IN_QUEUE, T0, contract, project


def answered(one: Engine) -> list[int]:
    row = one.floor.counters.visits["bank", BANK]
    return [row[Visits.ENTERED], row[Visits.ANSWERED], sum(one.floor.counters.flowed_out.values())]


@pytest.mark.parametrize("burst", [0, 3 * SLICE], ids=["alone", "in a burst"])
@pytest.mark.parametrize("look", [Engine.tick, Engine.outlook])
def test_no_timer_overtakes_what_waits_in_the_inbox(look: Callable[[Engine], object], burst: int) -> None:
    """Asterisk said left and connected within a millisecond; the loop stood still between the two."""
    time = Time()
    one = engine(time, strict=True)
    for event in (seen(T0, "ann"), *joined(T0, "c")):
        one.put(event)
    one.outlook()
    time.go(3)
    at = T0 + 3 * SECOND
    one.put(left(at))
    one.outlook()
    time.go(1.5)
    for event in (*[ChannelSeen("pbx1", at, "x", "x", IN_QUEUE)] * burst, connected(at + 1000)):
        one.put(event)
    look(one)
    if look is Engine.tick or burst:
        assert one.floor.now <= at + 1000
    for _ in range(4):
        one.outlook()
    assert answered(one) == [1, 1, 0]
    assert one.floor.staff.agents["pbx1/PJSIP/ann"].state is State.TALK
    assert one.floor.now == T0 + round(4.5 * SECOND)


async def test_a_process_that_was_stopped_reads_on_before_it_takes_silence_for_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was said meanwhile is still in the sockets when the tick comes that was due long ago."""
    time = Time()
    one = engine(time, strict=True)
    loop = asyncio.get_running_loop()
    stopped = 0.0
    real = loop.time
    monkeypatch.setattr(loop, "time", lambda: real() + stopped)
    running = asyncio.create_task(one.run())

    async def turns() -> None:
        for _ in range(20):
            await asyncio.sleep(0)

    await turns()
    for event in (seen(T0, "ann"), *joined(T0, "c"), left(T0)):
        one.put(event)
    await turns()
    time.go(3)
    stopped += 3
    await turns()
    assert answered(one) == [1, 0, 0]
    one.put(connected(T0 + 1000))
    await turns()
    assert answered(one) == [1, 1, 0]
    for _ in range(2):
        time.go(1)
        stopped += 1
        await turns()
    assert one.floor.now == T0 + 5 * SECOND
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


def overflown(time: Time, pbx: str) -> Engine:
    """A caller left the queue on each PBX; then an event of one does not fit into the inbox any more."""
    agreed = contract(project("bank", "bank", "pbx2/bank"), pbxs=("pbx1", "pbx2"))
    one = Engine(agreed, EMPTY, time.clock, inbox=8)
    for name in ("pbx1", "pbx2"):
        for event in (seen(T0, "ann"), *joined(T0, "c"), left(T0)):
            assert one.put(replace(event, pbx=name))
        one.outlook()
    for _ in range(8):
        assert one.put(ChannelSeen("pbx1", T0, "x", "x", IN_QUEUE))
    assert not one.put(replace(connected(T0 + 1000), pbx=pbx))
    assert one.put(LinkLost(pbx, T0 + 1000))  # as the source says then
    one.outlook()
    return one


def left_by_key(one: Engine, pbx: str) -> int:
    return one.floor.counters.flowed_out["bank", QueueId(pbx, "bank"), Reason.KEY]


def test_after_an_overflow_no_exit_of_that_pbx_is_decided_by_silence_until_all_of_it_was_seen() -> None:
    time = Time()
    one = overflown(time, "pbx1")
    for _ in range(5):
        time.go(1)
        one.tick()
    assert (left_by_key(one, "pbx1"), left_by_key(one, "pbx2")) == (0, 1)
    one.put(replace(seen(T0 + 5 * SECOND, "ann"), whole=False))  # the list of a queue is not all of it
    time.go(5)
    assert sum(view.deciding for view in one.outlook().snapshot.queues) == 1
    assert left_by_key(one, "pbx1") == 0
    bridged = (
        ChannelRow("c", "c", "PJSIP/trunk-c", IN_QUEUE, True, "Queue", "bank,tT,,,60", "b", 0),
        ChannelRow("leg", "c", "PJSIP/ann-0000000a", IN_QUEUE, True, "AppQueue", "(Outgoing Line)", "b", 0, T0 + 1000),
    )
    one.put(replace(seen(T0 + 1000, "ann"), channels=bridged))
    one.outlook()
    time.go(5)
    view = one.outlook()
    assert answered(one) == [1, 1, 1]  # the one that flowed out is the other PBX's
    assert left_by_key(one, "pbx1") == 0
    assert [agent.state for agent in view.snapshot.agents if agent.id == "pbx1/PJSIP/ann"] == [State.TALK]


def test_after_an_overflow_an_exit_is_decided_when_all_of_the_pbx_was_seen() -> None:
    time = Time()
    one = overflown(time, "pbx1")
    time.go(5)
    alive = (ChannelRow("c", "c", "PJSIP/trunk-c", IN_QUEUE, True, "Playback", "bye", "", 0),)
    one.put(replace(seen(T0 + 1000, "ann"), channels=alive))
    one.outlook()
    time.go(5)
    view = one.outlook()
    assert sum(queue.deciding for queue in view.snapshot.queues) == 0
    assert left_by_key(one, "pbx1") == 1
