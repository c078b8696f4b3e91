"""Samples of the money: accruals, margins, break-even and dependence, read off one frozen `Money`.

Owns what is absent: what nobody knows, a project without prices, a group of whom nobody says what it earns; and all of it for a client's eyes. Amounts are
exact until they are written here, as decimals with two places and never with an exponent. Refuses reckoning, names and definitions. Next: `families`;
`web.purse` writes the same as JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction

from monitor.assess.coins import NO_MONEY
from monitor.assess.money import Earned, Money, Over, ProjectMoney
from monitor.core.contract import Project
from monitor.outputs.limits import DAY_S
from monitor.outputs.lines import Floor, label

Rows = Callable[[str, Floor], Iterator[str]]

_WINDOWS = tuple((over, f'window="{over.value}"') for over in Over)
_KINDS: tuple[tuple[str, Callable[[Earned], Decimal | None]], ...] = (
    ("accrued", lambda one: one.accrued),
    ("adjustment", lambda one: one.adjustment),
    ("guarantee", lambda one: one.guarantee),
)


def _priced(floor: Floor) -> Iterator[tuple[Project, str, ProjectMoney]]:
    """The projects that have prices and were reckoned."""
    money = floor.outlook.money.projects
    for project, text in floor.labels.projects if floor.labels.money else ():
        if project.tariffs and (known := money.get(project.name)) is not None:
            yield project, text, known


def counted(table: Callable[[Money], Mapping[tuple[str, str], Decimal]]) -> Rows:
    """An accrual per project and currency."""

    def rows(name: str, floor: Floor) -> Iterator[str]:
        amounts = table(floor.outlook.money)
        for project, text in floor.labels.projects if floor.labels.money else ():
            for currency in dict.fromkeys((*(tariff.currency for tariff in project.tariffs), *(key[1] for key in amounts if key[0] == project.name))):
                yield f"{name}{{{text},{label('currency', currency)}}} {plain(amounts.get((project.name, currency), NO_MONEY))}\n"

    return rows


def labour(name: str, floor: Floor) -> Iterator[str]:
    """What each group's people cost, where anybody says what they earn."""
    known = floor.outlook.money.counted.labour
    for group, text in floor.labels.groups:
        if group.name not in floor.labels.paid_groups and not known.get(group.name):
            continue
        yield f"{name}{{{text},{floor.labels.currency}}} {plain(known.get(group.name, NO_MONEY))}\n"


def other_cost(name: str, floor: Floor) -> Iterator[str]:
    """The carrier's minutes by project, and the site's days."""
    known = floor.outlook.money.counted
    for project, text in floor.labels.projects if floor.labels.money else ():
        if project.telecom_per_minute:
            yield f'{name}{{{text},kind="telecom",{floor.labels.currency}}} {plain(known.telecom.get(project.name, NO_MONEY))}\n'
    if floor.labels.money and floor.labels.fixed_cost:
        yield f'{name}{{kind="fixed",{floor.labels.currency}}} {plain(known.fixed)}\n'


def revenue(name: str, floor: Floor) -> Iterator[str]:
    """What each project brought, by window and kind; guarantee and adjustment belong to a billing period."""
    for _, text, known in _priced(floor):
        for over, window in _WINDOWS:
            for one in known.earned[over]:
                for kind, amount in _KINDS:
                    if (value := amount(one)) is not None:
                        yield f'{name}{{{text},{window},kind="{kind}",{label("currency", one.currency)}}} {plain(value)}\n'


def shortfall(figure: Callable[[Earned], Decimal | None]) -> Rows:
    """Per project and currency, of the billing period, where anything is guaranteed."""

    def rows(name: str, floor: Floor) -> Iterator[str]:
        for project, text, known in _priced(floor):
            if any(tariff.minimum is not None for tariff in project.tariffs):
                for one in known.earned[Over.MONTH]:
                    if (value := figure(one)) is not None:
                        yield f"{name}{{{text},{label('currency', one.currency)}}} {plain(value)}\n"

    return rows


def margin(name: str, floor: Floor) -> Iterator[str]:
    """What is left of each project."""
    for _, text, known in _priced(floor):
        for over, window in _WINDOWS:
            if (amount := known.margin[over].amount) is not None:
                yield f"{name}{{{text},{window},{floor.labels.currency}}} {plain(amount)}\n"


def margin_forecast(name: str, floor: Floor) -> Iterator[str]:
    """What will be left of each project when its billing period is over."""
    for _, text, known in _priced(floor):
        if known.outcome is not None and (amount := known.outcome.amount) is not None:
            yield f"{name}{{{text},{floor.labels.currency}}} {plain(amount)}\n"


def known_days(name: str, floor: Floor) -> Iterator[str]:
    """Of the days of each billing period that are over."""
    for _, text, known in _priced(floor):
        if known.past_days:
            yield f"{name}{{{text}}} {known.known_days / known.past_days}\n"


def without_client(name: str, floor: Floor) -> Iterator[str]:
    """What would be left of the site without each client."""
    clients = floor.outlook.money.clients
    for client, text in floor.labels.clients if floor.labels.money else ():
        for over, window in _WINDOWS:
            if client in clients and (amount := clients[client].without[over]) is not None:
                yield f"{name}{{{text},{window},{floor.labels.currency}}} {plain(amount)}\n"


def cash_left(name: str, floor: Floor) -> Iterator[str]:
    """How long the reserve lasts: without each client, and as it is."""
    money = floor.outlook.money
    for client, text in floor.labels.clients if floor.labels.money else ():
        if client in money.clients and (days := money.clients[client].cash_days) is not None:
            yield f"{name}{{{text}}} {_ratio(days * DAY_S)}\n"
    if floor.labels.money and money.cash_days is not None:
        yield f"{name} {_ratio(money.cash_days * DAY_S)}\n"


def break_even(name: str, floor: Floor) -> Iterator[str]:
    """The occupancy at which each group earns what it costs."""
    for group, text in floor.labels.groups:
        known = floor.outlook.money.groups.get(group.name)
        if known is not None and known.break_even is not None:
            yield f"{name}{{{text}}} {_ratio(known.break_even)}\n"


def plain(amount: Decimal) -> str:
    """An amount, or a count of calls in hundredths, as everybody can read it."""
    return f"{amount:.2f}"


def _ratio(value: Fraction) -> float:
    return value.numerator / value.denominator
