"""A source's past laid out for fitting: the last weeks of whole days, without what is known to be unlike others or was not seen.

Owns the order: announced and told incidents, spans that cannot be read, a first rough fit that tells which silences cannot be chance, then the days.
Refuses reading a source (`pasts`), arithmetic (`plan`) and sentences. Next: `building` fits and forecasts, `profiles` fits and weighs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from monitor.config import Config
from monitor.core.contract import SECOND, Contract, Project
from monitor.core.incidents import IncidentKind
from monitor.plan import days
from monitor.plan.fit import fit
from monitor.plan.seen import Counted, Held, LeaveOut, Seen, lay_out
from monitor.plan.silence import Due, Silence, silences
from monitor.planning.pasts import BEFORE_US, SOURCES, Past, Progress, from_cdr, from_queue_log, from_store
from monitor.planning.told import told_incidents

READERS: Final = dict(zip(SOURCES, (from_queue_log, from_cdr, from_store), strict=True))
WEEK_US: Final = 7 * 86_400 * SECOND


def past_of(loaded: Config, source: str, weeks: int, now: int, progress: Progress, *, once: bool = True) -> Past:
    """What a source knows of so many weeks, with the incidents that touch them."""
    since = now - weeks * WEEK_US - BEFORE_US
    past = READERS[source](loaded, since, now, progress, once=once)
    told, unknown = told_incidents(loaded, since, now)
    past.incidents = (*loaded.contract.incidents, *told)
    past.remarks += [] if unknown is None else [unknown]
    return past


@dataclass(frozen=True, slots=True)
class Laying:
    """How a past is laid out: so many weeks of it, without these holidays; `quiet` are the silences of each PBX that cannot be chance."""

    contract: Contract
    past: Past
    weeks: int
    holidays: frozenset[date]
    quiet: Mapping[str, tuple[Silence, ...]]

    @classmethod
    def of(cls, contract: Contract, past: Past, weeks: int, holidays: frozenset[date]) -> Laying:
        """With the silences that a rough fit of everything tells."""
        rough = cls(contract, past, weeks, holidays, {})
        return cls(contract, past, weeks, holidays, rough._silences())

    def silences(self, project: Project) -> tuple[Silence, ...]:
        """Those of the project's PBXs, in order."""
        return tuple(sorted((one for pbx in self.contract.pbxs_of[project.name] for one in self.quiet.get(pbx, ())), key=lambda one: one.start))

    def seen(self, project: Project) -> Seen:
        """The project's last weeks of whole days, with what is to be left out."""
        incidents = tuple(one for one in self.past.incidents if one.scope.holds_project(project, self.contract))
        counted = self.past.counted[project.name]
        ended = days.day_of(project, counted.until)
        first = max(counted.since, days.begins(project, ended - timedelta(weeks=self.weeks)))
        within = Counted(first, counted.until, counted.contacts, counted.handled, counted.handle_us, counted.observed_us)
        out = LeaveOut(self.holidays, incidents, tuple(self._blind(project)))
        return lay_out(project, self.contract.interval_us, within, out)

    def announced(self, project: Project) -> list[tuple[int, int]]:
        """From when to when holidays of the project are that were announced or told; one without an end says nothing of days to come."""
        own = (one for one in self.past.incidents if one.kind is IncidentKind.HOLIDAY and one.scope.holds_project(project, self.contract))
        return [(one.since, one.until) for one in own if one.until is not None]

    def _blind(self, project: Project) -> Sequence[tuple[int, int]]:
        unread = [hole for pbx in sorted(self.contract.pbxs_of[project.name]) for hole in self.past.holes.get(pbx, ())]
        return [*((one.start, one.end) for one in self.silences(project)), *unread]

    def _silences(self) -> dict[str, tuple[Silence, ...]]:
        """By PBX, the silences that cannot be chance, as far as a rough fit of everything knows what was due."""
        past = self.past
        due: dict[str, list[tuple[int, float]]] = {pbx: [] for pbx in past.quiet}
        for project in self.contract.projects if past.quiet else ():
            if project.name not in past.counted:
                continue
            seen = self.seen(project)
            if (known := fit(seen)) is None:
                continue
            whole = sum(count for (name, _), count in past.parts.items() if name == project.name)
            for pbx in due:
                if part := past.parts[project.name, pbx] / whole:  # a holiday or an incident is explained already
                    told = ((day.date, one) for day in seen.days for one in day.intervals if one.held in (None, Held.BLIND))
                    due[pbx] += [(one.start, known.expected(day, one.slot) * part) for day, one in told]
        return {pbx: silences(past.quiet[pbx], Due(intervals, self.contract.interval_us)) for pbx, intervals in due.items()}
