"""The contacts of a project as its client pays for them and as he judges them: day by day, call by call.

Owns two views of the same rows. One prices each answered contact by the tariff of the day it came, and says why another is not billed. The other
counts a day's arrivals under any threshold and leaves out who came during an excused incident. Refuses sums of money over a
period (`billing`). Next: `outputs.reports` shows both to the client.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from monitor.assess.service_level import Answers
from monitor.core.chronicle import ContactEnded
from monitor.core.contract import SECOND, Contract, Project
from monitor.core.counters import Outcome
from monitor.core.incidents import Incident
from monitor.core.tariff import NOTHING, Charged, Work


class PricedCall(NamedTuple):
    """An answered contact and what it is worth by itself; `exempt` says why it is not billed."""

    at: int
    day: date
    queue: str
    agent: str
    digits: str
    charged: Charged
    exempt: str
    pbx: str
    call: str


@dataclass(slots=True)
class Came:
    """Who came on one day, by how it ended. Abandoned are those who waited too long to be short ones.

    `doubtful` of those in the threshold were answered within its last second: where a log told it, in whole seconds, that is not sure.
    """

    contacts: int = 0
    answered: int = 0
    in_threshold: int = 0
    doubtful: int = 0
    abandoned: int = 0
    abandoned_in_threshold: int = 0
    short: int = 0
    flowed_out: int = 0
    unresolved: int = 0
    handled: int = 0
    handle_us: int = 0

    def take(self, one: ContactEnded, threshold_us: int) -> None:
        """One more."""
        in_time = one.wait_us <= threshold_us
        self.contacts += 1
        if one.outcome == Outcome.ANSWERED:
            self.answered += 1
            self.in_threshold += in_time
            self.doubtful += in_time and one.wait_us > threshold_us - SECOND
        elif one.outcome == Outcome.ABANDONED:
            self.abandoned += 1
            self.abandoned_in_threshold += in_time
        elif one.outcome == Outcome.SHORT:
            self.short += 1
        elif one.outcome == Outcome.FLOWED_OUT:
            self.flowed_out += 1
        else:
            self.unresolved += 1
        if one.handled_at is not None:
            self.handled += 1
            self.handle_us += one.handle_us

    def refuse(self, answers: int) -> None:
        """So many in doubt are not within the threshold."""
        fewer = min(answers, self.doubtful)
        self.in_threshold, self.doubtful = self.in_threshold - fewer, self.doubtful - fewer

    @property
    def answers(self) -> Answers:
        """As the formulas of service level want it: short ones are abandoned, and within the threshold."""
        return Answers(self.answered, self.in_threshold, self.abandoned + self.short, self.abandoned_in_threshold + self.short, self.short)


def priced(project: Project, contacts: Iterable[ContactEnded]) -> list[PricedCall]:
    """The answered contacts in their order, each at the price of its day."""
    found = []
    for one in contacts:
        if one.outcome != Outcome.ANSWERED or (one.handled_at is None and not one.connected_us):  # not over yet
            continue
        day = project.day_of(one.joined_at)
        tariff = None if one.exempt else project.tariff_on(day)
        work = Work(one.talk_us, one.hold_us, one.handle_us - one.talk_us - one.hold_us, one.connected_us)
        charged = NOTHING if tariff is None else tariff.charge(work, handled=one.handled_at is not None)
        found.append(PricedCall(one.joined_at, day, one.queue, one.agent, one.digits, charged, one.exempt, one.pbx, one.call))
    return found


def came(project: Project, contacts: Iterable[ContactEnded], threshold_us: int, excused: Sequence[Incident] = ()) -> dict[date, Came]:
    """Each day's arrivals, without those who came while an excused incident lasted (its recovery counts again)."""
    found: dict[date, Came] = {}
    for one in contacts:
        if any(incident.active(one.joined_at) for incident in excused):
            continue
        found.setdefault(project.day_of(one.joined_at), Came()).take(one, threshold_us)
    return found


def excusing(incidents: Iterable[Incident], kinds: Collection[str], project: Project, contract: Contract) -> tuple[Incident, ...]:
    """The incidents of these kinds that concern the project."""
    return tuple(one for one in incidents if one.kind.value in kinds and one.scope.holds_project(project, contract))
