"""What a report is about: whose, and from which local day to which.

Owns the instants at which these days begin and end, by the clock of each project and of the site. Refuses checking what was typed (`reporting`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from monitor.core.contract import SECOND, Contract, Language, Project
from monitor.outputs.reports.words import Words

Progress = Callable[[int, int], None]  # so many steps of so many are done


def silent(_done: int, _of: int) -> None:
    """Nobody wants to know how far it is."""


@dataclass(frozen=True)
class Asked:
    """`projects` in the order of the configuration, `whole` if these are all; `written_until`: the store holds nothing later."""

    contract: Contract
    first: date
    last: date
    projects: tuple[Project, ...]
    written_until: int
    whole: bool = True

    @cached_property
    def words(self) -> Words:
        """In the site's language."""
        return Words(self.contract.language)

    @cached_property
    def site(self) -> Project:
        """The site's clock, which people's days follow."""
        return Project("", "", "", (), zone=self.contract.zone)

    @cached_property
    def days(self) -> tuple[date, ...]:
        """Every day of it."""
        return tuple(self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1))

    def edges(self, clock: Project | None = None) -> tuple[int, ...]:
        """Where each day begins, and where the last one ends: by a project's clock, else the site's."""
        whose = clock or self.site
        return tuple(whose.starts_on(day) for day in (*self.days, self.last + timedelta(days=1)))

    def bounds(self, clock: Project | None = None) -> tuple[int, int]:
        """From when to when, by a project's clock, else the site's."""
        whose = clock or self.site
        return whose.starts_on(self.first), whose.starts_on(self.last + timedelta(days=1))

    def moment(self, at: int) -> str:
        """An instant by the site's clock."""
        local = datetime.fromtimestamp(at // SECOND, self.contract.zone)
        return f"{local:%d.%m.%Y %H:%M}" if self.contract.language is Language.UKRAINIAN else f"{local:%Y-%m-%d %H:%M}"
