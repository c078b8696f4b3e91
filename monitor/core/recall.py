"""A gap that is not a gap any more: the floor goes back to where it lost sight of a PBX and lives through the events a log tells.

Owns the going back and the coming home of people: their time that is owed since then, and their facts of before. Whoever is a member nowhere
goes back too, for he may come in the gap; who was seen on another PBX stays. Counters only gain; a gap that was committed as unobserved before
its rows were found is a correction, and said. Refuses rows (`gaps`), observed time (`hindsight`) and time itself (`floor`).
Next: the snapshot that ended the gap.
"""

from __future__ import annotations

from monitor.core.agents import Agent, Wrapup
from monitor.core.contract import SECOND
from monitor.core.counters import Counters
from monitor.core.events import AgentStrayed, PbxStarted, RecallBegun, RecallEnded
from monitor.core.hindsight import Hindsight
from monitor.core.logbook import LATE_US
from monitor.core.outage import Outage, awaiting
from monitor.core.queueing import Queueing
from monitor.core.sides import GAP_COMMIT_US, Gap, Side
from monitor.core.sighting import Sighting
from monitor.core.snapshot import State
from monitor.core.staff import Staff
from monitor.core.switchboard import Switchboard
from monitor.core.timers import Due, Timers
from monitor.core.timesheet import Timesheet

ROW_US = SECOND  # a row says in which second


class Recall:
    """Goes back with `begin`, comes home with `end`; what happens in between are events like any other."""

    def __init__(
        self,
        counters: Counters,
        timers: Timers,
        queueing: Queueing,
        staff: Staff,
        board: Switchboard,
        sighting: Sighting,
        timesheet: Timesheet,
        outage: Outage,
        hindsight: Hindsight,
        gaps: list[Gap],
    ) -> None:
        self._counters = counters
        self._timers = timers
        self._queueing = queueing
        self._staff = staff
        self._board = board
        self._sighting = sighting
        self._timesheet = timesheet
        self._outage = outage
        self._hindsight = hindsight
        self._gaps = gaps
        self._back: dict[str, int] = {}  # by person: up to when their time was spent or owed before we went back
        self._older: dict[str, list[tuple[int, int]]] = {}  # and what they owe of another gap
        self._aside: dict[str, Wrapup] = {}  # and work after a call on another PBX
        self.under_way = False

    def begin(self, side: Side, event: RecallBegun) -> None:
        """Back to where sight was lost."""
        pbx, gap = side.name, side.gap
        if gap is None:
            return
        self.under_way = True
        self._queueing.logbook.retelling, self._queueing.logbook.blur_us = True, ROW_US
        for where, leg in [key for key in self._board.rings if key[0] == pbx]:
            self._board.ring_over(side, leg, self._board.rings[where, leg].spent_to)
        for agent in self._staff.agents.values():
            if pbx in agent.blind or not agent.has_place():
                self._go_back(agent, pbx, gap, event.until)

    def _go_back(self, agent: Agent, pbx: str, gap: Gap, until: int) -> None:
        self._timesheet.settle(agent, until)
        self._back[agent.id] = agent.spent_to
        self._older[agent.id] = [(start, min(end, gap.unseen_from)) for start, end in agent.owed if start < gap.unseen_from]
        owed = [(max(start, gap.unseen_from), end) for start, end in agent.owed if end > gap.unseen_from]
        if agent.state is None and not owed:
            since = max(gap.unseen_from, agent.state_since)
            owed = [(since, agent.spent_to)] if since < agent.spent_to else []
        elif gap.committed and agent.state is State.UNOBSERVED and not agent.uncommitted:
            owed, agent.repaid = [(max(gap.unseen_from, agent.state_since), agent.spent_to)], True
        agent.owed, agent.recalled = owed, pbx
        others = [other.unseen_from for other in self._gaps if other.pbx != pbx and agent in other.agents and other.pbx in agent.blind]
        agent.unsure_from = min(others, default=None)
        agent.spent_to = min((start for start, _ in owed), default=agent.spent_to)
        wrapup = agent.wrapup
        if wrapup is not None and wrapup.visit is not None and wrapup.visit.queue.pbx != pbx:
            self._aside[agent.id], agent.wrapup = wrapup, None
        elif wrapup is not None:
            self._timers.set(max(wrapup.until, gap.start), Due.WRAPUP_OVER, (agent, wrapup))
        agent.weigh_pauses()
        self._staff.review(agent, agent.spent_to)

    def stray(self, side: Side, event: AgentStrayed) -> None:
        """What they do until their next sign is not told."""
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
        side.restart_told = True

    def end(self, side: Side, event: RecallEnded, now: int) -> None:
        """Home again: what nobody told is unobserved for good. Until its snapshot the PBX is out of sight still, in a gap of its own."""
        gap = side.gap
        if gap is None:
            return
        self.under_way = False
        for leg, phone in event.moved:
            talk = self._staff.talks.get((side.name, leg))
            if talk is not None and (side.name, phone) not in self._staff.talks:
                self._staff.move_talk(talk, phone)
        if gap in self._gaps:
            self._gaps.remove(gap)
        else:
            self._counters.correct("unobserved", now - gap.start)
            side.unseen = [span for span in side.unseen if span[0] != gap.unseen_from]
        gap.committed = True
        pending = awaiting(self._gaps)
        rest = side.gap = Gap(side.name, now, self._outage.of_pbx(side.name), unseen_from=now)
        self._gaps.append(rest)
        self._timers.set(now + GAP_COMMIT_US, Due.COMMIT_GAP, rest)
        for agent in [agent for agent in self._staff.agents.values() if agent.id in self._back]:
            self._home(agent, id(agent) in pending)
        for agent in rest.agents:
            agent.blind.add(side.name)
            agent.uncommitted = True
            self._staff.review(agent, now)
        self._staff.settle(now)  # who came in the gap
        self._queueing.logbook.retelling, self._queueing.logbook.blur_us = False, 0
        for visit in gap.lost:
            self._queueing.lose(visit, now)
        gap.lost.clear()
        side.unobserved_to = now
        self._counters.healed[side.name] += event.calls
        self._queueing.logbook.echo(side.name, event.echoes, now + LATE_US)
        self._queueing.logbook.shadow(side.name, event.shadows, event.listed_at)
        self._hindsight.look_back(side.name, now, rest)

    def _home(self, agent: Agent, pending: bool) -> None:
        spent_to = self._back.pop(agent.id)
        self._timesheet.settle(agent, spent_to)
        pbx, agent.recalled, agent.astray, agent.unsure_from = agent.recalled, None, False, None
        agent.blind.discard(pbx or "")
        if agent.repaid:
            agent.owed, agent.repaid = [], False
        agent.owed = [*self._older.pop(agent.id), *agent.owed]
        agent.uncommitted = pending
        if not pending:
            self._timesheet.commit(agent, spent_to)
        agent.spent_to = max(agent.spent_to, spent_to)
        aside = self._aside.pop(agent.id, None)
        if aside is not None:
            self._staff.end_wrapup(agent, spent_to)
            agent.wrapup = aside
        agent.weigh_pauses()
        if agent.wrapup is not None and agent.wrapup.until <= spent_to:
            self._staff.wrapup_over(agent, agent.wrapup, spent_to)
        self._staff.review(agent, spent_to)
