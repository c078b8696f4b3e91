"""The channels and bridges of one PBX: who exists, who is joined with whom, who was dialled for whom.

Owns plain facts about channels, forgotten when they end. Refuses meaning: whether a channel is an agent's talk is the floor's
business. The two halves of a Local channel are one name with `;1` and `;2`; a conversation reaches through them.
Next: `floor` asks who is in touch with a channel.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from monitor.core.events import Position

_SERIAL = re.compile(r"-[0-9a-f]{8}(;[12])?$")


def device_of(channel: str) -> str:
    """The interface a channel name belongs to: `PJSIP/agent7-0000002a` is `PJSIP/agent7`, `Local/7@ctx-0000002a;1` is `Local/7@ctx`."""
    return _SERIAL.sub("", channel)


@dataclass(slots=True)
class Channel:
    """One living channel; `exten` is the first dialled number (the DID of a caller), `parent` the channel it was dialled for."""

    id: str
    name: str
    linked: str
    exten: str
    position: Position
    up: bool = False
    dialled: bool = False  # by the PBX: it was seen to begin, and nobody called by it
    bridge: str | None = None
    parent: str | None = None
    answered_child: str | None = None
    unanswered: set[str] = field(default_factory=set)  # legs rung for this caller in vain


@dataclass(slots=True)
class Channels:
    """All channels of one PBX by id."""

    by_id: dict[str, Channel] = field(default_factory=dict)
    bridges: dict[str, set[str]] = field(default_factory=dict)
    halves: dict[str, str] = field(default_factory=dict)

    def get(self, call: str) -> Channel | None:
        """The channel, or None when it is not known or gone."""
        return self.by_id.get(call)

    def start(self, call: str, name: str, linked: str, position: Position) -> Channel:
        """A channel exists; starting a known one again only refreshes its name."""
        channel = self.by_id.get(call)
        if channel is None:
            channel = self.by_id[call] = Channel(call, name, linked, position.exten, position)
        self.rename(channel, name)
        return channel

    def dialled_for(self, call: str, parent: str | None) -> None:
        """The channel was dialled for that one, unless it is known for whom."""
        channel = self.by_id.get(call)
        if channel is not None and channel.parent is None:
            channel.parent = parent

    def rename(self, channel: Channel, name: str) -> None:
        """A channel has this name now."""
        if self.halves.get(channel.name) == channel.id:
            del self.halves[channel.name]
        channel.name = name
        if name.endswith((";1", ";2")):
            self.halves[name] = channel.id

    def end(self, call: str) -> Channel | None:
        """The channel is gone; None when it was not known."""
        channel = self.by_id.pop(call, None)
        if channel is not None:
            self.leave(channel)
            if self.halves.get(channel.name) == call:
                del self.halves[channel.name]
        return channel

    def enter(self, channel: Channel, bridge: str) -> None:
        """The channel is in this bridge now."""
        self.leave(channel)
        channel.bridge = bridge
        self.bridges.setdefault(bridge, set()).add(channel.id)

    def leave(self, channel: Channel) -> None:
        """The channel is in no bridge now."""
        if channel.bridge is None:
            return
        members = self.bridges.get(channel.bridge)
        if members is not None:
            members.discard(channel.id)
            if not members:
                del self.bridges[channel.bridge]
        channel.bridge = None

    def half(self, channel: Channel) -> Channel | None:
        """The other half of a Local channel."""
        if not channel.name.endswith((";1", ";2")):
            return None
        other = self.halves.get(channel.name[:-1] + ("2" if channel.name.endswith("1") else "1"))
        return None if other is None else self.by_id.get(other)

    def phone(self, leg: str) -> str:
        """The real channel behind a leg: through Local halves to whoever answered there; the leg itself when nobody is known."""
        for _ in range(5):
            channel = self.by_id.get(leg)
            half = None if channel is None else self.half(channel)
            if half is None or half.answered_child is None or half.answered_child not in self.by_id:
                return leg
            leg = half.answered_child
        return leg

    def listener(self, channel: Channel) -> Channel | None:
        """Who hears what this channel hears: itself, or behind the first half of a Local channel whoever is bridged with the second."""
        half = self.half(channel)
        if half is None:
            return channel
        if channel.name.endswith(";2") or half.bridge is None:
            return None
        others = sorted(self.bridges[half.bridge] - {half.id})
        return self.by_id[others[0]] if others else None

    def rung_by_pbx(self, channel: Channel) -> bool:
        """Whether the PBX rang whoever is on this channel, instead of being called by it; through Local channels, whoever began them."""
        half = self.half(channel)
        if half is None:
            return channel.dialled
        first = half if channel.name.endswith(";2") else channel
        caller = None if first.parent is None else self.by_id.get(first.parent)
        return first.dialled if caller is None else self.rung_by_pbx(caller)

    def in_touch(self, channel: Channel) -> Iterator[Channel]:
        """Every channel in the same conversation: same bridge, and through Local halves the bridges behind them."""
        seen: set[str] = set()
        queue = [channel.id]
        while queue:
            call = queue.pop()
            if call in seen:
                continue
            seen.add(call)
            one = self.by_id.get(call)
            if one is None:
                continue
            yield one
            if one.bridge is not None:
                queue.extend(self.bridges.get(one.bridge, ()))
            half = self.half(one)
            if half is not None:
                queue.append(half.id)
