"""Who is left out of a service level, because he came in an incident that the tariff excludes.

Owns the counts of the minutes of such incidents, kept here because the books fold a minute into its quarter of an hour after two hours, and a quarter
is not in an incident or out of it. What an incident turns out not to have lasted is dropped. Refuses incidents and answers. Next: `takings`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from monitor.assess.accounts import Accounts, answers
from monitor.assess.billing import NOBODY
from monitor.assess.service_level import Answers
from monitor.core.contract import Project
from monitor.core.tariff import SlAdjust

KEEP_DAYS = 70


class LeftOut:
    """By project and day, the minutes that are excluded."""

    def __init__(self) -> None:
        self._minutes: dict[tuple[str, int], dict[int, tuple[int, ...]]] = {}

    def of(self, accounts: Accounts, project: Project, day: date, agreed: SlAdjust) -> Answers:
        """Who is left out of a day."""
        key, spans = (project.name, day.toordinal()), accounts.excluded(project, day, agreed)
        kept = self._minutes.get(key, {})
        if not spans and not kept:
            return NOBODY
        minutes = {**kept, **accounts.came_in(project, spans)}
        self._minutes[key] = _within(minutes, spans)
        for old in [one for one in self._minutes if one[1] < day.toordinal() - KEEP_DAYS]:
            del self._minutes[old]
        return answers([sum(row[index] for row in self._minutes[key].values()) for index in range(5)])


def _within(minutes: Mapping[int, tuple[int, ...]], spans: Sequence[tuple[int, int]]) -> dict[int, tuple[int, ...]]:
    return {minute: row for minute, row in minutes.items() if any(start <= minute < end for start, end in spans)}
