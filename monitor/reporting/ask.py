"""The reports of the floor as they are asked for: what was typed beside the days, checked, with the report that follows from it.

Owns these options' refusals. Refuses days, files and formats (`wish`). Next: `making`.
"""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from typing import TypeVar

from monitor.config.values import did_you_mean
from monitor.errors import BadOption
from monitor.outputs.reports import agents, day
from monitor.reporting.making import Maker

Choice = TypeVar("Choice", bound=StrEnum)


def of_days(by: str, view: str) -> Maker:
    """`report day`."""
    return partial(day.report, wanted=day.Wanted(choice("--by", by, day.By) if by else None, choice("--view", view, day.View)))


def of_agents(by: str) -> Maker:
    """`report agents`."""
    return partial(agents.report, by=choice("--by", by, agents.By))


def choice(option: str, text: str, among: type[Choice]) -> Choice:
    """One of a few words."""
    known = [one.value for one in among]
    if text not in known:
        raise BadOption(f"{option} {text}: there is no such thing; {did_you_mean(text, known)}")
    return among(text)
