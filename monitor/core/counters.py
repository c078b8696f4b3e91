"""What only goes up: the accumulators behind every exposed counter.

Owns one number per label set, in integers (calls, microseconds, micro-calls of plan), and the promise that nothing is ever taken
away from it. Refuses meaning: who adds what and when is decided by `calls`, `agents` and `floor`. Known projects and groups exist
at 0 from the start. `frozen()` is what a snapshot carries; `outputs.metrics` divides once, when it shows.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TypeVar

from monitor.core.contract import SECOND, Contract, QueueId
from monitor.core.direction import DIALLED, Direction
from monitor.core.tariff import OTHER, dispositions
from monitor.core.trunk import OTHER_DID, REFUSING, WAYS, TrunkId, did_owners
from monitor.core.word import Word

BUCKETS_SECONDS = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600)


class Visits(IntEnum):
    """What is counted per (project, queue): one visit is one stay of a caller in a queue."""

    ENTERED = 0
    ANSWERED = 1
    IN_THRESHOLD = 2
    ABANDONED = 3
    SHORT = 4
    ABANDONED_IN_THRESHOLD = 5
    UNRESOLVED = 6
    HANDLED = 7


class Contacts(IntEnum):
    """What is counted per project: one contact is a caller's first entry into any queue of it during one call."""

    CONTACTS = 0
    ANSWERED = 1
    IN_THRESHOLD = 2
    ABANDONED = 3
    ABANDONED_IN_THRESHOLD = 4
    SHORT = 5
    FLOWED_OUT = 6
    HANDLED = 7


class Attempts(IntEnum):
    """What is counted per project and direction of those who were called: attempts, those taken, and those of which nobody knows how they ended."""

    ATTEMPTS = 0
    TAKEN = 1
    UNRESOLVED = 2


class Failure(Word):
    """Why an attempt reached nobody: the PBX's word for it."""

    BUSY = "busy"
    NO_ANSWER = "noanswer"
    CANCEL = "cancel"
    CONGESTION = "congestion"
    UNAVAILABLE = "chanunavail"
    OTHER = "other"


class LostCallers(IntEnum):
    """What is counted per project of callers who were not answered. LOST = open + REDIALLED + CALLED_BACK + EXPIRED + those corrected."""

    LOST = 0
    WITHHELD = 1  # beside those: nobody can ring them back
    REDIALLED = 2
    CALLED_BACK = 3
    EXPIRED = 4


class Planned(IntEnum):
    """The plan as a counter, and its twins over observed time only: micro-calls and microseconds. OUT_*: of outbound work."""

    CALLS = 0
    HANDLE = 1
    AGENTS = 2
    OBSERVED_CALLS = 3
    OBSERVED_HANDLE = 4
    OUT_ATTEMPTS = 5
    OUT_CONTACTS = 6
    OUT_HANDLE = 7
    OUT_AGENTS = 8
    OUT_RESULTS = 9
    OUT_OBSERVED_ATTEMPTS = 10
    OUT_OBSERVED_CONTACTS = 11
    OUT_OBSERVED_HANDLE = 12


class Component(Word):
    """The parts of handle time."""

    TALK = "talk"
    HOLD = "hold"
    WRAPUP = "wrapup"
    DIALING = "dialing"
    OFFLINE = "offline"


INBOUND_WORK = (Component.TALK, Component.HOLD, Component.WRAPUP, Component.OFFLINE)
OUTBOUND_WORK = (Component.TALK, Component.HOLD, Component.WRAPUP, Component.DIALING)


