"""The conditions people hear of: what each is about, how bad it is, and which one speaks for the others.

Owns the names (design: §6), and inhibition: one cause is one message. What a lost client, a dead trunk or a mass disconnect brings with it is
muted while the cause itself holds. Refuses finding out whether a condition holds (`project_rules`, `group_rules`), since when (`accruals`)
and words (`outputs.sentences`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from monitor.assess.reading import Reading
from monitor.core.contract import Contract
from monitor.core.word import Word


class Severity(StrEnum):
    """How fast somebody has to do something."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class About(Word):
    """What a condition is a condition of."""

    PROJECT = "project"
    GROUP = "group"
    PBX = "pbx"
    CLIENT = "client"
    TRUNK = "trunk"  # pbx/trunk


class Condition(Word):
    """Everything that is judged."""

    VOLUME_LOST = "VolumeLost"
    VOLUME_SURGE = "VolumeSurge"
    PROJECT_SILENT = "ProjectSilent"
    WORKLOAD_BELOW_PLAN = "WorkloadBelowPlan"
    WORKLOAD_ABOVE_PLAN = "WorkloadAbovePlan"
    SERVICE_LEVEL_AT_RISK = "ServiceLevelAtRisk"
    SL_BUDGET_GONE = "SlBudgetGone"
    ABANDONMENT_HIGH = "AbandonmentHigh"
    LONG_WAIT = "LongWait"
    QUEUE_UNATTENDED = "QueueUnattended"
    CALLS_REFUSED = "CallsRefused"
    LOST_CALLERS_WAITING = "LostCallersWaiting"
    UNDERSTAFFED = "Understaffed"
    OVERSTAFFED = "Overstaffed"
    OCCUPANCY_TOO_HIGH = "OccupancyTooHigh"
    OCCUPANCY_TOO_LOW = "OccupancyTooLow"
    PAUSE_TOO_LONG = "PauseTooLong"
    RING_NO_ANSWER_STORM = "RingNoAnswerStorm"
    STUCK_CALL = "StuckCall"
    MASS_DISCONNECT = "MassDisconnect"
    AFTER_HOURS_CALLS = "AfterHoursCalls"
    CONTACT_RATE_DROPPED = "ContactRateDropped"
    LIST_EXHAUSTED = "ListExhausted"
    PLAN_MISSING = "PlanMissing"
    PLAN_ENDS_SOON = "PlanEndsSoon"
    BLIND = "Blind"
    CLOCK_SKEW = "ClockSkew"
    TRUNK_DOWN = "TrunkDown"
    TRUNK_FULL = "TrunkFull"
    CONTRACT_ENDS = "ContractEnds"
    BELOW_BREAK_EVEN = "BelowBreakEven"
    MARGIN_NEGATIVE = "MarginNegative"
    MINIMUM_GUARANTEE_SHORT = "MinimumGuaranteeShort"
    CLIENT_DEPENDENCE = "ClientDependence"


@dataclass(frozen=True, slots=True)
class Kind:
    """What is fixed of a condition. `held`: an incident of its scope holds it, since people or volume are not as planned then."""

    about: About
    severity: Severity
    held: bool = True


_P, _G, _X, _C, _T = About.PROJECT, About.GROUP, About.PBX, About.CLIENT, About.TRUNK
_CRITICAL, _WARNING, _INFO = Severity.CRITICAL, Severity.WARNING, Severity.INFO

