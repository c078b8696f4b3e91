"""What a client of the large site is sent and billed, and its whole month closed: rows of the table of `month`.

The first two come again when the month is closed, for then they are read from the archive and held against the store, and so does the payroll.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

from monitor.core.contract import Contract
from monitor.outputs.reports.asked import silent
from monitor.reporting import ask, freezing, making, statements
from monitor.reporting.statements import Whose
from monitor.reporting.wish import Wish

MONTH, AFTER = "2026-10", date(2026, 11, 2)
WHOSE = Whose(project="project-01")


def _client(config: Any, now: int) -> bytes:
    return statements.client_report(config, Wish(month=MONTH, format="json"), WHOSE, now).content


def _billing(config: Any, now: int) -> bytes:
    return statements.billing_report(config, Wish(month=MONTH, format="csv"), WHOSE, now).content


def _close(config: Any, now: int) -> bytes:
    told: list[str] = []
    freezing.close(config, freezing.Wish(MONTH, who="bench", why="its minutes are not there", force=True), now, told.append)
    return "\n".join(told).encode()


def _payroll(config: Any, now: int) -> bytes:
    return making.make(config, Wish(month=MONTH, format="csv"), now, ask.of_payroll("login", "rows"), silent).content


DEEDS: dict[str, Callable[[Any, int], bytes]] = {
    "client": _client,
    "billing, CSV": _billing,
    "close": _close,
    "client, closed": _client,
    "billing, CSV, closed": _billing,
    "payroll, CSV, closed": _payroll,
}


def done(name: str, url: str, site: Contract) -> bytes:
    """Do one of them."""
    return DEEDS[name](configured(url, site), site.projects[0].starts_on(AFTER))


def configured(url: str, site: Contract) -> Any:
    """All of a configuration that reports look at."""
    return SimpleNamespace(file="bench", contract=site, store=SimpleNamespace(url=url, retain_days=1_200), plan=None)
