"""What the plan expected so far, as counters and in the ledger, and the twins of it that move over observed time only.

Owns the counting. Refuses the plan itself (`plan`), when it passes (`keeping`), and what of a time nobody saw is observed after all
(`hindsight` keeps what passed in it). Of outbound work records of calls tell attempts and contacts, and nobody the handle time: it is never observed
after all.
Next: `outlook` holds what came against the twins.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from monitor.core.counters import Counters, Planned
from monitor.core.hindsight import Hindsight
from monitor.core.ledger import Ledger
from monitor.core.sides import Sight
from monitor.core.snapshot import Cell


class Outgoing(NamedTuple):
    """What a plan expects of outbound work in a span inside one minute; what it does not say is 0."""

    attempts_u: int
    contacts_u: int
    handle_us: int
    results_u: int
    agents_us: int


class Expected:
    """`passed` as time goes by, `observed` for what a log has told."""

    def __init__(self, ledger: Ledger, counters: Counters, sight: Sight, hindsight: Hindsight) -> None:
        self._ledger = ledger
        self._counters = counters
        self._sight = sight
        self._hindsight = hindsight

    def passed(self, project: str, minute: int, calls_u: int, handle_us: int, agents_us: int) -> None:
        """What the plan expected in a span inside one minute has passed; the observed twins move while the project is observed."""
        self._counters.planned[project][Planned.AGENTS] += agents_us
        self._add(project, minute, ((Planned.CALLS, Cell.PLAN_CALLS, calls_u), (Planned.HANDLE, Cell.PLAN_HANDLE, handle_us)))
        self._ledger.projects[project].add_all(minute, [(int(Cell.PLAN_AGENT_US), agents_us)] if agents_us else ())
        if project in self._sight.projects:
            self.observed(project, minute, calls_u, handle_us)
        else:
            self._hindsight.plan_passed(project, minute, calls_u, handle_us)

    def observed(self, project: str, minute: int, calls_u: int, handle_us: int) -> None:
        """The observed twins of a span inside one minute: it was seen, or a log has told of it."""
        calls, handle = (Planned.OBSERVED_CALLS, Cell.PLAN_OBSERVED_CALLS, calls_u), (Planned.OBSERVED_HANDLE, Cell.PLAN_OBSERVED_HANDLE, handle_us)
        self._add(project, minute, (calls, handle))

    def outbound_passed(self, project: str, minute: int, due: Outgoing) -> None:
        """The same as `passed` of outbound work. Results have no twin: they are told by people, whatever the PBX is."""
        passed = (
            (Planned.OUT_AGENTS, Cell.PLAN_OUT_AGENT_US, due.agents_us),
            (Planned.OUT_ATTEMPTS, Cell.PLAN_OUT_ATTEMPTS_U, due.attempts_u),
            (Planned.OUT_CONTACTS, Cell.PLAN_OUT_CONTACTS_U, due.contacts_u),
            (Planned.OUT_HANDLE, Cell.PLAN_OUT_HANDLE_US, due.handle_us),
            (Planned.OUT_RESULTS, Cell.PLAN_OUT_RESULTS_U, due.results_u),
        )
        self._add(project, minute, passed)
        if project in self._sight.projects:
            observed = (
                (Planned.OUT_OBSERVED_ATTEMPTS, Cell.PLAN_OUT_OBSERVED_ATTEMPTS_U, due.attempts_u),
                (Planned.OUT_OBSERVED_CONTACTS, Cell.PLAN_OUT_OBSERVED_CONTACTS_U, due.contacts_u),
                (Planned.OUT_OBSERVED_HANDLE, Cell.PLAN_OUT_OBSERVED_HANDLE_US, due.handle_us),
            )
            self._add(project, minute, observed)
        else:
            self._hindsight.dialling_passed(project, minute, due.attempts_u, due.contacts_u)

    def outbound_observed(self, project: str, minute: int, attempts_u: int, contacts_u: int) -> None:
        """The observed twins of a time that records have told: of work they say nothing."""
        attempts = Planned.OUT_OBSERVED_ATTEMPTS, Cell.PLAN_OUT_OBSERVED_ATTEMPTS_U, attempts_u
        self._add(project, minute, (attempts, (Planned.OUT_OBSERVED_CONTACTS, Cell.PLAN_OUT_OBSERVED_CONTACTS_U, contacts_u)))

    def _add(self, project: str, minute: int, amounts: Sequence[tuple[Planned, Cell, int]]) -> None:
        row = self._counters.planned[project]
        for index, _, amount in amounts:
            row[index] += amount
        self._ledger.projects[project].add_all(minute, [(int(cell), amount) for _, cell, amount in amounts if amount])
