"""Where agents' time goes: every microsecond of a person on the floor, spent once, into counters and ledger.

Owns the spending. A span is spent up to now at every tick and at every change, so open spans count and nothing is ever taken back.
Two things hold time back: a leg that has left its bridge and may still enter another (spent only up to the moment it left), and a
gap that is not committed yet (kept as owed). Refuses to decide states: `agents` ranks facts, `staff` sets them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from monitor.core.agents import NOBODY, Agent, Charge
from monitor.core.book import OBSERVED, STATE_INDEX
from monitor.core.chronicle import Chronicle
from monitor.core.contacts import Contact
from monitor.core.contract import Contract
from monitor.core.counters import Component, Counters
from monitor.core.direction import Direction
from monitor.core.labour import Labour
from monitor.core.ledger import Ledger
from monitor.core.sides import Sight
from monitor.core.snapshot import Cell, State

COMPONENTS = {
    State.TALK: (Component.TALK, Cell.TALK_US),
    State.HOLD: (Component.HOLD, Cell.HOLD_US),
    State.WRAPUP: (Component.WRAPUP, Cell.WRAPUP_US),
    State.OFFLINE: (Component.OFFLINE, Cell.OFFLINE_US),
}
DIALLED = {
    (Direction.OUTBOUND, State.DIALING): (Component.DIALING, Cell.OUT_DIALING_US),
    (Direction.OUTBOUND, State.TALK): (Component.TALK, Cell.OUT_TALK_US),
    (Direction.OUTBOUND, State.HOLD): (Component.HOLD, Cell.OUT_HOLD_US),
    (Direction.OUTBOUND, State.WRAPUP): (Component.WRAPUP, Cell.OUT_WRAPUP_US),
    (Direction.CALLBACK, State.DIALING): (Component.DIALING, Cell.CALLBACK_DIALING_US),
    (Direction.CALLBACK, State.TALK): (Component.TALK, Cell.CALLBACK_TALK_US),
    (Direction.CALLBACK, State.HOLD): (Component.HOLD, Cell.CALLBACK_HOLD_US),
    (Direction.CALLBACK, State.WRAPUP): (Component.WRAPUP, Cell.CALLBACK_WRAPUP_US),
}


BUSY = frozenset({State.TALK, State.HOLD, State.DIALING, State.OTHER, State.RING})  # on whichever PBX: it wins

Charging = Callable[[Contact], None]


class Timesheet:
    """Spends agents' time."""

    def __init__(self, contract: Contract, ledger: Ledger, counters: Counters, sight: Sight, chronicle: Chronicle, charge: Charging) -> None:
        self._charge = charge  # a contact that was charged and is worked on again
        self._labour = Labour(contract, ledger)
        self._ledger = ledger
        self._sight = sight
        self._counters = counters
        self._chronicle = chronicle

    @property
    def contract(self) -> Contract:
        """Whose wages are paid."""
        return self._labour.contract

    @contract.setter
    def contract(self, contract: Contract) -> None:
        self._labour.agree(contract)

    def settle_all(self, agents: Iterable[Agent], to: int) -> None:
        """Spend everybody's time up to `to`."""
        with self._ledger.together():
            for agent in agents:
                self.settle(agent, to)

    def settle(self, agent: Agent, to: int) -> None:
        """Spend the agent's time up to `to`, as far as it is certain."""
        for talk in agent.talks:
            if talk.gone_at is not None:
                to = min(to, talk.gone_at)
        start = agent.spent_to
        if to <= start:
            return
        agent.spent_to = to
        if agent.recalled is not None:
            self._recall(agent, start, to)
            return
        if agent.state is None:
            return
        if agent.state is State.UNOBSERVED and agent.uncommitted:
            if agent.owed and agent.owed[-1][1] == start:
                agent.owed[-1] = (agent.owed[-1][0], to)
            else:
                agent.owed.append((start, to))
            return
        self._spend(agent, agent.state, agent.charge, start, to)

    def _recall(self, agent: Agent, start: int, end: int) -> None:
        """A log tells what the agent did in `[start, end)`: what of it is owed is spent so, or not at all where he was not on the floor;
        what it does not know stays owed."""
        state = agent.state
        if state not in BUSY and agent.unsure_from is not None:
            end = min(end, agent.unsure_from)  # he may have been busy on another PBX that nobody saw
        if state is State.UNOBSERVED:
            return
        left: list[tuple[int, int]] = []
        for one, other in agent.owed:
            begin, stop = max(one, start), min(other, end)
            if begin >= stop:
                left.append((one, other))
                continue
            if agent.repaid:
                self._take_back(agent, begin, stop)
            if state is not None:
                self._spend(agent, state, agent.charge, begin, stop)
            left += [piece for piece in ((one, begin), (stop, other)) if piece[0] < piece[1]]
        agent.owed = left

    def commit(self, agent: Agent, until: int) -> None:
        """The gap is not healed any more: spend what is owed up to its end as unobserved. Nobody saw it, whatever is in sight by now."""
        for start, end in agent.owed:
            if start < until:
                self._spend(agent, State.UNOBSERVED, NOBODY, start, min(end, until), seen=False)
        agent.owed = [(max(start, until), end) for start, end in agent.owed if end > until]

    def _take_back(self, agent: Agent, start: int, end: int) -> None:
        """This time was spent as unobserved, and a log knows better: the ledger is put right, the counters say so."""
        unobserved = STATE_INDEX[State.UNOBSERVED]
        self._counters.correct("agent", end - start)
        self._chronicle.take_back(agent.id, start, end)
        self._ledger.spend_person(agent.id, State.UNOBSERVED, start, end, -1)
        if agent.group is not None:
            self._ledger.spend_group(agent.group.name, unobserved, start, end, -1)
            self._labour.spent(agent, State.UNOBSERVED, "", start, end, -1)

    def _spend(self, agent: Agent, state: State, charge: Charge, start: int, end: int, *, seen: bool = True) -> None:
        amount = end - start
        self._ledger.spend_person(agent.id, state, start, end)
        self._labour.spent(agent, state, charge.reason, start, end)
        self._chronicle.spent(agent.id, None if agent.group is None else agent.group.name, state, charge.project, charge.reason, start, end)
        if agent.group is not None:
            group = agent.group.name
            self._counters.agent_us[group, state] += amount
            self._ledger.spend_group(group, STATE_INDEX[state], start, end)
            if seen and group in self._sight.groups:
                self._ledger.spend_group(group, OBSERVED + 1 + STATE_INDEX[state], start, end)
            if state is State.PAUSED:
                listed = not charge.reason or agent.group.pause_reason(charge.reason) is not None
                self._counters.pause_us[group, (charge.reason or "none") if listed else "other"] += amount
        if charge.project is None:
            return
        if charge.direction is not Direction.INBOUND:
            self._dialled(charge.project, charge, state, start, end)
        elif state in COMPONENTS:
            self._work(charge.project, charge, state, start, end)

    def _work(self, project: str, charge: Charge, state: State, start: int, end: int) -> None:
        component, cell = COMPONENTS[state]
        self._counters.handle_us[project, component] += end - start
        self._ledger.spend(project, cell, start, end)
        if state is not State.OFFLINE and project in self._sight.projects:
            self._ledger.spend(project, Cell.CARRIED_SEEN_US, start, end)
        self._worked_on(project, charge.contact, state, start, end)

    def _dialled(self, project: str, charge: Charge, state: State, start: int, end: int) -> None:
        """Outbound work is no part of what came in."""
        component, cell = DIALLED[charge.direction, state]
        key = project, charge.direction, component
        self._counters.dialled_us[key] = self._counters.dialled_us.get(key, 0) + end - start
        self._ledger.spend(project, cell, start, end)
        self._worked_on(project, charge.contact, state, start, end)

    def _worked_on(self, project: str, contact: Contact | None, state: State, start: int, end: int) -> None:
        if contact is None or contact.project.name != project:
            return
        contact.handle_us += end - start
        if state is State.TALK:
            contact.talk_us += end - start
        elif state is State.HOLD:
            contact.hold_us += end - start
        if contact.handled and contact.attempt is None:
            self._ledger.spend(project, Cell.HANDLED_US, start, end)
            self._chronicle.grew(contact)
            self._charge(contact)
