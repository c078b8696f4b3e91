"""The vocabulary of a floor: one frozen class per thing that can happen on it.

Owns the names everything downstream uses, free of any protocol. Refuses meaning: whether an exit is an abandon or a flow-out is
decided by `calls`, not by whoever reports it. Every event says where (`pbx`) and when (`at`, microseconds of daemon time). `call`
is the opaque id of a channel on its PBX. Produced by `sources`, consumed by `floor.apply`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from monitor.core.logrow import LogRow

if TYPE_CHECKING:
    from monitor.core.past import Past


class Position(NamedTuple):
    """A channel's place in the dialplan: the tell between a caller who left and one who was sent on."""

    context: str
    exten: str
    priority: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened on one PBX at one instant."""

    pbx: str
    at: int


# --- channels ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChannelStarted(Event):
    """A channel exists; `linked` groups the channels of one call as far as known now; `dialing`: its party is calling somebody (state Ring, not Ringing)."""

    call: str
    linked: str
    channel: str
    position: Position
    account: str = ""
    dialing: bool = False


@dataclass(frozen=True, slots=True)
class ChannelSeen(Event):
    """Any sign of a living channel that carries its dialplan position; `up` once it is answered, `dialing` as above."""

    call: str
    channel: str
    position: Position
    up: bool = False
    dialing: bool = False


@dataclass(frozen=True, slots=True)
class ChannelRenamed(Event):
    """A channel has a new name (masquerade)."""

    call: str
    channel: str


@dataclass(frozen=True, slots=True)
class HangupRequested(Event):
    """Somebody asked for the end of the channel; `soft` when the request came from inside the PBX."""

    call: str
    position: Position
    soft: bool


@dataclass(frozen=True, slots=True)
class ChannelEnded(Event):
    """The last event of a channel."""

    call: str
    position: Position


@dataclass(frozen=True, slots=True)
class BridgeEntered(Event):
    """A channel joined a bridge."""

    call: str
    channel: str
    bridge: str
    position: Position


@dataclass(frozen=True, slots=True)
class BridgeLeft(Event):
    """A channel left a bridge; it may enter another at once."""

    call: str
    bridge: str
    position: Position


@dataclass(frozen=True, slots=True)
class HoldPressed(Event):
    """The party of this channel parked the other side."""

    call: str


@dataclass(frozen=True, slots=True)
class HoldReleased(Event):
    """The party of this channel took the other side back."""

    call: str


# --- callers in queues ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallerJoined(Event):
    """A caller entered a queue; `number` is how he shows himself, empty where he does not, and once it is reduced to what may be kept (`numbers`):
    his last `digits`, whether it is a `test`, by what the `caller` is known again, the number to `ring_back`."""

    call: str
    linked: str
    channel: str
    queue: str
    position: Position
    number: str = ""
    digits: str = ""
    test: bool = False
    caller: str = ""
    ring_back: str = ""


@dataclass(frozen=True, slots=True)
class CallerLeft(Event):
    """A caller is out of a queue, for whatever reason; also on answer, then before `AgentConnected`."""

    call: str
    queue: str
    channel: str
    position: Position


@dataclass(frozen=True, slots=True)
class CallerAbandoned(Event):
    """The PBX says abandoned. It also says so for time-outs, empty queues and withdrawals: `calls` decides."""

    call: str
    queue: str
    position: Position
    held_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class ExitTold(Event):
    """The PBX's own word on the last exit of a living channel: TIMEOUT, LEAVEEMPTY, WITHDRAW; empty or None when it says nothing."""

    call: str
    queue: str
    status: str | None


@dataclass(frozen=True, slots=True)
class ExitLogged(Event):
    """The PBX's own record (queue_log) says how a caller went out of a queue unanswered; `verb` is its word, as ABANDON or EXITWITHKEY, `at` the
    row's second. The row may be read before or after the events that tell the same exit."""

    call: str
    queue: str
    verb: str


# --- agents on calls --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AgentRung(Event):
    """A queue rings a member for a caller; `leg` is the member's channel."""

    call: str
    queue: str
    interface: str
    member: str
    leg: str
    leg_channel: str
    position: Position


@dataclass(frozen=True, slots=True)
class AgentDidNotAnswer(Event):
    """A member was rung in vain."""

    call: str
    queue: str
    interface: str
    member: str
    leg: str | None
    position: Position


