"""The calendar of a signal: from when to when it is on.

    start,end,region
    2026-12-24,2026-12-26,
    2027-01-07T18:00,2027-01-07T21:30,Kyiv
    2027-01-08T18:00+02:00,2027-01-08T19:00Z,

A date begins with that day, and ends with it; an empty end is that of the start's day. A time without an offset is the site's; one that a change of the
clock makes twice, or never, has to have one. Without a region it is on in all of the signal's. Owns reading rows and finding everything wrong with them.
Refuses files. Next: `Signal.calendar`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from monitor.config.csv_table import CsvTable
from monitor.config.values import YEARS, did_you_mean
from monitor.core.contract import SECOND
from monitor.core.signals import Row
from monitor.errors import Flaw

COLUMNS = ("start", "end", "region")
MOST = 20_000


def read_calendar(text: str, file: str, zone: tzinfo, regions: Sequence[str]) -> tuple[tuple[Row, ...], list[Flaw]]:
    """The rows, in the order they begin, and everything wrong with them."""
    table = CsvTable(file, COLUMNS, 1, MOST)
    spelt = {region.casefold(): region for region in regions}
    found: list[Row] = []
    for line, values in table.rows(text):
        before = len(table.flaws)
        start, end = (_moment(table, line, column, values[column], zone, ending=column == "end") for column in ("start", "end"))
        if start is not None and not values["end"]:
            end = _day_after(start, zone)
        if not values["start"]:
            table.flaw(line, "start is empty", "say when it begins")
        if start is not None and end is not None and end <= start:
            table.flaw(line, f"end {values['end']} is not after start {values['start']}", "a date ends with its day, a time at once")
        region = spelt.get(values["region"].casefold())
        if values["region"] and region is None:
            remedy = did_you_mean(values["region"], list(regions)) if regions else "the signal holds everywhere; name its regions, or leave the column empty"
            table.flaw(line, f"region {values['region']!r} is not one of the signal's", remedy)
        if start is not None and end is not None and len(table.flaws) == before:
            found.append(Row(start, end, region))
    return tuple(sorted(found, key=lambda row: (row.start, row.end, row.region or ""))), table.flaws


def day(when: date, zone: tzinfo) -> Row:
    """A whole local day."""
    start = _midnight(when, zone)
    return Row(start, _day_after(start, zone))


def _moment(table: CsvTable, line: int, column: str, text: str, zone: tzinfo, *, ending: bool) -> int | None:
    """The instant; None where there is none."""
    if not text:
        return None
    try:
        when = date.fromisoformat(text) if len(text) <= len("2026-12-25") else datetime.fromisoformat(text)
    except ValueError:
        table.flaw(line, f"{column} {text!r} is neither a date nor a time", "write it as 2026-12-25, 2026-12-25T14:00 or 2026-12-25T14:00+02:00")
        return None
    if when.year not in YEARS:
        table.flaw(line, f"{column} {text!r} is not in the years {YEARS.start} to {YEARS.stop - 1}", "look at its year")
        return None
    if not isinstance(when, datetime):
        return _midnight(when + timedelta(days=1) if ending else when, zone)
    if when.tzinfo is None:
        early, late = (when.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
        if early.utcoffset() != late.utcoffset():
            back = early.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == when
            problem = "is there twice, for the clock is put back then" if back else "is never on the clock, which is put forward then"
            table.flaw(line, f"{column} {text!r} {problem}", f"write it with an offset: {early.isoformat()}")
            return None
        when = early
    return int(when.timestamp()) * SECOND


def _midnight(when: date, zone: tzinfo) -> int:
    return int(datetime.combine(when, time(), zone).timestamp()) * SECOND


def _day_after(start: int, zone: tzinfo) -> int:
    """The end of the local day around an instant."""
    return _midnight(datetime.fromtimestamp(start // SECOND, zone).date() + timedelta(days=1), zone)
