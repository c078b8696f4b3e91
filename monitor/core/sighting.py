"""Taking over what a PBX says of itself: the first look, the look after a gap, and the periodic comparison.

Owns the difference between the model and a snapshot. A list may be a moment ahead of the events that tell the same: what it lacks is
looked at again two seconds later, and only what no event has touched since is taken for an end nobody saw. Such an end is parked until
its gap is healed or given up; without a gap it is unresolved at once. Whoever was given up and is found after all goes on where he was.
A snapshot that agrees with the model changes nothing.
Next: `floor` calls it with `SnapshotTaken`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from monitor.core.agents import Talk, Wrapup
from monitor.core.calls import Stage, Visit
from monitor.core.channels import Channels
from monitor.core.contract import SECOND, Contract, QueueId
from monitor.core.counters import Counters
from monitor.core.events import ChannelRow, SnapshotTaken, WaitingRow
from monitor.core.queueing import NOWHERE, Queueing
from monitor.core.sides import Gap, Side
from monitor.core.staff import Staff
from monitor.core.switchboard import Switchboard
from monitor.core.timers import Due, Timers

RECHECK_US = 2 * SECOND
AGENTS_END = ("AppQueue", "AppDial")  # a member's own channel; a phone behind a Local channel that was optimised away


@dataclass(eq=False, slots=True)
class Recheck:
    """What a snapshot did not show though the model has it, or showed and the model had not (`guessed`)."""

    side: Side
    gap: Gap | None
    missing: list[tuple[Visit, Stage]]
    guessed: list[Visit]
    channels: list[str]


class Sighting:
    """Brings the model into line with a snapshot."""

    def __init__(self, contract: Contract, counters: Counters, timers: Timers, queueing: Queueing, staff: Staff, board: Switchboard) -> None:
        self._timers = timers
        self.contract = contract
        self._counters = counters
        self._queueing = queueing
        self._staff = staff
        self._board = board

    def take(self, side: Side, event: SnapshotTaken) -> None:
        """Adopt the snapshot."""
        compare = side.sighted and side.gap is None
        side.sighted = True
        fresh = frozenset(event.strategies) - side.strategies.keys()  # nothing is known of them yet
        side.strategies.update(event.strategies)
        if event.restarted and not side.restart_told:
            self._queueing.given_up.forget(side.name)  # a new process begins its ids anew
            self.void(side, event.at)
        side.restart_told = side.restart_told and not event.whole
        self._members(side, event, compare, fresh)
        if event.whole and not compare:
            self._wrapups(side, event)
        again = Recheck(side, side.gap, [], [], [])
        if event.whole:
            self._channels(side, event, again)
        self._waiting(side, event, again, fresh, compare=compare)
        if event.whole:
            self._answered(side, event)
            self._attended(side, event)
            self._queueing.given_up.forget(side.name)
            self._queueing.close_told(side.name, event.at)
            self._queueing.forget_numbers(side.name, {row.call for row in event.channels} | {row.call for row in event.waiting})
        if again.missing or again.guessed or again.channels:
            self._timers.set(max(event.at, event.listed_at) + RECHECK_US, Due.RECHECK, again)

    def recheck(self, again: Recheck, at: int) -> None:
        """Two seconds later: what has no event explained?"""
        side = again.side
        if not side.observed:
            return  # what would explain it may be in the gap: the snapshot after it says more
        for visit, stage in again.missing:
            visit.doubted = False
            if visit.outcome is None and visit.stage is stage and visit not in self._queueing.parked:
                self._unexplained(again, visit, at)
        for visit in again.guessed:
            self._counters.reconcile_mismatches[side.name] += visit.estimated
        for call in again.channels:
            if call in self._known_calls(side):
                self._counters.reconcile_mismatches[side.name] += 1
                self._vanish(side, call, at)

    def _unexplained(self, again: Recheck, visit: Visit, at: int) -> None:
        """No event has told of this visit since a list lacked it."""
        channels = again.side.channels
        alive = channels.get(visit.call) is not None
        if alive and visit.stage in (Stage.DECIDING, Stage.LEFT, Stage.FLOWING):
            self._queueing.silence(visit, at)  # out of the queue before, and lives
        elif not (alive and visit.stage is Stage.ANNOUNCING and channels.get(visit.phone or "") is not None):
            self._counters.reconcile_mismatches[again.side.name] += again.gap is None
            self._unseen_end(again.gap, visit, at)

    def give_up(self, side: Side, at: int) -> None:
        """The PBX is still out of sight when the gap is committed: every call on it is lost from view, and may live on."""
        begun = {key: number for key, number in self._queueing.numbers.items() if key[0] == side.name}
        self.void(side, at)
        self._queueing.numbers |= begun

    def _mismatch(self, side: Side, compare: bool) -> None:
        if compare:
            self._counters.reconcile_mismatches[side.name] += 1

    def void(self, side: Side, at: int) -> None:
        """No call of before exists any more, as far as anybody can know."""
        for visit in [v for v in self._queueing.undecided() if v.queue.pbx == side.name and v not in self._queueing.parked]:
            self._unseen_end(side.gap, visit, at)
        for call in self._known_calls(side):
            self._vanish(side, call, at)
        side.channels = Channels()

    def _known_calls(self, side: Side) -> list[str]:
        """Every channel that is known, be it only as a leg that rings or talks, or as the caller of a contact that a log told."""
        keys = (*self._board.rings, *self._staff.talks, *self._staff.own_calls.whose, *self._queueing.contacts.by_caller, *self._queueing.attempts.dialling)
        legs = (call for pbx, call in keys if pbx == side.name)
        return list(dict.fromkeys((*side.channels.by_id, *legs)))

    def _unseen_end(self, gap: Gap | None, visit: Visit, at: int) -> None:
        if visit.stage is Stage.FLOWING:
            self._queueing.silence(visit, at)
        elif gap is None or gap.committed:
            self._queueing.lose(visit, at)
        else:
            self._queueing.park(visit)
            gap.lost.append(visit)

    def _lose_talk(self, talk: Talk, at: int) -> None:
        """The talk ended where nobody saw it: how long it and its wrap-up took is not known."""
        talk.wrapup_us = 0
        if talk.contact is not None:
            talk.contact.unseen = True
        self._staff.end_talk(talk, at)

    def lose_leg(self, side: Side, leg: str, at: int) -> None:
        """A channel of a person's is no more, and nobody knows since when."""
        talk = self._staff.talks.get((side.name, leg))
        if talk is not None:
            self._lose_talk(talk, at)
        self._staff.own_calls.over(side.name, leg, at)

    def _vanish(self, side: Side, call: str, at: int) -> None:
        talk = self._staff.talks.get((side.name, call))
        if talk is not None:
            self._lose_talk(talk, at)
        self._board.ring_over(side, call, at)
        self._staff.own_calls.over(side.name, call, at)
        channel = side.channels.get(call)
        for_whom = None if channel is None or channel.parent is None else self._queueing.open.get((side.name, channel.parent))
        if for_whom is not None and for_whom.phone == call:
            self._unseen_end(side.gap, for_whom, at)
        attempt = self._queueing.attempts.dialling.get((side.name, call))
        if attempt is not None:
            self._staff.own_calls.dialled(attempt, at)
        self._queueing.attempts.lost(side.name, call, at)
        side.channels.end(call)
        self._queueing.vanished(side.name, call, at)

    def _members(self, side: Side, event: SnapshotTaken, compare: bool, fresh: frozenset[str]) -> None:
        listed = {(member.queue, member.interface) for member in event.members}
        for agent in list(self._staff.agents.values()):
            for place in agent.places():
                queue = place.queue
                if queue.pbx == side.name and queue.name in event.strategies and (queue.name, place.interface) not in listed:
                    self._mismatch(side, compare)
                    self._staff.removed(side.name, queue.name, place.interface, event.at)
        for member in event.members:
            agent_now = self._staff.by_device.get((side.name, member.interface))
            places = {} if agent_now is None else agent_now.memberships.get(QueueId(side.name, member.queue), {})
            place_now = places.get(member.interface)
            if place_now is None or place_now.paused != member.paused:
                self._mismatch(side, compare and member.queue not in fresh)
            self._staff.seen(replace(member, pbx=side.name, at=event.at))

    def _wrapups(self, side: Side, event: SnapshotTaken) -> None:
        """Wrap-up of calls that ended before we looked: a list says when the last call was, to the second."""
        for member in event.members:
            queue = QueueId(side.name, member.queue)
            project = self.contract.project_for(queue)
            agent = self._staff.by_device.get((side.name, member.interface))
            if project is not None and agent is not None and member.last_call_at is not None:
                left = member.last_call_at + self._staff.wrapup_of(agent, side.name, member.queue, project)
                told = self._queueing.wrapping.get((side.name, member.interface))
                called = None if told is not None else self._queueing.attempts.through(project, queue, "", event.at)
                told = told if called is None else Wrapup(project, called, None, left)
                if self._staff.wrapup_left(agent, project, min(left, event.at + project.wrapup_us), told, event.at):
                    self._queueing.wrapping.pop((side.name, member.interface), None)

    def _channels(self, side: Side, event: SnapshotTaken, again: Recheck) -> None:
        rows = {row.call: row for row in event.channels}
        for call in [call for call in self._known_calls(side) if call not in rows]:
            if side.gap is None:
                again.channels.append(call)
            else:
                self._vanish(side, call, event.at)
        for row in rows.values():
            channel = side.channels.start(row.call, row.channel, row.linked, row.position)
            channel.position, channel.up = row.position, row.up
            if not row.bridge:
                side.channels.leave(channel)
            elif channel.bridge != row.bridge:
                side.channels.enter(channel, row.bridge)
        self._dialled(side, event)

    def _dialled(self, side: Side, event: SnapshotTaken) -> None:
        """Who is called just now: whoever took the call unseen, and whom we did not know of. Since when somebody is up, no list says. A member of a queue
        who is reached over a Local channel is no such, wherever his phone stands."""
        members = {row.channel[:-1] + "2" for row in event.channels if row.application == "AppQueue" and row.channel.endswith(";1")}
        dialling = [row for row in event.channels if row.application == "Dial" and row.channel not in members]
        for row in event.channels:
            attempt = self._queueing.attempts.dialling.get((side.name, row.call))
            caller = next((one for one in dialling if one.linked == row.linked and one.call != row.call), None)
            if attempt is None and row.application == "AppDial" and caller is not None and not self._queueing.contacts.by_caller.get((side.name, row.call)):
                attempt = self._board.found_called(side, row, caller, event.at)
            if attempt is not None and row.up:
                attempt.doubted = True
                self._board.took(side, attempt, None if caller is None else caller.call, event.at)
            self._queueing.attempts.alive(side.name, row.call, event.at)

    def _waiting(self, side: Side, event: SnapshotTaken, again: Recheck, fresh: frozenset[str], *, compare: bool) -> None:
        rows = {row.call: row for row in event.channels}
        waiting = {(row.call, row.queue) for row in event.waiting}
        in_bridge = {row.call for row in event.channels if row.bridge}
        gone = {call for pbx, call in self._queueing.open if pbx == side.name and event.whole and call not in rows}  # of a queue nobody claims any more too
        for visit in [v for (pbx, _), v in self._queueing.open.items() if pbx == side.name and (v.queue.name in event.strategies or v.call in gone)]:
            if (visit.call, visit.queue.name) in waiting or visit.call in in_bridge:
                visit.doubted = False
            elif visit.stage in (Stage.WAITING, Stage.DYING) or side.gap is not None:
                visit.doubted = True
                again.missing.append((visit, visit.stage))
            if event.whole and not visit.doubted:
                self._queueing.decide_soon(visit, event.at)
        for entry in event.waiting:
            elsewhere = self._queueing.open.get((side.name, entry.call))
            if elsewhere is not None and elsewhere.queue.name != entry.queue and side.gap is not None:
                elsewhere.doubted = False
                self._unseen_end(side.gap, elsewhere, event.at)  # how he came from there to here fell into the gap
            elif elsewhere is not None:
                continue  # known; or his way from one queue to the other is still to be told
            if self._queueing.in_queue(side.name, entry.call, entry.queue) is None:
                visit_now = self._joined_unseen(side, entry, rows.get(entry.call), event.at)
                if visit_now is not None and compare and entry.queue not in fresh:
                    again.guessed.append(visit_now)

    def _joined_unseen(self, side: Side, entry: WaitingRow, row: ChannelRow | None, at: int) -> Visit | None:
        """A caller who waits and whom we do not know; or whom we had given up for lost."""
        group = entry.call if row is None else row.linked
        channel = side.channels.start(entry.call, entry.channel, group, NOWHERE if row is None else row.position)
        lost = self._queueing.given_up.get(side.name, entry.call, entry.queue)
        if lost is not None:
            self._queueing.readopt(lost)
            return None
        return self._queueing.join(side.name, entry.call, group, entry.queue, channel.exten, channel.position, at - entry.waited_us, listed=True)

    def _answered(self, side: Side, event: SnapshotTaken) -> None:
        """Callers in a bridge under Queue(): through to an agent, whether we saw the answer or not."""
        for caller in event.channels:
            if caller.application != "Queue" or not caller.bridge:
                continue
            queue = caller.data.split(",", 1)[0]
            channel = side.channels.get(caller.call)
            did = caller.position.exten if channel is None else channel.exten
            for leg in event.channels:
                if leg.bridge != caller.bridge or leg.call == caller.call or leg.application not in AGENTS_END:
                    continue
                phone = phone_behind(event, leg)
                agent = self._staff.member_behind(leg.channel, QueueId(side.name, queue))
                if phone is None or agent is None or any(talk.pbx == side.name and talk.call == caller.call for talk in agent.talks):
                    continue
                at = event.at
                answered_at = leg.answered_at if leg.answered_at is not None else at
                lost = self._queueing.given_up.get(side.name, caller.call, queue)
                if lost is not None:
                    elsewhere = self._queueing.open.get((side.name, caller.call))
                    if elsewhere is not None:
                        self._unseen_end(side.gap, elsewhere, at)  # how he came back from there nobody saw
                    self._queueing.readopt(lost)
                visit = self._queueing.in_queue(side.name, caller.call, queue)
                if visit is not None:
                    self._connect(side, event, visit, answered_at)
                else:
                    visit = self._queueing.talking.pop((side.name, caller.call, queue), None)
                project = self.contract.project_for(QueueId(side.name, queue), did) if visit is None else visit.project
                wrapup = 0 if project is None else self._staff.wrapup_of(agent, side.name, queue, project)
                contact = self._queueing.attempts.through(project, QueueId(side.name, queue), caller.call, at) if visit is None else visit.contact
                if contact is not None and (side.gap is not None or lost is not None):
                    contact.unseen = True
                talk = Talk(agent, side.name, phone.call, caller.call, project, contact, visit, answered_at, wrapup, home=phone.bridge, bridged=True)
                self._staff.begin_talk(talk, at)
            visit = self._queueing.in_queue(side.name, caller.call, queue)
            if visit is not None:  # with whom nobody can tell, so how long the work on it takes neither
                visit.contact.unseen = True
                self._connect(side, event, visit, event.at)
                self._queueing.talking[side.name, caller.call, queue] = visit  # unless the answer is still to be told

    def _connect(self, side: Side, event: SnapshotTaken, visit: Visit, answered_at: int) -> None:
        """A list shows the visit answered. One that only a list has shown may have begun since: then it is told once more how."""
        if visit.estimated:
            self._queueing.logbook.echo(side.name, ((visit.call, visit.queue.name),), event.listed_at)
        self._queueing.connect(visit, max(answered_at, visit.joined_at))

    def _attended(self, side: Side, event: SnapshotTaken) -> None:
        for row in event.channels:
            channel = side.channels.get(row.call)
            if channel is None:
                continue
            if row.bridge:
                self._board.attend(side, channel, event.at)
            if row.application != "AppQueue":
                self._board.own_call(side, row.call, dialing=False, at=event.at)


def phone_behind(event: SnapshotTaken, leg: ChannelRow) -> ChannelRow | None:
    """The real channel behind an agent's leg: for a Local one, who is bridged with its other half; None when nobody is there any more."""
    if not leg.channel.endswith(";1"):
        return leg
    half = next((row for row in event.channels if row.channel == leg.channel[:-1] + "2"), None)
    if half is None:
        return leg
    return next((row for row in event.channels if half.bridge and row.bridge == half.bridge and row.call != half.call), None)
