"""An engine whose clock stands until it is moved, and the few events that tests of it put into its inbox."""

from __future__ import annotations

from typing import Any

from monitor.clock import Clock
from monitor.core.contract import SECOND, QueueId
from monitor.core.counters import Visits
from monitor.core.events import AgentConnected, CallerJoined, CallerLeft, ChannelStarted, Event, MemberSeen, SnapshotTaken
from monitor.engine import Engine
from monitor.plan.plan import EMPTY, Plan
from tests.core.scene import IN_QUEUE, T0, contract

BANK = QueueId("pbx1", "bank")


class Time:
    """A clock for the engine that stands until it is moved."""

    def __init__(self, at: int = T0) -> None:
        self.steady, self.wall = at, at

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.wall * 1000, lambda: self.steady * 1000)

    def go(self, seconds: float) -> None:
        self.steady += round(seconds * SECOND)
        self.wall += round(seconds * SECOND)


def engine(time: Time, plan: Plan = EMPTY, **more: Any) -> Engine:
    return Engine(contract(), plan, time.clock, **more)


def seen(at: int, *who: str, pbx: str = "pbx1") -> SnapshotTaken:
    members = tuple(MemberSeen(pbx, at, "bank", f"PJSIP/{name}", f"PJSIP/{name}", name, 1, False, "") for name in who)
    return SnapshotTaken(pbx, at, {"bank": "rrmemory", "shop": "rrmemory"}, members, (), ())


def joined(at: int, call: str) -> list[Event]:
    return [
        ChannelStarted("pbx1", at, call, call, f"PJSIP/trunk-{call}", IN_QUEUE),
        CallerJoined("pbx1", at, call, call, f"PJSIP/trunk-{call}", "bank", IN_QUEUE),
    ]


def left(at: int) -> Event:
    return CallerLeft("pbx1", at, "c", "bank", "PJSIP/trunk-c", IN_QUEUE)


def connected(at: int) -> Event:
    return AgentConnected("pbx1", at, "c", "bank", "PJSIP/ann", "ann", "leg", "PJSIP/ann-0000000a", IN_QUEUE)


def entered(one: Engine) -> int:
    return one.floor.counters.visits["bank", BANK][Visits.ENTERED]
