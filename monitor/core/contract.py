"""What the centre agreed with its clients, as frozen values: projects, groups, people, service levels.

Owns the meaning of a configuration once it is valid, and the two look-ups everything starts with: whose call is a call of this
queue, and whose agent is this member. Refuses reading files and checking input: `monitor.config` does both and builds these.
Durations are integer microseconds. Next: `events` says what happens, `floor` applies it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from monitor.core.formula import Formula
from monitor.core.limits import Limits
from monitor.core.outgoing import NONE as NO_OUTBOUND
from monitor.core.outgoing import Dialled, Outbound
from monitor.core.pay import Pay
from monitor.core.regions import Regions
from monitor.core.tariff import Tariff, tariff_on
from monitor.core.trunk import Trunk

if TYPE_CHECKING:
    from monitor.core.incidents import Incident
    from monitor.core.signals import Signal

SECOND = 1_000_000
MINUTE = 60 * SECOND


class RingCountsAs(StrEnum):
    """What ringing is in occupancy: Avaya's, Cisco's and Amazon's answer."""

    HANDLE = "handle"
    AVAILABLE = "available"
    IGNORE = "ignore"


class Language(StrEnum):
    """Of what people are told."""

    UKRAINIAN = "uk"
    ENGLISH = "en"


class Presence(StrEnum):
    """When a person is on the floor."""

    MEMBER = "member"  # of a queue, with a reachable device
    UNPAUSED = "unpaused"  # member and not paused
    DEVICE = "device"  # known, with a reachable device
    HOURS = "hours"  # member while a project of the group is open


class PauseClass(StrEnum):
    """What a pause reason means for work and pay."""

    ACW = "acw"
    WORK = "work"
    PAID = "paid"
    UNPAID = "unpaid"


