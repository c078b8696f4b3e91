"""A gap told by a log: what happened on a PBX while nobody saw it, as events for the living floor.

Owns which rows are told and what the floor needs to know around them. Begins where sight was lost: rows that say what was seen are left
out, each once and in order, so that a second visit under the same id is never taken for the first. What the log does not know is said too:
whose talk ended without a row strays to their next sign, and so does who was on the floor before the gap and is not after it. Pure: it looks
at the floor and changes nothing.

Refuses applying (`recall` does, event by event) and finding the rows. Next: the engine puts these events in front of the snapshot.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from monitor.core import events as ev
from monitor.core.agents import UNREACHABLE_STATUS, Agent, Talk
from monitor.core.contract import SECOND, QueueId
from monitor.core.events import Event, GapTold, SnapshotTaken
from monitor.core.floor import Floor
from monitor.core.heal import knows
from monitor.core.sides import Gap
from monitor.core.sighting import AGENTS_END, phone_behind
from monitor.core.story import PLACES, TALK_ENDS, VISIT_ENDS, Story

BEFORE_US = 3 * SECOND  # rows from so long before the gap may tell what was under way when sight was lost
NEAR_US = 2 * SECOND  # a row and the event that says the same are at most so far apart


def bridge(floor: Floor, told: GapTold) -> Iterator[Event] | None:
    """The events of the gap that this snapshot ends, one by one as the floor lives through them; None if there is no gap, or the rows are not
    this PBX's. What it takes from the floor it has taken before the first of them."""
    gap = floor.sides[told.pbx].gap
    if gap is None or not knows(told.rows, told.snapshot, gap.start):
        return None
    return _Bridge(floor, gap, told).events()