class Outcome(StrEnum):
    """How a visit ended."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    SHORT = "short_abandoned"
    FLOWED_OUT = "flowed_out"
    UNRESOLVED = "unresolved"


class Reason(StrEnum):
    """Why a visit flowed out."""

    TIMEOUT = "timeout"
    KEY = "key"
    EMPTY = "empty"
    WITHDRAWN = "withdrawn"
    CALLBACK = "callback"
    OTHER = "other"


VisitKey = tuple[str, QueueId]
DidKey = tuple[str, str, str]  # PBX, number or other, and the project whose alone it is, or nobody
Key = TypeVar("Key")


@dataclass(slots=True)
class Waits:
    """A histogram of waits: `bounds_us` ascending, one count per bucket and one beyond the last, and the sum."""

    bounds_us: tuple[int, ...]
    counts: list[int]
    sum_us: int = 0

    def observe(self, wait_us: int) -> None:
        """Count one wait; a wait equal to a bound lies within it."""
        self.counts[bisect_left(self.bounds_us, wait_us)] += 1
        self.sum_us += wait_us

    def bound(self, more: Iterable[int]) -> None:
        """Have these bounds too. Waits counted before, of a bucket that is cut now, lie beyond the new bound: no running count falls."""
        bounds = tuple(sorted({*self.bounds_us, *more}))
        old = dict(zip((*self.bounds_us, None), self.counts, strict=True))
        self.bounds_us, self.counts = bounds, [old.get(bound, 0) for bound in (*bounds, None)]


@dataclass(slots=True)
class Counters:
    """All accumulators. Keys are label sets; see the enums for the meaning of list positions."""

    visits: dict[VisitKey, list[int]] = field(default_factory=dict)
    flowed_out: dict[tuple[str, QueueId, Reason], int] = field(default_factory=dict)
    refused: dict[tuple[str, QueueId], int] = field(default_factory=dict)  # calls that never joined
    waits: dict[tuple[str, QueueId, Outcome], Waits] = field(default_factory=dict)
    unclaimed: Counter[QueueId] = field(default_factory=Counter)
    contacts: dict[str, list[int]] = field(default_factory=dict)  # inbound
    attempts: dict[tuple[str, Direction], list[int]] = field(default_factory=dict)
    failures: dict[tuple[str, Failure], int] = field(default_factory=dict)  # of attempts, callbacks too
    reached: dict[tuple[str, Direction], list[int]] = field(default_factory=dict)  # as contacts, of those who were called
    handle_us: dict[tuple[str, Component], int] = field(default_factory=dict)  # inbound
    dialled_us: dict[tuple[str, Direction, Component], int] = field(default_factory=dict)  # the same, of outbound work
    agent_us: dict[tuple[str, str], int] = field(default_factory=dict)
    pause_us: dict[tuple[str, str], int] = field(default_factory=dict)
    ring_no_answer: dict[str, int] = field(default_factory=dict)
    planned: dict[str, list[int]] = field(default_factory=dict)
    anomalies: Counter[str] = field(default_factory=Counter)
    unobserved_us: dict[str, int] = field(default_factory=dict)
    talk_disagreement_us: dict[tuple[str, str], int] = field(default_factory=dict)
    reconcile_mismatches: dict[str, int] = field(default_factory=dict)
    corrected: dict[tuple[str, str, str], int] = field(default_factory=dict)  # (pbx, queue, family)
    corrected_contacts: dict[tuple[str, str], int] = field(default_factory=dict)  # (project, family)
    corrected_us: dict[str, int] = field(default_factory=dict)  # by family
    healed: dict[str, int] = field(default_factory=dict)  # visits told by a log, by PBX
    results: dict[tuple[str, str], int] = field(default_factory=dict)  # (project, disposition or other)
    lost: dict[str, list[int]] = field(default_factory=dict)
    channel_contacts: dict[tuple[str, str, Outcome], int] = field(default_factory=dict)  # (project, channel or other, outcome)
    channel_handle_us: dict[tuple[str, str], int] = field(default_factory=dict)  # (project, channel or other)
    trunk_calls: dict[tuple[TrunkId, str], int] = field(default_factory=dict)  # by direction
    trunk_failures: dict[tuple[TrunkId, str], int] = field(default_factory=dict)  # by what came back
    did_calls: dict[DidKey, int] = field(default_factory=dict)

    @classmethod
    def starting(cls, contract: Contract, states: Mapping[str, object] | tuple[str, ...]) -> Counters:
        """Every label set the contract knows, at 0; `states` are the agent states."""
        counters = cls()
        counters.open(contract, states)
        return counters

    def open(self, contract: Contract, states: Mapping[str, object] | tuple[str, ...]) -> None:
        """Make the label sets exist that the contract knows and nobody has counted yet; what was counted stays, whatever the contract says."""
        for project in contract.projects:
            for queue in project.queues:
                self.open_queue(project.name, queue, project.service_level.threshold_us)
            self.contacts.setdefault(project.name, [0] * len(Contacts))
            self.lost.setdefault(project.name, [0] * len(LostCallers))
            self.planned.setdefault(project.name, [0] * len(Planned))
            for component in INBOUND_WORK:
                self.handle_us.setdefault((project.name, component), 0)
            if project.outbound:
                self.open_outbound(project.name)
            for disposition in (*dispositions(project.tariffs), OTHER) if any(tariff.per_result for tariff in project.tariffs) else ():
                self.results.setdefault((project.name, disposition), 0)
            for channel in (*project.channels, OTHER) if project.channels else ():
                for outcome in (Outcome.ANSWERED, Outcome.ABANDONED):
                    self.channel_contacts.setdefault((project.name, channel, outcome), 0)
                self.channel_handle_us.setdefault((project.name, channel), 0)
        for group in contract.groups:
            self.ring_no_answer.setdefault(group.name, 0)
            for state in states:
                self.agent_us.setdefault((group.name, state), 0)
            for reason in (*(r.name for r in group.pause_reasons), "none", "other"):
                self.pause_us.setdefault((group.name, reason), 0)
        self._open_trunks(contract)
        for pbx in contract.pbxs:
            for table in (self.unobserved_us, self.reconcile_mismatches, self.healed):
                table.setdefault(pbx, 0)
            for sign in ("longer", "shorter"):
                self.talk_disagreement_us.setdefault((pbx, sign), 0)

    def open_outbound(self, project: str) -> None:
        """Make the label sets of a project's outbound calls exist."""
        for direction in DIALLED:
            self.attempts.setdefault((project, direction), [0] * len(Attempts))
            self.reached.setdefault((project, direction), [0] * len(Contacts))
            for component in OUTBOUND_WORK:
                self.dialled_us.setdefault((project, direction, component), 0)
        for failure in Failure:
            self.failures.setdefault((project, failure), 0)

    def _open_trunks(self, contract: Contract) -> None:
        for trunk in contract.trunks:
            self.did_calls.setdefault((trunk.id.pbx, OTHER_DID, ""), 0)
            self.trunk_calls |= {(trunk.id, one): self.trunk_calls.get((trunk.id, one), 0) for one in WAYS}
            self.trunk_failures |= {(trunk.id, one): self.trunk_failures.get((trunk.id, one), 0) for one in REFUSING}
        for (pbx, did), project in did_owners(contract).items():
            self.did_calls.setdefault((pbx, did, project or ""), 0)

    def open_queue(self, project: str, queue: QueueId, threshold_us: int) -> None:
        """Make the label sets of one claimed queue exist; its service level threshold is a bucket bound."""
        bounds = tuple(sorted({*(s * SECOND for s in BUCKETS_SECONDS), threshold_us}))
        self.visits.setdefault((project, queue), [0] * len(Visits))
        self.refused.setdefault((project, queue), 0)
        for reason in Reason:
            self.flowed_out.setdefault((project, queue, reason), 0)
        for outcome in (Outcome.ANSWERED, Outcome.ABANDONED, Outcome.SHORT, Outcome.FLOWED_OUT):
            self.waits.setdefault((project, queue, outcome), Waits(bounds, [0] * (len(bounds) + 1))).bound(bounds)

    def frozen(self) -> Counters:
        """A copy that later additions do not touch."""
        return Counters(
            visits={key: list(row) for key, row in self.visits.items()},
            flowed_out=dict(self.flowed_out),
            refused=dict(self.refused),
            waits={key: Waits(w.bounds_us, list(w.counts), w.sum_us) for key, w in self.waits.items()},
            unclaimed=Counter(self.unclaimed),
            contacts={key: list(row) for key, row in self.contacts.items()},
            attempts={key: list(row) for key, row in self.attempts.items()},
            failures=dict(self.failures),
            reached={key: list(row) for key, row in self.reached.items()},
            handle_us=dict(self.handle_us),
            dialled_us=dict(self.dialled_us),
            agent_us=dict(self.agent_us),
            pause_us=dict(self.pause_us),
            ring_no_answer=dict(self.ring_no_answer),
            planned={key: list(row) for key, row in self.planned.items()},
            anomalies=Counter(self.anomalies),
            unobserved_us=dict(self.unobserved_us),
            talk_disagreement_us=dict(self.talk_disagreement_us),
            reconcile_mismatches=dict(self.reconcile_mismatches),
            corrected=dict(self.corrected),
            corrected_contacts=dict(self.corrected_contacts),
            corrected_us=dict(self.corrected_us),
            healed=dict(self.healed),
            results=dict(self.results),
            lost={key: list(row) for key, row in self.lost.items()},
            channel_contacts=dict(self.channel_contacts),
            channel_handle_us=dict(self.channel_handle_us),
            trunk_calls=dict(self.trunk_calls),
            trunk_failures=dict(self.trunk_failures),
            did_calls=dict(self.did_calls),
        )

    def correct(self, family: str, us: int) -> None:
        """So much time was counted under this family and is known better now."""
        self.corrected_us[family] = self.corrected_us.get(family, 0) + us

    def correct_calls(self, pbx: str, family: str) -> None:
        """One call more was counted under this family of a PBX and is known better now."""
        key = pbx, "", family
        self.corrected[key] = self.corrected.get(key, 0) + 1

    def failed(self, project: str, failure: Failure) -> None:
        """One attempt more that nobody took, for this reason."""
        self.failures[project, failure] = self.failures.get((project, failure), 0) + 1

    def result(self, project: str, disposition: str) -> None:
        """One more, under this label."""
        self.results[project, disposition] = self.results.get((project, disposition), 0) + 1

    def channel_contact(self, project: str, channel: str, outcome: Outcome, handle_us: int) -> None:
        """One more of another channel, and the time it took."""
        contact, handled = (project, channel, outcome), (project, channel)
        self.channel_contacts[contact] = self.channel_contacts.get(contact, 0) + 1
        self.channel_handle_us[handled] = self.channel_handle_us.get(handled, 0) + handle_us

    def add(self, more: Counters) -> None:
        """Add what was counted elsewhere of another time, perhaps under another contract."""
        _add_rows(self.visits, more.visits)
        _add_rows(self.contacts, more.contacts)
        _add_rows(self.planned, more.planned)
        _add_rows(self.attempts, more.attempts)
        _add_rows(self.reached, more.reached)
        _add(self.failures, more.failures)
        _add(self.dialled_us, more.dialled_us)
        _add_rows(self.lost, more.lost)
        _add(self.flowed_out, more.flowed_out)
        _add(self.refused, more.refused)
        _add(self.unclaimed, more.unclaimed)
        _add(self.handle_us, more.handle_us)
        _add(self.agent_us, more.agent_us)
        _add(self.pause_us, more.pause_us)
        _add(self.ring_no_answer, more.ring_no_answer)
        _add(self.anomalies, more.anomalies)
        _add(self.unobserved_us, more.unobserved_us)
        _add(self.talk_disagreement_us, more.talk_disagreement_us)
        _add(self.reconcile_mismatches, more.reconcile_mismatches)
        _add(self.corrected, more.corrected)
        _add(self.corrected_contacts, more.corrected_contacts)
        _add(self.corrected_us, more.corrected_us)
        _add(self.healed, more.healed)
        _add(self.results, more.results)
        _add(self.channel_contacts, more.channel_contacts)
        _add(self.channel_handle_us, more.channel_handle_us)
        _add(self.trunk_calls, more.trunk_calls)
        _add(self.trunk_failures, more.trunk_failures)
        _add(self.did_calls, more.did_calls)
        for key, waits in more.waits.items():
            own = self.waits.setdefault(key, Waits(waits.bounds_us, [0] * len(waits.counts)))
            own.bound(waits.bounds_us)
            told = dict(zip((*waits.bounds_us, None), waits.counts, strict=True))
            own.counts = [count + told.get(bound, 0) for bound, count in zip((*own.bounds_us, None), own.counts, strict=True)]
            own.sum_us += waits.sum_us


def _add(table: dict[Key, int], more: Mapping[Key, int]) -> None:
    for key, amount in more.items():
        table[key] = table.get(key, 0) + amount


def _add_rows(table: dict[Key, list[int]], more: Mapping[Key, list[int]]) -> None:
    for key, row in more.items():
        table[key] = [a + b for a, b in zip(table.get(key, [0] * len(row)), row, strict=True)]
