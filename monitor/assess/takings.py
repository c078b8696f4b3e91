"""What must be remembered from one second to the next so that money can be counted, and the counting.

Owns whose turn it is, and what the counters rise by: what is earned and carried by billing period, what people and the site's days cost by month (`rising`).
Hours of a shared pool that are a client's by handle time are counted when their day is over, for until then his share of it moves. It does a part of the
projects each second; the same seconds give the same state. Refuses a clock and files, the costs of days (`day_costs`) and judging (`money_rules`).
Next: the frozen `Money`, which `outlook` carries.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final

from monitor.assess import projection
from monitor.assess.accounts import Accounts, whole
from monitor.assess.billing import NOBODY, Bill, Day, bill
from monitor.assess.coins import NO_MONEY, coins, total
from monitor.assess.day_costs import DayCosts
from monitor.assess.left_out import LeftOut
from monitor.assess.margin import Margin, break_even, by_client, converted, days_of_cash, dependence, labour, occupancy, telecom, together
from monitor.assess.money import ClientMoney, Counted, Earned, GroupMoney, Money, Over, ProjectMoney
from monitor.assess.occupancy import Time
from monitor.assess.planned_bill import planned
from monitor.assess.rising import Rising
from monitor.core.contract import Contract, Group, Project
from monitor.core.pay import cost
from monitor.core.tariff import HoursBase, Tariff, tariff_on

PART: Final = 1  # projects reckoned in a second
AHEAD_US: Final = 60_000_000  # how old an outlook on the rest of a period may be
QUARTER_US: Final = 900_000_000


@dataclass(slots=True)
class _Kept:
    """Of one project."""

    money: ProjectMoney
    day: date
    first: date  # of its billing period
    revision: int  # of its book, in what is over
    share: Fraction  # of today that is over
    tariffs: tuple[Tariff, ...]
    repriced: date | None = None  # until that day its calls were priced by other prices than those in force now
    changed: bool = False  # what has been counted is not reckoned back
    until: tuple[Day, ...] | None = None  # its days that are over; None: to be billed anew
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
        self._revenue: Rising[tuple[str, str]] = Rising()
        self._planned: Rising[tuple[str, str]] = Rising()
        self._labour: Rising[str] = Rising()
        self._telecom: Rising[str] = Rising()
        self._fixed: Rising[str] = Rising()
        self._left_out = LeftOut()
        self._costs = DayCosts()
        self._groups: dict[str, tuple[tuple[int, int, int], Decimal | None, Time]] = {}  # until yesterday, by the state of its book
        self._of_groups: dict[str, GroupMoney] = {}
        self._turn = self._group_turn = 0

    def agree(self, contract: Contract) -> None:
        """Another contract is in force: prices and wages of days that are over may be others too. Counters go on."""
        self._projects = {name: kept for name, kept in self._projects.items() if name in contract.project}
        for name, kept in self._projects.items():
            kept.until, kept.ahead_at = None, 0
            kept.changed = kept.changed or kept.tariffs != contract.project[name].tariffs
            if _prices(kept.tariffs, kept.first, kept.day) != _prices(contract.project[name].tariffs, kept.first, kept.day):
                kept.repriced = kept.day
        self._costs.forget()
        self._groups.clear()
        self._of_groups = {name: one for name, one in self._of_groups.items() if name in contract.group}

    def remember(self, today: int) -> None:
        """The books have days of before the counters began."""
        for rising in (self._revenue, self._planned, self._labour, self._telecom, self._fixed):
            rising.remember(today)

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
            self.money = Money({name: kept.money for name, kept in self._projects.items()}, counted=self._counted(accounts.contract))
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
        today, book = project.day_of(accounts.at), accounts.projects[project.name]
        before = self._projects.get(project.name)
        first, following = project.period_of(today)
        moved = before is not None and (before.changed or before.first != first <= before.day)  # its days are counted already, by other terms
        repriced = None if before is None or before.repriced is None or before.repriced < first else before.repriced
        if before is None or before.revision != book.past_revision:
            self._late(accounts, project, first, silent=moved)
        days = self._days(accounts, project, first, today)
        bills = bill(project, first, following, days)
        until = tuple(days[:-1])
        until_yesterday = before.until_yesterday if before is not None and before.until == until else bill(project, first, following, until)
        self._earn(project, first, bill(project, first, following, [*until, _certain(project, days[-1])]) if _moving(project, today) else bills, silent=moved)
        earned = {
            Over.MONTH: tuple(_earned(one) for one in bills),
            Over.DAY: tuple(
                Earned(one.currency, one.charges - sum((old.charges for old in until_yesterday if old.currency == one.currency), NO_MONEY), None, None, None)
                for one in bills
            ),
        }
        costs = self._costs.of(accounts, today.toordinal(), project.group)[project.name]
        so_far = self._costs.until(accounts, project, [day.day.toordinal() for day in until]) + costs
        self._telecom.reach(project.name, first.toordinal(), so_far.telecom or NO_MONEY, silent=moved)
        if repriced is not None:  # what its calls were worth is not known by these prices
            earned = {Over.MONTH: (), Over.DAY: () if repriced == today else earned[Over.DAY]}
        finances = accounts.contract.finances
        in_month = None if not bills or repriced is not None else total(converted(one.total, one.currency, today, finances) for one in bills)
        in_day = None if not earned[Over.DAY] else total(converted(one.accrued, one.currency, today, finances) for one in earned[Over.DAY])
        margin = {Over.MONTH: _with(so_far, in_month), Over.DAY: _with(costs, in_day)}
        ahead = (None, None, 0) if before is None or before.day != today else (before.whole_fixed, before.whole_variable, before.ahead_at)
        outcome = None if before is None or repriced is not None else before.money.outcome
        money = ProjectMoney(earned, margin, outcome, len(until), (today - first).days)
        kept = _Kept(money, today, first, book.past_revision, days[-1].share, project.tariffs, repriced, False, until, until_yesterday, bills, *ahead)
        self._projects[project.name] = kept
        if abs(accounts.at - kept.ahead_at) >= AHEAD_US:
            self._look_ahead(accounts, project, kept, silent=moved)

    def _earn(self, project: Project, first: date, bills: Iterable[Bill], *, silent: bool = False) -> None:
        for one in bills:
            self._revenue.reach((project.name, one.currency), first.toordinal(), one.charges, silent=silent)

    def _days(self, accounts: Accounts, project: Project, first: date, last: date) -> list[Day]:
        """The days of a period that are known, up to one that has begun."""
        book = accounts.projects[project.name]
        days: list[Day] = []
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            if book.on(ordinal) is None and ordinal != last.toordinal():
                continue
            day = date.fromordinal(ordinal)
            tariff, left = project.tariff_on(day), NOBODY
            if tariff is not None and tariff.sl_adjust is not None and tariff.sl_adjust.excluded:
                left = self._left_out.of(accounts, project, day, tariff.sl_adjust)
            days.append(accounts.day(project, day, left))
        return days

    def _late(self, accounts: Accounts, project: Project, first: date, *, silent: bool) -> None:
        """What came late of the billing period before this one counts as well: calls over its end, results and rows that were found."""
        last = first - timedelta(days=1)
        book = accounts.projects[project.name]
        began, following = project.period_of(last)
        if all(book.on(ordinal) is None for ordinal in range(began.toordinal(), following.toordinal())):
            return
        days = [day for day in self._days(accounts, project, began, last) if book.on(day.day.toordinal()) is not None]
        self._earn(project, began, bill(project, began, following, days), silent=silent)
        for one in planned(project, began, following, [accounts.planned_day(project, day.day) for day in days]) or ():
            self._planned.reach((project.name, one.currency), began.toordinal(), one.charges, silent=silent)
        carried = [telecom(project, accounts.connected_us(project.name, day.day.toordinal())) for day in days]
        self._telecom.reach(project.name, began.toordinal(), sum(carried, NO_MONEY), silent=silent)

    def _look_ahead(self, accounts: Accounts, project: Project, kept: _Kept, *, silent: bool) -> None:
        """What the plan would have brought, and how the period will end if the rest goes as planned and as it went."""
        kept.ahead_at = accounts.at
        first, following = project.period_of(kept.day)
        days = [date.fromordinal(ordinal) for ordinal in range(first.toordinal(), following.toordinal())]
        book = accounts.projects[project.name]
        done = [accounts.planned_day(project, day) for day in days if day == kept.day or (day < kept.day and book.on(day.toordinal()) is not None)]
        so_far = planned(project, first, following, done)
        for one in so_far or ():
            self._planned.reach((project.name, one.currency), first.toordinal(), one.charges, silent=silent)
        rest = [accounts.planned_rest(project, day) for day in days if day >= kept.day]
        ended = planned(project, first, following, [*done[:-1], whole(done[-1], rest[0]), *rest[1:]])
        if (
            ended is None
            or so_far is None
            or kept.repriced is not None
            or not kept.money.known_days
            or not self._planned_to_the_end(accounts, project, following)
        ):
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

    def _spent(self, accounts: Accounts, group: Group) -> None:
        """Count what a group's people and the site's days cost, this month and what came late of the one before."""
        site = accounts.contract.calendar
        today = site.day_of(accounts.at)
        first, _ = site.period_of(today)
        before, _ = site.period_of(first - timedelta(days=1))
        book = accounts.groups[group.name]
        for begin, end in ((before, first), (first, today + timedelta(days=1))):
            known = [day for day in range(begin.toordinal(), end.toordinal()) if book.on(day) is not None]
            if known:
                paid = (coins(cost(accounts.labour(group.name, day)[0])) for day in known)  # what is known of it
                self._labour.reach(group.name, begin.toordinal(), sum(paid, NO_MONEY))
                passed = (self._costs.fixed(accounts, day) for day in range(known[0], end.toordinal()))  # whether anybody looked or not
                self._fixed.reach("", begin.toordinal(), sum(passed, NO_MONEY))

    # --- everybody ------------------------------------------------------------------------------------------------------------------

    def _sum_up(self, accounts: Accounts) -> None:
        contract = accounts.contract
        kept = {project.name: self._projects[project.name] for project in contract.projects}
        margins = {over: {name: one.money.margin[over] for name, one in kept.items()} for over in Over}
        span = _month(contract, accounts.at)
        idle = {Over.DAY: self._costs.unborne(accounts, contract, span[-1:]), Over.MONTH: self._costs.unborne(accounts, contract, span)}
        site = {over: together(margins[over].values()) + idle[over] for over in Over}
        clients = {over: by_client(contract.projects, margins[over]) for over in Over}
        without = {over: dependence(clients[over], site[over].amount) for over in Over}
        days = max((one.money.known_days + one.share for one in kept.values()), default=Fraction(0))
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
            counted=self._counted(contract),
        )

    def _counted(self, contract: Contract) -> Counted:
        return Counted(
            dict(self._revenue.totals),
            dict(self._planned.totals),
            {name: amount for name, amount in self._labour.totals.items() if name in contract.group},
            {name: amount for name, amount in self._telecom.totals.items() if name in contract.project},
            self._fixed.totals.get("", NO_MONEY),
        )

    def _group(self, accounts: Accounts, group: Group, projects: Sequence[Project]) -> GroupMoney:
        """What the projects' periods will bring together, or have brought where nobody knows the rest."""
        days = _month(accounts.contract, accounts.at)
        over, today = days[:-1], days[-1]
        key = accounts.groups[group.name].past_revision, over.start, over.stop
        known = self._groups.get(group.name)
        if known is None or known[0] != key:
            known = self._groups[group.name] = (key, total(labour(*accounts.labour(group.name, day)) for day in over), accounts.time(group.name, over))
        now = labour(*accounts.labour(group.name, today))
        spent = {Over.DAY: now, Over.MONTH: total((known[1], now))}
        time = known[2] + accounts.time(group.name, (today,))
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
        known = bool(own) and all(one.repriced is None for one in own)
        return break_even(time, total(took), total(fixed), total(variable)) if known else None