class _Bridge:
    """One gap, its rows, and the floor as it was when sight was lost."""

    def __init__(self, floor: Floor, gap: Gap, told: GapTold) -> None:
        self._floor = floor
        self._gap = gap
        self._pbx = told.pbx
        self._side = floor.sides[told.pbx]
        self._snapshot = snapshot = told.snapshot
        self._until = max(snapshot.at, floor.now)
        first = (gap.start - BEFORE_US + told.offset_us) // SECOND
        rows = tuple(row for row in told.rows if row.at_s >= first)
        self._story = story = Story(floor.contract, told.pbx, rows, snapshot, gap.start, told.offset_us)
        story.channels = {*self._side.channels.by_id, *(call for call, _ in floor.queueing.given_up.of(told.pbx))}
        for row in snapshot.channels:
            if row.application == "Queue" and row.bridge:
                story.talking[row.call, row.data.split(",", 1)[0]] = _phone_of(snapshot, row)
        for (pbx, call), visit in floor.queueing.open.items():
            if pbx == told.pbx:
                story.inside[call] = visit.queue.name
        for call, queue in floor.queueing.given_up.of(told.pbx):
            story.inside.setdefault(call, queue)
        for talk in self._talks():
            if talk.visit is not None:
                story.talks[talk.visit.call, talk.visit.queue.name] = (self._interface(talk.agent, talk.visit.queue), talk.leg)
        for agent in floor.staff.agents.values():
            for place in agent.places():
                if place.queue.pbx == told.pbx:
                    seen = ev.MemberSeen(
                        *(told.pbx, gap.start, place.queue.name, place.interface, place.state_interface, place.member),
                        *(place.status, place.paused, place.reason, place.wrapup_us),
                    )
                    story.present[seen.queue, seen.interface] = seen
                    story.members.setdefault((seen.queue, seen.interface), seen)
                    story.names.setdefault(seen.interface, seen.member)
                    for name in (seen.member, seen.interface):
                        story.interfaces.setdefault((seen.queue, name), seen.interface)
                        story.interfaces.setdefault(("", name), seen.interface)

    def _talks(self) -> list[Talk]:
        return [talk for (pbx, _), talk in self._floor.staff.talks.items() if pbx == self._pbx]

    def _interface(self, agent: Agent, queue: QueueId) -> str:
        places = agent.memberships.get(queue) or {place.interface: place for place in agent.places() if place.queue.pbx == self._pbx}
        return next(iter(places), agent.name)

    def events(self) -> Iterator[Event]:
        """Everything, in order."""
        told = self._untold(self._story.told())
        self._story.last_of = {self._story.rows[index].call: index for index in told}
        gone = self._gone(told)
        moved = tuple(self._legs_moved())
        astray = tuple(self._astray(told, gone))
        return self._tell(told, gone, astray, moved)

    def _tell(self, told: list[int], gone: frozenset[str], astray: tuple[Event, ...], moved: tuple[tuple[str, str], ...]) -> Iterator[Event]:
        story, pbx = self._story, self._pbx
        lost = self._unended(told)
        yield ev.RecallBegun(pbx, self._gap.start, self._until)
        yield from astray
        for index in told:
            row, at = story.rows[index], story.times[index]
            interface = story.interface(row.queue, row.agent)
            if row.verb == "QUEUESTART":
                story.void()
                yield ev.PbxStarted(pbx, at)
            elif row.verb in PLACES:
                yield self._moved(row.verb, row.queue, interface, at, paused=row.data[:1] == ("PAUSED",))
            elif row.verb == "CONNECT" and index in lost:
                yield from story.row(index, at, self._leg(row.call, row.queue))
                yield ev.AgentStrayed(pbx, at, interface, (story.talks.pop((row.call, row.queue), ("", ""))[1],))
            else:
                yield from story.row(index, at, self._leg(row.call, row.queue))
            if interface in gone and (row.verb in TALK_ENDS or row.verb == "UNPAUSE"):
                yield ev.AgentStrayed(pbx, at, interface)
        yield ev.RecallEnded(pbx, self._until, story.calls, moved, story.echoes, story.shadows, self._snapshot.listed_at)

    # --- which rows -----------------------------------------------------------------------------------------------------------------

    def _untold(self, indices: list[int]) -> list[int]:
        """Without the rows of what was seen live; those of before the gap that nobody saw were under way when sight was lost."""
        story, start = self._story, self._gap.start
        seen: dict[tuple[str, ...], list[int]] = {}
        for when, *what in self._floor.queueing.logbook.recent.get(self._pbx, ()):
            seen.setdefault(tuple(what), []).append(when)
        left: list[int] = []
        talked = set(story.talks)
        for index in indices:
            row = story.rows[index]
            at = row.at_s * SECOND - story.offset_us
            verb = row.verb if row.verb in ("ENTERQUEUE", "CONNECT", "RINGNOANSWER") else "EXIT" if row.verb in VISIT_ENDS - TALK_ENDS else ""
            known = seen.get((verb, row.call, row.queue), [])
            near = [when for when in known if abs(when - at) <= NEAR_US]
            same = min(near, key=lambda when: abs(when - at - SECOND // 2), default=None)  # one of before may have its row before these
            if same is not None:
                known.remove(same)
            elif row.verb in TALK_ENDS and row.verb != "ATTENDEDTRANSFER" and at <= start and (row.call, row.queue) not in talked:
                continue  # of a talk that was over when sight was lost
            elif (verb and verb != "RINGNOANSWER") or at + SECOND > start:
                left.append(index)
                if verb == "CONNECT":
                    talked.add((row.call, row.queue))
        return left

    # --- whom the log loses ---------------------------------------------------------------------------------------------------------

    def _gone(self, told: list[int]) -> frozenset[str]:
        """Members of before the gap whom the snapshot does not show within reach, and whose leaving no row tells."""
        story = self._story
        now = {member.interface for member in self._snapshot.members if member.status not in UNREACHABLE_STATUS}
        left = {story.interface(story.rows[index].queue, story.rows[index].agent) for index in told if story.rows[index].verb == "REMOVEMEMBER"}
        return frozenset(interface for _, interface in story.present if interface not in now and interface not in left)

    def _astray(self, told: list[int], gone: frozenset[str]) -> Iterator[Event]:
        """Who is astray from the start: in a talk or a call of their own that ended without a row, or gone."""
        story, start, staff = self._story, self._gap.start, self._floor.staff
        ends = self._ends(told)
        alive = set() if self._snapshot.restarted else story.alive
        legs: dict[str, list[str]] = {interface: [] for interface in sorted(gone)}
        for talk in self._talks():
            key = None if talk.visit is None else (talk.visit.call, talk.visit.queue.name)
            interface = self._interface(talk.agent, QueueId(self._pbx, "")) if talk.visit is None else self._interface(talk.agent, talk.visit.queue)
            goes_on = talk.leg in alive or (key in story.talking and not self._snapshot.restarted)
            if not goes_on and (key is None or not ends[key[1], interface]):
                legs.setdefault(interface, []).append(talk.leg)
                if key is not None:
                    story.talks.pop(key, None)
        for (pbx, call), agent in staff.own_calls.whose.items():
            if pbx == self._pbx and call not in alive:
                legs.setdefault(self._interface(agent, QueueId(pbx, "")), []).append(call)
        for interface, own in legs.items():
            yield ev.AgentStrayed(self._pbx, start, interface, tuple(own))

    def _ends(self, told: list[int]) -> Counter[tuple[str, str]]:
        """How many talks end by a row, by queue and interface."""
        rows = (self._story.rows[index] for index in told)
        return Counter((row.queue, self._story.interface(row.queue, row.agent)) for row in rows if row.verb in TALK_ENDS)

    def _unended(self, told: list[int]) -> set[int]:
        """CONNECT rows whose talk neither a row nor the agent's next answer ends, nor the snapshot shows."""
        story = self._story
        open_by: dict[str, int] = {}
        for index in told:
            row = story.rows[index]
            interface = story.interface(row.queue, row.agent)
            if row.verb == "CONNECT":
                open_by[interface] = index
            elif row.verb in TALK_ENDS:
                open_by.pop(interface, None)
        shown = {key for key in story.talking if not self._snapshot.restarted} | story.connecting
        return {index for index in open_by.values() if (story.rows[index].call, story.rows[index].queue) not in shown}

    # --- what the snapshot adds -----------------------------------------------------------------------------------------------------

    def _moved(self, verb: str, queue: str, interface: str, at: int, *, paused: bool) -> Event:
        if verb == "ADDMEMBER":
            return self._story.seen(queue, interface, at, paused=paused)
        self._story.present.pop((queue, interface), None)
        return ev.MemberRemoved(self._pbx, at, queue, interface)

    def _leg(self, call: str, queue: str) -> str:
        """The agent's channel of a talk that goes on: what the snapshot shows, which may be behind the one that answered."""
        return self._story.talking.get((call, queue), "")

    def _legs_moved(self) -> Iterator[tuple[str, str]]:
        for talk in self._talks():
            key = None if talk.visit is None else (talk.visit.call, talk.visit.queue.name)
            phone = "" if key is None else self._story.talking.get(key, "")
            if phone and phone != talk.leg and talk.leg not in self._story.alive:
                yield talk.leg, phone


def _phone_of(snapshot: SnapshotTaken, caller: ev.ChannelRow) -> str:
    legs = (leg for leg in snapshot.channels if leg.bridge == caller.bridge and leg.call != caller.call and leg.application in AGENTS_END)
    phones = (phone_behind(snapshot, leg) for leg in legs)
    return next((phone.call for phone in phones if phone is not None), "")
