"""One PBX as the floor knows it, and the gaps in which it could not be seen.

Owns the shapes only; `floor`, `sighting` and `recall` fill them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from monitor.core.channels import Channels
from monitor.core.contract import SECOND

if TYPE_CHECKING:
    from monitor.core.agents import Agent
    from monitor.core.calls import Visit


GAP_COMMIT_US = 60 * SECOND  # what nobody has told so long after a gap is given up


@dataclass(slots=True)
class Sight:
    """The projects and groups all of whose PBXs can be seen now."""

    projects: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()


@dataclass(eq=False, slots=True)
class Gap:
    """A time in which a PBX could not be seen, until it is committed as unobserved; `end` once it can be seen again."""

    pbx: str
    start: int
    agents: list[Agent]
    lost: list[Visit] = field(default_factory=list)
    committed: bool = False
    end: int | None = None
    unseen_from: int = 0  # up to here time was counted as seen

    def shift(self, step: int) -> None:
        """Move every instant by the same step."""
        self.start += step
        self.unseen_from += step
        self.end = None if self.end is None else self.end + step


@dataclass(slots=True)
class Side:
    """One PBX as the floor knows it."""

    name: str
    channels: Channels = field(default_factory=Channels)
    observed: bool = False
    begun: int = 0  # since when it is ours
    sighted: bool = False  # has been seen at least once
    blind_since: int | None = None
    unobserved_to: int | None = None
    strategies: dict[str, str] = field(default_factory=dict)
    gap: Gap | None = None
    unseen: list[tuple[int, int]] = field(default_factory=list)  # times that nobody saw and no log has told
    log_up: bool = False  # its queue_log is read as it is written
    restart_told: bool = False  # by the log of the gap that ends now: what it told since then is of the new process

    def shift(self, step: int) -> None:
        """Move every instant by the same step."""
        self.blind_since = None if self.blind_since is None else self.blind_since + step
        self.unobserved_to = None if self.unobserved_to is None else self.unobserved_to + step
        self.begun += step
        self.unseen = [(start + step, end + step) for start, end in self.unseen]