def _earned(one: Bill) -> Earned:
    return Earned(one.currency, one.charges, one.guarantee, one.adjustment, one.shortfall_calls)


def _with(costs: Margin, revenue: Decimal | None) -> Margin:
    return Margin(revenue, costs.labour, costs.telecom, costs.fixed)


def _replaced(money: ProjectMoney, outcome: Margin | None) -> ProjectMoney:
    return ProjectMoney(money.earned, money.margin, outcome, money.known_days, money.past_days)


def _month(contract: Contract, at: int) -> range:
    """The site's days of this month, up to the one that runs."""
    today = contract.calendar.day_of(at)
    return range(contract.calendar.period_of(today)[0].toordinal(), today.toordinal() + 1)


def _prices(tariffs: tuple[Tariff, ...], first: date, last: date) -> list[tuple[object, ...] | None]:
    """By what calls and results are priced on each of these days."""
    days = (date.fromordinal(ordinal) for ordinal in range(first.toordinal(), last.toordinal() + 1))
    held = (tariff_on(tariffs, day) for day in days)
    return [None if one is None else (one.currency, one.per_minute, one.per_call, one.per_result) for one in held]


def _moving(project: Project, day: date) -> bool:
    """Whether a client's share of a pool's hours moves until the day is over."""
    tariff = project.tariff_on(day)
    hourly = None if tariff is None else tariff.per_agent_hour
    return hourly is not None and hourly.share is None and hourly.base is not HoursBase.SCHEDULED


def _certain(project: Project, day: Day) -> Day:
    """What of a running day does not move any more."""
    return replace(day, agent_us=0) if _moving(project, day.day) else day
