"""What calls and results of a project are worth by the tariffs that are in force now, each by itself.

Owns charging what the store has, as the register charged it while it happened: by the prices of the day a contact arrived or a result came
about. Refuses what has no price of its own: hours, flat sums, tiers, guarantees and adjustments are a bill's. Next: `day`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from monitor.core.contract import Project
from monitor.core.tariff import Tariff, Work, micros, rounded
from monitor.state.store.tally import Tally

_COLUMNS = ("joined_at", "talk_us", "hold_us", "handle_us", "connected_us", "handled_at")


def amounts(project: Project, tally: Tally, start: int, end: int) -> Iterator[tuple[int, int]]:
    """When a contact arrived or a result came about, and the millionths it is worth."""
    if not project.tariffs:
        return
    prices = _Prices(project)
    for at, talk, hold, handle, connected, handled_at in tally.contacts(project.name, start, end, _COLUMNS, billable=True):
        tariff = prices.on(at)
        if tariff is not None:
            yield at, prices.of(tariff, tariff.counted(Work(talk, hold, handle - talk - hold, connected), handled=handled_at is not None))
    for at, disposition in tally.results(project.name, start, end):
        tariff = prices.on(at)
        price = None if tariff is None else tariff.price_of_result(disposition)
        if price is not None:
            yield at, micros(rounded(price))


class _Prices:
    """The tariff of an instant, the same all through a day of the project's; and what a call is worth, for many count for as much."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._since = self._until = 0
        self._tariff: Tariff | None = None
        self._worth: dict[tuple[date, tuple[int, int]], int] = {}

    def on(self, at: int) -> Tariff | None:
        if not self._since <= at < self._until:
            self._since, self._until = self._project.day_start(at), self._project.day_end(at)
            self._tariff = self._project.tariff_on(self._project.day_of(at))
        return self._tariff

    def of(self, tariff: Tariff, counted: tuple[int, int]) -> int:
        key = tariff.since, counted
        found = self._worth.get(key)
        if found is None:
            found = self._worth[key] = tariff.amount_u(*counted)
        return found
