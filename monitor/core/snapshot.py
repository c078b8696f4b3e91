"""The floor at one instant, frozen: what everything outside the core is allowed to see.

Owns the shape only; `floor.snapshot` fills it and nothing ever changes it, so it may be read from any thread at any time. Refuses
ratios and judgements: those are the outlook's. Instants and durations are integer microseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from monitor.core.contract import QueueId
from monitor.core.counters import Counters
from monitor.core.trunk import TrunkView
from monitor.core.word import Word

if TYPE_CHECKING:
    from monitor.core.lost import LostView


class State(Word):
    """The one state of a person, in order of precedence: when several are true the first wins."""

    UNOBSERVED = "unobserved"
    TALK = "talk"
    HOLD = "hold"
    DIALING = "dialing"
    OFFLINE = "offline"
    OTHER = "other"
    RING = "ring"
    WRAPUP = "wrapup"
    PAUSED = "paused"
    UNREACHABLE = "unreachable"
    AVAILABLE = "available"


class Window(Word):
    """The spans every figure of a project or group is given for (design: `month` comes with the store)."""

    QUARTER = "15m"
    HOUR = "hour"
    INTERVAL = "interval"
    LAST = "last"
    DAY = "day"


class Cell(IntEnum):
    """What the ledger keeps of one project in one UTC minute.

    VISITS..FLOWED_OUT_CONTACTS belong to the minute of arrival, HANDLED* to the minute in which the contact was finished, everything
    in microseconds is cut exactly at the minute. PLAN_* are micro-calls and microseconds. *_SEEN count only what fell into time in which
    every PBX of the project was seen: what OBSERVED_US and PLAN_OBSERVED_* may be held against. BILLED (calls), BILLED_S (their seconds), REVENUE_U
    (millionths of the tariff's currency, as far as a call or result has a price of its own) and CONNECTED_US are in the minute of arrival, once handled.
    RESULTS_U is what of REVENUE_U results have brought. OUT_* and CALLBACK_* are outbound work: attempts, those of them that were taken by whoever was
    called, and those that became contacts, in the minute in which each was dialled; times cut at the minute. PLAN_OUT_* are what was planned of it.
    """

    VISITS = 0
    VISITS_ANSWERED = 1
    VISITS_ABANDONED = 2
    VISITS_SHORT = 3
    VISITS_FLOWED_OUT = 4
    VISITS_UNRESOLVED = 5
    CONTACTS = 6
    ANSWERED = 7
    IN_THRESHOLD = 8
    ABANDONED = 9
    ABANDONED_IN_THRESHOLD = 10
    SHORT = 11
    FLOWED_OUT = 12
    UNRESOLVED = 13
    HANDLED = 14
    HANDLED_US = 15
    TALK_US = 16
    HOLD_US = 17
    WRAPUP_US = 18
    OFFLINE_US = 19
    PLAN_CALLS = 20
    PLAN_HANDLE = 21
    PLAN_OBSERVED_CALLS = 22
    PLAN_OBSERVED_HANDLE = 23
    OBSERVED_US = 24
    CONTACTS_SEEN = 25
    CARRIED_SEEN_US = 26
    BILLED = 27
    BILLED_S = 28
    REVENUE_U = 29
    CONNECTED_US = 30
    PLAN_AGENT_US = 31
    RESULTS = 32
    RESULTS_U = 33
    OUT_ATTEMPTS = 34
    OUT_TAKEN = 35
    OUT_CONTACTS = 36
    OUT_DIALING_US = 37
    OUT_TALK_US = 38
    OUT_HOLD_US = 39
    OUT_WRAPUP_US = 40
    CALLBACK_ATTEMPTS = 41
    CALLBACK_TAKEN = 42
    CALLBACK_CONTACTS = 43
    CALLBACK_DIALING_US = 44
    CALLBACK_TALK_US = 45
    CALLBACK_HOLD_US = 46
    CALLBACK_WRAPUP_US = 47
    PLAN_OUT_ATTEMPTS_U = 48
    PLAN_OUT_CONTACTS_U = 49
    PLAN_OUT_HANDLE_US = 50
    PLAN_OUT_RESULTS_U = 51
    PLAN_OUT_OBSERVED_ATTEMPTS_U = 52
    PLAN_OUT_OBSERVED_CONTACTS_U = 53
    PLAN_OUT_OBSERVED_HANDLE_US = 54
    PLAN_OUT_AGENT_US = 55


@dataclass(frozen=True, slots=True)
class Span:
    """The sum of a project's or group's ledger cells over `[start, end)`; a running span ends at the snapshot.

    Positions: `Cell` for a project; for a group one sum of microseconds per `State` in its order, then the observed microseconds, then
    the states' sums again over observed time only.
    """

    start: int
    end: int
    sums: tuple[int, ...]


class AgentView(NamedTuple):
    """One person on the floor. `queues`: those whose calls may come; in state paused those whose calls would.

    `unreachable_since`: no device of theirs can be reached, whatever state they are in. A tuple: hundreds are made each second.
    """

    id: str
    name: str
    group: str | None
    state: State
    since: int
    project: str | None
    reason: str
    queues: frozenset[QueueId] = frozenset()
    unreachable_since: int | None = None


@dataclass(frozen=True, slots=True)
class QueueView:
    """A project's callers in one queue now."""

    project: str | None
    queue: QueueId
    waiting: int
    deciding: int
    oldest_joined_at: int | None


@dataclass(frozen=True, slots=True)
class PbxView:
    """A PBX as the floor sees it: `observed` after a snapshot while the link is up; `blind_since` the start of the open gap.

    `cdr_read`: its call detail records are read as they are written.
    """

    name: str
    observed: bool
    blind_since: int | None
    cdr_read: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything about the floor at `at`. `waiting_since`: per project the arrivals of contacts not yet decided, `lost` the callers to ring back."""

    at: int
    pbxs: tuple[PbxView, ...]
    queues: tuple[QueueView, ...]
    agents: tuple[AgentView, ...]
    waiting_since: Mapping[str, tuple[int, ...]]
    projects: Mapping[str, Mapping[Window, Span]]
    groups: Mapping[str, Mapping[Window, Span]]
    observed_projects: frozenset[str]
    observed_groups: frozenset[str]
    counters: Counters
    lost: Mapping[str, LostView] = field(default_factory=dict)
    trunks: tuple[TrunkView, ...] = ()  # those in sight
    revisions: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # by project: the start of the running interval, the revision of closed ones
