"""A PBX as one look reports it, in a line or two."""

from __future__ import annotations

from monitor.core.events import ChannelRow, MemberSeen, Position, WaitingRow
from monitor.sources.ami.listing import Rows
from monitor.sources.ami.probe import ProbeReport


def member(queue: str, interface: str, name: str = "", state: str = "", *, wrapup_s: int = 0, reason: str = "") -> MemberSeen:
    """A membership; `reason` is that of a pause."""
    return MemberSeen("pbx1", 0, queue, interface, state or interface, name or interface, 1, bool(reason), reason, wrapup_s * 1_000_000)


def caller(queue: str, call: str, exten: str, channel: str = "PJSIP/trunk-00000001") -> tuple[WaitingRow, ChannelRow]:
    """One who waits, dialled `exten`."""
    return WaitingRow(call, queue, channel, 5_000_000), channel_row(call, channel, exten, "Queue", f"{queue},tT,,,40")


def channel_row(call: str, channel: str, exten: str = "s", application: str = "AppDial", data: str = "") -> ChannelRow:
    """A living channel."""
    return ChannelRow(call, call, channel, Position("inbound", exten, "1"), True, application, data, "", 0)


def report(
    queues: dict[str, str], *members: MemberSeen, waiting: tuple[WaitingRow, ...] = (), channels: tuple[ChannelRow, ...] = (), static: bool = False
) -> ProbeReport:
    """What one look found: queues with their strategies, their members, callers and channels."""
    return ProbeReport(
        ami_version="11.0.0",
        version="22.10.1",
        offset_us=0,
        timestamps=True,
        system=True,
        keeps_cdr=True,
        missing=(),
        too_wide=(),
        queues_told=True,
        static=frozenset((row.queue, row.interface) for row in members) if static else frozenset(),
        seen=Rows(dict(queues), list(members), list(waiting), list(channels)),
    )
