"""The service level by which a bonus or malus is decided, as a client can check it: `79.95 %: 323 of 404`.

Owns the words of it, with as many decimals as it takes to stand on its own side of every band. Refuses the bands (`assess.adjustment`) and the counts
(`reporting.account`). Next: `bills` has it in the line of a billing period, `client` in each day where days are judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from operator import add
from typing import Final

from monitor.assess.billing import NOBODY, Day
from monitor.assess.charges import EXACT, Kind, Line
from monitor.assess.coins import decimal
from monitor.core.tariff import Period, SlAdjust, Tariff
from monitor.outputs.reports.account import Account
from monitor.outputs.reports.words import Words

FEWEST: Final = 2  # decimals of a per cent


def level(words: Words, ratio: Fraction, edges: Iterable[Decimal]) -> str:
    """In per cent, not rounded over any of these edges."""
    exact = [Fraction(edge) for edge in edges]
    places = FEWEST
    while places < EXACT and any((decimal(ratio, places + 2) >= edge) != (ratio >= edge) for edge in exact):
        places += 1
    return words.percent(decimal(ratio, places + 2), places)


def said(words: Words, agreed: SlAdjust, days: Sequence[Day]) -> str:
    """What these days are judged by; empty where nobody called, or it is not known."""
    counts = [day.answers for day in days if day.answers is not None]
    found = next((above, below) for formula, above, below in reduce(add, counts, NOBODY).parts() if formula is agreed.formula)
    if len(counts) < len(days) or not found[1]:
        return ""
    shown = level(words, Fraction(*found), (band.at_least for band in agreed.bands))
    return words("judged_level", level=shown, above=found[0], below=found[1]) + (words("left_out_of_it") if agreed.excluded else "")


def line(words: Words, account: Account, one: Line) -> str:
    """What a bonus or malus of a tariff is called."""
    name = words(f"line_{one.kind}")
    tariff = next(tariff for tariff in account.project.tariffs if tariff.since == one.since)
    by = "" if tariff.sl_adjust is None else _by(words, account, tariff, tariff.sl_adjust)
    return f"{name}, {by}" if by else name


def notes(words: Words, account: Account) -> Iterator[str]:
    """By what was judged where nothing came of it, and no line says so."""
    for bill in account.bills:
        lines = {one.since for one in bill.lines if one.kind is Kind.SL_ADJUST}
        for tariff in account.project.tariffs:
            agreed = tariff.sl_adjust
            if bill.adjustment is None or agreed is None or tariff.currency != bill.currency or tariff.since in lines:
                continue
            by = _by(words, account, tariff, agreed)
            if by and agreed.period is Period.MONTH:
                yield words("not_adjusted", project=account.project.name, level=by)


def _by(words: Words, account: Account, tariff: Tariff, agreed: SlAdjust) -> str:
    if agreed.period is Period.DAY:
        return words("each_day")
    return said(words, agreed, [day for day in account.days if account.project.tariff_on(day.day) is tariff])
