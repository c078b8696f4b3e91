"""What was typed behind a report, and what of it can be meant: format, days, projects.

Owns the refusals, one line each with the way out. Refuses opening anything. Next: `making`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from monitor import typed
from monitor.config import endings
from monitor.config.values import did_you_mean
from monitor.core.contract import SECOND, Contract, Project
from monitor.errors import BadOption
from monitor.outputs.reports.formats import Format

MOST_DAYS: Final = 366
_MONTH: Final = re.compile(r"([0-9]{4})-([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Wish:
    """As typed; what is empty was not."""

    first: str = ""
    last: str = ""
    month: str = ""
    format: str = ""
    out: Path | None = None
    force: bool = False
    project: str = ""


def format_of(wish: Wish) -> Format:
    """How it is to be drawn: as typed, as the file's name ends, and a table where there is no file or its name has no ending."""
    if not wish.format:
        last = "" if wish.out is None else endings.ending(str(wish.out))
        if last and last not in endings.FORMATS:
            raise BadOption(f"--out {wish.out}: ends in {last}, which is no format; end it in {endings.KNOWN}, or give --format")
        return Format(endings.FORMATS.get(last, Format.TABLE))
    known = [one.value for one in Format]
    if wish.format not in known:
        raise BadOption(f"--format {wish.format}: there is no such format; {did_you_mean(wish.format, known)}")
    how = Format(wish.format)
    if how is Format.XLSX and wish.out is None:
        raise BadOption("--format xlsx: is no text; name a file with --out")
    return how


def days(wish: Wish, contract: Contract, now: int) -> tuple[date, date]:
    """The first and the last day, both in it and none of them to come."""
    today = datetime.fromtimestamp(now // SECOND, contract.zone).date()
    if wish.month:
        if wish.first or wish.last:
            raise BadOption(f"--month {wish.month}: is said beside --from or --to; give one or the other")
        first, last = month(wish.month)
        if first > today:
            raise BadOption(f"--month {wish.month}: is a month to come; it is {today}")
        return first, min(last, today)
    if not wish.first:
        raise BadOption("--from: is missing; give --from and --to, as 2026-11-01, or --month 2026-11")
    first = typed.day("--from", wish.first)
    last = typed.day("--to", wish.last) if wish.last else first
    if last < first:
        raise BadOption(f"--to {wish.last}: is before --from {wish.first}; the days go from the first to the last")
    if last > today:
        option, text = ("--to", wish.last) if wish.last else ("--from", wish.first)
        raise BadOption(f"{option} {text}: is a day to come; the last there can be is today, {today}")
    if (last - first).days >= MOST_DAYS:
        raise BadOption(f"--to {wish.last}: is more than a year after --from {wish.first}; ask for a year at most")
    return first, last


def month(text: str, option: str = "--month") -> tuple[date, date]:
    """The first and the last day of a month."""
    found = _MONTH.fullmatch(text)
    if found is None or not (1970 < int(found[1]) < 3000 and 1 <= int(found[2]) <= 12):
        raise BadOption(f"{option} {text}: is not a month; write it as 2026-11")
    first = date(int(found[1]), int(found[2]), 1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def projects(wish: Wish, contract: Contract) -> tuple[Project, ...]:
    """The one that was named, else all."""
    if not wish.project:
        return contract.projects
    if wish.project not in contract.project:
        raise BadOption(f"--project {wish.project}: there is no such project; {did_you_mean(wish.project, [*contract.project])}")
    return (contract.project[wish.project],)
