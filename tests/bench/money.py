"""What money costs each second: a floor of 50 projects in 8 groups, whose books know 28 days, with every kind of price that asks for more than a sum.

The same figures whenever it runs; CPU time, so that another process on the machine does not count. A table, never an assertion.
"""

from __future__ import annotations

import gc
from datetime import date
from decimal import Decimal
from functools import partial
from random import Random
from statistics import median

from monitor.assess.accounts import Accounts
from monitor.assess.takings import Takings
from monitor.core.contract import SECOND, Contract, Finances, Group, Project, QueueId
from monitor.core.floor import Floor
from monitor.core.formula import Formula
from monitor.core.pay import Pay, Wage
from monitor.core.tariff import Band, FlatMonth, Minimum, PerMinute, SlAdjust, Tariff
from monitor.plan.plan import EMPTY
from tests.bench.judging import taken
from tests.core.scene import T0

GROUPS, PROJECTS, DAYS, SECONDS = 8, 50, 28, 150
HEAD = ("what", "median ms", "longest ms")
TARIFF = Tariff(
    date(2026, 1, 1),
    per_minute=PerMinute(Decimal("4.50")),
    flat_month=FlatMonth(Decimal(1000)),
    minimum=Minimum(share_of_contract_plan=Decimal("0.9")),
    sl_adjust=SlAdjust(
        Formula.SHORT_EXCLUDED, 20 * SECOND, (Band(Decimal("0.9"), Decimal(3)), Band(Decimal("0.8"), Decimal(0)), Band(Decimal(0), Decimal(-5)))
    ),
)


def contract() -> Contract:
    """Twenty clients, several projects to a group."""
    groups = tuple(Group(f"group-{number}") for number in range(GROUPS))
    projects = tuple(
        Project(f"project-{number:02}", f"Client {number % 20}", f"group-{number % GROUPS}", (QueueId("pbx1", f"queue-{number}"),), tariffs=(TARIFF,))
        for number in range(PROJECTS)
    )
    pay = Pay(tuple(Wage(Decimal(180), group=one.name) for one in groups))
    return Contract(groups=groups, projects=projects, pay=pay, finances=Finances(fixed_cost_per_day=Decimal(1000)))


def floor(agreed: Contract) -> Floor:
    """A floor whose books have the days before."""
    found, chance = Floor(agreed, T0), Random(1)
    found.advance(T0 + SECOND)
    for books in (found.ledger.projects, found.ledger.groups):
        for book in books.values():
            today = book.clock.day_of(T0).toordinal()
            book.remember({day: [chance.randrange(1_000_000_000) for _ in range(book.width)] for day in range(today - DAYS, today)})
    return found


def table() -> list[tuple[str, ...]]:
    """The rows under HEAD."""
    agreed = contract()
    ledger, takings = floor(agreed).ledger, Takings()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)  # as the daemon does
    projects, site = [], []
    for second in range(1, SECONDS):
        accounts = Accounts(T0 + second * SECOND, agreed, ledger.projects, ledger.groups, EMPTY)
        projects.append(taken(partial(takings.reckon_projects, accounts)))
        site.append(taken(partial(takings.reckon_site, accounts)))
    first, later = PROJECTS, PROJECTS + GROUPS  # each project once, each group once: from then on days that are over are known
    parts = (
        ("a second's part of the projects, the first time", projects[:first]),
        ("the same, later", projects[first:]),
        ("a group and the whole site, the first time", site[first - 1 : later]),
        ("the same, later", site[later:]),
    )
    return [HEAD, *((what, f"{median(times):.2f}", f"{max(times):.2f}") for what, times in parts)]
