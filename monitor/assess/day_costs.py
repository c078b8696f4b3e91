"""What days cost, project by project: labour of the group and the site's fixed cost by handle time, the carrier's minutes.

Owns the sharing of each day by itself, and remembering it for days that are over as long as every book of them is as it was; what nobody bears (people of
a group without projects) is the site's. Refuses revenue. Next: `takings`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from monitor.assess.accounts import Accounts
from monitor.assess.coins import NO_MONEY, coins, total
from monitor.assess.margin import NOTHING, Margin, allocated, labour, telecom, together
from monitor.core.contract import Contract, Project

Stamp = tuple[int, ...]


class DayCosts:
    """See above."""

    def __init__(self) -> None:
        self._days: dict[tuple[str, int], tuple[int, dict[str, Margin]]] = {}  # by group and day, with how often its books were revised
        self._revised: dict[int, int] = {}  # by day that is over
        self._at: Stamp = ()

    def forget(self) -> None:
        """Wages or prices may be others."""
        self._days.clear()
        self._at = ()

    def of(self, accounts: Accounts, day: int, group: str) -> dict[str, Margin]:
        """What a day cost a group's projects."""
        projects = accounts.contract.projects_of[group]
        of_fixed = allocated(self.fixed(accounts, day), accounts.bearers(accounts.contract.projects, day))
        shares = allocated(labour(*accounts.labour(group, day)), accounts.bearers(projects, day))
        return {one.name: Margin(NO_MONEY, shares[one.name], telecom(one, accounts.connected_us(one.name, day)), of_fixed[one.name]) for one in projects}

    def until(self, accounts: Accounts, project: Project, days: Sequence[int]) -> Margin:
        """What days that are over for a project cost it."""
        self._look(accounts)
        return together(self._of_over(accounts, day, project.group)[project.name] for day in days)

    def _of_over(self, accounts: Accounts, day: int, group: str) -> dict[str, Margin]:
        if day not in self._revised:  # it goes on elsewhere
            return self.of(accounts, day, group)
        known = self._days.get((group, day))
        if known is None or known[0] != self._revised[day]:
            known = self._days[group, day] = (self._revised[day], self.of(accounts, day, group))
        return known[1]

    def _look(self, accounts: Accounts) -> None:
        """Which days are over everywhere, and how often each was revised."""
        books = (*accounts.projects.values(), *accounts.groups.values())
        at = sum(book.past_revision for book in books), min(book.date for book in books), len(books)
        if self._at == at:
            return
        self._at, self._revised = at, {}
        for book in books:
            for day, times in book.revised.items():
                if day < at[1]:
                    self._revised[day] = self._revised.get(day, 0) + times
        self._days = {key: known for key, known in self._days.items() if key[1] in self._revised}

    @staticmethod
    def fixed(accounts: Accounts, day: int) -> Decimal:
        """The site's fixed cost of a day, as far as it is over."""
        return coins(Fraction(accounts.contract.finances.fixed_cost_per_day) * accounts.share(accounts.contract.calendar, date.fromordinal(day)))

    @staticmethod
    def unborne(accounts: Accounts, contract: Contract, days: Iterable[int]) -> Margin:
        """What people cost for whom there is no project."""
        idle = [group.name for group in contract.groups if not contract.projects_of[group.name]]
        return replace(NOTHING, labour=total(labour(*accounts.labour(group, day)) for day in days for group in idle)) if idle else NOTHING
