"""A bill as a table: its lines, the total, tax, and the total with it.

Owns how a line is called and which of its figures are shown. A total that is not known stays empty. Refuses reckoning (`assess.billing`). Next: `client`
shows whole bills, `billing` the lines that are of no call.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from monitor.assess.billing import Bill
from monitor.assess.charges import EXACT, Line
from monitor.assess.charges import Kind as LineKind
from monitor.assess.coins import coins, decimal
from monitor.outputs.reports import judged
from monitor.outputs.reports.account import Account
from monitor.outputs.reports.report import Column, Kind, Row
from monitor.outputs.reports.shown import for_people
from monitor.outputs.reports.words import Words

FEWEST: Final = 2  # decimals of a quantity
USUAL: Final = 4
MONTHLY: Final = frozenset({LineKind.PER_FTE_MONTH, LineKind.FLAT_MONTH})  # charged for days, whoever came


def day(words: Words, when: date) -> str:
    """A day as people write it."""
    return for_people(when, Kind.DATE, words.language)


def columns(words: Words, currency: str) -> tuple[Column, ...]:
    """Of every table of lines."""
    return (
        words.column("line", Kind.TEXT),
        words.column("since", Kind.DATE),
        words.column("quantity", Kind.QUANTITY),
        words.column("unit", Kind.TEXT),
        words.column("price", Kind.PRICE, currency=currency),
        words.column("amount", Kind.MONEY, currency=currency),
    )


def rows(words: Words, account: Account, bill: Bill, lines: Sequence[Line]) -> Iterator[Row]:
    """A line each; of what nobody saw only months are known."""
    for line in lines:
        known = line.kind in MONTHLY or not unseen(account, bill)
        quantity, amount = (_quantity(line), line.amount) if known else (None, None)
        name = judged.line(words, account, line) if line.kind is LineKind.SL_ADJUST and known else words(f"line_{line.kind}")
        yield name, line.since, quantity, words(f"unit_{line.unit}"), line.price, amount


def unseen(account: Account, bill: Bill) -> bool:
    """Whether a bill has no total because nobody saw what is to be billed."""
    return account.unseen and bill.total is None


def _quantity(line: Line) -> Decimal:
    """With as many decimals as it takes to multiply it by its price and get the amount; where calls are rounded one by one, that may be none."""
    if line.price is not None:
        for places in range(FEWEST, EXACT):
            if coins(Fraction(rounded := decimal(line.quantity, places)) * Fraction(line.price)) == line.amount:
                return rounded
    return decimal(line.quantity, USUAL)


def one_by_one(line: Line) -> bool:
    """Whether quantity times price is not the amount, because each call was rounded by itself."""
    return line.price is not None and coins(Fraction(line.quantity) * Fraction(line.price)) != line.amount


def totals(words: Words, account: Account, bill: Bill) -> Iterator[Row]:
    """What it comes to, and with tax where there is a rate."""
    net = bill.total
    yield words("line_net"), None, None, "", None, net
    tax = None if net is None else account.tax(net)
    if account.vat is not None:
        yield words("line_vat", rate=words.percent(account.vat, 0 if account.vat * 100 % 1 == 0 else 1)), None, None, "", None, tax
        yield words("line_gross"), None, None, "", None, None if net is None or tax is None else net + tax


def notes(words: Words, account: Account) -> Iterator[str]:
    """What has to be known of a bill."""
    name = account.project.name
    if not account.bills:
        yield words("no_tariff", project=name)
    elif not account.over:
        yield words("provisional", project=name, last=day(words, account.last))
    if any(one_by_one(line) for bill in account.bills for line in bill.lines):
        yield words("one_by_one", project=name)
    if any(unseen(account, bill) for bill in account.bills):
        yield words("unseen_total", project=name)
    elif any(bill.total is None for bill in account.bills):
        yield words("unknown_total", project=name)
    if account.unseen_us >= 60_000_000:
        yield words("unseen", project=name, minutes=account.unseen_us // 60_000_000, of=account.span_us // 60_000_000)
    else:
        yield words("seen", project=name)
    yield words("work_unknown", project=name, calls=account.unfinished)
    if account.unbilled:
        yield words("work_unbilled", project=name, calls=account.unbilled)
    yield words("amended_calls", project=name, count=len(account.amended))
    yield from judged.notes(words, account)
    if account.hours_zone:
        yield words("hours_of_site", project=name, zone=account.hours_zone)


def titled(words: Words, account: Account, currency: str, what: str) -> str:
    """The title of a section; with the currency where the period has several."""
    said = words("of", project=account.project.name, what=what)
    return f"{said}, {currency}" if len(account.bills) > 1 else said
