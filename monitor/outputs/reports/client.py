"""What a client is sent: who came for him day by day, how they were served by his own formula, what happened, and what he is billed.

Owns the tables. All figures are of his projects alone; there is no wage and no margin in them, and nobody's name. Refuses making accounts
(`reporting.account`) and drawing. Next: `formats`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from operator import add
from typing import Final

from monitor.assess.annex import brought, charges_calls
from monitor.assess.arrivals import Came
from monitor.assess.billing import NOBODY, Day
from monitor.assess.coins import NO_MONEY, decimal
from monitor.core.contract import SECOND
from monitor.core.incidents import Incident
from monitor.core.tariff import Period, Tariff
from monitor.outputs.reports import agreed, bills, dialled, judged
from monitor.outputs.reports.account import Account
from monitor.outputs.reports.report import Column, Kind, Row, Section, ratio
from monitor.outputs.reports.words import Words

COUNTS = ("contacts", "answered", "in_threshold", "abandoned", "short_abandoned", "flowed_out")
TABLE: Final = 3  # decimals of a ratio in a table


def sections(words: Words, account: Account, first: date, last: date) -> tuple[Section, ...]:
    """One project's: its days from the first to the last, its incidents in them, and the bill of the whole billing period."""
    return (_days(words, account, first, last), *_dialled(words, account, first, last), *_incidents(words, account, first, last), *_bills(words, account))


def facts(words: Words, account: Account) -> dict[str, str]:
    """What was agreed."""
    return dict(agreed.facts(words, account.project, _tariffs(account)))


def notes(words: Words, account: Account, first: date, last: date) -> tuple[str, ...]:
    """What has to be known to read it."""
    out = any(sums.alive for day, ways in account.dialled.items() if first <= day <= last for sums in ways.values())
    return (*bills.notes(words, account), *((words("dialled_is"),) if out else ()), *_rounded_up(words, account, first, last))


def _rounded_up(words: Words, account: Account, first: date, last: date) -> Iterator[str]:
    """A service level that a table has at what is promised, or at the edge of a band, and that is below it."""
    edges = [Decimal(str(account.project.service_level.target)), *(band.at_least for one in _tariffs(account) if one.sl_adjust for band in one.sl_adjust.bands)]
    shown = {bills.day(words, day): [came] for day, came in account.came.items() if first <= day <= last}
    every = shown | {words("all"): [one for came in shown.values() for one in came]}
    found = [(called, level) for called, came in every.items() if (level := _level(account, came)) is not None]
    raised = [f"{called} {judged.level(words, level, edges)}" for called, level in found if any(level < edge <= decimal(level, TABLE) for edge in edges)]
    if raised:
        yield words("rounded_up", project=account.project.name, levels=", ".join(raised))


def _tariffs(account: Account) -> tuple[Tariff, ...]:
    """Those that hold on a day of the period, in the order they begin."""
    length = (account.last - account.first).days + 1
    found = (account.project.tariff_on(account.first + timedelta(days=number)) for number in range(length))
    return tuple(dict.fromkeys(one for one in found if one is not None))


# --- days ---------------------------------------------------------------------------------------------------------------------------


def _days(words: Words, account: Account, first: date, last: date) -> Section:
    currencies = [bill.currency for bill in account.bills]
    by_day = any(tariff.sl_adjust is not None and tariff.sl_adjust.period is Period.DAY for tariff in _tariffs(account))
    columns = (
        words.column("date", Kind.DATE),
        *(words.column(key, Kind.COUNT) for key in COUNTS),
        words.column("service_level", Kind.RATIO),
        words.column("aht_s", Kind.SECONDS),
        words.column("billed_calls", Kind.COUNT),
        words.column("billed_minutes", Kind.NUMBER),
        *(_amount(words, currency, alone=len(currencies) == 1) for currency in currencies),
        *([words.column("judged", Kind.TEXT)] if by_day else []),
    )
    charges = brought(account.project, account.first, account.last + timedelta(days=1), account.days)
    billed = Counter(line.call.day for line in account.annex.lines)
    shown = [day for day in account.days if first <= day.day <= last]
    amounts = {day.day: [charges[day.day].get(currency, NO_MONEY) for currency in currencies] for day in shown}
    rows = [(day.day, *_figures(account, [day], billed, amounts[day.day]), *(_judged(words, account, day) if by_day else ())) for day in shown]
    sums = [sum((charges[day.day].get(currency, NO_MONEY) for day in shown), NO_MONEY) for currency in currencies]
    total: Row = (words("all"), *_figures(account, shown, billed, sums), *([""] if by_day else []))
    return Section(f"days_{account.project.name}", words("of", project=account.project.name, what=words("client_days")), columns, tuple(rows), total)


