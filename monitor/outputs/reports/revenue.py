"""What calls and results of a project are worth by the tariffs that are in force now, each by itself.

Owns charging what the store has, as the register charged it while it happened: by the prices of the day a contact arrived or a result came
about. Refuses what has no price of its own: hours, flat sums, tiers, guarantees and adjustments are a bill's. Next: `day`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import cache

from monitor.core.contract import Project
from monitor.core.tariff import NO_WORK, Work, micros, rounded
from monitor.state.store.tally import Tally

_COLUMNS = ("joined_at", "talk_us", "hold_us", "handle_us", "connected_us", "handled_at")


def amounts(project: Project, tally: Tally, start: int, end: int) -> Iterator[tuple[int, int]]:
    """When a contact arrived or a result came about, and the millionths it is worth."""
    if not project.tariffs:
        return
    if all(one.counts_alike for one in project.tariffs):
        yield from _alike(project, tally, start, end)
    else:
        yield from _by_work(project, tally, start, end)
    if not any(one.per_result for one in project.tariffs):
        return
    for at, disposition in tally.results(project.name, start, end):
        agreed = project.tariff_on(project.day_of(at))
        price = None if agreed is None else agreed.price_of_result(disposition)
        if price is not None:
            yield at, micros(rounded(price))


def _alike(project: Project, tally: Tally, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Of calls only when they came matters."""
    until, amount_u = start, None
    for (at,) in tally.contacts(project.name, start, end, ("joined_at",), billable=True):
        if at >= until:
            until, tariff = project.day_end(at), project.tariff_on(project.day_of(at))
            amount_u = None if tariff is None else tariff.charge(NO_WORK, handled=False).amount_u
        if amount_u is not None:
            yield at, amount_u


def _by_work(project: Project, tally: Tally, start: int, end: int) -> Iterator[tuple[int, int]]:
    until, tariff, amount_u = start, None, None
    known: dict[date, Callable[[int, int], int]] = {}  # many calls count for as much
    for at, talk, hold, handle, connected, handled_at in tally.contacts(project.name, start, end, _COLUMNS, billable=True):
        if at >= until:
            until, tariff = project.day_end(at), project.tariff_on(project.day_of(at))
            amount_u = None if tariff is None else known.setdefault(tariff.since, cache(tariff.amount_u))
        if tariff is not None and amount_u is not None:
            yield at, amount_u(*tariff.counted(Work(talk, hold, handle - talk - hold, connected), handled=handled_at is not None))
