"""What the lists of a PBX say, as the rows of one snapshot.

Owns which line is which row. Refuses asking for lists (`session`) and deciding what follows from them. Next: `core.sighting`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from monitor.core import events as ev
from monitor.core.contract import SECOND
from monitor.sources.ami.decoder import Message
from monitor.sources.ami.dialstring import number_in
from monitor.sources.ami.translate import Translator, member, position


@dataclass(slots=True)
class Rows:
    """What lists say, gathered for one SnapshotTaken.

    Lists arrive a little after the instant the snapshot stands for: `late_us` takes that from waits and durations.
    """

    strategies: dict[str, str] = field(default_factory=dict)
    members: list[ev.MemberSeen] = field(default_factory=list)
    waiting: list[ev.WaitingRow] = field(default_factory=list)
    channels: list[ev.ChannelRow] = field(default_factory=list)

    def add(self, translator: Translator, items: Iterable[Message], at: int, late_us: int = 0) -> None:
        """Take in the items of a list; what is not an item is passed over, what is broken is counted."""
        for item in items:
            try:
                self._add(translator, item, at, late_us)
            except (KeyError, ValueError):
                translator.tally.malformed += 1

    def _add(self, t: Translator, item: Message, at: int, late_us: int) -> None:
        kind = item.get("Event")
        if kind == "QueueParams":
            self.strategies[item["Queue"]] = item.get("Strategy", "")
        elif kind == "QueueMember":
            self.members.append(member(t, item, at))
        elif kind == "QueueEntry":
            waited = max(0, (t.seconds(item["Wait"]) or 0) * SECOND - late_us)  # one who waits for ever waits at least from now on
            self.waiting.append(ev.WaitingRow(item["Uniqueid"], item["Queue"], item["Channel"], waited))
        elif kind == "CoreShowChannel":
            self.channels.append(_channel_row(t, item, late_us))

    def taken(self, pbx: str, at: int, *, restarted: bool = False, whole: bool = True, listed_at: int = 0) -> ev.SnapshotTaken:
        """The snapshot."""
        rows = (tuple(self.members), tuple(self.waiting), tuple(self.channels))
        return ev.SnapshotTaken(pbx, at, dict(self.strategies), *rows, restarted=restarted, whole=whole, listed_at=listed_at)


def _channel_row(t: Translator, m: Message, late_us: int) -> ev.ChannelRow:
    call = m["Uniqueid"]
    return ev.ChannelRow(
        call,
        m.get("Linkedid", call),
        m["Channel"],
        position(m),
        m.get("ChannelState") == "6",
        m.get("Application", ""),
        m.get("ApplicationData", ""),
        m.get("BridgeId", ""),
        max(0, t.duration_us(m.get("Duration", "")) - late_us),
        account=m.get("AccountCode", ""),
        number=number_in(m.get("ApplicationData", "").partition(",")[0].partition("/")[2]) if m.get("Application") == "Dial" else "",
    )


def answered_legs(channels: Sequence[ev.ChannelRow]) -> list[ev.ChannelRow]:
    """The agents' channels of answered queue calls: those in a bridge with a caller who is in Queue()."""
    bridges = {row.bridge for row in channels if row.application == "Queue" and row.bridge}
    return [row for row in channels if row.application == "AppQueue" and row.bridge in bridges]