class QueueId(NamedTuple):
    """A queue of one PBX: the same name on two PBXs is two queues."""

    pbx: str
    name: str

    def __str__(self) -> str:
        return f"{self.pbx}/{self.name}"


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """The promised answer speed; `target` is a ratio 0-1."""

    threshold_us: int = 20 * SECOND
    target: float = 0.80
    formula: Formula = Formula.SHORT_EXCLUDED


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours: per weekday (Monday = 0) half-open spans of seconds since local midnight, and closed ISO dates."""

    week: tuple[tuple[tuple[int, int], ...], ...] = (((0, 86_400),),) * 7
    closed: frozenset[str] = frozenset()

    def open_at(self, local: datetime) -> bool:
        """True when `local` lies in opening hours."""
        if local.date().isoformat() in self.closed:
            return False
        second = local.hour * 3600 + local.minute * 60 + local.second
        return any(start <= second < end for start, end in self.week[local.weekday()])


class SignedDay(NamedTuple):
    """What the plan that the client signed has for a day of the project: its ordinal, calls in millionths, handle time."""

    day: int
    calls_u: int
    handle_us: int


@dataclass(frozen=True, slots=True)
class Project:
    """One client's contract: the unit of plan and money."""

    name: str
    client: str
    group: str
    queues: tuple[QueueId, ...]
    zone: tzinfo = UTC
    dids: frozenset[str] = frozenset()
    hours: Hours = Hours()
    wrapup_us: int = 15 * SECOND
    short_us: int = 5 * SECOND
    aht_us: int = 180 * SECOND
    service_level: ServiceLevel = ServiceLevel()
    max_abandonment: float = 0.05
    patience_us: int = 120 * SECOND
    dispersion: float = 20.0  # shape of its days' volumes: the smaller, the more they differ
    day_starts: int = 0  # minutes after midnight: a line that is open over midnight has its day begin in its quiet hours
    contract_until: date | None = None
    notice_days: int = 60
    tariffs: tuple[Tariff, ...] = ()  # in the order they begin; none holds on a day of another
    signed: tuple[SignedDay, ...] = ()  # in order
    billing_day: int = 1  # of the month, 1-28: the first of its billing periods
    telecom_per_minute: Decimal = Decimal(0)  # what the carrier takes for a minute a caller is connected, in the site's currency
    outbound: Outbound = NO_OUTBOUND
    test_callers: tuple[str, ...] = ()  # patterns of numbers whose calls are not billed
    caller_digits: int = 0  # how many of the last of a caller's number may be kept, 0 or 4
    region: str = ""  # where those whom it calls are, unless more is known of a number
    callback_us: int = 30 * MINUTE  # of opening hours, within which a lost caller is to be rung back
    short_is_lost: bool = False  # whether who hangs up within `short_us` is one
    channels: tuple[str, ...] = ()  # beside the telephone, of which somebody may tell contacts

    def tariff_on(self, day: date) -> Tariff | None:
        """The prices in force on a day of the project's."""
        return tariff_on(self.tariffs, day)

    def day_of(self, at: int) -> date:
        """The day that `at` belongs to."""
        return datetime.fromtimestamp(self.day_start(at) // SECOND, self.zone).date()

    def starts_on(self, day: date) -> int:
        """The instant at which a day begins."""
        return self._start_of(day)

    def period_of(self, day: date) -> tuple[date, date]:
        """The billing period of a day: its first day, and the first of the next."""
        first = day.replace(day=self.billing_day)
        if day < first:
            first = (first.replace(day=1) - timedelta(days=1)).replace(day=self.billing_day)
        return first, (first.replace(day=28) + timedelta(days=4)).replace(day=self.billing_day)

    def day_start(self, at: int) -> int:
        """The instant that begins the day of `at`: local midnight, or when the project's day starts instead."""
        local = datetime.fromtimestamp(at // SECOND, self.zone)
        start = self._start_of(local.date())
        return start if start <= at else self._start_of(local.date() - timedelta(days=1))

    def day_end(self, at: int) -> int:
        """The instant that ends the day of `at`: 23 to 25 hours after its start."""
        following = datetime.fromtimestamp(self.day_start(at) // SECOND, self.zone).date() + timedelta(days=1)
        return self._start_of(following)

    def _start_of(self, day: date) -> int:
        hour, minute = divmod(self.day_starts, 60)
        return int(datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.zone).timestamp()) * SECOND

    def interval_start(self, at: int, length_us: int) -> int:
        """The start of the interval of `length_us` around `at`, aligned to the local clock (zones at :30 and :45 exist)."""
        offset = datetime.fromtimestamp(at // SECOND, self.zone).utcoffset() or timedelta()
        shift = int(offset.total_seconds()) * SECOND
        return (at + shift) // length_us * length_us - shift

    def open_at(self, at: int) -> bool:
        """True when the project is open at `at`."""
        return self.hours.open_at(datetime.fromtimestamp(at // SECOND, self.zone))


@dataclass(frozen=True, slots=True)
class PauseReason:
    """A configured pause reason; `project` gets the work of class `work`."""

    name: str
    kind: PauseClass
    limit_us: int | None = None
    project: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A staffing pool: agents who share idle time. `members` are patterns over interface or member name; empty: by project queues."""

    name: str
    members: tuple[str, ...] = ()
    presence: Presence = Presence.MEMBER
    unreachable_grace_us: int = 60 * SECOND
    max_occupancy: float = 0.88
    min_occupancy: float = 0.60
    shrinkage: float = 0.25
    pause_reasons: tuple[PauseReason, ...] = ()

    def pause_reason(self, name: str) -> PauseReason | None:
        """The configured reason of that name, or None: an unlisted reason is paid."""
        return next((reason for reason in self.pause_reasons if reason.name == name), None)

    def claims(self, interface: str, member: str) -> bool:
        """True when a pattern names this interface or member name."""
        return any(fnmatchcase(interface, pattern) or fnmatchcase(member, pattern) for pattern in self.members)


@dataclass(frozen=True, slots=True)
class Person:
    """A row of the agents file: several interfaces are one person. An interface may carry its PBX: `pbx2:PJSIP/7`."""

    id: str
    name: str
    interfaces: tuple[str, ...]
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """From that day on one unit of `currency` is so many of the site's."""

    currency: str
    first: date
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Finances:
    """The site's money: what it reckons in, what each day costs whoever calls, the tax on what it bills, and what it has."""

    currency: str = "UAH"
    fixed_cost_per_day: Decimal = Decimal(0)
    vat: Decimal | None = None
    cash_reserve: Decimal | None = None
    rates: tuple[Rate, ...] = ()

    def rate(self, currency: str, day: date) -> Decimal | None:
        """One unit of a currency in the site's on a day; None where nobody says."""
        if currency == self.currency:
            return Decimal(1)
        known = [one for one in self.rates if one.currency == currency and one.first <= day]
        return max(known, key=lambda one: one.first).rate if known else None


@dataclass(frozen=True)
class Contract:
    """Everything agreed: the site, its PBXs by name, groups, projects and known people."""

    site: str = "site"
    zone: tzinfo = UTC
    language: Language = Language.UKRAINIAN
    interval_us: int = 30 * MINUTE
    ring_counts_as: RingCountsAs = RingCountsAs.HANDLE
    agent_metrics: bool = False
    pbxs: tuple[str, ...] = ("pbx1",)
    groups: tuple[Group, ...] = ()
    projects: tuple[Project, ...] = ()
    people: tuple[Person, ...] = field(default=())
    limits: Limits = field(default_factory=Limits)
    incidents: tuple[Incident, ...] = ()  # announced ones
    pay: Pay = field(default_factory=Pay)
    finances: Finances = field(default_factory=Finances)
    signals: tuple[Signal, ...] = ()
    regions: Regions = field(default_factory=Regions)
    match_digits: int = 9  # the last of a number that tell callers apart
    keep_numbers: bool = True  # of lost callers, as long as they are to be rung back
    number_key: bytes = field(default=b"", repr=False)  # the secret under which a caller is known again
    trunks: tuple[Trunk, ...] = ()

    def day_start(self, at: int) -> int:
        """The earliest local midnight that begins the day of `at`, of the site or a project."""
        return min(one.day_start(at) for one in (self.calendar, *self.projects))

    @property
    def pays_for_results(self) -> bool:
        """Whether any client pays by result."""
        return any(tariff.per_result for project in self.projects for tariff in project.tariffs)

    @cached_property
    def calendar(self) -> Project:
        """The days and months of the site itself."""
        return Project("", "", "", (), zone=self.zone)

    @cached_property
    def project(self) -> dict[str, Project]:
        """Projects by name."""
        return {project.name: project for project in self.projects}

    @cached_property
    def signal(self) -> dict[str, Signal]:
        """Signals by name."""
        return {one.name: one for one in self.signals}

    @cached_property
    def group(self) -> dict[str, Group]:
        """Groups by name."""
        return {group.name: group for group in self.groups}

    @cached_property
    def _claims(self) -> dict[QueueId, tuple[Project, ...]]:
        claims: dict[QueueId, tuple[Project, ...]] = {}
        for project in self.projects:
            for queue in project.queues:
                claims[queue] = (*claims.get(queue, ()), project)
        return claims

    @cached_property
    def _person(self) -> dict[str, Person]:
        return {interface: person for person in self.people for interface in person.interfaces}

    @cached_property
    def person(self) -> dict[str, Person]:
        """Rows of the agents file by their id."""
        return {person.id: person for person in self.people}

    @cached_property
    def pools(self) -> dict[str, frozenset[QueueId]]:
        """The queues of each group's projects."""
        return {group: frozenset(queue for project in projects for queue in project.queues) for group, projects in self.projects_of.items()}

    @cached_property
    def pbxs_of(self) -> dict[str, frozenset[str]]:
        """The PBXs that carry each project's queues: it is observed while all of them are."""
        return {project.name: frozenset(queue.pbx for queue in project.queues) | self._dials_on(project.outbound) for project in self.projects}

    def _dials_on(self, outbound: Outbound) -> frozenset[str]:
        """The PBXs on which its calls may be dialled: where a trunk names its own that one, else every one."""
        if not outbound.seen_by_dials:
            return frozenset()
        named = {pbx for one in outbound.trunks if (pbx := one.partition(":")[0]) in self.pbxs}
        return frozenset(named if outbound.trunks and outbound.only_trunks and all(":" in one for one in outbound.trunks) else self.pbxs)

    @cached_property
    def _dialling(self) -> tuple[tuple[str, Outbound], ...]:
        return tuple((project.name, project.outbound) for project in self.projects if project.outbound.seen_by_dials)

    def dials_out(self, pbx: str) -> bool:
        """Whether anybody's outbound calls may be on this PBX."""
        return any(pbx in self._dials_on(one.outbound) or any(queue.pbx == pbx for queue in one.outbound.dialer_queues) for one in self.projects)

    def dialled_for(self, dial: Dialled) -> str:
        """The name of the project whose outbound call a dial is, the first that claims it; empty: nobody's."""
        return next((name for name, outbound in self._dialling if outbound.claims(dial)), "")

    @cached_property
    def projects_of(self) -> dict[str, tuple[Project, ...]]:
        """The projects of each group."""
        return {group.name: tuple(p for p in self.projects if p.group == group.name) for group in self.groups}

    @cached_property
    def queues(self) -> tuple[QueueId, ...]:
        """Every claimed queue, each once, in the order of the file."""
        return tuple(self._claims)

    @cached_property
    def claimed(self) -> frozenset[QueueId]:
        """The same, to look up in."""
        return frozenset(self._claims)

    def claims_on(self, queue: QueueId) -> tuple[Project, ...]:
        """The projects whose calls may come into a queue."""
        return self._claims.get(queue, ())

    def project_for(self, queue: QueueId, did: str = "") -> Project | None:
        """Whose call a call of this queue is; where projects share a queue the dialled number tells. None: nobody's."""
        claims = self._claims.get(queue, ())
        for project in claims:
            if did in project.dids:
                return project
        return next((project for project in claims if not project.dids), None)

    def person_for(self, pbx: str, interface: str) -> Person | None:
        """The row of the agents file with this interface."""
        return self._person.get(f"{pbx}:{interface}") or self._person.get(interface)

    def group_for(self, interface: str, member: str, queues: frozenset[QueueId]) -> Group | None:
        """The first group that claims the member: by pattern, or, without patterns, by membership of its projects' queues."""
        for group in self.groups:
            if group.members:
                if group.claims(interface, member):
                    return group
            elif not self.pools[group.name].isdisjoint(queues):
                return group
        return None
