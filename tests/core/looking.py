"""What a PBX says of itself: rows of its lists in few words, and the whole snapshot it would give if the model were right."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from monitor.core import events as ev
from monitor.core.calls import Stage
from monitor.core.channels import Channel
from monitor.core.contract import SECOND
from monitor.core.events import Position
from monitor.core.floor import Floor
from monitor.core.queueing import NOWHERE
from tests.core.scene import AT_PHONE, IN_QUEUE

IN_LINE = (Stage.WAITING, Stage.DYING)


def row(call: str, name: str = "", *, app: str = "", data: str = "", bridge: str = "", up: bool = True, position: Position = IN_QUEUE) -> ev.ChannelRow:
    return ev.ChannelRow(call, call, name or f"PJSIP/trunk-{call}", position, up, app, data, bridge, 0)


def caller(call: str, bridge: str = "", queue: str = "bank", *, position: Position = IN_QUEUE) -> ev.ChannelRow:
    return row(call, app="Queue", data=f"{queue},tT,,,60", bridge=bridge, position=position)


def leg(call: str, who: str = "ann", bridge: str = "", *, answered_at: int | None = None) -> ev.ChannelRow:
    return replace(row(call, f"PJSIP/{who}-00000001", app="AppQueue", data="(Outgoing Line)", bridge=bridge, position=AT_PHONE), answered_at=answered_at)


def waits(call: str, seconds: float, queue: str = "bank") -> ev.WaitingRow:
    return ev.WaitingRow(call, queue, f"PJSIP/trunk-{call}", round(seconds * SECOND))


def shown(floor: Floor, pbx: str, at: int, *, whole: bool = True, rung: Collection[str] = ()) -> ev.SnapshotTaken:
    """The lists as Asterisk gives them: callers in Queue(), legs a queue has `rung` under AppQueue, members with their device's state."""
    side = floor.sides[pbx]
    visits = {call: visit for (where, call), visit in floor.queueing.open.items() if where == pbx}
    talks = [talk for (where, _), talk in floor.staff.talks.items() if where == pbx]
    queue_of = {call: visit.queue.name for call, visit in visits.items() if visit.stage in (*IN_LINE, Stage.ANNOUNCING)}
    queue_of.update({talk.call: talk.visit.queue.name for talk in talks if talk.call is not None and talk.visit is not None})

    def application(channel: Channel) -> tuple[str, str]:
        if channel.id in queue_of:
            return "Queue", queue_of[channel.id] + ",,,,60"
        of_queue = channel.id in rung or (pbx, channel.id) in floor.switchboard.rings
        return ("AppQueue", "(Outgoing Line)") if of_queue else ("", "")

    channels = side.channels.by_id.values() if whole else ()
    untold = [(leg, agent) for (where, leg), agent in floor.switchboard.rings.items() if where == pbx and leg not in side.channels.by_id]
    untold += [(talk.leg, talk.agent) for talk in talks if talk.leg not in side.channels.by_id]
    legs = [ev.ChannelRow(leg, leg, agent.places()[0].interface + "-00000000", NOWHERE, True, "AppQueue", "", "", 0) for leg, agent in untold if whole]
    return ev.SnapshotTaken(
        pbx,
        at,
        dict(side.strategies),
        tuple(
            ev.MemberSeen(
                *(pbx, at, place.queue.name, place.interface, place.state_interface, place.member, place.status, place.paused, place.reason),
                wrapup_us=place.wrapup_us,
                last_pause_at=place.paused_at,
            )
            for agent in floor.staff.agents.values()
            for place in agent.places()
            if place.queue.pbx == pbx
        ),
        tuple(
            ev.WaitingRow(call, visit.queue.name, side.channels.by_id[call].name, at - visit.joined_at)
            for call, visit in visits.items()
            if visit.stage in IN_LINE and call in side.channels.by_id
        ),
        (*(ev.ChannelRow(c.id, c.linked, c.name, c.position, c.up, *application(c), c.bridge or "", 0) for c in channels), *legs),
        whole=whole,
    )
