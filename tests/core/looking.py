"""What a PBX would say of itself if the model were right: a snapshot made from a floor."""

from __future__ import annotations

from collections.abc import Collection

from monitor.core import events as ev
from monitor.core.calls import Stage
from monitor.core.channels import Channel
from monitor.core.floor import Floor
from monitor.core.sighting import NOWHERE

IN_LINE = (Stage.WAITING, Stage.DYING)


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
