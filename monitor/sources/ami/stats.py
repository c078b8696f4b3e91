"""What one AMI client knows of its link, in plain counters: the source of the `floorwatch_ami_` rows.

Owns the numbers and one sentence of truth, `up`. Refuses deciding anything. Next: `app` reads it for every scrape.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from monitor.sources.ami.clock import PbxClock
from monitor.sources.ami.decoder import Tally


class LinkState(StrEnum):
    """Where the link stands."""

    CONNECTING = "connecting"
    UNREACHABLE = "unreachable"
    LOGIN_REFUSED = "login_refused"
    NOT_READY = "not_ready"  # logged in, but the PBX is still starting, or has no app_queue
    SNAPSHOT = "snapshot"  # logged in, the whole state is being read
    LIVE = "live"
    MUTE = "mute"  # live, but a list it was asked for is overdue


GROWING = ("connects", "restarts", "dropped")


@dataclass(slots=True)
class AmiStats:
    """Counters only grow, over all sessions. `problem` is what keeps the link down in words, None while it is up."""

    tally: Tally = field(default_factory=Tally)
    clock: PbxClock = field(default_factory=PbxClock)
    state: LinkState = LinkState.CONNECTING
    problem: str | None = None
    connects: int = 0  # logins that were accepted
    restarts: int = 0
    snapshots: int = 0
    reconciles: int = 0
    dropped: int = 0  # events the inbox had no room for
    gap_since: int | None = None  # since when the core is blind here; None while it sees
    version: str = ""
    timestamps: bool | None = None  # `timestampevents`; None until an event told
    unknown_queues: frozenset[str] = frozenset()  # claimed, but not on the PBX

    def counted(self) -> dict[tuple[str, ...], int]:
        """Everything that only grows, by name: what the next process of the daemon goes on from."""
        single: dict[tuple[str, ...], int] = {(name,): getattr(self, name) for name in GROWING}
        return {**single, ("malformed",): self.tally.malformed, **{("events", name): count for name, count in self.tally.events.items()}}

    def go_on(self, counted: Mapping[tuple[str, ...], int]) -> None:
        """Count on from there."""
        for name in GROWING:
            setattr(self, name, counted.get((name,), 0))
        self.tally.malformed = counted.get(("malformed",), 0)
        events = {name[1]: count for name, count in counted.items() if name[0] == "events"}
        self.tally.others = events.pop("other", 0)
        self.tally.counts.update({name.encode(): count for name, count in events.items()})

    @property
    def connected(self) -> bool:
        """Logged in, whatever else."""
        return self.state in (LinkState.NOT_READY, LinkState.SNAPSHOT, LinkState.LIVE, LinkState.MUTE)

    @property
    def up(self) -> bool:
        """Logged in, the snapshot whole, every Ping and list answered in time: what `floorwatch_ami_up` says."""
        return self.state is LinkState.LIVE

    @property
    def last_byte_at(self) -> int | None:
        """When the PBX last said anything at all."""
        return self.tally.last_byte_at

    @property
    def events(self) -> dict[str, int]:
        """Events by name, those nobody wants included."""
        return self.tally.events

    @property
    def malformed(self) -> int:
        """Messages that were broken, too long, or lacked what they must have."""
        return self.tally.malformed

    @property
    def offset_us(self) -> int | None:
        """The PBX's clock minus ours; None until a Ping was answered."""
        return self.clock.offset_us
