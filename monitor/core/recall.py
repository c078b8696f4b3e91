"""A gap that is not a gap any more: the floor goes back to where it lost sight of a PBX and lives through the events a log tells.

Owns the going back and the coming home: people's time that is owed since then, their facts, and the observed time and plan of the projects
whose every PBX is known again. What nobody saw of a minute is all that keeps it from being observed. Counters only gain; a gap that was
committed as unobserved before its rows were found is a correction, and said. Refuses rows (`gaps`) and time (`floor`).
Next: the snapshot that ended the gap.
"""

from __future__ import annotations

from monitor.core.agents import Agent
from monitor.core.contract import MINUTE, SECOND, Contract
from monitor.core.counters import Counters
from monitor.core.events import AgentStrayed, PbxStarted, RecallBegun, RecallEnded
from monitor.core.ledger import OBSERVED, Ledger, minutes_of
from monitor.core.queueing import Queueing
from monitor.core.sides import Gap, Side
from monitor.core.sighting import Sighting
from monitor.core.snapshot import Cell, State
from monitor.core.staff import Staff
from monitor.core.switchboard import Switchboard
from monitor.core.timers import Due, Timers
from monitor.core.timesheet import Timesheet

ROW_US = SECOND  # a row says in which second
CARRIED = (Cell.TALK_US, Cell.HOLD_US, Cell.WRAPUP_US)


