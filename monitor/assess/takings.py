"""What must be remembered from one second to the next so that money can be counted, and the counting.

Owns the counters of money, which never fall: each is the highest a span's amount has been, span after span (a billing period for what is earned, a day
for what is spent), so what is taken back again is not counted twice. Owns also who was left out of a service level on days whose hours the books do not
keep any more. It does a part of the projects each second; the same seconds give the same state. Refuses a clock and files, and judging (`money_rules`).
Next: the frozen `Money`, which `outlook` carries.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final, Generic, TypeVar

from monitor.assess import projection
from monitor.assess.accounts import Accounts, whole
from monitor.assess.billing import NOBODY, Bill, Day, bill
from monitor.assess.coins import NO_MONEY, coins, total
from monitor.assess.margin import Margin, allocated, break_even, by_client, converted, days_of_cash, dependence, labour, occupancy, telecom, together
from monitor.assess.money import ClientMoney, Counted, Earned, GroupMoney, Money, Over, ProjectMoney
from monitor.assess.occupancy import Time
from monitor.assess.planned_bill import planned
from monitor.assess.service_level import Answers
from monitor.core.contract import Contract, Group, Project
from monitor.core.pay import cost

PART: Final = 1  # projects reckoned in a second
AHEAD_US: Final = 60_000_000  # how old an outlook on the rest of a period may be
KEEP_DAYS: Final = 70
QUARTER_US: Final = 900_000_000

Key = TypeVar("Key", bound=Hashable)


@dataclass(slots=True)
class _Rising(Generic[Key]):
    """A counter by key: in each span the highest amount, summed over spans; the last two spans may still rise.

    What is remembered of days before the counter began is in the amounts, and not in the counter.
    """

    totals: dict[Key, Decimal] = field(default_factory=dict)
    spans: dict[Key, dict[int, Decimal]] = field(default_factory=dict)
    remembered: int = 0  # of spans that began until then days were remembered,
    known: set[tuple[Key, int]] = field(default_factory=set)  # and of these the amount with them has been seen

    def reach(self, key: Key, span: int, amount: Decimal) -> None:
        """The amount of this span is so much now."""
        spans = self.spans.setdefault(key, {})
        if span not in spans and len(spans) == 2:
            oldest = min(spans)
            if span < oldest:
                return
            del spans[oldest]
        highest = spans.get(span, NO_MONEY)
        if span <= self.remembered and (key, span) not in self.known:
            self.known.add((key, span))
            highest = max(highest, amount)
        self.totals[key] = self.totals.get(key, NO_MONEY) + max(NO_MONEY, amount - highest)
        spans[span] = max(highest, amount)


@dataclass(slots=True)
class _Kept:
    """Of one project."""

    money: ProjectMoney
    day: date
    revision: int  # of its book, in what is over
    until: tuple[Day, ...] = ()  # its days that are over
    until_yesterday: tuple[Bill, ...] = ()
    bills: tuple[Bill, ...] = ()
    whole_fixed: Decimal | None = None  # of the period as it will end, in the site's currency
    whole_variable: Decimal | None = None
    ahead_at: int = 0


class Takings:
    """See above. `money` is the latest."""

    def __init__(self) -> None:
        self.money = Money()
        self._projects: dict[str, _Kept] = {}
        self._revenue: _Rising[tuple[str, str]] = _Rising()
        self._planned: _Rising[tuple[str, str]] = _Rising()
        self._labour: _Rising[str] = _Rising()
        self._telecom: _Rising[str] = _Rising()
        self._fixed: _Rising[str] = _Rising()
        self._left_out: dict[tuple[str, int], Answers] = {}
        self._costs: dict[tuple[str, int], dict[str, Margin]] = {}  # of days that are over, as long as the books of them are as they were
        self._until: dict[tuple[str, int, int], Margin] = {}
        self._costs_at = (0, 0)
        self._groups: dict[str, tuple[tuple[int, int, int], Decimal | None, Time]] = {}  # until yesterday, the same
        self._of_groups: dict[str, GroupMoney] = {}
        self._turn = self._group_turn = 0

    def agree(self, contract: Contract) -> None:
        """Another contract is in force: prices and wages of days that are over may be others too. Counters go on."""
        self._projects = {name: kept for name, kept in self._projects.items() if name in contract.project}
        self._costs_at = (-1, -1)
        self._groups.clear()

    def remember(self, today: int) -> None:
        """The books have days of before the counters began."""
        for rising in (self._revenue, self._planned, self._labour, self._telecom, self._fixed):
            rising.remembered = today
            rising.known.clear()

    def reckon_projects(self, accounts: Accounts) -> None:
        """Look at the projects whose turn it is."""
        projects = accounts.contract.projects
        start = self._turn % len(projects) if projects else 0
        part = [*projects[start:], *projects[:start]][:PART]
        self._turn = start + len(part)
        for project in part:
            self._project(accounts, project)

    def reckon_site(self, accounts: Accounts) -> None:
        """Look at a group, and sum everything up."""
        if any(project.name not in self._projects for project in accounts.contract.projects):
            self.money = Money({name: kept.money for name, kept in self._projects.items()})
            return
        groups = accounts.contract.groups
        self._group_turn = (self._group_turn + 1) % max(1, len(groups))
        for number, group in enumerate(groups):
            if number == self._group_turn or group.name not in self._of_groups:
                self._spent(accounts, group)
                self._of_groups[group.name] = self._group(accounts, group, accounts.contract.projects_of[group.name])
        self._sum_up(accounts)

    # --- a project ------------------------------------------------------------------------------------------------------------------

    def _project(self, accounts: Accounts, project: Project) -> None:
        today = project.day_of(accounts.at)
        before = self._projects.get(project.name)
        revision = accounts.projects[project.name].past_revision
        if before is None or before.revision != revision:
            self._late(accounts, project, today)
        first, following = project.period_of(today)
        days = self._days(accounts, project, first, today)
        bills = bill(project, first, following, days)
        key = tuple(days[:-1])
        until_yesterday = before.until_yesterday if before is not None and before.until == key else bill(project, first, following, key)
        span = first.toordinal()
        for one in bills:
            self._revenue.reach((project.name, one.currency), span, one.charges)
        earned = {
            Over.MONTH: tuple(_earned(one) for one in bills),
            Over.DAY: tuple(
                Earned(one.currency, one.charges - sum((old.charges for old in until_yesterday if old.currency == one.currency), NO_MONEY), None, None, None)
                for one in bills
            ),
        }
        costs = self._costs_of(accounts, today.toordinal(), project.group)[project.name]
        before_today = self._costs_until(accounts, project, [day.day.toordinal() for day in days[:-1]])
        self._telecom.reach(project.name, span, (before_today + costs).telecom or NO_MONEY)
        finances = accounts.contract.finances
        in_month = None if not bills else total(converted(one.total, one.currency, today, finances) for one in bills)
        in_day = None if not bills else total(converted(one.accrued, one.currency, today, finances) for one in earned[Over.DAY])
        margin = {Over.MONTH: _with(before_today + costs, in_month), Over.DAY: _with(costs, in_day)}
        kept = self._projects[project.name] = _Kept(
            ProjectMoney(earned, margin, None if before is None else before.money.outcome, len(days) - 1, (today - first).days),
            today,
            revision,
            key,
            until_yesterday,
            bills,
            *((None, None, 0) if before is None or before.day != today else (before.whole_fixed, before.whole_variable, before.ahead_at)),
        )
        if accounts.at - kept.ahead_at >= AHEAD_US:
            self._look_ahead(accounts, project, kept)

    def _days(self, accounts: Accounts, project: Project, first: date, last: date) -> list[Day]:
        """The days of a period up to one that has begun, as far back as anything is known of them."""
        book, end = accounts.projects[project.name], last.toordinal()
        start = next((ordinal for ordinal in range(first.toordinal(), end) if book.on(ordinal) is not None), end)
        days: list[Day] = []
        for ordinal in range(start, end + 1):
            day = date.fromordinal(ordinal)
            tariff, left = project.tariff_on(day), NOBODY
            if tariff is not None and tariff.sl_adjust is not None and tariff.sl_adjust.excluded:
                key = project.name, ordinal
                if ordinal >= last.toordinal() - 1:  # the books keep its hours
                    self._left_out[key] = accounts.left_out(project, day, tariff.sl_adjust)
                left = self._left_out.get(key, NOBODY)
            days.append(accounts.day(project, day, left))
        for key in [key for key in self._left_out if key[0] == project.name and key[1] < last.toordinal() - KEEP_DAYS]:
            del self._left_out[key]
        return days

    def _late(self, accounts: Accounts, project: Project, today: date) -> None:
        """What came late of the billing period before this one counts as well: calls over its end, results and rows that were found."""
        first, _ = project.period_of(today)
        last = first - timedelta(days=1)
        book = accounts.projects[project.name]
        began, following = project.period_of(last)
        if all(book.on(ordinal) is None for ordinal in range(began.toordinal(), following.toordinal())):
            return
        days = self._days(accounts, project, began, last)
        for one in bill(project, began, following, days):
            self._revenue.reach((project.name, one.currency), began.toordinal(), one.charges)
        for one in planned(project, began, following, [accounts.planned_day(project, day.day) for day in days]) or ():
            self._planned.reach((project.name, one.currency), began.toordinal(), one.charges)
        carried = [telecom(project, accounts.connected_us(project.name, day.day.toordinal())) for day in days]
        self._telecom.reach(project.name, began.toordinal(), sum(carried, NO_MONEY))

    def _look_ahead(self, accounts: Accounts, project: Project, kept: _Kept) -> None:
        """What the plan would have brought, and how the period will end if the rest goes as planned and as it went."""
        kept.ahead_at = accounts.at
        first, following = project.period_of(kept.day)
        days = [date.fromordinal(ordinal) for ordinal in range(first.toordinal(), following.toordinal())]
        done = [accounts.planned_day(project, day) for day in days[kept.money.past_days - kept.money.known_days :] if day <= kept.day]
        so_far = planned(project, first, following, done)
        for one in so_far or ():
            self._planned.reach((project.name, one.currency), first.toordinal(), one.charges)
        rest = [accounts.planned_rest(project, day) for day in days if day >= kept.day]
        ended = planned(project, first, following, [*done[:-1], whole(done[-1], rest[0]), *rest[1:]])
        if ended is None or so_far is None or not kept.money.known_days or not self._planned_to_the_end(accounts, project, following):
            kept.whole_fixed = kept.whole_variable = None
            kept.money = _replaced(kept.money, None)
            return
        finances = accounts.contract.finances
        revenues: list[Decimal | None] = []
        fixed: list[Decimal | None] = []
        for one in ended:
            mine = next((each for each in kept.bills if each.currency == one.currency), None)
            then = next((each for each in so_far if each.currency == one.currency), None)
            if mine is not None and then is not None:
                revenues.append(converted(projection.revenue(mine, then, one), one.currency, kept.day, finances))
                fixed.append(converted(projection.fixed(mine, then, one), one.currency, kept.day, finances))
        brought, anyhow = total(revenues), total(fixed)
        over = sum((day.share for day in done), Fraction(0))
        margin = kept.money.margin[Over.MONTH]
        a_day = None if margin.fixed is None or not over else coins(Fraction(margin.fixed) / over)
        progress = projection.Progress(
            sum(day.handle_us for day in done), sum(day.handle_us for day in rest), over, sum((day.share for day in rest), Fraction(0)), a_day
        )
        kept.whole_fixed, kept.whole_variable = anyhow, None if brought is None or anyhow is None else brought - anyhow
        kept.money = _replaced(kept.money, projection.projected(margin, brought, progress))

    @staticmethod
    def _planned_to_the_end(accounts: Accounts, project: Project, following: date) -> bool:
        """Whether the plan reaches to where a billing period ends, or at least to when the project closes for the last time in it."""
        end = accounts.plan.end(project.name)
        return end is not None and not any(project.open_at(at) for at in range(max(end, accounts.at), project.starts_on(following), QUARTER_US))

    # --- what it takes --------------------------------------------------------------------------------------------------------------

    def _costs_of(self, accounts: Accounts, day: int, group: str) -> dict[str, Margin]:
        """What a day cost a group's projects: its labour and the site's fixed cost by handle time, and the carrier's minutes."""
        projects = accounts.contract.projects_of[group]
        of_fixed = allocated(self._fixed_on(accounts, day), accounts.bearers(accounts.contract.projects, day))
        shares = allocated(labour(*accounts.labour(group, day)), accounts.bearers(projects, day))
        return {one.name: Margin(NO_MONEY, shares[one.name], telecom(one, accounts.connected_us(one.name, day)), of_fixed[one.name]) for one in projects}

    def _costs_until(self, accounts: Accounts, project: Project, days: Sequence[int]) -> Margin:
        """What a project's days that are over cost: looked at again only where a book of a day that is over has changed."""
        books = (*accounts.projects.values(), *accounts.groups.values())
        revision = sum(book.past_revision for book in books), max((book.date for book in books), default=0)
        if self._costs_at != revision:
            self._costs_at = revision
            self._costs.clear()
            self._until.clear()
        key = project.name, days[0] if days else 0, len(days)
        if key not in self._until:
            for day in days:
                if (project.group, day) not in self._costs:
                    self._costs[project.group, day] = self._costs_of(accounts, day, project.group)
            self._until[key] = together(self._costs[project.group, day][project.name] for day in days)
        return self._until[key]

    @staticmethod
    def _fixed_on(accounts: Accounts, day: int) -> Decimal:
        """The site's fixed cost of a day, as far as it is over."""
        site = Project("", "", "", (), zone=accounts.contract.zone)
        return coins(Fraction(accounts.contract.finances.fixed_cost_per_day) * accounts.share(site, date.fromordinal(day)))

    def _spent(self, accounts: Accounts, group: Group) -> None:
        """Count what a group's people and the site's days cost, this month and what came late of the one before."""
        site = Project("", "", "", (), zone=accounts.contract.zone)
        today = site.day_of(accounts.at)
        first, _ = site.period_of(today)
        before, _ = site.period_of(first - timedelta(days=1))
        book = accounts.groups[group.name]
        for begin, end in ((before, first), (first, today + timedelta(days=1))):
            days = [day for day in range(begin.toordinal(), end.toordinal()) if book.on(day) is not None]
            if days:
                paid = (coins(cost(accounts.labour(group.name, day)[0])) for day in days)  # what is known of it
                self._labour.reach(group.name, begin.toordinal(), sum(paid, NO_MONEY))
                self._fixed.reach("", begin.toordinal(), sum((self._fixed_on(accounts, day) for day in days), NO_MONEY))

    # --- everybody ------------------------------------------------------------------------------------------------------------------

    def _sum_up(self, accounts: Accounts) -> None:
        contract = accounts.contract
        kept = {project.name: self._projects[project.name] for project in contract.projects}
        margins = {over: {name: one.money.margin[over] for name, one in kept.items()} for over in Over}
        site = {over: together(margins[over].values()) for over in Over}
        clients = {over: by_client(contract.projects, margins[over]) for over in Over}
        without = {over: dependence(clients[over]) for over in Over}
        days = _days_known(one.money for one in kept.values())
        reserve = contract.finances.cash_reserve
        self.money = Money(
            projects={name: one.money for name, one in kept.items()},
            groups={group.name: self._of_groups[group.name] for group in contract.groups},
            clients={
                client: ClientMoney(
                    {over: clients[over][client] for over in Over},
                    {over: without[over][client] for over in Over},
                    days_of_cash(reserve, without[Over.MONTH][client], days),
                )
                for client in clients[Over.DAY]
            },
            site=site,
            cash_days=days_of_cash(reserve, site[Over.MONTH].amount, days),
            counted=Counted(
                dict(self._revenue.totals),
                dict(self._planned.totals),
                {name: amount for name, amount in self._labour.totals.items() if name in contract.group},
                {name: amount for name, amount in self._telecom.totals.items() if name in contract.project},
                self._fixed.totals.get("", NO_MONEY),
            ),
        )

    def _group(self, accounts: Accounts, group: Group, projects: Sequence[Project]) -> GroupMoney:
        """What the projects' periods will bring together, or have brought where nobody knows the rest."""
        site = Project("", "", "", (), zone=accounts.contract.zone)
        today = site.day_of(accounts.at)
        over = range(site.period_of(today)[0].toordinal(), today.toordinal())
        key = accounts.groups[group.name].past_revision, over.start, over.stop
        known = self._groups.get(group.name)
        if known is None or known[0] != key:
            known = self._groups[group.name] = (key, total(labour(*accounts.labour(group.name, day)) for day in over), accounts.time(group.name, over))
        now = labour(*accounts.labour(group.name, today.toordinal()))
        spent = {Over.DAY: now, Over.MONTH: total((known[1], now))}
        time = known[2] + accounts.time(group.name, (today.toordinal(),))
        own = [self._projects[project.name] for project in projects]
        return GroupMoney(spent, occupancy(time), self._break_even(accounts, time, own))

    @staticmethod
    def _break_even(accounts: Accounts, time: Time, own: Sequence[_Kept]) -> Fraction | None:
        took: list[Decimal | None] = []
        fixed: list[Decimal | None] = []
        variable: list[Decimal | None] = []
        finances = accounts.contract.finances
        for one in own:
            if one.money.outcome is not None and one.whole_variable is not None:
                took.append(one.money.outcome.cost)
                fixed.append(one.whole_fixed)
                variable.append(one.whole_variable)
            else:
                took.append(one.money.margin[Over.MONTH].cost)
                fixed.append(total(converted(each.fixed, each.currency, one.day, finances) for each in one.bills))
                variable.append(total(converted(each.variable, each.currency, one.day, finances) for each in one.bills))
        return break_even(time, total(took), total(fixed), total(variable)) if own else None


def _earned(one: Bill) -> Earned:
    return Earned(one.currency, one.charges, one.guarantee, one.adjustment, one.shortfall_calls)


def _with(costs: Margin, revenue: Decimal | None) -> Margin:
    return Margin(revenue, costs.labour, costs.telecom, costs.fixed)


def _replaced(money: ProjectMoney, outcome: Margin | None) -> ProjectMoney:
    return ProjectMoney(money.earned, money.margin, outcome, money.known_days, money.past_days)


def _days_known(projects: Iterable[ProjectMoney]) -> Fraction:
    """Of the projects' periods so far: the longest."""
    return Fraction(max((one.known_days for one in projects), default=0) + 1)
