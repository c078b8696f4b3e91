"""The whole floor: one method in, one frozen view out.

Owns the order of things: timers that are due fire before an event or a snapshot is looked at, and each event goes to whoever it
concerns. Time is what the caller says; it has to be no later than the oldest event that is not applied yet. Refuses a clock, I/O and
logs: `engine` brings the time and asks the questions that come out. In live use a contradiction is counted and healed; with `strict`
(tests) it raises `Anomaly`. Next: `snapshot()` for the outlook.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import cast

from monitor.core import events as ev
from monitor.core.agents import Agent, Talk, Wrapup
from monitor.core.attempts import Attempts
from monitor.core.book import OBSERVED
from monitor.core.called import CalledTold
from monitor.core.calls import Stage, Visit
from monitor.core.change import Change, part
from monitor.core.chronicle import Chronicle
from monitor.core.contacts import Contact, Contacts
from monitor.core.contract import MINUTE, Contract, Presence, QueueId
from monitor.core.correction import Correction
from monitor.core.counters import Counters
from monitor.core.devices import Devices
from monitor.core.dispatch import handlers
from monitor.core.events import Event
from monitor.core.expected import Expected
from monitor.core.hindsight import Hindsight
from monitor.core.ledger import Ledger
from monitor.core.lost import LostCallers
from monitor.core.outage import Outage, awaiting
from monitor.core.past import TakingOver
from monitor.core.queueing import Queueing
from monitor.core.recall import Recall
from monitor.core.refusals import Refusals
from monitor.core.register import Register
from monitor.core.sides import GAP_COMMIT_US, Gap, Side, Sight
from monitor.core.sighting import Recheck, Sighting
from monitor.core.signal_log import Signals
from monitor.core.snapshot import Cell, PbxView, Snapshot, State
from monitor.core.staff import LEG_GRACE_US, Staff
from monitor.core.switchboard import Switchboard
from monitor.core.timers import Due, Timers
from monitor.core.timesheet import Timesheet
from monitor.core.trunks import Trunks
from monitor.core.view import agents_seen, queues_seen

REMEMBER_US = 50 * 60 * MINUTE  # as long as the ledger keeps anything


class Anomaly(Exception):  # noqa: N818  # the design's own word
    """An event contradicts what is known: raised in strict mode only."""


class Floor:
    """Everything that is true of the centre right now, and what has been counted so far."""

    def __init__(self, contract: Contract, at: int, *, strict: bool = False) -> None:
        self.contract = contract
        self.now = at
        self._strict = strict
        self.ledger = Ledger(contract)
        self.chronicle = Chronicle(at)
        self.counters = Counters.starting(contract, tuple(State))
        self._timers = Timers()
        self.sight = Sight()
        self.lost = LostCallers(contract, self.counters, self.chronicle)
        register = Register(self.ledger, self.counters, self.sight, self.chronicle, self.lost, self.anomaly)
        self.signals = Signals(contract.signals)
        self.attempts = Attempts(self.counters, self.ledger, self.chronicle, self._timers, Contacts(), self.signals, self.lost)
        self.queueing = Queueing(contract, self.counters, register, self.attempts, self._timers, self.anomaly)
        self.timesheet = Timesheet(contract, self.ledger, self.counters, self.sight, self.chronicle, register.charge)
        self.staff = Staff(contract, self.counters, self.timesheet, self._timers, self.queueing, self.anomaly)
        self.sides = {name: Side(name, unobserved_to=at, begun=at) for name in contract.pbxs}
        self.remarks: list[tuple[str, str]] = []  # anomalies since somebody took them away to log them
        self.gaps: list[Gap] = []  # not committed yet
        self.pasts = TakingOver(contract, self.ledger, self.counters, self.queueing, self.chronicle, self.lost)
        self._observed_to = at
        self._minute = -1
        self.switchboard = Switchboard(contract, register, self.queueing, self.staff, self.anomaly)
        self.devices = Devices(self.staff, self.switchboard, self.queueing)
        self.sighting = Sighting(contract, self.counters, self._timers, self.queueing, self.staff, self.switchboard)
        self.outage = Outage(self.staff, self.timesheet)
        self.hindsight = Hindsight(contract, self.ledger, self.sides, self.gaps)
        self.expected = Expected(self.ledger, self.counters, self.sight, self.hindsight)
        self.correction = Correction(self.ledger, self.counters, self.chronicle, self.hindsight, self.lost)
        rooms = (self.queueing, self.staff, self.switchboard, self.sighting, self.timesheet, self.outage, self.hindsight, self.gaps)
        self.recall = Recall(self.counters, self._timers, *rooms)
        self.refusals = Refusals(contract, self.counters, self.queueing.contacts)
        self.trunks = Trunks(contract, self.counters, self.sight)
        self._on = handlers(self)
        self._enter_minute(at)

    def __getstate__(self) -> dict[str, object]:
        """Everything but who is told of what: that is the program's."""
        return {name: value for name, value in vars(self).items() if name != "_on"}

    def __setstate__(self, state: dict[str, object]) -> None:
        """Go on as the floor that was."""
        vars(self).update(state)
        self._on = handlers(self)

    def keep(self) -> None:
        """From now on what happens is kept for whoever writes it down: details in the chronicle, changed minutes in the ledger."""
        self.chronicle.kept = True
        self.ledger.keep()

    # --- time -----------------------------------------------------------------------------------------------------------------------

    def advance(self, at: int) -> None:
        """Let time pass up to `at`: due timers fire in order, then open spans are spent. Going back is ignored, and while a log tells a gap
        time stands: its people have gone back, and what they do until now is still to be told."""
        if self.recall.under_way:
            return
        self._fire(at)
        if at < self.now:
            return
        self.now = at
        self._enter_minute(at)
        self._observe(at)
        self.staff.settle(at)

    def _fire(self, at: int) -> None:
        while (timer := self._timers.next_due(at)) is not None:
            when, due, subject = timer
            self._enter_minute(when)
            if due is Due.DECIDE:
                visit = cast("Visit", subject)
                side = self.sides.get(visit.queue.pbx)
                if side is not None and (side.observed or visit.stage is Stage.FLOWING):
                    self.queueing.silence(visit, when)
            elif due is Due.LEG_GONE:
                talk = cast("Talk", subject)
                if talk.gone_at is not None and when - talk.gone_at >= LEG_GRACE_US:
                    self.staff.end_talk(talk, talk.gone_at)
            elif due is Due.WRAPUP_OVER:
                agent, wrapup = cast("tuple[Agent, Wrapup]", subject)
                self.staff.wrapup_over(agent, wrapup, when)
            elif due is Due.UNEXPLAINED:
                someone, pbx = cast("tuple[Agent, str]", subject)
                if pbx in self.sides and not self.switchboard.has_channel(self.sides[pbx], someone):
                    self.staff.unexplained(someone, pbx, when)
            elif due is Due.UNREACHABLE:
                self.staff.review(cast("Agent", subject), when)
            elif due is Due.CONTACT:
                contact = cast("Contact", subject)
                if contact.attempt is not None and (at_side := self.sides.get(contact.attempt.pbx)) is not None and at_side.observed:
                    self.attempts.long_enough(contact, when)
            elif due is Due.RECHECK:
                self.sighting.recheck(cast("Recheck", subject), when)
            else:
                self.commit_gap(cast("Gap", subject), when)

    def _enter_minute(self, at: int) -> None:
        minute = at - at % MINUTE
        if minute <= self._minute:
            return
        first = minute if self._minute < 0 else self._minute + MINUTE
        self._minute = minute
        self.ledger.roll(at)
        self.chronicle.roll(at)
        self.queueing.contacts.forget(at)
        self.queueing.logbook.forget(at)
        for room in (self.refusals, self.trunks, self.lost):
            room.forget(at)
        self.queueing.given_up.age(at, {side.name for side in self.sides.values() if side.observed})
        self.staff.forget(at)
        for agent in self.staff.agents.values():
            if agent.group is not None and agent.group.presence is Presence.HOURS:
                for border in range(first, minute + 1, MINUTE):
                    self.staff.review(agent, border)

    def _observe(self, at: int) -> None:
        """Count seen and unseen time since the last call; every change of sight goes through here first."""
        start = self._observed_to
        if at <= start:
            return
        self._observed_to = at
        for project in self.sight.projects:
            self.ledger.spend(project, Cell.OBSERVED_US, start, at)
        for group in self.sight.groups:
            self.ledger.spend_group(group, OBSERVED, start, at)
        for side in self.sides.values():
            pending = side.gap is not None and not side.gap.committed
            if not side.observed and not pending and side.unobserved_to is not None and at > side.unobserved_to:
                self.counters.unobserved_us[side.name] += at - side.unobserved_to
                side.unobserved_to = at

    def shift(self, step: int) -> None:
        """Civil time stepped: move every instant with it, so that durations stay and only the borders of minutes move."""
        self.now += step
        self._observed_to += step
        self._minute = -1
        self._timers.shift(step)
        self.queueing.shift(step)
        for room in (self.refusals, self.trunks, self.lost):
            room.shift(step)
        self.staff.shift(step)
        for side in self.sides.values():
            side.shift(step)
        self.hindsight.shift(step)
        for gap in {id(gap): gap for gap in (*self.gaps, *(side.gap for side in self.sides.values())) if gap is not None}.values():
            gap.shift(step)
        self.ledger.rewind(self.now)

    def _look(self, side: Side, observed: bool, at: int) -> None:
        """A PBX comes into sight or goes out of it: everything up to now belongs to how it was."""
        at = max(at, self.now)
        self._observe(at)
        self.staff.settle(at)
        side.observed = observed
        self._see(at)

    def _see(self, at: int) -> None:
        """What all of whose PBXs are in sight."""
        seen = {name for name, one in self.sides.items() if one.observed}
        self.sight.projects = frozenset(name for name, pbxs in self.contract.pbxs_of.items() if pbxs and pbxs <= seen)
        own = self.contract.projects_of.items()
        self.sight.groups = frozenset(group for group, projects in own if projects and all(p.name in self.sight.projects for p in projects))
        self.hindsight.look(self.sight, at)

    # --- the contract ---------------------------------------------------------------------------------------------------------------

    def change(self, contract: Contract, at: int) -> None:
        """Another contract is in force from `at` on: what passed until then is counted by the old one, what is under way by the new one."""
        self.advance(at)
        if contract == self.contract:
            return
        at = self.now
        for side in [side for name, side in self.sides.items() if name not in contract.pbxs]:
            self._dismiss(side, at)
        for name in [name for name in contract.pbxs if name not in self.sides]:
            self.sides[name] = Side(name, unobserved_to=at, begun=at)
            self.pasts.begin(name, at)
        self.contract = self.queueing.contract = self.staff.contract = self.switchboard.contract = contract
        self.sighting.contract = self.pasts.contract = self.refusals.contract = self.timesheet.contract = contract
        self.hindsight.agree(contract)
        self.lost.agree(contract, at)
        self.trunks.agree(contract, self.sides, at)
        self.counters.open(contract, tuple(State))
        self.ledger.open(contract, at)
        for side in self.sides.values():
            side.strategies = {queue: strategy for queue, strategy in side.strategies.items() if QueueId(side.name, queue) in contract.claimed}
        change = Change(contract, at, self.sides, self.queueing, self.staff, self.switchboard, self._timers)
        self.ledger.close(contract, change.projects())
        change.people(self.gaps)
        self._see(at)

    def _dismiss(self, side: Side, at: int) -> None:
        """The PBX is no longer ours: nobody will tell how its calls end, and its people are not on this floor."""
        self.log_seen(side, ev.LogSeen(side.name, at, up=False))  # whatever it may tell, nobody asks any more
        for gap in [gap for gap in self.gaps if gap.pbx == side.name]:
            self.commit_gap(gap, at)
        side.gap = None
        self._look(side, False, at)
        self.sighting.give_up(side, at)
        part(self.queueing, self.staff, side.name, at)
        self.outage.sighted(side.name, at)
        self.pasts.forget(side.name)
        self.refusals.look(side.name, False)
        self.trunks.lost(side.name)
        del self.sides[side.name]

    # --- events ---------------------------------------------------------------------------------------------------------------------

    def apply(self, event: Event) -> list[tuple[str, str, str]]:
        """Apply one event. Returns the exits to ask a PBX about: (pbx, caller's channel id, queue)."""
        side = self.sides[event.pbx]
        self._fire(event.at)
        self._enter_minute(event.at)
        self._on[type(event)](side, event)
        questions = self.queueing.questions
        if questions:
            self.queueing.questions = []
        return questions

    def anomaly(self, kind: str, detail: str) -> None:
        """Something contradicts: raise in tests; in life count it, and keep the detail for whoever logs."""
        if self._strict:
            raise Anomaly(f"{kind}: {detail}")
        self.counters.anomalies[kind] += 1
        self.remarks.append((kind, detail))

    # --- sight ----------------------------------------------------------------------------------------------------------------------

    def link_lost(self, side: Side, event: ev.LinkLost) -> None:
        """The PBX is out of sight from now on: a gap begins."""
        if not side.observed:
            return
        self._look(side, False, event.at)
        side.blind_since, side.unobserved_to = event.at, self._observed_to  # what was counted as seen stays seen
        self.outage.blind(side.name, event.at)
        side.gap = Gap(side.name, event.at, self.outage.of_pbx(side.name), unseen_from=self._observed_to)
        self.gaps.append(side.gap)
        self._timers.set(event.at + GAP_COMMIT_US, Due.COMMIT_GAP, side.gap)

    def exit_logged(self, side: Side, event: ev.ExitLogged) -> None:
        """Its queue_log names an exit."""
        self.queueing.logged_exit(side.name, event.call, event.queue, event.verb, event.at)

    def log_seen(self, side: Side, event: ev.LogSeen) -> None:
        """Its queue_log is read as it is written from now on, or cannot be."""
        side.log_up = event.up
        (self.queueing.logbook.logged.add if event.up else self.queueing.logbook.logged.discard)(side.name)

    def called_told(self, _side: Side, event: CalledTold) -> None:
        """Records have told who was called while nobody saw it."""

        def whose(pbx: str, channel: str) -> str:
            owner = self.staff.owner(pbx, channel) if channel else None
            return "" if owner is None else owner.id

        self.attempts.told(event, self.contract.project, whose)

    def past_told(self, _side: Side, event: ev.PastTold) -> None:
        """A log has told the day before us."""
        for _ in self.take(event):
            pass

    def take(self, event: ev.PastTold) -> Iterator[None]:
        """Apply the event in parts; until all are done the floor is half told, and is to be shown to nobody."""
        self._fire(event.at)
        self._enter_minute(event.at)
        yield from self.pasts.take(event.past)
        self.remarks += event.past.remarks

    def snapshot_taken(self, side: Side, event: ev.SnapshotTaken) -> None:
        """It says all of itself: what was out of sight is seen again."""
        if not side.observed and event.whole:
            self._look(side, True, event.at)
            side.blind_since = side.unobserved_to = None
            self.outage.sighted(side.name, event.at)
            if not side.sighted and not self.pasts.told(side.name) and any(side.name in pbxs and len(pbxs) > 1 for pbxs in self.contract.pbxs_of.values()):
                side.unseen.append((side.begun, event.at))
            if side.gap is not None and side.gap.start >= event.at:
                self.outage.close(side.gap, self.gaps)
        self.sighting.take(side, event)
        gap = side.gap
        if event.whole and gap is not None:
            gap.end, side.gap = max(event.at, gap.unseen_from), None
            side.unseen = [(start, gap.end if start == gap.unseen_from else end) for start, end in side.unseen if end > event.at - REMEMBER_US]

    def recall_ended(self, side: Side, event: ev.RecallEnded) -> None:
        """A log has told a gap to its end."""
        self._observe(max(event.at, self.now))
        self.recall.end(side, event, self._observed_to)

    def commit_gap(self, gap: Gap, at: int) -> None:
        """Nothing healed the gap: its people were unobserved, the ends of its visits will never be known."""
        if gap.committed:
            return
        side = self.sides[gap.pbx]
        if side.log_up and (gap.end is None or at < gap.end + GAP_COMMIT_US):  # its log may tell the gap once it is over
            self._timers.set((at if gap.end is None else gap.end) + GAP_COMMIT_US, Due.COMMIT_GAP, gap)
            return
        gap.committed = True
        self.gaps.remove(gap)
        unseen = (gap.unseen_from, at if gap.end is None else gap.end)
        side.unseen.append(unseen)
        self.counters.unobserved_us[side.name] += max(0, unseen[1] - gap.start)
        if gap.start < gap.unseen_from:  # the dead line was noticed late: until then it counted as seen
            self.counters.correct("observed", gap.unseen_from - gap.start)
        if not side.observed:
            side.unobserved_to = at
        if side.gap is gap:
            self.sighting.give_up(side, at)
        for visit in gap.lost:
            self.queueing.lose(visit, at)
        pending = awaiting(self.gaps)
        for agent in gap.agents:
            self.outage.commit(agent, at if gap.end is None else gap.end, id(agent) in pending, at)

    def snapshot(self, at: int) -> Snapshot:
        """Everything about the floor at `at`, frozen."""
        self.advance(at)
        return replace(self.glimpse(at, self.contract.project, people=True), counters=self.counters.frozen())

    def glimpse(self, at: int, projects: Collection[str], *, people: bool) -> Snapshot:
        """Of it these projects with their queues, or the people with their groups, for this moment only: it is lent the counters as they are."""
        if at > self.now:
            self.advance(at)
        return Snapshot(
            at=self.now,
            pbxs=tuple(PbxView(side.name, side.observed, side.blind_since, side.name in self.refusals.read) for side in self.sides.values()),
            queues=queues_seen(self.contract, self.sides, self.queueing) if projects else (),
            agents=agents_seen(self.staff) if people else (),
            trunks=self.trunks.views() if people else (),
            waiting_since=self.queueing.contacts.waiting_since() if projects else {},
            lost=self.lost.views(projects, self.now),
            projects={name: self.ledger.projects[name].spans(self.now) for name in projects},
            groups={name: self.ledger.groups[name].spans(self.now) for name in self.contract.group} if people else {},
            observed_projects=self.sight.projects,
            observed_groups=self.sight.groups,
            counters=self.counters,
            revisions={name: self.ledger.projects[name].edition for name in projects},
        )
