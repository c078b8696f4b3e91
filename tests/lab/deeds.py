"""What can be done to a call: the vocabulary that `kinds.py` writes its plans in.

Owns the shape of a plan (a caller, and deeds after given seconds) and of the live call that deeds act on, and the few deeds
themselves: AMI actions whose headers may depend on the call. When they are done is `driver.py`'s business.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from tests.lab.phones import Caller


class Acts(Protocol):
    """What a deed may use of the driver."""

    rng: random.Random
    redirected: set[str]

    async def act(self, action: str, **headers: str) -> bool: ...


@dataclass
class Call:
    """One call of a plan while it lives, filled in by the driver as events come."""

    plan: Plan
    uniqueid: str = ""
    channel: str = ""
    queue: str = ""
    agent_channel: str = ""
    interface: str = ""
    connected: bool = False


Deed = Callable[[Acts, Call], Awaitable[None]]
Steps = tuple[tuple[float, Deed], ...]


@dataclass(frozen=True)
class Plan:
    """What is to happen: a caller, and deeds after given seconds at once, at the first join, at the first answer."""

    kind: str
    caller: Caller | None = None
    dials: bool = True  # False: the number reaches the PBX by Originate
    at_once: Steps = ()
    on_join: Steps = ()
    on_connect: Steps = ()


def action(name: str, **headers: Callable[[Call], str] | str) -> Deed:
    """An AMI action whose headers may depend on the call."""

    async def deed(driver: Acts, call: Call) -> None:
        await driver.act(name, **{key: value if isinstance(value, str) else value(call) for key, value in headers.items()})

    return deed


def agent(call: Call) -> str:
    return call.agent_channel


def channel(call: Call) -> str:
    return call.channel


def interface(call: Call) -> str:
    return call.interface


def redirect_waiting(exten: str) -> Deed:
    async def deed(driver: Acts, call: Call) -> None:
        if not call.connected and await driver.act("Redirect", Channel=call.channel, Context="moved", Exten=exten, Priority="1"):
            driver.redirected.add(call.uniqueid)

    return deed


def pause(interface: str, reason: str, paused: bool, queue: str = "") -> Deed:
    headers = {"Interface": interface, "Paused": "true" if paused else "false", "Reason": reason}
    if queue:
        headers["Queue"] = queue
    return action("QueuePause", **headers)