class Recall:
    """`told` are spans of projects that a log has told: the plan's observed twins are still to move over them."""

    def __init__(
        self,
        contract: Contract,
        ledger: Ledger,
        counters: Counters,
        timers: Timers,
        queueing: Queueing,
        staff: Staff,
        board: Switchboard,
        sighting: Sighting,
        timesheet: Timesheet,
        sides: dict[str, Side],
        gaps: list[Gap],
    ) -> None:
        self.contract = contract
        self._ledger = ledger
        self._counters = counters
        self._timers = timers
        self._queueing = queueing
        self._staff = staff
        self._board = board
        self._sighting = sighting
        self._timesheet = timesheet
        self._sides = sides
        self._gaps = gaps
        self._back: dict[str, int] = {}  # by person: up to when their time was spent or owed before we went back
        self.told: list[tuple[str, int, int]] = []

    def begin(self, side: Side, event: RecallBegun) -> None:
        """Back to where sight was lost."""
        pbx, gap = side.name, side.gap
        if gap is None:
            return
        self._queueing.logbook.retelling, self._queueing.logbook.blur_us = True, ROW_US
        for where, leg in [key for key in self._board.rings if key[0] == pbx]:
            self._board.ring_over(side, leg, self._board.rings[where, leg].spent_to)
        for agent in self._staff.agents.values():
            if pbx not in agent.blind and (agent.state is not None or agent.owed):
                continue
            self._timesheet.settle(agent, event.until)
            self._back[agent.id] = agent.spent_to
            if pbx not in agent.blind:
                agent.owed = [(gap.start, agent.spent_to)]
            elif gap.committed and agent.state is State.UNOBSERVED:
                agent.owed, agent.repaid = [(max(gap.unseen_from, agent.state_since), agent.spent_to)], True
            agent.recalled = pbx
            agent.spent_to = min((start for start, _ in agent.owed), default=agent.spent_to)
            if agent.wrapup is not None:
                self._timers.set(max(agent.wrapup.until, event.at), Due.WRAPUP_OVER, (agent, agent.wrapup))
            agent.weigh_pauses()
            self._staff.review(agent, agent.spent_to)

    def stray(self, side: Side, event: AgentStrayed) -> None:
        """What they do from now on is not told."""
        agent = self._staff.by_device.get((side.name, event.interface))
        for leg in event.legs:
            self._sighting.lose_leg(side, leg, event.at)
        if agent is not None and agent.recalled == side.name:
            self._timesheet.settle(agent, event.at)
            agent.astray = True
            self._staff.review(agent, event.at)

    def restarted(self, side: Side, event: PbxStarted) -> None:
        """Every call of before is void."""
        self._sighting.void(side, event.at)

    def end(self, side: Side, event: RecallEnded, now: int) -> None:
        """Home again: what nobody told is unobserved for good."""
        gap = side.gap
        if gap is None:
            return
        for leg, phone in event.moved:
            talk = self._staff.talks.get((side.name, leg))
            if talk is not None:
                self._staff.move_talk(talk, phone)
        if gap in self._gaps:
            self._gaps.remove(gap)
        else:
            self._counters.correct("unobserved", now - gap.start)
            side.unseen = [span for span in side.unseen if span[0] != gap.unseen_from]
        gap.committed = True
        pending = {id(agent) for other in self._gaps for agent in other.agents}
        for agent in self._staff.agents.values():
            if agent.id in self._back:
                self._home(agent, side.name, self._back.pop(agent.id), id(agent) in pending)
        self._staff.settle(now)  # who came in the gap
        self._queueing.logbook.retelling, self._queueing.logbook.blur_us = False, 0
        for visit in gap.lost:
            self._queueing.lose(visit, now)
        gap.lost.clear()
        side.unobserved_to = now
        self._counters.healed[side.name] += event.calls
        self._queueing.logbook.echo(side.name, event.echoes, now)
        self._observed(side, gap.unseen_from, now)

    def _home(self, agent: Agent, pbx: str, spent_to: int, pending: bool) -> None:
        self._timesheet.settle(agent, spent_to)
        agent.recalled, agent.astray = None, False
        agent.blind.discard(pbx)
        if agent.repaid or agent.state is None:
            agent.owed, agent.repaid = [], False
        agent.uncommitted = pending
        if not pending:
            self._timesheet.commit(agent, spent_to)
        agent.spent_to = max(agent.spent_to, spent_to)
        agent.weigh_pauses()
        if agent.wrapup is not None and agent.wrapup.until <= spent_to:
            self._staff.wrapup_over(agent, agent.wrapup, spent_to)
        self._staff.review(agent, spent_to)

    # --- what is observed now -------------------------------------------------------------------------------------------------------

    def _observed(self, side: Side, start: int, end: int) -> None:
        for project, pbxs in self.contract.pbxs_of.items():
            if side.name in pbxs:
                self._project_observed(project, pbxs, start, end)
        for group, projects in self.contract.projects_of.items():
            pbxs = frozenset(pbx for project in projects for pbx in self.contract.pbxs_of[project.name])
            if side.name in pbxs:
                self._group_observed(group, pbxs, start, end)

    def _clear(self, pbxs: frozenset[str], start: int, end: int) -> list[tuple[int, int]]:
        """The minutes of the span of which everything is known of all these PBXs: the start of each, and how much of it the span holds."""
        blind: list[tuple[int, int]] = []
        for name in pbxs:
            side = self._sides[name]
            blind += side.unseen
            blind += [(gap.unseen_from, end if gap.end is None else gap.end) for gap in self._gaps if gap.pbx == name]
            if not side.sighted:
                return []
        return [(m, us) for m, us in minutes_of(start, end) if not any(one < m + MINUTE and m < other for one, other in blind)]

    def _project_observed(self, project: str, pbxs: frozenset[str], start: int, end: int) -> None:
        book = self._ledger.projects[project]
        for minute, amount in self._clear(pbxs, start, end):
            book.add(minute, Cell.OBSERVED_US, amount)
            cell = book.cell(minute)
            book.add(minute, Cell.CONTACTS_SEEN, cell[Cell.CONTACTS] - cell[Cell.CONTACTS_SEEN])
            book.add(minute, Cell.CARRIED_SEEN_US, sum(cell[index] for index in CARRIED) - cell[Cell.CARRIED_SEEN_US])
            self.told.append((project, max(start, minute), min(end, minute + MINUTE)))

    def _group_observed(self, group: str, pbxs: frozenset[str], start: int, end: int) -> None:
        book = self._ledger.groups[group]
        for minute, amount in self._clear(pbxs, start, end):
            book.add(minute, OBSERVED, amount)
            cell = book.cell(minute)
            for index in range(len(State)):
                book.add(minute, OBSERVED + 1 + index, cell[index] - cell[OBSERVED + 1 + index])
