"""A project's account for a billing period, as reports to its client show it.

Owns the shape. What is in it is of this project alone: no wage, no margin, nobody else's calls. Refuses being made (`reporting.account` makes it of rows).
Next: `client` and `billing` show it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from monitor.assess.annex import Annex
from monitor.assess.arrivals import Came
from monitor.assess.billing import Bill, Day
from monitor.assess.coins import coins
from monitor.core.amendment import Amendment
from monitor.core.contract import SECOND, Project
from monitor.core.direction import Direction
from monitor.core.incidents import Incident
from monitor.outputs.reports.dialled import Dialled


@dataclass(frozen=True)
class Account:
    """The billing period from `first` to `last`, both in it; `over` once all of it is past. `unseen_us` of `span_us` nobody saw.

    `came` is by the threshold that the project promises; a bill's adjustment has its own in `days`.
    """

    project: Project
    first: date
    last: date
    over: bool
    came: Mapping[date, Came]
    days: tuple[Day, ...]
    bills: tuple[Bill, ...]
    annex: Annex
    incidents: tuple[Incident, ...]
    unseen_us: int
    span_us: int
    vat: Decimal | None = None
    unfinished: int = 0  # answered contacts on which the work is not wholly known
    unbilled: int = 0  # of these, to be paid for one by one, and not in the bill before more is known
    unseen_days: frozenset[date] = frozenset()  # nothing was observed of them, and nobody came
    people: tuple[str, ...] = ()  # who answered, by their first contact, whether that is billed or not
    amended: tuple[Amendment, ...] = ()  # what was put right by hand of its calls
    dialled: Mapping[date, Mapping[Direction, Dialled]] = field(default_factory=dict)  # of a project that calls out
    hours_zone: str = ""  # the site's, where hours of agents are those of its day and that is not the project's

    @property
    def unseen(self) -> bool:
        """Whether nobody saw anything of the period: what depends on that is not known."""
        return self.unseen_days.issuperset(day.day for day in self.days)

    def local(self, at: int) -> datetime:
        """An instant by the project's clock."""
        return datetime.fromtimestamp(at // SECOND, self.project.zone)

    def tax(self, net: Decimal) -> Decimal | None:
        """What is added to an amount; None where no rate is set."""
        return None if self.vat is None else coins(net * self.vat)
