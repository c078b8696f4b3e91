"""Which event is whose: the table by which the floor hands each thing that happened to the one who knows what it means.

Owns nothing but the table. Refuses deciding anything. Next: `floor.apply` looks in it for every event.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from monitor.core import events as ev
from monitor.core.called import CalledTold
from monitor.core.correction import GapFound
from monitor.core.devices import DeviceSeen
from monitor.core.dials import LegDialled, LegResolved
from monitor.core.refusals import CallRefused, CdrSeen
from monitor.core.sides import Side
from monitor.core.trunks import EndpointSeen

if TYPE_CHECKING:
    from monitor.core.floor import Floor


Handler: TypeAlias = Callable[[Side, Any], None]


def handlers(floor: Floor) -> dict[type[ev.Event], Handler]:
    """Who is told of what."""
    board, trunks = floor.switchboard, floor.trunks
    return {
        ev.ChannelStarted: _each(board.channel_started, trunks.started),
        ev.ChannelSeen: _each(board.channel_seen, trunks.seen),
        ev.ChannelRenamed: _each(board.channel_renamed, trunks.renamed),
        ev.HangupRequested: board.hangup_requested,
        ev.ChannelEnded: _each(board.channel_ended, trunks.ended),
        LegDialled: _each(board.leg_dialled, trunks.dialled),
        LegResolved: _each(board.leg_resolved, trunks.resolved),
        ev.BridgeEntered: board.bridge_entered,
        ev.BridgeLeft: board.bridge_left,
        ev.HoldPressed: board.hold,
        ev.HoldReleased: board.hold,
        ev.CallerJoined: board.caller_joined,
        ev.CallerLeft: board.caller_left,
        ev.CallerAbandoned: board.caller_abandoned,
        ev.ExitTold: board.exit_told,
        ev.ExitLogged: floor.exit_logged,
        CalledTold: floor.called_told,
        CallRefused: lambda _side, event: floor.refusals.refused(event),
        EndpointSeen: trunks.endpoint,
        ev.AgentRung: board.agent_rung,
        ev.AgentDidNotAnswer: board.agent_did_not_answer,
        ev.AgentConnected: board.agent_connected,
        ev.AgentCompleted: board.agent_completed,
        ev.AgentDumped: board.agent_dumped,
        ev.MemberSeen: lambda _side, event: floor.staff.seen(event),
        ev.MemberRemoved: floor.devices.removed,
        DeviceSeen: _each(floor.devices.seen, trunks.device),
        ev.LinkLost: _each(floor.link_lost, lambda side, _event: trunks.lost(side.name)),
        ev.LogSeen: floor.log_seen,
        CdrSeen: lambda side, event: floor.refusals.look(side.name, event.up),
        ev.RecallBegun: floor.recall.begin,
        ev.AgentStrayed: floor.recall.stray,
        ev.PbxStarted: floor.recall.restarted,
        ev.RecallEnded: floor.recall_ended,
        ev.PastTold: floor.past_told,
        GapFound: floor.correction.found,
        ev.SnapshotTaken: _each(floor.snapshot_taken, trunks.listed),
    }


def _each(*told: Handler) -> Handler:
    """What concerns several, one after the other."""

    def tell(side: Side, event: Any) -> None:  # noqa: ANN401 - whatever the table says it is
        for handler in told:
            handler(side, event)

    return tell
