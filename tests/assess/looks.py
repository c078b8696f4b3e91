"""Looks at a project and a group, made by hand: everything is well unless said otherwise."""

from __future__ import annotations

from typing import Any

from monitor.assess.group_rules import GroupLook
from monitor.assess.needs import Need
from monitor.assess.project_rules import ProjectLook
from monitor.assess.staffing import Required
from monitor.assess.today import Today
from monitor.core.book import GROUP_WIDTH, OBSERVED
from monitor.core.contract import MINUTE, SECOND, Group, PauseClass, PauseReason, Project, QueueId, RingCountsAs, ServiceLevel
from monitor.core.limits import Limits
from monitor.core.lost import LostView
from monitor.core.snapshot import AgentView, Cell, PbxView, Span, State

AT = 1_764_000_000 * SECOND
QUARTER = 15 * MINUTE
BANK = Project("bank", "Bank", "floor", (QueueId("pbx1", "bank"),), service_level=ServiceLevel(20 * SECOND, 0.80))
FLOOR = Group("floor", pause_reasons=(PauseReason("lunch", PauseClass.UNPAID, 35 * MINUTE), PauseReason("break", PauseClass.PAID)))


def sums(**cells: int) -> tuple[int, ...]:
    """A project's sums: cells by their name in small letters; a quarter of an hour of it was seen."""
    row = [0] * len(Cell)
    row[Cell.OBSERVED_US] = QUARTER
    for name, amount in cells.items():
        row[Cell[name.upper()]] = amount
    return tuple(row)


def quarter(**cells: int) -> Span:
    """The last quarter of an hour."""
    return Span(AT - QUARTER, AT, sums(**cells))


def project_look(**more: Any) -> ProjectLook:
    """An open project with a plan, nobody waiting and four who may take calls."""
    look: dict[str, Any] = {
        "at": AT,
        "project": BANK,
        "pbxs": (PbxView("pbx1", observed=True, blind_since=None),),
        "limits": Limits(),
        "open": True,
        "quarter": quarter(),
        "day": Span(AT - 8 * 60 * MINUTE, AT, sums()),
        "late": 0,
        "late_today": 0,
        "longest_wait_us": None,
        "waiting": 0,
        "eligible": 4,
        "today": Today(AT - 8 * 60 * MINUTE),
        "silence": None,
        "returning": False,
        "cause": None,
        "expected": None,
        "covered": True,
        "plan_end": AT + 30 * 24 * 60 * MINUTE,
        "refused": None,
        "lost": LostView(0, None, 0),
        "after_hours": 0,
    }
    return ProjectLook(**(look | more))


def agents(*states: State, reason: str = "", since: int = AT - MINUTE, queues: frozenset[QueueId] = frozenset(BANK.queues)) -> tuple[AgentView, ...]:
    """One person in each of these states."""
    return tuple(AgentView(f"E{number}", f"Name {number}", "floor", state, since, None, reason, queues) for number, state in enumerate(states))


def spent(seen: float = 1.0, **seconds: float) -> Span:
    """A group's quarter of an hour: seconds by state, of which all was in the observed share."""
    row = [0] * GROUP_WIDTH
    for number, state in enumerate(State):
        row[number] = row[OBSERVED + 1 + number] = round(seconds.get(state.value, 0) * SECOND)
    row[OBSERVED] = round(seen * QUARTER)
    return Span(AT - QUARTER, AT, tuple(row))


def required(now: int, following: int | None = None, erlangs: float = 0.0) -> Need:
    """So many agents for this interval, and for the next."""
    after = now if following is None else following
    return Need(Required(now, now), Required(after, after), erlangs, 180.0)


def group_look(**more: Any) -> GroupLook:
    """A group of five at work of whom four are needed."""
    look: dict[str, Any] = {
        "at": AT,
        "group": FLOOR,
        "limits": Limits(),
        "ring": RingCountsAs.HANDLE,
        "quarter": spent(talk=3 * 900, available=2 * 900),
        "agents": agents(State.TALK, State.TALK, State.TALK, State.AVAILABLE, State.AVAILABLE),
        "need": required(4, erlangs=3.0),
        "unanswered": 0,
        "answered": 20,
        "lost": 0,
        "there": 5,
        "away": 0,
    }
    return GroupLook(**(look | more))