KINDS: Final[Mapping[Condition, Kind]] = {
    Condition.VOLUME_LOST: Kind(_P, _CRITICAL),
    Condition.VOLUME_SURGE: Kind(_P, _WARNING),
    Condition.PROJECT_SILENT: Kind(_P, _CRITICAL),
    Condition.WORKLOAD_BELOW_PLAN: Kind(_P, _WARNING),
    Condition.WORKLOAD_ABOVE_PLAN: Kind(_P, _WARNING),
    Condition.SERVICE_LEVEL_AT_RISK: Kind(_P, _WARNING),
    Condition.SL_BUDGET_GONE: Kind(_P, _CRITICAL),
    Condition.ABANDONMENT_HIGH: Kind(_P, _WARNING),
    Condition.LONG_WAIT: Kind(_P, _WARNING),
    Condition.QUEUE_UNATTENDED: Kind(_P, _CRITICAL),
    Condition.CALLS_REFUSED: Kind(_P, _CRITICAL, held=False),
    Condition.LOST_CALLERS_WAITING: Kind(_P, _WARNING),
    Condition.UNDERSTAFFED: Kind(_G, _WARNING),
    Condition.OVERSTAFFED: Kind(_G, _INFO),
    Condition.OCCUPANCY_TOO_HIGH: Kind(_G, _WARNING),
    Condition.OCCUPANCY_TOO_LOW: Kind(_G, _INFO),
    Condition.PAUSE_TOO_LONG: Kind(_G, _INFO),
    Condition.RING_NO_ANSWER_STORM: Kind(_G, _WARNING),
    Condition.STUCK_CALL: Kind(_G, _INFO, held=False),
    Condition.MASS_DISCONNECT: Kind(_G, _CRITICAL),
    Condition.AFTER_HOURS_CALLS: Kind(_P, _INFO, held=False),
    Condition.CONTACT_RATE_DROPPED: Kind(_P, _WARNING, held=False),  # it is of a day that is over, and what an incident held of it is left out
    Condition.LIST_EXHAUSTED: Kind(_P, _WARNING),
    Condition.PLAN_MISSING: Kind(_P, _WARNING, held=False),
    Condition.PLAN_ENDS_SOON: Kind(_P, _INFO, held=False),
    Condition.BLIND: Kind(_P, _CRITICAL, held=False),
    Condition.CLOCK_SKEW: Kind(_X, _WARNING, held=False),
    Condition.TRUNK_DOWN: Kind(_T, _CRITICAL, held=False),
    Condition.TRUNK_FULL: Kind(_T, _WARNING, held=False),
    Condition.CONTRACT_ENDS: Kind(_P, _INFO, held=False),
    Condition.BELOW_BREAK_EVEN: Kind(_G, _WARNING, held=False),
    Condition.MARGIN_NEGATIVE: Kind(_P, _WARNING, held=False),
    Condition.MINIMUM_GUARANTEE_SHORT: Kind(_P, _INFO, held=False),
    Condition.CLIENT_DEPENDENCE: Kind(_C, _INFO, held=False),
}

OF_MONEY: Final = frozenset(  # what the centre earns: shown to whoever may see its money, and to no client
    {Condition.BELOW_BREAK_EVEN, Condition.MARGIN_NEGATIVE, Condition.MINIMUM_GUARANTEE_SHORT, Condition.CLIENT_DEPENDENCE}
)

