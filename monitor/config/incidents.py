"""The incidents that a configuration announces: `[[incident]]`, and the dates of `[site] holidays`.

Owns from when to when each of them is, on whose clock, and what is wrong with that. A holiday is one incident of the site where the day is
the same for all of its projects, else one for each project, of that project's own day. Refuses what one value may be (`values`) and what
an incident means (`core.incidents`). Next: `build` puts them into the contract.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from monitor.config import model
from monitor.config.values import did_you_mean
from monitor.core.contract import SECOND, Contract
from monitor.core.incidents import Incident, IncidentKind, Scope, ScopeKind

NO_RECOVERY_US = 0  # a holiday ends at night, as planned

Report = Callable[[str, str, str, str, object], None]  # problem, remedy, section, key, value


def announced(source: model.File, contract: Contract, report: Report) -> tuple[Incident, ...]:
    """All of them, each with a name of its own; `report` is told what is wrong."""
    known = [str(Scope(kind, name)) for kind in ScopeKind for name in Scope(kind).names(contract)]
    found: dict[str, Incident] = {}
    for number, row in enumerate(source.incident, 1):
        section, scope = f"incident #{number}", Scope.of(row.scope)
        if not scope.known(contract):
            report(f"there is no such {scope.kind}", did_you_mean(row.scope, known), section, "scope", row.scope)
        one = _incident(row, scope, contract.zone, section, report)
        if one.id in found:
            report("another incident of this kind and scope begins then", "announce it once", section, "from", row.since)
        found[one.id] = one
    for day in dict.fromkeys(source.site.holidays):
        for one in _holidays(day, contract):
            found.setdefault(one.id, one)
    return tuple(found.values())


def _incident(row: model.Incident, scope: Scope, zone: tzinfo, section: str, report: Report) -> Incident:
    whole_days = not isinstance(row.since, datetime)
    if row.until is None and not whole_days:
        report("is missing", "say when it ends; only a from that is a date alone is that whole day", section, "until", None)
    until = row.since + timedelta(days=1) if row.until is None else row.until if isinstance(row.until, datetime) else row.until + timedelta(days=1)
    start, end = _at(row.since, zone), _at(until, zone)
    if end <= start:
        report("is not after from", "until is the last day of all, or the time at which it is over", section, "until", row.until)
    return _named(row.kind, scope, start, end, int(row.recovery_minutes * 60 * SECOND), row.note)


def _holidays(day: date, contract: Contract) -> Iterator[Incident]:
    """The day where each project is."""
    days = {project.name: (_at(day, project.zone), _at(day + timedelta(days=1), project.zone)) for project in contract.projects}
    if len(set(days.values())) == 1:
        yield _named(IncidentKind.HOLIDAY, Scope(), *next(iter(days.values())), NO_RECOVERY_US)
        return
    for name, (start, end) in days.items():
        yield _named(IncidentKind.HOLIDAY, Scope(ScopeKind.PROJECT, name), start, end, NO_RECOVERY_US)


def _named(kind: IncidentKind, scope: Scope, start: int, end: int, recovery_us: int, note: str = "") -> Incident:
    """Its name is what it is, so that it stays the same one over a reload."""
    begins = datetime.fromtimestamp(start // SECOND, UTC)
    return Incident(f"{kind}@{scope}@{begins:%Y-%m-%dT%H:%M:%SZ}", kind, scope, start, end, recovery_us, note)


def _at(moment: date, zone: tzinfo) -> int:
    """The instant: a date begins at midnight, a time without an offset is the zone's."""
    when = moment if isinstance(moment, datetime) else datetime.combine(moment, time())
    local = when if when.tzinfo is not None else when.replace(tzinfo=zone)
    return int(local.timestamp()) * SECOND