@dataclass(frozen=True, slots=True)
class AgentConnected(Event):
    """Caller and member are through."""

    call: str
    queue: str
    interface: str
    member: str
    leg: str
    leg_channel: str
    position: Position


@dataclass(frozen=True, slots=True)
class AgentCompleted(Event):
    """The PBX's account of the end; late and sometimes wrong, so it only classifies. `call` and `leg` may be missing."""

    call: str | None
    queue: str
    interface: str
    leg: str | None
    talk_seconds: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class AgentDumped(Event):
    """The member hung up during the announcement; the caller stays in the queue."""

    call: str
    queue: str
    interface: str
    leg: str | None


# --- members ----------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MemberSeen(Event):
    """The state of one membership. `status` is the device's (0 unknown .. 8 on hold); `wrapup_us` the member's own, 0 = the project's."""

    queue: str
    interface: str
    state_interface: str
    member: str
    status: int
    paused: bool
    reason: str
    wrapup_us: int = 0
    last_pause_at: int | None = None
    last_call_at: int | None = None


@dataclass(frozen=True, slots=True)
class MemberRemoved(Event):
    """A member left a queue."""

    queue: str
    interface: str


# --- the link ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LinkLost(Event):
    """The PBX cannot be seen from now on."""


@dataclass(frozen=True, slots=True)
class PastTold(Event):
    """A log has told what happened before the first snapshot of a PBX, which follows at once."""

    past: Past


@dataclass(frozen=True, slots=True)
class LogSeen(Event):
    """From now on the PBX's queue_log is read as it is written (`up`), or cannot be: then nothing waits for its word."""

    up: bool


@dataclass(frozen=True, slots=True)
class GapTold(Event):
    """What queue_log knows of the time in which the PBX could not be seen; `snapshot`, which ended that time, follows at once.

    `rows` begin some seconds before the gap, in the order of writing; `offset_us` is the PBX's clock minus ours.
    """

    rows: tuple[LogRow, ...]
    snapshot: SnapshotTaken
    offset_us: int


@dataclass(frozen=True, slots=True)
class RecallBegun(Event):
    """From here on events tell, with their own times, what a log knows of the gap of this PBX, from `at` to `until`."""

    until: int


@dataclass(frozen=True, slots=True)
class AgentStrayed(Event):
    """What this member does from here to their next sign no log tells; `legs` are channels of theirs that ended, nobody knows when."""

    interface: str
    legs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PbxStarted(Event):
    """A log tells that the PBX became a new process: every call of before is void."""


@dataclass(frozen=True, slots=True)
class RecallEnded(Event):
    """A log has told the gap to its end, at `at`; `calls` visits began in it. `moved`: legs that are another channel of the same person now.

    `echoes`: callers and queues of its last second who may be told again, live; `shadows`: whose way out may be, up to `listed_at`.
    """

    calls: int
    moved: tuple[tuple[str, str], ...] = ()
    echoes: frozenset[tuple[str, str]] = frozenset()
    shadows: frozenset[tuple[str, str]] = frozenset()
    listed_at: int = 0


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A caller who waits while the snapshot is taken; `waited_us` is exact to a second."""

    call: str
    queue: str
    channel: str
    waited_us: int


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """A living channel; `answered_at` is the start of an answered queue call where the PBX could tell."""

    call: str
    linked: str
    channel: str
    position: Position
    up: bool
    application: str
    data: str
    bridge: str
    duration_us: int
    answered_at: int | None = None
    account: str = ""
    number: str = ""  # which it dials just now


@dataclass(frozen=True, slots=True)
class SnapshotTaken(Event):
    """Everything a PBX says of itself at once; members and callers of the listed queues that are not in it are gone.

    `restarted`: the PBX is a new process since the last snapshot, so every call of before is void.
    `listed_at`: when the last list had come, where that is later than `at`; what was raised in between is told after this.
    `strategies`: queue name to ringing strategy. `whole` False: only members and waiting callers were asked (reconciliation).
    """

    strategies: dict[str, str]
    members: tuple[MemberSeen, ...]
    waiting: tuple[WaitingRow, ...]
    channels: tuple[ChannelRow, ...]
    restarted: bool = False
    whole: bool = True
    listed_at: int = 0
