"""What was corrected, and when: by hand, and by the logs and the PBX; with what it was, what it is, who said so and why.

Owns the report of it, with who closed a month or opened it again, and what stands of it beside a month that is closed. Refuses what it amounts to
(`assess.amended`) and who may (`reporting.amending`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, tzinfo
from decimal import Decimal

from monitor.core.amendment import BILLED, HOURS, Amendment
from monitor.core.chronicle import Corrected
from monitor.core.contract import SECOND
from monitor.outputs.reports.asked import Asked, Progress
from monitor.outputs.reports.report import Kind, Report, Row, Section
from monitor.outputs.reports.shown import for_people
from monitor.outputs.reports.words import Words
from monitor.state.store.reader import Reader
from monitor.state.store.tally import Tally


def report(asked: Asked, reader: Reader, _progress: Progress) -> Report:
    """All that became known in these days, or is about them, in the order it became known."""
    start, end = asked.bounds()
    words, zone = asked.words, asked.contract.zone
    by_hand, by_logs = reader.amendments(start, end), reader.corrections_touching(start, end)
    told = [(one.made_at, _by_hand(words, one, zone)) for one in by_hand] + [(one.at, _by_log(one, zone)) for one in by_logs]
    columns = (
        *(words.column("known", Kind.DATE), words.column("known_time", Kind.TIME)),
        *(words.column("about_day", Kind.DATE), words.column("about_time", Kind.TIME)),
        *(words.column(key, Kind.TEXT) for key in ("kind", "project", "which", "was", "is_now", "by", "why")),
    )
    rows = tuple((*_moment(at, zone), *rest) for at, rest in sorted(told, key=lambda one: one[0]))
    said = (words("corrections_by", by_hand=len(by_hand), by_logs=len(by_logs)), words("corrections_are"))
    title, sections = words("corrections_report"), (Section("corrections", "", columns, rows), *_closings(asked, reader))
    return Report("corrections", title, asked.contract.site, words.language, asked.first, asked.last, sections, said)


def _closings(asked: Asked, reader: Reader) -> Iterator[Section]:
    """Who closed which month, or opened it again, where anybody did."""
    words, zone = asked.words, asked.contract.zone
    months = sorted({f"{day:%Y-%m}" for day in asked.days})
    columns = (
        *(words.column("known", Kind.DATE), words.column("known_time", Kind.TIME)),
        *(words.column(key, Kind.TEXT) for key in ("month", "project", "kind", "by", "why")),
    )
    rows = tuple(
        (*_moment(at, zone), month, project or words("payroll"), words(act), who, why)
        for at, month, project, act, who, why in Tally(reader).closings(*asked.bounds(), months)
    )
    if rows:
        yield Section("closings", words("closings"), columns, rows)


def of_payroll(words: Words, amendments: Iterable[Amendment], zone: tzinfo) -> Section:
    """What was put right of hours since they were frozen."""
    columns = (
        *(words.column("known", Kind.DATE), words.column("known_time", Kind.TIME), words.column("employee_id", Kind.TEXT), words.column("date", Kind.DATE)),
        *(words.column("project", Kind.TEXT), words.column("class", Kind.TEXT), words.column("was", Kind.SECONDS), words.column("is_now", Kind.SECONDS)),
        *(words.column("by", Kind.TEXT), words.column("why", Kind.TEXT)),
    )
    rows = tuple(
        (*_moment(one.made_at, zone), one.person, date.fromisoformat(one.day), one.project, one.kind, Decimal(one.was), Decimal(one.now), one.who, one.why)
        for one in amendments
    )
    return Section("corrections_payroll", words("corrections_since"), columns, rows)


def of_call(words: Words, one: Amendment, zone: tzinfo) -> tuple[str, str, str]:
    """Which call it is, what it was and what it is, for whoever pays for it."""
    day, at = _moment(one.about_at, zone)
    return words("call_of", at=f"{for_people(day, Kind.DATE, words.language)} {at:%H:%M:%S}"), _billed(words, one.was), _billed(words, one.now)


def _by_hand(words: Words, one: Amendment, zone: tzinfo) -> Row:
    if one.what == HOURS:
        which = f"{one.person}, {one.kind}"
        was, now = (words("so_many_seconds", seconds=words.short(Decimal(said))) for said in (one.was, one.now))
        return date.fromisoformat(one.day), None, words("hours_by_hand"), one.project, which, was, now, one.who, one.why
    was, now = _billed(words, one.was), _billed(words, one.now)
    return *_moment(one.about_at, zone), words("call_by_hand"), one.project, f"{one.pbx} {one.call}", was, now, one.who, one.why


def _by_log(one: Corrected, zone: tzinfo) -> Row:
    return *_moment(one.about, zone), one.what, one.project, f"{one.pbx} {one.which}", one.was, one.now, one.who, one.why


def _billed(words: Words, said: str) -> str:
    return words("is_billed" if said == BILLED else f"why_{said}")


def _moment(at: int, zone: tzinfo) -> tuple[date, datetime]:
    local = datetime.fromtimestamp(at // SECOND, zone)
    return local.date(), local