Figures = Mapping[str, float | str]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found: whether its condition holds, and the figures that say so."""

    holds: bool
    figures: Figures = field(default_factory=dict)


class Subject(NamedTuple):
    """Who a condition is about."""

    about: About
    name: str


Key = tuple[Condition, Subject]


@dataclass(frozen=True, slots=True)
class Holding:
    """A condition that holds since then."""

    condition: Condition
    subject: Subject
    since: int
    figures: Figures

    @property
    def severity(self) -> Severity:
        """As the table says."""
        return KINDS[self.condition].severity

    @property
    def key(self) -> Key:
        """What it is one of."""
        return self.condition, self.subject


LOSSES: Final = (Condition.PROJECT_SILENT, Condition.VOLUME_LOST)  # of two that began at once the first speaks

CAUSES: Final[Mapping[Condition, tuple[Condition, ...]]] = {
    Condition.WORKLOAD_BELOW_PLAN: LOSSES,
    Condition.WORKLOAD_ABOVE_PLAN: (Condition.VOLUME_SURGE,),
    Condition.SERVICE_LEVEL_AT_RISK: (Condition.QUEUE_UNATTENDED, Condition.MASS_DISCONNECT),
    Condition.ABANDONMENT_HIGH: (Condition.QUEUE_UNATTENDED, Condition.SERVICE_LEVEL_AT_RISK, Condition.MASS_DISCONNECT),
    Condition.LONG_WAIT: (Condition.QUEUE_UNATTENDED, Condition.SERVICE_LEVEL_AT_RISK, Condition.MASS_DISCONNECT),
    Condition.QUEUE_UNATTENDED: (Condition.MASS_DISCONNECT,),
    Condition.UNDERSTAFFED: (Condition.MASS_DISCONNECT,),
    Condition.RING_NO_ANSWER_STORM: (Condition.MASS_DISCONNECT,),
    Condition.OVERSTAFFED: (*LOSSES, Condition.SERVICE_LEVEL_AT_RISK, Condition.LIST_EXHAUSTED),
    Condition.OCCUPANCY_TOO_HIGH: (Condition.UNDERSTAFFED, Condition.MASS_DISCONNECT),
    Condition.OCCUPANCY_TOO_LOW: (Condition.OVERSTAFFED, *LOSSES, Condition.LIST_EXHAUSTED),
    Condition.TRUNK_FULL: (Condition.TRUNK_DOWN,),
    Condition.PLAN_ENDS_SOON: (Condition.PLAN_MISSING,),
    Condition.MARGIN_NEGATIVE: (Condition.BELOW_BREAK_EVEN,),
}

LOOKING_BACK: Final = frozenset(  # at the last 15 minutes: they hold for a while after what brought them about
    {
        Condition.SERVICE_LEVEL_AT_RISK,
        Condition.ABANDONMENT_HIGH,
        Condition.OCCUPANCY_TOO_HIGH,
        Condition.OCCUPANCY_TOO_LOW,
        Condition.RING_NO_ANSWER_STORM,
    }
)


def muted(holding: Iterable[Holding], contract: Contract, over: Iterable[Holding] = (), said: Collection[Key] = ()) -> dict[Key, Key]:
    """What says nothing while something else says it: each muted condition and the one that speaks for it.

    `over`: losses that held a short while ago; what they brought with them is theirs a little longer. `said`: losses that speak already.
    """
    held = {one.key: one for one in holding}
    causes = held.keys() | {one.key for one in over}
    by: dict[Key, Key] = {**dict(_losses(held, contract, said)), **dict(_blind(held))}
    for condition, subject in held:
        for cause in CAUSES.get(condition, ()):
            speaker = next((key for near in _near(subject, cause, contract) if (key := (cause, near)) in causes), None)
            if speaker is not None:
                by.setdefault((condition, subject), speaker)
                break
    return {key: _last(speaker, by) for key, speaker in by.items()}


def _last(speaker: Key, by: Mapping[Key, Key]) -> Key:
    """Who speaks for whoever speaks."""
    while (other := by.get(speaker)) is not None:
        speaker = other
    return speaker


def _blind(held: Mapping[Key, Holding]) -> Iterator[tuple[Key, Key]]:
    """One message for what is out of sight together."""
    speakers: dict[str, Key] = {}
    for one in sorted((one for key, one in held.items() if key[0] is Condition.BLIND), key=lambda one: (one.since, one.subject)):
        speaker = speakers.setdefault(str(one.figures.get("pbxs", "")), one.key)
        if speaker != one.key:
            yield one.key, speaker


def _losses(held: Mapping[Key, Holding], contract: Contract, said: Collection[Key]) -> Iterator[tuple[Key, Key]]:
    """One message for a client who is lost, whatever of his is silent or low; one for the telephony, and one for the market."""
    speakers: dict[str, Key] = {}
    losses = [(one, contract.project[key[1].name].client, str(one.figures.get("reading", ""))) for key, one in held.items() if key[0] in LOSSES]
    moved = {client for _, client, reading in losses if reading == Reading.CLIENT}  # proven of one project, it is so of his others
    for one, client, reading in sorted(losses, key=lambda loss: (loss[0].key not in said, loss[0].since, LOSSES.index(loss[0].condition), loss[0].subject)):
        everybody = reading == Reading.TELEPHONY or (reading == Reading.MARKET and client not in moved)
        whose = reading if everybody else f"client {client}"
        speaker = speakers.setdefault(f"project {one.subject.name}", speakers.setdefault(whose, one.key))
        if speaker != one.key:
            yield one.key, speaker


def _near(subject: Subject, cause: Condition, contract: Contract) -> Iterator[Subject]:
    """Whoever the cause may be about, seen from what it brings about."""
    about = KINDS[cause].about
    if about is subject.about:
        yield subject
    elif about is About.GROUP and subject.about is About.PROJECT:
        yield Subject(About.GROUP, contract.project[subject.name].group)
    elif about is About.PROJECT and subject.about is About.GROUP:
        yield from (Subject(About.PROJECT, project.name) for project in contract.projects_of[subject.name])
