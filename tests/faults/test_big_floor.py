"""Floors as big as they come: 1,500 members in a snapshot, a ring-all of 60, a storm of reloads. Applied, asked for sparingly, and memory stays flat."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from pathlib import Path

from monitor.core.contract import SECOND
from monitor.demo.pbx import Pbx as Simulated
from monitor.demo.switch.specs import MemberSpec, Message, QueueSpec
from monitor.demo.switch.switch import Switch
from tests.demo.afternoon import Script
from tests.sources.fake_ami import SECRET, Pbx, event, member
from tests.sources.watching import HURRY
from tests.test_app import ENTERED, UP, Daemon, running

MEMBERS = 1500
RUNG = 60
AVAILABLE = 'callcenter_agents{group="floor",state="available"}'
ANSWERED = 'callcenter_calls_answered_total{client="Bank",project="bank-line",pbx="pbx1",queue="bank"}'


def alive() -> int:
    gc.collect()
    return len(gc.get_objects())


async def storm(pbx: Pbx, daemon: Daemon, members: int) -> int:
    """A hundred reloads in a row, after which the queue has so many members; how often its list was asked for."""
    before = len(pbx.actions("QueueStatus"))
    pbx.queues = {"bank": [member("bank", f"PJSIP/{number}") for number in range(members)]}
    for _ in range(100):
        pbx.live.send(event("Reload", Module="app_queue.so", Status="0"))
    await daemon.becomes(AVAILABLE, members)
    return len(pbx.actions("QueueStatus")) - before


async def test_a_storm_of_reloads_at_fifteen_hundred_members(tmp_path: Path) -> None:
    pbx = Pbx(queues={"bank": [member("bank", f"PJSIP/{number}") for number in range(MEMBERS)]}, clock=lambda: time.time_ns() // 1000)
    async with pbx.listening() as port, running(tmp_path, port, pace=HURRY) as daemon:
        await daemon.becomes(UP, 1)
        await daemon.becomes(AVAILABLE, MEMBERS)
        asked = await storm(pbx, daemon, MEMBERS - 300)
        asked += await storm(pbx, daemon, MEMBERS)
        size = alive()
        for members in (MEMBERS - 1, MEMBERS, MEMBERS - 2, MEMBERS):
            asked += await storm(pbx, daemon, members)
        assert asked < 60, "a list of 1,500 locks its queue on the PBX: six storms of a hundred reloads are no reason for hundreds of lists"
        assert alive() - size < 2 * MEMBERS, "flat"
        assert len(pbx.sessions) == 1


class Hall:
    """Sixty phones that ring together, and nobody who acts by himself."""

    def __init__(self, at: int) -> None:
        self.people = Script()
        self.listener: Callable[[int, Message], None] = lambda *_: None
        self.log: Callable[[str], None] = lambda _: None
        phones = [f"PJSIP/{number}" for number in range(RUNG)]
        members = [MemberSpec("bank", phone, phone) for phone in phones]
        self.switch = Switch([QueueSpec("bank", "ringall")], members, phones, ["trunk"], at, self.people, self._publish, self._write)

    def _publish(self, at: int, message: Message) -> None:
        self.listener(at, message)

    def _write(self, row: str) -> None:
        self.log(row)

    def next_due(self) -> int | None:
        return self.switch.next_due()

    def advance(self, at: int) -> None:
        self.switch.advance(at)


async def test_a_ring_all_of_sixty_is_one_answer_and_fifty_nine_people_at_hand(tmp_path: Path) -> None:
    hall = Hall(time.time_ns() // 1000)
    pbx = Simulated(hall, username="floorwatch", secret=SECRET, now=lambda: time.time_ns() // 1000)
    await pbx.start()
    try:
        async with running(tmp_path, pbx.port, pace=HURRY) as daemon:
            await daemon.becomes(AVAILABLE, RUNG)
            for round_ in range(5):
                caller = hall.switch.incoming(pbx.now(), "380501234567", "Ірина", "700", [("queue", "bank", "rt", "60")])
                await daemon.becomes(ENTERED, round_ + 1)
                assert len(hall.people.ringing) == RUNG
                hall.switch.answer(pbx.now(), hall.people.ringing["PJSIP/7"])
                await daemon.becomes(ANSWERED, round_ + 1)
                await daemon.becomes('callcenter_agents{group="floor",state="talk"}', 1)
                await daemon.becomes(AVAILABLE, RUNG - 1)
                hall.switch.caller_hangs_up(pbx.now() + SECOND, caller)
                await daemon.becomes('callcenter_agents{group="floor",state="talk"}', 0)
            assert await daemon.value('callcenter_agent_ring_no_answer_total{group="floor"}') == 0
            assert await daemon.value('floorwatch_dropped_total{what="event"}') == 0
    finally:
        await pbx.stop()
