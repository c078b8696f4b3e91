"""How long each agent's phone dialled, spoke to and held whoever was called out, read from a raw AMI session: the judge's own reader.

Shares no line with the daemon, and knows the whole session. A phone speaks from its first bridge with the far channel (through Local halves, too) until it
is out of bridges for good; it holds between its own Hold and Unhold; it dials from DialBegin to DialEnd of a far channel that hangs on it. Pure.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tests.lab.ami import Message

_PHONE = re.compile(r"PJSIP/agent(\d+)-")


@dataclass
class Span:
    """One phone with one far channel: seconds of dialling, talk and hold; `queue` when a queue gave him to it."""

    far: str
    phone: int
    dialing: float = 0.0
    talk: float = 0.0
    hold: float = 0.0
    queue: str = ""


@dataclass
class _Leg:
    """A phone's channel while it lives."""

    channel: str
    far: str = ""
    since: float = 0.0
    left: float = 0.0
    held: list[tuple[float, float]] = field(default_factory=list)
    queue: str = ""


def read(messages: Iterable[Message]) -> list[Span]:
    reader = _Reader()
    for message in messages:
        if "Timestamp" in message:
            reader.take(message, float(message["Timestamp"]))
    return list(reader.spans())


class _Reader:
    def __init__(self) -> None:
        self.bridges: dict[str, set[str]] = defaultdict(set)
        self.legs: dict[str, _Leg] = {}
        self.fars: dict[str, float] = {}  # called out, and when that began
        self.dialled: list[Span] = []
        self.dialler: dict[str, str] = {}  # by far channel
        self.answered_by: dict[str, str] = {}  # by a Local half: the phone that was rung behind it

    def take(self, message: Message, at: float) -> None:
        event, channel = message["Event"], message.get("Channel", "")
        if event == "Newchannel" and _PHONE.match(channel):
            self.legs[channel] = _Leg(channel)
        elif event == "DialBegin":
            self._dials(message, at)
        elif event in ("DialEnd", "Hangup"):
            self._dial_over(message.get("DestChannel", channel), at)
            if event == "Hangup":
                self._leaves(channel, at)
        elif event == "BridgeEnter":
            self.bridges[message["BridgeUniqueid"]].add(channel)
            if channel in self.legs:
                self.legs[channel].left = 0.0  # a consultation is no end
            self._meet(at)
        elif event == "BridgeLeave":
            self.bridges[message["BridgeUniqueid"]].discard(channel)
            self._leaves(channel, at)
        elif event == "AgentConnect" and message["DestChannel"] in self.legs:
            self.legs[message["DestChannel"]].queue = message["Queue"]
        elif event == "Hold" and channel in self.legs:
            self.legs[channel].held.append((at, float("inf")))
        elif event == "Unhold" and channel in self.legs and self.legs[channel].held:
            self.legs[channel].held[-1] = (self.legs[channel].held[-1][0], at)

    def _dials(self, message: Message, at: float) -> None:
        far, by = message["DestChannel"], message.get("Channel", "")
        if _PHONE.match(far) and by.endswith(";2"):
            self.answered_by[by[:-1] + "1"] = far
        if far.startswith("PJSIP/trunk-"):
            self.fars[far] = at
            self.dialler[far] = self.answered_by.get(by, by)

    def _dial_over(self, far: str, at: float) -> None:
        found = _PHONE.match(self.dialler.pop(far, ""))
        if found is not None:
            self.dialled.append(Span(far, int(found[1]), dialing=at - self.fars[far]))

    def _leaves(self, channel: str, at: float) -> None:
        leg = self.legs.get(channel)
        if leg is not None and not any(channel in there for there in self.bridges.values()):
            leg.left = leg.left or at

    def _meet(self, at: float) -> None:
        for far in self.fars:
            for channel in self._in_touch(far):
                leg = self.legs.get(channel)
                if leg is None:
                    continue
                leg.left = 0.0
                if not leg.far:
                    leg.far, leg.since = far, at

    def _in_touch(self, far: str) -> set[str]:
        seen: set[str] = set()
        queue = [far]
        while queue:
            one = queue.pop()
            if one in seen:
                continue
            seen.add(one)
            for there in self.bridges.values():
                if one in there:
                    queue += there
            if one.endswith((";1", ";2")):
                queue.append(one[:-1] + ("2" if one.endswith("1") else "1"))
        return seen

    def spans(self) -> Iterator[Span]:
        yield from self.dialled
        for leg in self.legs.values():
            if leg.far:
                hold = sum(max(0.0, min(end, leg.left) - max(start, leg.since)) for start, end in leg.held)
                found = _PHONE.match(leg.channel)
                yield Span(leg.far, int(found[1]) if found else 0, talk=leg.left - leg.since - hold, hold=hold, queue=leg.queue)
