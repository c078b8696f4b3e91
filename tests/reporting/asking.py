"""What is asked of a store that a test has filled: both reports to a client as JSON, the payroll, a month to be closed, hours and calls to be put right."""

from __future__ import annotations

import json
from typing import Any

from monitor.core.chronicle import AgentSpan
from monitor.outputs.reports.asked import silent
from monitor.reporting import amending, ask, freezing, making, statements
from monitor.reporting.statements import Whose
from monitor.reporting.wish import Wish
from monitor.state.store.closing import Closing, read
from tests.reporting.centre import Centre, at

NOW = at("2026-12-02 10:00:00")
LATER = at("2026-12-20 10:00:00")
NOVEMBER = Wish(month="2026-11", format="json")
BANK = Whose(client="Bank")


def client(centre: Centre, whose: Whose = BANK, wish: Wish = NOVEMBER, now: int = NOW) -> Any:
    """What the client is sent."""
    return json.loads(statements.client_report(centre.config, wish, whose, now).content)


def billing(centre: Centre, whose: Whose = BANK, wish: Wish = NOVEMBER, now: int = NOW) -> Any:
    """The annex to his invoice."""
    return json.loads(statements.billing_report(centre.config, wish, whose, now).content)


def payroll(centre: Centre, layout: str = "rows") -> Any:
    """Everybody's hours."""
    return json.loads(making.make(centre.config, NOVEMBER, NOW, ask.of_payroll("login", layout), silent).content)


def table(report: Any, key: str) -> list[dict[str, Any]]:
    """The rows of a section."""
    return next(section["rows"] for section in report["sections"] if section["key"] == key)


def keys(report: Any) -> list[str]:
    """Its sections."""
    return [section["key"] for section in report["sections"]]


def close(centre: Centre, now: int = NOW, **more: Any) -> list[str]:
    """Close November, or open it again; what was told."""
    told: list[str] = []
    freezing.close(centre.config, freezing.Wish("2026-11", **{"who": "ann", **more}), now, told.append)
    return told


def acts(centre: Centre, scope: str) -> list[Closing]:
    """What was done to a part of November."""
    with making.reading(centre.config) as reader:
        return read(reader, "2026-11", scope)


def correct_hours(centre: Centre, seconds: str, now: int = NOW, **more: str) -> list[str]:
    """Put right the hour of `worked`; what was told."""
    told: list[str] = []
    wanted = {"employee": "7", "date": "2026-11-02", "kind": "regular", "project": "bank-line", "why": "forgot to log in", "who": "olha"}
    amending.correct_hours(centre.config, amending.HoursWish(**{**wanted, "seconds": seconds, **more}), now, told.append)
    return told


def correct_call(centre: Centre, call: str, now: int = NOW, **more: Any) -> list[str]:
    """Have a call billed or not; what was told."""
    told: list[str] = []
    wanted = {"project": "bank-line", "call": call, "pbx": "", "exempt": "", "bill": False, "why": "we called it ourselves", "who": "olha"}
    amending.correct_call(centre.config, amending.CallWish(**{**wanted, **more}), now, told.append)
    return told


def id_of(when: str, number: int = 0) -> str:
    """The id of the call that came then."""
    return f"{at(when)}.{number}"


def worked(day: str, person: str = "7") -> AgentSpan:
    """An hour of somebody's."""
    return AgentSpan(person, at(f"{day} 09:00:00"), at(f"{day} 10:00:00"), "floor", "talk", "bank-line", "")
