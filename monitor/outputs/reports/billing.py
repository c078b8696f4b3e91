"""The annex to an invoice: every call that is billed, everything else that is, and the calls that are not, with why.

Owns the tables. What the lines come to is the total, to the coin, or there is no report. People have aliases, and calls no id, unless names are
asked for; of a caller's number stands here what the client agreed to have kept. Refuses making accounts (`reporting.account`) and drawing. Next: `formats`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from monitor.assess.annex import NOT_BY_CALL, CallLine
from monitor.assess.arrivals import PricedCall
from monitor.assess.billing import Bill
from monitor.assess.charges import CALL_KINDS
from monitor.assess.charges import Kind as LineKind
from monitor.core.contract import Project
from monitor.outputs.reports import bills
from monitor.outputs.reports.account import Account
from monitor.outputs.reports.report import Column, Kind, Row, Section
from monitor.outputs.reports.words import Words

Called = Callable[[str, str], str]  # what a person of a group is called
ID: Final = ("pbx", "call")  # what a call is put right by


def sections(words: Words, account: Account, called: Called, *, ids: bool = False) -> tuple[Section, ...]:
    """One project's: for each currency calls, other lines and the total; last the calls that are not billed. With `ids` each says which it is."""
    for person in account.people:  # an alias is to be the same when a call is billed no more, or again
        called(account.project.group, person)
    found = [section for bill in account.bills for section in _bill(words, account, bill, called, ids=ids)]
    return (*found, *_left_out(words, account, ids=ids))


def notes(words: Words, account: Account) -> tuple[str, ...]:
    """What has to be known to read it."""
    left = sum(why != NOT_BY_CALL for _, why in account.annex.left_out)
    used = [words("in_the_fee", project=account.project.name)] if any(_in_the_fee(account.project, line) for line in account.annex.lines) else []
    return (*bills.notes(words, account), *used, *([words("not_billed", project=account.project.name, calls=left)] if left else []))


def _in_the_fee(project: Project, line: CallLine) -> bool:
    """Whether a call costs nothing because it is one of those in a flat month."""
    tariff = project.tariff_on(line.call.day) if not line.amount else None
    return tariff is not None and tariff.flat_month is not None and tariff.flat_month.included is not None


def _bill(words: Words, account: Account, bill: Bill, called: Called, *, ids: bool) -> Iterator[Section]:
    name = account.project.name
    suffix = f"{name}_{bill.currency.lower()}" if len(account.bills) > 1 else name
    lines = [line for line in account.annex.lines if line.currency == bill.currency]
    columns = (
        words.column("date", Kind.DATE),
        words.column("time", Kind.TIME),
        words.column("queue", Kind.TEXT),
        words.column("agent", Kind.TEXT),
        words.column("billed_s", Kind.COUNT),
        words.column("digits", Kind.TEXT),
        words.column("amount", Kind.MONEY, currency=bill.currency),
        *_id_columns(words, ids=ids),
    )
    if lines or any(line.kind in CALL_KINDS for line in bill.lines):
        by_minute = any(line.kind is LineKind.PER_MINUTE for line in bill.lines)
        rows = tuple(_call(account, line, called, by_minute=by_minute) + _id(line.call, ids=ids) for line in lines)
        known = not bills.unseen(account, bill)
        seconds = sum(line.call.charged.seconds for line in lines) if by_minute and known else None
        amount = account.annex.amount(bill.currency) if known else None
        total = (words("all"), None, "", "", seconds, "", amount, *([""] * len(ID) if ids else []))
        yield Section(f"calls_{suffix}", bills.titled(words, account, bill.currency, words("billing_calls")), columns, rows, total)
    others = [line for line in bill.lines if line.kind not in CALL_KINDS]
    if others:
        title = bills.titled(words, account, bill.currency, words("billing_lines"))
        yield Section(f"lines_{suffix}", title, bills.columns(words, bill.currency), tuple(bills.rows(words, account, bill, others)))
    title = bills.titled(words, account, bill.currency, words("billing_total"))
    sums = (words.column("line", Kind.TEXT), words.column("amount", Kind.MONEY, currency=bill.currency))
    yield Section(f"total_{suffix}", title, sums, tuple((row[0], row[-1]) for row in bills.totals(words, account, bill)))


def _call(account: Account, line: CallLine, called: Called, *, by_minute: bool) -> Row:
    call, local = line.call, account.local(line.call.at)
    agent = called(account.project.group, call.agent) if call.agent else ""
    return call.day, local, call.queue, agent, call.charged.seconds if by_minute else None, call.digits, line.amount


def _id_columns(words: Words, *, ids: bool) -> Iterator[Column]:
    return (words.column(key, Kind.TEXT) for key in ID if ids)


def _id(call: PricedCall, *, ids: bool) -> Row:
    return (call.pbx, call.call) if ids else ()


def _left_out(words: Words, account: Account, *, ids: bool) -> Iterator[Section]:
    """Each reason with how many there are, then each call, but for those that a price for something else has in it: that is all of them."""
    left = account.annex.left_out
    if not left:
        return
    name = account.project.name
    title = words("of", project=name, what=words("billing_excluded"))
    why = {reason: words(f"why_{reason}") for reason in dict.fromkeys(reason for _, reason in left)}
    counts = Counter(reason for _, reason in left)
    reasons = (words.column("why", Kind.TEXT), words.column("calls", Kind.COUNT))
    yield Section(f"excluded_{name}", title, reasons, tuple((why[reason], count) for reason, count in counts.items()), (words("all"), len(left)))
    what = (words.column("date", Kind.DATE), words.column("time", Kind.TIME), words.column("queue", Kind.TEXT), words.column("why", Kind.TEXT))
    columns = (*what, *_id_columns(words, ids=ids))
    rows = tuple((call.day, account.local(call.at), call.queue, why[reason], *_id(call, ids=ids)) for call, reason in left if reason != NOT_BY_CALL)
    if rows:
        yield Section(f"excluded_calls_{name}", words("of", project=name, what=words("billing_excluded_calls")), columns, rows)
