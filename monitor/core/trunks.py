"""What goes on on the trunks: lines in use, calls by direction, arrivals by dialled number, and whether anything gets through.

Owns the lines of each trunk by channel, what its endpoints were told to be, and how many attempts in a row it refused. A call is inbound where
the line itself began to ring us, outbound where somebody here dialled it; each is counted once, when it is told to begin, so a line that a
snapshot shows is in use and no call of ours. What an inbound line dialled is a number of ours or `other`: nobody else's number is kept.

A trunk refuses where CHANUNAVAIL or CONGESTION comes back; an answer or a busy line proves it alive, and so ends the row. No answer proves nothing:
Asterisk says it of a carrier that is silent too. Out of sight everything but counts is forgotten. Refuses limits and sentences (`assess`), and
healing: no log tells of trunks. Next: the snapshot's rows, and `assess.door`, for which arrivals of the last fifty hours are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from monitor.core.contract import Contract
from monitor.core.counters import Counters
from monitor.core.devices import DeviceSeen
from monitor.core.dials import LegDialled, LegResolved
from monitor.core.direction import Direction
from monitor.core.events import ChannelEnded, ChannelRenamed, ChannelSeen, ChannelStarted, Event, SnapshotTaken
from monitor.core.minutes import Minutes
from monitor.core.sides import Side, Sight
from monitor.core.trunk import OTHER_DID, REFUSING, Trunk, TrunkId, TrunkView, did_owners, line_of

IDLE, AWAY = 1, 5  # states of a device, in a member's numbers
UNTOLD: Final = (0, 4)  # unknown, or no such device
KNOWN: Final = 10_000  # devices whose trunk is looked up once; strangers who knock at a PBX could be many
SPARE: Final = 0.9  # of its capacity, below which a trunk that was full is so no more
ALIVE: Final = frozenset({"answer", "busy"})


@dataclass(frozen=True, slots=True)
class EndpointSeen(Event):
    """The PBX takes a device for reachable from now on, or for unreachable."""

    device: str
    reachable: bool


@dataclass(slots=True)
class _Line:
    """One living channel of a trunk."""

    trunk: TrunkId
    direction: Direction | None = None  # None until its beginning is told
    resolved: bool = False


@dataclass(slots=True)
class _State:
    """One trunk now."""

    channels: int = 0
    devices: dict[str, bool] = field(default_factory=dict)
    failed: int = 0
    failing_since: int | None = None
    failed_at: int | None = None
    well_since: int = 0
    full_since: int | None = None

    @property
    def up(self) -> bool | None:
        """Whether any of its endpoints can be reached; None where nobody told of any."""
        return any(self.devices.values()) if self.devices else None


class Trunks:
    """All trunks. Handlers are told every event; most of them concern no trunk, which is found out by one look-up."""

    def __init__(self, contract: Contract, counters: Counters, sight: Sight) -> None:
        self._counters = counters
        self._sight = sight
        self._trunks: dict[TrunkId, Trunk] = {}
        self._lines: dict[tuple[str, str], _Line] = {}  # by PBX and channel
        self._states: dict[TrunkId, _State] = {}
        self._seen: set[str] = set()  # PBXs in sight
        self._minutes = Minutes()  # of arrivals
        self.agree(contract, {}, 0)

    def agree(self, contract: Contract, sides: Mapping[str, Side], at: int) -> None:
        """Another contract: a line is where it belongs now; of a trunk that is new or another's nobody has told anything yet."""
        before, self._trunks = self._trunks, {trunk.id: trunk for trunk in contract.trunks}
        self._by_pbx = {pbx: tuple(trunk for trunk in contract.trunks if trunk.id.pbx == pbx) for pbx in contract.pbxs}
        self._by_device: dict[tuple[str, str], TrunkId | None] = {}
        self._dids = did_owners(contract)
        self._arrives = {project for project in self._dids.values() if project is not None}
        self._minutes.keep(self._arrives)
        self._states = {name: self._states[name] if before.get(name) == trunk else _State() for name, trunk in self._trunks.items()}
        lines, self._lines = self._lines, {}
        for state in self._states.values():
            state.channels = 0
        for side in sides.values():
            for channel in side.channels.by_id.values():
                if side.name in self._seen and (trunk := self._trunk(side.name, channel.name)) is not None:
                    known = lines.get((side.name, channel.id))
                    self._take(side.name, channel.id, trunk, at, known if known is not None and known.trunk == trunk else None)

    def _trunk(self, pbx: str, channel: str) -> TrunkId | None:
        """Whose line a channel is."""
        if not self._by_pbx.get(pbx) or (device := line_of(channel)) is None:
            return None
        return self._of_device(pbx, device)

    def _of_device(self, pbx: str, device: str) -> TrunkId | None:
        key = pbx, device
        if key not in self._by_device:
            if len(self._by_device) >= KNOWN:
                self._by_device.clear()
            self._by_device[key] = next((trunk.id for trunk in self._by_pbx.get(pbx, ()) if trunk.has(device)), None)
        return self._by_device[key]

    # --- lines ----------------------------------------------------------------------------------------------------------------------

    def started(self, side: Side, event: ChannelStarted) -> None:
        """A channel exists."""
        if side.name not in self._seen:
            return
        trunk = self._trunk(side.name, event.channel)
        self._place(side.name, event.call, trunk, event.at)
        if trunk is not None and event.dialing:
            self._arrived(event, event.position.exten)

    def seen(self, side: Side, event: ChannelSeen) -> None:
        """A line that was silent when it began may ring us a moment later."""
        if event.dialing and (side.name, event.call) in self._lines:
            self._arrived(event, event.position.exten)

    def renamed(self, side: Side, event: ChannelRenamed) -> None:
        """A masquerade: a channel takes another's place, and is another's line or none."""
        if side.name in self._seen and side.channels.get(event.call) is not None:
            self._place(side.name, event.call, self._trunk(side.name, event.channel), event.at)

    def ended(self, side: Side, event: ChannelEnded) -> None:
        """A channel is gone."""
        self._drop(side.name, event.call)

    def dialled(self, side: Side, event: LegDialled) -> None:
        """Somebody here calls over a line."""
        line = self._lines.get((side.name, event.leg))
        if line is not None and line.direction is None:
            self._begins(line, Direction.OUTBOUND)

    def resolved(self, side: Side, event: LegResolved) -> None:
        """What came of it; only the first word on an attempt counts."""
        line = self._lines.get((side.name, event.leg))
        if line is None or line.resolved or line.direction is not Direction.OUTBOUND:
            return
        line.resolved = True
        state = self._states[line.trunk]
        if event.status in REFUSING:
            key = line.trunk, event.status
            self._counters.trunk_failures[key] = self._counters.trunk_failures.get(key, 0) + 1
            state.failed += 1
            state.failing_since = event.at if state.failing_since is None else state.failing_since
            state.failed_at = event.at
        elif event.status in ALIVE:
            if state.failed:
                state.well_since = max(state.well_since, event.at)
            state.failed, state.failing_since, state.failed_at = 0, None, None

    def _place(self, pbx: str, call: str, trunk: TrunkId | None, at: int) -> None:
        line = self._lines.get((pbx, call))
        if line is not None and line.trunk != trunk:
            self._drop(pbx, call)
        if trunk is not None:
            self._take(pbx, call, trunk, at)

    def _take(self, pbx: str, call: str, trunk: TrunkId, at: int, line: _Line | None = None) -> None:
        if (pbx, call) in self._lines:
            return
        self._lines[pbx, call] = line or _Line(trunk)
        state, capacity = self._states[trunk], self._trunks[trunk].capacity
        state.channels += 1
        if capacity is not None and state.channels >= capacity and state.full_since is None:
            state.full_since = at

    def _drop(self, pbx: str, call: str) -> None:
        line = self._lines.pop((pbx, call), None)
        if line is not None:
            self._states[line.trunk].channels -= 1
            self._spare(line.trunk)

    def _spare(self, trunk: TrunkId) -> None:
        state, capacity = self._states[trunk], self._trunks[trunk].capacity
        if capacity is None or state.channels < SPARE * capacity:
            state.full_since = None

    def _begins(self, line: _Line, direction: Direction) -> None:
        line.direction = direction
        key = line.trunk, direction
        self._counters.trunk_calls[key] = self._counters.trunk_calls.get(key, 0) + 1

    def _arrived(self, event: ChannelStarted | ChannelSeen, exten: str) -> None:
        line = self._lines[event.pbx, event.call]
        if line.direction is not None:
            return
        self._begins(line, Direction.INBOUND)
        dialled = event.pbx, exten
        project = self._dids.get(dialled)
        key = (*dialled, project or "") if dialled in self._dids else (event.pbx, OTHER_DID, "")
        self._counters.did_calls[key] = self._counters.did_calls.get(key, 0) + 1
        if project is not None and project in self._sight.projects:
            self._minutes.add(project, event.at)

    # --- endpoints and sight --------------------------------------------------------------------------------------------------------

    def endpoint(self, side: Side, event: EndpointSeen) -> None:
        """What the PBX says of a device, if it is of a trunk."""
        trunk = self._of_device(side.name, event.device) if side.name in self._seen and self._by_pbx.get(side.name) else None
        if trunk is None:
            return
        state = self._states[trunk]
        before = state.up
        state.devices[event.device] = event.reachable
        if state.up and not before:
            state.well_since = max(state.well_since, event.at)

    def device(self, side: Side, event: DeviceSeen) -> None:
        """Its state: an idle one that is not away can be reached; one with calls on it is away or not, so that says something only where nobody has yet."""
        trunk = self._of_device(side.name, event.device) if self._by_pbx.get(side.name) else None
        if trunk is None or event.status in UNTOLD or (event.status not in (IDLE, AWAY) and event.device in self._states[trunk].devices):
            return
        self.endpoint(side, EndpointSeen(side.name, event.at, event.device, event.status != AWAY))

    def listed(self, side: Side, event: SnapshotTaken) -> None:
        """A whole snapshot: the lines that are in use are those it shows."""
        if not event.whole:
            return
        if event.restarted:
            self.lost(side.name)
        self._seen.add(side.name)
        if not self._by_pbx.get(side.name):
            return
        rows = {row.call: trunk for row in event.channels if (trunk := self._trunk(side.name, row.channel)) is not None}
        for pbx, call in [key for key, line in self._lines.items() if key[0] == side.name and rows.get(key[1]) != line.trunk]:
            self._drop(pbx, call)
        for call, trunk in rows.items():
            self._take(side.name, call, trunk, event.at)

    def lost(self, pbx: str) -> None:
        """The PBX is out of sight, or another process: nothing of what was is known any more."""
        self._seen.discard(pbx)
        self._lines = {key: line for key, line in self._lines.items() if key[0] != pbx}
        for trunk in self._by_pbx.get(pbx, ()):
            self._states[trunk.id] = _State()

    def views(self) -> tuple[TrunkView, ...]:
        """The trunks in sight."""
        return tuple(
            TrunkView(name, one.channels, one.up, one.failed, one.failing_since, one.well_since, one.full_since, one.failed_at)
            for name, one in self._states.items()
            if name.pbx in self._seen
        )

    # --- arrivals -------------------------------------------------------------------------------------------------------------------

    def since(self, project: str, start: int, end: int) -> int | None:
        """How many callers dialled a number that is the project's alone, in the minutes of `[start, end)` in which all of it was seen; None: no
        trunk of its PBXs is known, or no such number."""
        return self._minutes.since(project, start, end) if project in self._arrives else None

    def forget(self, at: int) -> None:
        """Drop what is too old to be asked for."""
        self._minutes.forget(at)

    def shift(self, step: int) -> None:
        """Civil time stepped: every instant moves with it, a minute to the one it now begins in."""
        for state in self._states.values():
            state.failing_since = None if state.failing_since is None else state.failing_since + step
            state.failed_at = None if state.failed_at is None else state.failed_at + step
            state.full_since = None if state.full_since is None else state.full_since + step
            state.well_since += step
        self._minutes.shift(step)
