"""The reports of the floor as they are asked for: what was typed beside the days, checked, with the report that follows from it.

Owns these options' refusals. Refuses days, files and formats (`wish`). Next: `making`.
"""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from typing import TypeVar

from monitor.assess.payroll import PaidBy
from monitor.config.values import did_you_mean
from monitor.errors import BadOption
from monitor.outputs.reports import agents, day, payroll, signals
from monitor.outputs.reports.asked import Asked, Progress
from monitor.outputs.reports.report import Report
from monitor.reporting.closing import of_payroll as of_closed
from monitor.reporting.making import Maker
from monitor.state.store.reader import Reader

Choice = TypeVar("Choice", bound=StrEnum)


def of_days(by: str, view: str) -> Maker:
    """`report day`."""
    return partial(day.report, wanted=day.Wanted(choice("--by", by, day.By) if by else None, choice("--view", view, day.View)))


def of_agents(by: str) -> Maker:
    """`report agents`."""
    return partial(agents.report, by=choice("--by", by, agents.By))


def of_payroll(paid_by: str, layout: str) -> Maker:
    """`report payroll`."""
    by, how = choice("--paid-by", paid_by, PaidBy), choice("--layout", layout, payroll.Layout)
    if by is not PaidBy.LOGIN:
        raise BadOption(f"--paid-by {paid_by}: there is no roster to pay by; give --paid-by login")

    def made(asked: Asked, reader: Reader, progress: Progress) -> Report:
        if how is payroll.Layout.P5 and (asked.first.day != 1 or asked.first.replace(day=1) != asked.last.replace(day=1)):
            raise BadOption("--layout p5: is a timesheet of one month; give --month, as 2026-11")
        return of_closed(payroll.report(asked, reader, progress, how), reader, how, asked.contract)

    return made


def of_signals() -> Maker:
    """`report signals`."""
    return signals.report


def choice(option: str, text: str, among: type[Choice]) -> Choice:
    """One of a few words."""
    known = [one.value for one in among]
    if text not in known:
        raise BadOption(f"{option} {text}: there is no such thing; {did_you_mean(text, known)}")
    return among(text)
