"""What the daemon says of itself, frozen: the source of the `floorwatch_` rows that no snapshot carries.

Owns the shape only: the engine fills one `DaemonFacts` whenever somebody asks, and nothing changes it afterwards. Refuses everything
about the floor, which a snapshot says better, and all identities: no caller, no channel. Durations are integer microseconds.
Next: `rows` and `families` show it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# Event to metric is promised in 10 ms, so most bounds stand around it; the last ones tell a slow PBX from a stalled one.
LAG_BOUNDS_US = (1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000)


@dataclass(frozen=True, slots=True)
class Simulation:
    """The floor is made up: by which seed, and how many of its seconds pass in one of ours. Whoever shows figures says so."""

    seed: int
    speed: float


@dataclass(frozen=True, slots=True)
class Distribution:
    """A histogram: `bounds_us` ascending, one count per bucket and one beyond the last (not cumulated), and the sum."""

    bounds_us: tuple[int, ...] = LAG_BOUNDS_US
    counts: tuple[int, ...] = (0,) * (len(LAG_BOUNDS_US) + 1)
    sum_us: int = 0


@dataclass(frozen=True, slots=True)
class PbxFacts:
    """One PBX as its client sees it.

    `gap_us` is the age of the open gap, 0 while there is none; it grows from the start until the first snapshot too. `state_age_us`
    is the time since the PBX last said anything, None until it has. `clock_offset_us` is the PBX's clock minus ours, None until a
    Ping was answered. `events` counts by AMI event name and must be bounded: names nobody translates are counted as `other`.
    `queue_log_up` is None where no queue_log is configured, `cdr_up` where no CDR is, or was asked yet.
    """

    name: str
    ami_up: bool = False
    gap_us: int = 0
    state_age_us: int | None = None
    clock_offset_us: int | None = None
    connects: int = 0
    restarts: int = 0
    malformed: int = 0
    events: Mapping[str, int] = field(default_factory=dict)
    queue_log_up: bool | None = None
    cdr_up: bool | None = None


@dataclass(frozen=True, slots=True)
class Reloaded:
    """A configuration and plan read anew are in force: what is another, in words, and what waits for a restart."""

    changes: tuple[str, ...] = ()
    restart: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DaemonFacts:
    """The daemon as a whole. `dropped` counts what a full inbox or a limit threw away, by what it was.

    `config_last_reload_at` is when the configuration and plan in force were read, None where nothing is read from files.
    """

    version: str
    python: str
    pbxs: tuple[PbxFacts, ...] = ()
    clock_steps: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    event_lag: Distribution = field(default_factory=Distribution)
    config_last_reload_successful: bool = True
    config_last_reload_at: int | None = None
    store_up: bool | None = None  # None: there is none, or it has not answered yet
    mqtt_up: bool | None = None  # None: there is none