def _judged(words: Words, account: Account, day: Day) -> Row:
    """By what a day was judged, if days are and somebody called."""
    tariff = account.project.tariff_on(day.day)
    agreed = None if tariff is None else tariff.sl_adjust
    return ((judged.said(words, agreed, [day]) or None) if agreed is not None and agreed.period is Period.DAY else "",)


def _amount(words: Words, currency: str, *, alone: bool) -> Column:
    column = words.column("amount", Kind.MONEY, currency=currency)
    return column if alone else Column(f"amount_{currency.lower()}", column.title, column.kind, currency)


def _figures(account: Account, days: Sequence[Day], billed: Mapping[date, int], amounts: Sequence[Decimal]) -> Row:
    """One day's or those of many; where nobody saw anything of them, all that is known is what months cost."""
    if account.unseen_days.issuperset(day.day for day in days):
        return (*[None] * (len(COUNTS) + 4), *(amount or None for amount in amounts))
    return (*_counts(account, [account.came.get(day.day, Came()) for day in days], days, billed), *amounts)


def _counts(account: Account, came: Sequence[Came], days: Sequence[Day], billed: Mapping[date, int]) -> Row:
    """The figures of one day or of many: ratios are of sums, and billed calls are the lines of the annex, if calls or minutes are charged at all."""

    def of(name: str) -> int:
        return sum(getattr(one, name) for one in came)

    found = _level(account, came)
    level = None if found is None else Decimal(found.numerator) / found.denominator
    tariffs = _tariffs(account)
    calls = sum(billed[day.day] for day in days) if any(map(charges_calls, tariffs)) else None
    minutes = Decimal(sum(day.seconds for day in days)) / 60 if any(tariff.per_minute is not None for tariff in tariffs) else None
    counts = tuple(of("short" if key == "short_abandoned" else key) for key in COUNTS)
    aht = ratio(of("handle_us"), of("handled") * SECOND)
    return (*counts, level, aht, calls, minutes)


def _level(account: Account, came: Sequence[Came]) -> Fraction | None:
    answers = reduce(add, (one.answers for one in came), NOBODY)
    return answers.ratio(account.project.service_level.formula)


def _dialled(words: Words, account: Account, first: date, last: date) -> Iterator[Section]:
    """Whom he had called, day by day and each direction; none of a project that does not call out."""
    found = [(day, way, sums) for day, ways in account.dialled.items() if first <= day <= last for way, sums in ways.items() if sums.alive]
    if found:
        name = account.project.name
        head = (words.column("date", Kind.DATE), words.column("direction", Kind.TEXT))
        rows = tuple((day, words(way.value), *dialled.figures(sums)) for day, way, sums in found)
        total: Row = (words("all"), None, *dialled.figures(dialled.together(sums for _, _, sums in found)))
        yield Section(f"dialled_{name}", words("of", project=name, what=words("client_dialled")), (*head, *dialled.columns(words)), rows, total)


# --- incidents ----------------------------------------------------------------------------------------------------------------------


def _incidents(words: Words, account: Account, first: date, last: date) -> Iterator[Section]:
    """Those that touch the days; what was noted about them is for the centre."""
    project = account.project
    start, end = project.starts_on(first), project.starts_on(last + timedelta(days=1))
    found = [one for one in account.incidents if one.since < end and (one.until is None or one.until > start)]
    if not found:
        return
    columns = (
        words.column("incident", Kind.TEXT),
        words.column("day", Kind.DATE),
        words.column("began", Kind.TIME),
        words.column("until_day", Kind.DATE),
        words.column("ended", Kind.TIME),
        words.column("left_out", Kind.TEXT),
    )
    rows = tuple(_incident(words, account, one) for one in found)
    yield Section(f"incidents_{project.name}", words("of", project=project.name, what=words("client_incidents")), columns, rows)


def _incident(words: Words, account: Account, one: Incident) -> Row:
    began = account.local(one.since)
    ended = None if one.until is None else account.local(one.until)
    tariff = account.project.tariff_on(max(account.first, account.project.day_of(one.since)))
    left_out = tariff is not None and tariff.sl_adjust is not None and one.kind.value in tariff.sl_adjust.excluded
    return words(f"incident_{one.kind}"), began.date(), began, None if ended is None else ended.date(), ended, words("yes" if left_out else "no")


# --- bill ---------------------------------------------------------------------------------------------------------------------------


def _bills(words: Words, account: Account) -> Iterator[Section]:
    for bill in account.bills:
        what = words("client_bill", first=bills.day(words, account.first), last=bills.day(words, account.last))
        rows = (*bills.rows(words, account, bill, bill.lines), *bills.totals(words, account, bill))
        key = f"bill_{account.project.name}" + (f"_{bill.currency.lower()}" if len(account.bills) > 1 else "")
        yield Section(key, bills.titled(words, account, bill.currency, what), bills.columns(words, bill.currency), rows)
